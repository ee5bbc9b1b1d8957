//! Functions that reckon by a published definition: versions, command lines, punycode, places, distributions.

use kql::{Database, run};
use serde_json::{Value as Json, json};

use crate::options;

/// The one value that an expression gives.
fn one(expression: &str) -> Json {
    let answer = run(&format!("print x = {expression}"), &Database::schema(), &options());
    let answer = answer.unwrap_or_else(|error| panic!("{expression}: {error}"));
    answer.rows_json()[0][0].clone()
}

fn check(cases: &[(&str, Json)]) {
    for (expression, wanted) in cases {
        assert_eq!(one(expression), *wanted, "{expression}");
    }
}

#[test]
fn versions_are_numbers_that_can_be_compared() {
    check(&[
        ("parse_version('2.0.10')", json!("2000000000000001000000000")),
        ("parse_version('0.0.0.7')", json!("7")),
        ("parse_version('3')", json!("3000000000000000000000000")),
        ("parse_version('1.9') < parse_version('1.10')", json!(true)),
        ("parse_version('1.2.3.4.5')", json!(null)),
        ("parse_version('123456789')", json!(null)),
        ("parse_version('1..2')", json!(null)),
        ("parse_version('')", json!(null)),
        ("parse_version('1.x')", json!(null)),
    ]);
}

#[test]
fn command_lines_are_read_as_windows_reads_them() {
    check(&[
        (r#"parse_command_line('copy "a file" b', 'windows')"#, json!(["copy", "a file", "b"])),
        (r#"parse_command_line('"C:\\x y\\z" -o', 'windows')"#, json!([r"C:\x y\z", "-o"])),
        (r#"parse_command_line('p a\\"b c" d\\\\"e f"', 'windows')"#, json!(["p", "a\"b", r"c d\e", "f"])),
        (r#"parse_command_line(@'p a\b\\ ""', 'windows')"#, json!(["p", r"a\b\\", ""])),
        ("parse_command_line('', 'windows')", json!([])),
        ("parse_command_line('a b', 'posix')", json!(null)),
    ]);
}

#[test]
fn punycode_is_written_and_read() {
    check(&[
        ("punycode_from_string('bücher')", json!("bcher-kva")),
        ("punycode_to_string('bcher-kva')", json!("bücher")),
        ("punycode_from_string('plain')", json!("plain-")),
        ("punycode_to_string('plain-')", json!("plain")),
        ("punycode_from_string('東京')", json!("1lqs71d")),
        ("punycode_to_string('1lqs71d')", json!("東京")),
        ("punycode_to_string('bü')", json!("")),
        ("punycode_to_string('99999999')", json!("")),
        ("punycode_domain_to_string('www。bücher.example')", json!("www.xn--bcher-kva.example")),
        ("punycode_domain_from_string('www.xn--bcher-kva.example')", json!("www.bücher.example")),
        ("punycode_domain_from_string('xn--99999999.example')", json!("")),
    ]);
}

#[test]
fn ranges_of_addresses_become_blocks() {
    check(&[
        (
            "ipv4_range_to_cidr_list('10.0.0.3', '10.0.0.8')",
            json!(["10.0.0.3/32", "10.0.0.4/30", "10.0.0.8/32"]),
        ),
        ("ipv4_range_to_cidr_list('0.0.0.0', '255.255.255.255')", json!(["0.0.0.0/0"])),
        ("ipv4_range_to_cidr_list('10.0.0.9', '10.0.0.8')", json!([])),
        ("ipv4_range_to_cidr_list('10.0.0.9', 'x')", json!(null)),
    ]);
}

#[test]
fn places_on_the_earth() {
    check(&[
        ("round(geo_distance_2points(0, 0, 180, 0) / pi(), 3)", json!(6_371_010.0)),
        ("geo_distance_2points(7.5, 47.5, 7.5, 47.5)", json!(0.0)),
        ("geo_distance_2points(181, 0, 0, 0)", json!(null)),
        ("geo_point_in_circle(0.01, 0, 0, 0, 1200)", json!(true)),
        ("geo_point_in_circle(0.01, 0, 0, 0, 1100)", json!(false)),
        ("geo_point_in_circle(0.01, 0, 0, 0, 0)", json!(null)),
        ("geo_point_to_geohash(-5.6, 42.6)", json!("ezs42")),
        ("geo_point_to_geohash(-5.6, 42.6, 2)", json!("ez")),
        ("geo_point_to_geohash(-5.6, 42.6, 19)", json!("")),
        ("geo_point_to_geohash(0, 91)", json!("")),
        ("geo_geohash_to_central_point('s').coordinates", json!([22.5, 22.5])),
        ("geo_geohash_to_central_point('ezs42').type", json!("Point")),
        ("geo_geohash_to_central_point('a')", json!(null)),
        ("geo_geohash_to_central_point('')", json!(null)),
    ]);
}

#[test]
fn distributions_to_twelve_digits() {
    check(&[
        ("gamma(6)", json!(120.0)),
        ("round(gamma(0.5) * gamma(0.5) - pi(), 12) == 0", json!(true)),
        ("round(gamma(-0.5), 12)", json!(-3.544_907_701_811)),
        ("isnan(gamma(-2))", json!(true)),
        ("round(loggamma(10), 12)", json!(12.801_827_480_081)),
        ("round(loggamma(150), 9)", json!(600.009_470_555)),
        ("round(erf(0.5), 12)", json!(0.520_499_877_813)),
        ("round(erf(-2.5), 12)", json!(-0.999_593_047_983)),
        ("erfc(0)", json!(1.0)),
        ("round(1e9 * erfc(4), 9)", json!(15.417_257_9)),
        ("round(beta_cdf(0.25, 2, 3), 12)", json!(0.261_718_75)),
        ("round(beta_cdf(0.75, 2, 3), 12)", json!(0.949_218_75)),
        ("round(beta_inv(0.26171875, 2, 3), 12)", json!(0.25)),
        ("round(beta_pdf(0.25, 2, 3), 12)", json!(1.6875)),
        ("isnan(beta_cdf(2, 2, 3))", json!(true)),
        ("isnan(beta_pdf(0.5, 0, 3))", json!(true)),
        ("beta_inv(2, 2, 3)", json!(null)),
    ]);
}

#[test]
fn a_value_near_another() {
    check(&[
        ("around(7, 5, 2)", json!(true)),
        ("around(7.5, 5, 2)", json!(false)),
        ("around(datetime(2026-01-01), datetime(2026-01-01 01:00), 1h)", json!(true)),
        ("around(1h, 3h, 1h)", json!(false)),
        ("around(long(null), 1, 1)", json!(null)),
        ("series_dot_product(3, dynamic([1, 2]))", json!(9.0)),
        ("series_dot_product(dynamic([1, 2]), 0.5)", json!(1.5)),
    ]);
    let query = "print b = 'x', a = 1 | project bag = bag_pack_columns(a, b)";
    let answer = run(query, &Database::schema(), &options()).unwrap();
    assert_eq!(json!(answer.rows_json()), json!([[{"a": 1, "b": "x"}]]));
}

#[test]
fn what_these_do_not_take() {
    for query in [
        "print x = around(1, datetime(2026-01-01), 1h)",
        "print x = around(datetime(2026-01-01), datetime(2026-01-01), 1)",
        "print bag_pack_columns(1)",
        "print series_dot_product(1, 2)",
        "print series_add(1, 2)",
        "print series_less(dynamic([1]), 'a')",
        "print array_sort_asc(dynamic([1]), 1)",
        "print b = true | extend x = array_sort_desc(dynamic([1]), b)",
        "print bag_pack('a', 1, 2, 'b')",
        "print k = 'a' | extend x = bag_set_key(dynamic({}), k, 1)",
        "print k = '$.a' | extend x = extract_json(k, '{}')",
        "print n = 2 | extend x = format_bytes(1024, n)",
        "print make_datetime(datetime(2026-01-01), 1, 1)",
        "print series_fill_forward(dynamic([1]), 'a')",
        "print s = 'a' | extend x = replace_regex(s, 'a', s)",
        "print s = 'a' | extend x = replace('a', s, s)",
        "print n = 1 | extend x = indexof('a', 'a', 0, -1, n)",
        "print n = 1 | extend x = indexof_regex('a', 'a', 0, -1, n)",
        "print n = 1 | extend x = array_index_of(dynamic([1]), 1, 0, -1, n)",
        "print b = true | extend x = series_stats_dynamic(dynamic([1]), b)",
        "print countof('a', 'a', 'Regex')",
        "print datetime_part('weekofyear', now())",
        "print format_datetime(now(), '')",
        "print format_timespan(1h, '')",
        "range x from 1 to 2 step 0",
        "print d = dynamic(1) | extend x = 1h / d",
        "print d = dynamic(1) | extend x = now() % d",
        "print d = dynamic(1) | extend x = d / 1h",
        "print d = dynamic(1) | extend x = d between (d .. d)",
        "print d = dynamic(1) | partition by d (take 1)",
    ] {
        assert!(run(query, &Database::schema(), &options()).is_err(), "{query}");
    }
}
