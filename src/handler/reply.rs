//! `function-remediate`: who gets which answer, and when.
//!
//! An action group gives up after a few refusals and then calls nobody for a quarter of an hour (contract azure-monitor,
//! section 8.6). So an alert is always answered with 200 or 202 and in time, whatever became of its run.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request as Incoming, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::alert::{Ask, Manual, Refusal, classify, classify_beginning};
use super::envelope::{self, Invocation};
use super::errand::Errand;
use super::invocation::{Envelope, answer, around, read};
use super::queue::{Place, Teller, Ticket};
use super::state::{Handler, RunState, Shared};
use crate::config::Mode;
use crate::doctor::Totals;
use crate::door::TurnedAway;
use crate::round::FailedStage;
use crate::run::{Ended, Installation, Observed, Request, observe, plan};
use crate::tell::{self, Reporters};
use pure::domain::{HostName, Service};
use pure::plan::report::Report;
use pure::shown::one_line;
use pure::wish::{Wish, Wishes};

/// The longest wait that a manual call may ask for; the platform cuts the connection at 230 s (contract
/// functions-custom-handler, section 6).
const LONGEST_WAIT: Duration = Duration::from_secs(200);
/// How long an alert that could be answered waits for the proof; this much no caller notices.
const BLINK: Duration = Duration::from_millis(200);

/// What the caller sees.
struct Reply {
    status: u16,
    body: Value,
    /// What the host logs of it; empty: nothing.
    log: String,
}

/// The HTTP trigger. Whatever happens, the host gets a 200 envelope: it would turn anything else into a 500.
pub(super) async fn function_remediate(State(handler): Shared, request: Incoming) -> Response {
    let span = around(request.headers());
    answered(handler, request).instrument(span).await
}

async fn answered(handler: Arc<Handler>, request: Incoming) -> Response {
    let (arrived, body) = read(request).await;
    let reply = match body {
        Ok(envelope) => {
            // A task of its own, so that not even a panic keeps the caller from an answer.
            let answered =
                tokio::spawn(async move { handler.reply(envelope, arrived).await }.in_current_span()).await;
            answered.unwrap_or_else(|fault| {
                tracing::error!("function-remediate failed: {}", one_line(&fault.to_string()));
                retry_later(200, "the handler failed on this call")
            })
        }
        Err(because) => refused(&Refusal { status: 400, because }),
    };
    let log = Some(reply.log.as_str()).filter(|log| !log.is_empty());
    answer(StatusCode::OK, &envelope::http_answer(reply.status, &reply.body, log))
}

impl Handler {
    async fn reply(&self, envelope: Envelope, arrived: Instant) -> Reply {
        let rules =
            self.app.installation.as_ref().map(|installation| &installation.settings.reply.alert_rule_ids);
        let rules = rules.map(Vec::as_slice).unwrap_or_default();
        let bad = |because: String| Refusal { status: 400, because };
        let call = match envelope {
            Envelope::Whole(body) => {
                let parsed = Invocation::parse(&body).map_err(|fault| bad(fault.to_string()));
                let request = parsed.and_then(|invocation| {
                    let missing = || bad("the invocation has no HTTP request in the binding req".to_owned());
                    invocation.http_request().ok_or_else(missing)
                });
                match request {
                    Ok(request) => match self.door.admit(&request.authorization).await {
                        Ok(()) => classify(&request, rules),
                        Err(why) => return turned_away(&why),
                    },
                    Err(refusal) => Err(refusal),
                }
            }
            // Its headers may lie beyond what was kept.
            Envelope::Cut(_) if self.door.is_guarded() => {
                let because = "the request is too large for its token to be looked at".to_owned();
                Err(Refusal { status: 413, because })
            }
            Envelope::Cut(beginning) => classify_beginning(&beginning, rules),
        };
        match call {
            Err(refusal) => refused(&refusal),
            Ok(Ask::Ignored(why)) => ignored(&why),
            Ok(Ask::Nudge { alert_id }) => self.nudge(alert_id, arrived).await,
            Ok(Ask::Manual(manual)) => self.manual(manual, arrived).await,
            Ok(Ask::Doctor { probe }) => self.doctor(probe).await,
        }
    }

    async fn nudge(&self, alert_id: String, arrived: Instant) -> Reply {
        let installation = match &self.app.installation {
            Ok(installation) => Arc::clone(installation),
            Err(faults) => {
                tracing::error!("an alert came, but the configuration is faulty: {faults}");
                return retry_later(200, &faults.to_string());
            }
        };
        if !installation.settings.run.on_alert {
            return ignored("RECONCILE_ON does not hold alert");
        }
        let errand = Errand::of_alert(alert_id, installation.settings.run.mode == Mode::Apply);
        let until = arrived + in_time(installation.settings.reply.within);
        let id = errand.run.clone();
        let mut ticket = match self.begin(installation, errand) {
            Place::Mine(ticket) => ticket,
            Place::Joined(waiting, _) => return continues(&waiting),
        };
        let first = timeout_at(until, ticket.wait_for(|_| true)).await;
        match first {
            Ok(Ok(RunState::Written(report))) => {
                let end = until.min(Instant::now() + BLINK);
                match timeout_at(end, done(&mut ticket)).await {
                    Ok(Ok(RunState::Done(report))) => reported(&report, 200),
                    _ => reported(&report, 200),
                }
            }
            Ok(Ok(RunState::Done(report))) => reported(&report, 200),
            Ok(Ok(RunState::Trouble(failed))) => retry_later(200, &failed.trouble.because),
            Ok(Err(_)) => retry_later(200, "the run broke off; the log says why"),
            Err(_) => continues(&id),
        }
    }

    async fn manual(&self, manual: Manual, arrived: Instant) -> Reply {
        let names = manual.names.iter().map(|name| {
            HostName::parse(name).map_err(|fault| {
                let because = format!("names: {:?} is no host name: {fault}", one_line(name));
                Refusal { status: 400, because }
            })
        });
        let names = match names.collect::<Result<BTreeSet<_>, _>>() {
            Ok(names) => names,
            Err(refusal) => return refused(&refusal),
        };
        let installation = match &self.app.installation {
            Ok(installation) => Arc::clone(installation),
            Err(faults) => {
                tracing::error!("a call came, but the configuration is faulty: {faults}");
                return retry_later(503, &faults.to_string());
            }
        };
        let settings = &installation.settings;
        let names = match settings.policy.zones.on_side(names, manual.zone.as_deref()) {
            Ok(names) if names.is_empty() => Wish::All,
            Ok(names) => Wish::of(names),
            Err(fault) => return refused(&Refusal { status: 400, because: format!("zone: {fault}") }),
        };
        // An installation that observes writes for nobody.
        let writes = manual.apply && settings.run.mode == Mode::Apply;
        let wishes = if writes { Wishes::to_write(names) } else { Wishes::to_plan(names) };
        let errand = Errand::of_person(wishes);
        let until = arrived + if manual.wait { LONGEST_WAIT } else { in_time(settings.reply.within) };
        let id = errand.run.clone();
        let mut ticket = match self.begin(installation, errand) {
            Place::Mine(ticket) => ticket,
            Place::Joined(waiting, _) => return continues(&waiting),
        };
        match timeout_at(until, done(&mut ticket)).await {
            Ok(Ok(RunState::Done(report) | RunState::Written(report))) => reported(&report, 503),
            Ok(Ok(RunState::Trouble(failed))) => retry_later(503, &failed.trouble.because),
            Ok(Err(_)) => retry_later(503, "the run broke off; the log says why"),
            Err(_) => match ticket.latest() {
                Some(RunState::Written(report)) => reported(&report, 503),
                _ => continues(&id),
            },
        }
    }
}

impl Handler {
    /// How everything stands that the function needs.
    async fn doctor(&self, probe: bool) -> Reply {
        let installation = match &self.app.installation {
            Ok(installation) => Arc::clone(installation),
            Err(faults) => {
                tracing::error!("a call came, but the configuration is faulty: {faults}");
                return retry_later(503, &faults.to_string());
            }
        };
        let report = match self.examined(installation, probe).await {
            Ok(report) => report,
            Err(not_now) => return retry_later(503, &not_now.to_string()),
        };
        let Totals { ok, warn, fail, skip } = report.totals;
        let log = format!("doctor: {ok} ok, {warn} warnings, {fail} failures, {skip} not asked");
        match serde_json::to_value(&report) {
            Ok(body) => Reply { status: 200, body, log },
            Err(fault) => retry_later(503, &format!("the answer cannot be written: {fault}")),
        }
    }
}

impl Handler {
    /// Begins the run of an errand, or lets a run that waits do its work.
    fn begin(&self, installation: Arc<Installation>, errand: Errand) -> Place<RunState> {
        let (reporters, stop) = (Arc::clone(&self.app.reporters), self.stop.clone());
        self.queue.submit(errand, |errand, teller| follow(installation, errand, teller, reporters, stop))
    }
}

/// `REPLY_WITHIN`, less what the way back may take.
fn in_time(within: Duration) -> Duration {
    within - (within / 10).min(Duration::from_millis(500))
}

/// How a run has ended.
pub(super) async fn done(ticket: &mut Ticket<RunState>) -> Result<RunState, super::queue::BrokeOff> {
    ticket.wait_for(|state| !matches!(state, RunState::Written(_))).await
}

/// Runs to the end, whoever still listens, and logs how it ended. It gives back how often the workspace was asked meanwhile.
async fn follow(
    installation: Arc<Installation>,
    errand: Errand,
    teller: Teller<RunState>,
    reporters: Arc<Reporters>,
    stop: CancellationToken,
) -> u64 {
    let tally = installation.clients.tally();
    let before = tally.requests_of(Service::LogsQuery);
    let (id, trigger) = (errand.run.clone(), errand.trigger);
    let request = errand.into_request();
    let writes = request.writes();
    let deadline = Instant::now() + installation.settings.run.deadline;
    let ended = async {
        let observed = observe(&installation, &request, deadline).await.map_err(FailedStage::evaluate)?;
        Ok(Box::pin(through(&installation, request, observed, &teller)).await)
    };
    match ended.await {
        Ok(ended) => {
            reporters.run_ended(&ended);
            let report = Arc::new(ended.report);
            teller.tell(RunState::Done(Arc::clone(&report)));
            reporters.look_after(&installation, &report, &stop);
        }
        Err(failed) => {
            reporters.run_troubled(&id, trigger, writes, &failed);
            teller.tell(RunState::Trouble(failed));
        }
    }
    tally.requests_of(Service::LogsQuery).saturating_sub(before)
}

/// The rooms that follow the first one. Who waits hears what was written before the name servers are asked.
pub(super) async fn through(
    installation: &Installation,
    request: Request,
    observed: Observed,
    teller: &Teller<RunState>,
) -> Ended {
    let planned = Box::pin(plan(installation, request, observed)).await;
    if !planned.writes() {
        return planned.into();
    }
    let written = Box::pin(planned.write()).await;
    teller.tell(RunState::Written(Arc::new(written.report())));
    Box::pin(written.prove()).await
}

/// The report; `trouble` is the status of one that says that Azure could not be asked, or that the log did not take all
/// rows.
fn reported(report: &Report, trouble: u16) -> Reply {
    let log = tell::line(report);
    let status = if report.because.is_some() { trouble } else { 200 };
    match serde_json::to_value(report) {
        Ok(body) => Reply { status, body, log },
        Err(fault) => retry_later(200, &format!("the report cannot be written: {fault}")),
    }
}

fn continues(run: &str) -> Reply {
    let log = format!("run {run} continues; its report goes to DNSChange_CL and the log");
    Reply { status: 202, body: json!({ "run": run, "result": "continues" }), log }
}

fn retry_later(status: u16, because: &str) -> Reply {
    let body = json!({ "result": "retry-later", "because": because });
    Reply { status, body, log: format!("retry later: {}", one_line(because)) }
}

/// Its line in the log is the door's, which tells one a minute.
fn turned_away(why: &TurnedAway) -> Reply {
    let words = why.to_string();
    let (status, body) = match why {
        TurnedAway::Refused(_) => (401, json!({ "error": words })),
        TurnedAway::Unknown(_) => (200, json!({ "result": "retry-later", "because": words })),
    };
    Reply { status, body, log: String::new() }
}

fn ignored(why: &str) -> Reply {
    tracing::info!("a call was ignored: {why}");
    Reply { status: 200, body: json!({ "ignored": why }), log: format!("ignored: {why}") }
}

fn refused(refusal: &Refusal) -> Reply {
    let because = &refusal.because;
    tracing::warn!(status = refusal.status, "a call was refused: {}", one_line(because));
    Reply {
        status: refusal.status,
        body: json!({ "error": because }),
        log: format!("refused: {}", one_line(because)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_leaves_so_early_that_it_arrives_in_time() {
        let milliseconds = |within| in_time(Duration::from_millis(within)).as_millis();
        assert_eq!([8000, 1000, 60_000].map(milliseconds), [7500, 900, 59_500]);
    }
}
