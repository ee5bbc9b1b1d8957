//! What people say is checked, and understood in more than one way, before anything is made of it.

use super::{Desk, WORKSPACE, ZONE, words};

const NAMES: (&str, &str) = ("POLICY_NAMES", " *.home.example.com , nas.example.com,, ");

#[test]
fn a_zone_and_a_workspace_may_be_said_by_their_names() {
    let desk = Desk::new();
    desk.put("zones", &format!("{ZONE}\n"));
    desk.put("workspaces", &format!("{WORKSPACE}\n"));
    let done = desk.deploy(&[("DNS_ZONE_IDS", "Example.com"), ("WORKSPACE_ID", "law-1"), NAMES]);
    assert!(done.status.success(), "{}", words(&done));
    assert_eq!(desk.last("DNS_ZONE_IDS").as_deref(), Some(ZONE));
    assert_eq!(desk.last("WORKSPACE_ID").as_deref(), Some(WORKSPACE));
    assert_eq!(desk.last("POLICY_NAMES").as_deref(), Some("*.home.example.com,nas.example.com"));
    assert!(desk.log().iter().any(|line| line.contains("[?name=='example.com'].id")), "{:#?}", desk.log());
}

#[test]
fn what_is_no_zone_is_told_before_anything_is_made() {
    let private = ZONE.replace("dnsZones", "privateDnsZones");
    let below = format!("{ZONE}/A/nas");
    for (zones, said, words_of_it) in [
        ("", "example.com", "there is no public DNS zone of that name"),
        ("/one\n/two\n", "example.com", "there are several of it"),
        ("", private.as_str(), "private zones are not managed"),
        ("", below.as_str(), "is not the resource id of a public DNS zone"),
        ("", "example.com'] || [0", "is not the resource id of a public DNS zone"),
        ("", " , ", "at least one zone"),
    ] {
        let desk = Desk::new();
        desk.put("zones", zones);
        let done = desk.deploy(&[("DNS_ZONE_IDS", said), NAMES]);
        assert_eq!(done.status.code(), Some(2), "{said}: {}", words(&done));
        assert!(words(&done).contains(words_of_it), "{said}: {}", words(&done));
        assert_eq!(desk.made(), Vec::<String>::new(), "{said}");
    }
}

#[test]
fn what_is_no_workspace_is_told_before_anything_is_made() {
    let desk = Desk::new();
    for said in [ZONE, "/subscriptions/s", "law 1"] {
        let done = desk.deploy(&[("DNS_ZONE_IDS", ZONE), NAMES, ("WORKSPACE_ID", said)]);
        assert_eq!(done.status.code(), Some(2), "{said}");
        assert!(
            words(&done).contains("is not the resource id of a Log Analytics workspace"),
            "{}",
            words(&done)
        );
    }
    assert_eq!(desk.made(), Vec::<String>::new());
}

#[test]
fn yes_and_no_are_understood_in_every_spelling() {
    for (said, meant) in [("True", "true"), ("1", "true"), ("FALSE", "false"), ("no", "false")] {
        let desk = Desk::new();
        let done = desk.deploy(&[("DNS_ZONE_IDS", ZONE), NAMES, ("ALERT_RULE", said), ("WORKBOOK", said)]);
        assert!(done.status.success(), "{said}: {}", words(&done));
        assert_eq!(desk.last("ALERT_RULE").as_deref(), Some(meant), "{said}");
        assert_eq!(desk.last("WORKBOOK").as_deref(), Some(meant), "{said}");
        let alert = desk.made().iter().any(|line| line.contains("alert.bicep"));
        assert_eq!(alert, meant == "true", "{said}");
    }
    let desk = Desk::new();
    let done = desk.deploy(&[("DNS_ZONE_IDS", ZONE), NAMES, ("ALERT_RULE", "maybe")]);
    assert_eq!(done.status.code(), Some(2));
    assert!(words(&done).contains("ALERT_RULE is true or false"), "{}", words(&done));
}
