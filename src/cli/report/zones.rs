//! Zones that do not exist, each once above all its names.

use super::said::sentence;
use super::together::in_a_line;
use super::view::View;
use crate::cli::entry::{Entry, Weight};
use crate::cli::no_zone;
use crate::cli::screen::Colour;
use pure::plan::report::Report;
use pure::plan::{Reason, Skip};
use pure::story::Line;

/// Names of a zone that are shown unless all are asked for.
const SHOWN: usize = 8;

/// An entry for each zone that does not exist.
pub(super) fn entries(report: &Report, view: &View<'_>) -> Vec<Entry> {
    let scene = view.scene;
    let deleted = scene.deleted_zones.iter().map(|zone| {
        let is_own =
            |skip: &&Skip| skip.reason == Reason::Blind && scene.deleted_zone_of(&skip.name) == Some(zone);
        let own = report.skips.iter().filter(is_own);
        let mut names: Vec<String> = own.map(in_a_line).collect();
        let count = names.len();
        let hidden = if view.all { 0 } else { count.saturating_sub(SHOWN) };
        names.truncate(count - hidden);
        if hidden > 0 {
            names.push(format!("... {hidden} more (--all)"));
        }
        let stay = match count {
            0 => String::new(),
            1 => ", so its name stays as it is".to_owned(),
            count => format!(", so its {count} names stay as they are"),
        };
        let title = format!("{}{stay}", no_zone::deleted(zone));
        let below = no_zone::after_a_deletion(zone);
        Entry { below, listed: names, ..sentence('x', Colour::Red, Weight::Failed, &title) }
    });
    let misnamed = scene.misnamed.iter().map(|(zone, meant)| {
        let kind = zone.kind();
        let title = format!("{} names {}, and there is no such zone", kind.setting(), zone.zone_name());
        let below = no_zone::after_a_slip(kind, meant.as_deref());
        Entry { below, ..sentence('x', Colour::Red, Weight::Failed, &title) }
    });
    deleted.chain(misnamed).collect()
}

/// Whether an entry of a zone says what a line says.
pub(super) fn tells(line: &Line<'_>, view: &View<'_>) -> bool {
    match line {
        Line::Skip(skip) => is_told(skip, view),
        Line::Brake(brake) => brake.zone.as_ref().is_some_and(|zone| view.scene.misnamed.contains_key(zone)),
        _ => false,
    }
}

fn is_told(skip: &Skip, view: &View<'_>) -> bool {
    skip.reason == Reason::Blind && view.scene.deleted_zone_of(&skip.name).is_some()
}
