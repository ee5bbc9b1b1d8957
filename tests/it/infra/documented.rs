//! The queries of `docs/queries.md` over the workbook's house, each with the rows that a reader finds by looking at it.

use serde_json::{Value, json};

use super::read;
use super::workbook::house;

const PAGE: &str = "docs/queries.md";

/// Heading and query of each section.
fn queries() -> Vec<(String, String)> {
    let text = read(PAGE);
    let section = |section: &str| {
        let (heading, rest) = section.split_once('\n').unwrap();
        let query = rest.split("```kql\n").nth(1).and_then(|rest| rest.split("```").next());
        (heading.to_owned(), query.unwrap_or_else(|| panic!("{heading}: no query")).to_owned())
    };
    text.split("\n## ").skip(1).map(section).collect()
}

/// A query: its heading, why it shows what it shows, its columns and rows.
type Expected = (&'static str, &'static str, &'static str, Value);

fn expected() -> [Expected; 7] {
    let update = |time: &str, name: &str, minute: &str| {
        json!([
            format!("2026-11-20T{time}.0000000Z"),
            "A",
            super::workbook::zone(),
            "update",
            "",
            "confirmed",
            "",
            "198.51.100.10",
            name,
            "",
            "",
            "",
            minute
        ])
    };
    [
        (
            "History of a name",
            "At ten and at eight o'clock, the row of eight once though it came twice.",
            "TimeGenerated Type Zone Action Cause Outcome Reason From To Machine Proof By Run",
            json!([
                update("10:05:00", "203.0.113.7", "10:05:00"),
                update("08:10:00", "203.0.113.7", "08:10:00")
            ]),
        ),
        (
            "Moves a week",
            "All within one week, which begins on Sunday: nas twice and desk once. What failed or was adopted is no move.",
            "Week Moves Names",
            json!([["2026-11-15T00:00:00.0000000Z", 3, 2]]),
        ),
        (
            "Who moves back and forth",
            "nas went to one address twice.",
            "Day Name Address Times Last",
            json!([[
                "2026-11-20T00:00:00.0000000Z",
                "nas.example.com",
                "203.0.113.7",
                2,
                "2026-11-20T10:05:00.0000000Z"
            ]]),
        ),
        (
            "Time until DNS was right",
            "60, 90 and 400 seconds.",
            "Day Changes MedianSeconds SlowestSeconds",
            json!([["2026-11-20T00:00:00.0000000Z", 3, 90.0, 400.0]]),
        ),
        (
            "Held now",
            "The brake of 11:40; that of 08:50 is older than an hour and of another address.",
            "Since Brake Zone Address",
            json!([["2026-11-20T11:40:00.0000000Z", "converging", super::workbook::zone(), "203.0.113.8"]]),
        ),
        (
            "Left as they are",
            "Two names belong to somebody else; one machine had fallen silent.",
            "TimeGenerated Name Type Reason",
            json!([
                ["2026-11-20T09:30:00.0000000Z", "desk.example.com", "A", "stale-heartbeat"],
                ["2026-11-20T10:00:00.0000000Z", "mail.example.com", "A", "not-owned"],
                ["2026-11-20T09:00:00.0000000Z", "www.example.com", "A", "not-owned"],
            ]),
        ),
        (
            "Refused and not done since",
            "A lock on lost's set. The others are done.",
            "TimeGenerated Name Type Outcome Reason",
            json!([["2026-11-20T08:30:00.0000000Z", "lost.example.com", "A", "failed", "ScopeLocked"]]),
        ),
    ]
}

#[test]
fn every_query_of_the_page_shows_what_is_there() {
    let database = house();
    let queries = queries();
    let headings: Vec<&str> = queries.iter().map(|(heading, _)| heading.as_str()).collect();
    assert_eq!(headings, expected().map(|(heading, ..)| heading), "{PAGE}");
    for ((heading, query), (_, why, columns, rows)) in queries.iter().zip(expected()) {
        let (found_columns, found) = super::ask(query, &database);
        assert_eq!(found_columns.join(" "), columns, "{heading}");
        assert_eq!(Value::from(found), rows, "{heading}: {why}");
        assert_ne!(rows, json!([]), "{heading} is empty");
    }
}
