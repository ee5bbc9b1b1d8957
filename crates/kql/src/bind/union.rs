//! `union`: the columns of all tables, those of unlike types side by side.

use crate::ast::{Expr, ExprKind, Name, Pipeline, SearchClause, Source, UnionClause};
use crate::error::{Fault, Outcome, Span};
use crate::plan::{Plan, PlanSource, StepKind, UnionMember};
use crate::types::{Column, Type};

use super::naming::Names;
use super::project::matches_pattern;
use super::scope::{Binding, Scope};
use super::{Binder, Row};

/// The column in which `search` says from which table a row is.
pub(super) const TABLE_COLUMN: &str = "$table";

impl Binder<'_> {
    pub(super) fn union(
        &mut self,
        piped: Option<Plan>,
        clause: &UnionClause,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let members = self.union_members(piped, &clause.tables, clause.fuzzy, scope, "union")?;
        Self::united(members, clause, span)
    }

    fn united(members: Vec<(Plan, String)>, clause: &UnionClause, span: Span) -> Outcome<Plan> {
        if members.is_empty() {
            return Err(Fault::new(span, "the union has no table"));
        }
        let columns = if clause.inner { shared_columns(&members) } else { all_columns(&members) };
        let source_column = clause.source_column.as_ref().map(|name| name.text.clone());
        if let Some(name) = &clause.source_column {
            is_free(&name.text, name.span, columns.iter().map(|(column, ..)| column))?;
        }
        let members = members.into_iter().map(|(plan, name)| {
            let places = columns.iter().map(|(_, own_name, ty)| {
                plan.columns.iter().position(|column| &column.name == own_name && column.ty == *ty)
            });
            let places = places.collect();
            let source_name = source_column.as_ref().map(|_| name);
            UnionMember { plan: Plan { render: None, ..plan }, columns: places, source_name }
        });
        let members = members.collect();
        let source = source_column.map(|name| Column::new(name, Type::String));
        let columns = source.into_iter().chain(columns.into_iter().map(|(column, ..)| column)).collect();
        Ok(Plan::new(PlanSource::Union(members), columns, false))
    }

    /// The tables of a union, a `search` or a `find`, and what each is called in their source column.
    pub(super) fn union_members(
        &mut self,
        piped: Option<Plan>,
        tables: &[Pipeline],
        is_fuzzy: bool,
        scope: &Scope,
        operator: &str,
    ) -> Outcome<Vec<(Plan, String)>> {
        let mut members: Vec<(Plan, String)> = Vec::new();
        if let Some(plan) = piped {
            let name = source_name(&plan, None, operator, members.len());
            members.push((plan, name));
        }
        for pipeline in tables {
            if let Some(pattern) = wildcard(pipeline) {
                let names: Vec<String> = self.database.tables().map(|(name, _)| name.to_owned()).collect();
                for name in names.iter().filter(|name| matches_pattern(name, pattern)) {
                    let plan = self.stored_table(name, pipeline.span)?;
                    members.push((plan, name.clone()));
                }
                for name in scope.views().into_iter().filter(|name| matches_pattern(name, pattern)) {
                    let view = Pipeline {
                        source: Source::Expr(Expr::new(ExprKind::Name(name.to_owned()), pipeline.span)),
                        operators: Vec::new(),
                        span: pipeline.span,
                    };
                    members.push((self.table(&view, scope)?, name.to_owned()));
                }
                continue;
            }
            match self.table(pipeline, scope) {
                Ok(plan) => {
                    let name = source_name(&plan, own_name(pipeline, scope), operator, members.len());
                    members.push((plan, name));
                }
                Err(fault) if is_fuzzy && fault.is_missing() => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(members)
    }

    /// The tables side by side with the column `$table`, and of their rows those that pass the test.
    pub(super) fn search(
        &mut self,
        piped: Option<Plan>,
        clause: &SearchClause,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let named = |text: &str| Name { text: text.to_owned(), span };
        let all = Expr::new(ExprKind::Name("*".to_owned()), span);
        let all = Pipeline { source: Source::Expr(all), operators: Vec::new(), span };
        let tables = match (&piped, clause.tables.as_slice()) {
            (Some(_), [first, ..]) => {
                let message = "'search' takes its rows from the left or from 'in (…)', not from both";
                return Err(Fault::new(first.span, message));
            }
            (None, []) => vec![all],
            (_, tables) => tables.to_vec(),
        };
        let source_column = Some(named(TABLE_COLUMN));
        let union = UnionClause { inner: false, fuzzy: false, source_column, tables };
        let members = self.union_members(piped, &union.tables, false, scope, "search")?;
        let plan = Self::united(members, &union, span)?;
        let columns = plan.columns.clone();
        let row = Row { scope, columns: &columns, serialized: false };
        let test = self.condition(&clause.predicate, &row)?;
        Ok(plan.filtered(StepKind::Filter(test), span))
    }
}

/// Refuses a column for the source that would hide one of the tables. Microsoft's analyser lets both have the name; which
/// of them the service answers under it is not known.
pub(super) fn is_free<'a>(
    name: &str,
    span: Span,
    columns: impl IntoIterator<Item = &'a Column>,
) -> Outcome<()> {
    if columns.into_iter().any(|column| column.name == name) {
        let message = format!("there is a column '{name}' already, which the name of the table would hide");
        return Err(Fault::new(span, message));
    }
    Ok(())
}

fn wildcard(pipeline: &Pipeline) -> Option<&str> {
    match &pipeline.source {
        Source::Expr(expr) => match &expr.kind {
            ExprKind::Name(name) if name.contains('*') && pipeline.operators.is_empty() => Some(name),
            _ => None,
        },
        Source::Operator(_) => None,
    }
}

/// The name of a member that is a view.
fn own_name<'a>(pipeline: &'a Pipeline, scope: &Scope) -> Option<&'a str> {
    match &pipeline.source {
        Source::Expr(Expr { kind: ExprKind::Name(name), .. }) if pipeline.operators.is_empty() => {
            matches!(scope.find(name), Some(Binding::Function(_))).then_some(name)
        }
        _ => None,
    }
}

/// What `withsource` calls a member: its own name, that of the table that it is, or the operator's and its number.
fn source_name(plan: &Plan, own: Option<&str>, operator: &str, index: usize) -> String {
    own.or(plan.label()).map_or_else(|| format!("{operator}_arg{index}"), str::to_owned)
}

/// A column of the union: as it is named there, and as the members name and type it.
type UnionColumn = (Column, String, Type);

fn all_columns(members: &[(Plan, String)]) -> Vec<UnionColumn> {
    let mut found: Vec<(String, Vec<Type>)> = Vec::new();
    for column in members.iter().flat_map(|(plan, _)| &plan.columns) {
        match found.iter_mut().find(|(name, _)| *name == column.name) {
            Some((_, types)) if !types.contains(&column.ty) => types.push(column.ty),
            Some(_) => {}
            None => found.push((column.name.clone(), vec![column.ty])),
        }
    }
    let mut columns = Vec::new();
    let mut names = Names::default();
    for (name, types) in found {
        let mixed = types.len() > 1;
        for ty in types {
            let shown = names.make(&if mixed { format!("{name}_{ty}") } else { name.clone() });
            columns.push((Column::new(shown, ty), name.clone(), ty));
        }
    }
    columns
}

fn shared_columns(members: &[(Plan, String)]) -> Vec<UnionColumn> {
    let Some(((first, _), rest)) = members.split_first() else { return Vec::new() };
    let in_all = |column: &&Column| rest.iter().all(|(plan, _)| plan.columns.contains(column));
    first
        .columns
        .iter()
        .filter(in_all)
        .map(|column| (column.clone(), column.name.clone(), column.ty))
        .collect()
}
