//! Who we are, in the words of our own token. Nothing is decided by it: it stands where people read who did something.

use azure_core::base64;
use serde::Deserialize;

/// The most characters that are told of it.
const LONGEST: usize = 200;

/// The claims of an access token that name who it was given to (Microsoft identity platform, access token claims).
#[derive(Default, Deserialize)]
#[serde(default)]
struct Claims {
    oid: String,
    upn: String,
    unique_name: String,
    preferred_username: String,
    appid: String,
    azp: String,
}

/// A person's or an application's name with the id of its object; empty when the token does not say.
pub(super) fn named_by(token: &str) -> String {
    let claims = token.split('.').nth(1).and_then(|claims| base64::decode_url_safe(claims).ok());
    let claims = claims.and_then(|claims| serde_json::from_slice(&claims).ok());
    let Claims { oid, upn, unique_name, preferred_username, appid, azp } = claims.unwrap_or_default();
    let names = [upn, unique_name, preferred_username, appid, azp];
    let name = names.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
    let words = match (name.as_str(), oid.as_str()) {
        (_, "") => name,
        ("", _) => oid,
        _ => format!("{name} ({oid})"),
    };
    words.chars().filter(|letter| !letter.is_control()).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_a_person_an_application_or_nobody() {
        let token = |claims: &str| format!("e30.{}.x", base64::encode_url_safe(claims));
        for (token, named) in [
            (token(r#"{"oid":"o-1","upn":"anna@example.com","appid":"az"}"#), "anna@example.com (o-1)"),
            (token(r#"{"oid":"o-2","appid":"app"}"#), "app (o-2)"),
            (token(r#"{"oid":"o-3"}"#), "o-3"),
            (token(r#"{"oid":7}"#), ""),
            (token("{}"), ""),
            ("opaque".to_owned(), ""),
            ("a.%%.c".to_owned(), ""),
        ] {
            assert_eq!(named_by(&token), named, "{token}");
        }
        assert_eq!(named_by(&token(&format!(r#"{{"oid":"{}"}}"#, "x".repeat(900)))).len(), LONGEST);
    }
}
