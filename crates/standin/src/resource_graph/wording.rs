//! A query that names no table gets one.

use std::borrow::Cow;

use kql::Outline;

/// What stands in front of a query that names no table.
const TABLE: &str = "Resources | ";

/// The query with its table, and how many characters in front are not the caller's (contract azure-resource-manager,
/// section 11.1).
pub(super) fn with_table<'a>(query: &'a str, outline: &Outline) -> (Cow<'a, str>, usize) {
    if outline.needs_rows {
        (Cow::Owned(format!("{TABLE}{query}")), TABLE.len())
    } else {
        (Cow::Borrowed(query), 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_without_a_table_gets_one() {
        let with = |query| with_table(query, &Outline::of(query)).0.into_owned();
        assert_eq!(with("where name == 'x'"), "Resources | where name == 'x'");
        assert_eq!(with("dnsresources | count"), "dnsresources | count");
    }
}
