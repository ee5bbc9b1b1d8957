//! An account has several subscriptions, and `az` a default of its own: each call says which one it means.

use super::{ANSWERS, APP, Desk, WORKSPACE, ZONE, words};

/// Calls that ask nothing of a subscription: who is signed in, and what there is.
const OF_THE_ACCOUNT: [&str; 2] = ["account show ", "account list "];

/// Fails unless each call names this subscription, or is a question about the account.
fn all_in(subscription: &str, log: &[String]) {
    let named = format!("--subscription {subscription}");
    let is_right = |line: &&String| {
        OF_THE_ACCOUNT.iter().any(|call| line.starts_with(call))
            || line.ends_with(&named)
            || line.contains(&format!("{named} "))
    };
    assert!(log.len() > 5, "{log:#?}");
    assert_eq!(log.iter().find(|line| !is_right(line)), None, "not in {subscription}: {log:#?}");
}

#[test]
fn every_call_names_the_subscription() {
    let earlier = [("MODE", "observe"), ("MACHINE_MANAGEMENT_GROUP_IDS", "mg-1")];
    for (given, expected) in [(None, "sub-1"), (Some("sub-2"), "sub-2")] {
        for desk in [Desk::new(), Desk::with_earlier("earlier=Succeeded\n", "MODE=observe\n")] {
            let given: Vec<_> = given.iter().map(|id| ("AZURE_SUBSCRIPTION_ID", *id)).collect();
            let done = desk.deploy(&[&ANSWERS[..], &earlier, &given].concat());
            assert!(done.status.success(), "{}", words(&done));
            all_in(expected, &desk.log());
            let words = words(&done);
            // The lines that a person is to run, too.
            assert!(
                words.contains(&format!("az functionapp function keys list --subscription '{expected}' ")),
                "{words}"
            );
            assert!(
                words.lines().last().unwrap().contains(&format!("AZURE_SUBSCRIPTION_ID={expected} ")),
                "{words}"
            );
        }
    }
    let desk = Desk::with_earlier("", "MODE=observe\n");
    desk.put("my.bicepparam", "using 'main.bicep'\nparam mode = 'observe'\n");
    let done = desk.deploy(&[("PARAMETERS", "my.bicepparam"), ("AZURE_SUBSCRIPTION_ID", "sub-2")]);
    assert!(done.status.success(), "{}", words(&done));
    all_in("sub-2", &desk.log());
}

#[test]
fn names_are_looked_for_in_all_subscriptions_of_the_account() {
    let desk = Desk::new();
    let second = WORKSPACE.replace("law-1", "law-2");
    desk.put("zones.sub-2", &format!("{ZONE}\n"));
    desk.put("workspaces", &format!("{WORKSPACE}\n"));
    desk.put("workspaces.sub-2", &format!("{second}\n"));
    let names = [("DNS_ZONE_IDS", "example.com"), ANSWERS[1]];
    let done = desk.deploy(&[&names[..], &[("AZURE_SUBSCRIPTION_ID", "sub-1")]].concat());
    assert!(done.status.success(), "{}", words(&done));
    assert_eq!(desk.last("DNS_ZONE_IDS").as_deref(), Some(ZONE));
    let log = desk.log();
    for subscription in ["sub-1", "sub-2"] {
        let asked = format!("dns zone list --query [?name=='example.com'].id --subscription {subscription}");
        assert!(log.iter().any(|line| line.contains(&asked)), "{asked}: {log:#?}");
    }
    assert!(
        log.iter()
            .any(|line| line.contains("account list --query [?state=='Enabled' && tenantId=='tenant-1'].id")),
        "a zone of another tenant is no good: {log:#?}"
    );
    // The same name in two subscriptions is told with both ids.
    let done = desk.deploy(&[&names[..], &[("WORKSPACE_ID", "law")]].concat());
    assert_eq!(done.status.code(), Some(2));
    assert!(
        words(&done).contains(&format!(
            "there are several of it; the resource id is wanted, one of these:\n{WORKSPACE}\n{second}\n"
        )),
        "{}",
        words(&done)
    );
}

#[test]
fn a_subscription_that_does_not_answer_is_told_and_left_out() {
    let desk = Desk::new();
    desk.put("zones", &format!("{ZONE}\n"));
    desk.put("refused.sub-2", "WARNING: something else\nERROR: (AuthorizationFailed) no\n");
    let done = desk.deploy(&[("DNS_ZONE_IDS", "example.com"), ANSWERS[1]]);
    assert!(done.status.success(), "{}", words(&done));
    let told = "In the subscription sub-2 nothing can be looked for: ERROR: (AuthorizationFailed) no";
    assert!(words(&done).contains(told), "{}", words(&done));
}

#[test]
fn the_hooks_of_azd_ask_where_azd_deploys() {
    let desk = Desk::with_earlier("", "MODE=observe\n");
    desk.put("zones.sub-2", &format!("{ZONE}\n"));
    let azd = [
        ("AZURE_SUBSCRIPTION_ID", "sub-2"),
        ("AZURE_ENV_NAME", "dev"),
        ("functionAppName", APP),
        ("resourceGroupName", "rg-1"),
        ("identityId", "/id/1"),
        ("principalId", "principal-1"),
        ("workspaceLocation", "westeurope"),
        ("workspaceIds", "[\"/ws/1\"]"),
        ("managementGroupIds", "[\"/providers/Microsoft.Management/managementGroups/mg-1\"]"),
        ("deployedOwnerId", "dcr-1"),
        ("deployedRoles", "custom"),
    ];
    let zip = desk.file("release.zip").to_str().unwrap().to_owned();
    for script in ["azd/questions.sh", "azd/provisioned.sh", "azd/code.sh"] {
        let done = desk
            .script(script, &[&azd[..], &ANSWERS, &[("DNS_ZONE_IDS", ZONE), ("RELEASE_ZIP", &zip)]].concat());
        assert!(done.status.success(), "{script}: {}", words(&done));
    }
    let log: Vec<_> = desk.log();
    assert_eq!(log.iter().find(|line| !line.contains("--subscription sub-2")), None, "{log:#?}");
    assert_eq!(log.len(), 5, "settings, region, role, code, alert: {log:#?}");
}
