//! Requests of the SDKs, and the shape that Azure's answer to each has: status, headers, members and their JSON types.
//!
//! Requests and shapes are written by hand after Azure's published descriptions and examples; none is a copy.

use std::path::Path;
use std::time::Duration;

use reqwest::header::CONTENT_TYPE;
use serde_json::{Map, Value};

use crate::stage::{Got, Stage};

/// Fewer than there are would mean that a file is no longer read.
const FEWEST: usize = 90;

#[tokio::test]
async fn answers_have_the_shape_of_azures() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/shapes");
    let files = std::fs::read_dir(folder).expect("fixtures").map(|entry| entry.expect("a file").path());
    let (mut faults, mut count) = (Vec::new(), 0);
    for file in files.filter(|file| file.extension().is_some_and(|extension| extension == "json")) {
        let stage = Stage::new().await;
        let written: Value = serde_json::from_slice(&std::fs::read(&file).expect("a file")).expect("JSON");
        let named = written["shapes"].as_object().expect("shapes");
        let mut before = None;
        for request in written["requests"].as_array().expect("requests") {
            let got = ask(&stage, request, before.as_ref()).await;
            let what = request["what"].as_str().expect("words");
            let mut differs = Vec::new();
            judge(request, &got, named, &mut differs);
            faults.extend(differs.into_iter().map(|fault| format!("{what}: {fault}")));
            count += 1;
            before = Some(got);
        }
    }
    assert!(faults.is_empty(), "{} differ:\n{}", faults.len(), faults.join("\n"));
    assert!(count >= FEWEST, "{count}");
}

/// Sends a request; in its address stands what the answer before said where to look.
async fn ask(stage: &Stage, request: &Value, before: Option<&Got>) -> Got {
    if let Some(wait) = request["after_ms"].as_u64() {
        tokio::time::sleep(Duration::from_millis(wait)).await;
    }
    let tenant = stage.standin.state().world().tenant.clone();
    let fill = |text: &str| {
        let text = text.replace("{tenant}", &tenant).replace("{now}", &standin::clock::wall().to_string());
        text.replace("{identity}", &stage.standin.state().options.identity_header)
    };
    let path = fill(request["path"].as_str().expect("a path"));
    let path = match path.strip_prefix('{').and_then(|header| header.strip_suffix('}')) {
        Some(header) => before.expect("an answer").header(header).replace(&stage.base, ""),
        None => path,
    };
    let method = request["method"].as_str().expect("a method").parse().expect("a method");
    let mut http = stage.http.request(method, format!("{}{path}", stage.base));
    match request["audience"].as_str().unwrap_or("https://management.azure.com") {
        "" => {}
        audience => http = http.bearer_auth(stage.token_for(audience).await),
    }
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        http = http.header(name, fill(value.as_str().expect("text")));
    }
    if let Some(form) = request["form"].as_str() {
        http = http.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.to_owned());
    } else if !request["body"].is_null() {
        http = http.header(CONTENT_TYPE, "application/json").body(fill(&request["body"].to_string()));
    }
    let reply = http.send().await.expect("an answer");
    let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
    Got { status, headers, text: reply.text().await.expect("a body") }
}

/// What an answer lacks, and what it has too much.
fn judge(request: &Value, got: &Got, named: &Map<String, Value>, faults: &mut Vec<String>) {
    if u64::from(got.status) != request["status"] {
        faults.push(format!("{} instead of {}: {}", got.status, request["status"], got.text));
        return;
    }
    for header in request["needs"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if got.header(header).is_empty() {
            faults.push(format!("no header {header}"));
        }
    }
    match (request.get("shape"), got.text.as_str()) {
        (None, "") => {}
        (None, text) => faults.push(format!("a body: {text}")),
        (Some(shape), _) => compare("", &got.json(), shape, named, faults),
    }
}

/// Compares a value with a shape: a word for a kind of value, several with bars between, `@` before one that is named in
/// the file; a list with the shape of each element; members, of which those with a question mark may be missing, and one
/// named `*` speaks for all.
fn compare(at: &str, value: &Value, shape: &Value, named: &Map<String, Value>, faults: &mut Vec<String>) {
    match (shape, value) {
        (Value::String(kinds), _) => {
            let mut nearest: Option<Vec<String>> = None;
            for kind in kinds.split('|') {
                let mut own = Vec::new();
                match kind.strip_prefix('@') {
                    Some(name) => compare(at, value, &named[name], named, &mut own),
                    None if kind == "any" || kind == kind_of(value) => {}
                    None => own.push(format!("{at} is {} and not {kind}", kind_of(value))),
                }
                if nearest.as_ref().is_none_or(|nearest| own.len() < nearest.len()) {
                    nearest = Some(own);
                }
            }
            faults.extend(nearest.into_iter().flatten());
        }
        (Value::Array(shapes), Value::Array(values)) => {
            for (place, value) in values.iter().enumerate() {
                compare(&format!("{at}[{place}]"), value, &shapes[0], named, faults);
            }
        }
        (Value::Object(shapes), Value::Object(members)) => {
            for (name, shape) in shapes.iter().filter(|(name, _)| *name != "*") {
                let plain = name.trim_end_matches('?');
                match members.get(plain) {
                    Some(value) => compare(&format!("{at}.{plain}"), value, shape, named, faults),
                    None if name.ends_with('?') => {}
                    None => faults.push(format!("{at}.{plain} is missing")),
                }
            }
            for (name, value) in members {
                if shapes.contains_key(name) || shapes.contains_key(&format!("{name}?")) {
                    continue;
                }
                match shapes.get("*") {
                    Some(shape) => compare(&format!("{at}.{name}"), value, shape, named, faults),
                    None => faults.push(format!("{at}.{name} is too much")),
                }
            }
        }
        _ => faults.push(format!("{at} is {}", kind_of(value))),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "truth",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}
