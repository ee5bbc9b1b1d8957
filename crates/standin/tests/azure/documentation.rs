//! What docs/local.md says about the stand-in's own surface is so.

use serde_json::Value;

use crate::stage::Stage;

fn text() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/local.md");
    std::fs::read_to_string(path).expect("the documentation")
}

#[tokio::test]
async fn each_call_of_the_table_is_answered() {
    let stage = Stage::new().await;
    let text = text();
    let rows = text.lines().filter(|line| line.starts_with("| `") && line.contains("/standin/"));
    let mut calls = 0;
    for row in rows {
        let cell = row.split('|').nth(1).expect("a first cell");
        let (_, name) = cell.split_once("/standin/").expect("a call");
        let name = name.trim().trim_end_matches('`');
        let methods: Vec<&str> = cell.split('`').filter_map(|part| part.split_whitespace().next()).collect();
        for method in ["GET", "PUT", "POST", "DELETE"] {
            let got = stage.own(method, name, None).await;
            let answered = !matches!(got.status, 404 | 405);
            assert_eq!(answered, methods.contains(&method), "{method} {name}: {got:?}");
            calls += usize::from(answered);
        }
    }
    assert!(calls > 15, "{calls}");
    for unknown in ["tokens", "tokens/issue", "colours"] {
        assert_eq!(stage.own("POST", unknown, None).await.status, 404, "{unknown}");
    }
}

#[tokio::test]
async fn each_example_is_taken() {
    let stage = Stage::new().await;
    let text = text();
    let examples: Vec<&str> = text.split("curl -X ").skip(1).collect();
    assert!(examples.len() >= 6, "the page has lost its examples: {}", examples.len());
    for example in examples {
        let (method, rest) = example.split_once(" http://127.0.0.1:7072/standin/").expect("a call");
        let (name, rest) = rest.split_once(" -d '").expect("a body");
        let (body, _) = rest.split_once('\'').expect("its end");
        let body: Value = serde_json::from_str(body).expect("JSON");
        let got = stage.own(method, name, Some(&body)).await;
        assert_eq!(got.status, 200, "{method} {name}: {got:?}");
    }
}
