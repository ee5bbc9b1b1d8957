//! Scalar functions and operators: cases worked out by hand from the language's reference.

use kql::{Database, run};
use serde_json::{Value as Json, json};

use crate::options;
use crate::semantics::rows;

fn one(expression: &str) -> Json {
    rows(&format!("print x = {expression}"))[0][0].clone()
}

#[test]
fn null_and_three_valued_logic() {
    for (expression, wanted) in [
        ("long(null) in (1, 2)", json!(false)),
        ("long(null) !in (1, 2)", json!(true)),
        ("bool(null) and false", json!(false)),
        ("bool(null) and true", json!(null)),
        ("bool(null) or true", json!(true)),
        ("bool(null) or false", json!(null)),
        ("not(bool(null))", json!(null)),
        ("long(null) == 1", json!(false)),
        ("long(null) != 1", json!(true)),
        ("long(null) < 1", json!(null)),
        ("isnull(long(null) + 1)", json!(true)),
        ("iff(bool(null), 1, 2)", json!(2)),
        ("coalesce(long(null), 5)", json!(5)),
        ("coalesce('', 'x')", json!("x")),
        ("isempty(dynamic(null))", json!(true)),
        ("isnull('')", json!(false)),
        ("long(null) between (1 .. 2)", json!(null)),
        ("dynamic({'a': null}).a == ''", json!(true)),
    ] {
        assert_eq!(one(expression), wanted, "{expression}");
    }
}

#[test]
fn a_number_has_one_sign() {
    for sign in ["--", "++", "+-", "-+", "- ", "+ "] {
        for (function, digits) in [
            ("toint", "5"),
            ("tolong", "5"),
            ("tolong", "0x5"),
            ("toreal", "5.5"),
            ("toreal", "inf"),
            ("todecimal", "5.5"),
            ("totimespan", "5"),
            ("totimespan", "5d"),
            ("totimespan", "1.02:03:04"),
            ("totimespan", "1:02:03:04"),
            ("totimespan", "02:03:04"),
            ("tobool", "1"),
        ] {
            assert_eq!(
                one(&format!("{function}('{sign}{digits}')")),
                json!(null),
                "{function} {sign}{digits}"
            );
        }
    }
    for (expression, wanted) in [
        ("tolong('-5')", json!(-5)),
        ("tolong('+5')", json!(5)),
        ("toreal('-inf')", json!("-Infinity")),
        ("totimespan('-1.02:03:04')", json!("-1.02:03:04")),
        ("tolong('0x+5')", json!(null)),
        ("toint('0x+5')", json!(null)),
        ("toreal('1e+-5')", json!(null)),
        ("todecimal('1e-+5')", json!(null)),
        ("ipv4_is_private('10.0.0.0/+8')", json!(null)),
        ("ipv6_is_match('fe80::1/+64', 'fe80::2')", json!(null)),
        ("has_ipv4_prefix('10.1.2.3', '10.+1.')", json!(false)),
        ("url_decode('a%+5')", json!("a% 5")),
        ("parse_xml('<a>&#+65;</a>')", json!(null)),
    ] {
        assert_eq!(one(expression), wanted, "{expression}");
    }
}

#[test]
fn numbers() {
    for (expression, wanted) in [
        ("5 % 3", json!(2)),
        ("-5 % 3", json!(1)),
        ("5 / 0", json!(null)),
        ("5.0 / 0 > 1", json!(true)),
        ("1 + 1.5", json!(2.5)),
        ("toint('12')", json!(12)),
        ("int(0xFFFFFFFF)", json!(-1)),
        ("long(0x10)", json!(16)),
        ("toint(3000000000)", json!(-1_294_967_296)),
        ("tolong(5.9)", json!(5)),
        ("tolong('0x1f')", json!(31)),
        ("toreal('1e3')", json!(1000.0)),
        ("bin(7, 5)", json!(5)),
        ("bin(-7, 5)", json!(-10)),
        ("bin(7.5, 2)", json!(6.0)),
        ("isnull(bin(7, 0))", json!(true)),
        ("-5", json!(-5)),
        ("sqrt(-1)", json!("NaN")),
        ("log10(-1)", json!(null)),
        ("binary_shift_right(1, -1)", json!(null)),
        ("binary_shift_left(1, 65)", json!(2)),
        ("tohex(255, 20)", json!("00000000000000ff")),
        ("tostring(0.0001)", json!("0.0001")),
        ("tostring(0.00001)", json!("1E-05")),
        ("array_sum(dynamic([]))", json!(null)),
        ("array_sum(dynamic(['a', 1]))", json!(null)),
        ("round(2.675, 2)", json!(2.68)),
        ("round(-2.5)", json!(-3.0)),
        ("round(2.5)", json!(3.0)),
        ("round(1.005, 2)", json!(1.0)),
        ("bin(0.3, 0.1)", json!(0.2)),
        ("isnan(bin(7.0, 0))", json!(true)),
        ("isnull(asin(2))", json!(true)),
        ("acos(1)", json!(0.0)),
        ("tohex(-256)", json!("ffffffffffffff00")),
        ("tohex(toint(-256), 8)", json!("ffffff00")),
        ("tohex(toint(256), 8)", json!("00000100")),
        ("tohex(int(null))", json!("")),
        ("tostring(2.0)", json!("2.0")),
        ("tostring(2.5)", json!("2.5")),
        ("strcat(1.0, '-', 0.1)", json!("1.0-0.1")),
        ("max_of(1, long(null), 3)", json!(3)),
    ] {
        assert_eq!(one(expression), wanted, "{expression}");
    }
}

#[test]
fn text() {
    for (expression, wanted) in [
        ("substring('abcdef', 1, 2)", json!("bc")),
        ("substring('abcdef', -2)", json!("ef")),
        ("substring('abcdef', -2, 1)", json!("e")),
        ("substring('abc', -10)", json!("")),
        ("substring('abc', 1, -1)", json!("")),
        ("split('a,b', ',')[1]", json!("b")),
        ("strcat_array(dynamic('abc'), '-')", json!("abc")),
        ("trim('a', 'aaaa')", json!("aa")),
        ("extract_all('(a)(b)', dynamic([1, 5]), 'abab')", json!(["a", "a"])),
        ("extract_all('(a)(b)', dynamic([5]), 'ab')", json!([["a", "b"]])),
        ("extract_all('(a)', 'b')", json!(null)),
        ("parse_url('https://u:p@h.io:8/a/b?x=1#f').Password", json!("p")),
        ("parse_url('https://user@h.io/p').Host", json!("user@h.io")),
        ("parse_url('https://h.io/').Path", json!("")),
        ("parse_url('https://h.io/?x=1').Path", json!("/")),
        ("parse_url('no address').Path", json!("")),
        (
            "parse_url('http://h/?y=2&x=1&x=a%20b&k=&=v&flag')['Query Parameters']",
            json!({"x": ["1", "a%20b"], "y": "2"}),
        ),
        ("strcat_array(dynamic(['a', 1, true]), '-')", json!("a-1-true")),
        ("replace_regex('a1b22', @'(\\d+)', @'<\\1>')", json!("a<1>b<22>")),
        ("trim('x', 'xaxx')", json!("ax")),
        ("trim(@'[^\\w]+', '--a b--')", json!("a b")),
        ("extract('(a)(b)?', 2, 'a')", json!("")),
        ("extract('x=(\\\\d+)', 1, 'x=42', typeof(long))", json!(42)),
        ("countof('aaa', 'aa')", json!(2)),
        ("indexof('abc', 'c')", json!(2)),
        ("indexof('abc', 'z')", json!(-1)),
        ("indexof('abc', 'b', 0, -2)", json!(null)),
        ("indexof('abc', 'b', 0, 3, -1)", json!(null)),
        ("toguid('74be27de1e4e49d9b579fe0b331d3642zzz')", json!("74be27de-1e4e-49d9-b579-fe0b331d3642")),
        ("parse_path('file://C:/t/f.txt:s.exe').AlternateDataStreamName", json!("s.exe")),
        ("parse_path('file://C:/t/f.txt:s.exe').RootPath", json!("C:")),
        ("parse_path('/usr/lib/f.txt').RootPath", json!("")),
        ("parse_path(@'\\\\shared\\f.gz').DirectoryName", json!("shared")),
        ("'abc def' has 'abc'", json!(true)),
        ("'abcdef' has 'abc'", json!(false)),
        ("'abcdef' hasprefix 'abc'", json!(true)),
        ("'x.abcdef' hassuffix 'def'", json!(true)),
        ("'web-01.example.com' has 'example.com'", json!(true)),
        ("'a b c' has_all ('a', 'c')", json!(true)),
        ("'a b c' has_any (dynamic(['x', 'C']))", json!(true)),
        ("'ABC' in~ ('abc')", json!(true)),
        ("'ABC' in ('abc')", json!(false)),
        ("toupper('stra\u{df}e')", json!("STRASSE")),
        ("strlen('\u{1f600}')", json!(1)),
        ("reverse('abc')", json!("cba")),
        ("parse_csv('a,\"b,c\"')[1]", json!("b,c")),
        ("base64_decode_tostring(base64_encode_tostring('h\u{e9}'))", json!("h\u{e9}")),
        ("url_decode('a%20b')", json!("a b")),
        ("tostring(dynamic({'b': [1, 'x'], 'a': 1.5}))", json!("{\"b\":[1,\"x\"],\"a\":1.5}")),
        ("parse_json('{\"a\": [1, 2]}').a[1]", json!(2)),
        ("tostring(parse_json('not json'))", json!("not json")),
        ("gettype(parse_json(parse_json('{\"a\": \"[1]\"}').a))", json!("string")),
        ("gettype(parse_json(tostring(parse_json('{\"a\": \"[1]\"}').a)))", json!("array")),
    ] {
        assert_eq!(one(expression), wanted, "{expression}");
    }
}

#[test]
fn dates() {
    for (expression, wanted) in [
        ("startofday(datetime(2026-03-04 05:06))", json!("2026-03-04T00:00:00.0000000Z")),
        ("startofweek(datetime(2026-03-04))", json!("2026-03-01T00:00:00.0000000Z")),
        ("endofmonth(datetime(2026-02-04))", json!("2026-02-28T23:59:59.9999999Z")),
        ("datetime_add('month', 1, datetime(2026-01-31))", json!("2026-02-28T00:00:00.0000000Z")),
        ("datetime_diff('week', datetime(2026-03-08), datetime(2026-03-07))", json!(1.0)),
        ("datetime_diff('minute', datetime(2026-03-08 00:01:00), datetime(2026-03-08 00:00:59))", json!(1)),
        ("dayofweek(datetime(2026-03-04))", json!("3.00:00:00")),
        ("format_datetime(datetime(2026-03-05), 'ddd yyyyy')", json!("055 202626")),
        ("todatetime('08-Nov-14 15:05:02 GMT')", json!("2014-11-08T15:05:02.0000000Z")),
        ("todatetime('08-Nov-14 15:05')", json!("2014-11-08T15:05:00.0000000Z")),
        ("tostring(dynamic([1h]))", json!("[36000000000]")),
        ("tostring(pack_array(1h))", json!("[\"01:00:00\"]")),
        ("week_of_year(datetime(2026-01-01))", json!(1)),
        ("week_of_year(datetime(2021-01-03))", json!(53)),
        (
            "format_datetime(datetime(2026-03-04 15:06:07.89), 'yy-M-d h:mm:ss.fff tt')",
            json!("26-3-4 3:06:07.890 PM"),
        ),
        ("format_timespan(1d + 2h + 3m, 'd.hh:mm')", json!("1.02:03")),
        ("todatetime('2026-03-04T05:06:07+02:00')", json!("2026-03-04T03:06:07.0000000Z")),
        ("totimespan('1.02:03:04')", json!("1.02:03:04")),
        ("1d / 1h", json!(24.0)),
        ("2 * 1h", json!("02:00:00")),
        ("1h / 2", json!("00:30:00")),
        ("tolong(1s)", json!(10_000_000)),
        ("datetime(2026-01-01) + 1d > datetime(2026-01-01)", json!(true)),
        ("bin(datetime(2026-03-04 05:06), 1h)", json!("2026-03-04T05:00:00.0000000Z")),
        ("unixtime_seconds_todatetime(0)", json!("1970-01-01T00:00:00.0000000Z")),
        ("make_datetime(2026, 3, 4, 5, 6, 7.5)", json!("2026-03-04T05:06:07.5000000Z")),
        ("now() == datetime(2026-11-20 12:00)", json!(true)),
    ] {
        assert_eq!(one(expression), wanted, "{expression}");
    }
}

#[test]
fn addresses() {
    for (expression, wanted) in [
        ("ipv4_is_private('10.1.2.3')", json!(true)),
        ("ipv4_is_private('172.32.0.1')", json!(false)),
        ("ipv4_is_private('x')", json!(null)),
        ("ipv4_is_in_any_range('10.1.1.1', dynamic([]))", json!(false)),
        ("ipv4_is_in_range('198.51.100.7', '198.51.100.7')", json!(true)),
        ("ipv4_is_in_range('fe80::1', '10.0.0.0/8')", json!(null)),
        ("ipv4_is_in_any_range('10.0.0.1', '192.168.0.0/16', '10.0.0.0/8')", json!(true)),
        ("ipv4_compare('10.0.0.1', '10.0.0.2')", json!(-1)),
        ("ipv4_compare('10.0.0.1', '10.0.0.2', 24)", json!(0)),
        ("ipv6_compare('fe80::1', 'FE80:0:0::1')", json!(0)),
        ("parse_ipv4('10.0.0.1')", json!(167_772_161)),
        ("has_ipv4('from 198.51.100.7:80', '198.51.100.7')", json!(true)),
        ("has_ipv4('198.51.100.70', '198.51.100.7')", json!(false)),
        ("format_ipv4('10.1.2.3', 16)", json!("10.1.0.0")),
    ] {
        assert_eq!(one(expression), wanted, "{expression}");
    }
}

#[test]
fn dynamics_and_sets() {
    for (expression, wanted) in [
        ("dynamic([3, 1, 2])[-1]", json!(2)),
        ("array_sort_asc(dynamic([3, 'b', 1, null, 'a']))", json!([1, 3, "a", "b", null])),
        ("array_sort_desc(dynamic([1, 3, 2]))", json!([3, 2, 1])),
        ("array_sort_asc(dynamic([true, 'b', 2]))", json!([2, "b", true])),
        ("array_sort_desc(dynamic(['b', 'c', 2, 3]))", json!([3, 2, "c", "b"])),
        ("repeat(1, -1)", json!(null)),
        ("array_index_of(dynamic([1, 2]), 2, 0, -2)", json!(null)),
        ("array_concat(dynamic([1]), dynamic([2, 3]))", json!([1, 2, 3])),
        ("array_slice(dynamic([1, 2, 3, 4]), 1, 2)", json!([2, 3])),
        ("array_slice(dynamic([1, 2, 3, 4]), -2, -1)", json!([3, 4])),
        ("array_index_of(dynamic(['a', 'b']), 'b')", json!(1)),
        ("set_union(dynamic([1, 2]), dynamic([2, 3]))", json!([1, 2, 3])),
        ("set_intersect(dynamic([1, 2]), dynamic([2, 3]))", json!([2])),
        ("set_difference(dynamic([1, 2, 3]), dynamic([2]))", json!([1, 3])),
        ("set_has_element(dynamic(['a']), 'a')", json!(true)),
        ("bag_keys(dynamic({'b': 1, 'a': 2}))", json!(["b", "a"])),
        ("bag_merge(dynamic({'a': 1}), dynamic({'a': 2, 'b': 3}))", json!({"a": 1, "b": 3})),
        ("bag_pack('a', 1, 'b', 'x')", json!({"a": 1, "b": "x"})),
        ("range(1, 3)", json!([1, 2, 3])),
        ("zip(dynamic([1, 2]), dynamic(['a']))", json!([[1, "a"], [2, null]])),
        ("dynamic({'a': 5}).a == 5", json!(true)),
        ("dynamic({'a': 'x'}).a == 'x'", json!(true)),
        ("dynamic({'a': 5}).a + 1", json!(6)),
        ("gettype(dynamic({'a': 5}).a)", json!("long")),
        ("tobool(dynamic(true))", json!(true)),
        ("pack_array(1, 'a', 1h)", json!([1, "a", "01:00:00"])),
    ] {
        assert_eq!(one(expression), wanted, "{expression}");
    }
}

#[test]
fn keys_of_bags_may_be_paths() {
    let bag = "dynamic({'a': 1, 'b': {'c': 2, 'd': 3}})";
    for (expression, wanted) in [
        (format!("bag_has_key({bag}, '$.b.c')"), json!(true)),
        (format!("bag_has_key({bag}, '$.b.x')"), json!(false)),
        (format!("bag_has_key({bag}, 'b.c')"), json!(false)),
        (format!("bag_remove_keys({bag}, dynamic(['$.b.c', 'a']))"), json!({ "b": { "d": 3 } })),
        (
            format!("bag_remove_keys({bag}, dynamic(['$.b.x', 'b.c']))"),
            json!({ "a": 1, "b": { "c": 2, "d": 3 } }),
        ),
        (format!("bag_set_key({bag}, '$.b.c', 'x')"), json!({ "a": 1, "b": { "c": "x", "d": 3 } })),
        (
            format!("bag_set_key({bag}, '$.e.f', 4)"),
            json!({ "a": 1, "b": { "c": 2, "d": 3 }, "e": { "f": 4 } }),
        ),
        (format!("bag_set_key({bag}, '$.a.g', 5)"), json!({ "a": { "g": 5 }, "b": { "c": 2, "d": 3 } })),
    ] {
        assert_eq!(one(&expression), wanted, "{expression}");
    }
}

#[test]
fn the_smallest_long_is_a_value() {
    let table = "datatable(x:long)[-9223372036854775808, 9223372036854775807, 0, long(null)]";
    for (tail, wanted) in [
        ("extend y = x + 1 | project y", json!([[-9223372036854775807_i64], [i64::MIN], [1], [null]])),
        ("where isnull(x) | count", json!([[1]])),
        ("sort by x asc nulls last", json!([[i64::MIN], [0], [i64::MAX], [null]])),
        ("sort by x desc nulls first", json!([[null], [i64::MAX], [0], [i64::MIN]])),
        ("summarize min(x), max(x), dcount(x)", json!([[i64::MIN, i64::MAX, 3]])),
        (
            "where x < 0 | project x, tostring(x), todouble(x)",
            json!([[i64::MIN, "-9223372036854775808", -9_223_372_036_854_775_808.0]]),
        ),
        ("summarize c = count() by x | where x == long(-9223372036854775808)", json!([[i64::MIN, 1]])),
        ("summarize arg_min(x, *)", json!([[i64::MIN]])),
    ] {
        assert_eq!(rows(&format!("{table} | {tail}")), wanted, "{tail}");
    }
    assert_eq!(
        rows("print tolong('-9223372036854775808'), dynamic(-9223372036854775808)"),
        json!([[i64::MIN, i64::MIN]])
    );
    for query in
        ["print 9223372036854775808", "print -9223372036854775808", "print dynamic(9223372036854775808)"]
    {
        assert!(run(query, &Database::schema(), &options()).is_err(), "{query}");
    }
}

#[test]
fn numbers_that_do_not_fit_are_converted_as_the_service_does() {
    assert_eq!(
        rows("datatable(x:long)[2147483648, -2147483649, 4294967301] | project toint(x)"),
        json!([[-2147483648], [2147483647], [5]])
    );
    assert_eq!(
        rows("datatable(r:real)[1e19, -1e300, 3e9, real(nan)] | project tolong(r), toint(r)"),
        json!([[i64::MAX, i32::MAX], [i64::MIN, i32::MIN], [3_000_000_000_i64, i32::MAX], [null, null]])
    );
    assert_eq!(
        rows(
            "print tolong('0xFFFFFFFFFFFFFFFE'), toint('0xFFFFFFFE'), toint('2147483648'), tolong('9223372036854775808'), toint(dynamic(4294967295))"
        ),
        json!([[-2, -2, null, null, -1]])
    );
}

#[test]
fn types_of_answers_are_the_services() {
    let of = |expression: &str| {
        let answer = run(&format!("print x = {expression}"), &Database::schema(), &options()).unwrap();
        (answer.columns_json()[0]["type"].clone(), answer.rows_json()[0][0].clone())
    };
    let weeks = "datetime_diff('Week', datetime(2026-03-02), datetime(2026-02-02))";
    assert_eq!(of(weeks), (json!("real"), json!(4.0)));
    assert_eq!(
        of("datetime_diff('day', datetime(2026-03-02), datetime(2026-02-02))"),
        (json!("long"), json!(28))
    );
    assert_eq!(of("jaccard_index(dynamic([1, 2]), dynamic([2, 3, 4]))"), (json!("real"), json!(0.25)));
}

#[test]
fn a_text_inside_a_dynamic_is_written_as_json_writes_it() {
    let texts = ["plain", "", "a\"b", "back\\slash", "line\nend", "tab\t", "\u{1}", "\u{7f}", "Ä / 日"];
    for text in texts {
        let literal = serde_json::to_string(&json!({ text: [text] })).unwrap();
        let query = format!("print tostring(parse_json({}))", serde_json::to_string(&literal).unwrap());
        assert_eq!(rows(&query), json!([[literal]]), "{text:?}");
    }
}
