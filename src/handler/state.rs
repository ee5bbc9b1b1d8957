//! What all invocations of a process share.

use std::sync::Arc;

use axum::extract::State;
use tokio_util::sync::CancellationToken;

use super::queue::Queue;
use super::turns::Turns;
use crate::app::App;
use crate::door::Door;
use crate::round::FailedStage;
use pure::plan::report::Report;

/// The handler of one process.
#[derive(Debug)]
pub struct Handler {
    /// What invocations work with, or why they cannot.
    pub(super) app: App,
    /// Who may call over HTTP.
    pub(super) door: Door,
    pub(super) queue: Queue<RunState>,
    /// Who is told whether everything works.
    pub(super) examining: Turns,
    /// Ends what goes on after the answers.
    pub(super) stop: CancellationToken,
}

impl Handler {
    /// A handler, whose configuration may be faulty: it answers in both cases.
    #[must_use]
    pub fn new(app: App) -> Self {
        // One whose settings are faulty does nothing that could be guarded.
        let settings = app.installation.as_ref().ok().map(|installation| &installation.settings);
        let door = settings.map(Door::of).unwrap_or_default();
        Self {
            app,
            door,
            queue: Queue::default(),
            examining: Turns::default(),
            stop: CancellationToken::new(),
        }
    }
}

/// What a run tells those who wait for it.
#[derive(Debug, Clone)]
pub(super) enum RunState {
    /// Everything is written; proof and audit follow.
    Written(Arc<Report>),
    /// Everything is done.
    Done(Arc<Report>),
    /// Azure could not be asked, at this stage.
    Trouble(FailedStage),
}

/// The state that every invocation gets.
pub(super) type Shared = State<Arc<Handler>>;
