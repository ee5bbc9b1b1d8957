//! What of Azure the doctor looks at: the alert rule, its action group, roles, streams.

use heartbeat_dns::queries::{OwnerId, TABLES, alert_query};
use serde_json::{Map, Value, json};
use standin::{Options, World};

use super::Parent;
use crate::handler::{House, OWNER, beat, set, tagged};
use crate::run::OLD;

pub(super) const SCOPE: &str = "/subscriptions/00000000-0000-0000-0000-000000000001";
/// Why nothing is written where there is nothing to try it with.
pub(super) const CAUSE: &str = "a set that is not there is not made";

pub(super) fn of_monitor(kind: &str, name: &str) -> String {
    format!("{SCOPE}/resourceGroups/rg-monitor/providers/Microsoft.Insights/{kind}/{name}")
}

/// The properties of the alert rule as `infra` deploys it.
pub(super) fn alert() -> Value {
    let workspace = format!(
        "{SCOPE}/resourceGroups/rg-monitor/providers/Microsoft.OperationalInsights/workspaces/law-heartbeat"
    );
    json!({
        "enabled": true, "scopes": [workspace], "evaluationFrequency": "PT5M", "windowSize": "PT5M",
        "overrideQueryTimeRange": "PT2H",
        "autoMitigate": false, "severity": 4,
        "criteria": { "allOf": [{
            "query": alert_query(&OwnerId::new(OWNER)), "timeAggregation": "Count", "operator": "GreaterThan",
            "threshold": 0, "failingPeriods": { "numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1 },
        }] },
        "actions": { "actionGroups": [of_monitor("actionGroups", "heartbeat-dns-repair")] },
    })
}

/// The rule with these properties, and its group.
pub(super) fn resources(alert: &Value, is_enabled: bool) -> Value {
    let mut group = group();
    group["enabled"] = json!(is_enabled);
    resources_with(alert, &group)
}

/// The rule and its group with these properties.
pub(super) fn resources_with(alert: &Value, group: &Value) -> Value {
    json!([
        { "id": of_monitor("scheduledQueryRules", "heartbeat-dns-drift"), "properties": alert },
        { "id": of_monitor("actionGroups", "heartbeat-dns-repair"), "properties": group },
    ])
}

/// The properties of the action group as `infra` deploys it.
pub(super) fn group() -> Value {
    json!({ "enabled": true, "azureFunctionReceivers": [{
        "name": "function-remediate", "functionName": "function-remediate",
        "functionAppResourceId": format!("{SCOPE}/resourceGroups/rg-monitor/providers/Microsoft.Web/sites/app-dns"),
        "httpTriggerUrl": "https://app-dns.azurewebsites.net/api/remediate?code=abc==", "useCommonAlertSchema": true,
    }] })
}

/// Everything that the doctor does, but for these actions.
pub(crate) fn may_all_but(lacking: &[&str]) -> Value {
    let all = [
        "Microsoft.OperationalInsights/workspaces/read",
        "Microsoft.OperationalInsights/workspaces/query/read",
        "Microsoft.Insights/Telemetry/Write",
        "Microsoft.Insights/dataCollectionRules/read",
        "Microsoft.Insights/scheduledQueryRules/read",
        "Microsoft.Insights/actionGroups/read",
        "Microsoft.Network/dnszones/A/read",
        "Microsoft.Network/dnszones/A/write",
        "Microsoft.Network/dnszones/NS/read",
        "Microsoft.HybridCompute/machines/read",
    ];
    let actions: Vec<&str> = all.into_iter().filter(|action| !lacking.contains(action)).collect();
    json!([{ "scope": SCOPE, "actions": actions }])
}

/// The roles as `infra` assigns them, each at its own scope.
pub(crate) fn deployed() -> Value {
    let actions = |file: &str| -> Value {
        let path = format!("{}/infra/roles/{file}.json", env!("CARGO_MANIFEST_DIR"));
        let role: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        role["actions"].clone()
    };
    let monitor = format!("{SCOPE}/resourceGroups/rg-monitor/providers");
    json!([
        { "scope": format!("{monitor}/Microsoft.OperationalInsights/workspaces/law-heartbeat"), "actions": actions("logs") },
        { "scope": format!("{SCOPE}/resourceGroups/rg-edge"), "actions": actions("machines") },
        { "scope": crate::stage::zone_id("example.com"), "actions": actions("records") },
        {
            "scope": format!("{monitor}/Microsoft.Insights/dataCollectionRules/dcr-heartbeat"),
            "actions": ["Microsoft.Insights/Telemetry/Write"],
        },
    ])
}

/// The streams of `infra` without one column.
pub(super) fn streams_without(column: &str) -> Value {
    let mut streams = Map::new();
    for (table, declared) in TABLES {
        let declared: Vec<Value> = serde_json::from_str(declared).unwrap();
        let kept = declared.iter().filter(|known| known["name"] != column);
        let columns: Map<String, Value> =
            kept.map(|known| (known["name"].as_str().unwrap().to_owned(), known["type"].clone())).collect();
        streams.insert(format!("Custom-{}", table.trim_end_matches("_CL")), Value::Object(columns));
    }
    Value::Object(streams)
}

/// A house whose rule declares these streams from its first day.
pub(super) async fn house_with_rule(streams: &Value) -> (House, Parent) {
    let sets = [set("x", &[OLD], Value::Null)];
    let machines = [tagged("x", "x.example.com")];
    let mut world = crate::stage::world(&sets, &machines);
    world["rule"] = World::default().rule;
    world["rule"]["streams"] = streams.clone();
    world["resources"] = resources(&alert(), true);
    let house = House::with_world(&world, &[beat("x", OLD, 30)], &[], Options::default()).await;
    let hosts = own_name_servers(&house);
    (house, Parent::naming(&hosts).await)
}

/// The name servers that Azure gave the zone.
pub(super) fn own_name_servers(house: &House) -> Vec<String> {
    let world = house.stage.standin.state().world();
    let zone = world.zones.values().next().unwrap();
    zone.name_servers.iter().map(|host| host.trim_end_matches('.').to_owned()).collect()
}
