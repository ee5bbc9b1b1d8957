//! Private zones: which of the listed addresses is written, and which row is left alone.

use std::collections::{BTreeMap, BTreeSet};

use pure::domain::{Mark, RecordId, RecordType};
use pure::plan::{Answer, Marked, Needs, Plan, Reason};

use super::private_world::{CORP, HOST, private_key, private_zone};
use super::virtual_machines::{network, vm};
use super::world::{OWNER, World, address, addresses, machine, mark, record_set};

fn world() -> World {
    World::with_private_zone()
}

/// The one change of a plan, as the addresses that it writes.
pub(crate) fn written(plan: &Plan) -> Vec<String> {
    assert_eq!((plan.changes.len(), plan.skips.len()), (1, 0), "{:?}", plan.skips);
    assert!(plan.needs.is_empty(), "{:?}", plan.needs);
    plan.changes[0].to().iter().map(ToString::to_string).collect()
}

#[test]
fn one_machine_has_a_public_and_a_private_side_by_one_tag() {
    let plan = world().claims("nas", HOST, "203.0.113.7").lists(
        "nas",
        HOST,
        &["10.1.0.4"],
        &["10.1.0.4", "fe80::1"],
    );
    let plan = plan.plan();
    let told: Vec<_> = plan
        .changes
        .iter()
        .map(|change| (change.id.clone(), change.to().clone(), change.after.ttl))
        .collect();
    let public = super::world::key(HOST);
    assert_eq!(
        told,
        [(public, addresses(&["203.0.113.7"]), 60), (private_key(HOST), addresses(&["10.1.0.4"]), 60)]
    );
    assert!(plan.skips.is_empty() && plan.needs.is_empty(), "{:?}", plan.skips);
}

#[test]
fn a_tunnel_beat_moves_the_private_name_and_leaves_the_public_one() {
    let plan = world()
        .claims("nas", HOST, "fd40:1085:12:6d79:7712:100:a00:4")
        .lists("nas", HOST, &["10.0.0.4"], &["10.0.0.4"])
        .keeps_privately("nas", HOST, &["10.0.0.9"])
        .plan();
    let skips: Vec<_> = plan.skips.iter().map(|skip| (skip.record_type, skip.reason)).collect();
    assert_eq!(skips, [(RecordType::Aaaa, Reason::AddressPrivateLink)]);
    let because = plan.skips[0].because.to_string();
    let goes_on =
        "its name in the private zone corp.example.com is kept all the same, and nothing is to be done";
    assert!(because.contains(goes_on) && !because.contains("take the name off"), "{because}");
    assert_eq!((plan.changes.len(), &plan.changes[0].id), (1, &private_key(HOST)));
}

#[test]
fn docker_alone_is_outside_and_every_address_is_named() {
    let mut world =
        world().lists("nas", HOST, &[], &["172.17.0.1", "192.168.178.20", "fe80::1", "127.0.0.1"]);
    let skip = world.only_skip();
    assert_eq!(skip.reason, Reason::AddressOutside);
    for part in ["172.17.0.1", "192.168.178.20", "10.0.0.0/8", "POLICY_PRIVATE_PREFIXES", CORP] {
        assert!(skip.because.to_string().contains(part), "{}", skip.because);
    }
    world.policy.private.prefixes.add(None, ["192.168.178.0/24".parse().unwrap()]);
    // The newest sweep did not know the prefix yet, so that nobody has counted the beats of the address.
    let skip = world.only_skip();
    assert_eq!(skip.reason, Reason::AddressOutside);
    assert!(skip.because.to_string().contains("collect"), "{}", skip.because);
}

#[test]
fn what_no_other_machine_reaches_never_stands_there_whatever_the_prefixes_say() {
    let mut world = world();
    world.policy.private.prefixes.add(None, ["0.0.0.0/0", "::/0"].map(|text| text.parse().unwrap()));
    world.terms().types = [RecordType::A, RecordType::Aaaa].into();
    for text in [
        "127.0.0.1",
        "::1",
        "169.254.1.1",
        "fe80::1",
        "224.0.0.1",
        "ff02::1",
        "0.0.0.0",
        "::",
        "168.63.129.16",
        "fd40:1085:12:6d79:7712:100:a00:4",
    ] {
        let skip = world.clone().lists("nas", HOST, &[text], &[text]).only_skip();
        assert_eq!(skip.reason, Reason::AddressOutside, "{text}");
    }
    assert_eq!(
        written(&world.clone().lists("nas", HOST, &["192.168.0.4"], &["192.168.0.4"]).plan()),
        ["192.168.0.4"]
    );
    // So it is with what is refused everywhere, and with what the claim does not let in.
    world.terms().deny_prefixes = vec!["172.17.0.0/16".parse().unwrap()];
    let denied = world.clone().lists("nas", HOST, &["172.17.0.1", "10.1.0.4"], &["172.17.0.1", "10.1.0.4"]);
    assert_eq!(written(&denied.plan()), ["10.1.0.4"]);
    world.terms().prefixes = vec!["10.2.0.0/16".parse().unwrap()];
    let narrow = world.lists("nas", HOST, &["10.1.0.4", "10.2.0.4"], &["10.1.0.4", "10.2.0.4"]);
    assert_eq!(written(&narrow.plan()), ["10.2.0.4"]);
}

#[test]
fn one_address_of_each_family_is_no_choice_between_two() {
    let mut world = world();
    world.policy.private.prefixes.add(None, ["fd12::/16".parse().unwrap()]);
    world.terms().types = [RecordType::A, RecordType::Aaaa].into();
    let both = ["10.1.0.4", "fd12::4"];
    let mut world = world.lists("nas", HOST, &both, &both);
    let other = RecordId { record_type: RecordType::Aaaa, ..private_key(HOST) };
    world.case.known.learn_set(other, Answer::Known(pure::plan::Read::default()));
    let plan = world.plan();
    let told: Vec<_> =
        plan.changes.iter().map(|change| (change.id.record_type, change.to().clone())).collect();
    assert_eq!(
        told,
        [(RecordType::A, addresses(&["10.1.0.4"])), (RecordType::Aaaa, addresses(&["fd12::4"]))],
        "{:?}",
        plan.skips
    );
}

#[test]
fn of_two_candidates_none_is_guessed_and_the_one_that_stands_is_kept() {
    let two = ["10.1.0.4", "10.2.0.4"];
    let moving = world().lists("nas", HOST, &two, &two).keeps_privately("nas", HOST, &["10.9.0.9"]);
    let skip = moving.only_skip();
    assert_eq!(skip.reason, Reason::AddressAmbiguous);
    assert!(two.iter().all(|text| skip.because.to_string().contains(text)), "{}", skip.because);
    for present in [&["10.1.0.4"][..], &["10.2.0.4"], &two] {
        let kept = world().lists("nas", HOST, &two, &two).keeps_privately("nas", HOST, present);
        assert_eq!(kept.only_skip().reason, Reason::AlreadyRight, "{present:?}");
        let named = kept.plan_named(HOST);
        assert_eq!((named.in_sync.len(), named.skips.len(), named.changes.len()), (1, 0, 0), "{present:?}");
    }
    // One that stands beside something else is not kept: the set is not right.
    let beside =
        world().lists("nas", HOST, &two, &two).keeps_privately("nas", HOST, &["10.1.0.4", "10.9.0.9"]);
    assert_eq!(beside.only_skip().reason, Reason::AddressAmbiguous);
}

#[test]
fn whoever_asks_for_the_name_of_several_addresses_reads_what_stands_there() {
    let two = ["10.1.0.4", "10.2.0.4"];
    let world = world().lists("nas", HOST, &two, &two);
    let mut unread = world.clone();
    unread.case.known = pure::plan::Known::default();
    assert!(unread.plan().needs.is_empty(), "the quiet run asks nothing for it");
    assert_eq!(unread.plan_named(HOST).needs.sets, [private_key(HOST)].into());
}

#[test]
fn a_list_that_says_nothing_or_nonsense_is_told_so() {
    let says = |cell: &str| {
        let cell = cell.to_owned();
        world().lists("nas", HOST, &[], &[]).but(|row| row.private_ips = cell).only_skip().reason
    };
    for cell in ["", "null", "[]", "\"[]\""] {
        assert_eq!(says(cell), Reason::AddressEmpty, "{cell}");
    }
    for cell in [r#"["300.1.2.3"]"#, "{}", "[[]]", "here"] {
        assert_eq!(says(cell), Reason::AddressInvalid, "{cell}");
    }
    let long: Vec<String> = (0..=64).map(|last| format!("172.16.0.{last}")).collect();
    assert_eq!(says(&serde_json::to_string(&long).unwrap()), Reason::AddressInvalid);
    assert_eq!(says(&serde_json::to_string(&long[1..]).unwrap()), Reason::AddressOutside);
}

#[test]
fn two_machines_with_one_address_are_a_fault_wherever_the_other_one_is() {
    let (own, other) = (machine("nas"), machine("untagged"));
    let moving = world()
        .lists("nas", HOST, &["10.1.0.4"], &["10.1.0.4"])
        .keeps_privately("nas", HOST, &["10.9.0.9"])
        .listers("10.1.0.4", &[&own, &other]);
    let skip = moving.only_skip();
    assert_eq!((skip.reason, skip.is_durable), (Reason::AddressShared, true));
    assert!(skip.because.to_string().contains("untagged"), "{}", skip.because);
    // Who else lists it is asked before anything moves, and of nobody whose set is right.
    let mut unasked = moving.clone();
    *unasked.case.known.privately_mut() = pure::plan::KnownPrivately::default();
    let plan = unasked.plan();
    assert_eq!((plan.needs.privately.listers, plan.changes.len()), ([address("10.1.0.4")].into(), 0));
    let right = moving.clone().keeps_privately("nas", HOST, &["10.1.0.4"]);
    assert_eq!(right.only_skip().reason, Reason::AlreadyRight);
    // Two that claim one name are no witnesses of each other.
    let claimed = world().lists("nas", HOST, &["10.1.0.4"], &["10.1.0.4"]).lists(
        "cam",
        HOST,
        &["10.1.0.4"],
        &["10.1.0.4"],
    );
    assert_eq!(claimed.codes(), [Reason::AddressShared, Reason::AddressShared]);
    // A question that failed is no answer.
    let mut failed = moving;
    failed
        .case
        .known
        .privately_mut()
        .learn_listers(address("10.1.0.4"), Answer::Unavailable("no answer".to_owned()));
    assert_eq!(failed.only_skip().reason, Reason::Blind);
}

#[test]
fn that_a_machine_listed_an_address_gives_it_no_set() {
    let unmarked = record_set(private_key(HOST), addresses(&["10.9.0.9"]));
    let world = world().lists("nas", HOST, &["10.1.0.4"], &["10.1.0.4"]).stands_privately(unmarked);
    // Neither thirty days of heartbeats, nor what the query saw within the hour, though nobody else lists it.
    let recalled = world.clone().evidence(&[("nas", "10.9.0.9")], &[]).listers("10.9.0.9", &[]);
    let seen = world.clone().listers("10.9.0.9", &[]).but(|row| row.present_last_seen = row.heartbeat_time);
    for world in [&world, &recalled, &seen] {
        let skip = world.only_skip();
        assert_eq!((skip.reason, skip.is_durable), (Reason::NotOwned, true));
        let entry = format!("private:{HOST}");
        assert!(skip.because.contains(&entry), "{}", skip.because);
        assert!(world.plan_named(HOST).needs.is_empty(), "thirty days are not even asked");
    }
    let listed = |entry: &str| world.clone().allow(&[entry]);
    assert_eq!(written(&listed(&format!("private:{HOST}")).plan()), ["10.1.0.4"]);
    assert_eq!(listed(HOST).only_skip().reason, Reason::NotOwned, "it adopts in the public zone alone");
    let mut adopted = world.clone();
    adopted.case.asked.adopted.insert(super::world::name(HOST));
    assert_eq!(written(&adopted.plan()), ["10.1.0.4"]);
    let mut always = world;
    always.terms().adopt = pure::plan::Adopt::Always;
    assert_eq!(written(&always.plan()), ["10.1.0.4"]);
}

#[test]
fn nobody_expects_names_at_one_private_address() {
    let hosts: Vec<String> = (1..=12).map(|house| format!("m{house:02}.{CORP}")).collect();
    let mut world = hosts.iter().enumerate().fold(world(), |world, (house, host)| {
        let world = world.lists("nas", host, &["10.1.0.4"], &["10.1.0.4"]);
        world.keeps_privately("nas", host, &[&format!("10.9.0.{house}")])
    });
    world.policy.expect_prefixes = vec!["10.0.0.0/8".parse().unwrap()];
    let plan = world.plan();
    assert_eq!((plan.changes.len(), plan.brakes.len()), (0, 1), "{:?}", plan.brakes);
    let because = plan.brakes[0].because.clone();
    assert!(!because.contains("POLICY_EXPECT_PREFIXES") && because.contains("one machine's"), "{because}");
}

#[test]
fn azures_own_registrations_are_left_alone() {
    let world = world().lists("nas", HOST, &["10.1.0.4"], &["10.1.0.4"]);
    let registered = |present: &str| {
        let mut set = record_set(private_key(HOST), addresses(&[present]));
        (set.auto_registered, set.ttl) = (true, 10);
        set
    };
    for present in ["10.9.0.9", "10.1.0.4"] {
        let skip = world.clone().stands_privately(registered(present)).only_skip();
        assert_eq!((skip.reason, skip.is_durable), (Reason::AutoRegistered, true));
    }
    // Whatever mark it carries, and whoever adopts it.
    let mut marked = registered("10.9.0.9");
    mark(Mark::VERSION, OWNER, "nas").write_into(&mut marked.metadata);
    let mut adopted = world.stands_privately(marked);
    adopted.case.asked.adopted.insert(super::world::name(HOST));
    assert_eq!(adopted.only_skip().reason, Reason::AutoRegistered);
}

#[test]
fn no_order_by_hand_and_no_ending_touches_a_registration() {
    use pure::plan::{ByHand, HoldOrder, Leaves, Release, ordered};
    let mut set = record_set(private_key(HOST), addresses(&["10.9.0.9"]));
    set.auto_registered = true;
    mark(Mark::VERSION, OWNER, "nas").write_into(&mut set.metadata);
    let mut world =
        world().holds(set).absent(&RecordId { record_type: RecordType::Aaaa, ..private_key(HOST) });
    for key in [super::world::id(HOST, RecordType::A), super::world::id(HOST, RecordType::Aaaa)] {
        world = world.absent(&key);
    }
    world.case.asked.named.insert(super::world::name(HOST));
    let hold = HoldOrder { until: None, why: None, by: String::new() };
    let release = Release {
        leaves: Leaves::Nothing,
        claims: BTreeMap::new(),
        swept: BTreeMap::new(),
        unseen: Vec::new(),
    };
    let orders = [ByHand::Hold(hold), ByHand::Release(release)];
    for order in orders {
        let plan = ordered(&order, &world.case, &world.policy, world.now);
        let told: Vec<_> = plan.skips.iter().map(|skip| skip.reason).collect();
        assert_eq!((plan.changes.len(), told), (0, vec![Reason::AutoRegistered]), "{order:?}");
    }
    let marked = Marked {
        id: private_key(HOST),
        addresses: addresses(&["10.9.0.9"]),
        machine: machine("nas").lower().to_owned(),
        run: "run-0".to_owned(),
    };
    let ends = |world: &World, needs: &mut Needs| {
        let now = (&world.policy, world.now);
        pure::plan::orphan::depart(&marked, &world.case.known, now, BTreeSet::new(), needs)
    };
    let mut needs = Needs::default();
    assert_eq!((ends(&world, &mut needs), &needs), (None, &Needs::default()), "nobody is even asked");
    let plain = world.set(&private_key(HOST), |set| set.auto_registered = false);
    ends(&plain, &mut needs);
    assert!(!needs.is_empty(), "of an ordinary set of ours its machine is asked");
}

#[test]
fn no_set_is_made_for_a_virtual_machine_that_azure_registers() {
    let linked = |networks: &[&str]| {
        let mut world = world().virtual_lists("web", HOST, &["10.1.0.4"], &["10.1.0.4"]);
        let networks = networks.iter().map(|text| network(text)).collect();
        world.case.known.privately_mut().learn_registering(private_zone(CORP), Answer::Known(networks));
        world
    };
    assert_eq!(written(&linked(&[]).plan()), ["10.1.0.4"]);
    let registers = linked(&["virtualNetworks/vnet-hub"]);
    let skip = registers.only_skip();
    assert_eq!(skip.reason, Reason::AutoRegistered);
    assert!(skip.because.to_string().contains("vnet-hub"), "{}", skip.because);
    // A set that stands already is an ordinary one, and machines elsewhere are never registered.
    let vm_mark = Mark { machine: vm("web").lower().to_owned(), ..mark(Mark::VERSION, OWNER, "web") };
    let mut ours = record_set(private_key(HOST), addresses(&["10.9.0.9"]));
    vm_mark.write_into(&mut ours.metadata);
    assert_eq!(written(&registers.clone().stands_privately(ours).plan()), ["10.1.0.4"]);
    let mut unasked = registers;
    *unasked.case.known.privately_mut() = pure::plan::KnownPrivately::default();
    assert_eq!(unasked.plan().needs.privately.registering, [private_zone(CORP)].into());
    let elsewhere = world().lists("nas", HOST, &["10.1.0.4"], &["10.1.0.4"]).plan();
    assert_eq!(written(&elsewhere), ["10.1.0.4"]);
}

#[test]
fn a_virtual_machine_has_only_an_address_of_its_own_interfaces() {
    let attached = world().virtual_lists("web", HOST, &["10.1.0.4"], &["10.1.0.4", "10.1.0.5"]);
    assert_eq!(written(&attached.plan()), ["10.1.0.4"]);
    let other = world().virtual_lists("web", HOST, &["10.1.0.4"], &["10.1.0.5"]);
    let skip = other.only_skip();
    assert_eq!(skip.reason, Reason::AddressNotOurs);
    assert!(skip.because.to_string().contains("10.1.0.5"), "{}", skip.because);
    let mut unasked = other;
    *unasked.case.known.privately_mut() = pure::plan::KnownPrivately::default();
    unasked.case.known.privately_mut().learn_registering(private_zone(CORP), Answer::Known([].into()));
    assert_eq!(unasked.plan().needs.privately.interfaces, [vm("web")].into());
    // Nobody asks who holds a private address: it says nothing of whose it is.
    assert!(unasked.plan().needs.holders.is_empty());
}

#[test]
fn a_private_zone_hands_nothing_over_and_has_its_own_ttl() {
    let mut world = world().lists("nas", HOST, &["10.1.0.4"], &["10.1.0.4"]);
    world.policy.private.ttl = 10;
    let plan = world.plan();
    assert!(plan.needs.cuts.is_empty(), "{:?}", plan.needs);
    assert_eq!((written(&plan), plan.changes[0].after.ttl), (vec!["10.1.0.4".to_owned()], 10));
}
