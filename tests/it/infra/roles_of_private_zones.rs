//! The roles on private zones, and on the public ones whose names those may hide, cover the calls of our clients and of the look at
//! what is hidden.

use std::collections::BTreeSet;

use heartbeat_dns::azure::{Condition, Deleted};
use heartbeat_dns::views::look;
use pure::domain::{RecordSet, RecordType, Zone, ZoneId, Zones};
use pure::plan::Policy;
use serde_json::json;
use standin::Options;

use super::roles::{actions, role};
use super::same;
use crate::handler::{House, beat, tagged};
use crate::stage::{Stage, host, world, zone_id};

fn private_id() -> String {
    zone_id("example.com").replace("dnsZones", "privateDnsZones")
}

/// Both zones of one name, one set of each type in the private one.
async fn stage() -> Stage {
    let sets = [
        json!({"name": "nas", "type": "A", "ttl": 60, "aRecords": [{"ipv4Address": "10.1.0.3"}]}),
        json!({"name": "nas", "type": "AAAA", "ttl": 60, "aaaaRecords": [{"ipv6Address": "fd12::3"}]}),
    ];
    let zones = [json!({"id": private_id(), "recordSets": sets}), json!({"id": zone_id("example.com")})];
    Stage::with(&json!({ "zones": zones })).await
}

#[tokio::test]
async fn each_action_on_a_private_zone_is_needed_and_no_other() {
    let stage = stage().await;
    let azure = stage.azure();
    let ids = [zone_id("example.com"), private_id()].map(|id| ZoneId::parse(&id).unwrap());
    let (private, zones) = (ids[1].clone(), Zones::new(ids).unwrap());
    let name = host("nas.example.com");
    for record_type in [RecordType::A, RecordType::Aaaa] {
        let before = azure.dns.get(&private, &name, record_type).await.unwrap().unwrap();
        let longer = RecordSet { ttl: 61, ..before.clone() };
        let after = azure.dns.put(&longer, &Condition::Match(before.etag)).await.unwrap();
        assert_eq!(azure.dns.delete(&after).await.unwrap(), Deleted::Gone);
    }
    assert!(!azure.dns.cname_exists(&private, &name).await.unwrap());
    look(&azure, &Zone { id: private }, &Policy::new(zones, [], "us")).await.unwrap();
    let calls: BTreeSet<(&str, String)> = stage.calls().await.iter().flat_map(actions).collect();
    let of = |file: &'static str| {
        calls.iter().filter(move |(role, _)| *role == file).map(|(_, action)| action.clone())
    };
    let given = role("private-records").into_iter().chain(role("private-release")).collect();
    same(("the calls", &of("private-records").collect()), ("infra/roles/private-*.json", &given));
    let twins: BTreeSet<String> =
        serde_json::from_value(super::json("infra/roles/records.json")["actionsOfPrivateTwins"].clone())
            .unwrap();
    same(
        ("the calls", &of("records").collect()),
        ("actionsOfPrivateTwins of infra/roles/records.json", &twins),
    );
}

/// A sweep, a plan, both families written, and the doctor, by the program itself.
#[tokio::test(flavor = "multi_thread")]
async fn the_program_makes_no_other_call_at_a_private_zone() {
    let mut world = world(&[], &[tagged("nas", "nas.example.com")]);
    world["zones"].as_array_mut().unwrap().push(json!({ "id": private_id(), "recordSets": [] }));
    let listing = |ago| {
        let mut row = beat("nas", "203.0.113.7", ago);
        row["ComputerPrivateIPs"] = json!(["10.1.0.4", "fd12::4"]);
        row
    };
    let id = private_id();
    let more = [
        ("PRIVATE_ZONES", id.as_str()),
        ("POLICY_PRIVATE_PREFIXES", "10.0.0.0/8,fd12::/16"),
        ("POLICY_RECORD_TYPES", "A,AAAA"),
    ];
    let beats = [600, 300, 60, 2].map(listing);
    let house = House::with_world(&world, &beats, &more, Options::default()).await;
    assert!(house.run(&["collect"]).await.status.success());
    let report = house.serve().await.apply().await;
    assert_eq!(report["result"], "changed", "{report}");
    house.run(&["doctor", "--no-probe"]).await;
    let calls = house.stage.calls().await;
    let calls = calls.iter().filter(|call| call.path.contains("/privateDnsZones/example.com/"));
    let calls = calls.filter(|call| !call.path.contains("/Microsoft.Authorization/"));
    let needed: BTreeSet<String> = calls.flat_map(actions).map(|(_, action)| action).collect();
    same(("the calls", &needed), ("infra/roles/private-records.json", &role("private-records")));
}

#[test]
fn who_has_no_private_zone_gives_no_right_for_one() {
    let main = super::read("infra/main.bicep");
    let module = |name: &str| {
        main.split(&format!("module {name} ")).nth(1).unwrap().split("\n]").next().unwrap().to_owned()
    };
    assert!(module("privateRecordsRole").contains("for id in privateZones: if (assignRoles)"), "{main}");
    let twin = "hasPrivateTwin: contains(privateZoneNames, toLower(split(id, '/')[8]))";
    assert!(module("recordsRole").contains(twin), "{main}");
    let lines = super::read("infra/modules/role-commands.bicep");
    for (definitions, ids) in [
        ("recordDefinitions", "zoneIds"),
        ("twinDefinitions", "twinIds"),
        ("privateRecordDefinitions", "privateZoneIds"),
    ] {
        assert!(lines.contains(&format!("var {definitions} = empty({ids}) ? [] : [\n")), "{definitions}");
    }
}
