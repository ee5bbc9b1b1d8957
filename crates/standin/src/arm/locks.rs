//! Management locks: `{scope}/providers/Microsoft.Authorization/locks`, and the 409 of what they stop.

use axum::http::Method;
use serde_json::{Value, json};

use super::request::{Request, no_such_method};
use super::versions;
use crate::world::{Lock, LockLevel};
use crate::{Reply, World};

/// Answers for the locks at `scope`; `name` is the one that is meant, none: all of them.
pub(super) fn answer(request: &Request<'_>, scope: &str, name: Option<&str>) -> Result<Reply, Reply> {
    versions::check(request, "microsoft.authorization", "locks")?;
    if !exists(&request.state.world(), scope) {
        let message = format!("The resource '{scope}' was not found.");
        return Err(Reply::wrapped(404, "ResourceNotFound", &message));
    }
    let method = &request.call.method;
    let Some(name) = name else {
        if method != Method::GET {
            return Err(no_such_method(method));
        }
        let world = request.state.world();
        let locks = world.locks.values().filter(|lock| lock.covers(scope) || lock.stands_below(scope));
        let value: Vec<Value> = locks.map(show).collect();
        return Ok(Reply::json(200, &json!({ "value": value })));
    };
    let mut lock =
        Lock { scope: scope.to_owned(), name: name.to_owned(), level: LockLevel::ReadOnly, notes: None };
    let key = lock.id().to_ascii_lowercase();
    match *method {
        Method::GET => {
            let world = request.state.world();
            let message = format!("The lock '{name}' could not be found.");
            let found = world.locks.get(&key).ok_or_else(|| Reply::wrapped(404, "LockNotFound", &message))?;
            Ok(Reply::json(200, &show(found)))
        }
        Method::PUT => {
            let body = request.call.json()?;
            let level = body.pointer("/properties/level").and_then(Value::as_str).and_then(LockLevel::parse);
            lock.level = level.ok_or_else(|| {
                let message = "The lock level must be 'CanNotDelete' or 'ReadOnly'.";
                Reply::wrapped(400, "InvalidRequestContent", message)
            })?;
            lock.notes = body.pointer("/properties/notes").and_then(Value::as_str).map(str::to_owned);
            let shown = show(&lock);
            let before = request.state.world_mut().locks.insert(key, lock);
            Ok(Reply::json(if before.is_some() { 200 } else { 201 }, &shown))
        }
        Method::DELETE => {
            let gone = request.state.world_mut().locks.remove(&key);
            Ok(Reply::empty(if gone.is_some() { 200 } else { 204 }))
        }
        _ => Err(no_such_method(method)),
    }
}

/// Whether there is something at this scope that a lock could stand on.
pub(super) fn exists(world: &World, scope: &str) -> bool {
    let lower = scope.to_ascii_lowercase();
    let segments: Vec<&str> = lower.split('/').skip(1).collect();
    match segments.as_slice() {
        ["subscriptions", _] => true,
        ["subscriptions", subscription, "resourcegroups", group] => {
            world.resource_groups.contains_key(&format!("{subscription}/{group}"))
        }
        _ => {
            let zone = segments.get(..8).map(|head| format!("/{}", head.join("/"))).unwrap_or_default();
            match (world.zones.get(&zone), segments.get(8..).unwrap_or_default()) {
                (Some(_), []) => true,
                (Some(zone), [record_type, name]) => crate::world::RecordType::parse(record_type)
                    .is_some_and(|record_type| zone.record_set(name, record_type).is_some()),
                _ => world.machines.contains_key(&lower),
            }
        }
    }
}

fn show(lock: &Lock) -> Value {
    let mut properties = json!({ "level": lock.level.as_str() });
    if let Some(notes) = &lock.notes {
        properties["notes"] = json!(notes);
    }
    json!({
        "id": lock.id(), "name": lock.name, "type": "Microsoft.Authorization/locks", "properties": properties,
    })
}

/// Refuses a write or a deletion at `target` that a lock stops. A deletion is also stopped by locks on what would
/// go with it, such as the one on a zone's SOA set by which zones are protected.
///
/// # Errors
/// The wrapped 409 `ScopeLocked` of Resource Manager.
pub(super) fn refuse(world: &World, method: &Method, target: &str) -> Result<(), Reply> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(());
    }
    let deletes = *method == Method::DELETE;
    let stops = |lock: &&Lock| {
        let meant = deletes || lock.level == LockLevel::ReadOnly;
        meant && (lock.covers(target) || deletes && lock.stands_below(target))
    };
    let scopes: Vec<&str> = world.locks.values().filter(stops).map(|lock| lock.scope.as_str()).collect();
    if scopes.is_empty() {
        return Ok(());
    }
    let operation = if deletes { "delete" } else { "write" };
    let message = format!(
        "The scope '{target}' cannot perform {operation} operation because following scope(s) are locked: '{}'. \
         Please remove the lock and try again.",
        scopes.join("','")
    );
    Err(Reply::wrapped(409, "ScopeLocked", &message))
}
