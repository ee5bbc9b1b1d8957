//! The locks that stand at a zone or above it, as far as whoever asks may see them.

use serde_json::Value;

use super::{Error, ResourceGraph};
use pure::domain::ZoneId;

const BELOW: &str = "/providers/Microsoft.Authorization/locks";
const VERSION: &str = "2020-05-01";

/// A management lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Its id, which says where it stands.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Whether it stops every write; else it stops deletions alone.
    pub stops_writes: bool,
}

impl Lock {
    fn of(found: &Value) -> Option<Self> {
        let text = |pointer: &str| found.pointer(pointer).and_then(Value::as_str);
        let id = text("/id")?.to_owned();
        let name = id.rsplit('/').next().unwrap_or_default().to_owned();
        let stops_writes =
            text("/properties/level").is_some_and(|level| level.eq_ignore_ascii_case("ReadOnly"));
        Some(Self { id, name, stops_writes })
    }

    /// Whether it stands at what has this id, or above it.
    #[must_use]
    pub fn is_over(&self, id: &str) -> bool {
        let (lock, id) = (self.id.to_ascii_lowercase(), id.to_ascii_lowercase());
        let Some((place, _)) = lock.rsplit_once(&BELOW.to_ascii_lowercase()) else { return false };
        id.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The resource group that it stands at or in; none for one of a whole subscription.
    #[must_use]
    pub fn resource_group(&self) -> Option<&str> {
        let mut segments = self.id.split('/');
        segments.find(|segment| segment.eq_ignore_ascii_case("resourceGroups"))?;
        segments.next()
    }
}

impl ResourceGraph {
    /// The locks that stand at a zone or above it: one call.
    ///
    /// # Errors
    /// [`Error`]; who may write to a zone need not have the right to read its locks.
    pub async fn locks(&self, zone: &ZoneId) -> Result<Vec<Lock>, Error> {
        let list = self.resource(zone.resource_id(), BELOW, VERSION).await?;
        let all = list.get("value").and_then(Value::as_array).into_iter().flatten();
        Ok(all.filter_map(Lock::of).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_over_what_it_stands_at_and_what_is_below() {
        let lock = |place: &str| Lock {
            id: format!("{place}/providers/Microsoft.Authorization/locks/keep"),
            name: "keep".to_owned(),
            stops_writes: true,
        };
        let (group, set) = (
            "/subscriptions/s/resourceGroups/rg-dns",
            "/subscriptions/S/resourceGroups/RG-dns/providers/Microsoft.Network/dnsZones/example.com/A/x",
        );
        assert!(lock(group).is_over(set) && lock(set).is_over(set));
        assert!(!lock(&format!("{set}y")).is_over(set) && !lock(set).is_over(&format!("{set}y")));
        assert!(!lock("/subscriptions/s/resourceGroups/rg").is_over(set));
    }
}
