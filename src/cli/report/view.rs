//! How a report is shown: where, by which clock, and how much of it.

use std::path::Path;

use crate::cli::clock::Clock;
use crate::cli::screen::Screen;
use crate::run::Scene;

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
    /// The file of variables that was named, for the next command.
    pub(in crate::cli) env_file: Option<&'a Path>,
}

/// What follows a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Follow {
    /// The command that writes it.
    Write,
    /// Nothing: somebody is about to be asked, or nothing may be written.
    Nothing,
}
