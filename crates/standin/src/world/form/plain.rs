//! Resources of a world's document that are shown as they are.

use serde_json::{Value, json};

use super::{member_of, object, resource_id, tags_of, text};
use crate::world::Plain;

pub(super) fn show(plain: &Plain) -> Value {
    let mut shown =
        json!({ "id": &*plain.id.text, "location": plain.location, "properties": plain.properties });
    if let Some(tags) = &plain.tags {
        shown["tags"] = json!(tags);
    }
    if let Some(kind) = &plain.kind {
        shown["kind"] = json!(kind);
    }
    if let Some(identity) = &plain.identity {
        shown["identity"] = identity.clone();
    }
    shown
}

/// One resource under its key.
pub(super) fn read((place, value): (String, &Value)) -> Result<(String, Plain), String> {
    let members = object(value, &place)?;
    let id = resource_id(members, &place)?;
    if !Plain::KINDS.iter().any(|kind| kind.eq_ignore_ascii_case(&id.kind)) {
        return Err(format!("{place}.id: {} is none of {}", id.kind, Plain::KINDS.join(", ")));
    }
    let location = match member_of(members, "location") {
        None | Some(Value::Null) => "global",
        Some(value) => text(value, &format!("{place}.location"))?,
    };
    let tags = tags_of(member_of(members, "tags").unwrap_or(&Value::Null), &format!("{place}.tags"))?;
    let kind = match member_of(members, "kind") {
        None | Some(Value::Null) => None,
        Some(value) => Some(text(value, &format!("{place}.kind"))?.to_owned()),
    };
    let identity = match member_of(members, "identity") {
        None | Some(Value::Null) => None,
        Some(value) => Some(Value::Object(object(value, &format!("{place}.identity"))?.clone())),
    };
    let properties = match member_of(members, "properties") {
        None | Some(Value::Null) => json!({}),
        Some(value) => Value::Object(object(value, &format!("{place}.properties"))?.clone()),
    };
    Ok((id.key(), Plain { location: location.to_owned(), tags, kind, identity, properties, id }))
}
