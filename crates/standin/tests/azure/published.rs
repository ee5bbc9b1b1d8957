//! Any published api-version is taken; others get Azure's own refusal.

use serde_json::{Value, json};

use crate::stage::{Got, PRIVATE, SUBSCRIPTION, Stage, ZONE};

fn message(got: &Got) -> String {
    got.json()["error"]["message"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn published_versions_are_taken() {
    let stage = Stage::new().await;
    let subscription = format!("/subscriptions/{SUBSCRIPTION}");
    let group = format!("{subscription}/resourceGroups/rg-edge");
    let machine = format!("{group}/providers/Microsoft.HybridCompute/machines/nas");
    stage.dns("PUT", PRIVATE, &[], Some(&json!({ "location": "global" }))).await;
    for (path, versions) in [
        (
            format!("{machine}/providers/Microsoft.Resources/tags/default"),
            &["2019-10-01", "2022-09-01", "2025-04-01"][..],
        ),
        (machine, &["2019-12-12", "2021-05-20", "2025-01-13", "2024-07-31-preview"]),
        (subscription.clone(), &["2014-04-01", "2021-01-01", "2022-12-01"]),
        (group, &["2015-11-01", "2021-04-01", "2023-07-01"]),
        (format!("{subscription}/providers"), &["2016-09-01", "2022-09-01"]),
        (format!("{subscription}/resources"), &["2019-10-01", "2024-03-01"]),
        (
            format!("{subscription}/providers/Microsoft.Compute/virtualMachines"),
            &["2015-06-15", "2024-07-01"],
        ),
        (ZONE.to_owned(), &["2016-04-01", "2017-09-15-preview", "2018-05-01", "2023-07-01-preview"]),
        (PRIVATE.to_owned(), &["2018-09-01", "2024-06-01"]),
        (
            format!("{subscription}/providers/Microsoft.Network/trafficManagerProfiles"),
            &["2018-08-01", "2022-04-01"],
        ),
    ] {
        for version in versions {
            let got = stage.send("GET", &format!("{path}?api-version={version}"), &[], None).await;
            assert_eq!(got.status, 200, "{path} {version}: {got:?}");
        }
    }
}

#[tokio::test]
async fn others_are_refused_as_azure_refuses_them() {
    let stage = Stage::new().await;
    let subscription = format!("/subscriptions/{SUBSCRIPTION}");
    let network = format!("{subscription}/resourceGroups/rg-dns/providers/Microsoft.Network");
    for (path, status, code, words) in [
        (
            format!("{subscription}/resourceGroups/rg-dns?api-version=2018-05-02"),
            400,
            "InvalidApiVersionParameter",
            "The api-version '2018-05-02' is invalid. The supported versions are '2025-04-01,2025-03-01,",
        ),
        (
            format!("{ZONE}?api-version=2019-01-01"),
            400,
            "NoRegisteredProviderFound",
            "No registered resource provider found for location 'global' and API version '2019-01-01' for type \
             'dnszones'. The supported api-versions are '2015-05-04-preview, 2016-04-01, ",
        ),
        (
            format!("{ZONE}/DS/x?api-version=2018-05-01"),
            400,
            "NoRegisteredProviderFound",
            "No registered resource provider found for location 'global' and API version '2018-05-01' for type \
             'dnszones/DS'. The supported api-versions are '2023-07-01-preview'. The supported locations are 'global'.",
        ),
        (
            format!("{network}/loadBalancers?api-version=2018-05-01"),
            404,
            "InvalidResourceType",
            "The resource type could not be found in the namespace 'Microsoft.Network' for api version '2018-05-01'.",
        ),
        (
            format!("{subscription}/providers/Contoso.Things/things?api-version=2018-05-01"),
            404,
            "InvalidResourceNamespace",
            "The resource namespace 'Contoso.Things' is invalid.",
        ),
        (format!("{ZONE}?api-version=new"), 400, "InvalidApiVersionParameter", "The api-version 'new'"),
        (ZONE.to_owned(), 400, "MissingApiVersionParameter", "The api-version query parameter"),
    ] {
        let got = stage.send("GET", &path, &[], None).await;
        assert_eq!((got.status, got.code()), (status, format!("wrapped {code}")), "{path}");
        assert!(message(&got).starts_with(words), "{}", message(&got));
    }
}

#[tokio::test]
async fn providers_tell_what_the_table_holds() {
    let stage = Stage::new().await;
    let get = async |path: &str| {
        let got = stage.send("GET", &format!("{path}?api-version=2021-04-01"), &[], None).await;
        assert_eq!(got.status, 200, "{got:?}");
        got.json()
    };
    let folder = format!("/subscriptions/{SUBSCRIPTION}/providers");
    let all = get(&folder).await;
    let names: Vec<&str> = all["value"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|provider| provider["namespace"].as_str())
        .collect();
    for name in ["Microsoft.Network", "Microsoft.HybridCompute", "Microsoft.Resources"] {
        assert!(names.contains(&name), "{names:?}");
    }
    let network = get(&format!("{folder}/microsoft.network")).await;
    assert_eq!(network["id"], format!("{folder}/Microsoft.Network"));
    assert_eq!(network["registrationState"], "Registered");
    let versions = |of: &str| -> Value {
        let types = network["resourceTypes"].as_array().expect("types");
        let found = types.iter().find(|known| known["resourceType"] == of).expect("the type");
        assert_eq!(found["locations"], json!(["global"]));
        found["apiVersions"].clone()
    };
    assert_eq!(versions("dnszones/TLSA"), json!(["2023-07-01-preview"]));
    assert_eq!(versions("dnszones")[1], "2018-05-01", "newest first");
    let of_tenant = get("/providers/Microsoft.Network").await;
    assert_eq!(of_tenant["id"], "/providers/Microsoft.Network");
    assert!(get("/providers").await["value"].as_array().is_some_and(|all| all.len() == names.len()));
    let register = format!("{folder}/Microsoft.HybridCompute/register?api-version=2021-04-01");
    let got = stage.send("POST", &register, &[], None).await;
    assert_eq!((got.status, &got.json()["registrationState"]), (200, &json!("Registered")));
    let unknown = format!("{folder}/Contoso.Things?api-version=2021-04-01");
    let got = stage.send("GET", &unknown, &[], None).await;
    assert_eq!((got.status, got.code().as_str()), (404, "wrapped InvalidResourceNamespace"));
    assert_eq!(message(&got), "The resource namespace 'Contoso.Things' is invalid.");
}
