//! Resource groups: listed, made, changed, deleted with all that lies in them.

use std::sync::Arc;

use axum::http::Method;
use serde_json::{Value, json};

use super::operations::Outcome;
use super::paging::Page;
use super::request::{Request, Scope, no_such_method};
use super::resources::Filter;
use super::tag_rules::{self, Holder};
use super::versions;
use crate::world::record::member_of;
use crate::world::{Group, Tags};
use crate::{Reply, World};

/// Characters of a group's name.
const LONGEST_NAME: usize = 90;

/// `GET /subscriptions/{id}/resourcegroups`.
pub(super) fn list(request: &Request<'_>, subscription: &str) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "resourcegroups")?;
    if request.call.method != Method::GET {
        return Err(no_such_method(&request.call.method));
    }
    let filter = Filter::wanted(request.call)?;
    let mut page = Page::wanted(request.call)?;
    let prefix = format!("{}/", subscription.to_ascii_lowercase());
    let world = request.state.world();
    let from = page.after.clone().max(prefix.clone());
    for (key, group) in world.resource_groups.range(from..).take_while(|(key, _)| key.starts_with(&prefix)) {
        let tags = group.tags.as_ref();
        let of = |name: &str| match name {
            "name" | "resourcegroup" => Some(group.name.as_str()),
            "location" => Some(group.location.as_str()),
            _ => None,
        };
        let wanted = *key != page.after && filter.as_ref().is_none_or(|filter| filter.takes(&of, tags));
        if wanted && !page.push(key.clone(), show(subscription, group)) {
            break;
        }
    }
    Ok(page.close(request))
}

/// One resource group.
pub(super) fn one(request: &Request<'_>, scope: Scope<'_>) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "resourcegroups")?;
    let key = key(scope);
    match request.call.method {
        Method::GET => {
            let world = request.state.world();
            let group = world.resource_groups.get(&key).ok_or_else(|| missing(scope))?;
            Ok(Reply::json(200, &show(scope.subscription, group)))
        }
        Method::HEAD => {
            let known = request.state.world().resource_groups.contains_key(&key);
            Ok(Reply::empty(if known { 204 } else { 404 }))
        }
        Method::PUT => put(request, scope, key),
        Method::PATCH => {
            let (_, tags) = read(request)?;
            let mut world = request.state.world_mut();
            let group = world.resource_groups.get_mut(&key).ok_or_else(|| missing(scope))?;
            if let Some(tags) = tags {
                group.tags = tags;
            }
            Ok(Reply::json(200, &show(scope.subscription, group)))
        }
        Method::DELETE => {
            must_exist(request, scope)?;
            delete(&mut request.state.world_mut(), scope);
            let folder = format!("/subscriptions/{}/operationresults", scope.subscription);
            let state = request.state;
            Ok(state.operations.begin(
                request.call,
                &request.version,
                &[("Location", folder)],
                Outcome::Done(Reply::empty(200)),
            ))
        }
        _ => Err(no_such_method(&request.call.method)),
    }
}

fn put(request: &Request<'_>, scope: Scope<'_>, key: String) -> Result<Reply, Reply> {
    let (location, tags) = read(request)?;
    let location = location.ok_or_else(|| {
        Reply::wrapped(400, "LocationRequired", "The location property is required for this definition.")
    })?;
    let name = scope.group.unwrap_or_default().to_owned();
    let mut world = request.state.world_mut();
    let present = world.resource_groups.get(&key);
    if let Some(present) = present.filter(|present| present.location != location) {
        let message = format!(
            "Invalid resource group location '{location}'. The Resource group already exists in location '{}'.",
            present.location
        );
        return Err(Reply::wrapped(409, "InvalidResourceGroupLocation", &message));
    }
    let status = if present.is_some() { 200 } else { 201 };
    // The name stays as it was first written.
    let name = present.map_or(name, |present| present.name.clone());
    let group = Group { name, location, tags: tags.flatten() };
    let shown = show(scope.subscription, &group);
    world.resource_groups.insert(key, group);
    Ok(Reply::json(status, &shown))
}

/// The location, in its short form, and the tags of a body; none: the body has not the member.
type Body = (Option<String>, Option<Option<Tags>>);

fn read(request: &Request<'_>) -> Result<Body, Reply> {
    let members = &request.call.object()?;
    let location = member_of(members, "location").and_then(Value::as_str);
    let location = location.map(|location| location.replace(' ', "").to_ascii_lowercase());
    let tags = member_of(members, "tags").map(tag_rules::read).transpose()?;
    if let Some(Some(tags)) = &tags {
        Holder::Other.check(tags)?;
    }
    Ok((location, tags))
}

/// What becomes of the deletion of a group, and of what else Resource Manager itself takes its time for.
pub(super) fn deletion(request: &Request<'_>) -> Result<Reply, Reply> {
    if request.call.method != Method::GET {
        return Err(no_such_method(&request.call.method));
    }
    Ok(request.state.operations.look(request.call)?.result())
}

/// Removes a group and what lies in it.
fn delete(world: &mut World, scope: Scope<'_>) {
    world.resource_groups.remove(&key(scope));
    let inside = format!("/subscriptions/{}/", key(scope).replacen('/', "/resourcegroups/", 1));
    let zones: Vec<String> = world.zones.keys().filter(|id| id.starts_with(&inside)).cloned().collect();
    zones.iter().for_each(|id| world.remove_zone(id));
    Arc::make_mut(&mut world.machines).retain(|id, _| !id.starts_with(&inside));
    world.public_ips.retain(|id, _| !id.starts_with(&inside));
    world.locks.retain(|id, _| !id.starts_with(&inside));
    world.machines_revision += 1;
}

/// # Errors
/// The wrapped 404 when the scope's group does not exist.
pub(super) fn must_exist(request: &Request<'_>, scope: Scope<'_>) -> Result<(), Reply> {
    let known = request.state.world().resource_groups.contains_key(&key(scope));
    if known { Ok(()) } else { Err(missing(scope)) }
}

/// Whether a group may have this name at all: letters, digits and a few signs, at most 90, of which a dot is not the last.
/// The sentence about the dot is our own; no recorded answer has it.
///
/// # Errors
/// The 400 that names what is wrong with it.
pub(super) fn check_name(name: &str) -> Result<(), Reply> {
    let fits = |letter: &char| letter.is_alphanumeric() || matches!(letter, '-' | '.' | '(' | ')' | '_');
    let others: String = name.chars().filter(|letter| !fits(letter)).collect();
    let length = name.chars().count();
    let message = if !others.is_empty() {
        format!(
            "The provided resource group name '{name}' has these invalid characters: '{others}'. The name can only be a \
             letter, digit, '-', '.', '(', ')' or '_'."
        )
    } else if length > LONGEST_NAME {
        format!(
            "The provided resource group name '{name}' has a length of '{length}' which exceeds the maximum length of \
             '{LONGEST_NAME}'."
        )
    } else if name.ends_with('.') {
        format!("The provided resource group name '{name}' must not end with '.'.")
    } else {
        return Ok(());
    };
    Err(Reply::wrapped(400, "InvalidResourceGroup", &message))
}

fn missing(scope: Scope<'_>) -> Reply {
    let message = format!("Resource group '{}' could not be found.", scope.group.unwrap_or_default());
    Reply::wrapped(404, "ResourceGroupNotFound", &message)
}

fn key(scope: Scope<'_>) -> String {
    format!("{}/{}", scope.subscription, scope.group.unwrap_or_default()).to_ascii_lowercase()
}

fn show(subscription: &str, group: &Group) -> Value {
    let mut shown = json!({
        "id": format!("/subscriptions/{subscription}/resourceGroups/{}", group.name), "name": group.name,
        "type": "Microsoft.Resources/resourceGroups", "location": group.location,
        "properties": { "provisioningState": "Succeeded" },
    });
    if let Some(tags) = &group.tags {
        shown["tags"] = json!(tags);
    }
    shown
}
