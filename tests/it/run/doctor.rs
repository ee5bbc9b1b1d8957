//! What `doctor` says of a healthy installation and of broken ones, each with the command that mends it.

mod addresses;
mod calls;
mod flows;
pub(crate) mod function;
mod known;
mod machines;
mod mending;
mod no_rule;
mod parent;
mod person;
mod private_zones;
mod revoked;
pub(crate) mod world;
mod wrong_tag;

use serde_json::{Value, json};

use super::{OLD, code, words};
use crate::handler::{House, set, tagged};
use crate::stage::zone_id;
use parent::Parent;
use world::{CAUSE, SCOPE, alert, may_all_but, own_name_servers, resources};

/// A house in which everything is as it must be, and a parent that leads to it.
async fn healthy(more: &[(&str, &str)]) -> (House, Parent) {
    let machines = [tagged("x", "x.example.com")];
    let beats = [crate::handler::beat("x", OLD, 30)];
    let house = House::new(&[set("x", &[OLD], Value::Null)], &machines, &beats, more).await;
    house.world(&json!({ "resources": resources(&alert(), true) })).await;
    house.stage.all_calls().await;
    let hosts = own_name_servers(&house);
    (house, Parent::naming(&hosts).await)
}

/// The report, and the code that the command ended with.
async fn examined(house: &House, parent: &Parent, more: &[&str]) -> (Value, i32) {
    let arguments = [&["doctor", "--parent", &parent.address, "-o", "json"], more].concat();
    let output = house.run(&arguments).await;
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", words(&output)));
    assert_eq!(report["schema"], "heartbeat-dns-doctor/1");
    (report, code(&output))
}

/// The lines about a topic: verdict, what was said, commands.
fn lines<'a>(report: &'a Value, topic: &str) -> Vec<&'a Value> {
    report["lines"].as_array().unwrap().iter().filter(|line| line["topic"] == topic).collect()
}

/// The one line about a topic.
fn line<'a>(report: &'a Value, topic: &str) -> &'a Value {
    let found = lines(report, topic);
    assert_eq!(found.len(), 1, "{topic}: {report}");
    found[0]
}

/// Asserts that one thing alone fails, and how it is mended.
#[track_caller]
fn fails(report: &Value, topic: &str, said: &str, az: &str) {
    let failed: Vec<&Value> =
        report["lines"].as_array().unwrap().iter().filter(|line| line["verdict"] == "fail").collect();
    assert!(failed.len() == 1 && failed[0]["topic"] == topic, "{topic}: {report:#}");
    holds(failed[0], said, az);
}

#[track_caller]
fn holds(line: &Value, said: &str, az: &str) {
    assert!(line["said"].as_str().unwrap().contains(said), "{said}: {line:#}");
    let commands = line["az"].as_array().unwrap();
    assert!(commands.iter().any(|command| command.as_str().unwrap().starts_with(az)), "{az}: {line:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_installation_has_nothing_to_mend() {
    let (house, parent) = healthy(&[]).await;
    let (report, code) = examined(&house, &parent, &[]).await;
    assert_eq!(
        (code, &report["totals"]),
        (0, &json!({ "ok": 12, "warn": 0, "fail": 0, "skip": 0 })),
        "{report:#}"
    );
    let all = report["lines"].as_array().unwrap();
    let topics: Vec<&str> = all.iter().map(|line| line["topic"].as_str().unwrap()).collect();
    let wanted = [
        "token",
        "workspace",
        "tables",
        "rule",
        "machines",
        "ingestion",
        "zone",
        "delegation",
        "alert",
        "action group",
        "rights",
        "clocks",
    ];
    assert_eq!(topics, wanted);
    assert_eq!(report["by"]["object"], "00000000-0000-0000-0000-0000000000f2", "{report:#}");
    assert!(line(&report, "workspace")["said"].as_str().unwrap().contains("1 machine heard"), "{report:#}");
    let calls = house.stage.calls().await;
    let puts: Vec<_> = calls.iter().filter(|call| call.method == "PUT").map(|call| call.status).collect();
    assert_eq!(puts, [412], "{calls:?}");
    assert_eq!(house.addresses("x").await, [OLD]);
    let rows = house.query("DNSChange_CL | project Trigger_s, DNSHostName_s, Action_s").await;
    assert_eq!(rows, [json!(["probe", "", ""])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn for_people_each_thing_is_a_line_and_each_failure_has_its_command_below() {
    let (house, parent) = healthy(&[]).await;
    house
        .world(&json!({ "identity": { "roles": may_all_but(&["Microsoft.Insights/Telemetry/Write"]) } }))
        .await;
    let output = house.run(&["doctor", "--parent", &parent.address]).await;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(code(&output), 1, "{}", words(&output));
    for wanted in [
        "  ok    token         managed identity, client id ",
        "  ok    zone          example.com: may be read and written\n",
        "  FAIL  ingestion     403: the identity lacks \"Monitoring Metrics Publisher\"",
        "\n          az role assignment create --assignee-object-id 00000000-0000-0000-0000-0000000000f2 ",
        "11 ok, 1 failure; nothing was changed\n",
        "seen with the rights of client id ",
    ] {
        assert!(text.contains(wanted), "{wanted}\n{text}");
    }
    let csv = house.run(&["doctor", "--no-probe", "--parent", &parent.address, "-o", "csv"]).await;
    let csv = String::from_utf8_lossy(&csv.stdout).into_owned();
    assert!(csv.starts_with("verdict,topic,of,said,az\n") && csv.contains("\nskip,ingestion,"), "{csv}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_only_the_token_is_told() {
    let (mut house, parent) = healthy(&[]).await;
    house.environment.insert("IDENTITY_HEADER".to_owned(), "another".to_owned());
    let (report, code) = examined(&house, &parent, &[]).await;
    assert_eq!(code, 1, "{report:#}");
    fails(&report, "token", "no token for ", "az functionapp identity assign ");
    for topic in ["workspace", "tables", "ingestion", "zone", "delegation"] {
        assert!(lines(&report, topic).iter().all(|line| line["verdict"] == "skip"), "{topic}: {report:#}");
    }
    assert_eq!(report["by"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_missing_is_told_with_its_assignment() {
    let assign = "az role assignment create --assignee-object-id 00000000-0000-0000-0000-0000000000f2 --assignee-principal-type ServicePrincipal --role ";
    let monitor = format!("{SCOPE}/resourceGroups/rg-monitor/providers");
    for (lacking, topic, said, az) in [
        (
            "Microsoft.OperationalInsights/workspaces/query/read",
            "workspace",
            "403: the identity lacks \"Log Analytics Reader\"",
            format!(
                "\"Log Analytics Reader\" --scope {monitor}/Microsoft.OperationalInsights/workspaces/law-heartbeat"
            ),
        ),
        (
            "Microsoft.Insights/Telemetry/Write",
            "ingestion",
            "403: the identity lacks \"Monitoring Metrics Publisher\"",
            format!(
                "\"Monitoring Metrics Publisher\" --scope {monitor}/Microsoft.Insights/dataCollectionRules/dcr-heartbeat"
            ),
        ),
        (
            "Microsoft.Network/dnszones/A/write",
            "zone",
            "403: may be read and not written",
            format!("\"DNS Zone Contributor\" --scope {}", zone_id("example.com")),
        ),
        (
            "Microsoft.Network/dnszones/A/read",
            "zone",
            "403: may not be read",
            format!("\"DNS Zone Contributor\" --scope {}", zone_id("example.com")),
        ),
    ] {
        let (house, parent) = healthy(&[]).await;
        house.world(&json!({ "identity": { "roles": may_all_but(&[lacking]) } })).await;
        let (report, code) = examined(&house, &parent, &[]).await;
        assert_eq!(code, 1, "{report:#}");
        fails(&report, topic, said, &format!("{assign}{az}"));
    }
}

/// With the roles that `infra` assigns, what they do not show is not asked, and nothing fails.
#[tokio::test(flavor = "multi_thread")]
async fn the_deployed_roles_show_enough() {
    let (house, parent) = healthy(&[]).await;
    house.world(&json!({ "identity": { "roles": world::deployed() } })).await;
    let (report, code) = examined(&house, &parent, &[]).await;
    assert_eq!((code, &report["totals"]["fail"]), (0, &json!(0)), "{report:#}");
    for topic in ["zone", "delegation", "ingestion", "workspace", "tables", "machines"] {
        assert_eq!(line(&report, topic)["verdict"], "ok", "{report:#}");
    }
    for topic in ["rule", "alert"] {
        assert_eq!(line(&report, topic)["verdict"], "skip", "{report:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_column_that_is_missing_is_named_and_added() {
    let streams = world::streams_without("HoldUntil_t");
    let (house, parent) = world::house_with_rule(&streams).await;
    let (report, _) = examined(&house, &parent, &[]).await;
    let table = line(&report, "tables");
    assert_eq!((&table["verdict"], &table["of"]), (&json!("fail"), &json!("DNSData_CL")), "{report:#}");
    let az = "az monitor log-analytics workspace table update --resource-group rg-monitor --workspace-name law-heartbeat --name DNSData_CL --columns TimeGenerated=datetime ";
    holds(table, "lacks the column HoldUntil_t", az);
    assert!(table["az"][0].as_str().unwrap().contains(" HoldUntil_t=datetime"), "{table:#}");
    let rule = line(&report, "rule");
    assert_eq!(rule["verdict"], "fail");
    holds(
        rule,
        "does not declare Custom-DNSData.HoldUntil_t",
        "AZURE_SUBSCRIPTION_ID=00000000-0000-0000-0000-000000000001 RESOURCE_GROUP=rg-monitor BUILD=1 infra/deploy.sh",
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_is_told_with_its_removal() {
    let (house, parent) = healthy(&[]).await;
    house.world(&super::lock(&zone_id("example.com"))).await;
    let (report, _) = examined(&house, &parent, &[]).await;
    let lock = format!("{}/providers/Microsoft.Authorization/locks/keep", zone_id("example.com"));
    fails(&report, "zone", "409: a lock stands on it or above it", &format!("az lock delete --ids {lock}"));
    house.world(&json!({ "identity": { "roles": world::deployed() } })).await;
    let (report, _) = examined(&house, &parent, &[]).await;
    fails(&report, "zone", "409: a lock stands", "az lock list --resource-group rg-dns ");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_that_leads_elsewhere_is_told_with_what_the_registrar_must_know() {
    let (house, _) = healthy(&[]).await;
    let own = own_name_servers(&house);
    let elsewhere = Parent::naming(&["ns1.old-host.example".to_owned()]).await;
    let (report, code) = examined(&house, &elsewhere, &[]).await;
    let seen = line(&report, "delegation");
    assert_eq!((&seen["verdict"], code), (&json!("warn"), 0), "{report:#}");
    let az = format!("az network dns zone show --ids {}", zone_id("example.com"));
    holds(seen, "the parent names ns1.old-host.example: what Azure answers reaches nobody", &az);
    assert!(own.iter().all(|host| seen["said"].as_str().unwrap().contains(host.as_str())), "{seen:#}");
    let (report, _) = examined(&house, &Parent::naming(&[]).await, &[]).await;
    holds(line(&report, "delegation"), "the parent does not delegate it", &az);
    let both = [own.clone(), vec!["ns1.old-host.example".to_owned()]].concat();
    let (report, _) = examined(&house, &Parent::naming(&both).await, &[]).await;
    holds(line(&report, "delegation"), "reaches some and not others", &az);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_that_is_not_ours_or_sleeps_is_told() {
    let (house, parent) = healthy(&[]).await;
    let rule = format!(
        "{SCOPE}/resourceGroups/rg-monitor/providers/Microsoft.Insights/scheduledQueryRules/heartbeat-dns-drift"
    );
    let deploy = "az deployment group create --resource-group rg-monitor --name heartbeat-dns-alert --template-file infra/alert.bicep --parameters name=heartbeat-dns functionAppName=";
    let update = format!("az resource update --ids {rule} --api-version 2023-12-01 --set ");
    let with = |change: (&str, Value)| {
        let mut alert = alert();
        *alert.pointer_mut(change.0).unwrap() = change.1;
        alert
    };
    let other = format!("{}\n| take 0", alert()["criteria"]["allOf"][0]["query"].as_str().unwrap());
    for (alert, group, topic, said, az) in [
        (
            with(("/enabled", json!(false))),
            true,
            "alert",
            "heartbeat-dns-drift is disabled",
            format!("{update}properties.enabled=true"),
        ),
        (
            with(("/criteria/allOf/0/query", json!(other))),
            true,
            "alert",
            "is not the one of this program",
            deploy.to_owned(),
        ),
        (
            with(("/overrideQueryTimeRange", json!("PT1H"))),
            true,
            "alert",
            "looks back over 60 min, this program over 120 min",
            format!("{update}properties.overrideQueryTimeRange=PT2H"),
        ),
        (with(("/actions/actionGroups", json!([]))), true, "action group", "calls nobody", deploy.to_owned()),
        (alert(), false, "action group", "is disabled", "az monitor action-group update --ids ".to_owned()),
    ] {
        house.world(&json!({ "resources": resources(&alert, group) })).await;
        let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
        fails(&report, topic, said, &az);
    }
    let mut named = house;
    named.environment.insert("ALERT_RULE_IDS".to_owned(), format!("{rule}x"));
    let (report, _) = examined(&named, &parent, &["--no-probe"]).await;
    fails(
        &report,
        "alert",
        "ALERT_RULE_IDS names heartbeat-dns-driftx, which is not there",
        "az deployment group create --resource-group rg-monitor --name heartbeat-dns-driftx-alert ",
    );
    named.environment.insert("ALERT_RULE_IDS".to_owned(), rule);
    named.world(&json!({ "resources": resources(&alert(), true) })).await;
    let (report, code) = examined(&named, &parent, &["--no-probe"]).await;
    assert_eq!((code, &line(&report, "alert")["verdict"]), (0, &json!("ok")), "{report:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_wrong_is_told() {
    let (house, parent) = healthy(&[]).await;
    let date = [("Thu, 01 Jan 2015 00:00:00 GMT", "ahead of"), ("Thu, 01 Jan 2099 00:00:00 GMT", "behind")];
    for (date, which) in date {
        house.stage.fail(&json!([{ "path": "/A", "times": 100, "headers": { "Date": date } }])).await;
        let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
        let seen = line(&report, "clocks");
        assert_eq!((&seen["verdict"], code), (&json!("warn"), 0), "{report:#}");
        assert!(seen["said"].as_str().unwrap().contains(&format!("{which} that of Azure DNS")), "{seen:#}");
    }
}

/// A clock that all services call wrong is wrong, and runs judge by it.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_everybody_calls_wrong_fails() {
    let (house, parent) = healthy(&[]).await;
    let date = json!({ "Date": "Thu, 01 Jan 2099 00:00:00 GMT" });
    house.stage.fail(&json!([{ "path": "/", "times": 1000, "headers": date }])).await;
    let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
    let seen = line(&report, "clocks");
    assert_eq!((&seen["verdict"], code), (&json!("fail"), 1), "{report:#}");
    let said = seen["said"].as_str().unwrap();
    assert!(said.contains("behind those of all services") && said.contains("by NTP"), "{seen:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_or_a_workspace_or_a_zone_that_is_not_there_is_told_with_those_that_are() {
    let (mut house, parent) = healthy(&[]).await;
    let own = house.environment.clone();
    let nowhere = zone_id("example.com").replace("rg-dns", "rg-nowhere");
    for (variable, value, topic, said, az) in [
        (
            "LOGS_DCR_RULE_ID",
            "dcr-00000000000000000000000000000009",
            "ingestion",
            "404: no data collection rule dcr-00000000000000000000000000000009",
            "az rest --method get --url ",
        ),
        (
            "LOGS_WORKSPACE_IDS",
            "00000000-0000-0000-0000-0000000000c9",
            "workspace",
            "404: there is no workspace 00000000-0000-0000-0000-0000000000c9",
            "az monitor log-analytics workspace list ",
        ),
        (
            "DNS_ZONES",
            nowhere.as_str(),
            "zone",
            "404: there is no resource group rg-nowhere; correct DNS_ZONES",
            "az network dns zone list ",
        ),
    ] {
        house.environment.insert(variable.to_owned(), value.to_owned());
        let arguments = if topic == "ingestion" { &[][..] } else { &["--no-probe"] };
        let (report, code) = examined(&house, &parent, arguments).await;
        assert_eq!(code, 1, "{report:#}");
        holds(line(&report, topic), said, az);
        house.environment.clone_from(&own);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_drops_conditions_is_found_out() {
    let (house, parent) = healthy(&[]).await;
    let taken = json!({ "properties": { "TTL": 300 } });
    house.stage.fail(&json!([{ "method": "PUT", "path": "/A/x", "status": 200, "body": taken }])).await;
    let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
    let seen = line(&report, "zone");
    assert_eq!(seen["verdict"], "fail", "{report:#}");
    assert!(seen["said"].as_str().unwrap().contains("drops conditions"), "{seen:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_without_a_set_to_try_is_told_as_not_asked() {
    let (house, parent) = healthy(&[]).await;
    house.world(&json!({ "zones": [{ "id": zone_id("example.com"), "recordSets": [] }] })).await;
    let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
    let seen = line(&report, "zone");
    assert!(code == 0 && seen["said"].as_str().unwrap().contains("was not asked"), "{report:#}");
    assert!(house.stage.calls().await.iter().all(|call| call.method != "PUT"), "{CAUSE}");
}
