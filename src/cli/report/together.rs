//! Names that stay as they are for one cause: the cause once, and the names below it.

use std::collections::BTreeMap;

use super::said;
use super::view::View;
use crate::cli::entry::Entry;
use pure::plan::report::{Report, RunResult};
use pure::plan::{Common, Reason, Skip};
use pure::shown::one_line;
use pure::story::Line;

/// From this many names on a cause is said once for all.
const MANY: usize = 3;
/// Names below a cause that are shown unless all are asked for.
const SHOWN: usize = 8;

type Key<'a> = (Reason, &'a Common);

/// The causes that many names share.
pub(super) struct Together<'a> {
    of: BTreeMap<Key<'a>, Vec<&'a Skip>>,
}

impl<'a> Together<'a> {
    /// What these lines have in common.
    pub(super) fn of(lines: &[Line<'a>]) -> Self {
        let mut of: BTreeMap<Key<'a>, Vec<&'a Skip>> = BTreeMap::new();
        for line in lines {
            let Line::Skip(skip) = line else { continue };
            let skip: &'a Skip = skip;
            if let Some(common) = &skip.common {
                of.entry((skip.reason, common)).or_default().push(skip);
            }
        }
        of.retain(|_, skips| skips.len() >= MANY);
        Self { of }
    }

    /// Whether the line is told with others; that of the first is the entry of all.
    pub(super) fn entry(&self, line: &Line<'_>, report: &Report, view: &View<'_>) -> Told {
        let Line::Skip(skip) = line else { return Told::Alone };
        let Some(common) = &skip.common else { return Told::Alone };
        let Some(skips) = self.of.get(&(skip.reason, common)) else { return Told::Alone };
        if !skips.first().is_some_and(|first| std::ptr::eq(*first, *skip)) {
            return Told::Before;
        }
        Told::First(all(skips, common, report, view))
    }
}

/// How a line is told.
pub(super) enum Told {
    /// By itself.
    Alone,
    /// With one that was told.
    Before,
    /// As the first of many.
    First(Entry),
}

fn all(skips: &[&Skip], common: &Common, report: &Report, view: &View<'_>) -> Entry {
    // What keeps a whole run from deciding stands at its head.
    let is_at_the_head = report.result == RunResult::RetryLater && report.because.is_some();
    let because = match common.because.as_str() {
        "" => String::new(),
        _ if is_at_the_head => " (see above)".to_owned(),
        because => format!(" ({})", one_line(because)),
    };
    let title = format!("{} names {}{because}; {}", skips.len(), common.what, common.ends);
    let mut lines: Vec<String> = skips.iter().map(|skip| said::in_a_line(skip)).collect();
    let hidden = if view.all { 0 } else { lines.len().saturating_sub(SHOWN) };
    lines.truncate(lines.len() - hidden);
    if hidden > 0 {
        lines.push(format!("... {hidden} more (--all)"));
    }
    said::above(&title, lines)
}
