//! The static rules on names: the policy finds the place of a name, or the one rule that refuses it.

use crate::plan::reason::Reason;
use crate::plan::subject::Subject;

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

pub(super) fn not_allowed(subject: &Subject<'_>) -> Said {
    refused_by(subject, Reason::NameNotAllowed)
}
