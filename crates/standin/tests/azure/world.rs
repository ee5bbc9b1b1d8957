//! The world as a document.

use serde_json::{Value, json};

use crate::stage::{PRIVATE, Stage, ZONE, a_set};

#[tokio::test]
async fn what_is_got_can_be_put() {
    let stage = Stage::new().await;
    let default = stage.own("GET", "world", None).await.json();
    assert_eq!(default["machines"].as_array().map(Vec::len), Some(5));
    assert_eq!(default["zones"][0]["recordSets"], json!([]), "what every zone has goes without saying");
    let alias = json!({ "name": "al", "type": "A", "properties": { "TTL": 5, "targetResource": { "id": format!("{ZONE}/A/x") } } });
    let world = json!({
        "zones": [
            { "id": ZONE, "tags": { "a": "b" }, "recordSets": [
                a_set("x", "192.0.2.1"), alias,
                { "name": "t", "type": "Microsoft.Network/dnszones/TXT", "TTL": 9, "txtRecords": [{ "value": ["q"] }], "metadata": { "k": "v" } },
            ] },
            PRIVATE,
        ],
        "publicIps": [{ "id": ZONE.replace("dnsZones/example.com", "publicIPAddresses/p"), "ipAddress": "192.0.2.7" }],
    });
    stage.put_world(&world).await;
    let once = stage.own("GET", "world", None).await.json();
    assert_eq!(once["machines"], default["machines"], "absent members stay");
    stage.put_world(&once).await;
    assert_eq!(stage.own("GET", "world", None).await.json(), once);
    let set = &once["zones"][0]["recordSets"][1];
    assert_eq!(
        (&set["name"], &set["properties"]["TTL"], &set["properties"]["metadata"]["k"]),
        (&json!("t"), &json!(9), &json!("v"))
    );
}

/// A world of a million machines is a document of some 250 MB.
#[tokio::test]
async fn a_large_document_is_taken() {
    let stage = Stage::new().await;
    let document = format!("{}{{}}", " ".repeat(70 << 20));
    let put = |path: &str| stage.http.put(format!("{}{path}", stage.base)).body(document.clone()).send();
    assert_eq!(put("/standin/world").await.expect("an answer").status(), 200);
}

#[tokio::test]
async fn members_may_come_in_any_order() {
    let stage = Stage::new().await;
    let set = a_set("x", "192.0.2.1").to_string();
    let document = format!(
        r#"{{"zones": [{{"recordSets": [{set}], "tags": {{"a": "b", "a": "c"}}, "ID": "{ZONE}"}}], "Machines": [
            {{"tags": {{"DNSHostName": "x"}}, "id": "{id}/u/m"}}, "{id}/u/n", {{"id": "{id}/u/M", "name": "last"}}]}}"#,
        id = ZONE.replace("Microsoft.Network/dnsZones", "P/t"),
    );
    let put = stage.http.put(format!("{}/standin/world", stage.base)).body(document).send();
    assert_eq!(put.await.expect("an answer").status(), 200);
    let world = stage.own("GET", "world", None).await.json();
    assert_eq!(world["zones"][0]["recordSets"][0]["name"], "x");
    assert_eq!(world["zones"][0]["tags"], json!({ "a": "c" }));
    let machines: Vec<_> =
        world["machines"].as_array().into_iter().flatten().map(|machine| &machine["name"]).collect();
    assert_eq!(machines, ["last", "example.com/n"], "of one id the last counts");
}

/// Letters and numbers that cannot be are found when their element is read; the place is told then too.
#[tokio::test]
async fn what_is_no_json_is_told_with_its_place() {
    let stage = Stage::new().await;
    for (document, wanted) in [
        ("{\"machines\": [}", "the body is not JSON: expected value at line 1 column 15"),
        (r#"{"machines": ["/a", "\ud800"]}"#, "machines[0].id: '/a' is no resource id"),
        (r#"{"machines": ["\ud800"]}"#, "machines[0]: "),
        (r#"{"zones": [{"id": 1e999}]}"#, "zones[0].id: "),
        (r#"{"rule": 1e999}"#, "rule: "),
        (r#"{"machines": {}}"#, "machines: an array is wanted"),
        (r#"{"zones": [{"id": 1, "recordSets": 1}]}"#, "zones[0].id: a resource id is wanted"),
        (r#"{"zones": [[]]}"#, "zones[0]: an object is wanted"),
    ] {
        let put = stage.http.put(format!("{}/standin/world", stage.base)).body(document).send();
        let reply = put.await.expect("an answer");
        assert_eq!(reply.status(), 400, "{document}");
        let body: Value = serde_json::from_str(&reply.text().await.expect("a body")).expect("JSON");
        let message = body["message"].as_str().unwrap_or_default();
        assert!(message.starts_with(wanted), "{document}: {message}");
    }
}

#[tokio::test]
async fn etags_of_unchanged_sets_stay() {
    let stage = Stage::new().await;
    let etag = async |name: &str| stage.get(&format!("{ZONE}/A/{name}")).await.json()["etag"].clone();
    stage.put_world(&json!({ "zones": [{ "id": ZONE, "recordSets": [a_set("x", "192.0.2.1"), a_set("y", "192.0.2.1")] }] })).await;
    let (x, y) = (etag("x").await, etag("y").await);
    stage.put_world(&json!({ "zones": [{ "id": ZONE, "recordSets": [a_set("x", "192.0.2.1"), a_set("y", "192.0.2.2")] }] })).await;
    assert_eq!(etag("x").await, x);
    assert_ne!(etag("y").await, y);
    let mut world = stage.own("GET", "world", None).await.json();
    world["zones"][0]["recordSets"][0]["properties"]["TTL"] = json!(77);
    stage.put_world(&world).await;
    assert_ne!(etag("x").await, x, "an old etag in the document does not hide the change");
}

#[tokio::test]
async fn a_fault_is_named_and_nothing_changes() {
    let stage = Stage::new().await;
    let before = stage.own("GET", "world", None).await.json();
    let zone = |sets: Value| json!({ "machines": [], "zones": [{ "id": ZONE, "recordSets": sets }] });
    for (world, place) in [
        (json!([]), "an object is wanted"),
        (json!({ "colour": 1 }), "colour"),
        (json!({ "zones": ["example.com"] }), "zones[0].id"),
        (json!({ "zones": [ZONE, ZONE] }), "zones[1]"),
        (json!({ "machines": [{ "name": "x" }] }), "machines[0].id"),
        (json!({ "machines": [{ "id": ZONE, "tags": { "a": 1 } }] }), "machines[0].tags.a"),
        (zone(json!([{ "name": "x" }])), "zones[0].recordSets[0].type"),
        (zone(json!([a_set("x", "192.0.2.1"), a_set("X", "192.0.2.1")])), "zones[0].recordSets[1]"),
        (zone(json!([a_set("@", "192.0.2.1"), a_set("@", "192.0.2.1")])), "zones[0].recordSets[1]"),
        (
            zone(
                json!([a_set("x", "192.0.2.1"), { "name": "x", "type": "CNAME", "CNAMERecord": { "cname": "a.b" } }]),
            ),
            "zones[0].recordSets[1]: 'x' already holds a A",
        ),
        (zone(json!([a_set("x", "192.0.2.999")])), "zones[0].recordSets[0].ARecords[0].ipv4Address"),
        (zone(json!([{ "name": "x", "type": "A", "ttl": 0 }])), "zones[0].recordSets[0].TTL"),
        (json!({ "quotas": 1 }), "quotas"),
    ] {
        let got = stage.own("PUT", "world", Some(&world)).await;
        let message = got.json()["message"].as_str().unwrap_or_default().to_owned();
        assert!(got.status == 400 && message.starts_with(place), "{place}: {got:?}");
    }
    assert_eq!(stage.own("GET", "world", None).await.json(), before);
}
