//! https with an authority that a client has to trust first.

use std::net::SocketAddr;

use standin::Options;

use crate::stage::{Stage, client};

#[tokio::test]
async fn https_is_served_to_who_trusts_the_authority() {
    let folder = tempfile::tempdir().expect("a folder");
    let address = "127.0.0.1:0".parse().expect("an address");
    let options = || Options { tls: Some((folder.path().to_owned(), address)), ..Options::default() };
    let stage = Stage::with(options()).await;
    let pem = std::fs::read(folder.path().join("ca.pem")).expect("the authority");
    let authority = reqwest::Certificate::from_pem(&pem).expect("a certificate");
    let trusting = || client().tls_certs_only([authority.clone()]).build().expect("a client");
    let url = |stage: &Stage| {
        let port = stage.standin.tls_url().and_then(|url| url.port()).expect("a port");
        format!("https://localhost:{port}/metadata/endpoints?api-version=2022-09-01")
    };
    let text = trusting().get(url(&stage)).send().await.expect("an answer").text().await.expect("a body");
    assert!(text.contains("\"resourceManager\":\"https://localhost:"), "its own scheme and host: {text}");
    assert!(client().tls_certs_only([]).build().expect("a client").get(url(&stage)).send().await.is_err());
    stage.standin.stop().await;

    let again = Stage::with(options()).await;
    assert_eq!(
        std::fs::read(folder.path().join("ca.pem")).expect("the authority"),
        pem,
        "the same authority"
    );
    assert!(trusting().get(url(&again)).send().await.is_ok());
}

/// A client that knows no other host than Azure's is led here by its resolver.
#[tokio::test]
async fn the_services_own_hosts_are_in_the_certificate_when_they_are_asked_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let address = "127.0.0.1:0".parse().expect("an address");
    let answers = async |names: Option<Vec<String>>, host: &str| {
        let tls = Some((folder.path().to_owned(), address));
        let stage = Stage::with(Options { tls, tls_names: names, ..Options::default() }).await;
        let pem = std::fs::read(folder.path().join("ca.pem")).expect("the authority");
        let authority = reqwest::Certificate::from_pem(&pem).expect("a certificate");
        let port = stage.standin.tls_url().and_then(|url| url.port()).expect("a port");
        let here = SocketAddr::from(([127, 0, 0, 1], port));
        let client = client().tls_certs_only([authority]).resolve(host, here).build().expect("a client");
        let url = format!("https://{host}:{port}/metadata/endpoints?api-version=2022-09-01");
        let answer = client.get(url).send().await.is_ok();
        stage.standin.stop().await;
        answer
    };
    assert!(!answers(None, "management.azure.com").await);
    for host in [
        "management.azure.com",
        "login.microsoftonline.com",
        "api.loganalytics.io",
        "my-rule.ingest.monitor.azure.com",
    ] {
        assert!(answers(Some(Vec::new()), host).await, "{host}");
    }
    assert!(!answers(Some(Vec::new()), "dce.westeurope-1.ingest.monitor.azure.com").await);
    let one = vec!["dce.westeurope-1.ingest.monitor.azure.com".to_owned()];
    assert!(answers(Some(one), "dce.westeurope-1.ingest.monitor.azure.com").await);
}
