//! Management locks.

use std::time::Duration;

use serde_json::{Value, json};

use crate::stage::{Got, SUBSCRIPTION, Stage, ZONE, a};

async fn lock(stage: &Stage, method: &str, scope: &str, name: &str, level: Option<&str>) -> Got {
    let path = format!("{scope}/providers/Microsoft.Authorization/locks/{name}?api-version=2016-09-01");
    let body = level.map(|level| json!({ "properties": { "level": level, "notes": "why" } }));
    stage.send(method, &path, &[], body.as_ref()).await
}

#[tokio::test]
async fn read_only_stops_writes_and_reads_go_on() {
    let stage = Stage::new().await;
    stage.put_a("nas", "192.0.2.1").await;
    let got = lock(&stage, "PUT", ZONE, "keep", Some("ReadOnly")).await;
    assert_eq!(got.status, 201, "{got:?}");
    assert_eq!(
        got.json(),
        json!({
            "id": format!("{ZONE}/providers/Microsoft.Authorization/locks/keep"), "name": "keep",
            "type": "Microsoft.Authorization/locks", "properties": { "level": "ReadOnly", "notes": "why" },
        })
    );
    let below = format!("{}/A/nas", ZONE.to_ascii_uppercase().replace("DNSZONES", "dnszones"));
    let got = stage.dns("PUT", &below, &[], Some(&a("192.0.2.2"))).await;
    assert_eq!((got.status, got.code().as_str()), (409, "wrapped ScopeLocked"));
    let message = format!(
        "The scope '{below}' cannot perform write operation because following scope(s) are locked: '{ZONE}'. Please \
         remove the lock and try again."
    );
    assert_eq!(got.json()["error"]["message"], message);
    for (method, path) in [("PUT", "A/new"), ("PATCH", "A/nas"), ("DELETE", "A/nas"), ("PUT", "TXT/x")] {
        let got = stage.dns(method, &format!("{ZONE}/{path}"), &[], Some(&a("192.0.2.2"))).await;
        assert_eq!(got.status, 409, "{method} {path}");
    }
    assert_eq!(stage.dns("DELETE", ZONE, &[], None).await.code(), "wrapped ScopeLocked");
    let shown = stage.get(&format!("{ZONE}/A/nas")).await.json();
    assert_eq!(shown["properties"]["ARecords"], json!([{ "ipv4Address": "192.0.2.1" }]));
    assert_eq!(stage.get(&format!("{ZONE}/A/new")).await.status, 404);
    assert_eq!(lock(&stage, "DELETE", ZONE, "KEEP", None).await.status, 200);
    assert_eq!(lock(&stage, "DELETE", ZONE, "keep", None).await.status, 204, "it was not there");
    stage.put_a("nas", "192.0.2.2").await;
}

#[tokio::test]
async fn can_not_delete_stops_deletions_alone() {
    let stage = Stage::new().await;
    stage.put_a("nas", "192.0.2.1").await;
    lock(&stage, "PUT", ZONE, "keep", Some("cannotdelete")).await;
    stage.put_a("nas", "192.0.2.2").await;
    stage.put_a("new", "192.0.2.2").await;
    let got = stage.dns("DELETE", &format!("{ZONE}/A/nas"), &[], None).await;
    assert_eq!((got.status, got.code().as_str()), (409, "wrapped ScopeLocked"));
    assert!(got.text.contains("cannot perform delete operation"), "{got:?}");
}

#[tokio::test]
async fn a_lock_stops_what_lies_below_it_and_no_more() {
    let stage = Stage::new().await;
    stage.put_a("nas", "192.0.2.1").await;
    let (subscription, put) = (format!("/subscriptions/{SUBSCRIPTION}"), "PUT");
    let status = async |name: &str| {
        stage.dns(put, &format!("{ZONE}/A/{name}"), &[], Some(&a("192.0.2.2"))).await.status
    };
    for scope in [&subscription, &format!("{subscription}/resourceGroups/RG-DNS")] {
        assert_eq!(lock(&stage, put, scope, "wide", Some("ReadOnly")).await.status, 201, "{scope}");
        assert_eq!(status("nas").await, 409, "{scope}");
        let listed = stage
            .send(
                "GET",
                &format!("{ZONE}/providers/Microsoft.Authorization/locks?api-version=2020-05-01"),
                &[],
                None,
            )
            .await;
        assert_eq!(listed.json()["value"][0]["name"], "wide", "a lock further up is listed: {listed:?}");
        assert_eq!(lock(&stage, "DELETE", scope, "wide", None).await.status, 200, "a lock locks no lock");
    }
    lock(&stage, put, &format!("{subscription}/resourceGroups/rg-edge"), "other", Some("ReadOnly")).await;
    lock(&stage, put, &format!("{ZONE}/A/nas"), "one", Some("ReadOnly")).await;
    assert_eq!(status("nas").await, 409);
    assert_eq!(status("nas2").await, 201, "its name only begins like the locked one");
    assert_eq!(
        stage.dns("DELETE", ZONE, &[], None).await.status,
        409,
        "what is locked would go with the zone"
    );
}

#[tokio::test]
async fn a_deployment_fails_at_a_lock() {
    let stage = Stage::new().await;
    lock(&stage, "PUT", ZONE, "keep", Some("ReadOnly")).await;
    let set = json!({
        "type": "Microsoft.Network/dnsZones/A", "apiVersion": "2018-05-01", "name": "example.com/home",
        "properties": { "TTL": 60, "ARecords": [{ "ipv4Address": "192.0.2.1" }] },
    });
    let template = json!({ "contentVersion": "1.0.0.0", "resources": [set],
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#" });
    let path = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-dns/providers/Microsoft.Resources/deployments/d\
         ?api-version=2021-04-01"
    );
    let body = json!({ "properties": { "mode": "Incremental", "template": template } });
    assert_eq!(stage.send("PUT", &path, &[], Some(&body)).await.status, 201);
    let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
    let ended = loop {
        let shown = stage.send("GET", &path, &[], None).await.json()["properties"].clone();
        if shown["provisioningState"] == "Failed" {
            break shown;
        }
        assert!(
            shown["provisioningState"] != "Succeeded" && tokio::time::Instant::now() < deadline,
            "{shown}"
        );
        tokio::task::yield_now().await;
    };
    assert!(
        ended["error"]["details"][0]["message"].as_str().is_some_and(|text| text.contains("ScopeLocked"))
    );
}

#[tokio::test]
async fn locks_stand_in_the_world() {
    let stage = Stage::new().await;
    let id = format!("{ZONE}/providers/Microsoft.Authorization/locks/keep");
    stage.put_world(&json!({ "locks": [{ "id": id, "properties": { "level": "ReadOnly" } }] })).await;
    assert_eq!(stage.dns("PUT", &format!("{ZONE}/A/nas"), &[], Some(&a("192.0.2.1"))).await.status, 409);
    let world = stage.own("GET", "world", None).await.json();
    assert_eq!(world["locks"], json!([{ "id": id, "level": "ReadOnly" }]));
    stage.put_world(&world).await;
    assert_eq!(stage.own("GET", "world", None).await.json(), world);
    for (lock, place) in [(json!({ "id": ZONE }), "locks[0].id"), (json!({ "id": id }), "locks[0].level")] {
        let got = stage.own("PUT", "world", Some(&json!({ "locks": [lock] }))).await;
        assert!(got.status == 400 && got.text.contains(place), "{got:?}");
    }
    stage.put_world(&json!({ "locks": [] })).await;
    stage.put_a("nas", "192.0.2.1").await;
}

#[tokio::test]
async fn a_lock_that_cannot_be_is_refused() {
    let stage = Stage::new().await;
    let got = lock(&stage, "PUT", ZONE, "keep", Some("Forever")).await;
    assert_eq!((got.status, got.code().as_str()), (400, "wrapped InvalidRequestContent"));
    assert_eq!(lock(&stage, "GET", ZONE, "keep", None).await.code(), "wrapped LockNotFound");
    let nowhere = ZONE.replace("example.com", "example.net");
    assert_eq!(lock(&stage, "PUT", &nowhere, "keep", Some("ReadOnly")).await.status, 404);
    assert_eq!(lock(&stage, "PUT", &format!("{ZONE}/A/none"), "keep", Some("ReadOnly")).await.status, 404);
    let old = format!("{ZONE}/providers/Microsoft.Authorization/locks/keep?api-version=2014-01-01");
    let body: Value = json!({ "properties": { "level": "ReadOnly" } });
    assert_eq!(stage.send("PUT", &old, &[], Some(&body)).await.status, 400);
}
