//! Resource groups: made with place and tags, changed, listed by tag, exported, deleted.

use serde_json::{Value, json};

use crate::stage::{Got, SUBSCRIPTION, Stage, ZONE};

const VERSION: &str = "api-version=2021-04-01";

fn path(name: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourcegroups/{name}?{VERSION}")
}

async fn send(stage: &Stage, method: &str, name: &str, body: Option<Value>) -> Got {
    stage.send(method, &path(name), &[], body.as_ref()).await
}

#[tokio::test]
async fn a_group_keeps_its_place_and_its_tags() {
    let stage = Stage::new().await;
    let got =
        send(&stage, "PUT", "DnsRG1", Some(json!({ "location": "East US", "tags": { "env": "lab" } }))).await;
    assert_eq!(got.status, 201, "{got:?}");
    let expected = json!({
        "id": format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/DnsRG1"), "name": "DnsRG1",
        "type": "Microsoft.Resources/resourceGroups", "location": "eastus", "tags": { "env": "lab" },
        "properties": { "provisioningState": "Succeeded" },
    });
    assert_eq!(got.json(), expected);
    assert_eq!(send(&stage, "GET", "dnsrg1", None).await.json(), expected, "in any case");
    assert_eq!(send(&stage, "HEAD", "dnsrg1", None).await.status, 204);
    let got = send(&stage, "PATCH", "dnsrg1", Some(json!({ "tags": { "env": "home", "a": "b" } }))).await;
    assert_eq!((got.status, &got.json()["tags"]), (200, &json!({ "env": "home", "a": "b" })));
    let got = send(&stage, "PUT", "dnsrg1", Some(json!({ "location": "westus" }))).await;
    assert_eq!((got.status, got.code().as_str()), (409, "wrapped InvalidResourceGroupLocation"));
    let got = send(&stage, "PUT", "dnsrg1", Some(json!({ "location": "eastus" }))).await;
    assert_eq!((got.status, got.json().get("tags")), (200, None), "what a PUT does not name is gone");
    let got = send(&stage, "PUT", "none", Some(json!({ "tags": {} }))).await;
    assert_eq!((got.status, got.code().as_str()), (400, "wrapped LocationRequired"));
    let got = send(&stage, "PATCH", "none", Some(json!({}))).await;
    assert_eq!((got.status, got.code().as_str()), (404, "wrapped ResourceGroupNotFound"));
    let bad = json!({ "location": "eastus", "tags": { "a/b": "c" } });
    assert_eq!(send(&stage, "PUT", "other", Some(bad)).await.status, 400);
}

#[tokio::test]
async fn groups_are_listed_by_tag_and_in_pages() {
    let stage = Stage::new().await;
    for (name, env) in [("g1", "lab"), ("g2", "home"), ("g3", "lab"), ("g4", "lab")] {
        send(&stage, "PUT", name, Some(json!({ "location": "eastus", "tags": { "Env": env, "b": "lab" } })))
            .await;
    }
    let list = async |query: &str| {
        let first = format!("/subscriptions/{SUBSCRIPTION}/resourcegroups?{VERSION}{query}");
        let (mut names, mut next) = (Vec::new(), Some(first));
        while let Some(path) = next {
            let page = stage.send("GET", &path, &[], None).await.json();
            let found = page["value"].as_array().expect("a list").clone();
            names.extend(found.iter().map(|group| group["name"].as_str().unwrap_or_default().to_owned()));
            next = page["nextLink"].as_str().map(|link| link.replace(&stage.base, ""));
        }
        names
    };
    let lab = "&$filter=tagName%20eq%20'env'%20and%20tagValue%20eq%20'lab'";
    assert_eq!(list(lab).await, ["g1", "g3", "g4"], "the value of that tag, not of another");
    assert_eq!(list(&format!("{lab}&$top=1")).await, ["g1", "g3", "g4"], "the filter goes along");
    assert_eq!(list("&$filter=tagName%20eq%20'none'").await, Vec::<String>::new());
    let all = list("").await;
    assert!(all.contains(&"rg-dns".to_owned()) && all.len() > 5, "{all:?}");
}

#[tokio::test]
async fn a_deletion_takes_its_time_and_takes_all_along() {
    let stage = Stage::new().await;
    let got = send(&stage, "DELETE", "rg-dns", None).await;
    assert_eq!((got.status, got.text.as_str()), (202, ""));
    let location = got.header("location").strip_prefix(&stage.base).expect("our host").to_owned();
    assert!(location.to_lowercase().contains("/operationresults/"), "{location}");
    assert_eq!(got.header("azure-asyncoperation"), "");
    let first = stage.send("GET", &location, &[], None).await;
    assert_eq!((first.status, first.header("location")), (202, got.header("location")));
    assert_eq!(stage.send("GET", &location, &[], None).await.status, 200);
    assert_eq!(send(&stage, "HEAD", "rg-dns", None).await.status, 404);
    assert_eq!(stage.get(ZONE).await.code(), "wrapped ResourceGroupNotFound");
    let world = stage.own("GET", "world", None).await.json();
    assert_eq!(world["zones"], json!([]));
    assert_eq!(world["machines"].as_array().map(Vec::len), Some(5), "others stay");
    assert_eq!(send(&stage, "DELETE", "rg-dns", None).await.code(), "wrapped ResourceGroupNotFound");
}

#[tokio::test]
async fn an_export_can_be_deployed_again() {
    let stage = Stage::new().await;
    stage.put_a("nas", "192.0.2.1").await;
    let export = path("rg-dns").replace("?", "/exportTemplate?");
    let got = stage.send("POST", &export, &[], Some(&json!({ "resources": ["*"] }))).await;
    assert_eq!(got.status, 200, "{got:?}");
    let mut template = got.json()["template"].clone();
    assert_eq!(template["parameters"]["dnszones_example_com_name"]["defaultValue"], "example.com");
    let resources = template["resources"].as_array().expect("resources").clone();
    let kinds: Vec<&str> = resources.iter().filter_map(|resource| resource["type"].as_str()).collect();
    let root = "Microsoft.Network/dnszones";
    assert_eq!(kinds, [root, &format!("{root}/NS"), &format!("{root}/SOA"), &format!("{root}/A")]);
    let literal = json!({ "resources": [ZONE], "options": "SkipAllParameterization" });
    let plain = stage.send("POST", &export, &[], Some(&literal)).await.json();
    assert_eq!(plain["template"]["resources"][3]["name"], "example.com/nas");
    assert_eq!(plain["template"]["parameters"], json!({}));
    // The set is written anew by the template.
    stage.dns("DELETE", &format!("{ZONE}/A/nas"), &[], None).await;
    template["resources"] = json!([resources[0], resources[3]]);
    let body = json!({ "properties": { "mode": "Incremental", "template": template } });
    let deployment = path("rg-dns").replace("?", "/providers/Microsoft.Resources/deployments/again?");
    let got = stage.send("PUT", &deployment, &[], Some(&body)).await;
    assert_eq!(got.status, 201, "{got:?}");
    let written = async {
        while stage.get(&format!("{ZONE}/A/nas")).await.status != 200 {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(20), written).await.expect("it is written");
}

#[tokio::test]
async fn a_world_says_where_groups_lie_and_what_tags_they_have() {
    let stage = Stage::new().await;
    let id = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/lab");
    let world = json!({
        "subscriptions": [{ "subscriptionId": SUBSCRIPTION, "tags": { "cost": "1" } }],
        "resourceGroups": [{ "id": id, "location": "North Europe", "tags": { "env": "lab" } }],
    });
    stage.put_world(&world).await;
    let got = send(&stage, "GET", "lab", None).await.json();
    assert_eq!((&got["location"], &got["tags"]), (&json!("northeurope"), &json!({ "env": "lab" })));
    let shown = stage.own("GET", "world", None).await.json();
    let group = json!({ "id": id, "location": "northeurope", "tags": { "env": "lab" } });
    assert!(shown["resourceGroups"].as_array().expect("groups").contains(&group), "{shown}");
    assert_eq!(shown["subscriptions"], world["subscriptions"]);
    stage.put_world(&shown).await;
    assert_eq!(stage.own("GET", "world", None).await.json(), shown);
}
