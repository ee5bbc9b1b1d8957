//! Private zones: which are taken, and which addresses may stand in them.

use super::*;
use pure::domain::{HostName, ZoneKind};
use pure::plan::Multi;

fn private(name: &str) -> String {
    format!("/subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/{name}")
}

/// What a pass makes of these settings beside the required ones.
fn read(more: &[(&str, &str)]) -> (Settings, Vec<String>) {
    let variables = with(more);
    let mut reader = Reader::new(&variables);
    let settings = pass(&mut reader, &variables);
    let faults = reader.into_findings().faults;
    (settings, faults.iter().map(ToString::to_string).collect())
}

#[test]
fn a_name_may_have_a_zone_of_each_kind_and_a_zone_its_own_prefixes() {
    let zones = [private("example.com"), private("corp.example.com")].join(",");
    let (settings, faults) = read(&[
        ("PRIVATE_ZONES", &zones),
        ("POLICY_PRIVATE_PREFIXES", "10.0.0.0/8, fd12::/16; corp.Example.com = 10.1.0.0/16,10.2.0.4"),
        ("POLICY_PRIVATE_MULTI", "ALL"),
        ("POLICY_PRIVATE_TTL", "10"),
    ]);
    assert!(faults.is_empty(), "{faults:?}");
    let kinds: Vec<_> =
        settings.policy.zones.iter().map(|zone| (zone.name().as_str(), zone.id.kind())).collect();
    assert_eq!(
        kinds,
        [
            ("example.com", ZoneKind::Public),
            ("corp.example.com", ZoneKind::Private),
            ("example.com", ZoneKind::Private)
        ]
    );
    let terms = &settings.policy.private;
    assert_eq!((terms.multi, terms.ttl), (Multi::All, 10));
    let holds = |zone: &str, address: &str| {
        terms.prefixes.hold(&HostName::parse(zone).unwrap(), address.parse().unwrap())
    };
    for (zone, address, held) in [
        ("example.com", "10.9.0.4", true),
        ("example.com", "fd12:1::4", true),
        ("example.com", "172.17.0.1", false),
        ("corp.example.com", "10.1.0.4", true),
        ("corp.example.com", "10.2.0.4", true),
        ("corp.example.com", "10.2.0.5", false),
        ("corp.example.com", "fd12:1::4", false),
    ] {
        assert_eq!(holds(zone, address), held, "{zone} {address}");
    }
    let nothing = read(&[]).0.policy.private;
    assert_eq!((nothing.multi, nothing.ttl, nothing.prefixes.zones().count()), (Multi::Skip, 60, 0));
}

#[test]
fn faults_of_private_zones_say_what_ends_them() {
    let zones = |names: &[&str]| names.iter().map(|name| private(name)).collect::<Vec<_>>().join(",");
    let of_two_kinds = [private("corp.example.com").as_str(), ZONE].join(",");
    let twice = [private("example.com"), private("example.com").replace("rg-dns", "rg-other")].join(",");
    let same = [private("example.com"), private("Example.com").replace("rg-dns", "RG-dns")].join(",");
    let told = [
        &[("DNS_ZONES", "")][..],
        &[("PRIVATE_ZONES", &of_two_kinds), ("POLICY_PRIVATE_PREFIXES", "10.0.0.0/8")],
        &[("PRIVATE_ZONES", &twice), ("POLICY_PRIVATE_PREFIXES", "10.0.0.0/8")],
        &[("PRIVATE_ZONES", &same), ("POLICY_PRIVATE_PREFIXES", "10.0.0.0/8")],
        &[("PRIVATE_ZONES", &private("privatelink.blob.core.windows.net"))],
        &[("PRIVATE_ZONES", &zones(&["example.com"]))],
        &[("PRIVATE_ZONES", &zones(&["example.com"])), ("POLICY_PRIVATE_PREFIXES", " ; ")],
        &[
            ("PRIVATE_ZONES", &zones(&["example.com", "corp.example.com"])),
            ("POLICY_PRIVATE_PREFIXES", "corp.example.com=10.0.0.0/8;lab.example.com=10.1.0.0/16"),
        ],
        &[
            ("PRIVATE_ZONES", &zones(&["example.com"])),
            ("POLICY_PRIVATE_PREFIXES", "10.0.0.0/33,x;a_b=10.0.0.0/8;example.com="),
            ("POLICY_PRIVATE_MULTI", "first"),
            ("POLICY_PRIVATE_TTL", "0"),
        ],
        &[
            ("PRIVATE_ZONES", &zones(&["example.com"])),
            ("POLICY_PRIVATE_PREFIXES", "10.0.0.0/8"),
            ("POLICY_PRIVATE_TTL", "61"),
            ("POLICY_TTL_MAX", "60"),
        ],
    ]
    .map(|more| read(more).1.join("\n"))
    .join("\n\n");
    insta::assert_snapshot!(told, @r#"
    DNS_ZONES is not set, nor is PRIVATE_ZONES; set it to the ids of the public zones to manage, …/providers/Microsoft.Network/dnsZones/NAME, comma-separated, or PRIVATE_ZONES to those of private ones, …/providers/Microsoft.Network/privateDnsZones/NAME

    PRIVATE_ZONES holds /subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com, a public zone; write it into DNS_ZONES

    PRIVATE_ZONES names a zone that cannot be managed: "/subscriptions/s/resourceGroups/rg-other/providers/Microsoft.Network/privateDnsZones/example.com" has the name of another managed zone; manage one of them

    PRIVATE_ZONES holds /subscriptions/s/resourceGroups/RG-dns/providers/Microsoft.Network/privateDnsZones/Example.com twice; take it out once

    PRIVATE_ZONES names a zone that cannot be managed: "/subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/privatelink.blob.core.windows.net" is a zone of private endpoints, whose records Azure itself makes and removes

    POLICY_PRIVATE_PREFIXES is not set, and nothing tells which of a machine's addresses may stand in example.com; set it to the networks that its readers reach, such as 10.0.0.0/8, without those of containers

    POLICY_PRIVATE_PREFIXES holds no prefix, and nothing tells which of a machine's addresses may stand in example.com; set it to the networks that its readers reach, such as 10.0.0.0/8, without those of containers

    POLICY_PRIVATE_PREFIXES holds prefixes of `lab.example.com`, which is no zone of PRIVATE_ZONES; correct its name, or add it there
    POLICY_PRIVATE_PREFIXES holds no prefix, and nothing tells which of a machine's addresses may stand in example.com; set it to the networks that its readers reach, such as 10.0.0.0/8, without those of containers

    POLICY_PRIVATE_PREFIXES holds `10.0.0.0/33`, which is no range; write 203.0.113.0/24 or 2001:db8::/32
    POLICY_PRIVATE_PREFIXES holds `x`, which is no range; write 203.0.113.0/24 or 2001:db8::/32
    POLICY_PRIVATE_PREFIXES holds `a_b=10.0.0.0/8`, for a zone whose name has a character other than letters, digits and inner hyphens; write corp.example.com=10.0.0.0/8
    POLICY_PRIVATE_PREFIXES holds `example.com=`, a list of nothing; name a range, such as 10.0.0.0/8
    POLICY_PRIVATE_MULTI is `first`; write skip or all
    POLICY_PRIVATE_TTL is `0`; write a whole number from 1 to 2147483647

    POLICY_TTL_MAX is `60`, less than the 61 of POLICY_PRIVATE_TTL, which new sets of private zones get; raise it, or lower that
    "#);
}

#[test]
fn private_zones_alone_are_enough() {
    let (settings, faults) = read(&[
        ("DNS_ZONES", ""),
        ("PRIVATE_ZONES", &private("example.com")),
        ("POLICY_PRIVATE_PREFIXES", "10.0.0.0/8"),
        ("POLICY_NAMES", "*"),
    ]);
    assert!(faults.is_empty(), "{faults:?}");
    assert_eq!(settings.policy.zones.len(), 1);
}

/// A public zone that is named twice has always counted once; that is told. Without a private zone its time to live limits nothing.
#[test]
fn what_was_taken_before_is_taken_still() {
    let twice = [ZONE, ZONE].join(",");
    let variables = with(&[("DNS_ZONES", &twice), ("POLICY_TTL", "30"), ("POLICY_TTL_MAX", "30")]);
    let settings = Settings::read(&variables).unwrap();
    let warnings: Vec<_> = settings.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(warnings, [format!("DNS_ZONES holds {ZONE} twice; take it out once")]);
    assert_eq!((settings.policy.zones.len(), settings.policy.private.ttl), (1, 60));
}
