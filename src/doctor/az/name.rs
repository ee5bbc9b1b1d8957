//! What is said to `az` about one name: to the tag of a machine, and to what stands in the name's way.

use pure::domain::{HostName, ResourceId, ZoneId, ZoneKind, split_tag};
use pure::shown::shell_word;

/// Writes the tag of a machine, whatever it held before.
pub fn claim(machine: &ResourceId, tag: &str, names: &str) -> String {
    tagged(machine, "merge", tag, names)
}

/// All machines, by the word that stands for one in commands, each with what its tag holds.
pub fn machines(tag: &str) -> String {
    let query = shell_word(&format!("[].{{name:name, holds:tags.\"{tag}\", MACHINE_ID:id}}"));
    format!(
        "az resource list --resource-type Microsoft.HybridCompute/machines --query {query} --output table"
    )
}

/// What the tags of a machine hold.
pub fn look_at_tags(machine: &ResourceId) -> String {
    format!("az tag list --resource-id {} --query properties.tags", shell_word(machine.as_str()))
}

/// Takes a name off a machine whose tag holds these texts: the names beside it stay, and a tag that holds none goes. None
/// where the tag does not hold the name.
pub fn unclaim(machine: &ResourceId, tag: &str, held: &[String], name: &str) -> Option<String> {
    let holds = |text: &&String| split_tag(text).any(|part| is_name(part, name));
    let text = held.iter().find(holds)?;
    Some(match renamed(held, name, None).as_str() {
        // Azure compares the value as it stands there.
        "" => tagged(machine, "delete", tag, text),
        staying => tagged(machine, "merge", tag, staying),
    })
}

/// What a tag that holds these texts is to hold with a name in the place of another one, or behind the others; or without it.
pub fn renamed(held: &[String], name: &str, to: Option<&str>) -> String {
    let parts = held.iter().flat_map(|text| split_tag(text)).filter(|part| !is_name(part, name));
    let is_apart = held.iter().any(|text| text.contains(';'));
    parts.chain(to).collect::<Vec<_>>().join(if is_apart { ";" } else { "," })
}

/// Whether a part of a tag is that name, in any spelling of it.
fn is_name(part: &str, name: &str) -> bool {
    let parsed = |text: &str| HostName::parse(text).ok();
    part.eq_ignore_ascii_case(name) || parsed(part).is_some_and(|part| Some(part) == parsed(name))
}

fn tagged(machine: &ResourceId, operation: &str, tag: &str, name: &str) -> String {
    let (machine, tag) = (shell_word(machine.as_str()), shell_word(&format!("{tag}={name}")));
    format!("az tag update --resource-id {machine} --operation {operation} --tags {tag}")
}

/// Where a CNAME leads.
pub fn look_at_cname(zone: &ZoneId, relative: &str) -> String {
    match zone.kind() {
        ZoneKind::Public => {
            let id = record_set(zone, "CNAME", relative);
            format!("az network dns record-set cname show --ids {id} --query CNAMERecord.cname --output tsv")
        }
        ZoneKind::Private => {
            let of = private_set(zone, relative);
            format!(
                "az network private-dns record-set cname show {of} --query cnameRecord.cname --output tsv"
            )
        }
    }
}

/// Deletes a record set of a type, which `az` writes in small letters.
pub fn delete_set(zone: &ZoneId, record_type: &str, relative: &str) -> String {
    let kind = record_type.to_lowercase();
    match zone.kind() {
        ZoneKind::Public => {
            let id = record_set(zone, record_type, relative);
            format!("az network dns record-set {kind} delete --ids {id} --yes")
        }
        ZoneKind::Private => {
            format!("az network private-dns record-set {kind} delete {} --yes", private_set(zone, relative))
        }
    }
}

/// A record set of a private zone, as the options that name it.
fn private_set(zone: &ZoneId, relative: &str) -> String {
    let group = shell_word(zone.resource_id().resource_group());
    let (zone, relative) = (shell_word(zone.zone_name().as_str()), shell_word(relative));
    format!("--resource-group {group} --zone-name {zone} --name {relative}")
}

fn record_set(zone: &ZoneId, record_type: &str, relative: &str) -> String {
    shell_word(&format!("{}/{record_type}/{relative}", zone.as_str()))
}

/// The id of a zone of a kind, as the setting names it.
pub fn zone_named(kind: ZoneKind, name: &HostName) -> String {
    let commands = commands(kind);
    format!("az network {commands} zone list --query \"[?name=='{name}'].id\" --output tsv")
}

fn commands(kind: ZoneKind) -> &'static str {
    match kind {
        ZoneKind::Public => "dns",
        ZoneKind::Private => "private-dns",
    }
}

/// Makes a zone anew; a public one gets other name servers than before, a private one no links.
pub fn make_zone(zone: &ZoneId) -> String {
    let (group, name) =
        (shell_word(zone.resource_id().resource_group()), shell_word(zone.zone_name().as_str()));
    format!("az network {} zone create --resource-group {group} --name {name}", commands(zone.kind()))
}

/// Writes a setting of the function app.
pub fn let_setting(setting: &str, value: &str) -> String {
    let said = shell_word(&format!("{setting}={value}"));
    format!("az functionapp config appsettings set --resource-group GROUP --name APP --settings {said}")
}
