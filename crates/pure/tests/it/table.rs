//! The table in the doc comment of `plan::plan`, row by row.

use pure::domain::{Country, Holder, MismatchRow, RecordType};
use pure::plan::{Answer, Known, Live, Reason};

use super::private_world::{HOST, private_key};
use super::virtual_machines::{network, virtual_claim};
use super::world::{World, address, key, machine, minutes};

/// The example of a row of the table, as a world in which exactly that row is skipped.
pub(super) fn example(reason: Reason) -> World {
    let world = World::new();
    match reason {
        Reason::Wildcard => world.claims("nas", "*.home.example.com", "203.0.113.7"),
        Reason::NameInvalid => world.claims("nas", "../../other-zone", "203.0.113.7"),
        Reason::NoZone => world.claims("nas", "nas.example.net", "203.0.113.7"),
        Reason::Apex => world.claims("nas", "example.com", "203.0.113.7"),
        Reason::NameReserved => world.claims("nas", "wpad.example.com", "203.0.113.7"),
        Reason::NameNotAllowed => {
            world.allow(&["*.home.example.com"]).claims("nas", "nas.example.com", "203.0.113.7")
        }
        Reason::AddressEmpty => world.claims("nas", "nas.example.com", ""),
        Reason::AddressInvalid => world.claims("nas", "nas.example.com", "300.1.2.3"),
        Reason::AddressPrivateLink => {
            world.claims("nas", "nas.example.com", "fd40:1085:12:6d79:7712:100:a00:4")
        }
        Reason::AddressNotPublic => world.claims("nas", "nas.example.com", "192.168.0.4"),
        Reason::AddressDenied => {
            let mut world = world.claims("nas", "nas.example.com", "203.0.113.7");
            world.terms().deny_prefixes = vec!["203.0.113.0/24".parse().unwrap()];
            world
        }
        Reason::AddressOutside => {
            World::with_private_zone().lists("nas", HOST, &[], &["172.17.0.1", "192.168.178.20"])
        }
        Reason::AddressAmbiguous => {
            World::with_private_zone().lists("nas", HOST, &["10.1.0.4"], &["10.1.0.4", "10.2.0.4"])
        }
        Reason::AddressShared => World::with_private_zone()
            .lists("nas", HOST, &["10.1.0.4"], &["10.1.0.4"])
            .listers("10.1.0.4", &[&machine("nas"), &machine("other")]),
        Reason::AddressNotOurs => {
            let gateway = network("natGateways/nat-hub");
            virtual_claim(world, "web", "web.example.com", "203.0.113.7").holder("203.0.113.7", Holder::NatGateway(gateway))
        }
        Reason::CountryChanged => {
            let mut world = world.claims("nas", "nas.example.com", "203.0.113.7");
            world.terms().countries = Country::parse("Germany").into_iter().collect();
            world
        }
        Reason::TypeNotWanted => world.claims("nas", "nas.example.com", "2001:db8::7"),
        Reason::StaleHeartbeat => {
            let heard = world.now - minutes(16);
            world.claims("nas", "nas.example.com", "203.0.113.7").but(|row| row.heartbeat_time = Some(heard))
        }
        Reason::TagGone => world
            .claims("nas", "nas.example.com", "203.0.113.7")
            .tag("nas", Live::Tagged(vec!["new.example.com".to_owned()])),
        Reason::Delegated => {
            world.claims("nas", "nas.home.example.com", "203.0.113.7").cut("example.com", &["home.example.com"])
        }
        Reason::Alias => world
            .claims("nas", "nas.example.com", "203.0.113.7")
            .stands("nas.example.com", &[])
            .set(&key("nas.example.com"), |set| {
                set.alias = Some("/subscriptions/s1/resourceGroups/rg-net/providers/Microsoft.Network/publicIPAddresses/pip".to_owned());
            }),
        Reason::AutoRegistered => World::with_private_zone()
            .lists("nas", HOST, &["10.1.0.4"], &["10.1.0.4"])
            .keeps_privately("nas", HOST, &["10.9.0.9"])
            .set(&private_key(HOST), |set| set.auto_registered = true),
        Reason::EmptySet => {
            world.claims("nas", "nas.example.com", "203.0.113.7").stands("nas.example.com", &[])
        }
        Reason::CnameExists => {
            world.claims("nas", "nas.example.com", "203.0.113.7").cname(&key("nas.example.com"))
        }
        Reason::AlreadyRight => {
            let lags = |row: &mut MismatchRow| row.dns_ip = "198.51.100.10".to_owned();
            let world = world.claims("nas", "nas.example.com", "203.0.113.7");
            world.stands("nas.example.com", &["203.0.113.7"]).but(lags)
        }
        Reason::TooFewBeats => world.claims("nas", "nas.example.com", "203.0.113.7").but(|row| row.beats = 1),
        Reason::StillSeen => {
            let seen = world.now - minutes(4);
            world
                .claims("nas", "nas.example.com", "203.0.113.7")
                .but(|row| (row.returned, row.present_last_seen) = (true, Some(seen)))
                .keeps("nas", "nas.example.com", &["198.51.100.10"])
        }
        Reason::Flapping => world
            .claims("nas", "nas.example.com", "203.0.113.7")
            .keeps("nas", "nas.example.com", &["198.51.100.10"])
            .went("nas.example.com", "203.0.113.7", "198.51.100.10", 600)
            .went("nas.example.com", "198.51.100.10", "203.0.113.7", 500)
            .went("nas.example.com", "203.0.113.7", "198.51.100.10", 400)
            .went("nas.example.com", "198.51.100.10", "203.0.113.7", 300)
            .went("nas.example.com", "203.0.113.7", "198.51.100.10", 200),
        Reason::ClaimConflict => world
            .claims("nas", "nas.example.com", "203.0.113.7")
            .claims("thief", "nas.example.com", "192.0.2.66")
            .keeps("nas", "nas.example.com", &["198.51.100.10"]),
        Reason::Contested => world
            .claims("nas", "nas.example.com", "203.0.113.7")
            .stands("nas.example.com", &["198.51.100.10"])
            .went("nas.example.com", "198.51.100.10", "203.0.113.7", 90)
            .went("nas.example.com", "198.51.100.10", "203.0.113.7", 60),
        Reason::NotOwned => {
            world.claims("thief", "www.example.com", "192.0.2.66").stands("www.example.com", &["198.51.100.10"])
        }
        Reason::Held => world
            .claims("nas", "nas.example.com", "203.0.113.7")
            .keeps("nas", "nas.example.com", &["198.51.100.10"])
            .set(&key("nas.example.com"), |set| {
                set.metadata.insert("heartbeat_dns_hold".to_owned(), "forever".to_owned());
            }),
        Reason::NoRecord => {
            let mut world = world.claims("nas", "nas.example.com", "203.0.113.7");
            world.policy.create = false;
            world
        }
        Reason::Braked => (1..=12).fold(world, |world, house| {
            let (who, host) = (format!("m{house:02}"), format!("m{house:02}.example.com"));
            world.claims(&who, &host, "203.0.113.99").keeps(&who, &host, &[&format!("198.51.100.{house}")])
        }),
        Reason::Blind => {
            let mut world = world
                .claims("nas", "nas.example.com", "203.0.113.7")
                .keeps("nas", "nas.example.com", &["198.51.100.10"]);
            world.case.history.tags_marker = Some(world.now - minutes(120));
            world
        }
        // No row of the query ends as one of these.
        Reason::NotSwept | Reason::NoHeartbeat | Reason::ScaleSet | Reason::ChangedSince => world,
    }
}

/// All codes that a row can end in, in the order of the rules.
pub(super) const CODES: [Reason; 35] = [
    Reason::Wildcard,
    Reason::NameInvalid,
    Reason::NoZone,
    Reason::Apex,
    Reason::NameReserved,
    Reason::NameNotAllowed,
    Reason::AddressEmpty,
    Reason::AddressInvalid,
    Reason::AddressPrivateLink,
    Reason::AddressNotPublic,
    Reason::AddressDenied,
    Reason::AddressOutside,
    Reason::AddressAmbiguous,
    Reason::AddressShared,
    Reason::AddressNotOurs,
    Reason::CountryChanged,
    Reason::TypeNotWanted,
    Reason::StaleHeartbeat,
    Reason::TagGone,
    Reason::Delegated,
    Reason::Alias,
    Reason::AutoRegistered,
    Reason::EmptySet,
    Reason::CnameExists,
    Reason::AlreadyRight,
    Reason::TooFewBeats,
    Reason::StillSeen,
    Reason::Flapping,
    Reason::ClaimConflict,
    Reason::Contested,
    Reason::NotOwned,
    Reason::Held,
    Reason::NoRecord,
    Reason::Braked,
    Reason::Blind,
];

#[test]
fn every_row_of_the_table_is_true() {
    for code in CODES {
        let world = example(code);
        let plan = world.plan();
        assert!(plan.changes.is_empty(), "{code}: {:?}", plan.changes);
        assert_eq!(plan.skips.len(), world.case.rows.len(), "{code}: {:?}", plan.skips);
        for skip in &plan.skips {
            assert_eq!(skip.reason, code, "{}", skip.because);
        }
    }
}

#[test]
fn the_table_is_the_list_of_codes_in_their_order() {
    let source = include_str!("../../src/plan/decide.rs");
    let rows: Vec<&str> = source
        .lines()
        .filter_map(|line| line.strip_prefix("/// | `")?.split_once("` | "))
        .map(|(code, _)| code)
        .collect();
    assert_eq!(rows, CODES.map(Reason::as_str));
    assert!(CODES.is_sorted());
    // Four more are no rows of the query: they come last, after every code of the table.
    assert_eq!(Reason::ALL[..CODES.len()], CODES);
    let last = [Reason::NotSwept, Reason::NoHeartbeat, Reason::ScaleSet, Reason::ChangedSince];
    assert_eq!(Reason::ALL[CODES.len()..], last);
}

#[test]
fn without_any_trap_the_row_becomes_a_change() {
    let created = World::new().claims("nas", "nas.example.com", "203.0.113.7").plan();
    assert_eq!((created.changes.len(), created.skips.len(), created.brakes.len()), (1, 0, 0));
    let change = &created.changes[0];
    assert_eq!((change.action().as_str(), change.after.ttl, change.before.is_none()), ("create", 60, true));

    let world = World::new().claims("nas", "nas.example.com", "203.0.113.7").keeps(
        "nas",
        "nas.example.com",
        &["198.51.100.10"],
    );
    let updated = world.plan();
    assert_eq!((updated.changes.len(), updated.skips.len(), updated.brakes.len()), (1, 0, 0));
    let change = &updated.changes[0];
    assert_eq!((change.action().as_str(), change.after.ttl, change.cause.adopts()), ("update", 300, false));
    assert_eq!(change.from(), [address("198.51.100.10")].into());
    assert_eq!(*change.to(), [address("203.0.113.7")].into());
    let set = change.record_set("dcr-ours", "run-1", world.now);
    assert_eq!((set.etag.as_str(), set.ttl, set.metadata["team"].as_str()), ("etag-1", 300, "edge"));
    assert_eq!(set.metadata["heartbeat_dns_previous"], "198.51.100.10");
    assert_eq!(set.metadata["heartbeat_dns_run"], "run-1");
}

#[test]
fn a_type_is_published_with_consent() {
    let mut world = World::new().claims("nas", "nas.example.com", "2001:db8::7");
    world.terms().types = [RecordType::A, RecordType::Aaaa].into();
    let plan = world.plan();
    assert_eq!(plan.changes[0].id.record_type, RecordType::Aaaa);
    assert!(plan.skips.is_empty());
}

#[test]
fn wildcards_and_apexes_pass_when_listed_literally() {
    let world = World::new()
        .allow(&["\\*.home.example.com", "example.com"])
        .claims("nas", "*.home.example.com", "203.0.113.7")
        .claims("gate", "example.com", "203.0.113.8");
    let plan = world.plan();
    assert_eq!(plan.changes.len(), 2, "{:?}", plan.skips);
}

#[test]
fn a_machine_that_is_no_longer_seen_keeps_no_claim() {
    let world = World::new().claims("nas", "nas.example.com", "203.0.113.7");
    for (live, word) in [(Live::Gone, "deleted"), (Live::Unreadable, "cannot be read")] {
        let skip = world.clone().tag("nas", live).only_skip();
        assert_eq!(skip.reason, Reason::TagGone);
        assert!(skip.because.contains(word), "{}", skip.because);
    }
    let nobody = world.clone().but(|row| row.resource_id = "nas".to_owned()).only_skip();
    assert_eq!(nobody.reason, Reason::TagGone);
}

#[test]
fn a_tag_may_hold_several_names_in_any_spelling() {
    let world = World::new()
        .claims("nas", "nas.example.com", "203.0.113.7")
        .tag("nas", Live::Tagged(vec!["old.example.com; NAS.Example.com.".to_owned()]));
    assert_eq!(world.plan().changes.len(), 1);
}

#[test]
fn an_ipv4_address_in_ipv6_clothes_is_judged_and_published_as_ipv4() {
    let inner = World::new().claims("nas", "nas.example.com", "::ffff:192.168.0.4").only_skip();
    assert_eq!(inner.reason, Reason::AddressNotPublic);
    let plan = World::new()
        .claims("nas", "nas.example.com", "::ffff:203.0.113.7")
        .but(|row| row.record_type = RecordType::Aaaa)
        .plan();
    assert_eq!(plan.changes[0].id.record_type, RecordType::A);
    assert_eq!(plan.changes[0].to().clone(), [address("203.0.113.7")].into());
}

#[test]
fn a_return_is_counted_within_a_day_and_per_address() {
    let twice = World::new()
        .claims("nas", "nas.example.com", "203.0.113.7")
        .keeps("nas", "nas.example.com", &["198.51.100.10"])
        .went("nas.example.com", "203.0.113.7", "198.51.100.10", 600)
        .went("nas.example.com", "203.0.113.8", "198.51.100.10", 500)
        .went("nas.example.com", "203.0.113.7", "198.51.100.10", 400);
    assert_eq!(twice.plan().changes.len(), 1);
    let yesterday = twice.clone().went("nas.example.com", "203.0.113.7", "198.51.100.10", 25 * 60);
    assert_eq!(yesterday.plan().changes.len(), 1);
    let thrice = twice.went("nas.example.com", "203.0.113.7", "198.51.100.10", 23 * 60);
    assert_eq!(thrice.codes(), [Reason::Flapping]);
}

#[test]
fn a_return_alone_is_no_harm() {
    let world = World::new();
    let (long_ago, returned) = (world.now - minutes(11), true);
    let world = world
        .claims("nas", "nas.example.com", "203.0.113.7")
        .but(|row| (row.returned, row.present_last_seen) = (returned, Some(long_ago)))
        .keeps("nas", "nas.example.com", &["198.51.100.10"]);
    assert_eq!(world.plan().changes.len(), 1);
    let recent = world.now - minutes(1);
    let first_time = world.but(|row| (row.returned, row.present_last_seen) = (false, Some(recent)));
    assert_eq!(first_time.plan().changes.len(), 1);
}

#[test]
fn what_was_not_asked_or_read_changes_nothing() {
    let world = World::new().claims("nas", "nas.example.com", "203.0.113.7");
    let unknown = |known: Known| {
        let mut world = world.clone();
        world.case.known = known;
        let (skip, plan) = (world.only_skip(), world.plan());
        assert_eq!(skip.reason, Reason::Blind);
        assert!(skip.because.contains("was not asked in this run"), "{}", skip.because);
        plan.needs
    };
    let nothing = unknown(Known::default());
    assert_eq!((nothing.machines.len(), nothing.cuts.len(), nothing.sets.len()), (1, 1, 1));
    let mut tag_alone = Known::default();
    tag_alone.learn_tag(&machine("nas"), Answer::Known(Live::Tagged(vec!["nas.example.com".to_owned()])));
    let rest = unknown(tag_alone);
    assert_eq!((rest.machines.len(), rest.cuts.len(), rest.sets.len()), (0, 1, 1));
}

#[test]
fn what_no_patience_ends_is_said_by_the_reason() {
    use Reason::{AddressShared, AutoRegistered, CnameExists, Contested, Delegated, NoRecord, NotOwned};
    for code in CODES {
        let skips = example(code).plan().skips;
        let durable = skips.iter().all(|skip| skip.is_durable);
        assert_eq!(
            durable,
            matches!(
                code,
                AddressShared | Delegated | AutoRegistered | CnameExists | Contested | NotOwned | NoRecord
            ),
            "{code}"
        );
    }
}
