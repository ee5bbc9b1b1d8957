//! What a private zone hides: in the networks that it is linked to, a name of the public zone that it lacks is no name at all
//! (contract private-zones, section 0).

use std::collections::BTreeSet;

use crate::domain::{ResourceId, ZoneId};
use crate::plan::report::{Warning, WarningKind};
use crate::shown::shown;

/// What stands for every name below a zone that is not written there.
const WILDCARD: &str = "*";
/// The zone's own name.
const APEX: &str = "@";
/// Names and networks that a sentence tells of each.
const TOLD: usize = 8;

/// What is wrong with the view that a private zone gives: `private` are the names of all record sets of every type in it, relative to it
/// and in lower case, `public` those that public zones have below its name, likewise relative to it, and `networks` the ids of the networks that
/// it is linked to.
#[must_use]
pub fn warnings(
    zone: &ZoneId,
    private: &BTreeSet<String>,
    public: &BTreeSet<String>,
    networks: &BTreeSet<String>,
) -> Vec<Warning> {
    let name = zone.zone_name();
    let warning = |warning, names, because| Warning {
        warning,
        subject: name.to_string(),
        zone: zone.lower().to_owned(),
        resource: zone.as_str().to_owned(),
        names,
        networks: networks.clone(),
        because,
    };
    if networks.is_empty() {
        let because = format!(
            "the private zone {name} is linked to no network, so that nobody sees what is written there; link it to those whose \
             machines are to find the names"
        );
        return vec![warning(WarningKind::NoLink, BTreeSet::new(), because)];
    }
    let has_wildcard = private.contains(WILDCARD);
    let mut found = Vec::new();
    let is_missing = |own: &&String| own.as_str() != APEX && !private.contains(*own);
    let hidden: BTreeSet<String> =
        public.iter().filter(is_missing).map(|own| format!("{own}.{name}")).collect();
    if !hidden.is_empty() {
        let instead = if has_wildcard { "its wildcard answers for them" } else { "there they do not exist" };
        let because = format!(
            "the private zone {name} hides {} in {}: {instead} ({}); write those that are needed there into the private zone too",
            counted(hidden.len(), "public name"),
            listed(networks.iter().map(|id| last(id))),
            listed(hidden.iter().map(String::as_str)),
        );
        found.push(warning(WarningKind::HiddenNames, hidden, because));
    }
    if has_wildcard {
        let because = format!(
            "the private zone {name} has a wildcard: in its networks every name that nobody wrote there has the wildcard's answer, and \
             none is told to be missing"
        );
        found.push(warning(WarningKind::Wildcard, [format!("{WILDCARD}.{name}")].into(), because));
    }
    found
}

/// That sets of ours stand where Azure would register virtual machines of these networks, by their names relative to the zone.
///
/// No call of a run tells that one will be: the machine that Azure registers need not be the one that claims the name. So it is told
/// once it can be seen.
#[must_use]
pub fn machines_hidden(
    zone: &ZoneId,
    machines: &BTreeSet<String>,
    registering: &BTreeSet<ResourceId>,
) -> Option<Warning> {
    if machines.is_empty() {
        return None;
    }
    let name = zone.zone_name();
    let names: BTreeSet<String> = machines.iter().map(|own| format!("{own}.{name}")).collect();
    let networks: BTreeSet<String> = registering.iter().map(|network| network.lower().to_owned()).collect();
    let because = format!(
        "the private zone {name} would register {} of {}, and record sets of ours stand there and hide them ({}); take the name off \
         the tag that claims it and release it, or give the virtual machine another name",
        counted(names.len(), "virtual machine"),
        listed(networks.iter().map(|id| last(id))),
        listed(names.iter().map(String::as_str)),
    );
    Some(Warning {
        warning: WarningKind::HiddenMachines,
        subject: name.to_string(),
        zone: zone.lower().to_owned(),
        resource: zone.as_str().to_owned(),
        names,
        networks,
        because,
    })
}

/// `1 name`, `2 names`.
fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// The first few, and how many more.
fn listed<'a>(all: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = all.len().saturating_sub(TOLD);
    let mut told: Vec<String> = all.take(TOLD).map(shown).collect();
    if more > 0 {
        told.push(format!("{more} more"));
    }
    told.join(", ")
}

/// The name at the end of an id.
fn last(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}
