//! Functions that build and cut text.

use std::sync::Arc;

use super::Returns::Is;
use super::{Arg, Call, Function, Naming, function};
use crate::dynamic::Dynamic;
use crate::types::Type;
use crate::value::Value;

/// A text never grows beyond this many bytes.
pub(super) const MAX_TEXT: usize = 1 << 24;

pub(super) const FUNCTIONS: &[Function] = &[
    function("strcat", "any+", Is(Type::String), Naming::None, |_, args| joined("", args)),
    function("strcat_delim", "any any any+", Is(Type::String), Naming::None, |_, args| {
        joined(&args[0].shown(), &args[1..])
    }),
    function("strlen", "text", Is(Type::Long), Naming::Prefix("strlen"), |_, args| {
        long(args[0].shown().chars().count())
    }),
    function("string_size", "text", Is(Type::Long), Naming::Prefix("string_size"), |_, args| {
        long(args[0].shown().len())
    }),
    function("toupper", "any", Is(Type::String), Naming::None, |_, args| {
        made(args[0].shown().to_uppercase())
    }),
    function("tolower", "any", Is(Type::String), Naming::None, |_, args| {
        made(args[0].shown().to_lowercase())
    }),
    function("reverse", "any", Is(Type::String), Naming::None, |_, args| {
        made(args[0].shown().chars().rev().collect())
    }),
    function("substring", "any int int?", Is(Type::String), Naming::None, substring),
    function("split", "any str int?", Is(Type::Dynamic), Naming::First, split),
    function("strrep", "any int any?", Is(Type::String), Naming::None, repeat),
    function("strcmp", "any any", Is(Type::Long), Naming::None, |_, args| {
        Value::Long(args[0].shown().as_ref().cmp(args[1].shown().as_ref()) as i64)
    }),
    function("translate", "str str str", Is(Type::String), Naming::None, translate),
    function("replace_string", "str str str", Is(Type::String), Naming::None, |_, args| {
        let wanted = args[1].shown();
        let text = args[0].shown();
        if wanted.is_empty() {
            made(text.into_owned())
        } else {
            made(text.replace(&*wanted, &args[2].shown()))
        }
    }),
    function("replace_strings", "str dyn dyn", Is(Type::String), Naming::None, replace_strings),
    function("make_string", "any+", Is(Type::String), Naming::None, make_string),
    function("unicode_codepoints_to_string", "any+", Is(Type::String), Naming::None, make_string),
    function("to_utf8", "any", Is(Type::Dynamic), Naming::None, code_points),
    function("unicode_codepoints_from_string", "any", Is(Type::Dynamic), Naming::None, code_points),
    function("isascii", "any", Is(Type::Bool), Naming::None, |_, args| {
        Value::Bool(args[0].shown().is_ascii())
    }),
    function("isutf8", "any", Is(Type::Bool), Naming::None, |_, _| Value::Bool(true)),
    function("parse_csv", "text", Is(Type::Dynamic), Naming::First, parse_csv),
    function("max_of", "any+", super::Returns::Common, Naming::None, |_, args| extreme(args, true)),
    function("min_of", "any+", super::Returns::Common, Naming::None, |_, args| extreme(args, false)),
];

/// A text, cut where it would grow too large.
pub(super) fn made(mut text: String) -> Value {
    if text.len() > MAX_TEXT {
        let mut end = MAX_TEXT;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
    }
    Value::String(Arc::from(text))
}

pub(super) fn long(count: usize) -> Value {
    Value::Long(i64::try_from(count).unwrap_or(i64::MAX))
}

fn joined(delimiter: &str, args: &[Arg<'_>]) -> Value {
    let mut text = String::new();
    for (index, arg) in args.iter().enumerate() {
        if index > 0 {
            text.push_str(delimiter);
        }
        text.push_str(&arg.shown());
    }
    made(text)
}

/// Characters from a place on; a negative place counts from the end.
fn substring(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let text = args[0].shown();
    let Some(start) = args[1].long() else { return Value::text("") };
    let count = text.chars().count();
    let start = if start < 0 {
        // From the end; what would begin before the text is nothing.
        let back = usize::try_from(start.unsigned_abs()).unwrap_or(usize::MAX);
        match count.checked_sub(back) {
            Some(start) => start,
            None => return Value::text(""),
        }
    } else {
        usize::try_from(start).unwrap_or(usize::MAX)
    };
    let length = match args.get(2) {
        None => usize::MAX,
        Some(length) => match length.long() {
            Some(length) => usize::try_from(length).unwrap_or(0),
            None => return Value::text(""),
        },
    };
    made(text.chars().skip(start).take(length).collect())
}

fn split(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let (text, delimiter) = (args[0].shown(), args[1].shown());
    let parts: Vec<Dynamic> = if delimiter.is_empty() {
        vec![Dynamic::String(Arc::from(&*text))]
    } else {
        text.split(&*delimiter).map(|part| Dynamic::String(Arc::from(part))).collect()
    };
    let Some(index) = args.get(2) else { return Value::Dynamic(Dynamic::Array(parts.into())) };
    let picked = index.long().and_then(|index| Dynamic::Array(parts.into()).element(index).cloned());
    Value::Dynamic(Dynamic::Array(picked.into_iter().collect()))
}

fn repeat(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let text = args[0].shown();
    let count = args[1].long().unwrap_or(0).clamp(0, 1_024);
    let delimiter = args.get(2).map(|arg| arg.shown()).unwrap_or_default();
    let mut out = String::new();
    for index in 0..count {
        if out.len() > MAX_TEXT {
            break;
        }
        if index > 0 {
            out.push_str(&delimiter);
        }
        out.push_str(&text);
    }
    made(out)
}

fn translate(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let from: Vec<char> = args[0].shown().chars().collect();
    let to: Vec<char> = args[1].shown().chars().collect();
    let replace = |c: char| match from.iter().position(|known| *known == c) {
        None => Some(c),
        Some(index) => to.get(index).or(to.last()).copied(),
    };
    made(args[2].shown().chars().filter_map(replace).collect())
}

/// One pair after another; what was put in is not looked at again. Pairs whose replacement is no string are kept
/// as they are.
fn replace_strings(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let (Some(from), Some(to)) = (args[1].array(), args[2].array()) else { return Value::text("") };
    // Pieces that may still be searched, and pieces that are done.
    let mut pieces = vec![(args[0].shown().into_owned(), true)];
    for (index, wanted) in from.iter().enumerate() {
        let wanted = wanted.to_text();
        let other = match to.get(index) {
            Some(Dynamic::String(text)) => text.to_string(),
            _ => wanted.clone(),
        };
        if wanted.is_empty() {
            continue;
        }
        let mut next = Vec::new();
        for (piece, open) in pieces {
            if !open {
                next.push((piece, false));
                continue;
            }
            for (place, part) in piece.split(&wanted).enumerate() {
                if place > 0 {
                    next.push((other.clone(), false));
                }
                next.push((part.to_owned(), true));
            }
        }
        pieces = next;
    }
    made(pieces.into_iter().map(|(piece, _)| piece).collect())
}

fn make_string(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let mut text = String::new();
    for arg in args {
        match arg {
            Arg::Dynamic(Dynamic::Array(items)) => {
                text.extend(items.iter().filter_map(|item| character(Arg::of_dynamic(item))));
            }
            other => text.extend(character(*other)),
        }
    }
    made(text)
}

fn character(arg: Arg<'_>) -> Option<char> {
    arg.long().and_then(|code| u32::try_from(code).ok()).and_then(char::from_u32)
}

fn code_points(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let text = args[0].shown();
    Value::Dynamic(Dynamic::Array(text.chars().map(|c| Dynamic::Long(i64::from(u32::from(c)))).collect()))
}

/// The fields of the first record.
fn parse_csv(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let text = args[0].shown();
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let Some(field) = fields.last_mut() else { break };
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                field.push('"');
                characters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            '\n' | '\r' if !quoted => break,
            other => field.push(other),
        }
    }
    Value::Dynamic(Dynamic::Array(fields.into_iter().map(|field| Dynamic::String(field.into())).collect()))
}

/// The greatest or smallest argument; nulls do not count.
fn extreme(args: &[Arg<'_>], greatest: bool) -> Value {
    let mut best: Option<Arg<'_>> = None;
    for arg in args.iter().filter(|arg| !arg.is_null()) {
        let better = match best {
            None => true,
            Some(best) => {
                let order = match (arg, best) {
                    (Arg::Text(a), Arg::Text(b)) => Some((*a).cmp(b)),
                    (Arg::DateTime(a), Arg::DateTime(b)) | (Arg::Timespan(a), Arg::Timespan(b)) => {
                        Some(a.cmp(&b))
                    }
                    (Arg::Long(a), Arg::Long(b)) => Some(a.cmp(&b)),
                    (Arg::Bool(a), Arg::Bool(b)) => Some(a.cmp(&b)),
                    (Arg::Decimal(a), Arg::Decimal(b)) => Some(a.cmp(&b)),
                    (a, b) => a.real().zip(b.real()).and_then(|(a, b)| a.partial_cmp(&b)),
                };
                order == Some(if greatest { std::cmp::Ordering::Greater } else { std::cmp::Ordering::Less })
            }
        };
        if better {
            best = Some(*arg);
        }
    }
    best.map_or(Value::Null, Arg::value)
}
