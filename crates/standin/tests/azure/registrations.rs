//! What Azure registers in private zones of itself: virtual machines of the networks whose link says so.

use std::time::Duration;

use serde_json::{Value, json};
use standin::{Options, World};
use tokio::time::Instant;

use crate::names::PATIENCE;
use crate::stage::{PRIVATE, SUBSCRIPTION, Stage};

/// Longer than any test.
const HOURS: Duration = Duration::from_hours(10);

fn id(tail: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-net/providers/{tail}")
}

fn network(name: &str) -> String {
    id(&format!("Microsoft.Network/virtualNetworks/{name}"))
}

fn vm_id(name: &str) -> String {
    id(&format!("Microsoft.Compute/virtualMachines/{name}"))
}

/// A network interface of a machine in the network `home`.
fn interface(name: &str, machine: &str, address: &str) -> Value {
    let subnet = format!("{}/subnets/default", network("home"));
    let configuration = json!({ "name": "ipconfig1", "properties": {
        "primary": true, "privateIPAddress": address, "subnet": { "id": subnet },
    } });
    json!({ "id": id(&format!("Microsoft.Network/networkInterfaces/{name}")), "properties": {
        "virtualMachine": { "id": machine }, "ipConfigurations": [configuration],
    } })
}

/// The zone with one link to `home`, and one machine there.
fn world() -> Value {
    let link = json!({ "name": "home", "virtualNetwork": network("home"), "registrationEnabled": true });
    json!({
        "zones": [{ "id": PRIVATE, "virtualNetworkLinks": [link] }],
        "machines": [{ "id": vm_id("web") }],
        "resources": [interface("nic-web", &vm_id("WEB"), "10.1.0.4")],
    })
}

/// A stand-in that was started with this world.
async fn started(world: &Value, delay: Duration) -> Stage {
    let world = Some(World::from_json(world).expect("a world"));
    Stage::with(Options { world, registration_delay: delay, ..Options::default() }).await
}

/// What stands at a name of the zone: address, TTL, and whether Azure registered it.
async fn at(stage: &Stage, name: &str) -> Value {
    let got = stage.get(&format!("{PRIVATE}/A/{name}")).await;
    if got.status == 404 {
        return Value::Null;
    }
    let set = got.json()["properties"].clone();
    json!([set["aRecords"][0]["ipv4Address"], set["ttl"], set["isAutoRegistered"]])
}

fn auto(address: &str) -> Value {
    json!([address, 10, true])
}

async fn put(stage: &Stage, address: &str) {
    let body = json!({ "properties": { "ttl": 60, "aRecords": [{ "ipv4Address": address }] } });
    let got = stage.dns("PUT", &format!("{PRIVATE}/A/web"), &[], Some(&body)).await;
    assert!(matches!(got.status, 200 | 201), "{got:?}");
}

#[tokio::test]
async fn a_virtual_machine_is_registered_while_it_is_in_a_network_that_says_so() {
    let stage = started(&world(), Duration::ZERO).await;
    assert_eq!(at(&stage, "web").await, auto("10.1.0.4"), "from the start");
    let etag = stage.get(&format!("{PRIVATE}/A/web")).await.header("etag").to_owned();
    stage.put_world(&json!({ "resources": [interface("nic-web", &vm_id("web"), "10.1.0.5")] })).await;
    assert_eq!(at(&stage, "web").await, auto("10.1.0.5"), "it follows its address");
    assert_ne!(stage.get(&format!("{PRIVATE}/A/web")).await.header("etag"), etag);

    let link = format!("{PRIVATE}/virtualNetworkLinks/home");
    for (registers, expected) in [(false, Value::Null), (true, auto("10.1.0.5"))] {
        let body = json!({ "properties": { "registrationEnabled": registers } });
        assert_eq!(stage.dns("PATCH", &link, &[], Some(&body)).await.status, 202);
        assert_eq!(at(&stage, "web").await, expected, "as the link says");
    }
    let version = "?api-version=2024-07-01";
    let gone = stage.send("DELETE", &format!("{}{version}", vm_id("web")), &[], None).await;
    assert_eq!(gone.status, 200, "{gone:?}");
    assert_eq!(at(&stage, "web").await, Value::Null, "it goes with the machine");
    let body = json!({ "location": "westeurope" });
    let made = stage.send("PUT", &format!("{}{version}", vm_id("web")), &[], Some(&body)).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(at(&stage, "web").await, auto("10.1.0.5"), "and comes with it");
}

#[tokio::test]
async fn what_somebody_writes_wins_and_what_azure_knows_comes_back() {
    let stage = started(&world(), HOURS).await;
    put(&stage, "10.9.9.9").await;
    assert_eq!(at(&stage, "web").await, json!(["10.9.9.9", 60, false]), "nobody objects");
    stage.put_world(&json!({ "resources": [interface("nic-web", &vm_id("web"), "10.1.0.5")] })).await;
    assert_eq!(at(&stage, "web").await, json!(["10.9.9.9", 60, false]), "it stays");
    let gone = stage.dns("DELETE", &format!("{PRIVATE}/A/web"), &[], None).await;
    assert_eq!((gone.status, at(&stage, "web").await), (200, Value::Null), "not at once");
    let began = Instant::now();
    let delay = json!({ "delay_ms": 200 });
    assert_eq!(stage.own("PUT", "registration-delay", Some(&delay)).await.status, 200);
    assert_eq!(stage.own("GET", "registration-delay", None).await.json(), delay);
    while at(&stage, "web").await != auto("10.1.0.5") {
        assert!(began.elapsed() < PATIENCE, "it comes back by itself");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(stage.own("DELETE", "registration-delay", None).await.status, 204);
    assert_eq!(stage.own("GET", "registration-delay", None).await.json(), json!({ "delay_ms": 36_000_000 }));
    let nonsense = json!({ "delay_ms": "soon" });
    assert_eq!(stage.own("PUT", "registration-delay", Some(&nonsense)).await.status, 400);
}

#[tokio::test]
async fn what_somebody_writes_outlives_the_machine() {
    let stage = started(&world(), Duration::ZERO).await;
    put(&stage, "10.9.9.9").await;
    stage.put_world(&json!({ "machines": [] })).await;
    assert_eq!(at(&stage, "web").await, json!(["10.9.9.9", 60, false]));
    assert_eq!(stage.dns("DELETE", &format!("{PRIVATE}/A/web"), &[], None).await.status, 200);
    assert_eq!(at(&stage, "web").await, Value::Null, "there is nobody to register");
}

#[tokio::test]
async fn only_the_primary_interface_of_a_virtual_machine_is_registered() {
    let mut world = world();
    let arc = id("Microsoft.HybridCompute/machines/nas");
    let two = json!({ "networkProfile": { "networkInterfaces": [
        { "id": id("Microsoft.Network/networkInterfaces/a-second"), "properties": { "primary": false } },
        { "id": id("Microsoft.Network/networkInterfaces/b-first"), "properties": { "primary": true } },
    ] } });
    let named = json!({ "osProfile": { "computerName": "Front" } });
    world["machines"] = json!([
        { "id": arc }, { "id": vm_id("two"), "properties": two }, { "id": vm_id("vm-front"), "properties": named },
        { "id": vm_id("says") }, { "id": vm_id("far") }, { "id": vm_id("alias") },
    ]);
    let mut says = interface("says-no", &vm_id("says"), "10.1.0.8");
    says["properties"]["primary"] = json!(false);
    let mut far = interface("far", &vm_id("far"), "10.2.0.4");
    let elsewhere = format!("{}/subnets/default", network("elsewhere"));
    far["properties"]["ipConfigurations"][0]["properties"]["subnet"]["id"] = json!(elsewhere);
    let mut both = interface("front", &vm_id("vm-front"), "10.1.0.7");
    let more = json!({ "name": "more", "properties": { "privateIPAddress": "10.1.0.77" } });
    both["properties"]["ipConfigurations"].as_array_mut().expect("configurations").insert(0, more);
    world["resources"] = json!([
        interface("nas", &arc, "10.1.0.3"),
        interface("a-second", &vm_id("two"), "10.1.0.5"),
        interface("b-first", &vm_id("two"), "10.1.0.6"),
        both,
        says,
        far,
        interface("alias", &vm_id("alias"), "10.1.0.9"),
        interface("lonely", &vm_id("nobody"), "10.1.0.10"),
    ]);
    world["zones"][0]["recordSets"] = json!([
        { "name": "alias", "type": "CNAME", "ttl": 60, "cnameRecord": { "cname": "two.corp.internal" } },
        { "name": "old", "type": "A", "ttl": 10, "isAutoRegistered": true,
          "aRecords": [{ "ipv4Address": "10.1.0.99" }] },
    ]);
    let stage = started(&world, Duration::ZERO).await;
    let listed = stage.get(&format!("{PRIVATE}/A")).await.json();
    let mut found: Vec<(String, String)> = listed["value"]
        .as_array()
        .expect("sets")
        .iter()
        .map(|set| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            assert_eq!(set["properties"]["isAutoRegistered"], true, "{set}");
            (text(&set["name"]), text(&set["properties"]["aRecords"][0]["ipv4Address"]))
        })
        .collect();
    found.sort();
    let expected = [("front", "10.1.0.7"), ("old", "10.1.0.99"), ("two", "10.1.0.6")];
    assert_eq!(found, expected.map(|(name, address)| (name.to_owned(), address.to_owned())));
}

#[tokio::test]
async fn a_world_that_is_put_back_registers_the_same() {
    let stage = started(&world(), Duration::ZERO).await;
    let etag = stage.get(&format!("{PRIVATE}/A/web")).await.header("etag").to_owned();
    let shown = stage.own("GET", "world", None).await.json();
    stage.put_world(&shown).await;
    assert_eq!(stage.get(&format!("{PRIVATE}/A/web")).await.header("etag"), etag, "nothing has changed");
    let other = started(&shown, Duration::ZERO).await;
    other.put_world(&json!({ "machines": [] })).await;
    assert_eq!(at(&other, "web").await, Value::Null, "also what a document brought goes with its machine");
}
