//! Shapes of queries that people publish for heartbeats and flow logs: what they compare, name and write.

use kql::{Database, run};
use serde_json::{Value as Json, json};

use crate::options;
use crate::semantics::rows;

/// The answer's columns, `name:type` each.
fn columns(query: &str) -> Vec<String> {
    let answer =
        run(query, &Database::schema(), &options()).unwrap_or_else(|error| panic!("{query}: {error}"));
    answer.columns.iter().map(|column| format!("{}:{}", column.name, column.ty)).collect()
}

#[test]
fn a_text_beside_another_type_is_read_as_that_type() {
    let table = "datatable(s: string, l: long, b: bool, t: datetime, ts: timespan, r: real)[
        '10', 10, true, datetime(2026-11-20), 1h, 1.5, 'True', 1, false, datetime(null), 2h, 2.0,
        '', long(null), bool(null), datetime(null), timespan(null), real(null)]";
    for (condition, wanted) in [
        ("s == 10", json!([true, false, false])),
        ("10 == s", json!([true, false, false])),
        ("s != 10", json!([false, true, true])),
        ("s == true", json!([true, true, false])),
        ("l == '10'", json!([true, false, false])),
        ("l != 'x'", json!([true, true, Json::Null])),
        ("b == 'true'", json!([true, false, false])),
        ("b == 'False'", json!([false, true, false])),
        ("t == '2026-11-20'", json!([true, false, false])),
        ("ts == '01:00:00'", json!([true, false, false])),
        ("r == '1.5'", json!([true, false, false])),
        ("s in (10, 11)", json!([true, false, false])),
        ("s !in (10, 11)", json!([false, true, true])),
        ("l in ('10', '1')", json!([true, true, false])),
        ("l !in ('10')", json!([false, true, true])),
        ("l in ((print '10'))", json!([true, false, false])),
        ("s in ((print 10))", json!([true, false, false])),
    ] {
        let query = format!("{table} | project x = {condition}");
        let found: Json = rows(&query).as_array().unwrap().iter().map(|row| row[0].clone()).collect();
        assert_eq!(found, wanted, "{condition}");
    }
}

#[test]
fn a_series_may_hold_a_value_made_of_aggregates() {
    let table = "datatable(t: datetime, s: string, l: long)[
        datetime(2026-11-20 01:10), 'a', 4, datetime(2026-11-20 01:20), 'a', 6, datetime(2026-11-20 03:00), 'a', 1,
        datetime(2026-11-20 02:00), 'b', 9]";
    let series =
        "on t from datetime(2026-11-20 01:00) to datetime(2026-11-20 04:00) step 1h by s | sort by s asc";
    let found = rows(&format!(
        "{table} | make-series up = iff(count() > 0, 1, 0), mean = sum(l) / count() default = -1, \
         one = 1 default = 7 {series} | project s, up, mean, one"
    ));
    assert_eq!(
        found,
        json!([["a", [1, 0, 1], [5, -1, 1], [1, 7, 1]], ["b", [0, 1, 0], [-1, 9, -1], [7, 1, 7]]])
    );
}

#[test]
fn names_are_numbered_through_the_whole_query() {
    for (query, wanted) in [
        ("print x = 1 | extend x + 1 | extend x + 2", vec!["x:long", "Column1:long", "Column2:long"]),
        (
            "let f = () { print x = 1 | project x + 1 }; f() | project x = Column1 | extend x * 2",
            vec!["x:long", "Column1:long"],
        ),
        (
            "print k = 1, v = 2 | join kind=inner (print k = 1, k1 = 5) on k",
            vec!["k:long", "v:long", "k2:long", "k1:long"],
        ),
        (
            "union (print x = 1), (print x = 'a'), (print x_long = 3)",
            vec!["x_long:long", "x_string:string", "x_long1:long"],
        ),
    ] {
        assert_eq!(columns(query), wanted, "{query}");
    }
}
