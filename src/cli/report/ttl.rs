//! How long others may keep what a record set says: what a plan shows of it, and what a long time costs after a move.

use std::collections::BTreeMap;

use jiff::SignedDuration;

use super::view::View;
use pure::plan::report::{Intent, Report};
use pure::plan::{Action, Change, span};

/// Seconds beyond which it costs something: the log and the evaluation of the rule take about as long.
const LONG: u32 = 300;
/// Names that are told.
const NAMES: usize = 3;

/// The time to live of a set that is to be written, and the one that it had.
pub(super) fn step(change: &Change) -> String {
    match (change.lowered_ttl(), change.ttl_before()) {
        (Some(after), Some(before)) => format!("ttl {before} -> {after}"),
        _ => format!("ttl {}", change.after.ttl),
    }
}

/// How long the old address is told by those who keep it, of the sets of a plan that stay or become ours; none where that is
/// not worth a word.
pub(super) fn cost(report: &Report, view: &View<'_>) -> Option<String> {
    if report.mode != Intent::Plan {
        return None;
    }
    let is_kept =
        |change: &&Change| matches!(change.action(), Action::Create | Action::Update | Action::Adopt);
    let changes = report.changes.iter().map(|reported| &reported.change).filter(is_kept);
    // What stands there now is what others keep.
    let written = changes.map(|change| {
        (&change.id.name, change.ttl_before().unwrap_or(change.after.ttl), change.lowered_ttl().is_some())
    });
    let right = report.right.iter().filter_map(|right| Some((&right.name, right.ttl?, false)));
    let long: BTreeMap<_, _> = written
        .chain(right)
        .filter(|(_, ttl, _)| *ttl > LONG)
        .map(|(name, ttl, is_lowered)| (name, (ttl, is_lowered)))
        .collect();
    let longest = long.values().map(|(ttl, _)| *ttl).max()?;
    let mut names: Vec<String> =
        long.iter().take(NAMES).map(|(name, (ttl, _))| format!("{name} (ttl {ttl})")).collect();
    if long.len() > NAMES {
        names.push(format!("{} more", long.len() - NAMES));
    }
    let time = span(SignedDuration::from_secs(longest.into()));
    let end = if long.values().all(|(_, is_lowered)| *is_lowered) {
        "; with this write it is the last time".to_owned()
    } else {
        match view.scene.ttl_max {
            Some(most) if most < longest => format!("; our next write of them lowers that to {most} s"),
            // Somebody has decided that so long is well.
            Some(_) => String::new(),
            None => format!("; POLICY_TTL_MAX={LONG} lowers that with our next write of them"),
        }
    };
    Some(format!(
        "after a move resolvers may give the old address for up to {time}: {}{end}",
        names.join(", ")
    ))
}
