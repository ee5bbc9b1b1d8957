//! The files that start `watch` (manifest, unit, compose file, settings) say what the program takes. `infra/checks/watch.py` holds them
//! to the tools that read them.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use clap::Parser;
use heartbeat_dns::cli::{Cli, Command};
use heartbeat_dns::config::{Credential, Mode, Settings, Variables, parse_duration, settings};

use super::read;

const MANIFEST: &str = "infra/kubernetes/heartbeat-dns.yaml";
const UNIT: &str = "infra/systemd/heartbeat-dns.service";
const COMPOSE: &str = "infra/compose/compose.yaml";
const ENVIRONMENT: &str = "infra/heartbeat-dns.env.example";

/// What the webhook of Azure Workload Identity adds to a pod.
const OF_THE_WEBHOOK: [(&str, &str); 4] = [
    ("AZURE_CLIENT_ID", "00000000-0000-0000-0000-0000000000c1"),
    ("AZURE_TENANT_ID", "00000000-0000-0000-0000-0000000000aa"),
    ("AZURE_FEDERATED_TOKEN_FILE", "/var/run/secrets/azure/tokens/azure-identity-token"),
    ("AZURE_AUTHORITY_HOST", "https://login.microsoftonline.com/"),
];

/// What follows a key in a file, wherever it stands there.
fn after(file: &str, key: &str) -> String {
    let text = read(file);
    let mut found = text.lines().filter_map(|line| line.trim_start().strip_prefix(key));
    let value = found.next().unwrap_or_else(|| panic!("{file} has no line {key}"));
    assert_eq!(found.next(), None, "{file} has two lines {key}");
    value.trim().to_owned()
}

/// The settings of the manifest: `NAME: "value"` lines.
fn config_map() -> Vec<(String, String)> {
    let text = read(MANIFEST);
    let data = text.split_once("\ndata:\n").unwrap().1.split("\n---\n").next().unwrap();
    let lines = data.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
            (name.to_owned(), value.unwrap_or_else(|| panic!("{line} has no quotes")).to_owned())
        })
        .collect()
}

/// Settings without a fault, a warning or a variable that the program does not read.
fn accepted(file: &str, variables: &Variables) -> Settings {
    let known: BTreeSet<&str> = settings().iter().map(|setting| setting.name).collect();
    let unknown: Vec<_> = variables.names().filter(|name| !known.contains(name)).collect();
    assert!(unknown.is_empty(), "{file} has what nobody reads: {unknown:?}");
    let settings = Settings::read(variables).unwrap_or_else(|faults| panic!("{file}: {faults}"));
    assert!(settings.warnings.is_empty(), "{file}: {:?}", settings.warnings);
    settings
}

/// Nothing is written before a person wants it, and the rounds repair once it is.
fn careful(file: &str, settings: &Settings) {
    assert_eq!(settings.run.mode, Mode::Observe, "{file}");
    assert!(settings.run.on_timer, "{file}");
}

#[test]
fn the_pods_settings_are_accepted_with_what_the_webhook_adds() {
    let own = config_map();
    for (name, _) in OF_THE_WEBHOOK {
        assert!(own.iter().all(|(other, _)| other != name), "{name} is the webhook's to set");
    }
    let added = OF_THE_WEBHOOK.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let settings = accepted(MANIFEST, &own.into_iter().chain(added).collect());
    careful(MANIFEST, &settings);
    let Credential::WorkloadIdentity { token_file, .. } = settings.connect.credential else {
        panic!("{:?}", settings.connect.credential);
    };
    assert_eq!(token_file, OF_THE_WEBHOOK[2].1);
}

#[test]
fn the_example_of_an_environment_file_is_accepted() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(ENVIRONMENT);
    let settings = accepted(ENVIRONMENT, &Variables::env_file(&file).unwrap());
    careful(ENVIRONMENT, &settings);
    assert!(matches!(settings.connect.credential, Credential::ClientSecret { .. }));
    // systemd, Compose and we agree on these lines alone: no quotes, nothing that is expanded, no comment behind a value.
    for line in read(ENVIRONMENT).lines().filter(|line| !line.starts_with('#')) {
        assert!(!line.contains(['"', '\'', '$', '#', '\\']), "{line}");
    }
}

#[test]
fn each_file_starts_watch() {
    let list = |text: &str| serde_json::from_str::<Vec<String>>(text).unwrap();
    let unit = after(UNIT, "ExecStart=");
    let (program, arguments) = unit.split_once(' ').unwrap();
    assert!(Path::new(program).is_absolute() && program.ends_with("/heartbeat-dns"), "{program}");
    for (file, arguments) in [
        (MANIFEST, list(&after(MANIFEST, "args:"))),
        (COMPOSE, list(&after(COMPOSE, "command:"))),
        ("Containerfile", list(&after("Containerfile", "CMD "))),
        (UNIT, arguments.split(' ').map(str::to_owned).collect()),
    ] {
        let line = ["heartbeat-dns".to_owned()].into_iter().chain(arguments);
        let cli = Cli::try_parse_from(line).unwrap_or_else(|error| panic!("{file}: {error}"));
        let Some(Command::Watch(options)) = cli.command else { panic!("{file} starts {cli:?}") };
        // In a container loopback is reached by nobody; on a machine nobody else shall reach it.
        let host = if file == UNIT { "127.0.0.1" } else { "0.0.0.0" };
        assert!(format!("{options:?}").contains(&format!("{host}:9464")), "{file}: {options:?}");
    }
    assert_eq!(after(MANIFEST, "containerPort:"), "9464");
    assert_eq!(list(&after(COMPOSE, "ports:")), ["127.0.0.1:9464:9464"]);
}

/// What `watch` still does once a run is over: it sends its notices (5 s) and ends its pages (5 s).
const AFTERWARDS: Duration = Duration::from_secs(10);

#[test]
fn a_run_that_has_begun_may_end() {
    let default = settings().iter().find(|setting| setting.name == "RUN_DEADLINE").unwrap().default();
    let deadline = parse_duration(default.unwrap()).unwrap();
    for (file, key) in [
        (MANIFEST, "terminationGracePeriodSeconds:"),
        (UNIT, "TimeoutStopSec="),
        (COMPOSE, "stop_grace_period:"),
    ] {
        let seconds: u64 = after(file, key).trim_end_matches('s').parse().unwrap();
        assert!(Duration::from_secs(seconds) > deadline + AFTERWARDS, "{file}: {seconds} s");
    }
}

#[test]
fn a_faulty_configuration_is_not_started_again_by_systemd() {
    let code = heartbeat_dns::cli::failure::Exit::Usage as u8;
    assert_eq!(after(UNIT, "RestartPreventExitStatus="), code.to_string());
}

#[test]
fn what_workload_identity_needs_is_in_the_manifest() {
    let account = after(MANIFEST, "serviceAccountName:");
    let text = read(MANIFEST);
    let head = text.split("\n---\n").next().unwrap();
    assert!(
        head.contains("kind: ServiceAccount\n") && head.contains(&format!("  name: {account}\n")),
        "{head}"
    );
    assert!(head.contains("\n    azure.workload.identity/client-id: "), "{head}");
    assert_eq!(after(MANIFEST, "azure.workload.identity/use:"), "\"true\"");
}

#[test]
fn the_files_are_in_the_documents() {
    let (watch, list) = (read("docs/watch.md"), read("infra/README.md"));
    for file in [MANIFEST, UNIT, COMPOSE, ENVIRONMENT, "infra/grafana/heartbeat-dns.json"] {
        assert!(watch.contains(&format!("](../{file})")), "docs/watch.md does not lead to {file}");
        let own = file.strip_prefix("infra/").unwrap();
        let shown = own.split_once('/').map_or(own.to_owned(), |(folder, _)| format!("{folder}/"));
        assert!(list.contains(&format!("`{shown}`")), "infra/README.md does not list {shown}");
    }
}
