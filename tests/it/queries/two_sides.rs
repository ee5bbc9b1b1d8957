//! One name in a public and in a private zone: a row that is about one of the two record sets says nothing of the other, in no
//! query.

use heartbeat_dns::queries::{
    OwnerId, PastOf, attempts, history as history_of, orphans, orphans_query, past, past_query_of,
};
use jiff::SignedDuration;
use pure::domain::{HostName, RecordId, RecordType, ZoneId};
use pure::plan::History;
use serde_json::{Value, json};

use super::world::{World, ZONE, before, id, lower_id};

const PRIVATE: &str =
    "/subscriptions/s1/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/example.com";
const NAME: &str = "nas.example.com";
const SIDES: [(&str, &str); 2] = [(ZONE, "203.0.113.7"), (PRIVATE, "10.1.0.4")];

fn record_id(zone: &str) -> RecordId {
    let (zone, name) = (ZoneId::parse(zone).unwrap(), HostName::parse(NAME).unwrap());
    RecordId { zone, name, record_type: RecordType::A }
}

/// Both zones swept, both sides claimed, and a machine that says where it is for each of them.
fn claimed() -> World {
    let own = json!({"ZoneId_s": PRIVATE, "Prefixes_s": "10.0.0.0/8"});
    let world = World::swept().zone_marker(20.0, PRIVATE).tag("nas", NAME).tag_with("nas", NAME, own);
    (1..=5).fold(world, |world, minute| {
        let list = json!({"ComputerPrivateIPs": ["172.17.0.1", "10.1.0.4"]});
        world.beat_with("nas", f64::from(minute), "203.0.113.7", list)
    })
}

/// The set of one side, with these members besides.
fn set(world: World, zone: &str, address: &str, other: &Value) -> World {
    let mut members = json!({"ZoneId_s": zone, "RecordSetId_s": zone});
    for (key, value) in other.as_object().unwrap() {
        members[key] = value.clone();
    }
    world.record_with(NAME, &[address], members)
}

/// Zone, whether the alert counts it, and since when it is only claimed before.
fn told(world: &World) -> Vec<(String, bool, String)> {
    let rows = world.mismatch().pick(&["ZoneId_s", "Actionable", "Claim_s"]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    rows.iter().map(|row| (text(&row[0]), row[1].as_bool().unwrap(), text(&row[2]))).collect()
}

fn history(world: &World) -> History {
    let table = world.run(heartbeat_dns::queries::HISTORY);
    history_of(&table.columns, &table.rows)
}

#[test]
fn only_the_side_that_is_wrong_is_a_row() {
    for (at, (zone, _)) in SIDES.iter().enumerate() {
        let (other, right) = SIDES[1 - at];
        let world = set(set(claimed(), other, right, &json!({})), zone, "192.0.2.9", &json!({}));
        assert_eq!(told(&world), [((*zone).to_owned(), true, String::new())]);
    }
}

/// A hold, a refusal, an alias and a registration of one set make its own row quiet.
#[test]
fn what_makes_one_side_quiet_leaves_the_other_loud() {
    for (at, (zone, address)) in SIDES.iter().enumerate() {
        let other = SIDES[1 - at].0;
        for quiet in [
            json!({"HoldUntil_t": before(-60.0)}),
            json!({"Refused_s": format!("code=not-owned,{}={address}", lower_id("nas"))}),
            json!({"IsAlias_b": true}),
            json!({"IsAuto_b": true}),
        ] {
            let world = set(claimed(), zone, "192.0.2.9", &quiet);
            let world = set(world, other, "192.0.2.9", &json!({}));
            let loud: Vec<_> = told(&world).into_iter().filter(|row| row.1).map(|row| row.0).collect();
            assert_eq!(loud, [other], "{quiet}");
        }
    }
}

/// Somebody sent a row without a name: the side whose set lacks what the machine says is asked about, and no other.
#[test]
fn a_claim_of_before_is_asked_about_where_its_set_has_strayed() {
    for (at, (zone, _)) in SIDES.iter().enumerate() {
        let (other, right) = SIDES[1 - at];
        let world = set(set(claimed(), other, right, &json!({})), zone, "192.0.2.9", &json!({}));
        let world = world.tag_with("nas", "", json!({"TimeGenerated": before(3.0), "ZoneId_s": ""}));
        assert_eq!(told(&world), [((*zone).to_owned(), false, "before".to_owned())]);
    }
}

#[test]
fn what_was_written_and_refused_is_told_of_its_own_side() {
    for (at, (zone, address)) in SIDES.iter().enumerate() {
        let of = |other: Value| {
            let mut members = json!({"ZoneId_s": zone, "OldIPs_s": "192.0.2.9", "NewIPs_s": address});
            for (key, value) in other.as_object().unwrap() {
                members[key] = value.clone();
            }
            members
        };
        let brake = json!({"Action_s": "brake", "Outcome_s": "stands", "Reason_s": "converging", "DNSHostName_s": ""});
        let world = claimed()
            .change(50.0, NAME, "run-1", of(json!({})))
            .change(40.0, NAME, "run-2", of(json!({"Action_s": "delete", "NewIPs_s": ""})))
            .change(30.0, NAME, "run-3", of(json!({"Action_s": "skip", "Outcome_s": "", "Reason_s": "held"})))
            .change(20.0, NAME, "run-4", of(json!({"Outcome_s": "failed", "Reason_s": "contested"})))
            .change(10.0, NAME, "run-5", of(brake));
        let refused = json!({"Refused_s": format!("code=not-owned,{}={address}", lower_id("nas"))});
        let world = set(world, zone, "192.0.2.9", &refused);
        let world = set(world, SIDES[1 - at].0, "192.0.2.9", &json!({}));
        let history = history(&world);
        let own = record_id(zone);
        assert!(history.changes.keys().eq([&own]) && history.deletions.keys().eq([&own]));
        assert!(history.contested.keys().eq([&own]) && history.missed.keys().eq([&own]));
        assert!(history.refused.keys().eq([&own]));
        assert!(
            history.departures.keys().all(|(left, _)| *left == own.zone) && !history.departures.is_empty()
        );
        assert!(history.brakes.keys().all(|key| key.zone.as_ref() == Some(&own.zone)));
        assert_eq!(history.brakes.len(), 1);
        assert!(history.audited.keys().all(|key| key.zone == own.zone.lower()));
        assert_eq!(history.audited.len(), 2, "held and contested");
        for (zone, _) in SIDES {
            assert_eq!(history.zones[&ZoneId::parse(zone).unwrap()].claimed_names, 1);
        }
    }
}

/// Marks, what of them is owed to the log, and rows that nobody signed.
#[test]
fn what_marks_and_strangers_say_is_told_of_its_own_side() {
    for (at, (zone, _)) in SIDES.iter().enumerate() {
        let own = record_id(zone);
        let marked = json!({"Owner_s": lower_id("nas"), "MarkRun_s": "killed", "MarkTime_t": before(60.0), "run_s": "r"});
        let world = set(claimed(), zone, "192.0.2.9", &marked);
        let world = set(world, SIDES[1 - at].0, "192.0.2.9", &json!({}));
        let owed: Vec<_> = history(&world).owed.into_iter().map(|owed| owed.id).collect();
        assert_eq!(owed, std::slice::from_ref(&own));
        let forged = json!({"TimeGenerated": before(2.0), "run_s": "nobody"});
        let forged = set(world, zone, "198.51.100.66", &forged);
        assert!(history(&forged).said.strange.keys().eq([&own]));
        // A tag claims both sides of a name: who takes it off leaves both sets to nobody.
        let world = World::swept().zone_marker(20.0, PRIVATE).tag("pi", "pi.example.com");
        let world = set(world, zone, "192.0.2.9", &marked);
        let world = set(world, SIDES[1 - at].0, "192.0.2.9", &json!({}));
        let left: Vec<_> = history(&world).orphans.into_iter().map(|marked| marked.id).collect();
        assert_eq!(left, [own]);
    }
}

/// What people ask of the past, and what the last write was of a name that ends.
#[test]
fn the_past_of_a_name_tells_each_write_with_its_zone() {
    let name = HostName::parse(NAME).unwrap();
    let world = SIDES.iter().fold(World::swept(), |world, (zone, address)| {
        let members = json!({"ZoneId_s": zone, "NewIPs_s": address, "ResourceId_s": id("nas")});
        let failed = json!({"ZoneId_s": zone, "NewIPs_s": address, "Outcome_s": "failed"});
        world.change(50.0, NAME, "one-run", members).change(40.0, NAME, "another", failed)
    });
    let table = world
        .doubled()
        .run(&past_query_of(&OwnerId::new(""), &PastOf { names: vec![name.clone()], ..PastOf::default() }));
    let written: Vec<_> = past(&table.columns, &table.rows)
        .into_iter()
        .map(|write| (write.record_id(), pure::domain::join_addresses(&write.to)))
        .collect();
    let each = SIDES.map(|(zone, address)| (record_id(zone), address.to_owned()));
    assert_eq!(written, each);
    let failed = attempts(&table.columns, &table.rows).into_iter().map(|failed| failed.id);
    assert!(failed.eq(SIDES.map(|(zone, _)| record_id(zone))));
    let table = SIDES
        .iter()
        .fold(World::swept(), |world, (zone, address)| {
            world.change(50.0, NAME, "one-run", json!({"ZoneId_s": zone, "NewIPs_s": address}))
        })
        .run(&orphans_query(&OwnerId::new(""), &[name].into(), SignedDuration::from_hours(168)));
    let last = orphans(&table.columns, &table.rows).written;
    let last: Vec<_> =
        last.into_iter().map(|(id, write)| (id, pure::domain::join_addresses(&write.addresses))).collect();
    assert_eq!(last, each);
}
