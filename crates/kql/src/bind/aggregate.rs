//! Aggregates: their types, their names, and the columns that one call yields.

use crate::aggregates::{self, Aggregate, AggregateKind, Yields};
use crate::ast::{Argument, Expr, ExprKind, Name, Named, Source};
use crate::error::{Fault, Outcome, Span};
use crate::functions::{Kind, Signature};
use crate::plan::{Aggregation, Node};
use crate::types::Type;
use crate::value::Value;

use super::fit::{check_count, convert, fit};
use super::naming::{Names, name_of};
use super::{Binder, Row};

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
        let stands_alone = aggregates::find(&name.text).is_some_and(|called| called.aggregate.stands_alone());
        if !stands_alone || row.scope.find(&name.text).is_some() {
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
        let Some(called) = aggregates::find(&name.text) else {
            let message = format!("the aggregate '{}' is not known or not supported", name.text);
            return Err(Fault::new(name.span, message));
        };
        let aggregate = called.aggregate;
        let signature = Signature::parse(&called.signature());
        let (least, most) = signature.counts();
        // `count(x)` counts rows, null or not (reference, `summarize`, aggregates of empty input).
        let counts_anything = aggregate.kind == AggregateKind::Count && !called.has_predicate;
        let most = if counts_anything { Some(1) } else { most };
        check_count(&name.text, arguments.len(), (least, most), span)?;
        match aggregate.yields {
            Yields::Row => return self.row_aggregate(aggregate, arguments, row),
            Yields::Percentiles => return self.percentiles(aggregate, arguments, row),
            Yields::Is(_) | Yields::First | Yields::Wide | Yields::Mean => {}
        }
        let mut nodes = Vec::new();
        for (index, argument) in arguments.iter().enumerate() {
            let node = self.argument(argument, row)?;
            let kind = signature.parameter(index).map_or(Kind::Any, |parameter| parameter.kind);
            nodes.push(fit(node, kind)?);
        }
        let mut predicate = None;
        if called.has_predicate {
            predicate = Some(nodes.remove(called.predicate_place()));
        } else if counts_anything {
            predicate = nodes.pop().filter(|node| node.ty == Type::Bool);
        }
        let mut kind = aggregate.kind.clone();
        let parameters = Signature::parse(aggregate.signature);
        while let Some(last) = nodes.len().checked_sub(1)
            && parameters.parameter(last).is_some_and(|parameter| parameter.kind == Kind::Constant)
        {
            kind = kind.limited(constant_count(&nodes.remove(last))?);
        }
        let first = nodes.first().map_or(Type::Long, |node| node.ty);
        let output = match aggregate.yields {
            Yields::Is(ty) => ty,
            Yields::Wide if first == Type::Int => Type::Long,
            Yields::Mean if first.is_number() => first.wider(Type::Real),
            _ => first,
        };
        if kind.is_of_reals() && first.is_number() {
            let reckoned = if output == Type::Decimal { output } else { Type::Real };
            nodes = nodes.into_iter().map(|node| convert(node, reckoned)).collect();
        }
        Ok((Aggregation { kind, arguments: nodes, predicate, outputs: vec![output] }, vec![None]))
    }

    fn percentiles(
        &mut self,
        aggregate: &Aggregate,
        arguments: &[Argument],
        row: &Row<'_>,
    ) -> Outcome<(Aggregation, Vec<Option<String>>)> {
        let in_one = matches!(aggregate.kind, AggregateKind::PercentileArray(_));
        let expr = expression_of(&arguments[0])?;
        let node = fit(self.expression(expr, row)?, Kind::Summable)?;
        let node = if node.ty == Type::Decimal { convert(node, Type::Real) } else { node };
        let mut nodes = vec![node];
        let parameters = Signature::parse(aggregate.signature);
        let is_weighted = parameters.parameter(1).is_some_and(|parameter| parameter.kind == Kind::Integer);
        if is_weighted {
            nodes.push(fit(self.argument(&arguments[1], row)?, Kind::Integer)?);
        }
        let base = name_of(expr, row.columns).unwrap_or_default();
        let (mut ranks, mut names) = (Vec::new(), Vec::new());
        for argument in &arguments[nodes.len()..] {
            let rank = self.argument(argument, row)?;
            let constants: Vec<Value> = match rank.folded() {
                Some(Value::Dynamic(crate::dynamic::Dynamic::Array(items))) if in_one => {
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
        let (kind, outputs) = if in_one {
            names = vec![Some(format!("percentiles_{base}"))];
            (AggregateKind::PercentileArray(ranks), vec![Type::Dynamic])
        } else {
            // A percentile of int values is a long.
            let ty = if nodes[0].ty == Type::Int { Type::Long } else { nodes[0].ty };
            let outputs = vec![ty; ranks.len()];
            (AggregateKind::Percentiles(ranks), outputs)
        };
        Ok((Aggregation { kind, arguments: nodes, predicate: None, outputs }, names))
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
