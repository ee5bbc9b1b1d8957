//! What a plan was made of, for whoever shows it to people.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::absent_zone::Slip;
use super::decide::READING;
use super::fleet::Counts;
use super::missed::{self, Missed};
use super::planned::Planned;
use crate::azure::Write;
use crate::azure::resource_graph::{Lock, Misspelt, TagKeys};
use pure::domain::{HostName, NameSet, RecordId, ZoneId};
use pure::plan::{Approval, ByHand, PastChange};

/// What a plan was made of.
#[derive(Debug, Clone, Default)]
pub struct Scene {
    /// The managed zones.
    pub zones: Vec<ZoneId>,
    /// Names that tags claim in them and that the policy allows; none where that is not known.
    pub claimed: Option<u64>,
    /// Names that are in sync, as far as they were counted.
    pub in_sync: BTreeSet<HostName>,
    /// Names claimed since the newest sweep, likewise.
    pub unswept: BTreeSet<HostName>,
    /// The newest heartbeat of all machines.
    pub newest_heartbeat: Option<Timestamp>,
    /// The oldest of the newest complete sweeps of the tags and of every zone; none when one of them was never swept.
    pub swept: Option<Timestamp>,
    /// Writes that a zone takes now, and in any minute; a zone without a pace is not there.
    pub paces: BTreeMap<(ZoneId, Write), (usize, usize)>,
    /// The names that were given; none of them: all.
    pub names: NameSet,
    /// Whether they are adopted by hand.
    pub is_adoption: bool,
    /// What a person wants of their holds.
    pub order: Option<ByHand>,
    /// What they approve.
    pub approval: Option<Approval>,
    /// Sets that are to be made though the log knows them as written within the day, each by its last write: somebody has
    /// deleted them.
    pub deleted: BTreeMap<RecordId, PastChange>,
    /// Sets that are to be adopted and that were ours, each with when a run last wrote it with our mark.
    pub taken_off: BTreeMap<RecordId, Timestamp>,
    /// Zones that the log knows, and that do not exist any more.
    pub deleted_zones: BTreeSet<ZoneId>,
    /// Whether such a zone is why nothing could be decided.
    pub is_silent_for_a_zone: bool,
    /// Zones of the settings that never were.
    pub misnamed: BTreeMap<ZoneId, Slip>,
    /// The longest time to live that a write of ours leaves, in seconds; none: any.
    pub ttl_max: Option<u32>,
    /// The tag by which machines claim names.
    pub tag: String,
    /// Machines without it that carry one whose key is nearly the same.
    pub misspelt: Vec<Misspelt>,
    /// The keys under which machines carry names, as far as the fleet was read.
    pub keys: TagKeys,
    /// The locks that stand at zones in which one has refused a write, as far as somebody has asked.
    pub locks: BTreeMap<ZoneId, Vec<Lock>>,
    /// The last try of what is to be written, where it was refused for good, as far as somebody has asked.
    pub missed: BTreeMap<RecordId, Missed>,
    /// The policy file, where the claims stand in one.
    pub policy_file: Option<String>,
    /// Whether a read failed on which a name rests that the run is about.
    pub is_troubled: bool,
    /// Whether rows of what was done could not be sent to the log, as far as somebody has written.
    pub is_untold: bool,
}

impl Scene {
    /// The zone of a name, where it does not exist.
    #[must_use]
    pub fn absent_zone_of(&self, name: &str) -> Option<&ZoneId> {
        let own = self.zones.iter().map(ZoneId::zone_name).filter(|zone| lies_in(name, zone.as_str()));
        let own = own.max_by_key(|zone| zone.as_str().len())?;
        self.deleted_zones.iter().chain(self.misnamed.keys()).find(|zone| zone.zone_name() == own)
    }

    /// Whether the name lies in a zone that the settings were probably meant to name.
    #[must_use]
    pub fn is_in_a_zone_that_was_meant(&self, name: &str) -> bool {
        self.misnamed
            .values()
            .filter_map(|slip| slip.meant.as_ref())
            .any(|meant| lies_in(name, meant.name().as_str()))
    }
}

fn lies_in(name: &str, zone: &str) -> bool {
    name == zone || name.strip_suffix(zone).is_some_and(|rest| rest.ends_with('.'))
}

impl Planned<'_> {
    /// Looks for changes whose last try was refused for good, and for the locks that refused them: a call for each zone that
    /// one has locked, and none else.
    pub async fn name_refusals(&mut self) {
        let ids = self.plan.changes.iter().map(|change| change.id.clone()).collect();
        let mut missed = missed::missed(&self.case.history, &ids);
        missed.retain(|missed| missed.refusal.is_some());
        missed::name_locks(&mut missed, &self.azure.for_a_part(READING)).await;
        self.missed = missed;
    }

    /// What this plan was made of.
    #[must_use]
    pub fn scene(&self) -> Scene {
        let (history, policy) = (&self.case.history, &self.installation.settings.policy);
        let zones = || policy.zones.iter().map(|zone| &zone.id);
        let known = |zone: &ZoneId| history.zones.get(zone);
        let marker = |zone: &ZoneId| known(zone).and_then(|zone| zone.marker);
        let swept = std::iter::once(history.tags_marker).chain(zones().map(marker)).min().flatten();
        let pace = |zone: &ZoneId, write: Write| {
            let budget = self.installation.clients.write_budget(zone, write)?;
            Some(((zone.clone(), write), budget))
        };
        let writes = [Write::Create, Write::Update];
        let paces = zones().flat_map(|zone| writes.into_iter().filter_map(move |write| pace(zone, write)));
        // Out of a part nothing is counted.
        let is_whole = !self.case.partial && swept.is_some();
        let counts = self.fleet.as_ref().and_then(|fleet| fleet.counts.as_ref());
        let names = |of: fn(&Counts) -> &BTreeSet<HostName>| counts.map(of).cloned().unwrap_or_default();
        let (mut in_sync, mut unswept) = (names(|counts| &counts.in_sync), names(|counts| &counts.unknown));
        in_sync.extend(self.in_sync.iter().cloned());
        unswept.extend(self.younger.iter().cloned());
        Scene {
            in_sync,
            unswept,
            zones: zones().cloned().collect(),
            claimed: is_whole.then(|| zones().filter_map(known).map(|zone| zone.claimed_names).sum()),
            newest_heartbeat: history.newest_heartbeat,
            swept,
            paces: paces.collect(),
            names: self.request.named(),
            is_adoption: !self.request.adopt.is_empty(),
            order: self.request.order.clone(),
            approval: self.request.approval.clone(),
            deleted: self.deleted(),
            taken_off: self.taken_off(),
            deleted_zones: self.deleted_zones().into_keys().collect(),
            is_silent_for_a_zone: self
                .silence
                .as_ref()
                .is_some_and(|silence| silence.missing_zone().is_some()),
            misnamed: self.misnamed.clone(),
            ttl_max: policy.ttl_max,
            tag: self.settings().collect.tag.clone(),
            misspelt: self.fleet.as_ref().map(|fleet| fleet.misspelt.clone()).unwrap_or_default(),
            keys: self.fleet.as_ref().map(|fleet| fleet.keys.clone()).unwrap_or_default(),
            locks: BTreeMap::new(),
            missed: self.missed.iter().map(|missed| (missed.record_id(), missed.clone())).collect(),
            policy_file: self.settings().policy_file.clone(),
            is_troubled: self.is_troubled(),
            is_untold: false,
        }
    }

    /// What is to be adopted and was ours, until another hand took our mark off.
    fn taken_off(&self) -> BTreeMap<RecordId, Timestamp> {
        let adopted = self.plan.changes.iter().filter(|change| change.cause.adopted_by().is_some());
        let bare = adopted.filter(|change| change.before.as_ref().is_some_and(|set| set.mark().is_none()));
        let ours = bare.map(|change| &change.id);
        ours.filter_map(|id| Some((id.clone(), self.case.history.was_ours(id)?))).collect()
    }

    /// What somebody has deleted of that which is to be made; of a write that may not have landed nobody knows.
    fn deleted(&self) -> BTreeMap<RecordId, PastChange> {
        let history = &self.case.history;
        let made = self.plan.changes.iter().filter(|change| change.before.is_none()).map(|change| &change.id);
        let last = |id: &RecordId| history.changes.get(id)?.last().cloned();
        let was_there = |id: &RecordId, last: &PastChange| {
            !last.to.is_empty() && !history.unconfirmed.contains(&(id.clone(), last.run.clone()))
        };
        let made = made.filter_map(|id| Some((id.clone(), last(id)?)));
        made.filter(|(id, last)| was_there(id, last)).collect()
    }
}
