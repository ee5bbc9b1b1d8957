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

#[test]
fn what_people_write_is_read() {
    for (query, wanted) in [
        ("print 95th_percentile = 3 | project twice = 95th_percentile * 2", json!([[6]])),
        ("print x = 1\u{200b}\n| extend y = x + 1\u{200b}", json!([[1, 2]])),
        ("declare query_parameters(n: long = 4, name: string = 'a');\nprint n + 1, name", json!([[5, "a"]])),
        ("print x = 1 | as ['one row'] | project x", json!([[1]])),
        (
            "let at = 'x'; print x = 5 | project y = column_ifexists(at, 0), z = iscolumnexists('z')",
            json!([[5, false]]),
        ),
        ("let line = (k: string, v: string) { strcat(k, '=', v) }; print line('n', 5)", json!([["n=5"]])),
        (
            "print hash('World'), hash('World', 100), hash(datetime(2015-01-01))",
            json!([[1_846_988_464_401_551_951_i64, 51, 1_380_966_698_541_616_202_i64]]),
        ),
        (
            "let t = datetime(2026-05-04 10:00); print todatetime(ceiling(t / 1d) * 1d), t / 1d - datetime(2026-05-04) / 1d > 0.4",
            json!([["2026-05-05T00:00:00.0000000Z", true]]),
        ),
        (
            "print share = 1 | extend round(part = share * 100.0 / 3, 1), strcat(a = 'x', b = 'y')",
            json!([[1, 33.3, "xy"]]),
        ),
        ("union * | count", json!([[0]])),
        (
            "let v = view () { print x = 1 }; union withsource = s v, (print x = 2 | as w), (print x = 3) | sort by x asc | project s",
            json!([["v"], ["w"], ["union_arg2"]]),
        ),
        (
            "let v1 = view () { print x = 1 }; let v2 = view () { print x = 2 }; let v3 = () { print x = 3 }; union withsource = s v*",
            json!([["v1", 1], ["v2", 2]]),
        ),
        (
            "range x from 1 to 1 step 1 | as left | union withsource = s (range x from 2 to 2 step 1 | as right)",
            json!([["left", 1], ["right", 2]]),
        ),
        ("datatable(x: real)[1.0, real(null)] | summarize count(x)", json!([[2]])),
        ("datatable(x: bool)[true, false, bool(null)] | summarize count(x)", json!([[1]])),
        (
            "print make_timespan(1, 12, 30, 55.123), make_timespan(1, 2, 3.5)",
            json!([["1.12:30:55.1230000", "01:02:03.5000000"]]),
        ),
        (
            "print datetime(2025, 6, 14), datetime(2025, 11, 2)",
            json!([["2025-06-14T00:00:00.0000000Z", "2025-11-02T00:00:00.0000000Z"]]),
        ),
        (
            "print indexof('abcdefgabcdefg', 'cde', 1, 10, 2), indexof('aaaa', 'aa', 0, -1, 3), indexof('abab', 'b', 0, -1, 3)",
            json!([[9, 2, -1]]),
        ),
        ("print indexof_regex('abcabc', 'a.c', -1), indexof_regex('abcabc', 'a.c', 1)", json!([[null, 3]])),
        ("let all = union *; all | summarize n = count() | project n", json!([[0]])),
        ("print s = 'a' | serialize | project p = prev(s, 1, 0)", json!([["0"]])),
        (
            "datatable(t: datetime, l: long)[datetime(2026-05-04), 7] | make-series n = sum(l) default = toint(-1) \
             on t from datetime(2026-05-03) to datetime(2026-05-05) step 1d | project n",
            json!([[[-1, 7]]]),
        ),
        ("range x from 1 to 9 step 1 | sample 2 | count", json!([[2]])),
        ("range x from 1 to 9 step 1 | extend k = x % 3 | sample-distinct 5 of k | count", json!([[3]])),
        ("print s = 'a b' | where s has_any (dynamic(['b'])) and s !startswith 'b'", json!([["a b"]])),
    ] {
        assert_eq!(rows(query), wanted, "{query}");
    }
    let render =
        run("print x = 1 | render piechart by x", &Database::schema(), &options()).unwrap().render.unwrap();
    assert_eq!(render.properties, [("series".to_owned(), "x".to_owned())]);
}

#[test]
fn a_refusal_names_what_is_missing() {
    for (query, words, line, column) in [
        ("Heartbeat\n| where TimeGenerated {TimeRange}", "{TimeRange} is a parameter of a workbook", 2, 23),
        (
            "Heartbeat\n| where TimeGenerated > {TimeRange:start}",
            "{TimeRange:start} is a parameter of a workbook",
            2,
            25,
        ),
        (".show tables", "control command '.show'", 1, 1),
        ("find in (Perf) where Computer == 'x'", "'Perf'", 1, 10),
        ("print extract_all('a', 'b')", "put brackets around", 1, 19),
        ("print s = 'a' | parse s with '' v", "an empty text", 1, 30),
        ("print s = 'a' | parse-where kind=relaxed s with 'a' v", "cannot be relaxed", 1, 42),
        ("search in (Nope) 'x'", "'Nope'", 1, 12),
        ("search kind=loud 'x'", "'loud'", 1, 13),
        ("print x = 1 | search y == 2", "'y'", 1, 22),
        ("print x = 1 | search x", "bool", 1, 22),
        ("print x = 1 | search in (Heartbeat) 'x'", "not from both", 1, 26),
        ("cluster('c').database('d').Heartbeat", "'cluster'", 1, 1),
        ("database('d').Heartbeat", "'database'", 1, 1),
        ("app('a').requests | take 1", "'app'", 1, 1),
        ("Heartbeat | where IsGatewayInstalled = true", "'=='", 1, 38),
        ("externaldata(x: string)['https://example.com/a.csv']", "'externaldata'", 1, 1),
        (
            "let x = externaldata(x: string)['https://example.com/a.csv'] with (format='csv');\nx",
            "'externaldata'",
            1,
            9,
        ),
        ("declare query_parameters(n: long);\nprint n", "'n'", 1, 26),
        ("Heartbeat | reduce by Computer", "'reduce'", 1, 13),
        ("Heartbeat | extend x = geo_info_from_ip_address(ComputerIP)", "'geo_info_from_ip_address'", 1, 24),
        ("Heartbeat | join kind=inner (Perf | take 1) on Computer", "'Perf'", 1, 30),
        ("Heartbeat | where Comptuer == 'x'", "'Comptuer'", 1, 19),
        ("print s = 'a' | parse s with 'a' x *", "ambiguous", 1, 34),
        ("print s = 'a' | parse s with 'a' x y", "between two columns", 1, 36),
        ("print d = dynamic(1), s = 'a' | project coalesce(d, s)", "a dynamic", 1, 53),
        ("print d = dynamic(1) | project max_of(d, 2)", "an order", 1, 39),
        ("print d = dynamic(1) | summarize countif(d)", "bool", 1, 42),
        ("print s = 'a', p = 'b' | project extract(p, 0, s)", "constant", 1, 42),
        ("print l = 1 | serialize | project prev(l + 1)", "column", 1, 40),
        ("print l = 1 | project bag_pack('a', l, 'b')", "in turn", 1, 23),
        ("print l = 1 | project set_union(dynamic([1]))", "at least 2", 1, 23),
        ("print s = 'a' | project abs(s)", "a number", 1, 29),
        ("print l = 1 | project-away nosuch*", "'nosuch*'", 1, 28),
        ("Heartbeat | summarize max(series_fit_line(dynamic([1])))", "'series_fit_line'", 1, 27),
    ] {
        let error = run(query, &Database::schema(), &options()).unwrap_err();
        assert!(error.message.contains(words), "{query}: {error}");
        assert_eq!((error.line, error.column), (line, column), "{query}: {error}");
    }
}

#[test]
fn search_looks_into_every_column() {
    let tables = "let people = view () { datatable(name: string, town: string, n: long)\
        ['Anna Lab', 'Bern', 5, 'Ben', 'Labrador', 7, 'Carl', 'Basel', 12] }; \
        let things = view () { datatable(label: string, n: long)['lab coat', 5, 'PC', 3] };";
    for (search, wanted) in [
        ("search in (people, things) 'lab'", json!([["people", "Anna Lab", ""], ["things", "", "lab coat"]])),
        (
            "search in (people, things) 'lab*' | where $table == 'people'",
            json!([["people", "Anna Lab", ""], ["people", "Ben", ""]]),
        ),
        ("search in (people) '*AB*' and not(town: 'bern')", json!([["people", "Ben", ""]])),
        ("search in (people) '*dor' or n > 10", json!([["people", "Ben", ""], ["people", "Carl", ""]])),
        ("search in (people) 'a*lab'", json!([["people", "Anna Lab", ""]])),
        ("search kind=case_sensitive in (people, things) 'lab'", json!([["things", "", "lab coat"]])),
        ("search in (things) 5", json!("refused")),
        ("search in (things) '5'", json!([["things", "", "lab coat"]])),
        (
            "search in (people) *",
            json!([["people", "Anna Lab", ""], ["people", "Ben", ""], ["people", "Carl", ""]]),
        ),
        ("search in (people, things) 'people'", json!([])),
        ("people | as p | search 'basel'", json!([["p", "Carl", ""]])),
    ] {
        let query = format!(
            "{tables} {search} | project $table, name = column_ifexists('name', ''), column_ifexists('label', '')"
        );
        match run(&query, &Database::schema(), &options()) {
            Ok(answer) => assert_eq!(Json::Array(answer.rows_json()), wanted, "{search}"),
            Err(error) => assert_eq!(wanted, json!("refused"), "{search}: {error}"),
        }
    }
}
