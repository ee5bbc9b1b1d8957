//! Who runs a command, as the token that Azure gave them says.

use std::fmt;

use azure_core::base64;
use pure::shown::is_hidden;
use serde::Deserialize;

/// Characters of a name that are told.
const LONGEST: usize = 128;

/// Who runs a command: the id in the directory, and a name that people know.
///
/// The token is our own, fresh from who issued it, and nothing is decided by it: what it says is told to the log. A token
/// that is not in the form of a JSON Web Token, as its issuer may choose (RFC 6750 knows no form), names nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// The object id.
    pub object: String,
    /// The name by which a person signs in, else that of the program, else its client id.
    pub name: String,
    /// The same once more where it is the client id, for two ids side by side must be told apart.
    pub client_id: Option<String>,
}

/// The claims that tell who somebody is.
#[derive(Deserialize)]
struct Claims {
    oid: String,
    #[serde(default)]
    upn: String,
    #[serde(default)]
    unique_name: String,
    #[serde(default)]
    preferred_username: String,
    #[serde(default)]
    app_displayname: String,
    #[serde(default)]
    appid: String,
}

impl Caller {
    /// Reads the claims of a token, whose signature is nobody's business but the service's.
    pub(super) fn of_token(token: &str) -> Option<Self> {
        let claims = token.split('.').nth(1)?;
        let claims: Claims = serde_json::from_slice(&base64::decode_url_safe(claims).ok()?).ok()?;
        let names = [claims.upn, claims.unique_name, claims.preferred_username, claims.app_displayname];
        let is_id =
            |text: &str| text.len() <= LONGEST && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let is_said = |name: &String| !name.trim().is_empty();
        let told = |name: String| name.chars().filter(|c| !is_hidden(*c)).take(LONGEST).collect::<String>();
        let known = names.into_iter().find(is_said).map(told);
        let client_id = Some(claims.appid).filter(|id| known.is_none() && is_said(id)).map(told);
        let name = known.or_else(|| client_id.clone()).unwrap_or_default();
        (!claims.oid.is_empty() && is_id(&claims.oid)).then_some(Self { object: claims.oid, name, client_id })
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(format!("{} {}", self.object, self.name).trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(claims: &str) -> Option<String> {
        let token = format!("e30.{}.c2ln", base64::encode_url_safe(claims));
        Caller::of_token(&token).map(|caller| caller.to_string())
    }

    #[test]
    fn a_person_is_told_by_their_name_and_a_program_by_its_id() {
        let person = r#"{"oid":"1c2f-7","upn":"admin@contoso.com","unique_name":"other","appid":"04b0"}"#;
        assert_eq!(of(person).as_deref(), Some("1c2f-7 admin@contoso.com"));
        assert_eq!(of(r#"{"oid":"1c2f-7","upn":" ","appid":"04b0"}"#).as_deref(), Some("1c2f-7 04b0"));
        assert_eq!(of(r#"{"oid":"1c2f-7"}"#).as_deref(), Some("1c2f-7"));
    }

    #[test]
    fn a_name_that_is_a_client_id_is_known_to_be_one() {
        let client = |claims: &str| {
            let token = format!("e30.{}.c2ln", base64::encode_url_safe(claims));
            Caller::of_token(&token).and_then(|caller| caller.client_id)
        };
        assert_eq!(client(r#"{"oid":"1c2f-7","appid":"04b0"}"#).as_deref(), Some("04b0"));
        assert_eq!(client(r#"{"oid":"1c2f-7","app_displayname":"dns","appid":"04b0"}"#), None);
        assert_eq!(client(r#"{"oid":"1c2f-7","upn":"admin@contoso.com","appid":"04b0"}"#), None);
    }

    #[test]
    fn what_names_nobody_is_nobody() {
        for claims in
            [r#"{"upn":"admin@contoso.com"}"#, r#"{"oid":""}"#, r#"{"oid":"a b"}"#, r#"{"oid":7}"#, "[]"]
        {
            assert_eq!(of(claims), None, "{claims}");
        }
        for token in ["", "opaque", "a.b.c", "a.%%.c"] {
            assert_eq!(Caller::of_token(token), None, "{token}");
        }
        let long = format!(r#"{{"oid":"x","upn":"{}\u0007"}}"#, "y".repeat(2 * LONGEST));
        assert_eq!(of(&long).map(|text| text.len()), Some(2 + LONGEST));
    }
}
