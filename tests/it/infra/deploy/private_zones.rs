//! Private zones are said by name or id beside public ones or alone, with what they need besides.

use super::{Desk, ZONE, words};

const NAMES: (&str, &str) = ("POLICY_NAMES", "*.home.example.com");
const PREFIXES: (&str, &str) = ("POLICY_PRIVATE_PREFIXES", "10.0.0.0/8");

fn private(name: &str) -> String {
    format!("/subscriptions/s/resourceGroups/rg-net/providers/Microsoft.Network/privateDnsZones/{name}")
}

#[test]
fn private_zones_alone_are_enough_and_may_be_said_by_their_names() {
    let desk = Desk::new();
    let (corp, twin) = (private("corp.example.com"), private("example.com"));
    desk.put("private-zones", &format!("{corp}\n"));
    let said = format!("corp.example.com, {twin}, {}", twin.to_uppercase());
    let done = desk.deploy(&[("PRIVATE_ZONE_IDS", &said), NAMES, PREFIXES]);
    assert!(done.status.success(), "{}", words(&done));
    assert_eq!(desk.last("PRIVATE_ZONE_IDS"), Some(format!("{corp},{twin}")));
    assert_eq!(desk.last("DNS_ZONE_IDS"), None, "nobody asks for a public zone then");
    let asked = "network private-dns zone list --query [?name=='corp.example.com'].id";
    assert!(desk.log().iter().any(|line| line.contains(asked)), "{:#?}", desk.log());
    // One of each kind may have one name.
    let both = desk.deploy(&[("DNS_ZONE_IDS", ZONE), ("PRIVATE_ZONE_IDS", &twin), NAMES, PREFIXES]);
    assert!(both.status.success(), "{}", words(&both));
    assert_eq!(desk.last("DNS_ZONE_IDS").as_deref(), Some(ZONE));
}

#[test]
fn what_cannot_be_a_private_zone_is_told_before_anything_is_made() {
    let of_endpoints = private("privatelink.blob.core.windows.net");
    let two = format!("{},{}", private("example.com"), private("example.com").replace("rg-net", "rg-two"));
    let below = format!("{}/A/nas", private("example.com"));
    for (said, words_of_it) in [
        (ZONE, "a public zone is said in DNS_ZONE_IDS"),
        ("example.com", "there is no private DNS zone of that name"),
        (below.as_str(), "is not the resource id of a private DNS zone: az network private-dns zone list"),
        (two.as_str(), "example.com: two zones of one name"),
        (of_endpoints.as_str(), "its records belong to private endpoints"),
    ] {
        let desk = Desk::new();
        let done = desk.deploy(&[("DNS_ZONE_IDS", ZONE), ("PRIVATE_ZONE_IDS", said), NAMES, PREFIXES]);
        assert_eq!(done.status.code(), Some(2), "{said}: {}", words(&done));
        assert!(words(&done).contains(words_of_it), "{said}: {}", words(&done));
        assert_eq!(desk.made(), Vec::<String>::new(), "{said}");
    }
}

#[test]
fn a_private_zone_needs_to_know_which_addresses_may_stand_there() {
    let desk = Desk::new();
    let zone = private("example.com");
    let done = desk.deploy(&[("PRIVATE_ZONE_IDS", &zone), NAMES]);
    assert_eq!(done.status.code(), Some(2), "{}", words(&done));
    assert!(words(&done).contains("PRIVATE_ZONE_IDS takes POLICY_PRIVATE_PREFIXES"), "{}", words(&done));
    assert_eq!(desk.made(), Vec::<String>::new());
    // What the app has been told already is enough.
    let settings = format!("MODE=apply\nPRIVATE_ZONES={zone}\nPOLICY_PRIVATE_PREFIXES=10.0.0.0/8\n");
    let desk = Desk::with_earlier("earlier=Succeeded\n", &settings);
    let done = desk.deploy(&[NAMES]);
    assert!(done.status.success(), "{}", words(&done));
    assert_eq!(desk.last("PRIVATE_ZONE_IDS"), Some(zone));
}
