//! A small world: what the tables hold, told in minutes before a fixed now.

use heartbeat_dns::queries::MISMATCH;
use kql::{Column, Database, DateTime, Options};
use serde_json::{Value, json};

use super::rows;
use crate::infra::{append, database};

/// The moment at which every query of these tests runs.
pub(super) const NOW: &str = "2026-03-01T12:00:00Z";

/// The zone of every name, unless a test says otherwise.
pub(super) const ZONE: &str =
    "/subscriptions/s1/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com";

/// The query as an installation asks it, and its alert rule.
pub(super) fn installed(query: &str, installation: &str) -> String {
    replaced(query, "let Installation = \"\";", &format!("let Installation = '{installation}';"))
}

/// The query with that line, which it holds once, replaced.
pub(super) fn replaced(query: &str, line: &str, with: &str) -> String {
    assert_eq!(query.lines().filter(|found| *found == line).count(), 1, "{line}");
    query.replacen(line, with, 1)
}

/// Tables of one world.
#[derive(Clone, Default)]
pub(super) struct World {
    tags: Vec<Value>,
    records: Vec<Value>,
    beats: Vec<Value>,
    changes: Vec<Value>,
}

/// The answer of a query.
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    pub(super) types: Vec<String>,
    pub(super) rows: Vec<Vec<Value>>,
}

/// The id of a machine as the service that lists machines spells it.
pub(super) fn id(machine: &str) -> String {
    format!("/subscriptions/s1/resourceGroups/rg-edge/providers/Microsoft.HybridCompute/machines/{machine}")
}

/// The id of a machine as heartbeats and our queries spell it.
pub(super) fn lower_id(machine: &str) -> String {
    id(machine).to_lowercase()
}

/// The instant so many minutes before now.
fn instant(minutes: f64) -> jiff::Timestamp {
    let now: jiff::Timestamp = NOW.parse().unwrap();
    #[expect(clippy::cast_possible_truncation, reason = "tests use few minutes")]
    let time = now - jiff::SignedDuration::from_millis((minutes * 60_000.0) as i64);
    time
}

/// The same as the engine prints it.
pub(super) fn before(minutes: f64) -> String {
    instant(minutes).strftime("%Y-%m-%dT%H:%M:%S.%7fZ").to_string()
}

impl World {
    /// Nothing at all.
    pub(super) fn empty() -> Self {
        Self::default()
    }

    /// A complete sweep of the tags and of [`ZONE`] that began 20 minutes ago.
    pub(super) fn swept() -> Self {
        Self::empty().tag_marker(20.0).zone_marker(20.0, ZONE)
    }

    /// Any row of `TagData_CL`; later members replace earlier ones.
    pub(super) fn tag_row(mut self, row: Value) -> Self {
        self.tags.push(row);
        self
    }

    /// Any row of `DNSData_CL`.
    pub(super) fn record_row(mut self, row: Value) -> Self {
        self.records.push(row);
        self
    }

    /// Any row of `Heartbeat`.
    pub(super) fn beat_row(mut self, row: Value) -> Self {
        self.beats.push(row);
        self
    }

    /// Any row of `DNSChange_CL`.
    pub(super) fn change_row(mut self, row: Value) -> Self {
        self.changes.push(row);
        self
    }

    pub(super) fn tag_marker(self, minutes: f64) -> Self {
        self.tag_row(rows::tag_marker(instant(minutes)))
    }

    pub(super) fn zone_marker(self, minutes: f64, zone: &str) -> Self {
        self.record_row(rows::zone_marker(instant(minutes), zone))
    }

    /// The machine's tag names the name, seen 19 minutes ago; only A records are wanted.
    pub(super) fn tag(self, machine: &str, name: &str) -> Self {
        self.tag_with(machine, name, json!({}))
    }

    /// The same with other members.
    pub(super) fn tag_with(self, machine: &str, name: &str, other: Value) -> Self {
        self.tag_row(rows::with(rows::tag(instant(19.0), &id(machine), name, ZONE), other))
    }

    /// A record set with these addresses, seen 19 minutes ago.
    pub(super) fn record(self, name: &str, addresses: &[&str]) -> Self {
        self.record_with(name, addresses, json!({}))
    }

    /// The same with other members; without addresses one row with an empty one.
    #[expect(clippy::needless_pass_by_value, reason = "callers write the members in place")]
    pub(super) fn record_with(mut self, name: &str, addresses: &[&str], other: Value) -> Self {
        let addresses = if addresses.is_empty() { &[""] } else { addresses };
        for address in addresses {
            let row = rows::record(instant(19.0), name, address, ZONE);
            self = self.record_row(rows::with(row, other.clone()));
        }
        self
    }

    /// One heartbeat of the machine from that address.
    pub(super) fn beat(self, machine: &str, minutes: f64, address: &str) -> Self {
        self.beat_with(machine, minutes, address, json!({}))
    }

    /// The same with other members.
    pub(super) fn beat_with(self, machine: &str, minutes: f64, address: &str, other: Value) -> Self {
        self.beat_row(rows::with(
            json!({
                "TimeGenerated": before(minutes), "Computer": machine, "ComputerIP": address,
                "SCAgentChannel": "Direct", "RemoteIPCountry": "Switzerland", "_ResourceId": lower_id(machine),
            }),
            other,
        ))
    }

    /// One heartbeat at each of these minutes before now.
    pub(super) fn beats(self, machine: &str, minutes: impl IntoIterator<Item = u32>, address: &str) -> Self {
        minutes.into_iter().fold(self, |world, minute| world.beat(machine, f64::from(minute), address))
    }

    /// An audit row, so many minutes ago.
    pub(super) fn change(self, minutes: f64, name: &str, run: &str, other: Value) -> Self {
        self.change_row(rows::with(rows::change(instant(minutes), run, name, ZONE), other))
    }

    /// The rows of tags and record sets that nobody signed yet, written by that installation; empty: by a release of
    /// before.
    pub(super) fn signed(mut self, installation: &str) -> Self {
        for row in self.tags.iter_mut().chain(&mut self.records).filter_map(Value::as_object_mut) {
            row.entry("Installation_s").or_insert_with(|| json!(installation));
        }
        self
    }

    /// Every row twice, as a retried upload leaves it, the second time in the other order.
    pub(super) fn doubled(mut self) -> Self {
        for rows in [&mut self.tags, &mut self.records, &mut self.beats, &mut self.changes] {
            let again: Vec<Value> = rows.iter().rev().cloned().collect();
            rows.extend(again);
        }
        self
    }

    /// The same rows in the other order.
    pub(super) fn reversed(mut self) -> Self {
        for rows in [&mut self.tags, &mut self.records, &mut self.beats, &mut self.changes] {
            rows.reverse();
        }
        self
    }

    /// The tables with these columns taken away, as a release before them made them.
    fn database(&self, without: &[&str]) -> Database {
        let mut database = database();
        for table in ["TagData_CL", "DNSData_CL", "DNSChange_CL"] {
            let columns: Vec<Column> = database.table(table).unwrap().columns().to_vec();
            let kept = columns.into_iter().filter(|column| !without.contains(&column.name.as_str()));
            database.add_table(table, kept.collect());
        }
        let tables = [
            ("TagData_CL", &self.tags),
            ("DNSData_CL", &self.records),
            ("Heartbeat", &self.beats),
            ("DNSChange_CL", &self.changes),
        ];
        for (name, rows) in tables {
            let mut rows = rows.clone();
            for row in rows.iter_mut().filter_map(Value::as_object_mut) {
                row.retain(|member, _| !without.contains(&member.as_str()));
            }
            append(&mut database, name, &Value::from(rows));
        }
        database
    }

    /// The answer of any query.
    pub(super) fn run(&self, query: &str) -> Table {
        self.run_without(query, &[])
    }

    /// The answer over tables that lack these columns.
    pub(super) fn run_without(&self, query: &str, without: &[&str]) -> Table {
        let options = Options::new(DateTime::parse(NOW).unwrap());
        let answer = kql::run(query, &self.database(without), &options);
        let answer = answer.unwrap_or_else(|error| panic!("{error:?}"));
        Table {
            columns: answer.columns.iter().map(|column| column.name.clone()).collect(),
            types: answer.columns.iter().map(|column| column.ty.name().to_owned()).collect(),
            rows: answer.rows_json().iter().map(|row| row.as_array().unwrap().clone()).collect(),
        }
    }

    /// The answer of `mismatch.kql`.
    pub(super) fn mismatch(&self) -> Table {
        self.run(MISMATCH)
    }

    /// The same as an installation asks it.
    pub(super) fn mismatch_of(&self, installation: &str) -> Table {
        self.run(&installed(MISMATCH, installation))
    }
}

impl Table {
    /// These columns of every row, sorted, with ids of machines cut down to `~NAME` and minutes for instants.
    pub(super) fn pick(&self, columns: &[&str]) -> Vec<Value> {
        let place = |name: &&str| self.columns.iter().position(|column| column == name).expect(name);
        let places: Vec<usize> = columns.iter().map(place).collect();
        let row = |row: &Vec<Value>| places.iter().map(|place| short(&row[*place])).collect();
        let mut rows: Vec<Value> = self.rows.iter().map(row).collect();
        rows.sort_by_key(ToString::to_string);
        rows
    }

    /// Only the rows of what the log says to be claimed now.
    pub(super) fn now(mut self) -> Self {
        let claim = self.columns.iter().position(|column| column == "Claim_s").unwrap();
        self.rows.retain(|row| row[claim] == "");
        self
    }

    /// The only value of a column.
    pub(super) fn only(&self, column: &str) -> Value {
        let rows = self.pick(&[column]);
        assert_eq!(rows.len(), 1, "{rows:?}");
        rows[0][0].clone()
    }
}

fn short(value: &Value) -> Value {
    let Some(text) = value.as_str() else { return value.clone() };
    if let Ok(time) = text.parse::<jiff::Timestamp>() {
        let now: jiff::Timestamp = NOW.parse().unwrap();
        return json!(now.duration_since(time).as_secs_f64() / 60.0);
    }
    json!(text.replace(&lower_id(""), "~"))
}
