//! The log search alert: evaluates a query over the workspace and fires into an action group.
//!
//! Stateless and without dimensions: every evaluation that has rows fires an alert of its own (contract
//! azure-monitor, sections 7.4 and 8.4).

mod payload;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use crate::State;
use crate::action_group::ActionGroup;
use crate::logs_query::{self, Timespan};

/// How long one evaluation may take.
const EVALUATION_TIMEOUT: Duration = Duration::from_secs(60);
/// How many events a slow listener may be behind before it loses the oldest.
const EVENTS_KEPT: usize = 1024;

/// A rule.
#[derive(Debug, Clone)]
pub struct AlertRule {
    /// Its name.
    pub name: String,
    /// Its Resource Manager id.
    pub id: String,
    /// The query; it fires when there are rows.
    pub query: String,
    /// The range that the query sees, as an ISO 8601 duration (`overrideQueryTimeRange`).
    pub range: String,
    /// By the clock of the data, until the first evaluation.
    pub first_after: Duration,
    /// By the same clock, from one evaluation to the next; one that takes longer delays it.
    pub every: Duration,
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleEvent {
    /// The query had no rows.
    Quiet,
    /// The query had rows: an alert is on its way.
    Fired {
        /// Its id.
        alert_id: String,
        /// How many rows.
        rows: usize,
    },
    /// The query failed; the next evaluation tries again.
    Failed(String),
}

/// A rule that is being evaluated.
#[derive(Debug)]
pub struct RunningRule {
    events: broadcast::Sender<RuleEvent>,
}

impl RunningRule {
    /// Everything that happens from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<RuleEvent> {
        self.events.subscribe()
    }
}

impl AlertRule {
    /// Evaluates the rule until `stopping`, the first time after `first_after`.
    ///
    /// # Errors
    ///
    /// When the range is no timespan or the interval is nothing.
    pub fn start(
        self,
        state: Arc<State>,
        group: ActionGroup,
        stopping: CancellationToken,
    ) -> anyhow::Result<RunningRule> {
        Timespan::parse(&self.range, state.now()).map_err(anyhow::Error::msg)?;
        anyhow::ensure!(!self.every.is_zero(), "an alert rule needs an interval");
        let (events, _) = broadcast::channel(EVENTS_KEPT);
        let sender = events.clone();
        tokio::spawn(async move {
            let clock = state.options.clock.clone();
            let mut next = clock.now().saturating_add(self.first_after).unwrap_or(Timestamp::MAX);
            loop {
                tokio::select! {
                    () = stopping.cancelled() => return,
                    () = clock.until(next) => {}
                }
                next = clock.now().saturating_add(self.every).unwrap_or(Timestamp::MAX);
                // Nobody listening to events is no fault.
                let _ = sender.send(self.evaluate(&state, &group, &stopping).await);
            }
        });
        Ok(RunningRule { events })
    }

    async fn evaluate(
        &self,
        state: &Arc<State>,
        group: &ActionGroup,
        stopping: &CancellationToken,
    ) -> RuleEvent {
        let now = state.now();
        let range = match Timespan::parse(&self.range, now) {
            Ok(range) => range,
            Err(why) => return RuleEvent::Failed(why),
        };
        let snapshot = state.workspace().snapshot();
        let query = self.query.clone();
        let found = logs_query::run(snapshot, query, Some(range), now, EVALUATION_TIMEOUT).await;
        let rows = match found {
            Ok(answer) => answer.rows.len(),
            Err(refusal) => return RuleEvent::Failed(refusal.to_string()),
        };
        if rows == 0 {
            return RuleEvent::Quiet;
        }
        let (alert_id, payload) = {
            let world = state.world();
            payload::fired(&payload::Firing {
                rule: &self.name,
                rule_id: &self.id,
                workspace_resource_id: world.workspace_resource_id(),
                workspace_id: world.workspace_id(),
                query: &self.query,
                range,
                rows,
                at: now,
            })
        };
        // Deliveries do not wait for each other, as in Azure.
        let (group, id, stopping) = (group.clone(), alert_id.clone(), stopping.clone());
        tokio::spawn(async move {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = group.deliver(&id, &payload) => {}
            }
        });
        RuleEvent::Fired { alert_id, rows }
    }
}
