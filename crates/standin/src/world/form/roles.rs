//! Roles in a world's document: those of a client, and those of the app's own identity.

use serde_json::{Map, Value, json};

use super::{list, member_of, object, text};
use crate::world::Role;

pub(super) fn show(roles: &[Role]) -> Value {
    roles.iter().map(|role| json!({ "scope": role.scope, "actions": role.actions })).collect()
}

/// The member `roles` of an object: none where it is not there, and nothing is forbidden then.
pub(super) fn read(members: &Map<String, Value>, place: &str) -> Result<Option<Vec<Role>>, String> {
    match member_of(members, "roles") {
        None | Some(Value::Null) => Ok(None),
        Some(value) => list(value, &format!("{place}.roles"))?.map(role).collect::<Result<_, _>>().map(Some),
    }
}

/// The app's own identity, of which a world knows nothing but its roles.
pub(super) fn of_identity(value: &Value, place: &str) -> Result<Option<Vec<Role>>, String> {
    match value {
        Value::Null => Ok(None),
        value => read(object(value, place)?, place),
    }
}

fn role((place, value): (String, &Value)) -> Result<Role, String> {
    let members = object(value, &place)?;
    let own = |name: &str| member_of(members, name).unwrap_or(&Value::Null);
    let scope = text(own("scope"), &format!("{place}.scope"))?;
    if !scope.starts_with('/') {
        return Err(format!("{place}.scope: '{scope}' is no id; \"/\" is above all"));
    }
    let actions = list(own("actions"), &format!("{place}.actions"))?;
    let actions =
        actions.map(|(place, value)| text(value, &place).map(str::to_owned)).collect::<Result<_, _>>()?;
    Ok(Role { scope: scope.to_owned(), actions })
}
