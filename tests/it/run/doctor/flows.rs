//! Whether the data collection rule leads each stream to its table: what it leads elsewhere is lost, and nobody is told.

use serde_json::{Value, json};

use super::{examined, healthy, holds, line};
use crate::handler::OWNER;
use crate::run::doctor::world::{SCOPE, may_all_but, of_monitor, streams_without};

const FIND: &str = "Microsoft.ResourceGraph/resources";

fn workspace(name: &str) -> String {
    format!("{SCOPE}/resourceGroups/rg-monitor/providers/Microsoft.OperationalInsights/workspaces/{name}")
}

/// What Resource Graph finds where the rule has these flows.
fn found(house: &crate::handler::House, flows: &Value, workspace_id: &str) -> Value {
    let declared = streams_without("");
    let streams: serde_json::Map<String, Value> = declared
        .as_object()
        .unwrap()
        .iter()
        .map(|(stream, columns)| {
            let columns = columns.as_object().unwrap().iter();
            let columns: Vec<Value> =
                columns.map(|(name, kind)| json!({ "name": name, "type": kind })).collect();
            (stream.clone(), json!({ "columns": columns }))
        })
        .collect();
    json!({ "totalRecords": 2, "count": 2, "resultTruncated": "false", "data": [
        {
            "id": of_monitor("dataCollectionRules", "dcr-heartbeat"), "name": "dcr-heartbeat",
            "type": "microsoft.insights/datacollectionrules",
            "properties": {
                "immutableId": OWNER, "streamDeclarations": streams, "dataFlows": flows,
                "destinations": { "logAnalytics": [{ "name": "workspace", "workspaceResourceId": workspace_id }] },
            },
        },
        {
            "id": workspace("law-heartbeat"), "name": "law-heartbeat", "type": "microsoft.operationalinsights/workspaces",
            "properties": { "customerId": house.environment["LOGS_WORKSPACE_IDS"] },
        },
    ] })
}

fn flows() -> Value {
    let flow = |table: &str| {
        json!({
            "streams": [format!("Custom-{table}")], "destinations": ["workspace"], "transformKql": "source",
            "outputStream": format!("Custom-{table}_CL"),
        })
    };
    json!([flow("TagData"), flow("DNSData"), flow("DNSChange")])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_that_does_not_flow_to_its_table_is_told_with_the_flows_that_do() {
    let (house, parent) = healthy(&[]).await;
    let with = |member: &str, value: Value| {
        let mut flows = flows();
        flows[0][member] = value;
        flows
    };
    let mut removed = flows();
    removed.as_array_mut().unwrap().remove(0);
    let mut bare = flows();
    bare[0].as_object_mut().unwrap().remove("transformKql");
    let own = workspace("law-heartbeat");
    for (flows, to, said) in [
        (flows(), own.as_str(), ""),
        (bare, &own.to_uppercase(), ""),
        (removed, &own, "Custom-TagData flows nowhere"),
        (
            with("transformKql", json!("source | where false")),
            &own,
            "Custom-TagData is changed on its way: source | where false",
        ),
        (
            with("outputStream", json!("Custom-Other_CL")),
            &own,
            "Custom-TagData flows to Custom-Other_CL, not to Custom-TagData_CL",
        ),
        (with("destinations", json!(["elsewhere"])), &own, "Custom-TagData flows to another workspace"),
        (
            flows(),
            &workspace("law-old"),
            "Custom-TagData, Custom-DNSData and Custom-DNSChange flow to law-old, not to law-heartbeat",
        ),
    ] {
        let answer = found(&house, &flows, to);
        house
            .stage
            .fail(&json!([{ "method": "POST", "path": FIND, "times": 100, "status": 200, "body": answer }]))
            .await;
        let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
        let seen = line(&report, "rule");
        if said.is_empty() {
            assert_eq!(seen["verdict"], "ok", "{seen:#}");
            continue;
        }
        assert_eq!(seen["verdict"], "fail", "{report:#}");
        let az = format!(
            "az resource update --ids {} --api-version 2023-03-11 --set ",
            of_monitor("dataCollectionRules", "dcr-heartbeat")
        );
        holds(seen, said, &az);
        let command = seen["az"][0].as_str().unwrap();
        assert!(command.contains(r#""streams":["Custom-TagData"]"#) && command.contains(&own), "{command}");
    }
}

/// Where our workspace is not seen, the rule itself says whose it is, as Azure adds it (`workspaceId`).
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_leads_to_a_workspace_that_is_not_seen_is_known_by_its_customer_id() {
    let (house, parent) = healthy(&[]).await;
    let lacking = ["Microsoft.OperationalInsights/workspaces/read"];
    house.world(&json!({ "identity": { "roles": may_all_but(&lacking) } })).await;
    let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
    assert_eq!((code, &line(&report, "rule")["verdict"]), (0, &json!("ok")), "{report:#}");

    let own = house.environment["LOGS_WORKSPACE_IDS"].clone();
    let other = "00000000-0000-0000-0000-0000000000c9";
    let lost = "Custom-TagData, Custom-DNSData and Custom-DNSChange flow to law-old, which LOGS_WORKSPACE_IDS does not name first";
    let unseen = "leads to law-old; whether that is the workspace of LOGS_WORKSPACE_IDS is not seen";
    for (customer, verdict, said) in [
        (json!(own.to_uppercase()), "ok", "leads it to its tables"),
        (json!(other), "fail", lost),
        (Value::Null, "skip", unseen),
    ] {
        let mut answer = found(&house, &flows(), &workspace("law-old"));
        answer["data"][0]["properties"]["destinations"]["logAnalytics"][0]["workspaceId"] = customer;
        answer["data"].as_array_mut().unwrap().pop();
        house
            .stage
            .fail(&json!([{ "method": "POST", "path": FIND, "times": 100, "status": 200, "body": answer }]))
            .await;
        let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
        let seen = line(&report, "rule");
        assert_eq!(seen["verdict"], verdict, "{report:#}");
        assert!(seen["said"].as_str().unwrap().contains(said), "{seen:#}");
        if verdict != "ok" {
            holds(seen, said, "az monitor log-analytics workspace list --query ");
        }
    }
}
