//! Clients that show a token of another issuer in place of a secret, as workloads in a cluster do.
//!
//! What is asked of it and what is said to a wrong one is as in issues 1200 of azure-workload-identity and 482 of Azure/login.

use serde_json::Value;

use crate::access::claims;
use crate::clock::wall;
use crate::world::Federated;

/// The one kind of assertion.
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Whom the token must be for.
const AUDIENCE: &str = "api://AzureADTokenExchange";

/// Why an assertion proves nothing: the error's code and its sentence.
pub(crate) type Refusal = (u32, String);

/// Judges a token by issuer, subject, audience and expiry. Case matters, and no signature is looked at.
pub(crate) fn judge(known: Option<&Federated>, assertion: &str) -> Result<(), Refusal> {
    let Some(claims) = claims(assertion) else {
        return Err((50_027, "JWT token is invalid or malformed.".to_owned()));
    };
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let differs = |code: u32, what: &str, found: &str| {
        Err((
            code,
            format!("No matching federated identity record found for presented assertion {what} '{found}'."),
        ))
    };
    if known.is_none_or(|known| known.issuer != text("iss")) {
        return differs(700_211, "issuer", text("iss"));
    }
    if known.is_none_or(|known| known.subject != text("sub")) {
        return differs(700_213, "subject", text("sub"));
    }
    // Kubernetes writes a list.
    let audience = claims.get("aud").map_or(Value::Null, |aud| aud.get(0).unwrap_or(aud).clone());
    if audience != AUDIENCE {
        return differs(700_212, "audience", audience.as_str().unwrap_or_default());
    }
    if claims.get("exp").and_then(Value::as_i64).is_none_or(|expiry| expiry <= wall().as_second()) {
        return Err((700_024, "Client assertion is not within its valid time range.".to_owned()));
    }
    Ok(())
}
