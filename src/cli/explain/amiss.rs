//! What is amiss with a record set besides the verdict: it leads to another machine, it was deleted, a write to it failed.

use super::machine::machine;
use crate::cli::clock::Clock;
use crate::run::Explained;
use pure::domain::{RecordType, join_addresses};
use pure::plan::Explanation;
use pure::plan::explanation::State;
use pure::shown::{one_line, shown};

/// The machine that the address of a set leads to by now, where that is not the one that it was written for.
pub(super) fn dangling(found: &Explained, record_type: RecordType) -> Option<String> {
    let dangling = match &found.dangling {
        Ok(dangling) => dangling.iter().find(|dangling| dangling.record_type == record_type)?,
        Err(trouble) => {
            let because = one_line(&trouble.because);
            return Some(format!("whether another machine has its address by now is not known: {because}"));
        }
    };
    let other = machine(dangling.machine.as_str());
    Some(format!("its address is {other}'s by now, so whoever asks for the name reaches that machine"))
}

/// That a set which the log knows as written is gone: no run of ours has told of a deletion.
pub(super) fn deleted(found: &Explained, clock: &Clock, set: &Explanation) -> Option<String> {
    let past = found.past.as_ref().ok()?;
    let last = past.writes.iter().find(|write| write.record_type == set.record_type)?;
    let is_gone = matches!(set.record_set.state, State::Absent | State::Cname) && !last.to.is_empty();
    is_gone.then(|| {
        let (to, time) = (join_addresses(&last.to), clock.day(last.time));
        format!("somebody deleted it: {to} was written {time}, and no run of ours took it away since")
    })
}

/// The newest write, where it was in vain.
pub(super) fn missed(found: &Explained, clock: &Clock, record_type: RecordType) -> Option<String> {
    let missed = found.missed.iter().find(|missed| missed.record_type == record_type)?;
    let code = match missed.code.as_str() {
        "" => String::new(),
        code => format!(" ({})", shown(code)),
    };
    let step = missed.next_step.iter().map(|step| format!(": {}", one_line(step))).collect::<String>();
    Some(format!("{}  a write to it was in vain{code}{step}", clock.day(missed.time)))
}
