//! The tags of any resource: `{scope}/providers/Microsoft.Resources/tags/default`
//! (contract azure-resource-manager, section 5).

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::{Request, machines, no_such_method, versions};
use crate::world::{ResourceId, ZoneKind, form};
use crate::{Reply, World};

/// Pairs that a resource holds at most; a DNS zone holds fewer.
const MOST: usize = 50;
const MOST_OF_ZONE: usize = 15;

/// Answers for the resource `scope`.
pub(super) fn answer(request: &Request<'_>, scope: &str) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "tags")?;
    let id = ResourceId::parse(scope).ok_or_else(|| not_found(scope))?;
    if ZoneKind::of(&id.kind).is_none() {
        let action = if request.call.method == Method::GET { "read" } else { "write" };
        let action = format!("Microsoft.Resources/tags/{action}");
        machines::must_be_seen(request, &id.subscription, &action, scope)?;
    }
    let mut world = request.state.world_mut();
    let present = tags_of(&mut world, &id)?.clone().unwrap_or_default();
    let tags = match request.call.method {
        Method::GET => return Ok(show(scope, &present)),
        Method::PUT => given(&request.call.json()?)?,
        Method::PATCH => {
            let body = request.call.json()?;
            let given = given(&body)?;
            match body.get("operation").and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
                Some("replace") => given,
                Some("merge") => merged(present, given),
                Some("delete") => without(present, &given),
                _ => return Err(bad("The operation must be 'Merge', 'Replace' or 'Delete'.")),
            }
        }
        Method::DELETE => Map::new(),
        _ => return Err(no_such_method(&request.call.method)),
    };
    let most = if ZoneKind::of(&id.kind).is_some() { MOST_OF_ZONE } else { MOST };
    if tags.len() > most {
        return Err(bad(format!("A resource of this type holds at most {most} tags.")));
    }
    *tags_of(&mut world, &id)? = Some(tags.clone());
    world.machines_revision += 1;
    world.zone_list_revision += 1;
    Ok(if request.call.method == Method::DELETE { Reply::empty(200) } else { show(scope, &tags) })
}

fn bad(message: impl AsRef<str>) -> Reply {
    Reply::wrapped(400, "InvalidTags", message.as_ref())
}

fn not_found(scope: &str) -> Reply {
    Reply::wrapped(404, "ResourceNotFound", &format!("The resource '{scope}' was not found."))
}

fn tags_of<'w>(world: &'w mut World, id: &ResourceId) -> Result<&'w mut Option<Map<String, Value>>, Reply> {
    let key = id.key();
    if let Some(zone) = world.zones.get_mut(&key) {
        return Ok(&mut zone.tags);
    }
    world.machines.get_mut(&key).map(|machine| &mut machine.tags).ok_or_else(|| not_found(&id.text))
}

fn show(scope: &str, tags: &Map<String, Value>) -> Reply {
    let id = format!("{scope}/providers/Microsoft.Resources/tags/default");
    let body = json!({
        "id": id, "name": "default", "type": "Microsoft.Resources/tags", "properties": { "tags": tags },
    });
    Reply::json(200, &body)
}

/// The tags of a body, checked for what names and values may hold.
fn given(body: &Value) -> Result<Map<String, Value>, Reply> {
    let tags = body.pointer("/properties/tags").unwrap_or(&Value::Null);
    let tags = form::tags_of(tags, "properties.tags").map_err(bad)?.unwrap_or_default();
    for (name, value) in &tags {
        let value = value.as_str().unwrap_or_default();
        if name.is_empty()
            || name.chars().count() > 512
            || name.contains(['<', '>', '%', '&', '\\', '?', '/'])
        {
            return Err(bad(format!("'{name}' is not a tag name.")));
        }
        if value.chars().count() > 256 {
            return Err(bad(format!("The value of the tag '{name}' has more than 256 characters.")));
        }
    }
    Ok(tags)
}

/// Names are compared without case; the stored spelling stays.
fn merged(mut present: Map<String, Value>, given: Map<String, Value>) -> Map<String, Value> {
    for (name, value) in given {
        let stored = present.keys().find(|stored| stored.eq_ignore_ascii_case(&name)).cloned();
        present.insert(stored.unwrap_or(name), value);
    }
    present
}

fn without(mut present: Map<String, Value>, given: &Map<String, Value>) -> Map<String, Value> {
    present.retain(|stored, _| !given.keys().any(|name| name.eq_ignore_ascii_case(stored)));
    present
}
