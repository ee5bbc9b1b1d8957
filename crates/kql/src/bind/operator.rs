//! Operators, one by one: each turns a plan into the next.

use crate::ast::{Expr, ExprKind, Named, Operator, OperatorKind, OrderKey};
use crate::error::{Fault, Outcome, Span};
use crate::plan::{Node, NodeKind, Output, Plan, SortKey, Step, StepKind};
use crate::types::{Column, Type};
use crate::value::Value;

use super::naming::Names;
use super::scope::Scope;
use super::spread::{Rest, spread};
use super::{AggregateFrame, Binder, Row, type_fault};

impl Plan {
    /// The plan with one more step, whose rows have these columns.
    pub(super) fn then(mut self, kind: StepKind, columns: Vec<Column>, span: Span) -> Plan {
        self.steps.push(Step { kind, span });
        self.columns = columns;
        self.render = None;
        self
    }

    /// The same for a step that keeps the columns.
    pub(super) fn filtered(self, kind: StepKind, span: Span) -> Plan {
        let columns = self.columns.clone();
        self.then(kind, columns, span)
    }
}

impl Binder<'_> {
    pub(super) fn operator(&mut self, plan: Plan, operator: &Operator, scope: &Scope) -> Outcome<Plan> {
        let span = operator.span;
        // Each operator has its list of columns: many of both would take more than the rows do.
        self.count(plan.columns.len() / 2, span)?;
        match &operator.kind {
            OperatorKind::Where(condition) => {
                let columns = plan.columns.clone();
                let row = Row { scope, columns: &columns, serialized: plan.serialized };
                let condition = self.expression(condition, &row)?;
                if condition.ty != Type::Bool {
                    return type_fault(condition.span, "a value of type bool", condition.ty);
                }
                Ok(plan.filtered(StepKind::Filter(condition), span))
            }
            OperatorKind::Extend(list) => self.extend(plan, list, span, scope),
            OperatorKind::Serialize(list) => {
                let plan = Plan { serialized: true, ..plan };
                self.extend(plan, list, span, scope)
            }
            OperatorKind::Project(list) => self.project(plan, list, span, scope),
            OperatorKind::ProjectAway(patterns) => Self::project_away(plan, patterns, span),
            OperatorKind::ProjectKeep(patterns) => Self::project_keep(plan, patterns, span),
            OperatorKind::ProjectRename(pairs) => Self::project_rename(plan, pairs, span),
            OperatorKind::ProjectReorder(list) => Self::project_reorder(plan, list, span),
            OperatorKind::Summarize { aggregates, by } => self.summarize(plan, aggregates, by, span, scope),
            OperatorKind::Distinct(list) => self.distinct(plan, list.as_deref(), span, scope),
            OperatorKind::Sort(keys) => {
                let columns = plan.columns.clone();
                let keys = keys.iter().map(|key| self.sort_key(key, &plan, scope)).collect::<Outcome<_>>()?;
                let plan = Plan { serialized: true, ..plan };
                Ok(plan.then(StepKind::Sort(keys), columns, span))
            }
            OperatorKind::Top(count, key) => {
                let count = self.row_count(count, scope)?;
                let key = self.sort_key(key, &plan, scope)?;
                let plan = Plan { serialized: true, ..plan };
                Ok(plan.filtered(StepKind::Top(count, Box::new(key)), span))
            }
            OperatorKind::Take(count) => {
                let count = self.row_count(count, scope)?;
                Ok(plan.filtered(StepKind::Take(count), span))
            }
            OperatorKind::SampleDistinct(count, name) => {
                let count = self.row_count(count, scope)?;
                let expr = Expr::new(ExprKind::Name(name.text.clone()), name.span);
                let column = Named { names: Vec::new(), made: None, expr };
                let plan = self.distinct(plan, Some(std::slice::from_ref(&column)), span, scope)?;
                Ok(plan.filtered(StepKind::Take(count), span))
            }
            OperatorKind::Count(name) => {
                let name = name.as_ref().map_or("Count", |name| name.text.as_str());
                let plan = Plan { serialized: false, ..plan };
                Ok(plan.then(StepKind::Count, vec![Column::new(name, Type::Long)], span))
            }
            OperatorKind::Join(clause) => self.join(plan, clause, span, scope),
            OperatorKind::Lookup(clause) => self.lookup(plan, clause, span, scope),
            OperatorKind::Union(clause) => self.union(Some(plan), clause, span, scope),
            OperatorKind::MvExpand(clause) => self.mv_expand(plan, clause, span, scope),
            OperatorKind::Parse(clause) => self.parse(plan, clause, span, scope),
            OperatorKind::MakeSeries(clause) => self.make_series(plan, clause, span, scope),
            OperatorKind::Render(clause) => self.chart(plan, clause, span, scope),
            OperatorKind::GetSchema => Ok(get_schema(plan, span)),
            OperatorKind::Search(clause) => self.search(Some(plan), clause, span, scope),
            OperatorKind::Find(clause) => self.find(Some(plan), clause, span, scope),
            OperatorKind::TopNested(levels) => self.top_nested(plan, levels, span, scope),
            OperatorKind::TopHitters(clause) => self.top_hitters(plan, clause, span, scope),
            OperatorKind::MvApply(clause) => self.mv_apply(plan, clause, span, scope),
            OperatorKind::Partition(clause) => self.partition(plan, clause, span, scope),
            OperatorKind::ParseKv(clause) => self.parse_kv(plan, clause, span, scope),
            OperatorKind::Scan(clause) => self.scan(plan, clause, span, scope),
            OperatorKind::Evaluate(clause) => self.evaluate(plan, clause, span, scope),
            OperatorKind::Consume => Ok(plan.then(StepKind::Consume, Vec::new(), span)),
            OperatorKind::AssertSchema(columns) => Self::assert_schema(plan, columns, span),
            OperatorKind::ProjectByNames(list) => self.project_by_names(plan, list, span, scope),
            OperatorKind::Invoke(call) => self.invoke(plan, call, scope),
            OperatorKind::As(_)
            | OperatorKind::Range { .. }
            | OperatorKind::Print(_)
            | OperatorKind::Datatable { .. } => {
                Err(Fault::new(span, "this operator cannot stand behind a '|'"))
            }
        }
    }

    pub(super) fn row_count(&mut self, expr: &Expr, scope: &Scope) -> Outcome<Node> {
        let node = self.expression(expr, &Row::none(scope))?;
        match node.ty {
            Type::Int | Type::Long => Ok(node),
            ty => type_fault(node.span, "a whole number of rows", ty),
        }
    }

    pub(super) fn sort_key(&mut self, key: &OrderKey, plan: &Plan, scope: &Scope) -> Outcome<SortKey> {
        let row = Row { scope, columns: &plan.columns, serialized: plan.serialized };
        let node = self.expression(&key.expr, &row)?;
        if node.ty == Type::Dynamic {
            return type_fault(
                node.span,
                "a value that has an order (convert it with tostring(…) or the like)",
                node.ty,
            );
        }
        Ok(SortKey { node, ascending: key.ascending, nulls_first: key.nulls_first })
    }

    fn summarize(
        &mut self,
        plan: Plan,
        aggregates: &[Named],
        by: &[Named],
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let columns = plan.columns.clone();
        let row = Row { scope, columns: &columns, serialized: false };
        let mut names = Names::default();
        let (keys, mut result) = self.keys(by, &row, &mut names)?;
        self.group_columns = keys.iter().filter_map(key_column).collect();
        let first_column = keys.len();
        let outer =
            self.aggregates.replace(AggregateFrame { first_column, aggregations: Vec::new(), outputs: 0 });
        let bound = self.summarized(aggregates, &row, &mut names, &mut result);
        let frame = std::mem::replace(&mut self.aggregates, outer);
        self.group_columns.clear();
        let nodes = bound?;
        let aggregations = frame.map(|frame| frame.aggregations).unwrap_or_default();
        let mut outputs: Vec<Output> = (0..first_column).map(Output::Keep).collect();
        outputs.extend(nodes.into_iter().map(|node| match node.kind {
            NodeKind::Column(index) => Output::Keep(index),
            _ => Output::Node(node),
        }));
        let plan = Plan { serialized: false, ..plan };
        let plan = plan.then(StepKind::Summarize { keys, aggregates: aggregations }, Vec::new(), span);
        Ok(plan.then(StepKind::Compute(outputs), result, span))
    }

    /// The keys of `by` and their columns.
    pub(super) fn keys(
        &mut self,
        by: &[Named],
        row: &Row<'_>,
        names: &mut Names,
    ) -> Outcome<(Vec<Node>, Vec<Column>)> {
        let (mut keys, mut columns) = (Vec::new(), Vec::new());
        for named in &spread(by, row.columns, Rest::Kept)? {
            let node = self.expression(&named.expr, row)?;
            if node.ty == Type::Dynamic {
                return type_fault(
                    node.span,
                    "a key that is no dynamic (convert it with tostring(…) or the like)",
                    node.ty,
                );
            }
            let name = self.column_name(names, named, row.columns)?;
            columns.push(Column::new(name, node.ty));
            keys.push(node);
        }
        Ok((keys, columns))
    }

    fn summarized(
        &mut self,
        aggregates: &[Named],
        row: &Row<'_>,
        names: &mut Names,
        result: &mut Vec<Column>,
    ) -> Outcome<Vec<Node>> {
        let mut nodes = Vec::new();
        for named in &spread(aggregates, row.columns, Rest::Kept)? {
            if let Some(yielded) = self.top_aggregate(named, row)? {
                let made = self.yielded_names(names, named, &yielded)?;
                for (index, (name, (_, ty))) in made.into_iter().zip(&yielded.columns).enumerate() {
                    result.push(Column::new(name, *ty));
                    nodes.push(Node::column(yielded.first + index, *ty, named.expr.span));
                }
                continue;
            }
            let node = self.expression(&named.expr, row)?;
            let name = self.column_name(names, named, row.columns)?;
            result.push(Column::new(name, node.ty));
            nodes.push(node);
        }
        Ok(nodes)
    }

    fn distinct(&mut self, plan: Plan, list: Option<&[Named]>, span: Span, scope: &Scope) -> Outcome<Plan> {
        let columns = plan.columns.clone();
        let row = Row { scope, columns: &columns, serialized: false };
        let plan = Plan { serialized: false, ..plan };
        let (keys, result) = match list {
            Some(list) => self.keys(list, &row, &mut Names::default())?,
            None => {
                if let Some(column) = columns.iter().find(|column| column.ty == Type::Dynamic) {
                    let message = format!("'distinct *' cannot compare the dynamic column '{}'", column.name);
                    return Err(Fault::new(span, message));
                }
                let keys =
                    columns.iter().enumerate().map(|(index, column)| Node::column(index, column.ty, span));
                (keys.collect(), columns.clone())
            }
        };
        Ok(plan.then(StepKind::Summarize { keys, aggregates: Vec::new() }, result, span))
    }
}

/// The column that a key is, if it is a plain one.
const CONVERSIONS: [&str; 11] = [
    "tostring",
    "tobool",
    "toboolean",
    "toint",
    "tolong",
    "toreal",
    "todouble",
    "todatetime",
    "totimespan",
    "totime",
    "toguid",
];

/// The column that a key is: itself, or a conversion to the type that it has already.
fn key_column(key: &Node) -> Option<usize> {
    match &key.kind {
        NodeKind::Column(index) => Some(*index),
        NodeKind::Call(function, arguments) if CONVERSIONS.contains(&function.name) => {
            match arguments.as_slice() {
                [Node { kind: NodeKind::Column(index), ty, .. }] if *ty == key.ty => Some(*index),
                _ => None,
            }
        }
        _ => None,
    }
}

fn get_schema(plan: Plan, span: Span) -> Plan {
    let mut cells = Vec::new();
    for (index, column) in plan.columns.iter().enumerate() {
        let runtime = match column.ty {
            Type::Bool => "System.SByte",
            Type::Int => "System.Int32",
            Type::Long => "System.Int64",
            Type::Real => "System.Double",
            Type::Decimal => "System.Data.SqlTypes.SqlDecimal",
            Type::String => "System.String",
            Type::DateTime => "System.DateTime",
            Type::Timespan => "System.TimeSpan",
            Type::Guid => "System.Guid",
            Type::Dynamic => "System.Object",
        };
        cells.push(Value::text(&column.name));
        cells.push(Value::Long(i64::try_from(index).unwrap_or(0)));
        cells.push(Value::text(runtime));
        cells.push(Value::text(column.ty.name()));
    }
    let columns = vec![
        Column::new("ColumnName", Type::String),
        Column::new("ColumnOrdinal", Type::Long),
        Column::new("DataType", Type::String),
        Column::new("ColumnType", Type::String),
    ];
    plan.then(StepKind::Replace(cells.into()), columns, span)
}
