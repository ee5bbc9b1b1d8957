//! All claims on one record set, judged together: who is right, who disagrees, whose the set is.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{RecordKey, RecordSet};

use super::change::{Action, Change};
use super::claim::Claim;
use super::ownership::{self, Ownership};
use super::policy::Policy;
use super::seen::{EvidenceRequest, Input};
use super::skip::Skip;
use super::why::{Blindness, Why};
use super::words;

/// What became of the claims on one record set.
#[derive(Default)]
pub(super) struct Settled {
    pub(super) change: Option<Change>,
    pub(super) skips: Vec<Skip>,
}

impl Settled {
    fn all(claims: &[Claim<'_>], why: &Why) -> Self {
        Self { change: None, skips: claims.iter().map(|claim| claim.skip(why)).collect() }
    }
}

/// What the rules from `alias` to `no-record` need to know.
pub(super) struct Court<'a> {
    pub(super) input: &'a Input,
    pub(super) policy: &'a Policy,
    pub(super) now: Timestamp,
    /// When each machine (lower case) of the rows was last heard.
    pub(super) heard: &'a BTreeMap<String, Timestamp>,
}

impl Court<'_> {
    /// The rules from `alias` to `no-record` for all claims on one record set.
    pub(super) fn settle(
        &self,
        key: &RecordKey,
        claims: &[Claim<'_>],
        wanted: &mut EvidenceRequest,
    ) -> Settled {
        let set = match self.live_set(key) {
            Ok(set) => set,
            Err(why) => return Settled::all(claims, &why),
        };
        let nothing = BTreeSet::new();
        let present = set.map_or(&nothing, |set| &set.addresses);
        let by_hand =
            self.policy.adopt_by_hand.contains(&key.name) && set.is_some_and(|set| set.mark().is_none());
        let together: BTreeSet<IpAddr> = claims.iter().map(|claim| claim.address).collect();
        if set.is_some() && together == *present && !by_hand {
            return Settled::all(claims, &already_right(key, present));
        }
        let mut settled = Settled::default();
        let mut living: Vec<Claim<'_>> = Vec::new();
        for claim in claims {
            match self.unsteady(claim, present) {
                Some(why) => settled.skips.push(claim.skip(&why)),
                None => living.push(claim.clone()),
            }
        }
        // The smallest id speaks for the others; equal ids in other spellings too, whatever the order of rows.
        living.sort_by(|a, b| a.order().cmp(&b.order()));
        let to: BTreeSet<IpAddr> = living.iter().map(|claim| claim.address).collect();
        let verdict = match to.len() {
            0 => return settled,
            1 if set.is_some() && to == *present && !by_hand => Err(already_right(key, present)),
            1 => self.write(key, set, &living, to, wanted),
            _ => Err(conflict(key, present, &living)),
        };
        match verdict {
            Ok(change) => settled.change = Some(change),
            Err(why) => settled.skips.extend(living.iter().map(|claim| claim.skip(&why))),
        }
        settled
    }

    /// The rules `alias`, `empty-set` and `cname-exists`.
    fn live_set(&self, key: &RecordKey) -> Result<Option<&RecordSet>, Why> {
        let (name, record_type) = (key.name.to_string(), key.record_type);
        let Some(set) = self.input.current.get(key) else {
            return Err(Why::Blind { cause: Blindness::SetNotRead { name, record_type } });
        };
        match set {
            Some(RecordSet { alias: Some(target), .. }) => {
                Err(Why::Alias { name, record_type, target: words::resource(target) })
            }
            Some(set) if set.addresses.is_empty() && set.mark_of(&self.policy.owner).is_none() => {
                Err(Why::EmptySet { name, record_type })
            }
            None if self.input.current.is_cname(&key.name) => Err(Why::CnameExists { name, record_type }),
            set => Ok(set),
        }
    }

    /// The rules `too-few-beats`, `still-seen` and `flapping` for one claim.
    fn unsteady(&self, claim: &Claim<'_>, present: &BTreeSet<IpAddr>) -> Option<Why> {
        let (row, address) = (claim.row, claim.address);
        let machine = || claim.machine.to_string();
        if row.beats < self.policy.min_beats {
            let (beats, wanted) = (row.beats, self.policy.min_beats);
            return Some(Why::TooFewBeats { machine: machine(), address, beats, wanted });
        }
        let seen = row.present_last_seen.map(|time| self.now.duration_since(time));
        if let (true, Some(age)) = (row.returned, seen.filter(|age| *age <= self.policy.unseen)) {
            let present = words::address_list(present);
            let unseen = self.policy.unseen;
            return Some(Why::StillSeen { machine: machine(), address, present, age, unseen });
        }
        self.flapping(&claim.key, address)
    }

    fn flapping(&self, key: &RecordKey, address: IpAddr) -> Option<Why> {
        const DAY: SignedDuration = SignedDuration::from_hours(24);
        let changes = self.input.history.changes.get(key)?;
        let today = || changes.iter().filter(|change| self.now.duration_since(change.time) <= DAY);
        let left =
            today().filter(|change| change.from.contains(&address) && !change.to.contains(&address)).count();
        if left < RETURNS {
            return None;
        }
        let mut shares: BTreeMap<String, usize> = BTreeMap::new();
        for address in today().flat_map(|change| &change.to) {
            *shares.entry(address.to_string()).or_default() += 1;
        }
        let shares = shares.into_iter().collect();
        Some(Why::Flapping { name: key.name.to_string(), address, returns: left, shares })
    }

    /// The rules `not-owned` and `no-record`, and the change if neither applies.
    fn write(
        &self,
        key: &RecordKey,
        set: Option<&RecordSet>,
        living: &[Claim<'_>],
        to: BTreeSet<IpAddr>,
        wanted: &mut EvidenceRequest,
    ) -> Result<Change, Why> {
        let heard = |machine: &str| self.heard.get(machine).copied();
        let (ours, adopted) = match set {
            None if self.policy.create => (false, false),
            None => {
                return Err(Why::NoRecord { name: key.name.to_string(), record_type: key.record_type });
            }
            Some(set) => {
                match ownership::judge(set, living, heard, self.input, self.policy, self.now, wanted) {
                    Ownership::Ours => (true, false),
                    Ownership::HandOver => (false, false),
                    Ownership::Adopt => (false, true),
                    Ownership::Refused(owned) => {
                        return Err(Why::NotOwned { name: key.name.to_string(), owned });
                    }
                }
            }
        };
        let marked = set.and_then(RecordSet::mark).filter(|_| ours).map(|mark| mark.machine);
        let leader = living
            .iter()
            .find(|claim| marked.as_deref() == Some(claim.machine.lower()))
            .or_else(|| living.first());
        // There is at least one address, so there is at least one claim.
        let Some(leader) = leader else {
            return Err(Why::NoRecord { name: key.name.to_string(), record_type: key.record_type });
        };
        let mut witnesses: Vec<_> = living
            .iter()
            .filter(|claim| claim.machine != leader.machine)
            .map(|claim| claim.machine.clone())
            .collect();
        witnesses.dedup();
        let newest = living.iter().map(|claim| claim.heartbeat_time).max();
        let first = living.iter().map(Claim::first_beat).min();
        let country =
            living.iter().map(|claim| claim.row.country.as_str()).filter(|text| !text.is_empty()).min();
        Ok(Change {
            name: key.name.clone(),
            record_type: key.record_type,
            zone: leader.zone.id.clone(),
            action: if set.is_some() { Action::Update } else { Action::Create },
            from: set.map(|set| set.addresses.clone()).unwrap_or_default(),
            to,
            ttl: set.map_or(self.policy.ttl, |set| set.ttl),
            machine: leader.machine.clone(),
            witnesses,
            country: if leader.row.country.is_empty() {
                country.unwrap_or_default().to_owned()
            } else {
                leader.row.country.clone()
            },
            first_beat: first.unwrap_or(leader.heartbeat_time),
            heartbeat_time: newest.unwrap_or(leader.heartbeat_time),
            beats: living.iter().map(|claim| claim.row.beats).max().unwrap_or_default(),
            adopted,
            canary: None,
            before: set.cloned(),
        })
    }
}

/// The return with this number to one address within 24 hours is held.
const RETURNS: usize = 3;

fn already_right(key: &RecordKey, present: &BTreeSet<IpAddr>) -> Why {
    Why::AlreadyRight { name: key.name.to_string(), addresses: words::addresses(present) }
}

fn conflict(key: &RecordKey, present: &BTreeSet<IpAddr>, living: &[Claim<'_>]) -> Why {
    let mut names: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for claim in living {
        names.entry(words::machine(claim.machine.as_str())).or_default().insert(claim.machine.lower());
    }
    // Two machines of one name are told apart by their whole ids.
    let label = |claim: &Claim<'_>| {
        let name = words::machine(claim.machine.as_str());
        match names.get(&name) {
            Some(ids) if ids.len() > 1 => claim.machine.to_string(),
            _ => name,
        }
    };
    let mut claims: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for claim in living {
        claims.entry(claim.address.to_string()).or_default().insert(label(claim));
    }
    let claims = claims
        .into_iter()
        .map(|(address, machines)| (address, words::list(&machines.into_iter().collect::<Vec<_>>())))
        .collect();
    Why::ClaimConflict { name: key.name.to_string(), present: words::addresses(present), claims }
}
