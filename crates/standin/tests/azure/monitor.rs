//! The workspace with its tables, the data collection rule, and what alerts: looked at and never written.

use serde_json::{Value, json};

use crate::stage::{SUBSCRIPTION, Stage};

fn id(kind: &str, name: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-monitor/providers/{kind}/{name}")
}

async fn get(stage: &Stage, path: &str, version: &str) -> (u16, Value) {
    let got = stage.send("GET", &format!("{path}?api-version={version}"), &[], None).await;
    (got.status, serde_json::from_str(&got.text).unwrap_or_default())
}

#[tokio::test]
async fn the_workspace_shows_its_custom_tables_with_their_columns() {
    let stage = Stage::new().await;
    let workspace = id("Microsoft.OperationalInsights/workspaces", "law-heartbeat");
    let (status, shown) = get(&stage, &workspace, "2023-09-01").await;
    assert_eq!(
        (status, &shown["properties"]["customerId"]),
        (200, &json!("00000000-0000-0000-0000-0000000000c1"))
    );
    let (status, list) = get(&stage, &format!("{workspace}/tables"), "2022-10-01").await;
    let names: Vec<_> =
        list["value"].as_array().expect("tables").iter().map(|table| &table["name"]).collect();
    assert!(
        status == 200 && names.contains(&&json!("DNSData_CL")) && !names.contains(&&json!("Heartbeat")),
        "{list}"
    );
    let (_, table) = get(&stage, &format!("{workspace}/tables/DNSData_CL"), "2022-10-01").await;
    let columns = table["properties"]["schema"]["columns"].as_array().expect("columns");
    for column in [
        json!({ "name": "TimeGenerated", "type": "dateTime" }),
        json!({ "name": "TTL_d", "type": "real" }),
        json!({ "name": "IsAlias_b", "type": "boolean" }),
        json!({ "name": "ZoneId_s", "type": "string" }),
    ] {
        assert!(columns.contains(&column), "{column} in {table}");
    }
    assert!(columns.iter().all(|column| column["name"] != "TenantId"), "{table}");
    assert_eq!(get(&stage, &format!("{workspace}/tables/None_CL"), "2022-10-01").await.0, 404);
    assert_eq!(get(&stage, &format!("{workspace}x"), "2023-09-01").await.0, 404);
}

#[tokio::test]
async fn the_rule_shows_what_it_declares() {
    let stage = Stage::new().await;
    let streams = json!({ "Custom-Room": { "TimeGenerated": "datetime", "Celsius_d": "real" } });
    let rule = id("Microsoft.Insights/dataCollectionRules", "dcr-heartbeat");
    stage.put_world(&json!({ "rule": { "immutableId": "dcr-7", "id": rule, "streams": streams } })).await;
    let (status, shown) = get(&stage, &rule, "2023-03-11").await;
    assert_eq!((status, &shown["properties"]["immutableId"]), (200, &json!("dcr-7")));
    let columns = &shown["properties"]["streamDeclarations"]["Custom-Room"]["columns"];
    let wanted =
        json!([{ "name": "TimeGenerated", "type": "datetime" }, { "name": "Celsius_d", "type": "real" }]);
    let sorted = |list: &Value| {
        let mut all: Vec<String> = list.as_array().expect("columns").iter().map(Value::to_string).collect();
        all.sort();
        all
    };
    assert_eq!(sorted(columns), sorted(&wanted));
    assert_eq!(shown["properties"]["dataFlows"][0]["outputStream"], "Custom-Room_CL");
    assert_eq!(shown["properties"]["endpoints"]["logsIngestion"], stage.base);
}

#[tokio::test]
async fn what_alerts_is_shown_as_the_world_has_it_and_found_by_resource_graph() {
    let stage = Stage::new().await;
    let (rule, group) = (
        id("Microsoft.Insights/scheduledQueryRules", "drift"),
        id("Microsoft.Insights/actionGroups", "repair"),
    );
    let properties = json!({ "enabled": false, "criteria": { "allOf": [{ "query": "T" }] } });
    let resources = json!([
        { "id": rule, "location": "westeurope", "tags": { "a": "b" }, "properties": properties },
        { "id": group, "properties": { "enabled": true } },
    ]);
    stage.put_world(&json!({ "resources": resources })).await;
    let world = stage.own("GET", "world", None).await.json();
    assert_eq!(world["resources"].as_array().map(Vec::len), Some(2), "{}", world["resources"]);
    let (status, shown) = get(&stage, &rule, "2023-12-01").await;
    let of = (&shown["properties"], &shown["tags"]["a"], &shown["location"]);
    assert_eq!((status, of), (200, (&properties, &json!("b"), &json!("westeurope"))));
    let (_, shown) = get(&stage, &group, "2023-01-01").await;
    assert_eq!((&shown["location"], &shown["properties"]["enabled"]), (&json!("global"), &json!(true)));
    let list = format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Insights/scheduledQueryRules");
    assert_eq!(get(&stage, &list, "2023-12-01").await.1["value"].as_array().map(Vec::len), Some(1));
    let query =
        "resources | where type =~ 'microsoft.insights/scheduledqueryrules' | project name, properties";
    let path = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01";
    let found = stage.send("POST", path, &[], Some(&json!({ "query": query }))).await.json();
    assert_eq!(found["data"], json!([{ "name": "drift", "properties": properties }]));
    let other = json!([{ "id": id("Microsoft.Web/serverFarms", "plan") }]);
    let got = stage.own("PUT", "world", Some(&json!({ "resources": other }))).await;
    assert_eq!(got.status, 400, "a type that is not served: {got:?}");
    let put = stage.send("PUT", &format!("{rule}?api-version=2023-12-01"), &[], Some(&json!({}))).await;
    assert_eq!(put.status, 405, "{put:?}");
}
