//! `contains has startswith endswith matches regex =~` over columns (rule 10).

use crate::ast::{TextOp, TextTest};
use crate::dynamic::Dynamic;
use crate::error::Outcome;
use crate::functions::{Arg, Listed};
use crate::plan::{Node, NodeKind, SharedTable};
use crate::terms::{Terms, text_test};
use crate::types::Type;
use crate::value::Value;

use super::env::Env;
use super::eval::Vector;
use super::frame::Frame;

impl Env<'_> {
    pub(super) fn text(&mut self, op: TextOp, left: &Node, right: &Node, frame: &Frame) -> Outcome<Vector> {
        // What is only searched needs no number in the pool.
        let left = match &left.kind {
            NodeKind::Call(function, nodes)
                if function.listed == Some(Listed::Text) && matches!(nodes[0].kind, NodeKind::Column(_)) =>
            {
                &nodes[0]
            }
            _ => left,
        };
        let vectors = [self.eval(left, frame)?, self.eval(right, frame)?];
        let types = [left.ty, right.ty];
        let fixed = match &vectors[1] {
            Vector::Constant(Value::String(pattern)) if op.test == TextTest::Regex => {
                self.state.patterns.get(pattern, &self.state.clock)
            }
            _ => None,
        };
        self.map(&vectors, &types, Type::Bool, frame.rows, false, &move |call, args| {
            let (text, wanted) = (args[0].shown(), args[1].shown());
            let found = match op.test {
                TextTest::Regex => {
                    let pattern = fixed.clone().or_else(|| call.pattern(&wanted));
                    pattern.is_some_and(|pattern| pattern.is_match(&text, call.clock()).unwrap_or(false))
                }
                test => text_test(test, op.case, &text, &wanted),
            };
            Value::Bool(found != op.negated)
        })
    }

    pub(super) fn has_many(
        &mut self,
        all: bool,
        value: &Node,
        list: &[Node],
        table: Option<&SharedTable>,
        frame: &Frame,
    ) -> Outcome<Vector> {
        let mut vectors = vec![self.eval(value, frame)?];
        let mut types = vec![value.ty];
        let mut fixed = Vec::new();
        if let Some(table) = table {
            let rows = self.shared_table(table)?;
            let data = rows.data(0, &self.pool);
            let ty = table.plan.columns[0].ty;
            for row in 0..rows.rows {
                fixed.push(data.arg(ty, row, &self.pool).shown().into_owned());
            }
        }
        for node in list {
            if node.is_constant() {
                let value = self.constant(node, frame)?;
                fixed.extend(terms_of(Arg::of(&value)));
            } else {
                vectors.push(self.eval(node, frame)?);
                types.push(node.ty);
            }
        }
        let fixed = Terms::new(fixed);
        self.map(&vectors, &types, Type::Bool, frame.rows, false, &|call, args| {
            let text = args[0].shown().to_lowercase();
            let changing = || Terms::new(args[1..].iter().flat_map(|arg| terms_of(*arg)).collect());
            let clock = call.clock();
            let test = |terms: &Terms| {
                if all { terms.are_all_in(&text, clock) } else { terms.is_any_in(&text, clock) }
            };
            // What was left off is not used.
            let found = test(&fixed).unwrap_or(false);
            let decided = args.len() == 1 || found != all;
            Value::Bool(if decided { found } else { test(&changing()).unwrap_or(false) })
        })
    }
}

/// The terms that a value lists.
fn terms_of(arg: Arg<'_>) -> Vec<String> {
    match arg {
        Arg::Dynamic(Dynamic::Array(items)) => items.iter().map(Dynamic::to_text).collect(),
        other => vec![other.shown().into_owned()],
    }
}
