//! What can be recognised of an alert in a body, whatever else it holds: deep nesting, numbers that nobody can carry, an
//! end that was cut off. An alert that is refused keeps its action group silent for a quarter of an hour.

use std::collections::BTreeMap;

/// So much of a body is looked at, in bytes.
pub(super) const READ: usize = 2 * 1024 * 1024;
/// Texts within texts that are looked into.
const LEVELS: usize = 3;
/// Members that say something about an alert, in both spellings where there are two.
const TOLD: [&str; 11] = [
    "alertId",
    "alertRule",
    "alertRuleID",
    "alertRuleId",
    "alertTargetIDs",
    "alertTargetIds",
    "monitorCondition",
    "monitoringService",
    "signalType",
    "AlertRuleName",
    "ResourceId",
];
/// The longest value that is kept, in bytes.
const LONGEST: usize = 4096;

/// Members that are texts or lists of texts.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Members(BTreeMap<String, Vec<String>>);

impl Members {
    /// The first text of the first of these members that is there.
    pub(super) fn text(&self, names: &[&str]) -> &str {
        names.iter().find_map(|name| self.0.get(*name)?.first()).map_or("", String::as_str)
    }

    /// All texts of the first of these members that is there.
    pub(super) fn texts(&self, names: &[&str]) -> &[String] {
        names.iter().find_map(|name| self.0.get(*name)).map(Vec::as_slice).unwrap_or_default()
    }
}

/// An alert, by the form in which it is told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The common schema: the members of `essentials`.
    Common(Members),
    /// A legacy form: the members beside `AlertRuleName` or `SearchResults`.
    Legacy(Members),
}

/// Looks for an alert in the beginning of a text.
pub(super) fn find(text: &str) -> Option<Found> {
    look(text, LEVELS)
}

/// The same for a whole envelope that was too long to be kept: the body stands in it as a text.
pub(super) fn find_in_envelope(text: &str) -> Option<Found> {
    scan(text).found(LEVELS)
}

fn look(text: &str, levels: usize) -> Option<Found> {
    let end = (0..=READ.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    scan(&text[..end]).found(levels)
}

fn scan(text: &str) -> Scan {
    let mut scan = Scan::default();
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let Some(end) = closing(bytes, at) else {
                    scan.cut(&text[at + 1..]);
                    break;
                };
                let inside = &text[at + 1..end];
                at = end + 1;
                let next = bytes[at..].iter().find(|byte| !byte.is_ascii_whitespace());
                if next == Some(&b':') && scan.open.last() == Some(&b'{') {
                    scan.key = Some(Key::of(&unescaped(inside)));
                } else {
                    scan.text(inside);
                }
                continue;
            }
            bracket @ (b'{' | b'[') => scan.opens(bracket),
            b'}' | b']' => scan.closes(),
            b',' => scan.passes(),
            _ => {}
        }
        if scan.essentials.is_some() {
            break;
        }
        at += 1;
    }
    scan
}

/// The place of the quote that ends a text which begins at `at`.
fn closing(bytes: &[u8], at: usize) -> Option<usize> {
    let mut is_escaped = false;
    bytes[at + 1..]
        .iter()
        .position(|byte| {
            let ends = *byte == b'"' && !is_escaped;
            is_escaped = *byte == b'\\' && !is_escaped;
            ends
        })
        .map(|offset| at + 1 + offset)
}

/// The text between two quotes; one of no form stays as it is.
fn unescaped(inside: &str) -> String {
    if !inside.contains('\\') {
        return inside.to_owned();
    }
    serde_json::from_str(&format!("\"{inside}\"")).unwrap_or_else(|_| inside.to_owned())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    Essentials,
    Legacy(Option<&'static str>),
    Told(&'static str),
    Other,
}

impl Key {
    fn of(name: &str) -> Self {
        match (name, TOLD.iter().find(|told| **told == name)) {
            ("essentials", _) => Self::Essentials,
            ("SearchResults", _) => Self::Legacy(None),
            ("AlertRuleName", Some(told)) => Self::Legacy(Some(told)),
            (_, Some(told)) => Self::Told(told),
            _ => Self::Other,
        }
    }
}

/// An object that holds members worth keeping.
#[derive(Debug)]
struct Object {
    depth: usize,
    is_essentials: bool,
    is_legacy: bool,
    members: Members,
}

/// One pass, without recursion: one byte for each level of nesting.
#[derive(Debug, Default)]
struct Scan {
    open: Vec<u8>,
    key: Option<Key>,
    objects: Vec<Object>,
    /// The list whose texts belong to a member: its depth and the member.
    list: Option<(usize, &'static str)>,
    essentials: Option<Members>,
    legacy: Option<Members>,
    /// `essentials` was there, and was no object with members.
    named: bool,
    /// Texts that may hold an alert.
    texts: Vec<String>,
}

impl Scan {
    fn opens(&mut self, bracket: u8) {
        let key = self.key.take();
        self.open.push(bracket);
        let depth = self.open.len();
        match key {
            Some(Key::Essentials) if bracket == b'{' => self.object(depth).is_essentials = true,
            Some(Key::Essentials) => self.named = true,
            Some(Key::Told(name)) if bracket == b'[' => self.list = Some((depth, name)),
            Some(Key::Legacy(_)) => self.object(depth - 1).is_legacy = true,
            _ => {}
        }
    }

    /// A member ends: what its key has announced, and nothing else has taken, was a number, `null`, a word or nothing.
    fn passes(&mut self) {
        match self.key.take() {
            Some(Key::Essentials) => self.named = true,
            Some(Key::Legacy(_)) => {
                let depth = self.open.len();
                self.object(depth).is_legacy = true;
            }
            _ => {}
        }
    }

    fn closes(&mut self) {
        self.passes();
        let depth = self.open.len();
        if self.list.is_some_and(|(list, _)| list == depth) {
            self.list = None;
        }
        if let Some(object) = self.objects.pop_if(|object| object.depth == depth) {
            self.ended(object);
        }
        self.open.pop();
    }

    fn ended(&mut self, object: Object) {
        if object.is_essentials {
            self.essentials.get_or_insert(object.members);
        } else if object.is_legacy {
            self.legacy.get_or_insert(object.members);
        }
    }

    fn text(&mut self, inside: &str) {
        let depth = self.open.len();
        match (self.key, self.list) {
            (Some(Key::Told(name) | Key::Legacy(Some(name))), _) => self.keep(depth, name, inside),
            (None, Some((list, name))) if list == depth => self.keep(depth - 1, name, inside),
            _ => {}
        }
        self.passes();
        self.nested(inside);
    }

    /// The rest of a text without an end: its last escape may be cut.
    fn cut(&mut self, rest: &str) {
        let ends = (0..=rest.len()).rev().filter(|end| rest.is_char_boundary(*end)).take(12);
        let whole = ends.map(|end| &rest[..end]).find(|part| {
            !part.contains('\\') || serde_json::from_str::<String>(&format!("\"{part}\"")).is_ok()
        });
        self.passes();
        self.nested(whole.unwrap_or(rest));
    }

    /// A text that is JSON of its own.
    fn nested(&mut self, inside: &str) {
        let is_blank = |c: char| c.is_whitespace() || c == '\u{feff}';
        if inside.len() > 12 && inside.trim_start_matches(is_blank).starts_with(['{', '[', '\\', '"']) {
            self.texts.push(unescaped(inside));
        }
    }

    fn keep(&mut self, depth: usize, name: &'static str, inside: &str) {
        let value = if inside.len() > LONGEST { String::new() } else { unescaped(inside) };
        self.object(depth).members.0.entry(name.to_owned()).or_default().push(value);
    }

    fn object(&mut self, depth: usize) -> &mut Object {
        if self.objects.last().is_none_or(|object| object.depth != depth) {
            let members = Members::default();
            self.objects.push(Object { depth, is_essentials: false, is_legacy: false, members });
        }
        let last = self.objects.len() - 1;
        &mut self.objects[last]
    }

    fn found(mut self, levels: usize) -> Option<Found> {
        // What was cut off in the middle counts as far as it came.
        self.passes();
        for object in std::mem::take(&mut self.objects) {
            self.ended(object);
        }
        if let Some(members) = self.essentials {
            return Some(Found::Common(members));
        }
        if let Some(members) = self.legacy {
            return Some(Found::Legacy(members));
        }
        let within =
            levels.checked_sub(1).and_then(|less| self.texts.iter().find_map(|text| look(text, less)));
        within.or(self.named.then(|| Found::Common(Members::default())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn condition(text: &str) -> Option<String> {
        match find(text)? {
            Found::Common(members) => Some(members.text(&["monitorCondition"]).to_owned()),
            Found::Legacy(members) => Some(format!("legacy {}", members.text(&["AlertRuleName"]))),
        }
    }

    #[test]
    fn an_alert_is_found_wherever_it_stands_and_whatever_else_is_there() {
        let plain =
            r#"{"data":{"essentials":{"x":1e999,"monitorCondition":"Fired","alertTargetIDs":["a","b"]}}}"#;
        let fired = Some("Fired".to_owned());
        assert_eq!(condition(plain), fired);
        let Some(Found::Common(members)) = find(plain) else { panic!("not found") };
        assert_eq!(members.texts(&["alertTargetIds", "alertTargetIDs"]), ["a", "b"]);
        let deep = format!("{{\"z\":{}{},\"y\":{plain}}}", "[".repeat(100_000), "]".repeat(100_000));
        let below = format!("{}{plain}{}", "[".repeat(100_000), "]".repeat(100_000));
        let later = format!("{{\"z\":{:?},\"y\":{plain}}}", "x".repeat(1_000_000));
        let text = json!({ "message": plain }).to_string();
        let twice = json!(json!(plain).to_string()).to_string();
        let escaped = plain.replace("essentials", "\\u0065ssentials");
        let cut = &plain[..plain.find("\"alertTarget").unwrap() + 5];
        for body in [&deep, &below, &later, &text, &twice, &escaped, cut] {
            assert_eq!(condition(body), fired, "{body:.60}");
        }
        assert_eq!(
            condition(r#"{"a":[{"AlertRuleName":"ddns","SearchResults":{"tables":[]}}]}"#),
            Some("legacy ddns".to_owned())
        );
        assert_eq!(condition(r#"{"SearchResults":[1]}"#), Some("legacy ".to_owned()));
        assert_eq!(condition(r#"{"essentials":null,"a":[],"essentials":[]}"#), Some(String::new()));
    }

    #[test]
    fn of_two_forms_in_one_body_the_common_schema_is_the_alert() {
        let body = r#"{"a":{"AlertRuleName":"old"},"data":{"essentials":{"monitorCondition":"Resolved"}}}"#;
        assert_eq!(condition(body).as_deref(), Some("Resolved"));
    }

    #[test]
    fn what_only_speaks_of_one_is_none() {
        for body in [
            "",
            "essentials",
            "\"essentials\"",
            r#"["essentials"]"#,
            r#"{"names":["essentials"]}"#,
            r#"{"x":"AlertRuleName"}"#,
            "{\"essentials",
            "\\\"{\"",
            "{]}\"",
            "\"\\",
        ] {
            assert_eq!(find(body), None, "{body}");
        }
        let late = format!("{{\"z\":{:?},\"essentials\":{{}}}}", "x".repeat(READ));
        assert_eq!(find(&late), None);
    }

    #[test]
    fn an_envelope_that_was_cut_shows_its_body() {
        let body =
            json!({ "data": { "essentials": { "monitorCondition": "Fired" }, "rows": "\n\"".repeat(9000) } });
        let envelope =
            json!({ "Data": { "req": { "Method": "POST", "Body": body.to_string() } } }).to_string();
        for end in (600..envelope.len()).step_by(977) {
            assert!(matches!(find_in_envelope(&envelope[..end]), Some(Found::Common(_))), "{end}");
        }
        assert_eq!(find_in_envelope(&envelope[..40]), None);
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "[{}\\[\\]\",:\\\\a-z\u{e9} ]{0,200}", words in proptest::collection::vec(proptest::sample::select(vec!["\"essentials\":{", "\"AlertRuleName\":", "\"SearchResults\":[", "\"alertTargetIDs\":[", "\"x\"", "}", "]", ","]), 0..20)) {
            find(&text);
            find(&words.concat());
            find_in_envelope(&format!("{{\"Data\":{text}"));
        }
    }
}
