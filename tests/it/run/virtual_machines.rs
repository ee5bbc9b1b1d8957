//! Virtual machines (`TARGETS` with `vm`): only an address of the machine's own may have its name, and what else it goes out
//! by is told.

use serde_json::{Value, json};
use standin::Options;

use super::{NEW, OLD, change, code, set, skip, words};
use crate::handler::{House, OWNER, beat, mark, moved, tagged};
use crate::stage::{SUBSCRIPTION, machine_id, world};

const BOTH: (&str, &str) = ("TARGETS", "arc,vm");
const HOST: &str = "web.example.com";

fn network(below: &str) -> String {
    format!("{SUBSCRIPTION}/resourceGroups/rg-net/providers/Microsoft.Network/{below}")
}

fn compute(below: &str) -> String {
    format!("{SUBSCRIPTION}/resourceGroups/rg-edge/providers/Microsoft.Compute/{below}")
}

fn vm_id(name: &str) -> String {
    compute(&format!("virtualMachines/{name}"))
}

/// A virtual machine with a tag for its name.
fn vm(name: &str, host: &str) -> Value {
    json!({ "id": vm_id(name), "name": name, "tags": { "DNSHostName": host } })
}

/// Says that rows of Arc machines are those of virtual machines.
fn of_vm(mut rows: Vec<Value>) -> Vec<Value> {
    for row in &mut rows {
        row["_ResourceId"] = json!(vm_id(row["Computer"].as_str().unwrap()).to_lowercase());
    }
    rows
}

fn marked(name: &str, addresses: &[&str]) -> Value {
    let mut metadata = mark(name, OWNER, "1");
    metadata["heartbeat_dns_machine"] = json!(vm_id(name).to_lowercase());
    set(name, addresses, metadata)
}

/// A public IP resource with this address; what it lies on is said by `more`.
fn public_ip(name: &str, address: &str, more: &Value) -> Value {
    let mut properties = more.clone();
    properties["ipAddress"] = json!(address);
    json!({ "id": network(&format!("publicIPAddresses/{name}")), "properties": properties })
}

/// The network interface of a machine.
fn interface(name: &str, machine: &str) -> Value {
    let properties = json!({ "virtualMachine": { "id": machine } });
    json!({ "id": network(&format!("networkInterfaces/{name}")), "properties": properties })
}

/// That it is given to this configuration.
fn on(configuration: &str) -> Value {
    json!({ "ipConfiguration": { "id": network(configuration) } })
}

/// The interface of the virtual machine `web` with a public IP resource.
fn own(address: &str) -> Value {
    let held = on("networkInterfaces/nic-web/ipConfigurations/ipconfig1");
    json!([interface("nic-web", &vm_id("web")), public_ip("pip-web", address, &held)])
}

/// The virtual machine `web`, whose name is to move, in a world with these resources.
async fn web(resources: &Value, more: &[(&str, &str)]) -> House {
    let mut document = world(&[marked("web", &[OLD])], &[vm("web", HOST)]);
    document["resources"] = resources.clone();
    let beats = of_vm(moved("web", OLD, NEW));
    let more = [&[BOTH], more].concat();
    House::with_world(&document, &beats, &more, Options::default()).await
}

/// What a run says of the name that it leaves alone.
async fn refused(house: &House) -> String {
    let report = house.serve().await.apply().await;
    let told = skip(&report, HOST);
    assert_eq!(told["reason"], "address-not-ours", "{report}");
    assert_eq!(house.addresses("web").await, [OLD], "{report}");
    told["because"].as_str().unwrap().to_owned()
}

/// Questions to Resource Graph since the last look: one about tags, and one about public IP resources where these are asked
/// about.
async fn questions(house: &House) -> usize {
    let calls = house.stage.all_calls().await;
    calls.iter().filter(|call| call.path.contains("ResourceGraph")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_ip_on_its_own_interface_moves_its_name_with_one_question() {
    let house = web(&own(NEW), &[]).await;
    let report = house.serve().await.apply().await;
    assert_eq!(change(&report, HOST)["outcome"], "confirmed", "{report}");
    assert_eq!((house.addresses("web").await, questions(&house).await), (vec![NEW.to_owned()], 2));
    // Nothing is to move any more.
    house.serve().await.apply().await;
    assert_eq!(questions(&house).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_compared_in_any_case() {
    let shouted = |resources: Value| -> Value {
        let text = resources.to_string();
        let resources: Value = serde_json::from_str(&text.replace("nic-web", "NIC-Web")).unwrap();
        resources
    };
    let held = on("NETWORKINTERFACES/nic-WEB/IPCONFIGURATIONS/ipconfig1");
    let resources = shouted(json!([
        interface("nic-web", &vm_id("web").to_uppercase()),
        public_ip("pip-web", NEW, &held),
    ]));
    let house = web(&resources, &[("TARGETS", "VM")]).await;
    house.serve().await.apply().await;
    assert_eq!(house.addresses("web").await, [NEW]);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_nat_gateway_it_has_no_address_of_its_own() {
    let gateway = json!({ "natGateway": { "id": network("natGateways/nat-hub") } });
    let words = refused(&web(&json!([public_ip("pip-nat", NEW, &gateway)]), &[]).await).await;
    assert!(words.contains("the address of the NAT gateway nat-hub"), "{words}");
    // The same by a range of addresses.
    let mut range = json!({ "id": network("publicIPPrefixes/range"), "properties": gateway });
    range["properties"]["ipPrefix"] = json!("203.0.113.0/28");
    let mut elsewhere = range.clone();
    elsewhere["id"] = json!(network("publicIPPrefixes/another"));
    elsewhere["properties"]["ipPrefix"] = json!("203.0.113.16/28");
    elsewhere["properties"]["natGateway"]["id"] = json!(network("natGateways/nat-other"));
    let words = refused(&web(&json!([elsewhere, range]), &[]).await).await;
    assert!(words.contains("the address of the NAT gateway nat-hub"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_load_balancer_the_record_set_may_follow_its_front_end() {
    let held = on("loadBalancers/front/frontendIPConfigurations/fe");
    let words = refused(&web(&json!([public_ip("pip-front", NEW, &held)]), &[]).await).await;
    let line = format!(
        "az network dns record-set a create --resource-group rg-dns --zone-name example.com --name web --target-resource {}",
        network("publicIPAddresses/pip-front")
    );
    assert!(words.contains("a front end of the load balancer front") && words.contains(&line), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_public_ip_of_another_machine_is_not_its_own() {
    let held = on("networkInterfaces/nic-other/ipConfigurations/ipconfig1");
    let resources = json!([interface("nic-other", &vm_id("other")), public_ip("pip", NEW, &held)]);
    let words = refused(&web(&resources, &[]).await).await;
    assert!(words.contains("the address of other;"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_visible_is_not_believed() {
    let words = refused(&web(&json!([]), &[]).await).await;
    assert!(words.contains("no public IP resource with this address is visible"), "{words}");
    // The resource without its interface, as with half a role.
    let held = on("networkInterfaces/nic-web/ipConfigurations/ipconfig1");
    let words = refused(&web(&json!([public_ip("pip-web", NEW, &held)]), &[]).await).await;
    assert!(words.contains("the network interface nic-web, whose machine is not visible"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ipv6_address_counts_in_any_spelling() {
    let new = "2001:db8::7";
    for spelled in [new, "2001:0DB8:0000:0000:0000:0000:0000:0007", "2001:db8:0:0:0:0:0:7"] {
        let mut document = world(&[], &[vm("web", HOST)]);
        document["resources"] = own(spelled);
        let beats = of_vm([120, 60, 2].map(|ago| beat("web", new, ago)).to_vec());
        let more = [BOTH, ("POLICY_RECORD_TYPES", "A,AAAA")];
        let house = House::with_world(&document, &beats, &more, Options::default()).await;
        let report = house.serve().await.apply().await;
        assert_eq!(change(&report, HOST)["outcome"], "confirmed", "{spelled}: {report}");
    }
}

/// Graph may lag: what it does not show yet is refused now, and healed by the next run.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_graph_does_not_show_yet_the_next_run_heals() {
    let house = web(&own("203.0.113.99"), &[]).await;
    refused(&house).await;
    house.world(&json!({ "resources": own(NEW) })).await;
    house.serve().await.apply().await;
    assert_eq!(house.addresses("web").await, [NEW]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_of_an_answer_blinds_virtual_machines_alone() {
    let row = json!({
        "id": network("publicIPAddresses/pip-web"), "address": NEW, "range": "", "gateway": "",
        "configuration": network("networkInterfaces/nic-web/ipConfigurations/c"), "machine": vm_id("web"),
    });
    let answer = |members: &Value| {
        let mut body = json!({ "totalRecords": 1, "count": 1, "data": [row], "resultTruncated": "false" });
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        json!({ "body": body })
    };
    let cut = json!({
        "body": answer(&json!({}))["body"], "headers": { "x-ms-tenant-subscription-limit-hit": "true" },
    });
    for fault in [
        answer(&json!({ "totalRecords": 2 })),
        answer(&json!({ "resultTruncated": "true" })),
        answer(&json!({ "$skipToken": "more" })),
        answer(&json!({ "data": [{ "id": 5 }] })),
        cut,
        json!({ "status": 403, "body": { "error": { "code": "AuthorizationFailed", "message": "no" } } }),
    ] {
        let mut document = world(
            &[marked("web", &[OLD]), set("nas", &[OLD], mark("nas", OWNER, "1"))],
            &[vm("web", HOST), tagged("nas", "nas.example.com")],
        );
        document["resources"] = own(NEW);
        let beats = [of_vm(moved("web", OLD, NEW)), moved("nas", OLD, "203.0.113.9")].concat();
        let house = House::with_world(&document, &beats, &[BOTH], Options::default()).await;
        // The first question is the one about tags; one that sees too few subscriptions is asked twice.
        let tags = json!({ "path": "ResourceGraph", "delay_ms": 1 });
        let mut meant = fault.clone();
        meant["path"] = json!("ResourceGraph");
        meant["times"] = json!(2);
        house.stage.fail(&json!([tags, meant])).await;
        let report = house.serve().await.apply().await;
        assert_eq!(change(&report, "nas.example.com")["outcome"], "confirmed", "{fault}: {report}");
        let blind = skip(&report, HOST);
        assert_eq!(blind["reason"], "blind", "{fault}: {report}");
        let because = blind["because"].as_str().unwrap();
        assert!(
            because.starts_with(&format!("The public IP resource of {NEW} could not be read")),
            "{because}"
        );
        assert_eq!(house.addresses("web").await, [OLD]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_vm_among_the_targets_no_virtual_machine_counts_and_nothing_is_asked() {
    let machines = [vm("web", HOST), tagged("nas", "nas.example.com")];
    let mut document =
        world(&[marked("web", &[OLD]), set("nas", &[OLD], mark("nas", OWNER, "1"))], &machines);
    document["resources"] = own(NEW);
    let beats = [of_vm(moved("web", OLD, NEW)), moved("nas", OLD, "203.0.113.9")].concat();
    let house = House::with_world(&document, &beats, &[], Options::default()).await;
    let report = house.serve().await.apply().await;
    assert_eq!(change(&report, "nas.example.com")["outcome"], "confirmed", "{report}");
    assert_eq!((house.addresses("web").await, questions(&house).await), (vec![OLD.to_owned()], 1));
    let told = words(&house.run(&["plan", HOST]).await);
    assert!(told.contains("only Arc machines count (TARGETS)"), "{told}");
    // With virtual machines alone it is the other way round.
    let only: Vec<(&str, &str)> = vec![("TARGETS", "vm")];
    let house = House::with_world(&document, &beats, &only, Options::default()).await;
    let report = house.serve().await.apply().await;
    assert_eq!(change(&report, HOST)["outcome"], "confirmed", "{report}");
    assert_eq!(house.addresses("nas").await, [OLD]);
    let told = words(&house.run(&["plan", "nas.example.com"]).await);
    assert!(told.contains("only virtual machines count (TARGETS)"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn explain_says_whose_the_address_is_though_the_name_would_not_move() {
    let gateway = json!({ "natGateway": { "id": network("natGateways/nat-hub") } });
    let mut document = world(&[marked("web", &[OLD])], &[vm("web", HOST)]);
    document["resources"] = json!([public_ip("pip-nat", NEW, &gateway)]);
    let young = of_vm(vec![beat("web", OLD, 600), beat("web", OLD, 540), beat("web", NEW, 2)]);
    let house = House::with_world(&document, &young, &[BOTH], Options::default()).await;
    let told = words(&house.run(&["explain", HOST]).await);
    assert!(told.contains("address-not-ours"), "{told}");
    assert!(told.contains("NAT gateway nat-hub"), "{told}");
    assert!(told.contains("web (rg-edge, virtual machine)"), "{told}");
}

/// The instances of a scale set share its tag, and are told by an id below it.
#[tokio::test(flavor = "multi_thread")]
async fn a_scale_set_is_told_why_it_has_no_name() {
    let scale_set = compute("virtualMachineScaleSets/pool");
    let mut document = world(&[], &[vm("web", HOST)]);
    let mut resources = own(NEW);
    let tags = json!({ "dnshostname": "pool.example.com" });
    resources.as_array_mut().unwrap().push(json!({ "id": scale_set, "tags": tags }));
    document["resources"] = resources;
    let mut beats = of_vm([120, 60, 2].map(|ago| beat("web", NEW, ago)).to_vec());
    for ago in [120, 60, 2] {
        let mut instance = beat("pool_0", "203.0.113.50", ago);
        instance["_ResourceId"] = json!(format!("{scale_set}/virtualMachines/0").to_lowercase());
        beats.push(instance);
    }
    let house = House::with_world(&document, &beats, &[BOTH], Options::default()).await;
    let report = house.serve().await.apply().await;
    assert_eq!(change(&report, HOST)["outcome"], "confirmed", "{report}");
    assert!(house.addresses("pool").await.is_empty());
    let sentence = "The scale set pool carries pool.example.com in its tag, but its instances share that tag";
    for command in [&["plan"][..], &["plan", "pool.example.com"], &["explain", "pool.example.com"]] {
        let told = house.run(command).await;
        let told = words(&told).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(sentence), "{command:?}: {told}");
        assert!(!told.contains("No tagged machine claims"), "it is claimed, in vain: {command:?}: {told}");
    }
    // Where only Arc machines count, it is as good as not tagged.
    let mut house = house;
    house.environment.insert("TARGETS".to_owned(), "arc".to_owned());
    let told = words(&house.run(&["plan", "pool.example.com"]).await);
    assert!(told.contains("No tagged machine claims pool.example.com"), "{told}");
}

/// Who takes a kind of machines out of `TARGETS` has lost no right, and their names are nobody's after the next sweep.
#[tokio::test(flavor = "multi_thread")]
async fn a_kind_can_be_taken_out_again() {
    let names: Vec<String> = (0..30).map(|index| format!("v{index:02}")).collect();
    let machines: Vec<Value> = names.iter().map(|name| vm(name, &format!("{name}.example.com"))).collect();
    let beats = names.iter().flat_map(|name| of_vm([120, 60, 2].map(|ago| beat(name, OLD, ago)).to_vec()));
    let mut all: Vec<Value> = machines;
    all.push(tagged("nas", "nas.example.com"));
    let beats: Vec<Value> = beats.chain([120, 60, 2].map(|ago| beat("nas", OLD, ago))).collect();
    let mut house = House::with_world(&world(&[], &all), &beats, &[BOTH], Options::default()).await;
    house.environment.insert("TARGETS".to_owned(), "arc".to_owned());
    let swept = house.run(&["collect"]).await;
    assert_eq!(code(&swept), 0, "{}", words(&swept));
    assert!(!words(&swept).contains("right"), "{}", words(&swept));
    assert!(machine_id("nas").contains("HybridCompute"));
}
