//! Clients that show a token of another issuer in place of a secret, as workloads in a cluster do.
//!
//! What is asked of it and what is said to a wrong one is as in issues 1200 of azure-workload-identity and 482 of Azure/login.

use serde_json::Value;

use crate::access::claims;
use crate::clock::wall;
use crate::world::Federated;

/// The one kind of assertion.
pub(crate) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Seconds by which the clocks of issuer and Entra may differ.
const SKEW: i64 = 300;

/// Why an assertion proves nothing: the error's code and its sentence.
pub(crate) type Refusal = (u32, String);

/// Judges a token by issuer, subject, audience and times. Case matters, and no signature is looked at: the keys of
/// its issuer are nowhere here.
pub(crate) fn judge(known: &[Federated], assertion: &str) -> Result<(), Refusal> {
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
    let mut left: Vec<&Federated> = known.iter().filter(|known| known.issuer == text("iss")).collect();
    if left.is_empty() {
        return differs(700_211, "issuer", text("iss"));
    }
    left.retain(|known| known.subject == text("sub"));
    if left.is_empty() {
        return differs(700_213, "subject", text("sub"));
    }
    let audiences = audiences(claims.get("aud"));
    if !left.iter().any(|known| known.audiences.iter().any(|wanted| audiences.contains(&wanted.as_str()))) {
        return differs(700_212, "audience", &audiences.join(","));
    }
    let now = wall().as_second();
    let time = |name: &str| claims.get(name).and_then(Value::as_i64);
    if time("exp").is_none_or(|expiry| expiry <= now) || time("nbf").is_some_and(|start| start > now + SKEW) {
        return Err((700_024, "Client assertion is not within its valid time range.".to_owned()));
    }
    Ok(())
}

/// The audiences of a token: a text, or a list, as Kubernetes writes it.
fn audiences(claim: Option<&Value>) -> Vec<&str> {
    match claim {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}
