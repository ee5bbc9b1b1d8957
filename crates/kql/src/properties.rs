//! Request properties: what `set name = value` says about the run of a query.

use crate::options::Options;
use crate::time::DateTime;
use crate::types::Type;
use crate::value::Value;

/// The properties that change an answer; all others are read and change nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Properties {
    now: Option<DateTime>,
    rows: Option<usize>,
    bytes: Option<usize>,
    /// `query_take_max_records`: as if `take` ended the query.
    pub(crate) take: Option<i64>,
    pub(crate) scope: TimeScope,
}

/// A span of time outside of which no row of a table with the column is read.
#[derive(Clone, Debug, Default)]
pub(crate) struct TimeScope {
    column: Option<String>,
    from: Option<DateTime>,
    to: Option<DateTime>,
}

/// What the language says about a property by its name: nothing when it knows none.
#[derive(Clone, Copy)]
enum Known {
    Now,
    Rows,
    Bytes,
    Take,
    ScopeColumn,
    ScopeFrom,
    ScopeTo,
    /// One that changes no answer here, and its type.
    Idle(Type),
}

/// The properties whose values have a type.
const KNOWN: [(&str, Known); 14] = [
    ("query_now", Known::Now),
    ("truncationmaxrecords", Known::Rows),
    ("truncationmaxsize", Known::Bytes),
    ("query_take_max_records", Known::Take),
    ("query_datetimescope_column", Known::ScopeColumn),
    ("query_datetimescope_from", Known::ScopeFrom),
    ("query_datetimescope_to", Known::ScopeTo),
    // The service's own limits stay in force.
    ("notruncation", Known::Idle(Type::Bool)),
    ("norequesttimeout", Known::Idle(Type::Bool)),
    ("servertimeout", Known::Idle(Type::Timespan)),
    ("query_results_cache_max_age", Known::Idle(Type::Timespan)),
    ("maxmemoryconsumptionperiterator", Known::Idle(Type::Long)),
    ("max_memory_consumption_per_query_per_node", Known::Idle(Type::Long)),
    ("querytrace", Known::Idle(Type::Bool)),
];

impl Known {
    fn ty(self) -> Type {
        match self {
            Known::Now | Known::ScopeFrom | Known::ScopeTo => Type::DateTime,
            Known::Rows | Known::Bytes | Known::Take => Type::Long,
            Known::ScopeColumn => Type::String,
            Known::Idle(ty) => ty,
        }
    }
}

/// The type of that property's value, if the language knows the property.
pub(crate) fn property_type(name: &str) -> Option<Type> {
    KNOWN.iter().find(|(known, _)| *known == name).map(|(_, known)| known.ty())
}

impl Properties {
    /// Notes a property; a value of another type than the property's was refused before.
    pub(crate) fn set(&mut self, name: &str, value: &Value) {
        let Some((_, known)) = KNOWN.iter().find(|(known, _)| *known == name) else { return };
        let count = |value: i64| usize::try_from(value).ok();
        match (known, value) {
            (Known::Now, Value::DateTime(ticks)) => self.now = DateTime::from_ticks(*ticks),
            (Known::Rows, Value::Long(value)) => self.rows = count(*value),
            (Known::Bytes, Value::Long(value)) => self.bytes = count(*value),
            (Known::Take, Value::Long(value)) => self.take = Some(*value),
            (Known::ScopeColumn, Value::String(name)) => self.scope.column = Some(name.to_string()),
            (Known::ScopeFrom, Value::DateTime(ticks)) => self.scope.from = DateTime::from_ticks(*ticks),
            (Known::ScopeTo, Value::DateTime(ticks)) => self.scope.to = DateTime::from_ticks(*ticks),
            _ => {}
        }
    }

    /// The options with what the query says for itself; limits become narrower only.
    pub(crate) fn applied(&self, options: &Options) -> Options {
        let mut options = options.clone();
        options.now = self.now.unwrap_or(options.now);
        options.max_rows = self.rows.unwrap_or(usize::MAX).min(options.max_rows);
        options.max_answer_bytes = self.bytes.unwrap_or(usize::MAX).min(options.max_answer_bytes);
        options
    }
}

impl TimeScope {
    /// The column that is looked at, and the first instant inside and the first behind; none without a column.
    pub(crate) fn bounds(&self) -> Option<(&str, std::ops::Range<i64>)> {
        let column = self.column.as_deref()?;
        let from = self.from.map_or(i64::MIN, DateTime::ticks);
        Some((column, from..self.to.map_or(i64::MAX, DateTime::ticks)))
    }
}
