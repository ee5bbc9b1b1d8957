//! What the token endpoint of Entra says when it refuses, read by ourselves.
//!
//! The SDK's credentials read the description as it stands between its quotes, so an answer with an escape in it, which the
//! real one has after each of its lines, is to them no refusal but an answer that cannot be read.

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{AsyncRawResponse, Context, Request};
use serde::Deserialize;

use super::stop::Stop;

/// Error codes of OAuth 2.0 (RFC 6749, sections 4.1.2.1 and 5.2) by which a server says that it is out of order, not that it
/// refuses.
const OUT_OF_ORDER: [&str; 2] = ["server_error", "temporarily_unavailable"];

/// Ends the tries for a token when the endpoint refuses who we are.
#[derive(Debug)]
pub(super) struct HearsRefusal;

#[async_trait]
impl Policy for HearsRefusal {
    async fn send(&self, ctx: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        let response = next[0].send(ctx, request, &next[1..]).await?;
        if !matches!(u16::from(response.status()), 400 | 401 | 403) {
            return Ok(response);
        }
        let (status, headers, body) = response.deconstruct();
        let body = body.collect().await?;
        match refusal(&body) {
            Some(words) => Err(Stop::IdentityRefused(words).into_error()),
            None => Ok(AsyncRawResponse::from_bytes(status, headers, body)),
        }
    }
}

/// The words of a refusal on one line; none for anything else, such as a page of somebody on the way.
fn refusal(body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Document {
        error: String,
        #[serde(default)]
        error_description: Option<String>,
    }
    let document: Document = serde_json::from_slice(body).ok()?;
    if OUT_OF_ORDER.contains(&document.error.as_str()) {
        return None;
    }
    let said = document.error_description.unwrap_or_default();
    let lines: Vec<_> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    Some(if lines.is_empty() { document.error } else { lines.join(" ") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_of_several_lines_is_told_on_one() {
        let body = br#"{"error":"invalid_client","error_description":"AADSTS7000215: Invalid \"secret\".\r\nTrace ID: t\r\n","error_codes":[7000215]}"#;
        assert_eq!(refusal(body).as_deref(), Some("AADSTS7000215: Invalid \"secret\". Trace ID: t"));
        for silent in
            [r#"{"error":"invalid_client"}"#, r#"{"error":"invalid_client","error_description":null}"#]
        {
            assert_eq!(refusal(silent.as_bytes()).as_deref(), Some("invalid_client"), "{silent}");
        }
    }

    #[test]
    fn what_passes_by_itself_and_what_somebody_else_says_is_no_refusal() {
        for other in [
            r#"{"error":"temporarily_unavailable","error_description":"later"}"#,
            r#"{"error":"server_error"}"#,
            r#"{"error":{"code":"invalid_client"}}"#,
            "{}",
            "<html>invalid_client</html>",
            "",
        ] {
            assert_eq!(refusal(other.as_bytes()), None, "{other}");
        }
    }
}
