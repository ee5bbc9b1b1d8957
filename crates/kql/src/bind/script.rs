//! The statements of a query, one after the other.

use std::sync::Arc;

use crate::ast::{LetValue, Script, Statement};
use crate::database::Database;
use crate::error::{Fault, Outcome, Span};
use crate::options::Options;
use crate::plan::rows::Rows;
use crate::plan::{Node, Plan, StepKind};
use crate::properties::Properties;
use crate::types::{Column, Type};
use crate::value::Value;

use super::scope::{Binding, Scope};
use super::{Binder, Bound, Inner};

/// Binds a query to the tables of a database; `rows` knows what the query's own tables hold.
pub(crate) fn bind(
    script: &Script,
    database: &Database,
    options: &Options,
    rows: &mut dyn Rows,
) -> Outcome<Plan> {
    let mut binder = Binder {
        database,
        rows,
        inner: Inner::default(),
        ignore_case: options.tables_ignore_case,
        shared: 0,
        nodes: 0,
        aggregates: None,
        group_columns: Vec::new(),
        calls: 0,
        unnamed: 0,
        volatile: Vec::new(),
        origin: None,
    };
    let mut scope = Scope::default();
    let mut properties = Properties::default();
    let mut answer = None;
    for statement in &script.statements {
        match statement {
            Statement::Let(name, value) => {
                if scope.declares_here(&name.text) {
                    let message =
                        format!("a variable with the name '{}' has already been declared", name.text);
                    return Err(Fault::new(name.span, message));
                }
                let binding = binder.let_value(value, &scope)?;
                scope = scope.with(&name.text, binding);
            }
            Statement::Set(name, value) => {
                binder.property(&mut properties, name, value.as_ref(), &scope)?;
                binder.rows.told(&properties);
            }
            Statement::Declare(parameters) => scope = binder.declared(parameters, scope)?,
            Statement::Query(pipeline) => {
                let plan = match binder.pipeline(pipeline, &scope)? {
                    Bound::Table(plan) => plan,
                    Bound::Scalar(node) => scalar_answer(node),
                };
                answer = Some(limited(plan, &properties));
            }
        }
    }
    answer.ok_or_else(|| Fault::new(Span::default(), "the query has no statement that answers rows"))
}

/// The plan as `query_take_max_records` cuts it.
fn limited(plan: Plan, properties: &Properties) -> Plan {
    let Some(count) = properties.take else { return plan };
    let count = Node::constant(Value::Long(count), Type::Long, Span::default());
    plan.filtered(StepKind::Take(count), Span::default())
}

/// A scalar that stands where a table is expected shows as one row.
fn scalar_answer(node: Node) -> Plan {
    let column = Column::new("print_0", node.ty);
    Plan::new(crate::plan::PlanSource::Row(vec![node]), vec![column], false)
}

impl Binder<'_> {
    pub(super) fn let_value(&mut self, value: &LetValue, scope: &Scope) -> Outcome<Binding> {
        Ok(match value {
            LetValue::Function(lambda) => Binding::Function(Arc::new((lambda.clone(), scope.clone()))),
            LetValue::Expression(pipeline) => match self.pipeline(pipeline, scope)? {
                Bound::Table(plan) => Binding::Table(self.share_table(plan)),
                Bound::Scalar(node) => Binding::Scalar(self.share_scalar(node)),
            },
        })
    }
}
