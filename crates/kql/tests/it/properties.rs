//! `set`: request properties that change an answer, and those that are only read.

use kql::{Column, Database, DateTime, Limit, Type, run};
use serde_json::{Value as Json, json};

use crate::options;
use crate::semantics::rows;

fn beats() -> Database {
    let mut database = Database::new();
    database.add_table(
        "Beats",
        vec![Column::new("TimeGenerated", Type::DateTime), Column::new("Seen", Type::DateTime)],
    );
    database.add_table("Other", vec![Column::new("Seen", Type::DateTime)]);
    let days: Vec<Json> = (1..=9)
        .map(|day| json!({"TimeGenerated": format!("2026-11-0{day}T00:00:00Z"), "Seen": format!("2026-10-0{day}T00:00:00Z")}))
        .collect();
    for table in ["Beats", "Other"] {
        database.append(table, days.iter().map(|row| row.as_object().unwrap())).unwrap();
    }
    database
}

#[test]
fn now_and_the_number_of_rows() {
    assert_eq!(
        rows("set query_now = datetime(2020-02-03); print now(), ago(1d)"),
        json!([["2020-02-03T00:00:00.0000000Z", "2020-02-02T00:00:00.0000000Z"]])
    );
    assert_eq!(rows("set query_take_max_records=2;\nrange x from 1 to 9 step 1"), json!([[1], [2]]));
    assert_eq!(
        rows("let n = 2; set query_take_max_records = n; range x from 1 to 9 step 1 | count"),
        json!([[9]])
    );
    assert_eq!(
        rows("set notruncation; set norequesttimeout; set servertimeout = 1m; set unheard_of = 'x'; print 1"),
        json!([[1]])
    );
    assert_eq!(
        rows("print 1; set query_take_max_records = 0"),
        json!([[1]]),
        "what stands before is not changed"
    );
}

#[test]
fn an_answer_is_cut_where_the_query_says() {
    let answer =
        run("set truncationmaxrecords=3; range x from 1 to 9 step 1", &Database::schema(), &options())
            .unwrap();
    assert_eq!((answer.rows.len(), answer.partial.map(|partial| partial.limit)), (3, Some(Limit::Rows(3))));
    let answer =
        run("set truncationmaxsize=1000; range x from 1 to 1000 step 1", &Database::schema(), &options())
            .unwrap();
    assert!(answer.rows.len() < 200 && answer.partial.is_some());
    let mut narrow = options();
    narrow.max_rows = 2;
    let query = "set notruncation; set truncationmaxrecords=5; range x from 1 to 9 step 1";
    assert_eq!(run(query, &Database::schema(), &narrow).unwrap().rows.len(), 2, "limits do not become wider");
}

#[test]
fn tables_are_read_within_the_scope_of_time() {
    let count = |query: &str| run(query, &beats(), &options()).unwrap().rows_json()[0][0].clone();
    let scope =
        "set query_datetimescope_column = 'Seen'; set query_datetimescope_from = datetime(2026-10-03);";
    assert_eq!(count(&format!("{scope} Beats | count")), 7);
    assert_eq!(
        count(&format!(
            "{scope} set query_datetimescope_to = datetime(2026-10-05); union Beats, Other | count"
        )),
        4
    );
    assert_eq!(
        count("set query_datetimescope_from = datetime(2026-10-03); Beats | count"),
        9,
        "no column, no scope"
    );
    let mut inside = options();
    let day = |text| DateTime::parse(text).unwrap();
    inside.timespan = Some((day("2026-11-01T00:00:00Z"), day("2026-11-05T00:00:00Z")));
    assert_eq!(
        run(&format!("{scope} Beats | count"), &beats(), &inside).unwrap().rows_json(),
        vec![json!([2])]
    );
}

#[test]
fn what_is_malformed_is_refused() {
    for (query, column) in [
        ("set; print 1", 1),
        ("set x = ; print 1", 9),
        ("set x = 1 + 1; print 1", 9),
        ("set x = -1; print 1", 9),
        ("set x = nobody; print 1", 9),
        ("set a, b; print 1", 6),
        ("set ['x'] = 1; print 1", 5),
        ("set first = 1; print 1", 5),
        ("set query_now = '2020-01-01'; print 1", 17),
        ("set truncationmaxrecords = 1s; print 1", 28),
        ("set notruncation = 5; print 1", 20),
        ("let f = () { set notruncation; print 1 }; f()", 14),
        ("set notruncation", 1),
    ] {
        let error = run(query, &Database::schema(), &options()).unwrap_err();
        assert_eq!(error.column, column, "{query}: {error}");
    }
}
