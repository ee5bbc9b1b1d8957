//! What goes beyond, and what does not.

use serde_json::{Value, json};

use super::{Beyond, Permission, Roles};

fn roles() -> Roles {
    Roles::giving([
        "Microsoft.Network/dnsZones/A/read",
        "Microsoft.Network/dnsZones/A/write",
        "Microsoft.Network/dnsZones/AAAA/write",
        "Microsoft.Network/dnsZones/A/delete",
        "Microsoft.Network/dnsZones/AAAA/delete",
        "Microsoft.Insights/Telemetry/Write",
        "Microsoft.Support/*",
    ])
}

fn beyond(entries: Value) -> Option<Beyond> {
    let entries: Vec<Permission> = serde_json::from_value(entries).unwrap();
    roles().exceeded_by(&entries)
}

fn of(actions: &[&str], exceptions: &[&str]) -> Option<String> {
    let told = beyond(json!([{ "actions": actions, "notActions": exceptions }]));
    let of_data = beyond(json!([{ "actions": [], "dataActions": actions, "notDataActions": exceptions }]));
    assert_eq!(of_data.as_ref().and_then(|beyond| beyond.such_as), None, "data actions manage nothing");
    let (told, of_data) = (told.map(|beyond| beyond.action), of_data.map(|beyond| beyond.action));
    assert_eq!(told, of_data, "data actions are judged as actions are: {actions:?} {exceptions:?}");
    told
}

#[test]
fn what_the_roles_give_and_what_only_reads_is_not_beyond() {
    for within in [
        "Microsoft.Network/dnsZones/A/write",
        "microsoft.network/DNSZONES/aaaa/WRITE",
        "Microsoft.Network/dnsZones/A/delete",
        "*/read",
        "Microsoft.Network/*/read",
        "*d",
        "Microsoft.Network/dnsZones/read",
        "Microsoft.Insights/Telemetry/Write",
        "Microsoft.Support/*",
        "Microsoft.Support/supportTickets/write",
        // Wildcards that come to what the roles give, or to less.
        "Microsoft.Network/dnsZones/A/*",
        "Microsoft.Network/dnsZones/AAAA/*",
        "Microsoft.Network/dnsZones/A*/write",
        "Microsoft.Network/dnsZones/*/read",
        "",
    ] {
        assert_eq!(of(&[within], &[]), None, "{within}");
    }
}

#[test]
fn what_changes_anything_else_is_beyond() {
    for wide in [
        "*",
        "*/write",
        "*/WRITE",
        "*e",
        "*/action",
        "Microsoft.Network/*",
        "Microsoft.Network/dnsZones*",
        "Microsoft.Network/dnsZones/*",
        "Microsoft.Network/dnsZones/*/write",
        "Microsoft.Network/dnsZones/*A/write",
        "Microsoft.Network/dnsZones/delete",
        "Microsoft.Network/dnsZones/TXT/write",
        "Microsoft.Network/*/A/write",
        "Microsoft.Compute/virtualMachines/runCommand/action",
        "Microsoft.Compute/virtualMachines/*",
    ] {
        assert_eq!(of(&[wide], &[]).as_deref(), Some(wide));
    }
}

#[test]
fn exceptions_take_away_within_their_entry_and_nowhere_else() {
    assert_eq!(of(&["*"], &["*/write", "*/Delete", "*/action"]), None);
    assert_eq!(of(&["*"], &["*/write", "*/delete"]).as_deref(), Some("*"), "actions are left");
    assert_eq!(of(&["*"], &["Microsoft.Authorization/*/write"]).as_deref(), Some("*"));
    assert_eq!(of(&["Microsoft.Network/dnsZones/delete"], &["microsoft.network/dnszones/DELETE"]), None);
    assert_eq!(of(&["Microsoft.Compute/*"], &["Microsoft.Compute/*"]), None);
    let but_ours: Vec<&str> = super::OF_A_ZONE
        .into_iter()
        .filter(|known| !known.contains("/A/") && !known.contains("/AAAA/"))
        .collect();
    assert_eq!(of(&["Microsoft.Network/dnsZones/*"], &but_ours), None);
    assert_eq!(
        of(&["Microsoft.Network/dnsZones/*"], &but_ours[1..]).as_deref(),
        Some("Microsoft.Network/dnsZones/*")
    );
    let two = json!([
        { "actions": ["*"] },
        { "actions": ["*/read"], "notActions": ["*/write", "*/delete", "*/action"] },
    ]);
    assert_eq!(beyond(two).unwrap().action, "*", "another entry takes nothing away");
    let of_data = json!([{ "actions": ["*"], "notDataActions": ["*"] }]);
    assert_eq!(beyond(of_data).unwrap().action, "*", "exceptions of data are about data");
}

#[test]
fn the_broadest_action_is_told_with_the_worst_that_it_allows() {
    let told = |actions: &[&str]| {
        let told = beyond(json!([{ "actions": actions }])).unwrap();
        (told.action, told.such_as)
    };
    let zone = "Microsoft.Network/dnsZones/*".to_owned();
    assert_eq!(
        told(&["Microsoft.Network/dnsZones/TXT/write", "Microsoft.Network/dnsZones/*"]),
        (zone, Some("Microsoft.Network/dnszones/delete"))
    );
    assert_eq!(
        told(&["Microsoft.Network/dnsZones/*", "*"]),
        ("*".to_owned(), Some("Microsoft.Authorization/roleAssignments/write"))
    );
    assert_eq!(told(&["Microsoft.Compute/*"]), ("Microsoft.Compute/*".to_owned(), None));
    let text = "Microsoft.Network/dnsZones/TXT/write";
    assert_eq!(told(&[text]), (text.to_owned(), None), "it says so itself");
}

#[test]
fn a_data_action_is_not_told_as_one_that_manages() {
    let told = beyond(json!([{ "dataActions": ["*"] }])).unwrap();
    assert_eq!((told.action.as_str(), told.such_as), ("*", None));
    let both = beyond(json!([{ "actions": ["*"], "dataActions": ["*"] }])).unwrap();
    assert_eq!(both.such_as, Some("Microsoft.Authorization/roleAssignments/write"));
}

#[test]
fn what_the_contributors_of_zones_give_is_known_and_nothing_like_it() {
    let role = |action: &str| beyond(json!([{ "actions": [action] }])).unwrap().contributor();
    for (action, given) in [
        ("Microsoft.Network/dnsZones/*", Some("DNS Zone Contributor")),
        ("microsoft.network/dnszones/*", Some("DNS Zone Contributor")),
        ("Microsoft.Network/privateDnsZones/*", Some("Private DNS Zone Contributor")),
        ("*", None),
        ("Microsoft.Network/*", None),
        ("Microsoft.Network/dnsZones/TXT/*", None),
        ("Microsoft.Network/dnsZones/*/write", None),
        ("Microsoft.Network/privateDnsZones/TXT/*", None),
    ] {
        assert_eq!(role(action), given, "{action}");
    }
}

/// What the built-in role for private zones allows that changes anything.
#[test]
fn of_the_contributor_of_private_zones_it_is_told_what_it_may_do_to_zones() {
    let actions = [
        "Microsoft.Insights/alertRules/*",
        "Microsoft.Resources/deployments/*",
        "Microsoft.Support/*",
        "Microsoft.Network/privateDnsZones/*",
        "Microsoft.Network/privateDnsOperationResults/*",
        "Microsoft.Network/privateDnsOperationStatuses/*",
        "Microsoft.Network/virtualNetworks/join/action",
    ];
    let told = beyond(json!([{ "actions": actions }])).unwrap();
    assert_eq!(told.action, "Microsoft.Network/privateDnsZones/*");
    assert_eq!(told.such_as, Some("Microsoft.Network/privateDnsZones/delete"));
    assert_eq!(told.contributor(), Some("Private DNS Zone Contributor"));
}

#[test]
fn a_wildcard_below_a_private_zone_is_judged_by_what_there_is() {
    let roles = Roles::giving([
        "Microsoft.Network/privateDnsZones/A/write",
        "Microsoft.Network/privateDnsZones/A/delete",
    ]);
    let beyond = |action: &str| {
        let entry: Permission = serde_json::from_value(json!({ "actions": [action] })).unwrap();
        roles.exceeded_by(&[entry]).and_then(|beyond| beyond.such_as)
    };
    assert_eq!(beyond("Microsoft.Network/privateDnsZones/A/*"), None);
    let links = "Microsoft.Network/privateDnsZones/virtualNetworkLinks/*";
    assert_eq!(beyond(links), Some("Microsoft.Network/privateDnsZones/virtualNetworkLinks/write"));
}

#[test]
fn an_entry_without_lists_allows_nothing() {
    assert_eq!(beyond(json!([{}, { "actions": null, "notActions": null }])), None);
    assert_eq!(beyond(json!([])), None);
}
