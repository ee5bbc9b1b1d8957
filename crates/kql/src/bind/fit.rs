//! Arguments as a signature wants them: how many there are, and of which types.

use crate::error::{Fault, Outcome, Span};
use crate::functions::Kind;
use crate::plan::{Node, NodeKind};
use crate::types::Type;
use crate::value::Value;

use super::type_fault;

/// The node as a value of that type.
pub(super) fn convert(node: Node, ty: Type) -> Node {
    if node.ty == ty {
        return node;
    }
    let span = node.span;
    match (node.kind, ty) {
        (NodeKind::Constant(Value::Null), Type::String) => Node::constant(Value::text(""), ty, span),
        (NodeKind::Constant(Value::Null), _) => Node::constant(Value::Null, ty, span),
        (kind, _) => Node::new(NodeKind::Convert(Box::new(Node::new(kind, node.ty, span))), ty, span),
    }
}

/// The node as that kind of argument.
pub(super) fn fit(node: Node, kind: Kind) -> Outcome<Node> {
    if !kind.accepts(node.ty) {
        return type_fault(node.span, kind.shown(), node.ty);
    }
    match kind {
        Kind::Text => Ok(convert(node, Type::String)),
        Kind::Literal | Kind::Constant if !node.is_constant() => {
            Err(Fault::new(node.span, format!("expected {}", kind.shown())))
        }
        _ => Ok(node),
    }
}

/// Refuses a wrong number of arguments.
pub(super) fn check_count(
    name: &str,
    count: usize,
    (least, most): (usize, Option<usize>),
    span: Span,
) -> Outcome<()> {
    if count >= least && most.is_none_or(|most| count <= most) {
        return Ok(());
    }
    let wanted = match most {
        Some(most) if most == least => format!("{least}"),
        Some(most) => format!("{least} to {most}"),
        None => format!("at least {least}"),
    };
    let noun = if wanted == "1" || wanted == "at least 1" { "argument" } else { "arguments" };
    Err(Fault::new(span, format!("the function '{name}' expects {wanted} {noun}, found {count}")))
}
