//! What opens a brake, as a screen says it.

use super::view::{View, short};
use crate::cli::phrase::Phrase;
use pure::plan::{Approval, Brake, Opens};

/// What opens it by itself, and the command by which a person opens it.
pub(super) fn of(brake: &Brake, view: &View<'_>) -> Vec<Phrase> {
    let itself = match brake.opens {
        // The sentence says what a person can do today.
        Opens::Approve | Opens::NextRun => None,
        Opens::At(time) => Some(format!("opens by itself at {}", view.clock.time(time))),
        Opens::FreshData => Some("opens by itself when the data is fresh and whole".to_owned()),
    };
    let by_hand = brake.digest.as_deref().map(|digest| opened_by(brake, digest, view));
    match (itself, by_hand) {
        (Some(itself), Some(by_hand)) => vec![Phrase::from(format!("{itself}, or:  ")).run(by_hand)],
        (Some(itself), None) => vec![itself.into()],
        (None, Some(by_hand)) => vec![Phrase::from("once you know it to be right:  ").run(by_hand)],
        (None, None) => Vec::new(),
    }
}

/// The command that opens a brake. What one approval has lifted and this brake holds all the same takes both digests; what was
/// left out of an approval by its names is another set of changes once those are written, whose digest a plan then prints.
fn opened_by(brake: &Brake, digest: &str, view: &View<'_>) -> String {
    let digest = short(digest);
    match &view.scene.approval {
        None => format!("approve {digest}"),
        Some(Approval::Brakes { digests, names })
            if names.is_empty() || names.iter().any(|name| brake.names.contains(name.as_str())) =>
        {
            let given: String = digests.iter().map(|given| format!("{} ", short(given))).collect();
            let names: String = names.iter().map(|name| format!(" {name}")).collect();
            format!("approve {given}{digest}{names}")
        }
        Some(_) => "plan".to_owned(),
    }
}
