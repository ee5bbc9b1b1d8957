//! The types of operators: what may be compared, added, searched.

use crate::ast::{BinaryOp, TextOp, TextTest};
use crate::error::{Fault, Outcome, Span};
use crate::plan::{Node, NodeKind, SharedTable};
use crate::types::Type;
use crate::value::Value;

use super::source::convert;
use super::{Binder, type_fault};

/// The operator as it is written.
fn shown(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::Modulo => "%",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Less => "<",
        BinaryOp::LessEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterEqual => ">=",
        BinaryOp::Member => ":",
        BinaryOp::Text(op) => match op.test {
            TextTest::Equals => "=~",
            TextTest::Contains => "contains",
            TextTest::Has => "has",
            TextTest::HasPrefix => "hasprefix",
            TextTest::HasSuffix => "hassuffix",
            TextTest::StartsWith => "startswith",
            TextTest::EndsWith => "endswith",
            TextTest::Regex => "matches regex",
        },
    }
}

fn not_defined<T>(op: &str, left: Type, right: Type, span: Span) -> Outcome<T> {
    Err(Fault::new(
        span,
        format!("the operator '{op}' is not defined for the operand types {left} and {right}"),
    ))
}

/// What two dynamics hold is not known before the query runs, so the service neither compares nor reckons with them.
fn two_dynamics<T>(op: &str, span: Span) -> Outcome<T> {
    let message = format!(
        "the operator '{op}' is not defined for two dynamics: convert one of them, as in tostring(x), tolong(x)"
    );
    Err(Fault::new(span, message))
}

/// Whether a text beside a value of that type is read as one: `ResultType == 0`, `IsEnabled == 'true'`. What cannot be
/// read is null, so it equals nothing.
pub(super) fn is_read_from_text(ty: Type) -> bool {
    !matches!(ty, Type::String | Type::Dynamic)
}

/// The two sides with the types in which they are compared; nothing when they have none in common.
fn alike(left: Node, right: Node) -> Result<(Node, Node), (Type, Type)> {
    let types = (left.ty, right.ty);
    let (left_type, right_type) = match types {
        (a, b) if a == b || a == Type::Dynamic || b == Type::Dynamic => (a, b),
        (a, b) if a.is_number() && b.is_number() => {
            let ty = a.wider(b);
            (ty, ty)
        }
        (Type::Bool, b) if b.is_integer() => (Type::Long, Type::Long),
        (a, Type::Bool) if a.is_integer() => (Type::Long, Type::Long),
        (Type::String, b) if is_read_from_text(b) => (b, b),
        (a, Type::String) if is_read_from_text(a) => (a, a),
        other => return Err(other),
    };
    Ok((convert(left, left_type), convert(right, right_type)))
}

impl Binder<'_> {
    pub(super) fn equality(&mut self, op: BinaryOp, left: Node, right: Node, span: Span) -> Outcome<Node> {
        if (left.ty, right.ty) == (Type::Dynamic, Type::Dynamic) {
            return two_dynamics(shown(op), span);
        }
        match alike(left, right) {
            Ok((left, right)) => {
                Ok(Node::new(NodeKind::Compare(op, Box::new(left), Box::new(right)), Type::Bool, span))
            }
            Err((left, right)) => not_defined(shown(op), left, right, span),
        }
    }

    pub(super) fn ordering(&mut self, op: BinaryOp, left: Node, right: Node, span: Span) -> Outcome<Node> {
        let (a, b) = (left.ty, right.ty);
        let ordered = |ty: Type| ty.is_number() || matches!(ty, Type::DateTime | Type::Timespan);
        if a == Type::Bool && (b == Type::Bool || b.is_number()) || b == Type::Bool && a.is_number() {
            // A truth value has its place among the numbers.
            let number = |node: Node| if node.ty == Type::Bool { convert(node, Type::Long) } else { node };
            return self.equality(op, number(left), number(right), span);
        }
        let fits = match (a, b) {
            (Type::Dynamic, other) | (other, Type::Dynamic) => other == Type::Dynamic || other.is_number(),
            (a, b) => ordered(a) && (a == b || (a.is_number() && b.is_number())),
        };
        if !fits {
            return not_defined(shown(op), a, b, span);
        }
        self.equality(op, left, right, span)
    }

    pub(super) fn between(
        &mut self,
        negated: bool,
        value: Node,
        low: Node,
        high: Node,
        span: Span,
    ) -> Outcome<Node> {
        let (a, b, c) = (value.ty, low.ty, high.ty);
        let high = if a == Type::DateTime && b == Type::DateTime && c == Type::Timespan {
            self.arithmetic(BinaryOp::Add, low.clone(), high, span)?
        } else {
            high
        };
        let ordered = |ty: Type| ty.is_number() || matches!(ty, Type::DateTime | Type::Timespan);
        let numbers = [a, b, high.ty].into_iter().all(|ty| ty.is_number() || ty == Type::Dynamic);
        let same = ordered(a) && a == b && a == high.ty;
        if !(numbers || same) || (a == Type::Dynamic && b == a && c == a) {
            let message =
                format!("the operator 'between' is not defined for the operand types {a}, {b} and {c}");
            return Err(Fault::new(span, message));
        }
        let wide = [b, c].into_iter().fold(a, Type::wider);
        let fit = |node: Node| if numbers && node.ty.is_number() { convert(node, wide) } else { node };
        let kind = NodeKind::Between {
            value: Box::new(fit(value)),
            low: Box::new(fit(low)),
            high: Box::new(fit(high)),
            negated,
        };
        Ok(Node::new(kind, Type::Bool, span))
    }

    pub(super) fn text_test(&mut self, op: TextOp, left: Node, right: Node, span: Span) -> Outcome<Node> {
        let textual = |ty| matches!(ty, Type::String | Type::Dynamic);
        if !textual(left.ty) || !textual(right.ty) {
            let mut name = shown(BinaryOp::Text(op)).to_owned();
            if op.negated {
                name = if op.test == TextTest::Equals { "!~".to_owned() } else { format!("!{name}") };
            }
            return not_defined(&name, left.ty, right.ty, span);
        }
        if op.test == TextTest::Regex {
            check_regex(&right)?;
        }
        let (left, right) = (convert(left, Type::String), convert(right, Type::String));
        Ok(Node::new(NodeKind::Text(op, Box::new(left), Box::new(right)), Type::Bool, span))
    }

    /// Checks the list of `in` against the value; the value may need a conversion.
    pub(super) fn member_test(
        &mut self,
        value: Node,
        list: &[Node],
        table: Option<&SharedTable>,
        ignore_case: bool,
    ) -> Outcome<Node> {
        let name = if ignore_case { "in~" } else { "in" };
        let types = list.iter().map(|node| (node.ty, node.span));
        let types = types.chain(
            table.iter().filter_map(|table| table.plan.columns.first().map(|column| (column.ty, value.span))),
        );
        for (ty, span) in types {
            let fits = ty == value.ty
                || ty == Type::Dynamic
                || value.ty == Type::Dynamic
                || (ty.is_number() && value.ty.is_number())
                || (value.ty == Type::Bool && ty.is_integer())
                || (value.ty == Type::String && is_read_from_text(ty) && !ignore_case)
                || (ty == Type::String && is_read_from_text(value.ty) && !ignore_case);
            if !fits {
                return not_defined(name, value.ty, ty, span);
            }
        }
        if ignore_case && !matches!(value.ty, Type::String | Type::Dynamic) {
            return type_fault(value.span, "a string", value.ty);
        }
        Ok(match value.ty {
            Type::Dynamic if ignore_case => convert(value, Type::String),
            ty => match table.and_then(|table| table.plan.columns.first()) {
                Some(column) if column.ty == Type::String && is_read_from_text(ty) => {
                    convert(value, Type::String)
                }
                Some(column) if ty == Type::String && is_read_from_text(column.ty) => {
                    convert(value, column.ty)
                }
                _ => value,
            },
        })
    }

    pub(super) fn arithmetic(&mut self, op: BinaryOp, left: Node, right: Node, span: Span) -> Outcome<Node> {
        use BinaryOp::{Add, Divide, Modulo, Multiply, Subtract};
        use Type::{DateTime, Dynamic, Real, Timespan};
        let (a, b) = (left.ty, right.ty);
        // A dynamic operand takes the type that the other one asks for.
        let other = |ty: Type| if ty.is_integer() { Type::Long } else { ty };
        let (left, right) = match (a, b) {
            (Dynamic, Dynamic) => return two_dynamics(shown(op), span),
            // A quotient of instants or spans needs to know by what.
            (Dynamic, Timespan) | (Timespan | DateTime, Dynamic) if matches!(op, Divide | Modulo) => {
                return not_defined(shown(op), a, b, span);
            }
            (Dynamic, b) if b.is_number() || b == Timespan => (convert(left, other(b)), right),
            (Dynamic, DateTime) if op == Subtract => (convert(left, DateTime), right),
            (Dynamic, DateTime) => (convert(left, Timespan), right),
            (DateTime, Dynamic) if op == Subtract => (left, convert(right, DateTime)),
            (DateTime, Dynamic) => (left, convert(right, Timespan)),
            (a, Dynamic) if a.is_number() || a == Timespan => (left, convert(right, other(a))),
            _ => (left, right),
        };
        let ty = match (op, left.ty, right.ty) {
            (_, Dynamic, Dynamic) => Dynamic,
            (_, a, b) if a.is_number() && b.is_number() => a.wider(b),
            (Add | Subtract, DateTime, Timespan) | (Add, Timespan, DateTime) => DateTime,
            (Subtract, DateTime, DateTime) | (Add | Subtract | Modulo, Timespan, Timespan) => Timespan,
            (Modulo, DateTime, Timespan) => Timespan,
            (Multiply | Divide, Timespan, b) if b.is_number() => Timespan,
            (Multiply, a, Timespan) if a.is_number() => Timespan,
            (Divide, Timespan | DateTime, Timespan) => Real,
            _ => return not_defined(shown(op), a, b, span),
        };
        let (left, right) = if matches!(ty, Real | Type::Decimal) && left.ty.is_number() {
            (convert(left, ty), convert(right, ty))
        } else {
            (left, right)
        };
        Ok(Node::new(NodeKind::Arithmetic(op, Box::new(left), Box::new(right)), ty, span))
    }

    /// The type that values of these types share: numbers widen, `mixed` says what unlike types become.
    pub(super) fn common_type(types: &[Type], mixed: Option<Type>) -> Option<Type> {
        let mut plain = types.iter().copied().filter(|ty| *ty != Type::Dynamic);
        let Some(mut common) = plain.next() else { return Some(Type::Dynamic) };
        for ty in plain {
            common = match (common, ty) {
                (a, b) if a == b => a,
                (a, b) if a.is_number() && b.is_number() => a.wider(b),
                _ => return mixed,
            };
        }
        Some(common)
    }
}

/// Refuses a constant pattern that is no regular expression.
pub(super) fn check_regex(pattern: &Node) -> Outcome<()> {
    if let NodeKind::Constant(Value::String(text)) = &pattern.kind {
        crate::pattern::Pattern::new(text).map_err(|message| Fault::new(pattern.span, message))?;
    }
    Ok(())
}
