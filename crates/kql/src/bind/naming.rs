//! The names of result columns, as the language's analyser gives them (rules 7 and 8).

use std::collections::HashSet;

use crate::aggregates;
use crate::ast::{Argument, Expr, ExprKind, Source};
use crate::error::{Fault, Outcome, Span};
use crate::functions::{self, Naming};
use crate::types::{Column, Type};
use crate::value::Value;

/// The name that a column takes from its expression over those columns, if it takes one.
pub(super) fn name_of(expr: &Expr, columns: &[Column]) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Parenthesised(inner) => name_of(inner, columns),
        ExprKind::Member(value, name) => Some(below(name_of(value, columns), &name.text)),
        ExprKind::Index(value, index) => {
            let value = name_of(value, columns);
            match &index.kind {
                ExprKind::Literal(_, Value::String(text)) => Some(below(value, text)),
                ExprKind::Literal(Type::Long, Value::Long(number)) if *number >= 0 => {
                    Some(below(value, &number.to_string()))
                }
                _ => Some(below(Some(value?), "")),
            }
        }
        ExprKind::Call(name, arguments) => {
            let first = arguments.first().and_then(scalar);
            let naming = match name.text.as_str() {
                "columnifexists" | "column_ifexists" => {
                    return match &first?.kind {
                        ExprKind::Literal(_, Value::String(text)) => columns
                            .iter()
                            .find(|column| *column.name == **text)
                            .map(|column| column.name.clone()),
                        _ => None,
                    };
                }
                // Of one argument it is a conversion.
                "make_datetime" | "make_timespan" if arguments.len() == 1 => Naming::First,
                other => match super::special::naming(other) {
                    Some(naming) => naming,
                    None => match aggregates::find(other) {
                        Some(called) => called.aggregate.naming,
                        None => functions::find(other).map_or(Naming::None, |function| function.naming),
                    },
                },
            };
            let named = arguments.first().and_then(|argument| argument.name.as_ref());
            let first = || match (named, first) {
                // A name that the query gives to an argument only names.
                (Some(name), _) => name.text.clone(),
                (None, Some(first)) => name_of(first, columns).unwrap_or_default(),
                (None, None) => String::new(),
            };
            match naming {
                Naming::None => None,
                Naming::First => Some(first()).filter(|name| !name.is_empty()),
                Naming::Own => Some(format!("{}_{}", name.text, first())),
                Naming::Prefix(prefix) => Some(format!("{prefix}_{}", first())),
                Naming::Suffix(suffix) => Some(format!("{}_{suffix}", first())),
                Naming::Fixed(name) => Some(name.to_owned()),
            }
        }
        _ => None,
    }
}

/// Whether the expression is a name and nothing else.
pub(super) fn is_plain(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Name(_) => true,
        ExprKind::Parenthesised(inner) => is_plain(inner),
        _ => false,
    }
}

/// The argument as an expression, if it is no table.
pub(super) fn scalar(argument: &Argument) -> Option<&Expr> {
    match &argument.value.source {
        Source::Expr(expr) if argument.value.operators.is_empty() => Some(expr),
        _ => None,
    }
}

/// The name of a member: behind that of the value, if the value has one.
fn below(value: Option<String>, member: &str) -> String {
    value.map_or_else(|| member.to_owned(), |value| format!("{value}_{member}"))
}

/// The names of one list of columns: given names must differ, made ones get a number when they are taken.
#[derive(Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    given: HashSet<String>,
}

impl Names {
    pub(super) fn of<'a>(names: impl IntoIterator<Item = &'a str>) -> Names {
        let taken = names.into_iter().map(str::to_owned).collect();
        Names { taken, ..Names::default() }
    }

    /// A name that the query writes itself; refused when this list has it already, and numbered when an expression
    /// took it before.
    pub(super) fn give(&mut self, name: &str, span: Span) -> Outcome<String> {
        if !self.given.insert(name.to_owned()) {
            return Err(Fault::new(span, format!("a column with the name '{name}' is already declared")));
        }
        Ok(self.make(name))
    }

    /// A name that was made from an expression: the first free of `name`, `name1`, `name2` …
    pub(super) fn make(&mut self, name: &str) -> String {
        let mut candidate = name.to_owned();
        let mut number = 1;
        while !self.taken.insert(candidate.clone()) {
            candidate = format!("{name}{number}");
            number += 1;
        }
        candidate
    }

    /// The names of the right side of a join: a name that the left side has gets the first suffix that is free on
    /// both sides.
    pub(super) fn beside<'a>(
        &mut self,
        right: impl IntoIterator<Item = &'a str>,
    ) -> impl Iterator<Item = String> {
        let right: Vec<&str> = right.into_iter().collect();
        let clashes = |name: &&&str| self.taken.contains(**name);
        let (clashing, free): (Vec<&str>, Vec<&str>) = right.iter().partition(|name| clashes(name));
        self.taken.extend(free.into_iter().map(str::to_owned));
        let mut made = Vec::new();
        for name in right {
            made.push(if clashing.contains(&name) { self.make(name) } else { name.to_owned() });
        }
        made.into_iter()
    }

    /// `Column1`, `Column2` …: the numbers run through the whole query, so two operators never make the same name.
    pub(super) fn next_unnamed(&mut self, unnamed: &mut usize) -> String {
        *unnamed += 1;
        self.make(&format!("Column{unnamed}"))
    }

    /// The same beside columns that stay: their numbers are passed over.
    pub(super) fn next_unnamed_beside(&mut self, unnamed: &mut usize, columns: &[Column]) -> String {
        while columns.iter().any(|column| column.name == format!("Column{}", *unnamed + 1)) {
            *unnamed += 1;
        }
        self.next_unnamed(unnamed)
    }
}
