//! The roles cover exactly the calls that are made.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use standin::CallRecord;

use super::same;
use crate::handler::{House, beat, moved, set, tagged};

const OLD: &str = "198.51.100.10";
const NEW: &str = "203.0.113.7";

/// What a call has to be allowed (contracts azure-resource-manager, section 8, and azure-monitor, sections 1.4
/// and 4.1), and the role that is to allow it.
pub(super) fn actions(call: &CallRecord) -> Vec<(&'static str, String)> {
    let path = call.path.split('?').next().unwrap();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let after = |name: &str| {
        let place = parts.iter().position(|part| part.eq_ignore_ascii_case(name))?;
        Some(&parts[place + 1..])
    };
    let verb = match call.method.as_str() {
        "GET" => "read",
        "PUT" | "PATCH" => "write",
        "DELETE" => "delete",
        _ => "action",
    };
    if path.ends_with("Microsoft.ResourceGraph/resources") || after("machines").is_some() {
        // Resource Graph answers with what may be read, and asks for no right of its own.
        return vec![("machines", "Microsoft.HybridCompute/machines/read".to_owned())];
    }
    if let Some([_name, below @ ..]) = after("deployments") {
        let part = below.first().map(|part| format!("{part}/")).unwrap_or_default();
        return vec![("deployments", format!("Microsoft.Resources/deployments/{part}{verb}"))];
    }
    if let Some([_zone, kind, ..]) = after("privateDnsZones") {
        // Of all types at once Azure has a right in capitals.
        let kind = if *kind == "all" { "ALL" } else { kind };
        return vec![("private-records", format!("Microsoft.Network/privateDnsZones/{kind}/{verb}"))];
    }
    if let Some([_zone, kind, ..]) = after("dnsZones") {
        return vec![("records", format!("Microsoft.Network/dnsZones/{kind}/{verb}"))];
    }
    if after("dnsZones").is_some() {
        return vec![("records", format!("Microsoft.Network/dnsZones/{verb}"))];
    }
    if path.ends_with("/query") {
        // The tables of the queries: Heartbeat and three custom ones.
        let tables = ["read", "query/read", "query/Heartbeat/read", "query/Tables.Custom/read"];
        return tables
            .map(|table| ("logs", format!("Microsoft.OperationalInsights/workspaces/{table}")))
            .to_vec();
    }
    if after("streams").is_some() {
        return vec![("ingestion", "Microsoft.Insights/Telemetry/Write".to_owned())];
    }
    panic!("{} {path}: which right is that?", call.method)
}

pub(super) fn role(name: &str) -> BTreeSet<String> {
    let role = super::json(&format!("infra/roles/{name}.json"));
    for member in ["name", "description"] {
        assert!(role[member].as_str().is_some_and(|text| !text.is_empty()), "{name}: {member}");
    }
    let list = |member: &str| role[member].as_array().unwrap().clone();
    list("actions")
        .iter()
        .chain(&list("dataActions"))
        .map(|action| action.as_str().unwrap().to_owned())
        .collect()
}

/// Everything that the program does: sweep, plan, update, create, adopt, both families, proof, audit.
async fn everything() -> Vec<CallRecord> {
    let sets = [set("nas", &[OLD], Value::Null), set("www", &[OLD], Value::Null)];
    let machines = [
        tagged("nas", "nas.example.com"),
        tagged("new", "new.example.com"),
        tagged("web", "www.example.com"),
    ];
    let mut beats = moved("nas", OLD, NEW);
    for name in ["new", "web"] {
        beats.extend([60, 30, 2].map(|ago| beat(name, NEW, ago)));
        beats.extend([60, 30, 2].map(|ago| beat(name, "2001:db8::7", ago)));
    }
    let more = [("POLICY_RECORD_TYPES", "A,AAAA")];
    let house = House::new(&sets, &machines, &beats, &more).await;
    // The house swept before it handed over: once more, so that the sweep is among the calls.
    assert!(house.run(&["collect"]).await.status.success());
    let report = house.serve().await.apply().await;
    assert_eq!(report["result"], "changed", "{report}");
    let (planned, adopted) =
        (house.run(&["plan"]).await, house.run(&["adopt", "www.example.com", "--yes"]).await);
    assert!(planned.status.success(), "{}", String::from_utf8_lossy(&planned.stderr));
    assert!(adopted.status.success(), "{}", String::from_utf8_lossy(&adopted.stderr));
    // A machine that Resource Graph does not know any more is asked for by its id.
    house
        .world(&json!({ "machines": [tagged("nas", "nas.example.com"), tagged("web", "www.example.com")] }))
        .await;
    house.heartbeats(&[beat("new", OLD, 1), beat("new", OLD, 0)]).await;
    house.serve().await.apply().await;
    house.stage.calls().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_roles_allow_the_calls_that_are_made_and_no_others() {
    let mut needed: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for call in everything().await {
        for (role, action) in actions(&call) {
            needed.entry(role).or_default().insert(action);
        }
    }
    assert_eq!(
        needed.remove("ingestion").map(|needs| needs.len()),
        Some(1),
        "Monitoring Metrics Publisher allows it"
    );
    for (name, needs) in &needed {
        same(("the calls", needs), (&format!("infra/roles/{name}.json"), &role(name)));
    }
    assert_eq!(needed.len(), 3, "{needed:?}");
}

/// A deployment that is made, one that fails and is asked why, and the questions of `doctor`.
#[tokio::test(flavor = "multi_thread")]
async fn the_role_for_deployments_allows_what_they_need_and_a_look_at_what_one_would_change() {
    let sets = [set("nas", &[OLD], Value::Null)];
    let options = standin::Options { retry_after: 0, ..Default::default() };
    let machines = [tagged("nas", "nas.example.com")];
    let more = [("APPLY_VIA", "deployment")];
    let house = House::with_options(&sets, &machines, &moved("nas", OLD, NEW), &more, options).await;
    house.world(&crate::run::lock(&crate::stage::zone_id("example.com"))).await;
    let refused = house.serve().await.apply().await;
    assert_eq!(refused["changes"][0]["outcome"], "failed", "{refused}");
    house.world(&json!({ "locks": [] })).await;
    assert_eq!(house.serve().await.apply().await["result"], "changed");
    house.run(&["doctor"]).await;
    let calls = house.stage.calls().await;
    let deployments = calls.iter().filter(|call| call.path.contains("/Microsoft.Resources/deployments/"));
    let mut needs: BTreeSet<String> = deployments
        .flat_map(actions)
        .map(|(role, action)| {
            assert_eq!(role, "deployments");
            action
        })
        .collect();
    // Before somebody deploys `plan -o arm` by the function's identity, they ask what it would change.
    needs.insert("Microsoft.Resources/deployments/whatIf/action".to_owned());
    same(("the calls", &needs), ("infra/roles/deployments.json", &role("deployments")));
}

#[test]
fn what_may_be_deleted_is_what_may_be_written() {
    for (deleting, writing) in [("release", "records"), ("private-release", "private-records")] {
        let deletes: BTreeSet<_> =
            role(deleting).iter().map(|action| action.replace("/delete", "/write")).collect();
        let writes = role(writing).into_iter().filter(|action| action.ends_with("/write")).collect();
        let file = |role: &str| format!("infra/roles/{role}.json");
        same((&file(deleting), &deletes), (&file(writing), &writes));
    }
}
