//! Names near their end: what nobody claims any more, and whose machines have been quiet for long. They are listed, no more.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::fleet::Fleet;
use super::heard::Heard;
use pure::domain::{HostName, ResourceId, ZoneKind};
use pure::plan::report::{Orphan, SilentName};
use pure::plan::{History, Marked, Unheard};

/// A machine that was not heard for so long is no longer only switched off.
pub(super) const QUIET: Duration = Duration::from_secs(SilentName::DAYS * 24 * 3600);

/// Names near their end.
#[derive(Debug, Default)]
pub(super) struct Ends {
    pub(super) orphans: Vec<Orphan>,
    pub(super) silent_names: Vec<SilentName>,
}

impl Ends {
    /// What the fleet, as it is tagged now, leaves over of what the log calls claimed by nobody, and names of which no machine
    /// was `heard` within [`QUIET`].
    pub(super) fn of(
        fleet: &Fleet,
        history: &History,
        names: &BTreeMap<HostName, BTreeSet<ResourceId>>,
        within_the_hour: &Heard,
        heard: &Heard,
    ) -> Self {
        let orphan = |marked: &Marked| Orphan::of(marked, dangles_at(marked, within_the_hour));
        let orphans = unclaimed(fleet, history).map(orphan).collect();
        let is_quiet = |machine: &ResourceId| {
            [within_the_hour, heard].iter().all(|heard| !heard.last.contains_key(machine.lower()))
        };
        let silent = names.iter().filter(|(_, machines)| machines.iter().all(is_quiet));
        let silent_names = silent.map(|(name, machines)| SilentName::of(name.as_str(), machines)).collect();
        Self { orphans, silent_names }
    }
}

/// What the log calls claimed by nobody, without what a tag claims since the sweep.
pub(super) fn unclaimed<'a>(fleet: &'a Fleet, history: &'a History) -> impl Iterator<Item = &'a Marked> {
    history.orphans.iter().filter(|marked| fleet.claimants(&marked.id.name).is_empty())
}

/// How long a machine has been quiet that was not heard within the hour, as far as it was asked who was heard within
/// [`QUIET`].
pub(super) fn quiet(machine: &ResourceId, heard: Option<&Heard>, now: Timestamp) -> Unheard {
    match heard.map(|heard| heard.last.get(machine.lower())) {
        None => Unheard::AnHour,
        Some(Some(last)) => Unheard::For(now.duration_since(*last)),
        Some(None) => Unheard::Longer(SignedDuration::from_secs(QUIET.as_secs().cast_signed())),
    }
}

/// The addresses of what the log calls claimed by nobody. A private one leads nobody to another machine's door: it is not
/// unique in the world.
pub(super) fn addresses(history: &History) -> BTreeSet<IpAddr> {
    let public = history.orphans.iter().filter(|marked| marked.id.zone.kind() == ZoneKind::Public);
    public.flat_map(|marked| &marked.addresses).copied().collect()
}

/// Another machine than the marked one that reported the address of the set within the hour.
fn dangles_at(marked: &Marked, heard: &Heard) -> Option<ResourceId> {
    let reports = |machine: &&String| {
        let reported = heard.reported.get(*machine);
        let is_there = |address: &IpAddr| reported.is_some_and(|reported| reported.contains_key(address));
        !machine.eq_ignore_ascii_case(&marked.machine) && marked.addresses.iter().any(is_there)
    };
    if marked.id.zone.kind() == ZoneKind::Private {
        return None;
    }
    heard.reported.keys().find(reports).and_then(|machine| ResourceId::parse(machine).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use pure::domain::{RecordId, RecordType, ZoneId};

    /// A set that nobody claims, at 10.1.0.4, in a zone of this kind.
    fn marked(kind: &str) -> Marked {
        let id = format!("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/{kind}/example.com");
        let (zone, name) = (ZoneId::parse(&id).unwrap(), HostName::parse("nas.example.com").unwrap());
        let id = RecordId { zone, name, record_type: RecordType::A };
        let addresses = ["10.1.0.4".parse().unwrap()].into();
        Marked { id, addresses, machine: "gone".to_owned(), run: "run".to_owned() }
    }

    #[test]
    fn at_a_private_address_nobody_is_reached_instead() {
        let other = "/subscriptions/s/resourcegroups/g/providers/microsoft.hybridcompute/machines/other";
        let reported = [("10.1.0.4".parse().unwrap(), Timestamp::UNIX_EPOCH)].into();
        let heard = Heard { reported: [(other.to_owned(), reported)].into(), ..Heard::default() };
        let (public, private) = (marked("dnsZones"), marked("privateDnsZones"));
        assert_eq!(dangles_at(&public, &heard).map(|id| id.lower().to_owned()).as_deref(), Some(other));
        assert_eq!(dangles_at(&private, &heard), None);
        let asked = |marked: &Marked| {
            addresses(&History { orphans: vec![marked.clone()], ..History::default() }).len()
        };
        assert_eq!((asked(&public), asked(&private)), (1, 0));
    }
}
