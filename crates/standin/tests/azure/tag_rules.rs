//! What tags may be, wherever they are written.

use serde_json::{Map, Value, json};

use crate::stage::{PRIVATE, SUBSCRIPTION, Stage, ZONE};

/// Everything that has tags: the path, the api-version, the most tags, and the rest of a body.
fn tagged() -> [(String, &'static str, usize, Value); 5] {
    let subscription = format!("/subscriptions/{SUBSCRIPTION}");
    let machine =
        format!("{subscription}/resourceGroups/rg-edge/providers/Microsoft.HybridCompute/machines/nas");
    let network =
        format!("{subscription}/resourceGroups/rg-dns/providers/Microsoft.Network/virtualNetworks/v");
    let link = json!({ "location": "global", "properties": { "virtualNetwork": { "id": network } } });
    [
        (ZONE.to_owned(), "2018-05-01", 15, json!({ "location": "global" })),
        (PRIVATE.to_owned(), "2024-06-01", 15, json!({ "location": "global" })),
        (format!("{PRIVATE}/virtualNetworkLinks/v"), "2024-06-01", 15, link),
        (machine, "2022-12-27", 50, json!({ "location": "westeurope" })),
        (
            format!("{subscription}/resourceGroups/rg-tags"),
            "2021-04-01",
            50,
            json!({ "location": "westeurope" }),
        ),
    ]
}

fn many(count: usize) -> Value {
    Value::Object((0..count).map(|number| (format!("t{number}"), json!("x"))).collect::<Map<_, _>>())
}

fn one(name: &str, value: &str) -> Value {
    json!({ name: value })
}

/// Tags that cannot be, and the refusals.
fn bad(most: usize) -> Vec<(&'static str, Value)> {
    let mut bad: Vec<(&str, Value)> = ["<", ">", "%", "&", "\\", "?", "/", "\u{1}", "\n"]
        .iter()
        .map(|letter| ("wrapped InvalidTagNameCharacters", one(&format!("a{letter}b"), "x")))
        .collect();
    bad.push(("wrapped InvalidTagName", one(&"n".repeat(513), "x")));
    bad.push(("wrapped InvalidTagValueLength", one("a", &"v".repeat(257))));
    bad.push(("wrapped InvalidRequestContent", json!({ "a": null })));
    bad.push(("wrapped InvalidRequestContent", json!({ "a": 1 })));
    bad.push(("wrapped InvalidRequestContent", json!([])));
    // DNS has rules of its own, and its own envelope.
    let of_dns = most < 50;
    bad.push((if of_dns { "bare BadRequest" } else { "wrapped InvalidTags" }, many(most + 1)));
    if of_dns {
        bad.extend(["a b", "a(b", "a:b"].map(|name| ("bare BadRequest", one(name, "x"))));
    }
    bad
}

#[tokio::test]
async fn whoever_has_tags_keeps_their_rules() {
    let stage = Stage::new().await;
    for (path, version, most, body) in tagged() {
        let path = format!("{path}?api-version={version}");
        let with = |tags: &Value| {
            let mut body = body.clone();
            body["tags"] = tags.clone();
            body
        };
        let good = with(&json!({ "n".repeat(512): "v".repeat(256), "empty": "" }));
        for (method, fits) in [("PUT", good), ("PATCH", json!({ "tags": many(most) }))] {
            let got = stage.send(method, &path, &[], Some(&fits)).await;
            assert!([200, 201, 202].contains(&got.status), "{method} {path}: {got:?}");
            for (code, tags) in bad(most) {
                let body = if method == "PUT" { with(&tags) } else { json!({ "tags": tags }) };
                let got = stage.send(method, &path, &[], Some(&body)).await;
                assert_eq!((got.status, got.code()), (400, code.to_owned()), "{method} {path} {tags}");
            }
        }
        let shown = stage.send("GET", &path, &[], None).await.json();
        assert_eq!(shown["tags"], many(most), "{path}: nothing that was refused is there");
    }
}

#[tokio::test]
async fn names_that_differ_by_case_alone_are_one() {
    let stage = Stage::new().await;
    let tags = json!({ "key": "first", "KEY": "last", "other": "x" });
    let left = json!({ "KEY": "last", "other": "x" });
    for (path, version, _, body) in tagged() {
        let mut body = body;
        body["tags"] = tags.clone();
        let path = format!("{path}?api-version={version}");
        stage.send("PUT", &path, &[], Some(&body)).await;
        assert_eq!(stage.send("GET", &path, &[], None).await.json()["tags"], left, "{path}");
    }
    let path = format!("{ZONE}/providers/Microsoft.Resources/tags/default?api-version=2021-04-01");
    let body = json!({ "properties": { "tags": tags } });
    assert_eq!(stage.send("PUT", &path, &[], Some(&body)).await.json()["properties"]["tags"], left);
}

#[tokio::test]
async fn a_body_without_tags_removes_none() {
    let stage = Stage::new().await;
    let path = format!("{ZONE}/providers/Microsoft.Resources/tags/default?api-version=2021-04-01");
    let tags = json!({ "a": "1" });
    let put = async |method: &str, body: Value| stage.send(method, &path, &[], Some(&body)).await.status;
    assert_eq!(put("PUT", json!({ "properties": { "tags": tags } })).await, 200);
    for (method, body) in [
        ("PUT", json!({})),
        ("PUT", json!({ "properties": {} })),
        ("PUT", json!({ "properties": { "tags": [] } })),
        ("PUT", json!({ "properties": { "tags": { "a": null } } })),
        ("PUT", json!({ "properties": { "tags": { "a": 1 } } })),
        ("PATCH", json!({ "operation": "Replace" })),
        ("PATCH", json!({ "operation": "Replace", "properties": null })),
        ("PATCH", json!({ "operation": "Swap", "properties": { "tags": {} } })),
        ("PATCH", json!({ "operation": 1, "properties": { "tags": {} } })),
        ("PATCH", json!({ "properties": { "tags": {} } })),
    ] {
        assert_eq!(put(method, body.clone()).await, 400, "{method} {body}");
    }
    assert_eq!(stage.get(ZONE).await.json()["tags"], tags);
}

#[tokio::test]
async fn merging_goes_up_to_the_limit_and_not_beyond() {
    let stage = Stage::new().await;
    let (machine, _, most, _) = tagged()[3].clone();
    let path = format!("{machine}/providers/Microsoft.Resources/tags/default?api-version=2021-04-01");
    let send = async |method: &str, operation: &str, tags: Value| {
        let body = json!({ "operation": operation, "properties": { "tags": tags } });
        stage.send(method, &path, &[], Some(&body)).await.status
    };
    assert_eq!(send("PUT", "", many(most)).await, 200);
    assert_eq!(send("PATCH", "Merge", one("one-more", "x")).await, 400);
    assert_eq!(send("PATCH", "Merge", one("T0", "changed")).await, 200, "it is there already");
    assert_eq!(send("PATCH", "Delete", one("T0", "changed")).await, 200);
    assert_eq!(send("PATCH", "Merge", one("one-more", "x")).await, 200);
}

#[tokio::test]
async fn names_are_defined_by_the_same_rules() {
    let stage = Stage::new().await;
    let put = async |below: String| {
        let path = format!("/subscriptions/{SUBSCRIPTION}/tagNames/{below}?api-version=2021-04-01");
        stage.send("PUT", &path, &[], None).await.status
    };
    assert_eq!(put("a%3Cb".to_owned()).await, 400);
    assert_eq!(put("n".repeat(513)).await, 400);
    assert_eq!(put("n".repeat(512)).await, 201);
    for reserved in ["microsoft-x", "Azure", "windowsName"] {
        assert_eq!(put(reserved.to_owned()).await, 400, "{reserved}");
    }
    assert_eq!(put("env".to_owned()).await, 201);
    assert_eq!(put(format!("env/tagValues/{}", "v".repeat(257))).await, 400);
    assert_eq!(put(format!("env/tagValues/{}", "v".repeat(256))).await, 201);
}
