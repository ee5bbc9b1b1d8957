//! Comma-separated text as rows of JSON text values; the first record names the columns.

use serde_json::{Map, Value as Json};

/// The rows of a file; an empty cell is null.
pub(super) fn rows(text: &str) -> Vec<Map<String, Json>> {
    let mut records = records(text.trim_start_matches('\u{feff}')).into_iter();
    let Some(names) = records.next() else { return Vec::new() };
    let row = |record: Vec<String>| {
        let cell = |text: String| if text.is_empty() { Json::Null } else { Json::String(text) };
        names.iter().map(|name| name.trim().to_owned()).zip(record.into_iter().map(cell)).collect()
    };
    records.map(row).collect()
}

fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = Vec::new();
    let mut record = vec![String::new()];
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let Some(field) = record.last_mut() else { break };
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                field.push('"');
                characters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(String::new()),
            '\r' if !quoted && characters.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                records.push(std::mem::replace(&mut record, vec![String::new()]));
            }
            other => field.push(other),
        }
    }
    if record.len() > 1 || record.first().is_some_and(|field| !field.is_empty()) {
        records.push(record);
    }
    records.retain(|record| record.len() > 1 || record.first().is_some_and(|field| !field.is_empty()));
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_commas_and_lines() {
        let rows = rows("a,b\r\n\"x,\"\"y\",\n1,\"l\nm\"\n");
        assert_eq!(Json::from(rows[0].clone()), serde_json::json!({"a": "x,\"y", "b": null}));
        assert_eq!(rows[1]["b"], "l\nm");
    }
}
