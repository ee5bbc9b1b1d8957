//! A report in the four forms of output, and the exit code that it means.

mod after;
mod before;
mod braked;
mod locked;
mod meant;
mod opening;
mod said;
mod text;
mod together;
mod totals;
mod ttl;
mod view;
mod zones;

use std::io::{self, Write};

use serde_json::{Value, json};

use super::failure::Exit;
use super::output::{Format, Listing, write_json};
use pure::domain::{ZoneId, join_addresses};
use pure::plan::report::{Outcome, Report, ReportedChange, Unclaimed};
use pure::plan::{Brake, Reason, Skip};
use pure::story::{self, Line};

pub(super) use locked::{failing, locks, refused};
pub(super) use opening::approved_by;
pub(super) use view::{Follow, View, short, short_run};

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
        Format::Csv | Format::Markdown | Format::Arm => table(report).write(format, &view.screen, out),
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

/// One row for each change, each skip, each name that is in sync and each that nobody claims. A brake has a row where no name
/// has one that it holds.
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
        "zone",
    ]);
    let nothing = Value::Null;
    let is_told = |brake: &Brake| {
        let is_of = |skip: &&Skip| skip.about == Some(brake.about) && brake.names.contains(&skip.name);
        let is_there = |skip: &Skip| brake.zone.is_none() || skip.zone.is_none() || brake.zone == skip.zone;
        report.skips.iter().filter(is_of).any(is_there)
    };
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
                json!(facts.zone.label()),
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
                json!(skip.zone.as_ref().map(ZoneId::label)),
            ],
            Line::Unclaimed(Unclaimed { name, because, .. }) => {
                let mut cells = vec![nothing.clone(); 10];
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
                    json!(right.zone.label()),
                ]
            }
            Line::Orphan(orphan) => {
                let addresses = join_addresses(&orphan.addresses);
                vec![
                    json!(orphan.name),
                    json!(orphan.record_type.as_str()),
                    json!("orphan"),
                    json!(addresses),
                    json!(addresses),
                    json!(orphan.machine),
                    nothing.clone(),
                    nothing.clone(),
                    json!(orphan.because),
                    json!(orphan.zone.label()),
                ]
            }
            Line::Brake(brake) => {
                if is_told(brake) {
                    continue;
                }
                let mut cells = vec![nothing.clone(); 10];
                cells[2] = json!("brake");
                cells[7] = json!(brake.brake.as_str());
                cells[8] = json!(brake.because);
                cells[9] = json!(brake.zone.as_ref().map(ZoneId::label));
                cells
            }
        });
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::screen::Screen;
    use pure::domain::{HostName, RecordId, RecordType, ResourceId, ZoneId};
    use pure::plan::report::{Intent, Trigger, Via};
    use pure::plan::{After, Cause, Change};
    use pure::plan::{Blindness, Plan, Why};

    #[test]
    fn a_brake_has_a_row_where_no_name_has_one_that_it_holds() {
        let shown = |brake: Brake, skips: Vec<Skip>| {
            let plan = Plan { brakes: vec![brake], skips, ..Plan::default() };
            let report = Report::of(plan, "run-1", Trigger::Cli, Intent::Plan, Via::RecordSet);
            let (mut csv, mut markdown) = (Vec::new(), Vec::new());
            table(&report).write(Format::Csv, &Screen::default(), &mut csv).unwrap();
            table(&report).write(Format::Markdown, &Screen::default(), &mut markdown).unwrap();
            (String::from_utf8(csv).unwrap(), String::from_utf8(markdown).unwrap())
        };
        // Nothing was ever swept, and so there is no row that could be held.
        let (csv, markdown) = shown(Brake::blind(&Blindness::NoTagSweep, None, [].into()), Vec::new());
        let row = csv.lines().nth(1).unwrap();
        assert!(row.starts_with(",,brake,,,,,blind,"), "{csv}");
        assert!(row.contains("sweep") && csv.lines().count() == 2, "{csv}");
        assert!(markdown.contains("| brake |") && markdown.contains("| blind |"), "{markdown}");
        // What it holds is told with the name.
        let name = "nas.example.com";
        let why = Why::Blind { cause: Blindness::NoTagSweep };
        let skip = || Skip::without_row(name, RecordType::A, "/m", &why);
        let held = || Brake::blind(&Blindness::NoTagSweep, None, [name.to_owned()].into());
        let (csv, _) = shown(held(), vec![skip()]);
        assert!(!csv.contains(",brake,") && csv.contains(",skip,"), "{csv}");
        // Another cause holds another name, or the same one for another reason.
        let (csv, _) = shown(Brake::blind(&Blindness::NoHeartbeats, None, [].into()), vec![skip()]);
        assert!(csv.contains(",brake,") && csv.contains(",skip,"), "{csv}");
    }

    #[test]
    fn a_run_of_which_one_change_is_not_done_has_failed() {
        let code = |outcome: Outcome| {
            let mut report =
                Report::of(Plan::default(), "run-1", Trigger::Cli, Intent::Apply, Via::RecordSet);
            report.changes = vec![changed(Outcome::Confirmed), changed(outcome)];
            exit_of_apply(&report, 0)
        };
        assert_eq!([Outcome::Confirmed, Outcome::Planned].map(code), [Exit::Fine; 2]);
        let undone = [Outcome::Failed, Outcome::Conflict, Outcome::Unconfirmed, Outcome::Deferred];
        assert_eq!(undone.map(code), [Exit::Failed; 4]);
    }

    fn changed(outcome: Outcome) -> ReportedChange {
        let zone = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com";
        let machine = "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m";
        let id = RecordId {
            zone: ZoneId::parse(zone).unwrap(),
            name: HostName::parse("nas.example.com").unwrap(),
            record_type: RecordType::A,
        };
        let addresses = ["203.0.113.7".parse().unwrap()].into_iter().collect();
        let after = After { addresses, ttl: 60, machine: ResourceId::parse(machine).unwrap() };
        let change = Change { id, before: None, after, cause: Cause::Adopted { beats: None } };
        ReportedChange { outcome, ..ReportedChange::planned(change, Via::RecordSet) }
    }

    #[test]
    fn a_table_has_what_became_of_a_change_and_why() {
        let mut report = Report::of(Plan::default(), "run-1", Trigger::Cli, Intent::Apply, Via::RecordSet);
        report.changes = vec![changed(Outcome::Failed)];
        report.changes[0].detail = Some("a lock".to_owned());
        let mut csv = Vec::new();
        table(&report).write(Format::Csv, &Screen::default(), &mut csv).unwrap();
        let csv = String::from_utf8(csv).unwrap();
        let row = csv.lines().nth(1).unwrap();
        assert!(row.starts_with("nas.example.com,A,adopt,,203.0.113.7,/subscriptions/"), "{csv}");
        assert!(row.ends_with("/machines/m,failed,,a lock,example.com"), "{csv}");
    }
}
