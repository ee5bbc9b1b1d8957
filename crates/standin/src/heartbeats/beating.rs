//! The machines that go on beating, each from the newest row that was posted for it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};

use super::rows::text;
use crate::workspace::{age, read_time, row_time};

/// An older row is history: it starts no machine.
const FRESH: SignedDuration = SignedDuration::from_mins(2);

/// All machines that beat by themselves.
#[derive(Debug, Default)]
pub(crate) struct Beating {
    machines: BTreeMap<Key, Machine>,
}

/// A machine whose beats also come from a management server is heard on two channels.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    /// Lower-case id, or the name of a machine without one.
    machine: String,
    through_server: bool,
}

#[derive(Debug)]
struct Machine {
    /// The time of the newest posted rows.
    posted: Timestamp,
    /// What is sent again: one row, or one per address family when both came at the same moment.
    rows: Vec<Map<String, Value>>,
    /// Whether the world had the machine at any time since.
    was_known: bool,
}

impl Beating {
    /// Takes note of posted (completed) rows, of those that are old by `now` not.
    pub(super) fn heard(&mut self, rows: &[Map<String, Value>], now: Option<Timestamp>) {
        for row in rows {
            let Some(machine) = text(row, "_ResourceId").or_else(|| text(row, "Computer")) else { continue };
            let Some(time) = read_time(row.get("TimeGenerated")) else { continue };
            if now.is_some_and(|now| age(time, now) > FRESH) {
                continue;
            }
            let channel = text(row, "SCAgentChannel").unwrap_or_default();
            let key = Key {
                machine: machine.to_lowercase(),
                through_server: channel.eq_ignore_ascii_case("SCManagementServer"),
            };
            let known = self.machines.entry(key).or_insert_with(|| Machine {
                posted: time,
                rows: Vec::new(),
                was_known: false,
            });
            if time > known.posted {
                known.rows.clear();
                known.posted = time;
            } else if time < known.posted {
                continue;
            }
            known.rows.retain(|other| is_ipv6(other) != is_ipv6(row));
            known.rows.push(row.clone());
        }
    }

    /// Stops machines of which nothing new was posted just before `now`.
    pub(super) fn forget_silent(&mut self, now: Timestamp) {
        self.machines.retain(|_, machine| age(machine.posted, now) <= FRESH);
    }

    /// Stops machines that were in the world and are no longer.
    pub(super) fn forget_removed(&mut self, is_known: impl Fn(&str) -> bool) {
        self.machines.retain(|key, machine| {
            let known = is_known(&key.machine);
            let stays = known || !machine.was_known;
            machine.was_known |= known;
            stays
        });
    }

    /// One beat of every machine.
    pub(super) fn beats(&mut self, now: Timestamp) -> impl Iterator<Item = &Map<String, Value>> {
        let time = Value::from(row_time(now));
        self.machines.values_mut().flat_map(|machine| &mut machine.rows).map(move |row| {
            row.insert("TimeGenerated".to_owned(), time.clone());
            &*row
        })
    }
}

fn is_ipv6(row: &Map<String, Value>) -> bool {
    text(row, "ComputerIP").is_some_and(|address| address.contains(':'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn row(machine: &str, address: &str, time: Timestamp) -> Map<String, Value> {
        let row = json!({ "Computer": machine, "ComputerIP": address, "TimeGenerated": row_time(time) });
        row.as_object().cloned().unwrap_or_default()
    }

    fn addresses(beating: &mut Beating, now: Timestamp) -> Vec<String> {
        beating.beats(now).filter_map(|row| text(row, "ComputerIP").map(str::to_owned)).collect()
    }

    #[test]
    fn the_newest_posted_row_goes_on() {
        let now = crate::clock::wall();
        let before = |seconds: i64| now - SignedDuration::from_secs(seconds);
        let mut beating = Beating::default();
        beating.heard(&[row("a", "1.1.1.1", before(600))], Some(now));
        assert!(addresses(&mut beating, now).is_empty(), "history starts nothing");
        beating.heard(&[row("a", "1.1.1.2", before(10)), row("a", "1.1.1.1", before(20))], Some(now));
        assert_eq!(addresses(&mut beating, now), ["1.1.1.2"]);
        beating.heard(&[row("a", "1.1.1.3", before(3600))], Some(now));
        assert_eq!(addresses(&mut beating, now), ["1.1.1.2"], "a history post stops nothing");
        beating.heard(&[row("a", "1.1.1.4", now), row("a", "2001:db8::1", now)], Some(now));
        assert_eq!(addresses(&mut beating, now), ["1.1.1.4", "2001:db8::1"]);
        beating.heard(&[row("a", "fd40::1", now + SignedDuration::from_secs(1))], Some(now));
        assert_eq!(
            addresses(&mut beating, now),
            ["fd40::1"],
            "a machine behind a private link has no other address"
        );
    }

    #[test]
    fn a_machine_that_left_the_world_is_silent() {
        let now = crate::clock::wall();
        let mut beating = Beating::default();
        beating.heard(&[row("a", "1.1.1.1", now), row("b", "1.1.1.2", now)], Some(now));
        beating.forget_removed(|machine| machine == "a");
        assert_eq!(addresses(&mut beating, now).len(), 2, "b was never known");
        beating.forget_removed(|_| false);
        assert_eq!(addresses(&mut beating, now), ["1.1.1.2"]);
    }
}
