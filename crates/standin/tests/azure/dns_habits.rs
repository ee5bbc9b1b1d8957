//! Ways of the DNS providers that recorded sessions of other clients show
//! (contract azure-resource-manager, sections 2.6, 2.8 and 11.1).

use serde_json::{Value, json};

use crate::stage::{PRIVATE, SUBSCRIPTION, Stage, ZONE, a};

/// A zone whose group and name have capitals.
fn capitals(kind: &str, name: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/RG-Dns/providers/Microsoft.Network/{kind}/{name}")
}

#[tokio::test]
async fn groups_and_names_come_back_in_lower_case() {
    let stage = Stage::new().await;
    for (kind, name, wire) in [
        ("dnsZones", "Sample.COM", "dnszones/sample.com"),
        ("privateDnsZones", "Corp.LAN", "privateDnsZones/corp.lan"),
    ] {
        let zone = capitals(kind, name);
        stage.dns("PUT", &zone, &[], Some(&json!({ "location": "Global" }))).await;
        let got = stage.get(&zone).await.json();
        let id =
            format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-dns/providers/Microsoft.Network/{wire}");
        assert_eq!((&got["id"], &got["name"]), (&json!(id), &json!(name.to_lowercase())));
        let body = json!({ "properties": { "ttl": 60, "aaaaRecords": [{ "ipv6Address": "2001:db8::1" }] } });
        for got in [
            stage.dns("PUT", &format!("{zone}/AAAA/Aaaa"), &[], Some(&body)).await.json(),
            stage.get(&format!("{zone}/AAAA/AAAA")).await.json(),
            stage.get(&format!("{zone}/AAAA")).await.json()["value"][0].clone(),
        ] {
            assert_eq!((&got["id"], &got["name"]), (&json!(format!("{id}/AAAA/aaaa")), &json!("aaaa")));
            assert_eq!(got["properties"]["fqdn"], format!("aaaa.{}.", name.to_lowercase()));
        }
    }
}

#[tokio::test]
async fn three_404s_that_mean_three_things() {
    let stage = Stage::new().await;
    stage.put_a("nas", "192.0.2.1").await;
    let place = format!("in resource group 'rg-dns' of subscription '{SUBSCRIPTION}'.");
    let got = stage.dns("GET", &format!("{ZONE}/A/none"), &[], None).await;
    assert_eq!(got.code(), "bare NotFound");
    assert_eq!(got.json()["message"], format!("The resource record 'none' does not exist {place}"));

    let never = ZONE.replace("example.com", "example.net");
    let got = stage.dns("PUT", &format!("{never}/A/nas"), &[], Some(&a("192.0.2.1"))).await;
    assert_eq!((got.status, got.code().as_str()), (404, "wrapped ParentResourceNotFound"));
    let message =
        "Can not perform requested operation on nested resource. Parent resource 'example.net' not found.";
    assert_eq!(got.json()["error"]["message"], message);
    assert_eq!(stage.get(&never).await.code(), "wrapped ResourceNotFound");

    assert_eq!(stage.dns("DELETE", ZONE, &[], None).await.status, 202);
    for (method, path) in [
        ("GET", ""),
        ("GET", "/A/nas"),
        ("GET", "/A"),
        ("GET", "/all"),
        ("PUT", "/A/nas"),
        ("DELETE", "/A/nas"),
    ] {
        let body = (method == "PUT").then(|| a("192.0.2.2"));
        let got = stage.dns(method, &format!("{ZONE}{path}"), &[], body.as_ref()).await;
        assert_eq!((got.status, got.code().as_str()), (404, "bare NotFound"), "{method} {path}");
        assert_eq!(got.json()["message"], format!("The zone 'example.com' does not exist {place}"));
    }
    assert_eq!(stage.dns("PUT", ZONE, &[], Some(&json!({ "location": "global" }))).await.status, 201);
    assert_eq!(
        stage.get(&format!("{ZONE}/A/nas")).await.json()["message"],
        format!("The resource record 'nas' does not exist {place}")
    );
}

#[tokio::test]
async fn a_zone_that_a_world_leaves_out_was_deleted() {
    let stage = Stage::new().await;
    stage.put_world(&json!({ "zones": [] })).await;
    assert_eq!(stage.get(&format!("{ZONE}/A/nas")).await.code(), "bare NotFound");
    stage.put_world(&json!({ "zones": [ZONE] })).await;
    assert_eq!(stage.get(ZONE).await.status, 200);
}

#[tokio::test]
async fn a_deletion_goes_on_at_the_first_look() {
    let stage = Stage::new().await;
    let got = stage.dns("DELETE", ZONE, &[], None).await;
    let path = |name: &str| got.header(name).strip_prefix(&stage.base).expect("our host").to_owned();
    let (status, result) = (path("azure-asyncoperation"), path("location"));
    assert!(
        status.contains("/dnsOperationStatuses/") && result.contains("/dnsOperationResults/"),
        "{status}"
    );
    for address in [&status, &result] {
        assert!((3800..4096).contains(&address.len()), "nearly 4 kB: {}", address.len());
        let cut = address.split_once("&t=").expect("a time").0;
        assert_eq!(stage.send("GET", cut, &[], None).await.status, 404, "the address counts whole");
    }
    let first = stage.send("GET", &status, &[], None).await;
    assert_eq!((first.status, first.json()), (202, json!({ "status": "InProgress" })));
    for header in ["azure-asyncoperation", "location", "retry-after"] {
        assert_eq!(first.header(header), got.header(header), "again");
    }
    let second = stage.send("GET", &status, &[], None).await;
    assert_eq!((second.status, second.json()), (200, json!({ "status": "Succeeded" })));
    let end = stage.send("GET", &result, &[], None).await;
    assert_eq!((end.status, end.json()), (200, json!(true)), "the provider says that it was so");
    assert_eq!(stage.dns("DELETE", ZONE, &[], None).await.status, 204);
}

#[tokio::test]
async fn the_preview_shows_who_leads_a_set() {
    let stage = Stage::new().await;
    stage.put_a("nas", "192.0.2.1").await;
    let get = async |path: &str, version: &str| {
        stage.send("GET", &format!("{ZONE}/A{path}?api-version={version}"), &[], None).await.json()
    };
    let preview = "2023-07-01-preview";
    assert_eq!(get("/nas", preview).await["properties"]["trafficManagementProfile"], json!({}));
    let listed = get("", preview).await;
    assert_eq!(listed["value"][0]["properties"]["trafficManagementProfile"], json!({}));
    assert_eq!(get("/nas", "2018-05-01").await["properties"].get("trafficManagementProfile"), None);
    let put = async |properties: Value| {
        let path = format!("{ZONE}/A/led?api-version={preview}");
        stage.send("PUT", &path, &[], Some(&json!({ "properties": properties }))).await
    };
    let got = put(json!({ "TTL": 60, "trafficManagementProfile": {}, "ARecords": [] })).await;
    assert_eq!((got.status, &got.json()["properties"]["trafficManagementProfile"]), (201, &json!({})));
    let id = ZONE.replace("dnsZones/example.com", "trafficManagerProfiles/p");
    let got = put(json!({ "TTL": 60, "trafficManagementProfile": { "id": id } })).await;
    assert_eq!(got.status, 400, "there is no such profile");
}

#[tokio::test]
async fn the_ttl_of_a_soa_is_written_alone() {
    let stage = Stage::new().await;
    stage.dns("PUT", PRIVATE, &[], Some(&json!({ "location": "global" }))).await;
    for (zone, ttl, record) in [(ZONE, "TTL", "SOARecord"), (PRIVATE, "ttl", "soaRecord")] {
        let path = format!("{zone}/SOA/@");
        let before = stage.get(&path).await.json();
        let got = stage.dns("PUT", &path, &[], Some(&json!({ "properties": { ttl: 7200 } }))).await;
        assert_eq!((got.status, &got.json()["properties"][ttl]), (200, &json!(7200)), "{got:?}");
        assert_eq!(got.json()["properties"][record], before["properties"][record], "the rest stays");
    }
}

#[tokio::test]
async fn there_are_no_traffic_managers() {
    let stage = Stage::new().await;
    for group in ["", "/resourceGroups/rg-dns"] {
        let path = format!(
            "/subscriptions/{SUBSCRIPTION}{group}/providers/Microsoft.Network/trafficmanagerprofiles?api-version=2018-08-01"
        );
        let got = stage.send("GET", &path, &[], None).await;
        assert_eq!((got.status, got.json()), (200, json!({ "value": [] })));
        let got = stage.send("GET", &path.replace("trafficmanager", "trafficManager"), &[], None).await;
        assert_eq!(got.status, 200);
    }
}

#[tokio::test]
async fn a_zone_shows_its_limits() {
    let stage = Stage::new().await;
    let zone = stage.get(ZONE).await.json();
    assert_eq!(zone["properties"].get("maxNumberOfRecordsPerRecordSet"), Some(&Value::Null));
    assert_eq!(
        (&zone["properties"]["maxNumberOfRecordSets"], &zone["properties"]["zoneType"]),
        (&json!(10_000), &json!("Public"))
    );
}

#[tokio::test]
async fn a_private_zone_has_an_id_of_its_own() {
    let stage = Stage::new().await;
    let made = async || {
        stage.dns("PUT", PRIVATE, &[], Some(&json!({ "location": "global" }))).await;
        stage.get(PRIVATE).await.json()["properties"]["internalId"].as_str().unwrap_or_default().to_owned()
    };
    let first = made().await;
    // "ImmutableZoneIdentity;" is what every one begins with.
    assert!(first.starts_with("SW1tdXRhYmxlWm9uZUlkZW50aXR5O"), "{first}");
    assert_eq!(made().await, first, "a zone that is written again keeps it");
    stage.dns("DELETE", PRIVATE, &[], None).await;
    assert_ne!(made().await, first, "a zone that is made again has another");
    assert_eq!(stage.get(ZONE).await.json()["properties"].get("internalId"), None);
}
