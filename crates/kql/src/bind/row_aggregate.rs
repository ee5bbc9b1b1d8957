//! Aggregates that answer parts of one row: `arg_max`, `arg_min`, `take_any` and their old spellings (rule 7).

use crate::aggregates::{Aggregate, AggregateKind};
use crate::ast::{Argument, ExprKind};
use crate::error::Outcome;
use crate::functions::Kind;
use crate::plan::{Aggregation, Node};

use super::aggregate::expression_of;
use super::fit::fit;
use super::naming::name_of;
use super::{Binder, Row};

impl Binder<'_> {
    /// `arg_max`, `arg_min`, `take_any`: whole rows; the outputs are the arguments.
    pub(super) fn row_aggregate(
        &mut self,
        aggregate: &Aggregate,
        arguments: &[Argument],
        row: &Row<'_>,
    ) -> Outcome<(Aggregation, Vec<Option<String>>)> {
        let word = aggregate.name;
        let is_arg = matches!(aggregate.kind, AggregateKind::ArgMax | AggregateKind::ArgMin);
        let prefix = if aggregate.kind == AggregateKind::ArgMax { "max" } else { "min" };
        // The old spelling puts the name of the extreme in front of each column.
        let is_old = matches!(word, "argmax" | "argmin");
        let mut front = String::new();
        let mut own_first = String::new();
        let mut nodes = Vec::new();
        let mut names: Vec<Option<String>> = Vec::new();
        let mut maximised = None;
        for (index, argument) in arguments.iter().enumerate() {
            let expr = expression_of(argument)?;
            if matches!(expr.kind, ExprKind::Star) && (index > 0 || !is_arg) {
                for (place, column) in row.columns.iter().enumerate() {
                    if self.group_columns.contains(&place) || maximised == Some(place) {
                        continue;
                    }
                    nodes.push(Node::column(place, column.ty, expr.span));
                    names.push(Some(match word {
                        "any" => format!("any_{}", column.name),
                        _ if is_old => format!("{front}_{}", column.name),
                        _ => column.name.clone(),
                    }));
                }
                continue;
            }
            let mut node = self.expression(expr, row)?;
            if index == 0 && is_arg {
                node = fit(node, Kind::Ordered)?;
                if let crate::plan::NodeKind::Column(place) = node.kind {
                    maximised = Some(place);
                }
            }
            let own = name_of(expr, row.columns);
            if index == 0 {
                own_first = own.clone().unwrap_or_default();
            }
            let made = match (&argument.name, own) {
                (Some(name), _) => Some(name.text.clone()),
                (None, Some(name)) if word == "any" => Some(format!("any_{name}")),
                (None, own) if is_old && index == 0 => {
                    front = format!("{prefix}_{}", own.unwrap_or_default());
                    Some(front.clone())
                }
                (None, Some(name)) if is_old => Some(format!("{front}_{name}")),
                (None, Some(name)) => Some(name),
                (None, None) if index == 0 && is_arg => Some(format!("{prefix}_")),
                (None, None) if is_arg => Some(format!("{prefix}_{own_first}_arg{index}")),
                (None, None) if word == "any" && arguments.len() == 1 => Some("any_".to_owned()),
                (None, None) => Some(format!("any_arg{index}")),
            };
            nodes.push(node);
            names.push(made);
        }
        let outputs = nodes.iter().map(|node| node.ty).collect();
        let kind = aggregate.kind.clone();
        Ok((Aggregation { kind, arguments: nodes, predicate: None, outputs }, names))
    }
}
