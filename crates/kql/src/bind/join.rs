//! `join` and `lookup`: keys, kinds, and the names of both sides' columns (rule 2).

use crate::ast::{BinaryOp, ChainOp, Expr, ExprKind, JoinClause, Name};
use crate::error::{Fault, Outcome, Span};
use crate::plan::{Join, JoinKind, Output, Plan, StepKind};
use crate::types::{Column, Type};

use super::Binder;
use super::naming::Names;
use super::project::unknown_column;
use super::scope::Scope;

fn join_kind(name: Option<&Name>) -> Outcome<JoinKind> {
    let Some(name) = name else { return Ok(JoinKind::InnerUnique) };
    Ok(match name.text.as_str() {
        "innerunique" => JoinKind::InnerUnique,
        "inner" => JoinKind::Inner,
        "leftouter" => JoinKind::LeftOuter,
        "rightouter" => JoinKind::RightOuter,
        "fullouter" => JoinKind::FullOuter,
        "leftsemi" => JoinKind::LeftSemi,
        "rightsemi" => JoinKind::RightSemi,
        "leftanti" | "leftantisemi" | "anti" => JoinKind::LeftAnti,
        "rightanti" | "rightantisemi" => JoinKind::RightAnti,
        other => {
            let message = format!(
                "'{other}' is not a kind of join; there are innerunique, inner, leftouter, rightouter, fullouter, \
                 leftsemi, rightsemi, leftanti and rightanti"
            );
            return Err(Fault::new(name.span, message));
        }
    })
}

impl Binder<'_> {
    pub(super) fn join(
        &mut self,
        left: Plan,
        clause: &JoinClause,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let kind = join_kind(clause.kind.as_ref())?;
        let right = self.table(&clause.right, scope)?;
        let keys = keys(&clause.on, &left.columns, &right.columns)?;
        let columns = match kind {
            JoinKind::LeftSemi | JoinKind::LeftAnti => left.columns.clone(),
            JoinKind::RightSemi | JoinKind::RightAnti => right.columns.clone(),
            _ => {
                let mut names = Names::of(left.columns.iter().map(|column| column.name.as_str()));
                let renamed = names.beside(right.columns.iter().map(|column| column.name.as_str()));
                let renamed = renamed.zip(&right.columns).map(|(name, column)| Column::new(name, column.ty));
                left.columns.iter().cloned().chain(renamed).collect()
            }
        };
        let left = Plan { serialized: false, ..left };
        Ok(left.then(StepKind::Join(Box::new(Join { kind, right, keys })), columns, span))
    }

    /// A join that does not repeat the keys of the right side.
    pub(super) fn lookup(
        &mut self,
        left: Plan,
        clause: &JoinClause,
        span: Span,
        scope: &Scope,
    ) -> Outcome<Plan> {
        let kind = match clause.kind.as_ref().map(|name| (name.text.as_str(), name.span)) {
            None | Some(("leftouter", _)) => JoinKind::LeftOuter,
            Some(("inner", _)) => JoinKind::Inner,
            Some((other, span)) => {
                let message = format!("'{other}' is not a kind of lookup; there are leftouter and inner");
                return Err(Fault::new(span, message));
            }
        };
        let right = self.table(&clause.right, scope)?;
        let keys = keys(&clause.on, &left.columns, &right.columns)?;
        let mut names = Names::of(left.columns.iter().map(|column| column.name.as_str()));
        let mut outputs: Vec<Output> = (0..left.columns.len()).map(Output::Keep).collect();
        let mut columns = left.columns.clone();
        let is_key = |index: usize| keys.iter().any(|(_, key)| *key == index);
        let kept: Vec<usize> = (0..right.columns.len()).filter(|index| !is_key(*index)).collect();
        let made = names.beside(kept.iter().map(|index| right.columns[*index].name.as_str()));
        for (name, index) in made.zip(&kept) {
            outputs.push(Output::Keep(left.columns.len() + index));
            columns.push(Column::new(name, right.columns[*index].ty));
        }
        let left = Plan { serialized: false, ..left };
        let joined = left.then(StepKind::Join(Box::new(Join { kind, right, keys })), Vec::new(), span);
        Ok(joined.then(StepKind::Compute(outputs), columns, span))
    }
}

/// The pairs of columns that `on` asks to be equal.
fn keys(on: &[Expr], left: &[Column], right: &[Column]) -> Outcome<Vec<(usize, usize)>> {
    let mut pairs = Vec::new();
    for condition in on {
        condition_keys(condition, left, right, &mut pairs)?;
    }
    Ok(pairs)
}

fn condition_keys(
    condition: &Expr,
    left: &[Column],
    right: &[Column],
    pairs: &mut Vec<(usize, usize)>,
) -> Outcome<()> {
    let span = condition.span;
    match &condition.kind {
        ExprKind::Parenthesised(inner) => condition_keys(inner, left, right, pairs),
        ExprKind::Chain(ChainOp::And, terms) => {
            terms.iter().try_for_each(|term| condition_keys(term, left, right, pairs))
        }
        ExprKind::Name(name) => {
            let pair = (find(left, name, span)?, find(right, name, span)?);
            let (a, b) = (left[pair.0].ty, right[pair.1].ty);
            if a != b {
                let message = format!("the column '{name}' is {a} on the left and {b} on the right");
                return Err(Fault::new(span, message));
            }
            push(pair, left, right, span, pairs)
        }
        ExprKind::Binary(BinaryOp::Equal, a, b) => {
            let (a_side, a_name) = side(a)?;
            let (b_side, b_name) = side(b)?;
            let pair = match (a_side, b_side) {
                ("$left", "$right") => (find(left, a_name, a.span)?, find(right, b_name, b.span)?),
                _ => {
                    return Err(Fault::new(
                        span,
                        "the condition must be $left.column == $right.column, in this order",
                    ));
                }
            };
            push(pair, left, right, span, pairs)
        }
        _ => Err(Fault::new(span, "expected a column of both sides, or $left.column == $right.column")),
    }
}

fn push(
    pair: (usize, usize),
    left: &[Column],
    right: &[Column],
    span: Span,
    pairs: &mut Vec<(usize, usize)>,
) -> Outcome<()> {
    let (a, b) = (left[pair.0].ty, right[pair.1].ty);
    if a == Type::Dynamic || b == Type::Dynamic {
        return Err(Fault::new(
            span,
            "join keys cannot be dynamic; convert them with tostring(…) or the like",
        ));
    }
    if a != b && !(a.is_integer() && b.is_integer()) {
        return Err(Fault::new(span, format!("the join keys have different types: {a} and {b}")));
    }
    pairs.push(pair);
    Ok(())
}

/// `$left.column` or `$right.column`.
fn side(expr: &Expr) -> Outcome<(&'static str, &str)> {
    if let ExprKind::Member(value, name) = &expr.kind {
        match &value.kind {
            ExprKind::Name(side) if side == "$left" => return Ok(("$left", &name.text)),
            ExprKind::Name(side) if side == "$right" => return Ok(("$right", &name.text)),
            _ => {}
        }
    }
    Err(Fault::new(expr.span, "expected $left.column or $right.column"))
}

fn find(columns: &[Column], name: &str, span: Span) -> Outcome<usize> {
    columns.iter().position(|column| column.name == name).ok_or_else(|| unknown_column(name, span, columns))
}
