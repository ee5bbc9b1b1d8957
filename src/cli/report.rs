//! A report in the four forms of output, and the exit code that it means.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::failure::Exit;
use super::output::{Format, Table, write_json};
use pure::domain::join_addresses;
use pure::plan::report::{Outcome, Proof, Report, ReportedChange};
use pure::plan::{Reason, Skip};
use pure::shown::shown;

/// Prints a report.
pub(super) fn write(report: &Report, format: Format, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    match format {
        Format::Text => text(report, out),
        Format::Json => write_json(report, out),
        Format::Csv | Format::Markdown => table(report).write(format, out),
    }
}

/// Whether a brake holds anything.
pub(super) fn is_held(report: &Report) -> bool {
    let held = |skip: &Skip| matches!(skip.reason, Reason::Braked | Reason::Blind);
    !report.brakes.is_empty() || report.skips.iter().any(held)
}

/// The exit code of a run that wrote.
pub(super) fn exit_of_apply(report: &Report, troubles: usize) -> Exit {
    let done = |change: &ReportedChange| matches!(change.outcome, Outcome::Confirmed | Outcome::Planned);
    if troubles > 0 || !report.changes.iter().all(done) {
        Exit::Failed
    } else if !report.unclaimed.is_empty() {
        Exit::Usage
    } else if is_held(report) {
        Exit::Held
    } else {
        Exit::Fine
    }
}

fn text(report: &Report, out: &mut (impl Write + ?Sized)) -> io::Result<()> {
    writeln!(out, "{}: {}", report.result.as_str(), report.summary)?;
    if !report.unclaimed.is_empty() {
        writeln!(out, "\nclaimed by nobody")?;
        for unclaimed in &report.unclaimed {
            writeln!(out, "  {}", shown(&unclaimed.because))?;
        }
    }
    if !report.changes.is_empty() {
        let mut changes = Table::new(&["name", "type", "action", "from", "to", "machine", "outcome"]);
        for reported in &report.changes {
            let change = &reported.change;
            changes.push(vec![
                json!(change.id.name),
                json!(change.id.record_type.as_str()),
                json!(if change.cause.adopts() { "adopt" } else { change.action().as_str() }),
                json!(join_addresses(&change.from())),
                json!(join_addresses(change.to())),
                json!(machines(reported)),
                json!(outcome(reported)),
            ]);
        }
        writeln!(out)?;
        changes.write(Format::Text, out)?;
    }
    if !report.brakes.is_empty() {
        writeln!(out, "\nheld by brakes")?;
        for brake in &report.brakes {
            let zone =
                brake.zone.as_ref().map(|zone| format!(" in {}", zone.zone_name())).unwrap_or_default();
            writeln!(out, "  {}{zone}: {}", brake.brake.as_str(), shown(&brake.because))?;
            for name in &brake.names {
                writeln!(out, "    {}", shown(name))?;
            }
        }
    }
    let skips: Vec<_> = report.skips.iter().filter(|skip| !report.is_told_by_a_brake(skip)).collect();
    if !skips.is_empty() {
        writeln!(out, "\nleft as they are")?;
        for skip in skips {
            let (name, because) = (shown(&skip.name), shown(&skip.because));
            writeln!(out, "  {name} {} {}: {because}", skip.record_type, skip.reason)?;
        }
    }
    writeln!(out, "\ndigest {}", report.digest)
}

fn machines(reported: &ReportedChange) -> String {
    let machine = reported.change.after.machine.name();
    match reported.change.cause.witnesses().count() {
        0 => machine.to_owned(),
        others => format!("{machine} and {others} more"),
    }
}

fn outcome(reported: &ReportedChange) -> String {
    let proof = match reported.proved_by {
        Some(Proof::Dns) => ", proved by DNS",
        Some(Proof::Arm) => ", by Azure's word",
        None => "",
    };
    let detail = reported.detail.as_ref().map(|detail| format!(": {detail}")).unwrap_or_default();
    format!("{}{proof}{detail}", reported.outcome.as_str())
}

/// One row for each change, for each skip and for each name that nobody claims.
fn table(report: &Report) -> Table {
    let mut table = Table::new(&[
        "name",
        "record_type",
        "action",
        "from",
        "to",
        "machine",
        "outcome",
        "reason",
        "because",
    ]);
    for reported in &report.changes {
        let change = &reported.change;
        table.push(vec![
            json!(change.id.name),
            json!(change.id.record_type.as_str()),
            json!(change.action().as_str()),
            json!(join_addresses(&change.from())),
            json!(join_addresses(change.to())),
            json!(change.after.machine.as_str()),
            json!(reported.outcome.as_str()),
            Value::Null,
            json!(reported.detail),
        ]);
    }
    for skip in &report.skips {
        let (present, reported) =
            skip.seen.as_ref().map_or(("", ""), |seen| (seen.present.as_str(), seen.reported.as_str()));
        table.push(vec![
            json!(skip.name),
            json!(skip.record_type.as_str()),
            json!("skip"),
            json!(present),
            json!(reported),
            json!(skip.machine),
            Value::Null,
            json!(skip.reason.as_str()),
            json!(skip.because),
        ]);
    }
    for unclaimed in &report.unclaimed {
        let nothing = || Value::Null;
        table.push(vec![
            json!(unclaimed.name),
            nothing(),
            json!("unclaimed"),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            nothing(),
            json!(unclaimed.because),
        ]);
    }
    table
}
