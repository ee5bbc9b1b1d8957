//! The deployment script, with an `az` that writes down what it is asked: the order, the parameters, the refusals.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What `az` prints and does here: it keeps its arguments, and answers the queries for the first stage's outputs.
const AZ: &str = "#!/bin/sh
echo \"$*\" >> \"$AZ_LOG\"
echo \"MODE=$MODE ZONES=$DNS_ZONE_IDS NAMES=$POLICY_NAMES\" >> \"$AZ_LOG.environment\"
case \"$*\" in
*outputs.functionAppName*) echo app-1 ;;
*outputs.identityId*) echo /id/1 ;;
*outputs.workspaceLocation*) echo westeurope ;;
*outputs.workspaceIds*) echo '[\"/ws/1\"]' ;;
*outputs.roleCommands*) echo 'az role assignment create --role x' ;;
esac
";

/// Fetches files only, and needs no network; the address is the last argument.
const CURL: &str = "#!/bin/sh
while [ $# -gt 1 ]; do
    [ \"$1\" = --output ] && out=$2
    shift
done
cp \"${1#file://}\" \"$out\"
";

struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("az", AZ), ("curl", CURL)] {
            let program = folder.path().join(name);
            std::fs::write(&program, text).unwrap();
            #[cfg(unix)]
            std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        }
        Self { folder }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, more: &[(&str, &str)]) -> Output {
        let path = format!("{}:{}", self.folder.path().display(), std::env::var("PATH").unwrap());
        Command::new("sh")
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("infra/deploy.sh"))
            .env_clear()
            .env("PATH", path)
            .env("AZ_LOG", self.file("log"))
            .envs(more.iter().copied())
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap()
    }

    fn log(&self) -> Vec<String> {
        let text = std::fs::read_to_string(self.file("log")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }
}

const ANSWERS: [(&str, &str); 2] = [("DNS_ZONE_IDS", "/zone/1"), ("POLICY_NAMES", "*.home.example.com")];

#[test]
fn resources_come_before_the_code_and_the_alert_after_it() {
    let desk = Desk::new();
    let zip = desk.file("a.zip");
    std::fs::write(&zip, "zip").unwrap();
    let zip = zip.to_str().unwrap().to_owned();
    let done = desk.run(&[&ANSWERS[..], &[("RELEASE_ZIP", &zip)]].concat());
    let words = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{words}");
    let log = desk.log();
    let place = |what: &str| {
        log.iter().position(|line| line.contains(what)).unwrap_or_else(|| panic!("{what}: {log:#?}"))
    };
    let group = place("group create --name rg-heartbeat-dns");
    let main = place("--parameters infra/main.bicepparam");
    let code = place(&format!(
        "functionapp deployment source config-zip --resource-group rg-heartbeat-dns --name app-1 --src {zip}"
    ));
    let alert = place("--template-file infra/alert.bicep");
    assert!(group < main && main < code && code < alert, "{log:#?}");
    for parameter in
        ["functionAppName=app-1", "identityId=/id/1", "location=westeurope", "workspaceIds=[\"/ws/1\"]"]
    {
        assert!(log[alert].contains(parameter), "{parameter}: {}", log[alert]);
    }
    assert!(words.contains("MODE=apply"), "the last words say how to switch it on: {words}");
    let environment = std::fs::read_to_string(desk.file("log.environment")).unwrap();
    assert!(environment.starts_with("MODE=observe ZONES=/zone/1 NAMES=*.home.example.com"), "{environment}");
}

#[test]
fn a_question_that_nobody_can_answer_ends_it_before_anything_is_made() {
    let desk = Desk::new();
    let done = desk.run(&[("DNS_ZONE_IDS", "/zone/1")]);
    assert_eq!(done.status.code(), Some(2));
    let words = String::from_utf8_lossy(&done.stderr);
    assert!(words.contains("POLICY_NAMES is not set"), "{words}");
    assert_eq!(desk.log(), Vec::<String>::new());
}

#[test]
fn a_zip_that_is_not_the_release_is_not_deployed() {
    let desk = Desk::new();
    let pin = super::read("infra/release/pin.env");
    let version = pin.lines().find_map(|line| line.strip_prefix("VERSION=")).unwrap();
    let release = desk.file(&format!("v{version}"));
    std::fs::create_dir(&release).unwrap();
    std::fs::write(release.join(format!("heartbeat-dns-{version}-linux-x86_64.zip")), "something else")
        .unwrap();
    let releases = format!("file://{}", desk.folder.path().display());
    // Where the script puts it is in the repository's own dist folder, which git ignores.
    let done = desk.run(&[&ANSWERS[..], &[("RELEASES", &releases)]].concat());
    let words = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(1), "{words}");
    assert!(words.contains("it is not what was released, and is not deployed"), "{words}");
    assert!(desk.log().iter().all(|line| !line.contains("config-zip")), "{:#?}", desk.log());
}

#[test]
fn whoever_may_not_assign_roles_gets_the_lines() {
    let desk = Desk::new();
    let zip = desk.file("a.zip");
    std::fs::write(&zip, "zip").unwrap();
    let more = [("RELEASE_ZIP", zip.to_str().unwrap()), ("ROLES", "none"), ("ALERT_RULE", "false")];
    let done = desk.run(&[&ANSWERS[..], &more].concat());
    assert!(done.status.success());
    assert_eq!(String::from_utf8_lossy(&done.stdout).trim(), "az role assignment create --role x");
    assert!(desk.log().iter().all(|line| !line.contains("alert.bicep")), "{:#?}", desk.log());
}
