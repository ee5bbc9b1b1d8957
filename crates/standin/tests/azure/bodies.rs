//! Bodies of calls to Resource Manager: they are JSON objects and say so, and records are judged by what they mean.

use reqwest::Method;
use serde_json::{Value, json};

use crate::stage::{PRIVATE, SUBSCRIPTION, Stage, ZONE, a};

#[tokio::test]
async fn a_body_says_that_it_is_json() {
    let stage = Stage::new().await;
    let token = stage.token_for("https://management.azure.com").await;
    let send = async |method: Method, path: &str, kind: Option<&str>, body: String| {
        let request =
            stage.http.request(method, format!("{}{path}", stage.base)).bearer_auth(&token).body(body);
        let request = kind.into_iter().fold(request, |request, kind| request.header("Content-Type", kind));
        let reply = request.send().await.expect("an answer");
        (reply.status().as_u16(), reply.text().await.expect("a body"))
    };
    let set = format!("{ZONE}/A/nas?api-version=2018-05-01");
    let graph = "/providers/Microsoft.ResourceGraph/resources?api-version=2021-03-01";
    let query = json!({ "query": "resources" }).to_string();
    for (kind, shown) in [
        (None, "<null>"),
        (Some("text/plain"), "text/plain"),
        (Some("application/x-www-form-urlencoded"), "application/x-www-form-urlencoded"),
        (Some("application/jsonp"), "application/jsonp"),
    ] {
        for (method, path, body) in [
            (Method::PUT, set.as_str(), a("192.0.2.1").to_string()),
            (Method::PATCH, &set, a("192.0.2.1").to_string()),
            (Method::POST, graph, query.clone()),
        ] {
            let (status, text) = send(method, path, kind, body).await;
            let error: Value = serde_json::from_str(&text).expect("JSON");
            assert_eq!((status, &error["error"]["code"]), (415, &json!("UnsupportedMediaType")), "{kind:?}");
            let message = error["error"]["message"].as_str().expect("words");
            assert!(message.contains(&format!("'{shown}'")), "{message}");
        }
    }
    assert_eq!(stage.get(&format!("{ZONE}/A/nas")).await.status, 404, "nothing was written");
    for kind in ["application/json", "Application/JSON; charset=utf-8"] {
        let (status, text) = send(Method::POST, graph, Some(kind), query.clone()).await;
        assert_eq!(status, 200, "{kind}: {text}");
    }
    let register =
        format!("/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Network/register?api-version=2021-04-01");
    assert_eq!(
        send(Method::POST, &register, None, String::new()).await.0,
        200,
        "without a body none is needed"
    );
}

#[tokio::test]
async fn a_body_is_an_object() {
    let stage = Stage::new().await;
    stage.put_a("nas", "192.0.2.1").await;
    stage.dns("PUT", PRIVATE, &[], Some(&json!({ "location": "global" }))).await;
    let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-dns");
    let tags = "/providers/Microsoft.Resources/tags/default";
    let machine = "/providers/Microsoft.HybridCompute/machines/nas";
    for (path, version) in [
        (format!("{ZONE}/A/nas"), "2018-05-01"),
        (ZONE.to_owned(), "2018-05-01"),
        (PRIVATE.to_owned(), "2024-06-01"),
        (format!("{PRIVATE}/virtualNetworkLinks/office"), "2024-06-01"),
        (group.clone(), "2021-04-01"),
        (format!("{group}{tags}"), "2021-04-01"),
        (format!("{}{machine}", group.replace("rg-dns", "rg-edge")), "2022-12-27"),
    ] {
        let path = format!("{path}?api-version={version}");
        for method in ["PUT", "PATCH"] {
            for body in [json!(null), json!([]), json!("x"), json!(5)] {
                let got = stage.send(method, &path, &[], Some(&body)).await;
                let found = (got.status, got.code());
                assert_eq!(
                    found,
                    (400, "wrapped InvalidRequestContent".to_owned()),
                    "{method} {path} {body}"
                );
            }
        }
    }
    for method in ["PUT", "PATCH"] {
        for properties in [json!([]), json!("x"), json!(5)] {
            let body = json!({ "properties": properties });
            let got = stage.dns(method, &format!("{ZONE}/A/nas"), &[], Some(&body)).await;
            assert_eq!(got.status, 400, "{method} {body}");
        }
    }
}

#[tokio::test]
async fn two_records_that_mean_the_same_are_one_too_many() {
    let stage = Stage::new().await;
    let put = async |kind: &str, records: Value| {
        let member = if kind == "CAA" { "caaRecords".to_owned() } else { format!("{kind}Records") };
        let body = json!({ "properties": { "TTL": 60, member: records } });
        stage.dns("PUT", &format!("{ZONE}/{kind}/twice"), &[], Some(&body)).await.status
    };
    let mail = |preference: u16, exchange: &str| json!({ "preference": preference, "exchange": exchange });
    let service = |target: &str| json!({ "priority": 1, "weight": 1, "port": 443, "target": target });
    for (kind, one, other) in [
        ("AAAA", json!({ "ipv6Address": "2001:db8::1" }), json!({ "ipv6Address": "2001:DB8:0::1" })),
        ("MX", mail(10, "mail.example.com"), mail(10, "Mail.example.com.")),
        ("NS", json!({ "nsdname": "ns1.example.net" }), json!({ "nsdname": "NS1.example.net." })),
        ("PTR", json!({ "ptrdname": "a.example.com" }), json!({ "ptrdname": "A.example.com" })),
        ("SRV", service("a.example.com"), service("a.example.com.")),
    ] {
        assert_eq!(put(kind, json!([one, other])).await, 400, "{kind}");
        assert_eq!(put(kind, json!([other])).await, 201, "{kind}");
    }
    assert_eq!(put("MX", json!([mail(10, "a.example.com"), mail(20, "a.example.com")])).await, 200);
    let text = |text: &str| json!({ "value": [text] });
    assert_eq!(put("TXT", json!([text("a"), text("A")])).await, 201, "texts keep their case");
}

#[tokio::test]
async fn more_texts_than_other_records_fit_into_a_set() {
    let stage = Stage::new().await;
    let texts = |count: usize| -> Value {
        let records: Vec<Value> = (0..count).map(|number| json!({ "value": [number.to_string()] })).collect();
        json!({ "properties": { "TTL": 60, "TXTRecords": records } })
    };
    let put = async |zone: &str, count: usize| {
        stage.dns("PUT", &format!("{zone}/TXT/many"), &[], Some(&texts(count))).await.status
    };
    assert_eq!(put(ZONE, 401).await, 400);
    assert_eq!(put(ZONE, 400).await, 201);
    stage.dns("PUT", PRIVATE, &[], Some(&json!({ "location": "global" }))).await;
    assert_eq!(put(PRIVATE, 21).await, 400, "a private zone counts all records alike");
    assert_eq!(put(PRIVATE, 20).await, 201);
}

#[tokio::test]
async fn records_without_what_makes_them_are_refused() {
    let stage = Stage::new().await;
    let tag = |tag: &str| json!([{ "flags": 0, "tag": tag, "value": "ca.example.net" }]);
    for (kind, members, status) in [
        ("TXT", json!({ "TXTRecords": [{ "value": [] }] }), 400),
        ("TXT", json!({ "TXTRecords": [{ "value": [""] }] }), 201),
        ("CAA", json!({ "caaRecords": tag("") }), 400),
        ("CAA", json!({ "caaRecords": tag("is sue") }), 400),
        ("CAA", json!({ "caaRecords": tag("issuewild") }), 201),
        ("A", json!({ "targetResource": { "id": 5 } }), 400),
        ("A", json!({ "targetResource": { "id": null } }), 201),
    ] {
        let mut members = members;
        members["TTL"] = json!(60);
        let body = json!({ "properties": members });
        let got = stage.dns("PUT", &format!("{ZONE}/{kind}/bare"), &[], Some(&body)).await;
        assert_eq!(got.status, status, "{body}: {got:?}");
    }
}
