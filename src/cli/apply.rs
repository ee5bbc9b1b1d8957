//! `heartbeat-dns apply`: shows the plan, asks, writes.

use super::Global;
use super::consent::{Consent, Takes};
use super::failure::{Exit, Failure};
use super::interrupt::Interrupt;
use super::one_side::OneSide;
use super::session;
use crate::config::Variables;
use crate::run::Request;
use pure::plan::report::{Report, Trigger};

const EXAMPLES: &str = "\
Each write rests on a live read and carries its entity tag: whoever changed the set in between wins, and it is \
written only if the change is still the one that you agreed to. Ctrl-C begins no new write, finishes and tells those under way; a second one ends at once. Without a terminal say --yes, or --expect with the digest of a plan that you have seen.

Examples:
  heartbeat-dns apply
  heartbeat-dns apply nas.home.example.com --yes
  heartbeat-dns apply desk.office.example.com --zone private:office.example.com

Reviewed by somebody else, and written only if it is still that plan:
  heartbeat-dns plan -o json > plan.json
  heartbeat-dns apply --expect \"$(jq -r .digest plan.json)\"";

/// What to apply.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// Only these names; `flapping` does not hold what you name
    names: Vec<String>,
    #[command(flatten)]
    side: OneSide,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(
    options: &Options,
    global: &Global,
    variables: &Variables,
    interrupt: &Interrupt,
) -> Result<Exit, Failure> {
    options.consent.check("plan")?;
    let installation = session::installation(variables)?;
    let names = options.side.of(session::names(&options.names)?, &installation.settings.policy.zones)?;
    let make = async |_: Option<&Report>| {
        let request = Request::of_names(Trigger::Cli, names.clone(), options.consent.writes());
        session::planned(&installation, request).await
    };
    Box::pin(options.consent.carry_out(make, Takes::TheSame, global, interrupt)).await
}
