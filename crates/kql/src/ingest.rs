//! From JSON to the cells of a table, by the rules of ingestion: what does not fit is empty or null, never an error.

use serde_json::Value as Json;

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

impl Ingestion<'_> {
    /// Appends the member to its column; a missing member is empty text or null.
    pub(crate) fn push(&mut self, ty: Type, json: Option<&Json>, data: &mut Data) {
        let json = match json {
            None | Some(Json::Null) => return data.push_nothing(),
            Some(json) => json,
        };
        match data {
            Data::String(items) => items.push(self.string(json)),
            Data::Dynamic(items) => items.push(self.dynamic(json)),
            Data::Bool(items) => match boolean(json) {
                Some(value) => items.push(u8::from(value)),
                None => data.push_nothing(),
            },
            Data::Number(items) => match number(ty, json) {
                Some(value) => items.push(value),
                None => data.push_nothing(),
            },
            Data::Real(items) => match real(json) {
                Some(value) => items.push(value),
                None => data.push_nothing(),
            },
            Data::Decimal(items) => match decimal(json) {
                Some(value) => items.push(value),
                None => data.push_nothing(),
            },
            Data::Guid(items) => match json.as_str().and_then(parse_guid) {
                Some(value) => items.push(value),
                None => data.push_nothing(),
            },
        }
    }

    fn string(&self, json: &Json) -> u32 {
        match json {
            Json::String(text) if text.is_empty() => EMPTY,
            Json::String(text) => self.pool.intern(text),
            other => self.pool.intern(&other.to_string()),
        }
    }

    fn dynamic(&mut self, json: &Json) -> Dynamic {
        let (text, parsed) = match json {
            Json::String(text) => match text.trim_start().as_bytes().first() {
                Some(b'[' | b'{') => (text.clone(), true),
                _ => return Dynamic::String(text.as_str().into()),
            },
            Json::Array(_) | Json::Object(_) => (json.to_string(), false),
            scalar => return Dynamic::from_json(scalar),
        };
        if let Some(known) = self.dynamics.values.get(&text) {
            return known.clone();
        }
        let value = if parsed { Dynamic::parse(&text) } else { Dynamic::from_json(json) };
        if text.len() <= SHARED_BYTES {
            if self.dynamics.values.len() >= SHARED_VALUES {
                self.dynamics.values.clear();
            }
            self.dynamics.values.insert(text, value.clone());
        }
        value
    }
}

fn boolean(json: &Json) -> Option<bool> {
    match json {
        Json::Bool(value) => Some(*value),
        Json::Number(number) => number.as_f64().map(|value| value != 0.0),
        Json::String(text) if text.eq_ignore_ascii_case("true") || text == "1" => Some(true),
        Json::String(text) if text.eq_ignore_ascii_case("false") || text == "0" => Some(false),
        _ => None,
    }
}

fn number(ty: Type, json: &Json) -> Option<i64> {
    match ty {
        Type::DateTime => json.as_str().and_then(DateTime::parse).map(DateTime::ticks),
        Type::Timespan => json.as_str().and_then(parse_timespan),
        _ => {
            let value = match json {
                Json::String(text) => text.trim().parse().ok()?,
                Json::Bool(value) => i64::from(*value),
                other => other.as_i64().or_else(|| whole(other.as_f64()?))?,
            };
            (ty != Type::Int || i32::try_from(value).is_ok()).then_some(value)
        }
    }
}

fn whole(value: f64) -> Option<i64> {
    #[expect(clippy::cast_possible_truncation, reason = "the range and the fraction were checked")]
    (value.fract() == 0.0 && value.abs() < 9.2e18).then_some(value as i64)
}

fn decimal(json: &Json) -> Option<Decimal> {
    match json {
        Json::String(text) => Decimal::parse(text),
        Json::Bool(value) => Some(Decimal::of_long(i64::from(*value))),
        other => Decimal::parse(&other.as_number()?.to_string()),
    }
}

fn real(json: &Json) -> Option<f64> {
    match json {
        Json::String(text) => text.trim().parse().ok(),
        Json::Bool(value) => Some(f64::from(u8::from(*value))),
        other => other.as_f64(),
    }
}
