//! What went wrong on the command line: what, why, and what to do next, with the exit code that says it to scripts.

use std::fmt;
use std::process::ExitCode;

use super::phrase::Phrase;
use super::screen::Screen;
use pure::shown::lines_shown;

/// How a command ended (spec of the exit codes: `heartbeat-dns --help`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Nothing is wrong; skips included.
    Fine = 0,
    /// Something failed, conflicted, could not be confirmed or was left for the next run.
    Failed = 1,
    /// The command line or the configuration is wrong, or a name that was given is nobody's.
    Usage = 2,
    /// There are changes to apply: `plan --exit-code` says so, and an `apply` that was answered with no, or that `MODE=observe` keeps from writing.
    Pending = 3,
    /// A brake holds something, or the plan has another digest than expected.
    Held = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A command that could not do what was asked.
#[derive(Debug)]
pub struct Failure {
    exit: Exit,
    error: anyhow::Error,
    hint: Option<Phrase>,
}

impl Failure {
    /// The command line or the configuration is wrong.
    pub fn usage(error: impl fmt::Display) -> Self {
        Self { exit: Exit::Usage, error: anyhow::anyhow!("{error}"), hint: None }
    }

    /// The same failure with what to do next.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<Phrase>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same failure with another exit code.
    #[must_use]
    pub fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// The exit code.
    #[must_use]
    pub fn code(&self) -> Exit {
        self.exit
    }
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self { exit: Exit::Failed, error: error.into(), hint: None }
    }
}

impl Failure {
    /// A line of what, below it why, and what to do: each broken where the screen ends.
    pub(super) fn lines(&self, screen: &Screen) -> Vec<String> {
        let mut causes = self.error.chain().map(ToString::to_string);
        let what = causes.next().unwrap_or_default();
        let mut lines = paragraphs("error: ", &lines_shown(&what), screen);
        for why in causes {
            lines.extend(paragraphs("  why: ", &lines_shown(&why), screen));
        }
        if let Some(hint) = &self.hint {
            let wrapped = screen.wrapped(hint, LABEL);
            if screen.begins_with_lines(hint, LABEL) {
                lines.push(HINT.trim_end().to_owned());
                lines.extend(wrapped);
            } else {
                lines.extend(beside(HINT, wrapped));
            }
        }
        lines
    }
}

/// The longest label.
const LABEL: usize = "error: ".len();

/// What stands before what to do next.
const HINT: &str = " hint: ";

/// Words of one or more lines behind a label.
fn paragraphs(label: &str, words: &str, screen: &Screen) -> Vec<String> {
    let in_place = |line: &str| {
        // What points at a place in the line above it stays below that place.
        let depth = LABEL + line.chars().take_while(|c| *c == ' ').count();
        if screen.fits(LABEL + line.chars().count()) {
            vec![format!("{:LABEL$}{line}", "")]
        } else {
            screen.wrapped(line.trim_start(), depth)
        }
    };
    beside(label, words.lines().flat_map(in_place).collect())
}

/// Lines that leave room for a label, with the label before the first.
fn beside(label: &str, mut lines: Vec<String>) -> Vec<String> {
    if let Some(first) = lines.first_mut() {
        *first = format!("{label}{}", first.get(LABEL..).unwrap_or_default());
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn a_failure_says_what_why_and_what_next() {
        let why = std::io::Error::other("no such file");
        let failure =
            Failure::from(Err::<(), _>(why).context("cannot read q.kql").unwrap_err()).hint("give a file");
        assert_eq!(
            failure.lines(&Screen::default()),
            ["error: cannot read q.kql", "  why: no such file", " hint: give a file"]
        );
        let narrow = Screen { width: Some(48), ..Screen::default() };
        let az = Phrase::default().whole("az lock delete --ids /subscriptions/s/locks/l --yes");
        assert_eq!(
            Failure::usage("x").hint(az).lines(&narrow),
            [
                "error: x",
                " hint:",
                "       az lock delete \\",
                "         --ids /subscriptions/s/locks/l --yes"
            ],
            "a command of several lines shares none with the label"
        );
        assert_eq!(failure.code(), Exit::Failed);
        assert_eq!(Failure::usage("x").code(), Exit::Usage);
    }
}
