//! A brake and what it holds.

use super::opening;
use super::view::View;
use crate::cli::entry::{Entry, Weight};
use crate::cli::phrase::Phrase;
use crate::cli::screen::Colour;
use pure::plan::report::Report;
use pure::plan::{Brake, Skip};
use pure::shown::shown;

/// Names of a brake that are shown unless all are asked for.
const HELD: usize = 8;

/// A brake, once, above what it holds.
pub(super) fn entry(brake: &Brake, report: &Report, view: &View<'_>) -> Entry {
    let zone = brake.zone.as_ref().map(|zone| format!(" in {}", zone.in_words())).unwrap_or_default();
    let title = Phrase::from(format!("held by {}{zone}: ", brake.brake.as_str())).then(&brake.because);
    let below = opening::of(brake, view);
    let skips =
        report.skips.iter().filter(|skip| report.told_by(skip).is_some_and(|told| std::ptr::eq(told, brake)));
    let mut lines: Vec<String> = skips.map(held_name).collect();
    lines.dedup();
    let hidden = if view.all { 0 } else { lines.len().saturating_sub(HELD) };
    lines.truncate(lines.len() - hidden);
    if hidden > 0 {
        lines.push(format!("... {hidden} more"));
    }
    Entry { below, listed: lines, ..Entry::titled('!', Colour::Yellow, Weight::Held, title) }
}

/// A name that a brake holds: where it would go, if that was decided.
fn held_name(skip: &Skip) -> String {
    let (name, kind) = (shown(&skip.name), skip.type_in_words());
    let seen = skip.seen.as_ref();
    let present = seen.map(|seen| seen.present.as_str()).filter(|present| !present.is_empty());
    match (seen.filter(|_| skip.is_held_change), present) {
        (Some(seen), None) => format!("+ {name}  {kind}  {}", shown(&seen.reported)),
        (Some(seen), Some(present)) if present == seen.reported => format!("= {name}  {kind}  {present}"),
        (Some(seen), Some(present)) => format!("~ {name}  {kind}  {present} -> {}", shown(&seen.reported)),
        (None, Some(present)) => format!("! {name}  {kind}  {present} stays, not decided"),
        (None, None) => format!("! {name}  {kind}  not decided"),
    }
}
