//! What is amiss with a record set besides the verdict: it leads to another machine, it was deleted, a write to it failed.

use super::machine::machine;
use crate::cli::clock::Clock;
use crate::run::{Explained, Missed, Trouble};
use pure::domain::{ZoneKind, join_addresses};
use pure::plan::explanation::{State, Verdict};
use pure::plan::{Explanation, Motive};
use pure::shown::{brief, one_line, shown};

/// Why something is not known; what is said at the head is not said again.
pub(super) fn because(found: &Explained, trouble: &Trouble) -> String {
    match &found.unjudged {
        Some(head) if trouble.has_the_cause_of(head) => "see above".to_owned(),
        _ => brief(&one_line(&trouble.because)),
    }
}

/// The machine that the address of a set leads to by now, where that is not the one that it was written for.
pub(super) fn dangling(found: &Explained, set: &Explanation) -> Option<String> {
    // A private address is not unique in the world, and leads nobody to another machine.
    if set.zone.as_ref().is_some_and(|zone| zone.kind() == ZoneKind::Private) {
        return None;
    }
    let dangling = match &found.dangling {
        Ok(dangling) => dangling.iter().find(|dangling| dangling.record_type == set.record_type)?,
        Err(trouble) => {
            let because = because(found, trouble);
            return Some(format!("whether another machine has its address by now is not known: {because}"));
        }
    };
    let other = machine(dangling.machine.as_str());
    Some(format!("its address is {other}'s by now, so whoever asks for the name reaches that machine"))
}

/// That a set which the log knows as written is gone: no run of ours has told of a deletion.
pub(super) fn deleted(found: &Explained, clock: &Clock, set: &Explanation) -> Option<String> {
    let past = found.past.as_ref().ok()?;
    let last = past.writes.iter().find(|write| set.is_of(&write.record_id()))?;
    let is_gone = matches!(set.record_set.state, State::Absent | State::Cname) && !last.to.is_empty();
    is_gone.then(|| {
        let (to, time) = (join_addresses(&last.to), clock.dated(last.time));
        format!("somebody deleted it: {to} was written {time}, and no run of ours took it away since")
    })
}

/// That a set without a mark was ours, as its last write tells.
pub(super) fn taken_off(found: &Explained, clock: &Clock, set: &Explanation) -> Option<String> {
    let past = found.past.as_ref().ok()?;
    let last = past.writes.iter().find(|write| set.is_of(&write.record_id()))?;
    let was_let_go = last.to.is_empty() || last.motive == Some(Motive::Released);
    let is_bare = set.record_set.state == State::There && set.record_set.mark.is_none();
    (is_bare && !was_let_go).then(|| {
        let (to, time) = (join_addresses(&last.to), clock.dated(last.time));
        format!("ours when {to} was written {time}; another hand has taken our mark off since")
    })
}

/// The newest write, where it was in vain.
fn newest<'f>(found: &'f Explained, set: &Explanation) -> Option<&'f Missed> {
    found.missed.iter().find(|missed| set.is_of(&missed.record_id()))
}

/// The newest write, where it was in vain, the set is to be written and what refused it lasts.
pub(super) fn failed<'f>(found: &'f Explained, set: &Explanation) -> Option<&'f Missed> {
    let is_to_write = matches!(set.verdict, Verdict::ToWrite { .. });
    newest(found, set).filter(|missed| is_to_write && missed.refusal.is_some())
}

/// The newest write, where it was in vain; why is said above where the set is still to be written.
pub(super) fn missed(found: &Explained, clock: &Clock, set: &Explanation) -> Option<String> {
    let missed = newest(found, set)?;
    let code = match missed.code.as_str() {
        "" => String::new(),
        code => format!(" ({})", shown(code)),
    };
    let step = missed.next_step.iter().filter(|_| failed(found, set).is_none());
    let step = step.map(|step| format!(": {}", one_line(step))).collect::<String>();
    Some(format!("{}  a write to it was in vain{code}{step}", clock.dated(missed.time)))
}
