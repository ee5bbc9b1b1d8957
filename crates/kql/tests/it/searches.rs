//! `contains has startswith matches regex in~` and their kin look at a column in several ways: at each text, at equal ones
//! once, at the shown form of dynamics, with a wanted text that differs by row. Whoever asks must not see which.

use std::collections::BTreeSet;

use kql::{Column, Database, Type, run};
use serde_json::{Map, Value as Json, json};

use crate::options;

const TEXTS: [&str; 14] = [
    "",
    "web",
    "WEB",
    "web-01",
    "a WEB b",
    "xweb",
    "webx",
    "w\u{e9}b",
    "W\u{c9}B",
    "web\u{e9}",
    "we",
    "01",
    "ba-a-a",
    "web web",
];

/// A table in which each text stands `times` times.
fn database(times: usize) -> Database {
    let mut database = Database::new();
    database.add_table("T", vec![Column::new("t", Type::String), Column::new("d", Type::Dynamic)]);
    let row = |text: &str| Map::from_iter([("t".to_owned(), json!(text)), ("d".to_owned(), json!([text]))]);
    let rows: Vec<Map<String, Json>> = TEXTS.iter().map(|text| row(text)).collect();
    for _ in 0..times {
        database.append("T", &rows).unwrap();
    }
    database
}

/// The texts of which the condition holds.
fn found(times: usize, condition: &str) -> BTreeSet<String> {
    let query = format!("T | extend w = iff(t == '', 'web', 'web') | where {condition} | distinct t");
    let answer = run(&query, &database(times), &options()).unwrap_or_else(|error| panic!("{query}: {error}"));
    answer.rows.iter().map(|row| row[0].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_way_to_look_at_a_column_finds_the_same() {
    let cases: [(&str, &[&str]); 16] = [
        ("contains", &["web", "WEB", "web-01", "a WEB b", "xweb", "webx", "web\u{e9}", "web web"]),
        ("!contains", &["", "w\u{e9}b", "W\u{c9}B", "we", "01", "ba-a-a"]),
        ("contains_cs", &["web", "web-01", "xweb", "webx", "web\u{e9}", "web web"]),
        ("has", &["web", "WEB", "web-01", "a WEB b", "web web"]),
        ("!has", &["", "xweb", "webx", "w\u{e9}b", "W\u{c9}B", "web\u{e9}", "we", "01", "ba-a-a"]),
        ("has_cs", &["web", "web-01", "web web"]),
        ("hasprefix", &["web", "WEB", "web-01", "a WEB b", "webx", "web\u{e9}", "web web"]),
        ("hassuffix", &["web", "WEB", "web-01", "a WEB b", "xweb", "web web"]),
        ("startswith", &["web", "WEB", "web-01", "webx", "web\u{e9}", "web web"]),
        ("!startswith", &["", "a WEB b", "xweb", "w\u{e9}b", "W\u{c9}B", "we", "01", "ba-a-a"]),
        ("startswith_cs", &["web", "web-01", "webx", "web\u{e9}", "web web"]),
        ("endswith", &["web", "WEB", "xweb", "web web"]),
        ("endswith_cs", &["web", "xweb", "web web"]),
        ("=~", &["web", "WEB"]),
        (
            "!~",
            &[
                "",
                "web-01",
                "a WEB b",
                "xweb",
                "webx",
                "w\u{e9}b",
                "W\u{c9}B",
                "web\u{e9}",
                "we",
                "01",
                "ba-a-a",
                "web web",
            ],
        ),
        ("matches regex", &["web", "web-01", "xweb", "webx", "web\u{e9}", "web web"]),
    ];
    for (operator, wanted) in cases {
        let wanted: BTreeSet<String> = wanted.iter().map(|text| (*text).to_owned()).collect();
        // Once each; many times, so that equal ones pay; made by the query; in a dynamic; with a wanted text of the row.
        for (times, left) in
            [(1, "t"), (30, "t"), (1, "strcat(t, '')"), (30, "strcat(t, '')"), (1, "tostring(d[0])")]
        {
            for right in ["'web'", "w"] {
                let condition = format!("{left} {operator} {right}");
                assert_eq!(found(times, &condition), wanted, "{condition}, {times} times");
            }
        }
        // Text that is no ASCII on one side alone.
        let longer = format!("strcat(t, '\u{fc}') {operator} strcat('web', '\u{fc}')");
        let by_row = format!("strcat(t, '\u{fc}') {operator} strcat(w, '\u{fc}')");
        assert_eq!(found(1, &longer), found(1, &by_row), "{operator}");
    }
    assert_eq!(found(1, "t has 'A-a'"), BTreeSet::from(["ba-a-a".to_owned()]));
    assert_eq!(
        found(1, "t contains 'W\u{c9}b'"),
        BTreeSet::from(["w\u{e9}b".to_owned(), "W\u{c9}B".to_owned()])
    );
}

#[test]
fn a_dynamic_is_searched_as_it_is_shown() {
    assert_eq!(found(1, "tostring(d) contains '[\"WEB\"]'").len(), 2);
    assert_eq!(found(1, "tostring(d) startswith '[\"w'").len(), 9);
    assert_eq!(found(1, "tostring(d) matches regex '^.\"W[^E]'"), BTreeSet::from(["W\u{c9}B".to_owned()]));
    assert_eq!(found(1, "tostring(d) !contains '\"'").len(), 0);
}

#[test]
fn a_list_is_looked_up_by_whatever_the_column_holds() {
    let both = BTreeSet::from(["web".to_owned(), "WEB".to_owned()]);
    let one = BTreeSet::from(["WEB".to_owned()]);
    let accented = BTreeSet::from(["w\u{e9}b".to_owned(), "W\u{c9}B".to_owned()]);
    for times in [1, 30] {
        for left in ["t", "strcat(t, '')", "tolower(t)", "toupper(t)"] {
            assert_eq!(found(times, &format!("{left} in~ ('WeB', 'none')")), both, "{left}");
            assert_eq!(found(times, &format!("{left} in~ (w)")), both, "{left}");
            assert_eq!(found(times, &format!("{left} in~ ('w\u{c9}b')")), accented, "{left}");
            assert_eq!(
                found(times, &format!("{left} !in~ ('WeB', 'none')")).len(),
                TEXTS.len() - 2,
                "{left}"
            );
        }
        let made = "strcat(t, 'Q')";
        assert_eq!(found(times, &format!("{made} in~ ('wEbq', 'none')")), both, "{made}");
        assert_eq!(found(times, &format!("{made} in ('WEBQ', 'WEBq')")), one, "{made}");
        for left in ["t", "strcat(t, '')"] {
            assert_eq!(found(times, &format!("{left} in ('WEB', 'Web', 'none')")), one, "{left}");
            assert_eq!(found(times, &format!("{left} !in ('WEB')")).len(), TEXTS.len() - 1, "{left}");
            assert_eq!(
                found(times, &format!("{left} in ('', 'none')")),
                BTreeSet::from([String::new()]),
                "{left}"
            );
        }
    }
}

#[test]
fn conditions_of_which_the_first_decides_are_answered_as_all_are() {
    for (condition, count) in [
        ("t contains 'nowhere' and t has 'web'", 0),
        ("t !contains 'nowhere' or t has 'web'", TEXTS.len()),
        ("not(t contains 'nowhere' and t has 'web')", TEXTS.len()),
        ("t has 'web' and t contains 'nowhere'", 0),
        ("(tobool('x') and t contains 'nowhere') or t == 'we'", 1),
        ("tobool('x') or t == 'we'", 1),
    ] {
        assert_eq!(found(1, condition).len(), count, "{condition}");
    }
}
