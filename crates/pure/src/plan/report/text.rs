//! The report as text, for people.

use std::fmt;

use crate::domain::join_addresses;
use crate::plan::skip::Skip;
use crate::plan::words::list;
use crate::shown::{one_line, shown};

use super::{Outcome, Proof, Report, ReportedChange, Summary};

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.result.as_str(), self.summary)?;
        section(f, "claimed by nobody", &self.unclaimed, |f, unclaimed| {
            f.write_str(&one_line(&unclaimed.because))
        })?;
        let rows: Vec<[String; 4]> = self.changes.iter().map(row).collect();
        section(f, "changes", &rows, |f, row| row.iter().try_for_each(|cell| write!(f, "{cell}")))?;
        let width = self.brakes.iter().map(|brake| brake.brake.as_str().len()).max().unwrap_or_default();
        section(f, "brakes", &self.brakes, |f, brake| {
            let names: Vec<&str> = brake.names.iter().map(String::as_str).collect();
            write!(f, "{:width$}  {}", brake.brake.as_str(), one_line(&brake.because))?;
            if names.is_empty() { Ok(()) } else { write!(f, " Holds {}.", list(&names)) }
        })?;
        let width = self.skips.iter().map(|skip| skip.reason.as_str().len()).max().unwrap_or_default();
        let skips: Vec<_> = self.skips.iter().filter(|skip| !self.is_told_by_a_brake(skip)).collect();
        section(f, "skips", &skips, |f, skip| {
            let Skip { record_type, reason, because, .. } = *skip;
            let (name, because) = (shown(&skip.name), one_line(because));
            write!(f, "{:width$}  {name} {record_type}: {because}", reason.as_str())
        })?;
        writeln!(f, "\ndigest {}", self.digest)
    }
}

impl Report {
    /// The first change that went wrong, and how many more did; none when none did.
    #[must_use]
    pub fn first_failure(&self) -> Option<String> {
        let went_wrong = |change: &&ReportedChange| {
            matches!(change.outcome, Outcome::Failed | Outcome::Conflict | Outcome::Unconfirmed)
        };
        let mut failed = self.changes.iter().filter(went_wrong);
        let first = failed.next()?;
        let outcome = match first.outcome {
            Outcome::Conflict => "met a conflict",
            Outcome::Unconfirmed => "could not be confirmed",
            _ => "failed",
        };
        let (name, record_type) = (&first.change.id.name, first.change.id.record_type);
        let detail = first.detail.as_deref().map(|detail| detail.trim_end_matches('.'));
        let detail = detail.map(|detail| format!(": {detail}")).unwrap_or_default();
        let more = match failed.count() {
            0 => String::new(),
            1 => "; 1 more change went wrong".to_owned(),
            more => format!("; {more} more changes went wrong"),
        };
        Some(format!("the change of {name} {record_type} {outcome}{detail}{more}"))
    }
}

fn section<T>(
    f: &mut fmt::Formatter<'_>,
    title: &str,
    items: &[T],
    line: impl Fn(&mut fmt::Formatter<'_>, &T) -> fmt::Result,
) -> fmt::Result {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(f, "\n{title}")?;
    for item in items {
        f.write_str("  ")?;
        line(f, item)?;
        writeln!(f)?;
    }
    Ok(())
}

fn row(reported: &ReportedChange) -> [String; 4] {
    let ReportedChange { change, outcome, .. } = reported;
    let from = if change.from().is_empty() { "nothing".to_owned() } else { join_addresses(&change.from()) };
    let witnesses = match change.cause.witnesses().count() {
        0 => String::new(),
        others => format!(" and {others} more"),
    };
    let proof = match reported.proved_by {
        Some(Proof::Dns) => ", proved by DNS",
        Some(Proof::Arm) => ", by Azure's word",
        None => "",
    };
    let on_one_line = |detail: &String| format!(": {}", one_line(detail));
    let detail = reported.detail.as_ref().map(on_one_line).unwrap_or_default();
    [
        format!("{} {}", change.action().as_str(), change.id),
        format!("  {from} -> {}", join_addresses(change.to())),
        format!(
            "  ({}{witnesses}{})",
            change.after.machine.name(),
            if change.cause.adopts() { ", adopted" } else { "" }
        ),
        format!("  {}{proof}{detail}", outcome.as_str()),
    ]
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plural = |count: u64| if count == 1 { "" } else { "s" };
        let skips: u64 = self.skips.values().sum();
        write!(f, "{} change{}, {skips} skip{}", self.changes, plural(self.changes), plural(skips))?;
        if let Some(in_sync) = self.in_sync {
            write!(f, ", {in_sync} in sync")?;
        }
        if let Some(unknown) = self.unknown.filter(|unknown| *unknown > 0) {
            write!(f, ", {unknown} not swept yet")?;
        }
        if let Some(silent) = self.silent {
            write!(f, ", {silent} silent machine{}", plural(silent))?;
        }
        Ok(())
    }
}
