//! The token of one audience, given to one host and to nobody else, and renewed when it is refused.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential};
use azure_core::http::headers::AUTHORIZATION;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context, Request, StatusCode, Url};
use azure_core::time::OffsetDateTime;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until, timeout_at};

use super::call::Bounds;
use super::credential::Source;
use super::network::same_origin;
use super::stop::Stop;
use crate::config::is_loopback;

/// A token that has less than this to live is renewed before it is used.
const MARGIN: Duration = Duration::from_secs(5 * 60);
/// A token must be there within this time, renewals and repeated tries included.
const PATIENCE: Duration = Duration::from_secs(30);

/// A new token that was refused like the one before it is not renewed again within this time; calls fail at once.
const LATELY: Duration = Duration::from_secs(10);

/// How long an identity endpoint that repeats a refused token is given to learn of it.
const PAUSE: Duration = Duration::from_secs(2);
/// After a pause there is none for so long; this is longer than most runs.
const REST: Duration = Duration::from_secs(60);

/// Puts a bearer token on each try, and a new one when it is refused.
///
/// The SDK's own policy refuses plain http everywhere, and sends the token to whatever host a link names. This one
/// takes plain http for loopback alone, and the configured scheme, host and port alone. The SDK's credentials keep
/// their tokens until they expire and cannot be told to drop them, so a refused token is renewed by a new credential.
pub(crate) struct Bearer {
    source: Arc<Source>,
    pause: Arc<Pause>,
    scope: &'static str,
    home: Url,
    held: Mutex<HeldToken>,
    /// Whether the held token was ever taken.
    proven: AtomicBool,
}

/// The wait before a token is asked for once more, because the identity endpoint, which keeps tokens as well, repeated
/// the refused one. All audiences share it, so that a run waits once; whoever comes after it does not wait at all.
#[derive(Debug, Default)]
pub(crate) struct Pause(std::sync::Mutex<Option<Instant>>);

impl Pause {
    /// When the pause ends, or has ended, that began within the last [`REST`]; else one begins now.
    fn end(&self) -> Instant {
        let mut begun = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let begin = begun.filter(|begin| now - *begin <= REST).unwrap_or(now);
        *begun = Some(begin);
        begin + PAUSE
    }
}

struct HeldToken {
    credential: Arc<dyn TokenCredential>,
    token: Option<AccessToken>,
    renewed: Option<Instant>,
}

impl Bearer {
    pub(crate) fn new(
        source: Arc<Source>,
        pause: Arc<Pause>,
        credential: Arc<dyn TokenCredential>,
        scope: &'static str,
        home: Url,
    ) -> Self {
        let held = Mutex::new(HeldToken { credential, token: None, renewed: None });
        Self { source, pause, scope, home, held, proven: AtomicBool::new(false) }
    }

    /// The held token, or a new one; one caller at a time asks for it.
    async fn token(&self) -> azure_core::Result<AccessToken> {
        let mut held = self.held.lock().await;
        let now = OffsetDateTime::now_utc();
        if let Some(token) = held.token.as_ref().filter(|token| token.expires_on > now + MARGIN) {
            return Ok(token.clone());
        }
        match held.credential.get_token(&[self.scope], None).await {
            Ok(token) => {
                held.token = Some(token.clone());
                Ok(token)
            }
            // A token that still lives serves while its renewal fails.
            Err(error) => held.token.clone().filter(|token| token.expires_on > now).ok_or(error),
        }
    }

    /// Has a token ready before a call needs it. One that does not come is no fault yet: the call asks again, and says why.
    pub(crate) async fn prepare(&self) {
        let _ = self.within(Instant::now() + PATIENCE, self.token()).await;
    }

    /// A token in place of the refused one: what somebody else has got meanwhile, or a new one; none when there is no use
    /// in asking, or nothing to be had.
    async fn instead(&self, refused: &AccessToken) -> Option<AccessToken> {
        let mut held = self.held.lock().await;
        if let Some(token) = held.token.as_ref().filter(|token| !same(token, refused)) {
            return Some(token.clone());
        }
        let lately = held.renewed.is_some_and(|renewed| renewed.elapsed() < LATELY);
        if lately && !self.proven.load(Relaxed) {
            return None;
        }
        held.renewed = Some(Instant::now());
        self.proven.store(false, Relaxed);
        let token = self.fresh(&mut held).await?;
        if !same(&token, refused) {
            return Some(token);
        }
        sleep_until(self.pause.end()).await;
        let token = self.fresh(&mut held).await.filter(|token| !same(token, refused));
        held.renewed = Some(Instant::now());
        token
    }

    /// What a credential that holds no token yet is given.
    async fn fresh(&self, held: &mut HeldToken) -> Option<AccessToken> {
        held.token = None;
        held.credential = self.source.credential().ok()?;
        let token = held.credential.get_token(&[self.scope], None).await.ok()?;
        held.token = Some(token.clone());
        Some(token)
    }

    async fn within<T>(&self, limit: Instant, wait: impl Future<Output = T>) -> azure_core::Result<T> {
        timeout_at(limit, wait).await.map_err(|_| Stop::NoTokenInTime.into_error())
    }
}

fn same(one: &AccessToken, other: &AccessToken) -> bool {
    one.token.secret() == other.token.secret()
}

fn is_refused(result: &PolicyResult) -> bool {
    matches!(result, Ok(response) if response.status() == StatusCode::Unauthorized)
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
            return Err(Stop::HostRefused(words).into_error());
        }
        if url.scheme() != "https" && !is_loopback(url) {
            let words = format!("no token over plain http to {}: only loopback may be reached so", self.home);
            return Err(Stop::HostRefused(words).into_error());
        }
        let patience = Instant::now() + PATIENCE;
        let limit = ctx.value::<Bounds>().map_or(patience, |bounds| patience.min(bounds.deadline));
        let token = self.within(limit, self.token()).await??;
        request.insert_header(AUTHORIZATION, format!("Bearer {}", token.token.secret()));
        let mut result = next[0].send(ctx, request, &next[1..]).await;
        if is_refused(&result)
            && let Ok(Some(other)) = self.within(limit, self.instead(&token)).await
        {
            request.insert_header(AUTHORIZATION, format!("Bearer {}", other.token.secret()));
            result = next[0].send(ctx, request, &next[1..]).await;
        }
        if result.is_ok() && !is_refused(&result) {
            self.proven.store(true, Relaxed);
        }
        result
    }
}
