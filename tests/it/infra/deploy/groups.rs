//! Machines of whole management groups: a deployment of its own at each, and no list of subscriptions.

use super::{ANSWERS, APP, Desk, words};
use crate::infra::read;

const SHOPS: &str = "/providers/Microsoft.Management/managementGroups/mg-shops";

#[test]
fn the_role_is_deployed_at_each_management_group() {
    let desk = Desk::new();
    desk.put("fail-group-role", "1");
    desk.put("words", "ERROR: (PrincipalNotFound) not yet\n");
    let groups = format!("mg-edge, {SHOPS},MG-EDGE");
    let done = desk.deploy(
        &[
            &ANSWERS[..],
            &[("MACHINE_MANAGEMENT_GROUP_IDS", &groups), ("ROLES", "builtin"), ("LOCATION", "northeurope")],
        ]
        .concat(),
    );
    assert!(done.status.success(), "{}", words(&done));
    assert!(
        words(&done).contains("role at mg-edge: not yet (ERROR: (PrincipalNotFound)"),
        "{}",
        words(&done)
    );
    let made: Vec<_> = desk.made().into_iter().filter(|line| line.contains("deployment mg create")).collect();
    let line = |group: &str| {
        format!(
            "deployment mg create --management-group-id {group} --name {APP}-northeurope --location northeurope --template-file \
             infra/management-group.bicep --output none --parameters principalId=principal-1 roles=builtin targets=arc --subscription sub-1"
        )
    };
    assert_eq!(
        made,
        [line("mg-edge"), line("mg-edge"), line("mg-shops")],
        "the first one twice, as it failed once"
    );
    let both = format!("/providers/Microsoft.Management/managementGroups/mg-edge,{SHOPS}");
    assert_eq!(desk.last("MACHINE_MANAGEMENT_GROUP_IDS"), Some(both), "as main.bicep takes them");
    let at = |what: &str| desk.made().iter().position(|line| line.contains(what)).unwrap();
    assert!(
        at("main.bicepparam") < at("mg create") && at("mg create") < at("config-zip"),
        "{:#?}",
        desk.made()
    );
}

#[test]
fn the_hook_of_azd_does_the_same_and_nobody_does_with_roles_of_others() {
    let state = [
        ("AZURE_SUBSCRIPTION_ID", "sub-1"),
        ("AZURE_ENV_NAME", "dev"),
        ("resourceGroupName", "rg-1"),
        ("functionAppName", APP),
        ("principalId", "principal-1"),
    ];
    let two = format!("[\"/providers/Microsoft.Management/managementGroups/mg-edge\",\"{SHOPS}\"]");
    for (roles, groups, expected) in [("custom", two.as_str(), 2), ("none", &two, 0), ("custom", "[]", 0)] {
        let desk = Desk::new();
        desk.put("group", "northeurope\n");
        let more = [("deployedRoles", roles), ("managementGroupIds", groups)];
        let done = desk.script("azd/provisioned.sh", &[&state[..], &more].concat());
        assert!(done.status.success(), "{}", words(&done));
        let made = desk.made();
        assert_eq!(made.len(), expected, "{made:#?}");
        assert!(made.iter().all(|line| line.contains(&format!("--name {APP}-northeurope "))), "{made:#?}");
        assert!(made.iter().all(|line| line.contains(" targets=arc")), "{made:#?}");
    }
    // Who can have names says what the role there shows.
    let desk = Desk::new();
    desk.put("group", "northeurope\n");
    let more =
        [("deployedRoles", "custom"), ("deployedTargets", "arc,vm"), ("managementGroupIds", "[\"mg-1\"]")];
    assert!(desk.script("azd/provisioned.sh", &[&state[..], &more].concat()).status.success());
    assert!(desk.made()[0].contains(" targets=arc,vm"), "{:#?}", desk.made());
    let desk = Desk::new();
    let both = [("MACHINE_MANAGEMENT_GROUP_IDS", "mg-1"), ("TARGETS", "arc,vm")];
    assert!(desk.deploy(&[&ANSWERS[..], &both].concat()).status.success());
    assert!(desk.made().iter().any(|line| line.contains(" targets=arc,vm")), "{:#?}", desk.made());
    let desk = Desk::new();
    let none = [("MACHINE_MANAGEMENT_GROUP_IDS", "mg-1"), ("ROLES", "none")];
    assert!(desk.deploy(&[&ANSWERS[..], &none].concat()).status.success());
    assert!(desk.made().iter().all(|line| !line.contains(" mg create")), "{:#?}", desk.made());
}

#[test]
fn what_is_no_management_group_is_told_before_anything_is_made() {
    let desk = Desk::new();
    for said in ["/subscriptions/s", "/providers/Microsoft.Management/managementGroups/a/b", "a/b"] {
        let done = desk.deploy(&[&ANSWERS[..], &[("MACHINE_MANAGEMENT_GROUP_IDS", said)]].concat());
        assert_eq!(done.status.code(), Some(2), "{said}");
        assert!(words(&done).contains("neither the name nor the resource id"), "{said}: {}", words(&done));
    }
    assert_eq!(desk.made(), Vec::<String>::new());
}

#[test]
fn subscriptions_that_join_a_group_are_seen() {
    let main = read("infra/main.bicep");
    let line = main.lines().find(|line| line.trim().starts_with("SUBSCRIPTIONS: ")).unwrap();
    assert_eq!(
        line.trim(),
        "SUBSCRIPTIONS: empty(machineManagementGroupIds) ? join(union(machineSubscriptions, subscriptionsOfGroups), ',') : ''"
    );
    let template = read("infra/management-group.bicep");
    assert!(
        template.contains("targetScope = 'managementGroup'")
            && template.contains("      managementGroup().id\n")
    );
    assert!(
        !main.contains("'management-group.bicep'"),
        "a module cannot reach above its subscription (BCP116)"
    );
    // The lines for owners: a role can be defined on one management group only, and assigned on each.
    let lines = read("infra/modules/role-commands.bicep");
    assert_eq!(
        lines.matches("[for scope in managementGroupScopes: {").count(),
        2,
        "a definition and an assignment each"
    );
}
