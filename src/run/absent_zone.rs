//! A zone that the settings name and that does not exist: it was deleted, or there is a slip of the pen in its id.

use crate::azure::Lacking;
use pure::domain::{HostName, ResourceId, ZoneId};

/// A zone that the settings name and that does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AbsentZone {
    /// The log knows it, and it is there no longer.
    Deleted(ZoneId),
    /// No sweep has ever read it.
    Misnamed(ZoneId, Slip),
}

/// What is wrong with the id of a zone that never was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slip {
    /// What of the id there is not.
    pub lacking: Lacking,
    /// The zone that was probably meant.
    pub meant: Option<Meant>,
}

/// The zone that was probably meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meant {
    /// Names that lie in no managed zone would lie in it.
    Name(HostName),
    /// The log knows it: it was swept within the day.
    Zone(ZoneId),
}

impl Meant {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &HostName {
        match self {
            Self::Name(name) => name,
            Self::Zone(zone) => zone.zone_name(),
        }
    }

    /// The same beside what stands in the settings: only what differs.
    fn beside(&self, zone: &ZoneId) -> String {
        let (own, other) = match self {
            Self::Zone(meant) if meant.zone_name() == zone.zone_name() => {
                (zone.resource_id(), meant.resource_id())
            }
            _ => return self.name().to_string(),
        };
        let differs = |part: fn(&ResourceId) -> &str| !part(own).eq_ignore_ascii_case(part(other));
        let group = format!("the group {}", other.resource_group());
        match (differs(ResourceId::subscription), differs(ResourceId::resource_group)) {
            (false, _) => group,
            (true, false) => format!("the subscription {}", other.subscription()),
            (true, true) => format!("{group} of the subscription {}", other.subscription()),
        }
    }
}

impl Slip {
    /// What stands in the settings, what there is not, and what was meant.
    #[must_use]
    pub fn told(&self, zone: &ZoneId) -> String {
        let meant = match &self.meant {
            Some(meant) => format!("did you mean {}?", meant.beside(zone)),
            None => format!("correct {}", zone.kind().setting()),
        };
        format!("{}: {meant}", self.lacks(zone))
    }

    /// What stands in the settings, and what there is not.
    #[must_use]
    pub fn lacks(&self, zone: &ZoneId) -> String {
        let (setting, name, id) = (zone.kind().setting(), zone.zone_name(), zone.resource_id());
        let group = id.resource_group();
        match self.lacking {
            Lacking::Zone => {
                format!("{setting} names the zone {name}, and the group {group} has none of that name")
            }
            Lacking::Group => {
                format!("{setting} names the zone {name} in the group {group}, and there is no such group")
            }
            Lacking::Sight => {
                format!(
                    "{setting} names the zone {name} in the group {group}, which this identity may not read"
                )
            }
            Lacking::Subscription => {
                let subscription = id.subscription();
                format!(
                    "{setting} names the zone {name} in the subscription {subscription}, and there is no such subscription"
                )
            }
        }
    }
}

impl AbsentZone {
    /// The zone as the settings name it.
    #[must_use]
    pub fn zone(&self) -> &ZoneId {
        match self {
            Self::Deleted(zone) | Self::Misnamed(zone, _) => zone,
        }
    }
}
