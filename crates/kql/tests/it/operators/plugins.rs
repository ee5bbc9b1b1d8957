//! `evaluate`, and columns by their names: what the rows decide.

use serde_json::{Value as Json, json};

use super::{answer, check, refusal};

#[test]
fn bags_become_columns() {
    let table = "datatable(k: string, d: dynamic)\
        ['x', dynamic({'b': 1, 'a': 'p'}), 'y', dynamic({'b': 2.5, 'c': [1]}), 'z', dynamic(null), 'w', dynamic({'k': true, 'n': null})]";
    check(
        table,
        &[
            (
                "where k != 'w' | evaluate bag_unpack(d)",
                "k a b c",
                json!([["x", "p", 1, null], ["y", "", 2.5, [1]], ["z", "", null, null]]),
            ),
            ("where k == 'x' | evaluate bag_unpack(d, 'd_') | project d_b + 1", "Column1", json!([[2]])),
            ("evaluate bag_unpack(d)", "", Json::Null),
            (
                "where k in ('x', 'w') | evaluate bag_unpack(d, columnsConflict='replace_source')",
                "k a b",
                json!([[null, "p", 1], [true, "", null]]),
            ),
            (
                "where k in ('x', 'w') | evaluate bag_unpack(d, '', 'keep_source', dynamic(['a']))",
                "k b",
                json!([["x", 1], ["w", null]]),
            ),
            (
                "where k in ('x', 'y') | evaluate bag_unpack(d) : (*, b: real, e: string)",
                "k b e",
                json!([["x", 1.0, ""], ["y", 2.5, ""]]),
            ),
            ("take 1 | evaluate bag_unpack(d) : (a: string, k: string)", "a k", json!([["p", "x"]])),
            // In a subquery the rows are not known yet: a schema says what they hold.
            ("partition by k (evaluate bag_unpack(d))", "", Json::Null),
            (
                "partition by k (evaluate bag_unpack(d) : (a: string) | take 1) | where a != ''",
                "a",
                json!([["p"]]),
            ),
            (
                "where k == 'x' | evaluate bag_unpack(d) | union (print q = 1) | where a == 'p' or q == 1 | count",
                "Count",
                json!([[2]]),
            ),
            ("evaluate bag_unpack(k)", "", Json::Null),
            ("evaluate bag_unpack(nothing)", "", Json::Null),
            ("evaluate bag_unpack(todynamic(k))", "", Json::Null),
            ("where k == 'x' | evaluate bag_unpack(d, k)", "", Json::Null),
            ("where k == 'x' | evaluate bag_unpack(d, 1)", "", Json::Null),
            ("where k == 'x' | evaluate bag_unpack(d, strcat('d', '_'))", "", Json::Null),
        ],
    );
    // A bag that holds its own column's name puts it in that column's place.
    check(
        "print d = dynamic({'z': 1, 'd': 2, 'b': 3})",
        &[("evaluate bag_unpack(d)", "d b z", json!([[2, 3, 1]]))],
    );
    assert!(refusal("Heartbeat | evaluate autocluster()").contains("'autocluster'"));
}

#[test]
fn the_rows_that_a_plugin_needs_are_computed_once() {
    let query = "let t = materialize(print d = bag_pack('v', rand())); union (t | evaluate bag_unpack(d)), (t | project v = toreal(d.v)) | summarize dcount(v)";
    assert_eq!(answer(query).unwrap().1, json!([[1]]));
}

#[test]
fn values_become_columns() {
    let table = "datatable(town: string, sort_of: string, n: long)['bern', 'q', 1, 'bern', 'p', 2, 'chur', 'p', 4, 'chur', 'p', 8]";
    check(
        table,
        &[
            ("project-away n | evaluate pivot(sort_of)", "town q p", json!([["bern", 1, 1], ["chur", 0, 2]])),
            ("evaluate pivot(sort_of, sum(n))", "town q p", json!([["bern", 1, 2], ["chur", 0, 12]])),
            ("evaluate pivot(sort_of, max(n), town)", "town q p", json!([["bern", 1, 2], ["chur", null, 8]])),
            (
                "evaluate pivot(n, count(), sort_of) | project sort_of, ['8']",
                "sort_of 8",
                json!([["q", 0], ["p", 1]]),
            ),
            (
                "evaluate pivot(sort_of, sum(n)) : (town: string, p: long, r: long)",
                "town p r",
                json!([["bern", 2, 0], ["chur", 12, 0]]),
            ),
            ("where n > 9 | evaluate pivot(sort_of)", "town n", json!([])),
            ("evaluate pivot(sort_of, n + 1)", "", Json::Null),
            ("evaluate pivot(sort_of, n)", "", Json::Null),
            ("evaluate pivot(sort_of, town)", "", Json::Null),
            ("evaluate pivot(sort_of, (town))", "", Json::Null),
            ("evaluate pivot(sort_of, 1)", "", Json::Null),
            ("evaluate pivot(sort_of, tolower(town))", "", Json::Null),
            ("evaluate pivot(sort_of, sum(n), max(n))", "", Json::Null),
            ("evaluate pivot(sort_of, count(), 'town')", "", Json::Null),
            ("evaluate pivot('sort_of', count())", "", Json::Null),
            ("evaluate pivot(nothing)", "", Json::Null),
        ],
    );
}

#[test]
fn columns_by_their_names() {
    check(
        "print a = 1, ab = 'x', c = 2.5",
        &[
            ("project-by-names 'c', dynamic(['a', 'nothing'])", "c a", json!([[2.5, 1]])),
            ("project-by-names 'a*'", "a ab", json!([[1, "x"]])),
            ("assert-schema (a: long, ab: string, c: real)", "a ab c", json!([[1, "x", 2.5]])),
            ("assert-schema (a: long)", "", Json::Null),
            ("consume", "", json!([])),
            ("consume decodeblocks=true", "", json!([])),
        ],
    );
    assert!(
        refusal("externaldata(a: string)['https://example.com/a.csv']")
            .contains("'externaldata' reads files")
    );
}
