//! A claim: a row that no rule on rows and record sets has caught, with everything parsed that the court needs.

use std::collections::BTreeSet;
use std::net::IpAddr;

use jiff::Timestamp;

use crate::domain::ResourceId;

use super::subject::{Place, Subject};

/// One machine says one address for one name.
#[derive(Clone, Debug)]
pub(super) struct Claim<'a> {
    pub(super) subject: Subject<'a>,
    pub(super) place: Place<'a>,
    pub(super) machine: ResourceId,
    pub(super) address: IpAddr,
    /// What it says for the whole set; see [`Subject::says`].
    pub(super) says: BTreeSet<IpAddr>,
    pub(super) heartbeat_time: Timestamp,
    pub(super) first_beat: Timestamp,
}

impl<'a> Claim<'a> {
    /// The claim of a row that passed the rules; none when it lacks what they made sure of.
    pub(super) fn of(subject: Subject<'a>) -> Option<Self> {
        let place = subject.placed.as_ref().ok()?.clone();
        let machine = subject.machine.clone()?;
        let (address, heartbeat_time) = (subject.address?, subject.row.heartbeat_time?);
        let (first_beat, says) = (subject.first_beat()?, subject.says());
        Some(Self { subject, place, machine, address, says, heartbeat_time, first_beat })
    }

    /// The smallest machine first, then whatever tells two of its rows apart.
    pub(super) fn order(&self) -> impl Ord + '_ {
        let row = self.subject.row;
        let country = row.country.as_str();
        let machine = (&self.machine, self.address);
        (machine, self.machine.as_str(), self.heartbeat_time, row.beats, self.first_beat, country)
    }
}
