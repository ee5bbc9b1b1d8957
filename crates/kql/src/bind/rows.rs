//! `mv-expand` and `parse`: operators that take values apart.

use crate::ast::{ExpandClause, ExprKind, KeyValueClause, KeyValueFormat, ParseClause, ParseStep};
use crate::error::{Fault, Outcome, Span};
use crate::pattern::Pattern;
use crate::plan::{Expand, KeyValues, NodeKind, Parse, Plan, PlanParseStep, StepKind};
use crate::types::{Column, Type};

use super::naming::{Names, name_of};
use super::scope::Scope;
use super::source::convert;
use super::{Binder, Row, type_fault};

impl Binder<'_> {
    pub(super) fn mv_expand(
        &mut self,
        plan: Plan,
        clause: &ExpandClause,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let before = plan.columns.clone();
        let row = Row { scope, columns: &before, serialized: plan.serialized };
        let mut columns = before.clone();
        let mut expanded = Vec::new();
        for (named, ty) in &clause.columns {
            let node = self.expression(&named.expr, &row)?;
            if node.ty != Type::Dynamic {
                return type_fault(node.span, "a dynamic array or bag", node.ty);
            }
            let ty = ty.unwrap_or(Type::Dynamic);
            let name = match named.names.as_slice() {
                [name] => name.text.clone(),
                [_, second, ..] => return Err(Fault::new(second.span, "this expression has one value")),
                [] => match (name_of(&named.expr, &before), &named.expr.kind) {
                    (Some(name), ExprKind::Name(_)) => name,
                    (Some(name), _) => name,
                    (None, _) => Names::default().next_unnamed(&mut self.unnamed),
                },
            };
            let target = match columns.iter().position(|column| column.name == name) {
                Some(index) => {
                    columns[index].ty = ty;
                    index
                }
                None => {
                    columns.push(Column::new(name, ty));
                    columns.len() - 1
                }
            };
            if expanded.iter().any(|(_, known, _)| *known == target) {
                let message = format!("the column '{}' is expanded twice", columns[target].name);
                return Err(Fault::new(named.expr.span, message));
            }
            expanded.push((node, target, ty));
        }
        if let Some(name) = &clause.index_column {
            if columns.iter().any(|column| column.name == name.text) {
                let message = format!("a column with the name '{}' is already declared", name.text);
                return Err(Fault::new(name.span, message));
            }
            columns.push(Column::new(&name.text, Type::Long));
        }
        let limit = match &clause.limit {
            None => None,
            Some(limit) => {
                let node = self.expression(limit, &Row::none(scope))?;
                if !node.ty.is_integer() {
                    return type_fault(node.span, "a whole number", node.ty);
                }
                Some(node)
            }
        };
        let expand = Expand {
            columns: expanded,
            with_index: clause.index_column.is_some(),
            bags_as_arrays: clause.bags_as_arrays,
            limit,
        };
        Ok(plan.then(StepKind::Expand(Box::new(expand)), columns, span))
    }

    pub(super) fn parse(
        &mut self,
        plan: Plan,
        clause: &ParseClause,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let before = plan.columns.clone();
        let row = Row { scope, columns: &before, serialized: plan.serialized };
        let source = self.expression(&clause.source, &row)?;
        let source = if source.ty == Type::String { source } else { to_text(source) };
        let mut columns = before.clone();
        let (mut steps, mut targets) = (Vec::new(), Vec::new());
        check_pattern(clause)?;
        for step in &clause.steps {
            steps.push(match step {
                ParseStep::Skip => PlanParseStep::Skip,
                ParseStep::Text(text, span) if text.is_empty() => {
                    return Err(Fault::new(
                        *span,
                        "an empty text says nothing of where a column begins or ends",
                    ));
                }
                ParseStep::Text(text, span) => {
                    if matches!(clause.mode, crate::ast::ParseMode::Regex(_)) {
                        Pattern::new(text).map_err(|message| Fault::new(*span, message))?;
                    }
                    PlanParseStep::Text(text.clone())
                }
                ParseStep::Column(name, ty) => {
                    if *ty == Type::Dynamic {
                        return Err(Fault::new(name.span, "a parsed column cannot be dynamic"));
                    }
                    let target = match columns.iter().position(|column| column.name == name.text) {
                        Some(index) => {
                            columns[index].ty = *ty;
                            index
                        }
                        None => {
                            columns.push(Column::new(&name.text, *ty));
                            columns.len() - 1
                        }
                    };
                    if targets.iter().any(|(known, _)| *known == target) {
                        let message = format!("a column with the name '{}' is already declared", name.text);
                        return Err(Fault::new(name.span, message));
                    }
                    targets.push((target, *ty));
                    PlanParseStep::Column(targets.len() - 1)
                }
            });
        }
        let parse = Parse { mode: clause.mode, drop_others: clause.drop_others, source, steps, targets };
        Ok(plan.then(StepKind::Parse(Box::new(parse)), columns, span))
    }

    pub(super) fn parse_kv(
        &mut self,
        plan: Plan,
        clause: &KeyValueClause,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let mut columns = plan.columns.clone();
        let row = Row { scope, columns: &plan.columns, serialized: plan.serialized };
        let source = self.expression(&clause.source, &row)?;
        if !matches!(source.ty, Type::String | Type::Dynamic) {
            return type_fault(source.span, "a string", source.ty);
        }
        let source = to_text(source);
        if let KeyValueFormat::Regex(pattern, place) = &clause.format {
            let known = Pattern::new(pattern).map_err(|message| Fault::new(*place, message))?;
            if known.groups() != 3 {
                return Err(Fault::new(*place, "the pattern needs two groups: the key and its value"));
            }
        }
        let mut keys = Vec::new();
        for (name, ty) in &clause.columns {
            if columns.iter().any(|column| column.name == name.text) {
                let message = format!("a column with the name '{}' is already declared", name.text);
                return Err(Fault::new(name.span, message));
            }
            columns.push(Column::new(&name.text, *ty));
            keys.push((name.text.clone(), *ty));
        }
        let step = KeyValues { source, format: clause.format.clone(), keys };
        Ok(plan.then(StepKind::KeyValues(Box::new(step)), columns, span))
    }
}

/// A column ends where a text begins, so two of them cannot stand side by side; no more can two stars.
fn check_pattern(clause: &ParseClause) -> Outcome<()> {
    if clause.drop_others && clause.mode == crate::ast::ParseMode::Relaxed {
        let message =
            "'parse-where' drops what does not fit, so it cannot be relaxed: simple and regex are its kinds";
        return Err(Fault::new(clause.source.span, message));
    }
    for pair in clause.steps.windows(2) {
        match pair {
            [ParseStep::Column(..), ParseStep::Column(name, _)] => {
                return Err(Fault::new(name.span, "a text must stand between two columns"));
            }
            [ParseStep::Skip, ParseStep::Column(name, _)] => {
                return Err(Fault::new(name.span, "a text must stand between a '*' and a column"));
            }
            [ParseStep::Column(name, Type::String), ParseStep::Skip] => {
                return Err(Fault::new(
                    name.span,
                    "a '*' behind a column of text is ambiguous: where does it end?",
                ));
            }
            [ParseStep::Skip, ParseStep::Skip] => {
                return Err(Fault::new(clause.source.span, "a text must stand between two '*'"));
            }
            _ => {}
        }
    }
    Ok(())
}

fn to_text(node: crate::plan::Node) -> crate::plan::Node {
    debug_assert!(!matches!(node.kind, NodeKind::FirstCell(_)) || node.ty != Type::String);
    convert(node, Type::String)
}
