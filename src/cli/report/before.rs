//! What stood at a name before a change: a set that somebody has deleted, a hold that another one takes the place of.

use super::view::View;
use pure::domain::{Until, join_addresses, who};
use pure::plan::Change;
use pure::shown::shown;

/// That a set which is to be made was there within the day: no run of ours took it away.
pub(super) fn deleted(change: &Change, view: &View<'_>) -> Option<String> {
    let last = view.scene.deleted.get(&change.id)?;
    let (to, time) = (join_addresses(&last.to), view.clock.timed(last.time));
    Some(format!("somebody deleted it: {to} was written {time}, and no run of ours took it away since"))
}

/// The hold that another one takes the place of.
pub(super) fn held(change: &Change, view: &View<'_>) -> Option<String> {
    let wanted = change.cause.hold()?;
    let hold = change.before.as_ref()?.hold()?;
    if (hold.until, &hold.why) == (wanted.until, &wanted.why) {
        return None;
    }
    let until = match hold.until {
        Until::Time(time) => format!(" until {}", view.clock.timed(time)),
        Until::Forever => " until somebody says unhold".to_owned(),
        Until::Unreadable => String::new(),
    };
    let by = if hold.by.is_empty() { String::new() } else { format!(" by {}", shown(&who(&hold.by))) };
    let why = if hold.why.is_empty() { String::new() } else { format!(": {}", shown(&hold.why)) };
    Some(format!("was held{until}{by}{why}"))
}
