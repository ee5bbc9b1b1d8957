//! Several addresses of one machine that may stand in a private zone: all of them are one set where the policy says so.

use pure::plan::{Multi, Reason};

use super::private_side::written;
use super::private_world::HOST;
use super::world::{World, machine};

fn world() -> World {
    World::with_private_zone()
}

#[test]
fn all_of_them_are_one_set_where_the_policy_says_so() {
    let two = ["10.1.0.4", "10.2.0.4"];
    let mut world = world();
    world.policy.private.multi = Multi::All;
    let created = world.clone().lists("nas", HOST, &two, &two);
    assert_eq!(written(&created.plan()), two);
    let grown = created.clone().keeps_privately("nas", HOST, &["10.1.0.4"]);
    assert_eq!(written(&grown.plan()), two);
    let right = created.clone().keeps_privately("nas", HOST, &two);
    assert_eq!(right.only_skip().reason, Reason::AlreadyRight);
    // What is too young waits, and takes nothing away.
    let young = created.clone().but(|row| row.beats = 1).keeps_privately("nas", HOST, &two);
    assert!(young.plan().changes.is_empty(), "{:?}", young.plan().changes);
    // One set is not changed and left alone at once: what is not written yet has its reason in the next run.
    assert_eq!(written(&created.clone().but(|row| row.beats = 1).plan()), ["10.1.0.4"]);
    let shared = created.clone().listers("10.2.0.4", &[&machine("nas"), &machine("cam")]);
    assert_eq!(written(&shared.plan()), ["10.1.0.4"]);
    let next = shared.keeps_privately("nas", HOST, &["10.1.0.4"]).plan();
    assert_eq!(
        next.skips.iter().map(|skip| skip.reason).collect::<Vec<_>>(),
        [Reason::AddressShared, Reason::AlreadyRight]
    );
    // Two machines that list different ones are in conflict all the same.
    let two_machines =
        world.clone().lists("nas", HOST, &two, &two).lists("cam", HOST, &["10.3.0.4"], &["10.3.0.4"]);
    assert!(
        two_machines.codes().iter().all(|code| *code == Reason::ClaimConflict),
        "{:?}",
        two_machines.codes()
    );
    let many: Vec<String> = (1..=21).map(|last| format!("10.1.0.{last}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(world.clone().lists("nas", HOST, &many[..20], &many[..20]).plan().changes[0].to().len(), 20);
    assert_eq!(world.lists("nas", HOST, &many, &many).only_skip().reason, Reason::AddressAmbiguous);
}

/// The sweep told the query other prefixes than hold now: nothing is counted for the address, and nothing need be, for it stands there.
#[test]
fn what_stands_there_already_is_right_though_its_heartbeats_were_not_counted() {
    let uncounted = |present: &str| {
        world()
            .lists("nas", HOST, &[], &["10.1.0.4"])
            .keeps_privately("nas", HOST, &[present])
            .only_skip()
            .reason
    };
    assert_eq!(uncounted("10.1.0.4"), Reason::AlreadyRight);
    assert_eq!(uncounted("10.9.0.9"), Reason::AddressOutside);
}

/// An address that stands there and that the machine lists goes by no word of its other rows.
#[test]
fn what_the_machine_lists_and_the_set_holds_stays_while_others_come() {
    let three = ["10.1.0.4", "10.2.0.4", "10.3.0.4"];
    let mut world = world();
    world.policy.private.multi = Multi::All;
    let mut world = world.lists("nas", HOST, &three, &three).keeps_privately("nas", HOST, &three[..2]);
    let row = world.case.rows.iter_mut().find(|row| row.computer_ip == "10.2.0.4").unwrap();
    row.beats = 1;
    assert_eq!(written(&world.plan()), three);
}

/// A set that is right is left alone, whoever else lists one of its addresses.
#[test]
fn a_set_of_several_that_is_right_is_asked_nothing_of_any_of_them() {
    let two = ["10.1.0.4", "10.2.0.4"];
    let mut world = world();
    world.policy.private.multi = Multi::All;
    let world = world.lists("nas", HOST, &two, &two).keeps_privately("nas", HOST, &two);
    let shared = world.listers("10.2.0.4", &[&machine("nas"), &machine("cam")]);
    for plan in [shared.plan(), shared.plan_named(HOST)] {
        let told: Vec<_> = plan.skips.iter().map(|skip| skip.reason).collect();
        assert!(told.iter().all(|reason| *reason == Reason::AlreadyRight), "{told:?}");
        assert!(plan.changes.is_empty() && plan.needs.is_empty(), "{:?}", plan.needs);
    }
}
