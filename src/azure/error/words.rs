//! Code and message of an answer that refuses, read out of a body that may be anything.

use std::iter;

use serde_json::Value;

use crate::azure::redact::Secrets;
use pure::shown::is_hidden;

/// The longest piece of a foreign text that is kept for people, in characters.
const KEPT: usize = 400;
/// A word that is longer is cut, in octets: else a long id would take most of a sentence with it.
const LONGEST_WORD: usize = 60;
/// How much of a text is looked at, in octets. It is more than is kept: what is hidden in it shrinks, and a secret must
/// be seen far enough to be known for one.
const LOOKED_AT: usize = 16 * KEPT;

/// What an error body says.
///
/// Azure's front door wraps code and message in `error`, the DNS provider does not (contract azure-resource-manager,
/// section 1.3); Log Analytics says what is wrong in the innermost `innererror` (contract azure-monitor, section 4.4).
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Words {
    /// The code of the body, else that of the header `x-ms-error-code`.
    pub(crate) code: Option<String>,
    /// The service's own message without the places that it names; empty without a message.
    pub(crate) message: String,
    /// For the log: the whole message, or the beginning of a body that is no error document, for proxies answer with
    /// pages, or with nothing.
    pub(crate) detail: String,
}

impl Words {
    pub(crate) fn read(header: Option<&str>, body: &[u8], secrets: &Secrets) -> Self {
        let header = header.map(|text| public(&line(text, secrets))).filter(|text| !text.is_empty());
        let mut words = match serde_json::from_slice::<Value>(body) {
            Ok(value @ Value::Object(_)) => Self::of(&value, secrets),
            _ => Self::default(),
        };
        if words.code.is_none() && words.message.is_empty() {
            words.detail = line(&String::from_utf8_lossy(&body[..body.len().min(LOOKED_AT)]), secrets);
        }
        // The header is more exact than the body where both speak (contract azure-sdk-for-rust, section 5).
        words.code = header.or(words.code);
        words
    }

    /// Code and message of a parsed error document.
    pub(crate) fn of(value: &Value, secrets: &Secrets) -> Self {
        let error = value.get("error").filter(|error| error.is_object()).unwrap_or(value);
        let text = |value: &Value, name: &str| {
            value.get(name).and_then(Value::as_str).map(|text| line(text, secrets)).unwrap_or_default()
        };
        let mut messages = Vec::new();
        let details = error.get("details").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        // A detail of a partial answer has an innermost error of its own.
        for outermost in iter::once(error).chain(details.iter().take(3)) {
            let chain = iter::successors(Some(outermost), |error| error.get("innererror"));
            messages.extend(
                chain.take_while(|error| error.is_object()).take(8).map(|error| text(error, "message")),
            );
        }
        messages.retain(|message| !message.is_empty());
        messages.dedup();
        let code = Some(public(&text(error, "code"))).filter(|code| !code.is_empty());
        let whole = messages.join(": ");
        let message = public(&whole);
        let detail = if message == whole { String::new() } else { whole };
        Self { code, message, detail }
    }
}

/// The code that stands in a JSON body, and nowhere else: a page has none.
pub(crate) fn code_of_body(body: &[u8]) -> Option<String> {
    let value = serde_json::from_slice::<Value>(body).ok()?;
    let error = value.get("error").filter(|error| error.is_object()).unwrap_or(&value);
    error.get("code")?.as_str().map(str::to_owned)
}

/// Where the innermost `innererror` with a place says a query is wrong: its `line` is counted from 1, its `pos` from 0
/// (contract azure-monitor, section 4.4).
pub(super) fn place_in_query(body: &[u8]) -> Option<(usize, usize)> {
    let value = serde_json::from_slice::<Value>(body).ok()?;
    let number = |value: &Value, name: &str| value.get(name)?.as_u64()?.try_into().ok();
    let mut found = None;
    let mut inner = value.get("error").and_then(|error| error.get("innererror"));
    for _ in 0..8 {
        let Some(deeper) = inner else { break };
        if let (Some(line), Some(pos)) = (number(deeper, "line"), number(deeper, "pos")) {
            found = Some((line, usize::saturating_add(pos, 1)));
        }
        inner = deeper.get("innererror");
    }
    found
}

/// One line of bounded length, without control characters and without secrets, of a text that may be of any length.
pub(crate) fn line(text: &str, secrets: &Secrets) -> String {
    let hidden = secrets.hide(&text[..text.floor_char_boundary(LOOKED_AT)]);
    let line: String = hidden.chars().map(|c| if is_hidden(c) { ' ' } else { c }).collect();
    beginning(line.trim())
}

/// As much of a text as is kept. It ends with a whole word where one ends near enough, and shows that more was said.
fn beginning(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(KEPT) else { return text.to_owned() };
    // The sign takes the place of a letter.
    let room = text[..end].char_indices().next_back().map_or(0, |(last, _)| last);
    let whole = text[..room].rfind(char::is_whitespace).filter(|whole| room - whole <= LONGEST_WORD);
    let is_whole = text[room..].starts_with(char::is_whitespace);
    let end = if is_whole { room } else { whole.unwrap_or(room) };
    format!("{}…", text[..end].trim_end())
}

/// The text without addresses of the web and without hosts that a port follows: where something runs is for the log alone.
pub(crate) fn public(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((begin, end)) = place(rest) {
        shown.push_str(&rest[..begin]);
        shown.push('…');
        rest = &rest[end..];
    }
    shown.push_str(rest);
    shown
}

/// Where the first place that is named begins and ends.
fn place(text: &str) -> Option<(usize, usize)> {
    let before = |at: usize, is_of: fn(char) -> bool| {
        text[..at]
            .rfind(|c| !is_of(c))
            .map_or(0, |last| last + text[last..].chars().next().map_or(1, char::len_utf8))
    };
    text.match_indices(':').find_map(|(at, _)| {
        let after = &text[at + 1..];
        if after.starts_with("//") {
            let begin = before(at, |c| c.is_ascii_alphanumeric() || "+-.".contains(c));
            let is_over = |c: char| c.is_whitespace() || "\"'<>()[]{},;".contains(c);
            return (begin < at).then(|| (begin, at + 1 + after.find(is_over).unwrap_or(after.len())));
        }
        let begin = before(at, |c| c.is_ascii_alphanumeric() || "-.".contains(c));
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let is_port =
            (2..=5).contains(&digits) && !after[digits..].starts_with(|c: char| c.is_alphanumeric());
        (is_port && text[begin..at].trim_matches('.').contains('.')).then_some((begin, at + 1 + digits))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(body: &str) -> (String, String, String) {
        let words = Words::read(None, body.as_bytes(), &Secrets::default());
        (words.code.unwrap_or_default(), words.message, words.detail)
    }

    fn said(code: &str, message: &str) -> (String, String, String) {
        (code.to_owned(), message.to_owned(), String::new())
    }

    #[test]
    fn both_envelopes_are_read() {
        let bare = r#"{"code":"NotFound","message":"No record 'web09'."}"#;
        let wrapped = r#"{"error":{"code":"ResourceNotFound","message":"Zone \"example.net\"\nis absent."}}"#;
        assert_eq!(words(bare), said("NotFound", "No record 'web09'."));
        assert_eq!(words(wrapped), said("ResourceNotFound", "Zone \"example.net\" is absent."));
    }

    #[test]
    fn places_are_for_the_log_alone() {
        for (text, shown) in [
            ("see https://gw.example:8443/x?a=b, please", "see …, please"),
            ("(http://10.1.2.3) and tcp://h", "(…) and …"),
            ("no route from 10.1.2.3:443 to gw.example.:8443.", "no route from … to …."),
            ("\u{fc}gw.example:80 \u{e9}: x", "\u{fc}… \u{e9}: x"),
        ] {
            assert_eq!(public(text), shown, "{text}");
            let body = serde_json::json!({ "code": "C", "message": text }).to_string();
            assert_eq!(words(&body), ("C".to_owned(), shown.to_owned(), text.to_owned()));
        }
        for text in [
            "The zone 'example.com' does not exist: nas.example.com A at 203.0.113.7",
            "at 2026-03-01T02:03:04.5Z, line 1:20, ://, a.b:1, a.b:c, a.b:123456",
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com",
        ] {
            assert_eq!(public(text), text);
        }
    }

    #[test]
    fn the_innermost_error_of_a_query_is_told() {
        let body = r#"{"error":{"message":"outer","code":"BadArgumentError","innererror":
            {"code":"SyntaxError","message":"middle","innererror":{"code":"SYN0002","message":"near 'joyn'"}}}}"#;
        assert_eq!(words(body), said("BadArgumentError", "outer: middle: near 'joyn'"));
    }

    #[test]
    fn a_partial_answer_tells_what_stands_innermost_in_its_details() {
        let body = r#"{"error":{"message":"outer","code":"PartialError","details":[{"code":"EngineError","message":
            "on the server","innererror":{"code":"-1","message":"too many rows","severity":2}}]}}"#;
        assert_eq!(words(body), said("PartialError", "outer: on the server: too many rows"));
    }

    #[test]
    fn pages_nothing_and_nonsense_are_kept_apart_from_what_a_service_says() {
        let page = |detail: &str| (String::new(), String::new(), detail.to_owned());
        assert_eq!(words(""), page(""));
        assert_eq!(words("<html>\r\n502</html>"), page("<html>  502</html>"));
        assert_eq!(words("[1,2]"), page("[1,2]"));
        assert_eq!(words(r#"{"error":"x"}"#), page(r#"{"error":"x"}"#));
        assert_eq!(words(&"é".repeat(5000)).2.chars().count(), KEPT);
    }

    #[test]
    fn what_is_left_out_of_a_long_text_begins_at_a_word_and_is_marked() {
        let sentence = "the identity has no right to write here, ".repeat(20);
        let cut = line(&sentence, &Secrets::default());
        assert!(cut.chars().count() <= KEPT && cut.chars().count() > KEPT - 12, "{cut}");
        let begun = cut.strip_suffix('…').unwrap();
        assert!(sentence.starts_with(&format!("{begun} ")), "{begun}");
        let fits = "word ".repeat(KEPT / 5);
        assert_eq!(line(&fits, &Secrets::default()), fits.trim_end());
        let id = format!("no {}", "x".repeat(2 * KEPT));
        assert_eq!(line(&id, &Secrets::default()).chars().count(), KEPT, "a long word is cut");
        let wide = format!("{} {}", "é".repeat(KEPT - 3), "ab cd");
        assert_eq!(line(&wide, &Secrets::default()), format!("{}…", "é".repeat(KEPT - 3)));
    }

    #[test]
    fn a_text_of_any_length_is_shown_shortly_and_soon() {
        let begin = std::time::Instant::now();
        for text in ["sig=aaa&", "Bearer x1-", "eyJ", "a:1 ", "%41", "é"].map(|piece| piece.repeat(500_000))
        {
            let (_, message, detail) = words(&serde_json::json!({ "message": text }).to_string());
            assert!(message.chars().count() <= KEPT && detail.chars().count() <= KEPT);
        }
        assert!(begin.elapsed().as_secs() < 20, "{:?}", begin.elapsed());
        let token = format!("eyJ{}", "a".repeat(4 * LOOKED_AT));
        let (_, message, _) = words(&serde_json::json!({ "message": format!("at {token}") }).to_string());
        assert_eq!(message, "at …", "a token that is cut is one");
    }

    #[test]
    fn the_header_wins_over_the_body() {
        let body = br#"{"error":{"code":"X","message":"m"}}"#;
        let words = Words::read(Some("ContentLengthLimitExceeded"), body, &Secrets::default());
        assert_eq!(
            (words.code.as_deref(), words.message.as_str()),
            (Some("ContentLengthLimitExceeded"), "m")
        );
        assert_eq!(code_of_body(body).as_deref(), Some("X"));
        assert_eq!(code_of_body(b"<html>NotFound</html>"), None);
    }
}
