//! The scalar functions: what a row of their table holds, and what their code gets to see.

mod arrays;
mod bags;
mod command;
mod conversion;
mod date;
mod date_format;
mod digest;
mod encoding;
mod geo;
mod hash;
mod ip;
mod json_path;
mod math;
mod probability;
mod punycode;
mod refused;
mod same;
mod series;
mod series_fit;
mod series_math;
mod sets;
mod signature;
mod table;
mod text;
mod text_search;
mod url;
mod xml;

use std::borrow::Cow;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use crate::clock::{Clock, Stopped};
use crate::decimal::Decimal;
use crate::dynamic::Dynamic;
use crate::pattern::{Pattern, Patterns};
use crate::types::Type;
use crate::value::Value;

pub(crate) use date::date_part_is_known;
pub(crate) use date_format::unknown_in_format;
pub(crate) use refused::refused;
pub(crate) use series_fit::columns_of;
pub(crate) use signature::{Kind, Signature};
pub(crate) use table::all;
pub(crate) use table::find;

/// How a column is named after a call that has no name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Naming {
    /// `ColumnN`.
    None,
    /// As its first argument.
    First,
    /// The name of the call, an underscore, and the name of the first argument.
    Own,
    /// This, an underscore, and the name of the first argument.
    Prefix(&'static str),
    /// The name of the first argument, an underscore, and this.
    Suffix(&'static str),
    /// Exactly this.
    Fixed(&'static str),
}

/// The type of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Returns {
    Is(Type),
    /// The type of the first argument.
    First,
    /// The common type of all arguments.
    Common,
    /// The type of `bin`: that of its first argument, real when the second is real.
    Bin,
    /// The type of a `typeof` in the last argument, else this.
    TypeOf(Type),
}

/// A scalar function.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// Its parameters, in the notation of `signature`.
    pub(crate) signature: &'static str,
    pub(crate) returns: Returns,
    pub(crate) naming: Naming,
    pub(crate) run: Run,
    /// Whether it answers anew for every row (`rand`, `new_guid`).
    pub(crate) is_volatile: bool,
    /// Whether it puts a text in small letters, which the pool knows of each stored text.
    pub(crate) is_lower: bool,
    /// What it does with lists of texts, where no value needs to be made of them.
    pub(crate) listed: Option<Listed>,
}

/// What a function does with a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Listed {
    /// Puts the elements in order.
    Sorted { ascending: bool },
    /// Keeps those from one place to another.
    Cut,
    /// Puts them into one text, the second argument between them.
    Joined,
    /// Counts them.
    Length,
    /// Makes text of one of them.
    Text,
    /// Makes them, of a text and what stands between them.
    Parts,
}

/// The code of a function: arguments of one row in, a value out.
pub(crate) type Run = fn(&Call<'_>, &[Arg<'_>]) -> Value;

/// An argument as a function sees it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Arg<'a> {
    Null,
    Bool(bool),
    Long(i64),
    Real(f64),
    Decimal(Decimal),
    Text(&'a str),
    DateTime(i64),
    Timespan(i64),
    Guid(u128),
    Dynamic(&'a Dynamic),
}

/// What a function may know besides its arguments.
pub(crate) struct Call<'a> {
    /// The type of the result.
    pub(crate) ty: Type,
    pub(crate) state: &'a CallState,
}

/// What calls share for the run of a query.
pub(crate) struct CallState {
    pub(crate) patterns: Patterns,
    /// What every long loop over one value asks (see `clock`).
    pub(crate) clock: Clock,
    pub(crate) random: RefCell<u64>,
}

impl Call<'_> {
    pub(crate) fn clock(&self) -> &Clock {
        &self.state.clock
    }

    /// The compiled form of a pattern; nothing when it is none.
    pub(crate) fn pattern(&self, pattern: &str) -> Option<Rc<Pattern>> {
        self.state.patterns.get(pattern, self.clock())
    }
}

/// The answer of a function that may leave off; what it answers then is not used.
fn done(answer: Result<Value, Stopped>) -> Value {
    answer.unwrap_or_default()
}

impl<'a> Arg<'a> {
    pub(crate) fn is_null(self) -> bool {
        matches!(self, Arg::Null)
    }

    /// Text, of a string or of a dynamic that holds one.
    pub(crate) fn text(self) -> Option<&'a str> {
        match self {
            Arg::Text(text) => Some(text),
            Arg::Dynamic(Dynamic::String(text)) => Some(text),
            _ => None,
        }
    }

    /// A whole number.
    pub(crate) fn long(self) -> Option<i64> {
        match self {
            Arg::Long(value) => Some(value),
            Arg::Dynamic(Dynamic::Long(value)) => Some(*value),
            _ => None,
        }
    }

    /// Any number.
    #[expect(clippy::cast_precision_loss, reason = "reals of the language are doubles")]
    pub(crate) fn real(self) -> Option<f64> {
        match self {
            Arg::Real(value) => Some(value),
            Arg::Decimal(value) => Some(value.to_real()),
            Arg::Long(value) => Some(value as f64),
            Arg::Dynamic(Dynamic::Real(value)) => Some(*value),
            Arg::Dynamic(Dynamic::Long(value)) => Some(*value as f64),
            _ => None,
        }
    }

    /// Any number as a decimal.
    pub(crate) fn decimal(self) -> Option<Decimal> {
        match self {
            Arg::Decimal(value) => Some(value),
            Arg::Long(value) => Some(Decimal::of_long(value)),
            Arg::Real(value) => Decimal::of_real(value),
            Arg::Dynamic(Dynamic::Long(value)) => Some(Decimal::of_long(*value)),
            Arg::Dynamic(Dynamic::Real(value)) => Decimal::of_real(*value),
            _ => None,
        }
    }

    pub(crate) fn boolean(self) -> Option<bool> {
        match self {
            Arg::Bool(value) => Some(value),
            Arg::Dynamic(Dynamic::Bool(value)) => Some(*value),
            _ => None,
        }
    }

    /// Ticks of an instant.
    pub(crate) fn instant(self) -> Option<i64> {
        match self {
            Arg::DateTime(ticks) => Some(ticks),
            Arg::Dynamic(Dynamic::DateTime(ticks)) => Some(*ticks),
            _ => None,
        }
    }

    /// Ticks of a span.
    pub(crate) fn span(self) -> Option<i64> {
        match self {
            Arg::Timespan(ticks) => Some(ticks),
            Arg::Dynamic(Dynamic::Timespan(ticks)) => Some(*ticks),
            _ => None,
        }
    }

    /// The elements of an array.
    pub(crate) fn array(self) -> Option<&'a [Dynamic]> {
        match self {
            Arg::Dynamic(Dynamic::Array(items)) => Some(items),
            _ => None,
        }
    }

    /// The members of a bag.
    pub(crate) fn bag(self) -> Option<&'a [(Arc<str>, Dynamic)]> {
        match self {
            Arg::Dynamic(Dynamic::Bag(members)) => Some(members),
            _ => None,
        }
    }

    /// The argument as a value of its own.
    pub(crate) fn value(self) -> Value {
        match self {
            Arg::Null => Value::Null,
            Arg::Bool(value) => Value::Bool(value),
            Arg::Long(value) => Value::Long(value),
            Arg::Real(value) => Value::Real(value),
            Arg::Decimal(value) => Value::Decimal(value),
            Arg::Text(text) => Value::text(text),
            Arg::DateTime(ticks) => Value::DateTime(ticks),
            Arg::Timespan(ticks) => Value::Timespan(ticks),
            Arg::Guid(bits) => Value::Guid(bits),
            Arg::Dynamic(value) => Value::dynamic(value.clone()),
        }
    }

    /// The argument inside a dynamic.
    pub(crate) fn dynamic(self) -> Dynamic {
        match self {
            Arg::Dynamic(value) => value.clone(),
            other => crate::value::to_dynamic(&other.value()),
        }
    }

    /// The argument as `tostring` shows it.
    pub(crate) fn shown(self) -> Cow<'a, str> {
        match self {
            Arg::Text(text) => Cow::Borrowed(text),
            Arg::Dynamic(Dynamic::String(text)) => Cow::Borrowed(text),
            Arg::Null => Cow::Borrowed(""),
            other => Cow::Owned(other.value().to_text()),
        }
    }

    /// The argument as seen from a value.
    pub(crate) fn of(value: &'a Value) -> Arg<'a> {
        match value {
            Value::Null => Arg::Null,
            Value::Bool(value) => Arg::Bool(*value),
            Value::Long(value) => Arg::Long(*value),
            Value::Real(value) => Arg::Real(*value),
            Value::Decimal(value) => Arg::Decimal(*value),
            Value::String(text) => Arg::Text(text),
            Value::DateTime(ticks) => Arg::DateTime(*ticks),
            Value::Timespan(ticks) => Arg::Timespan(*ticks),
            Value::Guid(bits) => Arg::Guid(*bits),
            Value::Dynamic(value) => Arg::Dynamic(value),
        }
    }

    /// About how many units of work a look at the whole argument is; nothing when it takes counting to know.
    pub(crate) fn size(self) -> Option<usize> {
        match self {
            Arg::Dynamic(Dynamic::Array(_) | Dynamic::Bag(_)) => None,
            other => Some(other.text().map_or(0, str::len) / 8),
        }
    }

    /// The argument as seen from a dynamic: scalars come out of it.
    pub(crate) fn of_dynamic(value: &'a Dynamic) -> Arg<'a> {
        match value {
            Dynamic::Null => Arg::Null,
            Dynamic::Bool(value) => Arg::Bool(*value),
            Dynamic::Long(value) => Arg::Long(*value),
            Dynamic::Real(value) => Arg::Real(*value),
            Dynamic::String(text) => Arg::Text(text),
            Dynamic::DateTime(ticks) => Arg::DateTime(*ticks),
            Dynamic::Timespan(ticks) => Arg::Timespan(*ticks),
            other => Arg::Dynamic(other),
        }
    }
}

impl Value {
    /// A value, or null.
    pub(crate) fn or_null<T>(value: Option<T>, make: fn(T) -> Value) -> Value {
        value.map_or(Value::Null, make)
    }
}

/// A row of the table.
const fn function(
    name: &'static str,
    signature: &'static str,
    returns: Returns,
    naming: Naming,
    run: Run,
) -> Function {
    Function { name, signature, returns, naming, run, is_volatile: false, is_lower: false, listed: None }
}
