//! `heartbeat-dns unhold`: a held record set may be written again.

use super::Global;
use super::consent::Consent;
use super::failure::{Exit, Failure};
use super::interrupt::Interrupt;
use super::one_side::OneSide;
use super::phrase::Phrase;
use super::progress::Spinner;
use super::{hold, rollback, session};
use crate::config::Variables;
use crate::run::{Installation, ours};
use pure::domain::{NameSet, ZoneId};
use pure::plan::{ByHand, LetGo};

const EXAMPLES: &str = "\
The addresses stay as they are; the next run moves them where the machine is by then. A hold that has ended by itself \
needs no `unhold`.

Examples:
  heartbeat-dns unhold nas.home.example.com
  heartbeat-dns unhold nas.home.example.com vpn.example.com --yes -o json
  heartbeat-dns unhold --run 5f31c0d2-8a4e-4b7e-9a53-0d6c2f1b7e90 --dry-run
  heartbeat-dns unhold --all --dry-run";

/// What to let go.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The names of the sets; with --run only these. Without both --all means every set of ours that is held
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    side: OneSide,
    /// What this run has held or rolled back: its whole id
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(
    options: &Options,
    global: &Global,
    variables: &Variables,
    interrupt: &Interrupt,
) -> Result<Exit, Failure> {
    options.consent.check("unhold --dry-run")?;
    if options.names.is_empty() && options.run.is_none() && !options.consent.all {
        return Err(Failure::usage("nothing says what to let go")
            .hint("give names, --run with the id of a run, or --all for every set of ours that is held"));
    }
    let installation = session::installation(variables)?;
    let run = options.run.as_deref().map(rollback::run_id).transpose()?;
    let which = run.map_or(LetGo::All, |run| LetGo::Of(run.as_str().to_owned()));
    let (names, zones) = (session::names(&options.names)?, &installation.settings.policy.zones);
    let names = if names.is_empty() {
        held(&installation, &which, options.side.zone(zones)?).await?
    } else {
        options.side.of(names, zones)?
    };
    let order = (names, ByHand::Unhold(which));
    Box::pin(hold::carry_out(&installation, order, &options.consent, global, interrupt)).await
}

/// The names of the sets that are held, each in its zone, as far as they are meant.
async fn held(installation: &Installation, which: &LetGo, side: Option<&ZoneId>) -> Result<NameSet, Failure> {
    let azure = installation.clients.until(session::deadline(installation))?;
    let progress = Spinner::start("reading the record sets");
    let found = ours(installation, &azure).await;
    drop(progress);
    let marks = found.map_err(session::unreachable)?.into_iter().filter_map(|set| Some((set.mark()?, set)));
    let is_meant = |run: &str| match which {
        LetGo::All => true,
        LetGo::Of(meant) => run == meant,
    };
    let held = marks.filter(|(mark, _)| mark.hold.is_some() && is_meant(&mark.run));
    let ids = held.map(|(_, set)| set.record_id()).filter(|id| side.is_none_or(|side| *side == id.zone));
    let names = installation.settings.policy.zones.on_their_sides(ids);
    if names.is_empty() {
        return Err(Failure::usage("no record set of ours is held so")
            .hint(Phrase::default().run("plan").and(" lists what is held with the code `held`")));
    }
    Ok(names)
}
