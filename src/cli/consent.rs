//! Consent to a plan before it is written: by a flag, by its digest, or by a person who has read it.

use std::io::{self, BufRead, IsTerminal, Write};

use super::Global;
use super::failure::{Exit, Failure};
use super::output::{Format, to_stderr};
use super::progress::Spinner;
use super::{plan as plan_command, report};
use crate::config::Mode;
use crate::run::Planned;
use pure::plan::report::Report;

/// The shortest beginning of a digest that is taken for the whole.
const SHORTEST: usize = 12;

/// How a plan is agreed to.
#[derive(Debug, clap::Args)]
pub(super) struct Consent {
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Write only if the plan has this digest, or one that begins so (12 characters at least); exit with 4 otherwise
    #[arg(long, value_name = "DIGEST")]
    expect: Option<String>,
}

impl Consent {
    /// Whether nobody has to be asked any more.
    fn is_given(&self) -> bool {
        self.yes || self.expect.is_some()
    }

    /// Makes sure that somebody can agree, before anything is asked of Azure. `shows` is the command that shows the plan
    /// and its digest.
    pub(super) fn check(&self, shows: &str) -> Result<(), Failure> {
        if let Some(expected) = &self.expect {
            let expected = expected.trim();
            if expected.len() < SHORTEST || !expected.chars().all(|c| c.is_ascii_hexdigit()) {
                return Err(Failure::usage(format!("`{}` is no digest", expected.escape_debug()))
                    .hint(format!("give the one that `{shows}` prints, or its first 12 characters")));
            }
        }
        let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
        if !self.is_given() && !can_ask {
            return Err(Failure::usage("there is no terminal to ask at")
                .hint(format!("say --yes, or --expect with the digest that `{shows}` prints")));
        }
        Ok(())
    }

    /// Shows the plan that `make` gives where it is to be seen, asks where nobody has agreed yet, and writes it.
    ///
    /// What a person has read is of the moment before: it is made anew, and written only if it is still the same.
    pub(super) async fn write<'a>(
        &self,
        make: impl AsyncFn() -> Result<Planned<'a>, Failure>,
        global: &Global,
    ) -> Result<Exit, Failure> {
        let mut planned = make().await?;
        let mut shown = planned.report();
        if let Some(expected) = &self.expect {
            let expected = expected.trim().to_ascii_lowercase();
            if !shown.digest.starts_with(&expected) {
                plan_command::print(&shown, global)?;
                let words = format!("the plan has the digest {}, not {expected}", shown.digest);
                return Err(changed(words));
            }
        }
        plan_command::tell_troubles(&planned);
        let mut troubles = usize::from(planned.is_troubled());
        if planned.settings().run.mode == Mode::Observe {
            plan_command::print(&shown, global)?;
            to_stderr("MODE=observe: nothing was written");
            return Ok(exit(&shown, troubles));
        }
        if !self.is_given() && !shown.changes.is_empty() {
            if !ask(&shown)? {
                to_stderr("nothing was written");
                return Ok(Exit::Fine);
            }
            // Meanwhile a tag may have gone, a zone been cut, a machine moved on: only a plan of now may be written.
            let agreed = shown.digest;
            planned = make().await?;
            shown = planned.report();
            if shown.digest != agreed {
                plan_command::print(&shown, global)?;
                return Err(changed("the plan has changed while you read it"));
            }
        }
        // A run without changes still writes down what it skipped and held.
        let words = if shown.changes.is_empty() {
            "writing down what was found"
        } else {
            "writing, then asking the name servers"
        };
        let progress = Spinner::start(words);
        let done = planned.write().await.prove().await;
        drop(progress);
        troubles += done.log_troubles.len();
        plan_command::print(&done.report, global)?;
        Ok(exit(&done.report, troubles))
    }
}

/// The plan is another one than was agreed to.
fn changed(words: impl std::fmt::Display) -> Failure {
    let hint = "the world has changed since that plan; look at the new one above, nothing was written";
    Failure::usage(words).exit(Exit::Held).hint(hint)
}

/// The exit code of a run that wrote: what was asked for in vain is a failure.
fn exit(report: &Report, troubles: usize) -> Exit {
    if report.is_refused() { Exit::Failed } else { report::exit_of_apply(report, troubles) }
}

/// Shows the plan among the words, and takes only a clear yes.
fn ask(shown: &Report) -> Result<bool, Failure> {
    let mut words = io::stderr().lock();
    report::write(shown, Format::Text, &mut words)?;
    let count = shown.changes.len();
    write!(words, "\nWrite {count} {}? [y/N] ", if count == 1 { "change" } else { "changes" })?;
    words.flush()?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line)?;
    Ok(matches!(line.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
