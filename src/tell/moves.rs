//! What still holds the addresses that names have left: looked for when a run is told, and told for itself.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::Reporters;
use crate::notify::{Event, Occasion};
use crate::run::{Installation, moves};
use pure::plan::report::{Moves, Report, Trigger};
use pure::shown::one_line;

/// Lines of the log about one run.
const LINES: usize = 100;

impl Reporters {
    /// Looks for what still holds the addresses that names have left by a run, in a task of its own, and tells; `stop` ends it.
    /// Must be called within the runtime, and returns at once.
    pub fn look_after(
        self: &Arc<Self>,
        installation: &Arc<Installation>,
        report: &Report,
        stop: &CancellationToken,
    ) {
        if !installation.settings.run.reports_moves || report.changes.is_empty() {
            return;
        }
        let (reporters, installation) = (Arc::clone(self), Arc::clone(installation));
        let (report, stop) = (report.clone(), stop.clone());
        let look = async move {
            if let Some(Some(found)) = stop.run_until_cancelled(Box::pin(moves(&installation, &report))).await
            {
                reporters.moves_found(&report.run, report.trigger, &found);
            }
        };
        tokio::spawn(look.in_current_span());
    }

    /// Tells the log and people what still holds addresses. Must be called within the runtime.
    pub fn moves_found(&self, run: &str, trigger: Trigger, found: &Moves) {
        let events = events(found);
        for line in events.iter().take(LINES).map(Event::line) {
            tracing::warn!(run, "{line}");
        }
        if let Some(because) = &found.because {
            let because = one_line(because);
            tracing::warn!(run, "what still holds the addresses that names left is not all known: {because}");
        } else if events.is_empty() {
            let count = found.left.len();
            tracing::info!(
                run,
                "no resource that this identity may read holds the {count} addresses that names left"
            );
        }
        self.notifier().tell(Occasion::Run { run: run.to_owned(), trigger }, events);
    }
}

fn events(found: &Moves) -> Vec<Event> {
    let held = found.left.iter().flat_map(|left| {
        left.resources.iter().map(|resource| Event::StillHeld {
            address: left.address.to_string(),
            names: left.names_in_words(),
            resource: resource.id.clone(),
            what: resource.in_words(),
            because: resource.because.clone().unwrap_or_default(),
        })
    });
    let not_shown = found.not_shown.iter().map(|server| Event::NotShown {
        resource: server.id.clone(),
        because: server.in_words(),
        look: server.look.clone(),
    });
    held.chain(not_shown).collect()
}
