//! Conditional writes: the table of contract azure-resource-manager, section 2.4.

use reqwest::Method;
use reqwest::header::HeaderValue;
use serde_json::json;

use crate::stage::{PRIVATE, Stage, ZONE, a};

#[tokio::test]
async fn conditions_of_a_put() {
    let stage = Stage::new().await;
    let path = format!("{ZONE}/A/nas.home");
    for (header, value) in [("If-Match", "*"), ("If-Match", "00000000-0000-0000-0000-000000000000")] {
        let got = stage.dns("PUT", &path, &[(header, value)], Some(&a("192.0.2.1"))).await;
        assert_eq!(got.status, 412, "nothing is there yet: {got:?}");
    }
    let got = stage.dns("PUT", &path, &[("If-None-Match", "*")], Some(&a("192.0.2.1"))).await;
    assert_eq!(got.status, 201);
    let first = got.header("etag").to_owned();
    assert_eq!(got.json()["etag"], json!(first), "the header equals the body's etag, unquoted");

    let got = stage.dns("PUT", &path, &[("If-None-Match", "*")], Some(&a("192.0.2.2"))).await;
    assert_eq!((got.status, got.code().as_str()), (412, "bare PreconditionFailed"));
    let message = got.json()["message"].clone();
    assert_eq!(message, "The Record set nas.home exists already and hence cannot be created again.");
    let got = stage.dns("PUT", &path, &[("If-None-Match", "other")], Some(&a("192.0.2.2"))).await;
    assert_eq!(got.status, 200, "other values are ignored");
    let second = got.header("etag").to_owned();
    assert_ne!(first, second, "every update makes a new etag");

    let got = stage.dns("PUT", &path, &[("If-Match", &first)], Some(&a("192.0.2.3"))).await;
    assert_eq!((got.status, got.code().as_str()), (412, "bare PreconditionFailed"));
    assert_eq!(got.json()["message"], "The Record set nas.home has been modified (etag mismatch).");
    for value in [second.clone(), "*".to_owned()] {
        let got = stage.dns("PUT", &path, &[("If-Match", &value)], Some(&a("192.0.2.3"))).await;
        assert_eq!(got.status, 200, "{got:?}");
    }
    let etag = stage.get(&path).await.header("etag").to_owned();
    let quoted = format!("\"{etag}\"");
    let got = stage.dns("PUT", &path, &[("If-Match", &quoted)], Some(&a("192.0.2.4"))).await;
    assert_eq!(got.status, 200, "quotes do not matter");
    let got = stage.dns("PUT", &path, &[], Some(&a("192.0.2.5"))).await;
    assert_eq!(got.status, 200, "without a condition anything is overwritten");
}

#[tokio::test]
async fn an_if_match_without_an_etag_is_refused() {
    let stage = Stage::new().await;
    stage.put_a("nas", "192.0.2.1").await;
    let token = stage.token_for("https://management.azure.com").await;
    for method in [Method::PUT, Method::PATCH, Method::DELETE] {
        let url = format!("{}{ZONE}/A/nas?api-version=2018-05-01", stage.base);
        let request = stage.http.request(method.clone(), url).bearer_auth(&token).header("If-Match", "");
        let request = request.header("Content-Type", "application/json");
        let got = request.body(a("192.0.2.2").to_string()).send().await.expect("an answer");
        assert_eq!(got.status(), 400, "{method}");
    }
    let shown = stage.get(&format!("{ZONE}/A/nas")).await.json();
    assert_eq!(shown["properties"]["ARecords"][0]["ipv4Address"], "192.0.2.1", "nothing was written");
}

#[tokio::test]
async fn etags_have_two_forms() {
    let stage = Stage::new().await;
    let zone = stage.get(ZONE).await.json()["etag"].as_str().expect("an etag").to_owned();
    assert!(zone.starts_with("00000002-0000-0000-"), "{zone}");
    let written = stage.dns("PUT", ZONE, &[], Some(&json!({ "location": "global" }))).await;
    assert_eq!(written.header("etag"), zone.replacen("00000002", "00000003", 1), "it counts up in front");
    let set = stage.put_a("nas", "192.0.2.1").await["etag"].as_str().expect("an etag").to_owned();
    assert!(set.len() == 36 && !set.starts_with("0000000"), "a plain GUID: {set}");
}

#[tokio::test]
async fn conditions_of_patch_and_delete() {
    let stage = Stage::new().await;
    let path = format!("{ZONE}/A/nas");
    let old = stage.put_a("nas", "192.0.2.1").await["etag"].clone();
    stage.put_a("nas", "192.0.2.2").await;
    let old = old.as_str().expect("an etag");
    let metadata = json!({ "properties": { "metadata": { "k": "v" } } });
    assert_eq!(stage.dns("PATCH", &path, &[("If-Match", old)], Some(&metadata)).await.status, 412);
    let got = stage.dns("PATCH", &path, &[], Some(&metadata)).await;
    let properties = got.json()["properties"].clone();
    assert_eq!((&properties["metadata"]["k"], &properties["TTL"]), (&json!("v"), &json!(60)), "a merge");
    assert_eq!(properties["ARecords"], json!([{ "ipv4Address": "192.0.2.2" }]));

    assert_eq!(stage.dns("DELETE", &path, &[("If-Match", old)], None).await.status, 412);
    assert_eq!(stage.dns("DELETE", &path, &[], None).await.status, 200);
    assert_eq!(stage.dns("DELETE", &path, &[], None).await.status, 204, "it was not there");
    let got = stage.dns("PATCH", &path, &[], Some(&metadata)).await;
    assert_eq!((got.status, got.code().as_str()), (404, "bare NotFound"));
}

#[tokio::test]
async fn zones_have_conditions_too() {
    let stage = Stage::new().await;
    let body = json!({ "location": "global" });
    let got = stage.dns("PUT", PRIVATE, &[("If-None-Match", "*")], Some(&body)).await;
    assert_eq!(got.status, 202, "{got:?}");
    assert_eq!(stage.get(PRIVATE).await.json()["type"], "Microsoft.Network/privateDnsZones");
    assert_eq!(stage.dns("PUT", ZONE, &[("If-Match", "x")], Some(&body)).await.status, 412);
    let got = stage.dns("DELETE", PRIVATE, &[], None).await;
    assert_eq!(got.status, 202);
    let status = got.header("azure-asyncoperation").strip_prefix(&stage.base).expect("our host").to_owned();
    for expected in ["InProgress", "Succeeded"] {
        assert_eq!(stage.send("GET", &status, &[], None).await.json()["status"], expected);
    }
    assert_eq!(stage.dns("DELETE", PRIVATE, &[], None).await.status, 204);
}

#[tokio::test]
async fn two_writers_with_one_etag_do_not_both_win() {
    let stage = Stage::new().await;
    let etag = stage.put_a("nas", "192.0.2.1").await["etag"].as_str().expect("an etag").to_owned();
    let path = format!("{ZONE}/A/nas");
    let (headers, one, two) = ([("If-Match", etag.as_str())], a("192.0.2.2"), a("192.0.2.3"));
    let (one, two) = tokio::join!(
        stage.dns("PUT", &path, &headers, Some(&one)),
        stage.dns("PUT", &path, &headers, Some(&two)),
    );
    let mut both = [one.status, two.status];
    both.sort_unstable();
    assert_eq!(both, [200, 412]);
}

#[tokio::test]
async fn a_condition_that_cannot_be_read_is_no_permission() {
    let stage = Stage::new().await;
    let etag = stage.put_a("nas", "192.0.2.1").await["etag"].as_str().expect("an etag").to_owned();
    let token = stage.token_for("https://management.azure.com").await;
    let put = async |values: &[&[u8]]| {
        let url = format!("{}{ZONE}/A/nas?api-version=2018-05-01", stage.base);
        let request = stage.http.put(url).bearer_auth(&token).header("Content-Type", "application/json");
        let request = values.iter().fold(request, |request, value| {
            request.header("If-Match", HeaderValue::from_bytes(value).expect("a value"))
        });
        request.body(a("192.0.2.2").to_string()).send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(put(&[b"\xff\xfe"]).await, 400);
    assert_eq!(put(&[b"other", b"another"]).await, 412);
    assert_eq!(stage.get(&format!("{ZONE}/A/nas")).await.header("etag"), etag, "nothing was written");
    assert_eq!(put(&[b"other", etag.as_bytes()]).await, 200, "two lines are one list");
}

#[tokio::test]
async fn only_a_put_can_ask_for_nothing_to_be_there() {
    let stage = Stage::new().await;
    stage.put_a("nas", "192.0.2.1").await;
    let path = format!("{ZONE}/A/nas");
    let headers = [("If-None-Match", "*")];
    let body = json!({ "properties": { "metadata": { "k": "v" } } });
    assert_eq!(stage.dns("PATCH", &path, &headers, Some(&body)).await.status, 200);
    assert_eq!(stage.dns("DELETE", &path, &headers, None).await.status, 200);
    assert_eq!(stage.get(&path).await.status, 404);
}

#[tokio::test]
async fn what_the_apex_holds_has_etags_as_well() {
    let stage = Stage::new().await;
    for (path, body) in [
        (format!("{ZONE}/SOA/@"), json!({ "properties": { "TTL": 900 } })),
        (format!("{ZONE}/NS/@"), stage.get(&format!("{ZONE}/NS/@")).await.json()),
    ] {
        let old = stage.get(&path).await.header("etag").to_owned();
        assert_eq!(
            stage.dns("PUT", &path, &[("If-None-Match", "*")], Some(&body)).await.status,
            412,
            "{path}"
        );
        let got = stage.dns("PUT", &path, &[("If-Match", &old)], Some(&body)).await;
        assert_eq!(got.status, 200, "{path}: {got:?}");
        assert_ne!(got.header("etag"), old, "every write makes a new etag, whatever it says");
        assert_eq!(stage.dns("PUT", &path, &[("If-Match", &old)], Some(&body)).await.status, 412, "{path}");
    }
}
