//! Secrets taken out of foreign texts, before anybody can see them.
//!
//! Services, gateways and proxies echo what they were sent, in bodies, headers and messages. What enters an error goes
//! through here first, so that no log, page or answer of ours can hold a token.

use std::borrow::Cow;
use std::sync::Arc;

use azure_core::base64;

/// What stands where a secret stood.
const HIDDEN: &str = "…";
/// How much of a secret makes a piece of it recognisable: echoes are often cut.
const PIECE: usize = 12;
/// A shorter secret is a word like others.
const SHORTEST: usize = 6;
/// How a token in JSON Web form begins, which is `{"` in base64, how one that was put into base64 once more, and how the
/// header does that carried it.
const FORMS: [&str; 4] = ["eyJ", "ZXlK", "QmVhcmVy", "YmVhcmVy"];
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
        for piece in self.0.iter().flat_map(|secret| in_base64(secret)) {
            replace(&mut text, |text| around(text, text.find(&piece)?));
        }
        // Forms go before what is known: a token of somebody else may begin like ours.
        for form in FORMS {
            replace(&mut text, |text| of_form(text, form));
        }
        for secret in self.0.iter() {
            replace(&mut text, |text| spelt(text, secret));
            replace(&mut text, |text| piece(text, secret));
        }
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

/// A secret as it is, or with characters written as an address writes them (`%2E`). Of one that was cut the beginning is
/// still there; what follows it belongs to it.
fn spelt(text: &str, secret: &str) -> Option<(usize, usize)> {
    let begin = secret.char_indices().nth(PIECE).map_or(secret, |(end, _)| &secret[..end]);
    if !text.contains('%') {
        let at = text.find(begin)?;
        return Some((at, at + common(&text[at..], secret)));
    }
    let (plain, places) = unescaped(text);
    let at = plain.find(begin)?;
    Some((places[at], places[at + common(&plain[at..], secret)]))
}

/// The first piece of a secret that lost its beginning, as where it was broken over lines. Every piece of twice this length
/// holds one of those that are looked for.
fn piece(text: &str, secret: &str) -> Option<(usize, usize)> {
    let pieces = (PIECE..secret.len()).step_by(PIECE);
    let found = pieces.filter_map(|from| {
        let at = text.find(secret.get(from..from + PIECE)?)?;
        let before = text[..at].chars().rev().zip(secret[..from].chars().rev());
        let before: usize = before.take_while(|(one, other)| one == other).map(|(c, _)| c.len_utf8()).sum();
        Some((at - before, at + common(&text[at..], &secret[from..])))
    });
    found.min()
}

/// How many octets two texts have in common at their beginning.
fn common(one: &str, other: &str) -> usize {
    let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other);
    same.map(|(c, _)| c.len_utf8()).sum()
}

/// The text with `%XX` of ASCII undone, and for each of its octets, and its end, where that stood.
fn unescaped(text: &str) -> (String, Vec<usize>) {
    let mut plain = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len() + 1);
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let escaped = || {
            let digits = text[at..].strip_prefix('%')?.get(..2)?;
            u8::from_str_radix(digits, 16).ok().filter(u8::is_ascii)
        };
        let (c, length) = escaped().map_or((c, c.len_utf8()), |octet| (char::from(octet), 3));
        plain.push(c);
        places.resize(plain.len(), at);
        at += length;
    }
    places.push(at);
    (plain, places)
}

/// How the beginning of a secret looks within base64, in both alphabets and wherever it stands in what was encoded.
fn in_base64(secret: &str) -> Vec<String> {
    let begin = &secret.as_bytes()[..secret.len().min(PIECE)];
    let mut pieces = Vec::new();
    for before in 0..3 {
        let octets: Vec<u8> = std::iter::repeat_n(0, before).chain(begin.iter().copied()).collect();
        // Characters that hold bits of neighbours are left out.
        let (from, to) = ((before * 8).div_ceil(6), octets.len() * 8 / 6);
        for encode in [base64::encode, base64::encode_url_safe] {
            pieces.extend(encode(&octets).get(from..to).map(str::to_owned));
        }
    }
    pieces.retain(|piece| piece.len() >= SHORTEST);
    pieces.sort();
    pieces.dedup();
    pieces
}

/// All that is written without a break around a place.
fn around(text: &str, at: usize) -> Option<(usize, usize)> {
    let begin = text[..at]
        .rfind(|c| !is_of_token(c))
        .map_or(0, |last| last + text[last..].chars().next().map_or(1, char::len_utf8));
    Some((begin, at + run(&text[at..])))
}

/// A token that begins in a form, whole or cut.
fn of_form(text: &str, form: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    loop {
        let at = from + text[from..].find(form)?;
        let end = at + run(&text[at..]);
        if end - at >= 2 * PIECE {
            return Some((at, end));
        }
        from = end.max(at + form.len());
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
    let places = NAMES.iter().filter_map(|name| {
        lower.match_indices(name).find_map(|(at, _)| value(text, &lower, at, at + name.len()))
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
    text.find(|c: char| !is_of_token(c)).unwrap_or(text.len())
}

fn is_of_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.~+/=%".contains(c)
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
    fn a_secret_that_lost_its_beginning_or_was_broken_is_hidden_as_well() {
        let opaque = "opaque+secret/of.this-run/that-is-long-enough+to-be_a.token0123456789";
        for secret in [TOKEN, opaque] {
            let secrets = Secrets::new([secret.to_owned()]);
            for from in 1..secret.len() - 2 * PIECE {
                let shown = secrets.hide(&secret[from..]).into_owned();
                assert!(shown.len() < 2 * PIECE, "{from}: {shown}");
            }
            let lines: Vec<&str> =
                (0..secret.len()).step_by(30).map(|at| &secret[at..secret.len().min(at + 30)]).collect();
            let shown = secrets.hide(&lines.join("\n")).into_owned();
            assert!(shown.split('\n').all(|line| line.len() < PIECE), "{shown}");
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
    fn a_secret_that_was_encoded_is_hidden_as_well() {
        let opaque = "opaque+secret/of.this-run==";
        for secret in [TOKEN, opaque] {
            let secrets = Secrets::new([secret.to_owned()]);
            let escaped = |is_escaped: fn(u8) -> bool| -> String {
                let escape = |c: u8| if is_escaped(c) { format!("%{c:02x}") } else { char::from(c).into() };
                secret.bytes().map(escape).collect()
            };
            let escapes = [escaped(|c| !c.is_ascii_alphanumeric()), escaped(|_| true).to_uppercase()];
            for form in escapes {
                assert_eq!(secrets.hide(&format!("a?t={form} b")), "a?t=… b", "{form}");
                let cut = &form[..form.len() * 2 / 3];
                let left = secrets.hide(cut);
                assert!(left.chars().count() <= 3, "{cut}: {left}");
            }
            for before in ["", "a", "ab", "Authorization: Bearer ", "{\"token\":\""] {
                for encode in [base64::encode, base64::encode_url_safe] {
                    let form = encode(format!("{before}{secret} and more"));
                    assert_eq!(secrets.hide(&format!("you sent '{form}'")), "you sent '…'", "{before}");
                    assert_eq!(secrets.hide(&form[..48]), "…", "{before}");
                }
            }
        }
        let foreign = base64::encode(TOKEN);
        assert_eq!(hidden(&foreign), "…", "of somebody else");
        assert_eq!(hidden(&base64::encode(format!("Bearer {TOKEN}"))), "…");
        let like_ours = format!("{}x9.eyJhIjoi.c2lnbmF0dXJl", &TOKEN[..30]);
        assert_eq!(Secrets::new([TOKEN.to_owned()]).hide(&like_ours), "…");
        assert_eq!(Secrets::new([opaque.to_owned()]).hide("100% \u{fc}%zz%fc%"), "100% \u{fc}%zz%fc%");
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
