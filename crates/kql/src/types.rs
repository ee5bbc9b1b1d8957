//! The scalar types of the language and the description of a column.

use std::fmt;

/// A scalar type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Type {
    /// `bool`: true, false or null.
    Bool,
    /// `int`: 32 bits, or null. Arithmetic on it gives `long`.
    Int,
    /// `long`: 64 bits, or null.
    Long,
    /// `real`: a double, or null.
    Real,
    /// `decimal`: 34 decimal digits, exact, or null.
    Decimal,
    /// `string`: text; it has an empty value and no null.
    String,
    /// `datetime`: 100 ns ticks in UTC, or null.
    DateTime,
    /// `timespan`: 100 ns ticks, or null.
    Timespan,
    /// `guid`: 128 bits, or null.
    Guid,
    /// `dynamic`: any JSON-like value, or null.
    Dynamic,
}

impl Type {
    /// The name of the type as the language and the query API write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Long => "long",
            Type::Real => "real",
            Type::Decimal => "decimal",
            Type::String => "string",
            Type::DateTime => "datetime",
            Type::Timespan => "timespan",
            Type::Guid => "guid",
            Type::Dynamic => "dynamic",
        }
    }

    /// The type of that name; the aliases of the language (`boolean`, `double`, `date`, `time` …) are known.
    #[must_use]
    pub fn parse(name: &str) -> Option<Type> {
        Some(match name {
            "bool" | "boolean" => Type::Bool,
            "int" | "int32" => Type::Int,
            "long" | "int64" => Type::Long,
            "real" | "double" => Type::Real,
            "decimal" => Type::Decimal,
            "string" => Type::String,
            "datetime" | "date" | "dateTime" => Type::DateTime,
            "timespan" | "time" => Type::Timespan,
            "guid" | "uuid" | "uniqueid" => Type::Guid,
            "dynamic" => Type::Dynamic,
            _ => return None,
        })
    }

    pub(crate) fn is_number(self) -> bool {
        matches!(self, Type::Int | Type::Long | Type::Real | Type::Decimal)
    }

    /// The type in which numbers of both types are reckoned with: decimal before real before long.
    pub(crate) fn wider(self, other: Type) -> Type {
        [Type::Decimal, Type::Real].into_iter().find(|ty| *ty == self || *ty == other).unwrap_or(Type::Long)
    }

    pub(crate) fn is_integer(self) -> bool {
        matches!(self, Type::Int | Type::Long)
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A column: its name (case matters) and its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// The name, as a query writes it.
    pub name: String,
    /// The type of every value in the column.
    pub ty: Type,
}

impl Column {
    /// A column of that name and type.
    pub fn new(name: impl Into<String>, ty: Type) -> Column {
        Column { name: name.into(), ty }
    }
}
