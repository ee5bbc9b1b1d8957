//! Functions that look for something in text.

use std::sync::Arc;

use super::Returns::{Is, TypeOf};
use super::text::{Text, long, made};
use super::{Arg, Call, Function, Naming, done, function};
use crate::clock::Stopped;
use crate::dynamic::Dynamic;
use crate::pattern::Place;
use crate::types::Type;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    function("extract", "str int str type?", TypeOf(Type::String), Naming::None, |call, args| {
        done(extract(call, args))
    }),
    function("extract_all", "str any any?", Is(Type::Dynamic), Naming::None, |call, args| {
        done(extract_all(call, args))
    }),
    function("extractall", "str any any?", Is(Type::Dynamic), Naming::None, |call, args| {
        done(extract_all(call, args))
    }),
    function("replace_regex", "str str str", Is(Type::String), Naming::None, |call, args| {
        done(replace(call, args[0], args[1], args[2]))
    }),
    function("replace", "str str str", Is(Type::String), Naming::None, |call, args| {
        done(replace(call, args[2], args[0], args[1]))
    }),
    function("trim", "str str", Is(Type::String), Naming::None, |call, args| {
        done(trim(call, args, true, true))
    }),
    function("trim_start", "str str", Is(Type::String), Naming::None, |call, args| {
        done(trim(call, args, true, false))
    }),
    function("trim_end", "str str", Is(Type::String), Naming::None, |call, args| {
        done(trim(call, args, false, true))
    }),
    function("countof", "str str lit?", Is(Type::Long), Naming::None, |call, args| {
        done(count_of(call, args))
    }),
    function("indexof", "any any int? int? int?", Is(Type::Long), Naming::None, |call, args| {
        done(index_of(call, args))
    }),
    function("indexof_regex", "any str int? int? int?", Is(Type::Long), Naming::None, |call, args| {
        done(index_of_regex(call, args))
    }),
    function("has_any_index", "text dyn", Is(Type::Long), Naming::None, |call, args| {
        done(has_any_index(call, args))
    }),
    function("regex_quote", "any", Is(Type::String), Naming::None, |_, args| {
        made(crate::pattern::quoted(&args[0].shown()))
    }),
];

fn extract(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    let text = args[2].shown();
    let group = args[1].long().and_then(|group| usize::try_from(group).ok());
    let Some((pattern, group)) = call.pattern(&args[0].shown()).zip(group) else {
        return Ok(Value::text(""));
    };
    let found = pattern.captures(&text, call.clock())?;
    Ok(Value::text(found.and_then(|found| found.group(group)).unwrap_or_default()))
}

/// All matches: the group, or an array of the groups when there are several.
fn extract_all(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    let (wanted, text) = match args {
        [_, text] => (None, text.shown()),
        [_, wanted, text] => (wanted.array(), text.shown()),
        _ => return Ok(Value::Null),
    };
    let Some(pattern) = call.pattern(&args[0].shown()) else { return Ok(Value::Null) };
    let groups = pattern.groups();
    let mut chosen: Vec<usize> = wanted
        .unwrap_or_default()
        .iter()
        .filter_map(|item| match item {
            Dynamic::Long(number) => usize::try_from(*number).ok(),
            Dynamic::String(name) => pattern.group_of(name),
            _ => None,
        })
        .filter(|group| (1..groups).contains(group))
        .collect();
    if chosen.is_empty() {
        // None asked for, or none of those that there are: all.
        chosen = if groups == 1 { vec![0] } else { (1..groups).collect() };
    }
    let mut all = Vec::new();
    let mut place = Place::default();
    while let Some(found) = pattern.captures_next(&text, &mut place, call.clock())? {
        call.clock().room(found.range().len() + 64 * (chosen.len() + 1))?;
        let mut parts =
            chosen.iter().map(|group| Dynamic::String(Arc::from(found.group(*group).unwrap_or_default())));
        all.push(match (chosen.len(), parts.next()) {
            (1, Some(only)) => only,
            (_, first) => Dynamic::Array(first.into_iter().chain(parts).collect()),
        });
    }
    Ok(if all.is_empty() { Value::Null } else { Value::Dynamic(Dynamic::Array(all.into())) })
}

/// A part of a replacement.
enum Rewrite {
    Character(char),
    Group(usize),
}

/// `\1` in the replacement is a group; `\0` the whole match.
fn replace(call: &Call<'_>, text: Arg<'_>, pattern: Arg<'_>, rewrite: Arg<'_>) -> Result<Value, Stopped> {
    let Some(pattern) = call.pattern(&pattern.shown()) else {
        return Ok(Value::text(&text.shown()));
    };
    let (text, rewrite) = (text.shown(), rewrite.shown());
    let mut parts = Vec::new();
    let mut characters = rewrite.chars();
    while let Some(c) = characters.next() {
        let escaped = if c == '\\' { characters.next() } else { None };
        parts.push(match escaped {
            Some(digit) if digit.is_ascii_digit() => {
                Rewrite::Group(digit.to_digit(10).map_or(0, |digit| digit as usize))
            }
            Some(other) => Rewrite::Character(other),
            None => Rewrite::Character(c),
        });
    }
    let has_groups = parts.iter().any(|part| matches!(part, Rewrite::Group(group) if *group > 0));
    let mut out = Text::default();
    let mut place = Place::default();
    let mut copied = 0;
    loop {
        let found = if has_groups {
            let found = pattern.captures_next(&text, &mut place, call.clock())?;
            found.map(|found| (found.range(), Some(found)))
        } else {
            pattern.find_next(&text, &mut place, call.clock())?.map(|range| (range, None))
        };
        let Some((range, groups)) = found.filter(|_| !out.is_full()) else { break };
        out.push(&text[copied..range.start]);
        copied = range.end;
        call.clock().work(parts.len())?;
        for part in &parts {
            match (part, &groups) {
                (Rewrite::Character(c), _) => out.push(c.encode_utf8(&mut [0; 4])),
                (Rewrite::Group(0), _) => out.push(&text[range.clone()]),
                (Rewrite::Group(group), Some(groups)) => out.push(groups.group(*group).unwrap_or_default()),
                (Rewrite::Group(_), None) => {}
            }
        }
    }
    out.push(&text[copied..]);
    Ok(out.value())
}

fn trim(call: &Call<'_>, args: &[Arg<'_>], start: bool, end: bool) -> Result<Value, Stopped> {
    let text = args[1].shown();
    let mut rest: &str = &text;
    let pattern = args[0].shown();
    if start
        && let Some(pattern) = call.pattern(&format!("^(?:{pattern})"))
        && let Some(found) = pattern.find(rest, call.clock())?
    {
        rest = &rest[found.end..];
    }
    if end
        && let Some(pattern) = call.pattern(&format!("(?:{pattern})$"))
        && let Some(found) = pattern.find(rest, call.clock())?
    {
        rest = &rest[..found.start];
    }
    Ok(Value::text(rest))
}

/// Plain searches may overlap, regular expressions do not.
fn count_of(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    let (text, wanted) = (args[0].shown(), args[1].shown());
    let mut count = 0;
    if args.get(2).is_some_and(|kind| kind.text() == Some("regex")) {
        let Some(pattern) = call.pattern(&wanted) else { return Ok(Value::Null) };
        let mut place = Place::default();
        while pattern.find_next(&text, &mut place, call.clock())?.is_some() {
            count += 1;
        }
        return Ok(long(count));
    }
    let mut from = 0;
    while let Some(found) = find(call, &text[from..], &wanted)?.filter(|_| !wanted.is_empty()) {
        count += 1;
        from += found + text[from + found..].chars().next().map_or(1, char::len_utf8);
    }
    Ok(long(count))
}

/// Where a text stands in another, in bytes.
fn find(call: &Call<'_>, text: &str, wanted: &str) -> Result<Option<usize>, Stopped> {
    let found = text.find(wanted);
    call.clock().work((found.unwrap_or(text.len()) + wanted.len()) / 4 + 8)?;
    Ok(found)
}

/// A part of a text in characters and in bytes, which a search looks at; it only moves on.
struct Window<'t> {
    text: &'t str,
    /// The characters before it.
    before: usize,
    start: usize,
    end: usize,
}

impl<'t> Window<'t> {
    /// A negative start counts from the end, a negative length is all.
    fn new(text: &'t str, start: Option<&Arg<'_>>, length: Option<&Arg<'_>>) -> Option<Window<'t>> {
        let count = text.chars().count();
        let before = match start.and_then(|arg| arg.long()).unwrap_or(0) {
            negative if negative < 0 => {
                count.saturating_sub(usize::try_from(negative.unsigned_abs()).unwrap_or(usize::MAX))
            }
            start => usize::try_from(start).ok()?,
        };
        if before > count {
            return None;
        }
        let length = length.and_then(|arg| arg.long()).unwrap_or(-1);
        let start = advanced(text, 0, before);
        let end = match usize::try_from(length) {
            Ok(length) => advanced(text, start, length),
            Err(_) => text.len(),
        };
        Some(Window { text, before, start, end })
    }

    fn part(&self) -> &'t str {
        &self.text[self.start..self.end]
    }

    /// Moves on by so many characters, its end too.
    fn advance(&mut self, characters: usize) {
        self.before += characters;
        self.start = advanced(self.text, self.start, characters);
        self.end = advanced(self.text, self.end, characters);
    }
}

/// The place so many characters after another, or the end.
fn advanced(text: &str, from: usize, characters: usize) -> usize {
    text[from..].char_indices().nth(characters).map_or(text.len(), |(at, _)| from + at)
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

fn index_of(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    let (text, wanted) = (args[0].shown(), args[1].shown());
    // A negative start counts from the end here. Nothing stands nowhere.
    if is_irrelevant(args, i64::MIN) || wanted.is_empty() {
        return Ok(Value::Null);
    }
    let Some(mut window) = Window::new(&text, args.get(2), args.get(3)) else { return Ok(Value::Long(-1)) };
    let mut left = nth(args.get(4));
    while let Some(at) = find(call, window.part(), &wanted)? {
        let characters = window.part()[..at].chars().count();
        if left == 0 {
            return Ok(long(window.before + characters));
        }
        left -= 1;
        // Each further search begins behind the last place, and looks as far from there.
        window.advance(characters + 1);
    }
    Ok(Value::Long(-1))
}

fn index_of_regex(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    let text = args[0].shown();
    let Some(pattern) = call.pattern(&args[1].shown()) else { return Ok(Value::Null) };
    if is_irrelevant(args, 0) {
        return Ok(Value::Null);
    }
    let Some(window) = Window::new(&text, args.get(2), args.get(3)) else { return Ok(Value::Long(-1)) };
    let mut left = nth(args.get(4));
    let mut place = Place::default();
    while let Some(found) = pattern.find_next(window.part(), &mut place, call.clock())? {
        if left == 0 {
            return Ok(long(window.part()[..found.start].chars().count() + window.before));
        }
        left -= 1;
    }
    Ok(Value::Long(-1))
}

fn has_any_index(call: &Call<'_>, args: &[Arg<'_>]) -> Result<Value, Stopped> {
    let text = args[0].shown();
    let Some(terms) = args[1].array() else { return Ok(Value::Null) };
    for (place, term) in terms.iter().enumerate() {
        call.clock().work(text.len() / 4 + 16)?;
        if crate::terms::text_has(&text, &term.to_text()) {
            return Ok(long(place));
        }
    }
    Ok(Value::Long(-1))
}
