//! A bound query: every name resolved, every type known, ready to run.

mod groups;

use std::sync::Arc;

use crate::aggregates::AggregateKind;
use crate::answer::Render;
use crate::ast::{BinaryOp, ParseMode, TextOp};
use crate::error::Span;
use crate::functions::Function;
use crate::types::{Column, Type};
use crate::value::Value;

pub(crate) use groups::{Apply, ApplyOutput, KeyValues, Level, Partition, Pivot, Rows, Scan, ScanStep};

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
    pub(crate) render: Option<Render>,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JoinKind {
    InnerUnique,
    Inner,
    LeftOuter,
    RightOuter,
    FullOuter,
    LeftSemi,
    RightSemi,
    LeftAnti,
    RightAnti,
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
pub(crate) enum PlanParseStep {
    Skip,
    Text(String),
    /// A number of `targets`.
    Column(usize),
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

/// Functions that look at the rows around.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    RowNumber,
    CumulativeSum,
    Previous,
    Next,
    RankDense,
    RankMin,
    Session,
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

    /// The nodes directly below.
    pub(crate) fn children(&self) -> Vec<&Node> {
        match &self.kind {
            NodeKind::Constant(_)
            | NodeKind::Column(_)
            | NodeKind::Shared(_)
            | NodeKind::FirstCell(_)
            | NodeKind::Now => Vec::new(),
            NodeKind::Call(_, nodes)
            | NodeKind::And(nodes)
            | NodeKind::Or(nodes)
            | NodeKind::Coalesce(nodes)
            | NodeKind::Window(_, nodes) => nodes.iter().collect(),
            NodeKind::Arithmetic(_, a, b)
            | NodeKind::Compare(_, a, b)
            | NodeKind::Text(_, a, b)
            | NodeKind::Index(a, b) => vec![a, b],
            NodeKind::Negate(a) | NodeKind::Not(a) | NodeKind::Convert(a) | NodeKind::Member(a, _) => vec![a],
            NodeKind::HasMany { value, list, .. } | NodeKind::In { value, list, .. } => {
                std::iter::once(&**value).chain(list).collect()
            }
            NodeKind::Between { value, low, high, .. } => vec![value, low, high],
            NodeKind::Case(branches, rest) => {
                branches.iter().flat_map(|(when, then)| [when, then]).chain([&**rest]).collect()
            }
        }
    }

    /// Whether the value is made of the row that it stands in, or of its neighbours.
    pub(crate) fn reads_row(&self) -> bool {
        matches!(self.kind, NodeKind::Column(_) | NodeKind::Window(..))
            || self.children().into_iter().any(Node::reads_row)
    }

    /// Whether the value of a row depends on that row alone.
    pub(crate) fn is_row_wise(&self) -> bool {
        !matches!(self.kind, NodeKind::Window(..)) && self.children().into_iter().all(Node::is_row_wise)
    }

    /// Whether the value is the same for every row.
    pub(crate) fn is_constant(&self) -> bool {
        match &self.kind {
            NodeKind::Column(_) | NodeKind::Window(..) => false,
            NodeKind::Call(function, _) if function.is_volatile => false,
            _ => self.children().into_iter().all(Node::is_constant),
        }
    }

    /// The value, when it can be told without running the query.
    pub(crate) fn folded(&self) -> Option<Value> {
        match &self.kind {
            NodeKind::Constant(value) => Some(value.clone()),
            NodeKind::Shared(shared) => shared.node.folded(),
            NodeKind::Convert(inner) => Some(crate::convert::convert(&inner.folded()?, self.ty)),
            _ => None,
        }
    }

    /// How many nodes there are.
    pub(crate) fn size(&self) -> usize {
        1 + self.children().into_iter().map(Node::size).sum::<usize>()
    }
}
