//! What a rule saw that did not apply, in a few words: facts of the row, never an answer of their own.

use jiff::Timestamp;

use crate::domain::{AddressClass, RecordSet};
use crate::plan::answer::Answer;
use crate::plan::choice::prefixes_on;
use crate::plan::grant::{Term, Whence};
use crate::plan::reason::Reason;
use crate::plan::subject::Subject;
use crate::plan::words::{self, machine, span, whole};

/// What a rule that said no looked at; none where its code says it all.
pub(super) fn seen(rule: Reason, subject: &Subject<'_>) -> Option<String> {
    let place = subject.placed.as_ref().ok()?;
    let set = || subject.read(&place.id).and_then(Answer::known).map(|read| read.set.as_ref());
    match rule {
        Reason::NoZone => Some(format!("it lies in {}", place.zone.name())),
        Reason::NameNotAllowed => {
            let by = place.grant.line.map_or_else(|| subject.policy.grants.origin(), Whence::Line);
            Some(format!("{by} gives it"))
        }
        // In a private zone the prefixes decide.
        Reason::AddressNotPublic if subject.is_private() => None,
        Reason::AddressOutside if subject.is_private() => {
            Some(format!("{} is in {}", subject.address?, prefixes_on(&place.grant.terms)))
        }
        Reason::AddressNotPublic => {
            let address = subject.address?;
            Some(match AddressClass::of(address) {
                AddressClass::Global => format!("{address} is public"),
                _ => format!("{address} is in POLICY_ALLOW_PREFIXES"),
            })
        }
        Reason::TypeNotWanted => {
            let by = place.grant.terms.origin(Term::Types);
            Some(format!("{by} has {}", subject.record_type))
        }
        Reason::StaleHeartbeat => {
            let age = subject.now.duration_since(subject.row.heartbeat_time?);
            let limit = whole(subject.policy.max_heartbeat_age);
            Some(format!("the newest is {} old, {limit} are allowed", span(age)))
        }
        Reason::TagGone => Some("the live tag names it".to_owned()),
        Reason::AlreadyRight => {
            let holds = words::address_list(&set()??.addresses);
            Some(format!("the set holds {holds}"))
        }
        Reason::TooFewBeats => {
            let (beats, wanted) = (subject.row.beats, subject.policy.min_beats);
            let age = subject.row.heartbeat_time?.duration_since(subject.first_beat()?);
            Some(format!("{beats} agree, over {}; {wanted} are wanted", span(age)))
        }
        Reason::NotOwned => Some(match set()? {
            None => "there is no record set".to_owned(),
            Some(set) => owner(set, subject.case.history.was_ours(&place.id)),
        }),
        Reason::NoRecord => Some(match set()? {
            Some(_) => "it is there".to_owned(),
            None => "POLICY_CREATE is true".to_owned(),
        }),
        _ => None,
    }
}

fn owner(set: &RecordSet, was_ours: Option<Timestamp>) -> String {
    match (set.mark(), was_ours) {
        (Some(mark), _) => format!("the mark names {}", machine(&mark.machine)),
        (None, Some(_)) => "another hand has taken our mark off, and it may be adopted".to_owned(),
        (None, None) => "without our mark until now, and it may be adopted".to_owned(),
    }
}
