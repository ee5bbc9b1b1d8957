//! Every setting that the program reads is set by `infra`, and none is set that it does not read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use heartbeat_dns::config::{Settings, Variables};

use super::{bicep, read, same};

/// What the program reads and `infra` leaves alone, with the reason.
const LEFT_ALONE: [(&str, &str); 4] = [
    ("IDENTITY_ENDPOINT", "the platform sets it"),
    ("IDENTITY_HEADER", "the platform sets it, and changes it"),
    ("AZURE_CLIENT_SECRET", "the function has a managed identity, no secret"),
    ("AZURE_FEDERATED_TOKEN_FILE", "of workload identities, which are a cluster's"),
];

/// What the configuration reads besides the names that a person may write.
const UNWRITTEN: [(&str, &str); 3] = [
    ("FUNCTIONS_CUSTOMHANDLER_PORT", "the Functions host says where to listen"),
    ("ALL_PROXY", "refused in words, since it would be half obeyed"),
    ("PT2H", "a duration, not a name"),
];

/// What `infra` sets for the Functions host, with the reason.
const OF_THE_HOST: [(&str, &str); 7] = [
    ("AzureWebJobsStorage__blobServiceUri", "the timer's lease and the keys"),
    ("AzureWebJobsStorage__queueServiceUri", "the host asks for all three addresses"),
    ("AzureWebJobsStorage__tableServiceUri", "the host asks for all three addresses"),
    ("AzureWebJobsStorage__credential", "storage by identity, no key"),
    ("AzureWebJobsStorage__clientId", "by this identity"),
    ("APPLICATIONINSIGHTS_CONNECTION_STRING", "the host's telemetry"),
    ("APPLICATIONINSIGHTS_AUTHENTICATION_STRING", "by identity, no key"),
];

const APP: &str = "infra/modules/function-app.bicep";

fn names(list: &[(&str, &str)]) -> BTreeSet<String> {
    list.iter().map(|(name, _)| (*name).to_owned()).collect()
}

fn members(text: &str, opening: &str) -> BTreeSet<String> {
    bicep::members(text, opening).into_iter().map(|(name, _)| name.to_owned()).collect()
}

/// Literals that look like names of variables in the source of the configuration, without its tests.
fn read_by_the_program() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config.rs"));
    let mut found = BTreeSet::new();
    for file in files.iter().filter(|file| !file.ends_with("known.rs")) {
        let text = std::fs::read_to_string(file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let quoted = line.split('"').skip(1).step_by(2);
            found.extend(quoted.filter(|word| is_name(word)).map(str::to_owned));
        }
    }
    found
}

fn is_name(word: &str) -> bool {
    word.len() > 3
        && word.starts_with(|c: char| c.is_ascii_uppercase())
        && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
}

fn known() -> BTreeSet<String> {
    let text = read("src/config/known.rs");
    let list = text.split("const KNOWN").nth(1).and_then(|rest| rest.split("];").next()).unwrap();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// What `infra` sets for the program: with its default, from the deployment, or as a secret.
fn set_by_infra() -> BTreeSet<String> {
    let app = read(APP);
    let mut set = members(&app, "var settings = {");
    for more in ["var workspaces = {", "var secrets = {"] {
        set.extend(members(&app, more));
    }
    set
}

#[test]
fn the_known_names_are_those_that_are_read() {
    let read = read_by_the_program().difference(&names(&UNWRITTEN)).cloned().collect();
    same(("the source of src/config", &read), ("src/config/known.rs", &known()));
}

#[test]
fn infra_sets_what_the_program_reads_and_nothing_else() {
    let wanted: BTreeSet<String> = known().difference(&names(&LEFT_ALONE)).cloned().collect();
    same(("what the program reads", &wanted), (APP, &set_by_infra()));
}

#[test]
fn what_the_deployment_decides_is_a_setting() {
    let deployed = members(&read("infra/main.bicep"), "deployed: {");
    let unknown: Vec<_> = deployed.iter().filter(|name| !known().contains(*name)).collect();
    assert!(!deployed.is_empty() && unknown.is_empty(), "in infra/main.bicep, not read: {unknown:?}");
}

#[test]
fn the_host_gets_what_it_needs_and_nothing_else() {
    same(
        (APP, &members(&read(APP), "var hostSettings = {")),
        ("the list with reasons", &names(&OF_THE_HOST)),
    );
}

#[test]
fn a_default_of_infra_is_the_programs_default() {
    // Required, or decided by the deployment; where `infra` means something else, the value.
    let other = [
        ("MODE", "'observe'"),
        ("LOG_FORMAT", "'json'"),
        ("AZURE_TOKEN_CREDENTIALS", "'ManagedIdentityCredential'"),
    ];
    let readme = read("README.md");
    let app = read(APP);
    for (name, value) in bicep::members(&app, "var settings = {") {
        if value == "''" || value.contains("()") || value == "clientId" {
            continue;
        }
        if let Some((_, wanted)) = other.iter().find(|(other, _)| *other == name) {
            assert_eq!(value, *wanted, "{name}");
            continue;
        }
        let documented =
            readme.lines().filter(|line| line.starts_with('|') && line.contains(&format!("`{name}`")));
        let value = value.trim_matches('\'');
        assert!(
            documented.clone().any(|line| line.contains(&format!("`{value}`"))),
            "{name} is {value} in {APP}; the README says {:?}",
            documented.collect::<Vec<_>>()
        );
    }
}

/// What Bicep's functions give in the public cloud.
const IN_AZURE: [(&str, &str); 5] = [
    ("environment().name", "AzureCloud"),
    ("environment().authentication.loginEndpoint", "https://login.microsoftonline.com/"),
    ("environment().resourceManager", "https://management.azure.com/"),
    ("tenant().tenantId", "00000000-0000-0000-0000-0000000000aa"),
    ("clientId", "00000000-0000-0000-0000-0000000000c1"),
];

#[test]
fn what_is_deployed_is_accepted_as_it_stands() {
    let app = read(APP);
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in bicep::members(&app, "var settings = {") {
        let computed = IN_AZURE.iter().find(|(text, _)| *text == value).map(|(_, value)| *value);
        assert!(computed.is_some() || value.starts_with('\''), "{name}: what is {value}?");
        values.insert(name.to_owned(), computed.unwrap_or(value.trim_matches('\'')).to_owned());
    }
    let zone = crate::stage::zone_id("example.com");
    for (name, value) in [
        ("DNS_ZONES", zone.as_str()),
        ("LOGS_WORKSPACE_IDS", "00000000-0000-0000-0000-0000000000c1"),
        ("LOGS_INGESTION_ENDPOINT", "https://heartbeat-dns-abcd.westeurope-1.ingest.monitor.azure.com"),
        ("LOGS_DCR_RULE_ID", "dcr-00000000000000000000000000000001"),
        ("POLICY_NAMES", "*.home.example.com"),
        ("SUBSCRIPTIONS", "00000000-0000-0000-0000-000000000001"),
        (
            "ALERT_RULE_IDS",
            "/subscriptions/s/resourceGroups/g/providers/Microsoft.Insights/scheduledQueryRules/r",
        ),
        ("NOTIFY_URL", ""),
        ("PING_URL", ""),
        // As the platform sets them.
        ("IDENTITY_ENDPOINT", "http://127.0.0.1:42356/msi/token"),
        ("IDENTITY_HEADER", "x"),
    ] {
        values.insert(name.to_owned(), value.to_owned());
    }
    let settings = Settings::read(&values.into_iter().collect::<Variables>());
    let settings = settings.unwrap_or_else(|faults| panic!("{APP}: {faults}"));
    assert!(settings.warnings.is_empty(), "{:?}", settings.warnings);
}

/// The spans of `overrideQueryTimeRange` (contract azure-monitor, sections 7.1 and 7.3) that hold the hour of heartbeats.
const SPANS: &str = "@allowed(['PT1H', 'PT2H', 'PT3H', 'PT4H', 'PT5H', 'PT6H', 'P1D', 'P2D'])";

#[test]
fn the_documents_name_spans_that_a_rule_takes() {
    for file in ["README.md", "docs/operate.md", "infra/README.md", "infra/main.example.bicepparam"] {
        for span in read(file).split("QUERY_TIMESPAN=").skip(1) {
            let span: String = span.chars().take_while(char::is_ascii_alphanumeric).collect();
            assert!(span.is_empty() || SPANS.contains(&format!("'{span}'")), "{file}: QUERY_TIMESPAN={span}");
        }
    }
}

#[test]
fn parameters_of_the_deployment_have_the_programs_defaults() {
    let (main, alert, app) = (read("infra/main.bicep"), read("infra/alert.bicep"), read(APP));
    let settings = bicep::members(&app, "var settings = {");
    let setting =
        |name: &str| settings.iter().find(|(other, _)| *other == name).unwrap().1.trim_matches('\'');
    assert_eq!(bicep::default(&main, "queryTimespan"), setting("QUERY_TIMESPAN"));
    assert_eq!(bicep::default(&alert, "queryTimespan"), setting("QUERY_TIMESPAN"));
    for (file, text) in [
        ("infra/main.bicep", &main),
        ("infra/alert.bicep", &alert),
        ("infra/modules/drift-alert.bicep", &read("infra/modules/drift-alert.bicep")),
        ("infra/modules/health-alert.bicep", &read("infra/modules/health-alert.bicep")),
    ] {
        let before = text.split("param queryTimespan ").next().unwrap();
        assert_eq!(before.lines().last(), Some(SPANS), "{file}");
    }
    assert_eq!(bicep::default(&main, "collectorSchedule"), setting("COLLECTOR_SCHEDULE"));
    assert_eq!(bicep::default(&main, "snapshotEvery"), setting("SNAPSHOT_EVERY"));
    assert_eq!(bicep::default(&main, "mode"), "observe");
}
