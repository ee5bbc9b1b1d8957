//! Posted rows: their forms, and the columns that the service fills.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::World;
use crate::workspace::{read_time, row_time};
use crate::world::ResourceId;

/// Reads a JSON array of objects, or one object per line.
///
/// # Errors
///
/// Which row is malformed, and why.
pub(super) fn parse(body: &[u8]) -> Result<Vec<Map<String, Value>>, String> {
    let text = std::str::from_utf8(body).map_err(|error| format!("the body is no UTF-8: {error}"))?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let rows: Vec<Value> = if text.starts_with('[') {
        serde_json::from_str(text).map_err(|error| format!("the body is no JSON array: {error}"))?
    } else {
        let stream = serde_json::Deserializer::from_str(text).into_iter();
        let rows: Result<Vec<Value>, _> = stream.collect();
        rows.map_err(|error| format!("the body is neither an array nor lines of JSON: {error}"))?
    };
    let mut objects = Vec::with_capacity(rows.len());
    for (index, row) in rows.into_iter().enumerate() {
        match row {
            Value::Object(object) => {
                if let Some(time) = unreadable_time(&object) {
                    return Err(format!("row {}: TimeGenerated: no time is {time}", index + 1));
                }
                objects.push(object);
            }
            other => return Err(format!("row {} is no object: {other}", index + 1)),
        }
    }
    Ok(objects)
}

/// A time that is given and cannot be read; a row without one is of now.
fn unreadable_time(row: &Map<String, Value>) -> Option<&Value> {
    let time = row.get("TimeGenerated").filter(|time| !time.is_null() && *time != "")?;
    read_time(Some(time)).is_none().then_some(time)
}

/// Ids of the world's machines by lower-case name, if any row needs them. A name that occurs twice is left out.
pub(super) fn names(world: &World, rows: &[Map<String, Value>]) -> HashMap<String, String> {
    let mut names: HashMap<String, String> = HashMap::new();
    if rows.iter().all(|row| text(row, "_ResourceId").is_some()) {
        return names;
    }
    let mut twice = Vec::new();
    for machine in world.machines.values() {
        let name = machine.name.to_lowercase();
        if names.insert(name.clone(), machine.id.text.to_string()).is_some() {
            twice.push(name);
        }
    }
    for name in twice {
        names.remove(&name);
    }
    names
}

/// Fills what is missing: the time, the machine's identity, and what every agent of today sends.
pub(super) fn complete(row: &mut Map<String, Value>, by_name: &HashMap<String, String>, now: Timestamp) {
    if read_time(row.get("TimeGenerated")).is_none() {
        row.insert("TimeGenerated".to_owned(), Value::from(row_time(now)));
    }
    let named = || text(row, "Computer").and_then(|name| by_name.get(&name.to_lowercase())).cloned();
    let given = text(row, "_ResourceId").or_else(|| text(row, "ResourceId")).map(str::to_owned);
    if let Some(id) = given.or_else(named).and_then(|id| ResourceId::parse(&id)) {
        // The service stores the standard column in lower case (contract azure-monitor, section 5.5).
        row.insert("_ResourceId".to_owned(), Value::from(id.key()));
        let (provider, kind) = id.kind.split_once('/').unwrap_or((&id.kind, ""));
        let in_azure = provider.eq_ignore_ascii_case("Microsoft.Compute");
        for (column, value) in [
            ("Computer", &*id.name),
            ("Resource", &id.name),
            ("ResourceId", &id.text),
            ("ResourceGroup", &id.group),
            ("ResourceProvider", provider),
            ("ResourceType", kind),
            ("SubscriptionId", &id.subscription),
            ("_SubscriptionId", &id.subscription),
            ("ComputerEnvironment", if in_azure { "Azure" } else { "Non-Azure" }),
        ] {
            fill(row, column, value);
        }
    }
    for (column, value) in [
        ("Type", "Heartbeat"),
        ("Category", "Azure Monitor Agent"),
        ("SCAgentChannel", "Direct"),
        ("OSType", "Linux"),
        ("SourceSystem", "OpsManager"),
    ] {
        fill(row, column, value);
    }
}

fn fill(row: &mut Map<String, Value>, column: &str, value: &str) {
    if row.get(column).is_none_or(Value::is_null) {
        row.insert(column.to_owned(), Value::from(value));
    }
}

/// A column's text, when it is there and not empty.
pub(super) fn text<'a>(row: &'a Map<String, Value>, column: &str) -> Option<&'a str> {
    row.get(column).and_then(Value::as_str).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_and_lines_are_read() {
        for body in ["[{\"a\":1},{\"a\":2}]", "{\"a\":1}\n{\"a\":2}\n", "{\n\"a\":1}\r\n\r\n{\"a\":2}"] {
            assert_eq!(parse(body.as_bytes()).map(|rows| rows.len()), Ok(2), "{body}");
        }
        assert_eq!(parse(b"").map(|rows| rows.len()), Ok(0));
        assert!(parse(b"[1]").is_err_and(|why| why.starts_with("row 1")));
        assert!(parse(b"{\"a\":").is_err());
    }

    #[test]
    fn missing_columns_are_filled() {
        let id = "/subscriptions/S/resourceGroups/rg-Edge/providers/Microsoft.HybridCompute/machines/Edge-01";
        let by_name = HashMap::from([("edge-01".to_owned(), id.to_owned())]);
        let now = crate::clock::wall();
        let mut row =
            parse(b"{\"Computer\":\"EDGE-01\",\"ComputerIP\":\"198.51.100.7\"}").expect("a row").remove(0);
        complete(&mut row, &by_name, now);
        assert_eq!(row["_ResourceId"], Value::from(id.to_lowercase()));
        assert_eq!(row["ResourceGroup"], "rg-Edge");
        assert_eq!(row["Computer"], "EDGE-01");
        assert_eq!(row["ComputerEnvironment"], "Non-Azure");
        assert_eq!(read_time(row.get("TimeGenerated")).map(Timestamp::as_second), Some(now.as_second()));
    }
}
