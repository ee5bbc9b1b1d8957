//! `heartbeat-dns history`: what one name pointed at, since when, why, by which run, and what proved it.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::clock::{Clock, measured};
use super::failure::{Exit, Failure};
use super::global::Global;
use super::output::{Format, Listing, to_stdout, write_json};
use super::phrase::Phrase;
use super::progress::Spinner;
use super::report::short_run;
use super::screen::Screen;
use super::session;
use crate::config::Variables;
use crate::queries::{Past, Proved};
use crate::run::{PAST_DAYS, Remembered, remembered};
use pure::domain::{HostName, join_addresses};
use pure::plan::report::{Outcome, Proof};
use pure::plan::{AdoptedBy, Motive};
use pure::shown::one_line;

const EXAMPLES: &str = "\
Each line is a write that landed, the newest first: since when the name holds these addresses, why it was written, how \
long after the first heartbeat at the new address all name servers of the zone said so, and which run did it. It comes \
out of the table DNSChange_CL, as far back as the workspace keeps its rows and 90 days at most; parameter \
retentionInDays of main.bicep says how long that is. Nothing is written, and neither DNS nor the machine is asked.

  moved              heartbeats said that the machine is somewhere else
  created            there was no record set
  adopted by hand    somebody ran `heartbeat-dns adopt`
  adopted, seen      the set had no mark of ours, and its addresses were the machine's own
  adopted, listed    the same, and its name stands in POLICY_NAMES
  adopted, always    the same, and POLICY_ADOPT is always
  rolled back        somebody ran `heartbeat-dns rollback`
  told by its mark   the run was killed; a later one found its mark in the set
  updated            the row is older than the column that says why

Examples:
  heartbeat-dns history nas.home.example.com
  heartbeat-dns history nas.home.example.com --local
  heartbeat-dns history nas.home.example.com -o json";

/// Lines that are shown unless all are asked for.
const MOST: usize = 50;
/// Blanks before a line, and between two columns.
const GAP: usize = 2;
/// Within so many milliseconds a change is to be true.
const SOON: u64 = 5 * 60 * 1000;

/// Whose history.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The name
    name: String,
    /// Show all lines, however many; without it the newest 50
    #[arg(long)]
    all: bool,
}

pub(super) async fn run(options: &Options, global: &Global, variables: &Variables) -> Result<Exit, Failure> {
    let installation = session::installation(variables)?;
    let name = session::name(&options.name)?;
    let azure = installation.clients.until(session::deadline(&installation))?;
    let progress = Spinner::start("asking the log");
    let found = remembered(&installation, &azure, &name).await;
    drop(progress);
    let found = found.map_err(session::unreachable)?;
    let clock = Clock::of(global.zone());
    to_stdout(|out| match global.output {
        Format::Text => {
            text(&name, &found, options.all, &clock, &Screen::of_stdout(global.env_file.as_deref()), out)
        }
        Format::Json => write_json(&as_json(&name, &found), out),
        form @ (Format::Csv | Format::Markdown) => {
            table(&found).write(form, &Screen::of_stdout(global.env_file.as_deref()), out)
        }
    })?;
    match found.partial {
        Some(why) => Err(Failure::from(anyhow::anyhow!("the answer is not whole: {why}"))
            .hint("lines may be missing above; ask again")),
        None => Ok(Exit::Fine),
    }
}

/// One line: since when, which type, the addresses, why, after how long it was proved, by which run.
struct Line {
    cells: [String; 6],
    /// Who ran the command.
    by: String,
}

fn text(
    name: &HostName,
    found: &Remembered,
    all: bool,
    clock: &Clock,
    screen: &Screen,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    let writes = &found.writes;
    if writes.is_empty() {
        let words = format!("no write to {name} is in the log, which goes back {PAST_DAYS} days at most");
        screen.wrapped(&words, 0).iter().try_for_each(|line| writeln!(out, "{line}"))?;
        let stands = Phrase::from("how it stands:  ").run(format_args!("plan {name}"));
        return screen.wrapped(stands, 0).iter().try_for_each(|line| writeln!(out, "{line}"));
    }
    let mixed = writes.iter().any(|write| write.record_type != writes[0].record_type);
    let shown = if all { writes.len() } else { writes.len().min(MOST) };
    let lines: Vec<Line> = writes[..shown].iter().map(|write| line(write, clock)).collect();
    let since = if clock.is_utc() { "since (UTC)" } else { "since" };
    let head = [since, "type", "address", "why", "proved after", "run"].map(str::to_owned);
    let head = Line { cells: head, by: String::new() };
    let is_kept = |at: usize| mixed || at != 1;
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
            writeln!(out, "{}", row(line, &[0, 1, 2, 3, 4, 5]))?;
            below(line, screen, out)?;
        }
    } else {
        for line in &lines {
            let [since, kind, address, why, proved, run] = &line.cells;
            let kind = if mixed { format!("{margin}{kind}") } else { String::new() };
            writeln!(out, "{margin}{since}{kind}{margin}{address}")?;
            let words = format!("{why}; proved after: {proved}; run {run}");
            for line in screen.wrapped(&words, 3 * GAP) {
                writeln!(out, "{line}")?;
            }
            below(line, screen, out)?;
        }
    }
    if shown < writes.len() {
        writeln!(out, "  ... {} more (--all)", writes.len() - shown)?;
    }
    writeln!(out, "{}", totals(writes))
}

fn below(line: &Line, screen: &Screen, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    if line.by.is_empty() {
        return Ok(());
    }
    let words = format!("by {}", line.by);
    screen.wrapped(&words, 3 * GAP).into_iter().try_for_each(|line| writeln!(out, "{line}"))
}

fn line(write: &Past, clock: &Clock) -> Line {
    let address = match join_addresses(&write.to) {
        none if none.is_empty() => "none".to_owned(),
        addresses => addresses,
    };
    let cells = [
        clock.day(write.time),
        write.record_type.to_string(),
        address,
        why(write),
        proved(write),
        short_run(&write.run),
    ];
    Line { cells, by: one_line(&write.by) }
}

/// Why it was written, in few words.
pub(super) fn why(write: &Past) -> String {
    let word = match write.motive {
        _ if write.is_recovered => return "told by its mark".to_owned(),
        Some(Motive::Adopted(AdoptedBy::Hand)) => return "adopted by hand".to_owned(),
        Some(Motive::Adopted(AdoptedBy::Seen)) => return "adopted, seen".to_owned(),
        Some(Motive::Adopted(AdoptedBy::Listed)) => return "adopted, listed".to_owned(),
        Some(Motive::Adopted(AdoptedBy::Always)) => return "adopted, always".to_owned(),
        Some(Motive::RolledBack) if write.to.is_empty() => return "rolled back, deleted".to_owned(),
        Some(Motive::Released) if write.to.is_empty() => return "released, deleted".to_owned(),
        Some(Motive::RolledBack) => return "rolled back".to_owned(),
        Some(Motive::Released) => return "released".to_owned(),
        Some(Motive::Orphaned) => return "claimed by nobody".to_owned(),
        Some(Motive::Created) => "created",
        Some(Motive::Moved) => "moved",
        Some(Motive::Approved) => "approved",
        Some(Motive::Held) => "held",
        Some(Motive::LetGo) => "let go",
        None => "updated",
    };
    match write.beats {
        None => word.to_owned(),
        Some(1) => format!("{word}, 1 beat"),
        Some(beats) => format!("{word}, {beats} beats"),
    }
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
        (false, _, _) => "not known".to_owned(),
        (_, Proved::By(Proof::Arm), _) => "Azure's word".to_owned(),
        (_, Proved::No, _) => "not proved".to_owned(),
        (_, Proved::By(Proof::Dns) | Proved::Untold, Some(took)) => measured(took),
        (_, Proved::By(Proof::Dns), None) if is_by_hand(write) => "–".to_owned(),
        (_, Proved::By(Proof::Dns), None) => "by DNS".to_owned(),
        (_, Proved::Untold, None) => "–".to_owned(),
    }
}

fn totals(writes: &[Past]) -> String {
    let changes = if writes.len() == 1 { "change" } else { "changes" };
    let took: Vec<u64> = writes.iter().filter_map(took).collect();
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

fn as_json(name: &HostName, found: &Remembered) -> Value {
    let changes: Vec<Value> = found.writes.iter().map(write_as_json).collect();
    json!({ "schema": "heartbeat-dns-history/1", "name": name, "days": PAST_DAYS, "changes": changes })
}

fn table(found: &Remembered) -> Listing {
    let columns = ["time", "record_type", "from", "to", "cause", "beats", "machine", "run", "by", "proof"];
    let mut table = Listing::new(&columns);
    for write in &found.writes {
        let told = write_as_json(write);
        let mut row: Vec<Value> = columns.iter().map(|column| told[*column].clone()).collect();
        row[2] = json!(join_addresses(&write.from));
        row[3] = json!(join_addresses(&write.to));
        table.push(row);
    }
    table
}
