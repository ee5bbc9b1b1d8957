//! The stage is set from this machine alone, and by no page of somebody else's.

use serde_json::json;

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
