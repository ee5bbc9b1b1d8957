//! When a name passes from one machine to another: the holder's newest beat decides, to the second.

use jiff::SignedDuration;
use pure::plan::{Answer, Evidence, EvidenceRequest, Live, Reason};

use super::world::{World, key, machine, mark};

const HOST: &str = "nas.example.com";
const DAY: i64 = 24 * 3600;

/// A machine that wants a name that we keep for another one, whose tag still says so.
fn kept_for_another() -> World {
    World::new()
        .claims("new", HOST, "203.0.113.7")
        .keeps("old", HOST, &["198.51.100.10"])
        .tag("old", Live::Tagged(vec![HOST.to_owned()]))
}

/// Thirty days of heartbeats say that the holder was last heard so many seconds ago.
fn evidence(mut world: World, ago: Option<i64>) -> World {
    let asked = EvidenceRequest { machines: [machine("old")].into(), ..EvidenceRequest::default() };
    let last_heard =
        ago.map(|ago| (machine("old").lower().to_owned(), world.now - SignedDuration::from_secs(ago)));
    let evidence = Evidence { asked, last_heard: last_heard.into_iter().collect(), ..Evidence::default() };
    world.case.known.learn_evidence(key(HOST), Answer::Known(evidence));
    world
}

/// A row of the holder about another of its names, heard so many seconds ago.
fn heard(world: World, ago: i64) -> World {
    let time = world.now - SignedDuration::from_secs(ago);
    let mut world =
        world.claims("old", "other.example.com", "10.0.0.4").but(|row| row.heartbeat_time = Some(time));
    world.case.known.learn_tag(&machine("old"), Answer::Known(Live::Tagged(vec![HOST.to_owned()])));
    world
}

/// Whether the name passes to the other machine.
fn passes(world: &World) -> bool {
    let plan = world.plan();
    assert!(plan.needs.is_empty(), "{:?}", plan.needs);
    let skip = plan.skips.iter().find(|skip| skip.name == HOST);
    assert!(skip.is_none_or(|skip| skip.reason == Reason::NotOwned), "{skip:?}");
    assert_eq!(plan.changes.is_empty(), skip.is_some());
    skip.is_none()
}

#[test]
fn a_claim_is_dormant_after_a_day_of_silence() {
    assert!(!passes(&evidence(kept_for_another(), Some(DAY))));
    assert!(passes(&evidence(kept_for_another(), Some(DAY + 1))));
    assert!(passes(&evidence(kept_for_another(), None)));
    let mut short = evidence(kept_for_another(), Some(61));
    assert!(!passes(&short));
    short.policy.claim_dormant = SignedDuration::from_secs(60);
    assert!(passes(&short));
}

#[test]
fn a_change_says_from_whom_a_name_is_taken_over() {
    let taken = |world: &World| world.plan().changes[0].taken_over_from();
    assert_eq!(taken(&kept_for_another().tag("old", Live::Gone)), Some(machine("old")));
    let own = World::new().claims("old", HOST, "203.0.113.7").keeps("old", HOST, &["198.51.100.10"]);
    assert_eq!(taken(&own), None);
}

#[test]
fn the_newest_beat_of_the_holder_decides() {
    // Its rows say that it lives, so thirty days need not be asked.
    assert!(!passes(&heard(kept_for_another(), 600)));
    assert!(!passes(&heard(kept_for_another(), DAY)));
    // The newest of its rows, in whatever order they come.
    assert!(!passes(&heard(heard(kept_for_another(), 600), DAY + 1)));
    assert!(!passes(&heard(heard(kept_for_another(), DAY + 1), 600)));
    // A row that is too old leaves the question open, and what is newer answers it.
    assert!(kept_for_another().wanted().machines.contains(&machine("old")));
    assert!(heard(kept_for_another(), DAY + 1).wanted().machines.contains(&machine("old")));
    assert!(passes(&evidence(heard(kept_for_another(), DAY + 1), Some(DAY + 600))));
    assert!(!passes(&evidence(heard(kept_for_another(), DAY + 1), Some(DAY))));
    assert!(passes(&evidence(heard(kept_for_another(), DAY + 1), None)));
    let words = evidence(heard(kept_for_another(), DAY + 1), Some(7200)).plan().skips;
    assert!(words.iter().any(|skip| skip.because.contains("was heard 2 h ago")), "{words:?}");
}

#[test]
fn evidence_that_never_asked_for_the_holder_says_nothing_of_its_silence() {
    let mut world = kept_for_another();
    let asked = EvidenceRequest { machines: [machine("new")].into(), ..EvidenceRequest::default() };
    world.case.known.learn_evidence(key(HOST), Answer::Known(Evidence { asked, ..Evidence::default() }));
    let plan = world.plan();
    assert!(plan.changes.is_empty());
    assert_eq!(plan.needs.evidence[&key(HOST)].machines, [machine("old")].into());
}

#[test]
fn a_holder_that_is_no_resource_is_a_mark_that_cannot_be_read() {
    let world = kept_for_another().set(&key(HOST), |set| {
        set.metadata.insert("heartbeat_dns_machine".to_owned(), "a machine".to_owned());
    });
    let skip = world.only_skip();
    assert_eq!(skip.reason, Reason::NotOwned);
    // It can never be asked for, so nothing would ever hand the name over: a person takes the mark off.
    assert!(skip.because.contains("remove its heartbeat_dns_ metadata, then run"), "{}", skip.because);
    assert!(world.plan().needs.is_empty());
}

#[test]
fn a_holder_without_the_name_on_its_tag_is_none() {
    for live in [Live::Gone, Live::Tagged(vec!["other.example.com".to_owned()])] {
        assert!(passes(&heard(kept_for_another(), 60).tag("old", live)));
    }
    let spelled = Live::Tagged(vec!["x.example.com; NAS.example.com.".to_owned()]);
    assert!(!passes(&evidence(kept_for_another(), Some(60)).tag("old", spelled)));
}

#[test]
fn one_of_several_witnesses_may_be_the_holder() {
    let world = World::new().claims("a", HOST, "203.0.113.7").claims("b", HOST, "203.0.113.7").keeps(
        "b",
        HOST,
        &["198.51.100.10"],
    );
    let change = &world.plan().changes[0];
    assert_eq!((change.after.machine.name(), change.cause.adopts()), ("b", false));
    // When none of them is, the smallest follows.
    let world = world.set(&key(HOST), |set| mark(1, "dcr-ours", "old").write_into(&mut set.metadata));
    assert_eq!(world.tag("old", Live::Gone).plan().changes[0].after.machine.name(), "a");
}
