//! A world's document while it is written: machines and record sets are made one by one, not all before the first.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::json;

use super::one_by_one::OneByOne;
use super::{clients, groups, locks, machines, management_groups, plain, roles, zones};
use crate::World;

/// The document of a world.
pub(super) struct Shown<'w> {
    pub(super) world: &'w World,
    /// Whether the quotas are counted, which is no part of the world.
    pub(super) quotas: bool,
}

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let world = self.world;
        let mut document = serializer.serialize_map(None)?;
        document.serialize_entry("subscriptions", &groups::show_subscriptions(world))?;
        document.serialize_entry("tenant", &world.tenant)?;
        document.serialize_entry("resourceGroups", &groups::show(world))?;
        document.serialize_entry("zones", &OneByOne(|| world.zones.values().map(zones::Shown)))?;
        document.serialize_entry("machines", &OneByOne(|| world.machines.values().map(machines::show)))?;
        document.serialize_entry("workspace", &world.workspace)?;
        document.serialize_entry("rule", &world.rule)?;
        document.serialize_entry("clients", &OneByOne(|| world.clients.iter().map(clients::show)))?;
        // What is empty is shown too: a world that is put as it was shown takes away what came meanwhile.
        let identity = world.identity_roles.as_ref().map(|known| json!({ "roles": roles::show(known) }));
        document.serialize_entry("identity", &identity)?;
        document.serialize_entry("resources", &OneByOne(|| world.plain.values().map(plain::show)))?;
        let public_ips =
            || world.public_ips.iter().map(|(id, address)| json!({ "id": id, "ipAddress": address }));
        document.serialize_entry("publicIps", &OneByOne(public_ips))?;
        let groups = || world.management_groups.values().map(management_groups::show);
        document.serialize_entry("managementGroups", &OneByOne(groups))?;
        document.serialize_entry("locks", &OneByOne(|| world.locks.values().map(locks::show)))?;
        if self.quotas {
            document.serialize_entry("quotas", &true)?;
        }
        document.end()
    }
}
