//! Zones that the settings name and that do not exist: a slip of the pen, which no sweep will ever mend.

use std::collections::BTreeMap;

use crate::azure::Lacking;
use crate::run::absent_zone::{AbsentZone, Meant, Slip};
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
    /// Names the zones that do not exist. Only those are asked for that no sweep has ever read, and of a run about some names
    /// only those that hold one of them or are spelt nearly like the end of one. Where there is no other zone, nothing can be
    /// decided.
    pub async fn name_missing_zones(&mut self) {
        if self.case.partial {
            return;
        }
        let only = self.request.only();
        let is_swept =
            |zone: &ZoneId| self.case.history.zones.get(zone).is_some_and(|history| history.marker.is_some());
        let is_wanted = |zone: &&ZoneId| {
            !is_swept(zone)
                && only.as_ref().is_none_or(|names| names.iter().any(|name| self.is_of(name, zone)))
        };
        let zones = &self.policy().zones;
        let unswept: Vec<ZoneId> = zones.iter().map(|zone| &zone.id).filter(is_wanted).cloned().collect();
        let owner = &self.settings().run.owner_id;
        let mut missing = BTreeMap::new();
        for zone in unswept {
            // A private zone has no NS sets.
            let looked = match zone.kind() {
                ZoneKind::Public => self.azure.dns.ns_sets(&zone).await.err(),
                ZoneKind::Private => self.azure.dns.any_set(&zone, RecordType::A, owner).await.err(),
            };
            let Some(error) = looked else { continue };
            let meant = self.meant(&zone);
            let lacking = match (&meant, error.status) {
                (_, Some(NOT_FOUND)) => error.lacking(),
                // A role on the right zone lets nobody see that another one is not there.
                (Some(Meant::Zone(_)), _) if error.is_forbidden() => Lacking::Sight,
                // Whatever else it is, the sweep says it.
                _ => continue,
            };
            missing.insert(zone, Slip { lacking, meant });
        }
        let is_all = match &only {
            None => missing.len() == zones.iter().count(),
            Some(names) => {
                let is_lost = |name: &HostName| missing.keys().any(|zone| self.is_of(name, zone));
                self.plan.changes.is_empty() && !missing.is_empty() && names.iter().all(is_lost)
            }
        };
        self.misnamed = missing;
        let troubles: Vec<Trouble> =
            self.misnamed.iter().map(|(zone, slip)| Trouble::new(slip.told(zone))).collect();
        if is_all {
            self.silence = troubles.first().cloned().or_else(|| self.silence.take());
        }
        self.found.troubles.splice(..0, troubles);
    }

    /// Whether a zone of the settings holds the name, or would if it were spelt a little otherwise.
    fn is_of(&self, name: &HostName, zone: &ZoneId) -> bool {
        match self.policy().zones.longest_of(zone.kind(), name) {
            Some(own) => own.id == *zone,
            None => tail(name.as_str(), zone.zone_name()).is_some_and(|tail| is_near(tail, zone.zone_name())),
        }
    }

    /// The zone in whose place none is there, where one of these names would lie in it.
    #[must_use]
    pub fn absent_zone(&self) -> Option<AbsentZone> {
        let slip = self.misnamed.iter().next();
        let slip = slip.map(|(zone, slip)| AbsentZone::Misnamed(zone.clone(), slip.clone()));
        slip.or_else(|| self.deleted_zones().into_keys().next().map(AbsentZone::Deleted))
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
        let never = self.misnamed.iter().map(|(zone, slip)| (zone.clone(), slip.told(zone)));
        asked.chain(gone).chain(never).map(|(zone, because)| (zone.clone(), unread(&zone, because))).collect()
    }

    /// Where no name was seen to be right and none is to be changed, for what stands in their zones was asked for in vain,
    /// nothing can be decided.
    pub(super) fn say_that_zones_are_unread(&mut self) {
        let counts = self.fleet.as_ref().and_then(|fleet| fleet.counts.as_ref());
        let is_nothing_seen = counts.is_some_and(|counts| counts.in_sync.is_empty());
        // A zone that does not exist has its own line.
        let gone = self.deleted_zones();
        let has_its_line = |zone: &ZoneId| gone.contains_key(zone) || self.misnamed.contains_key(zone);
        let is_unread = self.unread_zones().keys().any(|zone| !has_its_line(zone));
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
        let unknown = self.misnamed.iter().filter(|(_, slip)| slip.meant.is_none());
        let unknown: Vec<(ZoneId, Slip)> = unknown.map(|(zone, slip)| (zone.clone(), slip.clone())).collect();
        for (zone, slip) in unknown {
            let Some(meant) = self.meant(&zone) else { continue };
            let known = Slip { meant: Some(meant), ..slip.clone() };
            let (before, now) = (Trouble::new(slip.told(&zone)), Trouble::new(known.told(&zone)));
            let told = self.found.troubles.iter_mut().chain(&mut self.silence);
            told.filter(|told| **told == before).for_each(|told| *told = now.clone());
            self.misnamed.insert(zone, known);
        }
    }

    /// The zone that was meant: one that the log knows and the settings do not name, or that of names that lie in none,
    /// where it is spelt nearly so.
    fn meant(&self, zone: &ZoneId) -> Option<Meant> {
        let zones = &self.policy().zones;
        let swept = self.case.history.zones.iter().filter(|(other, history)| {
            let is_strange = other.kind() == zone.kind() && zones.get(other).is_none();
            is_strange && history.marker.is_some() && is_near(other.zone_name().as_str(), zone.zone_name())
        });
        let far = |other: &ZoneId| distance(other.zone_name().as_str(), zone.zone_name().as_str());
        let known =
            swept.min_by_key(|(other, history)| (far(other), std::cmp::Reverse(history.claimed_names)));
        let known = known.map(|(other, _)| Meant::Zone(other.clone()));
        known.or_else(|| self.spelt_nearly(zone.zone_name()).map(Meant::Name))
    }

    /// The end of names that lie in no zone, where it is nearly that.
    fn spelt_nearly(&self, zone: &HostName) -> Option<HostName> {
        let nowhere = self.plan.skips.iter().filter(|skip| skip.reason == Reason::NoZone);
        let asked = self.request.named();
        let asked = asked.iter().filter(|name| self.policy().zones.of_name(name).next().is_none());
        let names = nowhere.map(|skip| skip.name.as_str()).chain(asked.map(HostName::as_str));
        let mut likely: BTreeMap<&str, usize> = BTreeMap::new();
        for tail in names.filter_map(|name| tail(name, zone)).filter(|tail| is_near(tail, zone)) {
            *likely.entry(tail).or_default() += 1;
        }
        let likeliest = likely.into_iter().max_by_key(|(_, count)| *count);
        likeliest.and_then(|(tail, _)| HostName::parse(tail).ok())
    }
}

/// As many labels of the end of a name as a zone has.
fn tail<'n>(name: &'n str, zone: &HostName) -> Option<&'n str> {
    let labels = zone.as_str().split('.').count();
    match name.rmatch_indices('.').nth(labels - 1) {
        Some((at, _)) => name.get(at + 1..),
        None => Some(name).filter(|name| name.split('.').count() == labels),
    }
}

/// Whether one was probably meant by the other.
fn is_near(other: &str, zone: &HostName) -> bool {
    distance(other, zone.as_str()) <= SLIPS
}

/// That nothing is known of what stands in a zone.
fn unread(zone: &ZoneId, because: String) -> Why {
    let wanted = Wanted::Cuts { zone: zone.zone_name().to_string() };
    Why::Blind { cause: Blindness::Unavailable { wanted, because } }
}
