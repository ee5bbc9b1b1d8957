//! What recorded sessions of the .NET SDKs show of the services, beside the habits that have a file of their own
//! (contract azure-resource-manager, sections 2 and 11.1).

use serde_json::{Value, json};

use crate::stage::{PRIVATE, Stage, ZONE};

fn records(zone: &str, value: &Value) -> Value {
    let (ttl, member) = if zone == ZONE { ("TTL", "AAAARecords") } else { ("ttl", "aaaaRecords") };
    json!({ "properties": { ttl: 60, member: value } })
}

#[tokio::test]
async fn ipv6_addresses_are_read_in_the_form_of_the_public_provider() {
    let stage = Stage::new().await;
    stage.dns("PUT", PRIVATE, &[], Some(&json!({ "location": "global" }))).await;
    let sent = "2001:0DB8:0000:0000:0000:0000:0000:0007";
    let addresses = json!([{ "ipv6Address": sent }]);
    for (zone, member, read) in [(ZONE, "AAAARecords", "2001:db8::7"), (PRIVATE, "aaaaRecords", sent)] {
        let path = format!("{zone}/AAAA/nas");
        let got = stage.dns("PUT", &path, &[], Some(&records(zone, &addresses))).await.json();
        assert_eq!(got["properties"][member], addresses, "the answer has what was sent");
        let one = stage.get(&path).await.json();
        let listed = stage.get(&format!("{zone}/AAAA")).await.json()["value"][0].clone();
        for got in [one, listed] {
            assert_eq!(got["properties"][member][0]["ipv6Address"], read, "{zone}");
        }
    }
    let set =
        json!({ "name": "of-world", "type": "AAAA", "properties": { "TTL": 60, "AAAARecords": addresses } });
    stage.put_world(&json!({ "zones": [{ "id": ZONE, "recordSets": [set] }] })).await;
    let got = stage.get(&format!("{ZONE}/AAAA/of-world")).await.json();
    assert_eq!(got["properties"]["AAAARecords"][0]["ipv6Address"], "2001:db8::7");
}

#[tokio::test]
async fn lists_begin_at_the_apex_and_go_by_last_label_and_number_of_type() {
    let stage = Stage::new().await;
    let aaaa = records(ZONE, &json!([{ "ipv6Address": "2001:db8::7" }]));
    let txt = json!({ "properties": { "TTL": 60, "TXTRecords": [{ "value": ["x"] }] } });
    let mx = json!({ "properties": { "TTL": 60, "MXRecords": [{ "preference": 1, "exchange": "m.example.com" }] } });
    for (path, body) in [
        ("AAAA/nas", &aaaa),
        ("TXT/nas", &txt),
        ("TXT/@", &txt),
        ("MX/40", &mx),
        ("TXT/_x", &txt),
        ("TXT/z.nas", &txt),
        ("TXT/a.web", &txt),
        ("TXT/nas2", &txt),
    ] {
        assert_eq!(stage.dns("PUT", &format!("{ZONE}/{path}"), &[], Some(body)).await.status, 201);
    }
    stage.put_a("nas", "192.0.2.1").await;
    let wanted = [
        "NS/@",
        "SOA/@",
        "TXT/@",
        "MX/40",
        "TXT/_x",
        "A/nas",
        "TXT/nas",
        "AAAA/nas",
        "TXT/z.nas",
        "TXT/nas2",
        "TXT/a.web",
    ]
    .map(str::to_owned);
    let names = |page: &Value| -> Vec<String> {
        let sets = page["value"].as_array().expect("a list").iter();
        let short = |set: &Value| {
            let (_, short) = set["id"].as_str().expect("an id").split_once("example.com/").expect("a set");
            short.to_owned()
        };
        sets.map(short).collect()
    };
    assert_eq!(names(&stage.get(&format!("{ZONE}/recordsets")).await.json()), wanted);
    let (mut paged, mut next) = (Vec::new(), format!("{ZONE}/all?api-version=2018-05-01&$top=1"));
    loop {
        let page = stage.send("GET", &next, &[], None).await.json();
        paged.extend(names(&page));
        match page["nextLink"].as_str() {
            Some(link) => link.strip_prefix(&stage.base).expect("our host").clone_into(&mut next),
            None => break,
        }
    }
    assert_eq!(paged, wanted, "pages of one");
}

#[tokio::test]
async fn older_versions_show_less() {
    let stage = Stage::new().await;
    stage.put_a("nas", "192.0.2.1").await;
    stage.dns("PUT", PRIVATE, &[], Some(&json!({ "location": "global" }))).await;
    let properties = async |path: &str, version: &str| {
        let got = stage.send("GET", &format!("{path}?api-version={version}"), &[], None).await.json();
        got.pointer("/value/0/properties").unwrap_or(&got["properties"]).clone()
    };
    for path in [format!("{ZONE}/A/nas"), format!("{ZONE}/A")] {
        let (old, new) =
            (properties(&path, "2018-03-01-preview").await, properties(&path, "2018-05-01").await);
        for member in ["targetResource", "provisioningState"] {
            assert_eq!((old.get(member), new.get(member).is_some()), (None, true), "{path}: {member}");
        }
        assert_eq!(old["ARecords"], new["ARecords"]);
    }
    assert_eq!(properties(PRIVATE, "2018-09-01").await.get("internalId"), None);
    assert!(properties(PRIVATE, "2020-06-01").await["internalId"].is_string());
}

#[tokio::test]
async fn a_zone_without_tags_has_none_to_show() {
    let stage = Stage::new().await;
    assert_eq!(stage.get(ZONE).await.json()["tags"], json!({}));
    let path = ZONE.replace("example.com", "example.org");
    let made = stage.dns("PUT", &path, &[], Some(&json!({ "location": "global" }))).await;
    assert_eq!(made.json()["tags"], json!({}));
}

#[tokio::test]
async fn conditions_speak_of_names_in_lower_case() {
    let stage = Stage::new().await;
    stage.put_a("nas", "192.0.2.1").await;
    let body = json!({ "properties": { "TTL": 60 } });
    let got = stage.dns("PUT", &format!("{ZONE}/A/NAS"), &[("If-None-Match", "*")], Some(&body)).await;
    assert_eq!(got.json()["message"], "The Record set nas exists already and hence cannot be created again.");
    let got = stage.dns("DELETE", &format!("{ZONE}/A/Nas"), &[("If-Match", "stale")], None).await;
    assert_eq!(got.json()["message"], "The Record set nas has been modified (etag mismatch).");
}

#[tokio::test]
async fn a_token_to_skip_rows_may_be_of_the_services_own_form() {
    let stage = Stage::new().await;
    let ask = async |options: Value| {
        let body = json!({ "query": "resources | project id | order by id asc", "options": options });
        let path = "/providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01";
        stage.send("POST", path, &[], Some(&body)).await
    };
    let all = ask(json!({ "$top": 1000 })).await.json()["data"].clone();
    // {"$id": "1", "MaxRows": 2, "RowsToSkip": 2, "KustoClusterUrl": "?>"}
    let token =
        "eyIkaWQiOiAiMSIsICJNYXhSb3dzIjogMiwgIlJvd3NUb1NraXAiOiAyLCAiS3VzdG9DbHVzdGVyVXJsIjogIj8+In0=";
    let got = ask(json!({ "$top": 2, "$skip": 2, "$skipToken": token })).await;
    let ids = |rows: &Value, from: usize| -> Vec<String> {
        let rows = rows.as_array().expect("rows").iter().skip(from).take(2);
        rows.map(|row| row["id"].as_str().expect("an id").to_ascii_lowercase()).collect()
    };
    assert_eq!((got.status, ids(&got.json()["data"], 0)), (200, ids(&all, 2)));
    let foreign = ask(json!({ "$skipToken": "e30=" })).await;
    assert_eq!(foreign.status, 400, "a token that says nothing");
}

#[tokio::test]
async fn a_refused_login_is_told_in_lines_and_with_the_callers_id() {
    let stage = Stage::new().await;
    let tenant = stage.standin.state().world().tenant.clone();
    let request = stage.http.post(format!("{}/{tenant}/oauth2/v2.0/token", stage.base));
    let form = "grant_type=client_credentials&client_id=00000000-0000-0000-0000-0000000000d1&client_secret=wrong\
                &scope=https%3A%2F%2Fmanagement.azure.com%2F.default";
    let got = request.header("client-request-id", "mine-7").body(form).send().await.expect("an answer");
    assert_eq!(
        (got.status().as_u16(), got.headers()["client-request-id"].as_bytes()),
        (401, "mine-7".as_bytes())
    );
    let trace = got.headers()["x-ms-request-id"].to_str().expect("text").to_owned();
    let body: Value = serde_json::from_str(&got.text().await.expect("a body")).expect("JSON");
    assert_eq!((&body["correlation_id"], &body["trace_id"]), (&json!("mine-7"), &json!(trace)));
    let words = body["error_description"].as_str().expect("words");
    let lines: Vec<&str> = words.split("\r\n").collect();
    let stamp = format!("Timestamp: {}", body["timestamp"].as_str().expect("a time"));
    assert!(lines[0].starts_with("AADSTS7000215: "), "{words}");
    assert_eq!(&lines[1..], [format!("Trace ID: {trace}"), "Correlation ID: mine-7".to_owned(), stamp]);
}

#[tokio::test]
async fn a_group_with_an_impossible_name_is_no_missing_group() {
    let stage = Stage::new().await;
    let groups = "/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups";
    let below = "/providers/Microsoft.Resources/deployments/d";
    for (method, tail) in [("GET", ""), ("DELETE", ""), ("PUT", ""), ("GET", below)] {
        let path = format!("{groups}/a~%60b{tail}?api-version=2021-04-01");
        let body = (method == "PUT").then(|| json!({ "location": "westeurope" }));
        let got = stage.send(method, &path, &[], body.as_ref()).await;
        assert_eq!(
            (got.status, got.code().as_str()),
            (400, "wrapped InvalidResourceGroup"),
            "{method} {tail}"
        );
        let message = "The provided resource group name 'a~`b' has these invalid characters: '~`'. The name can only be \
                       a letter, digit, '-', '.', '(', ')' or '_'.";
        assert_eq!(got.json()["error"]["message"], message);
    }
    for name in ["a.b", "a(b)", "a_b-1"] {
        let got = stage.send("GET", &format!("{groups}/{name}?api-version=2021-04-01"), &[], None).await;
        assert_eq!(got.code(), "wrapped ResourceGroupNotFound", "{name}");
    }
}

#[tokio::test]
async fn a_group_has_at_most_90_characters_and_no_dot_at_the_end() {
    let stage = Stage::new().await;
    let put = async |name: &str| {
        let path = format!(
            "/subscriptions/00000000-0000-0000-0000-000000000001/resourcegroups/{name}?api-version=2021-04-01"
        );
        stage.send("PUT", &path, &[], Some(&json!({ "location": "westeurope" }))).await
    };
    let longest = "g".repeat(90);
    for name in [longest.as_str(), "g"] {
        assert_eq!(put(name).await.status, 201, "{name}");
    }
    let long = format!("{longest}g");
    for (name, words) in
        [(long.as_str(), "has a length of '91' which exceeds the maximum length of '90'."), ("g.", "'.'.")]
    {
        let got = put(name).await;
        assert_eq!((got.status, got.code().as_str()), (400, "wrapped InvalidResourceGroup"), "{name}");
        let message = got.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
        assert!(message.starts_with(&format!("The provided resource group name '{name}' ")), "{message}");
        assert!(message.ends_with(words), "{message}");
    }
}

#[tokio::test]
async fn a_value_wants_a_name_of_a_tag() {
    let stage = Stage::new().await;
    let path = "/subscriptions/00000000-0000-0000-0000-000000000001/tagNames/none/tagValues/v?api-version=2022-09-01";
    let got = stage.send("PUT", path, &[], None).await;
    assert_eq!((got.status, got.code().as_str()), (404, "wrapped SubscriptionTagNameNotFound"));
    assert_eq!(got.json()["error"]["message"], "Subscription tag name 'none' could not be found.");
}

#[tokio::test]
async fn providers_say_where_to_begin_and_what_can_be_done() {
    let stage = Stage::new().await;
    let types = async |namespace: &str| {
        let path = format!(
            "/subscriptions/00000000-0000-0000-0000-000000000001/providers/{namespace}?api-version=2022-09-01"
        );
        let provider = stage.send("GET", &path, &[], None).await.json();
        assert!(provider["authorizations"][0]["applicationId"].is_string(), "{provider}");
        provider["resourceTypes"].as_array().expect("types").clone()
    };
    let find = |types: &[Value], name: &str| -> Value {
        types.iter().find(|known| known["resourceType"] == name).expect("the type").clone()
    };
    let network = types("Microsoft.Network").await;
    for (name, version, capabilities) in [
        (
            "dnszones",
            "2018-05-01",
            "CrossResourceGroupResourceMove, CrossSubscriptionResourceMove, SupportsTags, SupportsLocation",
        ),
        ("dnszones/A", "2018-05-01", "None"),
        ("privateDnsZones/all", "2018-09-01", "None"),
    ] {
        let shown = find(&network, name);
        assert_eq!(
            (&shown["defaultApiVersion"], &shown["capabilities"]),
            (&json!(version), &json!(capabilities))
        );
        assert_eq!(shown["locations"], json!(["global"]), "{name}");
    }
    let own = types("Microsoft.Resources").await;
    let profile = json!({ "profileVersion": "2018-06-01-profile", "apiVersion": "2016-06-01" });
    assert_eq!(find(&own, "deployments")["apiProfiles"][0], profile);
    assert_eq!(find(&own, "tags").get("apiProfiles"), None);
}

#[tokio::test]
async fn a_scope_may_be_escaped_as_a_whole() {
    let stage = Stage::new().await;
    let scope = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-dns";
    let escaped = scope.replace('/', "%2F");
    let lock = "/providers/Microsoft.Authorization/locks/kept?api-version=2016-09-01";
    let body = json!({ "properties": { "level": "CanNotDelete" } });
    let made = stage.send("PUT", &format!("/{escaped}{lock}"), &[], Some(&body)).await;
    assert_eq!(made.status, 201, "{made:?}");
    let got = stage.send("GET", &format!("{scope}{lock}"), &[], None).await;
    assert_eq!(got.json()["id"], format!("{scope}/providers/Microsoft.Authorization/locks/kept"));
    let tags = "/providers/Microsoft.Resources/tags/default?api-version=2021-04-01";
    assert_eq!(stage.send("GET", &format!("/{escaped}{tags}"), &[], None).await.status, 200);
}
