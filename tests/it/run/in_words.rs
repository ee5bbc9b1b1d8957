//! What goes wrong is said in words, once: no line of a log stands on a person's screen, and no id that nobody reads.

use serde_json::json;

use super::drifted;
use crate::output::{code, words};

/// A line of the log as the file of a daemon has it.
fn is_raw(line: &str) -> bool {
    [" ERROR ", " WARN ", " INFO "].iter().any(|level| line.contains(level))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_takes_no_rows_is_told_once_and_not_as_a_line_of_a_log() {
    let mut house = drifted(&[]).await;
    house
        .stage
        .fail(&json!([{ "method": "POST", "path": "dataCollectionRules", "times": 1000, "status": 503 }]))
        .await;
    house.environment.insert("RUN_DEADLINE".to_owned(), "20s".to_owned());
    let output = house.run(&["apply", "--yes"]).await;
    let told = words(&output);
    assert_eq!(code(&output), 1, "{told}");
    assert!(!told.lines().any(is_raw), "{told}");
    let line = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(line.contains("the log was not told of all of it"), "{told}");
    assert!(line.contains("heartbeat-dns collect"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_odd_about_settings_is_a_warning_in_words_and_a_log_line_for_whoever_wants_the_log() {
    let mut house = drifted(&[("REPLY_WITHIN", "30s")]).await;
    let told = words(&house.run(&["plan"]).await);
    assert!(told.contains("warning: REPLY_WITHIN is longer than"), "{told}");
    assert!(!told.lines().any(is_raw), "{told}");
    house.environment.insert("LOG_LEVEL".to_owned(), "debug".to_owned());
    let told = words(&house.run(&["plan"]).await);
    assert!(told.lines().any(is_raw) && told.contains(" WARN REPLY_WITHIN is longer than"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_azure_says_people_see_no_ids_and_programs_see_all() {
    let house = drifted(&[]).await;
    let guid = "0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0";
    let scope = format!(
        "/subscriptions/{guid}/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com"
    );
    let message = format!("The client '{guid}' does not have authorization over scope '{scope}'.");
    let body = json!({ "error": { "code": "AuthorizationFailed", "message": message } });
    let refusal =
        json!([{ "method": "PUT", "path": "dnsZones", "times": 1000, "status": 403, "body": body }]);
    house.stage.fail(&refusal).await;
    let output = house.run(&["apply", "--yes"]).await;
    let told = words(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(code(&output), 1, "{told}");
    let short = "The client '0f1e2d3c…' does not have authorization over scope '…/example.com'";
    assert!(told.contains(short) && !told.contains(guid), "{told}");
    let json = house.run(&["apply", "--yes", "-o", "json"]).await;
    assert!(String::from_utf8_lossy(&json.stdout).contains(&scope), "{}", words(&json));
}
