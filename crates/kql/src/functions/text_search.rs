//! Functions that look for something in text.

use std::sync::Arc;

use super::Returns::{Is, TypeOf};
use super::text::{long, made};
use super::{Arg, Call, Function, Naming, function};
use crate::dynamic::Dynamic;
use crate::types::Type;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    function("extract", "str int str type?", TypeOf(Type::String), Naming::None, extract),
    function("extract_all", "str any any?", Is(Type::Dynamic), Naming::None, extract_all),
    function("extractall", "str any any?", Is(Type::Dynamic), Naming::None, extract_all),
    function("replace_regex", "str str str", Is(Type::String), Naming::None, |call, args| {
        replace(call, args[0], args[1], args[2])
    }),
    function("replace", "str str str", Is(Type::String), Naming::None, |call, args| {
        replace(call, args[2], args[0], args[1])
    }),
    function("trim", "str str", Is(Type::String), Naming::None, |call, args| trim(call, args, true, true)),
    function("trim_start", "str str", Is(Type::String), Naming::None, |call, args| {
        trim(call, args, true, false)
    }),
    function("trim_end", "str str", Is(Type::String), Naming::None, |call, args| {
        trim(call, args, false, true)
    }),
    function("countof", "str str lit?", Is(Type::Long), Naming::None, count_of),
    function("indexof", "any any int? int? int?", Is(Type::Long), Naming::None, index_of),
    function("indexof_regex", "any str int? int? int?", Is(Type::Long), Naming::None, index_of_regex),
    function("has_any_index", "text dyn", Is(Type::Long), Naming::None, has_any_index),
    function("regex_quote", "any", Is(Type::String), Naming::None, |_, args| {
        made(regex::escape(&args[0].shown()))
    }),
];

fn extract(call: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let text = args[2].shown();
    let group = args[1].long().and_then(|group| usize::try_from(group).ok());
    let found = call.state.regex(&args[0].shown()).zip(group).and_then(|(regex, group)| {
        let captures = regex.captures(&text)?;
        captures.get(group).map(|found| Value::text(found.as_str()))
    });
    found.unwrap_or_else(|| Value::text(""))
}

/// All matches: the group, or an array of the groups when there are several.
fn extract_all(call: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let (wanted, text) = match args {
        [_, text] => (None, text.shown()),
        [_, wanted, text] => (wanted.array(), text.shown()),
        _ => return Value::Null,
    };
    let Some(regex) = call.state.regex(&args[0].shown()) else { return Value::Null };
    let groups = regex.captures_len();
    let mut chosen: Vec<usize> = wanted
        .unwrap_or_default()
        .iter()
        .filter_map(|item| match item {
            Dynamic::Long(number) => usize::try_from(*number).ok(),
            Dynamic::String(name) => regex.capture_names().position(|known| known == Some(&**name)),
            _ => None,
        })
        .filter(|group| (1..groups).contains(group))
        .collect();
    if chosen.is_empty() {
        // None asked for, or none of those that there are: all.
        chosen = if groups == 1 { vec![0] } else { (1..groups).collect() };
    }
    let mut all = Vec::new();
    for captures in regex.captures_iter(&text) {
        let mut parts = chosen
            .iter()
            .map(|group| Dynamic::String(Arc::from(captures.get(*group).map_or("", |found| found.as_str()))));
        all.push(match (chosen.len(), parts.next()) {
            (1, Some(only)) => only,
            (_, first) => Dynamic::Array(first.into_iter().chain(parts).collect()),
        });
    }
    if all.is_empty() { Value::Null } else { Value::Dynamic(Dynamic::Array(all.into())) }
}

/// `\1` in the replacement is a group; `\0` the whole match.
fn replace(call: &Call<'_>, text: Arg<'_>, pattern: Arg<'_>, rewrite: Arg<'_>) -> Value {
    let Some(regex) = call.state.regex(&pattern.shown()) else { return Value::text(&text.shown()) };
    let (text, rewrite) = (text.shown(), rewrite.shown());
    let replaced = regex.replace_all(&text, |captures: &regex::Captures<'_>| {
        let mut out = String::new();
        let mut characters = rewrite.chars();
        while let Some(c) = characters.next() {
            match (c, c == '\\') {
                (_, false) => out.push(c),
                (_, true) => match characters.next() {
                    Some(digit) if digit.is_ascii_digit() => {
                        let group = digit.to_digit(10).map_or(0, |digit| digit as usize);
                        out.push_str(captures.get(group).map_or("", |found| found.as_str()));
                    }
                    Some(other) => out.push(other),
                    None => out.push('\\'),
                },
            }
        }
        out
    });
    made(replaced.into_owned())
}

fn trim(call: &Call<'_>, args: &[Arg<'_>], start: bool, end: bool) -> Value {
    let text = args[1].shown();
    let mut rest: &str = &text;
    let pattern = args[0].shown();
    if start
        && let Some(found) = call.state.regex(&format!("^(?:{pattern})")).and_then(|regex| regex.find(rest))
    {
        rest = &rest[found.end()..];
    }
    if end
        && let Some(found) = call.state.regex(&format!("(?:{pattern})$")).and_then(|regex| regex.find(rest))
    {
        rest = &rest[..found.start()];
    }
    Value::text(rest)
}

/// Plain searches may overlap, regular expressions do not.
fn count_of(call: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let (text, wanted) = (args[0].shown(), args[1].shown());
    if args.get(2).is_some_and(|kind| kind.text() == Some("regex")) {
        return call.state.regex(&wanted).map_or(Value::Null, |regex| long(regex.find_iter(&text).count()));
    }
    if wanted.is_empty() {
        return Value::Long(0);
    }
    let starts = text.char_indices().filter(|(at, _)| text[*at..].starts_with(&*wanted));
    long(starts.count())
}

/// The part of a text that a search looks at, and the characters before it.
fn window<'a>(text: &'a str, start: Option<&Arg<'_>>, length: Option<&Arg<'_>>) -> Option<(&'a str, usize)> {
    let count = text.chars().count();
    let start = match start.and_then(|arg| arg.long()).unwrap_or(0) {
        negative if negative < 0 => count.saturating_sub(usize::try_from(negative.unsigned_abs()).ok()?),
        start => usize::try_from(start).ok()?,
    };
    let place = |characters: usize| text.char_indices().nth(characters).map_or(text.len(), |(at, _)| at);
    if start > count {
        return None;
    }
    let length = length.and_then(|arg| arg.long()).unwrap_or(-1);
    let end = if length < 0 { count } else { start.saturating_add(usize::try_from(length).ok()?).min(count) };
    Some((&text[place(start)..place(end)], start))
}

fn nth(occurrence: Option<&Arg<'_>>) -> usize {
    let occurrence = occurrence.and_then(|arg| arg.long()).unwrap_or(1);
    usize::try_from(occurrence).unwrap_or(1).saturating_sub(1)
}

/// Whether the start lies before the least that may be, the length below "all" or the occurrence below none.
fn is_irrelevant(args: &[Arg<'_>], least_start: i64) -> bool {
    [(2, least_start), (3, -1), (4, 0)]
        .into_iter()
        .any(|(place, least)| args.get(place).and_then(|arg| arg.long()).is_some_and(|number| number < least))
}

fn index_of(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    // A negative start counts from the end here.
    if is_irrelevant(args, i64::MIN) {
        return Value::Null;
    }
    let (text, wanted) = (args[0].shown(), args[1].shown());
    let Some((part, before)) = window(&text, args.get(2), args.get(3)) else { return Value::Long(-1) };
    if wanted.is_empty() {
        return long(before);
    }
    let found = |part: &str, before: usize| part.find(&*wanted).map(|at| before + part[..at].chars().count());
    let mut place = found(part, before);
    for _ in 0..nth(args.get(4)) {
        // Each further search begins behind the last place, and looks as far from there.
        let next = place.and_then(|place| i64::try_from(place + 1).ok()).map(Arg::Long);
        place = next.and_then(|next| {
            let (part, before) = window(&text, Some(&next), args.get(3))?;
            found(part, before)
        });
    }
    place.map_or(Value::Long(-1), long)
}

fn index_of_regex(call: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let text = args[0].shown();
    let Some(regex) = call.state.regex(&args[1].shown()) else { return Value::Null };
    if is_irrelevant(args, 0) {
        return Value::Null;
    }
    let Some((part, before)) = window(&text, args.get(2), args.get(3)) else { return Value::Long(-1) };
    match regex.find_iter(part).nth(nth(args.get(4))) {
        Some(found) => long(part[..found.start()].chars().count() + before),
        None => Value::Long(-1),
    }
}

fn has_any_index(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    let text = args[0].shown();
    let Some(terms) = args[1].array() else { return Value::Null };
    let hit = terms.iter().position(|term| crate::terms::text_has(&text, &term.to_text()));
    hit.map_or(Value::Long(-1), long)
}
