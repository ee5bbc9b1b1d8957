//! The same by azd: what its hooks keep in its environment, and what they deploy.

use std::path::Path;
use std::process::Stdio;

use super::{ANSWERS, APP, Desk, words};

/// What azd says to each hook.
const AZD: [(&str, &str); 2] = [("AZURE_SUBSCRIPTION_ID", "sub-1"), ("AZURE_ENV_NAME", "dev")];

/// The hooks run in the repository's folder and write there: here in a copy of it, as far as they read it.
pub(super) fn run(desk: &Desk, script: &str, variables: &[(&str, &str)]) -> std::process::Output {
    let repository = desk.file("repository");
    if !repository.exists() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        for folder in ["infra", "infra/azd", "infra/release", "infra/modules"] {
            std::fs::create_dir_all(repository.join(folder)).unwrap();
            for entry in std::fs::read_dir(root.join(folder)).unwrap() {
                let file = entry.unwrap().path();
                if file.is_file() {
                    std::fs::copy(&file, repository.join(folder).join(file.file_name().unwrap())).unwrap();
                }
            }
        }
        std::fs::copy(root.join("host.json"), repository.join("host.json")).unwrap();
    }
    let zip = desk.file("release.zip").to_str().unwrap().to_owned();
    let variables = [&AZD[..], &[("RELEASE_ZIP", zip.as_str())], variables].concat();
    desk.command(&repository.join("infra").join(script), &variables).stdin(Stdio::null()).output().unwrap()
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

const SECRET: &str = "https://hooks.example.com/a\"b\\c?d=SECRET";

/// The state after a deployment that azd made, of an app that has secrets.
fn with_secrets() -> Desk {
    let desk = Desk::with_earlier(
        "",
        &format!("MODE=apply\nNOTIFY_URL={SECRET}\nPING_URL=https://ping.example.com/SECRET\n"),
    );
    desk.program(
        "azd",
        "#!/bin/sh\necho \"azd $*\" >> \"$DESK/log\"\nshift 2\necho \"$1=$2\" >> \"$DESK/kept\"\n",
    );
    desk
}

const EARLIER: [(&str, &str); 3] =
    [("functionAppName", APP), ("resourceGroupName", "rg-1"), ("deployedRoles", "custom")];

#[test]
fn secrets_of_the_app_outlive_a_provisioning_and_stand_in_no_list() {
    let desk = with_secrets();
    let done = run(&desk, "azd/questions.sh", &[&ANSWERS[..], &EARLIER].concat());
    assert!(done.status.success(), "{}", words(&done));
    let aside = "repository/.azure/dev/secrets-of-the-app.json";
    let kept: serde_json::Value = serde_json::from_str(&desk.text(aside)).unwrap();
    let expected = serde_json::json!({ "NOTIFY_URL": SECRET, "PING_URL": "https://ping.example.com/SECRET" });
    assert_eq!(kept, expected);
    assert_eq!(mode(&desk.file(aside)), 0o600, "for nobody else to read");
    assert!(
        desk.text("kept").contains("MODE=apply") && !desk.text("kept").contains("SECRET"),
        "{}",
        desk.text("kept")
    );
    assert!(words(&done).contains("NOTIFY_URL") && !words(&done).contains("SECRET"), "{}", words(&done));
    // azd provisions, which takes them from the app; then its hook puts them back.
    desk.put("settings", "MODE=apply\n");
    let done = run(&desk, "azd/provisioned.sh", &EARLIER);
    assert!(done.status.success(), "{}", words(&done));
    assert_eq!(serde_json::from_str::<serde_json::Value>(&desk.text("put-back")).unwrap(), expected);
    assert!(!desk.file(aside).exists(), "it is there for as long as azd provisions");
    let put = desk.log().into_iter().find(|line| line.contains("appsettings set")).unwrap();
    assert!(
        put.contains(&format!(
            "--resource-group rg-1 --name {APP} --settings @.azure/dev/secrets-of-the-app.json --output none"
        )),
        "{put}"
    );
    assert!(
        desk.log().iter().all(|line| !line.contains("SECRET")),
        "a command line is seen by all: {:#?}",
        desk.log()
    );
    // Without anything aside nothing is put back.
    std::fs::remove_file(desk.file("log")).unwrap();
    assert!(run(&desk, "azd/provisioned.sh", &EARLIER).status.success());
    assert_eq!(desk.log(), Vec::<String>::new());
}

fn mode(file: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(file).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_proxy_with_a_password_is_a_secret_too() {
    let desk = with_secrets();
    let (open, closed) = ("http://proxy.example.com:3128", "http://me:SECRET@proxy.example.com:3128");
    desk.put("settings", &format!("MODE=apply\nPOLICY_TTL=120\nHTTP_PROXY={open}\nHTTPS_PROXY={closed}\n"));
    let own = ("HTTPS_PROXY", "http://127.0.0.1:1");
    assert!(run(&desk, "azd/questions.sh", &[&ANSWERS[..], &EARLIER, &[own]].concat()).status.success());
    let kept = desk.text("kept");
    let settings = format!("HEARTBEAT_DNS_SETTINGS={{\"POLICY_TTL\":\"120\",\"HTTP_PROXY\":\"{open}\"}}");
    assert!(kept.lines().any(|line| line == settings) && !kept.contains("SECRET"), "{kept}");
    let aside = "repository/.azure/dev/secrets-of-the-app.json";
    for settings in [desk.text("settings"), "MODE=apply\n".to_owned()] {
        desk.put("settings", &settings);
        assert!(run(&desk, "azd/questions.sh", &[&ANSWERS[..], &EARLIER, &[own]].concat()).status.success());
        let kept: serde_json::Value = serde_json::from_str(&desk.text(aside)).unwrap();
        assert_eq!(kept, serde_json::json!({ "HTTPS_PROXY": closed }), "{settings}");
    }
}

#[test]
fn secrets_outlive_a_provisioning_that_failed() {
    let desk = with_secrets();
    assert!(run(&desk, "azd/questions.sh", &[&ANSWERS[..], &EARLIER].concat()).status.success());
    let aside = "repository/.azure/dev/secrets-of-the-app.json";
    let first = desk.text(aside);
    // It failed after the app had lost them; the next one finds them aside, but for the one that is said now.
    desk.put("settings", "MODE=apply\n");
    assert!(run(&desk, "azd/questions.sh", &[&ANSWERS[..], &EARLIER].concat()).status.success());
    assert_eq!(desk.text(aside), first);
    let said = [("PING_URL", "")];
    assert!(run(&desk, "azd/questions.sh", &[&ANSWERS[..], &EARLIER, &said].concat()).status.success());
    assert!(
        desk.text(aside).contains("NOTIFY_URL") && !desk.text(aside).contains("PING_URL"),
        "{}",
        desk.text(aside)
    );
    let said = [("NOTIFY_URL", "https://new.example.com"), ("PING_URL", "")];
    assert!(run(&desk, "azd/questions.sh", &[&ANSWERS[..], &EARLIER, &said].concat()).status.success());
    assert!(!desk.file(aside).exists());
}

pub(super) const OUTPUTS: [(&str, &str); 11] = [
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
    ("deployedAlertEvery", "PT10M"),
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
        made[2].contains("alert.bicep")
            && made[2].contains("queryTimespan=PT5H ownerId=house-1 frequency=PT10M"),
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
