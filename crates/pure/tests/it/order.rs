//! A row that two rules could catch ends as the first of them.

use pure::domain::{Country, Holder, RecordType};
use pure::plan::{Answer, Live, Reason};

use super::private_world::{CORP, HOST, listed, private_key};
use super::table::CODES;
use super::virtual_machines::vm;
use super::world::{World, addresses, key, machine, minutes};

/// A row that every rule but those on names catches; then one trap after the other is taken away.
#[test]
fn traps_spring_one_after_the_other() {
    let host = "www.example.com";
    let mut world = World::new()
        .claims("thief", host, "fd40::a00:4")
        .but(|row| {
            row.beats = 1;
            row.returned = true;
        })
        .tag("thief", Live::Tagged(Vec::new()))
        .cut("example.com", &["www.example.com"]);
    let (stale, seen) = (world.now - minutes(60), world.now - minutes(1));
    world = world.but(|row| {
        row.heartbeat_time = Some(stale);
        row.present_last_seen = Some(seen);
        row.host_name = "*.example.net".to_owned();
    });
    world.terms().deny_prefixes = vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()];
    world.terms().countries = Country::parse("Germany").into_iter().collect();
    world.policy.create = false;
    world.case.partial = true;
    world = world.allow(&[]);

    let mut seen_codes = Vec::new();
    let mut step = |world: &World| seen_codes.push(world.only_skip().reason);
    step(&world);
    let mut world = world.but(|row| row.host_name = "_www.example.net".to_owned());
    step(&world);
    world = world.but(|row| row.host_name = "example.net".to_owned());
    step(&world);
    world = world.but(|row| row.host_name = "example.com".to_owned());
    step(&world);
    world = world.but(|row| row.host_name = "wpad.example.com".to_owned());
    step(&world);
    world = world.but(|row| row.host_name = "www.example.com".to_owned());
    step(&world);
    world = world.allow(&["*"]).but(|row| row.computer_ip = " ".to_owned());
    step(&world);
    world = world.but(|row| row.computer_ip = "nonsense".to_owned());
    step(&world);
    world = world.but(|row| row.computer_ip = "fd40::a00:4".to_owned());
    step(&world);
    world.terms().deny_prefixes.push("fd00::/8".parse().unwrap());
    world = world.but(|row| row.computer_ip = "fd00::1".to_owned());
    step(&world);
    world = world.but(|row| row.computer_ip = "2001:db8::66".to_owned());
    step(&world);
    world.terms().deny_prefixes.clear();
    let arc = machine("thief").lower().to_owned();
    world = world.but(|row| row.resource_id = vm("thief").lower().to_owned());
    world = world.holder("2001:db8::66", Holder::Unseen);
    step(&world);
    world = world.but(|row| row.resource_id = arc);
    step(&world);
    world.terms().countries.clear();
    step(&world);
    world = world.but(|row| row.computer_ip = "192.0.2.66".to_owned());
    step(&world);
    let heard = world.now - minutes(1);
    world = world
        .but(|row| row.heartbeat_time = Some(heard))
        .stands(host, &[])
        .set(&key(host), |set| set.alias = Some("target".to_owned()));
    step(&world);
    world = world.tag("thief", Live::Tagged(vec![host.to_owned()]));
    step(&world);
    world = world.cut("example.com", &[]);
    step(&world);
    world = world.set(&key(host), |set| set.alias = None);
    step(&world);
    world = world.cname(&key(host));
    step(&world);
    world = world.stands(host, &["192.0.2.66"]);
    step(&world);
    world = world.stands(host, &["198.51.100.10"]);
    world = (0..3).fold(world, |world, hour| world.went(host, "192.0.2.66", "198.51.100.10", 60 * hour));
    step(&world);
    world = world.but(|row| row.beats = 2);
    step(&world);
    world = world.but(|row| row.returned = false);
    step(&world);
    world.case.history.changes.clear();
    world =
        (0..2).fold(world, |world, hour| world.went(host, "198.51.100.10", "192.0.2.66", 60 * (2 - hour)));
    step(&world);
    world.case.history.changes.clear();
    step(&world);
    world = world.keeps("thief", host, &["198.51.100.10"]).set(&key(host), |set| {
        set.metadata.insert("heartbeat_dns_hold".to_owned(), "forever".to_owned());
    });
    step(&world);
    world = world.absent(&key(host));
    step(&world);
    world.policy.create = true;
    step(&world);
    world.case.partial = false;
    assert_eq!(world.plan().changes.len(), 1);

    // A conflict takes two rows, and a brake takes many.
    let alone =
        |code: &Reason| ![Reason::ClaimConflict, Reason::Braked].contains(code) && !is_of_private_rows(*code);
    assert_eq!(seen_codes, CODES.into_iter().filter(alone).collect::<Vec<_>>());
}

/// Whether only rows of private zones have the code.
fn is_of_private_rows(code: Reason) -> bool {
    use Reason::{AddressAmbiguous, AddressOutside, AddressShared, AutoRegistered};
    matches!(code, AddressOutside | AddressAmbiguous | AddressShared | AutoRegistered)
}

#[test]
fn the_traps_of_a_private_row_spring_one_after_the_other() {
    let (one, two) = (["10.1.0.4"], ["10.1.0.4", "10.2.0.4"]);
    let stale = |world: World| {
        let heard = world.now - minutes(60);
        world.but(|row| row.heartbeat_time = Some(heard)).tag("web", Live::Tagged(Vec::new()))
    };
    let mut world = stale(World::with_private_zone().virtual_lists("web", HOST, &one, &["10.9.0.9"]))
        .listers(one[0], &[&machine("other")])
        .keeps_privately("web", HOST, &["10.8.0.8"])
        .set(&private_key(HOST), |set| set.auto_registered = true)
        .cut("example.com", &[CORP]);
    world.case.known.learn_tag(&vm("web"), Answer::Known(Live::Tagged(Vec::new())));
    world.terms().types = [RecordType::Aaaa].into();
    world.terms().countries = Country::parse("Germany").into_iter().collect();
    let says = |world: World, own: &str, all: &[&str]| {
        let (own, all) = (own.to_owned(), listed(all));
        world.but(|row| (row.computer_ip, row.private_ips) = (own, all))
    };
    let mut seen_codes = Vec::new();
    let mut step = |world: &World| seen_codes.push(world.only_skip().reason);
    step(&says(world.clone(), "", &[]));
    step(&says(world.clone(), "", &["here"]));
    step(&says(world.clone(), "", &["172.17.0.1"]));
    step(&says(world.clone(), one[0], &two));
    step(&world);
    let mut world = world.listers(one[0], &[&vm("web")]);
    step(&world);
    world.case.known.privately_mut().learn_interfaces(vm("web"), Answer::Known(addresses(&one)));
    step(&world);
    world.terms().types = [RecordType::A].into();
    step(&world);
    let heard = world.now - minutes(1);
    world = world.but(|row| row.heartbeat_time = Some(heard));
    step(&world);
    world.case.known.learn_tag(&vm("web"), Answer::Known(Live::Tagged(vec![HOST.to_owned()])));
    step(&world);
    use Reason::{
        AddressAmbiguous, AddressEmpty, AddressInvalid, AddressNotOurs, AddressOutside, AddressShared,
        AutoRegistered, StaleHeartbeat, TagGone, TypeNotWanted,
    };
    // Neither the country of its way out nor a cut of the public zone says anything of the private side.
    let expected = [
        AddressEmpty,
        AddressInvalid,
        AddressOutside,
        AddressAmbiguous,
        AddressShared,
        AddressNotOurs,
        TypeNotWanted,
        StaleHeartbeat,
        TagGone,
        AutoRegistered,
    ];
    assert_eq!(seen_codes, expected);
    assert!(expected.is_sorted());
}

#[test]
fn a_conflict_comes_before_ownership_and_holds_the_marked_machine_too() {
    let world = World::new().claims("nas", "www.example.com", "203.0.113.7").claims(
        "thief",
        "www.example.com",
        "192.0.2.66",
    );
    assert_eq!(
        world.clone().stands("www.example.com", &["198.51.100.10"]).codes(),
        [Reason::ClaimConflict; 2]
    );
    assert_eq!(
        world.clone().keeps("nas", "www.example.com", &["198.51.100.10"]).codes(),
        [Reason::ClaimConflict; 2]
    );
    // One of them is right already: the present value stays, and is no change either.
    assert_eq!(
        world.clone().keeps("nas", "www.example.com", &["203.0.113.7"]).codes(),
        [Reason::ClaimConflict; 2]
    );
    // Both together are what the set holds.
    let both = world.clone().keeps("nas", "www.example.com", &["203.0.113.7", "192.0.2.66"]);
    assert_eq!(both.codes(), [Reason::AlreadyRight; 2]);
    // Nobody gets a new name while they differ.
    let mut new = world;
    new.policy.create = false;
    assert_eq!(new.codes(), [Reason::ClaimConflict; 2]);
}

#[test]
fn only_living_claims_make_a_conflict() {
    let world = World::new()
        .claims("nas", "nas.example.com", "203.0.113.7")
        .claims("thief", "nas.example.com", "192.0.2.66")
        .keeps("nas", "nas.example.com", &["198.51.100.10"]);
    let one_beat = world.clone().but(|row| row.beats = 1).plan();
    assert_eq!(one_beat.changes[0].after.machine.name(), "nas");
    assert_eq!(one_beat.skips[0].reason, Reason::TooFewBeats);
    let untagged = world.clone().tag("thief", Live::Tagged(Vec::new())).plan();
    assert_eq!((untagged.changes.len(), untagged.skips[0].reason), (1, Reason::TagGone));
    let private = world.but(|row| row.computer_ip = "10.0.0.4".to_owned()).plan();
    assert_eq!((private.changes.len(), private.skips[0].reason), (1, Reason::AddressNotPublic));
}

#[test]
fn what_is_right_already_is_never_written_again() {
    // The other claim is young; what is left to write is what stands.
    let world = World::new()
        .claims("nas", "nas.example.com", "203.0.113.7")
        .claims("thief", "nas.example.com", "192.0.2.66")
        .but(|row| row.beats = 1)
        .keeps("nas", "nas.example.com", &["203.0.113.7"]);
    assert_eq!(world.codes(), [Reason::AlreadyRight, Reason::TooFewBeats]);
    assert!(world.plan().changes.is_empty());
}

#[test]
fn three_machines_of_one_house_share_one_change() {
    let world = World::new()
        .claims("c", "home.example.com", "203.0.113.7")
        .claims("a", "home.example.com", "203.0.113.7")
        .claims("b", "home.example.com", "203.0.113.7");
    let created = world.plan();
    assert_eq!(created.changes.len(), 1);
    assert_eq!(created.changes[0].after.machine.name(), "a");
    let kept = world.keeps("b", "home.example.com", &["198.51.100.10"]).plan();
    assert_eq!((kept.changes.len(), kept.skips.len()), (1, 0));
    let names: Vec<&str> = kept.changes[0].machines().map(pure::domain::ResourceId::name).collect();
    assert_eq!(names, ["b", "a", "c"]);
}

#[test]
fn types_of_one_name_are_judged_apart() {
    let mut world = World::new().claims("nas", "nas.example.com", "203.0.113.7").claims(
        "nas",
        "nas.example.com",
        "2001:db8::7",
    );
    world.terms().types = [RecordType::A, RecordType::Aaaa].into();
    assert_eq!(world.plan().changes.len(), 2);
}
