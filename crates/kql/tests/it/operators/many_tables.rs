//! `find`, `search`, tests on any column, fuzzy unions, and ranges of which little is taken.

use std::time::{Duration, Instant};

use kql::{Database, Options, run};
use serde_json::{Value as Json, json};

use super::{answer, check, refusal};
use crate::options;

const TABLES: &str = "let A = view () { datatable(k: string, v: long, o: string)['x', 1, 'p', 'y', 2, 'q'] }; \
    let B = view () { datatable(k: string, v: real, w: bool)['x', 2.5, true] };";

#[test]
fn find_answers_what_the_test_names_and_packs_the_rest() {
    for (query, names, wanted) in [
        (
            "find in (A, B) where k == 'x'",
            "source_ k pack_",
            json!([["A", "x", {"v": 1, "o": "p"}], ["B", "x", {"v": 2.5, "w": true}]]),
        ),
        (
            "find withsource=t in (A, B) where v > 1",
            "t v_long v_real k pack_",
            json!([["A", 2, null, "y", {"o": "q"}], ["B", null, 2.5, "x", {"w": true}]]),
        ),
        ("find in (A, B) where w", "source_ w k v", json!([["B", true, "x", 2.5]])),
        (
            "find in (A, B) where v > 1 project k, v: string",
            "source_ k v",
            json!([["A", "y", "2"], ["B", "x", "2.5"]]),
        ),
        (
            "find in (A) where k == 'x' project v, pack_all()",
            "source_ v pack_",
            json!([["A", 1, {"k": "x", "v": 1, "o": "p"}]]),
        ),
        ("find in (A, B) where * has 'q'", "source_ k pack_", json!([["A", "y", {"v": 2, "o": "q"}]])),
        ("find in (A) 'q'", "", Json::Null),
        ("find in (A, B) where zzz == 1", "", Json::Null),
        ("find in (A, B) where k == 'x' project v", "", Json::Null),
    ] {
        match answer(&format!("{TABLES} {query}")) {
            Ok((found, rows)) => {
                assert_eq!(rows, wanted, "{query}");
                assert_eq!(found.join(" "), names, "{query}");
            }
            Err(error) => assert!(wanted.is_null(), "{query}: {error}"),
        }
    }
}

#[test]
fn tests_on_any_column() {
    check(
        "datatable(s: string, t: string, n: long, r: real)['red', 'blue', 1, 1.5, 'green', 'redwood', 7, 1.0]",
        &[
            ("search 'red' | project $table, n", "$table n", json!([["search_arg0", 1]])),
            ("search not('red') | project n", "n", json!([[7]])),
            ("search 'blue' or 7 | project n", "n", json!([[1], [7]])),
            // Reals are not looked at for a bare number.
            ("search 'none' or 1.5 | project n", "n", json!([])),
            ("search 7", "", Json::Null),
            ("where * !contains 'wood' | project n", "n", json!([[1]])),
            ("where * == 1 | project n", "n", json!([[1], [7]])),
            ("where * == 7 | project n", "n", json!([[7]])),
            ("where * == 'blue' | project n", "n", json!([[1]])),
            ("where * != 1", "", Json::Null),
        ],
    );
}

#[test]
fn a_fuzzy_union_goes_on_without_what_is_missing() {
    for (query, wanted) in [
        ("union isfuzzy=true A, Nothing | count", json!([[2]])),
        ("union isfuzzy=true (Nothing | where x > 1), A, nothing() | count", json!([[2]])),
        ("A | union isfuzzy=true Nothing | count", json!([[2]])),
        ("union isfuzzy=true Nothing, table('Nothing')", Json::Null),
        ("union isfuzzy=true A, (A | where nothing > 1)", Json::Null),
        ("union A, Nothing", Json::Null),
    ] {
        match answer(&format!("{TABLES} {query}")) {
            Ok((_, rows)) => assert_eq!(rows, wanted, "{query}"),
            Err(error) => assert!(wanted.is_null(), "{query}: {error}"),
        }
    }
}

#[test]
fn of_a_long_range_only_what_is_taken_is_made() {
    let limits = Options { deadline: Some(Duration::from_secs(5)), ..options() };
    let long = "range x from 1 to 10000000000000000 step 1";
    for (tail, wanted) in [
        ("take 3", Some(json!([[1], [2], [3]]))),
        ("where x % 70000 == 0 | extend y = x / 70000 | project y | take 2", Some(json!([[1], [2]]))),
        ("take 0", Some(json!([]))),
        ("count", None),
        ("where x < 0 | take 1", None),
    ] {
        let start = Instant::now();
        match run(&format!("{long} | {tail}"), &Database::schema(), &limits) {
            Ok(answer) => assert_eq!(Some(Json::Array(answer.rows_json())), wanted, "{tail}"),
            Err(error) => assert!(wanted.is_none(), "{tail}: {error}"),
        }
        assert!(start.elapsed() < Duration::from_secs(8), "{tail}: {:?}", start.elapsed());
    }
    let types = answer("range x from int(1) to int(2) step int(1) | extend gettype(x)").unwrap();
    assert_eq!(types.1, json!([[1, "int"], [2, "int"]]));
    assert!(refusal("range x from 1 to 'a' step 1").contains("'range'"));
}

#[test]
fn the_column_of_the_source_takes_the_place_of_no_other() {
    let tables = "let A = view () { datatable(x: long, y: long)[1, 2] }; let B = view () { datatable(z: string)['p'] };";
    for (query, column) in [
        ("union withsource=x A, B", "x"),
        ("union withsource=z A, B", "z"),
        ("A | union withsource=y B", "y"),
        ("union kind=inner withsource=x A, A", "x"),
        ("union withsource=s A, (union withsource=s A, B)", "s"),
        ("find withsource=x in (A) where y == 2", "x"),
        ("find withsource=y in (A) where x == 1 project x, y", "y"),
        ("search in (B) 'p' | search 'p'", "$table"),
    ] {
        let words = refusal(&format!("{tables} {query}"));
        assert!(words.contains(&format!("a column '{column}' already")), "{query}: {words}");
    }
    for (query, wanted) in [
        (
            "union withsource=s A, B | sort by s asc | project s, x, z",
            json!([["A", 1, ""], ["B", null, "p"]]),
        ),
        // The column that both tables share is not the one that only the first has.
        (
            "union kind=inner withsource=y A, (A | project x) | sort by y asc",
            json!([["A", 1], ["union_arg1", 1]]),
        ),
        ("find withsource=s in (A) where y == 2", json!([["A", 2, 1]])),
    ] {
        assert_eq!(answer(&format!("{tables} {query}")).unwrap().1, wanted, "{query}");
    }
}

#[test]
fn a_source_operator_needs_brackets_beside_other_tables() {
    for (query, word) in [
        ("union print x = 1", "print"),
        ("union Heartbeat, print x = 1", "print"),
        ("print x = 1 | union print x = 2", "print"),
        ("union range x from 1 to 3 step 1", "range"),
        ("union datatable(x: long)[1]", "datatable"),
        ("print x = 1 | union search 'a'", "search"),
        ("union union Heartbeat", "union"),
        ("find in (print x = 1) where x == 1", "print"),
        ("search in (datatable(x: long)[1]) 1", "datatable"),
        ("print x = 1 | join kind=inner print x = 1 on x", "print"),
        ("print x = 1 | join range x from 1 to 3 step 1 on x", "range"),
        ("print x = 1 | lookup print x = 1 on x", "print"),
        ("Heartbeat | join union Heartbeat on Computer", "union"),
    ] {
        let error = run(query, &Database::schema(), &options()).unwrap_err();
        assert!(error.is_syntax(), "{query}: {error}");
        assert!(error.message.contains(&format!("'{word}' needs brackets")), "{query}: {error}");
    }
    for (query, wanted) in [
        ("union (print x = 1), (print x = 2) | count", json!([[2]])),
        ("union (range x from 1 to 3 step 1) | count", json!([[3]])),
        ("print x = 1 | join kind=inner datatable(x: long)[1] on x | count", json!([[1]])),
        ("print x = 1 | lookup datatable(x: long, y: long)[1, 5] on x", json!([[1, 5]])),
        ("let T = print x = 1; union T, T | count", json!([[2]])),
    ] {
        assert_eq!(answer(query).unwrap().1, wanted, "{query}");
    }
}
