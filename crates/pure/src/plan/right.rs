//! A record set of a name that was asked for and is in sync: what it holds, and since when.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{HostName, RecordId, RecordType, ResourceId, ZoneId};

use super::answer::Answer;
use super::case::Case;
use super::policy::Policy;
use super::subject::Subject;
use super::vanished::Vanished;

/// A record set that says what its machine says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Right {
    /// The name.
    pub name: HostName,
    /// The type.
    pub record_type: RecordType,
    /// The zone.
    pub zone: ZoneId,
    /// What it holds.
    pub addresses: BTreeSet<IpAddr>,
    /// Its time to live in seconds; none when the set was not read.
    pub ttl: Option<u32>,
    /// The machine that was heard last.
    pub machine: ResourceId,
    /// When it was.
    pub heartbeat_time: Timestamp,
    /// The first heartbeat of the unbroken run at this address, as far back as the query looks.
    pub first_beat: Option<Timestamp>,
    /// When one of our runs wrote the set last; none without our mark.
    pub written_at: Option<Timestamp>,
    /// That run.
    pub written_by: Option<String>,
}

/// The record sets of these names, each told by the machine that was heard last.
#[must_use]
pub fn right(names: &BTreeSet<HostName>, case: &Case, policy: &Policy, now: Timestamp) -> Vec<Right> {
    let vanished = Vanished::of(case, policy);
    let mut all: Vec<Right> = Vec::new();
    for row in case.spoken() {
        let subject = Subject::of(row, case, policy, now, &vanished);
        let (Ok(place), Some(machine), Some(heartbeat_time)) =
            (&subject.placed, &subject.machine, row.heartbeat_time)
        else {
            continue;
        };
        let RecordId { name, record_type, zone } = place.id.clone();
        let addresses = subject.present();
        let is_said = subject.address.is_some_and(|address| addresses.contains(&address));
        if !names.contains(&name) || !is_said || case.asked.named.leaves_out(&zone, &name) {
            continue;
        }
        let read = subject.read(&place.id).and_then(Answer::known);
        let set = read.and_then(|read| read.set.as_ref());
        let mark = set.and_then(|set| set.mark_of(&policy.owner));
        let ttl = set.map(|set| set.ttl);
        let written_at = mark.as_ref().and_then(|mark| mark.time);
        let written_by = mark.map(|mark| mark.run).filter(|run| !run.is_empty());
        let (machine, first_beat) = (machine.clone(), subject.first_beat());
        all.push(Right {
            name,
            record_type,
            zone,
            addresses,
            ttl,
            machine,
            heartbeat_time,
            first_beat,
            written_at,
            written_by,
        });
    }
    all.sort_by(|a, b| {
        let key = |right: &Right| (right.name.clone(), right.record_type, right.zone.clone());
        key(a).cmp(&key(b)).then(b.heartbeat_time.cmp(&a.heartbeat_time)).then(a.machine.cmp(&b.machine))
    });
    all.dedup_by(|later, first| {
        (&later.name, later.record_type, &later.zone) == (&first.name, first.record_type, &first.zone)
    });
    all
}
