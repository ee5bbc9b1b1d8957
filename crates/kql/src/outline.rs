//! What the words of a query tell before it is run.

use crate::lexer::lex;
use crate::parser::needs_rows;
use crate::token::{Token, TokenKind};

/// What can be told of a query without its tables. A text whose words cannot be read tells nothing.
///
/// ```
/// let outline = kql::Outline::of("where name == '| take 5' | project name");
/// assert!(outline.needs_rows && !outline.takes);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// It begins with an operator that needs rows in front of it, such as `where`, and so names no table.
    pub needs_rows: bool,
    /// It cuts its result, or a part of it, with `take` or `limit`.
    pub takes: bool,
}

impl Outline {
    /// The outline of the query.
    #[must_use]
    pub fn of(text: &str) -> Outline {
        let Ok(tokens) = lex(text) else { return Outline::default() };
        let first = tokens.first().and_then(operator);
        let needs_rows = first.is_some_and(needs_rows);
        let piped = tokens.windows(2).filter(|pair| matches!(pair[0].kind, TokenKind::Mark("|")));
        let mut operators = piped.filter_map(|pair| operator(&pair[1])).chain(first.filter(|_| needs_rows));
        Outline { needs_rows, takes: operators.any(|word| matches!(word, "take" | "limit")) }
    }
}

fn operator(token: &Token) -> Option<&str> {
    match &token.kind {
        TokenKind::Name(word) => Some(word),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_take_inside_a_text_is_none() {
        for query in ["T | take 5", "T\n|limit 5", "take 5", "T | join (U | take 1) on x"] {
            assert!(Outline::of(query).takes, "{query}");
        }
        for query in ["T | where name == '| take 5'", "T // | take 5", "T | where take == 1", "T | take 'x"] {
            assert!(!Outline::of(query).takes, "{query}");
        }
    }

    #[test]
    fn a_query_that_begins_with_an_operator_needs_rows() {
        for query in ["where name == 'x'", " project id", "// a word\n limit 2", "mv-expand tags", "count"] {
            assert!(Outline::of(query).needs_rows, "{query}");
        }
        for query in [
            "T",
            "T | count",
            "let x = 1; T",
            "union T",
            "print 1",
            "range x from 1 to 2 step 1",
            "x_limit",
            "",
        ] {
            assert!(!Outline::of(query).needs_rows, "{query}");
        }
    }
}
