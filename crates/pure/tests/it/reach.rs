//! Which addresses may stand in a public zone: public ones by themselves, others where the policy says so.

use pure::plan::Reason;

use super::world::World;

fn world(reported: &str) -> World {
    let mut world = World::new().claims("nas", "nas.example.com", reported);
    world.policy.allow_prefixes.clear();
    world
}

#[test]
fn a_public_address_needs_no_consent_and_no_other_passes_without() {
    for reported in ["9.9.9.9", "172.32.0.1", "100.128.0.1"] {
        let plan = world(reported).plan();
        assert_eq!((plan.changes.len(), plan.skips.len()), (1, 0), "{reported}");
    }
    for reported in [
        "10.0.0.4",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.1.1",
        "224.0.0.1",
        "203.0.113.7",
        "168.63.129.16",
        "0.0.0.0",
        "255.255.255.255",
    ] {
        assert_eq!(world(reported).codes(), [Reason::AddressNotPublic], "{reported}");
    }
}

#[test]
fn the_policy_allows_what_is_not_public_and_denies_what_is() {
    let mut private = world("10.0.0.4");
    private.policy.allow_prefixes = vec!["10.0.0.0/24".parse().unwrap()];
    assert_eq!(private.plan().changes.len(), 1);
    let beside = private.clone().but(|row| row.computer_ip = "10.0.1.4".to_owned());
    assert_eq!(beside.codes(), [Reason::AddressNotPublic]);
    let mut denied = world("9.9.9.9");
    denied.terms().deny_prefixes = vec!["9.9.9.0/24".parse().unwrap()];
    assert_eq!(denied.codes(), [Reason::AddressDenied]);
    let beside = denied.but(|row| row.computer_ip = "9.9.8.9".to_owned());
    assert_eq!(beside.plan().changes.len(), 1);
    // What both name is denied.
    private.terms().deny_prefixes = vec!["10.0.0.4/32".parse().unwrap()];
    assert_eq!(private.codes(), [Reason::AddressDenied]);
}
