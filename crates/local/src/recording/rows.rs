//! The rows of a recording, small: a month of them differs in little but the time, so each different value is kept once, and
//! each different row.

use std::collections::HashMap;
use std::fmt::Write;
use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};

/// The column that every row has for itself.
const TIME: &str = "TimeGenerated";
/// Columns that differ in every row and have no place in the table of the workspace.
const OF_NO_USE: [&str; 2] = ["_ItemId", "_TimeReceived"];

/// Rows, oldest first once they are [`Rows::sorted`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Rows {
    /// Members of JSON objects, such as `"Computer":"nas"`.
    members: Vec<Arc<str>>,
    bodies: Vec<Body>,
    rows: Vec<(Timestamp, u32)>,
}

/// What a row says beside its time.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    /// The id of its machine, in lower case.
    pub machine: Arc<str>,
    /// The address that it comes from; none: it tells none, and no name can follow it.
    pub address: Option<IpAddr>,
    /// Whether a management server passed it on: the address is the server's then.
    pub is_through_server: bool,
    members: Arc<[u32]>,
}

/// Rows that are still being read.
#[derive(Debug, Default)]
pub(super) struct Collected {
    rows: Rows,
    members: HashMap<Arc<str>, u32>,
    bodies: HashMap<Arc<[u32]>, u32>,
    machines: HashMap<String, Arc<str>>,
    /// The member that is being looked up.
    member: String,
}

impl Collected {
    /// Takes a row that has the id of its machine.
    pub(super) fn push(&mut self, time: Timestamp, address: Option<IpAddr>, row: &Map<String, Value>) {
        let mut members = Vec::with_capacity(row.len());
        for (column, value) in row {
            if column != TIME && !OF_NO_USE.contains(&column.as_str()) {
                members.push(self.member(column, value));
            }
        }
        let body = match self.bodies.get(members.as_slice()) {
            Some(body) => *body,
            None => self.body(members.into(), address, row),
        };
        self.rows.rows.push((time, body));
    }

    fn member(&mut self, column: &str, value: &Value) -> u32 {
        self.member.clear();
        // Writing to a text cannot fail.
        let _ = write!(self.member, "{}:{value}", Value::from(column));
        if let Some(number) = self.members.get(self.member.as_str()) {
            return *number;
        }
        let member: Arc<str> = self.member.as_str().into();
        let number = number(self.rows.members.len());
        self.rows.members.push(member.clone());
        self.members.insert(member, number);
        number
    }

    fn body(&mut self, members: Arc<[u32]>, address: Option<IpAddr>, row: &Map<String, Value>) -> u32 {
        let text = |column: &str| row.get(column).and_then(Value::as_str).unwrap_or_default();
        let id = text("_ResourceId");
        let machine = match self.machines.get(id) {
            Some(machine) => machine.clone(),
            None => self.machines.entry(id.to_owned()).or_insert_with(|| id.into()).clone(),
        };
        let number = number(self.rows.bodies.len());
        self.rows.bodies.push(Body {
            machine,
            address,
            is_through_server: text("SCAgentChannel").eq_ignore_ascii_case("SCManagementServer"),
            members: members.clone(),
        });
        self.bodies.insert(members, number);
        number
    }

    /// All rows, oldest first; of the same time as they came.
    pub(super) fn sorted(self) -> Rows {
        let mut rows = self.rows;
        rows.rows.sort_by_key(|(time, _)| *time);
        rows.rows.shrink_to_fit();
        rows
    }
}

/// No file has four thousand million rows that fit into memory.
fn number(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl Rows {
    /// The times of the oldest and of the newest.
    pub(super) fn span(&self) -> Option<(Timestamp, Timestamp)> {
        Some((self.rows.first()?.0, self.rows.last()?.0))
    }

    /// How many are older.
    pub(crate) fn before(&self, time: Timestamp) -> usize {
        self.rows.partition_point(|(of_row, _)| *of_row < time)
    }

    /// How many are of this time or older.
    pub(crate) fn until(&self, time: Timestamp) -> usize {
        self.rows.partition_point(|(of_row, _)| *of_row <= time)
    }

    /// The time of a row.
    pub(crate) fn time(&self, index: usize) -> Option<Timestamp> {
        self.rows.get(index).map(|(time, _)| *time)
    }

    /// All with their times.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Timestamp, &Body)> {
        self.rows.iter().filter_map(|(time, body)| Some((*time, self.bodies.get(*body as usize)?)))
    }

    /// These rows as JSON.
    pub(crate) fn json(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = String> {
        let rows = self.rows.get(range).unwrap_or_default().iter();
        rows.filter_map(|(time, body)| {
            let mut json = format!("{{\"{TIME}\":\"{time:.7}\"");
            for member in self.bodies.get(*body as usize)?.members.iter() {
                json.push(',');
                json.push_str(self.members.get(*member as usize)?);
            }
            json.push('}');
            Some(json)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_comes_again_is_kept_once_and_comes_back_whole() {
        let row = |address: &str, item: u64| {
            let row = json!({ "TimeGenerated": "x", "_ResourceId": "/nas", "ComputerIP": address, "Text": "a\"b",
                "_ItemId": item, "RemoteIPLatitude": 8.5 });
            row.as_object().unwrap().clone()
        };
        let mut collected = Collected::default();
        let time = |second: i64| Timestamp::from_second(second).unwrap();
        for (second, address) in [(3, "192.0.2.2"), (1, "192.0.2.1"), (2, "192.0.2.1")] {
            collected.push(time(second), address.parse().ok(), &row(address, second.unsigned_abs()));
        }
        let rows = collected.sorted();
        assert_eq!((rows.bodies.len(), rows.members.len()), (2, 5));
        assert_eq!((rows.iter().count(), rows.before(time(2)), rows.until(time(2))), (3, 1, 2));
        let json: Vec<Value> = rows.json(1..3).map(|row| serde_json::from_str(&row).unwrap()).collect();
        let wanted = |time: &str, address: &str| {
            json!({ "TimeGenerated": time, "_ResourceId": "/nas", "ComputerIP": address, "Text": "a\"b",
                "RemoteIPLatitude": 8.5 })
        };
        assert_eq!(
            json,
            [
                wanted("1970-01-01T00:00:02.0000000Z", "192.0.2.1"),
                wanted("1970-01-01T00:00:03.0000000Z", "192.0.2.2")
            ]
        );
        let addresses: Vec<String> =
            rows.iter().filter_map(|(_, body)| Some(body.address?.to_string())).collect();
        assert_eq!(addresses, ["192.0.2.1", "192.0.2.1", "192.0.2.2"]);
    }
}
