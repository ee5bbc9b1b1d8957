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
        ("", private.as_str(), "a private zone is said in PRIVATE_ZONE_IDS"),
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

#[test]
fn names_that_azure_would_refuse_after_minutes_are_told_before_the_first_call() {
    let desk = Desk::new();
    let long = "r".repeat(91);
    let installations =
        ["My_DNS", "heartbeat dns", "ab", "heartbeat-dns-production", "1st", "dns-", "a--b", "dns\nab"];
    let groups = ["rg/one", "rg one", "rg.", long.as_str()];
    let names = installations.map(|name| ("HEARTBEAT_DNS_NAME", name));
    for said in names.into_iter().chain(groups.map(|name| ("RESOURCE_GROUP", name))) {
        let done = desk.deploy(&[("DNS_ZONE_IDS", ZONE), NAMES, said]);
        assert_eq!(done.status.code(), Some(2), "{said:?}");
        assert!(words(&done).contains(&format!("{}: {} does not do", said.0, said.1)), "{}", words(&done));
    }
    let azd =
        [("AZURE_SUBSCRIPTION_ID", "sub-1"), ("AZURE_ENV_NAME", "dev"), ("HEARTBEAT_DNS_NAME", "My_DNS")];
    let done = desk.script("azd/questions.sh", &azd);
    assert_eq!(done.status.code(), Some(2));
    assert!(words(&done).contains("HEARTBEAT_DNS_NAME: My_DNS does not do"), "{}", words(&done));
    assert_eq!(desk.log(), Vec::<String>::new());
    let sixteen = desk.deploy(&[
        ("DNS_ZONE_IDS", ZONE),
        NAMES,
        ("HEARTBEAT_DNS_NAME", "heartbeat-dns-16"),
        ("RESOURCE_GROUP", "rg-(1)_a.b"),
    ]);
    assert!(sixteen.status.success(), "{}", words(&sixteen));
}

#[test]
fn what_is_said_twice_is_one_and_two_zones_of_one_name_are_none() {
    let desk = Desk::new();
    let twice = format!("{ZONE}, {},", ZONE.to_uppercase());
    let second = WORKSPACE.replace("law-1", "law-2");
    let others = format!("{second},{WORKSPACE},{second}");
    let done = desk.deploy(&[
        ("DNS_ZONE_IDS", &twice),
        NAMES,
        ("WORKSPACE_ID", WORKSPACE),
        ("OTHER_WORKSPACE_IDS", &others),
    ]);
    assert!(done.status.success(), "{}", words(&done));
    assert_eq!(desk.last("DNS_ZONE_IDS").as_deref(), Some(ZONE));
    assert_eq!(
        desk.last("OTHER_WORKSPACE_IDS"),
        Some(second),
        "the workspace with our tables is read anyway"
    );
    let desk = Desk::new();
    let elsewhere = format!("{ZONE},{}", ZONE.replace("rg-dns", "rg-two"));
    let done = desk.deploy(&[("DNS_ZONE_IDS", &elsewhere), NAMES]);
    assert_eq!(done.status.code(), Some(2));
    assert!(words(&done).contains("example.com: two zones of one name"), "{}", words(&done));
    assert_eq!(desk.made(), Vec::<String>::new());
}

#[test]
fn other_workspaces_may_be_said_by_their_names() {
    let desk = Desk::new();
    desk.put("workspaces.sub-2", &format!("{WORKSPACE}\n"));
    let done = desk.deploy(&[("DNS_ZONE_IDS", ZONE), NAMES, ("OTHER_WORKSPACE_IDS", "law-1")]);
    assert!(done.status.success(), "{}", words(&done));
    assert_eq!(desk.last("OTHER_WORKSPACE_IDS").as_deref(), Some(WORKSPACE));
    for (said, told) in
        [("new", "a new workspace is for WORKSPACE_ID"), (ZONE, "is not the resource id of a Log")]
    {
        let done = desk.deploy(&[("DNS_ZONE_IDS", ZONE), NAMES, ("OTHER_WORKSPACE_IDS", said)]);
        assert_eq!(done.status.code(), Some(2), "{said}");
        assert!(words(&done).contains(told), "{said}: {}", words(&done));
    }
}

#[test]
fn what_does_not_go_together_is_told_before_anything_is_made() {
    let desk = Desk::new();
    let every_minute = ("ALERT_EVERY", "PT1M");
    let (subnet, only) =
        (("PRIVATE_LINK_SUBNET_ID", "/subnets/pe"), ("PRIVATE_LINK_ACCESS_MODE", "PrivateOnly"));
    let answers = [("DNS_ZONE_IDS", ZONE), NAMES];
    for (more, told) in [
        (
            &[every_minute, ("OTHER_WORKSPACE_IDS", WORKSPACE)][..],
            "ALERT_EVERY=PT1M takes no OTHER_WORKSPACE_IDS",
        ),
        (&[("ALERT_EVERY", "2m")], "ALERT_EVERY is PT1M, PT5M, PT10M or PT15M, not 2m"),
        (&[subnet, only], "set FUNCTION_SUBNET_ID too"),
    ] {
        let done = desk.deploy(&[&answers[..], more].concat());
        assert_eq!(done.status.code(), Some(2), "{more:?}");
        assert!(words(&done).contains(told), "{}", words(&done));
    }
    assert_eq!(desk.made(), Vec::<String>::new());
    let behind = [subnet, only, ("FUNCTION_SUBNET_ID", "/subnets/functions"), every_minute];
    let done = desk.deploy(&[&answers[..], &behind].concat());
    assert!(done.status.success(), "{}", words(&done));
    assert!(desk.made().iter().any(|line| line.contains("frequency=PT1M")), "{:#?}", desk.made());
}
