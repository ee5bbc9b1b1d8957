//! What the collector reads, and how often.

use std::collections::BTreeSet;
use std::time::Duration;

use super::connect::guids;
use super::declared::{
    COLLECT_DEADLINE, COLLECTOR_SCHEDULE, DNS_ZONES, HOSTNAME_TAG, PRIVATE_ZONES, SNAPSHOT_EVERY,
    SUBSCRIPTIONS, TARGETS,
};
use super::reader::Reader;
use super::schedule::is_schedule;
use super::setting::Setting;
use pure::domain::{MachineKind, ResourceId, ZoneId, ZoneKind, Zones};

/// What the collector reads, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collect {
    /// `SUBSCRIPTIONS`: where machines are looked for; empty: everywhere the identity may read.
    pub subscriptions: Vec<String>,
    /// `HOSTNAME_TAG`: the tag that names a machine's host names, compared without case.
    pub tag: String,
    /// `TARGETS`: which kinds of machines can have names; at least one.
    pub targets: BTreeSet<MachineKind>,
    /// `SNAPSHOT_EVERY`: a sweep is due when the newest markers are older.
    pub snapshot_every: Duration,
    /// `COLLECT_DEADLINE`: a sweep must end within this time.
    pub deadline: Duration,
    /// `COLLECTOR_SCHEDULE`: the timer's schedule, which the Functions host reads for itself.
    pub schedule: String,
}

/// What a tick more or less makes of the age of a sweep.
const TICK: Duration = Duration::from_secs(5 * 60);

impl Collect {
    /// Whether a machine can have names, by its kind and where it is.
    #[must_use]
    pub fn takes(&self, machine: &ResourceId) -> bool {
        let is_there = self.subscriptions.is_empty()
            || self.subscriptions.iter().any(|id| id.eq_ignore_ascii_case(machine.subscription()));
        is_there && MachineKind::of(machine).is_some_and(|kind| self.targets.contains(&kind))
    }

    /// The age of the newest sweep from which on nothing is changed: whoever sweeps less often never changes anything.
    #[must_use]
    pub fn oldest_sweep(&self) -> Duration {
        self.snapshot_every * 2 + TICK
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Collect {
    Collect {
        subscriptions: guids(reader, SUBSCRIPTIONS, "subscription ids, which are GUIDs, not names"),
        tag: tag(reader),
        targets: targets(reader),
        snapshot_every: reader.duration(SNAPSHOT_EVERY),
        deadline: reader.duration(COLLECT_DEADLINE),
        schedule: schedule(reader),
    }
}

/// The host disables the timer without a word of ours when the schedule is missing or cannot be read (contract
/// functions-custom-handler, section 10).
fn schedule(reader: &mut Reader<'_>) -> String {
    if reader.is_in_host() {
        reader.needed(
            COLLECTOR_SCHEDULE,
            "a schedule such as 0 */5 * * * *, without which the host disables the timer",
        );
    }
    let read = reader.parsed(COLLECTOR_SCHEDULE, |text| {
        if is_schedule(text) {
            return Ok(text.to_owned());
        }
        Err(format!(
            "is `{text}`, which is no schedule of the Functions host; write second, minute, hour, day, month and weekday, such as 0 */5 * * * *"
        ))
    });
    read.unwrap_or_default()
}

/// What the lists of zones are to hold.
const OF_PUBLIC: &str = "…/providers/Microsoft.Network/dnsZones/NAME";
const OF_PRIVATE: &str = "…/providers/Microsoft.Network/privateDnsZones/NAME";

/// The managed zones of both kinds. What is faulty is remembered and left out.
pub(super) fn zones(reader: &mut Reader<'_>) -> Zones {
    if reader.text(DNS_ZONES).is_none() && reader.text(PRIVATE_ZONES).is_none() {
        let words = format!(
            "is not set, nor is PRIVATE_ZONES; set it to the ids of the public zones to manage, {OF_PUBLIC}, comma-separated, or \
             PRIVATE_ZONES to those of private ones, {OF_PRIVATE}"
        );
        reader.fault(DNS_ZONES.name, words);
        return Zones::default();
    }
    let public = of_kind(reader, DNS_ZONES, ZoneKind::Public);
    let private = of_kind(reader, PRIVATE_ZONES, ZoneKind::Private);
    Zones::new(public.iter().chain(&private).cloned()).unwrap_or_default()
}

/// The zones that a setting lists, all of one kind; none when two of them are of one name.
fn of_kind(reader: &mut Reader<'_>, setting: Setting, kind: ZoneKind) -> Vec<ZoneId> {
    let cannot = |fault: &dyn std::fmt::Display| format!("names a zone that cannot be managed: {fault}");
    let ids = reader.list(setting, |member| match ZoneId::parse(member) {
        Ok(id) if id.kind() == kind => Ok(id),
        Ok(id) => Err(match kind {
            ZoneKind::Public => format!("holds {id}, a private zone; write it into PRIVATE_ZONES"),
            ZoneKind::Private => format!("holds {id}, a public zone; write it into DNS_ZONES"),
        }),
        Err(fault) => Err(cannot(&fault)),
    });
    let again: BTreeSet<&ZoneId> =
        ids.iter().enumerate().filter(|(at, id)| ids[..*at].contains(id)).map(|(_, id)| id).collect();
    for id in &again {
        let words = format!("holds {id} twice; take it out once");
        match kind {
            // It has always counted once there.
            ZoneKind::Public => reader.warn(setting, words),
            ZoneKind::Private => reader.fault(setting.name, words),
        }
    }
    let Err(faults) = Zones::new(ids.iter().cloned()) else { return ids };
    for fault in faults {
        reader.fault(setting.name, cannot(&fault));
    }
    Vec::new()
}

/// Tag names are compared without case (contract azure-resource-manager, section 5).
fn tag(reader: &mut Reader<'_>) -> String {
    let read = reader.parsed(HOSTNAME_TAG, |text| {
        if text.chars().count() > 512 || text.contains(['<', '>', '%', '&', '\\', '?', '/']) {
            return Err(format!(
                "is `{text}`, which is no name of a tag: at most 512 characters, none of <>%&\\?/"
            ));
        }
        Ok(text.to_owned())
    });
    read.unwrap_or_default()
}

/// The kinds of machines, by their names in any case.
fn targets(reader: &mut Reader<'_>) -> BTreeSet<MachineKind> {
    let kind = |member: &str| {
        let mut kinds = MachineKind::ALL.into_iter();
        let known = kinds.find(|kind| member.eq_ignore_ascii_case(kind.as_str()));
        known.ok_or_else(|| format!("holds `{member}`; write arc, vm or arc,vm"))
    };
    reader.list(TARGETS, kind).into_iter().collect()
}
