//! Queries that would work for ever on one value, or hold too much of it: each ends soon after its deadline.

use std::time::{Duration, Instant};

use kql::{Database, Options, Room, run};

use crate::options;

/// One query a line; names in braces stand for large values.
const QUERIES: &str = include_str!("fixtures/nasty.txt");

/// A text of 16 MB of the same four characters.
fn large(four: &str) -> String {
    let part = format!("strrep(strrep('{four}', 1024), 1024)");
    format!("strcat({part}, {part}, {part}, {part})")
}

fn queries() -> Vec<String> {
    let lines = QUERIES.lines().filter(|line| !line.starts_with("//"));
    lines
        .map(|line| {
            line.replace("{a}", &large("aaaa"))
                .replace("{commas}", &large(",,,,"))
                .replace("{words}", "strrep(strrep('ab ', 1024), 1024)")
                .replace("{list}", "range(1, 1000000)")
        })
        .collect()
}

#[test]
fn each_ends_soon_after_its_deadline() {
    let (database, queries) = (Database::schema(), queries());
    assert!(queries.len() > 150);
    let deadline = Duration::from_millis(100);
    let options = Options { deadline: Some(deadline), max_bytes: 800_000_000, ..options() };
    let mut late = Vec::new();
    for query in &queries {
        let started = Instant::now();
        let answer = run(query, &database, &options);
        // Far more than it takes, on any machine; without a look at the clock these take minutes or for ever.
        if started.elapsed() > Duration::from_secs(20) {
            late.push(format!("{:?} {query}", started.elapsed()));
        }
        if let Err(error) = answer {
            assert!(!error.message.contains("engine failed"), "{query}: {error}");
        }
    }
    assert!(late.is_empty(), "{late:#?}");
}

#[test]
fn a_search_that_would_never_end_answers() {
    let answer = run("print indexof('a', 'b', 0, -1, 9223372036854775807)", &Database::schema(), &options());
    assert_eq!(answer.unwrap().rows_json()[0][0], -1);
}

#[test]
fn what_one_value_takes_is_limited() {
    let lists = "l, ".repeat(60);
    for function in ["zip", "array_concat"] {
        let query = format!("let l = range(1, 1000000); print {function}({lists} l)");
        let error = run(&query, &Database::schema(), &options()).unwrap_err();
        assert!(error.message.contains("one value would take more than 256 MB"), "{error}");
    }
}

#[test]
fn a_large_query_waits_for_the_memory_that_another_one_keeps() {
    let room = Room::new(80_000_000);
    let ask = || {
        let options = Options {
            deadline: Some(Duration::from_millis(200)),
            max_bytes: room.largest(),
            share: Some(room.share()),
            ..options()
        };
        let answer = run("range x from 1 to 500000 step 1 | count", &Database::schema(), &options);
        (answer.map(|answer| answer.rows_json()), options.share)
    };
    let (first, kept) = ask();
    assert_eq!(first.unwrap(), [serde_json::json!([500_000])]);
    assert!(room.taken() >= 32_000_000, "{}", room.taken());
    assert!(ask().0.unwrap_err().message.contains("ran longer than 0.2 s"), "the first one has the room");
    drop(kept);
    assert_eq!(room.taken(), 0, "what was refused keeps nothing");
    assert!(ask().0.is_ok());
}

#[test]
fn what_columns_elements_and_steps_take_is_counted_before_it_is_taken() {
    let columns: Vec<String> = (0..200).map(|number| format!("c{number} = x + {number}")).collect();
    let queries = [
        format!("range x from 1 to 100000 step 1 | extend {} | count", columns.join(", ")),
        "range x from 1 to 100000 step 1 | extend s = split(strcat('a,b,c,d,e,f,g,', x), ',') | count"
            .to_owned(),
        "print array_length(parse_json(strcat('[', strrep(strrep('1,', 1024), 1024), '1]')))".to_owned(),
        "range x from 1 to 500000 step 1 | sort by x desc | count".to_owned(),
        "range x from 1 to 500000 step 1 | summarize count() by x | count".to_owned(),
    ];
    for query in queries {
        let narrow = Options { max_bytes: 40_000_000, ..options() };
        let error = run(&query, &Database::schema(), &narrow).unwrap_err();
        assert!(error.message.contains("needs more than 40 MB"), "{query}: {error}");
        run(&query, &Database::schema(), &options()).unwrap();
    }
}

#[test]
fn a_column_more_in_each_of_thousands_of_operators_is_too_complex() {
    let wide = |count: usize| {
        let steps: Vec<String> = (0..count).map(|number| format!("| extend c{number} = x")).collect();
        let query = format!("range x from 1 to 1 step 1 {} | count", steps.concat());
        run(&query, &Database::schema(), &options()).map(|answer| answer.rows_json())
    };
    assert_eq!(wide(500).unwrap(), [serde_json::json!([1])]);
    assert_eq!(wide(3_000).unwrap_err().message, "the query is too complex");
}
