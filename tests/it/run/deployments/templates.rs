//! What is in a template: whole record sets with their marks, all that others have put there, and no zone but its own.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{NEW, OLD, VIA, arm, report};
use crate::handler::{House, OWNER, beat, mark, moved, outcomes, set, tagged, until};
use crate::run::{code, words};
use crate::stage::{SUBSCRIPTION, world, zone_id};

const OLD_V6: &str = "2001:db8::10";
const NEW_V6: &str = "2001:db8::7";

/// The body of a deployment of one set.
pub(super) fn of_one(name: &str, address: &str) -> Value {
    json!({ "properties": { "mode": "Incremental", "template": {
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "resources": [{
            "type": "Microsoft.Network/dnsZones/A", "apiVersion": "2018-05-01", "name": format!("example.com/{name}"),
            "properties": { "TTL": 60, "ARecords": [{ "ipv4Address": address }] },
        }],
    } } })
}

fn deployment(name: &str, below: &str) -> String {
    format!("{SUBSCRIPTION}/resourcegroups/rg-dns/providers/Microsoft.Resources/deployments/{name}{below}")
}

/// A name of both families with a long life and somebody's metadata, one that is missing, and what nobody writes.
async fn both(more: &[(&str, &str)]) -> House {
    let mut theirs = mark("x", OWNER, "1");
    for (key, value) in [("team", "[resourceGroup().id]"), ("note", "a \"quoted\" \\ ü word"), ("empty", "")]
    {
        theirs[key] = json!(value);
    }
    let mut four = set("x", &[OLD], theirs.clone());
    four["properties"]["TTL"] = json!(86_400);
    let six = json!({ "name": "x", "type": "AAAA", "properties": {
        "TTL": 7, "AAAARecords": [{ "ipv6Address": OLD_V6 }], "metadata": theirs } });
    let text = json!({ "name": "x", "type": "TXT", "properties": { "TTL": 9, "TXTRecords": [{ "value": ["v=spf1"] }] } });
    let sets = [four, six, text, set("other", &["192.0.2.80"], json!({ "by": "hand" }))];
    let machines = [tagged("x", "x.example.com"), tagged("y", "y.example.com")];
    let beats = [
        moved("x", OLD, NEW),
        moved("x", OLD_V6, NEW_V6),
        [60, 30, 2].map(|ago| beat("y", "203.0.113.6", ago)).to_vec(),
    ];
    let more = [&[("POLICY_RECORD_TYPES", "A,AAAA")], more].concat();
    House::new(&sets, &machines, &beats.concat(), &more).await
}

/// All sets of all zones but those that Azure keeps, without what changes with every write.
async fn sets(house: &House) -> BTreeMap<String, Value> {
    let world = house.control("GET", "/standin/world", &Value::Null).await;
    let mut all = BTreeMap::new();
    for zone in world["zones"].as_array().unwrap() {
        let of = zone["id"].as_str().unwrap().rsplit('/').next().unwrap();
        for set in zone["recordSets"].as_array().unwrap().iter().filter(|set| set["name"] != "@") {
            let kind = set["type"].as_str().unwrap().rsplit('/').next().unwrap();
            let mut properties = if set["properties"].is_object() { &set["properties"] } else { set }.clone();
            for key in ["etag", "id"] {
                properties.as_object_mut().unwrap().remove(key);
            }
            all.insert(format!("{} {kind} {of}", set["name"].as_str().unwrap()), without_run(properties));
        }
    }
    all
}

/// The same without the run and its time.
fn without_run(mut properties: Value) -> Value {
    if let Some(metadata) = properties["metadata"].as_object_mut() {
        for key in ["heartbeat_dns_run", "heartbeat_dns_time"] {
            metadata.remove(key);
        }
    }
    properties
}

/// The resources of a template by type and name, without the run and its time.
fn resources(template: &Value) -> BTreeMap<String, Value> {
    let all = template["resources"].as_array().unwrap().iter();
    all.map(|resource| {
        let key = format!("{} {}", resource["type"].as_str().unwrap(), resource["name"].as_str().unwrap());
        let mut resource = resource.clone();
        resource["properties"] = without_run(resource["properties"].clone());
        (key, resource)
    })
    .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_families_of_a_name_keep_all_that_others_put_there() {
    let (by_sets, deployed) = (both(&[]).await, both(&[VIA]).await);
    for house in [&by_sets, &deployed] {
        let told = report(house, &["apply", "--yes"]).await;
        assert_eq!(
            (outcomes(&told), told["changes"].as_array().unwrap().len()),
            (vec!["confirmed".to_owned()], 3)
        );
    }
    let all = sets(&deployed).await;
    assert_eq!(sets(&by_sets).await, all);
    let (four, six) = (&all["x A example.com"], &all["x AAAA example.com"]);
    assert_eq!((&four["TTL"], &six["TTL"]), (&json!(86_400), &json!(7)));
    assert_eq!(six["AAAARecords"], json!([{ "ipv6Address": NEW_V6 }]));
    for set in [four, six] {
        let metadata = &set["metadata"];
        assert_eq!((&metadata["team"], &metadata["empty"]), (&json!("[resourceGroup().id]"), &json!("")));
        assert_eq!(metadata["note"], "a \"quoted\" \\ ü word");
        assert_eq!(metadata["heartbeat_dns_owner"], OWNER, "{metadata}");
    }
    assert_eq!(all["x TXT example.com"]["TXTRecords"], json!([{ "value": ["v=spf1"] }]));
    assert_eq!(all["other A example.com"]["metadata"], json!({ "by": "hand" }));
    let body = json!({ "properties": {} });
    let (status, exported) =
        arm(&deployed, "POST", &deployment("heartbeat-dns-example.com", "/exportTemplate"), &body).await;
    assert_eq!(status, 200, "{exported}");
    let runs: BTreeSet<&str> = exported["template"]["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|resource| resource["properties"]["metadata"]["heartbeat_dns_run"].as_str().expect("the mark"))
        .collect();
    assert_eq!(runs.len(), 1, "each bears the mark of the one run: {exported}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_printed_is_what_is_sent_and_ends_alike_by_hand() {
    let (ours, theirs) = (both(&[VIA]).await, both(&[]).await);
    let print = async |house: &House| {
        let printed = house.run(&["plan", "-o", "arm"]).await;
        assert_eq!(code(&printed), 0, "{}", words(&printed));
        serde_json::from_slice::<Value>(&printed.stdout).unwrap()
    };
    let printed = print(&ours).await;
    assert_eq!(outcomes(&report(&ours, &["apply", "--yes"]).await), ["confirmed"]);
    let sent = deployment("heartbeat-dns-example.com", "/exportTemplate");
    let (_, sent) = arm(&ours, "POST", &sent, &json!({})).await;
    assert_eq!(resources(&sent["template"]), resources(&printed));
    assert_eq!(resources(&printed).len(), 3, "{printed}");
    // Whoever deploys it, asked what it would do and then having it done, comes to the same zone.
    let body = json!({ "properties": { "mode": "Incremental", "template": print(&theirs).await } });
    let before = sets(&theirs).await;
    let (status, _) = arm(&theirs, "POST", &deployment("by-hand", "/whatIf"), &body).await;
    assert!(status == 200 || status == 202, "{status}");
    let (status, checked) = arm(&theirs, "POST", &deployment("by-hand", "/validate"), &body).await;
    assert_eq!((status, sets(&theirs).await), (200, before), "{checked}");
    assert_eq!(arm(&theirs, "PUT", &deployment("by-hand", ""), &body).await.0, 201);
    let is_over = async || {
        let (_, shown) = arm(&theirs, "GET", &deployment("by-hand", ""), &Value::Null).await;
        shown["properties"]["provisioningState"] == "Succeeded"
    };
    until("it has ended", is_over).await;
    assert_eq!(sets(&theirs).await, sets(&ours).await);
    let told = report(&theirs, &["plan"]).await;
    assert_eq!(told["result"], "in-sync", "{told}");
}

/// Two zones of one name are told apart as in a policy file.
#[tokio::test(flavor = "multi_thread")]
async fn a_template_writes_the_private_zone_of_two_of_a_name_when_that_is_said() {
    let mut world = world(&[], &[tagged("nas", "nas.example.com")]);
    let private = zone_id("example.com").replace("dnsZones", "privateDnsZones");
    world["zones"].as_array_mut().unwrap().push(json!({ "id": private, "recordSets": [] }));
    let mut beats = [600, 300, 60, 2].map(|ago| beat("nas", "203.0.113.7", ago));
    for row in &mut beats {
        row["ComputerPrivateIPs"] = json!(["10.1.0.4"]);
    }
    let more = [VIA, ("PRIVATE_ZONES", private.as_str()), ("POLICY_PRIVATE_PREFIXES", "10.0.0.0/8")];
    let house = House::with_world(&world, &beats, &more, standin::Options::default()).await;
    let of_all = house.run(&["plan", "-o", "arm"]).await;
    assert_eq!(code(&of_all), 2, "{}", words(&of_all));
    assert!(
        words(&of_all).contains("example.com and private:example.com; name one with --zone"),
        "{}",
        words(&of_all)
    );
    for (said, kind) in [("example.com", "dnsZones"), ("private:Example.com", "privateDnsZones")] {
        let of_one = house.run(&["plan", "-o", "arm", "--zone", said]).await;
        let of_one: Value =
            serde_json::from_slice(&of_one.stdout).unwrap_or_else(|_| panic!("{}", words(&of_one)));
        let names: Vec<String> = resources(&of_one).into_keys().collect();
        assert_eq!(names, [format!("Microsoft.Network/{kind}/A example.com/nas")]);
    }
    let strange = house.run(&["plan", "-o", "arm", "--zone", "private:example.net"]).await;
    assert_eq!(code(&strange), 2);
    assert!(
        words(&strange).contains("\"private:example.net\" is none of the zones of"),
        "{}",
        words(&strange)
    );
}

/// Names that are too long for a deployment's are cut, and two that begin alike share none.
#[tokio::test(flavor = "multi_thread")]
async fn zones_of_one_group_have_deployments_of_their_own_however_long_their_names() {
    let label = "l".repeat(60);
    let zones = ["example.com".to_owned(), format!("{label}.example.net"), format!("{label}.example.org")];
    let machines: Vec<_> =
        zones.iter().enumerate().map(|(at, zone)| tagged(&format!("m{at}"), &format!("x.{zone}"))).collect();
    let beats: Vec<_> =
        (0..3).flat_map(|at| moved(&format!("m{at}"), OLD, &format!("203.0.113.{}", at + 1))).collect();
    let mut world = world(&[], &machines);
    let id_of = |zone: &String| zone_id(zone);
    world["zones"] = zones
        .iter()
        .enumerate()
        .map(|(at, zone)| {
            json!({ "id": id_of(zone), "recordSets": [set("x", &[OLD], mark(&format!("m{at}"), OWNER, "1"))] })
        })
        .collect();
    let ids = zones.iter().map(id_of).collect::<Vec<_>>().join(",");
    let more = [VIA, ("DNS_ZONES", &ids)];
    let house = House::with_world(&world, &beats, &more, standin::Options::default()).await;
    let of_all = house.run(&["plan", "-o", "arm"]).await;
    assert!(code(&of_all) == 2 && words(&of_all).contains("name one with --zone"), "{}", words(&of_all));
    let of_one = house.run(&["plan", "-o", "arm", "--zone", &zones[1].to_uppercase()]).await;
    let of_one: Value = serde_json::from_slice(&of_one.stdout).unwrap();
    let names: Vec<String> = resources(&of_one).into_keys().collect();
    assert_eq!(names, [format!("Microsoft.Network/dnsZones/A {}/x", zones[1])]);
    house.stage.calls().await;
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!(
        (outcomes(&told), told["changes"].as_array().unwrap().len()),
        (vec!["confirmed".to_owned()], 3)
    );
    let calls = house.stage.calls().await;
    let puts: BTreeSet<String> = calls
        .iter()
        .filter(|call| call.method == "PUT")
        .map(|call| call.path.rsplit('/').next().unwrap().split('?').next().unwrap().to_owned())
        .collect();
    assert_eq!(puts.len(), 3, "{puts:?}");
    assert!(puts.contains("heartbeat-dns-example.com"), "{puts:?}");
    let long = puts.iter().filter(|name| name.starts_with("heartbeat-dns-lll"));
    assert!(long.clone().count() == 2 && long.clone().all(|name| name.ends_with(')')), "{puts:?}");
    let all = sets(&house).await;
    for (at, zone) in zones.iter().enumerate() {
        let records = &all[&format!("x A {zone}")]["ARecords"];
        assert_eq!(records, &json!([{ "ipv4Address": format!("203.0.113.{}", at + 1) }]), "{zone}");
    }
}
