//! Resource Graph: the query runs, pages hang together, truncation is a text.

use serde_json::{Value, json};

use crate::stage::{SUBSCRIPTION, Stage, ZONE, a_set};

const PATH: &str = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01";

fn machines(count: usize) -> Value {
    let id = |number: usize| {
        format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-edge/providers/Microsoft.HybridCompute/machines/m{number:04}"
        )
    };
    (0..count)
        .map(
            |number| json!({ "id": id(number), "tags": { "DNSHostName": format!("m{number}.example.com") } }),
        )
        .collect()
}

async fn ask(stage: &Stage, body: Value) -> Value {
    let got = stage.send("POST", PATH, &[], Some(&body)).await;
    assert_eq!(got.status, 200, "{body}: {got:?}");
    assert_eq!(got.header("x-ms-user-quota-remaining"), "14");
    assert_eq!(got.header("x-ms-user-quota-resets-after"), "00:00:05");
    got.json()
}

#[tokio::test]
async fn pages_hang_together() {
    let stage = Stage::new().await;
    stage.put_world(&json!({ "machines": machines(250) })).await;
    let query = "resources | where type =~ 'microsoft.hybridcompute/machines' | project id, name, tags | order by id asc";
    let (mut names, mut token, mut drifted) = (Vec::new(), Value::Null, false);
    loop {
        let options = json!({ "$top": 100, "$skipToken": token, "resultFormat": "objectArray" });
        let page =
            ask(&stage, json!({ "query": query, "subscriptions": [SUBSCRIPTION], "options": options })).await;
        assert_eq!((&page["totalRecords"], &page["resultTruncated"]), (&json!(250), &json!("false")));
        for row in page["data"].as_array().expect("rows") {
            names.push(row["name"].as_str().expect("a name").to_owned());
            drifted |= row["id"].as_str().is_some_and(|id| id.contains("/RG-EDGE/"));
        }
        token = page["$skipToken"].clone();
        if token.is_null() {
            break;
        }
    }
    assert_eq!(names.len(), 250);
    assert!(names.is_sorted() && drifted, "the group's case drifts between pages");
}

/// Each row weighs a megabyte, which no single answer of the logs could hold.
#[tokio::test]
async fn no_machine_is_left_out_of_a_large_result() {
    let stage = Stage::new().await;
    stage.put_world(&json!({ "machines": machines(150) })).await;
    let query =
        "resources | where type contains 'machines' | project id, large = strrep(strrep('x', 1024), 1024)";
    let page = ask(&stage, json!({ "query": query, "options": { "$top": 1 } })).await;
    assert_eq!((&page["count"], &page["totalRecords"]), (&json!(1), &json!(150)));
}

#[tokio::test]
async fn a_page_without_a_token_says_so() {
    let stage = Stage::new().await;
    stage.put_world(&json!({ "machines": machines(150) })).await;
    let machines = "Resources | where type == 'microsoft.hybridcompute/machines'";
    let page = ask(&stage, json!({ "query": format!("{machines} | project name") })).await;
    assert_eq!((&page["count"], &page["totalRecords"]), (&json!(100), &json!(150)), "100 is the default");
    assert_eq!((&page["resultTruncated"], page.get("$skipToken")), (&json!("true"), None), "no id, no token");
    let page = ask(&stage, json!({ "query": format!("{machines} | project id | take 120") })).await;
    assert_eq!((&page["count"], &page["resultTruncated"]), (&json!(100), &json!("true")));
    let page =
        ask(&stage, json!({ "query": format!("{machines} | project id"), "options": { "$skip": 140 } }))
            .await;
    assert_eq!((&page["count"], &page["resultTruncated"]), (&json!(10), &json!("false")));
    let page = ask(&stage, json!({
        "query": format!("{machines} | project id, tags | take 1"), "options": { "resultFormat": "table" },
    })).await;
    assert_eq!(
        page["data"]["columns"],
        json!([{ "name": "id", "type": "string" }, { "name": "tags", "type": "object" }])
    );
}

#[tokio::test]
async fn tags_may_be_null_and_scopes_are_silent() {
    let stage = Stage::new().await;
    let other = "00000000-0000-0000-0000-000000000002";
    let id = |subscription: &str| {
        format!(
            "/subscriptions/{subscription}/resourceGroups/RG/providers/Microsoft.HybridCompute/machines/x"
        )
    };
    stage
        .put_world(&json!({ "machines": [id(SUBSCRIPTION), { "id": id(other), "tags": { "a": "b" } }] }))
        .await;
    let query =
        "resources | where type contains 'machines' | project id, resourceGroup, tags | order by id asc";
    let all = ask(&stage, json!({ "query": query })).await;
    assert_eq!(all["data"][0], json!({ "id": id(SUBSCRIPTION), "resourceGroup": "rg", "tags": null }));
    let one = ask(
        &stage,
        json!({ "query": query, "subscriptions": [other, "00000000-0000-0000-0000-00000000000f"] }),
    )
    .await;
    assert_eq!((&one["totalRecords"], &one["data"][0]["tags"]), (&json!(1), &json!({ "a": "b" })));
    let none = json!({ "query": query, "subscriptions": ["00000000-0000-0000-0000-00000000000f"] });
    assert_eq!(stage.send("POST", PATH, &[], Some(&none)).await.status, 403);
}

#[tokio::test]
async fn record_sets_are_there_too() {
    let stage = Stage::new().await;
    stage.put_world(&json!({ "zones": [{ "id": ZONE, "recordSets": [a_set("nas", "192.0.2.1")] }] })).await;
    let query = "dnsresources | where type =~ 'microsoft.network/dnszones/a' | project id, name, ip = properties.ARecords[0].ipv4Address";
    let page = ask(&stage, json!({ "query": query })).await;
    assert_eq!((&page["data"][0]["name"], &page["data"][0]["ip"]), (&json!("nas"), &json!("192.0.2.1")));
    stage.put_a("nas", "192.0.2.2").await;
    assert_eq!(ask(&stage, json!({ "query": query })).await["data"][0]["ip"], "192.0.2.2");
}

#[tokio::test]
async fn bad_questions_are_refused() {
    let stage = Stage::new().await;
    for body in [
        json!({}),
        json!({ "query": "resources | nonsense" }),
        json!({ "query": "nothing" }),
        json!({ "query": "resources", "options": { "$top": 1001 } }),
        json!({ "query": "resources", "options": { "$top": 0 } }),
        json!({ "query": "resources", "options": { "$skipToken": "x" } }),
        json!({ "query": "resources", "options": { "resultFormat": "csv" } }),
    ] {
        let got = stage.send("POST", PATH, &[], Some(&body)).await;
        assert_eq!((got.status, got.code().as_str()), (400, "wrapped BadRequest"), "{body}");
    }
    let got = stage
        .send("POST", &PATH.replace("2021-03-01", "2021-03-02"), &[], Some(&json!({ "query": "resources" })))
        .await;
    assert_eq!(got.status, 400);
}
