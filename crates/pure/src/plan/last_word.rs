//! The last word on a name: before its set is deleted, the machine that its mark names is asked, whatever the log says.
//!
//! ```text
//! its live tag names other names, or none                          ended
//! there is no such machine ∧ not heard within POLICY_CLAIM_DORMANT  ended
//! there is no such machine ∧ a person deletes the set               ended
//! anything else, and whatever could not be asked                    not ended
//! ```

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{RecordId, ResourceId};

use super::answer::Answer;
use super::blindness::{Blindness, Wanted};
use super::need::{EvidenceRequest, Known, Live, Needs};
use super::policy::Policy;
use super::tag_name::tag_names;

/// What a machine says of a name that its set is marked for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum LastWord {
    /// Its claim has ended.
    Ended,
    /// Its tag names the name.
    Claims,
    /// It may be there, and nobody can read what it claims.
    Unreadable,
    /// There is no such machine any more, and yet it was heard so long ago.
    Heard(SignedDuration),
    /// It was not asked yet, or could not be.
    Unknown(Blindness),
}

/// The last word of a machine on the name of a set; what must be asked for it goes to the needs.
pub(super) fn last_word(
    (id, machine): (&RecordId, &ResourceId),
    known: &Known,
    policy: &Policy,
    now: Timestamp,
    needs: &mut Needs,
) -> LastWord {
    if known.tag(machine).and_then(Answer::known) != Some(&Live::Gone) {
        return live_word((id, machine), known, needs);
    }
    match known.evidence(id) {
        Some(Answer::Known(evidence)) if evidence.asked.machines.contains(machine) => {
            let heard = evidence.last_heard.get(machine.lower()).map(|time| now.duration_since(*time));
            heard.filter(|age| *age <= policy.claim_dormant).map_or(LastWord::Ended, LastWord::Heard)
        }
        Some(Answer::Unavailable(because)) => {
            unavailable(Wanted::Evidence { name: id.name.to_string() }, because)
        }
        answer => {
            let mut request =
                EvidenceRequest { machines: [machine.clone()].into(), addresses: BTreeSet::new() };
            // A new answer takes the place of the old one.
            answer.and_then(Answer::known).into_iter().for_each(|evidence| request.extend(&evidence.asked));
            needs.evidence.entry(id.clone()).or_default().extend(&request);
            not_asked(id)
        }
    }
}

/// The same by what is there alone, however lately it was heard: of a machine that is gone the claim has ended.
pub(super) fn live_word(
    (id, machine): (&RecordId, &ResourceId),
    known: &Known,
    needs: &mut Needs,
) -> LastWord {
    match known.tag(machine) {
        None => {
            needs.machines.insert(machine.clone());
            not_asked(id)
        }
        Some(Answer::Unavailable(because)) => {
            unavailable(Wanted::Tag { machine: machine.to_string() }, because)
        }
        Some(Answer::Known(Live::Unreadable)) => LastWord::Unreadable,
        Some(Answer::Known(Live::Tagged(names))) if tag_names(names, &id.name) => LastWord::Claims,
        Some(Answer::Known(Live::Tagged(_) | Live::Gone)) => LastWord::Ended,
    }
}

fn unavailable(wanted: Wanted, because: &str) -> LastWord {
    LastWord::Unknown(Blindness::Unavailable { wanted, because: because.to_owned() })
}

fn not_asked(id: &RecordId) -> LastWord {
    LastWord::Unknown(Blindness::NotAsked { name: id.name.to_string() })
}
