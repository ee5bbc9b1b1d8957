//! Watches what calls change, for the history that Resource Graph tells.

use axum::http::Method;
use serde_json::{Value, json};

use super::request::Request;
use crate::world::RecordType;
use crate::{Reply, World};

/// What stands behind the id of a resource whose tags are written.
const TAGS: &str = "/providers/microsoft.resources/tags/default";

/// Answers a call by `answer`, and notes what it changed of the zone, record set or machine that it names.
pub(super) fn watched(
    request: &Request<'_>,
    segments: &[String],
    answer: impl FnOnce() -> Result<Reply, Reply>,
) -> Result<Reply, Reply> {
    if !matches!(request.call.method, Method::PUT | Method::PATCH | Method::DELETE) {
        return answer();
    }
    let path = format!("/{}", segments.join("/")).to_ascii_lowercase();
    let id = path.strip_suffix(TAGS).unwrap_or(&path);
    let before = shown(&request.state.world(), id);
    let reply = answer()?;
    let after = shown(&request.state.world(), id);
    if before != after {
        let mut world = request.state.world_mut();
        world.note_change(before.as_ref(), after.as_ref(), &request.caller.client_id);
    }
    Ok(reply)
}

/// A resource as its provider shows it, by its id in lower case; none when it is not there or of another kind.
fn shown(world: &World, id: &str) -> Option<Value> {
    if let Some(zone) = world.zones.get(id) {
        return Some(zone.to_json());
    }
    if let Some(machine) = world.machines.get(id) {
        return Some(json!({
            "id": &*machine.id.text, "type": &*machine.kind, "location": &*machine.location, "tags": machine.tags,
            "properties": machine.properties,
        }));
    }
    let (rest, name) = id.rsplit_once('/')?;
    let (zone, record_type) = rest.rsplit_once('/')?;
    let zone = world.zones.get(zone)?;
    Some(zone.record_set(name, RecordType::parse(record_type)?)?.to_json(zone))
}
