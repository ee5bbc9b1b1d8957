//! What is said of a cause that stops several questions: once, and with a next step.

use serde_json::{Value, json};

use super::{code, examined, healthy, line, lines, words};
use crate::run::doctor::world::{SCOPE, alert, of_monitor, resources};

/// All that the template takes is in the command, as the deployed rule has it.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_that_deploys_the_rule_again_says_all_that_the_template_takes() {
    let (mut house, parent) = healthy(&[]).await;
    let rule = of_monitor("scheduledQueryRules", "heartbeat-dns-drift");
    let identity = format!(
        "{SCOPE}/resourceGroups/rg-monitor/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-dns"
    );
    let mut edited = alert();
    edited["criteria"]["allOf"][0]["query"] = json!("Heartbeat");
    edited["evaluationFrequency"] = json!("PT10M");
    let shown = json!({
        "id": rule, "name": "heartbeat-dns-drift", "location": "northeurope", "kind": "LogAlert", "tags": { "team": "net" },
        "identity": { "type": "UserAssigned", "userAssignedIdentities": { identity.clone(): { "clientId": "c" } } },
        "properties": edited,
    });
    house.environment.insert("ALERT_RULE_IDS".to_owned(), rule);
    house
        .stage
        .fail(&json!([{ "method": "GET", "path": "/scheduledqueryrules/", "status": 200, "body": shown }]))
        .await;
    let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
    let seen = line(&report, "alert");
    let workspace = format!(
        "{SCOPE}/resourceGroups/rg-monitor/providers/Microsoft.OperationalInsights/workspaces/law-heartbeat"
    );
    let wanted = format!(
        "az deployment group create --resource-group rg-monitor --name heartbeat-dns-alert --template-file infra/alert.bicep \
         --parameters name=heartbeat-dns functionAppName=app-dns identityId={identity} location=northeurope \
         'workspaceIds=[\"{workspace}\"]' frequency=PT10M queryTimespan=PT2H \
         ownerId=dcr-00000000000000000000000000000001 'tags={{\"team\":\"net\"}}'"
    );
    assert_eq!(seen["az"], json!([wanted]), "{seen:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_that_is_not_there_is_told_once_and_not_waited_for() {
    let (mut house, parent) = healthy(&[]).await;
    house
        .environment
        .insert("LOGS_WORKSPACE_IDS".to_owned(), "00000000-0000-0000-0000-0000000000c9".to_owned());
    let begun = std::time::Instant::now();
    let (report, _) = examined(&house, &parent, &[]).await;
    assert!(begun.elapsed().as_secs() < 60, "{report:#}");
    let failed: Vec<&Value> =
        report["lines"].as_array().unwrap().iter().filter(|line| line["verdict"] == "fail").collect();
    assert_eq!(failed.len(), 1, "{report:#}");
    assert_eq!(failed[0]["topic"], "workspace");
    assert_eq!(line(&report, "tables")["verdict"], "skip", "{report:#}");
    assert_eq!(line(&report, "machines")["verdict"], "skip", "{report:#}");
    assert!(
        line(&report, "ingestion")["said"].as_str().unwrap().contains("could not be asked"),
        "{report:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_the_alert_is_not_said_to_be_missing() {
    let (mut house, parent) = healthy(&[]).await;
    house.environment.insert("IDENTITY_HEADER".to_owned(), "another".to_owned());
    let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
    for topic in ["alert", "rule", "machines"] {
        let seen = line(&report, topic);
        assert_eq!(seen["verdict"], "skip", "{report:#}");
        assert!(seen["said"].as_str().unwrap().contains("there is no token for it"), "{seen:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_busy_or_breaks_off_has_a_next_step() {
    let (house, parent) = healthy(&[]).await;
    house.world(&json!({ "resources": resources(&alert(), true) })).await;
    let busy = json!({ "path": "Microsoft.ResourceGraph/resources", "times": 1000, "status": 429 });
    house.stage.fail(&json!([busy])).await;
    let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
    // One cause, one failure.
    let failed: Vec<&Value> =
        report["lines"].as_array().unwrap().iter().filter(|line| line["verdict"] == "fail").collect();
    assert_eq!(failed.len(), 1, "{report:#}");
    assert_eq!(failed[0]["topic"], "rule", "{report:#}");
    assert!(failed[0]["said"].as_str().unwrap().contains("ask again in a minute"), "{report:#}");
    let skipped = "not asked: Azure Resource Graph gives no answer, as FAIL rule says";
    for topic in ["machines", "alert"] {
        let seen = line(&report, topic);
        assert_eq!((&seen["verdict"], &seen["said"]), (&json!("skip"), &json!(skipped)), "{report:#}");
    }
    house.stage.fail(&json!([{ "path": "/A[?/]", "times": 1000, "status": 503 }])).await;
    let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
    let failed = lines(&report, "zone").into_iter().find(|line| line["verdict"] == "fail").unwrap();
    assert!(failed["said"].as_str().unwrap().contains("ask again; "), "{failed:#}");
    let silent = house.run(&["doctor", "--no-probe", "--parent", "127.0.0.1:9"]).await;
    let text = String::from_utf8_lossy(&silent.stdout).into_owned();
    assert!(
        text.contains("127.0.0.1:9 does not answer") && !text.contains("(--parent names them)"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_of_no_function_is_told_with_what_to_write() {
    let (house, _) = healthy(&[]).await;
    let asked = async |url: &str| {
        let mut command = house.command();
        command.env_clear().args(["doctor", "--function", url]).env("FUNCTION_KEY", "k");
        let output = command.output().await.unwrap();
        (code(&output), words(&output))
    };
    let (code, said) = asked("https://app.azurewebsites.net").await;
    assert!(code == 2 && said.contains("write https://app.azurewebsites.net/api/remediate"), "{said}");
    let (code, said) = asked("http://127.0.0.1:9/api/remediate").await;
    assert!(code == 1 && said.contains("127.0.0.1:9 does not answer"), "{said}");
    assert!(
        said.contains("az functionapp list ") && said.matches("onnection refused").count() <= 1,
        "{said}"
    );
}

/// One service that hangs keeps nobody else from an answer.
#[tokio::test(flavor = "multi_thread")]
async fn what_fails_silences_nothing_else() {
    let (house, parent) = healthy(&[]).await;
    house.stage.fail(&json!([{ "path": "/query", "times": 1000, "status": 503 }])).await;
    let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
    assert_eq!((code, &line(&report, "workspace")["verdict"]), (1, &json!("fail")), "{report:#}");
    for topic in ["token", "zone", "delegation", "alert"] {
        assert_eq!(line(&report, topic)["verdict"], "ok", "{report:#}");
    }
}

/// Azure speaks of clients and correlations by long ids: a screen has their beginning, whoever wants one finds it in the JSON.
#[tokio::test(flavor = "multi_thread")]
async fn on_a_screen_a_guid_is_told_by_its_beginning_and_in_json_whole() {
    let (house, parent) = healthy(&[]).await;
    let guid = "0f3c9a1e-1111-2222-3333-444455556666";
    let message = format!("The client '{guid}' is strange.");
    let strange = json!({ "error": { "code": "Strange", "message": message } });
    let fault =
        json!({ "path": "Microsoft.ResourceGraph/resources", "times": 1000, "status": 400, "body": strange });
    house.stage.fail(&json!([fault])).await;
    let (report, _) = examined(&house, &parent, &["--no-probe"]).await;
    assert!(line(&report, "rule")["said"].as_str().unwrap().contains(&message), "{report:#}");
    let screen = house.run(&["doctor", "--no-probe", "--parent", &parent.address]).await;
    let text = String::from_utf8_lossy(&screen.stdout).into_owned();
    assert!(text.contains("'0f3c9a1e…'") && !text.contains(guid), "{text}");
}
