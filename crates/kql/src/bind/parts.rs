//! Calls that answer several columns: each is a member of the bag that the dynamic form of the function answers.

use crate::ast::{Argument, Expr, ExprKind, Name, Named, Pipeline, Source};
use crate::functions;
use crate::types::{Column, Type};

use super::naming::{Names, name_of};

/// The columns of such a call, one expression each; nothing for any other expression.
///
/// One name names the first, and the others are left out. Several name the first ones, the others have their own.
pub(super) fn of_call(named: &Named, columns: &[Column], own_names: &mut Names) -> Option<Vec<Named>> {
    let ExprKind::Call(function, arguments) = &named.expr.kind else { return None };
    let members = functions::columns_of(&function.text)?;
    let span = named.expr.span;
    let series = match arguments.first().map(|argument| &argument.value.source) {
        Some(Source::Expr(expr)) => name_of(expr, columns).unwrap_or_default(),
        _ => String::new(),
    };
    let dynamic = Name { text: format!("{}_dynamic", function.text), span: function.span };
    let bag = Expr::new(ExprKind::Call(dynamic, arguments.clone()), span);
    let wanted = if named.names.len() == 1 { 1 } else { members.len().max(named.names.len()) };
    let part = |index: usize| {
        // A name too many stays with the call, which is refused for it.
        let Some((member, ty)) = members.get(index) else { return named.clone() };
        let own = format!("{}_{series}_{member}", function.text);
        let name = named.names.get(index).cloned();
        let name = name.unwrap_or_else(|| Name { text: own_names.make(&own), span });
        let member = Name { text: (*member).to_owned(), span };
        let value = Expr::new(ExprKind::Member(Box::new(bag.clone()), member), span);
        Named { names: vec![name], expr: converted(value, *ty) }
    };
    Some((0..wanted).map(part).collect())
}

fn converted(value: Expr, ty: Type) -> Expr {
    let function = match ty {
        Type::Long => "tolong",
        Type::Real => "toreal",
        _ => return value,
    };
    let span = value.span;
    let pipeline = Pipeline { source: Source::Expr(value), operators: Vec::new(), span };
    let name = Name { text: function.to_owned(), span };
    Expr::new(ExprKind::Call(name, vec![Argument { name: None, value: pipeline }]), span)
}
