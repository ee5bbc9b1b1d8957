//! https with an authority that a client has to trust first.

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
