//! Steps that work on groups of rows, or through the rows one by one; and what the plan may ask of rows.

use super::{Aggregation, Expand, Node, Plan, SharedTable};
use crate::ast::ScanOutput;
use crate::error::{Fault, Outcome, Span};
use crate::properties::Properties;
use crate::types::Type;
use crate::value::Value;

/// Rows that are known before the whole query is bound: some operators have the columns that the rows say.
pub(crate) trait Rows {
    /// Says what the query says about its own run.
    fn told(&mut self, properties: &Properties);

    /// Shows every value of a column of a table that the query computes once.
    fn each(
        &mut self,
        table: &SharedTable,
        column: usize,
        visit: &mut dyn FnMut(Value) -> Outcome<()>,
    ) -> Outcome<()>;
}

/// `mv-apply`: the elements of each row go through a plan of their own.
#[derive(Clone, Debug)]
pub(crate) struct Apply {
    pub(crate) expand: Expand,
    /// What starts from the elements of one row.
    pub(crate) inner: Plan,
    pub(crate) outputs: Vec<ApplyOutput>,
}

/// A column of the outer row, or one that the inner plan made.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ApplyOutput {
    Outer(usize),
    Inner(usize),
}

/// `partition`: the rows of each value go through a plan of their own.
#[derive(Clone, Debug)]
pub(crate) struct Partition {
    pub(crate) key: usize,
    pub(crate) inner: Plan,
    /// More values than this are refused.
    pub(crate) limit: Option<usize>,
}

impl Partition {
    /// The fault of more values than the old strategy takes.
    pub(crate) fn too_many(limit: usize, span: Span) -> Fault {
        let message = format!(
            "'partition' without a strategy takes {limit} values of its column; \
             hint.strategy=native or shuffle takes any number"
        );
        Fault::new(span, message)
    }
}

/// A level of `top-nested`: the result has a key and a value for each.
#[derive(Clone, Debug)]
pub(crate) struct Level {
    pub(crate) count: Option<Node>,
    pub(crate) key: Node,
    pub(crate) others: Option<Node>,
    pub(crate) aggregates: Vec<Aggregation>,
    /// The value over the outputs of the aggregates.
    pub(crate) value: Node,
    pub(crate) ascending: bool,
}

/// `parse-kv`: where the values of the keys go.
#[derive(Clone, Debug)]
pub(crate) struct KeyValues {
    pub(crate) source: Node,
    pub(crate) format: crate::ast::KeyValueFormat,
    pub(crate) keys: Vec<(String, Type)>,
}

/// `scan`. The expressions see the columns of the row, the declared ones, and after them both again for each step.
#[derive(Clone, Debug)]
pub(crate) struct Scan {
    pub(crate) with_match_id: bool,
    /// Where the rows begin anew.
    pub(crate) partition: Vec<Node>,
    /// Type and first value of the declared columns.
    pub(crate) declared: Vec<(Type, Node)>,
    pub(crate) steps: Vec<ScanStep>,
    /// How many columns the row has of its own.
    pub(crate) width: usize,
}

#[derive(Clone, Debug)]
pub(crate) struct ScanStep {
    pub(crate) output: ScanOutput,
    pub(crate) condition: Node,
    /// Declared columns and what they become.
    pub(crate) assignments: Vec<(usize, Node)>,
}

/// `evaluate pivot`: one row for each combination of keys, one column for each value.
#[derive(Clone, Debug)]
pub(crate) struct Pivot {
    pub(crate) keys: Vec<Node>,
    /// The text of this node says to which column a row belongs.
    pub(crate) pivot: Node,
    pub(crate) names: Vec<String>,
    pub(crate) aggregation: Aggregation,
}
