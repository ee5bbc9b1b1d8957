//! Every setting that the program reads is set by `infra`, and none is set that it does not read.

use std::collections::{BTreeMap, BTreeSet};

use heartbeat_dns::config::{Infra, Setting, Settings, Variables, settings};

use super::{bicep, read, same};

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

/// The names of every setting that the program reads.
fn known() -> BTreeSet<String> {
    settings().iter().map(|setting| setting.name.to_owned()).collect()
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
fn infra_sets_what_the_program_reads_and_nothing_else() {
    let is_set = |setting: &&Setting| !matches!(setting.infra, Infra::Leaves(_));
    let wanted = settings().iter().filter(is_set).map(|setting| setting.name.to_owned()).collect();
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
fn a_default_of_infra_is_the_one_that_is_declared() {
    let app = read(APP);
    let (plain, secrets) =
        (bicep::members(&app, "var settings = {"), bicep::members(&app, "var secrets = {"));
    for setting in settings() {
        let of = |list: &[(&str, &str)]| {
            list.iter().find(|(name, _)| *name == setting.name).map(|(_, value)| (*value).to_owned())
        };
        let (found, wanted) = match setting.infra {
            Infra::Default => (of(&plain), Some(format!("'{}'", setting.default().unwrap_or_default()))),
            Infra::Sets(value) => (of(&plain), Some(value.to_owned())),
            Infra::Secret(value) => (of(&secrets), Some(value.to_owned())),
            Infra::Leaves(why) => {
                assert!(!why.is_empty(), "{} is left alone without a reason", setting.name);
                (of(&plain).or(of(&secrets)), None)
            }
        };
        assert_eq!(found, wanted, "{} in {APP}", setting.name);
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
    for file in [
        "README.md",
        "docs/operate.md",
        "docs/operator.md",
        "docs/reference/settings.md",
        "infra/README.md",
        "infra/main.example.bicepparam",
    ] {
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
