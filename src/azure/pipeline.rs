//! One way to call Azure: a token, a time for each try, tries within the caller's deadline, and an honest error.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::Uuid;
use azure_core::http::headers::{AUTHORIZATION, HeaderName, IF_MATCH};
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{
    ClientOptions, Context, Method, Pipeline, PipelineStreamOptions, Request, RetryOptions, Transport, Url,
    UserAgentOptions,
};
use tokio::time::{Instant, sleep, timeout_at};

use super::answer::{
    Answered, Flaw, flawed, no_quota, refused, service_waits, stopped, unanswered, without_token, zone_waits,
};
use super::bearer::Bearer;
use super::call::{Bounds, Call, Handle, Waits};
use super::caller::Caller;
use super::error::{Certainty, Error, Kind};
use super::patience::Patience;
use super::quota::Turn;
use super::redact::Secrets;
use super::stop::Stop;
use super::tally::bounded;

/// The condition of a creation.
const IF_NONE_MATCH: HeaderName = HeaderName::from_static_standard("if-none-match");
/// Tries after the first.
const RETRIES: u32 = 4;
/// The wait before the second try; it doubles with each.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// The pipeline of one audience, with the one host that its token is for.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pipeline: Pipeline,
    bearer: Arc<Bearer>,
    home: Url,
    secrets: Secrets,
    way: Way,
}

/// How a host is reached.
#[derive(Clone, Debug)]
pub(super) struct Way {
    /// The proxy before it, without its password, and the variable that names it.
    pub(super) proxy: Option<String>,
    /// How long it is tried to reach it.
    pub(super) patience: Patience,
}

impl Channel {
    pub(super) fn new(http: &Transport, bearer: Bearer, home: Url, secrets: Secrets, way: Way) -> Self {
        let options = ClientOptions {
            transport: Some(http.clone()),
            // Tries are counted below, where the caller's deadline is known.
            retry: RetryOptions::none(),
            user_agent: UserAgentOptions { application_id: Some("heartbeat-dns".into()) },
            ..ClientOptions::default()
        };
        let bearer = Arc::new(bearer);
        let each: Arc<dyn Policy> = Arc::new(TryLimit);
        let pipeline = Pipeline::new(
            option_env!("CARGO_PKG_NAME"),
            option_env!("CARGO_PKG_VERSION"),
            options,
            Vec::new(),
            vec![Arc::clone(&bearer) as Arc<dyn Policy>, each],
            None,
        );
        Self { pipeline, bearer, home, secrets, way }
    }

    /// Asks for the token while something else is waited for; the first call then finds it, or joins the wait.
    pub(crate) fn prepare(&self) {
        let bearer = Arc::clone(&self.bearer);
        tokio::spawn(async move { bearer.prepare().await });
    }

    /// Who calls, as the token has it.
    pub(crate) async fn caller(&self) -> Option<Caller> {
        self.bearer.caller().await
    }

    /// Who calls, or why there is no token for it; none where the token does not say.
    pub(crate) async fn identity(&self, deadline: Instant) -> Result<Option<Caller>, Error> {
        let operation = format!("get a token for {}", self.home.host_str().unwrap_or_default());
        let asked = timeout_at(deadline, self.bearer.identity()).await;
        let error = match asked {
            Ok(Ok(caller)) => return Ok(caller),
            Ok(Err(error)) => error,
            Err(_) => Stop::NoTokenInTime.into_error(),
        };
        Err(without_token(operation, &error, &self.secrets))
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
    /// body that was cut on its way, so the call is tried again. When an earlier try of a write may have landed, any refusal
    /// of a later one is reported with [`Certainty::Unknown`], and a write without a condition is not sent again.
    pub(crate) async fn call<T>(
        &self,
        run: &Handle,
        call: &Call,
        also: &[u16],
        decode: impl Fn(&Answered) -> Result<T, Flaw>,
    ) -> Result<T, Error> {
        let id = Uuid::new_v4().to_string();
        let about = call.zone.as_ref().map(|waits| waits.zone.resource_id());
        let mut doubt = false;
        let mut tries = 0;
        let begun = Instant::now();
        let mut earlier: Option<Error> = None;
        loop {
            let mut fault = match self.once(run, call, &id).await {
                Ok(reply) if (200..300).contains(&reply.status) || also.contains(&reply.status) => {
                    match decode(&reply) {
                        Ok(value) => return Ok(value),
                        Err(flaw) => flawed(call, &reply, flaw),
                    }
                }
                Ok(reply) => {
                    let error = refused(call, &reply);
                    run.calls.token_refusals.note(&error);
                    error
                }
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
                waits.quota.close(&waits.zone, call.service, Instant::now() + wait);
            }
            let is_stopped = writes(call.method) && run.stop.is_cancelled();
            let again = fault.is_transient() && !fault.kind().is_deferred() && !is_stopped;
            let meets_nobody = fault.kind() == Kind::NotConnected;
            let again = again && !(meets_nobody && self.way.patience.is_over(begun.elapsed() + wait));
            // Nothing would keep it from what others have written since.
            let again = again && !(doubt && writes(call.method) && !is_guarded(call));
            if !again || tries == RETRIES || Instant::now() + wait >= run.deadline {
                if doubt && writes(call.method) {
                    fault.certainty = Certainty::Unknown;
                }
                // Why the tries before failed says more than that the last one ran out of time.
                let is_out_of_time = fault.kind() == Kind::Deadline && !writes(call.method);
                return Err(match earlier.filter(|_| is_out_of_time) {
                    Some(mut before) => {
                        if fault.certainty == Certainty::Unknown {
                            before.certainty = Certainty::Unknown;
                        }
                        before
                    }
                    None => fault,
                });
            }
            tracing::debug!(
                operation = call.operation,
                wait_ms = wait.as_millis(),
                "{}; trying again",
                fault.chain()
            );
            tries += 1;
            earlier = Some(fault);
            sleep(wait).await;
        }
    }

    async fn once(&self, run: &Handle, call: &Call, id: &str) -> Result<Answered, Error> {
        let mut paced = None;
        if let Some(waits) = &call.zone {
            let turn = turn(waits, call, run.deadline);
            paced = match waits.write {
                Some(write) => {
                    let turn =
                        run.stop.run_until_cancelled(turn).await.unwrap_or_else(|| Err(stopped(call)))?;
                    turn.map(|turn| (waits, write, turn))
                }
                None => {
                    turn.await?;
                    None
                }
            };
        }
        if let Some(allowance) = &call.allowance {
            allowance.wait(run.deadline).await.map_err(|next| service_waits(call, next))?;
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
        let options = PipelineStreamOptions { skip_checks: true, ..PipelineStreamOptions::default() };
        // `stream`, because `send` copies what [`TryLimit`] has read already.
        let result = self.pipeline.stream(&context, &mut request, Some(options)).await;
        if let Some((waits, write, turn)) = paced {
            waits.quota.answered(&waits.zone, write, turn);
        }
        let token = request.headers().get_optional_str(&AUTHORIZATION);
        let secrets = self.secrets.and(token.and_then(|value| value.strip_prefix("Bearer ")));
        match result {
            Ok(response) => {
                let (status, headers, body) = response.deconstruct();
                run.calls.dates.note(call.service, &headers);
                match bounded(body, None, call.largest).await {
                    Ok(body) => Ok(Answered { status: u16::from(status), headers, body, secrets }),
                    Err(error) => Err(unanswered(call, &error, &secrets, self.way.proxy.as_deref())),
                }
            }
            Err(error) => Err(unanswered(call, &error, &secrets, self.way.proxy.as_deref())),
        }
    }
}

/// Waits until the zone may be asked, and a write for its turn in the quota besides, which is given: the service counts each
/// try of it.
async fn turn(waits: &Waits, call: &Call, deadline: Instant) -> Result<Option<Turn>, Error> {
    let (quota, zone) = (&waits.quota, &waits.zone);
    let closed = |next| zone_waits(call.service, &call.operation, next);
    quota.open(zone, call.service, deadline).await.map_err(closed)?;
    let Some(write) = waits.write else { return Ok(None) };
    let turn = quota.turn(zone, write, deadline).await;
    let turn = turn.map_err(|next| no_quota(call.service, &call.operation, next))?;
    // Somebody may have been told meanwhile to leave it alone.
    quota.open(zone, call.service, deadline).await.map_err(closed)?;
    Ok(Some(turn))
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

/// Whether a call has its effect only on what it rests on.
fn is_guarded(call: &Call) -> bool {
    call.headers.iter().any(|(name, _)| *name == IF_MATCH || *name == IF_NONE_MATCH)
}

/// Whether a call changes something: what became of one whose answer was lost is not known.
fn writes(method: Method) -> bool {
    matches!(method, Method::Put | Method::Delete)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::call::LARGEST_ANSWER;
    use crate::azure::quota::{Quota, Write};
    use azure_core::Bytes;
    use pure::domain::{Service, ZoneId};

    #[test]
    fn waits_double_and_stay_bounded() {
        for tries in 0..12 {
            let wait = back_off(tries);
            let whole = FIRST_WAIT * 2_u32.pow(tries.min(8));
            assert!(wait >= whole / 2 && wait <= whole, "{tries}: {wait:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_waits_for_a_turn_leaves_a_zone_alone_that_is_closed_meanwhile() {
        let text = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com";
        let zone = ZoneId::parse(text).unwrap();
        let quota = Arc::new(Quota::new(Some(0.01)));
        let waits = Waits { quota: Arc::clone(&quota), zone: zone.clone(), write: Some(Write::Update) };
        let call = Call {
            service: Service::DnsWrite,
            operation: "write x A".to_owned(),
            method: Method::Put,
            url: Url::parse("http://127.0.0.1:1").unwrap(),
            headers: Vec::new(),
            body: Bytes::new(),
            each: Duration::from_secs(1),
            largest: LARGEST_ANSWER,
            zone: None,
            allowance: None,
        };
        let start = Instant::now();
        let deadline = start + Duration::from_secs(600);
        for _ in 0..2 {
            turn(&waits, &call, deadline).await.unwrap();
        }
        let (third, ()) = tokio::join!(turn(&waits, &call, deadline), async {
            sleep(Duration::from_secs(30)).await;
            quota.close(&zone, Service::DnsWrite, start + Duration::from_secs(90));
        });
        third.unwrap();
        assert_eq!(start.elapsed().as_secs(), 90, "its own turn would have come after a minute");
    }
}
