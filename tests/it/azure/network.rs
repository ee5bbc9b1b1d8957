//! Certificates and proxies: whom the clients trust, and what goes where.

use std::time::Duration;

use heartbeat_dns::azure::{Clients, Error};
use pure::domain::RecordType;
use serde_json::json;
use standin::{Options, World};
use tokio::time::Instant;

use crate::stage::{Stage, a_record, host, world, zone};

/// Long enough for the tries of a refused call on a busy machine.
const TIME: Duration = Duration::from_secs(20);

/// Reads one record set with these variables.
async fn read(stage: &Stage, variables: &[(&str, &str)]) -> Result<(), Error> {
    let clients = Clients::new(stage.settings(variables).connect);
    let azure = clients.until(Instant::now() + TIME)?;
    azure.dns.get(&zone("example.com"), &host("nas.example.com"), RecordType::A).await.map(drop)
}

#[tokio::test]
async fn an_authority_of_ones_own_is_trusted_when_it_is_named_and_not_before() {
    let folder = tempfile::tempdir().unwrap();
    let any = "127.0.0.1:0".parse().unwrap();
    let world = World::from_json(&world(&[a_record("nas", "198.51.100.10")], &[])).unwrap();
    let options =
        Options { world: Some(world), tls: Some((folder.path().to_owned(), any)), ..Options::default() };
    let stage = Stage::with_options(options).await;
    let arm = stage.standin.tls_url().unwrap().to_string();
    let ca = folder.path().join("ca.pem");
    let arm = ("ARM_ENDPOINT", arm.as_str());
    read(&stage, &[arm, ("SSL_CERT_FILE", ca.to_str().unwrap())]).await.unwrap();
    let refused = read(&stage, &[arm]).await.unwrap_err();
    assert!(refused.chain().to_lowercase().contains("certificate"), "{}", refused.chain());
    let empty = folder.path().join("empty.pem");
    std::fs::write(&empty, "nothing").unwrap();
    let fault = read(&stage, &[arm, ("SSL_CERT_FILE", empty.to_str().unwrap())]).await.unwrap_err();
    assert!(fault.chain().contains("SSL_CERT_FILE"), "{}", fault.chain());
}

#[tokio::test]
async fn every_host_goes_through_the_proxy_but_those_excepted_and_the_identity_endpoint() {
    let stage = Stage::with(&world(&[a_record("nas", "198.51.100.10")], &[])).await;
    // A stand-in takes requests for other hosts as well, so it serves as a proxy that answers by itself.
    let proxy = Stage::with(&world(&[], &[])).await;
    let way = ("HTTP_PROXY", proxy.standin.azure_url().to_string());
    let way = (way.0, way.1.as_str());
    proxy.fail(&json!([{"path": "", "status": 502, "times": 99}])).await;
    let fault = read(&stage, &[way]).await.unwrap_err();
    assert_eq!(fault.status, Some(502), "{}", fault.chain());
    let seen = proxy.all_calls().await;
    assert!(!seen.is_empty() && seen.iter().all(|call| call.path.contains("/A/nas")), "{seen:?}");
    assert!(stage.all_calls().await.iter().all(|call| call.path.contains("/msi/token")));
    read(&stage, &[way, ("NO_PROXY", "example.org,127.0.0.0/8")]).await.unwrap();
    assert_eq!(proxy.all_calls().await, []);
}
