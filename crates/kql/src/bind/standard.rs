//! Columns that every table of a workspace has, and that an answer shows only when the query names them (reference:
//! standard columns of Azure Monitor Logs).

use crate::error::Span;
use crate::plan::{Node, Output, Plan, PlanSource, StepKind};
use crate::types::Type;
use crate::value::Value;

use super::{Binder, Origin, Row};

/// The column that tells a table of a workspace from others.
const TIME: &str = "TimeGenerated";

impl Binder<'_> {
    /// The standard column of that name, where the rows are still those of a stored table. Nothing here knows when a row
    /// arrived, how large it is or what its id is: it arrived when it was made, and the rest is empty.
    pub(super) fn standard_column(&self, name: &str, span: Span, row: &Row<'_>) -> Option<Node> {
        let origin = self.origin.as_ref().filter(|_| !self.ignore_case)?;
        let time = row.columns.iter().position(|column| column.name == TIME && column.ty == Type::DateTime);
        let constant = |value, ty| Some(Node::constant(value, ty, span));
        match name {
            "_TimeReceived" => time.map(|index| Node::column(index, Type::DateTime, span)),
            "Type" => match origin {
                Origin::Table(table) => constant(Value::text(table), Type::String),
                Origin::Tables => None,
            },
            "_IsBillable" => constant(Value::text("True"), Type::String),
            "_BilledSize" => constant(Value::Null, Type::Real),
            "_ItemId"
            | "_ResourceId"
            | "_SubscriptionId"
            | "_ResourceGroup"
            | "_Internal_WorkspaceResourceId"
            | "TenantId"
            | "SourceSystem"
            | "MG"
            | "ManagementGroupName" => constant(Value::text(""), Type::String),
            _ => None,
        }
    }
}

/// The table of a workspace whose rows these are, with all its columns; none when an operator made other rows.
pub(super) fn origin(plan: &Plan) -> Option<Origin> {
    let columns = plan.source_types.len();
    let origin_of_rows = match &plan.source {
        PlanSource::Table(name) => Origin::Table(name.clone()),
        PlanSource::Shared(shared) => origin(&shared.plan)?,
        PlanSource::Union(members) => {
            let all_stored = members.iter().all(|member| origin(&member.plan).is_some());
            all_stored.then_some(Origin::Tables)?
        }
        PlanSource::Row(_) | PlanSource::Literal(_) | PlanSource::Range(_) | PlanSource::Piped => {
            return None;
        }
    };
    let keeps = |kind: &StepKind| match kind {
        StepKind::Filter(_) | StepKind::Sort(_) | StepKind::Top(..) | StepKind::Take(_) => true,
        // `extend` keeps the columns in front and adds others.
        StepKind::Compute(outputs) => {
            let kept = outputs.iter().zip(0..).take(columns);
            kept.filter(|(output, index)| matches!(output, Output::Keep(place) if place == index)).count()
                == columns
        }
        _ => false,
    };
    let is_whole = plan.steps.iter().all(|step| keeps(&step.kind));
    let has_time = plan.columns.iter().any(|column| column.name == TIME && column.ty == Type::DateTime);
    (is_whole && has_time).then_some(origin_of_rows)
}
