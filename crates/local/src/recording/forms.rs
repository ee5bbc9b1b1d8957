//! The forms in which people have rows of `Heartbeat`: JSON of several makers, and CSV of the portal.

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value};

/// A row, or why it is none.
pub(super) type Row = Result<Map<String, Value>, &'static str>;

/// The column without which a row is no row.
const TIME: &str = "TimeGenerated";
/// What `az` puts into every row beside the columns.
const AZ: &str = "TableName";
/// Columns that are no text where a file has them as text.
const NUMBERS: [&str; 2] = ["RemoteIPLatitude", "RemoteIPLongitude"];
const NO_OBJECT: &str = "no object";

/// A file's rows in their order, and what it says of itself.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) rows: Vec<Row>,
    /// Why the rows may not be all.
    pub(super) incomplete: Option<String>,
}

/// Reads a file of any of the forms.
///
/// # Errors
/// A file of another form, or with times of another zone than UTC.
pub(super) fn read(text: &str) -> Result<Found> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let mut found = match text.chars().next() {
        None => bail!("it has no rows"),
        Some('[') => {
            let rows: Vec<Value> = serde_json::from_str(text).context("it is no array of rows")?;
            Found { rows: rows.into_iter().map(row).collect(), incomplete: None }
        }
        Some('{') => documents(text)?,
        Some(_) => csv(text)?,
    };
    ensure!(!found.rows.is_empty(), "it has no rows");
    found.rows.iter_mut().flatten().for_each(tidy);
    Ok(found)
}

/// Rows one after the other, or answers that hold tables.
fn documents(text: &str) -> Result<Found> {
    let mut found = Found::default();
    let documents: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(text).into_iter().collect();
    let documents = match documents {
        Ok(documents) => documents,
        // One broken line shall not hide the others; a document over several lines is broken as a whole.
        Err(fault) => {
            let lines: Vec<Row> = text
                .lines()
                .filter(|line| !line.trim().is_empty())
                .map(|line| serde_json::from_str(line).map_err(|_| "no JSON"))
                .collect();
            if lines.iter().all(Result::is_err) {
                return Err(fault).context("it is neither an array nor lines of rows");
            }
            return Ok(Found { rows: lines, incomplete: None });
        }
    };
    for document in documents {
        if let Some(message) = document.pointer("/error/message").and_then(Value::as_str) {
            found.incomplete = Some(message.to_owned());
        }
        if let Some(tables) = document["tables"].as_array() {
            tables.iter().for_each(|table| found.rows.extend(rows_of(table)));
        } else if document["columns"].is_array() && document["rows"].is_array() {
            found.rows.extend(rows_of(&document));
        } else {
            found.rows.push(row(document));
        }
    }
    Ok(found)
}

/// The rows of `{"columns": [{"name"}], "rows": [[…]]}`; of a table without times, such as statistics, none.
fn rows_of(table: &Value) -> Vec<Row> {
    let list = |member: &str| table[member].as_array().cloned().unwrap_or_default();
    let names: Vec<String> =
        list("columns").iter().map(|column| column["name"].as_str().unwrap_or_default().to_owned()).collect();
    if !names.iter().any(|name| name == TIME) {
        return Vec::new();
    }
    let row = |row: Value| match row {
        Value::Array(values) => Ok(names.iter().cloned().zip(values).collect()),
        _ => Err("no array of values"),
    };
    list("rows").into_iter().map(row).collect()
}

fn row(value: Value) -> Row {
    let Value::Object(mut row) = value else { return Err(NO_OBJECT) };
    if row.remove(AZ).is_some() {
        // `az` prints every value as Python writes it.
        row.retain(|_, value| value != "None");
    }
    Ok(row)
}

/// A table of the portal's, or of any program's.
fn csv(text: &str) -> Result<Found> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let header = reader.headers().context("it is neither JSON nor CSV")?;
    let names = header.iter().map(column).collect::<Result<Vec<String>>>()?;
    ensure!(
        names.iter().any(|name| name == TIME),
        "it is neither JSON nor CSV whose first line names TimeGenerated"
    );
    let row = |record: Result<csv::StringRecord, csv::Error>| {
        let record = record.map_err(|_| "no UTF-8")?;
        if record.len() != names.len() {
            return Err("another number of fields than the header");
        }
        let values = names.iter().cloned().zip(record.iter().map(Value::from));
        Ok(values.filter(|(_, value)| value != "").collect())
    };
    Ok(Found { rows: reader.records().map(row).collect(), incomplete: None })
}

/// A column's name; the portal puts the zone of its times behind it.
fn column(header: &str) -> Result<String> {
    let Some((name, zone)) = header.strip_suffix(']').and_then(|header| header.rsplit_once(" [")) else {
        return Ok(header.trim().to_owned());
    };
    ensure!(
        name != TIME || zone.eq_ignore_ascii_case("UTC"),
        "its times are told in the zone '{zone}', which does not say what was when: set the portal's results to UTC and \
         export them again"
    );
    Ok(name.to_owned())
}

/// Values as the service has them, whatever the file made of them.
fn tidy(row: &mut Map<String, Value>) {
    for name in NUMBERS {
        if let Some(value) = row.get_mut(name)
            && let Some(number) = value.as_str().and_then(|text| text.trim().parse::<f64>().ok())
        {
            *value = number.into();
        }
    }
    let Some(addresses) = row.get_mut("ComputerPrivateIPs") else { return };
    if let Value::String(text) = addresses {
        let parsed = serde_json::from_str(text).ok().filter(Value::is_array);
        *addresses = parsed.unwrap_or_else(|| {
            text.split([',', ';', ' ']).filter(|part| !part.is_empty()).map(Value::from).collect()
        });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows(text: &str) -> Vec<Value> {
        let rows = read(text).unwrap().rows.into_iter();
        rows.map(|row| row.map_or_else(Value::from, Value::Object)).collect()
    }

    #[test]
    fn each_form_gives_the_same_rows() {
        let time = "2025-02-25T09:19:25.391Z";
        let wanted = json!([
            { "TimeGenerated": time, "Computer": "nas", "ComputerIP": "198.51.100.7", "ComputerPrivateIPs": ["10.0.0.4"] },
            { "TimeGenerated": time, "Computer": "cam", "ComputerIP": "198.51.100.8", "ComputerPrivateIPs": [] },
        ]);
        let names = ["TimeGenerated", "Computer", "ComputerIP", "ComputerPrivateIPs"];
        let columns: Vec<Value> =
            names.iter().map(|name| json!({ "name": name, "type": "string" })).collect();
        let table = json!({
            "columns": columns,
            "rows": [[time, "nas", "198.51.100.7", "[\"10.0.0.4\"]"], [time, "cam", "198.51.100.8", "[]"]],
        });
        let statistics = json!({ "name": "statistics", "columns": [{ "name": "x" }], "rows": [[1]] });
        let mut az = wanted.clone();
        for row in az.as_array_mut().unwrap() {
            row["TableName"] = json!("PrimaryResult");
            row["RemoteIPLatitude"] = json!("None");
            row["ComputerPrivateIPs"] = json!(row["ComputerPrivateIPs"].to_string());
        }
        let lines: String = wanted.as_array().unwrap().iter().map(|row| format!("{row}\r\n")).collect();
        let csv = format!(
            "\u{feff}\"TimeGenerated [UTC]\",Computer,ComputerIP,ComputerPrivateIPs\n\
             \"{time}\",nas,198.51.100.7,\"[\"\"10.0.0.4\"\"]\"\n{time},cam,198.51.100.8,[]\n"
        );
        for text in [
            wanted.to_string(),
            lines,
            table.to_string(),
            json!({ "tables": [table, statistics] }).to_string(),
            az.to_string(),
            csv,
        ] {
            assert_eq!(Value::from(rows(&text)), wanted, "{text}");
        }
    }

    #[test]
    fn a_row_that_is_none_keeps_its_place() {
        let kinds =
            |text: &str| read(text).unwrap().rows.iter().map(|row| row.clone().err()).collect::<Vec<_>>();
        assert_eq!(kinds("[{}, 1, {}]"), [None, Some(NO_OBJECT), None]);
        assert_eq!(kinds("{\"a\":1}\n{\"a\":\n{\"a\":2}"), [None, Some("no JSON"), None]);
        assert_eq!(
            kinds("TimeGenerated,a\nx,1\nx\n"),
            [None, Some("another number of fields than the header")]
        );
    }

    #[test]
    fn what_is_no_recording_and_another_zone_are_refused_in_words() {
        for text in ["", "[]", "Computer,ComputerIP\na,b\n", "hello", "{", "\"TimeGenerated [UTC]\"\n"] {
            assert!(read(text).is_err(), "{text}");
        }
        let fault = read("\"TimeGenerated [Local Time]\",Computer\n1,a\n").unwrap_err().to_string();
        assert!(fault.contains("'Local Time'") && fault.contains("UTC"), "{fault}");
        let partial = json!({ "tables": [{ "columns": [{ "name": "TimeGenerated" }], "rows": [["x"]] }],
            "error": { "code": "PartialError", "message": "There were some errors." } });
        assert_eq!(
            read(&partial.to_string()).unwrap().incomplete.as_deref(),
            Some("There were some errors.")
        );
    }
}
