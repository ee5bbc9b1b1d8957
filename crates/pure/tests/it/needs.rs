//! What must be asked before rows can be judged: nothing where a static rule decides, all of one row at once.

use std::net::IpAddr;

use pure::domain::{RecordType, ResourceId};
use pure::plan::{Answer, Evidence, EvidenceRequest, Known, Live, Needs, Reason};

use super::world::{World, address, id, key, machine, zone};

const HOST: &str = "nas.example.com";

/// The same with nothing asked yet.
fn unasked(world: &World) -> World {
    let mut world = world.clone();
    world.case.known = Known::default();
    world
}

fn tagged(names: &[&str]) -> Live {
    Live::Tagged(names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn what_a_static_rule_or_the_address_decides_costs_no_question() {
    let fleet = (0..50).fold(World::new(), |world, index| {
        let (who, host) = (format!("m{index}"), format!("m{index}.example.com"));
        world.claims(&who, &host, "fd40:1085:12:6d79:7712:100:a00:4")
    });
    let plan = unasked(&fleet).plan();
    assert_eq!(plan.needs, Needs::default());
    assert!(plan.needs.is_empty());
    assert!(plan.skips.iter().all(|skip| skip.reason == Reason::AddressPrivateLink));
    let mut world = World::new();
    world.terms().deny_prefixes = vec!["203.0.113.66/32".parse().unwrap()];
    world = world
        .claims("a", "*.example.com", "203.0.113.7")
        .claims("b", "_b.example.com", "203.0.113.7")
        .claims("c", "nas.example.net", "203.0.113.7")
        .claims("d", "example.com", "203.0.113.7")
        .claims("e", "wpad.example.com", "203.0.113.7")
        .claims("f", "f.example.com", "")
        .claims("g", "g.example.com", "nonsense")
        .claims("h", "h.example.com", "10.0.0.4")
        .claims("i", "i.example.com", "203.0.113.66")
        .claims("j", "j.example.com", "2001:db8::7")
        .claims("k", "k.example.com", "203.0.113.7")
        .but(|row| row.heartbeat_time = None);
    let plan = unasked(&world).plan();
    assert!(plan.needs.is_empty(), "{:?}", plan.needs);
    assert_eq!(plan.skips.len(), 11);
}

#[test]
fn one_row_asks_for_everything_at_once() {
    let full = World::new().claims("nas", HOST, "203.0.113.7").keeps("nas", HOST, &["198.51.100.10"]);
    let world = unasked(&full).but(|row| row.owner = machine("old").lower().to_owned());
    let needs = world.plan().needs;
    assert_eq!(needs.machines, [machine("nas"), machine("old")].into());
    assert_eq!(needs.cuts, [zone("example.com")].into());
    assert_eq!(needs.sets, [key(HOST)].into());
    assert!(needs.evidence.is_empty());
    // What is known already is not asked again, and a machine that the log does not name is none.
    let needs = unasked(&full).tag("nas", tagged(&[HOST])).but(|row| row.owner = "?".to_owned()).plan().needs;
    assert_eq!(needs.machines, [].into());
    assert_eq!((needs.cuts.len(), needs.sets.len()), (1, 1));
    let needs = unasked(&full).tag("nas", tagged(&[HOST])).cut("example.com", &[]).plan().needs;
    assert_eq!(needs, Needs { sets: [key(HOST)].into(), ..Needs::default() });
    let needs = unasked(&full).absent(&key(HOST)).cut("example.com", &[]).plan().needs;
    assert_eq!(needs, Needs { machines: [machine("nas")].into(), ..Needs::default() });
    assert!(full.plan().needs.is_empty());
}

#[test]
fn each_kind_of_need_makes_them_more_than_nothing() {
    assert!(Needs::default().is_empty());
    for needs in [
        Needs { machines: [machine("nas")].into(), ..Needs::default() },
        Needs { sets: [key(HOST)].into(), ..Needs::default() },
        Needs { cuts: [zone("example.com")].into(), ..Needs::default() },
        Needs { evidence: [(key(HOST), EvidenceRequest::default())].into(), ..Needs::default() },
    ] {
        assert!(!needs.is_empty());
    }
}

#[test]
fn what_each_row_needs_comes_together() {
    let mut world = World::new()
        .claims("nas", HOST, "203.0.113.7")
        .claims("nas", HOST, "2001:db8::7")
        .claims("cam", "cam.example.org", "203.0.113.8");
    world.terms().types.insert(RecordType::Aaaa);
    let needs = unasked(&world).plan().needs;
    assert_eq!(needs.machines, [machine("nas"), machine("cam")].into());
    assert_eq!(needs.cuts, [zone("example.com"), zone("example.org")].into());
    assert_eq!(needs.sets, [key(HOST), id(HOST, RecordType::Aaaa), key("cam.example.org")].into());
}

#[test]
fn a_row_whose_tag_is_gone_needs_nothing_more() {
    let world = unasked(&World::new().claims("nas", HOST, "203.0.113.7")).tag("nas", Live::Gone);
    assert_eq!(world.codes(), [Reason::TagGone]);
    assert!(world.plan().needs.is_empty());
    // The same with a row from something that is no machine.
    let world = unasked(&World::new().claims("nas", HOST, "203.0.113.7").but(|row| row.resource_id.clear()));
    assert_eq!(world.codes(), [Reason::TagGone]);
    assert!(world.plan().needs.is_empty());
}

#[test]
fn the_holder_is_asked_after_the_set_and_the_evidence_after_the_holder() {
    let full = World::new().claims("new", HOST, "203.0.113.7").keeps("old", HOST, &["198.51.100.10"]);
    let mut world = unasked(&full);
    let first = world.plan().needs;
    assert_eq!((first.machines.len(), first.sets.len(), first.evidence.len()), (1, 1, 0));
    world.case.known = full.case.known.clone();
    let second = world.plan().needs;
    assert_eq!(second, Needs { machines: [machine("old")].into(), ..Needs::default() });
    assert_eq!(world.codes(), [Reason::Blind]);
    world = world.tag("old", tagged(&[HOST]));
    let third = world.plan().needs;
    let request = EvidenceRequest { machines: [machine("old")].into(), ..EvidenceRequest::default() };
    assert_eq!(third, Needs { evidence: [(key(HOST), request)].into(), ..Needs::default() });
    assert_eq!(world.codes(), [Reason::Blind]);
    assert!(world.evidence(&[], &[]).plan().needs.is_empty());
}

#[test]
fn evidence_is_asked_for_each_set_apart() {
    let world = World::new()
        .claims("nas", HOST, "203.0.113.7")
        .stands(HOST, &["198.51.100.10"])
        .claims("cam", "cam.example.com", "203.0.113.7")
        .stands("cam.example.com", &["198.51.100.11"]);
    let evidence = world.plan().needs.evidence;
    let request = |who: &str, text: &str| EvidenceRequest {
        machines: [machine(who)].into(),
        addresses: [address(text)].into(),
    };
    let (nas, cam) = (request("nas", "198.51.100.10"), request("cam", "198.51.100.11"));
    assert_eq!(evidence, [(key(HOST), nas.clone()), (key("cam.example.com"), cam)].into());
    // An answer to another question is none: of another machine, or of another address.
    let mut asked = nas.clone();
    for (machines, addresses) in [
        (&["cam"][..], &["198.51.100.10"][..]),
        (&["nas"], &["198.51.100.11"]),
        (&["nas"], &["198.51.100.10"]),
    ] {
        asked.machines = machines.iter().map(|who| machine(who)).collect();
        asked.addresses = addresses.iter().map(|text| address(text)).collect();
        let mut world = world.clone();
        let answer = pure::plan::Evidence { asked: asked.clone(), ..pure::plan::Evidence::default() };
        world.case.known.learn_evidence(key(HOST), Answer::Known(answer));
        assert_eq!(world.plan().needs.evidence.contains_key(&key(HOST)), asked != nas);
    }
}

#[test]
fn a_newer_answer_takes_the_place_of_an_older_one() {
    let world = World::new().claims("nas", HOST, "203.0.113.7").keeps("nas", HOST, &["198.51.100.10"]);
    let read =
        |text: &str| World::new().claims("nas", HOST, "203.0.113.7").keeps("nas", HOST, &[text]).case.known;
    let mut newer = world.clone();
    newer.case.known.extend(read("203.0.113.7"));
    assert_eq!(newer.codes(), [Reason::AlreadyRight]);
    let mut later = unasked(&world);
    later.case.known.extend(world.case.known.clone());
    assert_eq!(later.plan(), world.plan());
    let evidence = World::new().claims("nas", HOST, "203.0.113.7").stands(HOST, &["198.51.100.10"]);
    let answered = evidence.clone().evidence(&[("nas", "198.51.100.10")], &[]);
    let mut later = evidence;
    later.case.known.extend(answered.case.known);
    assert_eq!(later.plan().changes.len(), 1);
}

#[test]
fn what_two_questions_were_answered_is_known_together() {
    let (nas, cam) = (machine("nas"), machine("cam"));
    let [one, two] = ["203.0.113.7", "203.0.113.8"].map(|text| text.parse().unwrap());
    let time = World::new().now;
    let answer = |who: &ResourceId, address: IpAddr| {
        let mut evidence = Evidence::default();
        evidence.asked.machines.insert(who.clone());
        evidence.asked.addresses.insert(address);
        evidence.reported.entry(who.lower().to_owned()).or_default().insert(address, time);
        evidence.last_heard.insert(who.lower().to_owned(), time);
        evidence
    };
    let mut all = answer(&nas, one);
    all.extend(answer(&nas, two));
    all.extend(answer(&cam, two));
    assert_eq!((all.asked.machines.len(), all.asked.addresses.len()), (2, 2));
    assert_eq!((all.reported[nas.lower()].len(), all.reported[cam.lower()].len()), (2, 1));
    assert_eq!(all.last_heard.len(), 2);
}
