//! Roles in a world's document: those of a client, and those of the app's own identity.

use serde_json::{Map, Value, json};

use super::{list, member_of, object, text};
use crate::world::Role;

/// The lists that a role need not have.
const FURTHER: [&str; 3] = ["notActions", "dataActions", "notDataActions"];

pub(super) fn show(roles: &[Role]) -> Value {
    let shown = |role: &Role| {
        let mut shown = json!({ "scope": role.scope, "actions": role.actions });
        let further = [&role.not_actions, &role.data_actions, &role.not_data_actions];
        for (name, list) in FURTHER.into_iter().zip(further).filter(|(_, list)| !list.is_empty()) {
            shown[name] = json!(list);
        }
        shown
    };
    roles.iter().map(shown).collect()
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
    let texts = |name: &str| -> Result<Vec<String>, String> {
        let all = list(own(name), &format!("{place}.{name}"))?;
        all.map(|(place, value)| text(value, &place).map(str::to_owned)).collect()
    };
    let further = |name: &str| if own(name).is_null() { Ok(Vec::new()) } else { texts(name) };
    let [not_actions, data_actions, not_data_actions] = FURTHER;
    Ok(Role {
        scope: scope.to_owned(),
        actions: texts("actions")?,
        not_actions: further(not_actions)?,
        data_actions: further(data_actions)?,
        not_data_actions: further(not_data_actions)?,
    })
}
