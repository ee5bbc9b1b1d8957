//! How the names of a report are counted: each of them once.

use std::collections::BTreeSet;

use proptest::prelude::*;
use pure::domain::HostName;
use pure::plan::report::{Intent, Report, Trigger, Via};
use pure::plan::{Reckoned, Reckoning, Skip, Why, standing, why::Unheard};

use super::any_world::{config, worlds};
use super::world::{World, name};

const ALL: [Reckoned; 7] = [
    Reckoned::Changed,
    Reckoned::Held,
    Reckoned::InSync,
    Reckoned::Left,
    Reckoned::RightAlready,
    Reckoned::Unswept,
    Reckoned::Silent,
];

fn report(world: &World) -> Report {
    Report::of(world.plan(), "run", Trigger::Cli, Intent::Plan, Via::RecordSet)
}

fn counts(reckoning: &Reckoning) -> [usize; 7] {
    ALL.map(|reckoned| reckoning.count(reckoned))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn the_parts_add_up_to_every_name_that_is_spoken_of(world in worlds()) {
        let report = report(&world);
        let in_sync = standing::in_sync(&world.case, &world.plan(), &world.policy, world.now);
        let reckoning = Reckoning::of(&report, &in_sync, &BTreeSet::new());
        let changed: BTreeSet<&str> = report.changes.iter().map(|told| told.change.id.name.as_str()).collect();
        let mut names: BTreeSet<&str> = report.skips.iter().map(|skip| skip.name.as_str()).collect();
        names.extend(report.brakes.iter().flat_map(|brake| brake.names.iter().map(String::as_str)));
        names.extend(in_sync.iter().map(HostName::as_str));
        names.extend(&changed);
        prop_assert_eq!(counts(&reckoning).iter().sum::<usize>(), names.len());
        prop_assert_eq!(reckoning.names(), names.len());
        prop_assert_eq!(reckoning.count(Reckoned::Changed), changed.len());
    }
}

/// A machine that was never heard, and one that was, claim names of their own and one together.
#[test]
fn a_name_of_which_several_things_are_said_counts_once() {
    let silent = |host: &str| {
        let why = Why::NoHeartbeat { machine: "/m".to_owned(), quiet: Unheard::AnHour };
        Skip::without_row(host, pure::domain::RecordType::A, "/m", &why)
    };
    let world = World::new()
        .claims("nas", "nas.example.com", "203.0.113.7")
        .keeps("nas", "nas.example.com", &["198.51.100.10"])
        .claims("thief", "www.example.com", "192.0.2.66")
        .stands("www.example.com", &["198.51.100.80"]);
    let mut report = report(&world);
    let alone = counts(&Reckoning::of(&report, &BTreeSet::new(), &BTreeSet::new()));
    assert_eq!(alone, [1, 0, 0, 1, 0, 0, 0]);
    report
        .skips
        .extend(["nas", "www", "right", "new", "mute"].map(|host| silent(&format!("{host}.example.com"))));
    let (right, new) = ([name("right.example.com")].into(), [name("new.example.com")].into());
    let reckoning = Reckoning::of(&report, &right, &new);
    assert_eq!((counts(&reckoning), reckoning.names()), ([1, 0, 1, 1, 0, 1, 1], 5));
}
