//! A running stand-in, and a client that carries the right token.

use std::sync::Once;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use standin::{Options, Standin};

pub(crate) const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";
pub(crate) const ZONE: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns/providers/\
                               Microsoft.Network/dnsZones/example.com";
pub(crate) const PRIVATE: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns/\
                                  providers/Microsoft.Network/privateDnsZones/corp.internal";

/// A stand-in on ports of its own.
pub(crate) struct Stage {
    pub(crate) standin: Standin,
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    token: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Got {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The error's code, bare or wrapped, with the envelope in front.
    pub(crate) fn code(&self) -> String {
        let body = self.json();
        match &body["error"]["code"] {
            Value::String(code) => format!("wrapped {code}"),
            _ => format!("bare {}", body["code"].as_str().unwrap_or_default()),
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A client without proxies; TLS needs a provider before the first client is made.
pub(crate) fn client() -> reqwest::ClientBuilder {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        rustls::crypto::ring::default_provider().install_default().expect("no other provider is installed");
    });
    reqwest::Client::builder().no_proxy()
}

impl Stage {
    pub(crate) async fn new() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let standin = standin::start(options).await.expect("it starts");
        let base = standin.azure_url().as_str().trim_end_matches('/').to_owned();
        let http = client().build().expect("a client");
        let mut stage = Self { standin, http, base, token: String::new() };
        stage.token = stage.token_for("https://management.azure.com").await;
        stage
    }

    /// A token of the system-assigned identity.
    pub(crate) async fn token_for(&self, resource: &str) -> String {
        let url = format!("{}/msi/token?api-version=2019-08-01&resource={resource}", self.base);
        let header = self.standin.state().options.identity_header.clone();
        let reply = self.http.get(url).header("X-IDENTITY-HEADER", header).send().await.expect("an answer");
        let body: Value = serde_json::from_str(&reply.text().await.expect("a body")).expect("JSON");
        body["access_token"].as_str().expect("a token").to_owned()
    }

    /// Any call, with the token of Resource Manager unless `headers` has another.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Got {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
            request = request.header("Authorization", format!("Bearer {}", self.token));
        }
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.header("Content-Type", "application/json").body(body.to_string());
        }
        let reply = request.send().await.unwrap_or_else(|error| panic!("{path}: {error}"));
        let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
        Got { status, headers, text: reply.text().await.expect("a body") }
    }

    /// A call below a zone with a fitting api-version.
    pub(crate) async fn dns(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Got {
        let version = if path.contains("private") { "2024-06-01" } else { "2018-05-01" };
        let joint = if path.contains('?') { '&' } else { '?' };
        self.send(method, &format!("{path}{joint}api-version={version}"), headers, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Got {
        self.dns("GET", path, &[], None).await
    }

    /// Writes an A set and expects it to be taken.
    pub(crate) async fn put_a(&self, name: &str, address: &str) -> Value {
        let got = self.dns("PUT", &format!("{ZONE}/A/{name}"), &[], Some(&a(address))).await;
        assert!(got.status == 200 || got.status == 201, "{got:?}");
        got.json()
    }

    /// A call to the stand-in's own surface.
    pub(crate) async fn own(&self, method: &str, name: &str, body: Option<&Value>) -> Got {
        self.send(method, &format!("/standin/{name}"), &[], body).await
    }

    pub(crate) async fn put_world(&self, world: &Value) {
        let got = self.own("PUT", "world", Some(world)).await;
        assert_eq!(got.status, StatusCode::OK, "{got:?}");
    }
}

/// The body of an A set.
pub(crate) fn a(address: &str) -> Value {
    json!({ "properties": { "TTL": 60, "ARecords": [{ "ipv4Address": address }] } })
}

/// A flattened A set of a world.
pub(crate) fn a_set(name: &str, address: &str) -> Value {
    json!({ "name": name, "type": "A", "ttl": 60, "aRecords": [{ "ipv4Address": address }] })
}
