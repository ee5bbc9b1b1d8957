//! What ends a reason by a command: for `az` word for word, with the ids that are known.

use crate::azure::resource_graph::TagKeys;
use crate::cli::phrase::Phrase;
use crate::cli::{key, lacking};
use crate::doctor::{APPS, name as az};
use pure::domain::{HostName, ResourceId, ZoneId, ZoneKind};
use pure::plan::explanation::Claimed;
use pure::plan::why::{NotOwned, TagGone};
use pure::plan::{Blindness, Explanation, Whence, Why};

/// What stands in a command where only a person knows the name.
const RIGHT_NAME: &str = "RIGHT_NAME";
/// Machines of a conflict that are told one by one.
const FEW: usize = 5;
/// Machines of a conflict each of which has its own commands to be the one that keeps the name.
const EACH: usize = 3;

/// The commands, each with what it is for; none where none ends the reason.
pub(super) fn commands(set: &Explanation, name: &HostName, tag: &str, keys: &TagKeys) -> Vec<Phrase> {
    let Some(why) = &set.why else { return Vec::new() };
    let relative = set.zone.as_ref().and_then(|zone| Some((zone, relative(zone, name)?)));
    match why {
        Why::Wildcard { machine: Some(id), .. }
        | Why::WildcardInvalid { machine: Some(id), .. }
        | Why::NameInvalid { machine: Some(id), .. }
        | Why::NoZone { machine: Some(id), .. }
        | Why::Apex { machine: Some(id), .. }
        | Why::NameReserved { machine: Some(id), .. }
        | Why::NameNotAllowed { machine: Some(id), .. } => another_name(id, tag).into_iter().collect(),
        Why::TagGone { machine: id, gone: TagGone::Says { names }, .. } if names.is_empty() => {
            let claim = |id| told("set its tag again:", az::claim(&id, tag, name.as_str()));
            ResourceId::parse(id).ok().map(claim).into_iter().collect()
        }
        // Where most of the fleet carries another tag, it is the setting that is wrong, and no tag.
        Why::TagGone { machine: id, gone: TagGone::Elsewhere { .. }, .. } => match keys.meant() {
            Some(meant) => key::setting(&meant, tag),
            None => {
                let claim = |id| told("if its key was changed:", az::claim(&id, tag, name.as_str()));
                ResourceId::parse(id).ok().map(claim).into_iter().collect()
            }
        },
        Why::Alias { .. } => set.claims.iter().filter_map(|claimed| unclaim(claimed, tag, name)).collect(),
        Why::ClaimConflict(_) => keep_one(set, tag, name),
        Why::NotOwned { owned: NotOwned::OtherMachine { machine: id, .. }, .. } => {
            let unclaim = |id: ResourceId| {
                let what = format!("take the tag off {}:", id.name());
                told(&what, az::unclaim(&id, tag, name.as_str()))
            };
            ResourceId::parse(id).ok().map(unclaim).into_iter().collect()
        }
        Why::EmptySet { record_type, .. } => {
            let delete = |(zone, relative)| {
                told("delete the empty set:", az::delete_set(zone, record_type.as_str(), relative))
            };
            relative.map(delete).into_iter().collect()
        }
        Why::CnameExists { .. } => relative.map_or_else(Vec::new, |(zone, relative)| {
            vec![
                told("where it leads:", az::look_at_cname(zone, relative)),
                told("delete it:", az::delete_set(zone, "CNAME", relative)),
            ]
        }),
        Why::Delegated { .. } => {
            let zone = set.delegated_at.as_ref().map(|cut| az::zone_named(ZoneKind::Public, cut));
            zone.map(|command| told("the zone for DNS_ZONES, if it is yours:", command)).into_iter().collect()
        }
        // Of two types one is there already.
        Why::TypeNotWanted { by: Whence::Setting(setting), .. } => {
            vec![
                told("what stands for APP and GROUP:", APPS.to_owned()),
                told("let both types be written:", az::let_setting(setting, "A,AAAA")),
            ]
        }
        Why::Blind {
            cause: Blindness::Unavailable { .. } | Blindness::RightLost { .. } | Blindness::Undecided { .. },
        }
        | Why::Undecided(_)
        // Where no sweep ever came to the log, the one that is run by hand may not either.
        | Why::NotSwept { next: None, .. } => vec![lacking::doctor()],
        _ => Vec::new(),
    }
}

/// What is written into a tag that holds a name which cannot be.
pub(super) fn another_name(machine: &str, tag: &str) -> Option<Phrase> {
    let machine = ResourceId::parse(machine).ok()?;
    Some(told("correct its tag:", az::claim(&machine, tag, RIGHT_NAME)))
}

/// What leaves the name to one of them, for each who may be meant: whoever copies all below a heading leaves it to that one.
fn keep_one(set: &Explanation, tag: &str, name: &HostName) -> Vec<Phrase> {
    let machines: Vec<ResourceId> =
        set.claims.iter().filter_map(|claimed| ResourceId::parse(&claimed.machine).ok()).collect();
    let is_few = machines.len() <= EACH;
    let keepers = machines.iter().take(if is_few { EACH } else { 1 });
    let mut said = Vec::new();
    for keeper in keepers {
        let others: Vec<_> = machines.iter().filter(|machine| *machine != keeper).collect();
        let command =
            |machine: &&ResourceId| Phrase::default().whole(az::unclaim(machine, tag, name.as_str()));
        said.push(Phrase::from(format!("to keep {}:", keeper.name())));
        said.extend(others.iter().take(FEW).map(command));
        if others.len() > FEW {
            said.push(format!("... {} more", others.len() - FEW).into());
        }
    }
    if let Some(first) = machines.first().filter(|_| !is_few) {
        said.push(format!("to keep another one, take the tag off {} instead of it", first.name()).into());
    }
    said
}

/// The name as its zone lists it: `@` for the apex.
fn relative<'n>(zone: &ZoneId, name: &'n HostName) -> Option<&'n str> {
    match name.as_str().strip_suffix(zone.zone_name().as_str())? {
        "" => Some("@"),
        relative => relative.strip_suffix('.'),
    }
}

fn unclaim(claimed: &Claimed, tag: &str, name: &HostName) -> Option<Phrase> {
    let machine = ResourceId::parse(&claimed.machine).ok()?;
    let what = format!("take the tag off {}:", machine.name());
    Some(told(&what, az::unclaim(&machine, tag, name.as_str())))
}

fn told(what: &str, command: String) -> Phrase {
    Phrase::from(what).whole(command)
}
