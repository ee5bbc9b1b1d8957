//! The same by azd: what its hooks keep in its environment, and what they deploy.

use super::{ANSWERS, APP, Desk, words};

const RELEASE: (&str, &str) = ("RELEASE_ZIP", "release.zip");

/// The hooks run in the repository's folder, so the zip is said in full.
fn run(desk: &Desk, script: &str, variables: &[(&str, &str)]) -> std::process::Output {
    let zip = desk.file(RELEASE.1).to_str().unwrap().to_owned();
    desk.script(script, &[&[(RELEASE.0, zip.as_str())], variables].concat())
}

#[test]
fn answers_are_kept_and_an_empty_workspace_is_one() {
    let desk = Desk::new();
    let done = run(&desk, "azd/questions.sh", &ANSWERS);
    assert!(done.status.success(), "{}", words(&done));
    let kept = desk.text("kept");
    for line in ["WORKSPACE_ID=new", "POLICY_NAMES=*.home.example.com", "HEARTBEAT_DNS_SETTINGS={}"] {
        assert!(kept.lines().any(|found| found == line), "{line}: {kept}");
    }
    assert!(!kept.contains("MODE="), "it was neither given nor kept: {kept}");
}

#[test]
fn azd_switches_nobody_off_either() {
    let desk = Desk::with_earlier("", "MODE=apply\nPOLICY_TTL=120\n");
    let earlier = [("functionAppName", APP), ("resourceGroupName", "rg-1")];
    assert!(run(&desk, "azd/questions.sh", &[&ANSWERS[..], &earlier].concat()).status.success());
    let kept = desk.text("kept");
    for line in ["MODE=apply", "KEPT_MODE=apply", "HEARTBEAT_DNS_SETTINGS={\"POLICY_TTL\":\"120\"}"] {
        assert!(kept.lines().any(|found| found == line), "{line}: {kept}");
    }
    // Paused in the portal: what was only kept gives way, what a person said does not.
    for (mode, expected) in [("apply", Some("MODE=observe")), ("observe", None)] {
        let desk = Desk::with_earlier("", "MODE=observe\n");
        let state = [("MODE", mode), ("KEPT_MODE", "apply")];
        assert!(run(&desk, "azd/questions.sh", &[&ANSWERS[..], &earlier, &state].concat()).status.success());
        let kept = desk.text("kept");
        assert_eq!(kept.lines().find(|line| line.starts_with("MODE=")), expected, "{mode}: {kept}");
    }
}

const OUTPUTS: [(&str, &str); 10] = [
    ("resourceGroupName", "rg-1"),
    ("functionAppName", APP),
    ("identityId", "/id/1"),
    ("workspaceLocation", "westeurope"),
    ("workspaceIds", "[\"/ws/1\"]"),
    ("deployedName", "heartbeat-dns"),
    ("deployedMode", "observe"),
    ("deployedAlertRule", "true"),
    ("deployedQueryTimespan", "PT5H"),
    ("deployedOwnerId", "house-1"),
];

#[test]
fn the_code_and_the_alert_follow() {
    let desk = Desk::new();
    desk.put("fail-alert", "1");
    let done = run(&desk, "azd/code.sh", &[&OUTPUTS[..], &[("deployedRoles", "custom")]].concat());
    assert!(done.status.success(), "{}", words(&done));
    let made = desk.made();
    assert!(made[0].contains(&format!("config-zip --resource-group rg-1 --name {APP}")), "{made:#?}");
    assert!(
        made[2].contains("alert.bicep") && made[2].contains("queryTimespan=PT5H ownerId=house-1"),
        "{made:#?}"
    );
    assert!(words(&done).contains("azd env set MODE apply && azd up"), "{}", words(&done));
}

#[test]
fn without_roles_it_prints_the_lines_and_waits_for_a_second_call() {
    let desk = Desk::new();
    let lines = r#"["az role definition create --role-definition '{\"Name\":\"a\",\"Actions\":[\"b\",\"c\"]}'","az role assignment create --role 'a'"]"#;
    let none = [("deployedRoles", "none"), ("roleCommands", lines)];
    let done = run(&desk, "azd/code.sh", &[&OUTPUTS[..], &none].concat());
    assert!(done.status.success(), "{}", words(&done));
    let printed = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(
        printed,
        "az role definition create --role-definition '{\"Name\":\"a\",\"Actions\":[\"b\",\"c\"]}'\naz role assignment create --role 'a'\n"
    );
    assert_eq!(desk.made(), Vec::<String>::new());
    assert!(words(&done).contains("azd deploy"), "{}", words(&done));
    let again = [none[0], none[1], ("ROLE_COMMANDS_TOLD", "true")];
    assert!(run(&desk, "azd/code.sh", &[&OUTPUTS[..], &again].concat()).status.success());
    assert_eq!(desk.made().len(), 2, "{:#?}", desk.made());
}
