//! What a record set is known by: its zone, its name and its type.

use std::cmp::Ordering;
use std::fmt;
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::host_name::HostName;
use super::zone::{Zone, ZoneId};
use super::zone_kind::ZoneKind;

/// The place of a record set: the key of rows, claims, live sets, history, changes, proofs and audit rows.
///
/// A name may stand in two zones, so the zone belongs to it. Places are ordered as people read them: by name, then by
/// type, then by zone.
///
/// ```
/// use pure::domain::{HostName, RecordId, RecordType, ZoneId};
///
/// let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com";
/// let (zone, name) = (ZoneId::parse(id).unwrap(), HostName::parse("nas.example.com").unwrap());
/// let record = RecordId { zone, name, record_type: RecordType::A };
/// assert_eq!(record.to_string(), "nas.example.com A");
/// assert_eq!(record.arm_id(), format!("{id}/A/nas"));
/// let private = ZoneId::parse(&id.replace("dnsZones", "privateDnsZones")).unwrap();
/// assert_eq!(RecordId { zone: private, ..record }.to_string(), "nas.example.com private A");
/// assert!(RecordType::parse("TXT").is_none());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RecordId {
    /// The zone that it stands in.
    pub zone: ZoneId,
    /// The full name.
    pub name: HostName,
    /// The type.
    pub record_type: RecordType,
}

impl RecordId {
    /// Its id in Azure Resource Manager.
    #[must_use]
    pub fn arm_id(&self) -> String {
        let of = Zone { id: self.zone.clone() };
        let relative = of.relative(&self.name).unwrap_or_else(|| self.name.as_str());
        format!("{}/{}/{relative}", self.zone.as_str(), self.record_type)
    }
}

impl Ord for RecordId {
    fn cmp(&self, other: &Self) -> Ordering {
        let types = || self.record_type.cmp(&other.record_type);
        self.name.cmp(&other.name).then_with(types).then_with(|| self.zone.cmp(&other.zone))
    }
}

impl PartialOrd for RecordId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for RecordId {
    /// Name and type, as people say it; of two sets of one name and type the private one is called so.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.name, self.record_type.inside(self.zone.kind()))
    }
}

impl ZoneId {
    /// The zone as people tell it from the other one of its name.
    ///
    /// ```
    /// use pure::domain::ZoneId;
    ///
    /// let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/privateDnsZones/corp.example.com";
    /// assert_eq!(ZoneId::parse(id).unwrap().in_words(), "the private zone corp.example.com");
    /// assert_eq!(ZoneId::parse(id).unwrap().label(), "private:corp.example.com");
    /// let id = id.replace("privateDnsZones", "dnsZones");
    /// assert_eq!(ZoneId::parse(&id).unwrap().in_words(), "corp.example.com");
    /// ```
    #[must_use]
    pub fn in_words(&self) -> String {
        match self.kind() {
            ZoneKind::Public => self.zone_name().to_string(),
            ZoneKind::Private => format!("the private zone {}", self.zone_name()),
        }
    }

    /// The same in a list or a label, where a policy tells the two apart as well: the name, after `private:` of a private one.
    #[must_use]
    pub fn label(&self) -> String {
        match self.kind() {
            ZoneKind::Public => self.zone_name().to_string(),
            ZoneKind::Private => format!("private:{}", self.zone_name()),
        }
    }
}

/// The two types of record sets that hold addresses.
///
/// ```
/// use pure::domain::RecordType;
///
/// assert_eq!(RecordType::parse("aaaa"), Some(RecordType::Aaaa));
/// assert_eq!(RecordType::parse("TXT"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum RecordType {
    /// IPv4 addresses.
    A,
    /// IPv6 addresses.
    #[serde(rename = "AAAA")]
    Aaaa,
}

impl RecordType {
    /// Reads `A` or `AAAA` in any case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("A") {
            Some(Self::A)
        } else if text.eq_ignore_ascii_case("AAAA") {
            Some(Self::Aaaa)
        } else {
            None
        }
    }

    /// The type that holds addresses of this family.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        if address.to_canonical().is_ipv4() { Self::A } else { Self::Aaaa }
    }

    /// The word of a set of this type in a zone of that kind: a name may have one in each.
    #[must_use]
    pub fn inside(self, kind: ZoneKind) -> &'static str {
        match (kind, self) {
            (ZoneKind::Public, record_type) => record_type.as_str(),
            (ZoneKind::Private, Self::A) => "private A",
            (ZoneKind::Private, Self::Aaaa) => "private AAAA",
        }
    }

    /// `A` or `AAAA`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::Aaaa => "AAAA",
        }
    }
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
