//! One way to call Azure: a token, a time for each try, tries within the caller's deadline, and an honest error.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::TokenCredential;
use azure_core::error::ErrorKind;
use azure_core::http::headers::{
    ERROR_CODE, HeaderName, Headers, RETRY_AFTER, RETRY_AFTER_MS, X_MS_RETRY_AFTER_MS,
};
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{
    ClientOptions, Context, Method, Pipeline, PipelineSendOptions, Request, RetryOptions, Transport, Url,
    UserAgentOptions,
};
use azure_core::time::{OffsetDateTime, parse_rfc7231};
use azure_core::{Bytes, Uuid};
use tokio::time::{Instant, sleep, timeout_at};

use super::bearer::Bearer;
use super::calls::{Calls, Counted};
use super::cause::of_call;
use super::error::{Api, Certainty, DEADLINE, Error, is_transient};
use super::tally::Tally;

/// Tries after the first.
const RETRIES: u32 = 4;
/// The wait before the second try; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// A longer wait than this is not believed; deadlines are minutes away.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// What bounds a call, and where it is counted: the handle of one run.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) deadline: Instant,
    pub(crate) calls: Arc<Calls>,
    pub(crate) tally: Arc<Tally>,
}

/// What bounds one try; travels in the pipeline's context.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    pub(crate) deadline: Instant,
    each: Duration,
    calls: Arc<Calls>,
    tally: Arc<Tally>,
    counted: Counted,
}

/// One request, as a service's file describes it.
pub(crate) struct Call {
    pub(crate) service: Api,
    pub(crate) counted: Counted,
    /// Fits after "failed to".
    pub(crate) operation: String,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(HeaderName, String)>,
    pub(crate) body: Bytes,
    /// How long one try may take.
    pub(crate) each: Duration,
}

/// An answer of the class 2xx, or one that the call asked to see.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Bytes,
}

impl Reply {
    /// The body as JSON; the words for people when it is none, as when it was cut.
    pub(crate) fn json<T: serde::de::DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_slice(&self.body).map_err(|fault| format!("the answer cannot be read: {fault}"))
    }

    /// A header by its name in lower case.
    pub(crate) fn header(&self, name: &'static str) -> Option<&str> {
        self.headers.get_optional_str(&HeaderName::from_static(name))
    }
}

/// The pipeline of one audience, with the one host that its token is for.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pipeline: Pipeline,
    home: Url,
}

impl Channel {
    pub(crate) fn new(
        http: &Transport,
        credential: Arc<dyn TokenCredential>,
        scope: &'static str,
        home: Url,
    ) -> Self {
        let options = ClientOptions {
            transport: Some(http.clone()),
            // Tries are counted below, where the caller's deadline is known.
            retry: RetryOptions::none(),
            user_agent: UserAgentOptions { application_id: Some("heartbeat-dns".into()) },
            ..ClientOptions::default()
        };
        let bearer: Arc<dyn Policy> = Arc::new(Bearer::new(credential, scope, home.clone()));
        let each: Arc<dyn Policy> = Arc::new(TryLimit);
        let pipeline = Pipeline::new(
            option_env!("CARGO_PKG_NAME"),
            option_env!("CARGO_PKG_VERSION"),
            options,
            Vec::new(),
            vec![bearer, each],
            None,
        );
        Self { pipeline, home }
    }

    /// The address of a path, below the path of the configured endpoint.
    pub(crate) fn url(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.home.clone();
        url.set_path(&format!("{}{path}", self.home.path().trim_end_matches('/')));
        url.set_query(None);
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }

    /// The configured endpoint.
    pub(crate) fn home(&self) -> &Url {
        &self.home
    }

    /// Sends a call until it succeeds, fails for good, or has no time left.
    ///
    /// `decode` sees every answer of the class 2xx, and those whose status is in `also`; words from it count as a
    /// body that was cut on its way, so the call is tried again. A write that is sent again must carry a condition:
    /// when an earlier try may have landed, any refusal of a later one is reported with [`Certainty::Unknown`].
    pub(crate) async fn call<T>(
        &self,
        run: &Run,
        call: &Call,
        also: &[u16],
        decode: impl Fn(&Reply) -> Result<T, String>,
    ) -> Result<T, Error> {
        let id = Uuid::new_v4().to_string();
        let mut doubt = false;
        let mut renewed = false;
        let mut tries = 0;
        loop {
            let fault = match self.once(run, call, &id).await {
                Ok(reply) if (200..300).contains(&reply.status) || also.contains(&reply.status) => {
                    match decode(&reply) {
                        Ok(value) => return Ok(value),
                        Err(words) => {
                            let mut error = Error::new(call.service, &call.operation, words);
                            error.certainty = Certainty::Unknown;
                            error
                        }
                    }
                }
                Ok(reply) => {
                    let code = reply.headers.get_optional_str(&ERROR_CODE);
                    let mut error =
                        Error::answered(call.service, &call.operation, reply.status, code, &reply.body);
                    error.retry_after = retry_after(&reply.headers, OffsetDateTime::now_utc());
                    error
                }
                Err(error) => error,
            };
            let mut fault = fault;
            let again = match fault.status {
                // The policy has dropped the token; one fresh one is tried.
                Some(401) => !std::mem::replace(&mut renewed, true),
                Some(status) => is_transient(status),
                None => fault.code.is_empty(),
            };
            // A gateway's 5xx says nothing about the service behind it.
            doubt |=
                fault.certainty == Certainty::Unknown || matches!(fault.status, Some(408 | 500 | 502 | 504));
            let wait = back_off(tries).max(fault.retry_after.unwrap_or_default());
            if !again || tries == RETRIES || Instant::now() + wait >= run.deadline {
                if doubt && matches!(call.method, Method::Put) {
                    fault.certainty = Certainty::Unknown;
                }
                return Err(fault);
            }
            tracing::debug!(
                operation = call.operation,
                wait_ms = wait.as_millis(),
                "{}; trying again",
                fault.chain()
            );
            tries += 1;
            sleep(wait).await;
        }
    }

    async fn once(&self, run: &Run, call: &Call, id: &str) -> Result<Reply, Error> {
        if Instant::now() >= run.deadline {
            let mut error = Error::new(call.service, &call.operation, "the time of this run is over");
            error.code = DEADLINE.to_owned();
            return Err(error);
        }
        let mut request = Request::new(call.url.clone(), call.method);
        request.insert_header(azure_core::http::headers::CLIENT_REQUEST_ID, id.to_owned());
        for (name, value) in &call.headers {
            request.insert_header(name.clone(), value.clone());
        }
        request.set_body(call.body.clone());
        let bounds = Bounds {
            deadline: run.deadline,
            each: call.each,
            calls: Arc::clone(&run.calls),
            tally: Arc::clone(&run.tally),
            counted: call.counted,
        };
        let context = Context::new().with_value(bounds);
        let options = PipelineSendOptions { skip_checks: true, ..PipelineSendOptions::default() };
        match self.pipeline.send(&context, &mut request, Some(options)).await {
            Ok(response) => {
                let (status, headers, body) = response.deconstruct();
                Ok(Reply { status: u16::from(status), headers, body: body.into() })
            }
            Err(error) => Err(unanswered(call, &error)),
        }
    }
}

/// An error for a call that was not answered.
fn unanswered(call: &Call, error: &azure_core::Error) -> Error {
    let kind = cause(error);
    let mut words = Error::new(call.service, &call.operation, of_call(error, &kind, &call.url));
    match kind {
        ErrorKind::Io => words.certainty = Certainty::Unknown,
        ErrorKind::Connection => {}
        // The credential has tried again by itself.
        ErrorKind::Credential => words.code = "NoToken".to_owned(),
        _ => words.code = "NotSent".to_owned(),
    }
    words
}

/// The kind of the first error in the chain that says more than "other".
pub(crate) fn cause(error: &azure_core::Error) -> ErrorKind {
    let mut kind = error.kind();
    let mut below: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let (ErrorKind::Other, Some(next)) = (kind, below) {
        if let Some(deeper) = next.downcast_ref::<azure_core::Error>() {
            kind = deeper.kind();
        }
        below = next.source();
    }
    kind.clone()
}

/// Counts each try that leaves, and ends it in time.
#[derive(Debug)]
struct TryLimit;

#[async_trait]
impl Policy for TryLimit {
    async fn send(&self, ctx: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        let Some(bounds) = ctx.value::<Bounds>() else { return next[0].send(ctx, request, &next[1..]).await };
        bounds.calls.count(bounds.counted);
        let mut attempt = bounds.tally.begin(bounds.counted.into());
        let limit = bounds.deadline.min(Instant::now() + bounds.each);
        match timeout_at(limit, attempt.send(request, next)).await {
            Ok(result) => result,
            Err(_) => {
                attempt.timed_out();
                let words = if limit == bounds.deadline {
                    "the time of this run was over before an answer came".to_owned()
                } else {
                    format!("no answer within {} s", bounds.each.as_secs())
                };
                Err(azure_core::Error::with_message(ErrorKind::Io, words))
            }
        }
    }
}

/// 250 ms, then twice as long with each try, of which a random half is kept off, so that callers spread.
fn back_off(tries: u32) -> Duration {
    let whole = FIRST_WAIT * 2_u32.pow(tries.min(8));
    let chance = RandomState::new().hash_one(tries) % 512;
    whole / 2 + whole.mul_f64(chance as f64 / 1024.0)
}

/// How long the service asks to be left alone: milliseconds, or seconds, or a date (contract azure-sdk-for-rust,
/// section 4).
pub(crate) fn retry_after(headers: &Headers, now: OffsetDateTime) -> Option<Duration> {
    asked_wait(headers, now).map(|wait| wait.min(LONGEST_WAIT))
}

fn asked_wait(headers: &Headers, now: OffsetDateTime) -> Option<Duration> {
    let text = |name: &HeaderName| headers.get_optional_str(name).map(str::trim);
    for name in [X_MS_RETRY_AFTER_MS, RETRY_AFTER_MS] {
        if let Some(milliseconds) = text(&name).and_then(|text| text.parse().ok()) {
            return Some(Duration::from_millis(milliseconds));
        }
    }
    if let Some(text) = text(&RETRY_AFTER) {
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        if let Ok(date) = parse_rfc7231(text) {
            return Some((date - now).try_into().unwrap_or_default());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> Headers {
        let mut headers = Headers::new();
        for (name, value) in pairs {
            headers.insert(HeaderName::from_static(name), (*value).to_owned());
        }
        headers
    }

    #[test]
    fn every_form_of_retry_after_is_read() {
        let now = parse_rfc7231("Sat, 21 Nov 2026 01:00:00 GMT").unwrap();
        let wait = |pairs: &[(&'static str, &str)]| retry_after(&headers(pairs), now);
        assert_eq!(wait(&[("retry-after", "23")]), Some(Duration::from_secs(23)));
        assert_eq!(
            wait(&[("retry-after-ms", "150"), ("retry-after", "23")]),
            Some(Duration::from_millis(150))
        );
        assert_eq!(wait(&[("retry-after", "Sat, 21 Nov 2026 01:00:07 GMT")]), Some(Duration::from_secs(7)));
        assert_eq!(wait(&[("retry-after", "Sat, 21 Nov 2026 00:00:00 GMT")]), Some(Duration::ZERO));
        assert_eq!(wait(&[("retry-after", "18446744073709551615")]), Some(LONGEST_WAIT));
        assert_eq!(wait(&[("retry-after", "soon")]), None);
        assert_eq!(wait(&[("retry-after", "-3")]), None);
        assert_eq!(wait(&[]), None);
    }

    #[test]
    fn waits_double_and_stay_bounded() {
        for tries in 0..12 {
            let wait = back_off(tries);
            let whole = FIRST_WAIT * 2_u32.pow(tries.min(8));
            assert!(wait >= whole / 2 && wait <= whole, "{tries}: {wait:?}");
        }
    }
}
