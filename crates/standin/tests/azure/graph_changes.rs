//! What was changed, by whom: the table `resourcechanges`.

use serde_json::{Value, json};

use crate::stage::{SUBSCRIPTION, Stage, ZONE, a};

const SYSTEM: &str = "00000000-0000-0000-0000-0000000000f1";

async fn changes(stage: &Stage, further: &str) -> Value {
    let query = format!(
        "resourcechanges | extend target = tolower(tostring(properties.targetResourceId)), change = tostring(properties.changeType)
         | extend who = tostring(properties.changeAttributes.changedBy), when = todatetime(properties.changeAttributes.timestamp)
         {further}"
    );
    let path = "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01";
    let got = stage.send("POST", path, &[], Some(&json!({ "query": query }))).await;
    assert_eq!(got.status, 200, "{got:?}");
    got.json()["data"].clone()
}

#[tokio::test]
async fn records_and_tags_have_a_history() {
    let stage = Stage::new().await;
    assert_eq!(changes(&stage, "").await, json!([]));
    let set = format!("{ZONE}/A/Nas");
    stage.put_a("Nas", "192.0.2.1").await;
    stage.put_a("nas", "192.0.2.2").await;
    stage.put_a("nas", "192.0.2.2").await;
    stage.dns("PUT", &set, &[("If-None-Match", "*")], Some(&a("192.0.2.3"))).await;
    stage.dns("DELETE", &set, &[], None).await;
    let found =
        changes(&stage, "| project change, who, operation = properties.changeAttributes.operation").await;
    let change = |kind: &str, action: &str| json!({ "change": kind, "who": SYSTEM, "operation": format!("microsoft.network/dnszones/a/{action}") });
    assert_eq!(
        found,
        json!([change("Create", "write"), change("Update", "write"), change("Delete", "delete")]),
        "a write of the same, and one that is refused, are none"
    );
    let updated = changes(&stage, "| where change == 'Update' | project target, properties.changes").await;
    assert_eq!(updated[0]["target"], set.to_lowercase());
    assert_eq!(
        updated[0]["properties_changes"],
        json!({ "properties.ARecords[0].ipv4Address": {
            "previousValue": "192.0.2.1", "newValue": "192.0.2.2", "changeCategory": "User", "propertyChangeType": "Update",
        } })
    );

    let machine = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-edge/providers/Microsoft.HybridCompute/machines/nas"
    );
    let tags = format!("{machine}/providers/Microsoft.Resources/tags/default?api-version=2022-09-01");
    let body =
        json!({ "operation": "Merge", "properties": { "tags": { "DNSHostName": "other.example.com" } } });
    assert_eq!(stage.send("PATCH", &tags, &[], Some(&body)).await.status, 200);
    let found =
        changes(&stage, "| where target endswith '/machines/nas' | project type, resourceGroup, properties")
            .await;
    assert_eq!(
        (&found[0]["type"], &found[0]["resourceGroup"], &found[0]["properties"]["changeType"]),
        (&json!("microsoft.resources/changes"), &json!("rg-edge"), &json!("Update"))
    );
    assert_eq!(found[0]["properties"]["changes"]["tags.DNSHostName"]["newValue"], "other.example.com");
    assert_eq!(
        changes(&stage, "| where when > ago(1h) and when <= now() + 1m | count").await,
        json!([{ "Count": 4 }])
    );
}
