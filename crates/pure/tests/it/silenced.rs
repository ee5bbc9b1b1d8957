//! Rows that take a name out of what moves: that it is there already, or that it was refused. No count rests on them.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use pure::domain::{MismatchRow, Refused};
use pure::plan::{
    Answer, Arrival, BrakeKind, Grant, Known, Live, NameForm, Particulars, Plan, Reason, Refusal, Scope,
    Terms,
};

use super::any_world::config;
use super::asked;
use super::world::{World, address, addresses, key, machine, zone};

const NEW: &str = "203.0.113.99";

/// What somebody says of one name, by a row with the id of a true run.
#[derive(Clone, Copy, Debug)]
enum Said {
    Nothing,
    /// That it holds the new address.
    There,
    /// That this was refused, and what it holds.
    Refused(&'static str, &'static str),
}

fn who(index: usize) -> String {
    format!("h{index}")
}

fn host(index: usize) -> String {
    format!("h{index}.example.com")
}

/// So many names, each of its own house, which all move to one address.
fn houses(count: usize) -> World {
    (0..count).fold(World::new(), |world, index| {
        let world = world.claims(&who(index), &host(index), NEW);
        world.keeps(&who(index), &host(index), &[&format!("198.51.100.{index}")])
    })
}

fn row_of(world: &World, index: usize) -> Option<usize> {
    world.case.rows.iter().position(|row| row.host_name == host(index))
}

fn forge(world: &mut World, index: usize, said: Said) {
    let Some(at) = row_of(world, index) else { return };
    let row: &mut MismatchRow = &mut world.case.rows[at];
    match said {
        Said::Nothing => {}
        Said::There => {
            let left = addresses(&[&row.dns_ip]);
            world.case.rows.remove(at);
            let names = world.case.history.arrivals.entry((zone("example.com"), address(NEW))).or_default();
            names.insert(key(&host(index)).name, Arrival { left, machines: [machine(&who(index))].into() });
        }
        Said::Refused(code, held) => {
            held.clone_into(&mut row.dns_ip);
            row.actionable = false;
            let refused = Refused::new(code, [(machine(&who(index)), address(NEW))]);
            let refusal = Refusal { refused, etag: "etag-1".to_owned() };
            world.case.history.refused.insert(key(&host(index)), refusal);
        }
    }
}

fn silenced(count: usize, said: &[Said]) -> World {
    let mut world = houses(count);
    for (index, said) in said.iter().enumerate() {
        forge(&mut world, index, *said);
    }
    world
}

fn converging(plan: &Plan) -> Option<u64> {
    plan.brakes.iter().find(|brake| brake.brake == BrakeKind::Converging)?.seen
}

#[test]
fn whoever_is_said_to_be_there_is_counted_where_its_set_says_otherwise() {
    let world = silenced(6, &[Said::There; 4]);
    let (asked, said) = asked::for_all(&world);
    assert_eq!((said.changes.len(), converging(&said)), (0, Some(6)), "{said:?}");
    assert_eq!((asked.sets.len(), asked.machines.len()), (6, 6));
    assert_eq!(asked::for_names(&world, &[key(&host(5)).name].into()).1.changes.len(), 0);
}

#[test]
fn of_whoever_is_there_nothing_is_counted() {
    // A person has set them, who took our mark off.
    let there = |world: World, index| {
        world.set(&key(&host(index)), |set| {
            set.addresses = addresses(&[NEW]);
            set.metadata.clear();
        })
    };
    let world = (0..4).fold(silenced(6, &[Said::There; 4]), there);
    let (asked, said) = asked::for_all(&world);
    assert_eq!((said.changes.len(), converging(&said)), (2, None), "{said:?}");
    assert_eq!(asked.machines.len(), 2, "no tag is asked for what is there");
}

#[test]
fn who_has_the_name_no_more_is_not_to_come() {
    let mut world = silenced(6, &[Said::There; 4]);
    for index in 0..4 {
        world = world.tag(&who(index), Live::Tagged(vec!["other.example.com".to_owned()]));
    }
    assert_eq!(asked::for_all(&world).1.changes.len(), 2);
    for index in 0..4 {
        world.case.known.learn_tag(&machine(&who(index)), Answer::Unavailable("504".to_owned()));
    }
    assert_eq!(converging(&asked::for_all(&world).1), Some(6), "nobody can say");
    assert_eq!(
        converging(&asked::for_all(&silenced(3, &[Said::There; 2])).1),
        None,
        "three places are no more than are let"
    );
}

#[test]
fn whoever_is_said_to_be_refused_is_counted_as_its_set_stands() {
    for code in ["cname-exists", "not-owned", "delegated"] {
        for held in ["", "198.51.100.5"] {
            let world = silenced(6, &[Said::Refused(code, held); 4]).cut("example.com", &[]);
            let (asked, said) = asked::for_all(&world);
            assert_eq!((converging(&said), asked.sets.len()), (Some(6), 6), "{code} {held:?}");
            assert!(said.changes.is_empty());
        }
    }
}

#[test]
fn what_is_refused_in_truth_is_asked_once_and_holds_nobody() {
    let mut world = silenced(6, &[Said::Refused("cname-exists", ""); 4]);
    for index in 0..4 {
        world = world.cname(&key(&host(index)));
    }
    let (asked, said) = asked::for_all(&world);
    assert_eq!((said.changes.len(), converging(&said), asked.sets.len()), (2, None, 6));
    // Where nothing comes to their address, nobody asks.
    world.case.rows.retain(|row| row.host_name != host(4) && row.host_name != host(5));
    assert_eq!(asked::for_all(&world).0.sets.len(), 0);
}

/// A claim that asks the machine's own tags, whose names the newest sweep has judged.
#[test]
fn whoever_is_said_not_to_have_the_name_is_asked_where_a_count_rests_on_it() {
    let names = ["{tag:Site}*.example.com".parse::<NameForm>().unwrap()].into_iter().collect();
    let grant = Grant { line: Some(3), kind: None, names, scope: Scope::Everywhere, terms: Terms::default() };
    let mut world = houses(6);
    world.policy.grants = [grant].into_iter().collect();
    let mut known = Known::default();
    known.learn_cuts(zone("example.com"), Answer::Known(BTreeSet::new()));
    let mut particulars = Particulars::default();
    for index in 0..6 {
        let (machine, id) = (machine(&who(index)), key(&host(index)));
        if index < 4 {
            Reason::NameNotAllowed.as_str().clone_into(&mut world.case.rows[index].skip);
            continue;
        }
        particulars.learn(&machine, "westeurope", &[("site".to_owned(), "h".to_owned())].into(), None);
        known.learn_tag(&machine, world.case.known.tag(&machine).unwrap().clone());
        known.learn_set(id.clone(), world.case.known.set(&id).unwrap().clone());
        known.learn_claimants(id.name.clone(), Answer::Known([machine].into()));
    }
    known.learn_particulars(particulars);
    world.case.known = known;
    let plan = world.plan();
    assert_eq!((plan.changes.len(), plan.needs.machines.len(), plan.needs.sets.len()), (0, 4, 0));
    let mut narrowed = plan.needs;
    narrowed.narrow(&[key(&host(5)).name].into(), &world.case, &world.policy, world.now);
    assert_eq!(narrowed.machines.len(), 4);
    // Three places are no more than are let.
    world.case.rows.drain(..3);
    let plan = world.plan();
    assert_eq!((plan.changes.len(), plan.needs.machines.len()), (2, 0));
}

/// Whether a plan would write an address into a set that the other one would not write into it.
fn writes_more(plan: &Plan, other: &Plan) -> bool {
    plan.changes
        .iter()
        .any(|change| other.changes.iter().all(|same| same.id != change.id || same.to() != change.to()))
}

const SAID: [Said; 6] = [
    Said::Nothing,
    Said::There,
    Said::Refused("cname-exists", ""),
    Said::Refused("cname-exists", "198.51.100.1"),
    Said::Refused("not-owned", ""),
    Said::Refused("delegated", "198.51.100.1"),
];

proptest! {
    #![proptest_config(config())]

    /// The live answers stay as they are; rows of record sets and tags say otherwise.
    #[test]
    fn no_forged_row_of_a_record_set_turns_a_held_change_into_a_written_one(
        said in prop::collection::vec(select(&SAID[..]), 7),
        home in prop::collection::vec(any::<bool>(), 7),
        named in prop::option::of(0..7_usize),
        max_sources in 0..4_usize,
    ) {
        let mut honest = houses(7).cut("example.com", &[]);
        honest.policy.max_sources = max_sources;
        for (index, _) in home.iter().enumerate().filter(|(_, home)| **home) {
            honest = honest.set(&key(&host(index)), |set| {
                set.metadata.insert("heartbeat_dns_previous".to_owned(), NEW.to_owned());
            });
        }
        let mut told = honest.clone();
        for (index, said) in said.iter().enumerate() {
            forge(&mut told, index, *said);
        }
        let plan = |world: &World| match named {
            Some(index) => asked::for_names(world, &[key(&host(index)).name].into()).1,
            None => asked::for_all(world).1,
        };
        let (honest, told) = (plan(&honest), plan(&told));
        prop_assert!(!writes_more(&told, &honest), "{:?} of {:?}", told.changes, honest.changes);
    }
}
