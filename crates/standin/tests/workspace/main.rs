//! Uploads, heartbeats and queries, over the wire.

#![expect(clippy::expect_used, reason = "all of this crate is test code, which may panic")]

mod memory;

use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::SignedDuration;
use serde_json::{Value, json};
use standin::{Options, Standin, World};

const RULE: &str = "dcr-00000000000000000000000000000001";
const WORKSPACE: &str = "00000000-0000-0000-0000-0000000000c1";
const MONITOR: &str = "https://monitor.azure.com";
const LOGS: &str = "https://api.loganalytics.io";
/// Long enough for a loaded machine; nothing waits for it when all is well.
const PATIENCE: Duration = Duration::from_secs(30);

struct Azure {
    standin: Standin,
    client: reqwest::Client,
}

/// Status, headers and body of an answer.
struct Answer {
    status: u16,
    error_code: Option<String>,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("json")
    }
}

impl Azure {
    async fn start(options: Options) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self { standin: standin::start(options).await.expect("a stand-in"), client }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.standin.azure_url().as_str().trim_end_matches('/'))
    }

    async fn token(&self, audience: &str) -> String {
        let url = self.url(&format!("/msi/token?api-version=2019-08-01&resource={audience}"));
        let header = &self.standin.state().options.identity_header;
        let answer = send(self.client.get(url).header("X-IDENTITY-HEADER", header)).await;
        answer.json()["access_token"].as_str().expect("a token").to_owned()
    }

    async fn upload(&self, path: &str, encoding: Option<&str>, body: Vec<u8>) -> Answer {
        let request = self.client.post(self.url(path)).bearer_auth(self.token(MONITOR).await).body(body);
        let request = request.header("content-type", "application/json");
        send(match encoding {
            Some(encoding) => request.header("content-encoding", encoding),
            None => request,
        })
        .await
    }

    async fn put(&self, rows: &Value) -> Answer {
        self.upload(&stream("Custom-DNSData"), None, rows.to_string().into_bytes()).await
    }

    async fn query(&self, body: &Value) -> Answer {
        let path = format!("/v1/workspaces/{WORKSPACE}/query");
        let request = self.client.post(self.url(&path)).bearer_auth(self.token(LOGS).await);
        send(request.header("content-type", "application/json").body(body.to_string())).await
    }

    /// The rows of a query that must succeed.
    async fn rows(&self, query: &str) -> Value {
        let answer = self.query(&json!({ "query": query })).await;
        assert_eq!(answer.status, 200, "{query}: {}", answer.text);
        answer.json()["tables"][0]["rows"].clone()
    }

    async fn heartbeats(&self, body: String) -> Answer {
        send(self.client.post(self.url("/standin/heartbeats")).body(body)).await
    }

    /// Asks until the rows are as they must be.
    async fn until(&self, query: &str, fits: impl Fn(&Value) -> bool) {
        let wait = async {
            while !fits(&self.rows(query).await) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("the rows in time");
    }
}

async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let header = response.headers().get("x-ms-error-code");
    let error_code = header.map(|value| value.to_str().expect("text").to_owned());
    let status = response.status().as_u16();
    let text = String::from_utf8(response.bytes().await.expect("a body").to_vec()).expect("text");
    Answer { status, error_code, text }
}

fn stream(name: &str) -> String {
    format!("/dataCollectionRules/{RULE}/streams/{name}?api-version=2023-01-01")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("finished")
}

fn sample(name: &str) -> Value {
    let path = format!("{}/tests/fixtures/monitor/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("a fixture")).expect("json")
}

#[tokio::test]
async fn an_upload_is_refused_as_azure_refuses_it() {
    let azure = Azure::start(Options::default()).await;
    let unknown = "/dataCollectionRules/dcr-ffffffffffffffffffffffffffffffff/streams/Custom-DNSData?api-version=2023-01-01";
    let large = vec![b' '; 1_048_577];
    let path = stream("Custom-DNSData");
    for (path, encoding, body, status, code) in [
        (path.as_str(), None, b"[]".to_vec(), 204, None),
        (&path, Some("gzip"), gzip(b"[{}]"), 204, None),
        (&path, None, Vec::new(), 500, None),
        (&path, None, b"{}".to_vec(), 400, Some("InvalidPayload")),
        (&path, None, b"[1]".to_vec(), 400, Some("InvalidPayload")),
        (&path, None, b"[".to_vec(), 400, Some("InvalidPayload")),
        (&path, Some("gzip"), b"[]".to_vec(), 400, Some("InvalidPayload")),
        (&path, Some("br"), b"[]".to_vec(), 400, Some("UnsupportedContentEncoding")),
        (&path, None, large.clone(), 413, Some("ContentLengthLimitExceeded")),
        (&path, Some("gzip"), gzip(&large), 413, Some("ContentLengthLimitExceeded")),
        (&stream("Custom-Other"), None, b"[]".to_vec(), 400, Some("InvalidStream")),
        (&path.replace("2023-01-01", "2020-01-01"), None, b"[]".to_vec(), 400, Some("InvalidApiVersion")),
        (unknown, None, b"[]".to_vec(), 404, Some("NotFound")),
    ] {
        let answer = azure.upload(path, encoding, body).await;
        assert_eq!((answer.status, answer.error_code.as_deref()), (status, code), "{path} {}", answer.text);
        let errors = if answer.text.is_empty() { Value::Null } else { answer.json() };
        assert_eq!(errors["error"]["code"].as_str(), code);
    }
    let missing = azure.upload(unknown, None, b"[]".to_vec()).await;
    assert_eq!(missing.json(), sample("ingestion-error-404.json"));
    let exact = azure.upload(&path, None, vec![b' '; 1_500_000]).await;
    assert_eq!(exact.json(), sample("ingestion-error-413.json"));
    let stranger = azure.client.post(azure.url(&path)).bearer_auth(azure.token(LOGS).await).body("[]");
    assert_eq!(send(stranger).await.status, 401);
    let mut world = World::default();
    world.rule["access"] = json!(false);
    *azure.standin.state().world_mut() = world;
    assert_eq!(azure.upload(&path, None, b"[]".to_vec()).await.json(), sample("ingestion-error-403.json"));
}

#[tokio::test]
async fn an_upload_keeps_what_the_stream_declares() {
    let azure = Azure::start(Options::default()).await;
    let now = standin::clock::wall();
    let hours = |hours: i64| (now - SignedDuration::from_hours(hours)).to_string();
    let long = "é".repeat(40_000);
    let rows = json!([
        { "DNSHostName_s": "fits", "TimeGenerated": hours(47), "TTL_d": 60, "IsAlias_b": true, "Other_s": "dropped" },
        { "DNSHostName_s": "too-old", "TimeGenerated": hours(49) },
        { "DNSHostName_s": "too-new", "TimeGenerated": hours(-25) },
        { "DNSHostName_s": "no-time", "TTL_d": "a text", "MarkTime_t": "never" },
        { "DNSHostName_s": long },
    ]);
    assert_eq!(azure.put(&rows).await.status, 204);
    let found = azure
        .rows("DNSData_CL | where strlen(DNSHostName_s) < 50 | extend age = datetime_diff('hour', now(), TimeGenerated) \
               | project DNSHostName_s, age, TTL_d, IsAlias_b, MarkTime_t, DNSIP_s | sort by DNSHostName_s asc")
        .await;
    let fits = found[0].as_array().expect("a row");
    assert!(fits[1] == 47 || fits[1] == 48, "{found}");
    assert_eq!(fits[2..], [json!(60.0), json!(true), Value::Null, json!("")]);
    for row in 1..4 {
        assert_eq!(found[row][1], 0, "{found}");
    }
    assert_eq!(found[1].as_array().expect("a row")[2..], [Value::Null, Value::Null, Value::Null, json!("")]);
    let lengths = azure.rows("DNSData_CL | extend n = strlen(DNSHostName_s) | summarize max(n)").await;
    assert_eq!(lengths, json!([[32_768]]), "64 KB of a letter that takes two bytes");
    let error = azure.query(&json!({ "query": "DNSData_CL | project Other_s" })).await;
    assert_eq!(error.status, 400);
}

#[tokio::test]
async fn an_upload_may_take_its_time() {
    let azure =
        Azure::start(Options { ingestion_delay: Duration::from_millis(400), ..Options::default() }).await;
    assert_eq!(azure.put(&json!([{ "DNSHostName_s": "late" }])).await.status, 204);
    assert_eq!(azure.rows("DNSData_CL | count").await, json!([[0]]));
    azure.until("DNSData_CL | count", |rows| rows[0][0] == 1).await;
}

#[tokio::test]
async fn each_table_may_take_its_own_time() {
    let azure = Azure::start(Options::default()).await;
    let own = async |method: reqwest::Method, body: &str| {
        let request =
            azure.client.request(method, azure.url("/standin/ingestion-delay")).body(body.to_owned());
        send(request).await
    };
    let change = async |name: &str| {
        let rows = json!([{ "DNSHostName_s": name }]).to_string().into_bytes();
        azure.upload(&stream("Custom-DNSChange"), None, rows).await.status
    };
    let changes = "DNSChange_CL | project DNSHostName_s | sort by DNSHostName_s asc";
    let delays = r#"{"DNSChange_CL":36000000,"DNSData_CL":0}"#;
    assert_eq!(own(reqwest::Method::PUT, delays).await.status, 200);
    assert_eq!(own(reqwest::Method::GET, "").await.text, delays);
    let time = (standin::clock::wall() - SignedDuration::from_mins(7)).to_string();
    let row = json!([{ "DNSHostName_s": "late", "TimeGenerated": time }]);
    let body = row.to_string().into_bytes();
    assert_eq!(azure.upload(&stream("Custom-DNSChange"), None, body).await.status, 204);
    assert_eq!(azure.put(&json!([{ "DNSHostName_s": "soon" }])).await.status, 204);
    assert_eq!(azure.rows("DNSData_CL | count").await, json!([[1]]));
    assert_eq!(azure.rows(changes).await, json!([]), "accepted, and not to be seen");
    assert_eq!(azure.standin.state().workspace().row_count("DNSChange_CL"), 0);

    // A shorter delay reaches what waits already, and no row comes before its time.
    let began = std::time::Instant::now();
    assert_eq!(change("next").await, 204);
    own(reqwest::Method::PUT, r#"{"DNSChange_CL":300}"#).await;
    azure.until(changes, |rows| *rows == json!([["late"], ["next"]])).await;
    assert!(began.elapsed() >= Duration::from_millis(300), "{:?}", began.elapsed());
    let age = "DNSChange_CL | where DNSHostName_s == 'late' | project datetime_diff('minute', now(), TimeGenerated)";
    let age = azure.rows(age).await;
    assert!(age == json!([[7]]) || age == json!([[8]]), "it keeps its time: {age}");

    own(reqwest::Method::PUT, delays).await;
    assert_eq!(change("ended").await, 204);
    assert_eq!(azure.rows("DNSChange_CL | count").await, json!([[2]]));
    assert_eq!(own(reqwest::Method::DELETE, "").await.status, 204);
    assert_eq!(azure.rows("DNSChange_CL | count").await, json!([[3]]));
    assert_eq!(own(reqwest::Method::GET, "").await.text, "{}");

    for (body, place) in [
        ("[]", "an object"),
        (r#"{"DNSChange":1}"#, "DNSChange: no stream"),
        (r#"{"Heartbeat":1}"#, "Heartbeat: no stream"),
        (r#"{"DNSChange_CL":-1}"#, "DNSChange_CL: milliseconds"),
        (r#"{"DNSChange_CL":"4m"}"#, "DNSChange_CL: milliseconds"),
    ] {
        let answer = own(reqwest::Method::PUT, body).await;
        let message = answer.json()["message"].as_str().unwrap_or_default().to_owned();
        assert!(answer.status == 400 && message.starts_with(place), "{body}: {message}");
    }
}

#[tokio::test]
async fn an_upload_may_be_answered_by_a_page_without_effect() {
    let azure = Azure::start(Options::default()).await;
    for status in [200, 202] {
        let page = "<html>Sign in</html>";
        let fault = json!([{ "path": "/streams/", "status": status, "body": page, "headers": { "Content-Type": "text/html" } }]);
        let put = azure.client.put(azure.url("/standin/faults")).body(fault.to_string());
        assert_eq!(send(put).await.status, 200);
        let answer = azure.put(&json!([{ "DNSHostName_s": "lost" }])).await;
        assert_eq!((answer.status, answer.text.as_str()), (status, page));
    }
    assert_eq!(azure.rows("DNSData_CL | count").await, json!([[0]]));
    assert_eq!(azure.put(&json!([{ "DNSHostName_s": "there" }])).await.status, 204);
    assert_eq!(azure.rows("DNSData_CL | count").await, json!([[1]]));
}

#[tokio::test]
async fn an_upload_may_land_though_it_is_refused() {
    let azure = Azure::start(Options::default()).await;
    let fault = json!([{ "path": "/streams/", "status": 504, "effect": true }]);
    send(azure.client.put(azure.url("/standin/faults")).body(fault.to_string())).await;
    assert_eq!(azure.put(&json!([{ "DNSHostName_s": "landed" }])).await.status, 504);
    assert_eq!(azure.rows("DNSData_CL | project DNSHostName_s").await, json!([["landed"]]));
}

#[tokio::test]
async fn queries_are_answered_in_every_form() {
    let azure = Azure::start(Options::default()).await;
    let now = standin::clock::wall();
    let before = |minutes: i64| (now - SignedDuration::from_mins(minutes)).to_string();
    let rows: Vec<Value> = [5, 50, 500]
        .map(|minutes| json!({ "Computer": format!("m{minutes}"), "TimeGenerated": before(minutes) }))
        .to_vec();
    assert_eq!(azure.heartbeats(Value::from(rows).to_string()).await.status, 200);
    let count = async |body: Value| {
        let mut body = body;
        body["query"] = json!("Heartbeat | count");
        azure.query(&body).await.json()["tables"][0]["rows"][0][0].clone()
    };
    assert_eq!(count(json!({})).await, 3);
    assert_eq!(count(json!({ "timespan": null, "workspaces": null })).await, 3);
    assert_eq!(count(json!({ "timespan": "PT3600.0S", "workspaces": [WORKSPACE] })).await, 2);
    assert_eq!(count(json!({ "timespan": format!("{}/{}", before(60), before(10)) })).await, 1);

    let token = azure.token(LOGS).await;
    let get = async |path: String| {
        let request = azure.client.get(azure.url(&path)).bearer_auth(&token);
        send(request).await
    };
    let by_get =
        get(format!("/v1/workspaces/{WORKSPACE}/query?query=Heartbeat%20%7C%20count&timespan=PT1H")).await;
    assert_eq!(by_get.json()["tables"][0]["rows"], json!([[2]]));
    let by_id = "/v1/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/RG-monitor/providers/\
                 Microsoft.OperationalInsights/workspaces/law-heartbeat/query?query=Heartbeat%7Ccount";
    assert_eq!(get(by_id.to_owned()).await.json()["tables"][0]["rows"], json!([[3]]));
    let both = azure.url(&format!("/workspaces/{WORKSPACE}/query?timespan=PT10M"));
    let body = json!({ "query": "Heartbeat | count", "timespan": "PT1H" }).to_string();
    let request =
        azure.client.post(both).bearer_auth(&token).header("content-type", "application/json").body(body);
    let request = request.header("prefer", "wait=30, include-statistics=true,include-render=true");
    let answer = send(request).await.json();
    assert_eq!(answer["tables"][0]["rows"], json!([[1]]), "both timespans count");
    assert_eq!(answer["tables"][0]["name"], "PrimaryResult");
    assert_eq!(answer["tables"][0]["columns"], json!([{ "name": "Count", "type": "long" }]));
    assert_eq!(answer["statistics"]["query"]["datasetStatistics"][0]["tableRowCount"], 1);
    assert!(answer["render"].is_object());
    let nothing =
        send(azure.client.post(azure.url(&format!("/v1/workspaces/{WORKSPACE}/query"))).bearer_auth(&token));
    let nothing = nothing.await;
    assert_eq!((nothing.status, nothing.text.as_str()), (200, ""));
}

#[tokio::test]
async fn queries_are_refused_in_azures_words() {
    let azure = Azure::start(Options::default()).await;
    let error = azure.query(&json!({ "query": "Heartbeat\n| where\n| joyn x" })).await;
    assert_eq!(error.status, 400);
    let error = error.json()["error"].clone();
    assert_eq!(error["code"], "BadArgumentError");
    assert_eq!(error["innererror"]["code"], "SyntaxError");
    assert!(error["innererror"]["innererror"]["line"].as_u64().is_some_and(|line| line >= 2), "{error}");
    let unknown = azure.query(&json!({ "query": "Nothing_CL | take 1" })).await;
    let error = &unknown.json()["error"]["innererror"];
    let words = "'' operator: Failed to resolve table or column or scalar expression named 'Nothing_CL'";
    let inner = json!({ "code": "SEM0100", "message": words, "line": 1, "pos": 0 });
    assert_eq!((&error["code"], &error["innererror"]), (&json!("SemanticError"), &inner));
    for body in [json!({}), json!({ "query": "" }), json!({ "query": "Heartbeat", "timespan": "an hour" })] {
        let answer = azure.query(&body).await;
        let code = &answer.json()["error"]["code"];
        assert_eq!((answer.status, code), (400, &json!("BadArgumentError")), "{body}");
    }
    let elsewhere = json!({ "query": "Heartbeat", "workspaces": ["00000000-0000-0000-0000-0000000000ff"] });
    assert_eq!(azure.query(&elsewhere).await.status, 400);

    let url = azure.url("/v1/workspaces/00000000-0000-0000-0000-0000000000ff/query?query=Heartbeat");
    let unknown = send(azure.client.get(&url).bearer_auth(azure.token(LOGS).await)).await;
    assert_eq!((unknown.status, &unknown.json()["error"]["code"]), (404, &json!("PathNotFoundError")));
    assert_eq!(send(azure.client.get(&url)).await.status, 401);
    assert_eq!(send(azure.client.get(&url).bearer_auth(azure.token(MONITOR).await)).await.status, 403);
}

#[tokio::test]
async fn a_resource_sees_its_own_rows() {
    let azure = Azure::start(Options::default()).await;
    azure.heartbeats("{\"Computer\":\"nas\"}\n{\"Computer\":\"desk\"}\n".to_owned()).await;
    let machine = "/v1/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-edge/providers/\
                   Microsoft.HybridCompute/machines/NAS/query?query=Heartbeat%7Cproject%20Computer";
    let answer = send(azure.client.get(azure.url(machine)).bearer_auth(azure.token(LOGS).await)).await;
    assert_eq!(answer.json()["tables"][0]["rows"], json!([["nas"]]), "{}", answer.text);
    let other = azure.url(&machine.replace("NAS", "nobody"));
    assert_eq!(send(azure.client.get(other).bearer_auth(azure.token(LOGS).await)).await.status, 404);
}

#[tokio::test]
async fn a_machine_goes_on_beating_from_its_new_address() {
    let options = Options { beat_every: Some(Duration::from_millis(30)), ..Options::default() };
    let azure = Azure::start(options).await;
    let old = (standin::clock::wall() - SignedDuration::from_mins(30)).to_string();
    let history = json!({ "Computer": "desk", "ComputerIP": "198.51.100.9", "TimeGenerated": old });
    azure.heartbeats(history.to_string()).await;
    let beats = "Heartbeat | where Computer == 'NAS' | summarize n = count() by ComputerIP, Resource, _ResourceId, \
                 tostring(ComputerPrivateIPs[0])";
    azure
        .heartbeats(
            json!([{ "Computer": "NAS", "ComputerIP": "198.51.100.7", "ComputerPrivateIPs": "[\"10.0.0.4\"]" }])
                .to_string(),
        )
        .await;
    azure.until(beats, |rows| rows[0][4].as_u64().is_some_and(|count| count >= 3)).await;
    let row = azure.rows(beats).await[0].clone();
    let id = "/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/rg-edge/providers/\
              microsoft.hybridcompute/machines/nas";
    assert_eq!(
        row.as_array().expect("a row")[..4],
        [json!("198.51.100.7"), json!("nas"), json!(id), json!("10.0.0.4")]
    );
    azure.heartbeats(json!({ "Computer": "nas", "ComputerIP": "203.0.113.7" }).to_string()).await;
    let newest = "Heartbeat | where Computer in~ ('nas') | summarize arg_max(TimeGenerated, ComputerIP) | project ComputerIP";
    azure.until(newest, |rows| rows[0][0] == "203.0.113.7").await;
    let desk = azure.rows("Heartbeat | where Computer == 'desk' | count").await;
    assert_eq!(desk, json!([[1]]), "history starts nothing");
    assert_eq!(azure.heartbeats("[1]".to_owned()).await.status, 400);
}
