//! The managed zones, and which of them a name belongs to.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Serialize, Serializer};

use super::host_name::{HostName, NameFault};
use super::resource_id::{ResourceId, ResourceIdFault};

/// Who a zone answers: everybody, or the networks that are linked to it.
///
/// ```
/// use pure::domain::{ZoneId, ZoneKind};
///
/// let id = "/subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/corp.example.com";
/// assert_eq!(ZoneId::parse(id).unwrap().kind(), ZoneKind::Private);
/// assert!(ZoneId::parse(&id.replace("corp.", "privatelink.")).is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ZoneKind {
    /// A zone of Azure DNS, which answers everybody.
    Public,
    /// A zone of Azure Private DNS, which answers linked networks alone.
    Private,
}

impl ZoneKind {
    /// Both of them.
    pub const ALL: [Self; 2] = [Self::Public, Self::Private];

    /// The kind of the zone of that id; a text that is none is of no private zone.
    #[must_use]
    pub fn of_id(id: &str) -> Self {
        ZoneId::parse(id).map_or(Self::Public, |zone| zone.kind())
    }
}

/// The id of a DNS zone of either kind: printed as given, compared without case.
///
/// ```
/// use pure::domain::{ZoneId, ZoneKind};
///
/// let id = "/subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/Example.com";
/// let zone = ZoneId::parse(id).unwrap();
/// assert_eq!((zone.zone_name().as_str(), zone.kind()), ("example.com", ZoneKind::Public));
/// assert!(ZoneId::parse(&id.replace("dnsZones", "trafficManagerProfiles")).is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ZoneId {
    id: ResourceId,
    name: HostName,
    kind: ZoneKind,
}

/// Why zones cannot be managed; a fragment that fits after "the zone".
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ZoneFault {
    /// Not a resource id at all.
    #[error("{id:?} {fault}")]
    Id {
        /// The text given.
        id: String,
        /// What is wrong with it.
        fault: ResourceIdFault,
    },
    /// A private zone of private endpoints. What stands in it comes and goes with them, without us (contract private-zones,
    /// section 4).
    #[error("{0:?} is a zone of private endpoints, whose records Azure itself makes and removes")]
    PrivateLink(String),
    /// A resource of another type.
    #[error("{0:?} is no DNS zone (…/providers/Microsoft.Network/dnsZones/NAME)")]
    Type(String),
    /// The zone's name is no name.
    #[error("{id:?} has a name that {fault}")]
    Name {
        /// The text given.
        id: String,
        /// What is wrong with its name.
        fault: NameFault,
    },
    /// Two different zones of one name and kind: a record's place would be ambiguous.
    #[error("{0:?} has the name of another managed zone; manage one of them")]
    Twice(String),
}

impl ZoneId {
    /// Reads the id of a zone in any case.
    ///
    /// # Errors
    /// [`ZoneFault`] for anything else, and for zones of private endpoints.
    pub fn parse(text: &str) -> Result<Self, ZoneFault> {
        let given = || text.trim().to_owned();
        let id = ResourceId::parse(text).map_err(|fault| ZoneFault::Id { id: given(), fault })?;
        // A record set below a zone has two segments more than the zone itself.
        let nested = id.lower().split('/').count() != 9;
        let kind = match id.resource_type().as_str() {
            "microsoft.network/dnszones" if !nested => ZoneKind::Public,
            "microsoft.network/privatednszones" if !nested => ZoneKind::Private,
            _ => return Err(ZoneFault::Type(given())),
        };
        match HostName::parse(id.name()) {
            Ok(name) if kind == ZoneKind::Private && is_of_endpoints(&name) => {
                Err(ZoneFault::PrivateLink(given()))
            }
            Ok(name) if !name.is_wildcard() => Ok(Self { id, name, kind }),
            Ok(_) => Err(ZoneFault::Name { id: given(), fault: NameFault::Asterisk }),
            Err(fault) => Err(ZoneFault::Name { id: given(), fault }),
        }
    }

    /// The id as given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.id.as_str()
    }

    /// The id in lower case.
    #[must_use]
    pub fn lower(&self) -> &str {
        self.id.lower()
    }

    /// The parsed resource id.
    #[must_use]
    pub fn resource_id(&self) -> &ResourceId {
        &self.id
    }

    /// The zone's DNS name.
    #[must_use]
    pub fn zone_name(&self) -> &HostName {
        &self.name
    }

    /// Who it answers.
    #[must_use]
    pub fn kind(&self) -> ZoneKind {
        self.kind
    }
}

/// Whether one of the labels is that of private endpoints: `privatelink.blob.core.windows.net`, or
/// `westeurope.privatelink.azurecr.io`.
fn is_of_endpoints(name: &HostName) -> bool {
    name.as_str().split('.').any(|label| label == "privatelink")
}

/// A managed zone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Zone {
    /// Its id in Azure.
    pub id: ZoneId,
}

impl Zone {
    /// The zone's DNS name.
    #[must_use]
    pub fn name(&self) -> &HostName {
        self.id.zone_name()
    }

    /// The name relative to this zone: `@` for the apex, none outside.
    #[must_use]
    pub fn relative<'a>(&self, name: &'a HostName) -> Option<&'a str> {
        let (name, zone) = (name.as_str(), self.name().as_str());
        if name == zone {
            return Some("@");
        }
        name.strip_suffix(zone)?.strip_suffix('.')
    }

    /// The full name of a relative one, as record sets are listed; none when it is no host name (`_dmarc`).
    #[must_use]
    pub fn absolute(&self, relative: &str) -> Option<HostName> {
        match relative {
            "@" => Some(self.name().clone()),
            _ => HostName::parse(&[relative, self.name().as_str()].join(".")).ok(),
        }
    }
}

/// All managed zones; no two of them share a name and a kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zones {
    public: BTreeMap<String, Zone>,
    private: BTreeMap<String, Zone>,
}

impl Zones {
    /// Takes the zones; the same id twice counts once.
    ///
    /// # Errors
    /// One [`ZoneFault::Twice`] for each further zone of a name and kind.
    pub fn new(ids: impl IntoIterator<Item = ZoneId>) -> Result<Self, Vec<ZoneFault>> {
        let mut all = Self::default();
        let mut faults = Vec::new();
        for id in ids {
            let zones = match id.kind() {
                ZoneKind::Public => &mut all.public,
                ZoneKind::Private => &mut all.private,
            };
            match zones.get(id.zone_name().as_str()) {
                Some(zone) if zone.id != id => faults.push(ZoneFault::Twice(id.as_str().to_owned())),
                Some(_) => {}
                None => {
                    zones.insert(id.zone_name().as_str().to_owned(), Zone { id });
                }
            }
        }
        if faults.is_empty() { Ok(all) } else { Err(faults) }
    }

    /// The public zone that answers for the name.
    #[must_use]
    pub fn longest_match(&self, name: &HostName) -> Option<&Zone> {
        self.longest_of(ZoneKind::Public, name)
    }

    /// The zone of a kind that answers for the name: the longest managed suffix of that kind.
    #[must_use]
    pub fn longest_of(&self, kind: ZoneKind, name: &HostName) -> Option<&Zone> {
        let zones = self.of(kind);
        let mut suffix = Some(name.as_str());
        while let Some(candidate) = suffix {
            if let Some(zone) = zones.get(candidate) {
                return Some(zone);
            }
            suffix = candidate.split_once('.').map(|(_, rest)| rest);
        }
        None
    }

    /// The zones that answer for the name: one of each kind at most.
    pub fn of_name<'a>(&'a self, name: &'a HostName) -> impl Iterator<Item = &'a Zone> {
        ZoneKind::ALL.into_iter().filter_map(|kind| self.longest_of(kind, name))
    }

    /// The managed zones of its kind below that one. They hide its record sets at or below their names, for which they answer.
    pub fn below(&self, zone: &Zone) -> impl Iterator<Item = &Zone> {
        let others = self.of(zone.id.kind()).values().filter(|other| other.id != zone.id);
        others.filter(|other| other.name().is_at_or_below(zone.name()))
    }

    /// The zone of that id.
    #[must_use]
    pub fn get(&self, id: &ZoneId) -> Option<&Zone> {
        self.of(id.kind()).get(id.zone_name().as_str()).filter(|zone| zone.id == *id)
    }

    /// The zones, public ones first, those of a kind sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = &Zone> {
        self.public.values().chain(self.private.values())
    }

    /// Their number.
    #[must_use]
    pub fn len(&self) -> usize {
        self.public.len() + self.private.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.public.is_empty() && self.private.is_empty()
    }

    fn of(&self, kind: ZoneKind) -> &BTreeMap<String, Zone> {
        match kind {
            ZoneKind::Public => &self.public,
            ZoneKind::Private => &self.private,
        }
    }
}

impl fmt::Debug for ZoneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.id)
    }
}

impl fmt::Display for ZoneId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for ZoneId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(name: &str) -> ZoneId {
        ZoneId::parse(&format!(
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/{name}"
        ))
        .unwrap()
    }

    fn private(name: &str) -> ZoneId {
        ZoneId::parse(&id(name).as_str().replace("dnsZones", "privateDnsZones")).unwrap()
    }

    fn name(text: &str) -> HostName {
        HostName::parse(text).unwrap()
    }

    #[test]
    fn the_same_zone_twice_counts_once() {
        let none = Zones::new([]).unwrap();
        assert_eq!((none.len(), none.is_empty()), (0, true));
        let zones = Zones::new([id("example.com"), id("home.example.com"), id("Example.com")]).unwrap();
        assert_eq!((zones.len(), zones.is_empty(), zones.iter().count()), (2, false, 2));
    }

    #[test]
    fn a_name_belongs_to_the_longest_zone() {
        let zones = Zones::new([id("example.com"), id("home.example.com"), id("Example.com")]).unwrap();
        let zone_of = |text: &str| zones.longest_match(&name(text)).map(|zone| zone.name().as_str());
        assert_eq!(zone_of("nas.home.example.com"), Some("home.example.com"));
        assert_eq!(zone_of("home.example.com"), Some("home.example.com"));
        assert_eq!(zone_of("nashome.example.com"), Some("example.com"));
        assert_eq!(zone_of("notexample.com"), None);
        let parent = zones.get(&id("example.com")).unwrap();
        let below: Vec<_> = zones.below(parent).map(|zone| zone.name().as_str()).collect();
        assert_eq!(below, ["home.example.com"]);
        assert_eq!(zones.below(zones.get(&id("home.example.com")).unwrap()).count(), 0);
    }

    #[test]
    fn a_name_has_a_zone_of_each_kind() {
        let ids = ["example.com", "home.example.com"].map(id).into_iter();
        let zones = Zones::new(ids.chain(["example.com", "lab.home.example.com"].map(private))).unwrap();
        assert_eq!((zones.len(), zones.iter().count()), (4, 4));
        let of = |kind, text: &str| zones.longest_of(kind, &name(text)).map(|zone| zone.id.clone());
        for (host, public_zone, private_zone) in [
            ("nas.home.example.com", "home.example.com", "example.com"),
            ("nas.lab.home.example.com", "home.example.com", "lab.home.example.com"),
        ] {
            assert_eq!(of(ZoneKind::Public, host), Some(id(public_zone)));
            assert_eq!(zones.longest_match(&name(host)).map(|zone| &zone.id), Some(&id(public_zone)));
            assert_eq!(of(ZoneKind::Private, host), Some(private(private_zone)));
        }
        for (parent, child) in [
            (id("example.com"), id("home.example.com")),
            (private("example.com"), private("lab.home.example.com")),
        ] {
            let below: Vec<_> = zones.below(zones.get(&parent).unwrap()).map(|zone| &zone.id).collect();
            assert_eq!(below, [&child], "a zone hides names of its own kind alone");
        }
        assert_eq!(zones.get(&private("home.example.com")), None);
        let only_private = Zones::new([private("example.com")]).unwrap();
        assert_eq!(
            (only_private.is_empty(), only_private.longest_match(&name("a.example.com"))),
            (false, None)
        );
    }

    #[test]
    fn zones_of_private_endpoints_are_refused_and_public_ones_named_alike_are_not() {
        let base = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";
        for name in
            ["privatelink.blob.core.windows.net", "PrivateLink.example.com", "we.privatelink.azurecr.io"]
        {
            let text = format!("{base}/privateDnsZones/{name}");
            assert_eq!(ZoneId::parse(&text), Err(ZoneFault::PrivateLink(text)));
            assert!(ZoneId::parse(&format!("{base}/dnsZones/{name}")).is_ok());
        }
        assert_eq!(private("privatelinks.example.com").kind(), ZoneKind::Private);
    }

    #[test]
    fn relative_names_go_both_ways() {
        let zone = Zone { id: id("example.com") };
        for (full, relative) in
            [("example.com", "@"), ("a.b.example.com", "a.b"), ("*.home.example.com", "*.home")]
        {
            assert_eq!(zone.relative(&name(full)), Some(relative));
            assert_eq!(zone.absolute(relative), Some(name(full)));
        }
        assert_eq!(zone.relative(&name("notexample.com")), None);
        assert_eq!(zone.absolute("_dmarc"), None);
    }

    #[test]
    fn two_zones_of_one_name_are_a_fault() {
        let other = id("example.com").as_str().replace("/g/", "/other/");
        let faults = Zones::new([id("example.com"), ZoneId::parse(&other).unwrap()]).unwrap_err();
        assert_eq!(faults, [ZoneFault::Twice(other)]);
        let other = private("example.com").as_str().replace("/g/", "/other/");
        let ids = [id("example.com"), private("example.com"), ZoneId::parse(&other).unwrap()];
        assert_eq!(Zones::new(ids).unwrap_err(), [ZoneFault::Twice(other)]);
    }

    #[test]
    fn only_zones_are_zones() {
        let base = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network";
        for below in ["dnsZones/a.com/A/www", "privateDnsZones/a.com/virtualNetworkLinks/hub"] {
            assert!(matches!(ZoneId::parse(&format!("{base}/{below}")), Err(ZoneFault::Type(_))));
        }
        assert!(matches!(ZoneId::parse(&format!("{base}/dnsZones/_a.com")), Err(ZoneFault::Name { .. })));
        assert!(matches!(ZoneId::parse("example.com"), Err(ZoneFault::Id { .. })));
        assert!(format!("{:?}", id("example.com")).contains("dnsZones/example.com"));
        for hostile in ["..", ".", "%2e", "g?x", "g#x", ""] {
            let text = format!("{base}/dnsZones/a.com").replace("/g/", &format!("/{hostile}/"));
            assert!(matches!(ZoneId::parse(&text), Err(ZoneFault::Id { .. })), "{text}");
        }
    }
}
