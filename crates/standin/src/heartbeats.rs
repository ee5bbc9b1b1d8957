//! Heartbeats that are posted to the stand-in, and the machines that go on beating.

mod beating;
mod rows;

use std::sync::Arc;

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::{Call, Reply, State};

pub(crate) use beating::Beating;

/// Answers `POST /standin/heartbeats`: an array or lines of `Heartbeat` rows.
pub(crate) async fn answer(state: &Arc<State>, call: &Call) -> Reply {
    if call.method != Method::POST {
        return Reply::bare(405, "MethodNotAllowed", &format!("{} is not answered here.", call.method));
    }
    match rows::parse(&call.body) {
        Ok(rows) => {
            let count = post(state, rows);
            Reply::json(200, &json!({ "rows": count }))
        }
        Err(place) => Reply::bare(400, "BadRequest", &place),
    }
}

/// Completes rows, stores them, and lets their machines go on beating if the newest row is new enough and the
/// options want it. Returns how many rows there were.
pub fn post(state: &State, mut rows: Vec<Map<String, Value>>) -> usize {
    let now = state.now();
    {
        let world = state.world();
        let by_name = rows::names(&world, &rows);
        for row in &mut rows {
            rows::complete(row, &by_name, now);
        }
    }
    let mut workspace = state.workspace();
    // The table is one of the engine's own.
    let _ = workspace.append("Heartbeat", &rows);
    if state.options.beat_every.is_some() {
        // Rows of a recording may be posted late; who is silent at its end is seen then.
        let is_recorded = state.options.beat_from.is_some_and(|from| now < from);
        workspace.beating.heard(&rows, (!is_recorded).then_some(now));
    }
    rows.len()
}

/// Lets the machines beat at the options' interval until `stopping`; returns at once when they shall not.
pub(crate) async fn keep_beating(state: Arc<State>, stopping: CancellationToken) {
    let Some(every) = state.options.beat_every.filter(|every| !every.is_zero()) else { return };
    let clock = state.options.clock.clone();
    let after = |time: Timestamp| time.saturating_add(every).unwrap_or(Timestamp::MAX);
    let mut next = match state.options.beat_from {
        Some(from) => {
            tokio::select! {
                () = stopping.cancelled() => return,
                () = clock.until(from) => {}
            }
            // Who fell silent in the recording stays so.
            state.workspace().beating.forget_silent(from);
            after(from)
        }
        None => after(clock.now()),
    };
    loop {
        tokio::select! {
            () = stopping.cancelled() => return,
            () = clock.until(next) => beat(&state),
        }
        next = after(clock.now());
    }
}

/// One beat of every machine, in one append.
fn beat(state: &State) {
    let now = state.now();
    let world = state.world();
    let mut workspace = state.workspace();
    let mut beating = std::mem::take(&mut workspace.beating);
    beating.forget_removed(|id| world.machines.contains_key(id));
    drop(world);
    // The table is one of the engine's own.
    let _ = workspace.append("Heartbeat", beating.beats(now));
    workspace.beating = beating;
}
