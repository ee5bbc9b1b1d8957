//! `heartbeat-dns unhold`: a held record set may be written again.

use super::Global;
use super::consent::Consent;
use super::failure::{Exit, Failure};
use super::interrupt::Interrupt;
use super::{hold, session};
use crate::config::Variables;
use pure::plan::HoldOrder;

const EXAMPLES: &str = "\
The addresses stay as they are; the next run moves them where the machine is by then. A hold that has ended by itself \
needs no `unhold`.

Examples:
  heartbeat-dns unhold nas.home.example.com
  heartbeat-dns unhold nas.home.example.com vpn.example.com --yes -o json";

/// What to let go.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The names of the sets
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(
    options: &Options,
    global: &Global,
    variables: &Variables,
    interrupt: &Interrupt,
) -> Result<Exit, Failure> {
    options.consent.check("heartbeat-dns unhold --dry-run")?;
    let installation = session::installation(variables)?;
    let names = session::names(&options.names)?;
    let order = (names, HoldOrder::Unhold);
    Box::pin(hold::carry_out(&installation, order, &options.consent, global, interrupt)).await
}
