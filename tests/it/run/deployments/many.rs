//! More names than one template holds: what becomes of the first deployment decides whether the second is begun.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;

use serde_json::{Value, json};
use standin::Options;

use super::{NAME, VIA, begun, hold, report};
use crate::handler::{House, PATIENCE, beat, outcomes, tagged, until};
use crate::interrupt::interrupt;
use crate::run::{code, words};

fn name(index: usize) -> String {
    format!("k{index:04}")
}

/// So many names that are missing, the last of them known since a shorter time than the others.
async fn missing(count: usize, more: &[(&str, &str)]) -> House {
    let machines: Vec<_> =
        (0..count).map(|index| tagged(&name(index), &format!("{}.example.com", name(index)))).collect();
    let beats: Vec<_> = (0..count)
        .flat_map(|index| {
            let address = format!("198.18.{}.{}", index / 200, index % 200 + 1);
            // The first by name is heard last.
            let since = if index == 0 { [60, 30, 2] } else { [75, 30, 2] };
            since.map(|ago| beat(&name(index), &address, ago))
        })
        .collect();
    let more = [&[VIA, ("POLICY_ALLOW_PREFIXES", "198.18.0.0/15")], more].concat();
    House::with_options(&[], &machines, &beats, &more, Options { retry_after: 0, ..Options::default() }).await
}

/// How often each outcome is in a report, in alphabetical order.
fn counted(told: &Value) -> Vec<(String, usize)> {
    let all = told["changes"].as_array().unwrap();
    let count = |outcome: &String| all.iter().filter(|change| change["outcome"] == **outcome).count();
    outcomes(told).into_iter().map(|outcome| (outcome.clone(), count(&outcome))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_first_is_not_begun_the_second_is_not_either() {
    let house = missing(801, &[("LOG_LEVEL", "error")]).await;
    let printed = house.run(&["plan", "-o", "arm"]).await;
    let template: Value = serde_json::from_slice(&printed.stdout).unwrap();
    let names: BTreeSet<&str> =
        template["resources"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!((code(&printed), names.len()), (0, 800));
    assert!(!names.contains("example.com/k0000"), "the youngest is left out");
    assert!(words(&printed).contains("1 change is left out"), "{}", String::from_utf8_lossy(&printed.stderr));
    let body = json!({ "error": { "code": "DeploymentActive", "message": "no" } });
    house.stage.fail(&json!([{ "method": "PUT", "path": NAME, "status": 409, "body": body }])).await;
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!(counted(&told), [("deferred".to_owned(), 801)], "{}", told["summary"]);
    assert_eq!(begun(&house).await, [409]);
    // One whose outcome nobody knows keeps the second from being begun too.
    hold(&house, &json!({ "held": true, "after": 1 })).await;
    house
        .stage
        .fail(&json!([{ "method": "GET", "path": "/operationStatuses/", "status": 403, "delay_ms": 2000 }]))
        .await;
    let told = report(&house, &["apply", "--yes"]).await;
    let counts = [("confirmed", 1), ("deferred", 1), ("unconfirmed", 799)];
    assert_eq!(
        counted(&told),
        counts.map(|(outcome, count)| (outcome.to_owned(), count)),
        "{}",
        told["summary"]
    );
    assert_eq!(begun(&house).await, [201]);
    hold(&house, &json!({ "held": false })).await;
}

/// Whoever stops a run stops what was not begun: the deployment at work is looked at once more, and no other is begun.
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_between_two_deployments_begins_no_other() {
    let house = missing(801, &[("LOG_LEVEL", "error")]).await;
    hold(&house, &json!({ "held": true, "after": 1 })).await;
    let mut command = house.command();
    command.args(["apply", "--yes", "-o", "json"]).stdin(Stdio::null()).stdout(Stdio::piped());
    let child = command.spawn().unwrap();
    until("the first is begun", async || !house.addresses("k0001").await.is_empty()).await;
    assert_eq!(begun(&house).await, [201]);
    interrupt(&child);
    let ended = tokio::time::timeout(PATIENCE, child.wait_with_output())
        .await
        .expect("the deployment is not waited for");
    let ended = ended.unwrap();
    let told: Value = serde_json::from_slice(&ended.stdout).unwrap();
    let counts = counted(&told).into_iter().collect::<BTreeMap<_, _>>();
    assert_eq!(counts.get("deferred"), Some(&1), "{}", told["summary"]);
    assert_eq!(counts.values().sum::<usize>(), 801);
    assert_ne!(counts.get("confirmed"), Some(&800), "the first was still at work");
    hold(&house, &json!({ "held": false })).await;
    let last = async || !house.addresses("k0800").await.is_empty();
    until("the first has ended", last).await;
    assert_eq!(begun(&house).await, [0; 0]);
    assert_eq!(house.addresses("k0000").await, [""; 0]);
}

/// Both bear one name: which of them stands there is told by more than the run.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_deployment_that_never_arrived_is_not_taken_for_the_first() {
    let house = missing(801, &[("LOG_LEVEL", "error")]).await;
    let first = json!({ "method": "PUT", "path": NAME, "delay_ms": 1 });
    let second = json!({ "method": "PUT", "path": NAME, "reset": "before" });
    house.stage.fail(&json!([first, second])).await;
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!(counted(&told), [("confirmed".to_owned(), 801)], "{}", told["summary"]);
    let landed = begun(&house).await.into_iter().filter(|status| (200..300).contains(status));
    assert_eq!(landed.collect::<Vec<_>>(), [201, 200]);
}
