//! Alert rules whose query is ours, and that call too late, or never, or somebody else.

use heartbeat_dns::queries::{ACTIONABLE, MISMATCH};
use serde_json::{Value, json};

use super::{examined, fails, healthy, holds, line, lines};
use crate::run::doctor::world::{SCOPE, alert, group, of_monitor, resources, resources_with};

fn with(change: (&str, Value)) -> Value {
    let mut alert = alert();
    let (path, member) = change.0.rsplit_once('/').unwrap();
    alert.pointer_mut(path).unwrap()[member] = change.1;
    alert
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_does_not_call_at_the_first_row_is_told_with_what_mends_it() {
    let (mut house, parent) = healthy(&[]).await;
    let rule = of_monitor("scheduledQueryRules", "heartbeat-dns-drift");
    let update = format!("az resource update --ids {rule} --api-version 2023-12-01 ");
    let condition = format!("{update}--set 'properties.criteria.allOf[0].timeAggregation=Count' ");
    let first = "/criteria/allOf/0";
    let periods = json!({ "numberOfEvaluationPeriods": 6, "minFailingPeriodsToAlert": 6 });
    for (change, said, az) in [
        ((format!("{first}/threshold"), json!(100)), "calls when its rows are GreaterThan 100", &condition),
        ((format!("{first}/operator"), json!("LessThan")), "calls when its rows are LessThan 0", &condition),
        ((format!("{first}/timeAggregation"), json!("Average")), "by Average, not by Count", &condition),
        ((format!("{first}/failingPeriods"), periods), "calls after 6 of 6 evaluations", &condition),
        (
            ("/muteActionsDuration".to_owned(), json!("P1D")),
            "calls nobody for 1440 min after a call",
            &format!("{update}--remove properties.muteActionsDuration"),
        ),
        (
            ("/autoMitigate".to_owned(), json!(true)),
            "calls once, and then not before all is right again",
            &format!("{update}--set properties.autoMitigate=false"),
        ),
    ] {
        house.world(&json!({ "resources": resources(&with((&change.0, change.1)), true) })).await;
        for named in ["", rule.as_str()] {
            house.environment.insert("ALERT_RULE_IDS".to_owned(), named.to_owned());
            let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
            assert_eq!(code, 1, "{report:#}");
            fails(&report, "alert", said, az);
        }
    }
    // What means the same is as good.
    for change in [(format!("{first}/operator"), json!("GreaterThanOrEqual")), ("/x".to_owned(), json!(1))] {
        let mut alert = with((&change.0, change.1));
        if alert["x"].is_null() {
            alert["criteria"]["allOf"][0]["threshold"] = json!(1);
        }
        house.world(&json!({ "resources": resources(&alert, true) })).await;
        let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
        assert_eq!((code, &line(&report, "alert")["verdict"]), (0, &json!("ok")), "{report:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_over_another_workspace_is_told_whether_it_is_named_or_not() {
    let (mut house, parent) = healthy(&[]).await;
    let rule = of_monitor("scheduledQueryRules", "heartbeat-dns-drift");
    let other = format!(
        "{SCOPE}/resourceGroups/rg-monitor/providers/Microsoft.OperationalInsights/workspaces/law-old"
    );
    let deploy = "az deployment group create --resource-group rg-monitor --name heartbeat-dns-alert ";
    for (scopes, said) in [
        (json!([other]), "asks law-old, and our tables are in law-heartbeat"),
        (json!([]), "asks no workspace"),
    ] {
        house.world(&json!({ "resources": resources(&with(("/scopes", scopes)), true) })).await;
        for named in ["", rule.as_str()] {
            house.environment.insert("ALERT_RULE_IDS".to_owned(), named.to_owned());
            let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
            fails(&report, "alert", said, deploy);
        }
    }
}

/// Without `ALERT_RULE_IDS` an edited rule is known by most of its query, or by whom it calls.
#[tokio::test(flavor = "multi_thread")]
async fn an_edited_rule_is_found_without_its_id() {
    let (house, parent) = healthy(&[]).await;
    let ours = alert()["criteria"]["allOf"][0]["query"].as_str().unwrap().to_owned();
    let deploy = "az deployment group create --resource-group rg-monitor --name heartbeat-dns-alert ";
    for query in [ours.replace("| where Actionable", ""), "Heartbeat | take 1".to_owned()] {
        let edited = with(("/criteria/allOf/0/query", json!(query)));
        house.world(&json!({ "resources": resources(&edited, true) })).await;
        let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
        fails(&report, "alert", "the query of heartbeat-dns-drift is not the one of this program", deploy);
    }
    // One that calls somebody else with something else is not ours.
    let strange = with(("/criteria/allOf/0/query", json!("Heartbeat | take 1")));
    let mail =
        json!({ "enabled": true, "emailReceivers": [{ "name": "me", "emailAddress": "me@example.com" }] });
    house.world(&json!({ "resources": resources_with(&strange, &mail) })).await;
    let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
    assert_eq!((code, &line(&report, "alert")["verdict"]), (0, &json!("skip")), "{report:#}");
}

/// What somebody put together by hand names no installation: it is known by its query, or by whom it calls, wherever it asks.
#[tokio::test(flavor = "multi_thread")]
async fn a_rule_of_ones_own_making_is_found_without_its_id_and_judged_as_a_whole() {
    let (house, parent) = healthy(&[]).await;
    let by_hand = format!("{MISMATCH}\n\n{ACTIONABLE}\n");
    let made = |query: &str, scopes: &Value| {
        let mut alert = with(("/scopes", scopes.clone()));
        alert["criteria"]["allOf"][0]["query"] = json!(query);
        alert
    };
    let own = alert()["scopes"].clone();
    house.world(&json!({ "resources": resources(&made(&by_hand, &own), true) })).await;
    let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
    assert_eq!((code, &line(&report, "alert")["verdict"]), (0, &json!("ok")), "{report:#}");
    let other = format!(
        "{SCOPE}/resourceGroups/rg-monitor/providers/Microsoft.OperationalInsights/workspaces/law-old"
    );
    let deploy = "az deployment group create --resource-group rg-monitor --name heartbeat-dns-alert ";
    let is_strange = "the query of heartbeat-dns-drift is not the one of this program";
    for (query, is_ours) in [(by_hand.as_str(), true), (MISMATCH, false), ("Heartbeat | take 1", false)] {
        for (scopes, said) in [
            (json!([other]), "asks law-old, and our tables are in law-heartbeat"),
            (json!([]), "asks no workspace"),
        ] {
            let mut alert = made(query, &scopes);
            alert["enabled"] = json!(false);
            house.world(&json!({ "resources": resources(&alert, true) })).await;
            let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
            let seen = lines(&report, "alert");
            assert!(code == 1 && seen.iter().all(|line| line["verdict"] == "fail"), "{report:#}");
            assert_eq!(seen.len(), if is_ours { 2 } else { 3 }, "{report:#}");
            holds(seen[0], "heartbeat-dns-drift is disabled", "az resource update --ids ");
            let scope = seen.last().unwrap();
            holds(scope, said, deploy);
            holds(scope, "if it is another installation's, this one has none", deploy);
            if !is_ours {
                holds(seen[1], is_strange, deploy);
            }
        }
    }
    // One that says whose it is is theirs, whoever it calls; and beside a rule of ours none is judged.
    let theirs =
        made(&by_hand.replace("Installation = \"\"", "Installation = \"their-dns\""), &json!([other]));
    house.world(&json!({ "resources": resources(&theirs, true) })).await;
    let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
    assert_eq!(line(&report, "alert")["verdict"], "skip", "{report:#}");
    let mut both = resources(&alert(), true);
    let id = of_monitor("scheduledQueryRules", "another-drift");
    both.as_array_mut().unwrap().push(json!({ "id": id, "properties": made(&by_hand, &json!([other])) }));
    house.world(&json!({ "resources": both })).await;
    let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
    assert_eq!((code, &line(&report, "alert")["verdict"]), (0, &json!("ok")), "{report:#}");
}

/// The rule of another installation says nothing of this one's.
#[tokio::test(flavor = "multi_thread")]
async fn beside_the_rule_of_another_installation_ours_is_judged() {
    let (mut house, parent) = healthy(&[]).await;
    let own = alert();
    let query = own["criteria"]["allOf"][0]["query"].as_str().unwrap();
    let of_other = with((
        "/criteria/allOf/0/query",
        json!(query.replace("dcr-00000000000000000000000000000001", "their-dns")),
    ));
    let mut both = resources(&own, true);
    both.as_array_mut()
        .unwrap()
        .push(json!({ "id": of_monitor("scheduledQueryRules", "theirs-drift"), "properties": of_other }));
    house.world(&json!({ "resources": both })).await;
    let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
    assert_eq!((code, &line(&report, "alert")["verdict"]), (0, &json!("ok")), "{report:#}");
    // A wrong id of ours makes no wrong rule of a right one.
    house.world(&json!({ "resources": resources(&own, true) })).await;
    house
        .environment
        .insert("LOGS_DCR_RULE_ID".to_owned(), "dcr-00000000000000000000000000000009".to_owned());
    let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
    let seen = line(&report, "alert");
    assert_eq!((&seen["verdict"], &seen["az"]), (&json!("fail"), &json!([])), "{report:#}");
    let said = seen["said"].as_str().unwrap();
    assert!(said.contains("counts the rows of dcr-00000000000000000000000000000001, and this program is dcr-00000000000000000000000000000009"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_calls_without_a_key_or_somebody_else_is_told() {
    let (house, parent) = healthy(&[]).await;
    let of = |change: (&str, Value)| {
        let mut group = group();
        group["azureFunctionReceivers"][0][change.0] = change.1;
        group
    };
    let again = format!(
        "az monitor action-group update --ids {} --remove-action function-remediate --add-action azurefunction function-remediate {SCOPE}/resourceGroups/rg-monitor/providers/Microsoft.Web/sites/app-dns function-remediate \"https://app-dns.azurewebsites.net/api/remediate?code=$(az functionapp function keys list ",
        of_monitor("actionGroups", "heartbeat-dns-repair")
    );
    let bare = json!("https://app-dns.azurewebsites.net/api/remediate");
    let hook =
        |uri: &str| json!({ "enabled": true, "webhookReceivers": [{ "name": "h", "serviceUri": uri }] });
    for (group, said, az) in [
        (of(("httpTriggerUrl", bare)), "calls the function without a key", again.as_str()),
        (hook("https://app-dns.azurewebsites.net/api/remediate"), "calls the function without a key", ""),
        (json!({ "enabled": true }), "calls neither a function nor a webhook", "az deployment group create "),
    ] {
        house.world(&json!({ "resources": resources_with(&alert(), &group) })).await;
        let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
        let seen = line(&report, "action group");
        assert_eq!((&seen["verdict"], code), (&json!("fail"), 1), "{report:#}");
        if az.is_empty() {
            assert!(seen["said"].as_str().unwrap().contains(said), "{seen:#}");
        } else {
            holds(seen, said, az);
        }
    }
    for group in [
        hook("https://app-dns.azurewebsites.net/api/remediate?code=abc"),
        hook("https://proxy.example.com/dns"),
    ] {
        house.world(&json!({ "resources": resources_with(&alert(), &group) })).await;
        let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
        assert_eq!((code, &report["totals"]["fail"]), (0, &json!(0)), "{report:#}");
    }
}
