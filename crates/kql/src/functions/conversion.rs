//! Functions that turn values of one type into another, and ask what a value is.

use super::Returns::Is;
use super::{Arg, Call, Function, Listed, Naming, function};
use crate::convert::convert_arg;
use crate::dynamic::Dynamic;
use crate::types::Type;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    Function {
        listed: Some(Listed::Text),
        ..function("tostring", "any", Is(Type::String), Naming::First, to)
    },
    function("tolong", "any", Is(Type::Long), Naming::First, to),
    function("toint", "any", Is(Type::Int), Naming::First, to),
    function("toreal", "any", Is(Type::Real), Naming::First, to),
    function("todouble", "any", Is(Type::Real), Naming::First, to),
    function("todecimal", "any", Is(Type::Decimal), Naming::First, to),
    function("tobool", "any", Is(Type::Bool), Naming::First, to),
    function("toboolean", "any", Is(Type::Bool), Naming::First, to),
    function("todatetime", "any", Is(Type::DateTime), Naming::First, to),
    function("totimespan", "any", Is(Type::Timespan), Naming::First, to),
    function("totime", "any", Is(Type::Timespan), Naming::First, to),
    function("toguid", "text", Is(Type::Guid), Naming::First, to),
    function("todynamic", "text", Is(Type::Dynamic), Naming::First, parse_json),
    function("toobject", "text", Is(Type::Dynamic), Naming::First, parse_json),
    function("parse_json", "text", Is(Type::Dynamic), Naming::First, parse_json),
    function("parsejson", "text", Is(Type::Dynamic), Naming::First, parse_json),
    function("dynamic_to_json", "any", Is(Type::String), Naming::None, |_, args| {
        Value::text(&sorted(&args[0].dynamic()).to_json_text())
    }),
    function("tohex", "int int?", Is(Type::String), Naming::First, to_hex),
    function("isnull", "any", Is(Type::Bool), Naming::None, |_, args| Value::Bool(args[0].is_null())),
    function("isnotnull", "any", Is(Type::Bool), Naming::None, |_, args| Value::Bool(!args[0].is_null())),
    function("notnull", "any", Is(Type::Bool), Naming::None, |_, args| Value::Bool(!args[0].is_null())),
    function("isempty", "any", Is(Type::Bool), Naming::None, |_, args| Value::Bool(is_empty(args[0]))),
    function("isnotempty", "any", Is(Type::Bool), Naming::None, |_, args| Value::Bool(!is_empty(args[0]))),
    function("notempty", "any", Is(Type::Bool), Naming::None, |_, args| Value::Bool(!is_empty(args[0]))),
    function("__gettype", "dyn", Is(Type::String), Naming::None, type_name),
];

fn to(call: &Call<'_>, args: &[Arg<'_>]) -> Value {
    convert_arg(args[0], call.ty)
}

fn parse_json(call: &Call<'_>, args: &[Arg<'_>]) -> Value {
    match args[0] {
        Arg::Text("") | Arg::Null => Value::Null,
        Arg::Text(text) => match call.clock().room(Dynamic::bytes_while_read(text)) {
            Ok(()) => Value::dynamic(Dynamic::parse(text)),
            Err(_) => Value::Null,
        },
        // What is dynamic already is passed on, even a text that holds JSON.
        other => Value::dynamic(other.dynamic()),
    }
}

/// The same value with the members of every bag in the order of their names.
fn sorted(value: &Dynamic) -> Dynamic {
    match value {
        Dynamic::Array(items) => Dynamic::Array(items.iter().map(sorted).collect()),
        Dynamic::Bag(members) => {
            let mut members: Vec<_> =
                members.iter().map(|(name, value)| (name.clone(), sorted(value))).collect();
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            Dynamic::Bag(members.into())
        }
        other => other.clone(),
    }
}

fn to_hex(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let Some(number) = args[0].long() else { return Value::text("") };
    let width = args.get(1).and_then(|arg| arg.long()).unwrap_or(0).clamp(0, 16);
    let width = usize::try_from(width).unwrap_or(0);
    Value::text(&format!("{number:0width$x}"))
}

fn is_empty(arg: Arg<'_>) -> bool {
    match arg {
        Arg::Null | Arg::Text("") => true,
        Arg::Dynamic(Dynamic::String(text)) => text.is_empty(),
        _ => false,
    }
}

fn type_name(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let Arg::Dynamic(value) = args[0] else { return Value::text("null") };
    Value::text(match value {
        Dynamic::Null => "null",
        Dynamic::Bool(_) => "bool",
        Dynamic::Long(_) => "long",
        Dynamic::Real(_) => "double",
        Dynamic::String(_) => "string",
        Dynamic::DateTime(_) => "datetime",
        Dynamic::Timespan(_) => "timespan",
        Dynamic::Array(_) => "array",
        Dynamic::Bag(_) => "dictionary",
    })
}
