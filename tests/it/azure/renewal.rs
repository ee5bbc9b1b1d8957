//! A token that still lives serves while the next one is not to be had.

use std::time::Duration;

use heartbeat_dns::azure::Azure;
use pure::domain::RecordType;
use serde_json::{Value, json};
use standin::{Options, World};
use tokio::time::Instant;

use super::get;
use crate::stage::{Stage, a_record, host, world, zone};

/// A stand-in whose tokens are renewed before each use, and live on.
async fn short_lived() -> Stage {
    let world = World::from_json(&world(&[a_record("nas", "198.51.100.10")], &[])).unwrap();
    let token_life = Duration::from_secs(200);
    Stage::with_options(Options { world: Some(world), token_life, ..Options::default() }).await
}

async fn tokens(stage: &Stage) -> usize {
    stage.all_calls().await.iter().filter(|call| call.path.contains("/msi/token")).count()
}

async fn read_at_once(azure: &Azure, count: usize) {
    let (zone, name) = (zone("example.com"), host("nas.example.com"));
    let reads = (0..count).map(|_| azure.dns.get(&zone, &name, RecordType::A));
    for answer in futures::future::join_all(reads).await {
        answer.unwrap();
    }
}

#[tokio::test]
async fn a_token_is_renewed_before_it_dies() {
    let stage = short_lived().await;
    let azure = stage.azure();
    for _ in 0..3 {
        get(&azure, "nas.example.com").await;
    }
    assert_eq!(tokens(&stage).await, 3, "each has less than the margin to live");
}

#[tokio::test]
async fn a_living_token_serves_at_once_while_its_renewal_fails() {
    let down = json!({"status": 503, "headers": {"Retry-After": "2"}});
    let hangs = json!({"delay_ms": 60_000});
    for fault in [down, hangs] {
        let stage = short_lived().await;
        let azure = stage.azure();
        get(&azure, "nas.example.com").await;
        let mut lasting: Value = fault.clone();
        lasting["path"] = "/msi/token".into();
        lasting["times"] = 1000.into();
        stage.fail(&json!([lasting])).await;
        stage.all_calls().await;
        let begin = Instant::now();
        read_at_once(&azure, 24).await;
        assert!(begin.elapsed() < Duration::from_secs(12), "{fault}: {:?}", begin.elapsed());
        let asked = tokens(&stage).await;
        let begin = Instant::now();
        read_at_once(&azure, 24).await;
        assert!(begin.elapsed() < Duration::from_secs(3), "{fault}: {:?}", begin.elapsed());
        assert_eq!(tokens(&stage).await, 0, "{fault}: {asked} were asked for, and soon no more");
    }
}

#[tokio::test]
async fn a_renewal_that_hangs_takes_no_more_than_half_of_the_time() {
    let stage = short_lived().await;
    let clients = stage.clients();
    get(&clients.until(Instant::now() + Duration::from_secs(60)).unwrap(), "nas.example.com").await;
    stage.fail(&json!([{"path": "/msi/token", "delay_ms": 60_000, "times": 1000}])).await;
    get(&clients.until(Instant::now() + Duration::from_secs(3)).unwrap(), "nas.example.com").await;
}
