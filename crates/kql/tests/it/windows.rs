//! Windows of time over stored tables: passing over blocks of rows never changes an answer, and a snapshot stays.

use kql::{Cell, Column, Database, DateTime, Options, Type, run};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};

const SECOND: i128 = 1_000_000_000;

fn at(second: i64) -> DateTime {
    DateTime::from_unix_nanoseconds(1_700_000_000 * SECOND + i128::from(second) * SECOND)
}

fn row(second: Option<i64>, number: usize) -> Map<String, Json> {
    let time = second.map(|second| at(second).to_string());
    Map::from_iter([("TimeGenerated".to_owned(), json!(time)), ("n".to_owned(), json!(number))])
}

fn table() -> Database {
    let mut database = Database::new();
    let columns = vec![Column::new("TimeGenerated", Type::DateTime), Column::new("n", Type::Long)];
    database.add_table("T", columns);
    database
}

fn rows(database: &Database, query: &str, span: Option<(i64, i64)>) -> Json {
    let mut options = Options::new(at(0));
    options.timespan = span.map(|(start, end)| (at(start), at(end)));
    run(query, database, &options).unwrap_or_else(|error| panic!("{query}: {error}")).rows_json().into()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    /// Rows come roughly in order, some late, some without a time; the same condition over a computed column reads
    /// every row.
    #[test]
    fn a_window_has_the_rows_that_reading_all_finds(
        count in 0..30_000_usize,
        late in prop::collection::vec((0..30_000_usize, 0..30_000_i64), 0..6),
        gaps in prop::collection::vec(0..30_000_usize, 0..4),
        bounds in (-10..30_010_i64, -10..30_010_i64),
        kept in 0..40_000_usize,
    ) {
        let mut database = table();
        let second = |number: usize| {
            let usual = i64::try_from(number).unwrap();
            let late = late.iter().find(|(place, _)| *place == number).map(|(_, second)| *second);
            (!gaps.contains(&number)).then_some(late.unwrap_or(usual))
        };
        let list: Vec<_> = (0..count).map(|number| row(second(number), number)).collect();
        database.append("T", &list).unwrap();
        database.keep_newest("T", kept);
        let (low, high) = (at(bounds.0), at(bounds.1));
        for op in [">=", ">", "<", "<=", "=="] {
            let plain = format!("T | where TimeGenerated {op} datetime({low}) and n % 7 == 0 | project n");
            let slow = plain.replace("TimeGenerated", "(TimeGenerated + 0s)");
            prop_assert_eq!(rows(&database, &plain, None), rows(&database, &slow, None), "{}", plain);
        }
        let window = "T | where TimeGenerated >= X and TimeGenerated < Y | project n".replace('X', &format!("datetime({low})"));
        let window = window.replace('Y', &format!("datetime({high})"));
        let slow = window.replace("TimeGenerated", "(TimeGenerated + 0s)");
        prop_assert_eq!(rows(&database, &slow, None), rows(&database, "T | project n", Some(bounds)));
        prop_assert_eq!(rows(&database, &window, None), rows(&database, &slow, None));

        let snapshot = database.clone();
        let before = rows(&snapshot, &window, None);
        database.append("T", &list).unwrap();
        database.keep_newest("T", 1);
        prop_assert_eq!(rows(&snapshot, &window, None), before);
    }
}

#[test]
fn a_loaded_table_is_as_an_appended_one() {
    let mut database = table();
    let mut loader = database.loader(database.table("T").unwrap().columns().to_vec());
    for number in 0..20_000_i64 {
        loader.set(1, &Cell::Number(7.into()));
        loader.drop_row();
        loader.set(0, &Cell::Text(&at(number).to_string()));
        loader.set(1, &Cell::Number(number.into()));
        loader.end_row();
    }
    loader.set(1, &Cell::Bool(true));
    database.put("T", loader);
    let list: Vec<_> =
        (0..20_000).map(|number| row(Some(number), usize::try_from(number).unwrap())).collect();
    let mut other = table();
    other.append("T", &list).unwrap();
    let query = format!("T | where TimeGenerated > datetime({})", at(19_000));
    assert_eq!(rows(&database, &query, None), rows(&other, &query, None));
    assert_eq!(rows(&database, "T | count", None), json!([[20_000]]));
}
