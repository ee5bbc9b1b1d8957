//! Expressions that answer several columns, written out as one expression for each.

use crate::ast::{Argument, Expr, ExprKind, Name, Named, Pipeline, Source};
use crate::error::{Fault, Outcome};
use crate::functions;
use crate::types::{Column, Type};
use crate::value::Value;

use super::naming::{name_of, scalar};

/// What becomes of the columns that get no name where others get one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Rest {
    /// `project` and `summarize` have them under their own names.
    Kept,
    /// `extend` and `print` leave them out (reference, `series_fit_line`).
    LeftOut,
}

/// The list with every such expression written out. Names that the query gives go to the first columns.
pub(super) fn spread(list: &[Named], columns: &[Column], rest: Rest) -> Outcome<Vec<Named>> {
    let mut spread = Vec::new();
    for named in list {
        let parts = match named.names.len() {
            1 if rest == Rest::LeftOut || is_sort(&named.expr) => Vec::new(),
            _ => parts(&named.expr, columns),
        };
        if parts.is_empty() {
            spread.push(named.clone());
            continue;
        }
        if let Some(name) = named.names.get(parts.len()) {
            let message = format!("this expression has {} values", parts.len());
            return Err(Fault::new(name.span, message));
        }
        let is_whole = named.names.is_empty() || rest == Rest::Kept;
        let count = if is_whole { parts.len() } else { named.names.len() };
        for (index, (made, expr)) in parts.into_iter().take(count).enumerate() {
            let names = named.names.get(index).cloned().into_iter().collect();
            spread.push(Named { names, made: Some(made), expr });
        }
    }
    Ok(spread)
}

/// Whether it sorts arrays. With one name it is one value.
fn is_sort(expr: &Expr) -> bool {
    matches!(&expr.kind, ExprKind::Call(function, _) if function.text.starts_with("array_sort_"))
}

/// The columns of an expression that answers several, with the names that they take by themselves.
fn parts(expr: &Expr, columns: &[Column]) -> Vec<(String, Expr)> {
    let ExprKind::Call(function, arguments) = &expr.kind else { return Vec::new() };
    let first = || arguments.first().and_then(scalar).and_then(|expr| name_of(expr, columns));
    if let Some(members) = functions::columns_of(&function.text) {
        let own = format!("{}_{}", function.text, first().unwrap_or_default());
        let bag = Name { text: format!("{}_dynamic", function.text), span: function.span };
        let bag = Expr::new(ExprKind::Call(bag, arguments.clone()), expr.span);
        return members.iter().map(|(name, ty)| (format!("{own}_{name}"), member(&bag, name, *ty))).collect();
    }
    if !is_sort(expr) {
        return Vec::new();
    }
    let is_array = |argument: &&Argument| {
        let source = &argument.value.source;
        !matches!(source, Source::Expr(Expr { kind: ExprKind::Literal(Type::Bool, _), .. }))
    };
    let arrays: Vec<&Argument> = arguments.iter().filter(is_array).collect();
    if arrays.len() < 2 {
        return Vec::new();
    }
    let sorted = |(index, array): (usize, &&Argument)| {
        let array = scalar(array).and_then(|array| name_of(array, columns));
        let array = array.unwrap_or_else(|| format!("array{index}"));
        let place = Value::Long(i64::try_from(index).unwrap_or(0));
        let place = Expr::new(ExprKind::Literal(Type::Long, place), expr.span);
        let kind = ExprKind::Index(Box::new(expr.clone()), Box::new(place));
        (format!("{array}_sorted"), Expr::new(kind, expr.span))
    };
    arrays.iter().enumerate().map(sorted).collect()
}

/// One member of a bag, as a value of that type.
fn member(bag: &Expr, name: &str, ty: Type) -> Expr {
    let span = bag.span;
    let name = Name { text: name.to_owned(), span };
    let value = Expr::new(ExprKind::Member(Box::new(bag.clone()), name), span);
    let conversion = match ty {
        Type::Real => "toreal",
        Type::Long => "tolong",
        _ => return value,
    };
    let value = Pipeline { source: Source::Expr(value), operators: Vec::new(), span };
    let conversion = Name { text: conversion.to_owned(), span };
    Expr::new(ExprKind::Call(conversion, vec![Argument { name: None, value }]), span)
}
