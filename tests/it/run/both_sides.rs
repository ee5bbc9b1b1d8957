//! One name in a public zone and in a private one: each side has its address, its proof and its own story.

mod one_side;
mod one_side_called;

use serde_json::{Value, json};
use standin::Options;

use super::alarming;
use crate::handler::{House, OWNER, beat, mark, reasons, set, tagged, until};
use crate::stage::zone_id;

const NAS: &str = "nas.example.com";

/// The id of the private zone of the same name.
pub(super) fn private_id() -> String {
    zone_id("example.com").replace("dnsZones", "privateDnsZones")
}

/// A heartbeat that lists private addresses as well.
fn listing(machine: &str, address: &str, listed: &[&str], ago: i64) -> Value {
    let mut row = beat(machine, address, ago);
    row["ComputerPrivateIPs"] = json!(listed);
    row
}

/// Three beats of the last minutes.
pub(super) fn beats(machine: &str, address: &str, listed: &[&str]) -> Vec<Value> {
    [600, 300, 60, 2].map(|ago| listing(machine, address, listed, ago)).into()
}

/// A set of a private zone.
pub(super) fn own(name: &str, address: &str, metadata: &Value) -> Value {
    let mut set = json!({ "name": name, "type": "A", "ttl": 300, "aRecords": [{ "ipv4Address": address }] });
    if !metadata.is_null() {
        set["metadata"] = metadata.clone();
    }
    set
}

/// A world with both zones, and what stands in each; private addresses are those of `10.1.0.0/16`.
pub(super) async fn house(public: &[Value], private: &[Value], machines: &[Value], rows: &[Value]) -> House {
    let network = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-net/providers/Microsoft.Network/virtualNetworks/hub";
    let world = json!({
        "subscriptions": ["00000000-0000-0000-0000-000000000001"],
        "zones": [
            { "id": zone_id("example.com"), "recordSets": public },
            { "id": private_id(), "recordSets": private,
              "virtualNetworkLinks": [{ "name": "hub", "virtualNetwork": network }] },
        ],
        "machines": machines,
    });
    let more = [("PRIVATE_ZONES", private_id()), ("POLICY_PRIVATE_PREFIXES", "10.1.0.0/16".to_owned())];
    let more: Vec<_> = more.iter().map(|(name, value)| (*name, value.as_str())).collect();
    House::with_world(&world, rows, &more, Options::default()).await
}

/// What a run says of each side of a name: of a change its new addresses and its proof, of a skip its code.
fn sides(report: &Value, name: &str) -> [Vec<String>; 2] {
    [zone_id("example.com"), private_id()].map(|zone| {
        let is_of = |row: &&Value| {
            row["name"] == name && row["zone"].as_str().is_some_and(|of| of.eq_ignore_ascii_case(&zone))
        };
        let changes = report["changes"].as_array().unwrap().iter().filter(is_of);
        let changes = changes.map(|change| {
            let to: Vec<_> = change["to"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            format!("{} {} {}", change["action"], to.join(","), change["proved_by"]).replace('"', "")
        });
        let skips = report["skips"].as_array().unwrap().iter().filter(is_of);
        changes.chain(skips.map(|skip| skip["reason"].as_str().unwrap().to_owned())).collect()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn one_machine_and_one_tag_move_both_sides_in_one_run() {
    let machines = [tagged("nas", NAS)];
    let rows = beats("nas", "203.0.113.7", &["172.17.0.1", "10.1.0.4"]);
    for proof in ["arm", "dns"] {
        let mut house = house(&[], &[], &machines, &rows).await;
        let (servers, resolver) = (house.stage.standin.dns_addr(), house.stage.standin.resolver_addr());
        if proof == "dns" {
            let verify = format!("{servers};example.com={resolver}");
            house.environment.insert("DNS_VERIFY_SERVERS".to_owned(), verify);
        }
        let ran = house.serve().await.apply().await;
        let told = [vec!["create 203.0.113.7 dns".to_owned()], vec![format!("create 10.1.0.4 {proof}")]];
        assert_eq!(sides(&ran, NAS), told, "{ran}");
        assert_eq!((&ran["summary"]["changes"], &ran["skips"]), (&json!(2), &json!([])));
        assert_eq!(house.addresses("nas").await, ["203.0.113.7"]);
        // The log has both.
        let query = "DNSChange_CL | where Action_s == 'create' and Outcome_s == 'confirmed' | summarize dcount(ZoneId_s)";
        assert_eq!(house.query(query).await[0][0], 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_that_fit_the_one_that_stands_is_kept() {
    let stands = [own("nas", "10.1.0.5", &mark("nas", OWNER, "1"))];
    let public = [set("nas", &["203.0.113.7"], mark("nas", OWNER, "1"))];
    let rows = beats("nas", "203.0.113.7", &["10.1.0.4", "10.1.0.5"]);
    let house = house(&public, &stands, &[tagged("nas", NAS)], &rows).await;
    assert_eq!(alarming(&house).await, Vec::<Value>::new());
    let ran = house.serve().await.apply().await;
    assert_eq!(ran["result"], "in-sync", "{ran}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_in_no_prefix_keeps_no_alert_firing_and_costs_no_call() {
    let count = 5_000;
    let name = |index: usize| format!("l{index:04}");
    let machines: Vec<_> =
        (0..count).map(|index| tagged(&name(index), &format!("{}.example.com", name(index)))).collect();
    let public = |index: usize| format!("203.0.113.{}", index % 250 + 1);
    let sets: Vec<_> = (0..count)
        .map(|index| set(&name(index), &[&public(index)], mark(&name(index), OWNER, "1")))
        .collect();
    let rows: Vec<_> = (0..count)
        .flat_map(|index| beats(&name(index), &public(index), &["192.168.1.7", "172.17.0.1"]))
        .collect();
    let house = house(&sets, &[], &machines, &rows).await;
    assert_eq!(alarming(&house).await, Vec::<Value>::new());
    house.stage.all_calls().await;
    let handler = house.serve().await;
    let ran = handler.apply().await;
    assert_eq!(reasons(&ran, "l0000.example.com"), ["address-outside"]);
    let calls =
        json!({ "logs_query": 2, "resource_graph": 0, "dns_read": 0, "dns_write": 0, "logs_ingest": 0 });
    assert_eq!(ran["calls"], calls);
}

/// What the private set of a name holds, as Azure has it.
async fn private_set(house: &House, name: &str) -> Value {
    let world = house.control("GET", "/standin/world", &Value::Null).await;
    let zones = world["zones"].as_array().unwrap();
    let zone = zones.iter().find(|zone| zone["id"] == private_id()).unwrap();
    let sets = zone["recordSets"].as_array().unwrap();
    sets.iter().find(|set| set["name"] == name).cloned().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_side_says_why_it_stays() {
    let kept = |address| own("nas", address, &mark("nas", OWNER, "1"));
    let auto = json!({ "name": "nas", "type": "A", "ttl": 10, "isAutoRegistered": true,
        "aRecords": [{ "ipv4Address": "10.1.0.9" }] });
    for (what, stands, public, listed, expected) in [
        ("containers alone", vec![], "203.0.113.7", &["172.17.0.1"][..], "address-outside"),
        ("two fit", vec![], "203.0.113.7", &["10.1.0.4", "10.1.0.5"], "address-ambiguous"),
        (
            "two fit, and neither stands",
            vec![kept("10.1.0.6")],
            "203.0.113.7",
            &["10.1.0.4", "10.1.0.5"],
            "address-ambiguous",
        ),
        ("Azure keeps it", vec![auto], "203.0.113.7", &["10.1.0.4"], "auto-registered"),
        (
            "somebody else's",
            vec![own("nas", "10.1.0.6", &Value::Null)],
            "203.0.113.7",
            &["10.1.0.4"],
            "not-owned",
        ),
        ("nothing is listed", vec![], "203.0.113.7", &[], "address-empty"),
    ] {
        let house = house(&[], &stands, &[tagged("nas", NAS)], &beats("nas", public, listed)).await;
        let ran = house.serve().await.apply().await;
        let told = [vec!["create 203.0.113.7 dns".to_owned()], vec![expected.to_owned()]];
        assert_eq!(sides(&ran, NAS), told, "{what}: {ran}");
        let stood = stands.first().map_or(Value::Null, |set| set["aRecords"].clone());
        let now = private_set(&house, "nas").await;
        let now = now.pointer("/properties/aRecords").or(now.get("aRecords")).cloned().unwrap_or_default();
        assert_eq!(now, stood, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_machines_that_list_one_address_move_nobody() {
    let machines = [tagged("a", "a.example.com"), tagged("b", "b.example.com")];
    let rows = [beats("a", "203.0.113.7", &["10.1.0.4"]), beats("b", "203.0.113.8", &["10.1.0.4"])].concat();
    let house = house(&[], &[], &machines, &rows).await;
    let ran = house.serve().await.apply().await;
    for name in ["a.example.com", "b.example.com"] {
        assert_eq!(sides(&ran, name)[1], ["address-shared"], "{ran}");
    }
    assert_eq!(ran["summary"]["changes"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_private_link_the_public_side_is_held_and_the_private_one_moves() {
    let public = [set("nas", &["203.0.113.7"], mark("nas", OWNER, "1"))];
    let private = [own("nas", "10.1.0.3", &mark("nas", OWNER, "1"))];
    let rows = beats("nas", "fd40:1085:12:6d79:7712:100:a00:4", &["10.1.0.4"]);
    let house = house(&public, &private, &[tagged("nas", NAS)], &rows).await;
    assert_eq!(alarming(&house).await.len(), 1);
    let ran = house.serve().await.apply().await;
    let told = [vec!["address-private-link".to_owned()], vec!["update 10.1.0.4 arm".to_owned()]];
    assert_eq!(sides(&ran, NAS), told, "{ran}");
    assert_eq!(house.addresses("nas").await, ["203.0.113.7"]);
}

/// A deployment carries no condition, and Azure may register a machine's set at any moment.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_deployed_into_a_private_zone() {
    let rows = beats("nas", "203.0.113.7", &["10.1.0.4"]);
    let mut house = house(&[], &[], &[tagged("nas", NAS)], &rows).await;
    house.environment.insert("APPLY_VIA".to_owned(), "deployment".to_owned());
    let planned = house.run(&["plan", "-o", "json"]).await;
    let planned: Value = serde_json::from_slice(&planned.stdout).unwrap();
    let ran = house.serve().await.apply().await;
    for (report, outcome) in [(&planned, "planned"), (&ran, "confirmed")] {
        let by_zone = |zone: &str| {
            let changes = report["changes"].as_array().unwrap();
            let change = changes.iter().find(|change| change["zone"] == *zone).unwrap();
            (change["via"].clone(), change["outcome"].clone())
        };
        assert_eq!(by_zone(&zone_id("example.com")), (json!("deployment"), json!(outcome)), "{report}");
        assert_eq!(by_zone(&private_id()), (json!("record-set"), json!(outcome)), "{report}");
    }
    let calls = house.stage.calls().await;
    let asked = |part: &str| {
        calls.iter().filter(|call| call.method == "PUT" && call.path.to_lowercase().contains(part)).count()
    };
    assert_eq!((asked("/deployments/"), asked("/privatednszones/")), (1, 1), "{calls:?}");
    let query = "DNSChange_CL | where Outcome_s == 'confirmed' | project ZoneId_s, Via_s | sort by Via_s asc";
    let vias: Vec<Value> = house.query(query).await.into_iter().map(|row| row[1].clone()).collect();
    assert_eq!(vias, ["deployment", "record-set"]);
}

/// What each side heard, and by which prefixes its address was let in.
#[tokio::test(flavor = "multi_thread")]
async fn explain_draws_what_each_side_heard() {
    let rows = beats("nas", "203.0.113.7", &["172.17.0.1", "10.1.0.4"]);
    let house = house(&[], &[], &[tagged("nas", NAS)], &rows).await;
    let text = String::from_utf8(house.run(&["explain", NAS]).await.stdout).unwrap();
    let parts: Vec<&str> = text.split("  heard  ").collect();
    let [_, public, private] = parts[..] else { panic!("{text}") };
    assert!(public.contains("-203.0.113.7-") && !public.contains("-10.1.0.4-"), "{text}");
    assert!(private.contains("-10.1.0.4-") && !private.contains("-203.0.113.7-"), "{text}");
    assert!(private.contains("10.1.0.4 is in POLICY_PRIVATE_PREFIXES"), "{text}");
    assert!(!text.contains("172.17.0.1") && !private.contains("POLICY_ALLOW_PREFIXES"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_says_of_each_side_whether_the_policy_lets_it_be() {
    let mut house = house(&[], &[], &[], &[]).await;
    let zones = |output: &std::process::Output| -> Vec<(Value, Value)> {
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let names = told["names"].as_array().unwrap().iter();
        names.map(|name| (name["zone"].clone(), name["reason"].clone())).collect()
    };
    let both = house.run(&["check", NAS, "-o", "json"]).await;
    assert_eq!(zones(&both).len(), 2, "{both:?}");
    let text = String::from_utf8(house.run(&["check", NAS]).await.stdout).unwrap();
    assert!(text.contains("in the private zone example.com") && text.contains("in example.com"), "{text}");
    house.environment.insert("DNS_ZONES".to_owned(), String::new());
    let alone = house.run(&["check", NAS, "-o", "json"]).await;
    assert_eq!((alone.status.code(), zones(&alone).len()), (Some(0), 1), "{alone:?}");
    let nowhere = house.run(&["check", "nas.example.net", "-o", "json"]).await;
    assert_eq!(zones(&nowhere)[0].1, "no-zone");
}

/// Azure registers a virtual machine under a name between our read and our write: its set is never written over.
#[tokio::test(flavor = "multi_thread")]
async fn what_azure_registers_between_read_and_write_wins() {
    let kept = own("nas", "10.1.0.3", &mark("nas", OWNER, "1"));
    let auto = json!({ "name": "nas", "type": "A", "ttl": 10, "isAutoRegistered": true,
        "aRecords": [{ "ipv4Address": "10.1.0.9" }] });
    for stands in [vec![], vec![kept]] {
        let house =
            house(&[], &stands, &[tagged("nas", NAS)], &beats("nas", "203.0.113.7", &["10.1.0.4"])).await;
        house.stage.fail(&json!([{ "method": "PUT", "path": "privateDnsZones", "delay_ms": 1500 }])).await;
        let handler = house.serve().await;
        let registers = async {
            // The fault is used up as soon as the write is on its way, and holds it back before its effect.
            until("the write is on its way", async || house.stage.faults().await.is_empty()).await;
            house.world(&json!({ "zones": [{ "id": private_id(), "recordSets": [&auto] }] })).await;
        };
        let (ran, ()) = tokio::join!(handler.apply(), registers);
        assert_eq!(sides(&ran, NAS)[1], ["auto-registered"], "{ran}");
        let now = private_set(&house, "nas").await;
        let addresses = now.pointer("/properties/aRecords").or(now.get("aRecords")).cloned();
        assert_eq!(addresses, Some(json!([{ "ipv4Address": "10.1.0.9" }])), "{now}");
        let writes = house.stage.calls().await.into_iter();
        let writes = writes.filter(|call| call.method == "PUT" && call.path.contains("privateDnsZones"));
        assert_eq!(writes.map(|call| call.status).collect::<Vec<_>>(), [412]);
    }
}
