//! Aggregates: their types, their names, and the columns that one call yields.

use crate::ast::{Argument, Expr, ExprKind, Name, Named, Source};
use crate::error::{Fault, Outcome, Span};
use crate::functions::Naming;
use crate::plan::{AggregateKind, Aggregation, Node};
use crate::types::Type;
use crate::value::Value;

use super::call::check_count;
use super::naming::{Names, name_of};
use super::source::convert;
use super::{Binder, Row, type_fault};

/// Lists and sets hold at most this many elements.
const MAX_ELEMENTS: usize = 1_048_576;
/// What the old names `makelist` and `makeset` hold unless told otherwise.
const OLD_LIMIT: usize = 128;

/// Name, arguments and naming of every aggregate, also for the documentation.
pub(crate) const AGGREGATES: &[(&str, &str, Naming)] = &[
    ("count", "", Naming::Prefix("count")),
    ("countif", "bool", Naming::Prefix("countif")),
    ("sum", "sum", Naming::Prefix("sum")),
    ("sumif", "sum bool", Naming::Prefix("sumif")),
    ("avg", "sum", Naming::Prefix("avg")),
    ("avgif", "sum bool", Naming::Prefix("avgif")),
    ("min", "any", Naming::Prefix("min")),
    ("minif", "any bool", Naming::Prefix("minif")),
    ("max", "any", Naming::Prefix("max")),
    ("maxif", "any bool", Naming::Prefix("maxif")),
    ("dcount", "any const?", Naming::Prefix("dcount")),
    ("dcountif", "any bool const?", Naming::Prefix("dcountif")),
    ("count_distinct", "any", Naming::Prefix("count_distinct")),
    ("count_distinctif", "any bool", Naming::Prefix("count_distinctif")),
    ("arg_max", "any any*", Naming::None),
    ("arg_min", "any any*", Naming::None),
    ("argmax", "any any*", Naming::None),
    ("argmin", "any any*", Naming::None),
    ("take_any", "any+", Naming::None),
    ("any", "any", Naming::Prefix("any")),
    ("take_anyif", "any bool", Naming::First),
    ("anyif", "any bool", Naming::Prefix("anyif")),
    ("make_list", "any const?", Naming::Prefix("list")),
    ("makelist", "any const?", Naming::Prefix("list")),
    ("make_list_if", "any bool const?", Naming::Prefix("list")),
    ("make_list_with_nulls", "any", Naming::Prefix("list")),
    ("make_set", "any const?", Naming::Prefix("set")),
    ("makeset", "any const?", Naming::Prefix("set")),
    ("make_set_if", "any bool const?", Naming::Prefix("set")),
    ("make_bag", "dyn const?", Naming::Prefix("bag")),
    ("make_bag_if", "dyn bool const?", Naming::Prefix("bag")),
    ("percentile", "sum num", Naming::None),
    ("percentiles", "sum num+", Naming::None),
    ("percentiles_array", "sum num+", Naming::None),
    ("stdev", "num", Naming::Prefix("stdev")),
    ("stdevif", "num bool", Naming::Prefix("stdevif")),
    ("stdevp", "num", Naming::Prefix("stdevp")),
    ("variance", "num", Naming::Prefix("variance")),
    ("varianceif", "num bool", Naming::Prefix("varianceif")),
    ("variancep", "num", Naming::Prefix("variancep")),
    ("binary_all_and", "int", Naming::First),
    ("binary_all_or", "int", Naming::First),
    ("binary_all_xor", "int", Naming::First),
];

/// How an aggregate names its column; `None` when the name is no aggregate.
pub(super) fn naming(name: &str) -> Option<Naming> {
    AGGREGATES.iter().find(|(known, ..)| *known == name).map(|(_, _, naming)| *naming)
}

/// An aggregate that yields several columns, or one whose name is its own affair.
pub(super) struct Yielded {
    pub(super) first: usize,
    pub(super) columns: Vec<(Option<String>, Type)>,
}

/// The expression of an argument.
pub(super) fn expression_of(argument: &Argument) -> Outcome<&Expr> {
    match &argument.value.source {
        Source::Expr(expr) if argument.value.operators.is_empty() => Ok(expr),
        _ => Err(Fault::new(argument.value.span, "a table cannot stand here")),
    }
}

impl Binder<'_> {
    /// An aggregate inside an expression: one value.
    pub(super) fn aggregate_call(
        &mut self,
        name: &Name,
        arguments: &[Argument],
        span: Span,
        row: &Row<'_>,
    ) -> Outcome<Node> {
        let yielded = self.aggregate(name, arguments, span, row)?;
        match yielded.columns.as_slice() {
            [(_, ty)] => Ok(Node::column(yielded.first, *ty, span)),
            _ => {
                let message =
                    format!("'{}' yields several columns and cannot be part of an expression", name.text);
                Err(Fault::new(span, message))
            }
        }
    }

    /// An aggregate that stands alone may yield several columns: what `expr` is, if it is one.
    pub(super) fn top_aggregate(&mut self, named: &Named, row: &Row<'_>) -> Outcome<Option<Yielded>> {
        let ExprKind::Call(name, arguments) = &named.expr.kind else { return Ok(None) };
        let yields_many = matches!(
            name.text.as_str(),
            "arg_max"
                | "arg_min"
                | "argmax"
                | "argmin"
                | "take_any"
                | "any"
                | "percentile"
                | "percentiles"
                | "percentiles_array"
        );
        if !yields_many || row.scope.find(&name.text).is_some() {
            return Ok(None);
        }
        self.aggregate(name, arguments, named.expr.span, row).map(Some)
    }

    /// Binds an aggregate and notes it; its arguments see the rows, not the groups.
    fn aggregate(
        &mut self,
        name: &Name,
        arguments: &[Argument],
        span: Span,
        row: &Row<'_>,
    ) -> Outcome<Yielded> {
        let frame = self.aggregates.take();
        let bound = self.aggregation(name, arguments, span, row);
        self.aggregates = frame;
        let (aggregation, names) = bound?;
        let Some(frame) = &mut self.aggregates else {
            return Err(Fault::new(span, "an aggregate is not allowed in this context"));
        };
        let first = frame.first_column + frame.outputs;
        frame.outputs += aggregation.outputs.len();
        let columns = names.into_iter().zip(aggregation.outputs.iter().copied()).collect();
        frame.aggregations.push(aggregation);
        Ok(Yielded { first, columns })
    }

    fn aggregation(
        &mut self,
        name: &Name,
        arguments: &[Argument],
        span: Span,
        row: &Row<'_>,
    ) -> Outcome<(Aggregation, Vec<Option<String>>)> {
        let word = name.text.as_str();
        if matches!(word, "arg_max" | "arg_min" | "argmax" | "argmin" | "take_any" | "any") {
            return self.row_aggregate(word, arguments, span, row);
        }
        if word.starts_with("percentile") {
            return self.percentiles(word, arguments, span, row);
        }
        let has_predicate = matches!(word, "countif") || word.ends_with("if");
        let (least, most) = match word {
            "count" => (0, 1),
            "countif" => (1, 1),
            "dcount" | "make_list" | "makelist" | "make_set" | "makeset" | "make_bag" => (1, 2),
            "dcountif" | "make_list_if" | "make_set_if" | "make_bag_if" => (2, 3),
            _ if has_predicate => (2, 2),
            _ => (1, 1),
        };
        check_count(word, arguments.len(), (least, Some(most)), span)?;
        let mut nodes = Vec::new();
        for argument in arguments {
            nodes.push(self.argument(argument, row)?);
        }
        if word == "count" && nodes.first().is_some_and(|node| node.ty != Type::Bool) {
            // `count(x)` counts rows, null or not (reference, `summarize`, aggregates of empty input).
            nodes.clear();
        }
        let mut predicate = None;
        if has_predicate || (word == "count" && !nodes.is_empty()) {
            let place = usize::from(!matches!(word, "countif" | "count"));
            let node = nodes.remove(place);
            predicate = Some(match node.ty {
                Type::Bool => node,
                ty => return type_fault(node.span, "a value of type bool", ty),
            });
        }
        let limit = match nodes.get(1) {
            None if matches!(word, "makelist" | "makeset") => OLD_LIMIT,
            None => MAX_ELEMENTS,
            Some(node) => {
                let node = node.clone();
                nodes.truncate(1);
                constant_count(&node)?.min(MAX_ELEMENTS)
            }
        };
        let base = word.strip_suffix("_if").or_else(|| word.strip_suffix("if")).unwrap_or(word);
        let ty = nodes.first().map_or(Type::Long, |node| node.ty);
        let node_span = nodes.first().map_or(span, |node| node.span);
        let summable = ty.is_number() || ty == Type::Timespan || ty == Type::DateTime;
        let (kind, output) = match base {
            "count" => (AggregateKind::Count, Type::Long),
            "sum" if summable && ty != Type::DateTime => {
                (AggregateKind::Sum, if ty == Type::Int { Type::Long } else { ty })
            }
            "avg" if summable => {
                let mean = if ty.is_number() { ty.wider(Type::Real) } else { ty };
                nodes = nodes.into_iter().map(|node| convert(node, mean)).collect();
                (AggregateKind::Average, mean)
            }
            "sum" | "avg" => return type_fault(node_span, "a number or a timespan", ty),
            "min" => (AggregateKind::Min, ty),
            "max" => (AggregateKind::Max, ty),
            "count_distinct" if ty == Type::Dynamic => {
                return type_fault(node_span, "a value that is no dynamic", ty);
            }
            "dcount" | "count_distinct" => (AggregateKind::DistinctCount, Type::Long),
            "take_any" | "any" => (AggregateKind::TakeAny, ty),
            "make_list" | "makelist" => (AggregateKind::List { limit, with_nulls: false }, Type::Dynamic),
            "make_list_with_nulls" => (AggregateKind::List { limit, with_nulls: true }, Type::Dynamic),
            "make_set" | "makeset" => (AggregateKind::Set { limit }, Type::Dynamic),
            "make_bag" if ty == Type::Dynamic => (AggregateKind::Bag { limit }, Type::Dynamic),
            "make_bag" => return type_fault(node_span, "a dynamic", ty),
            "stdev" | "variance" | "stdevp" | "variancep" => {
                if !ty.is_number() {
                    return type_fault(node_span, "a number", ty);
                }
                let (sample, root) = (!base.ends_with('p'), base.starts_with("stdev"));
                nodes = nodes.into_iter().map(|node| convert(node, Type::Real)).collect();
                (AggregateKind::Variance { sample, root }, Type::Real)
            }
            "binary_all_and" | "binary_all_or" | "binary_all_xor" if !ty.is_integer() => {
                return type_fault(node_span, "a whole number", ty);
            }
            "binary_all_and" => (AggregateKind::BinaryAnd, ty),
            "binary_all_or" => (AggregateKind::BinaryOr, ty),
            "binary_all_xor" => (AggregateKind::BinaryXor, ty),
            _ => return Err(Fault::new(name.span, format!("the aggregate '{word}' is not supported"))),
        };
        if matches!(kind, AggregateKind::Min | AggregateKind::Max) && matches!(ty, Type::Dynamic | Type::Guid)
        {
            return type_fault(node_span, "a value that has an order", ty);
        }
        let aggregation = Aggregation { kind, arguments: nodes, predicate, outputs: vec![output] };
        Ok((aggregation, vec![None]))
    }

    fn percentiles(
        &mut self,
        word: &str,
        arguments: &[Argument],
        span: Span,
        row: &Row<'_>,
    ) -> Outcome<(Aggregation, Vec<Option<String>>)> {
        if !matches!(word, "percentile" | "percentiles" | "percentiles_array") {
            return Err(Fault::new(span, format!("the aggregate '{word}' is not supported")));
        }
        let most = if word == "percentile" { Some(2) } else { Some(100) };
        check_count(word, arguments.len(), (2, most), span)?;
        let expr = expression_of(&arguments[0])?;
        let node = self.expression(expr, row)?;
        if !(node.ty.is_number() || matches!(node.ty, Type::DateTime | Type::Timespan)) {
            return type_fault(node.span, "a number, datetime or timespan", node.ty);
        }
        let node = if node.ty == Type::Decimal { convert(node, Type::Real) } else { node };
        let base = name_of(expr, row.columns).unwrap_or_default();
        let (mut ranks, mut names) = (Vec::new(), Vec::new());
        for argument in &arguments[1..] {
            let rank = self.argument(argument, row)?;
            let constants: Vec<Value> = match rank.folded() {
                Some(Value::Dynamic(crate::dynamic::Dynamic::Array(items)))
                    if word == "percentiles_array" =>
                {
                    items.iter().map(|item| crate::functions::Arg::of_dynamic(item).value()).collect()
                }
                Some(value) => vec![value],
                None => return Err(Fault::new(rank.span, "expected a constant number")),
            };
            for value in constants {
                #[expect(clippy::cast_precision_loss, reason = "percentiles lie between 0 and 100")]
                let number = match value {
                    Value::Long(number) => number as f64,
                    Value::Real(number) => number,
                    _ => return Err(Fault::new(rank.span, "expected a constant number")),
                };
                if !(0.0..=100.0).contains(&number) {
                    return Err(Fault::new(rank.span, "a percentile lies between 0 and 100"));
                }
                ranks.push(number);
                names.push(Some(format!("percentile_{base}_{}", number.to_string().replace('.', "_"))));
            }
        }
        let (kind, outputs) = if word == "percentiles_array" {
            names = vec![Some(format!("percentiles_{base}"))];
            (AggregateKind::PercentileArray(ranks), vec![Type::Dynamic])
        } else {
            // A percentile of int values is a long.
            let ty = if node.ty == Type::Int { Type::Long } else { node.ty };
            let outputs = vec![ty; ranks.len()];
            (AggregateKind::Percentiles(ranks), outputs)
        };
        Ok((Aggregation { kind, arguments: vec![node], predicate: None, outputs }, names))
    }

    /// The names of what an aggregate yields: those that the query gives in front, then its own.
    pub(super) fn yielded_names(
        &mut self,
        names: &mut Names,
        named: &Named,
        yielded: &Yielded,
    ) -> Outcome<Vec<String>> {
        if named.names.len() > yielded.columns.len() {
            let span = named.names[yielded.columns.len()].span;
            return Err(Fault::new(span, "the expression yields fewer columns than it has names"));
        }
        let mut result = Vec::new();
        for (index, (own, _)) in yielded.columns.iter().enumerate() {
            result.push(match (named.names.get(index), own) {
                (Some(name), _) => names.give(&name.text, name.span)?,
                (None, Some(own)) => names.make(own),
                (None, None) => match name_of(&named.expr, &[]) {
                    Some(name) => names.make(&name),
                    None => names.next_unnamed(&mut self.unnamed),
                },
            });
        }
        Ok(result)
    }
}

fn constant_count(node: &Node) -> Outcome<usize> {
    match node.folded() {
        Some(Value::Long(count)) => Ok(usize::try_from(count).unwrap_or(0)),
        _ => Err(Fault::new(node.span, "expected a constant whole number")),
    }
}
