//! Where tokens come from, and which are refused.

use std::time::Duration;

use serde_json::{Value, json};
use standin::Options;

use crate::stage::{Stage, ZONE};

#[tokio::test]
async fn the_identity_endpoint_wants_its_header() {
    let stage = Stage::new().await;
    let ask = async |query: &str, header: &str| {
        let headers = [("Authorization", ""), ("X-IDENTITY-HEADER", header)];
        stage.send("GET", &format!("/msi/token?{query}"), &headers, None).await
    };
    let secret = stage.standin.state().options.identity_header.clone();
    let good = "api-version=2019-08-01&resource=https%3A%2F%2Fmonitor.azure.com";
    assert_eq!(ask(good, "wrong").await.status, 401);
    assert_eq!(ask(good, "").await.status, 401);
    assert_eq!(ask("api-version=2019-08-01", &secret).await.status, 400);
    assert_eq!(ask(&format!("{good}&client_id=someone"), &secret).await.status, 400);
    let body = ask(good, &secret).await.json();
    assert!(
        body["expires_on"].as_str().is_some_and(|seconds| seconds.parse::<i64>().is_ok()),
        "a text: {body}"
    );
    assert_eq!(
        (&body["resource"], &body["token_type"]),
        (&json!("https://monitor.azure.com"), &json!("Bearer"))
    );
    let user = "00000000-0000-0000-0000-0000000000d1";
    assert_eq!(ask(&format!("{good}&client_id={user}"), &secret).await.json()["client_id"], user);
}

#[tokio::test]
async fn audience_and_expiry_are_judged() {
    let stage = Stage::new().await;
    let path = format!("{ZONE}?api-version=2018-05-01");
    let call = async |token: &str| {
        let header = if token.is_empty() { String::new() } else { format!("Bearer {token}") };
        let got = stage.send("GET", &path, &[("Authorization", &header)], None).await;
        (got.status, if got.status == 200 { String::new() } else { got.code() })
    };
    for resource in ["https://management.azure.com/", "https://management.core.windows.net/", &stage.base] {
        assert_eq!(call(&stage.token_for(resource).await).await.0, 200, "{resource}");
    }
    let other = stage.token_for("https://api.loganalytics.io").await;
    assert_eq!(call(&other).await, (401, "wrapped InvalidAuthenticationTokenAudience".to_owned()));
    assert_eq!(call("").await, (401, "wrapped AuthenticationFailed".to_owned()));
    assert_eq!(call("nonsense").await, (401, "wrapped InvalidAuthenticationToken".to_owned()));

    let short = Stage::with(Options { token_life: Duration::ZERO, ..Options::default() }).await;
    let old = short.token_for("https://management.azure.com").await;
    assert_eq!(call(&old).await, (401, "wrapped ExpiredAuthenticationToken".to_owned()));
}

#[tokio::test]
async fn a_secret_gets_a_token() {
    let stage = Stage::new().await;
    let tenant = "00000000-0000-0000-0000-0000000000aa";
    let document =
        stage.send("GET", &format!("/{tenant}/v2.0/.well-known/openid-configuration"), &[], None).await;
    let endpoint = document.json()["token_endpoint"].as_str().expect("an endpoint").to_owned();
    assert_eq!(endpoint, format!("{}/{tenant}/oauth2/v2.0/token", stage.base));
    let ask = async |id: &str, secret: &str, scope: &str| {
        let form =
            format!("client_id={id}&client_secret={secret}&grant_type=client_credentials&scope={scope}");
        let reply = stage.http.post(&endpoint).body(form).send().await.expect("an answer");
        let status = reply.status().as_u16();
        let body: Value = serde_json::from_str(&reply.text().await.expect("a body")).expect("JSON");
        (status, body)
    };
    let (id, secret) = ("00000000-0000-0000-0000-0000000000d1", "standin-client-secret");
    let scope = "https%3A%2F%2Fmanagement.azure.com%2F.default";
    let (status, body) = ask(id, secret, scope).await;
    assert_eq!(status, 200, "{body}");
    let header = format!("Bearer {}", body["access_token"].as_str().expect("a token"));
    let got =
        stage.send("GET", "/subscriptions?api-version=2022-12-01", &[("Authorization", &header)], None).await;
    assert_eq!(got.json()["value"][0]["state"], "Enabled");
    let (status, body) = ask(id, "wrong", scope).await;
    assert_eq!((status, &body["error"]), (401, &json!("invalid_client")));
    assert!(body["error_description"].as_str().is_some_and(|text| text.starts_with("AADSTS7000215:")));
    assert_eq!(ask("nobody", secret, scope).await.0, 400);
    assert_eq!(ask(id, secret, "openid").await.0, 400);
}

const MANAGEMENT: &str = "https://management.azure.com";
const MONITOR: &str = "https://monitor.azure.com";
const LOGS: &str = "https://api.loganalytics.io";

/// A call of the service that a token is for.
async fn call(stage: &Stage, audience: &str, token: &str) -> (u16, String) {
    let (method, path, body) = match audience {
        MONITOR => {
            let path = "/dataCollectionRules/dcr-00000000000000000000000000000001/streams/Custom-DNSData\
                        ?api-version=2023-01-01";
            ("POST", path.to_owned(), Some(json!([])))
        }
        LOGS => {
            let path = "/v1/workspaces/00000000-0000-0000-0000-0000000000c1/query";
            ("POST", path.to_owned(), Some(json!({ "query": "Heartbeat" })))
        }
        _ => ("GET", format!("{ZONE}?api-version=2018-05-01"), None),
    };
    let header = format!("Bearer {token}");
    let got = stage.send(method, &path, &[("Authorization", &header)], body.as_ref()).await;
    (got.status, if got.status < 400 { String::new() } else { got.code() })
}

fn refused() -> (u16, String) {
    (401, "wrapped InvalidAuthenticationToken".to_owned())
}

/// The Logs Query API refuses tokens with 403 (contract azure-monitor, section 4.4).
fn refused_by(audience: &str) -> (u16, String) {
    let (status, code) = refused();
    (if audience == LOGS { 403 } else { status }, code)
}

#[tokio::test]
async fn a_revoked_token_is_refused_by_all_services() {
    let stage = Stage::new().await;
    let audiences = [MANAGEMENT, MONITOR, LOGS];
    let mut old = Vec::new();
    for audience in audiences {
        let token = stage.token_for(audience).await;
        assert_ne!(token, stage.token_for(audience).await, "no two tokens are one");
        assert!(call(&stage, audience, &token).await.0 < 300);
        old.push(token);
    }
    assert_eq!(stage.own("POST", "tokens/revoke", None).await.status, 200);
    for (audience, old) in audiences.into_iter().zip(&old) {
        assert_eq!(call(&stage, audience, old).await, refused_by(audience), "{audience}");
        let new = stage.token_for(audience).await;
        assert!(call(&stage, audience, &new).await.0 < 300, "{audience}: a new one works");
        assert_eq!(call(&stage, audience, old).await, refused_by(audience), "the old one stays refused");
    }
}

#[tokio::test]
async fn a_token_from_elsewhere_counts_as_older_than_any() {
    let stage = Stage::new().await;
    // Audience, expiry and caller, and nothing by which a token could be told from others.
    let token = "e30.eyJhdWQiOiAiaHR0cHM6Ly9tYW5hZ2VtZW50LmF6dXJlLmNvbSIsICJleHAiOiA5OTk5OTk5OTk5LCAiYXBwaWQiOiAiYSIsICJvaWQiOiAibyJ9.eA";
    assert_eq!(call(&stage, MANAGEMENT, token).await.0, 200);
    stage.own("POST", "tokens/revoke", None).await;
    assert_eq!(call(&stage, MANAGEMENT, token).await, refused());
}

#[tokio::test]
async fn one_audience_alone_may_be_revoked() {
    let stage = Stage::new().await;
    let (management, slash) =
        (stage.token_for(MANAGEMENT).await, stage.token_for(&format!("{MANAGEMENT}/")).await);
    let logs = stage.token_for(LOGS).await;
    stage.own("POST", "tokens/revoke", Some(&json!({ "audience": "https://MANAGEMENT.azure.com/" }))).await;
    assert_eq!(call(&stage, MANAGEMENT, &management).await, refused());
    assert_eq!(call(&stage, MANAGEMENT, &slash).await, refused());
    assert_eq!(call(&stage, LOGS, &logs).await.0, 200);
    for (body, place) in [
        (json!([]), "an object"),
        (json!({ "audience": "https://management.example" }), "audience:"),
        (json!({ "audience": 1 }), "audience:"),
        (json!({ "sticky": "yes" }), "sticky:"),
        (json!({ "sticky": -1 }), "sticky:"),
        (json!({ "client": "x" }), "client:"),
    ] {
        let got = stage.own("POST", "tokens/revoke", Some(&body)).await;
        let message = got.json()["message"].as_str().unwrap_or_default().to_owned();
        assert!(got.status == 400 && message.starts_with(place), "{place}: {got:?}");
    }
    assert_eq!(call(&stage, LOGS, &logs).await.0, 200, "a faulty body revokes nothing");
}

#[tokio::test]
async fn the_identity_endpoint_may_stick_to_a_revoked_token() {
    let stage = Stage::new().await;
    let (management, logs) = (stage.token_for(MANAGEMENT).await, stage.token_for(LOGS).await);
    stage.own("POST", "tokens/revoke", Some(&json!({ "audience": MANAGEMENT, "sticky": 2 }))).await;
    for _ in 0..2 {
        assert_eq!(stage.token_for(MANAGEMENT).await, management, "its own cache");
    }
    let new = stage.token_for(MANAGEMENT).await;
    assert_ne!(new, management);
    assert_eq!(call(&stage, MANAGEMENT, &new).await.0, 200);
    assert_ne!(stage.token_for(LOGS).await, logs, "the other audience is not concerned");

    stage.own("POST", "tokens/revoke", Some(&json!({ "sticky": true }))).await;
    for _ in 0..5 {
        assert_eq!(stage.token_for(MANAGEMENT).await, new);
    }
    assert_eq!(call(&stage, MANAGEMENT, &new).await, refused());
    stage.own("POST", "tokens/revoke", Some(&json!({}))).await;
    assert_ne!(stage.token_for(MANAGEMENT).await, new, "the next revocation ends it");
}

#[tokio::test]
async fn each_endpoint_names_its_service_in_its_own_way() {
    let stage = Stage::new().await;
    let ask = async |endpoint: &str, what: &str| {
        let url = format!("{}/00000000-0000-0000-0000-0000000000aa/{endpoint}", stage.base);
        let form = format!(
            "client_id=00000000-0000-0000-0000-0000000000d1&client_secret=standin-client-secret\
             &grant_type=client_credentials{what}"
        );
        let reply = stage.http.post(url).body(form).send().await.expect("an answer");
        let status = reply.status().as_u16();
        let body: Value = serde_json::from_str(&reply.text().await.expect("a body")).expect("JSON");
        (status, body["error"].as_str().unwrap_or_default().to_owned(), body["error_codes"][0].as_u64())
    };
    let refused = |error: &str, code: u64| (400, error.to_owned(), Some(code));
    let (new, old) = ("oauth2/v2.0/token", "oauth2/token");
    let management = "https%3A%2F%2Fmanagement.azure.com";
    for (endpoint, what, expected) in [
        (new, String::new(), refused("invalid_scope", 1_002_012)),
        (new, format!("&scope={management}"), refused("invalid_scope", 1_002_012)),
        (new, format!("&resource={management}"), refused("invalid_request", 901_002)),
        (
            new,
            "&scope=https%3A%2F%2Fservice.example%2F.default".to_owned(),
            refused("invalid_resource", 500_011),
        ),
        (new, "&scope=management.azure.com%2F.default".to_owned(), refused("invalid_resource", 500_011)),
        (old, "&resource=https%3A%2F%2Fservice.example".to_owned(), refused("invalid_resource", 500_011)),
    ] {
        assert_eq!(ask(endpoint, &what).await, expected, "{endpoint} {what}");
    }
    for (endpoint, what) in [
        (new, format!("&scope={management}%2F%2F.default")),
        (old, format!("&resource={management}%2F")),
        (new, "&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default".to_owned()),
    ] {
        assert_eq!(ask(endpoint, &what).await.0, 200, "{endpoint} {what}");
    }
}
