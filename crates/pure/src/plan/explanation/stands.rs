//! What stands in a zone for a name, and whose it is.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{Hold, RecordId, RecordSet, Until};
use crate::plan::answer::Answer;
use crate::plan::case::Case;
use crate::plan::grant::Whence;
use crate::plan::need::Read;
use crate::plan::policy::Policy;
use crate::plan::sentence::Sentence;
use crate::plan::why::Why;

/// What a live read of a record set found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SetNow {
    /// Whether it is there.
    pub state: State,
    /// Why it is not known, if so.
    pub because: Option<String>,
    /// What it holds.
    pub addresses: BTreeSet<IpAddr>,
    /// Its time to live in seconds.
    pub ttl: Option<u32>,
    /// What it follows, where it is an alias.
    pub alias: Option<String>,
    /// Its mark, ours or not.
    pub mark: Option<MarkTold>,
    /// A person's word that it stays as it is.
    pub hold: Option<HoldTold>,
}

/// Whether a record set is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nobody asked, or the answer did not come.
    #[default]
    Unknown,
    /// It is not.
    Absent,
    /// It is not, and the name is a CNAME.
    Cname,
    /// It is.
    There,
}

/// The mark in a record set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MarkTold {
    /// Whether it is this installation's.
    pub is_ours: bool,
    /// Whether a person released the set, so that no installation keeps it.
    pub is_released: bool,
    /// The installation.
    pub owner: String,
    /// The machine that it is for, as stored.
    pub machine: String,
    /// The run that wrote it.
    pub run: String,
    /// When.
    pub time: Option<Timestamp>,
    /// What it held before.
    pub previous: BTreeSet<IpAddr>,
}

/// A hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HoldTold {
    /// Until when, as it is written there.
    pub until: Until,
    /// Why; empty where nobody said.
    pub why: String,
    /// By whom; empty where it is not known.
    pub by: String,
    /// Whether it still stands.
    pub stands: bool,
}

/// Whether a live read found a set.
pub(super) fn is_there(case: &Case, id: &RecordId) -> bool {
    case.known.set(id).and_then(Answer::known).is_some_and(|read| read.set.is_some())
}

/// What is known of a set.
pub(super) fn of(case: &Case, id: Option<&RecordId>, policy: &Policy, now: Timestamp) -> SetNow {
    match id.and_then(|id| case.known.set(id)) {
        None => SetNow::default(),
        Some(Answer::Unavailable(because)) => SetNow { because: Some(because.clone()), ..SetNow::default() },
        Some(Answer::Known(Read { set: None, is_cname })) => {
            let state = if *is_cname { State::Cname } else { State::Absent };
            SetNow { state, ..SetNow::default() }
        }
        Some(Answer::Known(Read { set: Some(set), .. })) => there(set, policy, now),
    }
}

/// What keeps a set as it stands by a person's word; none where nobody holds it now.
pub(super) fn on_hold(case: &Case, id: &RecordId, now: Timestamp) -> Option<Why> {
    let Some(Answer::Known(Read { set: Some(set), .. })) = case.known.set(id) else { return None };
    let hold = set.hold().filter(|hold| hold.stands(now))?;
    Some(Why::OnHold { name: id.name.to_string(), hold, marked: set.mark().is_some() })
}

/// What would move a set, where its claim holds it besides.
pub(super) fn without_hold(moves: Sentence, by: Option<Whence>) -> Sentence {
    match by {
        None => moves,
        Some(by) => moves.and(&format!(", and without the hold of {by}")),
    }
}

fn there(set: &RecordSet, policy: &Policy, now: Timestamp) -> SetNow {
    let mark = set.mark().map(|mark| MarkTold {
        is_ours: mark.owner == policy.owner,
        is_released: mark.is_released(),
        owner: mark.owner,
        machine: mark.machine,
        run: mark.run,
        time: mark.time,
        previous: mark.previous,
    });
    let hold = set.hold().map(|hold| {
        let stands = hold.stands(now);
        let Hold { until, why, by } = hold;
        HoldTold { until, why, by, stands }
    });
    SetNow {
        state: State::There,
        because: None,
        addresses: set.addresses.clone(),
        ttl: Some(set.ttl),
        alias: set.alias.clone(),
        mark,
        hold,
    }
}
