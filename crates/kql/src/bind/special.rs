//! Calls that are no plain functions of their arguments: branches, the clock, neighbours, subqueries.

use crate::ast::{Argument, BinaryOp, Name};
use crate::error::{Fault, Outcome, Span};
use crate::functions::{self, Naming};
use crate::plan::{Node, NodeKind, Plan, PlanSource, Window};
use crate::types::{Column, Type};
use crate::value::Value;

use super::fit::check_count;
use super::source::convert;
use super::{Binder, Row, type_fault};

/// Name and signature of every special form, for the documentation.
pub(crate) const FORMS: &[(&str, &str)] = &[
    ("iff", "bool any any"),
    ("iif", "bool any any"),
    ("case", "bool any … any"),
    ("coalesce", "any+"),
    ("not", "bool"),
    ("now", "ts?"),
    ("ago", "ts"),
    ("toscalar", "table"),
    ("materialize", "table"),
    ("row_number", "int? bool?"),
    ("row_cumsum", "num bool?"),
    ("row_rank_dense", "any bool?"),
    ("row_rank_min", "any bool?"),
    ("prev", "any int? any?"),
    ("next", "any int? any?"),
    ("pack_all", "bool?"),
    ("bag_pack_columns", "any+"),
    ("column_ifexists", "lit any"),
    ("columnifexists", "lit any"),
    ("iscolumnexists", "lit"),
    ("ingestion_time", ""),
    ("gettype", "any"),
    ("row_window_session", "dt ts ts bool?"),
];

/// How special forms name their column; `None` when the name is no special form.
pub(super) fn naming(name: &str) -> Option<Naming> {
    Some(match name {
        "ingestion_time" => Naming::Fixed("$IngestionTime"),
        "gettype" => Naming::Prefix("type"),
        other if FORMS.iter().any(|(form, _)| *form == other) => Naming::None,
        _ => return None,
    })
}

impl Binder<'_> {
    pub(super) fn special(
        &mut self,
        name: &Name,
        arguments: &[Argument],
        span: Span,
        row: &Row<'_>,
    ) -> Outcome<Option<Node>> {
        let word = name.text.as_str();
        if naming(word).is_none() {
            return Ok(None);
        }
        let count = |least, most| check_count(word, arguments.len(), (least, most), span);
        let node = match word {
            "iff" | "iif" => {
                count(3, Some(3))?;
                self.branches(word, arguments, span, row)?
            }
            "case" => {
                count(3, None)?;
                if arguments.len().is_multiple_of(2) {
                    return Err(Fault::new(
                        span,
                        "the function 'case' needs a last value for the remaining rows",
                    ));
                }
                self.branches(word, arguments, span, row)?
            }
            "coalesce" => {
                count(2, Some(64))?;
                let nodes = self.arguments(arguments, row)?;
                let types: Vec<Type> = nodes.iter().map(|node| node.ty).collect();
                let mixed = types.contains(&Type::Dynamic);
                if let (true, Some(node)) = (mixed, nodes.iter().find(|node| node.ty != Type::Dynamic)) {
                    return type_fault(node.span, "a dynamic, as the other values are", node.ty);
                }
                one_kind_of_number(word, &nodes.iter().collect::<Vec<_>>())?;
                let ty = Self::common_type(&types, None);
                let Some(ty) = ty else {
                    return Err(Fault::new(span, "the arguments of 'coalesce' have no common type"));
                };
                let nodes = nodes.into_iter().map(|node| convert(node, ty)).collect();
                Node::new(NodeKind::Coalesce(nodes), ty, span)
            }
            "not" => {
                count(1, Some(1))?;
                let inner = self.argument(&arguments[0], row)?;
                if inner.ty != Type::Bool {
                    return type_fault(inner.span, "a value of type bool", inner.ty);
                }
                Node::new(NodeKind::Not(Box::new(inner)), Type::Bool, span)
            }
            "now" | "ago" => {
                let least = usize::from(word == "ago");
                count(least, Some(1))?;
                let now = Node::new(NodeKind::Now, Type::DateTime, span);
                match arguments.first() {
                    None => now,
                    Some(argument) => {
                        let offset = self.argument(argument, row)?;
                        if offset.ty != Type::Timespan {
                            return type_fault(offset.span, "a value of type timespan", offset.ty);
                        }
                        let op = if word == "ago" { BinaryOp::Subtract } else { BinaryOp::Add };
                        self.arithmetic(op, now, offset, span)?
                    }
                }
            }
            "toscalar" => {
                count(1, Some(1))?;
                match self.scalar_or_table(&arguments[0].value, row)? {
                    super::Bound::Scalar(node) if node.reads_row() => {
                        let message = "'toscalar' is computed once and cannot read the rows around it";
                        return Err(Fault::new(node.span, message));
                    }
                    super::Bound::Scalar(node) if node.is_constant() => node,
                    super::Bound::Scalar(node) => {
                        // What differs from call to call is called once.
                        let (ty, columns) = (node.ty, vec![Column::new("value", node.ty)]);
                        let shared = self.share_table(Plan::new(PlanSource::Row(vec![node]), columns, false));
                        Node::new(NodeKind::FirstCell(shared), ty, span)
                    }
                    super::Bound::Table(plan) => {
                        let Some(column) = plan.columns.first() else {
                            return Err(Fault::new(span, "the table has no column"));
                        };
                        let ty = column.ty;
                        let shared = self.share_table(plan);
                        Node::new(NodeKind::FirstCell(shared), ty, span)
                    }
                }
            }
            "materialize" => return Err(Fault::new(span, "'materialize' answers a table, not a value")),
            "pack_all" => self.pack_all(arguments, span, row)?,
            "bag_pack_columns" => self.pack_columns(arguments, span, row)?,
            "column_ifexists" | "columnifexists" => {
                count(2, Some(2))?;
                self.column_if_exists(arguments, row)?
            }
            "iscolumnexists" => {
                count(1, Some(1))?;
                let name = self.constant_name(&arguments[0], row)?;
                let exists = row.columns.iter().any(|column| column.name == name);
                Node::constant(Value::Bool(exists), Type::Bool, span)
            }
            "ingestion_time" => {
                count(0, Some(0))?;
                match row.columns.iter().position(|column| column.name == "TimeGenerated") {
                    Some(index) if row.columns[index].ty == Type::DateTime => {
                        Node::column(index, Type::DateTime, span)
                    }
                    _ => Node::constant(Value::Null, Type::DateTime, span),
                }
            }
            "gettype" => {
                count(1, Some(1))?;
                let inner = self.argument(&arguments[0], row)?;
                match (inner.ty, functions::find("__gettype")) {
                    (Type::Dynamic, Some(function)) => self.build(function, vec![inner], None, span)?,
                    (ty, _) => Node::constant(Value::text(ty.name()), Type::String, span),
                }
            }
            _ => self.window(word, arguments, span, row)?,
        };
        Ok(Some(node))
    }

    fn arguments(&mut self, arguments: &[Argument], row: &Row<'_>) -> Outcome<Vec<Node>> {
        arguments.iter().map(|argument| self.argument(argument, row)).collect()
    }

    /// Conditions and values in turn, and the value of the rest.
    fn branches(&mut self, word: &str, arguments: &[Argument], span: Span, row: &Row<'_>) -> Outcome<Node> {
        let nodes = self.arguments(arguments, row)?;
        let last = nodes.len() - 1;
        let is_value = |index: usize| index % 2 == 1 || index == last;
        let mut values = Vec::new();
        for (index, node) in nodes.iter().enumerate() {
            if is_value(index) {
                values.push(node);
            } else if node.ty != Type::Bool {
                return type_fault(node.span, "a value of type bool", node.ty);
            }
        }
        one_kind_of_number(word, &values)?;
        let types: Vec<Type> = values.into_iter().map(|node| node.ty).collect();
        let ty = Self::common_type(&types, Some(Type::Dynamic)).unwrap_or(Type::Dynamic);
        let mut branches = Vec::new();
        let mut rest = None;
        let mut nodes = nodes.into_iter();
        while let Some(when) = nodes.next() {
            match nodes.next() {
                Some(then) => branches.push((when, convert(then, ty))),
                None => rest = Some(convert(when, ty)),
            }
        }
        let rest = rest.unwrap_or_else(|| Node::constant(Value::Null, ty, span));
        Ok(Node::new(NodeKind::Case(branches, Box::new(rest)), ty, span))
    }

    fn pack_all(&mut self, arguments: &[Argument], span: Span, row: &Row<'_>) -> Outcome<Node> {
        check_count("pack_all", arguments.len(), (0, Some(1)), span)?;
        let skip = match arguments.first() {
            None => false,
            Some(argument) => match self.argument(argument, row)?.kind {
                NodeKind::Constant(Value::Bool(skip)) => skip,
                _ => return Err(Fault::new(argument.value.span, "expected true or false")),
            },
        };
        if self.aggregates.is_some() {
            return Err(Fault::new(span, "'pack_all' must stand inside an aggregate"));
        }
        let mut nodes = Vec::new();
        for (index, column) in row.columns.iter().enumerate() {
            nodes.push(Node::constant(Value::text(&column.name), Type::String, span));
            nodes.push(Node::column(index, column.ty, span));
        }
        self.count(nodes.len(), span)?;
        let name = if skip { "__pack_values" } else { "bag_pack" };
        match functions::find(name) {
            Some(function) => self.build(function, nodes, None, span),
            None => Err(Fault::new(span, "the function 'pack_all' is not supported")),
        }
    }

    /// A bag of those columns, each under its name.
    fn pack_columns(&mut self, arguments: &[Argument], span: Span, row: &Row<'_>) -> Outcome<Node> {
        check_count("bag_pack_columns", arguments.len(), (1, None), span)?;
        let mut nodes = Vec::new();
        for (argument, node) in arguments.iter().zip(self.arguments(arguments, row)?) {
            let NodeKind::Column(index) = node.kind else {
                return Err(Fault::new(argument.value.span, "'bag_pack_columns' takes columns"));
            };
            nodes.push(Node::constant(Value::text(&row.columns[index].name), Type::String, span));
            nodes.push(node);
        }
        match functions::find("bag_pack") {
            Some(function) => self.build(function, nodes, None, span),
            None => Err(Fault::new(span, "the function 'bag_pack_columns' is not supported")),
        }
    }

    /// A column's name, as a literal or as a constant that a `let` or a parameter names.
    fn constant_name(&mut self, argument: &Argument, row: &Row<'_>) -> Outcome<String> {
        match self.argument(argument, &Row::none(row.scope))?.folded() {
            Some(Value::String(text)) => Ok(text.to_string()),
            _ => Err(Fault::new(argument.value.span, "expected a literal string")),
        }
    }

    fn column_if_exists(&mut self, arguments: &[Argument], row: &Row<'_>) -> Outcome<Node> {
        let name = self.constant_name(&arguments[0], row)?;
        let default = self.argument(&arguments[1], row)?;
        match row.columns.iter().position(|column| column.name == name) {
            Some(index) if self.aggregates.is_none() => {
                Ok(Node::column(index, row.columns[index].ty, arguments[0].value.span))
            }
            _ => Ok(default),
        }
    }

    /// Functions that look at the rows around; the rows must have an order.
    fn window(&mut self, word: &str, arguments: &[Argument], span: Span, row: &Row<'_>) -> Outcome<Node> {
        if !row.serialized || row.columns.is_empty() {
            let message = format!(
                "'{word}' needs rows in an order: put 'sort', 'top', 'range' or 'serialize' in front"
            );
            return Err(Fault::new(span, message));
        }
        let nodes = self.arguments(arguments, row)?;
        let (window, least, most) = match word {
            "row_number" => (Window::RowNumber, 0, 2),
            "row_cumsum" => (Window::CumulativeSum, 1, 2),
            "prev" => (Window::Previous, 1, 3),
            "next" => (Window::Next, 1, 3),
            "row_rank_dense" => (Window::RankDense, 1, 2),
            "row_rank_min" => (Window::RankMin, 1, 2),
            _ => (Window::Session, 3, 4),
        };
        check_count(word, nodes.len(), (least, Some(most)), span)?;
        let restart = match window {
            Window::RowNumber | Window::CumulativeSum | Window::RankDense | Window::RankMin => nodes.get(1),
            Window::Session => nodes.get(3),
            Window::Previous | Window::Next => None,
        };
        if let Some(restart) = restart.filter(|node| node.ty != Type::Bool) {
            return type_fault(restart.span, "a value of type bool", restart.ty);
        }
        let fault = |index: usize, wanted: &str| type_fault(nodes[index].span, wanted, nodes[index].ty);
        let ty = match window {
            Window::RowNumber => {
                if nodes.first().is_some_and(|node| !node.ty.is_integer() || !node.is_constant()) {
                    return fault(0, "a constant whole number");
                }
                Type::Long
            }
            Window::CumulativeSum => match nodes[0].ty {
                ty if ty.is_number() => ty,
                _ => return fault(0, "a number"),
            },
            Window::RankDense | Window::RankMin => {
                if nodes[0].ty == Type::Dynamic {
                    return fault(0, "a value that can be compared");
                }
                Type::Long
            }
            Window::Previous | Window::Next => {
                if let Some(offset) = nodes.get(1)
                    && matches!(offset.folded(), Some(Value::Long(0)))
                {
                    return Err(Fault::new(offset.span, format!("the offset of '{word}' cannot be 0")));
                }
                if !matches!(nodes[0].kind, NodeKind::Column(_)) {
                    return Err(Fault::new(nodes[0].span, format!("'{word}' takes a column")));
                }
                if let Some(default) = nodes.get(2).filter(|node| !node.is_constant()) {
                    return Err(Fault::new(default.span, "the default must be a constant"));
                }
                if nodes.get(1).is_some_and(|node| !node.ty.is_integer() || !node.is_constant()) {
                    return fault(1, "a constant whole number");
                }
                nodes[0].ty
            }
            Window::Session => {
                for (index, wanted) in
                    [Type::DateTime, Type::Timespan, Type::Timespan].into_iter().enumerate()
                {
                    if nodes[index].ty != wanted {
                        return fault(index, &format!("a value of type {wanted}"));
                    }
                }
                Type::DateTime
            }
        };
        let mut nodes = nodes;
        if matches!(window, Window::Previous | Window::Next) && nodes.len() == 3 {
            let default = nodes.remove(2);
            let fits = default.ty == ty
                || (default.ty.is_number() && ty.is_number())
                || matches!(ty, Type::Dynamic | Type::String);
            if !fits {
                return type_fault(default.span, &format!("a value of type {ty}"), default.ty);
            }
            nodes.push(convert(default, ty));
        }
        if window == Window::CumulativeSum {
            let term = nodes.remove(0);
            nodes.insert(0, convert(term, ty));
        }
        Ok(Node::new(NodeKind::Window(window, nodes), ty, span))
    }
}

/// The service takes whole numbers of both sizes together, and neither beside a real.
fn one_kind_of_number(word: &str, values: &[&Node]) -> Outcome<()> {
    let whole = values.iter().find(|node| node.ty.is_integer());
    let real = values.iter().find(|node| node.ty == Type::Real);
    match whole.zip(real) {
        None => Ok(()),
        Some((whole, real)) => Err(Fault::new(
            if whole.span.start < real.span.start { real.span } else { whole.span },
            format!("the values of '{word}' are of the types {} and real: write toreal(x), or 1.0", whole.ty),
        )),
    }
}
