//! A cloud before the stand-in that answers in every form in which Azure does, call by call another one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Response};
use serde_json::{Map, Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Larger than any answer of a scene.
const LARGEST: usize = 16 << 20;
/// What belongs to one connection alone, or no longer fits a body that was written anew.
const OF_THE_CONNECTION: [&str; 5] =
    ["content-length", "transfer-encoding", "connection", "content-encoding", "accept-encoding"];

/// A running cloud; it ends when it is dropped.
pub(super) struct Cloud {
    pub(super) url: String,
    task: JoinHandle<()>,
}

struct Behind {
    http: reqwest::Client,
    url: String,
    calls: AtomicUsize,
}

impl Drop for Cloud {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Cloud {
    /// Starts before a stand-in at this address, on a free port of loopback.
    pub(super) async fn before(standin: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let behind = Behind {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            url: standin.trim_end_matches('/').to_owned(),
            calls: AtomicUsize::new(0),
        };
        let app = Router::new().fallback(pass).with_state(Arc::new(behind));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, task }
    }
}

async fn pass(State(behind): State<Arc<Behind>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().unwrap().to_string();
    let url = format!("{}{target}", behind.url);
    let mut headers = parts.headers.clone();
    without_the_connection(&mut headers);
    // Ingestion has its bodies packed; only what comes back is written anew.
    if let Some(encoding) = parts.headers.get("content-encoding") {
        headers.insert("content-encoding", encoding.clone());
    }
    let body = to_bytes(body, LARGEST).await.unwrap();
    let sent = behind.http.request(parts.method, url).headers(headers).body(body).send().await.unwrap();
    let (status, mut headers) = (sent.status(), sent.headers().clone());
    let bytes = sent.bytes().await.unwrap();
    let turn = behind.calls.fetch_add(1, Ordering::Relaxed);
    without_the_connection(&mut headers);
    dress(&mut headers, turn);
    let body = match serde_json::from_slice::<Value>(&bytes) {
        Ok(mut answer) if target.starts_with("/v1/") => {
            logs(&mut answer);
            answer.to_string().into()
        }
        Ok(mut answer) if target.starts_with("/subscriptions/") || target.contains("ResourceGraph") => {
            resource(&mut answer, turn);
            // Slashes of ids come escaped.
            answer.to_string().replace('/', "\\/").into()
        }
        _ => bytes,
    };
    let mut response = Response::new(Body::from(body));
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    response
}

fn without_the_connection(headers: &mut HeaderMap) {
    for name in OF_THE_CONNECTION {
        headers.remove(name);
    }
}

/// Budgets are hints: absent, used up, or no numbers at all. An etag stands in the header as in the body.
fn dress(headers: &mut HeaderMap, turn: usize) {
    let budgets: Vec<_> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("x-ms-ratelimit-remaining-"))
        .cloned()
        .collect();
    for name in budgets {
        match turn % 3 {
            0 => drop(headers.remove(name)),
            1 => drop(headers.insert(name, HeaderValue::from_static("0"))),
            _ => drop(headers.insert(name, HeaderValue::from_static("Microsoft.Network/Any;17,all;x"))),
        }
    }
    headers.insert("x-ms-user-quota-remaining", HeaderValue::from_static("many"));
    headers.insert("x-ms-user-quota-resets-after", HeaderValue::from_static("soon"));
    headers.insert("preference-applied", HeaderValue::from_static("wait=55"));
    if let Some(etag) = headers.get("etag").and_then(|etag| etag.to_str().ok()).map(other_form) {
        headers.insert("etag", HeaderValue::from_str(&etag).unwrap());
    }
}

/// A quoted etag for every second one; always the same form for the same one.
fn other_form(etag: &str) -> String {
    let is_even = etag.bytes().fold(0_u8, u8::wrapping_add).is_multiple_of(2);
    if is_even { format!("\"{etag}\"") } else { etag.to_owned() }
}

/// Ids in another case than they were given, and in one call otherwise than in the next; members that nobody has asked for.
fn resource(value: &mut Value, turn: usize) {
    match value {
        Value::Array(all) => all.iter_mut().enumerate().for_each(|(at, value)| resource(value, turn + at)),
        Value::Object(members) => {
            if let Some(Value::String(id)) = members.get_mut("id").filter(|id| is_id(id)) {
                *id = if turn.is_multiple_of(2) { id.to_lowercase() } else { id.to_uppercase() };
            }
            if let Some(Value::String(etag)) = members.get_mut("etag") {
                *etag = other_form(etag);
            }
            if members.contains_key("fqdn") {
                members.insert("trafficManagementProfile".to_owned(), json!({}));
            }
            let is_of_tags = |name: &str| matches!(name, "tags" | "metadata");
            for (_, value) in members.iter_mut().filter(|(name, _)| !is_of_tags(name)) {
                resource(value, turn);
            }
            foreign(members);
        }
        _ => {}
    }
}

fn is_id(value: &Value) -> bool {
    value.as_str().is_some_and(|id| id.starts_with("/subscriptions/"))
}

/// Members of a newer version, beside those of a resource and of an answer.
fn foreign(members: &mut Map<String, Value>) {
    if members.contains_key("properties") || members.contains_key("value") || members.contains_key("data") {
        members
            .insert("systemData".to_owned(), json!({ "createdAt": "2026-01-01T00:00:00Z", "of": [1, null] }));
        members.insert("kind".to_owned(), Value::Null);
    }
}

/// The columns the other way round, the table behind another one, and everything that a caller may have asked for.
fn logs(answer: &mut Value) {
    let Some(tables) = answer.get_mut("tables").and_then(Value::as_array_mut) else { return };
    for table in tables.iter_mut() {
        table["columns"].as_array_mut().unwrap().reverse();
        table["rows"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .for_each(|row| row.as_array_mut().unwrap().reverse());
    }
    let other =
        json!({ "name": "Extra", "columns": [{ "name": "Cost", "type": "decimal" }], "rows": [["0.5"]] });
    tables.insert(0, other);
    answer["render"] = json!({});
    answer["statistics"] = json!({ "query": { "executionTime": 0.01 } });
    answer["dataSources"] = json!([{ "tables": ["Heartbeat"] }]);
}
