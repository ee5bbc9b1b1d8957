//! `heartbeat-dns adopt`: record sets that somebody made by hand become ours, by hand.

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
A set that carries no mark of ours is never touched, unless its name is listed literally in POLICY_NAMES or its \
addresses were the machine's own. `adopt` is the third way: it puts our mark on the set for the live machine whose \
tag names it, and moves it if the machine's address is another by now. Several machines that report one address are \
one claim: the first by its id is marked. Machines that report different addresses are refused, and so are several of \
which none was heard, sets of other installations and aliases; what a brake holds is not adopted either. Nothing is \
ever created: where there is no set there is nothing to adopt.

Examples:
  heartbeat-dns adopt nas.home.example.com
  heartbeat-dns adopt nas.home.example.com --dry-run
  heartbeat-dns adopt desk.office.example.com --zone private:office.example.com
  heartbeat-dns adopt www.example.com vpn.example.com --yes -o json";

/// What to adopt.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The names of the sets
    #[arg(required = true)]
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
    options.consent.check("adopt --dry-run")?;
    let installation = session::installation(variables)?;
    let names = options.side.of(session::names(&options.names)?, &installation.settings.policy.zones)?;
    let make = async |_: Option<&Report>| {
        let adopt = names.clone();
        let request = Request::of_names(Trigger::Cli, names.clone(), options.consent.writes());
        session::planned(&installation, Request { adopt, ..request }).await
    };
    Box::pin(options.consent.carry_out(make, Takes::TheSame, global, interrupt)).await
}
