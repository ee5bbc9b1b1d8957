//! Subscriptions and resource groups in a world's document: ids alone, or objects where more is known.

use serde_json::{Value, json};

use super::{member_of, tags_of};
use crate::world::{Group, ResourceId, World};

/// The subscriptions; those with tags as objects.
pub(super) fn show_subscriptions(world: &World) -> Vec<Value> {
    let shown = |id: &String| match world.subscription_tags.get(id) {
        Some(Some(tags)) => json!({ "subscriptionId": id, "tags": tags }),
        _ => json!(id),
    };
    world.subscriptions.iter().map(shown).collect()
}

/// The resource groups by their ids; those of which more is to be said as objects.
pub(super) fn show(world: &World) -> Vec<Value> {
    let shown = |(key, group): (&String, &Group)| {
        let subscription = key.split('/').next().unwrap_or_default();
        let id = format!("/subscriptions/{subscription}/resourceGroups/{}", group.name);
        if *group == Group::named(&group.name) {
            return json!(id);
        }
        let mut shown = json!({ "id": id, "location": group.location });
        if let Some(tags) = &group.tags {
            shown["tags"] = json!(tags);
        }
        shown
    };
    world.resource_groups.iter().map(shown).collect()
}

/// One subscription, with its tags.
pub(super) fn read_subscription(world: &mut World, (place, value): (String, &Value)) -> Result<(), String> {
    let members = value.as_object();
    let named = members.and_then(|members| {
        member_of(members, "subscriptionId").or_else(|| member_of(members, "id")).and_then(Value::as_str)
    });
    let text =
        named.or_else(|| value.as_str()).ok_or_else(|| format!("{place}: a subscription id is wanted"))?;
    let id = text.trim_start_matches("/subscriptions/").to_ascii_lowercase();
    if let Some(tags) = members.and_then(|members| member_of(members, "tags")) {
        world.subscription_tags.insert(id.clone(), tags_of(tags, &format!("{place}.tags"))?);
    }
    world.subscriptions.insert(id);
    Ok(())
}

/// One resource group: its id, or an object with `id`, and perhaps `location` and `tags`.
pub(super) fn read(world: &mut World, (place, value): (String, &Value)) -> Result<(), String> {
    let members = value.as_object();
    let member = |name: &str| members.and_then(|members| member_of(members, name));
    let id = value.as_str().or_else(|| member("id")?.as_str());
    let id = id.ok_or_else(|| format!("{place}: a resource group's id is wanted"))?;
    // A group is what its resources' ids say; the rest of the id does not matter here.
    let id = ResourceId::parse(&format!("{}/providers/x/x/x", id.trim_end_matches('/')))
        .ok_or_else(|| format!("{place}: '{id}' is no resource group's id"))?;
    let mut group = Group::named(&id.group);
    if let Some(location) = member("location").and_then(Value::as_str) {
        group.location = location.replace(' ', "").to_ascii_lowercase();
    }
    if let Some(tags) = member("tags") {
        group.tags = tags_of(tags, &format!("{place}.tags"))?;
    }
    let key = format!("{}/{}", id.subscription, id.group).to_ascii_lowercase();
    world.settle(&id);
    world.resource_groups.insert(key, group);
    Ok(())
}
