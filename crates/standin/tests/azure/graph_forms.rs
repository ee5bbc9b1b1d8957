//! Resource Graph in the forms that were recorded of the service: facets, faults, what goes without saying.

use serde_json::{Value, json};

use crate::stage::{Got, SUBSCRIPTION, Stage};

async fn ask(stage: &Stage, version: &str, body: Value) -> Got {
    let path = format!("/providers/Microsoft.ResourceGraph/resources?api-version={version}");
    stage.send("POST", &path, &[], Some(&body)).await
}

/// Six machines in three regions.
async fn stage() -> Stage {
    let stage = Stage::new().await;
    let machines: Vec<Value> = ["north", "west", "west", "west", "south", "south"]
        .iter()
        .enumerate()
        .map(|(number, location)| {
            json!({
                "id": format!(
                    "/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.HybridCompute/machines/m{number}"
                ),
                "location": location, "tags": { "n": format!("{}", number % 2) },
            })
        })
        .collect();
    stage.put_world(&json!({ "machines": machines, "zones": [], "workspace": null, "rule": null })).await;
    stage
}

#[tokio::test]
async fn facets_count_what_stands_in_a_column() {
    let stage = stage().await;
    let options = json!({ "sortOrder": "desc", "$top": 2 });
    let facets = json!([
        { "expression": "location", "options": options },
        { "expression": "nonExistingColumn", "options": options },
        { "expression": "location", "options": { "sortBy": "location", "sortOrder": "asc", "filter": "location != 'west'" } },
        { "expression": "tags" },
        { "expression": "location", "options": { "filter": "nonsense(" } },
    ]);
    let body = json!({ "query": "project id, location, tags", "facets": facets, "options": { "$top": 1 } });
    let got = ask(&stage, "2021-06-01-preview", body).await.json();
    assert_eq!(
        (&got["totalRecords"], &got["count"]),
        (&json!(6), &json!(1)),
        "facets count the whole result"
    );
    let facets = &got["facets"];
    assert_eq!(
        facets[0],
        json!({ "expression": "location", "totalRecords": 3, "count": 2, "resultType": "FacetResult",
            "data": [{ "location": "west", "count": 3 }, { "location": "south", "count": 2 }] })
    );
    assert_eq!(
        facets[1],
        json!({ "expression": "nonExistingColumn", "resultType": "FacetError", "errors": [
            { "code": "NoValidColumns", "message": "No valid columns in facet expression." },
            { "code": "InvalidColumnNames", "message": "Invalid column names: [nonExistingColumn]." },
        ] })
    );
    assert_eq!(
        facets[2]["data"],
        json!([{ "location": "north", "count": 1 }, { "location": "south", "count": 2 }])
    );
    assert_eq!(facets[3]["data"][0], json!({ "tags": "{\"n\":\"0\"}", "count": 3 }));
    assert_eq!(facets[4]["resultType"], "FacetError");
    for facets in [json!({}), json!([{}]), json!([{ "expression": "location", "options": { "$top": 0 } }])] {
        let body = json!({ "query": "Resources", "facets": facets });
        assert_eq!(ask(&stage, "2021-03-01", body).await.status, 400);
    }
}

#[tokio::test]
async fn a_query_without_a_table_means_resources() {
    let stage = stage().await;
    for query in [
        "where location == 'west'",
        "project id, location | where location == 'west'",
        "// all\nwhere location == 'west'",
    ] {
        let got = ask(&stage, "2021-03-01", json!({ "query": query })).await;
        assert_eq!((got.status, &got.json()["totalRecords"]), (200, &json!(3)), "{query}: {got:?}");
    }
    let limited = ask(&stage, "2021-03-01", json!({ "query": "project id | limit 2" })).await.json();
    assert_eq!((&limited["totalRecords"], &limited["resultTruncated"]), (&json!(2), &json!("false")));
}

#[tokio::test]
async fn a_malformed_query_is_told_with_its_place() {
    let stage = stage().await;
    for (query, line, position, token) in [
        ("project id, location | where )", 1, 29, ")"),
        ("Resources\n| where name ==", 2, 15, "<EOF>"),
        ("where name ==", 1, 13, "<EOF>"),
    ] {
        let got = ask(&stage, "2021-06-01-preview", json!({ "query": query })).await;
        assert_eq!((got.status, got.code().as_str()), (400, "wrapped BadRequest"), "{query}");
        let details = got.json()["error"]["details"].clone();
        assert_eq!(details[0]["code"], "InvalidQuery", "{query}");
        let failure = &details[1];
        assert_eq!(
            (
                &failure["code"],
                &failure["message"],
                &failure["line"],
                &failure["characterPositionInLine"],
                &failure["token"]
            ),
            (&json!("ParserFailure"), &json!("ParserFailure"), &json!(line), &json!(position), &json!(token)),
            "{query}"
        );
        assert!(failure["expectedToken"].is_string(), "{query}");
        assert_eq!(got.header("x-ms-ratelimit-remaining-tenant-resource-requests"), "14");
    }
    let got = ask(&stage, "2021-03-01", json!({ "query": "Resources | project nothing" })).await;
    let details = got.json()["error"]["details"].clone();
    assert_eq!((&details[0]["code"], &details[1]["code"]), (&json!("InvalidQuery"), &json!("Default")));
    assert!(details[1]["message"].as_str().is_some_and(|text| text.contains("nothing")), "{details}");
}

#[tokio::test]
async fn each_version_has_its_default_form() {
    let stage = stage().await;
    for (version, is_table) in [
        ("2018-09-01-preview", true),
        ("2019-04-01", true),
        ("2020-04-01-preview", false),
        ("2021-03-01", false),
        ("2021-06-01-preview", false),
        ("2022-10-01", false),
        ("2024-04-01", false),
    ] {
        let body = json!({ "query": "Resources | project id", "subscriptions": [SUBSCRIPTION] });
        let got = ask(&stage, version, body).await;
        assert_eq!(got.status, 200, "{version}: {got:?}");
        assert_eq!(got.json()["data"].is_object(), is_table, "{version}");
    }
}

#[tokio::test]
async fn pages_end_where_the_rows_do() {
    let stage = stage().await;
    let page = async |options: Value| {
        let query = "Resources | project id, name | order by name asc";
        let got = ask(&stage, "2021-03-01", json!({ "query": query, "options": options })).await.json();
        let rows = got["data"].as_array().expect("rows").len();
        (rows, got["count"].clone(), got["resultTruncated"].clone(), got.get("$skipToken").is_some())
    };
    assert_eq!(page(json!({ "$top": 6 })).await, (6, json!(6), json!("false"), false));
    assert_eq!(page(json!({ "$top": 5 })).await, (5, json!(5), json!("false"), true));
    assert_eq!(page(json!({ "$skip": 5, "$top": 1 })).await, (1, json!(1), json!("false"), false));
    assert_eq!(page(json!({ "$skip": 6 })).await, (0, json!(0), json!("false"), false));
    assert_eq!(page(json!({ "$skip": 7 })).await, (0, json!(0), json!("false"), false));
}

#[tokio::test]
async fn options_are_an_object_with_bounds() {
    let stage = Stage::new().await;
    let ask = async |body: Value| {
        let path = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01";
        stage.send("POST", path, &[], Some(&body)).await
    };
    for body in [
        json!(null),
        json!([]),
        json!({}),
        json!({ "query": 5 }),
        json!({ "query": " " }),
        json!({ "query": "resources", "options": [] }),
        json!({ "query": "resources", "options": "x" }),
        json!({ "query": "resources", "options": { "$top": 0 } }),
        json!({ "query": "resources", "options": { "$top": 1001 } }),
        json!({ "query": "resources", "options": { "$top": "5" } }),
        json!({ "query": "resources", "options": { "$skip": -1 } }),
        json!({ "query": "resources", "options": { "$skip": 1.5 } }),
        json!({ "query": "resources", "options": { "$skipToken": 5 } }),
        json!({ "query": "resources", "options": { "resultFormat": "csv" } }),
        json!({ "query": "resources", "options": { "resultFormat": 1 } }),
        json!({ "query": "resources", "options": { "allowPartialScopes": "yes" } }),
        json!({ "query": "resources", "subscriptions": "x" }),
        json!({ "query": "resources", "subscriptions": [5] }),
    ] {
        let got = ask(body.clone()).await;
        assert_eq!(got.status, 400, "{body}: {got:?}");
    }
    let none = json!({ "query": "resources | project id", "subscriptions": [], "options": { "$top": 1000 } });
    let got = ask(none).await.json();
    assert_eq!(got["totalRecords"], got["count"], "no subscription means all of them: {got}");
    assert!(got["count"].as_u64().is_some_and(|count| count >= 5), "{got}");
    let unknown = json!({ "query": "resources", "subscriptions": ["00000000-0000-0000-0000-0000000000ff"] });
    assert_eq!(ask(unknown).await.status, 403);
    let counted = ask(json!({ "query": "range x from 1 to 5 step 1 | count" })).await;
    assert_eq!(counted.json()["data"][0]["Count"], 5, "{counted:?}");
}
