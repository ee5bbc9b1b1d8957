//! Calls of scalar functions.

use crate::aggregates;
use crate::ast::{Argument, ExprKind, Name, Source};
use crate::error::{Fault, Outcome, Span, Unknown};
use crate::functions::{self, Function, Kind, Returns, Signature};
use crate::near::with_hint;
use crate::plan::{Node, NodeKind};
use crate::types::Type;
use crate::value::Value;

use super::check::check;
pub(super) use super::fit::check_count;
use super::fit::fit;
use super::scope::Binding;
use super::source::convert;
use super::special::FORMS;
use super::{Binder, Bound, Row};

use std::sync::Arc;

impl Binder<'_> {
    pub(super) fn call(
        &mut self,
        name: &Name,
        arguments: &[Argument],
        span: Span,
        row: &Row<'_>,
    ) -> Outcome<Node> {
        if let Some(Binding::Function(function)) = row.scope.find(&name.text) {
            let function = Arc::clone(function);
            return match self.call_lambda(&function, arguments, span, row)? {
                Bound::Scalar(node) => Ok(node),
                Bound::Table(_) => {
                    Err(Fault::new(name.span, format!("'{}' answers a table, not a value", name.text)))
                }
            };
        }
        if let Some(node) = self.special(name, arguments, span, row)? {
            return Ok(node);
        }
        if aggregates::find(&name.text).is_some() {
            if self.aggregates.is_none() {
                let message =
                    format!("the aggregate function '{}' is not allowed in this context", name.text);
                return Err(Fault::new(name.span, message));
            }
            return self.aggregate_call(name, arguments, span, row);
        }
        match functions::find(&name.text) {
            Some(function) => self.function(function, arguments, span, row),
            None if aggregates::is_left_out(&name.text) => {
                let message = format!(
                    "the aggregate '{}' is not supported: what its result holds is not documented",
                    name.text
                );
                Err(Fault::new(name.span, message))
            }
            None => {
                let message = functions::refused(&name.text);
                let message = message.unwrap_or_else(|| unknown_function(&name.text, row));
                Err(Fault::new(name.span, message).of_unknown(Unknown::Function, &name.text))
            }
        }
    }

    fn function(
        &mut self,
        function: &'static Function,
        arguments: &[Argument],
        span: Span,
        row: &Row<'_>,
    ) -> Outcome<Node> {
        let signature = Signature::parse(function.signature);
        check_count(function.name, arguments.len(), signature.counts(), span)?;
        let mut nodes = Vec::new();
        let mut wanted = None;
        for (index, argument) in arguments.iter().enumerate() {
            let Some(parameter) = signature.parameter(index) else { break };
            if parameter.kind == Kind::TypeOf {
                wanted = Some(type_argument(argument)?);
                continue;
            }
            let node = self.argument(argument, row)?;
            nodes.push(fit(node, parameter.kind)?);
        }
        check(function.name, &nodes, span)?;
        self.build(function, nodes, wanted, span)
    }

    /// A call whose arguments are bound and fit.
    pub(super) fn build(
        &mut self,
        function: &'static Function,
        mut nodes: Vec<Node>,
        wanted: Option<Type>,
        span: Span,
    ) -> Outcome<Node> {
        if function.name == "tohex" {
            nodes = low_half_of_int(nodes);
        }
        let types: Vec<Type> = nodes.iter().map(|node| node.ty).collect();
        let ty = match function.returns {
            Returns::Is(ty) | Returns::TypeOf(ty) => ty,
            // Arithmetic on int gives long.
            Returns::First if function.name == "abs" && types == [Type::Int] => Type::Long,
            Returns::First => types.first().copied().unwrap_or(Type::Dynamic),
            Returns::Common => match Self::common_type(&types, None) {
                Some(ty) => {
                    nodes = nodes.into_iter().map(|node| convert(node, ty)).collect();
                    ty
                }
                None => return Err(Fault::new(span, "the arguments have no common type")),
            },
            Returns::Bin => match (types.first(), types.get(1)) {
                (Some(a), Some(b)) if a.is_number() && b.is_number() => a.wider(*b),
                (Some(Type::Timespan), Some(Type::Timespan)) => Type::Timespan,
                (Some(Type::DateTime), Some(Type::DateTime | Type::Timespan)) => Type::DateTime,
                (a, b) => {
                    let shown = |ty: Option<&Type>| ty.map_or("nothing", |ty| ty.name());
                    let message = format!(
                        "the function '{}' is not compatible with arguments ({}, {})",
                        function.name,
                        shown(a),
                        shown(b)
                    );
                    return Err(Fault::new(span, message));
                }
            },
        };
        let wanted = wanted.or_else(|| is_weeks(function, &nodes).then_some(Type::Real));
        let call = Node::new(NodeKind::Call(function, nodes), ty, span);
        Ok(match wanted {
            Some(wanted) => convert(call, wanted),
            None => call,
        })
    }

    /// An argument that must be a scalar.
    pub(super) fn argument(&mut self, argument: &Argument, row: &Row<'_>) -> Outcome<Node> {
        match &argument.value.source {
            Source::Expr(expr) if argument.value.operators.is_empty() => self.expression(expr, row),
            _ => Err(Fault::new(argument.value.span, "a table cannot stand here")),
        }
    }
}

/// The service counts weeks as a real, and every other part as a long.
fn is_weeks(function: &Function, nodes: &[Node]) -> bool {
    let part = nodes.first().map(|node| &node.kind);
    function.name == "datetime_diff"
        && matches!(part, Some(NodeKind::Constant(Value::String(part))) if part.eq_ignore_ascii_case("week"))
}

/// An int is kept as 64 bits, but its bits are 32: what shows them shows those alone.
fn low_half_of_int(mut nodes: Vec<Node>) -> Vec<Node> {
    if nodes[0].ty == Type::Int
        && let Some(and) = functions::find("binary_and")
    {
        let int = nodes.remove(0);
        let span = int.span;
        let mask = Node::constant(Value::Long(0xffff_ffff), Type::Long, span);
        nodes.insert(0, Node::new(NodeKind::Call(and, vec![int, mask]), Type::Long, span));
    }
    nodes
}

fn type_argument(argument: &Argument) -> Outcome<Type> {
    match &argument.value.source {
        Source::Expr(crate::ast::Expr { kind: ExprKind::TypeOf(ty), .. }) => Ok(*ty),
        _ => Err(Fault::new(argument.value.span, "expected a typeof(…)")),
    }
}

/// The sentence for a function that nobody has, with the name that was meant if one is near.
fn unknown_function(name: &str, row: &Row<'_>) -> String {
    let aggregates: Vec<String> = aggregates::all().map(|(_, called)| called).collect();
    let known = functions::all().map(|function| function.name).filter(|known| !known.starts_with("__"));
    let known = known.chain(FORMS.iter().map(|(form, _)| *form));
    let known = known.chain(aggregates.iter().map(String::as_str)).chain(row.scope.names());
    with_hint(format!("the function '{name}' is not known or not supported"), name, known)
}
