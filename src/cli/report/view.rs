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
    /// Whether somebody is about to be asked: then no next command is told.
    pub(in crate::cli) is_question: bool,
    /// The file of variables that was named, for the next command.
    pub(in crate::cli) env_file: Option<&'a Path>,
}
