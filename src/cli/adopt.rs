//! `heartbeat-dns adopt`: record sets that somebody made by hand become ours, by hand.

use std::collections::BTreeSet;

use serde_json::json;

use super::failure::{Exit, Failure};
use super::global::Global;
use super::output::{Table, to_stdout};
use super::progress::Progress;
use super::{report, session};
use crate::config::{Mode, Variables};
use crate::remediate::adopt::{Adoption, mark};
use crate::remediate::{Request, observe, plan};
use pure::plan::report::{Outcome, Trigger};

const EXAMPLES: &str = "\
A set that carries no mark of ours is never touched, unless its name is listed literally in POLICY_NAMES or its
addresses were the machine's own. `adopt` is the third way: it puts our mark on the set for the one live machine
whose tag names it, and moves it if the machine's address is another by now. Sets of other installations, aliases
and names that several machines claim are refused.

Examples:
  heartbeat-dns adopt nas.home.example.com
  heartbeat-dns adopt www.example.com vpn.example.com -o json";

/// What to adopt.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The names of the sets
    #[arg(required = true)]
    names: Vec<String>,
}

pub(super) async fn run(options: &Options, global: &Global, variables: &Variables) -> Result<Exit, Failure> {
    let installation = session::installation(variables)?;
    if installation.settings.run.mode == Mode::Observe {
        return Err(Failure::usage("MODE=observe writes nothing").hint("set MODE=apply to adopt"));
    }
    let names = session::names(&options.names)?;
    let request = Request { adopt: names.clone(), names: names.clone(), ..Request::new(Trigger::Cli, true) };
    let deadline = session::deadline(&installation);
    let progress = Progress::start("asking the workspace what does not match");
    let observed = observe(&installation, deadline).await.map_err(session::unreachable)?;
    let azure = observed.azure.clone();
    progress.now("reading tags and record sets as they are now");
    let planned = plan(&installation, request.clone(), observed).await.map_err(session::unreachable)?;
    progress.now("writing, then asking the name servers");
    let done = planned.apply(|_| {}).await;
    let mut table = Table::new(&["name", "result", "because"]);
    let mut exit = report::exit_of_apply(&done.report, done.log_troubles.len());
    if exit == Exit::Held {
        exit = Exit::Fine;
    }
    let mut moved = BTreeSet::new();
    for reported in &done.report.changes {
        moved.insert(reported.change.name.clone());
        let result =
            if reported.outcome == Outcome::Confirmed { "adopted" } else { reported.outcome.as_str() };
        table.push(vec![json!(reported.change.name), json!(result), json!(reported.detail)]);
    }
    for name in names.difference(&moved) {
        let (result, because) = match mark(&installation, &request, &azure, name).await {
            Ok(Adoption::Marked(machine)) => ("adopted", format!("marked for {}", machine.name())),
            Ok(Adoption::Ours(machine)) => ("ours already", format!("marked for {machine}")),
            Ok(Adoption::Refused(why)) => {
                exit = Exit::Failed;
                ("refused", why)
            }
            Err(trouble) => {
                exit = Exit::Failed;
                ("failed", trouble.because)
            }
        };
        table.push(vec![json!(name), json!(result), json!(because)]);
    }
    drop(progress);
    to_stdout(|out| table.write(global.output, out))?;
    Ok(exit)
}
