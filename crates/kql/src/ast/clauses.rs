//! The clauses of operators that have a grammar of their own: subqueries over groups, patterns of steps, plugins.

use super::{Argument, ExpandClause, Expr, Name, Named, Operator, Pipeline};
use crate::error::Span;
use crate::types::Type;

/// One level of `top-nested`.
#[derive(Clone, Debug)]
pub(crate) struct NestedLevel {
    /// How many values; all when left out.
    pub(crate) count: Option<Expr>,
    pub(crate) of: Named,
    /// What the rows are called that did not make it.
    pub(crate) others: Option<Expr>,
    pub(crate) by: Named,
    pub(crate) ascending: bool,
}

/// `top-hitters`: how many values of what, weighed by what.
#[derive(Clone, Debug)]
pub(crate) struct HittersClause {
    pub(crate) count: Expr,
    pub(crate) of: Name,
    pub(crate) by: Option<Named>,
}

/// `mv-apply`: what is expanded, and the operators that each row's elements go through.
#[derive(Clone, Debug)]
pub(crate) struct ApplyClause {
    pub(crate) expand: ExpandClause,
    pub(crate) operators: Vec<Operator>,
}

/// `partition`: the column, and what each of its values goes through.
#[derive(Clone, Debug)]
pub(crate) struct PartitionClause {
    /// Whether the strategy is the old one, which takes few values only.
    pub(crate) is_legacy: bool,
    pub(crate) by: Name,
    pub(crate) body: PartitionBody,
}

#[derive(Clone, Debug)]
pub(crate) enum PartitionBody {
    /// `( … )`: operators over the rows of one value.
    Piped(Vec<Operator>),
    /// `{ … }`: a query with its own source, which sees the value alone.
    Own(Box<Pipeline>),
}

/// `parse-kv`: texts of keys and values.
#[derive(Clone, Debug)]
pub(crate) struct KeyValueClause {
    pub(crate) source: Expr,
    pub(crate) columns: Vec<(Name, Type)>,
    pub(crate) format: KeyValueFormat,
}

/// How `parse-kv` tells keys from values.
#[derive(Clone, Debug)]
pub(crate) enum KeyValueFormat {
    /// Between delimiters; without them whatever is no letter and no digit separates.
    Delimited {
        delimiters: Option<(String, String)>,
        /// Opening and closing quotes.
        quotes: Vec<(char, char)>,
        escapes: Vec<char>,
        greedy: bool,
    },
    /// A pattern whose two groups are key and value.
    Regex(String, Span),
}

/// `scan`: columns that the steps fill, and the steps.
#[derive(Clone, Debug)]
pub(crate) struct ScanClause {
    pub(crate) match_id: Option<Name>,
    pub(crate) order: Vec<super::OrderKey>,
    pub(crate) partition: Vec<Expr>,
    pub(crate) declared: Vec<(Name, Type, Option<Expr>)>,
    pub(crate) steps: Vec<ScanStep>,
}

#[derive(Clone, Debug)]
pub(crate) struct ScanStep {
    pub(crate) name: Name,
    pub(crate) output: ScanOutput,
    pub(crate) condition: Expr,
    pub(crate) assignments: Vec<(Name, Expr)>,
}

/// Which rows that match a step are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ScanOutput {
    All,
    /// The last of a row of matches.
    Last,
    None,
}

/// `evaluate plugin(…)`, and the columns that it is said to answer.
#[derive(Clone, Debug)]
pub(crate) struct PluginClause {
    pub(crate) name: Name,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) schema: Option<PluginSchema>,
}

#[derive(Clone, Debug)]
pub(crate) struct PluginSchema {
    /// `*`: the columns of the input come first.
    pub(crate) with_input: bool,
    pub(crate) columns: Vec<(Name, Type)>,
}

/// `find`: where, the test of a row, and the columns that are wanted.
#[derive(Clone, Debug)]
pub(crate) struct FindClause {
    pub(crate) source_column: Option<Name>,
    pub(crate) tables: Vec<Pipeline>,
    pub(crate) predicate: Expr,
    /// Columns with the types that they are given; `None` chooses them by the test.
    pub(crate) columns: Option<Vec<(Name, Option<Type>)>>,
    /// Whether the row is packed beside them.
    pub(crate) packs: bool,
}
