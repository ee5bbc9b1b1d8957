//! Private zones are made in their own time, and are linked to networks.

use serde_json::{Value, json};
use standin::Options;

use crate::stage::{Got, PRIVATE, SUBSCRIPTION, Stage};

fn network(name: &str) -> String {
    format!(
        "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/{name}"
    )
}

fn link(network: &str, registers: bool) -> Value {
    json!({ "location": "global", "properties": {
        "virtualNetwork": { "id": network }, "registrationEnabled": registers,
    } })
}

/// A stand-in with the group of the zone.
async fn stage() -> Stage {
    let stage = Stage::new().await;
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-dns");
    stage.put_world(&json!({ "resourceGroups": [group], "zones": [] })).await;
    stage
}

/// Looks at an operation until it is over; the first look must find it running.
async fn finish(stage: &Stage, accepted: &Got) {
    assert_eq!(end_of(stage, accepted).await, json!({ "status": "Succeeded" }));
}

/// The same, for whatever becomes of it.
async fn end_of(stage: &Stage, accepted: &Got) -> Value {
    assert_eq!(accepted.status, 202, "{accepted:?}");
    let address = |got: &Got, name: &str| {
        got.header(name).strip_prefix(&stage.base).unwrap_or_else(|| panic!("{name}: {got:?}")).to_owned()
    };
    let status = address(accepted, "azure-asyncoperation");
    let result = address(accepted, "location");
    assert!(status.contains("/providers/Microsoft.Network/privateDnsOperationStatuses/"), "{status}");
    assert!(result.contains("/providers/Microsoft.Network/privateDnsOperationResults/"), "{result}");
    let first = stage.send("GET", &status, &[], None).await;
    assert_eq!((first.status, first.json()), (202, json!({ "status": "InProgress" })));
    assert_eq!((address(&first, "azure-asyncoperation"), first.header("retry-after")), (status.clone(), "1"));
    let second = stage.send("GET", &status, &[], None).await;
    assert_eq!(second.status, 200, "{second:?}");
    second.json()
}

#[tokio::test]
async fn a_stale_etag_is_found_out_when_the_work_is_done() {
    let stage = stage().await;
    stage.put_world(&json!({ "zones": [PRIVATE] })).await;
    let name = PRIVATE.rsplit('/').next().expect("a name");
    let failed = |message: String| json!({ "error": { "code": "PreconditionFailed", "message": message }, "status": "Failed" });
    let body = json!({ "location": "global", "tags": { "a": "b" } });
    let before = stage.get(PRIVATE).await.json();
    for (method, condition, what) in [
        ("PUT", ("If-None-Match", "*"), "exists already and hence cannot be created again."),
        ("PUT", ("If-Match", "stale"), "has been modified (etag mismatch)."),
        ("DELETE", ("If-Match", "stale"), "has been modified (etag mismatch)."),
    ] {
        let body = (method == "PUT").then_some(&body);
        let got = stage.dns(method, PRIVATE, &[condition], body).await;
        assert_eq!(end_of(&stage, &got).await, failed(format!("The Zone {name} {what}")), "{method}");
        let result = got.header("location").strip_prefix(&stage.base).expect("our host").to_owned();
        assert_eq!(stage.send("GET", &result, &[], None).await.code(), "bare PreconditionFailed");
    }
    assert_eq!(stage.get(PRIVATE).await.json(), before, "nothing was changed");
    let path = format!("{PRIVATE}/virtualNetworkLinks/One");
    let body = link(&network("one"), false);
    finish(&stage, &stage.dns("PUT", &path, &[("If-None-Match", "*")], Some(&body)).await).await;
    let there = format!("Virtual Network link one for the Private DNS zone {name}");
    let other = format!("Virtual Network link 'one' for the Private DNS zone '{name}'");
    for (method, condition, message) in [
        (
            "PUT",
            ("If-None-Match", "*"),
            format!("The {there} exists already and hence cannot be created again."),
        ),
        ("PATCH", ("If-Match", "stale"), format!("The {other} has been modified (etag mismatch).")),
        ("DELETE", ("If-Match", "stale"), format!("The {other} has been modified (etag mismatch).")),
    ] {
        let body = (method != "DELETE").then_some(&body);
        let got = stage.dns(method, &path, &[condition], body).await;
        assert_eq!(end_of(&stage, &got).await, failed(message), "{method}");
    }
    let deleted =
        stage.dns("DELETE", &path, &[("If-Match", stage.get(&path).await.header("etag"))], None).await;
    finish(&stage, &deleted).await;
    let result = deleted.header("location").strip_prefix(&stage.base).expect("our host").to_owned();
    let end = stage.send("GET", &result, &[], None).await;
    assert_eq!((end.status, end.json()), (200, json!({})));
}

#[tokio::test]
async fn a_private_zone_is_made_in_its_own_time() {
    let stage = stage().await;
    let body = json!({ "location": "global", "tags": { "a": "b" } });
    let made = stage.dns("PUT", PRIVATE, &[], Some(&body)).await;
    assert_eq!((made.json(), made.header("retry-after")), (json!({}), "1"));
    finish(&stage, &made).await;
    let zone = stage.get(PRIVATE).await.json();
    assert_eq!(
        (&zone["tags"], &zone["properties"]["provisioningState"]),
        (&json!({ "a": "b" }), &json!("Succeeded"))
    );
    let id = zone["properties"]["internalId"].clone();
    assert!(id.as_str().is_some_and(|id| id.len() > 40), "{zone}");
    let again = stage.dns("PUT", PRIVATE, &[], Some(&json!({ "location": "global" }))).await;
    finish(&stage, &again).await;
    assert_eq!(stage.get(PRIVATE).await.json()["properties"]["internalId"], id, "it stays the same zone");
    let changed = stage.dns("PATCH", PRIVATE, &[], Some(&json!({ "tags": { "c": "d" } }))).await;
    finish(&stage, &changed).await;
    assert_eq!(stage.get(PRIVATE).await.json()["tags"], json!({ "c": "d" }));
    finish(&stage, &stage.dns("DELETE", PRIVATE, &[], None).await).await;
    assert_eq!(stage.get(PRIVATE).await.status, 404);
}

#[tokio::test]
async fn callers_are_asked_to_wait_as_long_as_is_wished() {
    let stage = Stage::with(Options { retry_after: 30, ..Options::default() }).await;
    let made = stage.dns("PUT", PRIVATE, &[], Some(&json!({ "location": "global" }))).await;
    assert_eq!((made.status, made.header("retry-after")), (202, "30"));
}

#[tokio::test]
async fn a_private_zone_is_linked_to_networks() {
    let stage = stage().await;
    stage.put_world(&json!({ "zones": [PRIVATE] })).await;
    let path = |name: &str| format!("{PRIVATE}/virtualNetworkLinks/{name}");
    assert_eq!(stage.get(&format!("{PRIVATE}/virtualNetworkLinks")).await.json()["value"], json!([]));
    assert_eq!(stage.get(&path("one")).await.code(), "wrapped ResourceNotFound");
    for (name, registers) in [("One", true), ("two", false)] {
        let made = stage.dns("PUT", &path(name), &[], Some(&link(&network(name), registers))).await;
        assert_eq!(made.json(), json!({}));
        finish(&stage, &made).await;
    }
    let one = stage.get(&path("ONE")).await;
    let body = one.json();
    assert_eq!(
        (&body["name"], &body["type"], &body["properties"]),
        (
            &json!("one"),
            &json!("Microsoft.Network/privateDnsZones/virtualNetworkLinks"),
            &json!({
                "provisioningState": "Succeeded", "registrationEnabled": true, "resolutionPolicy": "Default",
                "virtualNetwork": { "id": network("One") }, "virtualNetworkLinkState": "Completed",
            })
        )
    );
    assert!(one.header("etag").starts_with('"') && body["etag"] == one.header("etag"), "{body}");
    let listed = stage.get(&format!("{PRIVATE}/virtualNetworkLinks")).await.json();
    assert_eq!(listed["value"].as_array().map(Vec::len), Some(2));
    let counted = stage.get(PRIVATE).await.json()["properties"].clone();
    assert_eq!(
        (&counted["numberOfVirtualNetworkLinks"], &counted["numberOfVirtualNetworkLinksWithRegistration"]),
        (&json!(2), &json!(1))
    );
    let policy = json!({ "properties": { "resolutionPolicy": "NxDomainRedirect" } });
    finish(&stage, &stage.dns("PATCH", &path("two"), &[], Some(&policy)).await).await;
    let links = stage.get(&format!("{PRIVATE}/virtualNetworkLinks")).await.json();
    let world = stage.own("GET", "world", None).await.json();
    assert_eq!(world["zones"][0]["virtualNetworkLinks"][0]["virtualNetwork"], json!(network("One")));
    assert_eq!(world["zones"][0]["virtualNetworkLinks"][1]["resolutionPolicy"], "NxDomainRedirect");
    stage.put_world(&world).await;
    let after = stage.get(&format!("{PRIVATE}/virtualNetworkLinks")).await.json();
    assert_eq!(after, links, "what was printed is taken again");
    for (member, value) in [("resolutionPolicy", "Sometimes"), ("registrationEnabled", "yes")] {
        let mut faulty = world.clone();
        faulty["zones"][0]["virtualNetworkLinks"][0][member] = json!(value);
        let got = stage.own("PUT", "world", Some(&faulty)).await;
        assert!(got.status == 400 && got.text.contains(member), "{got:?}");
    }

    let change = json!({ "tags": { "a": "b" }, "properties": { "registrationEnabled": false } });
    let right = [("If-Match", one.header("etag"))];
    finish(&stage, &stage.dns("PATCH", &path("one"), &right, Some(&change)).await).await;
    let after = stage.get(&path("one")).await.json();
    assert_eq!(
        (&after["tags"], &after["properties"]["registrationEnabled"]),
        (&json!({ "a": "b" }), &json!(false))
    );
    assert_eq!(after["properties"]["virtualNetwork"]["id"], network("One"));

    assert_eq!(stage.dns("DELETE", PRIVATE, &[], None).await.code(), "wrapped CannotDeleteResource");
    for name in ["one", "two"] {
        finish(&stage, &stage.dns("DELETE", &path(name), &[], None).await).await;
        assert_eq!(stage.dns("DELETE", &path(name), &[], None).await.status, 204, "it is gone");
    }
    finish(&stage, &stage.dns("DELETE", PRIVATE, &[], None).await).await;
}

#[tokio::test]
async fn what_is_no_link_is_refused_at_once() {
    let stage = stage().await;
    let path = format!("{PRIVATE}/virtualNetworkLinks/one");
    let put = async |body: Value| stage.dns("PUT", &path, &[], Some(&body)).await;
    assert_eq!(put(link(&network("a"), true)).await.code(), "wrapped ParentResourceNotFound");
    stage.put_world(&json!({ "zones": [PRIVATE] })).await;
    for body in [
        json!({}),
        json!({ "location": "westeurope", "properties": { "virtualNetwork": { "id": network("a") } } }),
        json!({ "location": "global" }),
        link(PRIVATE, false),
        json!({ "location": "global", "properties": {
            "virtualNetwork": { "id": network("a") }, "registrationEnabled": "yes",
        } }),
    ] {
        assert_eq!(put(body.clone()).await.status, 400, "{body}");
    }
    assert_eq!(put(link(&network("a"), true)).await.status, 202);
    assert_eq!(put(link(&network("b"), true)).await.status, 400, "the network of a link stays");
    let other = stage.dns("PUT", &path.replace("/one", "/two"), &[], Some(&link(&network("A"), false))).await;
    assert_eq!((other.status, other.code().as_str()), (409, "bare Conflict"), "once for each network");
    let world = json!({ "zones": [{ "id": crate::stage::ZONE, "virtualNetworkLinks": [{}] }] });
    assert_eq!(stage.own("PUT", "world", Some(&world)).await.status, 400, "public zones have none");
}

#[tokio::test]
async fn a_network_registers_its_machines_in_one_zone() {
    let stage = stage().await;
    let other = PRIVATE.replace("corp.internal", "lab.internal");
    stage.put_world(&json!({ "zones": [PRIVATE, other] })).await;
    let put = async |method: &str, zone: &str, name: &str, body: Value| {
        let path = format!("{zone}/virtualNetworkLinks/{name}");
        stage.dns(method, &path, &[], Some(&body)).await
    };
    let home = network("home");
    assert_eq!(put("PUT", PRIVATE, "home", link(&home, true)).await.status, 202);
    let refused = put("PUT", &other, "home", link(&home.to_uppercase(), true)).await;
    assert_eq!((refused.status, refused.code().as_str()), (409, "bare Conflict"), "{refused:?}");
    assert!(refused.text.contains(&PRIVATE.to_lowercase()), "the zone that has it is told: {refused:?}");
    assert_eq!(
        put("PUT", &other, "home", link(&home, false)).await.status,
        202,
        "to be resolved is no conflict"
    );
    let registers = json!({ "properties": { "registrationEnabled": true } });
    assert_eq!(put("PATCH", &other, "home", registers.clone()).await.status, 409);
    assert_eq!(put("PUT", PRIVATE, "home", link(&home, true)).await.status, 202, "again, in its own zone");
    assert_eq!(put("PUT", &other, "lab", link(&network("lab"), true)).await.status, 202);
    assert_eq!(put("PUT", PRIVATE, "home", link(&home, false)).await.status, 202);
    assert_eq!(put("PATCH", &other, "home", registers).await.status, 202, "it is free again");
}

#[tokio::test]
async fn a_link_that_cannot_be_is_refused() {
    let stage = stage().await;
    stage.put_world(&json!({ "zones": [PRIVATE] })).await;
    let home = network("home");
    for properties in [
        json!({ "virtualNetwork": { "id": home }, "resolutionPolicy": "Sometimes" }),
        json!({ "virtualNetwork": { "id": home }, "resolutionPolicy": 5 }),
        json!({ "virtualNetwork": { "id": home }, "registrationEnabled": "yes" }),
        json!({ "virtualNetwork": home }),
        json!({ "virtualNetwork": { "id": PRIVATE } }),
        json!({}),
        json!([]),
    ] {
        let body = json!({ "location": "global", "properties": properties });
        let got = stage.dns("PUT", &format!("{PRIVATE}/virtualNetworkLinks/home"), &[], Some(&body)).await;
        assert_eq!(got.status, 400, "{body}: {got:?}");
    }
    let mut good = link(&home, false);
    good["properties"]["resolutionPolicy"] = json!("nxDomainRedirect");
    let path = format!("{PRIVATE}/virtualNetworkLinks/home");
    assert_eq!(stage.dns("PUT", &path, &[], Some(&good)).await.status, 202);
    assert_eq!(stage.get(&path).await.json()["properties"]["resolutionPolicy"], "NxDomainRedirect");
}

#[tokio::test]
async fn links_have_names_of_their_own_kind() {
    let stage = stage().await;
    stage.put_world(&json!({ "zones": [PRIVATE] })).await;
    let put = async |name: &str, network_name: &str| {
        let body = link(&network(network_name), false);
        stage.dns("PUT", &format!("{PRIVATE}/virtualNetworkLinks/{name}"), &[], Some(&body)).await.status
    };
    for name in ["-home", "home.", "home-", "_home", "ho%20me", "h%3Cme", &"n".repeat(81)] {
        assert_eq!(put(name, "home").await, 400, "{name}");
    }
    for (index, name) in ["h", "home_", "a.b-c_9", &"n".repeat(80)].iter().enumerate() {
        assert_eq!(put(name, &format!("net{index}")).await, 202, "{name}");
    }
}
