//! Management groups in a world's document.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{list, member_of, object, text};
use crate::world::{ManagementGroup, World};

pub(super) fn show(group: &ManagementGroup) -> Value {
    let mut shown = json!({
        "name": group.name, "displayName": group.display_name, "subscriptions": group.subscriptions,
    });
    if let Some(parent) = &group.parent {
        shown["parent"] = json!(parent);
    }
    shown
}

/// The groups by name in lower case. That they make a tree is judged when the whole document is read.
pub(super) fn read<'v>(
    given: impl Iterator<Item = (String, &'v Value)>,
) -> Result<BTreeMap<String, ManagementGroup>, String> {
    let mut groups = BTreeMap::new();
    for (place, value) in given {
        let members = object(value, &place)?;
        let member = |name: &str| member_of(members, name).filter(|value| !value.is_null());
        let name = text(member("name").unwrap_or(&Value::Null), &format!("{place}.name"))?;
        let optional = |name: &str| {
            member(name).map(|value| text(value, &format!("{place}.{name}")).map(str::to_owned)).transpose()
        };
        let mut subscriptions = BTreeSet::new();
        if let Some(given) = member("subscriptions") {
            for (place, value) in list(given, &format!("{place}.subscriptions"))? {
                let id = text(value, &place)?.trim_start_matches("/subscriptions/");
                subscriptions.insert(id.to_ascii_lowercase());
            }
        }
        let group = ManagementGroup {
            name: name.to_owned(),
            display_name: optional("displayName")?.unwrap_or_else(|| name.to_owned()),
            parent: optional("parent")?,
            subscriptions,
        };
        if groups.insert(name.to_ascii_lowercase(), group).is_some() {
            return Err(format!("{place}: this group is there twice"));
        }
    }
    Ok(groups)
}

/// Makes the subscriptions of the groups exist.
///
/// # Errors
/// What is no tree: a parent that does not exist, a circle, a subscription in two groups.
pub(super) fn settle(world: &mut World) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for group in world.management_groups.values() {
        let name = &group.name;
        let mut above = BTreeSet::from([name.to_ascii_lowercase()]);
        let mut at = group.parent.as_deref();
        while let Some(parent) = at.filter(|parent| !parent.eq_ignore_ascii_case(&world.tenant)) {
            let next = world.management_groups.get(&parent.to_ascii_lowercase());
            let next = next.ok_or_else(|| {
                format!("managementGroups: '{name}' lies below '{parent}', which does not exist")
            })?;
            if !above.insert(parent.to_ascii_lowercase()) {
                return Err(format!("managementGroups: '{name}' lies below itself"));
            }
            at = next.parent.as_deref();
        }
        if let Some(twice) = group.subscriptions.iter().find(|id| !seen.insert((*id).clone())) {
            return Err(format!("managementGroups: the subscription '{twice}' lies in two groups"));
        }
    }
    world.subscriptions.append(&mut seen);
    Ok(())
}
