//! A refusal that the log knows is not asked for again until something has changed.

use pure::domain::{Refused, ResourceId};
use pure::plan::{Known, Live, Reason, Refusal};

use super::world::{World, address, key, machine, minutes};

const HOST: &str = "nas.example.com";

/// A set that nobody marked, of which the log knows that it was refused to this machine with this address.
fn refused() -> World {
    let mut world = World::new().claims("nas", HOST, "203.0.113.7").stands(HOST, &["198.51.100.10"]);
    let refusal = refusal(&[("nas", "203.0.113.7")]);
    world.case.history.refused.insert(key(HOST), refusal);
    world
}

fn refusal(given_to: &[(&str, &str)]) -> Refusal {
    refused_as("not-owned", given_to)
}

fn refused_as(code: &str, given_to: &[(&str, &str)]) -> Refusal {
    let given = given_to.iter().map(|(who, text)| (machine(who), address(text)));
    Refusal { refused: Refused::new(code, given), etag: "etag-1".to_owned() }
}

fn is_asked(world: &World) -> bool {
    let plan = world.plan();
    assert!(plan.changes.is_empty());
    let asked = plan.needs.evidence.contains_key(&key(HOST));
    let expected = if asked { Reason::Blind } else { Reason::NotOwned };
    assert!(plan.skips.iter().all(|skip| skip.reason == expected), "{:?}", plan.skips);
    asked
}

#[test]
fn what_was_refused_before_costs_no_question() {
    assert!(!is_asked(&refused()));
    let words = refused().only_skip().because;
    assert!(words.contains("as was found before, and nothing has changed since"), "{words}");
    let mut spelled = refused();
    spelled.case.rows[0].resource_id = machine("nas").as_str().to_uppercase();
    assert!(!is_asked(&spelled));
}

#[test]
fn whatever_changes_has_it_asked_again() {
    let again = |change: &dyn Fn(World) -> World| is_asked(&change(refused()));
    assert!(again(&|world| world.set(&key(HOST), |set| set.etag = "etag-2".to_owned())));
    assert!(again(&|world| world.but(|row| row.computer_ip = "203.0.113.8".to_owned())));
    let other = machine("other");
    assert!(again(&|world| {
        let live = Live::Tagged(vec![HOST.to_owned()]);
        world.but(|row| row.resource_id = other.lower().to_owned()).tag("other", live)
    }));
    assert!(again(&|world| world.claims("witness", HOST, "203.0.113.7").but(|row| row.dns_ip.clear())));
    assert!(again(&|mut world| {
        world.case.history.refused.clear();
        world
    }));
}

#[test]
fn each_witness_must_have_been_refused() {
    let two = |given: &[(&str, &str)]| {
        let mut world = refused().claims("cam", HOST, "203.0.113.7");
        world.case.history.refused.insert(key(HOST), refusal(given));
        is_asked(&world)
    };
    assert!(!two(&[("nas", "203.0.113.7"), ("cam", "203.0.113.7")]));
    assert!(two(&[("nas", "203.0.113.7"), ("cam", "203.0.113.8")]));
    assert!(two(&[("cam", "203.0.113.7")]));
}

#[test]
fn a_person_who_names_it_has_it_asked_again() {
    let mut world = refused();
    world.case.asked.named.insert(key("cam.example.com").name);
    assert!(!is_asked(&world));
    world.case.asked.named.insert(key(HOST).name);
    assert!(is_asked(&world));
}

fn with(refusal: Refusal) -> World {
    let mut world = refused();
    world.case.history.refused.insert(key(HOST), refusal);
    world
}

#[test]
fn a_write_that_a_lock_refused_is_proved_anew_before_it_is_tried_again() {
    for code in ["ScopeLocked", "RequestDisallowedByPolicy", "AuthorizationFailed"] {
        let world = with(refused_as(code, &[("nas", "203.0.113.7")]));
        assert!(is_asked(&world), "{code}");
        let proved = world.clone().evidence(&[("nas", "198.51.100.10")], &[]);
        assert!(proved.plan().changes[0].cause.adopts(), "{code}");
        assert_eq!(world.evidence(&[], &[]).codes(), [Reason::NotOwned], "{code}");
    }
}

#[test]
fn what_was_refused_for_another_reason_says_nothing_of_the_evidence() {
    // A write that the policy allowed by itself (a literal name, POLICY_ADOPT, a person) proves nothing once it does not.
    for code in ["delegated", "cname-exists", "no-record", "ScopeLocked", ""] {
        assert!(is_asked(&with(refused_as(code, &[("nas", "203.0.113.7")]))), "{code}");
    }
}

/// A set that we keep for another machine, which still claims it and was not heard within the hour; the log knows that it
/// was refused as not ours.
fn kept_for_another() -> World {
    let mut world = World::new()
        .claims("nas", HOST, "203.0.113.7")
        .keeps("old", HOST, &["198.51.100.10"])
        .tag("old", Live::Tagged(vec![HOST.to_owned()]));
    world.case.history.refused.insert(key(HOST), refusal(&[("nas", "203.0.113.7")]));
    world
}

#[test]
fn the_holders_silence_is_not_asked_again_either() {
    let world = kept_for_another();
    assert!(!is_asked(&world));
    let words = world.only_skip().because;
    assert!(words.contains("belongs to old, which still claims it and was heard within 24 h"), "{words}");
    // It is written down again, so that the alert is quiet until the next sweep looks again.
    assert!(world.only_skip().is_durable);
    assert!(is_asked(&world.clone().set(&key(HOST), |set| set.etag = "etag-2".to_owned())));
    assert!(is_asked(&world.clone().but(|row| row.computer_ip = "203.0.113.8".to_owned())));
    let mut swept = world.clone();
    swept.case.history.refused.clear();
    assert!(is_asked(&swept));
    // A claim that has ended needs no question at all.
    assert_eq!(world.tag("old", Live::Gone).plan().changes.len(), 1);
}

#[test]
fn a_hand_over_that_a_lock_refused_asks_for_the_holders_silence_anew() {
    let mut world = kept_for_another();
    let refusal = refused_as("ScopeLocked", &[("nas", "203.0.113.7")]);
    world.case.history.refused.insert(key(HOST), refusal);
    assert!(is_asked(&world));
    assert_eq!(world.clone().evidence(&[], &[("old", 25)]).plan().changes.len(), 1);
    assert_eq!(world.evidence(&[], &[("old", 1)]).codes(), [Reason::NotOwned]);
}

#[test]
fn what_needs_no_evidence_is_not_refused() {
    let mut literal = refused();
    literal = literal.allow(&[HOST]);
    assert_eq!(literal.plan().changes.len(), 1);
    let world = refused();
    let seen = world.now - minutes(30);
    let mut proved = world.clone().but(|row| row.present_last_seen = Some(seen));
    assert_eq!(proved.plan().changes.len(), 1);
    proved.case.asked.adopted.insert(key(HOST).name);
    assert_eq!(proved.plan().changes.len(), 1);
    // A set that is ours by now is no matter of adoption.
    assert_eq!(world.keeps("nas", HOST, &["198.51.100.10"]).plan().changes.len(), 1);
}

/// A claim of which nothing was asked yet; the log knows this refusal.
fn told(code: &str) -> World {
    let mut world = World::new().claims("nas", HOST, "203.0.113.7");
    world.case.known = Known::default();
    let given = [(machine("nas"), address("203.0.113.7"))];
    let refusal = Refusal { refused: Refused::new(code, given), etag: String::new() };
    world.case.history.refused.insert(key(HOST), refusal);
    world
}

#[test]
fn what_only_a_hand_in_the_zone_ends_costs_no_live_read() {
    for code in [Reason::Delegated, Reason::CnameExists] {
        let world = told(code.as_str());
        let plan = world.plan();
        assert!(plan.needs.is_empty(), "{code}: {:?}", plan.needs);
        assert_eq!(world.codes(), [code]);
        // Whatever is known all the same is believed more than the log.
        let gone = world.clone().tag("nas", Live::Tagged(Vec::new()));
        assert_eq!(gone.codes(), [Reason::TagGone]);
        let live = world.clone().tag("nas", Live::Tagged(vec![HOST.to_owned()])).cut("example.com", &[]);
        assert!(live.plan().needs.machines.is_empty());
        assert_eq!(live.absent(&key(HOST)).plan().changes.len(), 1);
        let asks = |change: &dyn Fn(&mut World)| {
            let mut world = told(code.as_str());
            change(&mut world);
            !world.plan().needs.is_empty()
        };
        assert!(asks(&|world| world.case.rows[0].computer_ip = "203.0.113.8".to_owned()));
        assert!(asks(&|world| world.case.rows[0].resource_id = machine("other").lower().to_owned()));
        assert!(asks(&|world| world.case.asked.named = [key(HOST).name].into()));
        assert!(asks(&|world| world.case.history.refused.clear()));
    }
    // What somebody else's row had asked says that the log's word is over: then the tag is asked like any other.
    let others = told("delegated").cut("example.com", &[]);
    assert!(others.plan().changes.is_empty());
    assert_eq!(others.plan().needs.machines, [machine("nas")].into());
    assert_eq!(others.plan().needs.sets, [key(HOST)].into());
    let read = told("cname-exists").absent(&key(HOST));
    assert!(read.plan().changes.is_empty());
    assert_eq!(read.plan().needs.machines, [machine("nas")].into());
    // Or it says the same once more.
    assert_eq!(told("delegated").cut("example.com", &[HOST]).codes(), [Reason::Delegated]);
    // What a setting or a lock decides may be decided anew at once.
    for code in ["no-record", "ScopeLocked"] {
        assert!(!told(code).plan().needs.machines.is_empty(), "{code}");
    }
}

/// Whose a set is its mark says: the set is read, and nothing else is asked while it is the one that was refused.
#[test]
fn what_is_not_ours_costs_one_read_of_the_set() {
    let unread = told("not-owned");
    let needs = unread.plan().needs;
    assert_eq!((needs.sets.len(), needs.machines.len(), needs.cuts.len()), (1, 0, 0), "{needs:?}");
    let read = |refusal: Refusal| {
        let mut world = unread.clone().stands(HOST, &["198.51.100.10"]);
        world.case.history.refused.insert(key(HOST), refusal);
        world
    };
    let world = read(refusal(&[("nas", "203.0.113.7")]));
    assert_eq!((world.plan().needs.is_empty(), world.codes()), (true, vec![Reason::NotOwned]));
    // What is known all the same is believed more than the log.
    assert_eq!(world.clone().tag("nas", Live::Tagged(Vec::new())).codes(), [Reason::TagGone]);
    assert_eq!(world.clone().cut("example.com", &[HOST]).codes(), [Reason::Delegated]);
    // Before the claim gains anything by it, it is asked like any other.
    let asks = |world: &World| {
        let plan = world.plan();
        assert!(plan.changes.is_empty(), "{plan:?}");
        plan.needs.machines == [machine("nas")].into() && plan.needs.cuts.len() == 1
    };
    let literal = world.clone().allow(&[HOST]);
    assert!(asks(&literal));
    let tagged = literal.tag("nas", Live::Tagged(vec![HOST.to_owned()]));
    assert!(tagged.plan().changes.is_empty(), "the cuts are not known yet");
    assert_eq!(tagged.cut("example.com", &[]).plan().changes.len(), 1);
    assert!(asks(&world.clone().keeps("nas", HOST, &["198.51.100.10"])), "it is ours by now");
    assert!(asks(&world.clone().set(&key(HOST), |set| set.etag = "etag-2".to_owned())));
    assert!(asks(&read(refusal(&[("nas", "203.0.113.8")]))));
    let mut named = world;
    named.case.asked.named.insert(key(HOST).name);
    assert!(asks(&named));
}

mod text {
    use proptest::prelude::*;

    use super::*;
    use crate::any_world::config;

    fn machines() -> impl Strategy<Value = ResourceId> {
        let part = "[a-zA-Z0-9._()-]{1,12}";
        (part, part, part).prop_filter_map("no id", |(subscription, group, name)| {
            let id = format!(
                "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.HybridCompute/machines/{name}"
            );
            ResourceId::parse(&id).ok()
        })
    }

    proptest! {
        #![proptest_config(config())]

        #[test]
        fn a_refusal_survives_its_column(
            code in "[A-Za-z-]{1,30}",
            given in prop::collection::btree_map(machines(), any::<std::net::IpAddr>(), 0..5),
        ) {
            let refused = Refused::new(&code, given);
            prop_assert_eq!(Refused::parse(&refused.to_string()), Some(refused));
        }

        /// Whoever may send rows may write any cell: none stands for thirty days of heartbeats.
        #[test]
        fn no_cell_takes_a_set_from_anybody(
            code in "ScopeLocked|not-owned|delegated|absent|AuthorizationFailed|[a-z-]{0,9}",
            flag in ",proved|,seen|,[a-z]{1,8}|",
            more in prop::bool::ANY,
        ) {
            let given = |who: &str| format!(",{}=203.0.113.7", machine(who).lower());
            let other = if more { given("cam") } else { String::new() };
            let cell = format!("code={code}{flag}{}{other}", given("nas"));
            for mut world in [super::refused(), kept_for_another()] {
                world.case.history.refused.clear();
                if let Some(refused) = Refused::parse(&cell) {
                    let refusal = Refusal { refused, etag: "etag-1".to_owned() };
                    world.case.history.refused.insert(key(HOST), refusal);
                }
                prop_assert_eq!(world.plan().changes, Vec::new(), "{}", cell);
            }
        }

        #[test]
        fn no_text_is_too_strange(text in "\\PC{0,60}|(code=|proved|/m=|,|[0-9.:]){0,9}") {
            if let Some(refused) = Refused::parse(&text) {
                prop_assert_eq!(Refused::parse(&refused.to_string()), Some(refused));
            }
        }
    }
}
