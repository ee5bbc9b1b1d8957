//! `heartbeat-dns rollback`: changes undone by hand, and held.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::Global;
use super::consent::{Consent, Takes};
use super::failure::{Exit, Failure};
use super::interrupt::Interrupt;
use super::one_side::OneSide;
use super::output::to_stderr;
use super::phrase::Phrase;
use super::progress::Spinner;
use super::report::short_run;
use super::{hold, release, session};
use crate::azure::Azure;
use crate::config::Variables;
use crate::queries::{Past, PastOf, RunId};
use crate::run::{Installation, Planned, Request, by_mark, ours_by_zone, remembered_of};
use pure::domain::{HostName, NameSet, RecordId, ZoneId, join_addresses};
use pure::plan::report::{Report, Trigger};
use pure::plan::{ByHand, HoldOrder, PastChange, Point, Rollback};
use pure::shown::one_line;

const EXAMPLES: &str = "\
Each record set goes back to the addresses that it held before the change that you name: its last one, what one run \
changed, or all since a time. It must carry our mark and still hold what that change wrote; what was changed since is \
listed and left, and so is a set that somebody holds: `unhold NAME` comes first, but for what another rollback holds. From then on it is held, or the next run would move it again: `unhold` ends that.

For the last change the mark in the record set says what stood there before, whether the log knows of that change yet or \
not: --run and --to read the marks as well, and say how many of these changes the log does not know. For older ones only the log says it, and \
whoever may send rows to it may say anything: such an address must pass the rules that any address must pass, and one that \
no heartbeat of the machine has reported in 30 days is marked, and is not written with --yes. No brake holds a rollback, \
for you have read the list; the first of a zone is proved before the others follow.

A set that the change has made goes only with --delete, and only where its mark says that nothing stood there before. \
Nothing can hold a name without a set, so one that a tag claims is refused: the next run would make it again; so is \
one that a machine claims by the newest sweep of the tags, until `collect` has swept them again, and any while a machine's tags cannot be read. Of a set that is gone nothing is \
put back; where a tag claims the name, the next run makes it.

Examples:
  heartbeat-dns rollback nas.home.example.com
  heartbeat-dns rollback nas.home.example.com --dry-run
  heartbeat-dns rollback desk.office.example.com --zone private:office.example.com
  heartbeat-dns rollback --run 5f31c0d2-8a4e-4b7e-9a53-0d6c2f1b7e90 --why 'a proxy' --yes
  heartbeat-dns rollback new.home.example.com --delete
  heartbeat-dns rollback --to 2027-01-04T08:00:00Z --dry-run -o json";

/// What to undo.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The names of the sets; with --run or --to, of what is meant only these
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    #[command(flatten)]
    side: OneSide,
    /// Undo what this run changed: its whole id, as `history -o json` tells it
    #[arg(long, value_name = "ID", conflicts_with = "to")]
    run: Option<String>,
    /// Undo all changes since a time of RFC 3339
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    #[command(flatten)]
    holding: hold::Holding,
    /// Delete what the change has made: nothing stood there before. Without it such a set is left
    #[arg(long)]
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
    options.consent.check("rollback --dry-run")?;
    if options.names.is_empty() && options.run.is_none() && options.to.is_none() {
        return Err(Failure::usage("nothing says what to undo")
            .hint("give names, --run with the id of a run, or --to with the time to go back to"));
    }
    let (point, of) = meant(options)?;
    let installation = session::installation(variables)?;
    let zones = &installation.settings.policy.zones;
    let side = options.side.zone(zones)?.cloned();
    let given: BTreeSet<HostName> = of.names.iter().cloned().collect();
    let names = if given.is_empty() { NameSet::default() } else { options.side.of(given, zones)? };
    let hold = options.holding.hold(&installation).await?;
    let (deletes, writes) = (options.delete, options.consent.writes());
    let wanted = Wanted { point, of, names, side, hold, deletes, writes };
    let is_whole = Cell::new(true);
    let make = async |read: Option<&Report>| {
        let Undoing { planned, unlogged, unread } = Box::pin(wanted.planned(&installation)).await?;
        // Whoever has read it reads it once.
        if read.is_none() {
            let told = unlogged.iter().chain(&unread);
            told.for_each(|words| to_stderr(format_args!("note: {}", one_line(words))));
        }
        is_whole.set(unread.is_empty());
        if options.consent.is_blind() { borne_out(planned) } else { Ok(planned) }
    };
    match Box::pin(options.consent.carry_out(make, Takes::TheSame, global, interrupt)).await? {
        Exit::Fine if !is_whole.get() => Ok(Exit::Failed),
        exit => Ok(exit),
    }
}

/// Which change is meant, and the writes of which the log is to tell.
fn meant(options: &Options) -> Result<(Point, PastOf), Failure> {
    let names: Vec<HostName> = session::names(&options.names)?.into_iter().collect();
    if let Some(text) = &options.run {
        let run = run_id(text)?;
        let of = PastOf { names, run: Some(run.clone()), since: None };
        return Ok((Point::Run(run.as_str().to_owned()), of));
    }
    if let Some(text) = &options.to {
        let time = text.trim().parse().map_err(|_| {
            Failure::usage(format!("`{}` is no time", text.escape_debug()))
                .hint("write a time as 2027-01-04T08:00:00Z or with an offset, 2027-01-04T08:00:00+01:00")
        })?;
        return Ok((Point::Since(time), PastOf { names, run: None, since: Some(time) }));
    }
    Ok((Point::Last, PastOf { names, ..PastOf::default() }))
}

/// A run as people copy it.
pub(super) fn run_id(text: &str) -> Result<RunId, Failure> {
    RunId::parse(text).ok_or_else(|| {
        Failure::usage(format!("`{}` is no run", text.escape_debug()))
            .hint(Phrase::from("give its whole id; ").run("history NAME -o json").and(" has those of a name"))
    })
}

/// What is to be undone, and how long it is then held.
struct Wanted {
    point: Point,
    of: PastOf,
    /// The names that were given, on the sides that are meant.
    names: NameSet,
    /// The zone in which alone it is undone.
    side: Option<ZoneId>,
    hold: HoldOrder,
    deletes: bool,
    writes: bool,
}

impl Wanted {
    /// The plan as of now.
    async fn planned<'a>(&self, installation: &'a Installation) -> Result<Undoing<'a>, Failure> {
        let azure = installation.clients.until(session::deadline(installation))?;
        let progress = Spinner::start("asking the log");
        let found = remembered_of(installation, &azure, &self.of).await;
        progress.now("reading the record sets");
        let marked = if self.of.names.is_empty() {
            self.marked(installation, &azure).await
        } else {
            MarkedSets::default()
        };
        drop(progress);
        let mut found = found.map_err(session::unreachable)?;
        // Rows that are missing would hide what was changed since.
        if let Some(why) = found.partial {
            return Err(Failure::from(anyhow::anyhow!("the answer of the log is not whole: {why}"))
                .hint("nothing was written; ask again"));
        }
        found.writes.retain(|write| !write.is_of_the_mark());
        let mut names = self.names.clone();
        if names.is_empty() {
            // Of the other side of a name nobody has spoken.
            let written = found.writes.iter().map(Past::record_id).chain(marked.sets);
            let meant = written.filter(|id| self.side.as_ref().is_none_or(|side| *side == id.zone));
            names = installation.settings.policy.zones.on_their_sides(meant);
        }
        if names.is_empty() {
            let unread: String = marked.unread.iter().map(|words| format!("; {words}")).collect();
            let words = "the log knows of no such change, in 90 days at most, and no mark tells of one";
            return Err(Failure::usage(format!("{words}{unread}"))
                .hint(Phrase::default().run("history NAME").and(" lists the changes of a name")));
        }
        let known: BTreeSet<(RecordId, String)> =
            found.writes.iter().map(|write| (write.record_id(), write.run.clone())).collect();
        let told = told(found.writes);
        let Self { point, hold, deletes, .. } = self;
        let deletes = match *deletes {
            true => Some(release::without_sets(installation, &azure, &names.hosts()).await?),
            false => None,
        };
        let (point, hold) = (point.clone(), hold.clone());
        let rollback = Rollback { point, told, hold, deletes };
        let request = Request::of_names(Trigger::Cli, names, self.writes);
        let order = Some(ByHand::Rollback(Box::new(rollback)));
        let planned = session::planned(installation, Request { order, ..request }).await?;
        let unlogged = not_yet_known(&planned.report(), &installation.settings.policy.owner, &known);
        Ok(Undoing { planned, unlogged, unread: marked.unread })
    }

    /// The sets whose marks tell of a change that is meant, whatever the log knows.
    async fn marked(&self, installation: &Installation, azure: &Azure) -> MarkedSets {
        let owner = &installation.settings.policy.owner;
        let mut marked = MarkedSets::default();
        for (zone, sets) in ours_by_zone(installation, azure).await {
            match sets {
                Ok(sets) => {
                    let writes = sets.iter().filter_map(|set| by_mark(set, owner));
                    let meant = writes.filter(|write| write.from != write.to && self.means(write));
                    marked.sets.extend(meant.map(|write| write.record_id()));
                }
                Err(trouble) => marked.unread.push(format!(
                    "the zone {} could not be read, so changes that only marks tell of may be missing: {}",
                    zone.name(),
                    trouble.because
                )),
            }
        }
        marked
    }

    fn means(&self, write: &Past) -> bool {
        match &self.point {
            Point::Last => true,
            Point::Run(run) => write.run == *run,
            Point::Since(time) => write.time > *time,
        }
    }
}

/// What the marks of all sets say of the changes that are meant.
#[derive(Default)]
struct MarkedSets {
    sets: BTreeSet<RecordId>,
    /// What could not be read, in words.
    unread: Vec<String>,
}

/// A plan, and what whoever reads it must know besides.
struct Undoing<'a> {
    planned: Planned<'a>,
    /// That the log does not know all that is undone, if so.
    unlogged: Option<String>,
    /// What could not be read.
    unread: Vec<String>,
}

/// Runs that are named in a sentence.
const RUNS: usize = 3;

/// Says how many of the changes undo what only a mark tells of.
fn not_yet_known(report: &Report, owner: &str, known: &BTreeSet<(RecordId, String)>) -> Option<String> {
    let marks = report.changes.iter().filter_map(|reported| {
        // A mark that changed no address, a hold's, says nothing of the run whose change is undone.
        let write =
            by_mark(reported.change.before.as_ref()?, owner).filter(|write| write.from != write.to)?;
        let is_known = known.contains(&(write.record_id(), write.run.clone()));
        (!is_known).then_some(write.run)
    });
    let marks: Vec<String> = marks.collect();
    let runs: BTreeSet<&String> = marks.iter().collect();
    let more = if runs.len() > RUNS { " …" } else { "" };
    let ids: Vec<String> = runs.iter().take(RUNS).map(|run| short_run(run)).collect();
    let (sets, carry, each) = match marks.len() {
        0 => return None,
        1 => ("1 set".to_owned(), "carries", "it goes"),
        count => (format!("{count} sets"), "carry", "each goes"),
    };
    let of = if runs.len() == 1 { "the mark of run" } else { "the marks of runs" };
    Some(format!(
        "{sets} {carry} {of} {}{more}, which the log does not know yet; {each} back to what its mark says stood there before \
         that change, and rows of earlier ones may be on their way as well",
        ids.join(", ")
    ))
}

/// What the log says of each set, the newest first.
fn told(writes: Vec<Past>) -> BTreeMap<RecordId, Vec<PastChange>> {
    let mut told: BTreeMap<RecordId, Vec<PastChange>> = BTreeMap::new();
    for Past { time, name, zone, record_type, run, from, to, motive, .. } in writes {
        let id = RecordId { zone, name, record_type };
        told.entry(id).or_default().push(PastChange { from, to, time, run, footing: motive.into() });
    }
    told
}

/// Lets a plan pass that nobody will look at, unless only the log says what it writes.
fn borne_out(planned: Planned<'_>) -> Result<Planned<'_>, Failure> {
    let report = planned.report();
    let doubtful = report.changes.iter().find_map(|reported| {
        let undone = reported.change.cause.undone().filter(|undone| !undone.unreported.is_empty())?;
        Some((&reported.change.id.name, join_addresses(&undone.unreported)))
    });
    let Some((name, addresses)) = doubtful else { return Ok(planned) };
    let words = format!(
        "only the log says that {name} held {addresses}: no heartbeat of its machine has reported it in 30 days"
    );
    Err(Failure::usage(words).hint(
        "nothing was written; look at the plan with --dry-run, and say --expect with its digest instead of --yes",
    ))
}
