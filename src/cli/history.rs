//! `heartbeat-dns history`: what one name pointed at, since when, why, by which run, and what proved it.

mod edited;
mod failed;
mod nobodys;
mod why;

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::clock::{Clock, measured};
use super::failure::{Exit, Failure};
use super::global::Global;
use super::one_side::OneSide;
use super::output::{Format, Listing, to_stdout, write_json};
use super::phrase::Phrase;
use super::progress::Spinner;
use super::report::short_run;
use super::screen::Screen;
use super::session;
use crate::config::Variables;
use crate::queries::{FailedTry, Past, Proved};
use crate::run::{PAST_DAYS, Remembered, Trouble, remembered, sets_of, unlogged};
use edited::Edited;
use nobodys::nobodys;
use pure::domain::{Hold, HostName, RecordId, RecordSet, Until, join_addresses, who};
use pure::plan::report::{Outcome, Proof};
use pure::plan::{AdoptedBy, Motive};
use pure::shown::{brief, one_line};
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
/// A mark that is older is owed no row any more.
const OWED: SignedDuration = SignedDuration::from_hours(24);
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
    let told = Chronicle::of(found, sets, &installation.settings.policy.owner);
    // Of a name that was never written it matters whether it is one at all.
    let nobodys = match told.writes().is_empty() {
        true => nobodys(&installation, &asked).await,
        false => None,
    };
    let screen = Screen::of_stdout(global.env_file.as_deref());
    to_stdout(|out| match global.output {
        Format::Text => text(&name, &told, (options.all, nobodys.as_deref()), &clock, &screen, out),
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
    /// Why its sets could not be read, if so.
    unread: Option<String>,
    /// Why the answer of the log is not whole, if so.
    partial: Option<String>,
}

impl Chronicle {
    fn of(found: Remembered, sets: Result<Vec<RecordSet>, Trouble>, owner: &str) -> Self {
        let unread = sets.as_ref().err().map(|trouble| trouble.because.clone());
        let sets = sets.unwrap_or_default();
        let unlogged = unlogged(&sets, owner, &found);
        let edited = match (&unread, &found.partial) {
            (None, None) => edited::since(&unlogged, &found.writes, &sets, owner),
            _ => Vec::new(),
        };
        let marks = sets.iter().filter_map(|set| Some((set.record_id(), set.mark_of(owner)?)));
        let holds = marks.filter_map(|(id, mark)| Some(((id, mark.run), mark.hold?))).collect();
        Self {
            logged: found.writes,
            unlogged,
            failed: found.failed,
            holds,
            edited,
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
    told: &Chronicle,
    (all, nobodys): (bool, Option<&str>),
    clock: &Clock,
    screen: &Screen,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    let writes = told.writes();
    if writes.is_empty() {
        let words = format!("no write to {name} is in the log, which goes back {PAST_DAYS} days at most");
        screen.wrapped(&words, 0).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        failed::write(name, &told.failed, &told.writes(), clock, screen, out)?;
        not_in_the_log(told, clock, screen, out)?;
        let stands = match nobodys {
            Some(because) => Phrase::from(one_line(because)),
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
    not_in_the_log(told, clock, screen, out)
}

/// What the log does not know, and what could not be read beside it.
fn not_in_the_log(
    told: &Chronicle,
    clock: &Clock,
    screen: &Screen,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    let unlogged = told.unlogged.iter().map(|write| {
        let (run, kind) = (short_run(&write.run), write.record_type.inside(write.zone.kind()));
        let what = format!("the log does not know run {run}, whose mark stands in the {kind} set");
        match clock.now.duration_since(write.time) < OWED {
            true => format!(
                "{what}: its row is on its way, or the run was broken off; a run that comes ten minutes after the write \
                 or later, and after a sweep, tells the log"
            ),
            false => format!("{what}: the row is older than the log, or was lost"),
        }
    });
    let unread = told.unread.iter().map(|because| {
        let because = brief(&one_line(because));
        format!("whether its record sets carry marks that the log does not know is not known: {because}")
    });
    for words in unlogged.chain(unread) {
        screen.wrapped(&words, 0).iter().try_for_each(|line| writeln!(out, "{line}"))?;
    }
    Ok(())
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

/// Whether it came when a person had time for it, so that how old the first heartbeat was says nothing.
fn is_by_hand(write: &Past) -> bool {
    write.motive == Some(Motive::Adopted(AdoptedBy::Hand))
}

/// How long the truth took, where that says how quick a run was.
fn took(write: &Past) -> Option<u64> {
    write.time_to_truth_ms.filter(|_| !is_by_hand(write))
}

/// After how long the zone's name servers said so; else what is known instead.
fn proved(write: &Past) -> String {
    match (write.is_confirmed, write.proof, took(write)) {
        (true, _, _) if write.is_of_the_mark() => "–".to_owned(),
        (false, _, _) => "not known".to_owned(),
        (_, Proved::By(Proof::Arm), _) => "Azure's word".to_owned(),
        (_, Proved::No, _) => "not proved".to_owned(),
        (_, Proved::By(Proof::Dns) | Proved::Untold, Some(took)) => measured(took),
        (_, Proved::By(Proof::Dns), None) if is_by_hand(write) => "–".to_owned(),
        (_, Proved::By(Proof::Dns), None) => "by DNS".to_owned(),
        (_, Proved::Untold, None) => "–".to_owned(),
    }
}

fn totals(writes: &[&Past]) -> String {
    let changes = if writes.len() == 1 { "change" } else { "changes" };
    let took: Vec<u64> = writes.iter().filter_map(|write| took(write)).collect();
    let soon = took.iter().filter(|took| **took <= SOON).count();
    let soon = match took.len() {
        0 => String::new(),
        known => format!("; true within 5 minutes: {soon} of {known}"),
    };
    format!("{} {changes} in {PAST_DAYS} days at most{soon}", writes.len())
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
