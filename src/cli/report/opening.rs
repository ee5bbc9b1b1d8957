//! What opens a brake, as a screen says it.

use super::view::{View, short};
use crate::cli::lacking;
use crate::cli::one_side;
use crate::cli::phrase::Phrase;
use pure::plan::{Approval, Brake, BrakeKind, Opens};

/// What opens it by itself, and the command by which a person opens it.
pub(super) fn of(brake: &Brake, view: &View<'_>) -> Vec<Phrase> {
    if brake.is_of_a_lost_right() {
        return vec![lacking::doctor()];
    }
    let itself = match brake.opens {
        // The sentence says what a person can do today.
        Opens::Approve | Opens::NextRun => None,
        Opens::At(time) => Some(format!("opens by itself at {}", view.clock.timed(time))),
        Opens::FreshData => Some("opens by itself when the data is fresh and whole".to_owned()),
    };
    let by_hand = brake.digest.as_deref().map(|digest| opened_by(brake, digest, view));
    // Of a plan for some names not all is known that it holds.
    if brake.digest.is_none() && matches!(brake.opens, Opens::At(_) | Opens::Approve) {
        let whole = Phrase::from("all that it holds, and the digest that opens it:  ").run("plan");
        return itself.map(Phrase::from).into_iter().chain([whole]).collect();
    }
    let by = match (itself, by_hand) {
        (Some(itself), Some(by_hand)) => Some(Phrase::from(format!("{itself}, or:  ")).run(by_hand)),
        (Some(itself), None) => Some(itself.into()),
        (None, Some(by_hand)) => Some(Phrase::from("once you know it to be right:  ").run(by_hand)),
        (None, None) => None,
    };
    // What else would hold the same has a digest of its own in the command.
    let next = (!brake.besides.is_empty() && by.is_some() && view.scene.approval.is_none()).then(|| {
        format!("once it is open, {} holds some of it; the command opens both", BrakeKind::Surge.as_str())
    });
    next.map(Phrase::from).into_iter().chain(by).collect()
}

/// The command that opens a brake, with the digests of all that holds the same. What was left out of an approval by its names is
/// another set of changes once those are written, whose digest a plan then prints.
fn opened_by(brake: &Brake, digest: &str, view: &View<'_>) -> String {
    let mut all = digests(brake, digest);
    let names: String = match &view.scene.approval {
        None => String::new(),
        Some(Approval::Brakes { digests, names })
            if names.is_empty() || names.iter().any(|name| brake.names.contains(name.as_str())) =>
        {
            all.splice(..0, digests.iter().map(|given| short(given)));
            names.iter().map(|name| format!(" {name}")).chain([one_side::option(names)]).collect()
        }
        Some(_) => return "plan".to_owned(),
    };
    format!("approve {}{names}", all.join(" "))
}

/// The command that opens a brake, from its verb on; none where nobody can, and where its digest is not known.
pub(in crate::cli) fn approved_by(brake: &Brake) -> Option<String> {
    Some(format!("approve {}", digests(brake, brake.digest.as_deref()?).join(" ")))
}

/// Its digest, and those of what holds the same.
fn digests<'b>(brake: &'b Brake, own: &'b str) -> Vec<&'b str> {
    std::iter::once(own).chain(brake.besides.iter().map(String::as_str)).map(short).collect()
}
