//! Functions that build and cut text.

use std::collections::HashMap;
use std::sync::Arc;

use super::Returns::Is;
use super::{Arg, Call, Function, Listed, Naming, done, function};
use crate::clock::Stopped;
use crate::dynamic::Dynamic;
use crate::types::Type;
use crate::value::Value;

/// A text never grows beyond this many bytes.
pub(super) const MAX_TEXT: usize = 1 << 24;
/// About what one text of a list takes beside its bytes.
pub(super) const PART_BYTES: usize = 80;

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
    Function {
        is_lower: true,
        ..function("tolower", "any", Is(Type::String), Naming::None, |_, args| lower(&args[0].shown()))
    },
    function("reverse", "any", Is(Type::String), Naming::None, |_, args| {
        made(args[0].shown().chars().rev().collect())
    }),
    function("substring", "any int int?", Is(Type::String), Naming::None, substring),
    Function {
        listed: Some(Listed::Parts),
        ..function("split", "any str int?", Is(Type::Dynamic), Naming::First, |call, args| {
            done(split(call, args))
        })
    },
    function("strrep", "any int any?", Is(Type::String), Naming::None, repeat),
    function("strcmp", "any any", Is(Type::Long), Naming::None, |_, args| {
        Value::Long(args[0].shown().as_ref().cmp(args[1].shown().as_ref()) as i64)
    }),
    function("translate", "str str str", Is(Type::String), Naming::None, |_, args| translate(args)),
    function("replace_string", "str str str", Is(Type::String), Naming::None, |_, args| {
        let (text, wanted, other) = (args[0].shown(), args[1].shown(), args[2].shown());
        let mut out = Text::default();
        if wanted.is_empty() {
            out.push(&text);
        } else {
            for (place, part) in text.split(&*wanted).enumerate() {
                if out.is_full() {
                    break;
                }
                if place > 0 {
                    out.push(&other);
                }
                out.push(part);
            }
        }
        out.value()
    }),
    function("replace_strings", "str dyn dyn", Is(Type::String), Naming::None, |call, args| {
        done(replace_strings(call, args))
    }),
    function("make_string", "any+", Is(Type::String), Naming::None, make_string),
    function("unicode_codepoints_to_string", "any+", Is(Type::String), Naming::None, make_string),
    function("to_utf8", "any", Is(Type::Dynamic), Naming::None, |call, args| done(code_points(call, args))),
    function("unicode_codepoints_from_string", "any", Is(Type::Dynamic), Naming::None, |call, args| {
        done(code_points(call, args))
    }),
    function("isascii", "any", Is(Type::Bool), Naming::None, |_, args| {
        Value::Bool(args[0].shown().is_ascii())
    }),
    function("isutf8", "any", Is(Type::Bool), Naming::None, |_, _| Value::Bool(true)),
    function("parse_csv", "text", Is(Type::Dynamic), Naming::First, |call, args| done(parse_csv(call, args))),
    function("max_of", "any+", super::Returns::Common, Naming::None, |_, args| extreme(args, true)),
    function("min_of", "any+", super::Returns::Common, Naming::None, |_, args| extreme(args, false)),
];

/// A text in small letters; most are ASCII, and need no second copy.
fn lower(text: &str) -> Value {
    if !text.is_ascii() {
        return made(text.to_lowercase());
    }
    let mut lower: Arc<str> = Arc::from(text);
    if let Some(lower) = Arc::get_mut(&mut lower) {
        lower.make_ascii_lowercase();
    }
    Value::String(lower)
}

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

/// A text that is put together; what would not fit is left out.
#[derive(Default)]
pub(super) struct Text(String);

impl Text {
    pub(super) fn push(&mut self, text: &str) {
        let mut end = text.len().min(MAX_TEXT - self.0.len());
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        self.0.push_str(&text[..end]);
    }

    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= MAX_TEXT
    }

    pub(super) fn value(self) -> Value {
        Value::String(Arc::from(self.0))
    }
}

fn joined(delimiter: &str, args: &[Arg<'_>]) -> Value {
    let mut text = Text::default();
    for (index, arg) in args.iter().enumerate() {
        if index > 0 {
            text.push(delimiter);
        }
        text.push(&arg.shown());
    }
    text.value()
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

/// A place that there is not answers null.
fn split(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    let (text, delimiter) = (args[0].shown(), args[1].shown());
    let mut parts = Vec::new();
    if delimiter.is_empty() {
        parts.push(Dynamic::String(Arc::from(&*text)));
    } else {
        for part in text.split(&*delimiter) {
            call.clock().room(PART_BYTES + part.len())?;
            parts.push(Dynamic::String(Arc::from(part)));
        }
    }
    let Some(index) = args.get(2) else { return Ok(Value::Dynamic(Dynamic::Array(parts.into()))) };
    let picked = index.long().and_then(|index| Dynamic::Array(parts.into()).element(index).cloned());
    Ok(picked.map_or(Value::Null, |picked| Value::Dynamic(Dynamic::Array([picked].into()))))
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

fn translate(args: &[Arg<'_>]) -> Value {
    let to: Vec<char> = args[1].shown().chars().collect();
    let mut replaced: HashMap<char, Option<char>> = HashMap::new();
    for (index, from) in args[0].shown().chars().enumerate() {
        replaced.entry(from).or_insert_with(|| to.get(index).or(to.last()).copied());
    }
    made(args[2].shown().chars().filter_map(|c| replaced.get(&c).copied().unwrap_or(Some(c))).collect())
}

/// A piece of a text in which texts are replaced.
enum Piece<'t> {
    /// May still be searched.
    Open(&'t str),
    /// What was put in is not looked at again.
    Done(usize),
}

/// One pair after another. Pairs whose replacement is no string are kept as they are.
fn replace_strings(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    let (Some(from), Some(to)) = (args[1].array(), args[2].array()) else { return Ok(Value::text("")) };
    let text = args[0].shown();
    let mut pieces = vec![Piece::Open(&text)];
    let mut replacements = Vec::new();
    for (index, wanted) in from.iter().enumerate() {
        let wanted = wanted.to_text();
        if wanted.is_empty() {
            continue;
        }
        call.clock().work(text.len() + 32 * pieces.len())?;
        let mut next = Vec::with_capacity(pieces.len());
        for piece in pieces {
            let Piece::Open(open) = piece else {
                next.push(piece);
                continue;
            };
            for (place, part) in open.split(&*wanted).enumerate() {
                if place > 0 {
                    call.clock().room(PART_BYTES)?;
                    next.push(Piece::Done(replacements.len()));
                }
                next.push(Piece::Open(part));
            }
        }
        pieces = next;
        replacements.push(match to.get(index) {
            Some(Dynamic::String(text)) => text.to_string(),
            _ => wanted,
        });
    }
    let mut out = Text::default();
    for piece in pieces {
        out.push(match piece {
            Piece::Open(part) => part,
            Piece::Done(index) => &replacements[index],
        });
    }
    Ok(out.value())
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

fn code_points(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    let text = args[0].shown();
    call.clock().room(text.len().saturating_mul(24))?;
    let items = text.chars().map(|c| Dynamic::Long(i64::from(u32::from(c))));
    Ok(Value::Dynamic(Dynamic::Array(items.collect())))
}

/// The fields of the first record.
fn parse_csv(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    let text = args[0].shown();
    let mut fields = Vec::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '"' if quoted && characters.peek() == Some(&'"') => {
                field.push('"');
                characters.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => {
                call.clock().room(PART_BYTES + field.len())?;
                fields.push(Dynamic::String(Arc::from(field.as_str())));
                field.clear();
            }
            '\n' | '\r' if !quoted => break,
            other => field.push(other),
        }
    }
    fields.push(Dynamic::String(Arc::from(field)));
    Ok(Value::Dynamic(Dynamic::Array(fields.into())))
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
