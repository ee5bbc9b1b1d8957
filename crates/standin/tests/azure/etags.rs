//! Conditional writes: the table of contract azure-resource-manager, section 2.4.

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
    assert_eq!((got.status, got.code().as_str()), (412, "wrapped PreconditionFailed"));
    let got = stage.dns("PUT", &path, &[("If-None-Match", "other")], Some(&a("192.0.2.2"))).await;
    assert_eq!(got.status, 200, "other values are ignored");
    let second = got.header("etag").to_owned();
    assert_ne!(first, second, "every update makes a new etag");

    let got = stage.dns("PUT", &path, &[("If-Match", &first)], Some(&a("192.0.2.3"))).await;
    assert_eq!((got.status, got.code().as_str()), (412, "bare PreconditionFailed"));
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
    assert_eq!(got.status, 201, "{got:?}");
    assert_eq!(got.json()["type"], "Microsoft.Network/privateDnsZones");
    assert_eq!(stage.dns("PUT", PRIVATE, &[("If-None-Match", "*")], Some(&body)).await.status, 412);
    assert_eq!(stage.dns("PUT", ZONE, &[("If-Match", "x")], Some(&body)).await.status, 412);
    let got = stage.dns("DELETE", PRIVATE, &[], None).await;
    assert_eq!(got.status, 202);
    let status = got.header("azure-asyncoperation").strip_prefix(&stage.base).expect("our host").to_owned();
    assert_eq!(stage.send("GET", &status, &[], None).await.json()["status"], "Succeeded");
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
