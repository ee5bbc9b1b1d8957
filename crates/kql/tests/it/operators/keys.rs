//! `parse-kv`.

use serde_json::{Value as Json, json};

use super::check;

#[test]
fn keys_are_found_between_delimiters() {
    let table = "datatable(s: string)['a=1; b = two ;a=9', 'c=3.5', ' ;b', '']";
    check(
        table,
        &[
            (
                "parse-kv s as (a: long, b: string, c: real) with (pair_delimiter=';', kv_delimiter='=') | project-away s",
                "a b c",
                json!([[1, "two", null], [null, "", 3.5], [null, "", null], [null, "", null]]),
            ),
            ("parse-kv s as (s: string) with (pair_delimiter=';', kv_delimiter='=')", "", Json::Null),
            ("parse-kv s as (a: long) with (pair_delimiter=';')", "", Json::Null),
            ("parse-kv s as (a: long) with (pair_delimiter='', kv_delimiter='=')", "", Json::Null),
            ("parse-kv s as (a: long) with (quote='abc')", "", Json::Null),
            ("parse-kv s as (a: long) with (regex=@'(\\w+)=\\w+')", "", Json::Null),
            (
                "parse-kv s as (a: string, b: string) with (regex=@'(\\w+)\\s*=\\s*(\\w+)') | project-away s",
                "a b",
                json!([["1", "two"], ["", ""], ["", ""], ["", ""]]),
            ),
        ],
    );
}

#[test]
fn values_may_be_quoted_greedy_or_loose() {
    check(
        r#"print s = 'who="Anna \\"A\\" Lab" where=[Bern, CH] town=Bern CH next=1'"#,
        &[
            (
                r#"parse-kv s as (who: string, where_: string, town: string) with (pair_delimiter=' ', kv_delimiter='=', quote='"', escape='\\') | project-away s"#,
                "who where_ town",
                json!([["Anna \"A\" Lab", "", "Bern"]]),
            ),
            (
                r#"parse-kv s as (['where']: string, town: string, ['next']: long) with (pair_delimiter=' ', kv_delimiter='=', quote='"', quote='[]', escape='\\', greedy=true) | project-away s"#,
                "where town next",
                json!([["Bern, CH", "Bern CH", 1]]),
            ),
        ],
    );
    check(
        "print s = '12:30 [WARN] Disk: full, Host=srv01 Note: \"a b\"'",
        &[(
            "parse-kv s as (Host: string, Disk: string, Note: string) with (quote='\"') | project-away s",
            "Host Disk Note",
            json!([["srv01", "full", "a b"]]),
        )],
    );
}

#[test]
fn a_long_text_is_read_once() {
    let start = std::time::Instant::now();
    let query = "print s = repeat_text | parse-kv s as (z: string) with (pair_delimiter=';', kv_delimiter='=', greedy=true) | project strlen(z)";
    let query = query.replace("repeat_text", "strcat('z=', strcat_array(repeat('b=', 200000), ''))");
    check_one(&query, &json!([[400_000]]));
    assert!(start.elapsed() < std::time::Duration::from_secs(3), "{:?}", start.elapsed());
}

fn check_one(query: &str, wanted: &Json) {
    assert_eq!(&super::answer(query).unwrap().1, wanted, "{query}");
}
