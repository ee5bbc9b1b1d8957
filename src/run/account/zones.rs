//! Zones that the settings name and that do not exist: a slip of the pen, which no sweep will ever mend.

use std::collections::BTreeMap;

use crate::run::planned::Planned;
use crate::run::trouble::Trouble;
use pure::domain::{HostName, RecordType, Service, ZoneId, ZoneKind, distance};
use pure::plan::blindness::{Blindness, Wanted};
use pure::plan::{Answer, Reason, Why};
use pure::story::Topic;

/// Letters by which a zone may differ from the one that was meant.
const SLIPS: usize = 2;
/// What Azure answers for a zone that is not there.
const NOT_FOUND: u16 = 404;

impl Planned<'_> {
    /// Names the zones that do not exist. Only those are asked for that no sweep has ever read. Where there is no other zone,
    /// nothing can be decided.
    pub async fn name_missing_zones(&mut self) {
        if self.request.only().is_some() || self.case.partial {
            return;
        }
        let is_swept = |zone: &&ZoneId| {
            self.case.history.zones.get(*zone).is_some_and(|history| history.marker.is_some())
        };
        let zones = &self.policy().zones;
        let unswept: Vec<ZoneId> =
            zones.iter().map(|zone| &zone.id).filter(|zone| !is_swept(zone)).cloned().collect();
        let owner = &self.settings().run.owner_id;
        let mut missing = Vec::new();
        for zone in unswept {
            // A private zone has no NS sets.
            let looked = match zone.kind() {
                ZoneKind::Public => self.azure.dns.ns_sets(&zone).await.err(),
                ZoneKind::Private => self.azure.dns.any_set(&zone, RecordType::A, owner).await.err(),
            };
            // Whatever else it is, the sweep says it.
            if looked.is_some_and(|error| error.status == Some(NOT_FOUND)) {
                missing.push(zone);
            }
        }
        let is_all = missing.len() == zones.iter().count();
        self.misnamed = missing.iter().map(|zone| (zone.clone(), self.meant(zone.zone_name()))).collect();
        let told = self.misnamed.iter().map(|(zone, meant)| self.no_such_zone(zone, meant.as_deref()));
        let troubles: Vec<Trouble> = told.collect();
        if is_all {
            self.silence = troubles.first().cloned().or_else(|| self.silence.take());
        }
        self.found.troubles.splice(..0, troubles);
    }

    /// The zones that were swept and do not exist any more, as far as something was read there.
    pub(in crate::run) fn deleted_zones(&self) -> BTreeMap<ZoneId, &Trouble> {
        let told = self.found.troubles.iter().chain(&self.silence);
        let gone = told.filter_map(|trouble| Some((trouble.missing_zone()?, trouble)));
        gone.filter(|(zone, _)| !self.misnamed.contains_key(zone)).collect()
    }

    /// The zones of which nothing is known: they do not exist any more, or what stands there was asked for in vain.
    pub(super) fn unread_zones(&self) -> BTreeMap<ZoneId, Why> {
        let zones = self.policy().zones.iter().map(|zone| &zone.id);
        let zones = zones.filter(|zone| !self.misnamed.contains_key(*zone));
        let asked = zones.filter_map(|zone| match self.case.known.cuts(zone)? {
            Answer::Unavailable(because) => Some((zone.clone(), because.clone())),
            Answer::Known(_) => None,
        });
        let gone = self.deleted_zones();
        let gone = gone.into_iter().map(|(zone, trouble)| (zone, trouble.because.clone()));
        asked.chain(gone).map(|(zone, because)| (zone.clone(), unread(&zone, because))).collect()
    }

    /// Where no name was seen to be right and none is to be changed, for what stands in their zones was asked for in vain,
    /// nothing can be decided.
    pub(super) fn say_that_zones_are_unread(&mut self) {
        let counts = self.fleet.as_ref().and_then(|fleet| fleet.counts.as_ref());
        let is_nothing_seen = counts.is_some_and(|counts| counts.in_sync.is_empty());
        // A zone that does not exist any more has its own line.
        let gone = self.deleted_zones();
        let is_unread = self.unread_zones().keys().any(|zone| !gone.contains_key(zone));
        if !is_nothing_seen || !is_unread || !self.plan.changes.is_empty() || self.silence.is_some() {
            return;
        }
        let is_of_it = |trouble: &&Trouble| {
            matches!(trouble.topic(), Some(Topic::Reading { service: Service::DnsRead, .. }))
        };
        self.silence = self.found.troubles.iter().find(is_of_it).cloned();
    }

    /// Once more, when it is known of all names whose zone is not managed, which one was probably meant.
    pub fn guess_missing_zones(&mut self) {
        let unknown: Vec<ZoneId> =
            self.misnamed.iter().filter(|(_, meant)| meant.is_none()).map(|(zone, _)| zone.clone()).collect();
        for zone in unknown {
            let Some(meant) = self.meant(zone.zone_name()) else { continue };
            let (before, now) = (self.no_such_zone(&zone, None), self.no_such_zone(&zone, Some(&meant)));
            let told = self.found.troubles.iter_mut().chain(&mut self.silence);
            told.filter(|told| **told == before).for_each(|told| *told = now.clone());
            self.misnamed.insert(zone, Some(meant));
        }
    }

    fn no_such_zone(&self, zone: &ZoneId, meant: Option<&str>) -> Trouble {
        let group = zone.resource_id().resource_group();
        let (name, setting) = (zone.zone_name(), zone.kind().setting());
        let meant =
            meant.map_or_else(|| format!("correct {setting}"), |meant| format!("did you mean {meant}?"));
        Trouble::new(format!(
            "{setting} names the zone {name}, and the group {group} has none of that name: {meant}"
        ))
    }

    /// The zone of names that lie in none, where it is spelt nearly so.
    fn meant(&self, zone: &HostName) -> Option<String> {
        let labels = zone.as_str().split('.').count();
        let mut likely: BTreeMap<String, usize> = BTreeMap::new();
        let nowhere = self.plan.skips.iter().filter(|skip| skip.reason == Reason::NoZone);
        for skip in nowhere {
            let parts: Vec<&str> = skip.name.split('.').collect();
            let Some(begin) = parts.len().checked_sub(labels) else { continue };
            *likely.entry(parts[begin..].join(".")).or_default() += 1;
        }
        let near = likely.into_iter().filter(|(other, _)| distance(other, zone.as_str()) <= SLIPS);
        near.max_by_key(|(_, count)| *count).map(|(other, _)| other)
    }
}

/// That nothing is known of what stands in a zone.
fn unread(zone: &ZoneId, because: String) -> Why {
    let wanted = Wanted::Cuts { zone: zone.zone_name().to_string() };
    Why::Blind { cause: Blindness::Unavailable { wanted, because } }
}
