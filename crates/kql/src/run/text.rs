//! `contains has startswith endswith matches regex =~` over columns (rule 10).

use std::rc::Rc;

use crate::ast::{TextOp, TextTest};
use crate::clock::Clock;
use crate::data::Data;
use crate::dynamic::Dynamic;
use crate::error::Outcome;
use crate::functions::{Arg, CallState, Listed};
use crate::pattern::Pattern;
use crate::plan::{Node, NodeKind, SharedTable};
use crate::terms::{Search, Terms};
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
        let sought = match &vectors[1] {
            Vector::Constant(Value::String(wanted)) => Some(Sought::new(op, wanted, &self.state)),
            _ => None,
        };
        if let (Vector::Data(data), Some(sought)) = (&vectors[0], &sought)
            && let Some(found) = self.in_each(sought, data)?
        {
            let found = found.into_iter().map(|found| u8::from(found != op.negated));
            return Ok(Vector::Data(Rc::new(Data::Bool(found.collect()))));
        }
        self.map(&vectors, &[left.ty, right.ty], Type::Bool, frame.rows, false, &|call, args| {
            let text = args[0].shown();
            let found = match &sought {
                Some(sought) => sought.is_in(&text, call.clock()),
                None => Sought::new(op, &args[1].shown(), call.state).is_in(&text, call.clock()),
            };
            Value::Bool(found != op.negated)
        })
    }

    /// Looks at each text of a column. Nothing where it costs less to find equal texts first: where there are more rows
    /// than texts.
    fn in_each(&self, sought: &Sought<'_>, data: &Data) -> Outcome<Option<Vec<bool>>> {
        let is_in = |text: &str| {
            self.work(text.len() / 4 + 1)?;
            let found = sought.is_in(text, &self.state.clock);
            self.finished().map(|()| found)
        };
        match data {
            Data::String(texts) if texts.len() < self.pool.len() => {
                texts.iter().map(|text| is_in(self.pool.get(*text))).collect::<Outcome<_>>().map(Some)
            }
            Data::Dynamic(values) => {
                // They are written into one place, one after the other.
                let mut text = String::new();
                let shown = values.iter().map(|value| {
                    text.clear();
                    // Nothing fails in writing to a string.
                    let _ = value.write_to(&mut text);
                    is_in(&text)
                });
                shown.collect::<Outcome<_>>().map(Some)
            }
            _ => Ok(None),
        }
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

/// What is looked for in texts, made ready once.
enum Sought<'w> {
    Text(Search<'w>),
    Pattern(Rc<Pattern>),
    /// A pattern that is none: no text fits it.
    Nothing,
}

impl<'w> Sought<'w> {
    fn new(op: TextOp, wanted: &'w str, state: &CallState) -> Sought<'w> {
        match op.test {
            TextTest::Regex => {
                state.patterns.get(wanted, &state.clock).map_or(Sought::Nothing, Sought::Pattern)
            }
            test => Sought::Text(Search::new(test, op.case, wanted)),
        }
    }

    /// Whether a text holds it; what was left off is not used.
    fn is_in(&self, text: &str, clock: &Clock) -> bool {
        match self {
            Sought::Text(search) => search.finds(text),
            Sought::Pattern(pattern) => pattern.is_match(text, clock).unwrap_or(false),
            Sought::Nothing => false,
        }
    }
}

/// The terms that a value lists.
fn terms_of(arg: Arg<'_>) -> Vec<String> {
    match arg {
        Arg::Dynamic(Dynamic::Array(items)) => items.iter().map(Dynamic::to_text).collect(),
        other => vec![other.shown().into_owned()],
    }
}
