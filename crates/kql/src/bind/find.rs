//! `find`: rows of many tables that pass a test, with the columns that the test names, those that all tables have,
//! and the rest packed (reference, `find` operator).

use crate::ast::{Expr, ExprKind, FindClause, Name, Pipeline, Source};
use crate::error::{Fault, Outcome, Span};
use crate::functions;
use crate::plan::{Node, Output, Plan, PlanSource, StepKind, UnionMember};
use crate::types::{Column, Type};
use crate::value::Value;

use super::scope::Scope;
use super::source::convert;
use super::union::is_free;
use super::{Binder, Row};

impl Binder<'_> {
    pub(super) fn find(
        &mut self,
        piped: Option<Plan>,
        clause: &FindClause,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let all = Expr::new(ExprKind::Name("*".to_owned()), span);
        let all = Pipeline { source: Source::Expr(all), operators: Vec::new(), span };
        let is_alone = piped.is_none() && clause.tables.is_empty();
        let tables = if is_alone { vec![all] } else { clause.tables.clone() };
        let members = self.union_members(piped, &tables, false, scope, "find")?;
        let mut used = Vec::new();
        names_in(&clause.predicate, &mut used);
        let exists = |name: &&Name| members.iter().any(|(plan, _)| has_column(plan, &name.text));
        used.retain(|name| exists(&name) || scope.find(&name.text).is_none());
        if let Some(unknown) = used.iter().find(|name| !exists(name)) {
            return Err(super::project::unknown_column(&unknown.text, unknown.span, columns_of(&members)));
        }
        let members: Vec<(Plan, String)> = members
            .into_iter()
            .filter(|(plan, _)| used.is_empty() || used.iter().any(|name| has_column(plan, &name.text)))
            .collect();
        let (source_name, source_span) =
            clause.source_column.as_ref().map_or(("source_", span), |name| (name.text.as_str(), name.span));
        let wanted = wanted_columns(clause, &used, &members)?;
        is_free(source_name, source_span, wanted.iter().map(|wanted| &wanted.shown))?;
        let packs = clause.packs
            || clause.columns.is_none()
                && members.iter().any(|(plan, _)| plan.columns.iter().any(|column| !holds(&wanted, column)));
        let mut columns = vec![Column::new(source_name, Type::String)];
        columns.extend(wanted.iter().map(|wanted| wanted.shown.clone()));
        if packs {
            columns.push(Column::new("pack_", Type::Dynamic));
        }
        let mut bound = Vec::new();
        for (plan, name) in members {
            let plan = self.found(plan, clause, &used, &wanted, packs, span, scope)?;
            let places = (0..wanted.len() + usize::from(packs)).map(Some).collect();
            bound.push(UnionMember { plan, columns: places, source_name: Some(name) });
        }
        Ok(Plan::new(PlanSource::Union(bound), columns, false))
    }

    /// The rows of one table that pass the test, as the wanted columns.
    #[expect(clippy::too_many_arguments, reason = "one table of one find")]
    fn found(
        &mut self,
        plan: Plan,
        clause: &FindClause,
        used: &[Name],
        wanted: &[Wanted],
        packs: bool,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let own = plan.columns.clone();
        // A column that this table lacks is null in the test.
        let mut visible = own.clone();
        let mut outputs: Vec<Output> = (0..own.len()).map(Output::Keep).collect();
        for name in used.iter().filter(|name| !has_column(&plan, &name.text)) {
            let ty = wanted
                .iter()
                .find(|wanted| wanted.own == name.text)
                .map_or(Type::String, |found| found.shown.ty);
            visible.push(Column::new(&name.text, ty));
            outputs.push(Output::Node(nothing(ty, span)));
        }
        let plan = plan.then(StepKind::Compute(outputs), visible.clone(), span);
        let row = Row { scope, columns: &visible, serialized: false };
        let test = self.condition(&clause.predicate, &row)?;
        let plan = plan.filtered(StepKind::Filter(test), span);
        let mut outputs = Vec::new();
        for wanted in wanted {
            let place = own.iter().position(|column| {
                column.name == wanted.own && (wanted.is_cast || column.ty == wanted.shown.ty)
            });
            outputs.push(Output::Node(match place {
                Some(place) => convert(Node::column(place, own[place].ty, span), wanted.shown.ty),
                None => nothing(wanted.shown.ty, span),
            }));
        }
        if packs {
            let packed = own.iter().enumerate().filter(|(_, column)| clause.packs || !holds(wanted, column));
            outputs.push(Output::Node(self.packed(packed, span)?));
        }
        Ok(plan.then(StepKind::Compute(outputs), Vec::new(), span))
    }

    fn packed<'a>(
        &mut self,
        columns: impl Iterator<Item = (usize, &'a Column)>,
        span: Span,
    ) -> Outcome<Node> {
        let mut nodes = Vec::new();
        for (place, column) in columns {
            nodes.push(Node::constant(Value::text(&column.name), Type::String, span));
            nodes.push(Node::column(place, column.ty, span));
        }
        match functions::find("bag_pack") {
            Some(function) if !nodes.is_empty() => self.build(function, nodes, None, span),
            _ => Ok(Node::constant(
                Value::dynamic(crate::dynamic::Dynamic::Bag([].into())),
                Type::Dynamic,
                span,
            )),
        }
    }
}

/// A column of the answer: how the tables name it, and how it is shown.
struct Wanted {
    own: String,
    shown: Column,
    /// Whether columns of another type are converted to this one.
    is_cast: bool,
}

fn holds(wanted: &[Wanted], column: &Column) -> bool {
    wanted.iter().any(|wanted| wanted.own == column.name && (wanted.is_cast || wanted.shown.ty == column.ty))
}

fn has_column(plan: &Plan, name: &str) -> bool {
    plan.columns.iter().any(|column| column.name == name)
}

fn nothing(ty: Type, span: Span) -> Node {
    let value = if ty == Type::String { Value::text("") } else { Value::Null };
    Node::constant(value, ty, span)
}

/// The columns of all members.
fn columns_of(members: &[(Plan, String)]) -> impl Iterator<Item = &Column> {
    members.iter().flat_map(|(plan, _)| &plan.columns)
}

fn wanted_columns(clause: &FindClause, used: &[Name], members: &[(Plan, String)]) -> Outcome<Vec<Wanted>> {
    let types = |name: &str| {
        let mut types: Vec<Type> = Vec::new();
        for column in columns_of(members).filter(|column| column.name == name) {
            if !types.contains(&column.ty) {
                types.push(column.ty);
            }
        }
        types
    };
    let mut wanted: Vec<Wanted> = Vec::new();
    if let Some(columns) = &clause.columns {
        for (name, ty) in columns {
            let ty = match (ty, types(&name.text).as_slice()) {
                (Some(ty), _) | (None, [ty]) => *ty,
                (None, []) => {
                    return Err(super::project::unknown_column(&name.text, name.span, columns_of(members)));
                }
                (None, _) => {
                    let message = format!("'{0}' has several types: write {0}: type", name.text);
                    return Err(Fault::new(name.span, message));
                }
            };
            let shown = Column::new(&name.text, ty);
            wanted.push(Wanted { own: name.text.clone(), shown, is_cast: true });
        }
        return Ok(wanted);
    }
    let mut names: Vec<&str> = Vec::new();
    for name in used {
        if !names.contains(&name.text.as_str()) {
            names.push(&name.text);
        }
    }
    if let Some(((first, _), rest)) = members.split_first() {
        for column in &first.columns {
            let is_common = rest.iter().all(|(plan, _)| plan.columns.contains(column));
            if is_common && !names.contains(&column.name.as_str()) {
                names.push(&column.name);
            }
        }
    }
    for name in names {
        let types = types(name);
        for ty in &types {
            let shown = if types.len() > 1 { format!("{name}_{ty}") } else { name.to_owned() };
            wanted.push(Wanted { own: name.to_owned(), shown: Column::new(shown, *ty), is_cast: false });
        }
    }
    Ok(wanted)
}

/// The names that a test mentions, in their order.
fn names_in(expr: &Expr, found: &mut Vec<Name>) {
    match &expr.kind {
        ExprKind::Name(name) => found.push(Name { text: name.clone(), span: expr.span }),
        ExprKind::Member(value, _)
        | ExprKind::Negate(value)
        | ExprKind::Plus(value)
        | ExprKind::Parenthesised(value) => names_in(value, found),
        ExprKind::Index(a, b) | ExprKind::Binary(_, a, b) => {
            names_in(a, found);
            names_in(b, found);
        }
        ExprKind::Call(_, arguments) => {
            for argument in arguments {
                if let (Source::Expr(inner), []) =
                    (&argument.value.source, argument.value.operators.as_slice())
                {
                    names_in(inner, found);
                }
            }
        }
        ExprKind::Chain(_, terms) => terms.iter().for_each(|term| names_in(term, found)),
        ExprKind::In { value, list, .. } | ExprKind::HasMany { value, list, .. } => {
            names_in(value, found);
            for item in list {
                if let (Source::Expr(inner), []) = (&item.source, item.operators.as_slice()) {
                    names_in(inner, found);
                }
            }
        }
        ExprKind::Between { value, low, high, .. } => {
            [value, low, high].into_iter().for_each(|part| names_in(part, found));
        }
        ExprKind::Literal(..) | ExprKind::TypeOf(_) | ExprKind::Star | ExprKind::Query(_) => {}
    }
}
