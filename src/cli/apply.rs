//! `heartbeat-dns apply`: shows the plan, asks, writes.

use std::io::{self, BufRead, IsTerminal, Write};

use super::failure::{Exit, Failure};
use super::global::Global;
use super::output::Format;
use super::progress::Progress;
use super::{plan as plan_command, report, session};
use crate::config::{Mode, Variables};
use crate::remediate::{Request, observe, plan};
use pure::plan::report::{Report, Trigger};

const EXAMPLES: &str = "\
Each write rests on a live read and carries its entity tag: whoever changed the set in between wins, and it is
planned again. Without a terminal say --yes, or --expect with the digest of a plan that you have seen.

Examples:
  heartbeat-dns apply
  heartbeat-dns apply nas.home.example.com --yes
  heartbeat-dns apply --expect \"$(heartbeat-dns plan -o json | jq -r .digest)\"";

/// What to apply.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// Only these names
    names: Vec<String>,
    /// Do not ask
    #[arg(long, short)]
    yes: bool,
    /// Write only if the plan has this digest; exit with 4 otherwise
    #[arg(long, value_name = "DIGEST")]
    expect: Option<String>,
}

pub(super) async fn run(options: &Options, global: &Global, variables: &Variables) -> Result<Exit, Failure> {
    let agreed = options.yes || options.expect.is_some();
    let can_ask = io::stdin().is_terminal() && io::stderr().is_terminal();
    if !agreed && !can_ask {
        return Err(Failure::usage("there is no terminal to ask at")
            .hint("say --yes, or --expect with the digest that `heartbeat-dns plan` prints"));
    }
    let installation = session::installation(variables)?;
    let request = Request { names: session::names(&options.names)?, ..Request::new(Trigger::Cli, true) };
    let deadline = session::deadline(&installation);
    let progress = Progress::start("asking the workspace what does not match");
    let observed = observe(&installation, deadline).await.map_err(session::unreachable)?;
    progress.now("reading tags and record sets as they are now");
    let planned = plan(&installation, request, observed).await.map_err(session::unreachable)?;
    drop(progress);
    let shown = planned.report();
    if let Some(expected) = &options.expect
        && !expected.trim().eq_ignore_ascii_case(&shown.digest)
    {
        plan_command::print(&shown, global)?;
        let words = format!("the plan has the digest {}, not {}", shown.digest, expected.trim());
        return Err(Failure::usage(words)
            .exit(Exit::Held)
            .hint("the world has changed since that plan; look at the new one above, nothing was written"));
    }
    plan_command::tell_troubles(&planned);
    let mut troubles = planned.troubles().len();
    if installation.settings.run.mode == Mode::Observe {
        plan_command::print(&shown, global)?;
        eprintln!("MODE=observe: nothing was written");
        return Ok(report::exit_of_apply(&shown, troubles));
    }
    if !agreed && !shown.changes.is_empty() && !ask(&shown)? {
        eprintln!("nothing was written");
        return Ok(Exit::Fine);
    }
    let progress = Progress::start("writing, then asking the name servers");
    let done = planned.apply(|_| {}).await;
    drop(progress);
    troubles += done.log_troubles.len();
    plan_command::print(&done.report, global)?;
    Ok(report::exit_of_apply(&done.report, troubles))
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
