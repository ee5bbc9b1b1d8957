//! `function-collector`: sweeps when the newest sweep is old, then the same run as an alert's.
//!
//! Its run ends before its answer: the platform promises the process no life after that.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request as Incoming, State};
use axum::http::StatusCode;
use axum::response::Response;
use tokio::time::Instant;

use super::envelope::{self, Invocation};
use super::{App, Handler, answer, failure, read};
use crate::config::Mode;
use crate::plan::report::{RunResult, Trigger};
use crate::remediate::{Installation, Request, observe, run_observed};

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
        if !settings.run.on_timer {
            return Ok("RECONCILE_ON does not hold timer".to_owned());
        }
        let turn = self.queue.turn().await;
        let deadline = last.min(Instant::now() + settings.run.deadline);
        let observed = observe(installation, deadline).await.map_err(|trouble| trouble.because)?;
        let request = Request::new(Trigger::Timer, settings.run.mode == Mode::Apply);
        let ended =
            run_observed(installation, request, observed, |_| {}).await.map_err(|trouble| trouble.because)?;
        drop(turn);
        let report = &ended.report;
        super::reply::log(report);
        let mut words = vec![format!("run {}: {}, {}", report.run, report.result.as_str(), report.summary)];
        let failed = report.result == RunResult::Failed || !ended.log_troubles.is_empty();
        words.extend(ended.log_troubles);
        if failed { Err(words.join("; ")) } else { Ok(words.join("; ")) }
    }
}
