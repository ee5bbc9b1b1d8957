//! A bound query: every name resolved, every type known, ready to run.

mod kinds;
mod node;
pub(crate) mod rows;

use std::sync::Arc;

use crate::aggregates::AggregateKind;
use crate::ast::{BinaryOp, KeyValueFormat, ParseMode, ScanOutput, TextOp};
use crate::error::{Fault, Span};
use crate::functions::Function;
use crate::types::{Column, Type};
use crate::value::Value;

pub(crate) use kinds::{ApplyOutput, JoinKind, PlanParseStep, Window};

/// A table to compute: a source and what its rows go through.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) source: PlanSource,
    pub(crate) steps: Vec<Step>,
    /// The columns of the result.
    pub(crate) columns: Vec<Column>,
    /// The types of the source's own columns.
    pub(crate) source_types: Vec<Type>,
    /// Whether the rows have an order that `prev`, `next` and `row_number` may use.
    pub(crate) serialized: bool,
    pub(crate) render: Option<Arc<Chart>>,
}

impl Plan {
    /// A plan without steps.
    pub(crate) fn new(source: PlanSource, columns: Vec<Column>, serialized: bool) -> Plan {
        let source_types = columns.iter().map(|column| column.ty).collect();
        Plan { source, steps: Vec::new(), columns, source_types, serialized, render: None }
    }

    /// The name of the table that it is, when no operator made another one of it.
    pub(crate) fn label(&self) -> Option<&str> {
        match &self.source {
            PlanSource::Table(name) if self.steps.is_empty() => Some(name),
            PlanSource::Shared(shared) if self.steps.is_empty() => shared.label.as_deref(),
            _ => None,
        }
    }
}

/// What `render` asks for. Titles are computed when the query runs.
#[derive(Debug)]
pub(crate) struct Chart {
    pub(crate) visualization: String,
    pub(crate) properties: Vec<(String, Node)>,
}

#[derive(Clone, Debug)]
pub(crate) enum PlanSource {
    /// A stored table, by its name in the database.
    Table(String),
    /// A table that the query names and that is computed once.
    Shared(Arc<SharedTable>),
    /// One row of these values.
    Row(Vec<Node>),
    /// Literal rows, row by row.
    Literal(Arc<[Value]>),
    /// From, to and step.
    Range(Box<[Node; 3]>),
    Union(Vec<UnionMember>),
    /// The rows of the group that the plan is applied to.
    Piped,
}

#[derive(Clone, Debug)]
pub(crate) struct UnionMember {
    pub(crate) plan: Plan,
    /// For each column of the union: the member's column, if it has it.
    pub(crate) columns: Vec<Option<usize>>,
    /// What the source column says of this member's rows.
    pub(crate) source_name: Option<String>,
}

#[derive(Debug)]
pub(crate) struct SharedTable {
    pub(crate) id: usize,
    /// What `withsource` calls it: the name that `as` gave, or that of the stored table that it is.
    pub(crate) label: Option<String>,
    pub(crate) plan: Plan,
}

#[derive(Debug)]
pub(crate) struct SharedScalar {
    pub(crate) id: usize,
    pub(crate) node: Node,
}

#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) kind: StepKind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum StepKind {
    Filter(Node),
    /// The columns of the result, each kept or computed.
    Compute(Vec<Output>),
    /// The result has the keys, then the outputs of the aggregates.
    Summarize {
        keys: Vec<Node>,
        aggregates: Vec<Aggregation>,
    },
    Sort(Vec<SortKey>),
    Top(Node, Box<SortKey>),
    Take(Node),
    Count,
    Join(Box<Join>),
    Expand(Box<Expand>),
    Parse(Box<Parse>),
    Series(Box<Series>),
    /// The rows are these values instead, whatever came in (`getschema`).
    Replace(Arc<[Value]>),
    Apply(Box<Apply>),
    Partition(Box<Partition>),
    TopNested(Vec<Level>),
    KeyValues(Box<KeyValues>),
    Scan(Box<Scan>),
    Pivot(Box<Pivot>),
    /// No row goes on.
    Consume,
}

#[derive(Clone, Debug)]
pub(crate) enum Output {
    Keep(usize),
    Node(Node),
}

#[derive(Clone, Debug)]
pub(crate) struct SortKey {
    pub(crate) node: Node,
    pub(crate) ascending: bool,
    pub(crate) nulls_first: bool,
}

/// The result has all left columns, then all right ones; semi and anti joins one side only.
#[derive(Clone, Debug)]
pub(crate) struct Join {
    pub(crate) kind: JoinKind,
    pub(crate) right: Plan,
    /// Columns of the left and of the right side that must be equal.
    pub(crate) keys: Vec<(usize, usize)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Expand {
    /// What is expanded, where it goes (an existing column or a new one at the end), and its type.
    pub(crate) columns: Vec<(Node, usize, Type)>,
    pub(crate) with_index: bool,
    pub(crate) bags_as_arrays: bool,
    pub(crate) limit: Option<Node>,
}

#[derive(Clone, Debug)]
pub(crate) struct Parse {
    pub(crate) mode: ParseMode,
    pub(crate) drop_others: bool,
    pub(crate) source: Node,
    pub(crate) steps: Vec<PlanParseStep>,
    /// Where each parsed value goes, in the order of the pattern.
    pub(crate) targets: Vec<(usize, Type)>,
}

#[derive(Clone, Debug)]
pub(crate) struct Series {
    pub(crate) nonempty: bool,
    pub(crate) inclusive: bool,
    pub(crate) keys: Vec<Node>,
    pub(crate) axis: Node,
    pub(crate) from: Option<Node>,
    pub(crate) to: Option<Node>,
    pub(crate) step: Node,
    pub(crate) values: Vec<SeriesValue>,
}

impl Series {
    /// How many series there are, without the axis.
    pub(crate) fn count(&self) -> usize {
        self.values.iter().map(|value| value.values.len()).sum()
    }
}

/// What the series of one expression hold in each bin: several when its aggregate yields several values.
#[derive(Clone, Debug)]
pub(crate) struct SeriesValue {
    pub(crate) aggregates: Vec<Aggregation>,
    /// Each value over the outputs of the aggregates, and what an empty bin holds instead; a constant.
    pub(crate) values: Vec<(Node, Node)>,
}

/// An aggregate over groups of rows.
#[derive(Clone, Debug)]
pub(crate) struct Aggregation {
    pub(crate) kind: AggregateKind,
    pub(crate) arguments: Vec<Node>,
    /// The predicate of the `…if` form.
    pub(crate) predicate: Option<Node>,
    /// Types of the columns that it yields.
    pub(crate) outputs: Vec<Type>,
}

/// An expression whose type is known.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: NodeKind,
    pub(crate) ty: Type,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum NodeKind {
    Constant(Value),
    Column(usize),
    /// A scalar that is computed once for the whole query.
    Shared(Arc<SharedScalar>),
    /// The first cell of a table, or null.
    FirstCell(Arc<SharedTable>),
    Now,
    Call(&'static Function, Vec<Node>),
    Arithmetic(BinaryOp, Box<Node>, Box<Node>),
    Negate(Box<Node>),
    Compare(BinaryOp, Box<Node>, Box<Node>),
    Text(TextOp, Box<Node>, Box<Node>),
    HasMany {
        all: bool,
        value: Box<Node>,
        list: Vec<Node>,
        table: Option<Arc<SharedTable>>,
    },
    In {
        value: Box<Node>,
        list: Vec<Node>,
        table: Option<Arc<SharedTable>>,
        ignore_case: bool,
        negated: bool,
    },
    Between {
        value: Box<Node>,
        low: Box<Node>,
        high: Box<Node>,
        negated: bool,
    },
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    /// Conditions and values, then the value of the rest.
    Case(Vec<(Node, Node)>, Box<Node>),
    Coalesce(Vec<Node>),
    Convert(Box<Node>),
    Member(Box<Node>, String),
    Index(Box<Node>, Box<Node>),
    Window(Window, Vec<Node>),
}

/// `mv-apply`: the elements of each row go through a plan of their own.
#[derive(Clone, Debug)]
pub(crate) struct Apply {
    pub(crate) expand: Expand,
    /// What starts from the elements of one row.
    pub(crate) inner: Plan,
    pub(crate) outputs: Vec<ApplyOutput>,
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
    pub(crate) format: KeyValueFormat,
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

impl Node {
    pub(crate) fn new(kind: NodeKind, ty: Type, span: Span) -> Node {
        Node { kind, ty, span }
    }

    pub(crate) fn constant(value: Value, ty: Type, span: Span) -> Node {
        Node::new(NodeKind::Constant(value), ty, span)
    }

    pub(crate) fn column(index: usize, ty: Type, span: Span) -> Node {
        Node::new(NodeKind::Column(index), ty, span)
    }
}
