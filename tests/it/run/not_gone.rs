//! A deletion that did not happen, although its answer says so: a page of whoever sits in between, or nothing at all.

use serde_json::{Value, json};

use super::{NEW, OLD, change, code, report, words};
use crate::handler::{House, OWNER, mark, moved, set, tagged};

const HOST: &str = "x.example.com";

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_alone_takes_no_set_away() {
    let page =
        json!({ "status": 200, "body": "<html>Sign in</html>", "headers": { "Content-Type": "text/html" } });
    for answer in [page, json!({ "status": 200, "body": {} }), json!({ "status": 204, "body": "" })] {
        for verb in ["release", "rollback"] {
            let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
            let machine = tagged("m", "other.example.com");
            let house = House::new(&sets, &[machine], &moved("m", OLD, NEW), &[]).await;
            let mut fault = answer.clone();
            fault["method"] = json!("DELETE");
            fault["path"] = json!("/A/x");
            house.stage.fail(&json!([fault])).await;
            let left = report(&house, &[verb, HOST, "--delete", "--yes"]).await;
            let deletion = change(&left, HOST);
            assert_eq!(deletion["outcome"], "failed", "{verb} {answer}: {left}");
            let detail = deletion["detail"].as_str().unwrap();
            assert!(detail.contains("it still stands there"), "{verb} {answer}: {detail}");
            assert_ne!(house.record_set("x").await, Value::Null);
            let rows = "DNSChange_CL | where Action_s == 'delete' and Reason_s != 'announced' | project Outcome_s, Reason_s";
            assert_eq!(house.query(rows).await, [json!(["failed", "still-there"])], "{verb} {answer}");
            // Nobody is in between any more; the set is read once, after its deletion.
            house.stage.calls().await;
            let done = house.run(&[verb, HOST, "--delete", "--yes"]).await;
            assert_eq!(code(&done), 0, "{verb}: {}", words(&done));
            let calls = house.stage.calls().await;
            let of_set = calls.iter().filter(|call| call.path.contains("/A/x"));
            let methods: Vec<&str> = of_set.map(|call| call.method.as_str()).collect();
            let deleted = methods.iter().position(|method| *method == "DELETE").expect("a deletion");
            assert_eq!(methods[deleted..], ["DELETE", "GET"], "{verb}: {methods:?}");
            assert_eq!(house.record_set("x").await, Value::Null);
        }
    }
}
