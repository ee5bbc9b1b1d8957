//! Command lines and versions, taken apart.

use super::Returns::Is;
use super::{Arg, Call, Function, Naming, function};
use crate::decimal::Decimal;
use crate::dynamic::Dynamic;
use crate::types::Type;
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    function("parse_command_line", "any lit", Is(Type::Dynamic), Naming::None, command_line),
    function("parse_version", "str", Is(Type::Decimal), Naming::None, |_, args| {
        Value::or_null(version(&args[0].shown()), Value::Decimal)
    }),
];

/// How many digits of the decimal each part of a version has.
const DIGITS: usize = 8;
const PARTS: usize = 4;

/// One to four numbers of at most eight digits, the missing ones 0, one behind the other.
fn version(text: &str) -> Option<Decimal> {
    let parts: Vec<&str> = text.split('.').collect();
    let is_part =
        |part: &&str| (1..=DIGITS).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    if parts.len() > PARTS || !parts.iter().all(is_part) {
        return None;
    }
    let places = (0..PARTS).map(|place| parts.get(place).copied().unwrap_or("0"));
    Decimal::parse(&places.map(|part| format!("{part:0>DIGITS$}")).collect::<String>())
}

/// The arguments as Windows reads them: quotes hold blanks together, a backslash counts only before a quote.
fn command_line(_: &Call<'_>, args: &[Arg<'_>]) -> Value {
    if !args[1].shown().eq_ignore_ascii_case("windows") {
        return Value::Null;
    }
    let text = args[0].shown();
    let mut rest = text.trim_start_matches([' ', '\t']);
    let mut words = Vec::new();
    if !rest.is_empty() {
        // The first is a path: backslashes mean nothing in it.
        let (word, behind) = match rest.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => rest.split_at(rest.find([' ', '\t']).unwrap_or(rest.len())),
        };
        words.push(Dynamic::String(word.into()));
        rest = behind;
    }
    let mut word: Option<String> = None;
    let (mut quoted, mut slashes) = (false, 0_usize);
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\\' {
            slashes += 1;
            continue;
        }
        let held = std::mem::take(&mut slashes);
        if c == '"' {
            let own = word.get_or_insert_default();
            own.extend(std::iter::repeat_n('\\', held / 2));
            if held % 2 == 1 {
                own.push('"');
            } else if quoted && chars.next_if_eq(&'"').is_some() {
                // Two quotes inside quotes are one.
                own.push('"');
            } else {
                quoted = !quoted;
            }
            continue;
        }
        if held > 0 {
            word.get_or_insert_default().extend(std::iter::repeat_n('\\', held));
        }
        if !quoted && matches!(c, ' ' | '\t') {
            words.extend(word.take().map(|word| Dynamic::String(word.into())));
        } else {
            word.get_or_insert_default().push(c);
        }
    }
    if slashes > 0 {
        word.get_or_insert_default().extend(std::iter::repeat_n('\\', slashes));
    }
    words.extend(word.map(|word| Dynamic::String(word.into())));
    Value::Dynamic(Dynamic::Array(words.into()))
}
