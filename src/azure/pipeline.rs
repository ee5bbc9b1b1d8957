//! One way to call Azure: a token, a time for each try, tries within the caller's deadline, and an honest error.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::ErrorKind;
use azure_core::http::headers::{
    AUTHORIZATION, ERROR_CODE, HeaderName, Headers, RETRY_AFTER, RETRY_AFTER_MS, X_MS_RETRY_AFTER_MS,
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
use super::calls::Calls;
use super::cause::of_call;
use super::error::{Certainty, Error, Kind};
use super::quota::Quota;
use super::redact::Secrets;
use super::stop::Stop;
use super::tally::Tally;
use pure::domain::{Service, ZoneId};

/// Tries after the first.
const RETRIES: u32 = 4;
/// The wait before the second try; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// A true answer is no larger than this, unpacked.
pub(crate) const LARGEST_ANSWER: usize = 16 * 1024 * 1024;

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
    service: Service,
    largest: usize,
}

/// One request, as a service's file describes it.
pub(crate) struct Call {
    pub(crate) service: Service,
    /// Fits after "failed to".
    pub(crate) operation: String,
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: Vec<(HeaderName, String)>,
    pub(crate) body: Bytes,
    /// How long one try may take.
    pub(crate) each: Duration,
    /// How many octets the answer may have, unpacked.
    pub(crate) largest: usize,
    /// The zone that it is about: after a 429 all calls of its kind wait.
    pub(crate) zone: Option<Waits>,
}

/// A zone that may have to be left alone, and where that is kept.
#[derive(Clone, Debug)]
pub(crate) struct Waits {
    pub(crate) quota: Arc<Quota>,
    pub(crate) zone: ZoneId,
}

/// Why an answer is not taken.
pub(crate) enum Flaw {
    /// It cannot be read, as when it was cut on its way: the call is tried again.
    Unreadable(String),
    /// It looks like success and is none; trying again changes nothing.
    Final(Kind, String),
    /// It is a refusal like any other, although the call asked to see its status.
    Refused,
}

impl From<String> for Flaw {
    fn from(words: String) -> Self {
        Self::Unreadable(words)
    }
}

impl From<&str> for Flaw {
    fn from(words: &str) -> Self {
        Self::Unreadable(words.to_owned())
    }
}

/// An answer of the class 2xx, or one that the call asked to see.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Bytes,
    /// What was sent and may come back.
    secrets: Secrets,
}

impl Reply {
    /// The body as JSON; a flaw when it is none, as when it was cut.
    pub(crate) fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, Flaw> {
        serde_json::from_slice(&self.body)
            .map_err(|fault| Flaw::Unreadable(format!("the answer cannot be read: {fault}")))
    }

    /// What was sent and may come back.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
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
    secrets: Secrets,
}

impl Channel {
    pub(crate) fn new(http: &Transport, bearer: Bearer, home: Url, secrets: Secrets) -> Self {
        let options = ClientOptions {
            transport: Some(http.clone()),
            // Tries are counted below, where the caller's deadline is known.
            retry: RetryOptions::none(),
            user_agent: UserAgentOptions { application_id: Some("heartbeat-dns".into()) },
            ..ClientOptions::default()
        };
        let bearer: Arc<dyn Policy> = Arc::new(bearer);
        let each: Arc<dyn Policy> = Arc::new(TryLimit);
        let pipeline = Pipeline::new(
            option_env!("CARGO_PKG_NAME"),
            option_env!("CARGO_PKG_VERSION"),
            options,
            Vec::new(),
            vec![bearer, each],
            None,
        );
        Self { pipeline, home, secrets }
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
    /// `decode` sees every answer of the class 2xx, and those whose status is in `also`; what it cannot read counts as a
    /// body that was cut on its way, so the call is tried again. A write that is sent again must carry a condition:
    /// when an earlier try may have landed, any refusal of a later one is reported with [`Certainty::Unknown`].
    pub(crate) async fn call<T>(
        &self,
        run: &Run,
        call: &Call,
        also: &[u16],
        decode: impl Fn(&Reply) -> Result<T, Flaw>,
    ) -> Result<T, Error> {
        let id = Uuid::new_v4().to_string();
        let about = call.zone.as_ref().map(|waits| waits.zone.resource_id());
        let mut doubt = false;
        let mut tries = 0;
        loop {
            let mut fault = match self.once(run, call, &id).await {
                Ok(reply) if (200..300).contains(&reply.status) || also.contains(&reply.status) => {
                    match decode(&reply) {
                        Ok(value) => return Ok(value),
                        Err(flaw) => flawed(call, &reply, flaw),
                    }
                }
                Ok(reply) => refused(call, &reply),
                Err(error) => error,
            }
            .about(about);
            // A gateway's 5xx says nothing about the service behind it.
            doubt |=
                fault.certainty == Certainty::Unknown || matches!(fault.status, Some(408 | 500 | 502 | 504));
            let wait = back_off(tries).max(fault.retry_after.unwrap_or_default());
            if fault.is_throttled()
                && let Some(waits) = &call.zone
            {
                waits.quota.close(waits.zone.lower(), call.service, Instant::now() + wait);
            }
            let again = fault.is_transient() && !fault.kind().is_deferred();
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
        if let Some(waits) = &call.zone
            && let Err(next) = waits.quota.open(waits.zone.lower(), call.service, run.deadline).await
        {
            return Err(zone_waits(call.service, &call.operation, next));
        }
        if Instant::now() >= run.deadline {
            return Err(Error::new(
                call.service,
                Kind::Deadline,
                &call.operation,
                "the time of this run is over",
            ));
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
            service: call.service,
            largest: call.largest,
        };
        let context = Context::new().with_value(bounds);
        let options = PipelineSendOptions { skip_checks: true, ..PipelineSendOptions::default() };
        let result = self.pipeline.send(&context, &mut request, Some(options)).await;
        let token = request.headers().get_optional_str(&AUTHORIZATION);
        let secrets = self.secrets.and(token.and_then(|value| value.strip_prefix("Bearer ")));
        match result {
            Ok(response) => {
                let (status, headers, body) = response.deconstruct();
                Ok(Reply { status: u16::from(status), headers, body: body.into(), secrets })
            }
            Err(error) => Err(unanswered(call, &error, &secrets)),
        }
    }
}

/// An error for a call that must not be made before `next`, because the service asked for it.
pub(crate) fn zone_waits(service: Service, operation: &str, next: Instant) -> Error {
    let words = "the service has asked that the zone be left alone for longer than this run lasts";
    let mut error = Error::new(service, Kind::ZoneWaits, operation, words);
    error.retry_after = Some(next.saturating_duration_since(Instant::now()));
    error
}

/// An error for an answer that refuses.
fn refused(call: &Call, reply: &Reply) -> Error {
    let code = reply.headers.get_optional_str(&ERROR_CODE);
    let (status, secrets) = (reply.status, &reply.secrets);
    let mut error = Error::answered(call.service, &call.operation, status, code, &reply.body, secrets);
    error.retry_after = retry_after(&reply.headers, OffsetDateTime::now_utc());
    error
}

/// An error for an answer that is not taken.
fn flawed(call: &Call, reply: &Reply, flaw: Flaw) -> Error {
    let (kind, words, certainty) = match flaw {
        Flaw::Refused => return refused(call, reply),
        Flaw::Unreadable(words) => (Kind::Unreadable, words, Certainty::Unknown),
        Flaw::Final(kind, words) => (kind, words, Certainty::Answered),
    };
    let words = reply.secrets.hide(&words);
    Error::new(call.service, kind, &call.operation, words).with_certainty(certainty)
}

/// An error for a call that was not answered.
fn unanswered(call: &Call, error: &azure_core::Error, secrets: &Secrets) -> Error {
    let cause = cause(error);
    let (kind, certainty) = match (Stop::below(error), &cause) {
        (Some(Stop::Deadline), _) => (Kind::Deadline, Certainty::Unknown),
        (Some(Stop::TimedOut(_)), _) => (Kind::TimedOut, Certainty::Unknown),
        (Some(Stop::TooLarge(_)), _) => (Kind::TooLarge, Certainty::Unknown),
        (Some(Stop::NoTokenInTime), _) => (Kind::NoToken, Certainty::NotSent),
        (Some(Stop::HostRefused(_)), _) => (Kind::HostRefused, Certainty::NotSent),
        (None, ErrorKind::Io) => (Kind::Lost, Certainty::Unknown),
        (None, ErrorKind::Connection) => (Kind::NotConnected, Certainty::NotSent),
        // The credential has tried again by itself.
        (None, ErrorKind::Credential) => (Kind::NoToken, Certainty::NotSent),
        (None, _) => (Kind::NotSent, Certainty::NotSent),
    };
    let said = match Stop::below(error) {
        // Hosts are for the log alone.
        Some(Stop::HostRefused(_)) | None => String::new(),
        Some(stop) => stop.to_string(),
    };
    let detail = match Stop::below(error) {
        Some(stop) => stop.to_string(),
        None => of_call(error, &cause, &call.url),
    };
    Error::new(call.service, kind, &call.operation, said)
        .with_detail(&detail, secrets)
        .with_certainty(certainty)
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
        bounds.calls.count(bounds.service);
        let mut attempt = bounds.tally.begin(bounds.service);
        let limit = bounds.deadline.min(Instant::now() + bounds.each);
        match timeout_at(limit, attempt.send(request, next, bounds.largest)).await {
            Ok(result) => result,
            Err(_) => {
                attempt.timed_out();
                let stop =
                    if limit == bounds.deadline { Stop::Deadline } else { Stop::TimedOut(bounds.each) };
                Err(stop.into_error())
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
