//! After a move of a public address it is told which resources still hold the old one; nobody waits for that, and nothing is
//! written.

use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use standin::Options;

use super::{NEW, OLD, change, code, words};
use crate::handler::{House, OWNER, mark, moved, set, tagged, until};
use crate::stage::{SUBSCRIPTION, machine_id, world};
use crate::watch::Watch;
use crate::watch::notices::Receiver;

const NAME: &str = "nas.example.com";
const REPORT: (&str, &str) = ("MOVES", "report");

fn resource(kind: &str, name: &str, properties: Value) -> Value {
    let id = format!("{SUBSCRIPTION}/resourceGroups/rg-walls/providers/{kind}/{name}");
    let mut resource = json!({ "id": id, "location": "westeurope" });
    resource["properties"] = properties;
    resource
}

/// Seven types that hold an address, each in its own way, and an eighth that holds one that begins alike.
fn eight(address: &str, longer: &str) -> Vec<Value> {
    let full = if address.contains(':') { 128 } else { 32 };
    vec![
        resource(
            "Microsoft.Network/networkSecurityGroups",
            "nsg-home",
            json!({ "securityRules": [{ "name": "ssh", "properties": { "sourceAddressPrefix": format!("{address}/{full}") } }] }),
        ),
        resource("Microsoft.Network/ipGroups", "ipg-home", json!({ "ipAddresses": ["192.0.2.1", address] })),
        resource(
            "Microsoft.Storage/storageAccounts",
            "stohome",
            json!({ "networkAcls": { "ipRules": [{ "value": address, "action": "Allow" }] } }),
        ),
        resource(
            "Microsoft.KeyVault/vaults",
            "kv-home",
            json!({ "networkAcls": { "ipRules": [{ "value": format!("{address}/{full}") }] } }),
        ),
        resource(
            "Microsoft.DocumentDB/databaseAccounts",
            "cosmos-home",
            json!({ "ipRules": [{ "ipAddressOrRange": address }] }),
        ),
        resource(
            "Microsoft.ContainerService/managedClusters",
            "aks-home",
            json!({ "apiServerAccessProfile": { "authorizedIPRanges": ["192.0.2.0/24", format!("{address}/{full}")] } }),
        ),
        resource(
            "Microsoft.Network/localNetworkGateways",
            "lng-home",
            json!({ "gatewayIpAddress": address }),
        ),
        resource(
            "Microsoft.ContainerRegistry/registries",
            "acrother",
            json!({ "networkRuleSet": { "ipRules": [{ "value": longer }, { "value": format!("{address}/24") }] } }),
        ),
    ]
}

const SEVEN: [&str; 7] =
    ["aks-home", "cosmos-home", "ipg-home", "kv-home", "lng-home", "nsg-home", "stohome"];

/// A house in which one name is to move, among these resources.
async fn house(resources: &[Value], more: &[(&str, &str)]) -> House {
    let mut document = world(&[set("nas", &[OLD], mark("nas", OWNER, "1"))], &[tagged("nas", NAME)]);
    document["resources"] = json!(resources);
    House::with_world(&document, &moved("nas", OLD, NEW), more, Options::default()).await
}

/// What a run by hand answers, once it has written.
async fn applied(house: &House) -> Value {
    let output = house.run(&["apply", "--yes", "-o", "json"]).await;
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", words(&output)))
}

/// The names of the resources that hold the only address that was left.
fn named(moves: &Value) -> Vec<&str> {
    let [left] = moves["left"].as_array().unwrap().as_slice() else { panic!("{moves}") };
    let mut names: Vec<&str> =
        left["resources"].as_array().unwrap().iter().map(|held| held["name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

fn one<'a>(moves: &'a Value, name: &str) -> &'a Value {
    let all = moves["left"][0]["resources"].as_array().unwrap();
    all.iter().find(|held| held["name"] == name).unwrap_or_else(|| panic!("{name} in {moves}"))
}

/// Calls to Resource Graph since the last look.
async fn questions(house: &House) -> usize {
    let calls = house.stage.all_calls().await;
    calls.iter().filter(|call| call.path.contains("ResourceGraph")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn seven_types_that_hold_the_old_address_are_named_and_an_eighth_is_not() {
    let house = house(&eight(OLD, "198.51.100.101"), &[REPORT]).await;
    let report = applied(&house).await;
    assert_eq!(change(&report, NAME)["outcome"], "confirmed", "{report}");
    let moves = &report["moves"];
    assert_eq!(named(moves), SEVEN, "{moves}");
    let left = &moves["left"][0];
    assert_eq!((&left["address"], &left["names"]), (&json!(OLD), &json!([NAME])), "{left}");
    let nsg = one(moves, "nsg-home");
    assert_eq!(
        (&nsg["type"], &nsg["resource_group"], &nsg["places"]),
        (
            &json!("microsoft.network/networksecuritygroups"),
            &json!("rg-walls"),
            &json!(["securityRules[0].properties.sourceAddressPrefix"])
        ),
        "{nsg}"
    );
    // A tunnel takes a name, and then it follows by itself.
    let advice = one(moves, "lng-home")["because"].as_str().unwrap();
    assert!(advice.contains("fqdn") && advice.contains(NAME), "{advice}");
    assert!(nsg["because"].is_null() && moves["because"].is_null(), "{moves}");
}

#[tokio::test(flavor = "multi_thread")]
async fn people_read_the_same_and_explain_tells_it_later() {
    let house = house(&eight(OLD, "198.51.100.101"), &[REPORT]).await;
    let output = house.run(&["apply", "--yes"]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    let explained = house.run(&["explain", NAME]).await;
    let explained = String::from_utf8(explained.stdout).unwrap();
    for said in [&text, &explained] {
        let missing: Vec<_> = SEVEN.iter().filter(|name| !said.contains(*name)).collect();
        assert!(missing.is_empty() && !said.contains("acrother"), "{missing:?} in {said}");
        assert!(said.contains("fqdn"), "{said}");
    }
    assert!(explained.contains("still held"), "{explained}");
}

#[tokio::test(flavor = "multi_thread")]
async fn servers_whose_rules_are_not_shown_are_told_with_the_command_that_shows_them() {
    let resources = [
        resource("Microsoft.Sql/servers", "sql-home", json!({ "state": "Ready" })),
        resource("Microsoft.DBforPostgreSQL/flexibleServers", "pg-home", json!({ "state": "Ready" })),
    ];
    let house = house(&resources, &[REPORT]).await;
    let moves = applied(&house).await["moves"].clone();
    assert_eq!(named(&moves), [""; 0], "{moves}");
    let looks: Vec<&str> = moves["not_shown"]
        .as_array()
        .unwrap()
        .iter()
        .map(|server| server["look"].as_str().unwrap())
        .collect();
    assert_eq!(
        looks,
        [
            "az postgres flexible-server firewall-rule list --server-name pg-home --resource-group rg-walls --subscription 00000000-0000-0000-0000-000000000001",
            "az sql server firewall-rule list --server sql-home --resource-group rg-walls --subscription 00000000-0000-0000-0000-000000000001",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_question_is_asked_and_none_unless_it_is_wanted() {
    let mut asked = Vec::new();
    for more in [&[][..], &[REPORT]] {
        let house = house(&eight(OLD, "198.51.100.101"), more).await;
        house.stage.all_calls().await;
        let report = applied(&house).await;
        assert_eq!(change(&report, NAME)["outcome"], "confirmed", "{report}");
        assert_eq!(report.get("moves").is_some(), !more.is_empty(), "{report}");
        let of_the_run = questions(&house).await;
        house.run(&["explain", NAME]).await;
        asked.push((of_the_run, questions(&house).await));
        // Who has not moved has left nothing.
        assert!(applied(&house).await.get("moves").is_none());
    }
    assert_eq!(asked[1], (asked[0].0 + 1, asked[0].1 + 1), "{asked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_azure_shows_of_the_machine_itself_is_no_news() {
    let mut document = world(&[set("nas", &[OLD], mark("nas", OWNER, "1"))], &[tagged("nas", NAME)]);
    document["machines"][0]["properties"] =
        json!({ "status": "Connected", "networkProfile": { "address": OLD } });
    assert_eq!(document["machines"][0]["id"], machine_id("nas"), "{document}");
    let house = House::with_world(&document, &moved("nas", OLD, NEW), &[REPORT], Options::default()).await;
    assert_eq!(named(&applied(&house).await["moves"]), [""; 0]);
}

/// The house, and whoever hears its notices.
async fn told() -> (House, Receiver) {
    let people = Receiver::start().await;
    let url = format!("{}/hook", people.url);
    let more = [REPORT, ("NOTIFY_URL", url.as_str()), ("NOTIFY_FORMAT", "json")];
    (house(&eight(OLD, "198.51.100.101"), &more).await, people)
}

/// Waits until people have heard of all seven, and of nothing else.
async fn hears_of_seven(people: &Receiver) {
    let held = || -> Vec<Value> {
        let posts = people.posts();
        let events = posts.iter().flat_map(|post| post.json()["events"].as_array().unwrap().clone());
        events.filter(|event| event["event"] == "still-held").collect()
    };
    until("people hear of it", async || !held().is_empty()).await;
    let told = held();
    assert_eq!(told.len(), SEVEN.len(), "{told:?}");
    let of =
        |name: &str| told.iter().find(|event| event["resource"].as_str().unwrap().ends_with(name)).unwrap();
    assert!(of("/lng-home")["because"].as_str().unwrap().contains("fqdn"), "{told:?}");
    assert!(told.iter().all(|event| event["address"] == OLD && event["names"] == NAME), "{told:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_function_tells_people_after_its_answer() {
    let (house, people) = told().await;
    let handler = house.serve().await;
    let report = handler.apply().await;
    assert!(report.get("moves").is_none(), "the answer does not wait: {report}");
    hears_of_seven(&people).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn so_do_the_timer_and_a_clock_of_our_own() {
    let (house, people) = told().await;
    let handler = house.serve().await;
    let (status, said) = handler.tick().await;
    assert_eq!(status, 200, "{said}");
    hears_of_seven(&people).await;
    let (house, people) = told().await;
    let watch = Watch::start(&house, "5s").await;
    hears_of_seven(&people).await;
    watch.stop().await;
    let (house, people) = told().await;
    let output = house.run(&["watch", "--once", "-o", "json"]).await;
    let round: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", words(&output)));
    assert_eq!(named(&round["report"]["moves"]), SEVEN, "{round}");
    hears_of_seven(&people).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ipv6_is_found_in_other_spellings() {
    let old = "2001:db8::10";
    let mut stored = set("nas", &[], mark("nas", OWNER, "1"));
    stored["type"] = json!("AAAA");
    stored["properties"]["AAAARecords"] = json!([{ "ipv6Address": old }]);
    let resources = [
        resource(
            "Microsoft.Network/ipGroups",
            "full",
            json!({ "ipAddresses": ["2001:0DB8:0000:0000:0000:0000:0000:0010"] }),
        ),
        resource("Microsoft.Network/ipGroups", "prefix", json!({ "ipAddresses": ["2001:db8:0:0::10/128"] })),
        resource(
            "Microsoft.Network/ipGroups",
            "longer",
            json!({ "ipAddresses": ["2001:db8::10:1", "2001:db8::101", "2001:db8::10/64"] }),
        ),
    ];
    let mut document = world(&[stored], &[tagged("nas", NAME)]);
    document["resources"] = json!(resources);
    let more = [REPORT, ("POLICY_RECORD_TYPES", "AAAA")];
    let house =
        House::with_world(&document, &moved("nas", old, "2001:db8::7"), &more, Options::default()).await;
    assert_eq!(named(&applied(&house).await["moves"]), ["full", "prefix"]);
}

/// What happens to the question by an address, after so many others to Resource Graph.
fn after(others: usize, fault: &Value) -> Value {
    let mut fault = fault.clone();
    fault["path"] = json!("ResourceGraph");
    json!([{ "path": "ResourceGraph", "times": others, "headers": { "x-other": "1" } }, fault])
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_for_a_look_that_hangs_and_a_stop_ends_it() {
    let house = house(&eight(OLD, "198.51.100.101"), &[REPORT]).await;
    let mut handler = house.serve().await;
    house.stage.fail(&after(1, &json!({ "delay_ms": 60_000 }))).await;
    let begin = Instant::now();
    let report = handler.apply().await;
    assert_eq!(change(&report, NAME)["outcome"], "confirmed", "{report}");
    until("the look hangs", async || house.stage.faults().await.is_empty()).await;
    let (status, said) = handler.tick().await;
    assert_eq!(status, 200, "the next run goes on: {said}");
    let pid = Pid::from_raw(i32::try_from(handler.child.id().unwrap()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    handler.child.wait().await.unwrap();
    assert!(begin.elapsed() < Duration::from_secs(25), "{:?}: less than a look may take", begin.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_look_that_fails_is_told_and_is_no_failure_of_the_run() {
    let quiet = house(&[], &[]).await;
    quiet.stage.all_calls().await;
    applied(&quiet).await;
    let others = questions(&quiet).await;
    let house = house(&eight(OLD, "198.51.100.101"), &[REPORT]).await;
    house.stage.fail(&after(others, &json!({ "times": 9, "status": 403 }))).await;
    let output = house.run(&["apply", "--yes", "-o", "json"]).await;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((code(&output), &report["result"]), (0, &json!("changed")), "{report}");
    let moves = &report["moves"];
    assert!(named(moves).is_empty() && moves["because"].is_string(), "{moves}");
}
