//! What a printed command has to know of the rule, the app and its identity: it is filled in where anybody says it, and asked
//! for in the same block where nobody does.

use serde_json::{Value, json};

use super::{examined, healthy, line};
use crate::run::doctor::world::{SCOPE, alert, group, of_monitor};

const HOST: &str = "app-dns.azurewebsites.net";
const APPS: &str =
    "az functionapp list --query \"[].{APP:name, GROUP:resourceGroup, APP_ID:id}\" --output table";
const IDENTITIES: &str = "az identity list --query \"[].{name:name, IDENTITY_ID:id}\" --output table";

fn identity(name: &str) -> String {
    format!(
        "{SCOPE}/resourceGroups/rg-apps/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}"
    )
}

/// The function app with these identities.
fn app(identities: &[&str]) -> Value {
    let all: serde_json::Map<String, Value> = identities
        .iter()
        .map(|name| (identity(name), json!({ "clientId": "c", "principalId": "p" })))
        .collect();
    json!({
        "id": format!("{SCOPE}/resourceGroups/rg-monitor/providers/Microsoft.Web/sites/app-dns"),
        "location": "northeurope", "kind": "functionapp,linux",
        "identity": { "type": "UserAssigned", "userAssignedIdentities": all },
        "properties": { "defaultHostName": HOST },
    })
}

/// The deployment with what is known.
fn deployed(app: &str, identity: &str) -> String {
    let workspace = format!(
        "{SCOPE}/resourceGroups/rg-monitor/providers/Microsoft.OperationalInsights/workspaces/law-heartbeat"
    );
    format!(
        "az deployment group create --resource-group rg-monitor --name heartbeat-dns-alert --template-file infra/alert.bicep \
         --parameters name=heartbeat-dns functionAppName={app} identityId={identity} location=northeurope \
         'workspaceIds=[\"{workspace}\"]' frequency=PT5M queryTimespan=PT2H ownerId=dcr-00000000000000000000000000000001"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_app_and_its_identity_are_filled_in_or_asked_for_in_the_same_block() {
    let (house, parent) = healthy(&[]).await;
    let by_address = json!({ "enabled": true, "webhookReceivers": [{
        "name": "h", "serviceUri": format!("https://{HOST}/api/remediate?code=abc"),
    }] });
    let of_app = "az functionapp identity show --resource-group rg-monitor --name app-dns --query \"keys(userAssignedIdentities)\" --output tsv";
    let known = deployed("app-dns", &identity("id-dns"));
    let no_identity = deployed("app-dns", "IDENTITY_ID");
    let nothing = deployed("APP", "IDENTITY_ID");
    for (group, apps, wanted) in [
        (group(), vec![app(&["id-dns"])], vec![known.as_str()]),
        (by_address.clone(), vec![app(&["id-dns"])], vec![&known]),
        // Of several nobody here knows the right one.
        (group(), vec![app(&["id-dns", "id-other"])], vec![of_app, &no_identity]),
        (group(), vec![], vec![of_app, &no_identity]),
        (by_address, vec![], vec![APPS, IDENTITIES, &nothing]),
    ] {
        let mut edited = alert();
        edited["criteria"]["allOf"][0]["query"] = json!("Heartbeat");
        let mut resources = json!([
            { "id": of_monitor("scheduledQueryRules", "heartbeat-dns-drift"), "location": "northeurope", "properties": edited },
            { "id": of_monitor("actionGroups", "heartbeat-dns-repair"), "properties": group },
        ]);
        resources.as_array_mut().unwrap().extend(apps);
        house.world(&json!({ "resources": resources })).await;
        let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
        assert_eq!(line(&report, "alert")["az"], json!(wanted), "{report:#}");
    }
}
