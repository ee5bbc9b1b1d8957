//! `function-collector`: sweeps when the newest sweep is old, then the same run as an alert's.
//!
//! Its run ends before its answer: the platform promises the process no life after that.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request as Incoming, State};
use axum::http::StatusCode;
use axum::response::Response;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::envelope::{self, Invocation};
use super::errand::Errand;
use super::invocation::{Envelope, answer, around, failure, read};
use super::queue::{Place, Quiet};
use super::reply::{done, through};
use super::state::{Handler, RunState, Shared};
use crate::round::{FailedStage, Made, Orders, Sweep, round};
use crate::run::{Ended, Installation, Observed, Request, Trouble, observe};
use pure::plan::report::Trigger;

/// All that a tick may take: `functionTimeout` of `host.json` is ten minutes, after which the host kills us.
const WHOLE: Duration = Duration::from_secs(9 * 60 + 30);
/// The function's name.
const FUNCTION: &str = "function-collector";
/// With less time than this before the answer of its tick a run would end before it has done anything.
const ENOUGH: Duration = Duration::from_secs(60);

/// The timer trigger.
pub(super) async fn function_collector(State(handler): Shared, request: Incoming) -> Response {
    let span = around(request.headers());
    ticked(handler, request).instrument(span).await
}

async fn ticked(handler: Arc<Handler>, request: Incoming) -> Response {
    let (arrived, body) = read(request).await;
    let invocation = match body {
        Ok(Envelope::Whole(body)) => Invocation::parse(&body).map_err(|fault| fault.to_string()),
        Ok(Envelope::Cut(_)) => Err("the request is too large".to_owned()),
        Err(because) => Err(because),
    };
    let sweep = match invocation {
        Ok(invocation) if invocation.is_by_hand() => Sweep::Now,
        Ok(invocation) if invocation.is_timer() => Sweep::WhenDue,
        Ok(_) => {
            return failure(
                StatusCode::BAD_REQUEST,
                FUNCTION,
                &Trouble::new("no binding holds a timer's invocation"),
            );
        }
        Err(because) => return failure(StatusCode::BAD_REQUEST, FUNCTION, &Trouble::new(because)),
    };
    let installation = match &handler.app.installation {
        Ok(installation) => Arc::clone(installation),
        Err(faults) => {
            let because = format!("the configuration is faulty: {faults}");
            return failure(StatusCode::INTERNAL_SERVER_ERROR, FUNCTION, &Trouble::new(because));
        }
    };
    let tick = async move { handler.tick(&installation, sweep, arrived).await };
    match tokio::spawn(tick.in_current_span()).await {
        Ok(Ok(words)) => answer(StatusCode::OK, &envelope::timer_answer(&words)),
        Ok(Err(trouble)) => failure(StatusCode::INTERNAL_SERVER_ERROR, FUNCTION, &trouble),
        Err(fault) => failure(StatusCode::INTERNAL_SERVER_ERROR, FUNCTION, &Trouble::new(fault.to_string())),
    }
}

impl Handler {
    /// One tick: what was done in words, or that and what failed.
    async fn tick(
        &self,
        installation: &Arc<Installation>,
        sweep: Sweep,
        arrived: Instant,
    ) -> Result<String, Trouble> {
        let last = arrived + WHOLE;
        let orders = Orders { sweep, last: Some(last), doubtful: Vec::new(), stop: CancellationToken::new() };
        let quiet = self.queue.quiet();
        let make = |request, seen| self.made(installation, request, seen, quiet, last);
        let round = round(installation, &orders, make).await;
        let mut words = round.words();
        if !installation.settings.run.on_timer {
            words.push("RECONCILE_ON does not hold timer".to_owned());
        }
        self.app.reporters.round_ended(&round);
        if let Some(ended) = &round.ended {
            self.app.reporters.look_after(installation, &ended.report, &self.stop);
        }
        let complaints = round.complaints();
        if complaints.is_empty() {
            return Ok(words.join("; "));
        }
        // The reason phrase is short: what failed goes before what went well.
        let said = |of: fn(&Trouble) -> &str| {
            let complaints = complaints.iter().map(|fault| of(&fault.trouble));
            complaints.chain(words.iter().map(String::as_str)).collect::<Vec<_>>().join("; ")
        };
        Err(Trouble::told(said(|trouble| &trouble.because), said(|trouble| &trouble.logged)))
    }

    /// The run of a tick, in the queue like every other: it has ended when this is known. What was observed serves it, unless
    /// another run went on since it was `quiet`.
    async fn made(
        &self,
        installation: &Arc<Installation>,
        request: Request,
        seen: Observed,
        quiet: Option<Quiet>,
        last: Instant,
    ) -> Result<Made, FailedStage> {
        let broke_off = || FailedStage::repair(Trouble::new("the run broke off; the log says why"));
        let (sender, ended) = oneshot::channel();
        let installation = Arc::clone(installation);
        let (reporters, stop) = (Arc::clone(&self.app.reporters), self.stop.clone());
        let id = request.run.clone();
        let place = self.queue.submit(Errand::of_timer(request), async move |errand, teller| {
            let (run, is_shared) = (errand.run.clone(), errand.is_shared);
            let request = errand.into_request();
            let writes = request.writes();
            let ended = async {
                let observed = if quiet.is_some_and(|quiet| quiet.lasted()) {
                    seen
                } else {
                    let whole = installation.settings.run.deadline;
                    let deadline = deadline(Instant::now(), whole, last, is_shared);
                    observe(&installation, &request, deadline).await.map_err(FailedStage::evaluate)?
                };
                Ok(Box::pin(through(&installation, request, observed, &teller)).await)
            };
            let ended: Result<Ended, FailedStage> = ended.await;
            teller.tell(match &ended {
                Ok(ended) => RunState::Done(Arc::new(ended.report.clone())),
                Err(failed) => RunState::Trouble(failed.clone()),
            });
            // A tick that could wait no longer has told its caller so, and tells nothing of this run.
            match sender.send(ended) {
                Ok(()) => {}
                Err(Ok(ended)) => {
                    reporters.run_ended(&ended);
                    reporters.look_after(&installation, &ended.report, &stop);
                }
                Err(Err(failed)) => reporters.run_troubled(&run, Trigger::Timer, writes, &failed),
            }
            // Nobody outside can hurry the timer: no call waits for what it asks.
            0
        });
        // The host kills whoever is later, and the runs of others with it.
        let late = |whose: &str| {
            FailedStage::repair(Trouble::new(format!("run {whose} has not ended in time; it goes on")))
        };
        match place {
            Place::Mine(_) => match timeout_at(last, ended).await {
                Ok(Ok(ended)) => Ok(Made::Own(Box::new(ended?))),
                Ok(Err(_)) => Err(broke_off()),
                Err(_) => Err(late(&format!("{id}, which waited for another,"))),
            },
            Place::Joined(id, mut ticket) => match timeout_at(last, done(&mut ticket)).await {
                Ok(Ok(RunState::Done(report) | RunState::Written(report))) => Ok(Made::Joined(report)),
                Ok(Ok(RunState::Trouble(failed))) => Err(failed),
                Ok(Err(_)) => Err(broke_off()),
                Err(_) => Err(late(&format!("{id}, which waited already,"))),
            },
        }
    }
}

/// When the run of a tick must have ended, whose turn comes `now`. Before the answer of its tick, at `last`, as long as that
/// one alone waits for it: the platform promises it no life beyond. Whoever joined it was promised a `whole` run, and a
/// moment serves nobody: such a run goes on when its tick has answered that it does.
fn deadline(now: Instant, whole: Duration, last: Instant, is_shared: bool) -> Instant {
    let own = now + whole;
    let is_enough = last.saturating_duration_since(now) >= ENOUGH;
    if is_enough && !is_shared { own.min(last) } else { own }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_whose_turn_comes_late_has_its_time_all_the_same() {
        let last = Instant::now() + WHOLE;
        let seconds = |left: u64, is_shared: bool| {
            let now = last - Duration::from_secs(left);
            (deadline(now, Duration::from_secs(240), last, is_shared) - now).as_secs()
        };
        for (left, alone, shared) in
            [(500, 240, 240), (240, 240, 240), (100, 100, 240), (60, 60, 240), (59, 240, 240), (0, 240, 240)]
        {
            assert_eq!(
                (seconds(left, false), seconds(left, true)),
                (alone, shared),
                "{left} s before the answer"
            );
        }
        let late = last + Duration::from_secs(30);
        assert_eq!(deadline(late, Duration::from_secs(240), last, true) - late, Duration::from_secs(240));
    }
}
