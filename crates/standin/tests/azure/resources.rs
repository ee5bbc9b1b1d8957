//! Resources of all types: listed with filters, and written by their ids.

use serde_json::{Value, json};

use crate::stage::{SUBSCRIPTION, Stage, ZONE};

async fn ids(stage: &Stage, below: &str, query: &[(&str, &str)]) -> Vec<String> {
    let query: String = url_query(query);
    let mut next =
        Some(format!("/subscriptions/{SUBSCRIPTION}{below}/resources?api-version=2021-04-01{query}"));
    let mut ids = Vec::new();
    while let Some(path) = next {
        let page = stage.send("GET", &path, &[], None).await;
        assert_eq!(page.status, 200, "{page:?}");
        let page = page.json();
        let names = page["value"].as_array().expect("a list").iter();
        ids.extend(names.map(|found| found["name"].as_str().unwrap_or_default().to_owned()));
        next = page["nextLink"].as_str().map(|link| link.replace(&stage.base, ""));
    }
    ids
}

fn url_query(pairs: &[(&str, &str)]) -> String {
    let coded = |text: &str| {
        let coded = |byte: u8| {
            if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") }
        };
        text.bytes().map(coded).collect::<String>()
    };
    pairs.iter().map(|(name, value)| format!("&{name}={}", coded(value))).collect()
}

#[tokio::test]
async fn lists_are_filtered() {
    let stage = Stage::new().await;
    let all = ["cam", "desk", "gate", "nas", "printer", "example.com"];
    assert_eq!(ids(&stage, "", &[]).await, all);
    assert_eq!(ids(&stage, "", &[("$top", "2")]).await, all, "in pages");
    assert_eq!(ids(&stage, "/resourceGroups/rg-dns", &[]).await, ["example.com"]);
    for (filter, expected) in [
        ("resourceType eq 'Microsoft.Network/dnsZones'", &["example.com"][..]),
        ("resourceType EQ 'microsoft.network/dnszones' and substringof('AMPLE', name)", &["example.com"]),
        ("resourceType ne 'Microsoft.HybridCompute/machines'", &["example.com"]),
        ("tagName eq 'dnshostname' and tagValue eq 'nas.home.example.com'", &["nas"]),
        ("tagName eq 'DNSHostName' and tagValue eq 'NAS.home.example.com'", &[]),
        ("startswith(tagName, 'dns')", &["cam", "desk", "gate", "nas", "printer"]),
        ("name eq 'NAS' or name eq 'cam'", &["cam", "nas"]),
        ("resourceGroup eq 'rg-edge' and (name eq 'nas' or name eq 'example.com')", &["nas"]),
        ("location eq 'global'", &["example.com"]),
        ("name eq 'it''s'", &[]),
    ] {
        assert_eq!(ids(&stage, "", &[("$filter", filter)]).await, expected, "{filter}");
    }
    assert_eq!(
        ids(&stage, "", &[("$filter", "startswith(name, 'p') or name eq 'nas'"), ("$top", "1")]).await,
        ["nas", "printer"]
    );
    for bad in [
        "name",
        "colour eq 'red'",
        "name eq nas",
        "name eq 'a' and",
        "(name eq 'a'",
        "name eq 'a",
        "name gt 'a'",
    ] {
        let path = format!(
            "/subscriptions/{SUBSCRIPTION}/resources?api-version=2021-04-01{}",
            url_query(&[("$filter", bad)])
        );
        let got = stage.send("GET", &path, &[], None).await;
        assert_eq!((got.status, got.code().as_str()), (400, "wrapped InvalidFilterInQueryString"), "{bad}");
    }
    let got = stage
        .send(
            "GET",
            &format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/none/resources?api-version=2021-04-01"),
            &[],
            None,
        )
        .await;
    assert_eq!(got.code(), "wrapped ResourceGroupNotFound");
}

#[tokio::test]
async fn an_entry_is_shown_as_resource_manager_shows_it() {
    let stage = Stage::new().await;
    let id = ZONE.replace("rg-dns", "DnsRG");
    stage.put_world(&json!({ "zones": [{ "id": id, "tags": { "a": "b" } }], "machines": [] })).await;
    let path = format!("/subscriptions/{SUBSCRIPTION}/resources?api-version=2021-04-01");
    let got = stage.send("GET", &path, &[], None).await.json();
    let expected = json!({
        "id": id.replace("dnsZones", "dnszones"), "name": "example.com", "type": "Microsoft.Network/dnszones",
        "location": "global", "tags": { "a": "b" },
    });
    assert_eq!(got["value"], json!([expected]), "the group in its own casing, unlike the provider's answer");
    let got =
        stage.send("GET", &format!("{path}&$expand=createdTime,provisioningState"), &[], None).await.json();
    let shown = &got["value"][0];
    assert_eq!(shown["provisioningState"], "Succeeded");
    assert!(shown["createdTime"].is_string() && shown.get("changedTime").is_none(), "{shown}");
}

#[tokio::test]
async fn a_hidden_subscription_lists_no_machines() {
    let stage = Stage::new().await;
    stage.own("PUT", "hidden", Some(&json!({ "subscriptions": [SUBSCRIPTION] }))).await;
    assert_eq!(ids(&stage, "", &[]).await, ["example.com"]);
}

#[tokio::test]
async fn machines_are_written_by_their_ids() {
    let stage = Stage::new().await;
    let send = async |method: &str, id: &str, body: Option<Value>| {
        let version = if id.contains("Compute/machines") { "2022-12-27" } else { "2024-07-01" };
        let path = format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-edge/providers/{id}?api-version={version}"
        );
        stage.send(method, &path, &[], body.as_ref()).await
    };
    for (id, kind) in [
        ("Microsoft.HybridCompute/machines/new", "Microsoft.HybridCompute/machines"),
        ("Microsoft.Compute/virtualMachines/new", "Microsoft.Compute/virtualMachines"),
    ] {
        assert_eq!(send("HEAD", id, None).await.status, 404);
        assert_eq!(send("PATCH", id, Some(json!({ "tags": {} }))).await.code(), "wrapped ResourceNotFound");
        let got = send("PUT", id, Some(json!({ "location": "West Europe", "tags": { "a": "b" } }))).await;
        assert_eq!((got.status, &got.json()["type"]), (201, &json!(kind)), "{got:?}");
        assert_eq!(send("HEAD", id, None).await.status, 204);
        // What az resource tag does: the whole resource, or its tags alone.
        let mut whole = send("GET", id, None).await.json();
        whole["tags"] = json!({ "DNSHostName": "new.home.example.com" });
        assert_eq!(send("PUT", id, Some(whole.clone())).await.json()["tags"], whole["tags"]);
        let got = send("PATCH", id, Some(json!({ "tags": { "only": "this" } }))).await;
        assert_eq!((got.status, &got.json()["tags"]), (200, &json!({ "only": "this" })));
        let got = send("PUT", id, Some(json!({ "location": "westeurope" }))).await;
        assert_eq!(
            (got.status, &got.json()["tags"]),
            (200, &Value::Null),
            "what a PUT does not name is gone"
        );
        let got = send("PUT", id, Some(json!({ "location": "eastus" }))).await;
        assert_eq!((got.status, got.code().as_str()), (409, "wrapped InvalidResourceLocation"));
        assert_eq!(send("DELETE", id, None).await.status, 200);
        assert_eq!(send("DELETE", id, None).await.status, 204);
    }
    let zone = async |method: &str, body: Option<Value>| stage.dns(method, ZONE, &[], body.as_ref()).await;
    assert_eq!(zone("HEAD", None).await.status, 204);
    let got = zone("PATCH", Some(json!({ "tags": { "a": "b" } }))).await;
    assert_eq!((got.status, &got.json()["tags"]), (200, &json!({ "a": "b" })));
}
