//! Zones that do not exist, each once above all its names.

use std::collections::BTreeSet;

use super::said::sentence;
use super::together::in_a_line;
use super::view::View;
use crate::cli::entry::{Entry, Weight};
use crate::cli::no_zone;
use crate::cli::screen::Colour;
use crate::run::AbsentZone;
use pure::plan::report::Report;
use pure::plan::{Reason, Skip};
use pure::story::Line;

/// Names of a zone that are shown unless all are asked for.
const SHOWN: usize = 8;

/// An entry for each zone that does not exist.
pub(super) fn entries(report: &Report, view: &View<'_>) -> Vec<Entry> {
    let scene = view.scene;
    let deleted = scene.deleted_zones.iter().cloned().map(AbsentZone::Deleted);
    let misnamed = scene.misnamed.iter().map(|(zone, slip)| AbsentZone::Misnamed(zone.clone(), slip.clone()));
    deleted.chain(misnamed).map(|absent| entry(&absent, report, view)).collect()
}

fn entry(absent: &AbsentZone, report: &Report, view: &View<'_>) -> Entry {
    let is_own = |skip: &&Skip| {
        skip.reason == Reason::Blind && view.scene.absent_zone_of(&skip.name) == Some(absent.zone())
    };
    let own = || report.skips.iter().filter(is_own);
    let count = own().map(|skip| skip.name.as_str()).collect::<BTreeSet<_>>().len();
    let mut names: Vec<String> = own().map(in_a_line).collect();
    let hidden = if view.all { 0 } else { names.len().saturating_sub(SHOWN) };
    names.truncate(names.len() - hidden);
    if hidden > 0 {
        names.push(format!("... {hidden} more (--all)"));
    }
    let stay = match count {
        0 => String::new(),
        1 => ", so its name stays as it is".to_owned(),
        count => format!(", so its {count} names stay as they are"),
    };
    let what = match absent {
        AbsentZone::Deleted(_) => no_zone::told(absent),
        // With what was meant it stands at the head, or below.
        AbsentZone::Misnamed(zone, slip) => slip.lacks(zone),
    };
    let title = format!("{what}{stay}");
    Entry {
        below: no_zone::mended(absent),
        listed: names,
        ..sentence('x', Colour::Red, Weight::Failed, &title)
    }
}

/// Whether an entry of a zone says what a line says.
pub(super) fn tells(line: &Line<'_>, view: &View<'_>) -> bool {
    match line {
        Line::Skip(skip) => skip.reason == Reason::Blind && view.scene.absent_zone_of(&skip.name).is_some(),
        Line::Brake(brake) => brake.zone.as_ref().is_some_and(|zone| view.scene.misnamed.contains_key(zone)),
        _ => false,
    }
}
