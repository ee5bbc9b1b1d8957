//! The last line of a report for people: how much was done, what was not, and how the other names stand.

use std::collections::BTreeMap;

use super::view::View;
use pure::domain::{HostName, ZoneId};
use pure::plan::report::{Intent, Outcome, Proof, Report, ReportedChange};
use pure::plan::{Action, Brake, Reckoned, Reckoning};

/// How much was done or is to be done, what was not, and how the other names stand; each name counts once.
pub(super) fn of(report: &Report, view: &View<'_>) -> Vec<(usize, String)> {
    let reckoning = Reckoning::of(report, &view.scene.in_sync, &view.scene.unswept);
    let count = |reckoned: Reckoned| reckoning.count(reckoned) as u64;
    let beside = beside(report, view);
    let unseen = unseen(report, view, &reckoning);
    // Beside names of which nothing is known, nobody knows that there are none of a kind.
    let is_whole = unseen.is_none();
    let changed = |changes: &[ReportedChange]| match report.mode {
        Intent::Plan => to_do(changes, is_whole),
        _ => done(changes, beside.is_empty()),
    };
    let mut parts = changed(&report.changes);
    let left = count(Reckoned::Left);
    let stands = if left == 1 { "left as it is" } else { "left as they are" };
    let mut add = |count: u64, words: &str, always: bool| {
        if always || count > 0 {
            parts.push(format!("{count} {words}"));
        }
    };
    add(count(Reckoned::Held), "held", false);
    add(left, stands, is_whole);
    add(count(Reckoned::RightAlready), "right already", false);
    let summary = &report.summary;
    add(count(Reckoned::InSync), "in sync", summary.in_sync.is_some());
    add(count(Reckoned::Unswept), "not swept yet", false);
    add(count(Reckoned::Silent), "silent", summary.silent.is_some());
    add(summary.orphans.unwrap_or_default(), "claimed by nobody", false);
    parts.extend(unseen);
    let mut zones: BTreeMap<&ZoneId, Vec<ReportedChange>> = BTreeMap::new();
    for change in &report.changes {
        zones.entry(&change.change.id.zone).or_default().push(change.clone());
    }
    let by_zone = zones
        .iter()
        .filter(|_| zones.len() > 1)
        .map(|(zone, changes)| (2, format!("{}: {}", zone.in_words(), changed(changes).join(", "))));
    parts.extend(beside.iter().map(|&words| words.to_owned()));
    std::iter::once((0, parts.join(", "))).chain(by_zone).collect()
}

/// Under a lost right the names that could not be looked at; none where all were.
fn unseen(report: &Report, view: &View<'_>, reckoning: &Reckoning) -> Option<String> {
    let is_of_all = view.scene.names.is_empty() && report.mode == Intent::Plan;
    if !is_of_all || !report.brakes.iter().any(Brake::is_of_a_lost_right) {
        return None;
    }
    let seen = reckoning.names() as u64;
    Some(match view.scene.claimed.map(|claimed| claimed.saturating_sub(seen)) {
        None => "how many others there are is not known".to_owned(),
        Some(0) => return None,
        Some(count) => format!("{count} not known, for want of that right"),
    })
}

/// What is to be done, by names; where some of them have two record sets, of these it is told how many there are. That nothing
/// is to be updated or created is said where all names are known.
fn to_do(changes: &[ReportedChange], is_whole: bool) -> Vec<String> {
    let mut names: BTreeMap<&HostName, Action> = BTreeMap::new();
    for reported in changes {
        names.entry(&reported.change.id.name).or_insert(reported.change.action());
    }
    let count = |action: Action| names.values().filter(|own| **own == action).count();
    let mut parts = Vec::new();
    for (action, words) in [
        (Action::Update, "to update"),
        (Action::Create, "to create"),
        (Action::Adopt, "to adopt"),
        (Action::Hold, "to hold"),
        (Action::Unhold, "to let go"),
        (Action::Release, "to release"),
        (Action::Delete, "to delete"),
    ] {
        let is_always = is_whole && matches!(action, Action::Update | Action::Create);
        if is_always || count(action) > 0 {
            parts.push(format!("{} {words}", count(action)));
        }
    }
    if let Some(last) = parts.last_mut().filter(|_| names.len() < changes.len()) {
        last.push_str(&format!(" ({} record sets in all)", changes.len()));
    }
    parts
}

/// What makes a run that wrote a failure although each of its changes may have been made.
fn beside(report: &Report, view: &View<'_>) -> Vec<&'static str> {
    let found = [
        (view.scene.is_untold, "not all rows sent to the log"),
        (view.scene.is_troubled, "not all read that it rests on"),
        (report.is_refused(), "not all done that was asked for"),
    ];
    let wrote = report.mode != Intent::Plan;
    found.into_iter().filter(|(is_so, _)| wrote && *is_so).map(|(_, words)| words).collect()
}

/// What became of changes. That none failed is said where it is all that could have failed: beside an exit code that says
/// otherwise nobody would believe it.
fn done(changes: &[ReportedChange], is_all: bool) -> Vec<String> {
    let count = |wanted: &dyn Fn(&&ReportedChange) -> bool| changes.iter().filter(wanted).count();
    let of = |outcome: Outcome| count(&|change| change.outcome == outcome);
    let proved = |proof: Option<Proof>| {
        count(&|change| change.outcome == Outcome::Confirmed && change.proved_by == proof)
    };
    let mut parts = vec![format!("{} written and true", proved(Some(Proof::Dns)))];
    for (count, words) in [
        (proved(Some(Proof::Arm)), "written, by Azure's word"),
        (proved(None), "written, not proved yet"),
        (of(Outcome::Unconfirmed), "not confirmed"),
        (of(Outcome::Conflict), "changed by somebody else"),
        (of(Outcome::Planned), "only planned"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {words}"));
        }
    }
    let failed = of(Outcome::Failed);
    if is_all || failed > 0 {
        parts.push(format!("{failed} failed"));
    }
    parts.push(format!("{} left for the next run", of(Outcome::Deferred)));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_nothing_failed_is_said_where_no_more_could_have_failed_than_the_changes() {
        assert_eq!(done(&[], true), ["0 written and true", "0 failed", "0 left for the next run"]);
        assert_eq!(done(&[], false), ["0 written and true", "0 left for the next run"]);
    }
}
