//! The type `decimal`: exact, text in every answer, and stronger than `real` beside it.

use kql::{Column, Database, Type, run};
use serde_json::{Value as Json, json};

use crate::options;
use crate::semantics::rows;

fn types(query: &str) -> Json {
    run(query, &Database::schema(), &options()).unwrap().columns_json()
}

#[test]
fn arithmetic_is_exact() {
    for (query, wanted) in [
        (
            "print decimal(0.1) + decimal(0.2), decimal(0.1) + decimal(0.2) == decimal(0.3)",
            json!([["0.3", true]]),
        ),
        (
            "print decimal(2) / 3, 2 / decimal(3), 7 % decimal(2.5)",
            json!([["0.6666666666666666666666666666666667", "0.6666666666666666666666666666666667", "2.0"]]),
        ),
        (
            "print decimal(1) / 0, decimal(null) + 1, -decimal(1.5), -todecimal('2')",
            json!([[null, null, "-1.5", "-2"]]),
        ),
        ("print x = decimal(9007199254740993) * 10", json!([["90071992547409930"]])),
        (
            "print 0.1 + decimal(0.2), 1s * decimal(1.5), dynamic(2) + decimal(0.5)",
            json!([["0.3", "00:00:01.5000000", "2.5"]]),
        ),
        (
            "print abs(decimal(-1.5)), round(decimal(2.345), 2), ceiling(decimal(1.2)), bin(decimal(7.5), 2), bin_at(decimal(7.5), 2, 1)",
            json!([["1.5", "2.35", "2", "6", "7"]]),
        ),
        (
            "print max_of(decimal(1.5), 2), min_of(1.25, decimal(1.5)), coalesce(decimal(null), 3), iff(true, decimal(1), 2)",
            json!([["2", "1.25", "3", "1"]]),
        ),
        ("print sqrt(decimal(4)), pow(decimal(2), 3), sign(decimal(-2))", json!([[2.0, 8.0, -1.0]])),
    ] {
        assert_eq!(rows(query), wanted, "{query}");
    }
}

#[test]
fn conversions() {
    for (query, wanted) in [
        (
            "print todecimal('3.14159265358979323846'), todecimal('x'), todecimal(true), todecimal(0.1), todecimal(dynamic(5))",
            json!([["3.14159265358979323846", null, "1", "0.1", "5"]]),
        ),
        (
            "print tolong(decimal(-9.99)), toint(todecimal('9.99')), todouble(decimal(1.5)), tostring(decimal(1.50)), tobool(decimal(0.0))",
            json!([[-9, 9, 1.5, "1.50", false]]),
        ),
        (
            "print gettype(decimal(1)), isnull(decimal(null)), isnotnull(decimal(1)), strcat('a', decimal(0.5))",
            json!([["decimal", true, true, "a0.5"]]),
        ),
        (
            "print pack_array(decimal(1.5), 2), bag_pack('a', decimal(0.1))",
            json!([[["1.5", 2], {"a": "0.1"}]]),
        ),
        ("print s = 'a1.5b' | parse s with 'a' d:decimal 'b' | project d", json!([["1.5"]])),
        (
            "print x = dynamic([1, 2.5, 'z']) | mv-expand x to typeof(decimal)",
            json!([["1"], ["2.5"], [null]]),
        ),
        (
            "print extract('(.*)', 1, '0.10', typeof(decimal)), extract_json('$.a', '{\"a\":1.5}', typeof(decimal))",
            json!([["0.10", "1.5"]]),
        ),
        ("datatable(d:decimal)[1, 2.5, decimal(1e3), '0.10']", json!([["1"], ["2.5"], ["1000"], ["0.10"]])),
        ("range x from decimal(1) to 2 step 0.5", json!([["1"], ["1.5"], ["2.0"]])),
        ("let f = (d:decimal) { d * 2 }; print f(1.5)", json!([["3.0"]])),
    ] {
        assert_eq!(rows(query), wanted, "{query}");
    }
    for query in [
        "print decimal(abc)",
        "print decimal(1) * true",
        "print decimal(1) and true",
        "print binary_and(decimal(1), 1)",
        "print isnan(decimal(1))",
    ] {
        assert!(run(query, &Database::schema(), &options()).is_err(), "{query}");
    }
}

#[test]
fn comparisons_groups_and_orders_go_by_value() {
    let table = "datatable(d:decimal, n:long)[decimal(1.50), 1, decimal(null), 2, decimal(1.5), 3, decimal(-2), 4, 10, 5]";
    for (tail, wanted) in [
        ("summarize c = count() by d | sort by d asc", json!([[null, 1], ["-2", 1], ["1.50", 2], ["10", 1]])),
        ("sort by d desc | project n", json!([[5], [1], [3], [4], [2]])),
        ("where d == 1.5 | project n", json!([[1], [3]])),
        ("where d in (decimal(1.500), 10) | project n", json!([[1], [3], [5]])),
        ("where d between (-3 .. 1.5) | project n", json!([[1], [3], [4]])),
        ("where d > 1 and d < decimal(9.9) | project n", json!([[1], [3]])),
        ("where 1.5 in (d) | project n", json!([[1], [3]])),
        ("distinct d | count", json!([[4]])),
        ("top 1 by d | project d", json!([["10"]])),
        (
            "join kind=inner (datatable(d:decimal, m:string)[decimal(1.500), 'x']) on d | project n, m",
            json!([[1, "x"], [3, "x"]]),
        ),
        (
            "serialize s = row_cumsum(d), p = prev(d, 1, 0) | project s, p",
            json!([["1.50", "0"], ["1.50", "1.50"], ["3.00", null], ["1.00", "1.5"], ["11.00", "-2"]]),
        ),
    ] {
        assert_eq!(rows(&format!("{table} | {tail}")), wanted, "{tail}");
    }
}

#[test]
fn aggregates() {
    let table = "datatable(k:string, d:decimal)['a', 0.1, 'a', 0.2, 'b', decimal(null), 'a', decimal(0.6)]";
    for (tail, wanted) in [
        (
            "summarize sum(d), avg(d), min(d), max(d) by k",
            json!([["a", "0.9", "0.3", "0.1", "0.6"], ["b", "0", null, null, null]]),
        ),
        (
            "summarize make_list(d), make_set(d), dcount(d), percentile(d, 50)",
            json!([[["0.1", "0.2", "0.6"], ["0.1", "0.2", "0.6"], 3, 0.2]]),
        ),
        ("summarize arg_max(d, k), sumif(d, d > 0.1)", json!([["0.6", "a", "0.8"]])),
        ("summarize round(stdev(d), 3)", json!([[0.265]])),
        (
            "where isnotnull(d) | make-series n = count(), s = sum(d) on d from 0 to 1 step 0.5",
            json!([[[2, 1], ["0.3", "0.6"], [0.0, 0.5]]]),
        ),
        ("summarize c = count() by bin(d, 0.5) | sort by d asc", json!([[null, 1], ["0.0", 2], ["0.5", 1]])),
    ] {
        assert_eq!(rows(&format!("{table} | {tail}")), wanted, "{tail}");
    }
}

#[test]
fn types_are_the_analysers() {
    assert_eq!(
        types(
            "print a = decimal(1) + 1.5, b = decimal(1) % 2, c = 1s / decimal(2), d = decimal(1) < 2, e = exp(decimal(1)), f = iff(true, decimal(1), 2.5)"
        ),
        json!([
            {"name": "a", "type": "decimal"}, {"name": "b", "type": "decimal"}, {"name": "c", "type": "timespan"},
            {"name": "d", "type": "bool"}, {"name": "e", "type": "real"}, {"name": "f", "type": "decimal"}
        ])
    );
    assert_eq!(
        types("datatable(d:decimal)[1] | summarize sum(d), avg(d), max(d), stdev(d), percentile(d, 50)"),
        json!([
            {"name": "sum_d", "type": "decimal"}, {"name": "avg_d", "type": "decimal"}, {"name": "max_d", "type": "decimal"},
            {"name": "stdev_d", "type": "real"}, {"name": "percentile_d_50", "type": "real"}
        ])
    );
}

#[test]
fn a_table_has_decimals_and_the_api_answers_text() {
    let mut database = Database::new();
    database.add_table("Costs", vec![Column::new("Cost", Type::Decimal), Column::new("Name", Type::String)]);
    let body = [
        json!({"Cost": "0.10101", "Name": "text"}),
        json!({"Cost": 0.1, "Name": "number"}),
        json!({"Cost": 12, "Name": "whole"}),
        json!({"Cost": "many", "Name": "neither"}),
        json!({"Name": "missing"}),
    ];
    database.append("Costs", body.iter().map(|row| row.as_object().unwrap())).unwrap();
    let answer = run("Costs | project Cost", &database, &options()).unwrap();
    let table = serde_json::to_value(answer.api_table()).unwrap();
    assert_eq!(table["columns"], json!([{"name": "Cost", "type": "decimal"}]));
    assert_eq!(table["rows"], json!([["0.10101"], ["0.1"], ["12"], [null], [null]]));
}
