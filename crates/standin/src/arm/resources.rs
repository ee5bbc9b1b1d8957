//! Resources of all types in one list: `GET …/resources` of a subscription or a group.

mod filter;

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::paging::Page;
use super::request::{Request, Scope, no_such_method};
use super::versions;
use crate::Reply;
use crate::world::{Machine, ResourceId, Zone};

pub(super) use filter::Filter;

/// What a list shows of a resource.
struct Listed<'w> {
    id: String,
    of: &'w ResourceId,
    name: &'w str,
    kind: &'w str,
    location: &'w str,
    tags: Option<&'w Map<String, Value>>,
}

/// When everything here was made and last changed: a world does not know, and clients want a time.
const MADE: &str = "2024-01-01T00:00:00.0000000Z";

/// Answers with the machines, then the zones, each in the order of their ids.
pub(super) fn list(request: &Request<'_>, scope: Scope<'_>) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "resources")?;
    if request.call.method != Method::GET {
        return Err(no_such_method(&request.call.method));
    }
    let filter = Filter::wanted(request.call)?;
    let expand = request.call.parameter("$expand").unwrap_or_default().to_ascii_lowercase();
    let mut page = Page::wanted(request.call)?;
    let after = page.after.clone();
    let (part, from) = after.split_once(' ').unwrap_or(("machines", ""));
    let world = request.state.world();
    // What a caller may not read is left out without a word.
    let hides = request.state.hidden.hides(scope.subscription);
    let machines = world.machines.range(if part == "machines" { from.to_owned() } else { String::new() }..);
    let machines = machines.filter(|_| part == "machines" && !hides);
    let machines = machines.map(|(key, machine)| (format!("machines {key}"), of_machine(machine)));
    let zones = world.zones.range(if part == "zones" { from.to_owned() } else { String::new() }..);
    let zones = zones.map(|(key, zone)| (format!("zones {key}"), of_zone(zone)));
    for (key, listed) in machines.chain(zones) {
        let wanted = key != after
            && scope.holds(&listed.of.subscription, &listed.of.group)
            && filter.as_ref().is_none_or(|filter| listed.fits(filter));
        if wanted && !page.push(key, listed.show(&expand)) {
            break;
        }
    }
    Ok(page.close(request))
}

fn of_machine(machine: &Machine) -> Listed<'_> {
    Listed {
        id: machine.id.text.clone(),
        of: &machine.id,
        name: &machine.name,
        kind: &machine.kind,
        location: &machine.location,
        tags: machine.tags.as_ref(),
    }
}

/// Resource Manager shows a zone's group in the casing in which it was made, unlike the provider.
fn of_zone(zone: &Zone) -> Listed<'_> {
    let (of, kind) = (&zone.id, zone.kind.wire_type());
    let id = format!(
        "/subscriptions/{}/resourceGroups/{}/providers/{kind}/{}",
        of.subscription, of.group, zone.name
    );
    Listed { id, of, name: &zone.name, kind, location: "global", tags: zone.tags.as_ref() }
}

impl Listed<'_> {
    fn fits(&self, filter: &Filter) -> bool {
        let of = |name: &str| match name {
            "name" => Some(self.name),
            "resourcetype" => Some(self.kind),
            "resourcegroup" => Some(self.of.group.as_str()),
            "location" => Some(self.location),
            _ => None,
        };
        filter.takes(&of, self.tags)
    }

    fn show(&self, expand: &str) -> Value {
        let mut shown =
            json!({ "id": self.id, "name": self.name, "type": self.kind, "location": self.location });
        if let Some(tags) = self.tags {
            shown["tags"] = json!(tags);
        }
        for (asked, member, value) in [
            ("createdtime", "createdTime", MADE),
            ("changedtime", "changedTime", MADE),
            ("provisioningstate", "provisioningState", "Succeeded"),
        ] {
            if expand.split(',').any(|word| word.trim() == asked) {
                shown[member] = json!(value);
            }
        }
        shown
    }
}
