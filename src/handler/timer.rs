//! `function-collector`: sweeps when the newest sweep is old, then the same run as an alert's.
//!
//! Its run ends before its answer: the platform promises the process no life after that.

use std::sync::Arc;

use axum::extract::{Request as Incoming, State};
use axum::http::StatusCode;
use axum::response::Response;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::envelope::{self, Invocation};
use super::invocation::{Envelope, answer, around, failure, read};
use super::state::{Handler, Shared};
use crate::round::{Orders, Sweep, round};
use crate::run::{Installation, Trouble};

/// The function's name.
const FUNCTION: &str = "function-collector";

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
        installation: &Installation,
        sweep: Sweep,
        arrived: Instant,
    ) -> Result<String, Trouble> {
        let queue = &self.queue;
        let orders = Orders { sweep, doubtful: Vec::new(), stop: CancellationToken::new() };
        let round = round(installation, arrived, &orders, || queue.turn()).await;
        let mut words = round.words();
        if round.ended.is_none() && !installation.settings.run.on_timer {
            words.push("RECONCILE_ON does not hold timer".to_owned());
        }
        self.app.reporters.round_ended(&round);
        let complaints = round.complaints();
        if complaints.is_empty() {
            return Ok(words.join("; "));
        }
        // The reason phrase is short: what failed goes before what went well.
        let said = |of: fn(&Trouble) -> &str| {
            let complaints = complaints.iter().map(|fault| of(&fault.trouble));
            complaints.chain(words.iter().map(String::as_str)).collect::<Vec<_>>().join("; ")
        };
        Err(Trouble { because: said(|trouble| &trouble.because), logged: said(|trouble| &trouble.logged) })
    }
}
