//! Where the things are of which the settings know a short id alone: one question to Resource Graph, which shows what this
//! identity may read, and nothing else.

use serde_json::Value;

use crate::azure::{Azure, Error};
use crate::config::Connect;

/// What is asked: few resources, of few types.
const QUERY: &str = "resources | where type in~ ('microsoft.insights/datacollectionrules', \
                     'microsoft.insights/scheduledqueryrules', 'microsoft.insights/actiongroups', \
                     'microsoft.operationalinsights/workspaces') \
                     | project id, name, type, location, kind, tags, identity, properties | order by id asc";

/// What was found; what may not be read is not among it.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The data collection rule.
    pub(super) rule: Option<Resource>,
    /// How many other data collection rules are seen.
    pub(super) other_rules: usize,
    /// The workspaces of the settings, in their order; the first holds our tables.
    pub(super) workspaces: Vec<Option<Resource>>,
    /// Alert rules, whoever they belong to.
    pub(super) alerts: Vec<Resource>,
    /// Action groups, whoever they belong to.
    pub(super) groups: Vec<Resource>,
}

/// A resource as its provider or Resource Graph shows it.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) location: Option<String>,
    pub(super) kind: String,
    pub(super) tags: Value,
    /// The identity that it was given; the first of several.
    pub(super) identity: Option<String>,
    pub(super) properties: Value,
}

impl Resource {
    /// One out of what was answered about it.
    pub(super) fn of(shown: &Value) -> Self {
        let text = |name: &str| shown.get(name).and_then(Value::as_str);
        let identities = shown.pointer("/identity/userAssignedIdentities").and_then(Value::as_object);
        Self {
            id: text("id").unwrap_or_default().to_owned(),
            location: text("location").map(str::to_owned),
            kind: text("kind").unwrap_or_default().to_owned(),
            tags: shown.get("tags").cloned().unwrap_or_default(),
            identity: identities.and_then(|all| all.keys().next().cloned()),
            properties: shown.get("properties").cloned().unwrap_or_default(),
        }
    }

    /// A text among its properties.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.properties.get(name).and_then(Value::as_str)
    }
}

pub(super) async fn ask(azure: &Azure, connect: &Connect) -> Result<Found, Error> {
    let rows = azure.resource_graph.find(QUERY).await?;
    let mut found = Found { workspaces: vec![None; connect.workspaces.len()], ..Found::default() };
    for row in &rows {
        let resource = Resource::of(row);
        let kind = row.get("type").and_then(Value::as_str).unwrap_or_default();
        match kind.to_ascii_lowercase().as_str() {
            "microsoft.insights/datacollectionrules"
                if resource
                    .text("immutableId")
                    .is_some_and(|id| id.eq_ignore_ascii_case(&connect.dcr_rule_id)) =>
            {
                found.rule = Some(resource);
            }
            "microsoft.insights/datacollectionrules" => found.other_rules += 1,
            "microsoft.operationalinsights/workspaces" => {
                let own = resource.text("customerId").unwrap_or_default();
                let place = connect.workspaces.iter().position(|id| id.eq_ignore_ascii_case(own));
                if let Some(slot) = place.and_then(|place| found.workspaces.get_mut(place)) {
                    *slot = Some(resource);
                }
            }
            "microsoft.insights/scheduledqueryrules" => found.alerts.push(resource),
            "microsoft.insights/actiongroups" => found.groups.push(resource),
            _ => {}
        }
    }
    Ok(found)
}

impl Found {
    /// The rule's id, where it is known.
    pub(super) fn rule_id(of: Result<&Self, &Error>) -> Option<String> {
        Some(of.ok()?.rule.as_ref()?.id.clone())
    }

    /// The workspace's id, where it is known.
    pub(super) fn workspace_id(of: Result<&Self, &Error>) -> Option<String> {
        of.ok()?.workspace().map(str::to_owned)
    }

    /// The id of the workspace with our tables, where it is known.
    pub(super) fn workspace(&self) -> Option<&str> {
        Some(self.workspaces.first()?.as_ref()?.id.as_str())
    }
}
