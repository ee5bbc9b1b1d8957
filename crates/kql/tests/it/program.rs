//! The program: where it finds tables and types, what it prints, how it ends.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::{Value as Json, json};

fn kql(arguments: &[&str], query: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_kql"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A program that ends early does not read its input.
    let _ = child.stdin.take().unwrap().write_all(query.as_bytes());
    child.wait_with_output().unwrap()
}

fn answer(arguments: &[&str], query: &str) -> Json {
    let output = kql(arguments, query);
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn json_has_columns_and_rows_in_the_forms_of_the_cases() {
    let query =
        "print a = 1, b = datetime(2026-01-02), c = 1d, d = dynamic([1, 'x']), e = long(null), f = 2.0";
    assert_eq!(
        answer(&["-", "--json"], query),
        json!({
            "columns": [
                {"name": "a", "type": "long"}, {"name": "b", "type": "datetime"}, {"name": "c", "type": "timespan"},
                {"name": "d", "type": "dynamic"}, {"name": "e", "type": "long"}, {"name": "f", "type": "real"},
            ],
            "rows": [[1, "2026-01-02T00:00:00.0000000Z", "1.00:00:00", [1, "x"], null, 2.0]],
        })
    );
}

#[test]
fn a_refused_query_names_its_place_and_ends_with_1() {
    let output = kql(&["-", "--json"], "Heartbeat\n| where computer == 'x'");
    assert_eq!(output.status.code(), Some(1));
    let json: Json = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["error"]["line"], &json["error"]["column"]), (&json!(2), &json!(9)));
    let output = kql(&["-"], "Heartbeat\n| where computer == 'x'");
    assert_eq!(output.status.code(), Some(1));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("2 | | where computer == 'x'\n  |         ^\n"), "{words}");
}

#[test]
fn wrong_arguments_and_missing_files_end_with_2() {
    for arguments in [
        &["--nope"][..],
        &[],
        &["no-such-file.kql"],
        &["-", "--data", "no-such-folder"],
        &["-", "--now", "x"],
    ] {
        let output = kql(arguments, "print 1");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{arguments:?}");
    }
    assert_eq!(kql(&["--help"], "").status.code(), Some(0));
}

#[test]
fn now_comes_from_the_arguments() {
    let rows = answer(&["-", "--json", "--now", "2026-05-04T10:00:00Z"], "print now() - 1h");
    assert_eq!(rows["rows"], json!([["2026-05-04T09:00:00.0000000Z"]]));
}

#[test]
fn one_file_holds_tables_with_built_in_types_or_types_by_value() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("world.json");
    let world = json!({
        "Heartbeat": [{"TimeGenerated": "2026-05-04T10:00:00Z", "ComputerIP": "198.51.100.1", "Nope": 1}],
        "Mine": [{"n": 1, "r": 1, "t": "2026-05-04", "d": [1], "b": true, "s": "x"}, {"r": 2.5, "s": null}],
    });
    std::fs::write(&file, world.to_string()).unwrap();
    let file = file.to_str().unwrap();
    let beats =
        answer(&["-", "--json", "--data", file], "Heartbeat | project TimeGenerated, ComputerIP, Computer");
    assert_eq!(beats["rows"], json!([["2026-05-04T10:00:00.0000000Z", "198.51.100.1", ""]]));
    let mine = answer(&["-", "--json", "--data", file], "Mine | getschema | project ColumnName, ColumnType");
    let types = json!([
        ["n", "long"],
        ["r", "real"],
        ["t", "datetime"],
        ["d", "dynamic"],
        ["b", "bool"],
        ["s", "string"]
    ]);
    assert_eq!(mine["rows"], types);
    let empty = answer(&["-", "--json", "--data", file], "NTAIpDetails | count");
    assert_eq!(empty["rows"], json!([[0]]));
    let unknown = answer(&["-", "--json", "--data", file], "Other_CL | count");
    assert_eq!(unknown["error"]["line"], 1, "{unknown}");
}

#[test]
fn a_folder_holds_tables_and_their_schema() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("schema.json", r#"{"tables": {"A": {"x": "string", "y": "real"}, "E": {"z": "guid"}}}"#);
    write("A.json", r#"[{"x": 5, "y": "2.5"}]"#);
    write("B.csv", "id,name,at\n1,\"a, b\",2026-01-01\n2,,\n");
    write("C.jsonl", "{\"q\": 1}\n{\"q\": 2}\n");
    let path = folder.path().to_str().unwrap();
    let rows = |query: &str| answer(&["-", "--json", "--data", path], query)["rows"].clone();
    assert_eq!(rows("A"), json!([["5", 2.5]]));
    assert_eq!(rows("B"), json!([[1, "a, b", "2026-01-01T00:00:00.0000000Z"], [2, "", null]]));
    assert_eq!(rows("C | summarize sum(q)"), json!([[3]]));
    assert_eq!(rows("E | count"), json!([[0]]));
}

#[test]
fn columns_of_a_custom_log_are_what_they_end_with() {
    let folder = tempfile::tempdir().unwrap();
    let row = r#"[{"TimeGenerated": "2026-01-01", "a_s": "2026-01-01", "b_d": 60, "c_t": null, "d_b": null, "e": 1}]"#;
    for table in ["Mine_CL.json", "Mine.json"] {
        std::fs::write(folder.path().join(table), row).unwrap();
    }
    let path = folder.path().to_str().unwrap();
    let types = |table: &str| {
        let query = format!("{table} | getschema | project ColumnType");
        answer(&["-", "--json", "--data", path], &query)["rows"].clone()
    };
    assert_eq!(
        types("Mine_CL"),
        json!([["datetime"], ["string"], ["real"], ["datetime"], ["bool"], ["long"]])
    );
    assert_eq!(
        types("Mine"),
        json!([["datetime"], ["datetime"], ["long"], ["string"], ["string"], ["long"]])
    );
}

#[test]
fn rows_may_have_more_columns_than_an_older_description_names() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("schema.json", r#"{"tables": {"A": {"x": "string"}, "Heartbeat": {"ComputerIP": "string"}}}"#);
    write("A.json", r#"[{"x": 5, "at": "2026-01-01T00:00:00Z", "n": 1.5}]"#);
    write("Heartbeat.json", r#"[{"ComputerIP": "198.51.100.1", "Version": 2, "Nope": 1}]"#);
    let path = folder.path().to_str().unwrap();
    let types = |table: &str| {
        let query = format!("{table} | getschema | project ColumnName, ColumnType");
        answer(&["-", "--json", "--data", path], &query)["rows"].clone()
    };
    assert_eq!(types("A"), json!([["x", "string"], ["at", "datetime"], ["n", "real"]]));
    assert_eq!(types("Heartbeat"), json!([["ComputerIP", "string"], ["Version", "string"]]));
}

#[test]
fn the_mismatch_query_runs_over_a_folder_with_its_schema() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, json: &Json| std::fs::write(folder.path().join(name), json.to_string()).unwrap();
    let schema: Json = serde_json::from_str(include_str!("fixtures/analyser-schema.json")).unwrap();
    write("schema.json", &schema);
    let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines/nas";
    let zone = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnszones/example.com";
    let at = |minute: u32| format!("2026-11-20T11:{minute}:00Z");
    let name = "nas.example.com";
    write(
        "TagData_CL.json",
        &json!([
            {"TimeGenerated": at(50), "id_s": ""},
            {"TimeGenerated": at(51), "id_s": id, "DNSHostName_s": name, "ZoneId_s": zone, "Types_s": "A"},
        ]),
    );
    write(
        "DNSData_CL.json",
        &json!([
            {"TimeGenerated": at(50), "DNSHostName_s": "example.com", "RecordType_s": "SOA", "ZoneId_s": zone},
            {"TimeGenerated": at(51), "DNSHostName_s": name, "RecordType_s": "A", "ZoneId_s": zone,
             "DNSIP_s": "192.0.2.1"},
        ]),
    );
    let beats = [57, 58, 59].map(|minute| {
        json!({"TimeGenerated": at(minute), "_ResourceId": id, "Computer": "nas", "ComputerIP": "198.51.100.1"})
    });
    write("Heartbeat.json", &json!(beats));
    let query = concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/kql/mismatch.kql");
    let path = folder.path().to_str().unwrap();
    let found = answer(&[query, "--json", "--data", path, "--now", "2026-11-20T12:00:00Z"], "");
    let rows = found["rows"].as_array().unwrap_or_else(|| panic!("{found}"));
    assert_eq!(rows.len(), 1, "{found}");
    assert!(rows[0].as_array().unwrap().contains(&json!("198.51.100.1")), "{found}");
}

#[test]
fn an_export_of_the_portal_is_read_with_its_times() {
    let folder = tempfile::tempdir().unwrap();
    let (path, file) = (folder.path().to_str().unwrap(), folder.path().join("Heartbeat.csv"));
    let rows = "\"2/25/2025, 9:19:25.391 AM\",nas\n\"12/5/2025, 12:30:01.000\u{202f}PM\",cam\n,idle\n";
    let wanted = json!([
        ["2025-02-25T09:19:25.3910000Z", "nas"],
        ["2025-12-05T12:30:01.0000000Z", "cam"],
        [null, "idle"],
    ]);
    for header in [
        "\u{feff}\"TimeGenerated [UTC]\",Computer\n",
        "TimeGenerated [utc],Computer\n",
        "TimeGenerated,Computer\n",
    ] {
        std::fs::write(&file, format!("{header}{rows}")).unwrap();
        let found = answer(&["-", "--data", path, "--json"], "Heartbeat | project TimeGenerated, Computer");
        assert_eq!(found["rows"], wanted, "{header}");
    }
    // A table that nothing describes learns the type from the header; other brackets belong to the name.
    let other = folder.path().join("Disks.csv");
    std::fs::write(&other, "\"Seen [UTC]\",Size [GB]\n\"2/25/2025, 9:19:25.391 AM\",7\n").unwrap();
    let found = answer(&["-", "--data", path, "--json"], "Disks | project gettype(Seen), ['Size [GB]']");
    assert_eq!(found["rows"], json!([["datetime", 7]]));
    std::fs::remove_file(&other).unwrap();
    for (text, words) in [
        ("\"TimeGenerated [UTC+01:00]\",Computer\n", "the zone 'UTC+01:00'"),
        ("TimeGenerated [Local Time],Computer\n", "the zone 'Local Time'"),
        (
            "TimeGenerated [UTC],Computer\n\"25/2/2025, 9:19:25 AM\",nas\n",
            "line 2: '25/2/2025, 9:19:25 AM' has its day first",
        ),
        ("TimeGenerated [UTC],Computer\nsoon,nas\n", "line 2: 'soon' is no time"),
        ("TimeGenerated [UTC],TimeGenerated\n", "two columns are named 'TimeGenerated'"),
    ] {
        std::fs::write(&file, text).unwrap();
        let output = kql(&["-", "--data", path], "Heartbeat");
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(told.contains(words) && told.contains("Heartbeat.csv"), "{text}: {told}");
    }
}

#[test]
fn a_folder_without_a_table_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    std::fs::write(folder.path().join("notes.txt"), "x").unwrap();
    let output = kql(&["-", "--data", path], "print 1");
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert!(words.contains("no table in this folder") && words.contains(path), "{words}");
    std::fs::write(folder.path().join("schema.json"), r#"{"tables": {"T": {"a": "long"}}}"#).unwrap();
    assert_eq!(answer(&["-", "--data", path, "--json"], "T | count")["rows"], json!([[0]]));
}
