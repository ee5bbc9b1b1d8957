//! The static rules on names: the policy finds the place of a name, or the one rule that refuses it.

use crate::plan::reason::Reason;
use crate::plan::subject::Subject;
use crate::plan::why::Why;

use crate::plan::said::Said;

fn refused_by(subject: &Subject<'_>, reason: Reason) -> Said {
    match &subject.placed {
        Err(why) if why.reason() == reason => Said::Yes(why.clone()),
        _ => Said::No,
    }
}

pub(super) fn wildcard(subject: &Subject<'_>) -> Said {
    refused_by(subject, Reason::Wildcard)
}

pub(super) fn invalid(subject: &Subject<'_>) -> Said {
    refused_by(subject, Reason::NameInvalid)
}

pub(super) fn no_zone(subject: &Subject<'_>) -> Said {
    refused_by(subject, Reason::NoZone)
}

pub(super) fn apex(subject: &Subject<'_>) -> Said {
    refused_by(subject, Reason::Apex)
}

pub(super) fn reserved(subject: &Subject<'_>) -> Said {
    refused_by(subject, Reason::NameReserved)
}

/// Whether the newest sweep has refused what the live answer has to decide: it is not asked again before the next one, unless
/// somebody asks for the name.
pub(super) fn is_logged(subject: &Subject<'_>) -> bool {
    let Err(Why::Undecided(_)) = &subject.placed else { return false };
    let is_refused = subject.row.skip == Reason::NameNotAllowed.as_str();
    let is_asked = subject.machine.as_ref().is_some_and(|machine| subject.case.known.tag(machine).is_some());
    is_refused && !is_asked && !subject.case.asked.named.has_row(subject.row)
}

pub(super) fn not_allowed(subject: &Subject<'_>) -> Said {
    match &subject.placed {
        Err(Why::Undecided(undecided)) if is_logged(subject) => Said::Yes(Why::NameNotAllowed {
            name: undecided.name.to_string(),
            machine: Some(undecided.machine.clone()),
            policy: subject.policy.grants.origin(),
            unfilled: None,
        }),
        Err(Why::Undecided(_)) => Said::No,
        _ => refused_by(subject, Reason::NameNotAllowed),
    }
}
