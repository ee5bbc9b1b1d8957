//! What ends a reason by a command: for `az` word for word, with the ids that are known.

use crate::cli::phrase::Phrase;
use crate::cli::{key, lacking};
use crate::doctor::{APPS, name as az};
use crate::run::{Explained, LiveTags};
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
pub(super) fn commands(found: &Explained, set: &Explanation) -> Vec<Phrase> {
    let Explained { name, tag, keys, live_tags, .. } = found;
    let tags = Tags { key: tag, live: live_tags };
    let Some(why) = &set.why else { return Vec::new() };
    let relative = set.zone.as_ref().and_then(|zone| Some((zone, relative(zone, name)?)));
    match why {
        Why::Wildcard { machine: Some(id), .. }
        | Why::WildcardInvalid { machine: Some(id), .. }
        | Why::NameInvalid { machine: Some(id), .. }
        | Why::NoZone { machine: Some(id), .. }
        | Why::Apex { machine: Some(id), .. }
        | Why::NameReserved { machine: Some(id), .. }
        | Why::NameNotAllowed { machine: Some(id), .. } => tags.another_name(id, name.as_str()).into_iter().collect(),
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
        Why::Alias { .. } => {
            let unclaim = |claimed: &Claimed| tags.unclaim(&claimed.machine, name);
            set.claims.iter().filter_map(unclaim).collect()
        }
        Why::ClaimConflict(_) => tags.keep_one(set, name),
        Why::NotOwned { owned: NotOwned::OtherMachine { machine: id, .. }, .. } => {
            tags.unclaim(id, name).into_iter().collect()
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

/// The tags that claim names.
pub(super) struct Tags<'a> {
    /// Their key.
    pub(super) key: &'a str,
    /// What they hold.
    pub(super) live: &'a LiveTags,
}

impl Tags<'_> {
    /// What is written into a tag that holds a name which cannot be.
    pub(super) fn another_name(&self, machine: &str, name: &str) -> Option<Phrase> {
        let machine = ResourceId::parse(machine).ok()?;
        let command =
            |held: &[String]| Some(az::claim(&machine, self.key, &az::renamed(held, name, Some(RIGHT_NAME))));
        Some(match self.command(&machine, command)? {
            Ok(command) => told("correct its tag:", command),
            Err(look) => look,
        })
    }

    /// What takes the name off the tag of a machine; none where that does not hold it.
    fn unclaim(&self, machine: &str, name: &HostName) -> Option<Phrase> {
        let machine = ResourceId::parse(machine).ok()?;
        Some(match self.taken_off(&machine, name)? {
            Ok(command) => told(&format!("take the name off the tag of {}:", machine.name()), command),
            Err(look) => look,
        })
    }

    fn taken_off(&self, machine: &ResourceId, name: &HostName) -> Option<Result<String, Phrase>> {
        self.command(machine, |held| az::unclaim(machine, self.key, held, name.as_str()))
    }

    /// A command for a tag whose value is known; where it is not, whoever writes it has to look first.
    fn command(
        &self,
        machine: &ResourceId,
        command: impl FnOnce(&[String]) -> Option<String>,
    ) -> Option<Result<String, Phrase>> {
        match self.live.get(machine) {
            Some(held) => command(held).map(Ok),
            None => {
                let look = format!(
                    "what the tag of {} holds is not known; look, and write it with the names that stay (docs/runbook.md, \"It \
                     moved to a wrong address\", step 3):",
                    machine.name()
                );
                Some(Err(told(&look, az::look_at_tags(machine))))
            }
        }
    }

    /// What leaves the name to one of them, for each who may be meant: whoever copies all below a heading leaves it to that
    /// one.
    fn keep_one(&self, set: &Explanation, name: &HostName) -> Vec<Phrase> {
        let machines: Vec<ResourceId> =
            set.claims.iter().filter_map(|claimed| ResourceId::parse(&claimed.machine).ok()).collect();
        let is_few = machines.len() <= EACH;
        let keepers = machines.iter().take(if is_few { EACH } else { 1 });
        let mut said = Vec::new();
        for keeper in keepers {
            let others: Vec<_> = machines.iter().filter(|machine| *machine != keeper).collect();
            let command = |machine: &&ResourceId| {
                let command = self.taken_off(machine, name)?;
                Some(command.map_or_else(|look| look, |command| Phrase::default().whole(command)))
            };
            said.push(Phrase::from(format!("to keep {}:", keeper.name())));
            said.extend(others.iter().take(FEW).filter_map(command));
            if others.len() > FEW {
                said.push(format!("... {} more", others.len() - FEW).into());
            }
        }
        if let Some(first) = machines.first().filter(|_| !is_few) {
            let first = first.name();
            said.push(
                format!("to keep another one, take the name off the tag of {first} instead of it").into(),
            );
        }
        said
    }
}

/// The name as its zone lists it: `@` for the apex.
fn relative<'n>(zone: &ZoneId, name: &'n HostName) -> Option<&'n str> {
    match name.as_str().strip_suffix(zone.zone_name().as_str())? {
        "" => Some("@"),
        relative => relative.strip_suffix('.'),
    }
}

fn told(what: &str, command: String) -> Phrase {
    Phrase::from(what).whole(command)
}
