//! The tags of a subscription, a group or any resource: `{scope}/providers/Microsoft.Resources/tags/default`
//! (contract azure-resource-manager, section 5).

use std::sync::Arc;

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::request::{Request, no_such_method};
use super::tag_rules::{self, Holder, bad};
use super::{machines, versions};
use crate::world::{ResourceId, Tags, ZoneKind};
use crate::{Call, Reply, World};

/// Answers for `scope`.
pub(super) fn answer(request: &Request<'_>, scope: &str) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.resources", "tags")?;
    let zone = ResourceId::parse(scope).is_some_and(|id| ZoneKind::of(&id.kind).is_some());
    if let Some(id) = ResourceId::parse(scope).filter(|_| !zone) {
        let action = if request.call.method == Method::GET { "read" } else { "write" };
        let action = format!("Microsoft.Resources/tags/{action}");
        machines::must_be_seen(request, &id.subscription, &action, scope)?;
    }
    let mut world = request.state.world_mut();
    let present = tags_of(&mut world, scope)?.clone().unwrap_or_default();
    let tags = match request.call.method {
        Method::GET => return Ok(show(scope, &present)),
        Method::PUT => given(request.call)?.1,
        Method::PATCH => {
            let (body, given) = given(request.call)?;
            match body.get("operation").and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
                Some("replace") => given,
                Some("merge") => tag_rules::merged(&present, &given),
                Some("delete") => tag_rules::without(&present, &given),
                _ => return Err(bad("The operation must be 'Merge', 'Replace' or 'Delete'.")),
            }
        }
        Method::DELETE => Tags::default(),
        _ => return Err(no_such_method(&request.call.method)),
    };
    let holder = if zone { Holder::Zone } else { Holder::Other };
    holder.check(&tags)?;
    *tags_of(&mut world, scope)? = Some(tags.clone());
    world.machines_revision += 1;
    world.zone_list_revision += 1;
    Ok(if request.call.method == Method::DELETE { Reply::empty(200) } else { show(scope, &tags) })
}

/// The tags of what stands at a scope.
fn tags_of<'w>(world: &'w mut World, scope: &str) -> Result<&'w mut Option<Tags>, Reply> {
    let lower = scope.to_ascii_lowercase();
    let found = match lower.split('/').skip(1).collect::<Vec<_>>().as_slice() {
        ["subscriptions", subscription] => {
            return Ok(world.subscription_tags.entry((*subscription).to_owned()).or_default());
        }
        ["subscriptions", subscription, "resourcegroups", group] => {
            let group = world.resource_groups.get_mut(&format!("{subscription}/{group}"));
            group.map(|group| &mut group.tags)
        }
        _ if world.zones.contains_key(&lower) => world.zones.get_mut(&lower).map(|zone| &mut zone.tags),
        _ if world.machines.contains_key(&lower) => {
            Arc::make_mut(&mut world.machines).get_mut(&lower).map(|machine| &mut machine.tags)
        }
        _ => None,
    };
    let message = || format!("The resource '{scope}' was not found.");
    found.ok_or_else(|| Reply::wrapped(404, "ResourceNotFound", &message()))
}

fn show(scope: &str, tags: &Tags) -> Reply {
    let id = format!("{scope}/providers/Microsoft.Resources/tags/default");
    let body = json!({
        "id": id, "name": "default", "type": "Microsoft.Resources/tags", "properties": { "tags": tags },
    });
    Reply::json(200, &body)
}

/// A body and its tags, which must be there: what forgets them would remove them all.
fn given(call: &Call) -> Result<(Map<String, Value>, Tags), Reply> {
    let body = call.object()?;
    let tags = body.get("properties").and_then(|properties| properties.get("tags"));
    let tags = tag_rules::read(tags.unwrap_or(&Value::Null))?;
    let tags = tags.ok_or_else(|| {
        let message = "The member 'properties.tags' must be a map from names to values.";
        Reply::wrapped(400, "InvalidRequestContent", message)
    })?;
    Ok((body, tags))
}
