//! What the collector reads, and how often.

use std::time::Duration;

use super::connect::guids;
use super::reader::{Reader, members};
use super::schedule::is_schedule;
use pure::domain::{ZoneId, Zones};

/// What the collector reads, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collect {
    /// `SUBSCRIPTIONS`: where machines are looked for; empty: everywhere the identity may read.
    pub subscriptions: Vec<String>,
    /// `HOSTNAME_TAG`: the tag that names a machine's host names, compared without case.
    pub tag: String,
    /// `SNAPSHOT_EVERY`: a sweep is due when the newest markers are older.
    pub snapshot_every: Duration,
    /// `COLLECT_DEADLINE`: a sweep must end within this time.
    pub deadline: Duration,
    /// `COLLECTOR_SCHEDULE`: the timer's schedule, which the Functions host reads for itself.
    pub schedule: String,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Collect {
    targets(reader);
    Collect {
        subscriptions: guids(reader, "SUBSCRIPTIONS", "subscription ids, which are GUIDs, not names"),
        tag: tag(reader),
        snapshot_every: reader.duration(
            "SNAPSHOT_EVERY",
            Duration::from_secs(30 * 60),
            Some(Duration::from_secs(12 * 3600)),
        ),
        deadline: reader.duration("COLLECT_DEADLINE", Duration::from_secs(4 * 60), None),
        schedule: schedule(reader),
    }
}

fn schedule(reader: &mut Reader<'_>) -> String {
    reader.parsed("COLLECTOR_SCHEDULE", "0 */5 * * * *".to_owned(), |text| {
        if is_schedule(text) {
            return Ok(text.to_owned());
        }
        Err(format!(
            "is `{text}`, which is no schedule of the Functions host; write second, minute, hour, day, month and weekday, such as 0 */5 * * * *"
        ))
    })
}

/// The managed zones. None when there is a fault, which is then remembered.
pub(super) fn zones(reader: &mut Reader<'_>) -> Zones {
    let variable = "DNS_ZONES";
    let what = "the ids of the managed zones, /subscriptions/…/resourceGroups/…/providers/Microsoft.Network/dnsZones/NAME, comma-separated";
    let Some(text) = reader.required(variable, what) else { return Zones::default() };
    let mut ids = Vec::new();
    for member in members(text) {
        match ZoneId::parse(member) {
            Ok(id) => ids.push(id),
            Err(fault) => reader.fault(variable, format!("names a zone that cannot be managed: {fault}")),
        }
    }
    Zones::new(ids).unwrap_or_else(|faults| {
        for fault in faults {
            reader.fault(variable, format!("names a zone that cannot be managed: {fault}"));
        }
        Zones::default()
    })
}

/// Tag names are compared without case (contract azure-resource-manager, section 5).
fn tag(reader: &mut Reader<'_>) -> String {
    reader.parsed("HOSTNAME_TAG", "DNSHostName".to_owned(), |text| {
        if text.chars().count() > 512 || text.contains(['<', '>', '%', '&', '\\', '?', '/']) {
            return Err(format!(
                "is `{text}`, which is no name of a tag: at most 512 characters, none of <>%&\\?/"
            ));
        }
        Ok(text.to_owned())
    })
}

/// Arc machines alone for now.
fn targets(reader: &mut Reader<'_>) {
    reader.list("TARGETS", |member| match member.to_ascii_lowercase().as_str() {
        "arc" => Ok(()),
        "vm" => Err("holds `vm`, which this version cannot prove to be safe; write arc".to_owned()),
        _ => Err(format!("holds `{member}`; write arc")),
    });
}
