//! Calls that answer several columns: an array of those that are sorted, a member of the bag of the dynamic form.

use crate::ast::{Argument, Expr, ExprKind, Name, Named, Pipeline, Source};
use crate::functions;
use crate::types::{Column, Type};
use crate::value::Value;

use super::naming::{Names, name_of, scalar};

/// The list with every sort of several arrays written out as one expression per array, and every call of several
/// columns as one per column.
pub(super) fn spread(list: &[Named], columns: &[Column]) -> Vec<Named> {
    let mut spread = Vec::new();
    let mut part_names = Names::default();
    for named in list {
        if let Some(parts) = of_call(named, columns, &mut part_names) {
            spread.extend(parts);
            continue;
        }
        let count = match &named.expr.kind {
            ExprKind::Call(name, arguments) if name.text.starts_with("array_sort_") => {
                let is_flag = |argument: &&Argument| {
                    matches!(
                        &argument.value.source,
                        Source::Expr(Expr { kind: ExprKind::Literal(Type::Bool, _), .. })
                    )
                };
                arguments.len() - arguments.iter().filter(is_flag).count()
            }
            _ => 1,
        };
        if count < 2 || named.names.len() == 1 {
            spread.push(named.clone());
            continue;
        }
        let mut own_names = Names::default();
        for index in 0..count {
            let span = named.expr.span;
            let array = match &named.expr.kind {
                ExprKind::Call(_, arguments) => arguments.get(index).and_then(scalar),
                _ => None,
            };
            let array =
                array.and_then(|expr| name_of(expr, columns)).unwrap_or_else(|| format!("array{index}"));
            let own = Name { text: own_names.make(&format!("{array}_sorted")), span };
            let name = named.names.get(index).cloned().unwrap_or(own);
            let place = Value::Long(i64::try_from(index).unwrap_or(0));
            let place = Expr::new(ExprKind::Literal(Type::Long, place), span);
            let kind = ExprKind::Index(Box::new(named.expr.clone()), Box::new(place));
            spread.push(Named { names: vec![name], expr: Expr::new(kind, span) });
        }
    }
    spread
}

/// The columns of such a call, one expression each; nothing for any other expression.
///
/// One name names the first, and the others are left out. Several name the first ones, the others have their own.
fn of_call(named: &Named, columns: &[Column], own_names: &mut Names) -> Option<Vec<Named>> {
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
