//! The public surfaces of the local Azure and of the host, as any client sees them.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::{Client, RequestBuilder};
use serde_json::{Map, Value, json};
use standin::functions_host::Keys;

/// Longer than the platform lets an HTTP trigger take.
const PATIENCE: Duration = Duration::from_secs(240);
/// Heartbeats are posted in batches of so many rows.
const ROWS_AT_ONCE: usize = 10_000;
const LOGS: &str = "https://api.loganalytics.io";

/// A client of one running local Azure.
#[derive(Debug, Clone)]
pub(crate) struct Surface {
    client: Client,
    azure: String,
    host: String,
    identity_header: String,
    /// The key that opens all of the host; empty: none is asked for.
    key: String,
}

impl Surface {
    /// A client; URLs without a slash at the end, keys where the host asks for them.
    ///
    /// # Errors
    /// When no HTTP client can be built.
    pub(crate) fn new(azure: &str, host: &str, identity_header: &str, keys: Option<&Keys>) -> Result<Self> {
        // A second installation is refused, which is as good: a provider is there then.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // Whatever proxy the environment names, loopback is ours.
        let client = Client::builder().no_proxy().timeout(PATIENCE).build()?;
        let (azure, host) = (azure.to_owned(), host.to_owned());
        let key = keys.map(|keys| keys.master.clone()).unwrap_or_default();
        Ok(Self { client, azure, host, identity_header: identity_header.to_owned(), key })
    }

    /// The world.
    ///
    /// # Errors
    /// When the stand-in does not answer.
    pub(crate) async fn world(&self) -> Result<Value> {
        json_of(self.client.get(format!("{}/standin/world", self.azure)), "the world").await
    }

    /// Changes the members of the world that the document has.
    ///
    /// # Errors
    /// What the stand-in has against it.
    pub(crate) async fn put_world(&self, document: &Value) -> Result<()> {
        let request = self.client.put(format!("{}/standin/world", self.azure)).body(document.to_string());
        text_of(request, "the world").await.map(drop)
    }

    /// Posts heartbeats.
    ///
    /// # Errors
    /// What the stand-in has against them.
    pub(crate) async fn heartbeats(&self, rows: &[Value]) -> Result<()> {
        self.heartbeats_json(rows.iter().map(Value::to_string)).await
    }

    /// Posts heartbeats, each of them a JSON object.
    ///
    /// # Errors
    /// What the stand-in has against them.
    pub(crate) async fn heartbeats_json(&self, mut rows: impl Iterator<Item = String>) -> Result<()> {
        loop {
            let mut batch = String::new();
            for row in rows.by_ref().take(ROWS_AT_ONCE) {
                batch.push_str(&row);
                batch.push('\n');
            }
            if batch.is_empty() {
                return Ok(());
            }
            let request = self.client.post(format!("{}/standin/heartbeats", self.azure)).body(batch);
            text_of(request, "heartbeats").await?;
        }
    }

    /// Asks the workspace.
    ///
    /// # Errors
    /// What the workspace has against the query.
    pub(crate) async fn query(&self, workspace: &str, query: &str) -> Result<Vec<Map<String, Value>>> {
        let url = format!("{}/msi/token?api-version=2019-08-01&resource={LOGS}", self.azure);
        let request = self.client.get(url).header("X-IDENTITY-HEADER", &self.identity_header);
        let token = json_of(request, "a token").await?;
        let token = token["access_token"].as_str().context("the token's answer holds no token")?;
        let url = format!("{}/v1/workspaces/{workspace}/query", self.azure);
        let body = json!({ "query": query }).to_string();
        let request = self.client.post(url).bearer_auth(token).header("content-type", "application/json");
        let answer = json_of(request.body(body), "the workspace").await?;
        let table = &answer["tables"][0];
        let names: Vec<&str> = list(&table["columns"])
            .iter()
            .map(|column| column["name"].as_str().unwrap_or_default())
            .collect();
        let row = |row: &Value| {
            names.iter().zip(list(row)).map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
        };
        Ok(list(&table["rows"]).iter().map(row).collect())
    }

    /// What the handler would do now.
    ///
    /// # Errors
    /// When the host does not answer with a report.
    pub(crate) async fn plan(&self) -> Result<Value> {
        let request = self.client.post(format!("{}/api/remediate", self.host));
        let request = request.header("x-functions-key", &self.key);
        let body = json!({ "mode": "plan", "wait": true }).to_string();
        json_of(request.header("content-type", "application/json").body(body), "a plan").await
    }

    /// Runs the collector now, beside its schedule.
    ///
    /// # Errors
    /// When the host does not accept it.
    pub(crate) async fn tick(&self) -> Result<()> {
        let url = format!("{}/admin/functions/function-collector", self.host);
        let request = self.client.post(url).header("x-functions-key", &self.key);
        let request = request.header("content-type", "application/json").body("{\"input\":\"\"}");
        text_of(request, "the collector").await.map(drop)
    }
}

/// The elements of an array; of anything else, none.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

async fn json_of(request: RequestBuilder, what: &str) -> Result<Value> {
    let text = text_of(request, what).await?;
    serde_json::from_str(&text).with_context(|| format!("cannot understand {what}"))
}

async fn text_of(request: RequestBuilder, what: &str) -> Result<String> {
    let response = request.send().await.with_context(|| format!("cannot ask for {what}"))?;
    let status = response.status();
    let text = response.bytes().await.with_context(|| format!("cannot read {what}"))?;
    let text = String::from_utf8_lossy(&text).into_owned();
    if !status.is_success() {
        bail!("asked for {what}, got {status}: {text}");
    }
    Ok(text)
}
