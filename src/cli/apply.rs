//! `heartbeat-dns apply`: shows the plan, asks, writes.

use super::Global;
use super::consent::Consent;
use super::failure::{Exit, Failure};
use super::progress::Spinner;
use super::session;
use crate::config::Variables;
use crate::run::{Request, observe, plan};
use pure::plan::report::Trigger;

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
    /// Only these names; `flapping` does not hold what you name
    names: Vec<String>,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(options: &Options, global: &Global, variables: &Variables) -> Result<Exit, Failure> {
    options.consent.check("heartbeat-dns plan")?;
    let installation = session::installation(variables)?;
    let request = Request::of_names(Trigger::Cli, session::names(&options.names)?, true);
    let progress = Spinner::start("asking the workspace what does not match");
    let observed = observe(&installation, &request, session::deadline(&installation))
        .await
        .map_err(session::unreachable)?;
    progress.now("reading tags and record sets as they are now");
    let planned = plan(&installation, request, observed).await;
    drop(progress);
    Box::pin(options.consent.write(planned, global)).await
}
