//! Management locks in a world's document.

use serde_json::{Value, json};

use super::{member_of, object};
use crate::world::{Lock, LockLevel};

pub(super) fn show(lock: &Lock) -> Value {
    let mut shown = json!({ "id": lock.id(), "level": lock.level.as_str() });
    if let Some(notes) = &lock.notes {
        shown["notes"] = json!(notes);
    }
    shown
}

/// One lock under its key; `level` and `notes` may also stand below `properties`, as in Resource Manager's own form.
pub(super) fn read((place, value): (String, &Value)) -> Result<(String, Lock), String> {
    let members = object(value, &place)?;
    let below = member_of(members, "properties").and_then(Value::as_object);
    let text = |name: &str| {
        let own = member_of(members, name).or_else(|| member_of(below?, name));
        own.and_then(Value::as_str)
    };
    let id = text("id").unwrap_or_default();
    let (scope, name) = Lock::split(id).ok_or_else(|| format!("{place}.id: '{id}' is no lock's id"))?;
    let level = text("level").and_then(LockLevel::parse);
    let level = level.ok_or_else(|| format!("{place}.level: \"ReadOnly\" or \"CanNotDelete\" is wanted"))?;
    let notes = text("notes").map(str::to_owned);
    let lock = Lock { scope: scope.to_owned(), name: name.to_owned(), level, notes };
    Ok((lock.id().to_ascii_lowercase(), lock))
}
