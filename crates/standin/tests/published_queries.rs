//! The engine's worked cases and the sources' queries, asked as a client of the Logs Query API asks them.

#![expect(clippy::expect_used, reason = "all of this crate is test code, which may panic")]

use serde_json::{Value, json};
use standin::{Options, Standin};

const WORKSPACE: &str = "00000000-0000-0000-0000-0000000000c1";
const CASES: &str = include_str!("../../kql/tests/it/fixtures/conformance.json");
const SEEDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../kql/tests/it/fixtures/seeds");

struct Client {
    standin: Standin,
    http: reqwest::Client,
    token: String,
}

impl Client {
    async fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let standin = standin::start(Options::default()).await.expect("a stand-in");
        let http = reqwest::Client::builder().no_proxy().build().expect("a client");
        let url = format!(
            "{}msi/token?api-version=2019-08-01&resource=https://api.loganalytics.io",
            standin.azure_url()
        );
        let header = standin.state().options.identity_header.clone();
        let answer = http.get(url).header("X-IDENTITY-HEADER", header).send().await.expect("an answer");
        let text = answer.text().await.expect("text");
        let token: Value = serde_json::from_str(&text).expect("json");
        let token = token["access_token"].as_str().expect("a token").to_owned();
        Self { standin, http, token }
    }

    async fn query(&self, query: &str) -> (u16, Value) {
        let url = format!("{}v1/workspaces/{WORKSPACE}/query", self.standin.azure_url());
        let request = self.http.post(url).bearer_auth(&self.token).header("content-type", "application/json");
        let answer = request.body(json!({ "query": query }).to_string()).send().await.expect("an answer");
        let status = answer.status().as_u16();
        let text = answer.text().await.expect("text");
        (status, serde_json::from_str(&text).expect("json"))
    }
}

/// A value of an answer in the form of the cases: a dynamic is a string that holds JSON (contract azure-monitor,
/// section 4.3).
fn read(value: &Value, kind: &Value) -> Value {
    match value.as_str() {
        Some(text) if kind == "dynamic" => serde_json::from_str(text).unwrap_or_else(|_| value.clone()),
        Some(text) if kind == "datetime" => {
            let time: jiff::Timestamp = text.parse().expect("an instant");
            json!(format!("{time:.7}"))
        }
        _ => value.clone(),
    }
}

/// Equal values; whole numbers and reals of one size are equal.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}

fn same_rows(found: &[Value], wanted: &[Value], ordered: bool) -> bool {
    if found.len() != wanted.len() || ordered {
        return found.len() == wanted.len() && found.iter().zip(wanted).all(|(a, b)| same(a, b));
    }
    let mut left: Vec<&Value> = wanted.iter().collect();
    found.iter().all(|row| {
        let place = left.iter().position(|wanted| same(row, wanted));
        place.map(|place| left.swap_remove(place)).is_some()
    })
}

/// What is wrong with the answer to one case; nothing when all is right.
fn fault(case: &Value, status: u16, answer: &Value) -> Option<String> {
    if !case["error"].is_null() {
        let is_refused = status == 400
            && answer["error"]["code"] == "BadArgumentError"
            && answer["error"]["innererror"]["innererror"]["line"].as_u64().is_some_and(|line| line > 0);
        return (!is_refused).then(|| format!("not refused: {status} {answer}"));
    }
    let table = &answer["tables"][0];
    if status != 200 || table["name"] != "PrimaryResult" {
        return Some(format!("{status} {answer}"));
    }
    if table["columns"] != case["columns"] {
        return Some(format!("columns {}", table["columns"]));
    }
    let kinds: Vec<&Value> =
        table["columns"].as_array().expect("columns").iter().map(|column| &column["type"]).collect();
    let rows: Vec<Value> = table["rows"]
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| {
            row.as_array().expect("a row").iter().zip(&kinds).map(|(value, kind)| read(value, kind)).collect()
        })
        .collect();
    let wanted = case["rows"].as_array().expect("rows");
    (!same_rows(&rows, wanted, case["ordered"] == true)).then(|| format!("rows {rows:?}"))
}

#[tokio::test]
async fn every_worked_case_is_answered_over_http_as_by_the_engine() {
    let client = Client::start().await;
    let cases: Vec<Value> = serde_json::from_str(CASES).expect("json");
    assert_eq!(cases.len(), 73);
    let mut faults = Vec::new();
    for case in &cases {
        let (status, answer) = client.query(case["kql"].as_str().expect("a query")).await;
        faults.extend(fault(case, status, &answer).map(|fault| format!("{}: {fault}", case["name"])));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test]
async fn every_query_of_the_sources_is_answered_over_http() {
    let client = Client::start().await;
    let mut count = 0;
    for entry in std::fs::read_dir(SEEDS).expect("the folder") {
        let path = entry.expect("an entry").path();
        let query = std::fs::read_to_string(&path).expect("a query");
        let (status, answer) = client.query(&query).await;
        assert_eq!(status, 200, "{}: {answer}", path.display());
        assert!(answer["error"].is_null(), "{}: {answer}", path.display());
        count += 1;
    }
    assert_eq!(count, 19);
}
