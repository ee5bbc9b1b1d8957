//! Laws of private zones, in any world: lists have no order, and what Azure registers is never written.

use proptest::prelude::*;
use pure::domain::{Mark, ResourceId};
use pure::plan::{Again, Answer, Docket, KnownPrivately, Multi, Read, Reason};

use super::private_world::{CORP, HOST, listed, private_key, private_zone};
use super::virtual_machines::{network, vm};
use super::world::{OWNER, World, address, addresses, machine, mark, name, record_set};

/// What a machine with containers and two tunnels lists, in no order.
const TWELVE: [&str; 12] = [
    "10.1.0.4",
    "172.17.0.1",
    "172.18.0.1",
    "172.19.0.1",
    "192.168.122.1",
    "100.64.0.7",
    "169.254.10.1",
    "127.0.0.1",
    "fe80::42",
    "fd40:1085:12:6d79:7712:100:a00:4",
    "fd7a:115c::1",
    "198.18.0.1",
];

/// A world whose machine lists these.
fn of_twelve(all: &[&str], kept: &[&str], present: &str) -> World {
    World::with_private_zone().lists("nas", HOST, kept, all).keeps_privately("nas", HOST, &[present])
}

proptest! {
    #[test]
    fn the_order_of_a_list_says_nothing(all in Just(TWELVE.to_vec()).prop_shuffle()) {
        let plan = of_twelve(&all, &["10.1.0.4"], "10.9.0.9").plan();
        prop_assert_eq!(&plan, &of_twelve(&TWELVE, &["10.1.0.4"], "10.9.0.9").plan());
        let to: Vec<_> = plan.changes.iter().map(|change| (change.to().clone(), change.since())).collect();
        let since = of_twelve(&TWELVE, &["10.1.0.4"], "10.9.0.9").case.rows[0].first_beat.unwrap();
        prop_assert_eq!(to, [(addresses(&["10.1.0.4"]), since)]);
        // With a second one inside, whoever must decide reads both, and rows in any order say it once.
        let two: Vec<&str> = all.iter().map(|text| if *text == "172.18.0.1" { "10.2.0.4" } else { text }).collect();
        let kept: Vec<&str> = two.iter().copied().filter(|text| text.starts_with("10.")).collect();
        let skip = of_twelve(&two, &kept, "10.9.0.9").only_skip();
        prop_assert_eq!(skip.reason, Reason::AddressAmbiguous);
        prop_assert!(skip.because.contains("10.1.0.4") && skip.because.contains("10.2.0.4"), "{}", skip.because);
        let outside: Vec<&str> = all.iter().copied().filter(|text| *text != "10.1.0.4").collect();
        let skip = of_twelve(&outside, &[], "10.9.0.9").only_skip();
        prop_assert!(outside.iter().all(|text| skip.because.contains(text)), "{}", skip.because);
    }
}

/// A machine in a random world.
#[derive(Clone, Debug)]
struct Voice {
    who: &'static str,
    is_virtual: bool,
    host: usize,
    lists: Vec<&'static str>,
    beats: u64,
    /// Another one lists the same.
    is_shared: bool,
}

/// A set in a random world.
#[derive(Clone, Debug)]
struct Stand {
    holds: Vec<&'static str>,
    is_registered: bool,
    /// Whose mark it carries.
    marked: Option<&'static str>,
}

#[derive(Clone, Debug)]
struct Drawn {
    voices: Vec<Voice>,
    sets: [Option<Stand>; HOSTS],
    multi: Multi,
    registers: bool,
    is_adopted: bool,
    is_named: bool,
    /// Whether the answers about private zones came.
    is_answered: bool,
}

const HOSTS: usize = 3;
const MACHINES: [&str; 4] = ["nas", "cam", "web", "db"];
const POOL: [&str; 6] = ["10.1.0.4", "10.1.0.5", "10.2.0.4", "172.17.0.1", "fe80::1", "192.168.178.20"];

fn host(index: usize) -> String {
    format!("h{index}.{CORP}")
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let pool = || prop::sample::subsequence(POOL.to_vec(), 0..=3);
    let voice = (
        prop::sample::select(MACHINES.to_vec()),
        any::<bool>(),
        0..HOSTS,
        pool(),
        1_u64..4,
        prop::bool::weighted(0.2),
    )
        .prop_map(|(who, is_virtual, host, lists, beats, is_shared)| Voice {
            who,
            is_virtual,
            host,
            lists,
            beats,
            is_shared,
        });
    let marked = prop::option::of(prop::sample::select(MACHINES.to_vec()));
    let stand = (pool(), prop::bool::weighted(0.6), marked)
        .prop_map(|(holds, is_registered, marked)| Stand { holds, is_registered, marked });
    let sets = prop::array::uniform3(prop::option::of(stand));
    let multi = prop_oneof![Just(Multi::Skip), Just(Multi::All)];
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), prop::bool::weighted(0.9));
    (prop::collection::vec(voice, 1..6), sets, multi, flags).prop_map(
        |(voices, sets, multi, (registers, is_adopted, is_named, is_answered))| Drawn {
            voices,
            sets,
            multi,
            registers,
            is_adopted,
            is_named,
            is_answered,
        },
    )
}

fn world(drawn: &Drawn) -> World {
    let mut world = World::with_private_zone();
    world.policy.private.multi = drawn.multi;
    for voice in &drawn.voices {
        let kept: Vec<&str> = voice.lists.iter().copied().filter(|text| text.starts_with("10.")).collect();
        let before = world.case.rows.len();
        world = match voice.is_virtual {
            true => world.virtual_lists(voice.who, &host(voice.host), &kept, &kept),
            false => world.lists(voice.who, &host(voice.host), &kept, &voice.lists),
        };
        for row in &mut world.case.rows[before..] {
            row.private_ips = listed(&voice.lists);
            row.beats = row.beats.min(voice.beats);
        }
        if voice.is_shared {
            let other = machine("elsewhere");
            world = voice.lists.iter().fold(world, |world, text| world.listers(text, &[&other]));
        }
    }
    for (index, stand) in drawn.sets.iter().enumerate() {
        let key = private_key(&host(index));
        let Some(stand) = stand else {
            world = world.absent(&key);
            continue;
        };
        let mut set = record_set(
            key,
            stand.holds.iter().filter(|text| text.contains('.')).map(|text| address(text)).collect(),
        );
        set.auto_registered = stand.is_registered;
        if let Some(who) = stand.marked {
            mark(Mark::VERSION, OWNER, who).write_into(&mut set.metadata);
        }
        world = world.stands_privately(set);
    }
    let networks: Vec<ResourceId> =
        drawn.registers.then(|| network("virtualNetworks/vnet-hub")).into_iter().collect();
    let known = world.case.known.privately_mut();
    known.learn_registering(private_zone(CORP), Answer::Known(networks.into_iter().collect()));
    if !drawn.is_answered {
        *known = KnownPrivately::default();
    }
    let hosts = || (0..HOSTS).map(|index| name(&host(index)));
    world.case.asked.named.extend(hosts().filter(|_| drawn.is_named || drawn.is_adopted));
    world.case.asked.adopted.extend(hosts().filter(|_| drawn.is_adopted));
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn what_azure_registers_is_never_touched(drawn in drawn()) {
        let world = world(&drawn);
        let plan = world.plan();
        let docket = Docket::of(&world.case, &world.policy, world.now);
        for change in &plan.changes {
            let before = change.before.as_ref();
            prop_assert!(before.is_none_or(|set| !set.auto_registered), "{:?}", change);
            let makes = before.is_none() && drawn.is_answered && drawn.registers;
            let is_virtual = change.machines().any(|id| MACHINES.iter().any(|who| vm(who) == *id));
            prop_assert!(!(makes && is_virtual), "made for a machine that Azure registers: {:?}", change);
            prop_assert!(change.to().iter().all(|to| world.policy.private.prefixes.hold(&name(CORP), *to)));
            // Between the read and the write the platform registers the name: the second look lets go.
            let mut registered = record_set(change.id.clone(), addresses(&["10.7.0.7"]));
            registered.auto_registered = true;
            let read = Answer::Known(Read { set: Some(registered), is_cname: false });
            let again = docket.again(change, &read, world.now);
            let Again::Skips(skips) = &again else { panic!("{again:?}") };
            // What is wrong with the address, once the set is not right any more, is told before whose the set is.
            let told = [Reason::AutoRegistered, Reason::AddressAmbiguous, Reason::AddressShared];
            prop_assert!(skips.iter().any(|skip| told.contains(&skip.reason)), "{:?}", skips);
        }
        // Rows in another order say the same.
        let mut turned = world.clone();
        turned.case.rows.reverse();
        prop_assert_eq!(plan, turned.plan());
    }
}
