//! Secrets taken out of foreign texts, before anybody can see them.
//!
//! Services, gateways and proxies echo what they were sent, in bodies, headers and messages. What enters an error goes
//! through here first, so that no log, page or answer of ours can hold a token.

use std::borrow::Cow;
use std::sync::Arc;

/// What stands where a secret stood.
const HIDDEN: &str = "…";
/// How much of a secret makes a piece of it recognisable: echoes are often cut.
const PIECE: usize = 12;
/// A shorter secret is a word like others.
const SHORTEST: usize = 6;
/// How a token in JSON Web form begins: `{"` in base64.
const JWT: &str = "eyJ";
/// Names whose value is a secret wherever they stand, in a query, a form, a header or JSON.
const NAMES: [&str; 12] = [
    "code",
    "sig",
    "access_token",
    "refresh_token",
    "id_token",
    "client_secret",
    "client_assertion",
    "x-functions-key",
    "x-identity-header",
    "sharedaccesskey",
    "accountkey",
    "password",
];

/// The secrets that this process knows, besides those that show by their form.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Arc<[String]>);

impl Secrets {
    pub(crate) fn new(known: impl IntoIterator<Item = String>) -> Self {
        Self(known.into_iter().filter(|secret| secret.len() >= SHORTEST).collect())
    }

    /// The same and one more.
    pub(crate) fn and(&self, secret: Option<&str>) -> Self {
        match secret {
            Some(secret) => Self::new(self.0.iter().cloned().chain([secret.to_owned()])),
            None => self.clone(),
        }
    }

    /// The text without what is secret in it.
    pub(crate) fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for secret in self.0.iter() {
            let begin = secret.char_indices().nth(PIECE).map_or(secret.as_str(), |(end, _)| &secret[..end]);
            // Of a secret that was cut, the beginning is still there; what follows it belongs to it.
            replace(&mut text, |text| {
                let at = text.find(begin)?;
                let rest = &text[at..];
                let same = rest.chars().zip(secret.chars()).take_while(|(one, other)| one == other);
                Some((at, at + same.map(|(c, _)| c.len_utf8()).sum::<usize>()))
            });
        }
        replace(&mut text, jwt);
        replace(&mut text, bearer);
        replace(&mut text, named);
        text
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// Replaces every place that `find` finds; it is asked about what is left behind the last one.
fn replace(text: &mut Cow<'_, str>, find: impl Fn(&str) -> Option<(usize, usize)>) {
    let mut rest: &str = text;
    let mut clean = String::new();
    while let Some((begin, end)) = find(rest).filter(|(begin, end)| begin < end) {
        clean.push_str(&rest[..begin]);
        clean.push_str(HIDDEN);
        rest = &rest[end..];
    }
    if !clean.is_empty() {
        clean.push_str(rest);
        *text = Cow::Owned(clean);
    }
}

/// A token in JSON Web form, whole or cut.
fn jwt(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    loop {
        let at = from + text[from..].find(JWT)?;
        let end = at + run(&text[at..]);
        if end - at >= 2 * PIECE {
            return Some((at, end));
        }
        from = end.max(at + JWT.len());
    }
}

/// What follows the word `Bearer`, if it looks like a token and not like a word.
fn bearer(text: &str) -> Option<(usize, usize)> {
    let lower = text.to_ascii_lowercase();
    let mut from = 0;
    loop {
        let at = from + lower[from..].find("bearer ")? + "bearer ".len();
        let end = at + run(&text[at..]);
        let token = &text[at..end];
        if token.len() >= PIECE && token.contains(|c: char| c.is_ascii_digit()) {
            return Some((at, end));
        }
        from = at;
    }
}

/// The value of a name that only secrets have: `name=value`, `name: value` or `"name":"value"`.
fn named(text: &str) -> Option<(usize, usize)> {
    let lower = text.to_ascii_lowercase();
    let places = NAMES.iter().flat_map(|name| {
        lower.match_indices(name).filter_map(|(at, _)| value(text, &lower, at, at + name.len()))
    });
    places.min()
}

/// Where the value begins and ends whose name stands between `at` and `end`; none when it is no name there.
fn value(text: &str, lower: &str, at: usize, end: usize) -> Option<(usize, usize)> {
    let before = lower[..at].chars().next_back();
    if before.is_some_and(|c| c.is_ascii_alphanumeric() || "_-".contains(c)) {
        return None;
    }
    let rest = &text[end..];
    let unquoted = rest.trim_start_matches(['"', '\\', '\'']);
    let quoted = unquoted.len() < rest.len();
    let sign = unquoted.trim_start();
    let after = match sign.strip_prefix('=') {
        Some(after) => after,
        // A colon behind a bare `code` is the middle of a sentence, and a JSON member `code` an error's own.
        None if lower[at..end] == *"code" => return None,
        None => sign.strip_prefix(':').filter(|_| quoted || lower[at..end].contains(['-', '_']))?,
    };
    let after = after.trim_start_matches([' ', '"', '\\', '\'']);
    let begin = text.len() - after.len();
    let length =
        after.find(|c: char| c.is_whitespace() || "&\"'\\,;<>(){}…".contains(c)).unwrap_or(after.len());
    (length >= SHORTEST).then_some((begin, begin + length))
}

/// How far the characters of a token go.
fn run(text: &str) -> usize {
    text.find(|c: char| !(c.is_ascii_alphanumeric() || "-_.~+/=%".contains(c))).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL20ifQ.bm90IHNpZ25lZA";

    fn hidden(text: &str) -> String {
        Secrets::default().hide(text).into_owned()
    }

    #[test]
    fn tokens_show_by_their_form() {
        for (text, clean) in [
            (format!("got Authorization: Bearer {TOKEN}."), "got Authorization: Bearer …"),
            (format!("\"{TOKEN}\" and '{TOKEN}'"), "\"…\" and '…'"),
            (format!("cut {}", &TOKEN[..40]), "cut …"),
            ("bearer opaque-0123456789abc is bad".to_owned(), "bearer … is bad"),
            (format!("x={TOKEN}&y=1"), "x=…&y=1"),
        ] {
            assert_eq!(hidden(&text), clean, "{text}");
        }
    }

    #[test]
    fn values_of_secret_names_are_hidden() {
        for (text, clean) in [
            ("https://h/api/f?code=abcDEF123==&name=x", "https://h/api/f?code=…&name=x"),
            ("SharedAccessSignature sr=x&sig=ab%2Fcdefg&se=1", "SharedAccessSignature sr=x&sig=…&se=1"),
            (
                r#"{"access_token":"opaque-token-1","token_type":"Bearer"}"#,
                r#"{"access_token":"…","token_type":"Bearer"}"#,
            ),
            (r#"{\"access_token\": \"opaque-token-1\"}"#, r#"{\"access_token\": \"…\"}"#),
            ("x-functions-key: abcdef123456", "x-functions-key: …"),
            ("client_secret=hush-hush", "client_secret=…"),
        ] {
            assert_eq!(hidden(text), clean, "{text}");
        }
    }

    #[test]
    fn ordinary_words_stay() {
        for text in [
            "The access token has been obtained for wrong audience or resource 'x'.",
            "Bearer authorization_uri=\"https://login\", error=\"invalid_token\"",
            r#"{"error":{"code":"ScopeLocked","message":"locked"}}"#,
            "error code: 0x80070005 and status code=400",
            "eyJ is how a token begins",
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com",
            "the password expired",
        ] {
            assert_eq!(hidden(text), text);
        }
    }

    #[test]
    fn known_secrets_are_hidden_whole_or_cut() {
        let secrets = Secrets::new(["opaque-secret-of-this-run".to_owned(), "abc".to_owned()]);
        let secrets = secrets.and(Some("header-value-1"));
        assert_eq!(secrets.hide("a opaque-secret-of-this-run b header-value-1 abc"), "a … b … abc");
        assert_eq!(secrets.hide("cut: opaque-secret-of"), "cut: …");
        assert_eq!(secrets.hide("opaque things"), "opaque things");
        assert_eq!(format!("{secrets:?}"), "Secrets(…)");
    }
}
