//! What a query's words say before it is run: whether it names a table, and whether it cuts its result itself.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// What stands in front of a query that names no table.
const TABLE: &str = "Resources | ";
/// Operators with which such a query begins. Those that can begin a query themselves are not among them.
const OPERATORS: [&str; 20] = [
    "as",
    "count",
    "distinct",
    "extend",
    "invoke",
    "join",
    "limit",
    "lookup",
    "mv-expand",
    "order",
    "parse",
    "project",
    "project-away",
    "project-keep",
    "project-rename",
    "project-reorder",
    "sort",
    "summarize",
    "take",
    "top",
];

/// The query with its table, and how many characters in front are not the caller's (contract azure-resource-manager,
/// section 11.1).
pub(super) fn with_table(query: &str) -> (Cow<'_, str>, usize) {
    static FIRST: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"^(?:\s|//[^\n]*(?:\n|$))*([A-Za-z-]+)\b").ok());
    let first = FIRST.as_ref().and_then(|first| first.captures(query)?.get(1));
    let first = first.map(|word| word.as_str().to_ascii_lowercase()).unwrap_or_default();
    if first == "where" || OPERATORS.contains(&first.as_str()) {
        (Cow::Owned(format!("{TABLE}{query}")), TABLE.len())
    } else {
        (Cow::Borrowed(query), 0)
    }
}

/// Whether the query itself cuts its result with `take` or `limit`, which rules out tokens (section 4.3).
pub(super) fn takes_some(query: &str) -> bool {
    static TEXT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r#"@?"[^"\n]*"|@?'[^'\n]*'|//[^\n]*"#).ok());
    static TAKE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\|\s*(?:take|limit)\b").ok());
    let bare = TEXT.as_ref().map(|text| text.replace_all(query, "''").into_owned());
    bare.is_some_and(|bare| TAKE.as_ref().is_some_and(|take| take.is_match(&bare)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_take_inside_a_text_is_none() {
        assert!(takes_some("resources | take 5"));
        assert!(takes_some("resources\n|limit 5"));
        assert!(!takes_some("resources | where name == '| take 5'"));
        assert!(!takes_some("resources // | take 5"));
    }

    #[test]
    fn a_query_without_a_table_gets_one() {
        for query in ["where name == 'x'", " Project id", "// a word\n limit 2", "mv-expand tags", "count"] {
            assert_eq!(with_table(query).0, format!("Resources | {query}"), "{query}");
        }
        for query in [
            "resources",
            "dnsresources | count",
            "let x = 1; resources",
            "union resources",
            "print 1",
            "x_limit",
        ] {
            assert_eq!(with_table(query), (Cow::Borrowed(query), 0), "{query}");
        }
    }
}
