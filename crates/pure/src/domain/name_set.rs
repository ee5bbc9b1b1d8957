//! Names that somebody means, each on all of its sides or on some: a name may stand in a public zone and in a private one.

use std::collections::{BTreeMap, BTreeSet};

use super::host_name::HostName;
use super::observation::MismatchRow;
use super::record_id::RecordId;
use super::zone::ZoneId;

/// A set of names, each with the zones in which it is meant; without any it is meant in every zone that holds it.
///
/// ```
/// use pure::domain::{HostName, NameSet, ZoneId};
///
/// let base = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";
/// let zone = |kind: &str| ZoneId::parse(&format!("{base}/{kind}/example.com")).unwrap();
/// let (public, private) = (zone("dnsZones"), zone("privateDnsZones"));
/// let nas = HostName::parse("nas.example.com").unwrap();
/// let both = NameSet::from([nas.clone()]);
/// let mut one = NameSet::of([nas.clone()], Some(&private));
/// assert!(one.has(&private, &nas) && !one.has(&public, &nas));
/// assert!(both.covers(&one) && !one.covers(&both));
/// one.take_in(both);
/// assert!(one.has(&public, &nas));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameSet(BTreeMap<HostName, BTreeSet<ZoneId>>);

impl NameSet {
    /// These names, in that zone alone where there is one.
    #[must_use]
    pub fn of(names: impl IntoIterator<Item = HostName>, zone: Option<&ZoneId>) -> Self {
        let zones: BTreeSet<ZoneId> = zone.into_iter().cloned().collect();
        Self(names.into_iter().map(|name| (name, zones.clone())).collect())
    }

    /// Takes a name in on every side.
    pub fn insert(&mut self, name: HostName) {
        self.0.insert(name, BTreeSet::new());
    }

    /// Takes a name in on that side, beside those on which it is meant already.
    pub fn insert_in(&mut self, zone: ZoneId, name: HostName) {
        self.widen(name, [zone].into());
    }

    /// Takes in what the other means.
    pub fn take_in(&mut self, other: Self) {
        other.0.into_iter().for_each(|(name, zones)| self.widen(name, zones));
    }

    fn widen(&mut self, name: HostName, zones: BTreeSet<ZoneId>) {
        match self.0.get_mut(&name) {
            Some(ours) if ours.is_empty() || zones.is_empty() => ours.clear(),
            Some(ours) => ours.extend(zones),
            None => drop(self.0.insert(name, zones)),
        }
    }

    /// Leaves the names of which that is true.
    pub fn retain(&mut self, is_kept: impl Fn(&HostName) -> bool) {
        self.0.retain(|name, _| is_kept(name));
    }

    /// Leaves nothing.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many names.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The names, whatever their sides.
    pub fn iter(&self) -> impl Iterator<Item = &HostName> {
        self.0.keys()
    }

    /// The same as a set.
    #[must_use]
    pub fn hosts(&self) -> BTreeSet<HostName> {
        self.0.keys().cloned().collect()
    }

    /// Whether the name is meant on some side at least.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether the name is meant in that zone.
    #[must_use]
    pub fn has(&self, zone: &ZoneId, name: &HostName) -> bool {
        self.0.get(name).is_some_and(|zones| zones.is_empty() || zones.contains(zone))
    }

    /// Whether the record set is one that is meant.
    #[must_use]
    pub fn holds(&self, id: &RecordId) -> bool {
        self.has(&id.zone, &id.name)
    }

    /// Whether the name is meant, and not in that zone.
    #[must_use]
    pub fn leaves_out(&self, zone: &ZoneId, name: &HostName) -> bool {
        self.contains(name.as_str()) && !self.has(zone, name)
    }

    /// Whether what is said of a name in a zone, or without any of its tag alone, is said of one that is meant.
    #[must_use]
    pub fn is_about(&self, name: &str, zone: Option<&ZoneId>) -> bool {
        let zones = self.0.get(name);
        zones.is_some_and(|zones| zones.is_empty() || zone.is_none_or(|zone| zones.contains(zone)))
    }

    /// Whether a row speaks of a name that is meant; one that names no zone, of its tag alone.
    #[must_use]
    pub fn has_row(&self, row: &MismatchRow) -> bool {
        let zone = ZoneId::parse(&row.zone_id).ok();
        HostName::parse(&row.host_name).is_ok_and(|name| self.is_about(name.as_str(), zone.as_ref()))
    }

    /// Whether all that the other means is meant here.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.0.iter().all(|(name, theirs)| {
            let ours = self.0.get(name);
            ours.is_some_and(|ours| ours.is_empty() || !theirs.is_empty() && theirs.is_subset(ours))
        })
    }

    /// The zone in which alone all of them are meant, if there is one.
    #[must_use]
    pub fn side(&self) -> Option<&ZoneId> {
        let mut sides = self.0.values();
        let first = sides.next()?;
        let is_one = first.len() == 1 && sides.all(|zones| zones == first);
        first.iter().next().filter(|_| is_one)
    }
}

impl Extend<HostName> for NameSet {
    fn extend<T: IntoIterator<Item = HostName>>(&mut self, names: T) {
        names.into_iter().for_each(|name| self.insert(name));
    }
}

impl FromIterator<HostName> for NameSet {
    fn from_iter<T: IntoIterator<Item = HostName>>(names: T) -> Self {
        Self::of(names, None)
    }
}

impl From<BTreeSet<HostName>> for NameSet {
    fn from(names: BTreeSet<HostName>) -> Self {
        Self::of(names, None)
    }
}

impl<const N: usize> From<[HostName; N]> for NameSet {
    fn from(names: [HostName; N]) -> Self {
        Self::of(names, None)
    }
}
