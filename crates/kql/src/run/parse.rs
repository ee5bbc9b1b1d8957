//! `parse` and `parse-where`: a pattern of texts and columns over a string.

use std::rc::Rc;

use crate::ast::ParseMode;
use crate::convert::convert_arg;
use crate::data::Data;
use crate::error::{Fault, Outcome};
use crate::functions::Arg;
use crate::pattern::{Match, Pattern};
use crate::plan::{Parse, PlanParseStep};
use crate::types::Type;
use crate::value::Value;

use super::env::Env;
use super::eval::TICK_ROWS;
use super::frame::{Frame, Lazy};

impl Env<'_> {
    pub(super) fn parse(&mut self, frame: Frame, parse: &Parse) -> Outcome<Frame> {
        let pattern = pattern(parse);
        let regex = Pattern::new(&pattern).map_err(|message| {
            Fault::new(parse.source.span, format!("the pattern cannot be used: {message}"))
        })?;
        let source = self.column(&parse.source, &frame)?;
        let Data::String(ids) = &*source else { return Ok(frame) };
        let mut columns: Vec<Data> =
            parse.targets.iter().map(|(_, ty)| Data::with_capacity(*ty, frame.rows)).collect();
        let mut kept = Vec::new();
        for (row, id) in (0_u32..).zip(ids) {
            if (row as usize).is_multiple_of(TICK_ROWS) {
                self.charge(0)?;
            }
            let found = {
                let text = self.pool.get(*id);
                self.work(text.len() / 8)?;
                let found = regex.captures(text, &self.state.clock).unwrap_or_default();
                found.and_then(|found| values(&found, parse))
            };
            self.finished()?;
            if parse.drop_others && found.is_none() {
                continue;
            }
            kept.push(row);
            for (index, data) in columns.iter_mut().enumerate() {
                match &found {
                    Some(values) => data.push(&values[index], &mut self.pool),
                    None => data.push_nothing(),
                }
            }
        }
        let frame = if parse.drop_others { frame.select(kept) } else { frame };
        let mut result = frame.columns;
        for ((target, _), data) in parse.targets.iter().zip(columns) {
            let column = Lazy::of(Rc::new(data));
            match result.get_mut(*target) {
                Some(place) => *place = column,
                None => result.push(column),
            }
        }
        Ok(Frame { rows: frame.rows, columns: result })
    }
}

/// The values of the targets; nothing when one of them does not fit its type.
fn values(found: &Match<'_>, parse: &Parse) -> Option<Vec<Value>> {
    let mut values = Vec::new();
    for (index, (_, ty)) in parse.targets.iter().enumerate() {
        let text = found.named(&format!("c{index}")).unwrap_or_default();
        let value = convert_arg(Arg::Text(text), *ty);
        let fits = !value.is_null() || parse.mode != ParseMode::Simple;
        if !fits {
            return None;
        }
        values.push(value);
    }
    Some(values)
}

/// The pattern as a regular expression: over the whole string, or, when it is one already, from its start.
fn pattern(parse: &Parse) -> String {
    let is_regex = matches!(parse.mode, ParseMode::Regex(_));
    let mut pattern = prefix(parse.mode);
    for (place, step) in parse.steps.iter().enumerate() {
        match step {
            PlanParseStep::Skip => pattern.push_str(".*?"),
            PlanParseStep::Text(text) if is_regex => pattern.push_str(&format!("(?:{text})")),
            PlanParseStep::Text(text) => pattern.push_str(&crate::pattern::quoted(text)),
            PlanParseStep::Column(index) => {
                let ty = parse.targets[*index].1;
                let skips = matches!(parse.steps.get(place + 1), Some(PlanParseStep::Skip));
                pattern.push_str(&match (parse.mode, shape(ty, is_regex)) {
                    (ParseMode::Regex(_), shape) => format!("(?P<c{index}>{})", shape.unwrap_or(".*")),
                    // What does not look like the type is passed over, and the column is null.
                    (ParseMode::Relaxed, Some(shape)) if skips => format!("(?:(?P<c{index}>{shape})|.*?)"),
                    (ParseMode::Simple, Some(shape)) if skips => format!("(?P<c{index}>{shape})"),
                    // The next text, or the end, says where the column ends.
                    _ => format!("(?P<c{index}>.*?)"),
                });
            }
        }
    }
    if !is_regex {
        pattern.push('$');
    }
    pattern
}

/// What a value of the type looks like, where nothing else says how far it reaches.
fn shape(ty: Type, is_regex: bool) -> Option<&'static str> {
    Some(match ty {
        Type::Int | Type::Long => r"\s*[-+]?\d+",
        Type::Real | Type::Decimal if is_regex => r"\s*[-+]?\d+(?:\.\d+)?",
        Type::Real | Type::Decimal => r"\s*[-+]?(?:\d+\.?\d*|\.\d+)",
        Type::Bool if is_regex => r"\s*(?i:true|false)",
        Type::Bool => r"\s*(?i:true|false|[-+]?\d+)",
        Type::Guid => r"\s*\{?[0-9a-fA-F]{8}(?:-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}\}?",
        Type::DateTime => {
            r"\s*(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}/\d{1,2}/\d{1,4})(?:[Tt ]\s*\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d*)?)?)?(?:[Zz]|[-+]\d{1,2}(?::\d{1,2})?)?"
        }
        Type::Timespan => r"\s*-?(?:\d+\.)?\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.\d+)?)?",
        Type::String | Type::Dynamic => return None,
    })
}

fn prefix(mode: ParseMode) -> String {
    let ParseMode::Regex(flags) = mode else { return "(?s)^".to_owned() };
    let letters =
        [(flags.ignore_case, 'i'), (flags.multi_line, 'm'), (flags.dot_all, 's'), (flags.ungreedy, 'U')];
    let letters: String = letters.into_iter().filter(|(set, _)| *set).map(|(_, letter)| letter).collect();
    if letters.is_empty() { "^".to_owned() } else { format!("(?{letters})^") }
}
