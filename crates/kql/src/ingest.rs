//! From JSON to the cells of a table, by the rules of ingestion: what does not fit is empty or null, never an error.

use serde_json::{Number, Value as Json};

use crate::data::Data;
use crate::decimal::Decimal;
use crate::dynamic::Dynamic;
use crate::pool::{EMPTY, Pool, QuickMap};
use crate::time::DateTime;
use crate::time_text::parse_timespan;
use crate::types::Type;
use crate::value::parse_guid;

/// Dynamic values of at most this many bytes of JSON are shared between equal cells.
const SHARED_BYTES: usize = 4_096;
const SHARED_VALUES: usize = 65_536;

/// Equal dynamic values seen before, by their JSON text.
#[derive(Clone, Debug, Default)]
pub(crate) struct DynamicCache {
    values: QuickMap<String, Dynamic>,
}

/// What is needed to turn JSON into cells.
pub(crate) struct Ingestion<'a> {
    pub(crate) pool: &'a Pool,
    pub(crate) dynamics: &'a mut DynamicCache,
}

/// What a cell is made of, as the data has it.
#[derive(Clone, Debug)]
pub enum Cell<'a> {
    /// No value.
    Null,
    /// True or false.
    Bool(bool),
    /// A number.
    Number(Number),
    /// Text.
    Text(&'a str),
    /// A list or an object.
    Tree(&'a Json),
    /// The JSON text of a list or an object, read only where a column wants to know what is in it; what is no JSON
    /// counts as null.
    Raw(&'a str),
    /// A value that was made before; a column of text takes its text, other types take nothing.
    Made(Dynamic),
}

impl<'a> From<&'a Json> for Cell<'a> {
    fn from(json: &'a Json) -> Cell<'a> {
        match json {
            Json::Null => Cell::Null,
            Json::Bool(value) => Cell::Bool(*value),
            Json::Number(number) => Cell::Number(number.clone()),
            Json::String(text) => Cell::Text(text),
            tree => Cell::Tree(tree),
        }
    }
}

impl Ingestion<'_> {
    /// Appends the cell to its column; no value is empty text or null.
    pub(crate) fn push(&mut self, ty: Type, cell: &Cell<'_>, data: &mut Data) {
        if matches!(cell, Cell::Null) {
            return data.push_nothing();
        }
        match data {
            Data::String(items) => items.push(self.string(cell)),
            Data::Dynamic(items) => items.push(self.dynamic(cell)),
            Data::Bool(items) => match boolean(cell) {
                Some(value) => items.push(u8::from(value)),
                None => data.push_nothing(),
            },
            Data::Number(items) => match number(ty, cell) {
                Some(value) => items.push(value),
                None => data.push_nothing(),
            },
            Data::Real(items) => match real(cell) {
                Some(value) => items.push(value),
                None => data.push_nothing(),
            },
            Data::Decimal(items) => match decimal(cell) {
                Some(value) => items.push(value),
                None => data.push_nothing(),
            },
            Data::Guid(items) => match cell {
                Cell::Text(text) => match parse_guid(text) {
                    Some(value) => items.push(value),
                    None => data.push_nothing(),
                },
                _ => data.push_nothing(),
            },
        }
    }

    fn string(&self, cell: &Cell<'_>) -> u32 {
        match cell {
            Cell::Null => EMPTY,
            Cell::Text(text) => self.pool.intern(text),
            Cell::Bool(value) => self.pool.intern(if *value { "true" } else { "false" }),
            Cell::Number(number) => self.pool.intern(&number.to_string()),
            Cell::Tree(json) => self.pool.intern(&json.to_string()),
            Cell::Made(value) => self.pool.intern(&value.to_text()),
            // The text of a tree is compact, however the data spells it.
            Cell::Raw(text) => self.pool.intern(&tree(text).to_string()),
        }
    }

    fn dynamic(&mut self, cell: &Cell<'_>) -> Dynamic {
        match cell {
            Cell::Text(text) if !text.trim_start().starts_with(['[', '{']) => Dynamic::String((*text).into()),
            Cell::Text(text) => self.shared(text, || Dynamic::parse(text)),
            Cell::Raw(text) => self.shared(text, || Dynamic::from_json(&tree(text))),
            Cell::Tree(json) => self.shared(&json.to_string(), || Dynamic::from_json(json)),
            Cell::Made(value) => value.clone(),
            Cell::Null => Dynamic::Null,
            Cell::Bool(value) => Dynamic::Bool(*value),
            Cell::Number(number) => Dynamic::from_json(&Json::Number(number.clone())),
        }
    }

    /// The value of that text, the same one for equal texts.
    fn shared(&mut self, text: &str, make: impl FnOnce() -> Dynamic) -> Dynamic {
        if let Some(known) = self.dynamics.values.get(text) {
            return known.clone();
        }
        let value = make();
        if text.len() <= SHARED_BYTES {
            if self.dynamics.values.len() >= SHARED_VALUES {
                self.dynamics.values.clear();
            }
            self.dynamics.values.insert(text.to_owned(), value.clone());
        }
        value
    }
}

/// The value of a raw text.
fn tree(text: &str) -> Json {
    serde_json::from_str(text).unwrap_or_default()
}

fn boolean(cell: &Cell<'_>) -> Option<bool> {
    match cell {
        Cell::Bool(value) => Some(*value),
        Cell::Number(number) => number.as_f64().map(|value| value != 0.0),
        Cell::Text(text) if text.eq_ignore_ascii_case("true") || *text == "1" => Some(true),
        Cell::Text(text) if text.eq_ignore_ascii_case("false") || *text == "0" => Some(false),
        _ => None,
    }
}

fn number(ty: Type, cell: &Cell<'_>) -> Option<i64> {
    match (ty, cell) {
        (Type::DateTime, Cell::Text(text)) => DateTime::parse(text).map(DateTime::ticks),
        (Type::Timespan, Cell::Text(text)) => parse_timespan(text),
        (Type::DateTime | Type::Timespan, _) => None,
        _ => {
            let value = match cell {
                Cell::Text(text) => text.trim().parse().ok()?,
                Cell::Bool(value) => i64::from(*value),
                Cell::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?))?,
                _ => return None,
            };
            (ty != Type::Int || i32::try_from(value).is_ok()).then_some(value)
        }
    }
}

fn whole(value: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "the range and the fraction were checked")]
    (value.fract() == 0.0 && value.abs() < 9.2e18).then_some(value as i64)
}

fn decimal(cell: &Cell<'_>) -> Option<Decimal> {
    match cell {
        Cell::Text(text) => Decimal::parse(text),
        Cell::Bool(value) => Some(Decimal::of_long(i64::from(*value))),
        Cell::Number(number) => Decimal::parse(&number.to_string()),
        _ => None,
    }
}

fn real(cell: &Cell<'_>) -> Option<f64> {
    match cell {
        Cell::Text(text) => text.trim().parse().ok(),
        Cell::Bool(value) => Some(f64::from(u8::from(*value))),
        Cell::Number(number) => number.as_f64(),
        _ => None,
    }
}
