//! What a function takes, in a short notation: `"str long? any+"`.

use crate::types::Type;

/// What an argument may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `any`.
    Any,
    /// `str`: a string; a dynamic is turned into one.
    Text,
    /// `text`: a string or a dynamic, as it is.
    TextOrDynamic,
    /// `lit`: a string that is written in the query.
    Literal,
    /// `int`: a whole number.
    Integer,
    /// `const`: a whole number that is the same for all rows.
    Constant,
    /// `num`: any number.
    Number,
    Bool,
    /// `dt`.
    DateTime,
    /// `ts`.
    Timespan,
    /// `sum`: a number, an instant or a span.
    Summable,
    /// `amt`: a number or a span.
    Amount,
    /// `ord`: anything that has an order.
    Ordered,
    /// `flat`: anything but a dynamic.
    Flat,
    /// `dyn`.
    Dynamic,
    /// `type`: a `typeof(…)`.
    TypeOf,
}

/// One parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parameter {
    pub(crate) kind: Kind,
    pub(crate) optional: bool,
    pub(crate) repeated: bool,
}

/// The parameters of a function.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    parameters: Vec<Parameter>,
}

impl Signature {
    pub(crate) fn parse(text: &str) -> Signature {
        let parameters = text.split_whitespace().map(|word| {
            let (optional, repeated) = (word.ends_with(['?', '*']), word.ends_with(['+', '*']));
            let kind = match word.trim_end_matches(['?', '+', '*']) {
                "str" => Kind::Text,
                "text" => Kind::TextOrDynamic,
                "lit" => Kind::Literal,
                "int" => Kind::Integer,
                "const" => Kind::Constant,
                "num" => Kind::Number,
                "bool" => Kind::Bool,
                "dt" => Kind::DateTime,
                "ts" => Kind::Timespan,
                "sum" => Kind::Summable,
                "amt" => Kind::Amount,
                "ord" => Kind::Ordered,
                "flat" => Kind::Flat,
                "dyn" => Kind::Dynamic,
                "type" => Kind::TypeOf,
                _ => Kind::Any,
            };
            Parameter { kind, optional, repeated }
        });
        Signature { parameters: parameters.collect() }
    }

    /// The parameter for the argument at that place.
    pub(crate) fn parameter(&self, index: usize) -> Option<Parameter> {
        match self.parameters.get(index) {
            Some(parameter) => Some(*parameter),
            None => self.parameters.last().copied().filter(|parameter| parameter.repeated),
        }
    }

    /// How many arguments there must be, and may be.
    pub(crate) fn counts(&self) -> (usize, Option<usize>) {
        let least = self.parameters.iter().filter(|parameter| !parameter.optional).count();
        let open = self.parameters.last().is_some_and(|parameter| parameter.repeated);
        (least, (!open).then_some(self.parameters.len()))
    }
}

impl Kind {
    pub(crate) fn accepts(self, ty: Type) -> bool {
        match self {
            Kind::Any => true,
            Kind::Text | Kind::TextOrDynamic => matches!(ty, Type::String | Type::Dynamic),
            Kind::Literal => ty == Type::String,
            Kind::Integer | Kind::Constant => ty.is_integer(),
            Kind::Number => ty.is_number(),
            Kind::Bool => ty == Type::Bool,
            Kind::DateTime => ty == Type::DateTime,
            Kind::Timespan => ty == Type::Timespan,
            Kind::Summable => ty.is_number() || matches!(ty, Type::DateTime | Type::Timespan),
            Kind::Amount => ty.is_number() || ty == Type::Timespan,
            Kind::Ordered => !matches!(ty, Type::Dynamic | Type::Guid),
            Kind::Flat => ty != Type::Dynamic,
            Kind::Dynamic => ty == Type::Dynamic,
            Kind::TypeOf => false,
        }
    }

    /// In words, for messages.
    pub(crate) fn shown(self) -> &'static str {
        match self {
            Kind::Any => "a value",
            Kind::Text => "a string",
            Kind::TextOrDynamic => "a string or a dynamic",
            Kind::Literal => "a literal string",
            Kind::Integer => "a whole number",
            Kind::Constant => "a constant whole number",
            Kind::Number => "a number",
            Kind::Bool => "a bool",
            Kind::DateTime => "a datetime",
            Kind::Timespan => "a timespan",
            Kind::Summable => "a number, datetime or timespan",
            Kind::Amount => "a number or a timespan",
            Kind::Ordered => "a value that has an order",
            Kind::Flat => "a value that is no dynamic",
            Kind::Dynamic => "a dynamic",
            Kind::TypeOf => "a typeof(…)",
        }
    }
}
