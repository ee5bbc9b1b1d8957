//! Every request that was recorded from the real Functions host, each with the answer that its caller gets.

use serde_json::{Value, json};

use super::{fixtures, house};
use crate::handler::Handler;

/// Sends what was recorded, in the pieces of its way; gives the status and the answer.
async fn replay(handler: &Handler, recorded: &Value) -> (u16, Value) {
    let path = recorded["request"].as_str().unwrap().split(' ').nth(1).unwrap();
    let pieces: Vec<_> = recorded["body"].to_string().into_bytes().chunks(4096).map(<[u8]>::to_vec).collect();
    let pieces = futures::stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>));
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut request = client.post(format!("http://{}{path}", handler.place()));
    for (name, value) in recorded["headers"].as_object().unwrap() {
        if name != "Host" && name != "Transfer-Encoding" {
            request = request.header(name, value.as_str().unwrap());
        }
    }
    let answer = request.body(reqwest::Body::wrap_stream(pieces)).send().await.unwrap();
    let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
    (status, serde_json::from_str(&text).unwrap())
}

/// Name of the file, what the caller gets, where to look in it, and what stands there.
const CALLERS: [(&str, u64, &str, &str); 11] = [
    ("alert-fired", 200, "/trigger", "alert"),
    ("array", 400, "/error", "the body is not a JSON object"),
    ("broken-json", 400, "/error", "the body is not JSON"),
    ("chunked-body-dropped", 411, "/error", "send it with a Content-Length"),
    ("empty", 200, "/mode", "plan"),
    ("get-with-query", 400, "/error", "\"name\" in the query is not one of names, zone, mode"),
    ("json-unicode", 400, "/error", "\"a\" is not one of mode, names, zone, wait"),
    ("manual-plan", 200, "/mode", "plan"),
    ("octet-stream", 400, "/error", "the body is not JSON"),
    ("string", 400, "/error", "\"a\" is not one of mode, names, zone, wait"),
    ("text", 400, "/error", "the body is not JSON"),
];

/// Name of the file, and whether the collector sweeps in full although it has just swept.
const TICKS: [(&str, bool); 2] = [("admin-invoke-timer", true), ("timer", false)];

#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_request_has_its_answer() {
    let house = house().await;
    let handler = house.serve().await;
    let mut answered = 0;
    for (file, text) in fixtures("functions-host") {
        let recorded: Value = serde_json::from_str(&text).unwrap();
        let name = file.trim_end_matches(".json");
        // What the host tells of itself is asked for elsewhere.
        if name == "application-insights" {
            continue;
        }
        answered += 1;
        let (status, answer) = replay(&handler, &recorded).await;
        assert_eq!(status, 200, "{name}: {answer}");
        if let Some((_, sweeps)) = TICKS.iter().find(|(known, _)| *known == name) {
            let log = answer["Logs"][0].as_str().unwrap();
            assert_eq!(
                (log.contains("swept 2 of 2 parts"), &answer["Outputs"]),
                (*sweeps, &json!({})),
                "{log}"
            );
            continue;
        }
        let expected = CALLERS.iter().find(|(known, ..)| *known == name);
        let (_, status, place, words) = expected.unwrap_or_else(|| panic!("{name}: no answer is expected"));
        let res = &answer["Outputs"]["res"];
        let body: Value = serde_json::from_str(res["body"].as_str().unwrap()).unwrap();
        assert_eq!(res["statusCode"], *status, "{name}: {body}");
        let said = body.pointer(place).and_then(Value::as_str).unwrap_or_else(|| panic!("{name}: {body}"));
        assert!(said.contains(words), "{name}: {said}");
    }
    assert_eq!(answered, CALLERS.len() + TICKS.len());
}
