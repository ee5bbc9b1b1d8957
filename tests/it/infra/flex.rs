//! What a Flex Consumption plan refuses is not asked of it: one property too many, and the whole deployment fails.

use std::collections::BTreeSet;

use super::{bicep, read, same};

const APP: &str = "infra/modules/function-app.bicep";

/// What `siteConfig` may hold, with the reason. Whatever else is wanted has to be looked up first.
const SITE_CONFIG: [(&str, &str); 4] = [
    ("minTlsVersion", "taken; no older TLS for the action group and for people"),
    ("scmMinTlsVersion", "taken; the same for the deployment of the code"),
    ("http20Enabled", "taken"),
    ("appSettings", "taken, except those below"),
];

/// What the site itself may hold, with the reason.
const SITE: [(&str, &str); 7] = [
    ("serverFarmId", "the plan"),
    ("httpsOnly", "no plain HTTP"),
    ("clientAffinityEnabled", "no cookie"),
    ("publicNetworkAccess", "the action group calls from public addresses"),
    ("virtualNetworkSubnetId", "only when a subnet is given"),
    ("siteConfig", "the list above"),
    ("functionAppConfig", "what Flex Consumption has instead of the properties that it refuses"),
];

/// App settings that Flex Consumption refuses or overwrites: `functionAppConfig` says them (contract
/// functions-custom-handler, section 9.1).
const REFUSED_SETTINGS: [&str; 14] = [
    "ENABLE_ORYX_BUILD",
    "FUNCTIONS_EXTENSION_VERSION",
    "FUNCTIONS_MAX_HTTP_CONCURRENCY",
    "FUNCTIONS_WORKER_DYNAMIC_CONCURRENCY_ENABLED",
    "FUNCTIONS_WORKER_PROCESS_COUNT",
    "FUNCTIONS_WORKER_RUNTIME",
    "FUNCTIONS_WORKER_RUNTIME_VERSION",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "TZ",
    "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING",
    "WEBSITE_CONTENTSHARE",
    "WEBSITE_NODE_DEFAULT_VERSION",
    "WEBSITE_RUN_FROM_PACKAGE",
    "WEBSITE_TIME_ZONE",
];

fn names(list: &[(&str, &str)]) -> BTreeSet<String> {
    list.iter().map(|(name, _)| (*name).to_owned()).collect()
}

fn members(opening: &str) -> BTreeSet<String> {
    bicep::members(&read(APP), opening).into_iter().map(|(name, _)| name.to_owned()).collect()
}

/// The text of the site, without the resources inside it.
fn site() -> String {
    let app = read(APP);
    let site = app.split("resource site ").nth(1).unwrap();
    site.split("\n  resource ").next().unwrap().to_owned()
}

#[test]
fn the_site_is_asked_for_nothing_that_is_refused() {
    same((APP, &members("    siteConfig: {")), ("the list with reasons", &names(&SITE_CONFIG)));
    let site = site();
    let properties = bicep::members(&site, "  properties: {").into_iter().map(|(name, _)| name.to_owned());
    same((APP, &properties.collect()), ("the list with reasons", &names(&SITE)));
}

#[test]
fn no_setting_is_one_that_is_refused() {
    let set: BTreeSet<String> =
        ["var hostSettings = {", "var settings = {", "var workspaces = {", "var secrets = {"]
            .iter()
            .flat_map(|opening| members(opening))
            .collect();
    assert!(set.len() > 50, "{set:?}");
    for name in REFUSED_SETTINGS {
        assert!(!set.contains(name), "{APP}: {name}");
    }
    let of_the_platform = |name: &&String| name.starts_with("WEBSITE_") || name.starts_with("FUNCTIONS_");
    assert_eq!(set.iter().find(of_the_platform), None, "look up whether Flex Consumption takes it");
}

#[test]
fn there_is_no_ftp_to_be_switched_off() {
    assert!(!read(APP).to_lowercase().contains("'ftp'"), "{APP}: the plan has no FTP, nor a policy for it");
}

#[test]
fn an_empty_setting_is_not_set() {
    let app = read(APP);
    assert!(
        app.contains("items(all): empty(string(setting.value)) ? [] : [{"),
        "{APP}: empty values reach the host"
    );
    assert!(app.contains("appSettings: flatten(appSettings)"), "{APP}");
}

#[test]
fn what_a_person_chose_wins() {
    let app = read(APP);
    let order = app.lines().find_map(|line| line.strip_prefix("var all = union(")).unwrap();
    assert_eq!(order.trim_end_matches(')').rsplit(", ").next(), Some("chosen"), "{APP}: {order}");
}
