//! What Kusto's regular expressions take and our library does not: a brace that counts nothing stands for itself.
//!
//! The service documents the syntax of the very library that is used here, with octal numbers (`\101`) and the classes
//! of Unicode; those are settings. What it does not document (`\Q…\E`, `\C`, look-around, references to groups) is
//! refused, as the library refuses it.

/// Behind these escapes a brace holds a name or a number.
const BRACED: &str = "pPxuUbB";

/// The pattern with a backslash before each brace that stands for itself.
pub(super) fn translate(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut rest = pattern;
    let mut class_depth = 0_usize;
    while let Some(c) = rest.chars().next() {
        let mut length = c.len_utf8();
        match c {
            '\\' => {
                let escaped = rest[1..].chars().next();
                length += escaped.map_or(0, char::len_utf8);
                if escaped.is_some_and(|escaped| BRACED.contains(escaped)) && rest[length..].starts_with('{')
                {
                    length += rest[length..].find('}').map_or(0, |end| end + 1);
                }
            }
            '[' => {
                class_depth += 1;
                // A closing bracket that comes first is one of the characters.
                length += usize::from(rest[length..].starts_with('^'));
                length += usize::from(rest[length..].starts_with(']'));
            }
            ']' => class_depth = class_depth.saturating_sub(1),
            '{' if class_depth == 0 && !counts(&rest[1..]) => out.push('\\'),
            _ => {}
        }
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out
}

/// Whether `2}`, `2,}` or `2,5}` comes first.
fn counts(rest: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some((inside, _)) = rest.split_once('}') else { return false };
    match inside.split_once(',') {
        None => is_number(inside),
        Some((least, most)) => is_number(least) && (most.is_empty() || is_number(most)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_brace_that_counts_nothing_is_escaped() {
        for (pattern, wanted) in [
            ("a{2}b{2,}c{2,5}?", "a{2}b{2,}c{2,5}?"),
            ("{a{,5}{x}{", r"\{a\{,5}\{x}\{"),
            (r"\p{L}\x{41}\b{start}\{{", r"\p{L}\x{41}\b{start}\{\{"),
            (r"[{]{[]{][^]{][[:alpha:]{]{", r"[{]\{[]{][^]{][[:alpha:]{]\{"),
            (r"[\]{]\[{", r"[\]{]\[\{"),
            ("\u{e9}{\\\u{e9}", "\u{e9}\\{\\\u{e9}"),
            ("\\", "\\"),
        ] {
            assert_eq!(translate(pattern), wanted, "{pattern}");
        }
    }
}
