//! The rows that a run owes the log: what it did, why it did not, and what it saw that the log did not know.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::Request;
use super::apply::Fate;
use super::live::Seen;
use pure::domain::{
    ChangeRow, DnsRow, HostName, MismatchRow, RecordKey, RecordSet, ResourceId, TagRow, join_addresses,
    split_tag,
};
use pure::plan::report::{Outcome, Via};
use pure::plan::{Change, History, Live, Policy, Skip, TagName};

/// How long the reason of a skip is not told again, and how old a mark may be whose audit row is looked for.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// `DNSData_CL`: the sets that were written, and those that a live read showed to differ from the log.
pub(super) fn dns_rows<'a>(
    written: impl IntoIterator<Item = (&'a RecordSet, Timestamp)>,
    seen: &'a [Seen],
    rows: &[MismatchRow],
    owner: &str,
    run: &str,
) -> Vec<DnsRow> {
    let mut logged: BTreeMap<RecordKey, &MismatchRow> = BTreeMap::new();
    for row in rows {
        if let Ok(name) = HostName::parse(&row.host_name) {
            logged.insert(RecordKey { name, record_type: row.record_type }, row);
        }
    }
    let mut newest: BTreeMap<RecordKey, (&RecordSet, Timestamp)> = BTreeMap::new();
    for seen in seen {
        let Some(set) = &seen.set else { continue };
        if logged.get(&seen.key).is_none_or(|row| differs(set, row, owner)) {
            newest.insert(seen.key.clone(), (set, seen.sent_at));
        }
    }
    newest.extend(written.into_iter().map(|(set, at)| (set.key(), (set, at))));
    newest.into_values().flat_map(|(set, at)| DnsRow::rows(set, owner, at, run)).collect()
}

fn differs(set: &RecordSet, row: &MismatchRow, owner: &str) -> bool {
    let machine = set.mark_of(owner).map(|mark| mark.machine).unwrap_or_default();
    join_addresses(&set.addresses) != row.dns_ip
        || set.alias.is_some() != row.is_alias
        || set.etag != row.etag
        || machine != row.owner
        || row.record_set_id.is_empty()
}

/// `TagData_CL`: machines whose live tag no longer holds a name that the log has for them.
pub(super) fn tag_rows(
    tags: &[(ResourceId, Live, Timestamp)],
    rows: &[MismatchRow],
    policy: &Policy,
    run: &str,
) -> Vec<TagRow> {
    let mut claimed: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for row in rows {
        claimed.entry(row.resource_id.to_lowercase()).or_default().insert(&row.host_name);
    }
    let types: Vec<_> = policy.record_types.iter().map(ToString::to_string).collect();
    let types = types.join(",");
    let mut found = Vec::new();
    for (machine, live, sent_at) in tags {
        let Some(logged) = claimed.get(machine.lower()) else { continue };
        let values: &[String] = match live {
            Live::Tagged(values) => values,
            Live::Gone => &[],
            Live::Unreadable => continue,
        };
        let names: BTreeSet<_> =
            values.iter().flat_map(|value| split_tag(value)).map(|text| TagName::of(text, policy)).collect();
        if logged.iter().all(|name| names.iter().any(|tagged| tagged.stored == *name)) {
            continue;
        }
        let row = |name: TagName| TagRow {
            time_generated: *sent_at,
            id: machine.to_string(),
            host_name: name.stored,
            zone_id: name.zone,
            skip: name.skip.to_owned(),
            types: types.clone(),
            name: machine.name().to_owned(),
            resource_type: machine.resource_type(),
            location: String::new(),
            run: run.to_owned(),
            installation: policy.owner.clone(),
        };
        if names.is_empty() {
            // The machine claims nothing any more.
            found.push(row(TagName { stored: String::new(), zone: String::new(), skip: "" }));
        } else {
            found.extend(names.into_iter().map(row));
        }
    }
    found
}

/// What all rows of a run's audit share.
pub(super) struct Audit<'a> {
    pub(super) request: &'a Request,
    pub(super) history: &'a History,
    pub(super) owner: &'a str,
    pub(super) via: Via,
    pub(super) now: Timestamp,
}

impl Audit<'_> {
    /// `DNSChange_CL`: one row for an applied change.
    pub(super) fn change(
        &self,
        change: &Change,
        fate: &Fate,
        time_to_truth_ms: Option<u64>,
    ) -> Option<ChangeRow> {
        if !matches!(fate.outcome, Outcome::Confirmed | Outcome::Unconfirmed) {
            return None;
        }
        Some(ChangeRow {
            time_generated: fate.at,
            host_name: change.name.to_string(),
            record_type: change.record_type.to_string(),
            zone_id: change.zone.to_string(),
            action: change.action.as_str().to_owned(),
            outcome: fate.outcome.as_str().to_owned(),
            old_ips: join_addresses(&change.from),
            new_ips: join_addresses(&change.to),
            resource_id: change.machine.to_string(),
            heartbeat_time: Some(change.heartbeat_time),
            beats: Some(change.beats as f64),
            via: self.via.as_str().to_owned(),
            time_to_truth_ms: time_to_truth_ms.map(|ms| ms as f64),
            ..self.blank()
        })
    }

    /// One row for each skip of an actionable row whose reason is new for its name, or was told a day ago.
    pub(super) fn skips(&self, skips: &[Skip]) -> Vec<ChangeRow> {
        let mut told: BTreeSet<(String, String, String)> = BTreeSet::new();
        let mut rows = Vec::new();
        for skip in skips {
            let Some(seen) = skip.seen.as_ref().filter(|seen| seen.actionable) else { continue };
            let key = (skip.name.clone(), skip.record_type.to_string(), skip.reason.as_str().to_owned());
            let last = self.history.audited.get(&key);
            let is_recent = last.is_some_and(|last| self.now.duration_since(*last) < DAY);
            if is_recent || !told.insert(key) {
                continue;
            }
            rows.push(ChangeRow {
                host_name: skip.name.clone(),
                record_type: skip.record_type.to_string(),
                zone_id: seen.zone.clone(),
                action: "skip".to_owned(),
                reason: skip.reason.as_str().to_owned(),
                old_ips: seen.present.clone(),
                new_ips: seen.reported.clone(),
                resource_id: skip.machine.clone(),
                heartbeat_time: seen.heartbeat_time,
                beats: Some(seen.beats as f64),
                ..self.blank()
            });
        }
        rows
    }

    /// The rows that killed runs owe: marks of the last sweep, and marks that live reads of this run met.
    pub(super) fn recovered(&self, seen: &[Seen]) -> Vec<ChangeRow> {
        let mut rows: BTreeMap<(RecordKey, String), ChangeRow> = BTreeMap::new();
        for owed in &self.history.owed {
            let row = ChangeRow {
                time_generated: owed.time,
                zone_id: owed.zone.to_string(),
                new_ips: join_addresses(&owed.addresses),
                resource_id: owed.machine.clone(),
                ..self.of_killed_run(&owed.key, &owed.run)
            };
            rows.insert((owed.key.clone(), owed.run.clone()), row);
        }
        for set in seen.iter().filter_map(|seen| seen.set.as_ref()) {
            let Some(mark) = set.mark_of(self.owner) else { continue };
            let Some(time) = mark.time.filter(|time| self.now.duration_since(*time) < DAY) else { continue };
            let known = self.history.changes.get(&set.key());
            if known.is_some_and(|changes| changes.iter().any(|change| change.run == mark.run)) {
                continue;
            }
            let action = if mark.previous.is_empty() { "create" } else { "update" };
            let row = ChangeRow {
                time_generated: time,
                zone_id: set.zone.to_string(),
                action: action.to_owned(),
                old_ips: join_addresses(&mark.previous),
                new_ips: join_addresses(&set.addresses),
                resource_id: mark.machine,
                ..self.of_killed_run(&set.key(), &mark.run)
            };
            rows.insert((set.key(), mark.run), row);
        }
        rows.into_iter()
            .filter(|((_, run), _)| *run != self.request.run && !run.is_empty())
            .map(|(_, row)| row)
            .collect()
    }

    fn of_killed_run(&self, key: &RecordKey, run: &str) -> ChangeRow {
        ChangeRow {
            run: run.to_owned(),
            host_name: key.name.to_string(),
            record_type: key.record_type.to_string(),
            action: "update".to_owned(),
            outcome: Outcome::Confirmed.as_str().to_owned(),
            reason: "recovered".to_owned(),
            via: self.via.as_str().to_owned(),
            ..self.blank()
        }
    }

    fn blank(&self) -> ChangeRow {
        ChangeRow {
            time_generated: self.now,
            run: self.request.run.clone(),
            trigger: self.request.trigger.as_str().to_owned(),
            alert_id: self.request.alert_id.clone(),
            host_name: String::new(),
            record_type: String::new(),
            zone_id: String::new(),
            action: String::new(),
            outcome: String::new(),
            reason: String::new(),
            old_ips: String::new(),
            new_ips: String::new(),
            resource_id: String::new(),
            heartbeat_time: None,
            beats: None,
            via: String::new(),
            time_to_truth_ms: None,
        }
    }
}
