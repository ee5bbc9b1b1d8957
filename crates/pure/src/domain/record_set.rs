//! A record set as it stands in a zone.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::hold::Hold;
use super::host_name::HostName;
use super::mark::Mark;
use super::record_id::{RecordId, RecordType};
use super::zone::ZoneId;

/// A record set with everything that must survive a replacement.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordSet {
    /// The id in Azure as given; empty for a set that is yet to be created.
    pub id: String,
    /// The zone it stands in.
    pub zone: ZoneId,
    /// The full name.
    pub name: HostName,
    /// The type.
    pub record_type: RecordType,
    /// The entity tag, opaque; empty for a set that is yet to be created.
    pub etag: String,
    /// Time to live in seconds.
    pub ttl: u32,
    /// The addresses; empty for an alias or an empty set.
    pub addresses: BTreeSet<IpAddr>,
    /// The resource that an alias follows, none for a plain set (`targetResource: {}` is none as well).
    pub alias: Option<String>,
    /// Whether Azure keeps it for a virtual machine of a linked network. Only sets of private zones are ever so, and a write of
    /// ours would win over the registration without a word (contract private-zones, section 0).
    pub auto_registered: bool,
    /// Labels: ours (`heartbeat_dns_…`) and everybody else's.
    pub metadata: BTreeMap<String, String>,
    /// Properties that we do not manage, sent back as they came.
    pub other: serde_json::Map<String, serde_json::Value>,
}

impl RecordSet {
    /// Where it stands.
    #[must_use]
    pub fn record_id(&self) -> RecordId {
        RecordId { zone: self.zone.clone(), name: self.name.clone(), record_type: self.record_type }
    }

    /// Whether it has an entity tag of its own by which a write can be guarded; `*` matches whatever stands there.
    #[must_use]
    pub fn is_guarded(&self) -> bool {
        !matches!(self.etag.trim(), "" | "*")
    }

    /// Our mark, or another installation's; none when no key of a mark is there.
    #[must_use]
    pub fn mark(&self) -> Option<Mark> {
        Mark::read(&self.metadata)
    }

    /// What a person said to hold the set, marked or not, whether or not it still stands.
    #[must_use]
    pub fn hold(&self) -> Option<Hold> {
        Hold::read(&self.metadata)
    }

    /// The mark, if it is of this installation.
    #[must_use]
    pub fn mark_of(&self, owner: &str) -> Option<Mark> {
        self.mark().filter(|mark| mark.owner == owner)
    }
}
