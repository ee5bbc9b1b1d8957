//! `heartbeat-dns apply`: shows the plan, asks, writes.

use super::Global;
use super::consent::Consent;
use super::failure::{Exit, Failure};
use super::session;
use crate::config::Variables;
use crate::run::Request;
use pure::plan::report::Trigger;

const EXAMPLES: &str = "\
Each write rests on a live read and carries its entity tag: whoever changed the set in between wins, and it is \
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
    let names = session::names(&options.names)?;
    let make = || session::planned(&installation, Request::of_names(Trigger::Cli, names.clone(), true));
    Box::pin(options.consent.write(make, global)).await
}
