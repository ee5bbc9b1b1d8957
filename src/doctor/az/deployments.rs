//! The commands that let somebody deploy templates: a role that allows nothing else, and its assignment on the group.

use serde_json::{Value, json};

use super::{assign, scope};
use pure::domain::ZoneId;
use pure::shown::shell_word;

/// The role as infra gives it.
const ROLE: &str = include_str!("../../../infra/roles/deployments.json");

/// Makes the role for the group of a zone and assigns it there.
pub(in crate::doctor) fn deployments(zone: &ZoneId, assignee: &str) -> Vec<String> {
    let id = zone.resource_id();
    let group = format!("/subscriptions/{}/resourceGroups/{}", id.subscription(), id.resource_group());
    // The file is ours, and a test reads it.
    let role: Value = serde_json::from_str(ROLE).unwrap_or_default();
    let name = format!("{}, {}", role["name"].as_str().unwrap_or_default(), id.resource_group());
    let definition = json!({
        "Name": name, "Description": role["description"], "Actions": role["actions"], "DataActions": role["dataActions"],
        "AssignableScopes": [group],
    });
    vec![
        format!("az role definition create --role-definition {}", shell_word(&definition.to_string())),
        assign(&name, assignee, &scope(id.subscription(), Some(id.resource_group()))),
    ]
}
