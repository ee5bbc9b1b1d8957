//! No query and no data panics, runs without end or eats the machine.

use std::time::{Duration, Instant};

use kql::{Database, Error, Limit, Options, run};
use proptest::prelude::*;

use crate::options;

/// What the engine says when something inside it failed.
const FAILED: &str = "the engine failed";

fn seeds() -> Vec<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/seeds");
    let mut seeds: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .collect();
    seeds.extend(include_str!("fixtures/names-queries.txt").lines().map(str::to_owned));
    seeds.extend(include_str!("fixtures/names-operators.txt").lines().map(str::to_owned));
    seeds.extend(crate::cases().iter().map(|case| case["kql"].as_str().unwrap().to_owned()));
    seeds
}

fn small() -> Options {
    Options { deadline: Some(Duration::from_secs(5)), max_bytes: 50_000_000, max_rows: 1_000, ..options() }
}

fn answer(query: &str) -> Result<usize, Error> {
    let result = run(query, &Database::schema(), &small()).map(|answer| answer.rows.len());
    if let Err(error) = &result {
        assert!(!error.message.contains(FAILED), "{query}");
        assert!(error.line > 0 && error.column > 0, "{query}");
    }
    result
}

/// One change of a text: a piece is dropped, doubled, moved, or replaced by a piece of another query.
#[derive(Clone, Debug)]
struct Change {
    kind: u8,
    at: prop::sample::Index,
    length: usize,
    from: prop::sample::Index,
    seed: prop::sample::Index,
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = (
        0_u8..5,
        any::<prop::sample::Index>(),
        1_usize..24,
        any::<prop::sample::Index>(),
        any::<prop::sample::Index>(),
    )
        .prop_map(|(kind, at, length, from, seed)| Change { kind, at, length, from, seed });
    prop::collection::vec(change, 1..6)
}

const MARKS: [char; 14] = ['(', ')', '[', ']', '\'', '"', '|', ';', '-', '9', '\u{e9}', ',', '*', '.'];

fn mutate(text: &str, changes: &[Change], seeds: &[String]) -> String {
    let mut text: Vec<char> = text.chars().collect();
    for change in changes {
        if text.is_empty() {
            break;
        }
        let at = change.at.index(text.len());
        let end = (at + change.length).min(text.len());
        let other: Vec<char> = change.seed.get(seeds).chars().collect();
        let from = if other.is_empty() { 0 } else { change.from.index(other.len()) };
        let piece: Vec<char> = other.into_iter().skip(from).take(change.length).collect();
        match change.kind {
            0 => drop(text.drain(at..end)),
            1 => {
                let copy: Vec<char> = text[at..end].to_vec();
                text.splice(at..at, copy);
            }
            2 => drop(text.splice(at..end, piece)),
            3 => drop(text.splice(at..at, piece)),
            _ => text[at] = MARKS[change.length % MARKS.len()],
        }
    }
    text.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn mutated_queries_never_panic(seed in any::<prop::sample::Index>(), changes in changes()) {
        let seeds = seeds();
        let query = mutate(seed.get::<String>(&seeds), &changes, &seeds);
        let _ = answer(&query);
    }

    #[test]
    fn any_text_is_answered_or_refused(text in "\\PC{0,80}") {
        let _ = answer(&text);
    }

    #[test]
    fn functions_take_any_values(
        name in prop::sample::select(functions()),
        arguments in prop::collection::vec(prop::sample::select(ARGUMENTS), 0..5),
    ) {
        let _ = answer(&format!("print x = {name}({})", arguments.join(", ")));
        let columns: Vec<String> = (0..arguments.len()).map(|index| format!("c{index}")).collect();
        let values: Vec<String> = arguments.iter().zip(&columns).map(|(value, name)| format!("{name} = {value}")).collect();
        if !values.is_empty() {
            let _ = answer(&format!("print {} | extend x = {name}({})", values.join(", "), columns.join(", ")));
        }
    }
}

const ARGUMENTS: &[&str] = &[
    "1",
    "-1",
    "0",
    "9223372036854775807",
    "-9223372036854775807",
    "long(null)",
    "int(5)",
    "1.5",
    "real(nan)",
    "-1e308",
    "real(+inf)",
    "real(null)",
    "long(-9223372036854775808)",
    "decimal(1.50)",
    "decimal(-9999999999999999999999999999999999e6000)",
    "decimal(1e-6176)",
    "decimal(null)",
    "'a'",
    "''",
    "'\u{e9}\u{20ac}x'",
    "'10.1.2.3/33'",
    "'fe80::1/64'",
    "'day'",
    "'['",
    "'(a)|b'",
    "'2026-01-01'",
    "true",
    "bool(null)",
    "datetime(0001-01-01)",
    "datetime(9999-12-31 23:59:59.9999999)",
    "datetime(null)",
    "1d",
    "-10675199d",
    "0s",
    "timespan(null)",
    "dynamic([1, 'a', null, [2]])",
    "dynamic({'a': {'b': 1}})",
    "dynamic(null)",
    "dynamic([])",
    "dynamic('x')",
    "dynamic(5)",
    "guid(74be27de-1e4e-49d9-b579-fe0b331d3642)",
];

/// Every function that the documentation names.
fn functions() -> Vec<String> {
    let readme = include_str!("../../README.md");
    let listed = readme.lines().filter(|line| line.starts_with("| `"));
    listed
        .filter_map(|line| line.split('`').nth(1))
        .map(|call| call.split('(').next().unwrap().to_owned())
        .collect()
}

#[test]
fn the_documentation_names_the_functions() {
    assert!(functions().len() > 150);
}

#[test]
fn what_would_eat_the_machine_is_stopped() {
    let tables: String = (0..40).map(|n| format!("let t{} = union t{n}, t{n};", n + 1)).collect();
    let lambdas: String =
        (0..30).map(|n| format!("let f{} = (x:long) {{ f{n}(x) + f{n}(x) }};", n + 1)).collect();
    for query in [
        "range x from 1 to 1000000000000 step 1 | count".to_owned(),
        "range x from 1 to 100000 step 1 | extend k = 1 | join kind=inner (range y from 1 to 100000 step 1 | extend k = 1) on k | count".to_owned(),
        "range x from 1 to 100000 step 1 | mv-expand y = range(1, 1000000) | count".to_owned(),
        "range x from 1 to 1000000 step 1 | extend s = strrep(tostring(x), 1000, 'xxxxxxxxxxxxxxxxxxxx') | count".to_owned(),
        "range x from 1 to 500000 step 1 | make-series count() on x from 0 to 9000000000 step 1 by x".to_owned(),
        format!("let t0 = range x from 1 to 1000 step 1; {tables} t40 | count"),
        format!("let f0 = (x:long) {{ x }}; {lambdas} range x from 1 to 2 step 1 | extend y = f30(x)"),
    ] {
        let started = Instant::now();
        let error = answer(&query).unwrap_err();
        assert!(started.elapsed() < Duration::from_secs(60), "{query}");
        assert!(!error.message.is_empty());
    }
}

#[test]
fn the_deadline_stops_a_long_query() {
    let database = Database::schema();
    let options = Options { deadline: Some(Duration::from_millis(200)), ..options() };
    let query = "range x from 1 to 3000000 step 1 | extend s = strcat('x', x, x * 2) | where s matches regex '(a|b|x)+1.*9$' | count";
    let error = run(query, &database, &options).unwrap_err();
    assert!(error.message.contains("longer than 0.2 s"), "{error}");
}

#[test]
fn too_many_rows_make_a_partial_answer() {
    let answer = run("range x from 1 to 600000 step 1", &Database::schema(), &options()).unwrap();
    assert_eq!(answer.rows.len(), 500_000);
    assert_eq!(answer.partial.map(|partial| partial.limit), Some(Limit::Rows(500_000)));
}

#[test]
fn too_many_bytes_make_a_partial_answer() {
    let options = Options { max_answer_bytes: 10 << 20, ..options() };
    let long = "range x from 1 to 20000 step 1 | project s = strcat(x, strrep('x', 1000))";
    for query in [long.to_owned(), format!("{long} | project pack_array(s), pack('s', s)")] {
        let answer = run(&query, &Database::schema(), &options).unwrap();
        assert!(answer.rows.len() > 1_000 && answer.rows.len() < 11_000, "{}", answer.rows.len());
        let partial = answer.partial.unwrap();
        assert_eq!(partial.limit, Limit::Bytes(10 << 20));
        assert!(partial.message.contains("20000 rows") && partial.message.contains("10 MiB"), "{partial:?}");
    }
    assert_eq!(run(&format!("{long} | count"), &Database::schema(), &options).unwrap().partial, None);
}

#[test]
fn large_and_broken_patterns_are_refused_by_place() {
    let error = answer("Heartbeat | where Computer matches regex 'a('").unwrap_err();
    assert_eq!(error.column, 42, "{error}");
    let error = answer("print 'a' matches regex '((a{1,1000}){1,1000}){1,1000}'").unwrap_err();
    assert!(error.message.contains("too large"), "{error}");
}

#[test]
fn a_text_that_grows_is_cut() {
    let doubling: String = (0..40).map(|n| format!("let a{} = strcat(a{n}, a{n});", n + 1)).collect();
    let query = format!("let a0 = 'aaaaaaaa'; {doubling} print strlen(a40)");
    let answer =
        run(&query, &Database::schema(), &Options { max_bytes: 1_000_000_000, ..options() }).unwrap();
    assert_eq!(answer.rows_json()[0][0], 1 << 24);
}

#[test]
fn a_pattern_of_words_that_repeat_is_small_enough() {
    // Classes of all letters, seven times up to four: how people look for IPv6 addresses.
    let query = r"print matches = '2001:db8:1:2:3:4:5:6' matches regex @'^([\d|\w]{1,4}\:){7}[\d|\w]{1,4}$'";
    assert_eq!(answer(query), Ok(1));
    let query = r"print '' matches regex @'((\w{100}){100}){100}'";
    assert!(answer(query).is_err_and(|error| error.message.contains("too large")));
}

#[test]
fn a_dynamic_value_that_holds_itself_is_stopped() {
    let start = "print b = dynamic([1])";
    let steps = [
        "| extend b = pack_array(b, b)".repeat(60),
        "| extend b = bag_pack('x', b, 'y', b)".repeat(60),
        "| extend b = zip(b, b)".repeat(60),
        "| extend b = pack_array(b)".repeat(20_000),
        "| extend n = range(1, 2) | mv-expand n | summarize b = make_list(pack_array(b))".repeat(60),
    ];
    for steps in steps {
        for end in
            ["", "| project tostring(b)", "| summarize count() by tostring(b)", "| project treepath(b)"]
        {
            let error = answer(&format!("{start}{steps}{end}")).unwrap_err();
            assert!(error.message.contains("a dynamic value would hold"), "{error}");
        }
    }
}
