//! `render`: the chart that an answer asks for. It changes no row.

use std::sync::Arc;

use crate::ast::{RenderClause, RenderValue};
use crate::error::{Outcome, Span};
use crate::plan::{Chart, Node, Plan};
use crate::types::Type;
use crate::value::Value;

use super::scope::Scope;
use super::{Binder, Row, type_fault};

impl Binder<'_> {
    pub(super) fn chart(
        &mut self,
        plan: Plan,
        clause: &RenderClause,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let mut properties = Vec::with_capacity(clause.properties.len());
        for (name, value) in &clause.properties {
            let node = match value {
                RenderValue::Text(text) => Node::constant(Value::text(text), Type::String, span),
                RenderValue::Title(expr) => self.expression(expr, &Row::none(scope))?,
            };
            if !matches!(node.ty, Type::String | Type::Dynamic) {
                return type_fault(node.span, "a value of type string", node.ty);
            }
            properties.push((name.clone(), node));
        }
        let chart = Chart { visualization: clause.visualization.clone(), properties };
        Ok(Plan { render: Some(Arc::new(chart)), ..plan })
    }
}
