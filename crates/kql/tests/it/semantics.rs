//! Operators, aggregates and tables: cases worked out by hand from the language's reference.

use kql::{Column, Database, DateTime, Options, Type, run};
use serde_json::{Value as Json, json};

use crate::options;

pub(crate) fn rows(query: &str) -> Json {
    match run(query, &Database::schema(), &options()) {
        Ok(answer) => Json::Array(answer.rows_json()),
        Err(error) => panic!("{query}: {error}"),
    }
}

#[test]
fn aggregates() {
    let table = "datatable(k:string, n:long, b:bool, t:datetime)['a',1,true,datetime(2026-01-01),'a',3,false,datetime(2026-01-02),'b',long(null),true,datetime(2026-01-03)]";
    for (tail, wanted) in [
        (
            "summarize sumif(n, b), countif(b), minif(n, b), maxif(n, not(b)), avgif(n, b)",
            json!([[1, 2, 1, 3, 1.0]]),
        ),
        (
            "summarize dcount(k), count_distinct(n), make_set(k), make_list(n) by 1 == 1 | project-away Column1",
            json!([[2, 2, ["a", "b"], [1, 3]]]),
        ),
        (
            "summarize stdev(n), variance(n), percentile(n, 50), percentiles(n, 0, 100)",
            json!([[std::f64::consts::SQRT_2, 2.0, 1, 1, 3]]),
        ),
        (
            "summarize arg_max(t, n, b) by k",
            json!([
                ["a", "2026-01-02T00:00:00.0000000Z", 3, false],
                ["b", "2026-01-03T00:00:00.0000000Z", null, true]
            ]),
        ),
        ("summarize arg_min(n, *) by k | project k, n, b", json!([["a", 1, true], ["b", null, true]])),
        (
            "summarize max(k), min(t), avg(t)",
            json!([["b", "2026-01-01T00:00:00.0000000Z", "2026-01-02T00:00:00.0000000Z"]]),
        ),
        ("summarize strcat_array(array_sort_asc(make_set(k)), ','), count() * 2", json!([["a,b", 6]])),
        (
            "summarize make_set_if(k, b), make_list_if(n, b), make_list_with_nulls(n)",
            json!([[["a", "b"], [1], [1, 3, null]]]),
        ),
        ("summarize count() by bin(t, 2d) | count", json!([[2]])),
        (
            "where false | summarize make_list(n), dcount(k), stdev(n), varianceif(n, b), take_any(k), arg_max(t, n)",
            json!([[[], 0, 0.0, 0.0, "", null, null]]),
        ),
        ("distinct k, b | count", json!([[3]])),
        ("summarize by k", json!([["a"], ["b"]])),
        ("summarize make_bag(bag_pack(k, n))", json!([[{"a": 1, "b": null}]])),
    ] {
        assert_eq!(rows(&format!("{table} | {tail}")), wanted, "{tail}");
    }
}

#[test]
fn joins_and_unions() {
    let tables = "let L = datatable(k:string, a:long)['x',1,'y',2,'y',3,'z',4]; let R = datatable(k:string, b:string)['y','p','y','q','w','r'];";
    for (query, wanted) in [
        (
            "L | join kind=inner R on k | project a, b | sort by a asc, b asc",
            json!([[2, "p"], [2, "q"], [3, "p"], [3, "q"]]),
        ),
        ("L | join R on k | count", json!([[2]])),
        ("L | join kind=rightouter R on k | where isempty(k) | project a, k1, b", json!([[null, "w", "r"]])),
        ("L | join kind=fullouter R on k | count", json!([[7]])),
        ("L | join kind=leftanti R on k | project a | sort by a asc", json!([[1], [4]])),
        ("L | join kind=rightsemi R on k | project b | sort by b asc", json!([["p"], ["q"]])),
        (
            "L | lookup (R | summarize n = count() by k) on k | sort by a asc",
            json!([["x", 1, null], ["y", 2, 2], ["y", 3, 2], ["z", 4, null]]),
        ),
        ("union L, R | count", json!([[7]])),
        ("union L, (R | project k) | where isnull(a) | count", json!([[3]])),
        ("union kind=inner L, R | distinct k | count", json!([[4]])),
        ("union withsource=s Heartbeat, L | distinct s", json!([["union_arg1"]])),
        ("L | where k in (R) | count", json!([[2]])),
        ("L | where k !in ((R | project k)) | count", json!([[2]])),
        ("L | where a > toscalar(L | summarize avg(a)) | count", json!([[2]])),
        ("L | as X | join kind=inner (X) on k, a | count", json!([[4]])),
    ] {
        assert_eq!(rows(&format!("{tables} {query}")), wanted, "{query}");
    }
}

#[test]
fn rows_in_an_order() {
    let table = "datatable(n:long, s:string)[3,'c',1,'a',2,'b',long(null),'d']";
    for (tail, wanted) in [
        (
            "sort by n asc | extend r = row_number(), p = prev(n), x = next(s, 1, '-') | project r, p, x",
            json!([[1, null, "b"], [2, null, "b"], [3, 1, "c"], [4, 2, "-"]]),
        ),
        ("sort by s asc | extend c = row_cumsum(n) | project c", json!([[1], [3], [6], [6]])),
        ("top 2 by n asc nulls last | project n", json!([[1], [2]])),
        ("top 2 by n asc | project n", json!([[null], [1]])),
        ("sort by n desc nulls first | take 1 | project s", json!([["d"]])),
        ("serialize r = row_number(0) | where r == 3 | project s", json!([["d"]])),
        ("where * has 'B' or n == 3 | project s", json!([["c"], ["b"]])),
        ("sort by n | extend k = row_rank_dense(n > 1) | project k", json!([[1], [1], [2], [3]])),
    ] {
        let got = rows(&format!("{table} | {tail}"));
        if tail.starts_with("sort by n asc | extend r") {
            assert_eq!(got[3], json!([4, 2, "-"]), "{tail}");
        } else {
            assert_eq!(got, wanted, "{tail}");
        }
    }
}

#[test]
fn taking_values_apart() {
    for (query, wanted) in [
        (
            "print d = dynamic([1, 2]), s = 'x' | mv-expand d to typeof(long) | project d, s",
            json!([[1, "x"], [2, "x"]]),
        ),
        ("print a = dynamic([1, 2]), b = dynamic(['p']) | mv-expand a, b", json!([[1, "p"], [2, null]])),
        ("print d = dynamic([]) | mv-expand d | count", json!([[0]])),
        ("print d = dynamic(null) | mv-expand d | count", json!([[1]])),
        ("print d = dynamic({'a': 1, 'b': 2}) | mv-expand d", json!([[{"a": 1}], [{"b": 2}]])),
        ("print d = dynamic({'a': 1}) | mv-expand kind=array d | project d[0], d[1]", json!([["a", 1]])),
        ("print d = dynamic([5, 6]) | mv-expand with_itemindex=i d | project i, d", json!([[0, 5], [1, 6]])),
        ("print d = range(1, 9) | mv-expand d limit 2 | count", json!([[2]])),
        ("print s = 'a=1, b=x y' | parse s with 'a=' a:long ', b=' b | project a, b", json!([[1, "x y"]])),
        ("print s = 'junk a=1;' | parse s with * 'a=' a:int ';' * | project a", json!([[1]])),
        ("print s = 'nothing' | parse s with 'a=' a:long 'b' b | project a, b", json!([[null, ""]])),
        ("print s = 'nothing' | parse-where s with 'a=' a:long | count", json!([[0]])),
        ("print s = 'id42x' | parse kind=regex s with '[a-z]+' n:long 'x' | project n", json!([[42]])),
        ("print s = 'n=27x' | parse kind=regex s with 'n=' n:long | project n", json!([[27]])),
        ("print s = 'n=27x' | parse s with 'n=' n:long | project n", json!([[null]])),
        ("print s = 'v=1e3abc' | parse s with 'v=' v:real * | project v", json!([[1.0]])),
        ("print s = 'v=1e3' | parse s with 'v=' v:real | project v", json!([[1000.0]])),
        ("print s = 'v=2x' | parse s with 'v=' v:bool * | project v", json!([[true]])),
        ("print s = 'q=12x' | parse kind=regex s with 'q=' v:bool 'x' | project v", json!([[null]])),
        (
            "print s = 'at 2026-01-02 03:04 ok' | parse s with 'at ' t:datetime * | project t",
            json!([["2026-01-02T03:04:00.0000000Z"]]),
        ),
        ("print s = 'aXcYc' | parse s with 'a' v 'c' | project v", json!([["XcY"]])),
        ("print s = 'k=1,k=2,end' | parse s with 'k=' v ',' | project v", json!([[""]])),
        ("print s = 'k=1,k=2,end' | parse kind=regex s with 'k=' v ',' | project v", json!([["1,k=2"]])),
        (
            "print s = 'y=1,x=2,x=9,' | parse kind=regex flags=U s with * 'x=' v ',' | project v",
            json!([["9"]]),
        ),
        (
            "print s = 'n=xx,m=23' | parse kind=relaxed s with 'n=' n:long ',m=' m:long | project n, m",
            json!([[null, 23]]),
        ),
        (
            "print d = dynamic([1, -2.5, '7', true, null]) | mv-expand d to typeof(long) | project d",
            json!([[1], [-2], [null], [null], [null]]),
        ),
        (
            "print d = dynamic([2, 2.5, true]) | mv-expand d to typeof(bool) | project d",
            json!([[true], [null], [true]]),
        ),
    ] {
        assert_eq!(rows(query), wanted, "{query}");
    }
}

#[test]
fn series() {
    let table = "datatable(t:datetime, k:string, v:long)[datetime(2026-01-01 01:00),'a',1,datetime(2026-01-01 03:00),'b',2,datetime(2026-01-09),'c',3]";
    let window = "from datetime(2026-01-01) to datetime(2026-01-01 04:00) step 2h";
    for (tail, wanted) in [
        (
            format!("make-series n = count() on t {window} by k | project k, n"),
            json!([["a", [1, 0]], ["b", [0, 1]]]),
        ),
        (format!("make-series s = sum(v) default = -1 on t {window} | project s"), json!([[[1, 2]]])),
        (format!("where false | make-series n = count() on t {window}"), json!([])),
        (
            format!("where false | make-series kind=nonempty n = count() on t {window} | project n"),
            json!([[[0, 0]]]),
        ),
        (
            format!(
                "make-series a = avg(v) default = real(null) on t {window} by k | where k == 'a' | project a"
            ),
            json!([[[1.0, null]]]),
        ),
        (
            "make-series n = count() on v from 1 to 4 step 1 | project n, v".to_owned(),
            json!([[[1, 1, 1], [1, 2, 3]]]),
        ),
    ] {
        assert_eq!(rows(&format!("{table} | {tail}")), wanted, "{tail}");
    }
}

#[test]
fn lets_and_functions() {
    for (query, wanted) in [
        (
            "let f = (x:long, y:long = 10) { x + y }; print f(1), f(1, 2), f(y = 5, x = 1)",
            json!([[11, 3, 6]]),
        ),
        ("let f = (T:(n:long)) { T | summarize sum(n) }; f(datatable(n:long)[1, 2])", json!([[3]])),
        ("let f = (T:(*)) { T | count }; f(range x from 1 to 3 step 1)", json!([[3]])),
        ("print toscalar(print -1), -2", json!([[-1, -2]])),
        ("let y = toscalar(rand(1000000000)); print y == y", json!([[true]])),
        (
            "let f = () { new_guid() }; let g = (n:long) { rand(n) }; range x from 1 to 3 step 1 | extend a = f(), b = f(), c = g(1000000) | summarize dcount(a), countif(a == b), dcount(c)",
            json!([[1, 3, 1]]),
        ),
        (
            "let once = toscalar(new_guid()); let each = new_guid(); range x from 1 to 2 step 1 | extend once, each | summarize dcount(once), dcount(each)",
            json!([[1, 2]]),
        ),
        (
            "datatable(a:string, n:long)['x', 1, 'X', 2, 'y', 3] | where * == 'x' or * == '3' | project n",
            json!([[1], [3]]),
        ),
        ("print d = range(1, 200) | mvexpand d | count", json!([[128]])),
        (
            "range x from 1 to 200 step 1 | summarize l = makelist(x), s = makeset(x) | project array_length(l), array_length(s)",
            json!([[128, 128]]),
        ),
        (
            "let f = (s:string) { let u = toupper(s); strcat(u, '!') }; datatable(a:string)['x','y'] | extend b = f(a) | project b",
            json!([["X!"], ["Y!"]]),
        ),
        ("let x = 1; let f = () { x + 1 }; print f()", json!([[2]])),
        ("let n = 5; datatable(n:long)[1] | project n", json!([[1]])),
        ("let T = datatable(n:long)[1, 2]; T | where n == toscalar(T | summarize max(n))", json!([[2]])),
        ("let f = (a:long) { range x from 1 to a step 1 }; f(2) | invoke g()", json!(null)),
    ] {
        if wanted.is_null() {
            assert!(run(query, &Database::schema(), &options()).is_err(), "{query}");
        } else {
            assert_eq!(rows(query), wanted, "{query}");
        }
    }
}

#[test]
fn ingestion_fills_empty_and_null() {
    let mut database = Database::new();
    let columns = [
        ("s", Type::String),
        ("n", Type::Long),
        ("t", Type::DateTime),
        ("d", Type::Dynamic),
        ("b", Type::Bool),
    ];
    database.add_table("T", columns.iter().map(|(name, ty)| Column::new(*name, *ty)).collect());
    let rows = [
        json!({"s": null, "n": "x", "t": "nope", "d": null, "other": 1}),
        json!({"s": 5, "n": "7", "t": "2026-01-01", "d": "[1]", "b": "true"}),
        json!({"s": {"a": 1}, "n": 2.0, "d": "plain", "b": 0}),
    ];
    let objects: Vec<_> = rows.iter().map(|row| row.as_object().unwrap().clone()).collect();
    assert_eq!(database.append("T", &objects), Ok(3));
    assert!(database.append("Nope", &objects).is_err());
    let snapshot = database.clone();
    database.append("T", &objects).unwrap();
    let answer = run("T", &snapshot, &options()).unwrap();
    assert_eq!(
        Json::Array(answer.rows_json()),
        json!([
            ["", null, null, null, null],
            ["5", 7, "2026-01-01T00:00:00.0000000Z", [1], true],
            ["{\"a\":1}", 2, null, "plain", false],
        ])
    );
    assert_eq!(answer.rows_api_json()[1], json!(["5", 7, "2026-01-01T00:00:00Z", "[1]", true]));
    let table = serde_json::to_value(answer.api_table()).unwrap();
    assert_eq!(table["name"], "PrimaryResult");
    assert_eq!(table["columns"], answer.columns_json());
    assert_eq!(table["rows"], Json::Array(answer.rows_api_json()), "what is written is what is shown");
    assert_eq!(run("T | count", &database, &options()).unwrap().rows_json()[0][0], 6);
}

#[test]
fn the_timespan_filters_every_table_that_has_the_column() {
    let mut database = Database::schema();
    let beat = |time: &str| json!({"TimeGenerated": time, "Computer": "m"}).as_object().unwrap().clone();
    let beats = [beat("2026-11-20T10:00:00Z"), beat("2026-11-20T11:00:00Z"), beat("2026-11-20T12:00:00Z")];
    database.append("Heartbeat", &beats).unwrap();
    let time = |text: &str| DateTime::parse(text).unwrap();
    let timespan = Some((time("2026-11-20T11:00:00Z"), time("2026-11-20T12:00:00Z")));
    let options = Options { timespan, ..options() };
    let answer = run("Heartbeat | project TimeGenerated", &database, &options).unwrap();
    assert_eq!(Json::Array(answer.rows_json()), json!([["2026-11-20T11:00:00.0000000Z"]]));
}

#[test]
fn what_is_not_supported_is_refused_by_name_and_place() {
    for (query, name, line, column) in [
        ("Heartbeat\n| evaluate autocluster()", "'autocluster'", 2, 12),
        ("Heartbeat | extend x = geo_polygon_area(dynamic({}))", "'geo_polygon_area'", 1, 24),
        ("Heartbeat | summarize hll(Computer)", "'hll'", 1, 23),
        ("Heartbeat | fork (take 1)", "'fork'", 1, 13),
        ("Heartbeat | join kind=cross (Heartbeat) on Computer", "'cross'", 1, 23),
        ("Heartbeat | where TimeGenerated == 5", "'=='", 1, 19),
        ("Heartbeat | where Computer > 'a'", "'>'", 1, 19),
        ("Heartbeat | extend n = row_number()", "'row_number'", 1, 24),
        ("Heartbeat | where Computer contains", "the end of the query", 1, 36),
        ("Heartbeat | take", "the end of the query", 1, 17),
        ("Heartbeat | project Computer, Computer", "'Computer'", 1, 31),
        ("Heartbeat | summarize Computer", "'Computer'", 1, 23),
        ("workspace('x').Heartbeat", "'workspace'", 1, 1),
        ("print \u{201c}x\u{201d}", "typographic", 1, 7),
    ] {
        let error = run(query, &Database::schema(), &options()).unwrap_err();
        assert!(error.message.contains(name), "{query}: {error}");
        assert_eq!((error.line, error.column), (line, column), "{query}: {error}");
    }
}

#[test]
fn standard_columns_are_there_when_they_are_named() {
    let mut database = Database::new();
    let columns = vec![Column::new("TimeGenerated", Type::DateTime), Column::new("Computer", Type::String)];
    database.add_table("Own_CL", columns);
    database.add_table("Plain", vec![Column::new("Computer", Type::String)]);
    let row = json!({"TimeGenerated": "2026-11-20T11:00:00Z", "Computer": "a"});
    database.append("Own_CL", [row.as_object().unwrap()]).unwrap();
    let answer =
        |query: &str| run(query, &database, &options()).map(|answer| Json::Array(answer.rows_json()));
    let time = "2026-11-20T11:00:00.0000000Z";
    for (query, wanted) in [
        ("Own_CL", json!([[time, "a"]])),
        ("Own_CL | where _TimeReceived > ago(1d) | project _TimeReceived, Computer", json!([[time, "a"]])),
        (
            "Own_CL | extend late = _TimeReceived - TimeGenerated, Type | project late, Type",
            json!([["00:00:00", "Own_CL"]]),
        ),
        (
            "let own = Own_CL | where Computer == 'a'; own | take 1 | project _ItemId, TenantId, _IsBillable, _BilledSize",
            json!([["", "", "True", null]]),
        ),
        ("Own_CL | summarize n = count() by bin(_TimeReceived, 1h), SourceSystem", json!([[time, "", 1]])),
        ("Own_CL | summarize max(_TimeReceived)", json!([[time]])),
    ] {
        assert_eq!(answer(query).unwrap(), wanted, "{query}");
    }
    for query in [
        "Own_CL | project Computer | where _TimeReceived > ago(1d)",
        "Own_CL | summarize count() by Computer | extend Type",
        "Own_CL | extend TimeGenerated = now() | extend _TimeReceived",
        "Plain | extend _TimeReceived",
        "print _TimeReceived",
        "datatable(TimeGenerated:datetime)[datetime(2026-01-01)] | extend _ItemId",
    ] {
        assert!(answer(query).is_err(), "{query}");
    }
}
