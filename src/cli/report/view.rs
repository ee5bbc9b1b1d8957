//! How a report is shown: where, by which clock, and how much of it.

use crate::cli::clock::Clock;
use crate::cli::screen::Screen;
use crate::run::Scene;
use pure::shown::shown;

/// Characters of a run's id that stand for the whole.
const RUN: usize = 8;

/// How a report is shown.
#[derive(Debug, Clone)]
pub(in crate::cli) struct View<'a> {
    /// Where.
    pub(in crate::cli) screen: Screen,
    /// By which clock.
    pub(in crate::cli) clock: Clock,
    /// What the plan was made of.
    pub(in crate::cli) scene: &'a Scene,
    /// Whether everything is shown, however long.
    pub(in crate::cli) all: bool,
    /// How it ends.
    pub(in crate::cli) follow: Follow,
}

/// As much of a digest as is enough: what is shown, and what `--expect` and `approve` take.
pub(in crate::cli) fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

/// As much of a run's id as stands for the whole.
pub(in crate::cli) fn short_run(run: &str) -> String {
    shown(&run.chars().take(RUN).collect::<String>())
}

/// What follows a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Follow {
    /// The command that writes it.
    Write,
    /// Nothing: somebody is about to be asked, or nothing may be written.
    Nothing,
}
