//! Operators that choose, rename and compute columns.

use crate::ast::{Expr, ExprKind, Name, Named, Pattern, Reorder};
use crate::error::{Fault, Outcome, Span, Unknown};
use crate::near::with_hint;
use crate::plan::{Output, Plan, StepKind};
use crate::types::Column;

use super::naming::{Names, is_plain};
use super::scope::{Binding, Scope};
use super::spread::{Rest, spread};
use super::{Binder, Bound, Row, type_fault};

use std::sync::Arc;

impl Binder<'_> {
    pub(super) fn extend(&mut self, plan: Plan, list: &[Named], span: Span, scope: &Scope) -> Outcome<Plan> {
        let before = plan.columns.clone();
        let row = Row { scope, columns: &before, serialized: plan.serialized };
        let mut columns = before.clone();
        let mut outputs: Vec<Output> = (0..before.len()).map(Output::Keep).collect();
        let mut given = Names::default();
        let mut made = Names::of(before.iter().map(|column| column.name.as_str()));
        for named in &spread(list, &before, Rest::LeftOut)? {
            let node = self.expression(&named.expr, &row)?;
            let own = super::naming::name_of(&named.expr, &before);
            let replaces = match (named.names.as_slice(), &own) {
                ([name], _) => given.give(&name.text, name.span)?,
                ([], _) if let Some(name) = &named.made => made.make(name),
                // What is named after a column takes that column's place.
                ([], Some(name)) if is_plain(&named.expr) => given.give(name, named.expr.span)?,
                ([], Some(name)) => name.clone(),
                ([], None) => made.next_unnamed_beside(&mut self.unnamed, &before),
                ([_, second, ..], _) => return Err(Fault::new(second.span, "this expression has one value")),
            };
            match columns.iter().position(|column| column.name == replaces) {
                Some(index) => {
                    columns[index].ty = node.ty;
                    outputs[index] = Output::Node(node);
                }
                None => {
                    columns.push(Column::new(replaces, node.ty));
                    outputs.push(Output::Node(node));
                }
            }
        }
        if list.is_empty() {
            return Ok(Plan { render: None, ..plan });
        }
        Ok(plan.then(StepKind::Compute(outputs), columns, span))
    }

    pub(super) fn project(&mut self, plan: Plan, list: &[Named], span: Span, scope: &Scope) -> Outcome<Plan> {
        let before = plan.columns.clone();
        let row = Row { scope, columns: &before, serialized: plan.serialized };
        let mut names = Names::default();
        let (mut columns, mut outputs) = (Vec::new(), Vec::new());
        for named in &spread(list, &before, Rest::Kept)? {
            let node = self.expression(&named.expr, &row)?;
            let name = self.column_name(&mut names, named, &before)?;
            columns.push(Column::new(name, node.ty));
            outputs.push(Output::Node(node));
        }
        Ok(plan.then(StepKind::Compute(outputs), columns, span))
    }

    pub(super) fn project_away(plan: Plan, patterns: &[Pattern], span: Span) -> Outcome<Plan> {
        let away = chosen(&plan.columns, patterns)?;
        let kept = (0..plan.columns.len()).filter(|index| !away.contains(index)).collect();
        Ok(keep(plan, kept, span))
    }

    pub(super) fn project_keep(plan: Plan, patterns: &[Pattern], span: Span) -> Outcome<Plan> {
        let mut kept = chosen(&plan.columns, patterns)?;
        kept.sort_unstable();
        Ok(keep(plan, kept, span))
    }

    pub(super) fn project_rename(plan: Plan, pairs: &[(Name, Name)], span: Span) -> Outcome<Plan> {
        let mut columns = plan.columns.clone();
        let mut renamed = Vec::new();
        for (new, old) in pairs {
            let Some(index) = plan.columns.iter().position(|column| column.name == old.text) else {
                return Err(unknown_column(&old.text, old.span, &plan.columns));
            };
            if renamed.contains(&index) {
                return Err(Fault::new(old.span, format!("the column '{}' is renamed twice", old.text)));
            }
            renamed.push(index);
            columns[index].name.clone_from(&new.text);
        }
        for (new, _) in pairs {
            if columns.iter().filter(|column| column.name == new.text).count() > 1 {
                let message = format!("a column with the name '{}' is already declared", new.text);
                return Err(Fault::new(new.span, message));
            }
        }
        let outputs = (0..columns.len()).map(Output::Keep).collect();
        Ok(plan.then(StepKind::Compute(outputs), columns, span))
    }

    pub(super) fn project_reorder(
        plan: Plan,
        list: &[(Pattern, Option<Reorder>)],
        span: Span,
    ) -> Outcome<Plan> {
        let mut claimed: Vec<Option<usize>> = vec![None; plan.columns.len()];
        for (place, (pattern, _)) in list.iter().enumerate() {
            for index in chosen(&plan.columns, std::slice::from_ref(pattern))? {
                claimed[index].get_or_insert(place);
            }
        }
        let mut order = Vec::new();
        for (place, (_, sorted)) in list.iter().enumerate() {
            let mut group: Vec<usize> =
                (0..claimed.len()).filter(|index| claimed[*index] == Some(place)).collect();
            let name = |index: &usize| plan.columns[*index].name.clone();
            match sorted {
                Some(Reorder::Ascending) => group.sort_by_key(name),
                Some(Reorder::Descending) => group.sort_by_key(|index| std::cmp::Reverse(name(index))),
                Some(Reorder::GrannyAscending) => group.sort_by_key(|index| granny(&name(index))),
                Some(Reorder::GrannyDescending) => {
                    group.sort_by_key(|index| std::cmp::Reverse(granny(&name(index))));
                }
                None => {}
            }
            order.extend(group);
        }
        order.extend((0..claimed.len()).filter(|index| claimed[*index].is_none()));
        Ok(keep(plan, order, span))
    }

    /// `T | invoke f(…)`: the table is the function's first argument.
    pub(super) fn invoke(&mut self, plan: Plan, call: &Expr, scope: &Scope) -> Outcome<Plan> {
        let ExprKind::Call(name, arguments) = &call.kind else {
            return Err(Fault::new(call.span, "'invoke' needs the call of a function"));
        };
        let Some(Binding::Function(function)) = scope.find(&name.text) else {
            let message =
                format!("the name '{}' does not refer to a function that the query defines", name.text);
            return Err(Fault::new(name.span, message));
        };
        let function = Arc::clone(function);
        let piped = self.share_table(plan);
        let inner = scope.with("$piped", Binding::Table(piped));
        let source = crate::ast::Source::Expr(Expr::new(ExprKind::Name("$piped".to_owned()), name.span));
        let first = crate::ast::Argument {
            name: None,
            value: crate::ast::Pipeline { source, operators: Vec::new(), span: name.span },
        };
        let arguments: Vec<_> = std::iter::once(first).chain(arguments.iter().cloned()).collect();
        match self.call_lambda(&function, &arguments, call.span, &Row::none(&inner))? {
            Bound::Table(plan) => Ok(plan),
            Bound::Scalar(node) => type_fault(call.span, "a function that answers a table", node.ty),
        }
    }
}

fn keep(plan: Plan, kept: Vec<usize>, span: Span) -> Plan {
    let columns = kept.iter().map(|index| plan.columns[*index].clone()).collect();
    plan.then(StepKind::Compute(kept.into_iter().map(Output::Keep).collect()), columns, span)
}

pub(super) fn unknown_column<'a>(
    name: &str,
    span: Span,
    columns: impl IntoIterator<Item = &'a Column>,
) -> Fault {
    let message = format!("the name '{name}' does not refer to any known column");
    let message = with_hint(message, name, columns.into_iter().map(|column| &*column.name));
    Fault::new(span, message).of_unknown(Unknown::Value, name)
}

/// The columns that the patterns name, each once; a plain name must exist.
fn chosen(columns: &[Column], patterns: &[Pattern]) -> Outcome<Vec<usize>> {
    let mut list = Vec::new();
    for pattern in patterns {
        let mut found = false;
        for (index, column) in columns.iter().enumerate() {
            let hit = if pattern.is_pattern {
                matches_pattern(&column.name, &pattern.text)
            } else {
                column.name == pattern.text
            };
            if hit {
                found = true;
                if !list.contains(&index) {
                    list.push(index);
                }
            }
        }
        if !found {
            return Err(unknown_column(&pattern.text, pattern.span, columns));
        }
    }
    Ok(list)
}

/// Whether a name fits a pattern in which `*` stands for any text.
pub(super) fn matches_pattern(name: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// A key by which numbers inside names sort as numbers.
fn granny(name: &str) -> Vec<(String, u64)> {
    let mut key = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let text = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(text);
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (number, after) = after.split_at(digits);
        key.push((word.to_owned(), number.parse().unwrap_or(0)));
        rest = after;
    }
    key
}
