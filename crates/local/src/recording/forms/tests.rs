//! Tests: each form, and what is none.

use std::io::{BufReader, Cursor};

use serde_json::json;

use super::*;

/// The rows of a text that comes in small pieces.
fn read_text(text: &str) -> Result<(Vec<Row>, Option<String>)> {
    let mut rows = Vec::new();
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = BufReader::with_capacity(1 << 10, Cursor::new(text));
    let incomplete = read(&mut reader, &mut |row| rows.push(row))?;
    Ok((rows, incomplete))
}

fn rows(text: &str) -> Vec<Value> {
    let rows = read_text(text).unwrap().0.into_iter();
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
    let columns: Vec<Value> = names.iter().map(|name| json!({ "name": name, "type": "string" })).collect();
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
        serde_json::to_string_pretty(&wanted).unwrap(),
        json!({ "rows": table["rows"], "columns": table["columns"] }).to_string(),
        format!("{}\n{}", wanted[0], serde_json::to_string_pretty(&wanted[1]).unwrap())
            .replacen('\n', " ", 1),
        az.to_string(),
        csv.replace(',', ";").replace("10.0.0.4", "10.0.0.4"),
        csv,
    ] {
        assert_eq!(Value::from(rows(&text)), wanted, "{text}");
    }
}

#[test]
fn a_row_that_is_none_keeps_its_place() {
    let kinds =
        |text: &str| read_text(text).unwrap().0.iter().map(|row| row.clone().err()).collect::<Vec<_>>();
    assert_eq!(kinds("[{}, 1, {}]"), [None, Some(NO_OBJECT), None]);
    assert_eq!(kinds("{\"a\":1}\n{\"a\":\n{\"a\":2}"), [None, Some("no JSON"), None]);
    assert_eq!(kinds("TimeGenerated,a\nx,1\nx\n"), [None, Some("another number of fields than the header")]);
}

#[test]
fn what_is_no_recording_and_another_zone_are_refused_in_words() {
    for text in ["", "[]", "Computer,ComputerIP\na,b\n", "hello", "{", "\"TimeGenerated [UTC]\"\n"] {
        assert!(read_text(text).is_err(), "{text}");
    }
    let fault = read_text("\"TimeGenerated [Local Time]\",Computer\n1,a\n").unwrap_err().to_string();
    assert!(fault.contains("'Local Time'") && fault.contains("UTC"), "{fault}");
    let partial = json!({ "tables": [{ "columns": [{ "name": "TimeGenerated" }], "rows": [["x"]] }],
        "error": { "code": "PartialError", "message": "There were some errors." } });
    assert_eq!(read_text(&partial.to_string()).unwrap().1.as_deref(), Some("There were some errors."));
}
