//! The function apps that this identity may see, with the identity that each of them has: an action group names an app, or its
//! host, and a command needs the rest.

use serde_json::Value;

use super::found::Resource;
use crate::azure::{Azure, Error};
use pure::domain::ResourceId;

const QUERY: &str = "resources | where type =~ 'microsoft.web/sites' and kind contains 'functionapp' \
                     | project id, name, type, location, kind, tags, identity, properties | order by id asc";

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct FunctionApp {
    pub(super) id: ResourceId,
    /// The host that it answers at.
    pub(super) host: String,
    /// Its user-assigned identity; none where it has several, of which nobody here knows the right one.
    pub(super) identity: Option<String>,
}

pub(super) async fn ask(azure: &Azure) -> Result<Vec<FunctionApp>, Error> {
    let rows = azure.resource_graph.find(QUERY).await?;
    Ok(rows.iter().filter_map(read).collect())
}

fn read(row: &Value) -> Option<FunctionApp> {
    let shown = Resource::of(row);
    let identities = row.pointer("/identity/userAssignedIdentities").and_then(Value::as_object);
    Some(FunctionApp {
        id: ResourceId::parse(&shown.id).ok()?,
        host: shown.text("defaultHostName").unwrap_or_default().to_owned(),
        identity: shown.identity.filter(|_| identities.is_some_and(|all| all.len() == 1)),
    })
}
