//! Management groups: a tree above the subscriptions, whose root is the tenant's own.

use std::collections::BTreeSet;

use super::World;

/// A management group below the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagementGroup {
    /// Its name, which is its id as well, as given.
    pub name: String,
    /// What people read.
    pub display_name: String,
    /// The name of the group above it; none: the tenant's root group.
    pub parent: Option<String>,
    /// The subscriptions right below it, in lower case.
    pub subscriptions: BTreeSet<String>,
}

/// A group of the tree, the root among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GroupName {
    pub(crate) name: String,
    pub(crate) display_name: String,
}

impl GroupName {
    /// The id as Resource Manager writes it.
    pub(crate) fn id(&self) -> String {
        format!("/providers/Microsoft.Management/managementGroups/{}", self.name)
    }
}

impl World {
    /// The root group, which every tenant has under its own id.
    pub(crate) fn root_group(&self) -> GroupName {
        GroupName { name: self.tenant.clone(), display_name: "Tenant Root Group".to_owned() }
    }

    /// The group of this name, compared without case.
    pub(crate) fn group_named(&self, name: &str) -> Option<GroupName> {
        if name.eq_ignore_ascii_case(&self.tenant) {
            return Some(self.root_group());
        }
        let group = self.management_groups.get(&name.to_ascii_lowercase())?;
        Some(GroupName { name: group.name.clone(), display_name: group.display_name.clone() })
    }

    /// All groups, the root in front.
    pub(crate) fn all_groups(&self) -> Vec<GroupName> {
        let below = self.management_groups.keys().filter_map(|name| self.group_named(name));
        std::iter::once(self.root_group()).chain(below).collect()
    }

    /// The groups above a group, the nearest first; none for the root.
    pub(crate) fn groups_above(&self, name: &str) -> Vec<GroupName> {
        let mut above = Vec::new();
        let mut at = self.management_groups.get(&name.to_ascii_lowercase());
        while let Some(group) = at {
            let parent = group.parent.as_deref().unwrap_or(&self.tenant);
            above.extend(self.group_named(parent));
            at = self.management_groups.get(&parent.to_ascii_lowercase());
        }
        above
    }

    /// The groups right below a group.
    pub(crate) fn groups_below(&self, name: &str) -> Vec<GroupName> {
        let parent = |group: &ManagementGroup| group.parent.clone().unwrap_or_else(|| self.tenant.clone());
        let below = self.management_groups.values().filter(|group| parent(group).eq_ignore_ascii_case(name));
        below.filter_map(|group| self.group_named(&group.name)).collect()
    }

    /// The subscriptions right below a group; those that no group names are the root's.
    pub(crate) fn subscriptions_below(&self, name: &str) -> Vec<String> {
        let of = |id: &String| self.group_of(id).name.eq_ignore_ascii_case(name);
        self.subscriptions.iter().filter(|id| of(id)).cloned().collect()
    }

    /// The group that a subscription stands in.
    pub(crate) fn group_of(&self, subscription: &str) -> GroupName {
        let holds = |group: &&ManagementGroup| group.subscriptions.contains(subscription);
        let group = self.management_groups.values().find(holds);
        group.and_then(|group| self.group_named(&group.name)).unwrap_or_else(|| self.root_group())
    }

    /// The groups above a subscription, the nearest first.
    pub(crate) fn groups_above_subscription(&self, subscription: &str) -> Vec<GroupName> {
        let nearest = self.group_of(subscription);
        let above = self.groups_above(&nearest.name);
        std::iter::once(nearest).chain(above).collect()
    }
}
