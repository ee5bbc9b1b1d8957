//! The names of result columns, as the language's analyser gives them (rules 7 and 8).

use std::collections::HashSet;

use crate::ast::{Expr, ExprKind, Source};
use crate::error::{Fault, Outcome, Span};
use crate::functions::{self, Naming};
use crate::types::{Column, Type};
use crate::value::Value;

/// The name that a column takes from its expression over those columns, if it takes one.
pub(super) fn name_of(expr: &Expr, columns: &[Column]) -> Option<String> {
    match &expr.kind {
        ExprKind::Name(name) => Some(name.clone()),
        ExprKind::Parenthesised(inner) => name_of(inner, columns),
        ExprKind::Member(value, name) => Some(format!("{}_{}", name_of(value, columns)?, name.text)),
        ExprKind::Index(value, index) => {
            let value = name_of(value, columns)?;
            Some(match &index.kind {
                ExprKind::Literal(_, Value::String(text)) => format!("{value}_{text}"),
                ExprKind::Literal(Type::Long, Value::Long(number)) if *number >= 0 => {
                    format!("{value}_{number}")
                }
                _ => format!("{value}_"),
            })
        }
        ExprKind::Call(name, arguments) => {
            let first = arguments.first().and_then(|argument| match &argument.value.source {
                Source::Expr(expr) if argument.value.operators.is_empty() => Some(expr),
                _ => None,
            });
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
                other => match super::special::naming(other) {
                    Some(naming) => naming,
                    None => match super::aggregate::naming(other) {
                        Some(naming) => naming,
                        None => functions::find(other).map_or(Naming::None, |function| function.naming),
                    },
                },
            };
            let first = || first.and_then(|first| name_of(first, columns)).unwrap_or_default();
            match naming {
                Naming::None => None,
                Naming::First => Some(first()).filter(|name| !name.is_empty()),
                Naming::Prefix(prefix) => Some(format!("{prefix}_{}", first())),
                Naming::Suffix(suffix) => Some(format!("{}_{suffix}", first())),
                Naming::Fixed(name) => Some(name.to_owned()),
            }
        }
        _ => None,
    }
}

/// The names of one list of columns: given names must differ, made ones get a number when they are taken.
#[derive(Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    given: HashSet<String>,
    unnamed: usize,
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

    /// `Column1`, `Column2` …
    pub(super) fn next_unnamed(&mut self) -> String {
        self.unnamed += 1;
        let name = format!("Column{}", self.unnamed);
        self.make(&name)
    }
}
