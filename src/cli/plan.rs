//! `heartbeat-dns plan`: what would be written, what not, and why.

use super::failure::{Exit, Failure};
use super::global::Global;
use super::output::{to_stderr, to_stdout};
use super::progress::Spinner;
use super::{report, session};
use crate::config::Variables;
use crate::run::{Planned, Request, Trouble};
use pure::plan::report::{Report, RunResult, Trigger};
use pure::shown::one_line;

const EXAMPLES: &str = "\
A plan writes nothing, neither to DNS nor to the log. It starts from the tagged machines, so that one \
that was never heard is named as well.

Examples:
  heartbeat-dns plan
  heartbeat-dns plan nas.home.example.com -o json
  heartbeat-dns plan --exit-code || { [ $? -eq 3 ] && heartbeat-dns apply --yes; }
      applies when there are changes to apply, and not when something failed; what a brake holds stays held";

/// What to plan.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// Only these names
    names: Vec<String>,
    /// Exit with 3 when there are changes to apply, with 4 when there are none and a brake holds something
    #[arg(long)]
    exit_code: bool,
}

pub(super) async fn run(options: &Options, global: &Global, variables: &Variables) -> Result<Exit, Failure> {
    let installation = session::installation(variables)?;
    let request = Request::of_names(Trigger::Cli, session::names(&options.names)?, false);
    let mut planned = session::planned(&installation, request).await?;
    let progress = Spinner::start("asking which tagged machines were heard");
    // What the plan rests on is known; who else is silent is told when it can be.
    let unknown = planned.account_for_the_fleet().await.err();
    drop(progress);
    if let Some(trouble) = &unknown {
        planned.leave_uncounted(trouble.after("which other machines were heard is not known"));
    }
    let done = shown(&planned, global)?;
    if let Some(trouble) = &unknown {
        let words = format!("which other machines were heard is not known: {}", trouble.logged);
        to_stderr(format_args!("warning: {}", one_line(&words)));
        return Ok(Exit::Failed);
    }
    let found = planned.report();
    Ok(match (done, found.result) {
        (Exit::Fine, RunResult::Planned) if options.exit_code => Exit::Pending,
        (Exit::Fine, RunResult::Held) if options.exit_code => Exit::Held,
        (done, _) => done,
    })
}

/// Shows a plan that is not to be written; what went wrong on the way to it is its exit code.
pub(super) fn shown(planned: &Planned<'_>, global: &Global) -> Result<Exit, Failure> {
    let found = planned.report();
    print(&found, global)?;
    tell_troubles(planned);
    Ok(match found.result {
        _ if planned.is_troubled() => Exit::Failed,
        _ if !found.unclaimed.is_empty() => Exit::Usage,
        _ => Exit::Fine,
    })
}

/// Results go to standard output.
pub(super) fn print(found: &Report, global: &Global) -> Result<(), Failure> {
    Ok(to_stdout(|out| report::write(found, global.output, out))?)
}

/// Reads that failed are words, not results.
pub(super) fn tell_troubles(planned: &Planned<'_>) {
    // Whoever sits at the terminal is who reads the log.
    let troubles = planned.troubles().iter().map(Trouble::for_log);
    for words in troubles.chain(planned.warnings().iter().cloned()) {
        to_stderr(format_args!("warning: {}", one_line(&words)));
    }
}
