//! Which words are operators, and why others are refused: those of the language that this engine does not have, and words
//! that are none.

use crate::error::Fault;
use crate::near::with_hint;
use crate::token::Token;

const GRAPH: &str = "follow the edges with one 'join' for each step";

/// Operators of the language that this engine does not have, and what does their work.
const LEFT_OUT: [(&str, &str); 17] = [
    ("facet", "run 'summarize count() by' once for each column"),
    ("fork", "run each branch as a query of its own, or put them side by side with 'union'"),
    (
        "reduce",
        "cut the texts to their patterns with 'replace_regex' and count them with 'summarize count() by'",
    ),
    ("make-graph", GRAPH),
    ("graph-match", GRAPH),
    ("graph-to-table", GRAPH),
    ("graph-mark-components", GRAPH),
    ("graph-shortest-paths", GRAPH),
    ("graph-where-edges", GRAPH),
    ("graph", GRAPH),
    ("project-smart", "name the columns with 'project'"),
    ("execute-and-cache", "name the rows with 'let' and 'materialize'"),
    ("macro-expand", "put the tables side by side with 'union'"),
    ("partitionby", "use 'partition by'"),
    ("__partitionby", "use 'partition by'"),
    ("inline", "put the rows into a 'datatable'"),
    ("execute_show_command", "control commands are not run"),
];

/// The operators that are read.
const READ: [&str; 46] = [
    "where",
    "filter",
    "extend",
    "serialize",
    "project",
    "project-away",
    "project-keep",
    "project-rename",
    "project-reorder",
    "project-by-names",
    "summarize",
    "distinct",
    "sort",
    "order",
    "top",
    "top-nested",
    "top-hitters",
    "sample",
    "sample-distinct",
    "take",
    "limit",
    "count",
    "join",
    "lookup",
    "union",
    "mv-expand",
    "mv-apply",
    "parse",
    "parse-where",
    "parse-kv",
    "make-series",
    "range",
    "print",
    "datatable",
    "render",
    "getschema",
    "as",
    "invoke",
    "search",
    "find",
    "partition",
    "scan",
    "evaluate",
    "consume",
    "assert-schema",
    "externaldata",
];

/// Those of them that rows begin with.
const SOURCES: [&str; 8] =
    ["print", "range", "datatable", "union", "search", "find", "externaldata", "evaluate"];

/// Whether the word is an operator that rows must stand in front of.
pub(crate) fn needs_rows(word: &str) -> bool {
    READ.contains(&word) && !SOURCES.contains(&word)
}

/// Why the word is refused where an operator should stand.
pub(super) fn refused(word: &str, token: &Token) -> Fault {
    let left_out = LEFT_OUT.iter().find(|(name, _)| *name == word);
    let message = match left_out {
        Some((_, instead)) => format!("the operator '{word}' is not supported; {instead}"),
        None => with_hint(format!("'{word}' is not an operator"), word, READ),
    };
    Fault::new(token.span, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parser::parse;

    #[test]
    fn what_is_suggested_is_an_operator() {
        for name in READ {
            let message = parse(&format!("T | {name} ~")).map(|_| ()).unwrap_err().message;
            assert!(
                !message.contains("is not an operator") && !message.contains("is not supported;"),
                "{message}"
            );
        }
    }

    #[test]
    fn a_refused_operator_tells_what_does_its_work() {
        for (query, words) in [
            ("T | facet by x", "the operator 'facet' is not supported; run 'summarize count() by'"),
            ("T | make-graph a --> b with c on d", "'join'"),
            ("T | sumarize count()", "'sumarize' is not an operator; did you mean 'summarize'?"),
            ("T | Where x", "did you mean 'where'?"),
            ("T | blur", "'blur' is not an operator"),
        ] {
            let message = parse(query).map(|_| ()).unwrap_err().message;
            assert!(message.contains(words), "{query}: {message}");
        }
        assert!(!parse("T | blur").map(|_| ()).unwrap_err().message.contains("did you mean"));
    }
}
