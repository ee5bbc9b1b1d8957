//! The deployment script, with an `az` that writes down what it is asked: the order, the parameters, the refusals.
#![cfg(unix)]

mod agree;
mod answers;
mod azd;
mod groups;
mod parameters;
mod private_zones;
mod release;
mod second;
mod subscriptions;
mod token;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// An `az` that writes down what it is asked.
const AZ: &str = include_str!("deploy/az.sh");

/// Fetches files only, and needs no network; the address is the last argument.
const CURL: &str = "#!/bin/sh
while [ $# -gt 1 ]; do
    [ \"$1\" = --output ] && out=$2
    shift
done
cp \"${1#file://}\" \"$out\"
";

/// A zip is here a text with a line an entry.
const UNZIP: &str = "#!/bin/sh\nexec grep -qx \"$3\" \"$2\"\n";

/// Writes down what is kept in azd's environment.
const AZD: &str = "#!/bin/sh\nshift 2\necho \"$1=$2\" >> \"$DESK/kept\"\n";

const ENTRIES: &str =
    "host.json\nheartbeat-dns\nfunction-collector/function.json\nfunction-remediate/function.json\n";
const ZONE: &str = "/subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com";
const WORKSPACE: &str =
    "/subscriptions/s/resourceGroups/rg-logs/providers/Microsoft.OperationalInsights/workspaces/law-1";
const APP: &str = "heartbeat-dns-abcdefghijklm";
const ANSWERS: [(&str, &str); 2] = [("DNS_ZONE_IDS", ZONE), ("POLICY_NAMES", "*.home.example.com")];

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self { folder: tempfile::tempdir().unwrap() };
        for (name, text) in [("az", AZ), ("curl", CURL), ("unzip", UNZIP), ("azd", AZD)] {
            desk.program(name, text);
        }
        desk.put("release.zip", ENTRIES);
        desk
    }

    /// A desk on which a deployment was made before: its group, its app, and what both were told.
    fn with_earlier(parameters: &str, settings: &str) -> Self {
        let desk = Self::new();
        desk.put("group", "northeurope\n");
        desk.put("apps", &format!("another-app\n{APP}\nheartbeat-dns-2-abcdefghijklm\n"));
        desk.put("parameters", parameters);
        desk.put("settings", settings);
        desk
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, text: &str) {
        std::fs::write(self.file(name), text).unwrap();
    }

    fn program(&self, name: &str, text: &str) {
        self.put(name, text);
        std::fs::set_permissions(self.file(name), std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .unwrap();
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    /// A script with these variables and no others, called from the desk.
    fn command(&self, script: &Path, variables: &[(&str, &str)]) -> Command {
        let path = format!("{}:{}", self.folder.path().display(), std::env::var("PATH").unwrap());
        let mut command = Command::new("sh");
        command.arg(script).current_dir(self.folder.path()).env_clear();
        command.env("PATH", path).env("DESK", self.folder.path()).env("RETRY_SECONDS", "0");
        command.envs(variables.iter().copied());
        command
    }

    /// Runs a script of `infra`, with nobody at a terminal.
    fn script(&self, script: &str, variables: &[(&str, &str)]) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("infra").join(script);
        self.command(&script, variables).stdin(Stdio::null()).output().unwrap()
    }

    /// Deploys the desk's zip; the yes is given before.
    fn deploy(&self, more: &[(&str, &str)]) -> Output {
        self.script("deploy.sh", &[&[("RELEASE_ZIP", "release.zip"), ("YES", "1")], more].concat())
    }

    fn log(&self) -> Vec<String> {
        self.text("log").lines().map(str::to_owned).collect()
    }

    /// What `az` was asked that makes or changes something.
    fn made(&self) -> Vec<String> {
        let makes = |line: &&String| line.contains(" create ") || line.contains("config-zip");
        self.log().iter().filter(makes).cloned().collect()
    }

    /// The value that a variable had when `az` was called last.
    fn last(&self, variable: &str) -> Option<String> {
        let environment = self.text("environment");
        let prefix = format!("{variable}=");
        environment.lines().find_map(|line| line.strip_prefix(&prefix)).map(str::to_owned)
    }
}

fn words(done: &Output) -> String {
    String::from_utf8_lossy(&done.stderr).into_owned()
}

#[test]
fn resources_come_before_the_code_and_the_alert_after_it() {
    let desk = Desk::new();
    let done = desk.deploy(&ANSWERS);
    let words = words(&done);
    assert!(done.status.success(), "{words}");
    let made = desk.made();
    let zip = desk.file("release.zip");
    let expected = [
        "group create --name rg-heartbeat-dns --location westeurope".to_owned(),
        "--name heartbeat-dns --parameters infra/main.bicepparam".to_owned(),
        format!("config-zip --resource-group rg-heartbeat-dns --name {APP} --src {}", zip.display()),
        "--name heartbeat-dns-alert --template-file infra/alert.bicep".to_owned(),
    ];
    assert_eq!(made.len(), expected.len(), "{made:#?}");
    for (found, expected) in made.iter().zip(&expected) {
        assert!(found.contains(expected), "{expected}: {made:#?}");
    }
    for parameter in [
        "name=heartbeat-dns ",
        &format!("functionAppName={APP}"),
        "identityId=/id/1",
        "location=westeurope",
        "workspaceIds=[\"/ws/1\"]",
        "queryTimespan=PT2H",
        "ownerId=dcr-1",
        "frequency=PT5M",
    ] {
        assert!(made[3].contains(parameter), "{parameter}: {}", made[3]);
    }
    let last = words.lines().last().unwrap();
    assert!(
        last.contains("RELEASE_ZIP=") && last.contains("MODE=apply") && last.ends_with("deploy.sh"),
        "{last}"
    );
    for (name, value) in [ANSWERS[0], ANSWERS[1], ("MODE", "observe"), ("WORKSPACE_ID", "new")] {
        assert_eq!(desk.last(name).as_deref(), Some(value), "{name}");
    }
}

#[test]
fn the_help_needs_no_tool_and_another_argument_is_refused() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("infra/deploy.sh");
    let desk = tempfile::tempdir().unwrap();
    // What the help itself is printed with, and nothing else: no az.
    let found = std::env::var_os("PATH").unwrap();
    let sed = std::env::split_paths(&found).map(|folder| folder.join("sed")).find(|file| file.exists());
    std::os::unix::fs::symlink(sed.unwrap(), desk.path().join("sed")).unwrap();
    let called = |argument: &str| {
        let mut shell = Command::new("/bin/sh");
        shell.arg(&script).arg(argument).env("PATH", desk.path()).stdin(Stdio::null()).output().unwrap()
    };
    let done = called("--help");
    assert!(done.status.success(), "{}", words(&done));
    let help = String::from_utf8(done.stdout).unwrap();
    assert!(help.starts_with("From nothing") && help.ends_with("instead.\n"), "{help}");
    assert!(help.contains("BUILD=1") && !help.contains("\n#"), "{help}");
    assert_eq!(called("apply").status.code(), Some(2));
}

#[test]
fn a_question_that_nobody_can_answer_ends_it_before_anything_is_made() {
    let desk = Desk::new();
    let done = desk.deploy(&[("DNS_ZONE_IDS", ZONE)]);
    assert_eq!(done.status.code(), Some(2));
    assert!(words(&done).contains("POLICY_NAMES is not set"), "{}", words(&done));
    assert_eq!(desk.made(), Vec::<String>::new());
}

#[test]
fn what_fails_because_roles_are_young_is_tried_again() {
    let desk = Desk::new();
    desk.put("fail-code", "2");
    desk.put("fail-alert", "3");
    let done = desk.deploy(&ANSWERS);
    let words = words(&done);
    assert!(done.status.success(), "{words}");
    assert_eq!(words.lines().filter(|line| line.starts_with("code: not yet")).count(), 2, "{words}");
    assert_eq!(words.lines().filter(|line| line.starts_with("alert rule: not yet")).count(), 3, "{words}");
    assert!(words.contains("(Forbidden)") && !words.contains("much more"), "one line each time: {words}");
}

#[test]
fn resources_are_tried_again_only_when_azure_does_not_know_something_new_yet() {
    for words_of_azure in [
        "ERROR: (RoleDefinitionDoesNotExist) The specified role definition does not exist.\n",
        "ERROR: (PrincipalNotFound) Principal 1 does not exist in the directory.\n",
        // A rule and its tables are made in one go.
        "ERROR: (InvalidOutputTable) Table for output stream 'Custom-TagData_CL' is not available for destination.\n",
        // An older Bicep warns of types that it does not know, which is not why it failed.
        "WARNING: /infra/main.bicep(9,1) : Warning BCP081: Resource type \"a/b@2023\" does not have types available.\nERROR: (RoleDefinitionDoesNotExist) no\n",
    ] {
        let desk = Desk::new();
        desk.put("fail-main", "1");
        desk.put("words", words_of_azure);
        let done = desk.deploy(&ANSWERS);
        assert!(done.status.success(), "{words_of_azure}: {}", words(&done));
        let why = words_of_azure.lines().find(|line| line.starts_with("ERROR")).unwrap();
        assert!(words(&done).contains(&format!("resources: not yet ({why})")), "{}", words(&done));
        assert_eq!(desk.made().iter().filter(|line| line.contains("main.bicepparam")).count(), 2);
    }
    let desk = Desk::new();
    desk.put("fail-main", "1");
    desk.put("words", "ERROR: (InvalidTemplate) no\n");
    let done = desk.deploy(&ANSWERS);
    assert_eq!(done.status.code(), Some(1));
    assert!(words(&done).contains("(InvalidTemplate) no"), "{}", words(&done));
    assert_eq!(desk.made().len(), 2, "group and resources: {:#?}", desk.made());
}

#[test]
fn what_no_patience_helps_is_not_tried_again() {
    for words_of_azure in [
        "alert.bicep(3,7) : Error BCP057: The name \"x\" does not exist in the current context.\n",
        "ERROR: {\"code\": \"InvalidTemplate\", \"message\": \"no\"}\n",
        "ERROR: unrecognized arguments: --nope\n",
        "ERROR: Please run 'az login' to setup account.\n",
    ] {
        let desk = Desk::new();
        desk.put("fail-alert", "1000");
        desk.put("words", words_of_azure);
        let done = desk.deploy(&ANSWERS);
        assert_eq!(done.status.code(), Some(1), "{words_of_azure}");
        assert!(words(&done).contains(words_of_azure.trim_end()), "{}", words(&done));
        assert_eq!(desk.log().iter().filter(|line| line.contains("alert.bicep")).count(), 1);
    }
}

#[test]
fn what_fails_for_ten_minutes_is_told_as_azure_tells_it() {
    let desk = Desk::new();
    desk.put("fail-code", "1000");
    let done = desk.deploy(&ANSWERS);
    assert_eq!(done.status.code(), Some(1));
    assert!(words(&done).contains("much more about it"), "{}", words(&done));
    assert_eq!(desk.log().iter().filter(|line| line.contains("config-zip")).count(), 20);
    assert!(desk.log().iter().all(|line| !line.contains("alert.bicep")), "{:#?}", desk.log());
}

#[test]
fn whoever_may_not_assign_roles_gets_the_lines_and_goes_on_later() {
    let desk = Desk::new();
    let done = desk.deploy(&[&ANSWERS[..], &[("ROLES", "none"), ("RESOURCE_GROUP", "rg-1")]].concat());
    assert!(done.status.success(), "{}", words(&done));
    assert_eq!(String::from_utf8_lossy(&done.stdout).trim(), "az role assignment create --role x");
    assert_eq!(desk.made().len(), 2, "group and resources, neither code nor alert: {:#?}", desk.made());
    let last = words(&done).lines().last().unwrap().to_owned();
    assert!(words(&done).contains("`az role definition update` in its place"), "{}", words(&done));
    assert!(last.contains("RESOURCE_GROUP=rg-1 ROLES=none ") && last.ends_with("deploy.sh"), "{last}");
    // The same again, once the lines were run.
    desk.put("group", "westeurope\n");
    desk.put("apps", APP);
    desk.put("settings", "MODE=observe\n");
    desk.put("parameters", "earlier=Succeeded\nROLES=none\n");
    let done = desk.deploy(&[&ANSWERS[..], &[("RESOURCE_GROUP", "rg-1")]].concat());
    assert!(done.status.success(), "{}", words(&done));
    assert!(desk.made().iter().any(|line| line.contains("config-zip")), "{:#?}", desk.made());
    assert!(desk.made().iter().any(|line| line.contains("alert.bicep")), "{:#?}", desk.made());
}
