//! `heartbeat-dns approve`: a person has read what a brake holds, and it is written.

use std::collections::BTreeSet;

use super::Global;
use super::consent::{Consent, Takes, checked_digest};
use super::failure::{Exit, Failure};
use super::interrupt::Interrupt;
use super::one_side::OneSide;
use super::output::to_stderr;
use super::phrase::Phrase;
use super::report::short;
use super::session;
use crate::config::Variables;
use crate::run::{Installation, Planned, Request};
use pure::domain::{HostName, NameSet, RecordId};
use pure::plan::report::{Report, Trigger};
use pure::plan::{Approval, Approved, Brake};

const EXAMPLES: &str = "\
`plan` prints the digest of each brake that a person can open. What the brake holds is planned anew, shown and written at \
once, the oldest first, which must be proved. Nothing is remembered: what comes later is held again. Only the very changes \
that were read are written; if any of them would go elsewhere by now, nothing is. Who owns a set, holds and the zone's quota \
count as ever, and so does another brake that holds the same name: `plan` prints both digests in one command.

Examples:
  heartbeat-dns approve 7be02c91a4d0 --dry-run
  heartbeat-dns approve 7be02c91a4d0
  heartbeat-dns approve 7be02c91a4d0 nas.home.example.com --yes -o json";

/// The command that prints digests of brakes, from its verb on.
const SHOWS: &str = "plan";

/// What to approve.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The brake's digest, or its first 12 characters
    digest: String,
    /// Digests of more brakes, and the only names to write of what they hold
    #[arg(value_name = "DIGEST|NAME")]
    more: Vec<String>,
    #[command(flatten)]
    side: OneSide,
    #[command(flatten)]
    consent: Consent,
}

/// What is approved: brakes, and of what they hold the names.
struct Wanted {
    digests: BTreeSet<String>,
    names: NameSet,
}

impl Wanted {
    /// Reads the arguments: a name in a zone has a dot, a digest has none.
    fn of(options: &Options, variables: &Variables) -> Result<(Self, Installation), Failure> {
        let (names, digests): (Vec<_>, Vec<_>) =
            options.more.iter().cloned().partition(|word| word.contains('.'));
        let digests = std::iter::once(&options.digest).chain(&digests);
        let digests = digests.map(|given| checked_digest(given, SHOWS)).collect::<Result<_, _>>()?;
        let names = session::names(&names)?;
        let installation = session::installation(variables)?;
        let names = options.side.of(names, &installation.settings.policy.zones)?;
        Ok((Self { digests, names }, installation))
    }

    /// Makes sure that every digest and every name is of something that is held.
    fn check(&self, planned: &Planned<'_>) -> Result<(), Failure> {
        if let Some(unknown) = self.digests.iter().find(|digest| !planned.met().digests.contains(*digest)) {
            let words = format!(
                "nothing that is held now has the digest {unknown}: what was read under it has changed since, or it is mistyped"
            );
            return Err(Failure::usage(words).exit(Exit::Held));
        }
        let report = planned.report();
        let is_held = |name: &HostName| {
            let ids = report.changes.iter().map(|change| &change.change.id);
            let is_braked = |brake: &Brake| {
                brake.names.contains(name.as_str()) && self.names.is_about(name.as_str(), brake.zone.as_ref())
            };
            ids.filter(|id| id.name == *name).any(|id| self.names.holds(id))
                || report.brakes.iter().any(is_braked)
        };
        match self.names.iter().find(|name| !is_held(name)) {
            Some(name) => {
                let words = format!("{name} is held by none of these brakes");
                Err(Failure::usage(words).exit(Exit::Held))
            }
            None => Ok(()),
        }
    }
}

pub(super) async fn run(
    options: &Options,
    global: &Global,
    variables: &Variables,
    interrupt: &Interrupt,
) -> Result<Exit, Failure> {
    options.consent.check("approve --dry-run")?;
    let (wanted, installation) = Wanted::of(options, variables)?;
    let make = async |read: Option<&Report>| {
        let approval = match read {
            None => Approval::Brakes { digests: wanted.digests.clone(), names: wanted.names.clone() },
            Some(read) => {
                Approval::Read(read.changes.iter().map(|change| Approved::of(&change.change)).collect())
            }
        };
        let request = Request::of_names(Trigger::Cli, NameSet::default(), options.consent.writes());
        let planned =
            session::planned(&installation, Request { approval: Some(approval), ..request }).await?;
        match read {
            // Where nothing could be read no brake is known either: that is what is to be told.
            None if planned.is_troubled() => {}
            None => {
                if let Err(refused) = wanted.check(&planned) {
                    // What a part of an approval leaves has digests that no plan prints.
                    let plain = Request::of_names(Trigger::Cli, NameSet::default(), false);
                    let plain = session::planned(&installation, plain).await?;
                    return Err(refused.hint(standing(&plain.report().brakes)));
                }
            }
            Some(read) => compare(read, &planned)?,
        }
        Ok(planned)
    };
    Box::pin(options.consent.carry_out(make, Takes::WhatIsLeft, global, interrupt)).await
}

/// Names what has changed since somebody has read it: what is gone or new stays as it is, and another address stops all.
fn compare(read: &Report, planned: &Planned<'_>) -> Result<(), Failure> {
    let met = planned.met();
    if !met.other.is_empty() {
        let words = format!("{} would go from or to another address by now", listed(&met.other));
        let hint = Phrase::from("nothing was written; read what is held now with ")
            .run(SHOWS)
            .and(", and approve that by its digest");
        return Err(Failure::usage(words).exit(Exit::Held).hint(hint));
    }
    if !met.gone.is_empty() {
        to_stderr(format_args!("gone since, and left as it is: {}", listed(&met.gone)));
    }
    let known: BTreeSet<&str> =
        braked(read).chain(read.changes.iter().map(|change| change.change.id.name.as_str())).collect();
    let now = planned.report();
    let new: Vec<&str> = braked(&now).filter(|name| !known.contains(name)).collect();
    if !new.is_empty() {
        to_stderr(format_args!("new since, and still held: {}", new.join(", ")));
    }
    Ok(())
}

/// The names that brakes hold.
fn braked(report: &Report) -> impl Iterator<Item = &str> {
    report.brakes.iter().flat_map(|brake| brake.names.iter().map(String::as_str))
}

fn listed(ids: &[RecordId]) -> String {
    ids.iter().map(|id| format!("{} {}", id.name, id.record_type)).collect::<Vec<_>>().join(", ")
}

/// The digests that there are, and what to do with one.
fn standing(brakes: &[Brake]) -> Phrase {
    let opened = brakes.iter().filter_map(|brake| Some((short(brake.digest.as_deref()?), brake)));
    let opened: Vec<(&str, &Brake)> = opened.collect();
    let [(first, brake), ..] = opened[..] else {
        return Phrase::from("nothing was written: no brake that a person can open holds anything now; ")
            .run(SHOWS)
            .and(" says how names stand");
    };
    let held = opened.iter().map(|(digest, brake)| {
        let zone = brake.zone.as_ref().map(|zone| format!(" in {}", zone.zone_name())).unwrap_or_default();
        let (kind, names) = (brake.brake.as_str(), brake.names.len());
        let names = if names == 1 { "1 name".to_owned() } else { format!("{names} names") };
        format!("{digest} ({kind}{zone}, {names})")
    });
    let held = held.collect::<Vec<_>>().join(", ");
    let besides: String = brake.besides.iter().map(|digest| format!(" {}", short(digest))).collect();
    Phrase::from(format!("nothing was written; held now: {held}; read it with "))
        .run(SHOWS)
        .and(", then:  ")
        .run(format_args!("approve {first}{besides}"))
}
