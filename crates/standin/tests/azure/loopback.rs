//! The stage is set from this machine alone, and by no page of somebody else's.

use serde_json::json;
use standin::Options;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::stage::{Stage, client};

#[tokio::test]
async fn a_page_of_somebody_else_cannot_touch_the_stage() {
    let stage = Stage::new().await;
    let port = stage.standin.azure_url().port().expect("a port");
    let client = client().build().expect("a client");
    let status = async |method: &str, path: &str, headers: &[(&str, String)]| {
        let method = method.parse().expect("a method");
        let mut request = client.request(method, format!("http://127.0.0.1:{port}{path}"));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        request.body(json!([]).to_string()).send().await.expect("an answer").status().as_u16()
    };
    let rebound = ("Host", format!("evil.example:{port}"));
    let foreign = ("Origin", "http://evil.example".to_owned());
    let own = ("Origin", format!("http://127.0.0.1:{port}"));
    for path in ["/standin/world", "/standin/calls", "/standin/faults"] {
        assert_eq!(status("GET", path, std::slice::from_ref(&rebound)).await, 403, "{path}");
    }
    assert_eq!(status("PUT", "/standin/faults", std::slice::from_ref(&foreign)).await, 403);
    assert_eq!(status("POST", "/standin/heartbeats", &[foreign]).await, 403);
    assert_eq!(status("PUT", "/standin/faults", &[own]).await, 200);
    assert_eq!(status("GET", "/standin/world", &[("Host", format!("localhost:{port}"))]).await, 200);
    // The services themselves are asked under whatever name they are known by.
    assert_eq!(status("GET", "/metadata/endpoints?api-version=2022-09-01", &[rebound]).await, 200);
}

#[tokio::test]
async fn no_form_of_request_hides_a_foreign_page() {
    let stage = Stage::new().await;
    let port = stage.standin.azure_url().port().expect("a port");
    let status = async |target: &str, lines: &[String]| {
        let mut socket = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
        let head = format!("GET {target} HTTP/1.1\r\nConnection: close\r\n{}\r\n", lines.concat());
        socket.write_all(head.as_bytes()).await.expect("it is sent");
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.expect("an answer");
        answer.split(' ').nth(1).expect("a status").to_owned()
    };
    let host = format!("Host: 127.0.0.1:{port}\r\n");
    let with = |line: &str| vec![host.clone(), format!("{line}\r\n")];
    let world = "/standin/world";
    let target = |authority: &str| format!("http://{authority}:{port}{world}");
    assert_eq!(status(world, std::slice::from_ref(&host)).await, "200");
    assert_eq!(status(world, &with("Sec-Fetch-Site: none")).await, "200");
    assert_eq!(status(&target("localhost"), std::slice::from_ref(&host)).await, "200");

    assert_eq!(status(&target("evil.example"), std::slice::from_ref(&host)).await, "403");
    assert_eq!(status(world, &[]).await, "403");
    for line in [
        "Host: evil.example",
        "Origin: null",
        "Origin: http://localhost:1",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site",
    ] {
        assert_eq!(status(world, &with(line)).await, "403", "{line}");
    }
    for name in ["localhost.evil.example", "127.0.0.1.evil.example", "evil.example@127.0.0.1"] {
        assert_eq!(status(world, &[format!("Host: {name}:{port}\r\n")]).await, "403", "{name}");
    }
}

#[tokio::test]
async fn what_is_asked_over_tls_is_judged_alike() {
    let folder = tempfile::tempdir().expect("a folder");
    let tls = Some((folder.path().to_owned(), "127.0.0.1:0".parse().expect("an address")));
    let tls_names = Some(vec!["evil.example".to_owned()]);
    let stage = Stage::with(Options { tls, tls_names, ..Options::default() }).await;
    let pem = std::fs::read(folder.path().join("ca.pem")).expect("the authority");
    let authority = reqwest::Certificate::from_pem(&pem).expect("a certificate");
    let url = stage.standin.tls_url().expect("a URL");
    let here = url.socket_addrs(|| None).expect("an address")[0];
    let client =
        client().tls_certs_only([authority]).resolve("evil.example", here).build().expect("a client");
    for (host, status) in [("localhost", 200), ("evil.example", 403)] {
        let url = format!("https://{host}:{}/standin/world", here.port());
        assert_eq!(client.get(url).send().await.expect("an answer").status(), status, "{host}");
    }
}
