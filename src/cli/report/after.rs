//! What holds for a record set once a person's command has written it, and the command that ends it.

use super::view::View;
use crate::cli::one_side;
use crate::cli::phrase::Phrase;
use pure::domain::{Hold, Until};
use pure::plan::{Cause, Change, Leaves, Whence};
use pure::shown::shown;

/// How it stands after a hold, its end, a rollback or a release; none after what a run writes by itself.
pub(super) fn of(change: &Change, view: &View<'_>) -> Option<Phrase> {
    let name = &change.id.name;
    let side = one_side::option(&view.scene.names);
    let undone = change.cause.undone().and_then(|undone| undone.hold.as_ref());
    if let Some(hold) = change.cause.hold().or(undone) {
        return Some(
            Phrase::from(format!("{}; let it go:  ", held(hold, view))).run(format!("unhold {name}{side}")),
        );
    }
    match &change.cause {
        Cause::Unheld { held_by: None } => {
            let words = "no longer held, and the next run may move it; what it would do:  ";
            return Some(Phrase::from(words).run(format!("plan {name}{side}")));
        }
        Cause::Unheld { held_by: Some(by) } => {
            let by = place(*by, view);
            let words = format!(
                "no longer held by hand, and {by} still holds it: no run writes it until hold is taken off there"
            );
            return Some(words.into());
        }
        _ => {}
    }
    let released = change.cause.released().filter(|released| released.leaves == Leaves::AMark)?;
    Some(if released.claimed_by.is_empty() {
        // Nobody is there for whom it could be adopted.
        Phrase::from("released, no run writes it, and no tag claims it; delete it:  ")
            .run(format!("release {name}{side} --delete"))
    } else {
        Phrase::from("released, no run writes it; take it up again:  ").run(format!("adopt {name}{side}"))
    })
}

/// Where the policy says something, with the file where it is known.
pub(super) fn place(by: Whence, view: &View<'_>) -> String {
    match (by, &view.scene.policy_file) {
        (Whence::Line(_), Some(file)) => format!("{by} ({})", shown(file)),
        _ => by.to_string(),
    }
}

/// How long a set is held, and why.
pub(super) fn held(hold: &Hold, view: &View<'_>) -> String {
    let until = match hold.until {
        Until::Time(time) => format!("until {}", view.clock.timed(time)),
        Until::Forever | Until::Unreadable => "until you say unhold".to_owned(),
    };
    let why = if hold.why.is_empty() { String::new() } else { format!(": {}", shown(&hold.why)) };
    format!("held {until}{why}")
}
