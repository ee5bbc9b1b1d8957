//! The token that a call over HTTP must bring where `WEBHOOK_TENANT_ID` is set: the real binary before a stand-in that signs, and
//! every other token turned away without a call to Azure.

mod calls;
mod doctor;
mod forms;
mod host;
mod keys;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use azure_core::base64::{decode_url_safe, encode_url_safe};
use reqwest::StatusCode;
use ring::hmac;
use serde_json::{Value, json};
use standin::Options;
use tempfile::TempDir;

use crate::handler::{Handler, House, moved, tagged, until};
use crate::stage::a_record;

const CALLER: &str = "461e8683-5575-4561-ac7f-899cc907d62a";
const AUDIENCE: &str = "api://heartbeat-dns";
const ROLE: &str = "ActionGroupsSecureWebhook";
/// A house whose door asks for a token.
struct Gate {
    house: House,
    handler: Handler,
    log: Arc<Mutex<Vec<String>>>,
    tenant: String,
    login: String,
    _folder: TempDir,
}

impl Gate {
    async fn new(more: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let any = "127.0.0.1:0".parse().unwrap();
        let options = Options { tls: Some((folder.path().to_owned(), any)), ..Options::default() };
        let beats = moved("nas", "198.51.100.10", "203.0.113.7");
        let mut house = House::with_options(
            &[a_record("nas", "198.51.100.10")],
            &[tagged("nas", "nas.example.com")],
            &beats,
            &[],
            options,
        )
        .await;
        let tenant = house.stage.standin.state().world().tenant.clone();
        let login = house.stage.standin.tls_url().unwrap().to_string().trim_end_matches('/').to_owned();
        let ca = folder.path().join("ca.pem").to_str().unwrap().to_owned();
        let own: BTreeMap<&str, &str> = [
            ("WEBHOOK_TENANT_ID", tenant.as_str()),
            ("WEBHOOK_AUDIENCE", AUDIENCE),
            ("WEBHOOK_ROLE", ROLE),
            ("AZURE_AUTHORITY_HOST", login.as_str()),
            ("SSL_CERT_FILE", ca.as_str()),
        ]
        .into_iter()
        .chain(more.iter().copied())
        .collect();
        house.environment.extend(own.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())));
        let (handler, log) = Handler::with_log(&mut house.command_in_one_stream()).await;
        let gate = Self { house, handler, log, tenant, login, _folder: folder };
        gate.house.stage.all_calls().await;
        gate
    }

    /// What whoever starts the function has to tell it about tokens.
    fn variables(&self) -> Vec<(&str, String)> {
        let names = [
            "WEBHOOK_TENANT_ID",
            "WEBHOOK_AUDIENCE",
            "WEBHOOK_ROLE",
            "AZURE_AUTHORITY_HOST",
            "SSL_CERT_FILE",
        ];
        names.into_iter().map(|name| (name, self.house.environment[name].clone())).collect()
    }

    /// The process ends, and another takes its place, which knows nothing yet.
    async fn restart(&mut self) {
        (self.handler, self.log) = Handler::with_log(&mut self.house.command_in_one_stream()).await;
        self.house.stage.all_calls().await;
    }

    /// What the right token says, of version 2.0.
    fn claims(&self) -> Value {
        let now = heartbeat_dns::clock::now().as_second();
        json!({
            "iss": format!("{}/{}/v2.0", self.login, self.tenant), "aud": AUDIENCE, "tid": self.tenant,
            "azp": CALLER, "roles": [ROLE], "iat": now, "nbf": now, "exp": now + 3600, "ver": "2.0",
        })
    }

    /// A token over claims, signed with the key that counts; members of the head take the place of the usual ones.
    async fn signed(&self, head: Value, claims: &Value) -> String {
        let body = json!({ "header": head, "claims": claims });
        let answer = self.house.control("POST", "/standin/tokens/sign", &body).await;
        answer["token"].as_str().unwrap().to_owned()
    }

    async fn right(&self) -> String {
        self.signed(json!({}), &self.claims()).await
    }

    /// A token that says all of the right one but for this.
    async fn saying(&self, claim: &str, value: Value) -> String {
        let mut claims = self.claims();
        claims[claim] = value;
        self.signed(json!({}), &claims).await
    }

    /// The tenant's keys.
    async fn keys(&self) -> Value {
        let url = self.house.stage.standin.azure_url();
        let url = url.join(&format!("{}/discovery/v2.0/keys", self.tenant)).unwrap();
        serde_json::from_str(&reqwest::get(url).await.unwrap().text().await.unwrap()).unwrap()
    }

    /// A call with these headers `Authorization`: status and body.
    async fn call(&self, method: &str, tokens: &[&str], body: Option<&str>) -> (u64, Value) {
        call(&self.handler, method, tokens, body).await
    }

    async fn plan(&self, token: &str) -> (u64, Value) {
        self.call("POST", &[token], Some(r#"{"mode":"plan","wait":true}"#)).await
    }

    /// What was asked since it was looked at last: everything, and how often for keys.
    async fn asked(&self) -> (usize, usize) {
        let calls = self.house.stage.all_calls().await;
        let keys = calls.iter().filter(|call| call.path.ends_with("/keys")).count();
        (calls.len(), keys)
    }

    /// Lines about calls that were turned away.
    fn told(&self) -> Vec<String> {
        let log = self.log.lock().unwrap();
        log.iter().filter(|line| line.contains("turned away")).cloned().collect()
    }
}

async fn call(handler: &Handler, method: &str, tokens: &[&str], body: Option<&str>) -> (u64, Value) {
    let bearers: Vec<_> = tokens.iter().map(|token| format!("Bearer {token}")).collect();
    call_saying(handler, method, &bearers, body).await
}

async fn call_saying(
    handler: &Handler,
    method: &str,
    authorization: &[String],
    body: Option<&str>,
) -> (u64, Value) {
    let mut request = json!({ "Url": "http://localhost/api/remediate", "Method": method, "Query": {},
        "Headers": { "Content-Type": ["application/json"], "Authorization": authorization }, "Body": body });
    if authorization.is_empty() {
        request["Headers"].as_object_mut().unwrap().remove("Authorization");
    }
    let envelope = json!({ "Data": { "req": request }, "Metadata": {} });
    let (status, text) = handler.post("function-remediate", envelope.to_string()).await;
    assert_eq!(status, 200, "{text}");
    let answer: Value = serde_json::from_str(&text).unwrap();
    let res = &answer["Outputs"]["res"];
    if res["statusCode"] == 401 {
        assert_eq!((&answer["Logs"], &res["headers"]["WWW-Authenticate"]), (&json!([]), &json!("Bearer")));
    }
    (res["statusCode"].as_u64().unwrap(), serde_json::from_str(res["body"].as_str().unwrap()).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_right_token_starts_a_run_and_the_others_cost_azure_nothing() {
    let gate = Gate::new(&[]).await;
    let (_, keys) = gate.asked().await;
    assert_eq!(keys, 0, "nothing is asked before a token comes");
    let right = gate.right().await;
    let now = heartbeat_dns::clock::now().as_second();
    let other = "00000000-0000-0000-0000-00000000000b";
    let (said, signature) = right.rsplit_once('.').unwrap();
    let (head, claims) = said.split_once('.').unwrap();
    let mut more: Value = serde_json::from_slice(&decode_url_safe(claims).unwrap()).unwrap();
    more["roles"] = json!([ROLE, "more"]);
    let changed = format!("{head}.{}.{signature}", encode_url_safe(more.to_string()));
    // Whoever took the algorithm from the token would take the public key, which everybody has, for a secret.
    let public = gate.keys().await["keys"][0].clone();
    let told = encode_url_safe(json!({ "typ": "JWT", "alg": "HS256", "kid": public["kid"] }).to_string());
    let said = format!("{told}.{claims}");
    let secret = hmac::Key::new(hmac::HMAC_SHA256, &decode_url_safe(public["n"].as_str().unwrap()).unwrap());
    let shared = format!("{said}.{}", encode_url_safe(hmac::sign(&secret, said.as_bytes())));
    let none = encode_url_safe(json!({ "typ": "JWT", "alg": "none", "kid": public["kid"] }).to_string());
    gate.asked().await;
    let wrong = [
        ("expired", gate.saying("exp", json!(now - 120)).await),
        ("not yet valid", gate.saying("nbf", json!(now + 600)).await),
        ("for another audience", gate.saying("aud", json!("https://management.azure.com")).await),
        ("of another tenant", gate.saying("tid", json!(other)).await),
        ("of another issuer", gate.saying("iss", json!(format!("https://sts.windows.net/{other}/"))).await),
        ("of another application", gate.saying("azp", json!(other)).await),
        ("without the role", gate.saying("roles", json!(["other"])).await),
        ("with alg none", format!("{none}.{claims}.")),
        ("with alg none and a signature", format!("{none}.{claims}.{signature}")),
        ("signed with the public key", shared),
        ("of changed content", changed),
        ("of another key", gate.signed(json!({ "kid": "other" }), &gate.claims()).await),
        ("no token at all", "hush".to_owned()),
    ];
    for body in [Some(r#"{"mode":"apply","wait":true}"#), Some(r#"{"mode":"doctor"}"#)] {
        for (what, token) in &wrong {
            let (status, answer) = gate.call("POST", &[token], body).await;
            assert!(status == 401 && answer["error"].is_string(), "{what}: {status} {answer}");
        }
    }
    let alert = r#"{"schemaId":"azureMonitorCommonAlertSchema","data":{"essentials":{"monitoringService":"Log Alerts V2","monitorCondition":"Fired","alertId":"a"}}}"#;
    for body in [alert, "", "{"] {
        assert_eq!(gate.call("POST", &[], Some(body)).await.0, 401);
        assert_eq!(gate.call("POST", &[&right, &right], Some(body)).await.0, 401, "two headers");
    }
    assert_eq!(gate.call("GET", &[], None).await.0, 401);
    assert_eq!(gate.asked().await, (1, 1), "the keys, once, and nothing else");
    until("a line is told", async || !gate.told().is_empty()).await;
    assert_eq!(gate.told().len(), 1, "one a minute: {:?}", gate.told());
    let shown = gate.log.lock().unwrap().join("\n");
    assert!(!shown.contains(claims) && !shown.contains("hush"), "no token is told");
    let (status, report) = gate.call("POST", &[&right], Some(alert)).await;
    assert_eq!((status, report["changes"][0]["to"][0].as_str()), (200, Some("203.0.113.7")), "{report}");
    assert_eq!(gate.house.addresses("nas").await, ["203.0.113.7"]);
    assert_eq!(gate.asked().await.1, 0, "its key was known");
    assert_eq!(gate.handler.health().await.0, 200, "the host asks it, without any header");
    assert_eq!(gate.handler.tick().await.0, 200, "the timer is the host's");
}

/// An alert of which only the beginning was kept: whether a token stands behind it nobody knows.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_for_its_token_to_be_seen_starts_nothing() {
    let gate = Gate::new(&[]).await;
    let right = gate.right().await;
    gate.asked().await;
    let alert = r#"{"schemaId":"azureMonitorCommonAlertSchema","data":{"essentials":{"monitoringService":"Log Alerts V2","monitorCondition":"Fired","alertId":"a"}}}"#;
    let body = format!("{alert}{}", " ".repeat(9 * 1024 * 1024));
    let (status, answer) = gate.call("POST", &[&right], Some(&body)).await;
    assert!(status == 413 && answer["error"].as_str().unwrap().contains("token"), "{status} {answer}");
    assert_eq!(gate.asked().await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_application_may_be_named_as_the_caller() {
    let own = "00000000-0000-0000-0000-0000000000d1";
    let gate = Gate::new(&[("WEBHOOK_CALLER", own)]).await;
    assert_eq!(gate.plan(&gate.right().await).await.0, 401);
    assert_eq!(gate.plan(&gate.saying("azp", json!(own)).await).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn half_of_the_settings_is_a_fault_and_starts_nothing() {
    let gate = Gate::new(&[("WEBHOOK_ROLE", "")]).await;
    let (status, answer) = gate.plan(&gate.right().await).await;
    assert!(
        status == 503 && answer["because"].as_str().unwrap().contains("WEBHOOK_ROLE"),
        "{status} {answer}"
    );
    assert_eq!(gate.handler.tick().await.0, u16::from(StatusCode::INTERNAL_SERVER_ERROR));
}
