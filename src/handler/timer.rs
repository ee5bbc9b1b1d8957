//! `function-collector`: sweeps when the newest sweep is old, then the same run as an alert's.
//!
//! Its run ends before its answer: the platform promises the process no life after that.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request as Incoming, State};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::Timestamp;
use tokio::time::Instant;

use super::envelope::{self, Invocation};
use super::{App, Handler, answer, failure, read};
use crate::collect::{self, Progress, SweepReport};
use crate::config::Mode;
use crate::plan::History;
use crate::plan::report::{RunResult, Trigger};
use crate::remediate::{Installation, Observed, Request, observe, run_observed};

/// The function's name.
const FUNCTION: &str = "function-collector";
/// All that a tick may take: `functionTimeout` of `host.json` is ten minutes, after which the host kills us.
const TICK: Duration = Duration::from_secs(9 * 60 + 30);

/// The timer trigger.
pub(super) async fn function_collector(State(handler): App, request: Incoming) -> Response {
    let (arrived, body) = read(request).await;
    let invocation = match body {
        Ok(Some(body)) => Invocation::parse(&body).map_err(|fault| fault.to_string()),
        Ok(None) => Err("the request is too large".to_owned()),
        Err(because) => Err(because),
    };
    match invocation {
        Ok(invocation) if invocation.is_timer() => {}
        Ok(_) => return failure(StatusCode::BAD_REQUEST, FUNCTION, "no binding holds a timer's invocation"),
        Err(because) => return failure(StatusCode::BAD_REQUEST, FUNCTION, &because),
    }
    let installation = match &handler.installation {
        Ok(installation) => Arc::clone(installation),
        Err(faults) => {
            let because = format!("the configuration is faulty: {faults}");
            return failure(StatusCode::INTERNAL_SERVER_ERROR, FUNCTION, &because);
        }
    };
    let ticked = tokio::spawn(async move { handler.tick(&installation, arrived).await }).await;
    match ticked {
        Ok(Ok(words)) => answer(StatusCode::OK, &envelope::timer_answer(&words)),
        Ok(Err(because)) => failure(StatusCode::INTERNAL_SERVER_ERROR, FUNCTION, &because),
        Err(fault) => failure(StatusCode::INTERNAL_SERVER_ERROR, FUNCTION, &fault.to_string()),
    }
}

impl Handler {
    /// One tick: what was done in words, or what failed.
    async fn tick(&self, installation: &Installation, arrived: Instant) -> Result<String, String> {
        let settings = &installation.settings;
        let last = arrived + TICK;
        let request = Request::new(Trigger::Timer, settings.run.mode == Mode::Apply);
        let mut turn = self.queue.turn().await;
        let mut seen = ask(installation, last).await?;
        let mut words = Vec::new();
        let mut faults = Vec::new();
        if collect::is_due(settings, seen.history(), Timestamp::now()) {
            // A sweep may take minutes, and alerts need not wait for it.
            drop(turn);
            let swept = sweep(installation, seen.history(), &request.run, last).await?;
            words.push(swept_words(&swept));
            faults.extend(swept.failures());
            turn = self.queue.turn().await;
            seen = ask(installation, last)
                .await
                .map_err(|because| [&faults[..], &[because]].concat().join("; "))?;
        }
        if settings.run.on_timer {
            match run_observed(installation, request, seen, |_| {}).await {
                Ok(ended) => {
                    let report = &ended.report;
                    super::reply::log(report);
                    words.push(format!("run {}: {}, {}", report.run, report.result.as_str(), report.summary));
                    faults.extend(ended.log_troubles);
                    if report.result == RunResult::Failed {
                        faults.push(format!("run {} failed", report.run));
                    }
                }
                Err(trouble) => faults.push(trouble.because),
            }
        } else {
            words.push("RECONCILE_ON does not hold timer".to_owned());
        }
        drop(turn);
        if faults.is_empty() {
            return Ok(words.join("; "));
        }
        words.extend(faults);
        Err(words.join("; "))
    }
}

/// Asks the logs, for a run that begins now.
async fn ask(installation: &Installation, last: Instant) -> Result<Observed, String> {
    let deadline = last.min(Instant::now() + installation.settings.run.deadline);
    observe(installation, deadline).await.map_err(|trouble| trouble.because)
}

/// Sweeps the parts whose newest markers are old.
async fn sweep(
    installation: &Installation,
    history: &History,
    run: &str,
    last: Instant,
) -> Result<SweepReport, String> {
    let settings = &installation.settings;
    let deadline = last.min(Instant::now() + settings.collect.deadline);
    let azure = installation.clients.until(deadline).map_err(|error| error.chain())?;
    Ok(collect::run(&azure, settings, Some(history), run, &Progress::default()).await)
}

fn swept_words(swept: &SweepReport) -> String {
    let complete = swept.parts.iter().filter(|part| part.marker.is_some()).count();
    let words = format!("swept {complete} of {} parts, {} rows", swept.parts.len(), swept.rows());
    tracing::info!(run = swept.run, rows = swept.rows(), duration_ms = swept.duration_ms, "{words}");
    words
}
