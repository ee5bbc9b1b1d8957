//! `evaluate`: plugins whose columns the rows decide. The rows are computed first, once, and the rest of the query is
//! bound to what they say; a schema that the query gives makes that needless.

use std::collections::BTreeMap;

use crate::ast::{Argument, ExprKind, PluginClause, PluginSchema};
use crate::dynamic::Dynamic;
use crate::error::{Fault, Outcome, Span};
use crate::plan::{Node, NodeKind, Output, Plan, StepKind};
use crate::types::{Column, Type};
use crate::value::Value;

use super::aggregate::expression_of;
use super::naming::Names;
use super::project::unknown_column;
use super::scope::Scope;
use super::source::{convert, read_shared};
use super::{Binder, Row, type_fault};

/// More columns than this are refused; a table of the service has no more.
pub(super) const MAX_COLUMNS: usize = 10_000;

/// What becomes of a column that the input has under the name of a member.
#[derive(Clone, Copy, PartialEq)]
enum Conflict {
    Error,
    ReplaceSource,
    KeepSource,
}

/// What `bag_unpack` was told.
struct Unpack {
    place: usize,
    prefix: String,
    conflict: Conflict,
    ignored: Vec<String>,
}

impl Binder<'_> {
    pub(super) fn evaluate(
        &mut self,
        plan: Plan,
        clause: &PluginClause,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let plan = Plan { serialized: false, ..plan };
        match clause.name.text.as_str() {
            "bag_unpack" => self.bag_unpack(plan, clause, span, scope),
            "pivot" => self.pivot(plan, clause, span, scope),
            other => {
                let message = format!("the plugin '{other}' is not supported; {}", instead_of(other));
                Err(Fault::new(clause.name.span, message))
            }
        }
    }

    fn bag_unpack(&mut self, plan: Plan, clause: &PluginClause, span: Span, scope: &Scope) -> Outcome<Plan> {
        let unpack = self.unpack_arguments(&plan.columns, clause, scope)?;
        if let Some(schema) = &clause.schema {
            return unpacked_as(plan, &unpack, schema, span);
        }
        let plan = self.known(plan, clause)?;
        let PlanShared { plan, shared } = plan;
        let mut members: BTreeMap<String, Type> = BTreeMap::new();
        self.rows.each(&shared, unpack.place, &mut |value| {
            let Value::Dynamic(Dynamic::Bag(bag)) = &value else { return Ok(()) };
            for (name, value) in bag.iter() {
                let Some(ty) =
                    type_of(value).filter(|_| !unpack.ignored.iter().any(|known| **known == **name))
                else {
                    continue;
                };
                match members.get_mut(&**name) {
                    Some(known) if *known == ty => {}
                    Some(known) => *known = Type::Dynamic,
                    None => {
                        members.insert(name.to_string(), ty);
                    }
                }
                if members.len() > MAX_COLUMNS {
                    return Err(too_many_columns(span));
                }
            }
            Ok(())
        })?;
        unpacked(plan, &unpack, members, span)
    }

    fn unpack_arguments(
        &mut self,
        columns: &[Column],
        clause: &PluginClause,
        scope: &Scope,
    ) -> Outcome<Unpack> {
        let span = clause.name.span;
        let Some((first, rest)) = clause.arguments.split_first() else {
            return Err(Fault::new(span, "the plugin 'bag_unpack' expects a dynamic column"));
        };
        let place = column_of(first, columns)?;
        if columns[place].ty != Type::Dynamic {
            return type_fault(first.value.span, "a dynamic column", columns[place].ty);
        }
        let mut unpack =
            Unpack { place, prefix: String::new(), conflict: Conflict::Error, ignored: Vec::new() };
        const PARAMETERS: [&str; 3] = ["OutputColumnPrefix", "columnsConflict", "ignoredProperties"];
        for (index, argument) in rest.iter().enumerate() {
            let name = match &argument.name {
                Some(name) => PARAMETERS.iter().copied().find(|known| known.eq_ignore_ascii_case(&name.text)),
                None => PARAMETERS.get(index).copied(),
            };
            let expr = expression_of(argument)?;
            let node = self.expression(expr, &Row::none(scope))?;
            let is_written_out = matches!(expr.kind, ExprKind::Literal(..));
            match (name, node.folded().filter(|_| is_written_out)) {
                (Some("OutputColumnPrefix"), Some(Value::String(text))) => unpack.prefix = text.to_string(),
                (Some("columnsConflict"), Some(Value::String(text))) => {
                    unpack.conflict = match &*text {
                        "error" => Conflict::Error,
                        "replace_source" => Conflict::ReplaceSource,
                        "keep_source" => Conflict::KeepSource,
                        _ => {
                            let message = "'columnsConflict' takes error, replace_source or keep_source";
                            return Err(Fault::new(node.span, message));
                        }
                    }
                }
                (Some("ignoredProperties"), Some(Value::Dynamic(Dynamic::Array(names)))) => {
                    unpack.ignored = names.iter().map(Dynamic::to_text).collect();
                }
                _ => {
                    let message = "'bag_unpack' expects a column, a prefix, 'columnsConflict' and a list of \
                                   ignored properties, all written out";
                    return Err(Fault::new(argument.value.span, message));
                }
            }
        }
        Ok(unpack)
    }

    /// A table that is computed now, so that its rows can be asked.
    pub(super) fn known(&mut self, plan: Plan, clause: &PluginClause) -> Outcome<PlanShared> {
        if self.inner.is_piped {
            let message = format!(
                "in a subquery the columns of '{}' must be given: evaluate {}(…) : (name: type, …)",
                clause.name.text, clause.name.text
            );
            return Err(Fault::new(clause.name.span, message));
        }
        let shared = self.share_table(plan);
        Ok(PlanShared { plan: read_shared(&shared), shared })
    }
}

/// A table that is computed once, and the plan that reads it.
pub(super) struct PlanShared {
    pub(super) plan: Plan,
    pub(super) shared: std::sync::Arc<crate::plan::SharedTable>,
}

/// What does the work of a plugin that this engine does not have, or which plugins there are.
fn instead_of(plugin: &str) -> &'static str {
    match plugin {
        "autocluster" | "basket" | "diffpatterns" | "diffpatterns_text" => {
            "count the values of the columns with 'summarize count() by'"
        }
        "ipv4_lookup" | "ipv6_lookup" => {
            "join the ranges on a column that is the same everywhere, and keep what 'ipv4_is_in_range' or \
             'ipv6_is_in_range' finds"
        }
        "narrow" => "make a bag with 'pack_all' and spread it with 'mv-expand'",
        "rolling_percentile"
        | "session_count"
        | "sliding_window_counts"
        | "rows_near"
        | "sequence_detect" => "go through the rows in their order with 'scan'",
        "active_users_count"
        | "activity_counts_metrics"
        | "activity_engagement"
        | "activity_metrics"
        | "new_activity_metrics" => "count the users with 'dcount' by 'bin' of the time",
        "schema_merge" => "put the tables side by side with 'union'",
        _ => "'bag_unpack' and 'pivot' are",
    }
}

pub(super) fn too_many_columns(span: Span) -> Fault {
    Fault::new(span, format!("the plugin would make more than {MAX_COLUMNS} columns"))
}

pub(super) fn column_of(argument: &Argument, columns: &[Column]) -> Outcome<usize> {
    match &expression_of(argument)?.kind {
        ExprKind::Name(name) => columns
            .iter()
            .position(|column| column.name == *name)
            .ok_or_else(|| unknown_column(name, argument.value.span, columns)),
        _ => Err(Fault::new(argument.value.span, "expected the name of a column")),
    }
}

/// The type of a member; a null says nothing.
fn type_of(value: &Dynamic) -> Option<Type> {
    Some(match value {
        Dynamic::Null => return None,
        Dynamic::Bool(_) => Type::Bool,
        Dynamic::Long(_) => Type::Long,
        Dynamic::Real(_) => Type::Real,
        Dynamic::String(_) => Type::String,
        Dynamic::DateTime(_) => Type::DateTime,
        Dynamic::Timespan(_) => Type::Timespan,
        Dynamic::Array(_) | Dynamic::Bag(_) => Type::Dynamic,
    })
}

fn member(unpack: &Unpack, name: &str, ty: Type, span: Span) -> Output {
    let bag = Node::column(unpack.place, Type::Dynamic, span);
    let member = Node::new(NodeKind::Member(Box::new(bag), name.to_owned()), Type::Dynamic, span);
    Output::Node(convert(member, ty))
}

/// The input without its bag, and the members in the order of their names.
fn unpacked(plan: Plan, unpack: &Unpack, members: BTreeMap<String, Type>, span: Span) -> Outcome<Plan> {
    let (mut columns, mut outputs): (Vec<Column>, Vec<Output>) = (Vec::new(), Vec::new());
    let mut members: Vec<(String, String, Type)> =
        members.into_iter().map(|(name, ty)| (format!("{}{name}", unpack.prefix), name, ty)).collect();
    for (place, column) in plan.columns.iter().enumerate() {
        let same = members.iter().position(|(shown, ..)| *shown == column.name);
        match (same, unpack.conflict) {
            (None, _) if place == unpack.place => continue,
            (Some(_), Conflict::Error) if place != unpack.place => {
                let message = format!(
                    "'bag_unpack' makes a column '{}', which is there already; \
                     columnsConflict='replace_source' or 'keep_source' says which stays",
                    column.name
                );
                return Err(Fault::new(span, message));
            }
            (Some(index), conflict) if place == unpack.place || conflict == Conflict::ReplaceSource => {
                let (shown, name, ty) = members.remove(index);
                columns.push(Column::new(shown, ty));
                outputs.push(member(unpack, &name, ty, span));
                continue;
            }
            (Some(index), _) => {
                members.remove(index);
            }
            (None, _) => {}
        }
        columns.push(column.clone());
        outputs.push(Output::Keep(place));
    }
    for (shown, name, ty) in members {
        columns.push(Column::new(shown, ty));
        outputs.push(member(unpack, &name, ty, span));
    }
    Ok(plan.then(StepKind::Compute(outputs), columns, span))
}

/// The columns that the query names: those of the input, and members as the given types.
fn unpacked_as(plan: Plan, unpack: &Unpack, schema: &PluginSchema, span: Span) -> Outcome<Plan> {
    let mut names = Names::default();
    let (mut columns, mut outputs) = (Vec::new(), Vec::new());
    if schema.with_input {
        for (place, column) in plan.columns.iter().enumerate() {
            let is_given = schema.columns.iter().any(|(name, _)| name.text == column.name);
            if place == unpack.place || (is_given && unpack.conflict == Conflict::ReplaceSource) {
                continue;
            }
            names.give(&column.name, span)?;
            columns.push(column.clone());
            outputs.push(Output::Keep(place));
        }
    }
    for (name, ty) in &schema.columns {
        if schema.with_input
            && unpack.conflict == Conflict::KeepSource
            && columns.iter().any(|known: &Column| known.name == name.text)
        {
            continue;
        }
        columns.push(Column::new(names.give(&name.text, name.span)?, *ty));
        let source = plan.columns.iter().position(|column| column.name == name.text);
        outputs.push(match (source, name.text.strip_prefix(unpack.prefix.as_str())) {
            (Some(place), _) if place != unpack.place && unpack.conflict != Conflict::ReplaceSource => {
                Output::Node(convert(Node::column(place, plan.columns[place].ty, name.span), *ty))
            }
            (_, Some(key)) if !unpack.ignored.iter().any(|known| known == key) => {
                member(unpack, key, *ty, name.span)
            }
            _ => Output::Node(Node::constant(nothing(*ty), *ty, name.span)),
        });
    }
    Ok(plan.then(StepKind::Compute(outputs), columns, span))
}

fn nothing(ty: Type) -> Value {
    if ty == Type::String { Value::text("") } else { Value::Null }
}
