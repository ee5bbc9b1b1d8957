//! Comma-separated text as rows of JSON text values; the first record names the columns.

use std::collections::BTreeSet;

use ::csv::{ErrorKind, ReaderBuilder, Trim};
use serde_json::{Map, Value as Json};

/// The rows of a file; an empty cell is null. The error is a sentence that names the line.
pub(super) fn rows(text: &str) -> Result<Vec<Map<String, Json>>, String> {
    let mut reader = ReaderBuilder::new().trim(Trim::Headers).from_reader(text.as_bytes());
    let names: Vec<String> = match reader.headers() {
        Ok(names) => names.iter().map(str::to_owned).collect(),
        Err(error) => return Err(words(&error)),
    };
    let mut known = BTreeSet::new();
    if let Some(name) = names.iter().find(|name| !known.insert(name.as_str())) {
        return Err(format!("two columns are named '{name}'"));
    }
    let cell = |text: &str| if text.is_empty() { Json::Null } else { Json::from(text) };
    let row = |record: ::csv::StringRecord| names.iter().cloned().zip(record.iter().map(cell)).collect();
    reader.records().map(|record| record.map(row).map_err(|error| words(&error))).collect()
}

fn words(error: &::csv::Error) -> String {
    let line = error.position().map_or(1, ::csv::Position::line);
    match error.kind() {
        ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("line {line}: the number of cells is {len}, and {expected_len} columns are named")
        }
        _ => format!("line {line}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_commas_and_lines() {
        let rows = rows("\u{feff}a, b\r\n\"x,\"\"y\",\r\n\r\n1,\"l\nm\"\n").unwrap();
        assert_eq!(Json::from(rows), serde_json::json!([{"a": "x,\"y", "b": null}, {"a": "1", "b": "l\nm"}]));
    }

    #[test]
    fn a_line_that_does_not_fit_is_named() {
        let faults = ["a,b\n1,2\n3\n", "a,a\n", "a\n\"1\n2\",3\n"].map(|text| rows(text).unwrap_err());
        assert_eq!(faults[0], "line 3: the number of cells is 1, and 2 columns are named");
        assert_eq!(faults[1], "two columns are named 'a'");
        assert_eq!(faults[2], "line 2: the number of cells is 2, and 1 columns are named");
        assert_eq!(rows("").unwrap(), Vec::<Map<String, Json>>::new());
    }
}
