//! Aggregates where Kusto's own engine answers otherwise than one would think: arrays in lists, nothing to average, what
//! is no number; and the forms that follow from the table.

use kql::{Database, run};
use serde_json::{Value as Json, json};

use crate::options;
use crate::semantics::rows;

fn hold(table: &str, cases: &[(&str, Json)]) {
    for (tail, wanted) in cases {
        assert_eq!(rows(&format!("{table} | {tail}")), *wanted, "{tail}");
    }
}

fn refusal(query: &str) -> String {
    run(query, &Database::schema(), &options()).unwrap_err().message
}

#[test]
fn lists_of_dynamics_take_the_elements_of_arrays_and_keep_nulls() {
    let table = "datatable(k:string, d:dynamic)['a', dynamic([7, [8]]), 'a', dynamic({'p': 1}), 'a', dynamic(null), 'b', dynamic([]), 'b', dynamic('x')]";
    hold(
        table,
        &[
            ("summarize make_list(d) by k", json!([["a", [7, [8], {"p": 1}, null]], ["b", ["x"]]])),
            ("summarize make_list_with_nulls(d)", json!([[[7, [8], {"p": 1}, null, "x"]]])),
            ("summarize make_list(d, 1), make_list_if(d, k == 'b')", json!([[[7], ["x"]]])),
            // Of columns with a type of their own, nulls are left out.
            ("summarize make_list(tolong(d))", json!([[[]]])),
            (
                "summarize inner = make_list(k) by k | summarize make_list(inner)",
                json!([[["a", "a", "a", "b", "b"]]]),
            ),
        ],
    );
}

#[test]
fn any_value_of_the_rows_that_are_chosen() {
    hold(
        "datatable(k:string, n:long)['a', 1, 'b', 2, 'a', 3]",
        &[
            ("summarize take_anyif(n, n > 2) by k", json!([["a", 3], ["b", null]])),
            (
                "summarize x = anyif(k, n == 2), y = take_anyif(k, n > 5), z = take_anyif(n, n > 5)",
                json!([["b", "", null]]),
            ),
        ],
    );
}

#[test]
fn the_average_of_no_number_is_no_number() {
    let table =
        "datatable(k:string, n:long, r:real, t:timespan)['a', 1, real(null), 1h, 'b', long(null), 2.5, 3h]";
    hold(
        table,
        &[
            ("where false | summarize avg(n), avg(r)", json!([["NaN", "NaN"]])),
            ("summarize avg(n), avg(r) by k", json!([["a", 1.0, "NaN"], ["b", "NaN", 2.5]])),
            ("summarize avgif(n, false), isnull(avgif(r, false))", json!([["NaN", false]])),
            ("summarize avgif(t, false), avg(t)", json!([[null, "02:00:00"]])),
            ("summarize toint(avgif(n, false))", json!([[null]])),
        ],
    );
}

#[test]
fn whole_numbers_are_averaged_as_they_are_added() {
    let table = "datatable(n:long)[9223372036854775807, 1]";
    hold(table, &[("summarize avg(n) < 0", json!([[true]]))]);
    // 2^53 + 1 twice: a sum of reals would lose the ones.
    let table = "datatable(n:long)[9007199254740993, 9007199254740993, -18014398509481984]";
    hold(table, &[("summarize avg(n) * 3", json!([[2.0]]))]);
}

#[test]
fn what_is_no_number_is_every_extreme() {
    let table = "datatable(k:string, r:real, w:long)['a', 4.0, 1, 'a', real(nan), 2, 'a', 9.0, 3, 'b', real(nan), 4, 'b', -5.0, 5, 'c', real(null), 6, 'c', real(+inf), 7]";
    hold(
        table,
        &[
            (
                "summarize max(r), min(r) by k",
                json!([["a", "NaN", "NaN"], ["b", "NaN", "NaN"], ["c", "Infinity", "Infinity"]]),
            ),
            ("summarize arg_max(r, w) by k", json!([["a", "NaN", 2], ["b", "NaN", 4], ["c", "Infinity", 7]])),
            ("summarize arg_min(r, w) by k", json!([["a", "NaN", 2], ["b", "NaN", 4], ["c", "Infinity", 7]])),
            ("summarize maxif(r, w < 2), minif(r, w > 5)", json!([[4.0, "Infinity"]])),
        ],
    );
}

#[test]
fn what_is_no_number_compares_to_nothing() {
    let table = "datatable(r:real)[real(nan), 1.0, real(null)]";
    hold(
        table,
        &[
            (
                "project r < 2.0, r <= 2, r > 2, r >= real(nan), r between (0.0 .. 5.0), r !between (0.0 .. 5.0)",
                json!([
                    [false, false, false, false, false, true],
                    [true, true, false, false, true, false],
                    [null, null, null, null, null, null]
                ]),
            ),
            ("where not(r > 0.5)", json!([["NaN"]])),
            (
                "project sign(r), isnan(r), isinf(r), isfinite(r)",
                json!([[0.0, true, false, false], [1.0, false, false, true], [null, null, null, null]]),
            ),
        ],
    );
}

#[test]
fn what_is_no_number_is_sorted_beside_the_nulls() {
    let table = "datatable(r:real)[1.0, real(nan), real(-inf), real(null)]";
    let low = "-Infinity";
    hold(
        table,
        &[
            ("sort by r asc", json!([[null], ["NaN"], [low], [1.0]])),
            ("sort by r desc", json!([[1.0], [low], ["NaN"], [null]])),
            ("sort by r asc nulls last", json!([[low], [1.0], ["NaN"], [null]])),
            ("sort by r desc nulls first", json!([[null], ["NaN"], [1.0], [low]])),
            ("top 2 by r asc nulls last", json!([[low], [1.0]])),
        ],
    );
}

#[test]
fn ranges_to_what_is_no_number_end() {
    for query in [
        "range x from real(nan) to 5.0 step 1.0",
        "range x from 1.0 to real(nan) step 1.0",
        "range x from 1.0 to 5.0 step real(nan)",
    ] {
        assert_eq!(rows(query), json!([]), "{query}");
    }
    assert_eq!(rows("print range(1.0, real(nan), 1.0), bin(real(nan), 2)"), json!([[[], "NaN"]]));
}

#[test]
fn weighted_percentiles_count_a_value_as_often_as_its_weight() {
    let table = "datatable(ms:long, n:int)[40, 1, 10, 8, 30, 3, 20, 6, 99, 0, 98, -4, 97, int(null)]";
    let columns =
        run(&format!("{table} | summarize percentilesw(ms, n, 50, 99.9)"), &Database::schema(), &options())
            .unwrap()
            .columns;
    let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["percentile_ms_50", "percentile_ms_99_9"]);
    hold(
        table,
        &[
            // Eighteen values: 8 × 10, 6 × 20, 3 × 30, 1 × 40.
            ("summarize percentilew(ms, n, 44), percentilew(ms, n, 45)", json!([[10, 20]])),
            ("summarize percentilesw(ms, n, 50, 75, 80, 99.9)", json!([[20, 20, 30, 40]])),
            (
                "summarize percentilesw_array(ms, n, 0, 100), a = percentilesw_array(ms, n, dynamic([50]))",
                json!([[[10, 40], [20]]]),
            ),
            ("where n < 1 | summarize percentilew(ms, n, 50)", json!([[null]])),
        ],
    );
}

#[test]
fn covariance_takes_the_pairs_that_are_whole() {
    let table = "datatable(x:long, y:real)[2, 1.0, 4, 5.0, 9, 9.0, long(null), 7.0, 5, real(null)]";
    hold(
        table,
        &[
            ("summarize covariance(x, y), covariancep(x, y)", json!([[14.0, 28.0 / 3.0]])),
            ("summarize covarianceif(x, y, x < 5), covariancepif(y, x, x < 5)", json!([[4.0, 2.0]])),
            ("summarize variancepif(x, x < 5)", json!([[1.0]])),
        ],
    );
}

#[test]
fn forms_with_a_predicate_follow_from_the_table() {
    for (query, words) in [
        ("print x = 1 | summarize sumif(x, 1)", "expected a bool"),
        ("print x = 1 | summarize sumif(x)", "'sumif' expects 2 arguments, found 1"),
        ("print x = 1 | summarize make_list_if(x, true, 2, 3)", "'make_list_if' expects 2 to 3 arguments"),
        ("print x = 1 | summarize countif()", "'countif' expects 1 argument, found 0"),
        ("print x = 1 | summarize stdevpif(x, true)", "'stdevpif' is not known"),
        ("print x = 1 | summarize make_setif(x, true)", "'make_setif' is not known"),
        ("print x = 1 | summarize hll(x)", "the aggregate 'hll' is not supported"),
        ("print d = dynamic({}) | summarize buildschema(d)", "the aggregate 'buildschema' is not supported"),
        ("print x = 1 | summarize tdigest(x)", "the aggregate 'tdigest' is not supported"),
    ] {
        let message = refusal(query);
        assert!(message.contains(words), "{query}: {message}");
    }
}

#[test]
fn series_have_a_default_of_their_own_and_keep_what_is_no_number() {
    let table = "datatable(t:datetime, v:long, s:string)[datetime(2026-01-01), 4, 'a', datetime(2026-01-03), long(null), '', datetime(2026-01-01), 8, 'b']";
    let on = "on t from datetime(2026-01-01) to datetime(2026-01-04) step 1d";
    for (series, wanted) in [
        ("a = avg(v)", json!([[6.0, 0.0, "NaN"]])),
        ("a = avg(v) default = real(null)", json!([[6.0, null, "NaN"]])),
        ("a = avg(v) default = 7", json!([[6.0, 7.0, "NaN"]])),
        (
            "a = take_any(s) default = 'none', b = max(t)",
            json!([
                ["a", "none", ""],
                ["2026-01-01T00:00:00.0000000Z", null, "2026-01-03T00:00:00.0000000Z"]
            ]),
        ),
        ("sum(v), n = count() default = -1, m = max(v)", json!([[12, 0, 0], [2, -1, 1], [8, 0, 0]])),
        ("percentiles(v, 50, 90) default = -2", json!([[4, -2, -2], [8, -2, -2]])),
        ("(low, high) = percentiles(v, 0, 100), n = count()", json!([[4, 0, 0], [8, 0, 0], [2, 0, 1]])),
    ] {
        let made = rows(&format!("{table} | make-series {series} {on} | project-away t"));
        assert_eq!(made, json!([wanted]), "{series}");
    }
    let none = format!(
        "{table} | where v > 99 | make-series kind=nonempty a = avg(v), n = count() default = 3 {on} | project a, n"
    );
    assert_eq!(rows(&none), json!([[[0.0, 0.0, 0.0], [3, 3, 3]]]));
    let message = refusal(&format!("{table} | make-series arg_max(v, s) {on}"));
    assert!(message.contains("one value"), "{message}");
}

#[test]
fn one_row_of_those_that_a_condition_chooses() {
    let table = "datatable(g:string, v:long, s:string, b:bool)['a', 1, 'x', false, 'a', 5, 'y', true, 'b', 2, 'z', false]";
    for (aggregates, wanted) in [
        ("take_anyif(v, b), m = max(v)", json!([["a", 5, 5], ["b", null, 2]])),
        ("n = count(), anyif(s, b), take_anyif(v + 1, v < 3)", json!([["a", 2, "y", 2], ["b", 1, "", 3]])),
        (
            "x = take_anyif(g, not(b)), y = minif(v, b), z = count()",
            json!([["a", "a", 5, 2], ["b", "b", null, 1]]),
        ),
        ("x = strcat(take_anyif(s, b), '!'), y = sum(v)", json!([["a", "y!", 6], ["b", "!", 2]])),
    ] {
        let found = rows(&format!("{table} | summarize {aggregates} by g | sort by g asc"));
        assert_eq!(found, wanted, "{aggregates}");
    }
}
