//! A row of Azure Resource Graph that cannot be read is trouble of its own machine, and of no other.

use serde_json::{Value, json};

use super::{NEW, OLD, change, code, skip, words};
use crate::handler::{House, moved, set, tagged};
use crate::stage::machine_id;

/// Two names that are to move, `x` of the machine `m` and `y` of `n`.
async fn two_names() -> House {
    let sets = [set("x", &[OLD], Value::Null), set("y", &["198.51.100.11"], Value::Null)];
    let beats = [moved("m", OLD, NEW), moved("n", "198.51.100.11", "203.0.113.11")].concat();
    House::new(&sets, &[tagged("m", "x.example.com"), tagged("n", "y.example.com")], &beats, &[]).await
}

/// Every answer of Resource Graph: the machine `n` as it is, beside this row.
fn beside(row: &Value) -> Value {
    let well = json!({ "id": machine_id("n"), "name": "n", "tags": { "DNSHostName": "y.example.com" } });
    let body = json!({ "totalRecords": 2, "count": 2, "data": [row, well], "resultTruncated": "false" });
    json!({ "path": "ResourceGraph", "times": 100_000, "body": body })
}

/// What the machine `m` says of itself.
fn itself(tags: &Value) -> Value {
    let body = json!({ "id": machine_id("m"), "tags": tags });
    json!({ "method": "GET", "path": "/machines/m\\?", "times": 100_000, "body": body })
}

fn unreadable() -> [Value; 2] {
    [json!({ "id": machine_id("m"), "name": "m", "tags": "DNSHostName=x" }), json!({ "id": machine_id("m") })]
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_that_cannot_be_read_blind_the_names_of_their_machine_alone() {
    for row in unreadable() {
        let house = two_names().await;
        house.stage.fail(&json!([beside(&row), itself(&json!("DNSHostName=x"))])).await;
        let swept = house.run(&["collect"]).await;
        assert_eq!(code(&swept), 0, "{row}: {}", words(&swept));
        let named = format!("the tags of the machine {} cannot be read", machine_id("m"));
        assert!(words(&swept).contains(&named), "{row}: {}", words(&swept));
        let report = house.serve().await.apply().await;
        assert_eq!(change(&report, "y.example.com")["outcome"], "confirmed", "{row}: {report}");
        let blind = skip(&report, "x.example.com");
        assert_eq!(blind["reason"], "blind", "the sweep has kept its claim: {row}: {report}");
        assert!(blind["because"].as_str().unwrap().contains("machines/m"), "{blind}");
        assert_eq!((house.addresses("x").await, house.addresses("y").await.len()), (vec![OLD.to_owned()], 1));
        let all = house.run(&["plan"]).await;
        assert_eq!(code(&all), 1, "{row}: {}", words(&all));
        assert!(words(&all).contains(&named), "{row}: {}", words(&all));
        // Whether the machine claims it nobody knows.
        let unknown = house.run(&["plan", "new.example.com"]).await;
        assert_eq!(code(&unknown), 1, "{row}: {}", words(&unknown));
        assert!(words(&unknown).contains("nothing is known of new.example.com"), "{}", words(&unknown));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_whose_row_tells_nothing_is_asked_itself() {
    for row in unreadable() {
        let house = two_names().await;
        house.stage.fail(&json!([beside(&row)])).await;
        assert_eq!(code(&house.run(&["collect"]).await), 0);
        let done = house.run(&["apply", "--yes"]).await;
        assert_eq!((code(&done), house.addresses("x").await), (0, vec![NEW.to_owned()]), "{}", words(&done));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_names_no_machine_is_told_and_stops_nobody() {
    for row in
        [json!({ "tags": { "DNSHostName": "x.example.com" } }), json!({ "id": 5, "tags": {} }), json!("row")]
    {
        let house = two_names().await;
        house.stage.fail(&json!([beside(&row)])).await;
        let swept = house.run(&["collect"]).await;
        assert_eq!(code(&swept), 0, "{row}: {}", words(&swept));
        assert!(
            words(&swept).contains("rows of Azure Resource Graph are left out: 1 have"),
            "{}",
            words(&swept)
        );
        let done = house.run(&["apply", "--yes"]).await;
        assert_eq!(house.addresses("y").await, ["203.0.113.11"], "{row}: {}", words(&done));
    }
}
