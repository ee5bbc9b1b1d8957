//! What an expression is made of.

use super::{Node, NodeKind};
use crate::value::Value;

impl Node {
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
