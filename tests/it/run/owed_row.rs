//! A run that may write to the zone and not to the log: the log is owed a row, and whoever asks is told what brings it.

use serde_json::{Value, json};

use super::kills::QUICK;
use super::{NEW, code, drifted, words};
use crate::handler::{House, outcomes};
use crate::stage::SUBSCRIPTION;

const NAME: &str = "x.example.com";

/// What `history` says of the name, with single blanks.
async fn told(house: &House) -> String {
    let output = house.run(&["history", NAME]).await;
    assert_eq!(code(&output), 0, "{}", words(&output));
    String::from_utf8(output.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_could_not_be_sent_is_told_with_what_keeps_it_and_what_brings_it() {
    let house = drifted(&QUICK).await;
    let all_but_rows = json!([{ "scope": SUBSCRIPTION, "actions": ["*"],
        "notDataActions": ["Microsoft.Insights/Telemetry/Write"], "notActions": ["Microsoft.Insights/Telemetry/Write"] }]);
    house.world(&json!({ "identity": { "roles": all_but_rows } })).await;
    let (status, report) = house.serve().await.remediate(r#"{"mode":"apply","wait":true}"#).await;
    assert_eq!((status, outcomes(&report)), (503, vec!["confirmed".to_owned()]), "{report}");
    assert_eq!(house.addresses("x").await, [NEW]);
    // While rows are refused it is said, with what ends that and what comes then.
    let refused = told(&house).await;
    let owed = "its row is on its way, or owed: the run was broken off, or was not let send it";
    assert!(refused.contains(&format!("{owed}. This identity may send no rows: 403: ")), "{refused}");
    assert!(refused.contains("az role assignment create "), "{refused}");
    assert!(
        refused.contains("once rows are taken, the next run after a sweep brings it, from "),
        "{refused}"
    );
    let function = "whether the function may send rows: heartbeat-dns doctor --function URL (URL is https://APP.azurewebsites.net/api/remediate";
    assert!(refused.contains(function), "{refused}");
    // With the right back it is told from when on a run sends it, and how.
    house.world(&json!({ "identity": {} })).await;
    let young = told(&house).await;
    assert!(young.contains(&format!("{owed}; the next run after a sweep brings it, from ")), "{young}");
    assert!(!young.contains("az role"), "{young}");
    let brings = " on: heartbeat-dns collect then heartbeat-dns apply x.example.com";
    for told in [&young, &refused] {
        assert!(told.contains("; by hand, from ") && told.contains(brings), "{told}");
    }
    house.age_marks(11, None).await;
    let due = told(&house).await;
    assert!(due.contains("its row is owed: ") && due.contains("brings it; by hand: "), "{due}");
    assert!(due.contains(function), "{due}");
    // And so it is.
    for command in [&["collect"][..], &["apply", NAME]] {
        let output = house.run(command).await;
        assert_eq!(code(&output), 0, "{}", words(&output));
    }
    let rows =
        house.query("DNSChange_CL | where Outcome_s == 'confirmed' | project Reason_s, NewIPs_s").await;
    assert_eq!(rows, [json!(["recovered", NEW])]);
    let after = told(&house).await;
    assert!(after.contains("told by its mark") && !after.contains("the log does not know"), "{after}");
    assert!(after.contains("not known") && !after.contains("not proved"), "{after}");
}

/// Nobody is asked whether rows may be sent where the log lacks none.
#[tokio::test(flavor = "multi_thread")]
async fn where_no_row_is_owed_the_right_to_send_is_not_asked_about() {
    let house = drifted(&QUICK).await;
    assert_eq!(outcomes(&house.serve().await.apply().await), ["confirmed"]);
    let never: Value = json!([{ "path": "/streams/", "times": 1000, "status": 403 }]);
    house.stage.fail(&never).await;
    let said = told(&house).await;
    assert!(said.contains("1 change in") && !said.contains("owed"), "{said}");
    assert_eq!(house.stage.faults().await[0]["times"], 1000, "it was asked");
}
