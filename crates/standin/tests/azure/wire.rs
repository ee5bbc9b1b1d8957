//! Requests recorded from az and the Azure SDKs for Python are taken as their clients expect.
//!
//! The recorded answers are a stub's; of them only the status counts, and it tells what must stand there before.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use standin::Options;

use crate::stage::Stage;

const SUBSCRIPTION: &str = "22222222-2222-2222-2222-222222222222";
const TENANT: &str = "11111111-1111-1111-1111-111111111111";
const PATIENCE: Duration = Duration::from_secs(20);
const CLIENT: &str = "33333333-3333-3333-3333-333333333333";

#[tokio::test]
async fn recorded_requests_are_taken() {
    let stage =
        Stage::with(Options { identity_header: "stub-identity-header".to_owned(), ..Options::default() })
            .await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/wire");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    assert!(files.len() > 40);
    for file in files {
        let recorded: Value = serde_json::from_slice(&std::fs::read(&file).expect("a file")).expect("JSON");
        for exchange in recorded["exchanges"].as_array().expect("exchanges") {
            replay(&stage, &file.display().to_string(), exchange).await;
        }
    }
}

fn zone_id(kind: &str, name: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-dns/providers/Microsoft.Network/{kind}/{name}")
}

/// Makes the world in which the recorded status is the right one.
async fn prepare(stage: &Stage, method: &str, path: &str, status: u64) {
    let zones = [zone_id("dnsZones", "example.org"), zone_id("privateDnsZones", "corp.internal")];
    let creates_zone = method == "PUT" && status == 201 && zones.iter().any(|zone| zone == path);
    let set = path.rsplitn(3, '/').collect::<Vec<_>>();
    let is_there = !matches!((method, status), ("PUT", 201) | (_, 404));
    let zones: Vec<Value> = zones
        .iter()
        .filter(|zone| !(creates_zone && *zone == path))
        .map(|zone| {
            let sets = match set.as_slice() {
                [name, kind, before] if before == zone && is_there => json!([{ "name": name, "type": kind }]),
                _ => json!([]),
            };
            json!({ "id": zone, "recordSets": sets })
        })
        .collect();
    let machine = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.HybridCompute/machines/pi"
    );
    stage
        .put_world(&json!({
            "subscriptions": [SUBSCRIPTION], "tenant": TENANT, "zones": zones,
            "resourceGroups": [format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-dns")],
            "machines": [{ "id": machine, "tags": { "DNSHostName": "home.example.org" } }],
            "clients": [{ "clientId": CLIENT, "secret": "s3cret" }],
        }))
        .await;
}

async fn replay(stage: &Stage, file: &str, exchange: &Value) {
    let (request, status) =
        (&exchange["request"], exchange["response"]["status"].as_u64().expect("a status"));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (method, path) = (text(&request["method"]), text(&request["path"]));
    prepare(stage, &method, &path, status).await;
    let token = format!("Bearer {}", stage.token_for("https://management.azure.com").await);
    let host = stage.base.trim_start_matches("http://").to_owned();
    let query = text(&request["query"]).replace("localhost%3A18444", &host);
    let etag = stage.send("GET", &format!("{path}?{query}"), &[], None).await.header("etag").to_owned();
    let mut http = stage.http.request(
        method.parse().expect("a method"),
        format!("{}{path}{}{query}", stage.base, if query.is_empty() { "" } else { "?" }),
    );
    for header in request["headers"].as_array().expect("headers") {
        let header = text(header);
        let (name, value) = header.split_once(": ").unwrap_or((header.trim_end_matches(": "), ""));
        let value = match name.to_ascii_lowercase().as_str() {
            "host" | "content-length" | "accept-encoding" | "connection" => continue,
            "authorization" => token.clone(),
            // The etags of the recording are the stub's; the one of zeroes was meant to be stale.
            "if-match" if !value.contains("00000000-0000") => {
                if value.starts_with('"') {
                    format!("\"{etag}\"")
                } else {
                    etag.clone()
                }
            }
            _ => value.to_owned(),
        };
        http = http.header(name, value);
    }
    let body = match &request["body"] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        body => body.to_string(),
    };
    let reply = http.body(body).send().await.expect("an answer");
    let got = u64::from(reply.status().as_u16());
    let answer = reply.text().await.expect("a body");
    // A new deployment is 201 until its name is used again; a private zone and a comparison take their time, which the
    // stub's did not.
    let same = got == status
        || path.contains("/deployments/") && [200, 201].contains(&got)
        || path.ends_with("/whatIf") && got == 202
        || path.ends_with("/privateDnsZones/corp.internal") && method == "PUT" && got == 202;
    assert!(same, "{file}: {method} {path}: {got} instead of {status}: {answer}");
    if method == "PUT" && path.contains("/deployments/") {
        let path = format!("{path}?{query}");
        let end = end_of_deployment(stage, &path);
        tokio::time::timeout(PATIENCE, end).await.expect("an end of the deployment");
    }
}

/// What a deployment writes comes after its answer, and must not come into the world of the next request.
async fn end_of_deployment(stage: &Stage, path: &str) {
    while {
        let shown = stage.send("GET", path, &[], None).await.json();
        ["Accepted", "Running"].iter().any(|state| shown["properties"]["provisioningState"] == *state)
    } {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
