//! Ctrl-C: what only reads is broken off, what writes is finished first, and a second one ends everything at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

use super::failure::Failure;
use super::phrase::Phrase;
use crate::terminated::terminated;

/// The wish of a person to stop.
#[derive(Debug, Clone, Default)]
pub(super) struct Interrupt {
    first: CancellationToken,
    second: CancellationToken,
    /// Whether the first one is the business of the work that goes on.
    is_awaited: Arc<AtomicBool>,
}

impl Interrupt {
    /// Hears of signals from now on.
    pub(super) fn listen() -> Self {
        let interrupt = Self::default();
        let Self { first, second, .. } = interrupt.clone();
        let told = terminated();
        tokio::spawn(async move {
            told.await;
            first.cancel();
            terminated().await;
            second.cancel();
        });
        interrupt
    }

    /// From now on the first signal ends nothing by itself: whoever works looks at this.
    pub(super) fn finish_first(&self) -> CancellationToken {
        self.is_awaited.store(true, Ordering::SeqCst);
        self.first.clone()
    }

    /// Ends when the work is to be broken off, with what to say then.
    pub(super) async fn breaks_off(&self) -> Failure {
        self.first.cancelled().await;
        if !self.is_awaited.load(Ordering::SeqCst) {
            return Failure::from(anyhow::anyhow!("stopped by you; nothing was written"));
        }
        self.second.cancelled().await;
        Failure::from(anyhow::anyhow!("stopped by you a second time")).hint(
            Phrase::from(
                "what was under way may have been written; the marks in the record sets say so, and ",
            )
            .run("history NAME")
            .and(
                " shows it; a run that comes ten minutes from now or later, and after a sweep, tells the log",
            ),
        )
    }
}
