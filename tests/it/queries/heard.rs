//! What machines said of their address over the last day, as stretches of time.

use heartbeat_dns::queries::{HEARD_COLUMNS, Stretch, heard, heard_query, that_may_stand};
use pure::domain::{ResourceId, ZoneKind};
use serde_json::json;

use super::world::{World, before, id, lower_id};

fn ask(world: &World, machines: &[&str]) -> Vec<Stretch> {
    let machines = machines.iter().map(|name| ResourceId::parse(&id(name)).unwrap()).collect();
    let table = world.run(&heard_query(&machines));
    assert_eq!(table.columns, HEARD_COLUMNS);
    heard(&table.columns, &table.rows)
}

/// Machine, what it said, from and to in minutes before now, and how often.
fn told(found: &[Stretch]) -> Vec<(String, String, String, String, u64)> {
    let told = |stretch: &Stretch| {
        let time = |time: jiff::Timestamp| time.strftime("%Y-%m-%dT%H:%M:%S.%7fZ").to_string();
        let machine = stretch.machine.rsplit('/').next().unwrap().to_owned();
        (machine, stretch.reported.clone(), time(stretch.from), time(stretch.to), stretch.beats)
    };
    found.iter().map(told).collect()
}

fn one(machine: &str, said: &str, from: f64, to: f64, beats: u64) -> (String, String, String, String, u64) {
    (machine.to_owned(), said.to_owned(), before(from), before(to), beats)
}

#[test]
fn a_stretch_ends_with_another_address_and_with_silence_and_the_newest_comes_first() {
    let world = World::empty()
        .beats("nas", 50..60, "203.0.113.7")
        .beats("nas", 10..15, "203.0.113.7")
        .beats("nas", 0..10, "10.1.2.3")
        .beats("pi", [3, 1], "2001:db8::1")
        .beats("pi", [4, 2], "198.51.100.1")
        .beat_with("pi", 0.5, "198.51.100.9", json!({"SCAgentChannel": "SCManagementServer"}))
        .beats("other", 0..5, "198.51.100.5")
        .beat("nas", 1500.0, "198.51.100.77");
    let expected = [
        one("nas", "10.1.2.3", 9.0, 0.0, 10),
        one("pi", "2001:db8::1", 3.0, 1.0, 2),
        one("pi", "198.51.100.1", 4.0, 2.0, 2),
        one("nas", "203.0.113.7", 14.0, 10.0, 5),
        one("nas", "203.0.113.7", 59.0, 50.0, 10),
    ];
    for world in [world.clone(), world.reversed()] {
        let found = ask(&world, &["nas", "pi", "never"]);
        assert_eq!(told(&found), expected);
        assert_eq!((found[0].machine.clone(), found[0].country.as_str()), (lower_id("nas"), "Switzerland"));
    }
}

#[test]
fn what_is_no_address_is_told_as_it_was_said_and_nobody_is_heard_who_was_not() {
    let world = World::empty().beats("nas", [2, 3], "").beats("nas", [0, 1], "nonsense");
    let expected = [one("nas", "nonsense", 1.0, 0.0, 2), one("nas", "", 3.0, 2.0, 2)];
    assert_eq!(told(&ask(&world, &["nas"])), expected);
    assert_eq!(ask(&world, &["pi"]), []);
    assert_eq!(ask(&world, &[]), []);
}

/// Two uplinks that alternate for a day would make more stretches than anybody reads.
#[test]
fn of_very_many_stretches_the_newest_are_told() {
    let world = (0..300).fold(World::empty(), |world, minute| {
        world.beat("nas", f64::from(minute), if minute % 2 == 0 { "203.0.113.7" } else { "198.51.100.7" })
    });
    let found = ask(&world, &["nas"]);
    assert_eq!(found.len(), 200);
    assert_eq!(told(&found)[0], one("nas", "203.0.113.7", 0.0, 0.0, 1));
}

/// What a machine lists is another saying of the same heartbeat, and its order says nothing.
#[test]
fn a_list_is_told_beside_the_way_out_in_any_order_and_by_what_may_stand_there() {
    let lists = |world: World, minutes: f64, listed: &serde_json::Value| {
        world.beat_with("nas", minutes, "203.0.113.7", json!({ "ComputerPrivateIPs": listed }))
    };
    let mut world = World::empty().beat("nas", 9.0, "203.0.113.7");
    for (minutes, listed) in [
        (8.0, json!(["10.1.0.3"])),
        (7.0, json!(["10.1.0.4"])),
        (6.0, json!(["172.17.0.1", "10.1.0.4"])),
        (5.0, json!(r#"["10.1.0.4", "172.17.0.1"]"#)),
        (4.0, json!(["10.1.0.4", "172.18.0.1"])),
        (2.0, json!(["192.168.1.7"])),
    ] {
        world = lists(world, minutes, &listed);
    }
    for world in [world.clone(), world.reversed()] {
        let found = ask(&world, &["nas"]);
        let of = |side| found.iter().filter(|told| told.side == side).cloned().collect::<Vec<_>>();
        assert_eq!(told(&of(ZoneKind::Public)), [one("nas", "203.0.113.7", 9.0, 2.0, 7)]);
        let private = [
            one("nas", "192.168.1.7", 2.0, 2.0, 1),
            one("nas", "10.1.0.4,172.18.0.1", 4.0, 4.0, 1),
            one("nas", "10.1.0.4,172.17.0.1", 6.0, 5.0, 2),
            one("nas", "10.1.0.4", 7.0, 7.0, 1),
            one("nas", "10.1.0.3", 8.0, 8.0, 1),
        ];
        assert_eq!(told(&of(ZoneKind::Private)), private);
        // A container that came says nothing of the name.
        let kept = that_may_stand(&found, |address| address.to_string().starts_with("10."));
        let kept_ones = [
            one("nas", "", 2.0, 2.0, 1),
            one("nas", "10.1.0.4", 7.0, 4.0, 4),
            one("nas", "10.1.0.3", 8.0, 8.0, 1),
        ];
        assert_eq!(told(&kept), kept_ones);
    }
    // Silence ends a stretch of a list as well, and so does another machine's nothing.
    let silent = [40.0, 39.0, 3.0]
        .iter()
        .fold(World::empty(), |world, minutes| lists(world, *minutes, &json!(["10.1.0.4"])));
    let silent = lists(silent, 41.0, &json!(["10.1.0.4", "172.17.0.1"]));
    let kept = that_may_stand(&ask(&silent, &["nas"]), |address| address.to_string().starts_with("10."));
    assert_eq!(told(&kept), [one("nas", "10.1.0.4", 3.0, 3.0, 1), one("nas", "10.1.0.4", 41.0, 39.0, 3)]);
}
