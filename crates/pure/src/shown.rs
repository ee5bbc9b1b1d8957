//! Text for people's eyes: what other people wrote cannot break out of its line, turn the direction of what follows, or
//! stand there unseen.

use std::fmt::Write;

/// Whether a character moves the cursor, turns the direction of text, or takes no room.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}'
            // Signs that are written around what follows, and letters without a shape.
            | '\u{34f}' | '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}'
            | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{3164}' | '\u{ffa0}'
            | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}')
}

/// What a hidden character is called: `U+202E, right-to-left override`.
#[must_use]
pub fn name_of(hidden: char) -> String {
    let name = match hidden {
        '\t' => "tab",
        '\n' => "line feed",
        '\r' => "carriage return",
        '\u{1b}' => "escape",
        '\u{ad}' => "soft hyphen",
        '\u{61c}' => "Arabic letter mark",
        '\u{200b}' => "zero width space",
        '\u{200c}' => "zero width non-joiner",
        '\u{200d}' => "zero width joiner",
        '\u{200e}' => "left-to-right mark",
        '\u{200f}' => "right-to-left mark",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{202a}' => "left-to-right embedding",
        '\u{202b}' => "right-to-left embedding",
        '\u{202c}' => "pop directional formatting",
        '\u{202d}' => "left-to-right override",
        '\u{202e}' => "right-to-left override",
        '\u{2060}' => "word joiner",
        '\u{2066}' => "left-to-right isolate",
        '\u{2067}' => "right-to-left isolate",
        '\u{2068}' => "first strong isolate",
        '\u{2069}' => "pop directional isolate",
        '\u{feff}' => "byte order mark",
        '\u{e0000}'..='\u{e007f}' => "a tag character",
        control if control.is_control() => "a control character",
        _ => "a format character",
    };
    format!("U+{:04X}, {name}", u32::from(hidden))
}

/// Text with every hidden character escaped, line breaks too: `\n`, `\u{202e}`.
#[must_use]
pub fn shown(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            // Writing to a text cannot fail.
            let _ = write!(line, "{}", c.escape_default());
        } else {
            line.push(c);
        }
    }
    line
}

/// The same of words that have several lines of their own.
#[must_use]
pub fn lines_shown(text: &str) -> String {
    text.split('\n').map(shown).collect::<Vec<_>>().join("\n")
}

/// The same of a sentence, which may have been broken into lines: white space of any kind is one blank, and the host makes
/// one log event of each line.
#[must_use]
pub fn one_line(text: &str) -> String {
    shown(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A word of a command that people paste into a shell: quoted where it must be, and always one line.
///
/// ```
/// use pure::shown::shell_word;
///
/// assert_eq!(shell_word("/a/b-c_d.e"), "/a/b-c_d.e");
/// assert_eq!(shell_word("my rule"), "'my rule'");
/// assert_eq!(shell_word("a'b"), r"'a'\''b'");
/// assert_eq!(shell_word(""), "''");
/// ```
#[must_use]
pub fn shell_word(text: &str) -> String {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:@,=".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", shown(text).replace('\'', r"'\''"))
}

/// The length of a GUID, and where its dashes stand.
const GUID: usize = 36;
const DASHES: [usize; 4] = [8, 13, 18, 23];
/// What an id of a resource begins with.
const ID: &str = "/subscriptions/";
/// Letters of a GUID that stand for the whole of it.
const SHORT: usize = 8;

/// A sentence for a screen without what no person reads, whoever wrote it: of an id its last part, of a GUID its beginning.
///
/// ```
/// use pure::shown::brief;
///
/// let said = "The client '0f3c9a1e-1111-2222-3333-444455556666' may not read /subscriptions/s/resourceGroups/rg-dns";
/// assert_eq!(brief(said), "The client '0f3c9a1e…' may not read …/rg-dns");
/// ```
#[must_use]
pub fn brief(text: &str) -> String {
    let mut short = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(next) = rest.chars().next() {
        let is_word = short.ends_with(|before: char| before.is_alphanumeric());
        if rest.get(..ID.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(ID)) {
            let over = |c: char| c.is_whitespace() || "'\"<>()[]{},;".contains(c);
            let end = rest.find(over).unwrap_or(rest.len());
            let whole = rest[..end].trim_end_matches(['.', ':', '/']);
            let last = whole.rsplit('/').next().unwrap_or_default();
            short.push('…');
            short.push('/');
            short.push_str(guid(last).unwrap_or(last));
            rest = &rest[whole.len()..];
        } else if let Some(begin) = guid(rest).filter(|_| !is_word) {
            short.push_str(begin);
            short.push('…');
            rest = &rest[GUID..];
        } else {
            short.push(next);
            rest = &rest[next.len_utf8()..];
        }
    }
    short
}

/// The beginning of a GUID that the text begins with.
fn guid(text: &str) -> Option<&str> {
    let bytes = text.as_bytes().get(..GUID)?;
    let is_one = |(at, byte): (usize, &u8)| match DASHES.contains(&at) {
        true => *byte == b'-',
        false => byte.is_ascii_hexdigit(),
    };
    let goes_on = text.as_bytes().get(GUID).is_some_and(u8::is_ascii_alphanumeric);
    (bytes.iter().enumerate().all(is_one) && !goes_on).then(|| &text[..SHORT])
}

/// JSON text whose hidden characters are escaped: the same data, and nothing in it moves the reader's cursor. Line
/// breaks, which stand between values alone, stay.
#[must_use]
pub fn json_shown(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' || !is_hidden(c) {
            text.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            // Writing to a text cannot fail.
            let _ = write!(text, "\\u{unit:04x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_escaped() {
        let text = "a\u{1b}[31m\u{202e}gpj\u{2069}\u{200b}\u{feff}\u{9b}\tb\r\nc";
        let escaped = r"a\u{1b}[31m\u{202e}gpj\u{2069}\u{200b}\u{feff}\u{9b}\tb\r\nc";
        assert_eq!(shown(text), escaped);
        assert_eq!(one_line("a\r\n  b\u{2066}\u{2028}c"), r"a b\u{2066} c");
        assert_eq!(lines_shown("error: a\u{1b}\n\nhint: b"), "error: a\\u{1b}\n\nhint: b");
    }

    #[test]
    fn a_hidden_character_has_a_name() {
        for (hidden, name) in [
            ('\u{202e}', "U+202E, right-to-left override"),
            ('\u{200b}', "U+200B, zero width space"),
            ('\u{7}', "U+0007, a control character"),
            ('\u{e0041}', "U+E0041, a tag character"),
            ('\u{1d173}', "U+1D173, a format character"),
        ] {
            assert!(is_hidden(hidden));
            assert_eq!(name_of(hidden), name);
        }
    }

    #[test]
    fn of_ids_and_guids_people_see_what_they_can_tell_apart() {
        let guid = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
        let zone = format!(
            "/subscriptions/{guid}/resourceGroups/rg/providers/Microsoft.Network/dnsZones/example.com"
        );
        for (text, short) in [
            (
                format!("The client '{guid}' with object id '{guid}' may not."),
                "The client '0f1e2d3c…' with object id '0f1e2d3c…' may not.".to_owned(),
            ),
            (
                format!("over scope '{zone}/A/nas' or {zone}."),
                "over scope '…/nas' or …/example.com.".to_owned(),
            ),
            (
                format!("the subscription /SUBSCRIPTIONS/{guid}: no"),
                "the subscription …/0f1e2d3c: no".to_owned(),
            ),
        ] {
            assert_eq!(brief(&text), short);
            assert_eq!(brief(&short), short);
        }
        for text in [
            "",
            "zürich – nas.example.com A at 203.0.113.7, /24",
            &format!("x{guid}"),
            &format!("{guid}0"),
            &guid[1..],
        ] {
            assert_eq!(brief(text), text);
        }
    }

    #[test]
    fn json_stays_the_same_data() {
        let value = serde_json::json!({ "a\u{202e}": ["\u{1b}\n\u{9b}\u{e0041}\u{7f}", "z\u{fc} \\u202e"] });
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            let shown = json_shown(&text);
            assert!(!shown.chars().any(|c| c != '\n' && is_hidden(c)), "{shown}");
            assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
            assert_eq!(json_shown(&shown), shown);
        }
        assert_eq!(json_shown("\"\u{202e}\u{e0041}\""), r#""\u202e\udb40\udc41""#);
    }

    #[test]
    fn what_can_be_seen_stays() {
        for text in ["", "z\u{fc}rich \u{65e5}\u{672c} \u{5d0}", "e\u{301} \\ | \"q\" …"] {
            assert_eq!((shown(text), one_line(text)), (text.to_owned(), text.to_owned()));
        }
    }
}
