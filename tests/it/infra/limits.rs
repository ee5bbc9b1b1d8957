//! What Azure refuses, or takes and then does not do, is not asked of it; the compiler is silent on all of it.

use super::{bicep, read};

const MAIN: &str = "infra/main.bicep";

/// The decorators of a parameter and its line.
fn parameter<'a>(text: &'a str, name: &str) -> (Vec<&'a str>, &'a str) {
    let lines: Vec<&str> = text.lines().collect();
    let place = lines.iter().position(|line| line.starts_with(&format!("param {name} "))).unwrap();
    let decorators = lines[..place].iter().rev().take_while(|line| line.starts_with('@'));
    (decorators.copied().collect(), lines[place])
}

#[test]
fn a_rule_of_kind_direct_has_30_characters_at_most() {
    // The first part, a hyphen, and the 13 characters of `uniqueString`.
    for file in [MAIN, "infra/alert.bicep"] {
        assert!(parameter(&read(file), "name").0.contains(&"@maxLength(16)"), "{file}");
    }
    assert_eq!(16 + 1 + 13, 30);
    let main = read(MAIN);
    let ingestion = main.split("'modules/ingestion.bicep'").nth(1).unwrap();
    assert!(ingestion.trim_start().contains("    name: resourceName\n"), "{MAIN}");
}

/// Name and scope of each deployment of `main.bicep` that lies elsewhere.
fn elsewhere(main: &str) -> Vec<(&str, &str)> {
    let modules = main.split("\nmodule ").skip(1);
    let member = |text: &'static str| move |line: &&str| line.trim_start().starts_with(text);
    modules
        .filter_map(|module| {
            let head: Vec<&str> =
                module.lines().take_while(|line| !line.trim_start().starts_with("params:")).collect();
            let scope = head.iter().find(|line| member("scope: ")(line))?;
            let name = head.iter().find(|line| member("name: ")(line)).unwrap();
            Some((name.trim(), scope.trim()))
        })
        .collect()
}

#[test]
fn a_deployment_elsewhere_knows_whose_it_is_and_one_at_a_subscription_its_region() {
    let main = read(MAIN);
    assert!(main.contains("\nvar here = uniqueString(resourceGroup().id)\n"));
    let deployments = elsewhere(&main);
    assert_eq!(deployments.len(), 9, "{deployments:#?}");
    for (name, scope) in deployments {
        let ours = name.ends_with("-${here}'") || name.contains("${uniqueString(id, resourceGroup().id");
        assert!(ours, "two installations may deploy at once: {name}");
        let of_a_subscription = scope.contains("subscription(");
        assert_eq!(
            name.contains("resourceGroup().location"),
            of_a_subscription,
            "a region never changes: {name}"
        );
    }
    // A deployment at a management group is named by the script, after the app and the region.
    assert!(read("infra/stages.sh").contains("named=$1-$2\n"));
}

#[test]
fn the_lines_for_owners_assign_under_the_names_of_the_template() {
    let lines = read("infra/modules/role-commands.bicep");
    for (module, scope, given, role) in [
        ("ingestion", "rule.id", "dataCollectionRuleId", "publisher"),
        ("app-insights", "component.id", "insightsId", "publisher"),
        ("storage", "storage.id", "storageId", "blobDataOwner"),
    ] {
        let text = read(&format!("infra/modules/{module}.bicep"));
        assert!(text.contains(&format!("  name: guid({scope}, principalId, {role})\n")), "{module}");
        assert!(
            lines.contains(&format!("    name: guid({given}, principalId, {role})\n")),
            "role-commands: {given}"
        );
        assert!(
            text.contains(&format!("output id string = {scope}\n")),
            "{module}: what it gives out is what it names"
        );
        let id = |text: &str| {
            text.lines().find_map(|line| line.strip_prefix(&format!("var {role} = "))).unwrap().to_owned()
        };
        assert_eq!(id(&text), id(&lines), "{module}");
    }
    assert!(lines.contains("'az role assignment create --name ${assignment.name} "));
    // Roles that the owners define themselves are others than the template's, and so are their assignments.
    for name in ["machinesName", "recordsName", "twinsName", "privateRecordsName", "logsName"] {
        assert!(
            lines.contains(
                &format!("    name: guid(scope, principalId, {name})\n").replace("    name", "  name")
            ),
            "{name}"
        );
    }
}

#[test]
fn a_value_of_a_setting_is_text() {
    let app = read("infra/modules/function-app.bicep");
    let line = app.lines().find(|line| line.starts_with("var appSettings = ")).unwrap();
    assert_eq!(
        line.matches("string(setting.value)").count(),
        line.matches("setting.value").count(),
        "{line}"
    );
    for setting in ["OWNER_ID", "LOGS_DCR_RULE_ID"] {
        assert!(read(MAIN).contains(&format!(" = string(settings.?{setting} ?? '')\n")), "{setting}");
    }
}

#[test]
fn a_network_takes_each_private_zone_once_and_ours_hide_nothing() {
    let link = read("infra/modules/private-link.bicep");
    assert_eq!(
        link.matches("Microsoft.Insights/privateLinkScopes").count(),
        link.matches("@2021-09-01'").count(),
        "no preview"
    );
    let properties = bicep::members(link.split("resource links ").nth(1).unwrap(), "  properties: {");
    assert!(properties.contains(&("resolutionPolicy", "'NxDomainRedirect'")), "{properties:?}");
    for resource in ["resource zones ", "resource links "] {
        let line = link.lines().find(|line| line.starts_with(resource)).unwrap();
        assert!(line.contains(" in ownPurposes: {"), "only what the network has not: {line}");
    }
    // The two lists are one: what a zone is for is the second label of its name.
    let names = bicep::members(&link, "var zoneNames = {");
    let purposes = link.lines().find_map(|line| line.strip_prefix("var purposes = ")).unwrap();
    let said: Vec<String> = names.iter().map(|(purpose, _)| format!("'{purpose}'")).collect();
    assert_eq!(purposes, format!("[{}]", said.join(", ")));
    for (purpose, name) in names {
        assert_eq!(name.trim_matches('\'').split('.').nth(1), Some(purpose), "{name}");
    }
}

#[test]
fn machines_behind_a_private_link_find_their_configuration() {
    let module = read("infra/modules/heartbeat-association.bicep");
    assert!(
        module.contains(
            "= if (!empty(endpointId)) {\n  name: 'configurationAccessEndpoint'\n  scope: machine\n"
        )
    );
    assert!(module.contains("    dataCollectionEndpointId: endpointId\n"));
    assert!(module.contains("  name: 'heartbeat-dns-${installation}'\n"), "another installation has another");
    let main = read(MAIN);
    let given = bicep::members(main.split("module heartbeatAssociations ").nth(1).unwrap(), "    params: {");
    assert!(
        given.contains(&("endpointId", "endpointId")) && given.contains(&("installation", "suffix")),
        "{given:?}"
    );
}

#[test]
fn what_cannot_work_is_refused_by_the_template_too() {
    let main = read(MAIN);
    for line in [
        "var isCutOff = !empty(privateLinkSubnetId) && privateLinkAccessMode == 'PrivateOnly' && empty(functionSubnetId)",
        "var isTooOften = alertRule && alertEvery == 'PT1M' && !empty(otherWorkspaceIds)",
        "var isWithoutZone = empty(zoneIds) && empty(privateZoneIds)",
        "var isWithoutPrefixes = !empty(privateZoneIds) && empty(string(settings.?POLICY_PRIVATE_PREFIXES ?? ''))",
    ] {
        assert!(main.lines().any(|found| found == line), "{line}");
    }
    let name = main.lines().find(|line| line.starts_with("var resourceName = ")).unwrap();
    for refused in ["isCutOff", "isTooOften", "isWithoutZone", "isWithoutPrefixes"] {
        assert!(name.contains(&format!("{refused} ? fail('")), "{refused}: {name}");
    }
    assert!(!main.contains("${name}-${suffix}"), "nothing is named past the refusals");
    let zones = main.lines().find(|line| line.starts_with("var checkedZoneIds = ")).unwrap();
    assert!(zones.contains("? '' : fail('zoneIds (DNS_ZONE_IDS) holds ${id}, which is not"), "{zones}");
    let zones = main.lines().find(|line| line.starts_with("var checkedPrivateZoneIds = ")).unwrap();
    assert!(zones.contains("fail('privateZoneIds (PRIVATE_ZONE_IDS) holds ${id}, which is not"), "{zones}");
    assert!(zones.contains("'.privatelink.') ? fail('"), "{zones}");
    // What is named twice is one, wherever a list makes deployments.
    for list in [
        "zoneIds",
        "privateZoneIds",
        "otherWorkspaceIds",
        "machineResourceGroupIds",
        "heartbeatMachineIds",
        "machineSubscriptionIds",
    ] {
        assert!(
            !main.contains(&format!("for id in {list}: if"))
                && !main.contains(&format!("for id in {list}: {{")),
            "{list}"
        );
    }
}

#[test]
fn the_alert_rule_asks_as_often_as_was_said() {
    let (main, alert) = (read(MAIN), read("infra/alert.bicep"));
    assert_eq!(bicep::default(&main, "alertEvery"), bicep::default(&alert, "frequency"));
    assert!(main.contains("output deployedAlertEvery string = alertEvery\n"));
    let allowed = |text: &str, name: &str| {
        parameter(text, name).0.iter().find(|line| line.starts_with("@allowed")).map(ToString::to_string)
    };
    assert_eq!(allowed(&main, "alertEvery"), allowed(&alert, "frequency"));
}

#[test]
fn the_compiler_takes_snapshots_of_nine_sets_of_parameters() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("infra/checks/parameters");
    let sets = |folder: &std::path::Path| {
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        files.filter(|file| file.extension().is_some_and(|end| end == "bicepparam")).collect::<Vec<_>>()
    };
    assert_eq!(sets(&folder).len(), 9);
    // Each gives parameters that there are, and all that have no default.
    for file in sets(&folder).into_iter().chain(sets(&folder.join("refused"))) {
        let text = std::fs::read_to_string(&file).unwrap();
        let template = bicep::references(&text)[0];
        let template = std::fs::read_to_string(file.parent().unwrap().join(template)).unwrap();
        let declared = |text: &str| -> Vec<(String, bool)> {
            let lines = text.lines().filter_map(|line| line.strip_prefix("param "));
            lines.map(|line| (line.split(' ').next().unwrap().to_owned(), line.contains(" = "))).collect()
        };
        let taken = declared(&template);
        let given: Vec<String> = declared(&text).into_iter().map(|(name, _)| name).collect();
        for name in &given {
            assert!(taken.iter().any(|(taken, _)| taken == name), "{}: {name}", file.display());
        }
        for (name, has_default) in taken {
            assert!(has_default || given.contains(&name), "{}: no {name}", file.display());
        }
    }
}
