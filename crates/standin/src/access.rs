//! Tokens: made to look like Entra's, and judged at each surface by audience and expiry.
//!
//! They are signed, but no surface looks at that: a token of any issuer does before this Azure.

use serde_json::{Map, Value, json};

use crate::clock::wall;
use crate::{Call, Reply, State};

/// Which service judges a token (contract azure-resource-manager, section 1.1; azure-monitor for the others).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    /// Resource Manager and Resource Graph.
    Management,
    /// Logs Ingestion.
    Monitor,
    /// Logs Query.
    LogAnalytics,
}

impl Audience {
    /// The resource URIs that a token for this service may name, without a slash at the end.
    fn accepted(self) -> &'static [&'static str] {
        match self {
            Self::Management => &[
                "https://management.azure.com",
                "https://management.core.windows.net",
                "https://management.usgovcloudapi.net",
                "https://management.chinacloudapi.cn",
            ],
            Self::Monitor => {
                &["https://monitor.azure.com", "https://monitor.azure.us", "https://monitor.azure.cn"]
            }
            Self::LogAnalytics => &[
                "https://api.loganalytics.io",
                "https://api.loganalytics.azure.com",
                "https://api.loganalytics.us",
                "https://api.loganalytics.azure.cn",
            ],
        }
    }

    const ALL: [Self; 3] = [Self::Management, Self::Monitor, Self::LogAnalytics];

    /// Whether a token's `aud` is for this service; under its own URL a service takes that URL as well, as in
    /// clouds that were registered with `az cloud register`.
    fn admits(self, audience: &str, base: &str) -> bool {
        let audience = audience.trim_end_matches('/');
        let own = base.trim_end_matches('/');
        self.accepted().iter().any(|accepted| accepted.eq_ignore_ascii_case(audience))
            || own.eq_ignore_ascii_case(audience)
    }
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The application (client) id.
    pub(crate) client_id: String,
    /// The object id of its principal.
    pub(crate) object_id: String,
}

/// Whether any service takes tokens for this resource URI.
pub(crate) fn is_audience(text: &str, base: &str) -> bool {
    Audience::ALL.iter().any(|audience| audience.admits(text, base))
}

fn revoked(state: &State, claims: &Map<String, Value>) -> bool {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    // A token that is not ours has no serial: it is older than any.
    let serial = decode(text("uti")).and_then(|bytes| Some(u64::from_be_bytes(bytes.try_into().ok()?)));
    state.tokens.is_revoked(serial.unwrap_or(1), text("aud"))
}

/// Judges the bearer token of a call.
///
/// # Errors
/// The 401 that Azure answers: no token, not a token, revoked, expired, for another audience.
pub(crate) fn check(state: &State, call: &Call, wanted: Audience) -> Result<Caller, Reply> {
    let refused = |code: &str, message: &str| {
        let challenge = format!(
            "Bearer authorization_uri=\"{}/common\", error=\"invalid_token\", error_description=\"{message}\"",
            call.base
        );
        Reply::wrapped(401, code, message).with_header("WWW-Authenticate", challenge)
    };
    let Some(header) = call.header("authorization") else {
        return Err(refused(
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.",
        ));
    };
    let token = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, token)) = token else {
        return Err(refused(
            "AuthenticationFailedInvalidHeader",
            "The 'Authorization' header has an invalid scheme.",
        ));
    };
    let Some(claims) = claims(token.trim()) else {
        return Err(refused("InvalidAuthenticationToken", "The access token is invalid."));
    };
    if revoked(state, &claims) {
        return Err(refused("InvalidAuthenticationToken", "The access token has been revoked."));
    }
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let now = wall().as_second();
    if claims.get("exp").and_then(Value::as_i64).is_none_or(|expiry| expiry <= now) {
        return Err(refused("ExpiredAuthenticationToken", "The access token expiry time has passed."));
    }
    if claims.get("nbf").and_then(Value::as_i64).is_some_and(|start| start > now + 300) {
        return Err(refused("InvalidAuthenticationToken", "The access token is not valid yet."));
    }
    if !wanted.admits(&text("aud"), &call.base) {
        let message = format!(
            "The access token has been obtained for wrong audience or resource '{}'. It should exactly match with \
             one of the allowed audiences '{}/'.",
            text("aud"),
            wanted.accepted().join("/','")
        );
        return Err(refused("InvalidAuthenticationTokenAudience", &message));
    }
    Ok(Caller { client_id: text("appid"), object_id: text("oid") })
}

/// Makes a token, which no other equals. `expires` is in Unix seconds.
pub(crate) fn issue(
    state: &State,
    audience: &str,
    tenant: &str,
    caller: &Caller,
    resource_id: &str,
    expires: i64,
) -> String {
    let now = wall().as_second();
    let claims = json!({
        "aud": audience, "iss": format!("https://sts.windows.net/{tenant}/"),
        "iat": now, "nbf": now, "exp": expires,
        "appid": caller.client_id, "appidacr": "2", "idtyp": "app",
        "oid": caller.object_id, "sub": caller.object_id, "tid": tenant,
        "uti": encode(&state.tokens.serial().to_be_bytes()), "ver": "1.0", "xms_mirid": resource_id,
    });
    state.signing.token(&Map::new(), &claims)
}

/// The claims of a token; none when it does not have the form of one.
pub(crate) fn claims(token: &str) -> Option<Map<String, Value>> {
    let mut parts = token.split('.');
    let (_, claims, _) = (parts.next()?, parts.next()?, parts.next()?);
    let bytes = decode(claims)?;
    serde_json::from_slice(&bytes).ok()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Base64 in the form of URLs, without padding (RFC 4648, section 5).
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 4 / 3 + 3);
    for chunk in bytes.chunks(3) {
        let mut group = [0_u8; 3];
        group[..chunk.len()].copy_from_slice(chunk);
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for place in 0..=chunk.len() {
            let index = (bits >> (18 - 6 * place)) & 63;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

/// The reverse of [`encode`]; padding is tolerated.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        let value = ALPHABET.iter().position(|&letter| letter == byte)?;
        bits = (bits << 6) | u32::try_from(value).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 255).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_goes_both_ways() {
        for length in 0..70_u8 {
            let bytes: Vec<u8> = (0..length).map(|byte| byte.wrapping_mul(37)).collect();
            assert_eq!(decode(&encode(&bytes)), Some(bytes));
        }
        assert_eq!(encode(b"{\"a\":1}"), "eyJhIjoxfQ");
        assert_eq!(decode("a b"), None);
    }
}
