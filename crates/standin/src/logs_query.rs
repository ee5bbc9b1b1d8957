//! The Logs Query API over the workspace's tables (contract azure-monitor, section 4).

mod answer;
mod batch;
mod request;
mod room;
mod scope;
mod statistics;
mod timespan;

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::Method;
use jiff::Timestamp;
use kql::{Answer, Database};

use crate::access::{self, Audience};

use crate::workspace::engine_time;
use crate::{Call, Reply, State};

use request::{Preferences, Question};
use scope::Scope;
use statistics::Read;

pub use timespan::Timespan;

/// Why a query gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The engine refused the text, or stopped at a limit.
    Query(kql::Error),
    /// It ran longer than the caller wants to wait.
    TooLong,
    /// The engine failed; its words are for the log of the stand-in only.
    Broken(String),
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Query(error) => write!(f, "{error}"),
            Self::TooLong => f.write_str("the query ran too long"),
            Self::Broken(why) => write!(f, "the engine failed: {why}"),
        }
    }
}

impl std::error::Error for Refusal {}

/// Answers a call to `/v1/workspaces/{id}/query`, `/v1/{resourceId}/query` or `/v1/$batch`; `/v1` may be missing.
pub(crate) async fn answer(state: &Arc<State>, call: &Call) -> Reply {
    match query(state, call).await {
        Ok(reply) | Err(reply) => reply,
    }
}

async fn query(state: &Arc<State>, call: &Call) -> Result<Reply, Reply> {
    let segments = call.segments();
    let path = match segments.split_first() {
        Some((first, rest)) if first.eq_ignore_ascii_case("v1") => rest,
        _ => &segments,
    };
    let target = match path.split_last() {
        Some((last, [])) if last.eq_ignore_ascii_case("$batch") => None,
        Some((last, target)) if last.eq_ignore_ascii_case("query") => Some(target),
        _ => return Err(answer::no_path()),
    };
    let caller = access::check(state, call, Audience::LogAnalytics).map_err(|reply| {
        match call.header("authorization") {
            None => reply,
            // A token that is not good enough is a 403 here (contract azure-monitor, section 4.4).
            Some(_) => Reply { status: 403, ..reply },
        }
    })?;
    let Some(target) = target else { return batch::respond(state, call, &caller).await };
    let scope = scope::of(&state.world(), target, &caller)?;
    let now = state.now();
    let question = match call.method {
        Method::GET => Question::from_parameters(call, now)?,
        // A POST without a body or a content type is answered with nothing (contract azure-monitor, section 4.2).
        Method::POST if call.body.is_empty() || call.header("content-type").is_none() => {
            return Ok(Reply::empty(200));
        }
        Method::POST => Question::from_body(call, now)?,
        _ => return Err(answer::method_not_allowed(&call.method)),
    };
    let preferences = Preferences::of(call.header("prefer").unwrap_or_default());
    let reply =
        run_question(state, scope, question, preferences, now).await.unwrap_or_else(|refusal| refusal);
    Ok(if preferences.says_wait {
        reply.with_header("Preference-Applied", format!("wait={}", preferences.wait.as_secs()))
    } else {
        reply
    })
}

/// Answers one question about what the scope shows.
///
/// # Errors
/// The refusal of a question too many, of a workspace that does not exist, and of the engine.
async fn run_question(
    state: &Arc<State>,
    scope: Scope,
    question: Question,
    preferences: Preferences,
    now: Timestamp,
) -> Result<Reply, Reply> {
    if state.quotas_on()
        && let Err(wait) = state.workspace().admit_query()
    {
        return Err(answer::throttled(wait));
    }
    for workspace in &question.workspaces {
        scope::admit_workspace(&state.world(), workspace)?;
    }
    let snapshot = state.workspace().snapshot();
    let database = scope.narrow(snapshot).await?;
    let mut read = Read::of(&database, &question.query);
    let began = Instant::now();
    let shown = move |answer: Answer, share| {
        read.took = began.elapsed();
        answer::found(&answer, preferences, &read, share)
    };
    match then(database, question.query, question.timespan, now, preferences.wait, shown).await {
        Ok(Ok(reply)) => Ok(reply),
        Ok(Err(error)) => Err(answer::refused(&Refusal::Broken(error.to_string()))),
        Err(refusal) => Err(answer::refused(&refusal)),
    }
}

/// Runs a query over a snapshot, off the threads that serve connections.
///
/// # Errors
///
/// What the engine says, or that it took longer than `wait`.
pub async fn run(
    database: Database,
    query: String,
    timespan: Option<Timespan>,
    now: Timestamp,
    wait: Duration,
) -> Result<Answer, Refusal> {
    then(database, query, timespan, now, wait, |answer, _| answer).await
}

/// The same, with what is made of the answer there, and of the query's share of the memory.
async fn then<T: Send + 'static>(
    database: Database,
    query: String,
    timespan: Option<Timespan>,
    now: Timestamp,
    wait: Duration,
    make: impl FnOnce(Answer, kql::Share) -> T + Send + 'static,
) -> Result<T, Refusal> {
    let mut options = kql::Options::new(engine_time(now));
    options.deadline = Some(wait);
    let share = room::take(&mut options);
    // The engine's end is the first moment that no longer counts, ours the last that does.
    options.timespan = timespan.map(|span| {
        let past_end = span.end.saturating_add(Duration::from_nanos(100)).unwrap_or(Timestamp::MAX);
        (engine_time(span.start), engine_time(past_end))
    });
    let began = Instant::now();
    let work = tokio::task::spawn_blocking(move || {
        kql::run(&query, &database, &options).map(|answer| {
            drop((database, options));
            make(answer, share)
        })
    });
    match work.await {
        Ok(Ok(made)) => Ok(made),
        Ok(Err(_)) if began.elapsed() >= wait => Err(Refusal::TooLong),
        Ok(Err(error)) => Err(Refusal::Query(error)),
        Err(error) => Err(Refusal::Broken(error.to_string())),
    }
}

/// The rows as a person would read them.
#[must_use]
pub fn texts(answer: &Answer) -> Vec<Vec<String>> {
    answer.rows.iter().map(|row| row.iter().map(kql::Value::to_text).collect()).collect()
}
