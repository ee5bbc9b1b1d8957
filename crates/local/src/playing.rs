//! A running local Azure: played on to its end, or until somebody ends it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::{Value, json};
use standin::Standin;
use standin::functions_host::{FunctionsHost, HostEvent};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::DropGuard;

use crate::board::Board;
use crate::cast::Play;
use crate::ledger::Ledger;
use crate::night::Night;
use crate::replay::Replay;
use crate::street;
use crate::surface::Surface;
use crate::tick;
use crate::timeline::{Event, Timeline};

/// A handler that needs longer has a fault; the host would wait four times its own limit.
const FIRST_RUN: Duration = Duration::from_secs(60);

/// Everything that runs.
#[derive(Debug)]
pub struct Playing {
    pub(crate) play: Play,
    pub(crate) once: bool,
    pub(crate) surface: Surface,
    pub(crate) dns: SocketAddr,
    pub(crate) workspace: String,
    pub(crate) timeline: Arc<Timeline>,
    pub(crate) board: Arc<Board>,
    pub(crate) ledger: Arc<Ledger>,
    /// The first line for programs.
    pub(crate) ready: Value,
    /// The first lines for people.
    pub(crate) head: String,
    pub(crate) host: FunctionsHost,
    pub(crate) first_run: Receiver<HostEvent>,
    pub(crate) standin: Standin,
    pub(crate) stopping: DropGuard,
}

impl Playing {
    /// Tells where everything is; until then nothing is told.
    pub fn open(&self) {
        self.timeline.open(&self.ready, &self.head);
    }

    /// Plays to the end, or until the process is told to end; then everything stops, and the
    /// handler is killed, as the host would kill it. False: it did not go well, or was not played to its end.
    ///
    /// # Errors
    /// When a surface does not answer.
    pub async fn play(mut self, told_to_stop: impl Future<Output = ()>) -> Result<bool> {
        let once = self.once;
        let outcome = tokio::select! {
            outcome = self.play_on() => outcome,
            () = told_to_stop => Ok(!once),
        };
        drop(self.stopping);
        self.host.stop().await;
        self.standin.stop().await;
        outcome
    }

    /// Plays the scenario or the replay; unless it is played once, this never ends by itself.
    async fn play_on(&mut self) -> Result<bool> {
        let is_good = match &self.play {
            Play::Replay(recording) => {
                let replay = Replay {
                    surface: self.surface.clone(),
                    dns: self.dns,
                    recording: recording.clone(),
                    timeline: self.timeline.clone(),
                    board: self.board.clone(),
                    ledger: self.ledger.clone(),
                };
                let moves = replay.play().await?;
                replay.settle(&moves, self.host.events()).await?
            }
            Play::Street { quiet } if self.once => {
                let night = Night {
                    surface: self.surface.clone(),
                    dns: self.dns,
                    resolver: self.standin.resolver_addr(),
                    residents: street::residents(*quiet),
                    workspace: self.workspace.clone(),
                    timeline: self.timeline.clone(),
                    board: self.board.clone(),
                };
                self.until_first_run().await?;
                tokio::time::sleep(tick::until_just_after()).await;
                night.fall().await?;
                night.morning(self.host.events()).await?
            }
            Play::Street { .. } => true,
        };
        if self.once { Ok(is_good) } else { std::future::pending().await }
    }

    /// Waits for the collector's first run.
    async fn until_first_run(&mut self) -> Result<()> {
        let events = &mut self.first_run;
        let ended = async {
            loop {
                match events.recv().await {
                    Ok(HostEvent::Invoked { failure: None, took, .. }) => return Some(took),
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return None,
                }
            }
        };
        let took = tokio::time::timeout(FIRST_RUN, ended).await.ok().flatten();
        let took = took.context("the collector's first run does not succeed")?;
        let words = format!(
            "The collector has read every tag and every record set ({:.2} s); nothing is to be done.",
            took.as_secs_f64()
        );
        self.timeline.tell(Event::new("collected", words, json!({ "ms": took.as_millis() as u64 })));
        Ok(())
    }
}
