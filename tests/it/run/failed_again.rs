//! A write that fails, is let through, and fails again: each is told for what it is, with the way that was tried.

use serde_json::{Value, json};
use standin::Options;

use super::kills::{QUICK, go};
use super::{NEW, OLD, code, lock, words};
use crate::handler::{House, OWNER, mark, moved, set, tagged};
use crate::stage::{SUBSCRIPTION, zone_id};

const NAME: &str = "x.example.com";
const NEXT: &str = "203.0.113.8";

/// A name that is to move, written in this way.
async fn house(via: &str) -> House {
    let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
    let more = [QUICK[0], QUICK[1], ("APPLY_VIA", via)];
    let options = Options { retry_after: 0, ..Options::default() };
    House::with_options(&sets, &[tagged("m", NAME)], &moved("m", OLD, NEW), &more, options).await
}

/// How an `apply` of the name ends.
async fn applied(house: &House) -> i32 {
    code(&house.run(&["apply", NAME, "--yes"]).await)
}

/// What a command says, with single blanks.
async fn said(house: &House, verb: &str) -> String {
    let told = words(&house.run(&[verb, NAME]).await);
    told.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_again_after_a_write_that_landed_is_told_again() {
    let failed =
        "DNSChange_CL | where Outcome_s == 'failed' | order by TimeGenerated asc | project NewIPs_s, Via_s";
    for via in ["record-set", "deployment"] {
        let house = house(via).await;
        house.world(&lock(&zone_id("example.com"))).await;
        assert_eq!(applied(&house).await, 1);
        house.world(&json!({ "locks": [] })).await;
        assert_eq!((applied(&house).await, house.addresses("x").await), (0, vec![NEW.to_owned()]));
        go(&house, NEXT).await;
        house.world(&lock(&zone_id("example.com"))).await;
        assert_eq!(applied(&house).await, 1);
        let both = [json!([NEW, via]), json!([NEXT, via])];
        assert_eq!(house.query(failed).await, both);
        for verb in ["explain", "plan"] {
            let told = said(&house, verb).await;
            assert!(told.contains("; failing since ") && told.contains("az lock delete --ids"), "{told}");
        }
        let told = said(&house, "history").await;
        assert!(
            told.contains("a try failed ")
                && told.contains(&format!("{NEXT} was not written"))
                && told.contains("further ones for the same reason are written down once an hour"),
            "{told}"
        );
        // The same again within the hour is no news.
        assert_eq!(applied(&house).await, 1);
        assert_eq!(house.query(failed).await, both);
    }
}

/// Whoever asks may have other settings than whoever wrote: the row says how it was tried.
#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_was_missing_is_named_by_the_way_that_was_tried() {
    for (via, other) in [("deployment", "record-set"), ("record-set", "deployment")] {
        let mut house = house(via).await;
        let roles = json!([{ "scope": SUBSCRIPTION, "actions": ["*/read", "Microsoft.OperationalInsights/*",
            "Microsoft.Insights/*"] }]);
        house.world(&json!({ "identity": { "roles": roles } })).await;
        assert_eq!(applied(&house).await, 1);
        house.environment.insert("APPLY_VIA".to_owned(), other.to_owned());
        for verb in ["explain", "plan"] {
            let told = said(&house, verb).await;
            let names_the_way = told.contains("to deploy templates into rg-dns");
            assert_eq!(names_the_way, via == "deployment", "{told}");
            assert_eq!(told.contains("DNS Zone Contributor"), via == "record-set", "{told}");
            // The right to deploy is asked about under the variable alone.
            let under = told.contains("for it: APPLY_VIA=deployment heartbeat-dns doctor");
            assert_eq!(under, via == "deployment", "{told}");
            assert!(told.contains("heartbeat-dns doctor"), "{told}");
        }
        if via == "deployment" {
            house.environment.insert("APPLY_VIA".to_owned(), via.to_owned());
            let found = words(&house.run(&["doctor", "--no-probe"]).await);
            assert!(found.contains("az role definition create"), "{found}");
            house.environment.insert("APPLY_VIA".to_owned(), other.to_owned());
        }
        let output = house.run(&["explain", NAME, "-o", "json"]).await;
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(told["missed"][0]["via"], via, "{told}");
    }
}
