//! `set` statements: the value of a property is a constant, or a name for one.

use crate::ast::{Expr, ExprKind, Name};
use crate::error::{Fault, Outcome};
use crate::plan::NodeKind;
use crate::properties::{Properties, property_type};
use crate::types::Type;
use crate::value::Value;

use super::scope::Scope;
use super::source::convert;
use super::{Binder, Row, type_fault};

impl Binder<'_> {
    /// Notes one property for the statements that follow.
    pub(super) fn property(
        &mut self,
        properties: &mut Properties,
        name: &Name,
        value: Option<&Expr>,
        scope: &Scope,
    ) -> Outcome<()> {
        let Some(value) = value else { return Ok(()) };
        if !matches!(value.kind, ExprKind::Literal(..) | ExprKind::Name(_)) {
            return Err(Fault::new(value.span, "a property takes a constant, or the name of one"));
        }
        let node = self.expression(value, &Row::none(scope))?;
        let Some(ty) = property_type(&name.text) else { return Ok(()) };
        if node.ty != ty && !(node.ty.is_number() && ty == Type::Long) {
            return type_fault(node.span, &format!("a value of type {ty}"), node.ty);
        }
        match convert(node, ty) {
            node if matches!(node.kind, NodeKind::Constant(Value::Null)) => {}
            node => match node.folded() {
                Some(value) => properties.set(&name.text, &value),
                None => return Err(Fault::new(node.span, "a property takes a constant, or the name of one")),
            },
        }
        Ok(())
    }
}
