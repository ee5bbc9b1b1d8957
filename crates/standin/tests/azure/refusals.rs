//! What Azure refuses, is refused; what it shows in its own odd way, is shown so.

use serde_json::{Value, json};

use crate::stage::{PRIVATE, SUBSCRIPTION, Stage, ZONE, a, a_set};

#[tokio::test]
async fn the_two_404s_differ() {
    let stage = Stage::new().await;
    let code = async |path: String| {
        let got = stage.get(&path).await;
        (got.status, got.code())
    };
    assert_eq!(code(format!("{ZONE}/A/none")).await, (404, "bare NotFound".to_owned()));
    let other = ZONE.replace("example.com", "example.net");
    assert_eq!(code(format!("{other}/A/none")).await, (404, "wrapped ResourceNotFound".to_owned()));
    let other = ZONE.replace("rg-dns", "rg-none");
    assert_eq!(code(other).await, (404, "wrapped ResourceGroupNotFound".to_owned()));
    let other = ZONE.replace("000000000001", "000000000009");
    assert_eq!(code(other).await, (404, "wrapped SubscriptionNotFound".to_owned()));
    assert_eq!(code(format!("{ZONE}/SPF/x")).await, (404, "wrapped InvalidResourceType".to_owned()));
}

#[tokio::test]
async fn api_versions_are_judged() {
    let stage = Stage::new().await;
    for (query, status) in [
        ("?api-version=2018-05-01", 200),
        ("?api-version=2023-07-01-preview", 200),
        ("?API-Version=2018-05-01", 200),
        ("", 400),
        ("?api-version=", 400),
        ("?api-version=2018-05-02", 400),
        ("?api-version=2024-06-01", 400),
        ("?api-version=new", 400),
    ] {
        let got = stage.send("GET", &format!("{ZONE}{query}"), &[], None).await;
        assert_eq!(got.status, status, "{query}: {got:?}");
        assert!(status == 200 || got.code().starts_with("wrapped "), "{got:?}");
    }
}

#[tokio::test]
async fn bodies_that_cannot_be() {
    let stage = Stage::new().await;
    let set = |members: Value| json!({ "properties": members });
    let many: Vec<Value> = (1..=21).map(|last| json!({ "ipv4Address": format!("192.0.2.{last}") })).collect();
    let good = json!([{ "ipv4Address": "192.0.2.1" }]);
    for (kind, body) in [
        ("A", set(json!({ "TTL": 60, "ARecords": [{ "ipv4Address": "192.0.2.256" }] }))),
        ("A", set(json!({ "TTL": 60, "ARecords": [{ "ipv4Address": "2001:db8::1" }] }))),
        ("A", set(json!({ "TTL": 60, "ARecords": ["192.0.2.1"] }))),
        ("A", set(json!({ "TTL": 60, "ARecords": many }))),
        ("A", set(json!({ "TTL": 0, "ARecords": good }))),
        ("A", set(json!({ "TTL": 2_147_483_648_u32, "ARecords": good }))),
        ("A", set(json!({ "ARecords": good }))),
        ("A", set(json!({ "TTL": 60, "ARecords": good, "metadata": { "a": 1 } }))),
        ("A", set(json!({ "TTL": 60, "ARecords": good, "targetResource": { "id": format!("{ZONE}/A/x") } }))),
        ("A", set(json!({ "TTL": 60, "targetResource": { "id": format!("{ZONE}/A/x") } }))),
        ("A", set(json!({ "TTL": 60, "AAAARecords": [{ "ipv6Address": "2001:db8::1" }] }))),
        ("AAAA", set(json!({ "TTL": 60, "AAAARecords": [{ "ipv6Address": "192.0.2.1" }] }))),
        ("TXT", set(json!({ "TTL": 60, "TXTRecords": [{ "value": ["x".repeat(256)] }] }))),
        ("TXT", set(json!({ "TTL": 60, "TXTRecords": [{ "value": "x" }] }))),
    ] {
        let got = stage.dns("PUT", &format!("{ZONE}/{kind}/nas"), &[], Some(&body)).await;
        assert_eq!(got.status, 400, "{body}: {got:?}");
    }
    let got = stage.send("PUT", &format!("{ZONE}/A/nas?api-version=2018-05-01"), &[], None).await;
    assert_eq!(got.status, 400, "no body at all");
    assert_eq!(stage.get(&format!("{ZONE}/A/nas")).await.status, 404, "nothing was written");
}

#[tokio::test]
async fn names_that_cannot_be() {
    let stage = Stage::new().await;
    let put = async |kind: &str, name: &str, body: Value| {
        stage.dns("PUT", &format!("{ZONE}/{kind}/{name}"), &[], Some(&body)).await.status
    };
    let cname = json!({ "properties": { "TTL": 60, "CNAMERecord": { "cname": "www.example.net" } } });
    assert_eq!(put("CNAME", "old", cname.clone()).await, 201);
    assert_eq!(put("A", "old", a("192.0.2.1")).await, 400, "a CNAME stands there");
    assert_eq!(put("A", "web", a("192.0.2.1")).await, 201);
    assert_eq!(put("CNAME", "web", cname.clone()).await, 400, "an A set stands there");
    assert_eq!(put("CNAME", "@", cname.clone()).await, 400);
    assert_eq!(put("A", "a..b", a("192.0.2.1")).await, 400);
    assert_eq!(put("A", "a%20b", a("192.0.2.1")).await, 400);
    assert_eq!(put("A", "a.*", a("192.0.2.1")).await, 400);
    assert_eq!(put("A", &"x".repeat(64), a("192.0.2.1")).await, 400);
    assert_eq!(put("A", "*.dyn", a("192.0.2.1")).await, 201);
    let ns = json!({ "properties": { "TTL": 60, "NSRecords": [{ "nsdname": "ns.example.net." }] } });
    assert_eq!(put("NS", "@", ns.clone()).await, 400, "Azure's own name servers stay");
    assert_eq!(put("NS", "sub", ns).await, 201);
    assert_eq!(stage.dns("DELETE", &format!("{ZONE}/NS/@"), &[], None).await.status, 400);
    assert_eq!(stage.dns("DELETE", &format!("{ZONE}/SOA/@"), &[], None).await.status, 400);
}

#[tokio::test]
async fn sets_are_shown_as_azure_shows_them() {
    let stage = Stage::new().await;
    let body = json!({ "properties": {
        "ttl": 60, "aRecords": [{ "ipv4Address": "192.0.2.1" }], "metadata": { "k": "v" },
    } });
    let lower = ZONE.to_ascii_lowercase();
    let got = stage.dns("PUT", &format!("{lower}/a/Nas.home"), &[], Some(&body)).await;
    assert_eq!(got.status, 201, "paths and members in any case");
    assert!(
        got.text.contains("\\/dnszones\\/example.com\\/A\\/nas.home"),
        "slashes are escaped: {}",
        got.text
    );
    let shown = stage.get(&format!("{ZONE}/A/nas.HOME")).await.json();
    assert_eq!(shown["id"], ZONE.replace("dnsZones", "dnszones") + "/A/nas.home");
    assert_eq!(shown["type"], "Microsoft.Network/dnszones/A");
    assert_eq!(
        shown["properties"],
        json!({
            "metadata": { "k": "v" }, "fqdn": "nas.home.example.com.", "TTL": 60,
            "ARecords": [{ "ipv4Address": "192.0.2.1" }], "targetResource": {}, "provisioningState": "Succeeded",
        })
    );

    let alias =
        json!({ "properties": { "TTL": 60, "targetResource": { "id": format!("{ZONE}/A/nas.home") } } });
    let got = stage.dns("PUT", &format!("{ZONE}/A/alias"), &[], Some(&alias)).await;
    assert_eq!(got.json()["properties"].get("ARecords"), None, "an alias has no addresses");
    let got = stage.dns("PUT", &format!("{ZONE}/A/alias"), &[], Some(&a("192.0.2.9"))).await;
    assert_eq!(got.json()["properties"]["targetResource"], json!({}), "overwritten without a word");

    stage.dns("PUT", &format!("{ZONE}/A/alias"), &[], Some(&alias)).await;
    stage.dns("DELETE", &format!("{ZONE}/A/nas.home"), &[], None).await;
    let shown = stage.get(&format!("{ZONE}/A/alias")).await.json();
    assert_eq!(shown["properties"]["targetResource"], json!({}), "its target is gone, it is empty");

    let soa = stage.get(&format!("{ZONE}/SOA/@")).await.json();
    assert_eq!(soa["properties"]["SOARecord"]["serialNumber"], 1, "it never moves");
}

#[tokio::test]
async fn private_sets_have_their_own_casing() {
    let stage = Stage::new().await;
    stage.dns("PUT", PRIVATE, &[], Some(&json!({ "location": "global" }))).await;
    let body = json!({ "properties": { "ttl": 60, "aRecords": [{ "ipv4Address": "10.0.0.4" }] } });
    let got = stage.dns("PUT", &format!("{PRIVATE}/A/nas"), &[("If-None-Match", "*")], Some(&body)).await;
    let shown = got.json();
    assert_eq!(shown["type"], "Microsoft.Network/privateDnsZones/A");
    assert_eq!(
        shown["properties"],
        json!({
            "fqdn": "nas.corp.internal.", "ttl": 60, "isAutoRegistered": false,
            "aRecords": [{ "ipv4Address": "10.0.0.4" }],
        })
    );
    for list in ["ALL", "aLL", "all"] {
        let got = stage.get(&format!("{PRIVATE}/{list}")).await;
        assert_eq!(got.json()["value"].as_array().map(Vec::len), Some(2), "the SOA and ours");
    }
    assert_eq!(stage.get(&format!("{PRIVATE}/recordsets")).await.status, 404);
    assert_eq!(stage.get(&format!("{PRIVATE}/NS")).await.status, 404);
}

#[tokio::test]
async fn a_full_zone_takes_no_more() {
    let stage = Stage::new().await;
    let sets: Vec<Value> = (0..9_998).map(|number| a_set(&format!("m{number}"), "192.0.2.1")).collect();
    stage.put_world(&json!({ "zones": [{ "id": ZONE, "recordSets": sets }] })).await;
    let zone = stage.get(ZONE).await.json();
    assert_eq!(zone["properties"]["numberOfRecordSets"], 10_000, "with NS and SOA");
    let got = stage.dns("PUT", &format!("{ZONE}/A/more"), &[], Some(&a("192.0.2.1"))).await;
    assert_eq!(got.status, 400);
    let got = stage.dns("PUT", &format!("{ZONE}/A/m1"), &[], Some(&a("192.0.2.2"))).await;
    assert_eq!(got.status, 200, "an update takes no room");
}

#[tokio::test]
async fn machines_and_tags() {
    let stage = Stage::new().await;
    let machine = format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/RG-EDGE/providers/Microsoft.HybridCompute/machines/nas"
    );
    let get = async |path: &str| stage.send("GET", path, &[], None).await;
    let got = get(&format!("{machine}?api-version=2022-03-10")).await;
    assert_eq!(got.json()["tags"]["DNSHostName"], "nas.home.example.com");
    let missing = get(&format!("{machine}x?api-version=2022-03-10")).await;
    assert_eq!((missing.status, missing.code().as_str()), (404, "wrapped ResourceNotFound"));
    let tags = format!("{machine}/providers/Microsoft.Resources/tags/default?api-version=2021-04-01");
    let merge = json!({ "operation": "Merge", "properties": { "tags": { "dnshostname": "x.example.com", "a": "b" } } });
    let got = stage.send("PATCH", &tags, &[], Some(&merge)).await;
    assert_eq!(
        got.json()["properties"]["tags"],
        json!({ "DNSHostName": "x.example.com", "a": "b" }),
        "stored case"
    );
    let delete = json!({ "operation": "Delete", "properties": { "tags": { "A": "b" } } });
    let got = stage.send("PATCH", &tags, &[], Some(&delete)).await;
    assert_eq!(got.json()["properties"]["tags"], json!({ "DNSHostName": "x.example.com" }));
    let list = format!(
        "/subscriptions/{SUBSCRIPTION}/providers/Microsoft.HybridCompute/machines?api-version=2022-03-10"
    );
    assert_eq!(get(&list).await.json()["value"].as_array().map(Vec::len), Some(5));
}
