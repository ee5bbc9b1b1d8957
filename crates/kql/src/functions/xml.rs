//! `parse_xml`: elements, attributes and texts as a bag; attributes begin with `@`, text beside others is `#text`, what
//! repeats is an array. A text that is no XML is null.

use std::sync::Arc;

use super::Returns::Is;
use super::{Function, Naming, function};
use crate::digits;
use crate::dynamic::Dynamic;
use crate::types::Type;
use crate::value::Value;

/// The service reads texts up to this many bytes.
const MAX_BYTES: usize = 128 << 10;
/// How deep elements may nest.
const MAX_DEPTH: usize = 100;

pub(super) const FUNCTIONS: &[Function] =
    &[function("parse_xml", "str", Is(Type::Dynamic), Naming::None, |_, args| {
        let text = args[0].shown();
        if text.len() > MAX_BYTES {
            return Value::Null;
        }
        document(&text).map_or(Value::Null, Value::Dynamic)
    })];

type Members = Vec<(Arc<str>, Dynamic)>;

struct Reader<'a> {
    rest: &'a str,
}

/// One element, with declarations, comments and blanks around it.
fn document(text: &str) -> Option<Dynamic> {
    let mut reader = Reader { rest: text.trim_start_matches('\u{feff}') };
    reader.skip_others()?;
    let (name, value) = reader.element(0)?;
    reader.skip_others()?;
    reader.rest.is_empty().then(|| Dynamic::Bag([(name, value)].into()))
}

impl<'a> Reader<'a> {
    fn eat(&mut self, wanted: &str) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn until(&mut self, end: &str) -> Option<&'a str> {
        let (inside, after) = self.rest.split_once(end)?;
        self.rest = after;
        Some(inside)
    }

    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// What is neither element nor text has no place in the answer; false when there is nothing of the kind.
    fn skip_other(&mut self) -> Option<bool> {
        for (begin, end) in [("<?", "?>"), ("<!--", "-->"), ("<![CDATA[", "]]>"), ("<!DOCTYPE", ">")] {
            if self.eat(begin) {
                self.until(end)?;
                return Some(true);
            }
        }
        Some(false)
    }

    fn skip_others(&mut self) -> Option<()> {
        self.blanks();
        while self.skip_other()? {
            self.blanks();
        }
        Some(())
    }

    fn name(&mut self) -> Option<&'a str> {
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':');
        let length = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (name, after) = self.rest.split_at(length);
        self.rest = after;
        name.starts_with(|c: char| c.is_alphabetic() || c == '_').then_some(name)
    }

    fn element(&mut self, depth: usize) -> Option<(Arc<str>, Dynamic)> {
        if depth > MAX_DEPTH || !self.eat("<") {
            return None;
        }
        let name = self.name()?;
        let mut members = Members::new();
        let mut known = std::collections::HashMap::new();
        loop {
            let before = self.rest.len();
            self.blanks();
            if self.eat("/>") {
                return Some((name.into(), whole(members)));
            }
            if self.eat(">") {
                break;
            }
            // A blank comes before each attribute.
            if self.rest.len() == before {
                return None;
            }
            let attribute = format!("@{}", self.name()?);
            self.blanks();
            if !self.eat("=") {
                return None;
            }
            self.blanks();
            let quote = if self.eat("\"") {
                "\""
            } else if self.eat("'") {
                "'"
            } else {
                return None;
            };
            let value = plain(self.until(quote).filter(|value| !value.contains('<'))?)?;
            // No attribute stands there twice.
            if known.insert(attribute.clone(), members.len()).is_some() {
                return None;
            }
            members.push((attribute.as_str().into(), Dynamic::String(value.into())));
        }
        // What repeats is gathered first, and becomes an array at the end.
        let mut inside: Vec<(Arc<str>, Vec<Dynamic>)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        let mut add = |name: Arc<str>, value: Dynamic| {
            let place = *places.entry(Arc::clone(&name)).or_insert(inside.len());
            match inside.get_mut(place) {
                Some((_, values)) => values.push(value),
                None => inside.push((name, vec![value])),
            }
        };
        loop {
            if self.eat("</") {
                let closed = self.name()? == name;
                self.blanks();
                if !closed || !self.eat(">") {
                    return None;
                }
                break;
            }
            if self.skip_other()? {
                continue;
            }
            if self.rest.starts_with('<') {
                let (name, value) = self.element(depth + 1)?;
                add(name, value);
                continue;
            }
            let (text, after) = self.rest.split_at(self.rest.find('<')?);
            self.rest = after;
            if !text.trim().is_empty() {
                add("#text".into(), Dynamic::String(plain(text)?.into()));
            }
        }
        members.extend(inside.into_iter().map(|(name, mut values)| match (values.len(), values.pop()) {
            (1, Some(only)) => (name, only),
            (_, last) => (name, Dynamic::Array(values.into_iter().chain(last).collect())),
        }));
        Some((name.into(), whole(members)))
    }
}

/// An element of nothing is null, one of text alone is that text.
fn whole(members: Members) -> Dynamic {
    match members.as_slice() {
        [] => Dynamic::Null,
        [(name, text @ Dynamic::String(_))] if &**name == "#text" => text.clone(),
        _ => Dynamic::Bag(members.into()),
    }
}

/// A text with its references put in; nothing when one has no meaning.
fn plain(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('&');
    out.push_str(parts.next()?);
    for part in parts {
        let (name, after) = part.split_once(';')?;
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            number => {
                let number = number.strip_prefix('#')?;
                let code = match number.strip_prefix('x') {
                    Some(hex) => digits::hexadecimal(hex)?,
                    None => digits::decimal(number)?,
                };
                char::from_u32(code)?
            }
        });
        out.push_str(after);
    }
    Some(out)
}
