//! `heartbeat-dns history`: what one name pointed at, since when, why, by which run, and what proved it.

mod edited;
mod failed;
mod owed;
mod place;
mod proved;
mod why;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::Instant;

use super::clock::Clock;
use super::failure::{Exit, Failure};
use super::global::Global;
use super::no_zone;
use super::one_side::OneSide;
use super::output::{Format, Listing, to_stdout, write_json};
use super::phrase::Phrase;
use super::progress::Spinner;
use super::report::short_run;
use super::screen::Screen;
use super::session;
use crate::config::Variables;
use crate::queries::{FailedTry, Past};
use crate::run::{PAST_DAYS, Remembered, Trouble, remembered, sets_of, unlogged};
use edited::Edited;
use owed::Lacks;
use place::Place;
use proved::{proved, totals};
use pure::domain::{Hold, HostName, RecordId, RecordSet, Until, ZoneId, join_addresses, who};
use pure::plan::report::Outcome;
use pure::plan::{Motive, Policy};
use pure::shown::one_line;
pub(super) use why::why;

const EXAMPLES: &str = "\
Each line is a write that landed, the newest first: since when the name holds these addresses, why it was written, how \
long after the first heartbeat at the new address all name servers of the zone said so, and which run did it. It comes \
out of the table DNSChange_CL, as far back as the workspace keeps its rows and 90 days at most; parameter \
retentionInDays of main.bicep says how long that is. A write that only the mark in the record set tells of is shown as \
well, and what somebody else has put there since stands above them, and so do tries that failed since. Nothing is written, and neither the name servers nor \
the machine are asked.

  moved              heartbeats said that the machine is somewhere else
  created            there was no record set
  adopted by hand    somebody ran `heartbeat-dns adopt`
  adopted, seen      the set had no mark of ours, and its addresses were the machine's own
  adopted, listed    the same, and its name stands in POLICY_NAMES
  adopted, always    the same, and POLICY_ADOPT is always
  approved           somebody approved what a brake held
  rolled back        somebody ran `heartbeat-dns rollback`
  held               somebody ran `heartbeat-dns hold`: no run writes it from then on
  let go             somebody ran `heartbeat-dns unhold`
  released           somebody ran `heartbeat-dns release`: it is ours no longer
  claimed by nobody  no tag claimed it any more, and its grace was over: it was deleted
  told by its mark   the run was killed, or its row is on its way: the mark in the set says so
  updated            the row is older than the column that says why

Examples:
  heartbeat-dns history nas.home.example.com
  heartbeat-dns history nas.home.example.com --local
  heartbeat-dns history nas.home.example.com -o json";

/// Lines that are shown unless all are asked for.
const MOST: usize = 50;
/// Blanks before a line, and between two columns.
const GAP: usize = 2;
/// The record sets of one name are read within seconds, or not at all.
const READING: Duration = Duration::from_secs(10);
/// Within so many milliseconds a change is to be true.
const SOON: u64 = 5 * 60 * 1000;

/// Whose history.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The name
    name: String,
    #[command(flatten)]
    side: OneSide,
    /// Show all lines, however many; without it the newest 50
    #[arg(long)]
    all: bool,
}

pub(super) async fn run(options: &Options, global: &Global, variables: &Variables) -> Result<Exit, Failure> {
    let installation = session::installation(variables)?;
    let name = session::name(&options.name)?;
    let asked = options.side.of([name.clone()].into(), &installation.settings.policy.zones)?;
    let side = asked.side();
    let azure = installation.clients.until(session::deadline(&installation))?;
    let progress = Spinner::start("asking the log");
    // The log is the answer; what the zone adds to it is not waited for long.
    let zone = azure.by(Instant::now() + READING);
    let (found, sets) = tokio::join!(
        remembered(&installation, &azure, &name, side),
        sets_of(&installation, &zone, &name, side)
    );
    drop(progress);
    let found = found.map_err(session::unreachable)?;
    let clock = Clock::of(global.zone());
    let is_placed = place::is_placed(&installation, &name, &sets);
    let mut told = Chronicle::of(found, sets, &installation.settings.policy, &name);
    let sending = owed::sending(&installation, &azure, &told.unlogged, clock.now).await;
    // Of a name that was never written it matters whether it is one at all.
    let is_new = told.writes().is_empty();
    if is_new || !is_placed {
        told.place = Place::of(&installation, &asked, told.place.strays.take()).await;
        told.unread = told.unread.or_else(|| told.place.absent.as_ref().map(no_zone::told));
    }
    let nobodys = told.place.nobodys.clone().filter(|_| is_new);
    // Beside writes of ours it is told who was at it since.
    let is_unknown = told.logged.is_empty() && told.unlogged.is_empty();
    let lacks = Lacks {
        name: &name,
        unlogged: &told.unlogged,
        sending,
        foreign: told.foreign.iter().filter(|_| is_unknown).collect(),
        owner: &installation.settings.policy.owner,
        unread: told.unread.as_deref().filter(|_| told.place.absent.is_none()),
    };
    let screen = Screen::of_stdout(global.env_file.as_deref());
    to_stdout(|out| match global.output {
        Format::Text => text(&name, (&told, &lacks), (options.all, nobodys.as_deref()), &clock, &screen, out),
        Format::Json => write_json(&as_json(&name, &told), out),
        form @ (Format::Csv | Format::Markdown | Format::Arm) => table(&told).write(form, &screen, out),
    })?;
    match told.partial {
        Some(why) => Err(Failure::from(anyhow::anyhow!("the answer is not whole: {why}"))
            .hint("lines may be missing above; ask again")),
        None if nobodys.is_some() => Ok(Exit::Usage),
        None => Ok(Exit::Fine),
    }
}

/// What is known of a name.
struct Chronicle {
    /// The writes that the log knows, the newest first.
    logged: Vec<Past>,
    /// Those that only the marks of its sets tell of.
    unlogged: Vec<Past>,
    /// The tries that failed.
    failed: Vec<FailedTry>,
    /// The marks of its sets that hold them, by the set and the run that wrote them: one run may write both sides of a name.
    holds: BTreeMap<(RecordId, String), Hold>,
    /// Its sets that hold something else than the newest write left there.
    edited: Vec<Edited>,
    /// Its sets that carry the mark of another installation, with its id.
    foreign: Vec<(RecordId, String)>,
    /// Why its sets could not be read, if so.
    unread: Option<String>,
    /// Why the answer of the log is not whole, if so.
    partial: Option<String>,
    /// Where the name belongs, as far as that is in doubt.
    place: Place,
}

impl Chronicle {
    fn of(
        found: Remembered,
        sets: Result<Vec<RecordSet>, Trouble>,
        policy: &Policy,
        name: &HostName,
    ) -> Self {
        let owner = policy.owner.as_str();
        let zones: Vec<ZoneId> = policy.zones.of_name(name).map(|zone| zone.id.clone()).collect();
        let unread = sets.as_ref().err().map(|trouble| trouble.because.clone());
        let sets = sets.unwrap_or_default();
        let unlogged = unlogged(&sets, owner, &found);
        let edited = match (&unread, &found.partial) {
            (None, None) => edited::since(&unlogged, &found.writes, (&zones, &sets), owner),
            _ => Vec::new(),
        };
        let foreign = sets.iter().filter_map(|set| Some((set.record_id(), set.mark()?)));
        let foreign = foreign.filter(|(_, mark)| mark.owner != owner && !mark.is_released());
        let foreign = foreign.map(|(id, mark)| (id, mark.owner)).collect();
        let marks = sets.iter().filter_map(|set| Some((set.record_id(), set.mark_of(owner)?)));
        let holds = marks.filter_map(|(id, mark)| Some(((id, mark.run), mark.hold?))).collect();
        let strays = place::strays(&found.writes, &zones);
        Self {
            place: Place { strays, ..Place::default() },
            logged: found.writes,
            unlogged,
            failed: found.failed,
            holds,
            edited,
            foreign,
            unread,
            partial: found.partial,
        }
    }

    /// All of them, the newest first.
    fn writes(&self) -> Vec<&Past> {
        let mut all: Vec<&Past> = self.unlogged.iter().chain(&self.logged).collect();
        all.sort_by_key(|write| Reverse(write.time));
        all
    }
}

/// One line: since when, how long ago, which type, the addresses, why, in what time it was proved, by which run.
struct Line {
    cells: [String; 7],
    /// Who ran the command, and until when the set is held by it.
    below: String,
}

fn text(
    name: &HostName,
    (told, lacks): (&Chronicle, &Lacks<'_>),
    (all, nobodys): (bool, Option<&str>),
    clock: &Clock,
    screen: &Screen,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    let writes = told.writes();
    for line in told.place.told(name) {
        screen.wrapped(line, 0).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    if writes.is_empty() {
        let words = format!("no write to {name} is in the log, which goes back {PAST_DAYS} days at most");
        screen.wrapped(&words, 0).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        failed::write(name, &told.failed, &told.writes(), clock, screen, out)?;
        lacks.write(clock, screen, out)?;
        let stands = match nobodys {
            Some(because) => Phrase::from(one_line(because)),
            None if told.place.absent.is_some() => return Ok(()),
            None => Phrase::from("how it stands:  ").run(format_args!("plan {name}")),
        };
        return screen.wrapped(stands, 0).iter().try_for_each(|line| writeln!(out, "{line}"));
    }
    for edited in &told.edited {
        screen.wrapped(edited.told(name), 0).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    failed::write(name, &told.failed, &told.writes(), clock, screen, out)?;
    let kind = |write: &Past| (write.zone.kind(), write.record_type);
    let mixed = writes.iter().any(|write| kind(write) != kind(writes[0]));
    let shown = if all { writes.len() } else { writes.len().min(MOST) };
    let writes_of = |time: fn(&Clock, Timestamp) -> String| -> Vec<String> {
        writes[..shown].iter().map(|write| time(clock, write.time)).collect()
    };
    let mut times = writes_of(Clock::day);
    // Two writes of one minute would read as one.
    if times.windows(2).any(|pair| pair[0] == pair[1]) {
        times = writes_of(Clock::second);
    }
    let lines: Vec<Line> =
        writes[..shown].iter().zip(times).map(|(write, time)| line(write, time, told, clock)).collect();
    let since = if clock.is_utc() { "since (UTC)" } else { "since" };
    let head = [since, "age", "type", "address", "why", "proved in", "run"].map(str::to_owned);
    let head = Line { cells: head, below: String::new() };
    let is_kept = |at: usize| mixed || at != 2;
    let widths: Vec<usize> = (0..head.cells.len())
        .map(|at| {
            let cells = lines.iter().chain([&head]).map(|line| line.cells[at].chars().count());
            if is_kept(at) { cells.max().unwrap_or_default() } else { 0 }
        })
        .collect();
    let whole: usize = (0..widths.len()).filter(|at| is_kept(*at)).map(|at| GAP + widths[at]).sum();
    let margin = " ".repeat(GAP);
    let row = |line: &Line, columns: &[usize]| {
        let cells = columns.iter().filter(|at| is_kept(**at));
        let cells: String = cells.map(|&at| format!("{margin}{:1$}", line.cells[at], widths[at])).collect();
        cells.trim_end().to_owned()
    };
    if screen.fits(whole) {
        for line in [&head].into_iter().chain(&lines) {
            writeln!(out, "{}", row(line, &[0, 1, 2, 3, 4, 5, 6]))?;
            below(line, screen, out)?;
        }
    } else {
        for line in &lines {
            let [since, age, kind, address, why, proved, run] = &line.cells;
            let kind = if mixed { format!("{margin}{kind}") } else { String::new() };
            writeln!(out, "{margin}{since}{margin}{age}{kind}{margin}{address}")?;
            let words = format!("{why}; proved in: {proved}; run {run}");
            for line in screen.wrapped(&words, 3 * GAP) {
                writeln!(out, "{line}")?;
            }
            below(line, screen, out)?;
        }
    }
    if shown < writes.len() {
        writeln!(out, "  ... {} more (--all)", writes.len() - shown)?;
    }
    writeln!(out, "{}", totals(&writes))?;
    lacks.write(clock, screen, out)
}

fn below(line: &Line, screen: &Screen, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    if line.below.is_empty() {
        return Ok(());
    }
    screen.wrapped(&line.below, 3 * GAP).into_iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn line(write: &Past, time: String, told: &Chronicle, clock: &Clock) -> Line {
    let address = match join_addresses(&write.to) {
        none if none.is_empty() => "none".to_owned(),
        addresses => addresses,
    };
    let cells = [
        time,
        clock.age(write.time),
        write.record_type.inside(write.zone.kind()).to_owned(),
        address,
        why(write),
        proved(write),
        short_run(&write.run),
    ];
    let by = if write.by.is_empty() { String::new() } else { format!("by {}", one_line(&who(&write.by))) };
    let until = told
        .holds
        .get(&(write.record_id(), write.run.clone()))
        .map(|hold| until(hold, clock))
        .unwrap_or_default();
    let gap = if by.is_empty() || until.is_empty() { "" } else { ", " };
    Line { cells, below: format!("{by}{gap}{until}") }
}

/// Until when a set is held, and why.
fn until(hold: &Hold, clock: &Clock) -> String {
    let until = match hold.until {
        Until::Time(time) => format!("held until {}", clock.dated(time)),
        Until::Forever => "held until somebody lets it go".to_owned(),
        Until::Unreadable => "held until a time that cannot be read".to_owned(),
    };
    let why = if hold.why.is_empty() { String::new() } else { format!(": {}", one_line(&hold.why)) };
    format!("{until}{why}")
}

/// What a program is told of a write.
pub(super) fn write_as_json(write: &Past) -> Value {
    let outcome = if write.is_confirmed { Outcome::Confirmed } else { Outcome::Unconfirmed };
    json!({
        "time": write.time, "zone": write.zone, "record_type": write.record_type, "from": write.from, "to": write.to,
        "cause": write.motive.map(Motive::as_str), "beats": write.beats, "machine": write.machine, "run": write.run,
        "trigger": write.trigger, "by": some(&write.by), "outcome": outcome.as_str(), "recovered": write.is_recovered,
        "proof": some(write.proof.as_str()), "policy": some(&write.policy), "time_to_truth_ms": write.time_to_truth_ms,
    })
}

fn some(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn as_json(name: &HostName, told: &Chronicle) -> Value {
    let all = |writes: &[Past]| writes.iter().map(write_as_json).collect::<Vec<Value>>();
    json!({
        "schema": "heartbeat-dns-history/1", "name": name, "days": PAST_DAYS, "changes": all(&told.logged),
        "unlogged": all(&told.unlogged), "unread": told.unread, "edited": told.edited,
        "foreign": told.foreign.iter().map(owed::foreign_as_json).collect::<Vec<Value>>(),
        "failed": told.failed.iter().map(failed::as_json).collect::<Vec<Value>>(),
    })
}

fn table(told: &Chronicle) -> Listing {
    let columns =
        ["time", "record_type", "from", "to", "cause", "beats", "machine", "run", "by", "proof", "zone"];
    let mut table = Listing::new(&columns);
    for write in told.writes() {
        let told = write_as_json(write);
        let mut row: Vec<Value> = columns.iter().map(|column| told[*column].clone()).collect();
        row[2] = json!(join_addresses(&write.from));
        row[3] = json!(join_addresses(&write.to));
        table.push(row);
    }
    table
}
