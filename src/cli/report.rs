//! A report in the four forms of output, and the exit code that it means.

mod said;
mod text;
mod view;

use std::io::{self, Write};

use serde_json::{Value, json};

use super::failure::Exit;
use super::output::{Format, Listing, write_json};
use pure::domain::join_addresses;
use pure::plan::report::{Outcome, Report, ReportedChange, Unclaimed};
use pure::plan::{Reason, Skip};
use pure::story::{self, Line};

pub(super) use view::View;

/// Prints a report.
pub(super) fn write(
    report: &Report,
    format: Format,
    view: &View<'_>,
    out: &mut (impl Write + ?Sized),
) -> io::Result<()> {
    match format {
        Format::Text => text::write(report, view, out),
        Format::Json => write_json(report, out),
        Format::Csv | Format::Markdown => table(report).write(format, &view.screen, out),
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

/// One row for each change, each skip, each name that is in sync and each that nobody claims. A brake has no row: its names have.
fn table(report: &Report) -> Listing {
    let mut table = Listing::new(&[
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
    let nothing = Value::Null;
    for line in story::whole(report) {
        table.push(match line {
            Line::Change(facts) => vec![
                json!(facts.name),
                json!(facts.record_type.as_str()),
                json!(facts.action.as_str()),
                json!(facts.from),
                json!(facts.to),
                json!(facts.machine.as_str()),
                json!(facts.outcome.as_str()),
                nothing.clone(),
                json!(facts.detail),
            ],
            Line::Skip(skip) => vec![
                json!(skip.name),
                json!(skip.record_type.as_str()),
                json!("skip"),
                json!(skip.seen.as_ref().map(|seen| &seen.present)),
                json!(skip.seen.as_ref().map(|seen| &seen.reported)),
                json!(skip.machine),
                nothing.clone(),
                json!(skip.reason.as_str()),
                json!(skip.because),
            ],
            Line::Unclaimed(Unclaimed { name, because }) => {
                let mut cells = vec![nothing.clone(); 9];
                cells[0] = json!(name);
                cells[2] = json!("unclaimed");
                cells[8] = json!(because);
                cells
            }
            Line::Right(right) => {
                let addresses = join_addresses(&right.addresses);
                vec![
                    json!(right.name),
                    json!(right.record_type.as_str()),
                    json!("none"),
                    json!(addresses),
                    json!(addresses),
                    json!(right.machine.as_str()),
                    json!("in-sync"),
                    nothing.clone(),
                    nothing.clone(),
                ]
            }
            Line::Brake(_) => continue,
        });
    }
    table
}
