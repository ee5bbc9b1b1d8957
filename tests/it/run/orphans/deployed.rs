//! Where changes are deployed: no template takes a set away, so what goes keeps its condition, and moves go by templates beside it.

use serde_json::json;

use super::{DELETE, NEW, OLD, over, stands};
use crate::handler::beat;

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_claims_goes_by_a_guarded_request_and_what_moves_by_a_deployment() {
    let house =
        over(&[DELETE, ("APPLY_VIA", "deployment"), ("POLICY_MIN_SPAN", "1s"), ("POLICY_UNSEEN", "1s")])
            .await;
    let elsewhere = "203.0.113.8";
    house.heartbeats(&[3, 2, 1].map(|ago| beat("m", elsewhere, ago))).await;
    house.stage.calls().await;
    let handler = house.serve().await;
    let (status, said) = handler.tick().await;
    assert_eq!(status, 200, "{said}");
    assert!(!stands(&house, "gone").await);
    assert_eq!(house.addresses("x").await, [elsewhere]);
    let calls = house.stage.calls().await;
    let of = |method: &str| calls.iter().filter(|call| call.method == method).collect::<Vec<_>>();
    assert!(of("DELETE").len() == 1 && of("DELETE")[0].path.contains("/A/gone?"), "{calls:?}");
    assert!(of("PUT").len() == 1 && of("PUT")[0].path.contains("/deployments/"), "{calls:?}");
    let rows = "DNSChange_CL | where Outcome_s == 'confirmed' and Action_s in ('delete', 'update') \
        and TimeGenerated > ago(1h) | project Action_s, Via_s, OldIPs_s | order by Action_s asc";
    let told = house.query(rows).await;
    assert_eq!(told, [json!(["delete", "record-set", OLD]), json!(["update", "deployment", NEW])]);
}
