//! Names that stay as they are for one cause: the cause once, and the names below it.

use std::collections::BTreeMap;

use super::meant::{is_meant, meant};
use super::said::{is_unread, known, meant_another, sentence};
use super::view::View;
use crate::cli::entry::{Entry, Weight};
use crate::cli::lacking;
use crate::cli::screen::Colour;
use pure::domain::ResourceId;
use pure::plan::report::{Report, RunResult};
use pure::plan::{Reason, SharedCause, Skip};
use pure::shown::{brief, one_line, shown};
use pure::story::Line;

/// From this many names on a cause is said once for all.
const MANY: usize = 3;
/// Names below a cause that are shown unless all are asked for.
const SHOWN: usize = 8;

/// Also whether their zone is the one that the settings were probably meant to name.
type Key<'a> = (Reason, &'a SharedCause, bool);

/// The causes that many names share.
pub(super) struct Together<'a> {
    of: BTreeMap<Key<'a>, Vec<&'a Skip>>,
}

impl<'a> Together<'a> {
    /// What these lines have in common.
    pub(super) fn of(lines: &[Line<'a>], report: &Report, view: &View<'_>) -> Self {
        let mut of: BTreeMap<Key<'a>, Vec<&'a Skip>> = BTreeMap::new();
        for line in lines {
            let Line::Skip(skip) = line else { continue };
            let skip: &'a Skip = skip;
            if meant_another(skip, report) {
                continue;
            }
            if let Some(cause) = &skip.shared_cause {
                of.entry((skip.reason, cause, is_meant(skip, view))).or_default().push(skip);
            }
        }
        of.retain(|_, skips| skips.len() >= MANY);
        Self { of }
    }

    /// Whether the line is told with others; that of the first is the entry of all.
    pub(super) fn entry(&self, line: &Line<'_>, report: &Report, view: &View<'_>) -> Company {
        let Line::Skip(skip) = line else { return Company::Alone };
        let Some(cause) = &skip.shared_cause else { return Company::Alone };
        let Some(skips) = self.of.get(&(skip.reason, cause, is_meant(skip, view))) else {
            return Company::Alone;
        };
        if !skips.first().is_some_and(|first| std::ptr::eq(*first, *skip)) {
            return Company::Before;
        }
        Company::First(all(skips, cause, report, view))
    }
}

/// How a line is told.
pub(super) enum Company {
    /// By itself.
    Alone,
    /// With one that was told.
    Before,
    /// As the first of many.
    First(Entry),
}

fn all(skips: &[&Skip], cause: &SharedCause, report: &Report, view: &View<'_>) -> Entry {
    // What keeps a whole run from deciding stands at its head.
    let is_at_the_head = report.result == RunResult::RetryLater && report.because.is_some();
    let because = match cause.because.as_str() {
        "" => String::new(),
        _ if is_at_the_head => " (see above)".to_owned(),
        because => format!(" ({})", brief(&one_line(because))),
    };
    let meant = skips.first().is_some_and(|skip| is_meant(skip, view)).then(|| meant("their", view));
    let ends = meant.as_ref().unwrap_or(&cause.ends);
    let title = format!("{} names {}{because}; {ends}", skips.len(), cause.what);
    let mut lines: Vec<String> = skips.iter().map(|skip| in_a_line(skip)).collect();
    let hidden = if view.all { 0 } else { lines.len().saturating_sub(SHOWN) };
    lines.truncate(lines.len() - hidden);
    if hidden > 0 {
        lines.push(format!("... {hidden} more (--all)"));
    }
    let mended = skips.first().filter(|skip| is_unread(skip)).map(|_| lacking::doctor());
    Entry { below: mended.into_iter().collect(), ..above(&title, lines) }
}

/// What many names have in common, above them.
fn above(title: &str, listed: Vec<String>) -> Entry {
    Entry { listed, ..sentence('!', Colour::Yellow, Weight::Held, title) }
}

/// A name that stays as it is, in a line: what stands there, and whose tag names it.
pub(super) fn in_a_line(skip: &Skip) -> String {
    let stays = match &skip.seen {
        Some(seen) if !seen.present.is_empty() => format!("{} stays  ", seen.present),
        _ => String::new(),
    };
    let machines = skip.machines().filter_map(|id| ResourceId::parse(id).ok());
    let machines = machines.map(|id| known(&id)).collect::<Vec<_>>().join(", ");
    format!("{}  {}  {stays}{machines}", shown(&skip.name), skip.type_in_words())
}
