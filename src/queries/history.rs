//! The answer to `history.kql` as a value.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::cells::{Grid, Row};
use super::literal::{OwnerId, for_installation};
use pure::domain::{HostName, RecordId, RecordType, Refused, ResourceId, ZoneId, parse_address};
use pure::plan::report::{ANNOUNCED, Outcome, Via};
use pure::plan::{
    AuditedBrake, AuditedReason, BrakeState, Deletion, History, Marked, Motive, OwedAudit, PastChange,
    Refusal, ZoneHistory,
};

/// The columns of an answer to [`history_query`].
pub const HISTORY_COLUMNS: [&str; 16] = [
    "Kind",
    "ZoneId_s",
    "DNSHostName_s",
    "RecordType_s",
    "OldIPs_s",
    "NewIPs_s",
    "Reason_s",
    "ResourceId_s",
    "run_s",
    "Time",
    "Number",
    "Action_s",
    "Outcome_s",
    "Etag_s",
    "Cause",
    "Via_s",
];

/// How a change ends that was tried and is not known to have landed.
const IN_VAIN: [Outcome; 3] = [Outcome::Failed, Outcome::Conflict, Outcome::Unconfirmed];

const FRESH: &str = "let FreshSince = now() - 15m;";
const TOLD: &str = "let ToldSince = now() - 2h;";

/// `history.kql` for one installation, which believes a machine that was heard within `fresh`, and whose other query looks
/// back `told`. Asked over two days and the one that comes.
#[must_use]
pub fn history_query(owner: &OwnerId, fresh: SignedDuration, told: Duration) -> String {
    let fresh = format!("let FreshSince = now() - {}s;", fresh.as_secs());
    let told = format!("let ToldSince = now() - {}s;", told.as_secs());
    for_installation(super::HISTORY, owner).replacen(FRESH, &fresh, 1).replacen(TOLD, &told, 1)
}

/// Everything that an answer to [`super::HISTORY`] tells.
///
/// A row whose name, zone or time cannot be parsed tells nothing, and neither does one of a kind that is not known:
/// all rows come from tables that we fill. The changes of a record set are sorted by time.
#[must_use]
pub fn history(columns: &[String], rows: &[Vec<Value>]) -> History {
    let mut history = History::default();
    for row in Grid::new(columns, rows).rows() {
        // A row that cannot be parsed tells nothing; see above.
        let _: Option<()> = take(&mut history, row);
    }
    for changes in history.changes.values_mut() {
        changes.sort_by(|one, other| (one.time, &one.run).cmp(&(other.time, &other.run)));
    }
    history.orphans.sort_by(|one, other| one.id.cmp(&other.id));
    history.owed.sort_by(|one, other| (&one.id, &one.run).cmp(&(&other.id, &other.run)));
    history
}

/// What a text says; an empty one says that there is none.
fn some<T>(text: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<Option<T>> {
    if text.is_empty() { Some(None) } else { parse(text).map(Some) }
}

fn take(history: &mut History, row: Row<'_>) -> Option<()> {
    match row.text("Kind").as_str() {
        "change" => {
            let change = PastChange {
                from: row.addresses("OldIPs_s"),
                to: row.addresses("NewIPs_s"),
                time: row.time("Time")?,
                run: row.text("run_s"),
                footing: Motive::parse(&row.text("Cause")).into(),
            };
            if row.text("Outcome_s") == Outcome::Unconfirmed.as_str() {
                history.unconfirmed.insert((record_id(row)?, change.run.clone()));
            }
            history.changes.entry(record_id(row)?).or_default().push(change);
        }
        "deletion" => {
            let told = Deletion { first: row.time("Since")?, last: row.time("Time")? };
            let deletion = history.deletions.entry(record_id(row)?).or_insert(told);
            *deletion =
                Deletion { first: deletion.first.min(told.first), last: deletion.last.max(told.last) };
        }
        "departure" => {
            let old = parse_address(&row.text("OldIPs_s"))?;
            let new = parse_address(&row.text("NewIPs_s"))?;
            let name = HostName::parse(&row.text("DNSHostName_s")).ok()?;
            let names = history.departures.entry((zone_id(row)?, new)).or_default();
            names.entry(name).or_default().insert(old);
        }
        "arrival" => {
            let old = parse_address(&row.text("OldIPs_s"))?;
            let new = parse_address(&row.text("NewIPs_s"))?;
            let name = HostName::parse(&row.text("DNSHostName_s")).ok()?;
            let machine = ResourceId::parse(&row.text("ResourceId_s")).ok()?;
            let names = history.arrivals.entry((zone_id(row)?, new)).or_default();
            let arrival = names.entry(name).or_default();
            arrival.left.insert(old);
            arrival.machines.insert(machine);
        }
        "reason" => {
            let key = AuditedReason {
                zone: row.text("ZoneId_s"),
                name: row.text("DNSHostName_s"),
                record_type: row.text("RecordType_s"),
                reason: row.text("Reason_s"),
            };
            let time = row.time("Time")?;
            // What is announced is neither a skip nor tried in vain.
            if key.reason == ANNOUNCED {
                return None;
            }
            history.audited.insert(key, time);
            let outcome = row.text("Outcome_s");
            if IN_VAIN.iter().any(|in_vain| in_vain.as_str() == outcome) {
                let latest = |times: &mut BTreeMap<RecordId, Timestamp>| {
                    let missed = times.entry(record_id(row)?).or_insert(time);
                    *missed = time.max(*missed);
                    Some(())
                };
                latest(&mut history.missed)?;
                if row.text("Via_s") == Via::Deployment.as_str() {
                    latest(&mut history.missed_by_deployment)?;
                }
            }
        }
        "contested" => {
            history.contested.insert(record_id(row)?, row.time("Time")?);
        }
        "brake" => {
            let key = AuditedBrake {
                zone: some(&row.text("ZoneId_s"), |text| ZoneId::parse(text).ok())?,
                brake: row.text("Reason_s").parse().ok()?,
                address: some(&row.text("NewIPs_s"), parse_address)?,
            };
            let stands = row.text("Outcome_s") == "stands";
            history.brakes.insert(key, BrakeState { time: row.time("Time")?, stands });
        }
        "refused" => {
            let refused = Refused::parse(&row.text("Reason_s"))?;
            history.refused.insert(record_id(row)?, Refusal { refused, etag: row.text("Etag_s") });
        }
        "claimants" => {
            history.claimants.insert(row.text("ResourceId_s"), row.count("Number"));
        }
        "sweep" => zone(history, row)?.marker = Some(row.time("Time")?),
        "sets" => match RecordType::parse(&row.text("RecordType_s"))? {
            RecordType::A => zone(history, row)?.a_sets = row.count("Number"),
            RecordType::Aaaa => zone(history, row)?.aaaa_sets = row.count("Number"),
        },
        "claimed" => zone(history, row)?.claimed_names = row.count("Number"),
        "silent-names" => zone(history, row)?.silent_names = row.count("Number"),
        "unfit" => {
            let name = HostName::parse(&row.text("DNSHostName_s")).ok()?;
            history.unfit.insert((zone_id(row)?, name));
        }
        "silent" => zone(history, row)?.silent = row.count("Number"),
        "present" => zone(history, row)?.distinct_present = row.count("Number"),
        "tags" => history.tags_marker = row.time("Time"),
        "newest-heartbeat" => history.newest_heartbeat = row.time("Time"),
        "heard-before" => history.heard_before = row.count("Number"),
        "lost" => history.lost = row.count("Number"),
        "claimed-lately" => history.said.claimed = row.count("Number"),
        "claimed-by-marker" => history.said.swept = row.count("Number"),
        "claims-no-more" => history.said.nameless = row.count("Number"),
        "nameless" => {
            history.said.nobodies.insert(ResourceId::parse(&row.text("ResourceId_s")).ok()?);
        }
        "strange" => {
            history.said.strange.insert(record_id(row)?, row.addresses("NewIPs_s"));
        }
        "early" => history.said.early = row.time("Time").map(|time| (row.count("Number"), time)),
        "orphan" => history.orphans.push(Marked {
            id: record_id(row)?,
            addresses: row.addresses("NewIPs_s"),
            machine: row.text("ResourceId_s"),
            run: row.text("run_s"),
        }),
        "owed" => history.owed.push(OwedAudit {
            id: record_id(row)?,
            run: row.text("run_s"),
            time: row.time("Time")?,
            machine: row.text("ResourceId_s"),
            addresses: row.addresses("NewIPs_s"),
            before: row.time("Since").map(|time| (time, row.addresses("OldIPs_s"))),
        }),
        _ => return None,
    }
    Some(())
}

fn zone<'a>(history: &'a mut History, row: Row<'_>) -> Option<&'a mut ZoneHistory> {
    Some(history.zones.entry(zone_id(row)?).or_default())
}

fn zone_id(row: Row<'_>) -> Option<ZoneId> {
    ZoneId::parse(&row.text("ZoneId_s")).ok()
}

fn record_id(row: Row<'_>) -> Option<RecordId> {
    let name = HostName::parse(&row.text("DNSHostName_s")).ok()?;
    let record_type = RecordType::parse(&row.text("RecordType_s"))?;
    Some(RecordId { zone: zone_id(row)?, name, record_type })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_has_the_place_for_each_age_once() {
        assert_eq!(super::super::HISTORY.matches(FRESH).count(), 1);
        assert_eq!(super::super::HISTORY.matches(TOLD).count(), 1);
    }
}
