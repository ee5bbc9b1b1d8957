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

/// What the live answer has to decide, the newest sweep has judged already: what it refused is not asked again before the
/// next one, unless somebody asks for the name.
pub(super) fn not_allowed(subject: &Subject<'_>) -> Said {
    let Err(Why::Undecided(undecided)) = &subject.placed else {
        return refused_by(subject, Reason::NameNotAllowed);
    };
    let is_refused = subject.row.skip == Reason::NameNotAllowed.as_str();
    let is_asked = subject.machine.as_ref().is_some_and(|machine| subject.case.known.tag(machine).is_some());
    if !is_refused || is_asked || subject.case.asked.named.contains(&undecided.name) {
        return Said::No;
    }
    Said::Yes(Why::NameNotAllowed {
        name: undecided.name.to_string(),
        machine: Some(undecided.machine.clone()),
        policy: subject.policy.grants.origin(),
        unfilled: None,
    })
}
