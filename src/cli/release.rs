//! `heartbeat-dns release`: record sets that are ours no longer.

use std::collections::{BTreeMap, BTreeSet};

use super::Global;
use super::consent::{Consent, Takes};
use super::failure::{Exit, Failure};
use super::interrupt::Interrupt;
use super::one_side::OneSide;
use super::progress::Spinner;
use super::session;
use crate::azure::Azure;
use crate::config::Variables;
use crate::run::{Installation, Planned, Request, claims, claims_of_the_whole, ours, swept_claims};
use pure::domain::{HostName, NameSet, ZoneId};
use pure::plan::report::{Report, Trigger};
use pure::plan::{ByHand, Leaves, Release};

const EXAMPLES: &str = "\
The addresses stay. The mark in the record set says from then on that it is released: no run writes it, whatever the policy \
lists and wherever its machine is, and neither do releases of before. `adopt NAME` takes it up again.

A set that somebody holds is refused, whatever is to be left of its mark: `unhold NAME` comes first.

With --clean nothing of the mark is left, as for whoever takes this program out of a zone; a set that was released before \
is cleaned by its name, for its mark does not say who released it. To a run the set is then one that \
somebody made by hand: where the policy lets a machine's tag adopt such a set, the next run does. The plan says which names \
are still claimed.

With --delete the sets go, under the condition that they are still what you have read; a set that was released before goes \
too, once its name is given. A name that a tag claims is refused, \
for the next run would make it again; so is one that a machine claims by the newest sweep of the tags, until `collect` has swept them \
again. That takes the right to delete, which DNS \
Zone Contributor on the zone has. The row goes to the log before the request: what the log does not take is not deleted.

Examples:
  heartbeat-dns release nas.home.example.com --dry-run -o json
  heartbeat-dns unhold nas.home.example.com
  heartbeat-dns release nas.home.example.com
  heartbeat-dns release old.home.example.com --delete
  heartbeat-dns release --all --clean --dry-run";

/// What to release.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The names of the sets. Without any --all means every set of ours
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    side: OneSide,
    /// Leave nothing of our mark, not even that it is released
    #[arg(long)]
    clean: bool,
    /// Delete the sets of these names; one that a tag claims, or that somebody holds, is left
    #[arg(long, requires = "names", conflicts_with = "clean")]
    delete: bool,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(
    options: &Options,
    global: &Global,
    variables: &Variables,
    interrupt: &Interrupt,
) -> Result<Exit, Failure> {
    options.consent.check("release --dry-run")?;
    if options.names.is_empty() && !options.consent.all {
        return Err(Failure::usage("nothing says what to release")
            .hint("give names, or --all for every record set of ours"));
    }
    let names = session::names(&options.names)?;
    let installation = session::installation(variables)?;
    let zones = &installation.settings.policy.zones;
    let side = options.side.zone(zones)?;
    let names = if names.is_empty() { NameSet::default() } else { options.side.of(names, zones)? };
    let make = async |_: Option<&Report>| Box::pin(planned(&installation, (&names, side), options)).await;
    Box::pin(options.consent.carry_out(make, Takes::TheSame, global, interrupt)).await
}

/// The plan as of now.
async fn planned<'a>(
    installation: &'a Installation,
    (names, side): (&NameSet, Option<&ZoneId>),
    options: &Options,
) -> Result<Planned<'a>, Failure> {
    let azure = installation.clients.until(session::deadline(installation))?;
    let progress = Spinner::start("reading the record sets");
    let mut names = names.clone();
    if names.is_empty() {
        let found = ours(installation, &azure).await.map_err(session::unreachable)?;
        let ids = found.into_iter().map(|set| set.record_id());
        let ids = ids.filter(|id| side.is_none_or(|side| *side == id.zone));
        names = installation.settings.policy.zones.on_their_sides(ids);
    }
    if names.is_empty() {
        return Err(Failure::usage("no record set carries our mark").hint(
            "there is nothing to release; what was released before is cleaned by its name, with --clean",
        ));
    }
    progress.now("reading who claims them");
    let hosts = names.hosts();
    let release = if options.delete {
        without_sets(installation, &azure, &hosts).await?
    } else {
        let leaves = if options.clean { Leaves::Nothing } else { Leaves::AMark };
        let claims = claims(installation, &azure, &hosts).await.map_err(session::unreachable)?;
        Release { leaves, claims, swept: BTreeMap::new(), unseen: Vec::new() }
    };
    drop(progress);
    let request = Request::of_names(Trigger::Cli, names, options.consent.writes());
    let order = Some(ByHand::Release(release));
    session::planned(installation, Request { order, ..request }).await
}

/// What sets may be deleted on: who claims their names, by the live tags and by the newest sweep, and who may besides.
pub(super) async fn without_sets(
    installation: &Installation,
    azure: &Azure,
    names: &BTreeSet<HostName>,
) -> Result<Release, Failure> {
    let (claims, unseen) =
        claims_of_the_whole(installation, azure, names).await.map_err(session::unreachable)?;
    let swept = swept_claims(installation, azure, names).await.map_err(session::unreachable)?;
    Ok(Release { leaves: Leaves::NoSet, claims, swept, unseen })
}
