//! `contains has startswith endswith matches regex =~` over columns (rule 10).

use crate::ast::{TextOp, TextTest};
use crate::dynamic::Dynamic;
use crate::error::Outcome;
use crate::functions::Arg;
use crate::plan::{Node, SharedTable};
use crate::types::Type;
use crate::value::Value;

use super::env::Env;
use super::eval::Vector;
use super::frame::Frame;
use super::terms::Terms;

impl Env<'_> {
    pub(super) fn text(&mut self, op: TextOp, left: &Node, right: &Node, frame: &Frame) -> Outcome<Vector> {
        let vectors = [self.eval(left, frame)?, self.eval(right, frame)?];
        let types = [left.ty, right.ty];
        self.map(&vectors, &types, Type::Bool, frame.rows, false, &move |call, args| {
            let (text, wanted) = (args[0].shown(), args[1].shown());
            let found = match op.test {
                TextTest::Regex => {
                    let pattern = call.pattern(&wanted);
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
            let data = rows.data(0);
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

/// One test on a text.
pub(super) fn text_test(test: TextTest, case: bool, text: &str, wanted: &str) -> bool {
    if case {
        return test_exactly(test, text, wanted);
    }
    if text.is_ascii() && wanted.is_ascii() {
        return test_exactly(test, &text.to_ascii_lowercase(), &wanted.to_ascii_lowercase());
    }
    test_exactly(test, &text.to_lowercase(), &wanted.to_lowercase())
}

fn test_exactly(test: TextTest, text: &str, wanted: &str) -> bool {
    match test {
        TextTest::Equals => text == wanted,
        TextTest::Contains | TextTest::Regex => text.contains(wanted),
        TextTest::StartsWith => text.starts_with(wanted),
        TextTest::EndsWith => text.ends_with(wanted),
        TextTest::Has => at_borders(text, wanted, true, true),
        TextTest::HasPrefix => at_borders(text, wanted, true, false),
        TextTest::HasSuffix => at_borders(text, wanted, false, true),
    }
}

/// Whether the text holds the wanted one with the border of a term before it, after it, or both.
pub(crate) fn at_borders(text: &str, wanted: &str, before: bool, after: bool) -> bool {
    if wanted.is_empty() {
        return true;
    }
    let in_term = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let (first, last) = (wanted.chars().next(), wanted.chars().next_back());
    text.match_indices(wanted).any(|(at, _)| {
        let left = text[..at].chars().next_back();
        let right = text[at + wanted.len()..].chars().next();
        let open_left = !before || !in_term(left) || !in_term(first);
        let open_right = !after || !in_term(right) || !in_term(last);
        open_left && open_right
    })
}

/// `text has term`, without case.
pub(crate) fn text_has(text: &str, term: &str) -> bool {
    text_test(TextTest::Has, false, text, term)
}
