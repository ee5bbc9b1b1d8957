//! Quotas on the wire; how windows slide is tested beside the counters.

use serde_json::json;
use standin::Options;

use crate::stage::{PRIVATE, Stage, ZONE, a};

#[tokio::test]
async fn a_public_zone_lists_sixty_times_a_minute() {
    let stage = Stage::with(Options { quotas: true, ..Options::default() }).await;
    for _ in 0..60 {
        assert_eq!(stage.get(&format!("{ZONE}/A")).await.status, 200);
    }
    let got = stage.get(&format!("{ZONE}/all")).await;
    assert_eq!((got.status, got.code().as_str()), (429, "wrapped ResourceRequestsThrottled"));
    let wait: u64 = got.header("retry-after").parse().expect("seconds");
    assert!((1..=60).contains(&wait));
    assert_eq!(stage.get(&format!("{ZONE}/A/x")).await.status, 404, "gets are counted by themselves");
    stage.own("PUT", "quotas", Some(&json!({ "enabled": false }))).await;
    assert_eq!(stage.get(&format!("{ZONE}/A")).await.status, 200);
}

#[tokio::test]
async fn creates_and_updates_are_counted_apart() {
    let stage = Stage::new().await;
    stage.put_world(&json!({ "zones": [ZONE, PRIVATE], "quotas": true })).await;
    for number in 0..60 {
        let body = json!({ "properties": { "ttl": 60, "aRecords": [{ "ipv4Address": "10.0.0.4" }] } });
        let got = stage.dns("PUT", &format!("{PRIVATE}/A/m{number}"), &[], Some(&body)).await;
        assert_eq!(got.status, 201);
    }
    let body = json!({ "properties": { "ttl": 60, "aRecords": [{ "ipv4Address": "10.0.0.5" }] } });
    assert_eq!(stage.dns("PUT", &format!("{PRIVATE}/A/more"), &[], Some(&body)).await.status, 429);
    assert_eq!(stage.dns("PUT", &format!("{PRIVATE}/A/m1"), &[], Some(&body)).await.status, 200);
    assert_eq!(stage.dns("PUT", &format!("{ZONE}/A/m1"), &[], Some(&a("192.0.2.1"))).await.status, 201);
}
