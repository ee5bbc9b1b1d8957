//! What exists: subscriptions, zones with their record sets, machines, the workspace's and the rule's ids.

mod base64;
mod change;
mod dnssec;
mod fields;
pub(crate) mod form;
mod group;
mod guid;
mod initial;
mod link;
mod lock;
mod machine;
mod management_group;
mod octets;
mod plain;
pub(crate) mod record;
mod record_set;
mod record_type;
mod registration;
mod resource_id;
mod role;
mod tag_name;
mod tags;
mod texts;
mod zone;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::Arc;

pub use change::{Change, ChangeKind};
pub use dnssec::Dnssec;
pub use form::Document;
pub use group::Group;
pub(crate) use guid::guid;
pub use link::Link;
pub(crate) use link::POLICIES;
pub use lock::{Lock, LockLevel};
pub use machine::Machine;
pub(crate) use management_group::GroupName;
pub use management_group::ManagementGroup;
pub use octets::Octets;
pub use plain::Plain;
pub use record::{Naptr, Record};
pub use record_set::{Holding, RecordSet};
pub use record_type::RecordType;
pub(crate) use registration::{Registered, Registration};
pub use resource_id::ResourceId;
pub use role::Role;
pub use tag_name::TagName;
pub use tags::Tags;
pub use zone::{Zone, ZoneKind};

use serde_json::Value;

/// A client that may ask for tokens: with a secret, with a token of another issuer, or as the identity of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// The application (client) id.
    pub client_id: String,
    /// Its secret.
    pub secret: Option<String>,
    /// Whose tokens it may show in place of a secret.
    pub federated: Vec<Federated>,
    /// The id of the user-assigned identity that it is.
    pub resource_id: Option<String>,
    /// The tenant in whose name it may ask; none: any.
    pub tenant: Option<String>,
    /// The object id of its principal.
    pub object_id: String,
    /// What it may do; none: everything.
    pub roles: Option<Vec<Role>>,
}

/// A federated identity credential.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Federated {
    /// Who issues the token, such as a cluster.
    pub issuer: String,
    /// Whom it names, such as `system:serviceaccount:NAMESPACE:NAME`.
    pub subject: String,
    /// Whom the token must be for: one of these.
    pub audiences: Vec<String>,
}

/// Everything that Azure would know. Keys of maps are ids in lower case.
#[derive(Debug, Clone)]
pub struct World {
    /// Subscription ids, lower case.
    pub subscriptions: BTreeSet<String>,
    /// Tags of subscriptions, by id in lower case.
    pub subscription_tags: BTreeMap<String, Option<Tags>>,
    /// Names of tags that were defined, by subscription and name in lower case. They are no part of the document.
    pub tag_names: BTreeMap<(String, String), TagName>,
    /// Resource groups as `subscription/group` in lower case.
    pub resource_groups: BTreeMap<String, Group>,
    /// Management groups by name in lower case; the root group goes without saying.
    pub management_groups: BTreeMap<String, ManagementGroup>,
    /// The tenant's id.
    pub tenant: String,
    /// Zones, public and private, by id in lower case.
    pub zones: BTreeMap<String, Zone>,
    /// Ids in lower case of zones that were deleted and not made again: the DNS provider still answers for them
    /// (contract azure-resource-manager, section 2.6).
    pub deleted_zones: BTreeSet<String>,
    /// Machines by id in lower case. A copy of the world shares them until one side changes them.
    pub machines: Arc<BTreeMap<String, Machine>>,
    /// Public IP resources that alias record sets can point at, by id in lower case.
    pub public_ips: BTreeMap<String, IpAddr>,
    /// Management locks by their own id in lower case.
    pub locks: BTreeMap<String, Lock>,
    /// The workspace: an object with `customerId` and `id`.
    pub workspace: Value,
    /// The data collection rule: an object with `immutableId` and `id`.
    pub rule: Value,
    /// Who may ask for tokens with a secret.
    pub clients: Vec<Client>,
    /// What the identity may do that the app has by itself; none: everything.
    pub identity_roles: Option<Vec<Role>>,
    /// Resources that are shown as they are, by id in lower case.
    pub plain: BTreeMap<String, Plain>,
    /// What Azure registered in private zones by itself. It is no part of the document.
    pub(crate) registered: Registered,
    /// What was changed through Resource Manager, the newest last. It is no part of the document.
    pub changes: VecDeque<Change>,
    /// Counts changes of zones and record sets, so that what was made of them can be kept until the next one.
    pub zones_revision: u64,
    /// Counts changes of the zones themselves.
    pub zone_list_revision: u64,
    /// Counts changes of machines.
    pub machines_revision: u64,
}

impl World {
    /// A world with nothing in it but a tenant.
    pub fn empty() -> Self {
        Self {
            subscriptions: BTreeSet::new(),
            subscription_tags: BTreeMap::new(),
            tag_names: BTreeMap::new(),
            resource_groups: BTreeMap::new(),
            management_groups: BTreeMap::new(),
            tenant: "00000000-0000-0000-0000-0000000000aa".to_owned(),
            zones: BTreeMap::new(),
            deleted_zones: BTreeSet::new(),
            machines: Arc::default(),
            public_ips: BTreeMap::new(),
            locks: BTreeMap::new(),
            workspace: Value::Null,
            rule: Value::Null,
            clients: Vec::new(),
            identity_roles: None,
            plain: BTreeMap::new(),
            registered: Registered::new(),
            changes: VecDeque::new(),
            zones_revision: 0,
            zone_list_revision: 0,
            machines_revision: 0,
        }
    }

    /// The workspace's customer id; empty when the world has no workspace.
    pub fn workspace_id(&self) -> &str {
        self.workspace.get("customerId").and_then(Value::as_str).unwrap_or_default()
    }

    /// The workspace's Resource Manager id; empty when unknown.
    pub fn workspace_resource_id(&self) -> &str {
        self.workspace.get("id").and_then(Value::as_str).unwrap_or_default()
    }

    /// The data collection rule's immutable id (`dcr-…`); empty when the world has no rule.
    pub fn rule_id(&self) -> &str {
        self.rule.get("immutableId").and_then(Value::as_str).unwrap_or_default()
    }

    /// Makes a resource's subscription and group exist.
    pub(crate) fn settle(&mut self, id: &ResourceId) {
        self.subscriptions.insert(id.subscription.to_ascii_lowercase());
        if !id.group.is_empty() {
            let key = format!("{}/{}", id.subscription, id.group).to_ascii_lowercase();
            self.resource_groups.entry(key).or_insert_with(|| Group::named(&id.group));
        }
    }

    /// Makes the subscriptions and groups of everything in the world exist.
    pub(crate) fn settle_all(&mut self) {
        let zones = self.zones.values().map(|zone| &zone.id);
        let machines = Arc::clone(&self.machines);
        let own = [&self.workspace, &self.rule]
            .map(|own| own.get("id").and_then(Value::as_str).and_then(ResourceId::parse));
        let others: Vec<ResourceId> =
            self.plain.values().map(|plain| plain.id.clone()).chain(own.into_iter().flatten()).collect();
        // Neighbours mostly lie in one group, which need not be looked at a million times.
        let mut seen: Option<(&str, &str)> = None;
        let mut homes = Vec::new();
        for id in zones.chain(&others).chain(machines.values().map(|machine| &machine.id)) {
            let home = (&*id.subscription, &*id.group);
            if seen.replace(home) != Some(home) {
                homes.push(id.clone());
            }
        }
        homes.iter().for_each(|id| self.settle(id));
    }

    /// Adds or replaces a zone.
    pub(crate) fn put_zone(&mut self, zone: Zone) {
        self.deleted_zones.remove(&zone.id.key());
        self.zones.insert(zone.id.key(), zone);
        self.zones_revision += 1;
        self.zone_list_revision += 1;
    }

    /// Removes a zone, whose provider still remembers it.
    pub(crate) fn remove_zone(&mut self, key: &str) {
        if self.zones.remove(key).is_some() {
            self.deleted_zones.insert(key.to_owned());
        }
        self.zones_revision += 1;
        self.zone_list_revision += 1;
    }

    /// Adds or replaces a machine.
    pub fn put_machine(&mut self, machine: Machine) {
        self.settle(&machine.id);
        self.machines_revision += 1;
        Arc::make_mut(&mut self.machines).insert(machine.id.key(), machine);
    }

    /// Removes a machine, whether it was there or not.
    pub fn remove_machine(&mut self, id: &str) {
        self.machines_revision += 1;
        Arc::make_mut(&mut self.machines).remove(&id.to_ascii_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_has_its_own_machines_once_it_changes_them() {
        let world = World::default();
        let mut copy = world.clone();
        assert!(Arc::ptr_eq(&world.machines, &copy.machines));
        let id = world.machines.keys().next().cloned().unwrap_or_default();
        copy.remove_machine(&id);
        assert_eq!((world.machines.len(), copy.machines.len()), (5, 4));
    }
}
