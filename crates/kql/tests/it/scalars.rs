//! Scalar functions where the service answers otherwise than one would guess, and those of series.

use serde_json::{Value as Json, json};

use kql::{Database, run};

use crate::options;
use crate::semantics::rows;

fn one(expression: &str) -> Json {
    rows(&format!("print x = {expression}"))[0][0].clone()
}

fn refusal(query: &str) -> String {
    run(query, &Database::schema(), &options()).unwrap_err().message
}

#[test]
fn conversions_of_texts() {
    for (expression, wanted) in [
        ("todouble('0x2A')", json!(null)),
        ("tolong('0x2A')", json!(42)),
        ("todouble(' 2.5 ')", json!(2.5)),
        ("todouble('INF')", json!(null)),
        ("todouble('-inf')", json!("-Infinity")),
        ("todouble(' NaN')", json!("NaN")),
        ("tobool('True')", json!(true)),
        ("tobool('false ')", json!(null)),
        ("tobool('0x2')", json!(true)),
        ("tobool('2.0')", json!(null)),
        ("totimespan('2.5')", json!(null)),
        ("totimespan('2.5h')", json!("02:30:00")),
        ("totimespan('2.03:00')", json!("2.03:00:00")),
        ("todatetime(7.9)", json!("0001-01-01T00:00:00.0000007Z")),
        ("tostring(-real(+inf))", json!("-inf")),
        ("tostring(1.0 / 7.0)", json!("0.14285714285714286")),
        ("tostring(4.35 * 100)", json!("434.99999999999997")),
        ("strcat(0.1 + 0.2)", json!("0.30000000000000007")),
    ] {
        assert_eq!(one(expression), wanted, "{expression}");
    }
}

#[test]
fn numbers_that_are_none() {
    for (expression, wanted) in [
        ("isnan(sqrt(-4))", json!(true)),
        ("isnan(real(null))", json!(null)),
        ("isinf(long(null))", json!(null)),
        ("isfinite(real(null))", json!(null)),
        ("sign(real(nan))", json!(0.0)),
        ("real(nan) > 2.0", json!(false)),
        ("2 <= real(nan)", json!(false)),
        ("real(null) <= 2.0", json!(null)),
    ] {
        assert_eq!(one(expression), wanted, "{expression}");
    }
}

#[test]
fn places_that_there_are_not() {
    for (expression, wanted) in [
        ("split('a-b', '-', 2)", json!(null)),
        ("split('a-b', '-', 1)", json!(["b"])),
        ("indexof('abc', '')", json!(null)),
        ("indexof('abab', 'b', 0, -1, 2)", json!(3)),
        ("indexof('aaaa', 'aa', 0, 3, 2)", json!(1)),
        ("indexof('aaaa', 'aa', 0, 2, 4)", json!(-1)),
        ("indexof('\u{e9}b\u{e9}b', 'b', -2)", json!(3)),
        ("array_index_of(dynamic([7, 8]), 8.0)", json!(1)),
        ("array_index_of(dynamic([7.5, 8.0, 8]), 8, 0, -1, 2)", json!(2)),
        ("set_has_element(dynamic([8]), 8.0)", json!(true)),
        ("array_sum(dynamic([1, null]))", json!(null)),
        ("dayofweek(datetime(9999-12-31))", json!(null)),
        ("dayofweek(datetime(9999-12-25))", json!("6.00:00:00")),
    ] {
        assert_eq!(one(expression), wanted, "{expression}");
    }
}

#[test]
fn a_format_has_letters_and_delimiters() {
    let now = "format_datetime(datetime(2026-03-04 05:06)";
    assert_eq!(one(&format!("{now}, '[yyyy/MM_dd],HH:mm.ss tt-')")), json!("[2026/03_04],05:06.00 AM-"));
    for (call, character) in [
        (format!("{now}, 'yyyyTHH')"), "'T'"),
        (format!("{now}, 'zzz')"), "'z'"),
        ("format_timespan(1d, 'c')".to_owned(), "'c'"),
        ("format_timespan(1d, @'d\\.hh')".to_owned(), "'\\'"),
    ] {
        let message = refusal(&format!("print {call}"));
        assert!(message.starts_with(character), "{call}: {message}");
    }
}

#[test]
fn series_are_filled() {
    for (expression, wanted) in [
        ("series_fill_forward(dynamic([null, 2, null, 4]))", json!([null, 2, 2, 4])),
        ("series_fill_backward(dynamic([null, 2, null, 4, null]))", json!([2, 2, 4, 4, null])),
        ("series_fill_const(dynamic([null, 2, -1]), 9, -1)", json!([9, 2, 9])),
        ("series_fill_linear(dynamic([null, 2, null, null, 8, null]))", json!([2, 2, 4.0, 6.0, 8, 8])),
        ("series_fill_linear(dynamic([null, 2, null, 4]), int(null), false)", json!([null, 2, 3.0, 4])),
        ("series_fill_linear(dynamic([null, null]), int(null), true, 3)", json!([3, 3])),
    ] {
        assert_eq!(one(expression), wanted, "{expression}");
    }
}

#[test]
fn series_are_computed_with() {
    for (expression, wanted) in [
        ("series_add(dynamic([1, 2.5, 'x']), 1)", json!([2, 3.5, null])),
        ("series_subtract(5, dynamic([1, 2]))", json!([4, 3])),
        ("series_multiply(dynamic([2, 3]), dynamic([4]))", json!([8, null])),
        ("series_divide(dynamic([3, 4]), 2)", json!([1.5, 2.0])),
        ("series_greater(dynamic([1, 2, 3]), 2)", json!([false, false, true])),
        ("series_less_equals(dynamic([1, 2, 3]), 2)", json!([true, true, false])),
        ("series_equals(dynamic(['a', 2]), dynamic(['a', 2.0]))", json!([true, true])),
        ("series_not_equals(dynamic([1]), dynamic([2]))", json!([true])),
        ("series_fir(dynamic([2, 4, 6]), dynamic([1, 1]))", json!([1.0, 3.0, 5.0])),
        ("series_fir(dynamic([2, 4, 6]), dynamic([1, 1, 1]), false, true)", json!([6.0, 12.0, 10.0])),
        ("series_fir(dynamic([2, 4, 6]), dynamic([1, -1]))", json!([2.0, 2.0, 2.0])),
        ("series_iir(dynamic([1, 2, 3]), dynamic([1]), dynamic([1, -1]))", json!([1.0, 3.0, 6.0])),
    ] {
        assert_eq!(one(expression), wanted, "{expression}");
    }
}

#[test]
fn numbers_of_a_series() {
    for (expression, wanted) in [
        ("series_abs(dynamic([-2, -1.5, 'x']))", json!([2, 1.5, null])),
        ("series_sign(dynamic([-2, 0, 3]))", json!([-1.0, 0.0, 1.0])),
        ("series_ceiling(dynamic([1.2, null]))", json!([2.0, null])),
        ("series_floor(dynamic([-1.2]))", json!([-2.0])),
        ("series_pow(dynamic([2, 3]), 2)", json!([4.0, 9.0])),
        ("series_sum(dynamic([1, 2.5]))", json!(3.5)),
        ("series_sum(dynamic([1, null]))", json!(null)),
        ("series_product(dynamic([2, 2.5]))", json!(5.0)),
        ("series_magnitude(dynamic([3, 4]))", json!(5.0)),
        ("series_dot_product(dynamic([1, 2]), dynamic([3, 4]))", json!(11.0)),
        ("series_dot_product(dynamic([1, 2]), dynamic([3]))", json!(null)),
        ("series_cosine_similarity(dynamic([1, 0]), dynamic([0, 2]))", json!(0.0)),
    ] {
        assert_eq!(one(expression), wanted, "{expression}");
    }
}

#[test]
fn bytes_and_guids_in_base64() {
    let guid = "guid(00112233-4455-6677-8899-aabbccddeeff)";
    for (expression, wanted) in [
        ("base64_encode_fromarray(dynamic([104, 105]))".to_owned(), json!("aGk=")),
        ("base64_encode_fromarray(dynamic([256]))".to_owned(), json!("")),
        (format!("base64_encode_fromguid({guid})"), json!("MyIRAFVEd2aImaq7zN3u/w==")),
        (format!("base64_decode_toguid(base64_encode_fromguid({guid})) == {guid}"), json!(true)),
        ("base64_decode_toguid('aGk=')".to_owned(), json!(null)),
        ("parseurlquery('a=1')['Query Parameters'].a".to_owned(), json!("1")),
    ] {
        assert_eq!(one(&expression), wanted, "{expression}");
    }
    assert!(refusal("print base64_encode_fromguid('x')").contains("a guid"));
}

#[test]
fn series_have_statistics_and_lines() {
    let stats = one("series_stats_dynamic(dynamic([4, 8, 6]))");
    let wanted = json!({
        "min": 4.0, "min_idx": 0, "max": 8.0, "max_idx": 1, "avg": 6.0, "stdev": 2.0, "variance": 4.0, "sum": 18.0,
        "len": 3,
    });
    assert_eq!(stats, wanted);
    assert_eq!(one("series_stats(dynamic([4, null]))"), json!(null));
    assert_eq!(one("series_stats_dynamic(dynamic([4, null]), true).len"), json!(1));
    let line = one("series_fit_line_dynamic(dynamic([1, 3, 5]))");
    assert_eq!(
        (&line["slope"], &line["interception"], &line["rsquare"]),
        (&json!(2.0), &json!(1.0), &json!(1.0))
    );
    assert_eq!(line["line_fit"], json!([1.0, 3.0, 5.0]));
    assert_eq!(one("series_pearson_correlation(dynamic([1, 2, 3]), dynamic([6, 4, 2]))"), json!(-1.0));
}

#[test]
fn a_function_of_several_columns_gives_them_to_names_in_brackets() {
    let start = "print s = dynamic([4, 8, 6]), series_stats_s_max = 'mine' |";
    for (steps, names, wanted) in [
        (
            "extend (low, place) = series_stats(s) | project low, place",
            "low:real,place:long",
            json!([[4.0, 0]]),
        ),
        (
            "project (fit, slope) = series_fit_line(s) | project-away *_line_fit, *variance",
            "fit:real,slope:real,series_fit_line_s_interception:real",
            json!([[0.25, 1.0, 5.0]]),
        ),
        (
            "project low = series_stats(s), n = 1 | project-away *_max*, *_avg, *_stdev, *_variance",
            "low:real,series_stats_s_min_idx:long,n:long",
            json!([[4.0, 0, 1]]),
        ),
        (
            "extend (fit, s) = series_fit_line(s)",
            "s:real,series_stats_s_max:string,fit:real",
            json!([[1.0, "mine", 0.25]]),
        ),
        ("extend low = series_stats(s) | project low", "low:real", json!([[4.0]])),
        (
            "extend series_stats(s) | project-away s, *_idx, *_avg, *_variance",
            "series_stats_s_max:string,series_stats_s_min:real,series_stats_s_max1:real,series_stats_s_stdev:real",
            json!([["mine", 4.0, 8.0, 2.0]]),
        ),
        (
            "project series_fit_line(array_slice(s, 0, 1))",
            "series_fit_line__rsquare:real,series_fit_line__slope:real,series_fit_line__variance:real,\
             series_fit_line__rvariance:real,series_fit_line__interception:real,series_fit_line__line_fit:dynamic",
            json!([[1.0, 4.0, 8.0, 0.0, 4.0, [4.0, 8.0]]]),
        ),
        (
            "mv-expand s to typeof(long) | summarize (low, at, high) = series_stats(make_list(s)) | project-away *e*",
            "low:real,at:long,high:real",
            json!([[4.0, 0, 8.0]]),
        ),
        (
            "summarize n = count() by (low, at) = series_stats(s) | project-away series*",
            "low:real,at:long,n:long",
            json!([[4.0, 0, 1]]),
        ),
        (
            "extend (low, at) = series_stats(dynamic(['x'])) | project low, at",
            "low:real,at:long",
            json!([[null, null]]),
        ),
        (
            "project s_sorted = 1, array_sort_asc(s, s)",
            "s_sorted:long,s_sorted1:dynamic,s_sorted2:dynamic",
            json!([[1, [4, 6, 8], [4, 6, 8]]]),
        ),
    ] {
        let query = format!("{start} {steps}");
        let answer =
            run(&query, &Database::schema(), &options()).unwrap_or_else(|error| panic!("{query}: {error}"));
        let shown: Vec<_> =
            answer.columns.iter().map(|column| format!("{}:{}", column.name, column.ty)).collect();
        assert_eq!(shown.join(","), names, "{query}");
        assert_eq!(json!(answer.rows_json()), wanted, "{query}");
    }
    assert_eq!(rows("print (low, at) = series_stats(dynamic([7, 5])), x = 1"), json!([[5.0, 1, 1]]));
    assert!(
        refusal(&format!("{start} project (a, b, c, d, e, f, g) = series_fit_line(s)")).contains("6 values")
    );
    assert!(refusal(&format!("{start} project (a, b) = strlen('x')")).contains("one value"));
    assert!(
        refusal(&format!("{start} project 1 + series_stats(s), (a, a) = series_stats(s)")).contains("'a'")
    );
}

#[test]
fn digests_are_those_of_the_text() {
    for (expression, wanted) in [
        ("hash_md5('abc')", "900150983cd24fb0d6963f7d28e17f72"),
        ("hash_sha1('abc')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("hash_sha256('')", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("hash_md5(12)", "c20ad4d76fe97759aa27a0c99bff6710"),
    ] {
        assert_eq!(one(expression), json!(wanted), "{expression}");
    }
    assert!(refusal("print hash_md5(dynamic([1]))").contains("no dynamic"));
}

#[test]
fn xml_becomes_a_bag() {
    for (text, wanted) in [
        ("<a/>", json!({ "a": null })),
        ("<a>x</a>", json!({ "a": "x" })),
        ("<a b='1'/>", json!({ "a": { "@b": "1" } })),
        ("<a b='1'>x</a>", json!({ "a": { "@b": "1", "#text": "x" } })),
        ("<a><b>1</b><c/><b>2</b></a>", json!({ "a": { "b": ["1", "2"], "c": null } })),
        ("<a>x<b>1</b></a>", json!({ "a": { "#text": "x", "b": "1" } })),
        (
            "<?xml version='1.0'?> <!-- c --> <n:a x='&lt;&#65;'> <b>&amp;</b> </n:a> ",
            json!({ "n:a": { "@x": "<A", "b": "&" } }),
        ),
        ("<a><b></a>", json!(null)),
        ("<a b=1/>", json!(null)),
        ("<a b='1' b='2'/>", json!(null)),
        ("<a/><b/>", json!(null)),
        ("text", json!(null)),
        ("<a>&what;</a>", json!(null)),
    ] {
        assert_eq!(one(&format!("parse_xml(\"{text}\")")), wanted, "{text}");
    }
    assert_eq!(one("parse_xml(strcat(strrep('<a>', 500), strrep('</a>', 500)))"), json!(null));
    assert_eq!(one("parse_xml(\"<e t='q'><v>5</v></e>\").e.v"), json!("5"));
}

#[test]
fn what_cannot_be_checked_is_refused_with_its_reason() {
    for (function, reason) in [
        ("series_decompose_anomalies", "how it decides"),
        ("series_fit_2lines", "how it decides"),
        ("hash_many", "not published"),
        ("no_such_function", "not known"),
    ] {
        let message = refusal(&format!("print {function}(1)"));
        assert!(message.contains(function) && message.contains(reason), "{message}");
    }
}

#[test]
fn without_case_a_text_is_compared_whole_or_by_its_ends() {
    let made = rows(
        "print 'Abcd' =~ 'aBc', 'Abc' =~ 'aBC', 'Abc' !~ 'abd', 'Ärmel' =~ 'äRMEL',
            'Abcd' startswith 'aBC', 'ab' startswith 'abc', 'xAbc' endswith 'aBC', 'bc' endswith 'abc', 'x' startswith ''",
    );
    assert_eq!(made, json!([[false, true, true, true, true, false, true, false, true]]));
}

/// What is only searched is not made into a text of its own first; that must not be seen.
#[test]
fn a_search_in_the_text_of_a_value_finds_what_stands_in_the_text() {
    let table = "datatable(d:dynamic, b:bool, n:long, t:timespan, s:string)[
        dynamic({'Name': 'Nas'}), true, 17, 1h, 'Nas', dynamic('17'), false, long(null), timespan(null), '', dynamic(null), bool(null), -1, 0s, 'n17']";
    for column in ["d", "b", "n", "t", "s"] {
        for test in [
            "contains 'NAS'",
            "contains '17'",
            "startswith 'T'",
            "has '01'",
            "== ''",
            "matches regex @'^[0-9]+$'",
        ] {
            let quick = format!("{table} | project Found = tostring({column}) {test}");
            let whole = format!("{table} | extend Text = tostring({column}) | project Found = Text {test}");
            assert_eq!(rows(&quick), rows(&whole), "{column} {test}");
        }
    }
    let regexes =
        "datatable(t:string, p:string)['ab', '^a', 'ab', '^b'] | where t matches regex @'b$' | count";
    assert_eq!(rows(regexes), json!([[2]]));
}
