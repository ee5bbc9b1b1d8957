//! One name in a public zone and in a private one: each side has its address, its proof and its own story.

use serde_json::{Value, json};
use standin::Options;

use super::alarming;
use crate::handler::{House, OWNER, beat, mark, reasons, set, tagged};
use crate::stage::zone_id;

const NAS: &str = "nas.example.com";

/// The id of the private zone of the same name.
fn private_id() -> String {
    zone_id("example.com").replace("dnsZones", "privateDnsZones")
}

/// A heartbeat that lists private addresses as well.
fn listing(machine: &str, address: &str, listed: &[&str], ago: i64) -> Value {
    let mut row = beat(machine, address, ago);
    row["ComputerPrivateIPs"] = json!(listed);
    row
}

/// Three beats of the last minutes.
fn beats(machine: &str, address: &str, listed: &[&str]) -> Vec<Value> {
    [600, 300, 60, 2].map(|ago| listing(machine, address, listed, ago)).into()
}

/// A set of a private zone.
fn own(name: &str, address: &str, metadata: &Value) -> Value {
    let mut set = json!({ "name": name, "type": "A", "ttl": 300, "aRecords": [{ "ipv4Address": address }] });
    if !metadata.is_null() {
        set["metadata"] = metadata.clone();
    }
    set
}

/// A world with both zones, and what stands in each; private addresses are those of `10.1.0.0/16`.
async fn house(public: &[Value], private: &[Value], machines: &[Value], rows: &[Value]) -> House {
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
    let count = 300;
    let name = |index: usize| format!("l{index:03}");
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
    assert_eq!(reasons(&ran, "l000.example.com"), ["address-outside"]);
    let calls =
        json!({ "logs_query": 2, "resource_graph": 0, "dns_read": 0, "dns_write": 0, "logs_ingest": 0 });
    assert_eq!(ran["calls"], calls);
}
