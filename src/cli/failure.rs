//! What went wrong on the command line: what, why, and what to do next, with the exit code that says it to scripts.

use std::fmt;
use std::process::ExitCode;

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
    hint: Option<String>,
}

impl Failure {
    /// The command line or the configuration is wrong.
    pub fn usage(error: impl fmt::Display) -> Self {
        Self { exit: Exit::Usage, error: anyhow::anyhow!("{error}"), hint: None }
    }

    /// The same failure with what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
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

/// `error: what: why`, then the hint after an empty line.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {:#}", self.error)?;
        match &self.hint {
            Some(hint) => write!(f, "\n\nhint: {hint}"),
            None => Ok(()),
        }
    }
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
        assert_eq!(failure.to_string(), "error: cannot read q.kql: no such file\n\nhint: give a file");
        assert_eq!(failure.code(), Exit::Failed);
        assert_eq!(Failure::usage("x").code(), Exit::Usage);
    }
}
