//! The program's tables out of files: types that widen while rows come, and what is said of rows that are none.

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Output};

use proptest::prelude::*;
use serde_json::{Value as Json, json};

struct Folder(tempfile::TempDir);

impl Folder {
    fn of(files: &[(&str, &str)]) -> Folder {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        Folder(folder)
    }

    fn kql(&self, data: &str, query: &str) -> Output {
        let file = self.0.path().join("query.kql");
        fs::write(&file, query).unwrap();
        let data = self.0.path().join(data);
        Command::new(env!("CARGO_BIN_EXE_kql"))
            .arg(file)
            .args(["--json", "--data"])
            .arg(data)
            .output()
            .unwrap()
    }

    fn rows(&self, data: &str, query: &str) -> Json {
        let output = self.kql(data, query);
        let json: Json = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        json["rows"].clone()
    }

    fn complaint(&self, data: &str) -> String {
        let output = self.kql(data, "print 1");
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap().replace(&*self.0.path().to_string_lossy(), "DIR")
    }
}

/// Many rows lie between the first values of a column and those that make it wider.
#[test]
fn a_late_value_widens_its_column_and_loses_no_text() {
    let mut rows: Vec<Json> =
        (0..20_000).map(|n| json!({"n": n, "r": n, "t": "2026-01-01", "d": true})).collect();
    rows.push(json!({"late": 1, "n": 7, "r": 0.5, "t": "soon", "d": [1]}));
    let world = json!({"A": rows, "B": [{"x": 1}, {"x": 1.5}]}).to_string();
    let folder = Folder::of(&[("world.json", &world)]);
    let types = "A | getschema | summarize make_list(strcat(ColumnName, ' ', ColumnType))";
    assert_eq!(
        folder.rows("world.json", types),
        json!([[["n long", "r real", "t string", "d dynamic", "late long"]]])
    );
    let ends = "A | where (n in (0, 19999) or isnotempty(late)) | project t, r, d, late";
    let expected =
        json!([["2026-01-01", 0.0, true, null], ["2026-01-01", 19999.0, true, null], ["soon", 0.5, [1], 1]]);
    assert_eq!(folder.rows("world.json", ends), expected);
    assert_eq!(folder.rows("world.json", "A | count"), json!([[20_001]]));
    assert_eq!(folder.rows("world.json", "B"), json!([[1.0], [1.5]]));
}

#[test]
fn a_late_text_widens_a_column_of_comma_separated_numbers() {
    let folder = Folder::of(&[("C.csv", "a,b\n+5,TRUE\n1.50,x\nsoon,\n"), ("D.csv", "a\n5\n1.50\n")]);
    assert_eq!(folder.rows("", "C"), json!([["+5", "TRUE"], ["1.50", "x"], ["soon", ""]]));
    assert_eq!(folder.rows("", "D"), json!([[5.0], [1.5]]));
}

#[test]
fn rows_may_stand_in_an_array_one_a_line_or_over_lines() {
    let texts =
        ["[{\"a\": 1},\n {\"a\": 2}]", "{\"a\": 1}\n\n{\"a\": 2}\n", "{\n \"a\": 1\n}\n{\n \"a\":\n2}"];
    for text in texts {
        let folder = Folder::of(&[("A.json", text)]);
        assert_eq!(folder.rows("", "A"), json!([[1], [2]]), "{text}");
    }
    let folder = Folder::of(&[("A.json", "[]"), ("B.jsonl", ""), ("Heartbeat.json", " ")]);
    for table in ["A", "B", "Heartbeat"] {
        assert_eq!(folder.rows("", &format!("{table} | count")), json!([[0]]), "{table}");
    }
}

#[test]
fn the_last_member_and_the_last_table_of_a_name_count() {
    let folder =
        Folder::of(&[("w.json", r#"{"A": [{"x": "soon"}, {"x": 1}], "A": [{"x": 1, "y": 2, "x": 3}, {}]}"#)]);
    assert_eq!(folder.rows("w.json", "A"), json!([[3, 2], [null, null]]));
}

#[test]
fn trees_in_columns_of_text_are_compact() {
    let schema = r#"{"tables": {"A": {"s": "string", "d": "dynamic"}}}"#;
    let tree = r#"{ "b" : [ 1, "\u00e4" ] }"#;
    let row = format!(r#"[{{"s": {tree}, "d": {tree}}}, {{"d": "[1, 2]"}}, {{"s": 1.0}}]"#);
    let folder = Folder::of(&[("schema.json", schema), ("A.json", &row)]);
    let rows = folder.rows("", "A | project s, d.b[1], d[1]");
    assert_eq!(rows, json!([["{\"b\":[1,\"\u{e4}\"]}", "\u{e4}", null], ["", null, 2], ["1.0", null, null]]));
}

#[test]
fn what_is_no_row_is_named_with_its_file_and_number() {
    let many = |last: &str| {
        let mut text = "{\"T\": [".to_owned();
        (0..20_000).for_each(|n| writeln!(text, "{{\"a\": {n}}},").unwrap());
        text + last
    };
    for (name, text, words) in [
        ("w.json", many("7]}"), "DIR/w.json: row 20001 of 'T' is not an object"),
        ("w.json", many("{\"a\": 1x}]}"), "DIR/w.json: expected `,` or `}` at line 20001 column 8"),
        ("w.json", many("{\"a\": 1}"), "DIR/w.json: EOF while parsing a list at line 20001 column 8"),
        ("w.json", "{\"T\": 5}".to_owned(), "DIR/w.json: 'T' is not an array of rows"),
        ("w.json", "[]".to_owned(), "DIR/w.json: expected an object: {\"TABLE\": [rows], …}"),
        ("w.json", "{\"T\": []} x".to_owned(), "DIR/w.json: trailing characters at line 1 column 11"),
        ("w.json", "{\"T\": [] \"U\": []}".to_owned(), "DIR/w.json: expected `,` or `}` at line 1 column 10"),
        (
            "w.json",
            "{\"T\": [{\"a\": 1e999}]}".to_owned(),
            "DIR/w.json: number out of range at line 1 column 5",
        ),
        ("", "[{}, []]".to_owned(), "DIR/A.json: row 2 is not a JSON object"),
        (
            "",
            "{\"a\": 1}\n{\"a\": }\n".to_owned(),
            "DIR/A.json: neither a JSON array nor lines of JSON: line 2: ",
        ),
    ] {
        let folder = Folder::of(&[(if name.is_empty() { "A.json" } else { name }, &text)]);
        let found = folder.complaint(name);
        assert!(found.starts_with(&format!("error: {words}")), "{found}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// Whatever comes first, the table is the one that the order of the rows does not change.
    #[test]
    fn types_do_not_depend_on_the_order_of_rows(
        values in prop::collection::vec(
            prop_oneof![
                Just(json!(null)), Just(json!(true)), any::<i32>().prop_map(|n| json!(n)), Just(json!(0.25)),
                Just(json!("2026-01-01")), Just(json!("x")), Just(json!("0")), Just(json!([1])), Just(json!({"a": 1})),
            ],
            1..12,
        ),
        seed in any::<u64>(),
    ) {
        let rows: Vec<Json> = values.iter().enumerate().map(|(i, value)| json!({"i": i, "v": value})).collect();
        let mut shuffled = rows.clone();
        shuffled.sort_by_key(|row| (row["i"].as_u64().unwrap() + 1).wrapping_mul(seed | 1) >> 3);
        let text = json!({"A": rows, "B": shuffled}).to_string();
        let folder = Folder::of(&[("w.json", &text)]);
        let of = |table: &str| {
            folder.rows("w.json", &format!("{table} | sort by i asc | project i, tostring(v), gettype(v)"))
        };
        prop_assert_eq!(of("A"), of("B"));
    }
}
