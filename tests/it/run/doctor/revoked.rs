//! A token that was given and that nobody takes: one cause, one line.

use serde_json::{Value, json};

use super::person::log_in;
use super::{examined, healthy, line, words};
use crate::run::drifted;

/// Asserts that the token alone fails, and that nobody else speaks of it but as what was not asked.
#[track_caller]
fn only_the_token_fails(report: &Value, code: i32, az: &Value) {
    let all = report["lines"].as_array().unwrap();
    let failed: Vec<&Value> = all.iter().filter(|line| line["verdict"] == "fail").collect();
    assert!(code == 1 && failed.len() == 1 && failed[0]["topic"] == "token", "{report:#}");
    let said = failed[0]["said"].as_str().unwrap();
    for wanted in ["Azure DNS", "Azure Resource Graph", "the Logs Query API", "the Logs Ingestion API"] {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert!(said.starts_with("the token is refused by ") && said.contains("401 "), "{said}");
    assert_eq!(&failed[0]["az"], az, "{report:#}");
    let skipped: Vec<&Value> = all.iter().filter(|line| line["verdict"] == "skip").collect();
    let topics: Vec<&str> = skipped.iter().map(|line| line["topic"].as_str().unwrap()).collect();
    let wanted = [
        "workspace",
        "tables",
        "rule",
        "machines",
        "ingestion",
        "zone",
        "deployments",
        "delegation",
        "alert",
        "rights",
    ];
    assert_eq!(topics, wanted, "{report:#}");
    assert!(skipped.iter().all(|line| line["said"] == "not asked: the token is refused"), "{report:#}");
    // Who refuses tells the time all the same.
    assert_eq!(line(report, "clocks")["verdict"], "ok", "{report:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_told_once_with_what_gets_another() {
    let (mut house, parent) = healthy(&[("APPLY_VIA", "deployment")]).await;
    house.stage.revoke(&json!(true)).await;
    let (report, code) = examined(&house, &parent, &[]).await;
    let which =
        "az functionapp list --query \"[].{APP:name, GROUP:resourceGroup, APP_ID:id}\" --output table";
    let restart = "az functionapp restart --resource-group GROUP --name APP";
    only_the_token_fails(&report, code, &json!([which, restart]));
    // A token of somebody else's, as a person's login has it.
    let _folder = log_in(&mut house, &[("", "e30.e30.e30".to_owned())]);
    let (report, code) = examined(&house, &parent, &[]).await;
    only_the_token_fails(&report, code, &json!(["az logout", "az login"]));
}

/// One service that refuses what others take is named alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_one_service_refuses_is_told_with_that_service() {
    let (house, parent) = healthy(&[]).await;
    let page =
        json!([{ "path": "/query", "times": 1000, "status": 401, "body": "<html>who are you</html>" }]);
    house.stage.fail(&page).await;
    let (report, code) = examined(&house, &parent, &["--no-probe"]).await;
    let token = line(&report, "token");
    assert_eq!((code, &token["verdict"]), (1, &json!("fail")), "{report:#}");
    let said = token["said"].as_str().unwrap();
    assert!(said.starts_with("the token is refused by the Logs Query API (401)"), "{said}");
    assert!(said.contains("a proxy on the way (HTTPS_PROXY)"), "{said}");
    for topic in ["workspace", "tables", "machines"] {
        assert_eq!(line(&report, topic)["said"], "not asked: the token is refused", "{report:#}");
    }
    assert_eq!(line(&report, "zone")["verdict"], "ok", "{report:#}");
}

/// Whoever writes by hand is told the same before anything is written.
#[tokio::test(flavor = "multi_thread")]
async fn a_writing_verb_is_refused_with_the_same_words() {
    let house = drifted(&[]).await;
    let refused = json!({ "error": { "code": "InvalidAuthenticationToken", "message": "m" } });
    house.stage.fail(&json!([{ "path": "/streams/", "times": 1000, "status": 401, "body": refused }])).await;
    let output = house.run(&["apply", "x.example.com", "--yes"]).await;
    let said = words(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(!output.status.success(), "{said}");
    assert!(
        said.contains("the token is refused by the Logs Ingestion API (401 InvalidAuthenticationToken)")
            && said.contains("az functionapp restart "),
        "{said}"
    );
}

/// Everything rests on the token: its refusal is told once, and the last line is the command that finds what mends it.
#[tokio::test(flavor = "multi_thread")]
async fn under_a_revoked_token_plan_and_explain_say_the_cause_once_and_lead_to_doctor() {
    let (house, _parent) = healthy(&[]).await;
    house.stage.revoke(&json!(true)).await;
    let output = house.run(&["plan"]).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("error: Azure did not answer") && said.contains("why: failed to query"), "{said}");
    assert!(said.trim_end().ends_with("heartbeat-dns doctor"), "{said}");
    let name = house.run(&["explain", "nas.example.com"]).await;
    let said = String::from_utf8(name.stdout).unwrap();
    let told = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(told.matches("InvalidAuthenticationToken").count(), 1, "{said}");
    assert!(told.contains("heartbeat-dns doctor"), "{said}");
}
