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

use super::played::{Habit, Played};

/// Larger than any answer of a scene.
const LARGEST: usize = 16 << 20;
/// What belongs to one connection alone, or no longer fits a body that was written anew.
const OF_THE_CONNECTION: [&str; 5] =
    ["content-length", "transfer-encoding", "connection", "content-encoding", "accept-encoding"];

/// A running cloud; it ends when it is dropped.
pub(super) struct Cloud {
    pub(super) url: String,
    pub(super) behind: Arc<Behind>,
    task: JoinHandle<()>,
}

pub(super) struct Behind {
    http: reqwest::Client,
    url: String,
    calls: AtomicUsize,
    gone: AtomicUsize,
    pub(super) played: Played,
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
        let behind = Arc::new(Behind {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            url: standin.trim_end_matches('/').to_owned(),
            calls: AtomicUsize::new(0),
            gone: AtomicUsize::new(0),
            played: Played::default(),
        });
        let app = Router::new().fallback(pass).with_state(Arc::clone(&behind));
        let task = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self { url, behind, task }
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
    dress(&mut headers, turn, &behind.played);
    let body = match serde_json::from_slice::<Value>(&bytes) {
        Ok(mut answer) if target.starts_with("/v1/") => {
            logs(&mut answer, &behind.played);
            answer.to_string().into()
        }
        Ok(mut answer) if target.starts_with("/subscriptions/") || target.contains("ResourceGraph") => {
            refusal(status.as_u16(), &mut answer, &behind);
            resource(&mut answer, turn, &behind.played);
            // Slashes of ids come escaped.
            let text = answer.to_string();
            if text.contains('/') {
                behind.played.note(Habit::EscapedSlashes);
            }
            text.replace('/', "\\/").into()
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
fn dress(headers: &mut HeaderMap, turn: usize, played: &Played) {
    let budgets: Vec<_> = headers
        .keys()
        .filter(|name| name.as_str().starts_with("x-ms-ratelimit-remaining-"))
        .cloned()
        .collect();
    for name in budgets {
        let text = match turn % 3 {
            0 => {
                headers.remove(name);
                played.note(Habit::NoBudget);
                continue;
            }
            1 => ("0", Habit::EmptyBudget),
            _ => ("Microsoft.Network/Any;17,all;x", Habit::BudgetWithoutNumber),
        };
        headers.insert(name, HeaderValue::from_static(text.0));
        played.note(text.1);
    }
    for (name, text, habit) in [
        ("x-ms-user-quota-remaining", "many", Habit::QuotaInWords),
        ("x-ms-user-quota-resets-after", "soon", Habit::QuotaInWords),
        ("preference-applied", "wait=55", Habit::PreferenceApplied),
        ("x-ms-correlation-request-id", "00000000-0000-0000-0000-0000000000c0", Habit::CorrelationId),
    ] {
        headers.insert(name, HeaderValue::from_static(text));
        played.note(habit);
    }
    if let Some(etag) = headers.get("etag").and_then(|etag| etag.to_str().ok()).map(other_form) {
        headers.insert("etag", HeaderValue::from_str(&etag).unwrap());
        played.note(Habit::EtagInTheHeader);
    }
}

/// A quoted etag for every second one; always the same form for the same one.
fn other_form(etag: &str) -> String {
    let is_even = etag.bytes().fold(0_u8, u8::wrapping_add).is_multiple_of(2);
    if is_even { format!("\"{etag}\"") } else { etag.to_owned() }
}

/// Ids in another case than they were given, and in one call otherwise than in the next; members that nobody has asked for.
fn resource(value: &mut Value, turn: usize, played: &Played) {
    match value {
        Value::Array(all) => {
            all.iter_mut().enumerate().for_each(|(at, value)| resource(value, turn + at, played))
        }
        Value::Object(members) => {
            if let Some(Value::String(id)) = members.get_mut("id").filter(|id| is_id(id)) {
                let (other, habit) = if turn.is_multiple_of(2) {
                    (id.to_lowercase(), Habit::IdInSmallLetters)
                } else {
                    (id.to_uppercase(), Habit::IdInCapitals)
                };
                *id = other;
                played.note(habit);
            }
            if let Some(Value::String(etag)) = members.get_mut("etag") {
                *etag = other_form(etag);
                played.note(if etag.starts_with('"') { Habit::QuotedEtag } else { Habit::BareEtag });
            }
            if members.contains_key("fqdn") {
                members.insert("trafficManagementProfile".to_owned(), json!({}));
                played.note(Habit::TrafficManagementProfile);
            }
            let is_of_tags = |name: &str| matches!(name, "tags" | "metadata");
            for (_, value) in members.iter_mut().filter(|(name, _)| !is_of_tags(name)) {
                resource(value, turn, played);
            }
            foreign(members, played);
        }
        _ => {}
    }
}

/// Refusals in the other envelope: a conflict bare, and a zone that is gone in either of its two forms, by turns.
fn refusal(status: u16, answer: &mut Value, behind: &Behind) {
    let error = answer.get("error").filter(|error| error.is_object()).unwrap_or(answer);
    let message = error["message"].as_str().unwrap_or_default().to_owned();
    match status {
        412 => {
            *answer = json!({ "code": "PreconditionFailed", "message": message });
            behind.played.note(Habit::BarePrecondition);
        }
        404 if !message.starts_with("The resource record ") => {
            if behind.gone.fetch_add(1, Ordering::Relaxed).is_multiple_of(2) {
                *answer = json!({ "code": "NotFound", "message": message });
                behind.played.note(Habit::BareZoneNotFound);
            } else {
                *answer = json!({ "error": { "code": "ParentResourceNotFound", "message": message } });
                behind.played.note(Habit::ParentResourceNotFound);
            }
        }
        _ => {}
    }
}

fn is_id(value: &Value) -> bool {
    value.as_str().is_some_and(|id| id.starts_with("/subscriptions/"))
}

/// Members of a newer version, beside those of a resource and of an answer.
fn foreign(members: &mut Map<String, Value>, played: &Played) {
    if members.contains_key("properties") || members.contains_key("value") || members.contains_key("data") {
        members
            .insert("systemData".to_owned(), json!({ "createdAt": "2026-01-01T00:00:00Z", "of": [1, null] }));
        members.insert("kind".to_owned(), Value::Null);
        played.note(Habit::NewerMembers);
    }
}

/// The columns the other way round, the table behind another one, and everything that a caller may have asked for.
fn logs(answer: &mut Value, played: &Played) {
    let Some(tables) = answer.get_mut("tables").and_then(Value::as_array_mut) else { return };
    for table in tables.iter_mut() {
        let columns = table["columns"].as_array_mut().unwrap();
        if columns.len() > 1 {
            played.note(Habit::ReversedColumns);
        }
        columns.reverse();
        table["rows"]
            .as_array_mut()
            .unwrap()
            .iter_mut()
            .for_each(|row| row.as_array_mut().unwrap().reverse());
    }
    let other =
        json!({ "name": "Extra", "columns": [{ "name": "Cost", "type": "decimal" }], "rows": [["0.5"]] });
    tables.insert(0, other);
    played.note(Habit::OtherTableFirst);
    answer["render"] = json!({});
    answer["statistics"] = json!({ "query": { "executionTime": 0.01 } });
    answer["dataSources"] = json!([{ "tables": ["Heartbeat"] }]);
    played.note(Habit::WholeStatistics);
    // As the service tells that it gave up (contract azure-monitor, section 4.4).
    if let Some(error) = answer.get_mut("error").filter(|error| error["code"] == "PartialError") {
        let inner =
            json!({ "code": "-2133196797", "message": "too much", "severity": 2, "severityName": "Error" });
        error["details"] =
            json!([{ "code": "EngineError", "message": "on the server", "innererror": inner }]);
        error["correlationId"] = json!("00000000-0000-0000-0000-0000000000c0");
        played.note(Habit::WholePartialError);
    }
}
