//! The token of one audience, given to one host and to nobody else.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential};
use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::AUTHORIZATION;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context, Request, StatusCode, Url};
use azure_core::time::OffsetDateTime;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout_at};

use super::pipeline::Bounds;
use crate::config::is_loopback;

/// A token that has less than this to live is renewed before it is used.
const MARGIN: Duration = Duration::from_secs(5 * 60);
/// A token must be there within this time, renewals and repeated tries included.
const PATIENCE: Duration = Duration::from_secs(30);

/// Puts a bearer token on each try.
///
/// The SDK's own policy refuses plain http everywhere, and sends the token to whatever host a link names. This one
/// takes plain http for loopback alone, and the configured scheme, host and port alone.
pub(crate) struct Bearer {
    credential: Arc<dyn TokenCredential>,
    scope: &'static str,
    home: Url,
    held: Mutex<Option<AccessToken>>,
}

impl Bearer {
    pub(crate) fn new(credential: Arc<dyn TokenCredential>, scope: &'static str, home: Url) -> Self {
        Self { credential, scope, home, held: Mutex::new(None) }
    }

    /// The held token, or a new one; one caller at a time asks for it.
    async fn token(&self) -> azure_core::Result<AccessToken> {
        let mut held = self.held.lock().await;
        let now = OffsetDateTime::now_utc();
        if let Some(token) = held.as_ref().filter(|token| token.expires_on > now + MARGIN) {
            return Ok(token.clone());
        }
        match self.credential.get_token(&[self.scope], None).await {
            Ok(token) => {
                *held = Some(token.clone());
                Ok(token)
            }
            // A token that still lives serves while its renewal fails.
            Err(error) => held.clone().filter(|token| token.expires_on > now).ok_or(error),
        }
    }
}

impl fmt::Debug for Bearer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bearer").field("scope", &self.scope).finish_non_exhaustive()
    }
}

#[async_trait]
impl Policy for Bearer {
    async fn send(&self, ctx: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        let url = request.url();
        if !same_origin(url, &self.home) {
            let words =
                format!("no token for {}: it is not {}", url.origin().ascii_serialization(), self.home);
            return Err(Error::with_message(ErrorKind::Credential, words));
        }
        if url.scheme() != "https" && !is_loopback(url) {
            let words = format!("no token over plain http to {}: only loopback may be reached so", self.home);
            return Err(Error::with_message(ErrorKind::Credential, words));
        }
        let patience = Instant::now() + PATIENCE;
        let limit = ctx.value::<Bounds>().map_or(patience, |bounds| patience.min(bounds.deadline));
        let token = timeout_at(limit, self.token())
            .await
            .map_err(|_| Error::with_message(ErrorKind::Credential, "no token was given in time"))??;
        request.insert_header(AUTHORIZATION, format!("Bearer {}", token.token.secret()));
        let result = next[0].send(ctx, request, &next[1..]).await;
        if matches!(&result, Ok(response) if response.status() == StatusCode::Unauthorized) {
            self.held.lock().await.take();
        }
        result
    }
}

/// Whether two addresses share scheme, host and port.
pub(crate) fn same_origin(left: &Url, right: &Url) -> bool {
    left.scheme() == right.scheme()
        && left.host_str() == right.host_str()
        && left.port_or_known_default() == right.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_scheme_host_and_port() {
        let url = |text: &str| Url::parse(text).unwrap();
        let home = url("https://management.azure.com");
        assert!(same_origin(&url("https://MANAGEMENT.azure.com:443/x?y"), &home));
        for other in [
            "http://management.azure.com",
            "https://management.azure.com:444",
            "https://management.azure.com.example.net",
            "https://management.azure.com@example.net",
        ] {
            assert!(!same_origin(&url(other), &home), "{other}");
        }
    }
}
