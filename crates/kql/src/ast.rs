//! A query as it is written, with the place of everything that a message may point at.

mod words;

use crate::dynamic::Dynamic;
use crate::error::Span;
use crate::types::Type;
use crate::value::Value;

pub(crate) use words::{
    BinaryOp, ChainOp, KeyValueFormat, Name, ParseMode, Pattern, PluginSchema, RegexFlags, ScanOutput,
    Setting, TextOp, TextTest,
};

/// A whole query: statements, the last of them gives the answer.
#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) statements: Vec<Statement>,
}

/// One statement.
#[derive(Clone, Debug)]
pub(crate) enum Statement {
    Let(Name, LetValue),
    /// Parameters of the whole query; each has a default.
    Declare(Vec<Parameter>),
    /// `set name`, `set name = value`: a property of the request.
    Set(Name, Option<Expr>),
    Query(Pipeline),
}

/// What a `let` names.
#[derive(Clone, Debug)]
pub(crate) enum LetValue {
    Expression(Pipeline),
    Function(Lambda),
}

/// A function with parameters.
#[derive(Clone, Debug)]
pub(crate) struct Lambda {
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) body: Script,
    /// Whether it is found by the wildcards of `union` and `search`, as a table is.
    pub(crate) is_view: bool,
    pub(crate) span: Span,
}

/// A parameter of a function.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: Name,
    pub(crate) ty: ParameterType,
    pub(crate) default: Option<Expr>,
}

/// What a parameter takes.
#[derive(Clone, Debug)]
pub(crate) enum ParameterType {
    Scalar(Type),
    /// A table; the columns that it must have, `None` for any.
    Table(Option<Vec<(Name, Type)>>),
}

/// A source and what it is piped through. A scalar expression is a pipeline without operators.
#[derive(Clone, Debug)]
pub(crate) struct Pipeline {
    pub(crate) source: Source,
    pub(crate) operators: Vec<Operator>,
    pub(crate) span: Span,
}

/// Where the rows of a pipeline come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    Expr(Expr),
    /// An operator that needs no input: `print`, `range`, `union`, `datatable`.
    Operator(Box<Operator>),
}

/// An expression with its place.
#[derive(Clone, Debug)]
pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) span: Span,
}

/// The forms of an expression.
#[derive(Clone, Debug)]
pub(crate) enum ExprKind {
    Literal(Type, Value),
    /// `typeof(long)`.
    TypeOf(Type),
    Name(String),
    /// `*`, as an argument.
    Star,
    /// `value.member`.
    Member(Box<Expr>, Name),
    /// `value[index]`.
    Index(Box<Expr>, Box<Expr>),
    Call(Name, Vec<Argument>),
    Negate(Box<Expr>),
    Plus(Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `and` and `or` over any number of terms, so that long chains do not nest.
    Chain(ChainOp, Vec<Expr>),
    In {
        ignore_case: bool,
        negated: bool,
        value: Box<Expr>,
        list: Vec<Pipeline>,
    },
    /// `has_any` (all = false) and `has_all`.
    HasMany {
        all: bool,
        value: Box<Expr>,
        list: Vec<Pipeline>,
    },
    Between {
        negated: bool,
        value: Box<Expr>,
        low: Box<Expr>,
        high: Box<Expr>,
    },
    Parenthesised(Box<Expr>),
    /// A pipeline in brackets.
    Query(Box<Pipeline>),
}

/// An argument, with its name if one is given.
#[derive(Clone, Debug)]
pub(crate) struct Argument {
    pub(crate) name: Option<Name>,
    pub(crate) value: Pipeline,
}

/// An expression and the names that it is given: none, one, or several in brackets.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) names: Vec<Name>,
    /// The name that the column takes without one, where it is not made of the expression.
    pub(crate) made: Option<String>,
    pub(crate) expr: Expr,
}

/// A key of `sort` and `top`.
#[derive(Clone, Debug)]
pub(crate) struct OrderKey {
    pub(crate) expr: Expr,
    pub(crate) ascending: bool,
    pub(crate) nulls_first: bool,
}

/// An operator with the place of its keyword.
#[derive(Clone, Debug)]
pub(crate) struct Operator {
    pub(crate) kind: OperatorKind,
    pub(crate) span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum OperatorKind {
    Where(Expr),
    Extend(Vec<Named>),
    Serialize(Vec<Named>),
    Project(Vec<Named>),
    ProjectAway(Vec<Pattern>),
    ProjectKeep(Vec<Pattern>),
    ProjectRename(Vec<(Name, Name)>),
    ProjectReorder(Vec<(Pattern, Option<Reorder>)>),
    Summarize {
        aggregates: Vec<Named>,
        by: Vec<Named>,
    },
    /// `None` is `*`.
    Distinct(Option<Vec<Named>>),
    Sort(Vec<OrderKey>),
    Top(Expr, OrderKey),
    Take(Expr),
    SampleDistinct(Expr, Name),
    Count(Option<Name>),
    Join(JoinClause),
    Lookup(JoinClause),
    Union(UnionClause),
    MvExpand(ExpandClause),
    Parse(ParseClause),
    MakeSeries(SeriesClause),
    Range {
        name: Name,
        from: Expr,
        to: Expr,
        step: Expr,
    },
    Print(Vec<Named>),
    Datatable {
        columns: Vec<(Name, Type)>,
        values: Vec<Expr>,
    },
    Render(RenderClause),
    GetSchema,
    As(Name),
    Invoke(Expr),
    Search(SearchClause),
    TopNested(Vec<NestedLevel>),
    TopHitters(HittersClause),
    MvApply(ApplyClause),
    Partition(PartitionClause),
    ParseKv(KeyValueClause),
    Scan(ScanClause),
    Evaluate(PluginClause),
    Find(FindClause),
    Consume,
    AssertSchema(Vec<(Name, Type)>),
    ProjectByNames(Vec<Expr>),
}

/// How `project-reorder` sorts the columns of one pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reorder {
    Ascending,
    Descending,
    GrannyAscending,
    GrannyDescending,
}

#[derive(Clone, Debug)]
pub(crate) struct JoinClause {
    pub(crate) kind: Option<Name>,
    pub(crate) right: Box<Pipeline>,
    pub(crate) on: Vec<Expr>,
}

#[derive(Clone, Debug)]
pub(crate) struct UnionClause {
    pub(crate) inner: bool,
    pub(crate) fuzzy: bool,
    pub(crate) source_column: Option<Name>,
    pub(crate) tables: Vec<Pipeline>,
}

/// `search`: where, and the test of a row; no tables are all.
#[derive(Clone, Debug)]
pub(crate) struct SearchClause {
    pub(crate) tables: Vec<Pipeline>,
    pub(crate) predicate: Expr,
}

#[derive(Clone, Debug)]
pub(crate) struct ExpandClause {
    pub(crate) index_column: Option<Name>,
    /// Members of a bag become `[name, value]` arrays instead of one-member bags.
    pub(crate) bags_as_arrays: bool,
    pub(crate) columns: Vec<(Named, Option<Type>)>,
    pub(crate) limit: Option<Expr>,
}

#[derive(Clone, Debug)]
pub(crate) struct ParseClause {
    pub(crate) mode: ParseMode,
    /// `parse-where`: rows that do not match go away.
    pub(crate) drop_others: bool,
    pub(crate) source: Expr,
    pub(crate) steps: Vec<ParseStep>,
}

#[derive(Clone, Debug)]
pub(crate) enum ParseStep {
    Skip,
    Text(String, Span),
    Column(Name, Type),
}

#[derive(Clone, Debug)]
pub(crate) struct SeriesClause {
    pub(crate) nonempty: bool,
    /// The old form `in range(from, to, step)`, whose end counts.
    pub(crate) inclusive: bool,
    pub(crate) aggregates: Vec<(Named, Option<Expr>)>,
    pub(crate) on: Named,
    pub(crate) from: Option<Expr>,
    pub(crate) to: Option<Expr>,
    pub(crate) step: Expr,
    pub(crate) by: Vec<Named>,
}

impl Expr {
    pub(crate) fn new(kind: ExprKind, span: Span) -> Expr {
        Expr { kind, span }
    }

    /// A dynamic literal.
    pub(crate) fn dynamic(value: Dynamic, span: Span) -> Expr {
        Expr::new(ExprKind::Literal(Type::Dynamic, Value::dynamic(value)), span)
    }
}

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

/// `render`: a chart and its properties.
#[derive(Clone, Debug)]
pub(crate) struct RenderClause {
    pub(crate) visualization: String,
    pub(crate) properties: Vec<(String, RenderValue)>,
}

#[derive(Clone, Debug)]
pub(crate) enum RenderValue {
    Text(String),
    /// A title may be computed.
    Title(Expr),
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

/// `scan`: columns that the steps fill, and the steps.
#[derive(Clone, Debug)]
pub(crate) struct ScanClause {
    pub(crate) match_id: Option<Name>,
    pub(crate) order: Vec<OrderKey>,
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

/// `evaluate plugin(…)`, and the columns that it is said to answer.
#[derive(Clone, Debug)]
pub(crate) struct PluginClause {
    pub(crate) name: Name,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) schema: Option<PluginSchema>,
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
