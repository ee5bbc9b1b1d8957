//! Where the things are of which the settings know a short id alone: one question to Resource Graph, which shows what this
//! identity may read, and nothing else.

use serde_json::Value;

use crate::azure::{Azure, Error};
use crate::config::Connect;

/// What is asked: few resources, of few types.
const QUERY: &str = "resources | where type in~ ('microsoft.insights/datacollectionrules', \
                     'microsoft.insights/scheduledqueryrules', 'microsoft.operationalinsights/workspaces') \
                     | project id, name, type, properties | order by id asc";

/// What was found; what may not be read is not among it.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The data collection rule.
    pub(super) rule: Option<Resource>,
    /// The workspace with our tables.
    pub(super) workspace: Option<Resource>,
    /// Alert rules over that workspace.
    pub(super) alerts: Vec<Resource>,
}

/// A resource as Resource Graph shows it.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) id: String,
    pub(super) properties: Value,
}

pub(super) async fn ask(azure: &Azure, connect: &Connect) -> Result<Found, Error> {
    let rows = azure.resource_graph.find(QUERY).await?;
    let mut found = Found::default();
    let mut alerts = Vec::new();
    for row in &rows {
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
        let properties = row.get("properties").cloned().unwrap_or_default();
        let own = |name: &str| properties.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let resource = Resource { id: text("id").to_owned(), properties: properties.clone() };
        match text("type").to_ascii_lowercase().as_str() {
            "microsoft.insights/datacollectionrules"
                if own("immutableId").eq_ignore_ascii_case(&connect.dcr_rule_id) =>
            {
                found.rule = Some(resource);
            }
            "microsoft.operationalinsights/workspaces"
                if connect
                    .workspaces
                    .first()
                    .is_some_and(|id| id.eq_ignore_ascii_case(&own("customerId"))) =>
            {
                found.workspace = Some(resource);
            }
            "microsoft.insights/scheduledqueryrules" => alerts.push(resource),
            _ => {}
        }
    }
    let workspace = found.workspace.as_ref().map(|workspace| workspace.id.clone()).unwrap_or_default();
    let is_over = |alert: &Resource| {
        let scopes = alert.properties.get("scopes").and_then(Value::as_array);
        scopes
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .any(|scope| scope.eq_ignore_ascii_case(&workspace))
    };
    found.alerts = alerts.into_iter().filter(is_over).collect();
    Ok(found)
}

impl Found {
    /// The rule's id, where it is known.
    pub(super) fn rule_id(of: Result<&Self, &Error>) -> Option<String> {
        Some(of.ok()?.rule.as_ref()?.id.clone())
    }

    /// The workspace's id, where it is known.
    pub(super) fn workspace_id(of: Result<&Self, &Error>) -> Option<String> {
        Some(of.ok()?.workspace.as_ref()?.id.clone())
    }
}
