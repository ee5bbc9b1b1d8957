//! From the tree to the plan: names are resolved, types are worked out, what is unknown is refused.

mod aggregate;
mod call;
mod chart;
mod check;
mod compare;
mod expression;
mod find;
mod fit;
mod join;
mod lambda;
mod naming;
mod nested;
mod operator;
mod partition;
mod pivot;
mod plugin;
mod project;
mod property;
mod row_aggregate;
mod rows;
mod scan;
mod schema;
mod scope;
mod script;
mod series;
mod source;
mod special;
mod spread;
mod standard;
mod union;
mod wild;

use std::sync::Arc;

use crate::ast::Lambda;
use crate::database::Database;
use crate::error::{Fault, Outcome, Span};
use crate::plan::rows::Rows;
use crate::plan::{Aggregation, Node, Plan, SharedScalar, SharedTable};
use crate::types::{Column, Type};

use scope::Scope;
pub(crate) use script::bind;
#[cfg(test)]
pub(crate) use special::FORMS;

/// More nodes than any sensible query has; functions are written into their callers, which could grow without end.
const MAX_NODES: usize = 500_000;

/// What an expression turned out to be.
pub(crate) enum Bound {
    Scalar(Node),
    Table(Plan),
}

struct Binder<'a> {
    database: &'a Database,
    /// The rows of what is bound already, for operators whose columns they decide.
    rows: &'a mut dyn Rows,
    inner: Inner,
    ignore_case: bool,
    /// The next number for something that is computed once.
    shared: usize,
    nodes: usize,
    /// The aggregates met so far, while the expressions of `summarize` are bound.
    aggregates: Option<AggregateFrame>,
    /// Columns that are keys of the `summarize` being bound.
    group_columns: Vec<usize>,
    /// Depth of function calls.
    calls: usize,
    /// How many columns of the query, or of the function being bound, were named by number.
    unnamed: usize,
    /// Functions without parameters whose answer is random.
    volatile: Vec<Volatile>,
    /// The stored tables whose whole rows the operator being bound reads.
    origin: Option<Origin>,
}

/// Whose rows an operator reads, if they are whole rows of stored tables.
enum Origin {
    /// Those of this table of a workspace.
    Table(String),
    /// Those of several tables of a workspace, side by side.
    Tables,
}

/// A function whose answer is random, and the table of the one value.
struct Volatile {
    function: Arc<(Lambda, Scope)>,
    value: Arc<SharedTable>,
}

/// What holds inside the subquery or the steps of an operator, and not in a pipeline that stands on its own there.
#[derive(Default)]
struct Inner {
    /// Whether the rows come from the groups of an operator outside.
    is_piped: bool,
    /// The steps of `scan`, and where the columns of each begin.
    steps: Vec<(String, usize)>,
}

/// What `summarize` collects: aggregates, and where each one's outputs begin.
struct AggregateFrame {
    first_column: usize,
    aggregations: Vec<Aggregation>,
    outputs: usize,
}

/// The rows that an expression sees.
#[derive(Clone, Copy)]
struct Row<'a> {
    scope: &'a Scope,
    columns: &'a [Column],
    serialized: bool,
}

impl<'a> Row<'a> {
    fn none(scope: &'a Scope) -> Row<'a> {
        Row { scope, columns: &[], serialized: false }
    }
}

impl Binder<'_> {
    fn share_table(&mut self, plan: Plan) -> Arc<SharedTable> {
        let label = plan.label().map(str::to_owned);
        self.share_labelled(plan, label)
    }

    fn share_labelled(&mut self, plan: Plan, label: Option<String>) -> Arc<SharedTable> {
        self.shared += 1;
        Arc::new(SharedTable { id: self.shared, label, plan })
    }

    /// A constant is computed once; what depends on a row is written where it is used.
    fn share_scalar(&mut self, node: Node) -> Node {
        let is_plain =
            matches!(node.kind, crate::plan::NodeKind::Constant(_) | crate::plan::NodeKind::Shared(_));
        if is_plain || !node.is_constant() {
            return node;
        }
        self.shared += 1;
        let (ty, span) = (node.ty, node.span);
        let shared = SharedScalar { id: self.shared, node };
        Node::new(crate::plan::NodeKind::Shared(Arc::new(shared)), ty, span)
    }

    /// Counts what was built; refuses a query that grows too large.
    fn count(&mut self, nodes: usize, span: Span) -> Outcome<()> {
        self.nodes += nodes;
        if self.nodes > MAX_NODES {
            return Err(Fault::new(span, "the query is too complex"));
        }
        Ok(())
    }
}

/// The message for a value of the wrong type.
fn type_fault<T>(span: Span, wanted: &str, found: Type) -> Outcome<T> {
    Err(Fault::new(span, format!("expected {wanted}, found a value of type {found}")))
}
