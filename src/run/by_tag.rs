//! What the plan does not speak of yet, and the adoption by hand of those sets of which no heartbeat says anything.

use std::collections::{BTreeMap, BTreeSet};

use super::decide::READING;
use super::fleet::Counts;
use super::fulfil::{Asker, fulfil};
use super::heard::heard_lately;
use super::planned::Planned;
use crate::clock;
use pure::domain::{HostName, RecordId, ZoneId};
use pure::plan::{self, Needs, Reason, Skip};

impl Planned<'_> {
    /// Names that were asked for and of which the plan says nothing; of one that is to be adopted, of one of its sets.
    pub(super) fn unspoken(&self) -> BTreeSet<HostName> {
        let named = self.request.named();
        let asked = named.iter().filter(|name| !self.unasked.contains(*name));
        if self.request.adopt.is_empty() {
            let spoken = self.spoken_names();
            return asked.filter(|name| !spoken.contains(name.as_str())).cloned().collect();
        }
        let spoken = self.spoken_names();
        let is_unspoken = |name: &HostName| {
            !spoken.contains(name.as_str())
                || self.policy().record_sets_of(name).iter().any(|id| named.holds(id) && !self.speaks_of(id))
        };
        asked.filter(|name| is_unspoken(name)).cloned().collect()
    }

    /// The names of which the plan says something.
    pub(super) fn spoken_names(&self) -> BTreeSet<&str> {
        let ids = self.decided().map(|id| id.name.as_str());
        ids.chain(self.speaking().map(|skip| skip.name.as_str())).collect()
    }

    /// The claims of which the plan says something: the machine in small letters, its name, and the zone.
    pub(super) fn spoken_claims(&self) -> BTreeSet<(String, String, ZoneId)> {
        let of = |machine: &str, name: &str, zone: &ZoneId| {
            (machine.to_lowercase(), name.to_owned(), zone.clone())
        };
        let changed = self.plan.changes.iter();
        let changed =
            changed.map(|change| of(change.after.machine.as_str(), change.id.name.as_str(), &change.id.zone));
        let skipped = self.plan.skips.iter().filter_map(|skip| Some((skip, skip.zone.as_ref()?)));
        let skipped =
            skipped.flat_map(|(skip, zone)| skip.machines().map(move |id| of(id, &skip.name, zone)));
        changed.chain(skipped).collect()
    }

    /// Whether the plan says something of a record set: what it says of one side of a name says nothing of the other.
    fn speaks_of(&self, id: &RecordId) -> bool {
        self.decided().any(|decided| decided == id) || self.speaking().any(|skip| skip.is_about(id))
    }

    /// The record sets that are written or right.
    fn decided(&self) -> impl Iterator<Item = &RecordId> {
        self.plan.changes.iter().map(|change| &change.id).chain(&self.plan.in_sync)
    }

    /// The skips that say something. One that is to be adopted is not spoken of by a skip that heartbeats alone decide, for its
    /// mark does not need them; whose it is they do not decide.
    fn speaking(&self) -> impl Iterator<Item = &Skip> {
        let ends_adoption =
            |skip: &Skip| matches!(skip.reason, Reason::Braked | Reason::Blind | Reason::NotOwned);
        let adopts = !self.request.adopt.is_empty();
        self.plan.skips.iter().filter(move |skip| !adopts || ends_adoption(skip))
    }

    /// Puts the mark on sets whose names a person adopts and of which no heartbeat says anything: for the one machine
    /// whose live tag names each of them.
    pub(super) async fn adopt_by_tag(&mut self, names: &[HostName]) {
        let Some(fleet) = &self.fleet else { return };
        let policy = self.policy();
        let claims: BTreeMap<_, _> =
            names.iter().map(|name| (name.clone(), fleet.claimants(name).clone())).collect();
        let ids = claims.iter().flat_map(|(name, machines)| {
            machines.iter().flat_map(|machine| fleet.record_ids(name, machine, policy))
        });
        let ids: BTreeSet<RecordId> = ids.collect();
        self.case.known.learn_particulars(fleet.particulars.clone());
        let asker = Asker {
            azure: &self.azure.for_a_part(READING),
            history: &self.case.history,
            policy,
            tag: &self.installation.settings.collect.tag,
            subscriptions: &[],
            naming: &BTreeSet::new(),
        };
        let zones = ids.iter().map(|id| id.zone.clone());
        let mut needs = Needs { cuts: zones.collect(), ..Needs::default() };
        needs.sets = ids.iter().filter(|id| self.case.known.set(id).is_none()).cloned().collect();
        needs.cuts.retain(|zone| self.case.known.cuts(zone).is_none());
        let learned = fulfil(asker, &needs).await;
        self.case.known.extend(learned.known);
        self.found.absorb(learned.found);
        let said: BTreeSet<RecordId> = names
            .iter()
            .flat_map(|name| self.policy().record_sets_of(name))
            .filter(|id| self.speaks_of(id))
            .collect();
        let adopted = plan::adopt(&claims, &said, &self.case, policy, clock::now());
        // What a skip said about heartbeats is no answer to somebody who adopts.
        let is_answer = |skip: &Skip| {
            !names.iter().any(|name| name.as_str() == skip.name) || said.iter().any(|id| skip.is_about(id))
        };
        self.plan.skips.retain(is_answer);
        self.plan.absorb(adopted);
    }

    /// Counts who was not heard of the machines that claim these names. The adoption does not rest on it.
    pub(super) async fn count_the_silent(&mut self, names: &[HostName]) {
        let Some(fleet) = self.fleet.as_mut().filter(|_| !names.is_empty()) else { return };
        let machines = names.iter().flat_map(|name| fleet.claimants(name)).cloned().collect();
        match heard_lately(&self.azure.for_a_part(READING), &machines).await {
            Ok(heard) => {
                let silent = machines.iter().filter(|machine| !heard.contains_key(machine.lower()));
                let silent = silent.map(|machine| machine.lower().to_owned()).collect();
                fleet.counts = Some(Counts { silent, ..Counts::default() });
            }
            Err(trouble) => self.found.troubles.push(trouble),
        }
    }
}
