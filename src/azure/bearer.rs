//! The token of one audience, given to one host and to nobody else, and renewed when it is refused.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential};
use azure_core::error::ErrorKind;
use azure_core::http::headers::{AUTHORIZATION, ERROR_CODE};
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{AsyncRawResponse, Context, Request, StatusCode, Url};
use azure_core::time::OffsetDateTime;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};

use super::call::Bounds;
use super::caller::Caller;
use super::cause::{is_refused, words};
use super::credential::Source;
use super::error::{code_of_body, refuses_token};
use super::network::same_origin;
use super::stop::Stop;
use crate::config::is_loopback;

/// A token that has less than this to live is renewed before it is used.
const MARGIN: Duration = Duration::from_secs(5 * 60);
/// A token must be there within this time, renewals and repeated tries included.
const PATIENCE: Duration = Duration::from_secs(30);
/// While a token still lives its renewal is given this time, and no more than half of the caller's.
const RENEWAL: Duration = Duration::from_secs(5);

/// A new token that was refused like the one before it is not renewed again within this time; calls fail at once. Nor is a
/// living one whose renewal has failed; it serves at once.
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
    /// The token that calls carry.
    held: std::sync::Mutex<Option<AccessToken>>,
    renewal: Mutex<Renewal>,
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

/// Who asks for a token, one at a time.
struct Renewal {
    credential: Arc<dyn TokenCredential>,
    /// When a refused token was renewed last.
    renewed: Option<Instant>,
    /// When the renewal of a living token failed last.
    failed: Option<Instant>,
    /// When no token was given last where none was held, and why.
    denied: Option<(Instant, Denied)>,
}

/// Why no token was given, to be told again.
struct Denied {
    words: String,
    /// Whether who we are was refused, which no patience ends.
    is_refused: bool,
}

impl Denied {
    fn of(error: &azure_core::Error) -> Self {
        Self { words: words(error), is_refused: is_refused(error) }
    }

    fn again(&self) -> azure_core::Error {
        let words = self.words.clone();
        if self.is_refused {
            return Stop::IdentityRefused(words).into_error();
        }
        azure_core::Error::with_message(ErrorKind::Credential, words)
    }
}

impl Bearer {
    pub(crate) fn new(
        source: Arc<Source>,
        pause: Arc<Pause>,
        credential: Arc<dyn TokenCredential>,
        scope: &'static str,
        home: Url,
    ) -> Self {
        let renewal = Mutex::new(Renewal { credential, renewed: None, failed: None, denied: None });
        let held = std::sync::Mutex::default();
        Self { source, pause, scope, home, held, renewal, proven: AtomicBool::new(false) }
    }

    /// The held token if it still lives for so long.
    fn held(&self, margin: Duration) -> Option<AccessToken> {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.clone().filter(|token| token.expires_on > OffsetDateTime::now_utc() + margin)
    }

    fn hold(&self, token: Option<&AccessToken>) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = token.cloned();
    }

    /// The held token, or a new one; one caller at a time asks for it. A token that still lives serves while somebody else
    /// renews it, and while its renewal is slow or fails.
    async fn token(&self, limit: Instant) -> azure_core::Result<AccessToken> {
        if let Some(token) = self.held(MARGIN) {
            return Ok(token);
        }
        let Some(living) = self.held(Duration::ZERO) else {
            let begun = Instant::now();
            let mut renewal = self.renewal.lock().await;
            if let Some(token) = self.held(Duration::ZERO) {
                return Ok(token);
            }
            // What somebody else was told meanwhile holds for all who waited: each would wait as long again.
            if let Some((_, denied)) = renewal.denied.as_ref().filter(|(at, _)| *at >= begun) {
                return Err(denied.again());
            }
            let asked = self.asked(&renewal).await;
            renewal.denied = asked.as_ref().err().map(|error| (Instant::now(), Denied::of(error)));
            return asked;
        };
        let Ok(mut renewal) = self.renewal.try_lock() else { return Ok(living) };
        if renewal.failed.is_some_and(|failed| failed.elapsed() < LATELY) {
            return Ok(living);
        }
        let patience = RENEWAL.min(limit.saturating_duration_since(Instant::now()) / 2);
        // Whoever drops this on his way leaves a renewal that has failed.
        renewal.failed = Some(Instant::now());
        match timeout(patience, self.asked(&renewal)).await {
            Ok(Ok(token)) => {
                renewal.failed = None;
                Ok(token)
            }
            Ok(Err(_)) | Err(_) => {
                renewal.failed = Some(Instant::now());
                Ok(living)
            }
        }
    }

    /// What the credential gives, which is then held.
    async fn asked(&self, renewal: &Renewal) -> azure_core::Result<AccessToken> {
        let token = renewal.credential.get_token(&[self.scope], None).await?;
        self.hold(Some(&token));
        Ok(token)
    }

    /// Has a token ready before a call needs it. One that does not come is no fault yet: the call asks again, and says why.
    pub(crate) async fn prepare(&self) {
        let limit = Instant::now() + PATIENCE;
        let _ = self.within(limit, self.token(limit)).await;
    }

    /// Who the token is of; none when none comes, or when it does not say so.
    pub(crate) async fn caller(&self) -> Option<Caller> {
        let limit = Instant::now() + PATIENCE;
        let token = self.within(limit, self.token(limit)).await.ok()?.ok()?;
        Caller::of_token(token.token.secret())
    }

    /// Who the token is of, or why there is none.
    pub(crate) async fn identity(&self) -> azure_core::Result<Option<Caller>> {
        let limit = Instant::now() + PATIENCE;
        let token = self.within(limit, self.token(limit)).await??;
        Ok(Caller::of_token(token.token.secret()))
    }

    /// A token in place of the refused one: what somebody else has got meanwhile, or a new one; none when there is no use
    /// in asking, or nothing to be had. `renewed` says that the refused one was a new one itself.
    async fn instead(&self, refused: &AccessToken, renewed: bool) -> Option<AccessToken> {
        let mut renewal = self.renewal.lock().await;
        if let Some(token) = self.held(Duration::ZERO).filter(|token| !same(token, refused)) {
            return Some(token);
        }
        if !renewed {
            let lately = renewal.renewed.is_some_and(|renewed| renewed.elapsed() < LATELY);
            if lately && !self.proven.load(Relaxed) {
                return None;
            }
            renewal.renewed = Some(Instant::now());
            self.proven.store(false, Relaxed);
            let token = self.fresh(&mut renewal).await?;
            if !same(&token, refused) {
                return Some(token);
            }
        }
        // Meanwhile it serves nobody.
        self.hold(None);
        sleep_until(self.pause.end()).await;
        let token = self.fresh(&mut renewal).await.filter(|token| !same(token, refused));
        renewal.renewed = Some(Instant::now());
        token
    }

    /// What a credential that holds no token yet is given.
    async fn fresh(&self, renewal: &mut Renewal) -> Option<AccessToken> {
        self.hold(None);
        renewal.credential = self.source.credential().ok()?;
        self.asked(renewal).await.ok()
    }

    async fn within<T>(&self, limit: Instant, wait: impl Future<Output = T>) -> azure_core::Result<T> {
        timeout_at(limit, wait).await.map_err(|_| Stop::NoTokenInTime.into_error())
    }
}

fn same(one: &AccessToken, other: &AccessToken) -> bool {
    one.token.secret() == other.token.secret()
}

/// The answer, and whether it refuses the token.
async fn judged(result: PolicyResult) -> azure_core::Result<(AsyncRawResponse, bool)> {
    let response = result?;
    if response.status() != StatusCode::Forbidden {
        let is_refused = response.status() == StatusCode::Unauthorized;
        return Ok((response, is_refused));
    }
    let (status, headers, body) = response.deconstruct();
    let body = body.collect().await?;
    let code = headers.get_optional_str(&ERROR_CODE).map(str::to_owned).or_else(|| code_of_body(&body));
    let is_refused = refuses_token(status.into(), code.as_deref());
    Ok((AsyncRawResponse::from_bytes(status, headers, body), is_refused))
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
        let mut token = self.within(limit, self.token(limit)).await??;
        request.insert_header(AUTHORIZATION, format!("Bearer {}", token.token.secret()));
        let (mut response, mut is_refused) = judged(next[0].send(ctx, request, &next[1..]).await).await?;
        // The endpoint may hand out the refused one, or another that was revoked with it.
        for renewed in [false, true] {
            if !is_refused {
                break;
            }
            let Ok(Some(other)) = self.within(limit, self.instead(&token, renewed)).await else { break };
            request.insert_header(AUTHORIZATION, format!("Bearer {}", other.token.secret()));
            (response, is_refused) = judged(next[0].send(ctx, request, &next[1..]).await).await?;
            token = other;
        }
        if !is_refused {
            self.proven.store(true, Relaxed);
        }
        Ok(response)
    }
}

#[cfg(test)]
mod tests;
