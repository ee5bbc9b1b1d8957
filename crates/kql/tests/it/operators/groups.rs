//! `top-nested`, `top-hitters`, `mv-apply`, `partition`.

use std::time::{Duration, Instant};

use kql::{Database, Options, run};
use serde_json::{Value as Json, json};

use super::{check, refusal};
use crate::options;

const SALES: &str = "datatable(town: string, shop: string, n: long)\
    ['bern', 'p', 5, 'bern', 'q', 9, 'bern', 'r', 2, 'basel', 'p', 30, 'basel', 's', 1, 'chur', 't', 3, 'davos', 'u', 4]";

#[test]
fn top_nested_takes_the_heaviest_of_each_level() {
    check(
        SALES,
        &[
            ("top-nested 2 of town by sum(n)", "town aggregated_town", json!([["basel", 31], ["bern", 16]])),
            ("top-nested 1 of town by small=sum(n) asc", "town small", json!([["chur", 3]])),
            (
                "top-nested 2 of town by sum(n), top-nested 1 of shop by best=max(n)",
                "town aggregated_town shop best",
                json!([["basel", 31, "p", 30], ["bern", 16, "q", 9]]),
            ),
            (
                "top-nested of letter=substring(town, 0, 1) by count(), top-nested 1 of n by max(1)",
                "letter aggregated_letter n aggregated_n",
                json!([["b", 5, 5, 1], ["c", 1, 3, 1], ["d", 1, 4, 1]]),
            ),
            (
                "top-nested 1 of town by sum(n), top-nested 5 of town by percentile(n, 50) * 2",
                "town aggregated_town town1 aggregated_town1",
                json!([["basel", 31, "basel", 2]]),
            ),
            ("where n > 99 | top-nested 2 of town by sum(n)", "town aggregated_town", json!([])),
            ("top-nested 2 of town by n", "", Json::Null),
            ("top-nested 2 of town by arg_max(n, shop)", "", Json::Null),
            ("top-nested 2 of town by sum(n) with others='x'", "", Json::Null),
        ],
    );
}

#[test]
fn top_nested_calls_the_others_as_it_is_told() {
    check(
        SALES,
        &[
            (
                "top-nested 1 of town with others='else' by sum(n)",
                "town aggregated_town",
                json!([["basel", 31], ["else", 23]]),
            ),
            ("top-nested 9 of town with others='else' by sum(n) | count", "Count", json!([[4]])),
            // What did not make a level above keeps its sum below, beside empty cells.
            (
                "top-nested 2 of town by sum(n), top-nested 1 of shop with others='rest' by sum(n)",
                "town aggregated_town shop aggregated_shop",
                json!([
                    ["basel", 31, "p", 30],
                    ["bern", 16, "q", 9],
                    ["basel", 31, "rest", 1],
                    ["bern", 16, "rest", 7],
                    ["", null, "rest", 7]
                ]),
            ),
            (
                "top-nested 1 of town with others='else' by sum(n), top-nested 1 of shop by sum(n)",
                "town aggregated_town shop aggregated_shop",
                json!([["basel", 31, "p", 30], ["else", 23, "", null]]),
            ),
        ],
    );
}

#[test]
fn top_hitters_weighs_values() {
    check(
        SALES,
        &[
            ("top-hitters 1 of town", "town approximate_count_town", json!([["bern", 3]])),
            ("top-hitters 2 of town by n", "town approximate_sum_n", json!([["basel", 31], ["bern", 16]])),
            ("top-hitters 2 of nothing", "", Json::Null),
            ("top-hitters 2 of town by shop", "", Json::Null),
        ],
    );
}

#[test]
fn mv_apply_keeps_the_elements_of_each_row_apart() {
    let table = "datatable(k: string, d: dynamic, e: dynamic)\
        ['a', dynamic([3, 1, 2]), dynamic(['x']), 'b', dynamic([]), dynamic([]), 'c', dynamic([7]), dynamic(['y', 'z'])]";
    check(
        table,
        &[
            (
                "mv-apply v = d to typeof(long) on (summarize s = sum(v), n = count()) | project-away d, e",
                "k s n",
                json!([["a", 6, 3], ["c", 7, 1]]),
            ),
            (
                "mv-apply d to typeof(long) on (top 2 by d desc) | project-away e",
                "k d",
                json!([["a", 3], ["a", 2], ["c", 7]]),
            ),
            (
                "mv-apply with_itemindex=i v = d to typeof(long) on (sort by v asc | take 1 | project i, w = v * 2) | project k, i, w",
                "k i w",
                json!([["a", 1, 2], ["c", 0, 14]]),
            ),
            (
                "mv-apply v = d to typeof(long), w = e to typeof(string) on (where v > 1 or w == 'z' | project v, w) | project k, v, w",
                "k v w",
                json!([["a", 3, "x"], ["a", 2, ""], ["c", 7, "y"], ["c", null, "z"]]),
            ),
            (
                "mv-apply v = d to typeof(long) limit 1 on (count) | project k, Count",
                "k Count",
                json!([["a", 1], ["c", 1]]),
            ),
            // A row whose elements all fall out is a group still.
            (
                "mv-apply v = d to typeof(long) on (where v > 5 | summarize make_list(v)) | project k, list_v",
                "k list_v",
                json!([["a", []], ["c", [7]]]),
            ),
            // The subquery sees the columns of the row, and what it says of them holds.
            (
                "mv-apply v = d to typeof(long) on (extend k = strcat(k, v) | where v != 1) | project k, v",
                "k v",
                json!([["a3", 3], ["a2", 2], ["c7", 7]]),
            ),
            (
                "mv-apply v = d to typeof(long) on (summarize by odd = v % 2 | sort by odd asc | extend n = row_number()) | project k, odd, n",
                "k odd n",
                json!([["a", 0, 1], ["a", 1, 2], ["c", 1, 1]]),
            ),
            (
                "mv-apply v = d on (mv-apply w = pack_array(v, v) to typeof(long) on (summarize s = sum(w)) | summarize s = max(s)) | project k, s",
                "k s",
                json!([["a", 6], ["c", 14]]),
            ),
            (
                "mv-apply v = d to typeof(long) on (join kind=inner (print v = 7, word = 'seven') on v | project word) | project k, word",
                "k word",
                json!([["c", "seven"]]),
            ),
            ("mv-apply v = k on (take 1)", "", Json::Null),
            ("mv-apply kind=array v = d on (take 1)", "", Json::Null),
            ("mv-apply v = d on (as x | union x)", "", Json::Null),
        ],
    );
}

#[test]
fn partition_runs_a_subquery_for_each_value() {
    check(
        SALES,
        &[
            (
                "partition by town (top 1 by n desc)",
                "town shop n",
                json!([["bern", "q", 9], ["basel", "p", 30], ["chur", "t", 3], ["davos", "u", 4]]),
            ),
            (
                "partition hint.strategy=native by town (summarize s = sum(n) by big = n > 4 | where big) | sort by s asc",
                "big s",
                json!([[true, 14], [true, 30]]),
            ),
            (
                "partition hint.strategy=shuffle by shop (sort by n asc | extend c = row_cumsum(n) | project shop, c) | where shop == 'p'",
                "shop c",
                json!([["p", 5], ["p", 35]]),
            ),
            (
                "where n > 4 | partition by shop { print x = strcat('is ', toscalar(shop)) }",
                "x",
                json!([["is p"], ["is q"]]),
            ),
            ("partition hint.strategy=native by shop { print 1 }", "", Json::Null),
            ("partition by nothing (take 1)", "", Json::Null),
            ("partition hint.strategy=quick by shop (take 1)", "", Json::Null),
        ],
    );
    let many = "range x from 1 to 65 step 1 | partition by x (take 1) | count";
    assert!(refusal(many).contains("64 values"), "{}", refusal(many));
    assert!(
        refusal("range x from 1 to 65 step 1 | partition by x { print toscalar(x) }").contains("64 values")
    );
    check(
        "range x from 1 to 65 step 1",
        &[("partition hint.strategy=native by x (take 1) | count", "Count", json!([[65]]))],
    );
}

#[test]
fn many_groups_cost_their_rows_and_no_plan_each() {
    let limits = Options { deadline: Some(Duration::from_secs(20)), ..options() };
    for query in [
        "range x from 1 to 200000 step 1 | extend d = pack_array(x, x + 1, x + 2) | mv-apply v = d to typeof(long) on (where v % 2 == 0 | summarize s = sum(v)) | count",
        "range x from 1 to 200000 step 1 | partition hint.strategy=native by x (top 1 by x | extend y = x + 1) | count",
    ] {
        let start = Instant::now();
        let rows = run(query, &Database::schema(), &limits).unwrap().rows_json();
        assert_eq!(Json::Array(rows), json!([[200_000]]), "{query}");
        assert!(start.elapsed() < Duration::from_secs(15), "{query}: {:?}", start.elapsed());
    }
}

#[test]
fn groups_one_by_one_are_stopped_in_time() {
    let limits = Options { deadline: Some(Duration::from_secs(1)), ..options() };
    let query = "range x from 1 to 500000 step 1 | partition hint.strategy=native by x (extend n = row_number() | extend m = prev(n) | join kind=inner (range y from 1 to 1000 step 1) on $left.n == $right.y) | count";
    let start = Instant::now();
    let error = run(query, &Database::schema(), &limits).unwrap_err();
    assert!(error.message.contains("longer than 1 s"), "{error}");
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
}
