//! Azure in trouble: one fault is survived in the same run, lasting ones are told as what they are.

use serde_json::{Value, json};
use standin::Options;

use crate::handler::{Handler, House, moved, outcomes, set, tagged, until};

const OLD: &str = "198.51.100.10";
const NEW: &str = "203.0.113.7";
/// Every call of a run that adopts, in its order.
const CALLS: [(&str, &str); 5] = [
    ("POST", "/query"),
    ("POST", "ResourceGraph"),
    ("GET", "/A/x"),
    ("PUT", "/A/x"),
    ("POST", "dataCollectionRules"),
];

fn faults() -> [Value; 7] {
    [
        json!({ "status": 429, "headers": { "Retry-After": "1" } }),
        json!({ "status": 500 }),
        json!({ "status": 503 }),
        json!({ "delay_ms": 300 }),
        json!({ "reset": "before" }),
        json!({ "reset": "after" }),
        json!({ "truncate": true }),
    ]
}

fn fault(fault: &Value, (method, path): (&str, &str), times: u32) -> Value {
    let mut fault = fault.clone();
    fault["method"] = json!(method);
    fault["path"] = json!(path);
    fault["times"] = json!(times);
    json!([fault])
}

async fn house(more: &[(&str, &str)]) -> (House, Handler) {
    let sets = [set("x", &[OLD], Value::Null)];
    let house = House::new(&sets, &[tagged("m", "x.example.com")], &moved("m", OLD, NEW), more).await;
    let handler = house.serve().await;
    (house, handler)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_fault_on_any_call_is_survived() {
    for call in CALLS {
        let one = async |kind: Value| {
            let (house, handler) = house(&[]).await;
            house.stage.fail(&fault(&kind, call, 1)).await;
            let report = handler.apply().await;
            assert_eq!(outcomes(&report), ["confirmed"], "{call:?} {kind}: {report}");
            assert_eq!(house.addresses("x").await, [NEW], "{call:?} {kind}");
        };
        futures::future::join_all(faults().map(one)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lasting_faults_are_no_success_and_heal() {
    for call in CALLS {
        let one = async |kind: Value| {
            // Waiting for an answer that never comes costs a time-out each; the others cover lasting trouble.
            let (house, handler) = house(&[("RUN_DEADLINE", "12s")]).await;
            house.stage.fail(&fault(&kind, call, 100_000)).await;
            let (status, report) = handler.remediate(r#"{"mode":"apply","wait":true}"#).await;
            let right = house.addresses("x").await == [NEW];
            let says_right = outcomes(&report).contains(&"confirmed".to_owned());
            assert!(right || !says_right, "{call:?} {kind}: {report}");
            let known = ["partial", "failed", "retry-later", "changed"];
            assert!(
                known.iter().any(|result| report["result"] == *result),
                "{call:?} {kind}: {status} {report}"
            );
            house.stage.fail(&json!([])).await;
            until("the next run leaves the name right", async || {
                handler.remediate(r#"{"mode":"apply","wait":true}"#).await;
                house.addresses("x").await == [NEW]
            })
            .await;
        };
        let lasting = faults().into_iter().filter(|kind| kind["delay_ms"].is_null());
        futures::future::join_all(lasting.map(one)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_answered_in_time_and_the_run_goes_on() {
    let name = |index: usize| format!("s{index:03}");
    let old = |index: usize| format!("198.51.100.{}", index / 10 + 1);
    let new = |index: usize| format!("203.0.113.{}", index / 10 + 1);
    let all = 0..60;
    let machines: Vec<_> =
        all.clone().map(|index| tagged(&name(index), &format!("{}.example.com", name(index)))).collect();
    let sets: Vec<_> = all.clone().map(|index| set(&name(index), &[&old(index)], Value::Null)).collect();
    let beats: Vec<_> = all.clone().flat_map(|index| moved(&name(index), &old(index), &new(index))).collect();
    let slow = Options { latency: std::time::Duration::from_millis(300), ..Options::default() };
    let house = House::with_options(&sets, &machines, &beats, &[("REPLY_WITHIN", "1s")], slow).await;
    let handler = house.serve().await;
    let alert = std::fs::read_to_string(format!(
        "{}/tests/it/fixtures/alerts/alert-v2-fired.json",
        env!("CARGO_MANIFEST_DIR")
    ));
    let (status, answer) = handler.remediate(&alert.unwrap()).await;
    assert_eq!((status, &answer["result"]), (202, &json!("continues")), "{answer}");
    assert!(answer["run"].is_string());
    until("the run that goes on has ended", async || {
        house.query("DNSChange_CL | count").await == [json!([60])]
    })
    .await;
    for index in all {
        assert_eq!(house.addresses(&name(index)).await, [new(index)]);
    }
}
