//! The heartbeats of a virtual machine show its way out: only an address of its own may have its name.

use std::fmt::Write;

use pure::domain::{Holder, ResourceId};
use pure::plan::{Answer, Live, Needs, Reason};

use super::world::{World, address, name};

const HOST: &str = "web.example.com";
const NEW: &str = "203.0.113.7";
const OLD: &str = "198.51.100.10";

/// A resource of this type and name in the group of the network.
fn resource(below: &str) -> ResourceId {
    ResourceId::parse(&format!("/subscriptions/s1/resourceGroups/rg-net/providers/{below}")).unwrap()
}

pub(super) fn network(below: &str) -> ResourceId {
    resource(&format!("Microsoft.Network/{below}"))
}

pub(super) fn scale_set(name: &str) -> ResourceId {
    resource(&format!("Microsoft.Compute/virtualMachineScaleSets/{name}"))
}

pub(super) fn vm(name: &str) -> ResourceId {
    resource(&format!("Microsoft.Compute/virtualMachines/{name}"))
}

/// A virtual machine that carries the name on its tag and has reported the address for twenty minutes.
pub(super) fn virtual_claim(world: World, who: &str, host: &str, reported: &str) -> World {
    let id = vm(who);
    let mut world = world.claims(who, host, reported).but(|row| {
        row.resource_id = id.lower().to_owned();
        row.claimed_by = id.lower().to_owned();
    });
    world.case.known.learn_tag(&id, Answer::Known(Live::Tagged(vec![host.to_owned()])));
    world
}

impl World {
    /// Who holds a public address.
    pub(super) fn holder(mut self, held: &str, holder: Holder) -> Self {
        self.case.known.learn_holder(address(held), Answer::Known(holder));
        self
    }
}

/// A virtual machine whose name is to move.
fn moving() -> World {
    let world = virtual_claim(World::new(), "web", HOST, NEW);
    world.stands(HOST, &[OLD]).set(&super::world::key(HOST), |set| {
        let mark = pure::domain::Mark {
            machine: vm("web").lower().to_owned(),
            ..super::world::mark(pure::domain::Mark::VERSION, super::world::OWNER, "web")
        };
        mark.write_into(&mut set.metadata);
    })
}

fn wants(who: &[(&str, &str)]) -> Needs {
    let holders = who.iter().map(|(who, reported)| (vm(who), [address(reported)].into()));
    Needs { holders: holders.collect(), ..Needs::default() }
}

#[test]
fn who_holds_an_address_is_asked_before_it_is_written_and_of_virtual_machines_alone() {
    assert_eq!(moving().plan().needs, wants(&[("web", NEW)]));
    assert!(moving().plan().changes.is_empty());
    let arc = World::new().claims("nas", "nas.example.com", NEW).plan();
    assert_eq!((arc.changes.len(), arc.needs), (1, Needs::default()));
}

#[test]
fn what_would_not_move_is_not_asked_about() {
    for world in [
        moving().but(|row| row.beats = 1),
        moving().stands(HOST, &[NEW]),
        moving().set(&super::world::key(HOST), |set| {
            set.metadata.insert("heartbeat_dns_owner".to_owned(), "dcr-theirs".to_owned());
        }),
    ] {
        let plan = world.plan();
        assert_eq!(plan.needs, Needs::default(), "{:?}", plan.skips);
        assert_eq!((plan.changes.len(), plan.skips.len()), (0, 1));
    }
}

#[test]
fn an_address_of_its_own_is_written_in_any_spelling_of_its_id() {
    let shout = ResourceId::parse(&vm("web").as_str().to_uppercase()).unwrap();
    let plan = moving().holder(NEW, Holder::Machine(shout)).plan();
    assert_eq!((plan.changes.len(), plan.skips.len()), (1, 0), "{:?}", plan.skips);
}

#[test]
fn an_address_of_anything_else_is_refused_in_words() {
    let public_ip = network("publicIPAddresses/pip");
    let balancer = network("loadBalancers/front");
    let mut text = String::new();
    for holder in [
        Holder::Machine(vm("other")),
        Holder::Interface(network("networkInterfaces/nic")),
        Holder::NatGateway(network("natGateways/nat-hub")),
        Holder::LoadBalancer { balancer, public_ip: public_ip.clone() },
        Holder::Other { resource: network("azureFirewalls/hub"), public_ip: public_ip.clone() },
        Holder::Nothing { public_ip },
        Holder::Unseen,
    ] {
        let skip = moving().holder(NEW, holder).only_skip();
        assert_eq!(skip.reason, Reason::AddressNotOurs, "{}", skip.because);
        writeln!(text, "{}", skip.because).unwrap();
    }
    snapshot!(text);
}

#[test]
fn without_an_answer_its_name_is_blind_and_no_other() {
    let mut world = moving().claims("nas", "nas.example.com", "203.0.113.9");
    world.case.known.learn_holder(address(NEW), Answer::Unavailable("504 GatewayTimeout".to_owned()));
    let plan = world.plan();
    assert_eq!(plan.changes.len(), 1);
    let [skip] = plan.skips.as_slice() else { panic!("{:?}", plan.skips) };
    assert_eq!((skip.name.as_str(), skip.reason), (HOST, Reason::Blind));
    assert!(
        skip.because.contains("The public IP resource of 203.0.113.7 could not be read"),
        "{}",
        skip.because
    );
}

/// One that only goes out by an address stands in nobody's way.
#[test]
fn of_two_that_disagree_the_one_with_its_own_address_is_right() {
    let both = || virtual_claim(moving(), "bad", HOST, "203.0.113.9");
    assert_eq!(both().plan().needs, wants(&[("web", NEW), ("bad", "203.0.113.9")]));
    let world = both().holder(NEW, Holder::Machine(vm("web"))).holder("203.0.113.9", Holder::Unseen);
    let plan = world.plan();
    assert_eq!(plan.changes.len(), 1, "{:?}", plan.skips);
    assert_eq!(plan.skips[0].reason, Reason::AddressNotOurs);
}

/// Whatever is no Arc machine is held to the same.
#[test]
fn an_instance_of_a_scale_set_has_no_name_of_its_own() {
    let instance = ResourceId::parse(&format!("{}/virtualMachines/0", scale_set("web"))).unwrap();
    let mut world = moving().but(|row| row.resource_id = instance.lower().to_owned());
    world.case.known.learn_tag(&instance, Answer::Known(Live::Tagged(vec![HOST.to_owned()])));
    let mark = |world: World| {
        world.set(&super::world::key(HOST), |set| {
            set.metadata.insert("heartbeat_dns_machine".to_owned(), instance.lower().to_owned());
        })
    };
    let skip = mark(world).holder(NEW, Holder::Unseen).only_skip();
    assert_eq!(skip.reason, Reason::AddressNotOurs);
}

/// Whoever asks for a name hears of every rule what it says, whether the name would move or not.
#[test]
fn somebody_who_asks_for_the_name_is_told() {
    let mut world = moving().but(|row| row.beats = 1);
    world.case.asked.named.insert(name(HOST));
    assert_eq!(world.plan().needs, wants(&[("web", NEW)]));
    assert_eq!(world.holder(NEW, Holder::Unseen).only_skip().reason, Reason::AddressNotOurs);
}

/// A call for one name asks nothing about the addresses of others.
#[test]
fn a_call_for_one_name_asks_about_its_own_machine() {
    let world = virtual_claim(moving(), "mail", "mail.example.com", "203.0.113.8");
    let mut needs = world.plan().needs;
    assert_eq!(needs, wants(&[("web", NEW), ("mail", "203.0.113.8")]));
    needs.narrow(&[name(HOST)].into(), &world.case, &world.policy, world.now);
    assert_eq!(needs, wants(&[("web", NEW)]));
}

#[test]
fn what_a_later_round_learns_stays_known() {
    let mut world = moving();
    let mut learned = pure::plan::Known::default();
    learned.learn_holder(address(NEW), Answer::Known(Holder::Machine(vm("web"))));
    world.case.known.extend(learned);
    assert_eq!((world.plan().needs, world.plan().changes.len()), (Needs::default(), 1));
}
