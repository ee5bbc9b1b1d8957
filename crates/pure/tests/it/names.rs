//! Names that machines look up by themselves, and wildcards, are written only when they are listed literally.

use pure::plan::{Adopt, Reason};

use super::world::World;

/// Reserved first labels, as the specification lists them.
const RESERVED: [&str; 20] = [
    "wpad",
    "isatap",
    "autodiscover",
    "autoconfig",
    "mta-sts",
    "mx",
    "ns",
    "ns1",
    "ns2",
    "ns3",
    "ns4",
    "ns5",
    "ns6",
    "ns7",
    "ns8",
    "ns9",
    "sip",
    "lyncdiscover",
    "enterpriseregistration",
    "enterpriseenrollment",
];

#[test]
fn no_pattern_creates_or_moves_a_reserved_name() {
    for label in RESERVED {
        for host in [format!("{label}.example.com"), format!("{label}.home.example.com")] {
            let claims = |world: World| world.claims("thief", &host, "203.0.113.7");
            let upper = World::new().claims("thief", &host.to_uppercase(), "203.0.113.7");
            assert_eq!(upper.codes(), [Reason::NameReserved], "{host}");
            for entry in
                ["*", &format!("{}*.example.com", &label[..1]), "*.example.com", "*.home.example.com"]
            {
                assert_eq!(
                    claims(World::new().allow(&[entry])).codes(),
                    [Reason::NameReserved],
                    "{host} {entry}"
                );
            }
            let mut kept = claims(World::new()).keeps("thief", &host, &["198.51.100.10"]);
            kept.terms().adopt = Adopt::Always;
            kept.case.asked.adopted.insert(super::world::name(&host));
            assert_eq!(kept.codes(), [Reason::NameReserved], "{host}");
            let listed = claims(World::new().allow(&[&host]));
            assert_eq!(listed.plan().changes.len(), 1, "{host}");
        }
    }
}

#[test]
fn what_only_looks_like_one_is_not_reserved() {
    for host in [
        "ns0.example.com",
        "ns10.example.com",
        "mx1.example.com",
        "nas.wpad.example.com",
        "wpad-1.example.com",
    ] {
        let world = World::new().claims("nas", host, "203.0.113.7");
        assert_eq!(world.plan().changes.len(), 1, "{host}");
    }
    let underscore = World::new().claims("nas", "_sip.example.com", "203.0.113.7");
    assert_eq!(underscore.codes(), [Reason::NameInvalid]);
}

/// What begins as a wildcard and is no name is told as a wildcard: that is what must be listed literally, and be a
/// name.
#[test]
fn a_wildcard_that_is_no_name_is_still_a_wildcard() {
    for (text, code) in [
        ("*", Reason::Wildcard),
        (" * ", Reason::Wildcard),
        ("*.", Reason::Wildcard),
        ("*.a..example.com", Reason::Wildcard),
        ("*.a_b.example.com", Reason::Wildcard),
        ("*.*.example.com", Reason::Wildcard),
        ("*a.example.com", Reason::NameInvalid),
        ("a.*.example.com", Reason::NameInvalid),
        ("", Reason::NameInvalid),
    ] {
        assert_eq!(World::new().claims("nas", text, "203.0.113.7").codes(), [code], "{text:?}");
    }
}
