//! `…/tagNames`: the names of tags that are in use in a subscription, and those that somebody defined before.

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Value, json};

use super::request::{Request, no_such_method, nothing_here};
use super::{tag_rules, versions};
use crate::world::{ResourceId, TagName, Tags};
use crate::{Reply, World};

/// Names in lower case, each in its own spelling and with how often each value stands.
type Counted = BTreeMap<String, (String, BTreeMap<String, usize>)>;

/// What no name that is defined begins with.
const RESERVED: [&str; 3] = ["microsoft", "azure", "windows"];

/// Answers at `…/tagNames` and below; `rest` holds what follows it, as given.
pub(super) fn answer(request: &Request<'_>, subscription: &str, rest: &[String]) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "subscriptions/tagnames")?;
    let method = &request.call.method;
    match (method, rest) {
        (&Method::GET, []) => {
            let world = request.state.world();
            let hides = request.state.hidden.hides(subscription);
            let counted = count(&world, subscription, hides);
            let value: Vec<Value> =
                counted.values().map(|(name, values)| show(subscription, name, values)).collect();
            Ok(Reply::json(200, &json!({ "value": value })))
        }
        (&Method::PUT, [name]) => {
            check(name)?;
            let mut world = request.state.world_mut();
            let status = define(&mut world, subscription, name, None);
            let counted = count(&world, subscription, false);
            let (name, values) = counted.get(&name.to_ascii_lowercase()).cloned().unwrap_or_default();
            Ok(Reply::json(status, &show(subscription, &name, &values)))
        }
        (&Method::PUT, [name, folder, value]) if folder.eq_ignore_ascii_case("tagValues") => {
            tag_rules::check_value(value)?;
            let mut world = request.state.world_mut();
            let key = (subscription.to_ascii_lowercase(), name.to_ascii_lowercase());
            if !world.tag_names.contains_key(&key) {
                let message = format!("Subscription tag name '{name}' could not be found.");
                return Err(Reply::wrapped(404, "SubscriptionTagNameNotFound", &message));
            }
            let status = define(&mut world, subscription, name, Some(value));
            let counted = count(&world, subscription, false);
            let (name, values) = counted.get(&key.1).cloned().unwrap_or_default();
            let number = values.get(value).copied().unwrap_or_default();
            Ok(Reply::json(status, &show_value(subscription, &name, value, number)))
        }
        (&Method::DELETE, [name]) => {
            let key = (subscription.to_ascii_lowercase(), name.to_ascii_lowercase());
            let gone = request.state.world_mut().tag_names.remove(&key);
            Ok(Reply::empty(if gone.is_some() { 200 } else { 204 }))
        }
        (&Method::DELETE, [name, folder, value]) if folder.eq_ignore_ascii_case("tagValues") => {
            let key = (subscription.to_ascii_lowercase(), name.to_ascii_lowercase());
            let mut world = request.state.world_mut();
            let gone = world.tag_names.get_mut(&key).is_some_and(|defined| defined.values.remove(value));
            Ok(Reply::empty(if gone { 200 } else { 204 }))
        }
        (_, [] | [_] | [_, _, _]) => Err(no_such_method(method)),
        _ => Err(nothing_here(request.call)),
    }
}

/// A name that is defined must be one that tags can have, and none that Azure keeps for itself.
fn check(name: &str) -> Result<(), Reply> {
    tag_rules::check_name(name)?;
    let lower = name.to_ascii_lowercase();
    match RESERVED.iter().find(|prefix| lower.starts_with(**prefix)) {
        None => Ok(()),
        Some(prefix) => {
            let message = format!("The tag name '{name}' has the prefix '{prefix}', which is reserved.");
            Err(Reply::wrapped(400, "InvalidTagName", &message))
        }
    }
}

/// Makes a name, or a value of it, exist; gives the status that says whether it is new.
fn define(world: &mut World, subscription: &str, name: &str, value: Option<&str>) -> u16 {
    let key = (subscription.to_ascii_lowercase(), name.to_ascii_lowercase());
    let mut is_new = false;
    let defined = world.tag_names.entry(key).or_insert_with(|| {
        is_new = true;
        TagName { name: name.to_owned(), ..TagName::default() }
    });
    if let Some(value) = value {
        is_new = defined.values.insert(value.to_owned());
    }
    if is_new { 201 } else { 200 }
}

/// Everything that has tags in a subscription, counted by name and value, and what was defined.
fn count(world: &World, subscription: &str, hides: bool) -> Counted {
    let inside = |id: &ResourceId| id.subscription.eq_ignore_ascii_case(subscription);
    let lower = subscription.to_ascii_lowercase();
    let prefix = format!("{lower}/");
    let machines = world.machines.values().filter(|machine| inside(&machine.id) && !hides);
    let zones = world.zones.values().filter(|zone| inside(&zone.id));
    let groups = world.resource_groups.iter().filter(|(key, _)| key.starts_with(&prefix));
    let tags = machines.filter_map(|machine| machine.tags.as_ref());
    let tags = tags.chain(zones.filter_map(|zone| zone.tags.as_ref()));
    let tags = tags.chain(groups.filter_map(|(_, group)| group.tags.as_ref()));
    let mut counted = Counted::new();
    for (name, value) in tags.flat_map(Tags::iter) {
        let (_, values) =
            counted.entry(name.to_ascii_lowercase()).or_insert_with(|| (name.to_owned(), BTreeMap::new()));
        *values.entry(value.to_owned()).or_default() += 1;
    }
    for ((_, key), defined) in world.tag_names.iter().filter(|((of, _), _)| *of == lower) {
        let (_, values) =
            counted.entry(key.clone()).or_insert_with(|| (defined.name.clone(), BTreeMap::new()));
        for value in &defined.values {
            values.entry(value.clone()).or_default();
        }
    }
    counted
}

fn total(number: usize) -> Value {
    json!({ "type": "Total", "value": number })
}

fn show(subscription: &str, name: &str, values: &BTreeMap<String, usize>) -> Value {
    let each: Vec<Value> =
        values.iter().map(|(value, number)| show_value(subscription, name, value, *number)).collect();
    json!({
        "id": format!("/subscriptions/{subscription}/tagNames/{name}"), "tagName": name,
        "count": total(values.values().sum()), "values": each,
    })
}

fn show_value(subscription: &str, name: &str, value: &str, number: usize) -> Value {
    let id = format!("/subscriptions/{subscription}/tagNames/{name}/tagValues/{value}");
    json!({ "id": id, "tagValue": value, "count": total(number) })
}
