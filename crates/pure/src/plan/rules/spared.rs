//! Rows that the log alone refuses: their owners are not asked, for that is dear and mostly of no use. A count does not rest on it.

use super::{name, record};
use crate::plan::need::Needs;
use crate::plan::subject::Subject;
use crate::plan::why::Why;

/// What is not asked of a row because the log has told of a refusal; none where it tells of none, or all is known.
pub(in crate::plan) fn spared(subject: &Subject<'_>) -> Option<Needs> {
    let mut needs = Needs::default();
    if name::is_logged(subject) {
        needs.machines.extend(subject.machine.clone());
    } else if record::logged(subject).is_some() {
        needs = record::all(subject, &subject.site()?);
    }
    (!needs.is_empty()).then_some(needs)
}

/// Whether a row is refused by the log's word alone, which anybody may have written. Of a zone in which something moves it is
/// known where other name servers answer: there the log is not believed.
pub(in crate::plan) fn is_logged(subject: &Subject<'_>, why: &Why) -> bool {
    matches!(why, Why::NameNotAllowed { .. }) && name::is_logged(subject)
}
