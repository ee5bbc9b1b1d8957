//! `assert-schema` and `project-by-names`: columns by their names as values.

use crate::ast::{Expr, Name};
use crate::dynamic::Dynamic;
use crate::error::{Fault, Outcome, Span};
use crate::plan::{Output, Plan, StepKind};
use crate::types::Type;
use crate::value::Value;

use super::project::matches_pattern;
use super::scope::Scope;
use super::{Binder, Row};

impl Binder<'_> {
    pub(super) fn assert_schema(plan: Plan, wanted: &[(Name, Type)], span: Span) -> Outcome<Plan> {
        let fits = plan.columns.len() == wanted.len()
            && plan
                .columns
                .iter()
                .zip(wanted)
                .all(|(column, (name, ty))| column.name == name.text && column.ty == *ty);
        if fits {
            return Ok(plan);
        }
        let shown: Vec<String> =
            plan.columns.iter().map(|column| format!("{}: {}", column.name, column.ty)).collect();
        Err(Fault::new(span, format!("the columns are not those of the schema, but ({})", shown.join(", "))))
    }

    /// Columns by literal names, patterns and arrays of them; what is not there is left out.
    pub(super) fn project_by_names(
        &mut self,
        plan: Plan,
        list: &[Expr],
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let mut patterns = Vec::new();
        for expr in list {
            let node = self.expression(expr, &Row::none(scope))?;
            match node.folded() {
                Some(Value::String(text)) => patterns.push(text.to_string()),
                Some(Value::Dynamic(Dynamic::Array(names))) => {
                    patterns.extend(names.iter().map(Dynamic::to_text));
                }
                _ => return Err(Fault::new(expr.span, "expected a literal name, or an array of names")),
            }
        }
        let mut kept: Vec<usize> = Vec::new();
        for pattern in &patterns {
            for (place, column) in plan.columns.iter().enumerate() {
                if matches_pattern(&column.name, pattern) && !kept.contains(&place) {
                    kept.push(place);
                }
            }
        }
        let columns = kept.iter().map(|place| plan.columns[*place].clone()).collect();
        Ok(plan.then(StepKind::Compute(kept.into_iter().map(Output::Keep).collect()), columns, span))
    }
}
