//! `parse-kv`: the values of keys in a text.

use std::borrow::Cow;
use std::rc::Rc;

use crate::ast::KeyValueFormat;
use crate::convert::convert_arg;
use crate::data::Data;
use crate::dynamic::Dynamic;
use crate::error::{Fault, Outcome};
use crate::functions::Arg;
use crate::pattern::{Pattern, Place};
use crate::plan::KeyValues;
use crate::types::Type;
use crate::value::Value;

use super::env::Env;
use super::frame::{Frame, Lazy};

impl Env<'_> {
    pub(super) fn key_values(&mut self, frame: Frame, step: &KeyValues) -> Outcome<Frame> {
        let source = self.column(&step.source, &frame)?;
        let Data::String(ids) = &*source else { return Ok(frame) };
        let regex = match &step.format {
            KeyValueFormat::Regex(pattern, place) => {
                Some(Pattern::new(pattern).map_err(|message| Fault::new(*place, message))?)
            }
            KeyValueFormat::Delimited { .. } => None,
        };
        let mut columns: Vec<Data> =
            step.keys.iter().map(|(_, ty)| Data::with_capacity(*ty, frame.rows)).collect();
        let mut work = 0;
        for id in ids {
            let mut found: Vec<Option<Value>> = vec![None; step.keys.len()];
            let text = self.pool.get(*id);
            // The clock is looked at by the length of the texts, not by their number.
            work += 64 + text.len();
            if work > 1 << 18 {
                self.tick()?;
                work = 0;
            }
            let mut keep = |key: &str, value: &str| {
                if let Some(place) = step.keys.iter().position(|(known, _)| known == key)
                    && found[place].is_none()
                {
                    found[place] = Some(typed(value, step.keys[place].1));
                }
            };
            match (&step.format, &regex) {
                (_, Some(regex)) => {
                    let mut place = Place::default();
                    let clock = &self.state.clock;
                    while let Some(found) = regex.captures_next(text, &mut place, clock).unwrap_or_default() {
                        if let (Some(key), Some(value)) = (found.group(1), found.group(2)) {
                            keep(key.trim(), value.trim());
                        }
                    }
                    self.finished()?;
                }
                (KeyValueFormat::Delimited { delimiters, quotes, escapes, greedy }, None) => {
                    let quoting = Quoting { quotes, escapes };
                    match delimiters {
                        Some((pair, key_value)) => {
                            Delimited { text, pair, key_value, greedy: *greedy, quoting }.pairs(&mut keep);
                        }
                        None => {
                            let names = |token: &str| step.keys.iter().any(|(known, _)| known == token);
                            quoting.words(text, &names, &mut keep);
                        }
                    }
                }
                (KeyValueFormat::Regex(..), None) => {}
            }
            for (value, data) in found.into_iter().zip(&mut columns) {
                match value {
                    Some(value) => data.push(&value, &mut self.pool),
                    None => data.push_nothing(),
                }
            }
        }
        self.charge(frame.rows * columns.len() * 8)?;
        let mut all = frame.columns;
        all.extend(columns.into_iter().map(|data| Lazy::of(Rc::new(data))));
        Ok(Frame { rows: frame.rows, columns: all })
    }
}

fn typed(text: &str, ty: Type) -> Value {
    match ty {
        Type::Dynamic => Value::dynamic(Dynamic::parse(text)),
        ty => convert_arg(Arg::Text(text), ty),
    }
}

/// What may stand around keys and values.
#[derive(Clone, Copy)]
struct Quoting<'a> {
    quotes: &'a [(char, char)],
    escapes: &'a [char],
}

impl Quoting<'_> {
    /// The quoted text that begins here, without quotes and escapes, and how many bytes it takes.
    fn quoted<'t>(&self, text: &'t str) -> Option<(Cow<'t, str>, usize)> {
        let first = text.chars().next()?;
        let (_, close) = *self.quotes.iter().find(|(open, _)| *open == first)?;
        let start = first.len_utf8();
        let mut plain = String::new();
        let mut is_escaped = false;
        for (place, letter) in text[start..].char_indices() {
            let end = start + place;
            if is_escaped {
                plain.push(letter);
                is_escaped = false;
            } else if self.escapes.contains(&letter) {
                is_escaped = true;
            } else if letter == close {
                return Some((Cow::Owned(plain), end + letter.len_utf8()));
            } else {
                plain.push(letter);
            }
        }
        Some((Cow::Owned(plain), text.len()))
    }

    /// Without delimiters: words of letters and digits; behind a wanted key stands its value.
    fn words(&self, text: &str, is_key: &dyn Fn(&str) -> bool, keep: &mut dyn FnMut(&str, &str)) {
        let mut key: Option<Cow<'_, str>> = None;
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let (word, length) = match self.quoted(rest) {
                Some(quoted) => quoted,
                None => {
                    let end = rest.find(|letter: char| !letter.is_alphanumeric()).unwrap_or(rest.len());
                    if end == 0 {
                        at += rest.chars().next().map_or(1, char::len_utf8);
                        continue;
                    }
                    (Cow::Borrowed(&rest[..end]), end)
                }
            };
            at += length;
            key = match key {
                Some(key) => {
                    keep(&key, word.trim());
                    None
                }
                None => Some(word).filter(|word| is_key(word)),
            };
        }
    }
}

/// A text of pairs.
struct Delimited<'a> {
    text: &'a str,
    pair: &'a str,
    key_value: &'a str,
    greedy: bool,
    quoting: Quoting<'a>,
}

impl Delimited<'_> {
    fn pairs(&self, keep: &mut dyn FnMut(&str, &str)) {
        let mut rest = self.text;
        loop {
            rest = rest.trim_start();
            if let Some((key, length)) = self.quoting.quoted(rest) {
                let behind = rest[length..].trim_start();
                match behind.strip_prefix(self.key_value) {
                    Some(value) => rest = self.value(key.trim(), value, keep),
                    None => rest = self.next_pair(&rest[length..]),
                }
                continue;
            }
            let Some(end) = rest.find(self.key_value) else { return };
            let key = rest[..end].trim();
            // A word without a value is passed over.
            let key = key.rfind(self.pair).map_or(key, |place| key[place + self.pair.len()..].trim());
            rest = self.value(key, &rest[end + self.key_value.len()..], keep);
        }
    }

    /// Reads a value, and answers what is behind its pair.
    fn value<'t>(&self, key: &str, text: &'t str, keep: &mut dyn FnMut(&str, &str)) -> &'t str {
        let is_blank_pair = self.pair.chars().all(|letter| letter == ' ');
        let mut rest = text;
        while let Some(letter) = rest.chars().next()
            && letter.is_whitespace()
            && (is_blank_pair || !rest.starts_with(self.pair))
        {
            rest = &rest[letter.len_utf8()..];
        }
        if let Some((value, length)) = self.quoting.quoted(rest) {
            keep(key, value.trim());
            return self.next_pair(&rest[length..]);
        }
        let end = if self.greedy { self.greedy_end(rest) } else { rest.find(self.pair) };
        let end = end.unwrap_or(rest.len());
        keep(key, rest[..end].trim());
        rest[end..].strip_prefix(self.pair).unwrap_or("")
    }

    /// Where the last pair ends before the next key. No key is looked for before the first pair ends, so that a long
    /// text is not read again for each of its delimiters.
    fn greedy_end(&self, text: &str) -> Option<usize> {
        let behind = text.find(self.pair)? + self.pair.len();
        text[behind..]
            .match_indices(self.key_value)
            .find_map(|(place, _)| text[..behind + place].trim_end().rfind(self.pair))
    }

    fn next_pair<'t>(&self, text: &'t str) -> &'t str {
        text.find(self.pair).map_or("", |place| &text[place + self.pair.len()..])
    }
}
