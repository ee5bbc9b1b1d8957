//! Comma-separated text, read row by row; the first record names the columns. The portal puts the zone of its times behind
//! their names.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use ::csv::{ErrorKind, ReaderBuilder, StringRecord, Trim};
use kql::Cell;
use kql::portal::{self, NoTime};

use super::sheet::Sheet;

/// Reads a file into a sheet; an empty cell is null. The error is a sentence that names the file.
pub(super) fn read_rows(path: &Path, sheet: &mut Sheet) -> Result<(), String> {
    let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    rows(file, sheet).map_err(|error| format!("{}: {error}", path.display()))
}

fn rows(source: impl Read, sheet: &mut Sheet) -> Result<(), String> {
    let mut reader = ReaderBuilder::new().trim(Trim::Headers).from_reader(source);
    let names = reader.headers().map_err(|error| words(&error))?;
    let mut known = BTreeSet::new();
    let mut members = Vec::new();
    for header in names {
        let (name, is_time) = column(header, sheet)?;
        if !known.insert(name) {
            return Err(format!("two columns are named '{name}'"));
        }
        members.push((sheet.member(name), is_time));
    }
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| words(&error))? {
        for ((member, is_time), text) in members.iter().zip(&record) {
            match text {
                "" => sheet.set(*member, &Cell::Null),
                text if *is_time => {
                    let line = record.position().map_or(1, ::csv::Position::line);
                    let time = moment(text).map_err(|why| format!("line {line}: {why}"))?;
                    sheet.set(*member, &Cell::Text(&time));
                }
                text => sheet.set(*member, &Cell::Text(text)),
            }
        }
        sheet.end_row();
    }
    Ok(())
}

/// The name of a column, and whether it holds times that are to be read as the portal writes them.
fn column<'h>(header: &'h str, sheet: &Sheet) -> Result<(&'h str, bool), String> {
    let (name, zone) = portal::column(header);
    match zone {
        Some(zone) if zone.eq_ignore_ascii_case("UTC") => Ok((name, true)),
        Some(zone) if sheet.holds_times(name) => Err(format!(
            "the times of '{name}' are told in the zone '{zone}', which does not say what was when: set the portal's results \
             to UTC and export them again"
        )),
        // What stands in other brackets belongs to the name.
        Some(_) | None => Ok((header, sheet.holds_times(header))),
    }
}

/// A time in the form that any column reads.
fn moment(text: &str) -> Result<String, String> {
    portal::time(text).map(|time| time.to_string()).map_err(|why| match why {
        NoTime::DayFirst => format!("'{text}' has its day first, where the month must be"),
        NoTime::Unreadable => format!("'{text}' is no time such as 2/25/2025, 9:19:25.391 AM"),
    })
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
    use kql::{Column, Database, DateTime, Options, Type, run};
    use serde_json::{Value as Json, json};

    use super::super::sheet::{Filled, Others};
    use super::*;

    fn table(text: &str) -> Result<Json, String> {
        let mut database = Database::new();
        let columns = ["a", "b"].map(|name| Column::new(name, Type::String)).to_vec();
        let mut sheet = Sheet::new(&database, "T", columns, Others::Dropped);
        rows(text.as_bytes(), &mut sheet)?;
        let Filled::Table(loader) = sheet.finish() else { return Err("spoiled".to_owned()) };
        database.put("T", loader);
        let answer = run("T", &database, &Options::new(DateTime::from_unix_nanoseconds(0)));
        answer.map(|answer| answer.rows_json().into()).map_err(|error| error.message)
    }

    #[test]
    fn quotes_hold_commas_and_lines() {
        let rows = table("\u{feff}a, b\r\n\"x,\"\"y\",\r\n\r\n1,\"l\nm\"\n");
        assert_eq!(rows, Ok(json!([["x,\"y", ""], ["1", "l\nm"]])));
    }

    #[test]
    fn a_line_that_does_not_fit_is_named() {
        let faults = ["a,b\n1,2\n3\n", "a,a\n", "a\n\"1\n2\",3\n"].map(|text| table(text).unwrap_err());
        assert_eq!(faults[0], "line 3: the number of cells is 1, and 2 columns are named");
        assert_eq!(faults[1], "two columns are named 'a'");
        assert_eq!(faults[2], "line 2: the number of cells is 2, and 1 columns are named");
        assert_eq!(table(""), Ok(json!([])));
    }
}
