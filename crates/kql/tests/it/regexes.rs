//! Regular expressions as the service documents them.

use serde_json::{Value as Json, json};

use kql::{Database, run};

use crate::options;
use crate::semantics::rows;

fn one(expression: &str) -> Json {
    rows(&format!("print x = {expression}"))[0][0].clone()
}

#[test]
fn the_documented_syntax_is_taken() {
    for (expression, wanted) in [
        (r"extract_all(@'(\p{L}+)', 'caf\u00e9 42 \u03b1\u03b2')", json!(["caf\u{e9}", "\u{3b1}\u{3b2}"])),
        (r"extract(@'(\p{Greek}+)', 1, 'ab\u03b1\u03b2c')", json!("\u{3b1}\u{3b2}")),
        (r"extract(@'(\pN+)', 1, 'v12')", json!("12")),
        (r"extract(@'(\P{Lu}+)', 1, 'ABcdE')", json!("cd")),
        (r"extract(@'([\p{Greek}&&\p{Lu}]+)', 1, '\u03b1\u0391')", json!("\u{391}")),
        (r"'A1' matches regex @'^\101\x31$'", json!(true)),
        (r"'{a}' matches regex '^{a}$'", json!(true)),
        (r"replace_regex('a{b}', '{', '<')", json!("a<b}")),
        (r"'aa' matches regex '^a{2}$'", json!(true)),
        (r"'x{1,a}' matches regex '^x{1,a}$'", json!(true)),
        (r"extract(@'(?<year>\d{4})', 1, 'in 2026')", json!("2026")),
        (r"'\uff11' matches regex @'^\d$'", json!(true)),
        (r"'\u00a0' matches regex @'^\s$'", json!(true)),
        (r"'ab' matches regex '(?x) a  b # both'", json!(true)),
        (r"countof('a-b c', @'\b\w', 'regex')", json!(3)),
        (r"replace_regex('abc', 'x*', '-')", json!("-a-b-c-")),
        (r"replace_regex('key=val', @'(\w+)=(\w+)', @'\2=\1\\\0')", json!(r"val=key\key=val")),
        (r"indexof_regex('a1b22', @'\d+', 0, -1, 2)", json!(3)),
    ] {
        assert_eq!(one(expression), wanted, "{expression}");
    }
}

#[test]
fn what_the_service_does_not_document_is_refused() {
    for pattern in
        [r"(a)(?=b)", r"(?<!a)b", r"a\C", r"\Qa\E", r"\k<a>", "a{2,1}", "*a", r"\p{Nowhere}", "[b-a]"]
    {
        let query = format!("print 'a' matches regex @'{pattern}'");
        let error = run(&query, &Database::schema(), &options()).unwrap_err();
        assert!(error.message.contains("regular expression"), "{pattern}: {error}");
        assert_eq!(error.column, 25, "{pattern}");
    }
}
