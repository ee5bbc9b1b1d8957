//! Every command that `doctor` prints, written to a file that the Azure command line's own parser reads
//! (`cargo xtask ci --only docs`).

use serde_json::json;

use super::name::{
    claim, delete_set, let_setting, look_at_cname, look_at_tags, machines, make_zone, renamed, unclaim,
    zone_named,
};
use super::*;
use crate::doctor::az::alert as of_alert;
use pure::domain::HostName;

const COMMANDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/az/doctor.txt");
const GROUP: &str = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-monitor";

fn id(kind: &str, name: &str) -> ResourceId {
    ResourceId::parse(&format!("{GROUP}/providers/{kind}/{name}")).unwrap()
}

/// Each command with all that it names known, and with nothing of it.
fn commands() -> Vec<String> {
    let zone = ZoneId::parse(id("Microsoft.Network/dnsZones", "example.com").as_str()).unwrap();
    let private =
        ZoneId::parse(id("Microsoft.Network/privateDnsZones", "corp.example.com").as_str()).unwrap();
    let drift = id("Microsoft.Insights/scheduledQueryRules", "heartbeat-dns-drift");
    let group = id("Microsoft.Insights/actionGroups", "heartbeat-dns-repair");
    let app = id("Microsoft.Web/sites", "app-dns");
    let dcr = id("Microsoft.Insights/dataCollectionRules", "dcr");
    let workspace_id = id("Microsoft.OperationalInsights/workspaces", "law");
    let identity = id("Microsoft.ManagedIdentity/userAssignedIdentities", "id-dns");
    let owner = "--assignee-object-id 00000000-0000-0000-0000-0000000000f2 --assignee-principal-type ServicePrincipal";
    let number = "00000000-0000-0000-0000-0000000000c1";
    let wanted = [("a_s".to_owned(), "string".to_owned()), ("b_t".to_owned(), "datetime".to_owned())];
    let tags = json!({ "team": "net" });
    let again = |is_known: bool| {
        Drift {
            rule: &drift,
            function_app: is_known.then_some("app-dns"),
            identity: is_known.then_some(identity.as_str()),
            location: is_known.then_some("westeurope"),
            workspaces: vec![is_known.then(|| workspace_id.as_str().to_owned())],
            frequency: is_known.then_some("PT5M"),
            timespan: "PT2H",
            owner: if is_known { "my id" } else { "" },
            tags: if is_known { &tags } else { &serde_json::Value::Null },
        }
        .deploy()
    };
    let mut commands = vec![
        assign("Reader", owner, &scope(number, None)),
        assign("Reader", owner, &scope(number, Some("rg (edge)"))),
        assign("Monitoring Metrics Publisher", owner, &rule(None, "dcr-1")),
        assign("Log Analytics Reader", owner, &workspace(None, number)),
        assign("Log Analytics Reader", owner, &workspace(Some(workspace_id.as_str()), number)),
        rules(),
        flows(dcr.as_str(), "[{\"name\":\"workspace\"}]", "[{\"streams\":[\"Custom-TagData\"]}]"),
        columns(None, number, "TagData_CL", &wanted),
        columns(Some(workspace_id.as_str()), number, "TagData_CL", &wanted),
        again(true),
        again(false),
        set(&drift, &["enabled=true"]),
        set(&drift, &["autoMitigate=false"]),
        set(&drift, &["overrideQueryTimeRange=PT2H"]),
        set(&drift, &["evaluationFrequency=PT5M", "windowSize=PT5M"]),
        remove(&drift, "muteActionsDuration"),
        first_row(&drift),
        of_alert::call_again(
            Some(&group),
            "function-remediate",
            Some(&app),
            "https://app-dns.azurewebsites.net/api/remediate",
        ),
        tell_the_key(),
        enable_group(&group),
        WORKSPACES.to_owned(),
        zones(ZoneKind::Public).to_owned(),
        zones(ZoneKind::Private).to_owned(),
        links(&private),
        KEYS.to_owned(),
        HOSTS.to_owned(),
        FUNCTION_TOKEN.to_owned(),
        name_servers(&zone),
        be_identity(None),
        be_identity(Some(number)),
        login(None),
        login(Some(number)),
        another_secret(number),
        believed(number),
        LOGOUT.to_owned(),
        RESTART.to_owned(),
        APPS.to_owned(),
        IDENTITIES.to_owned(),
        identity_of_app(&app),
        is_enabled(number),
    ];
    let machine = id("Microsoft.HybridCompute/machines", "nas-2");
    let host = HostName::parse("nas.home.example.com").unwrap();
    commands.extend([
        machines("DNSHostName"),
        look_at_tags(&machine),
        claim(&machine, "DNSHostName", host.as_str()),
        claim(
            &machine,
            "DNSHostName",
            &renamed(&["cam.home.example.com".to_owned()], host.as_str(), Some(host.as_str())),
        ),
        unclaim(&machine, "DNSHostName", &["bad_name!.example.com".to_owned()], "bad_name!.example.com")
            .unwrap(),
        unclaim(
            &machine,
            "DNSHostName",
            &["cam.example.com; nas.home.example.com".to_owned()],
            host.as_str(),
        )
        .unwrap(),
        look_at_cname(&zone, "nas.home"),
        delete_set(&zone, "CNAME", "nas.home"),
        delete_set(&zone, "AAAA", "@"),
        look_at_cname(&private, "nas.home"),
        delete_set(&private, "AAAA", "@"),
        zone_named(ZoneKind::Public, &host),
        zone_named(ZoneKind::Private, &host),
        make_zone(&zone),
        make_zone(&private),
        let_setting("POLICY_RECORD_TYPES", "A,AAAA"),
    ]);
    commands.extend(unlock(&zone, &[]));
    commands
        .extend(unlock(&zone, &[format!("{}/providers/Microsoft.Authorization/locks/keep", zone.as_str())]));
    commands
}

#[test]
fn the_file_of_commands_is_as_they_are() {
    let told: String = commands().iter().map(|command| format!("{command}\n")).collect();
    let written = std::fs::read_to_string(COMMANDS).unwrap_or_default();
    assert!(written == told, "tests/interop/az/doctor.txt has to be\n{told}");
}

/// A command that is made anywhere else, or by a function that the list leaves out, nobody reads.
#[test]
fn no_command_is_made_elsewhere_and_none_is_left_out() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/src/");
    let read = |file: &str| std::fs::read_to_string(format!("{root}{file}")).unwrap();
    let list = read("doctor/az/read_by_az.rs");
    for file in ["doctor/az.rs", "doctor/az/alert.rs", "doctor/az/name.rs"] {
        for line in read(file).lines() {
            let Some((_, rest)) = line.trim().strip_prefix("pub").and_then(|line| line.split_once("fn "))
            else {
                continue;
            };
            let name = rest.split('(').next().unwrap();
            // The script that deploys is no command of `az`.
            let is_called = list.contains(&format!("{name}(")) || name == "deploy";
            assert!(is_called, "{file}: {name} is not in the list");
        }
    }
    for folder in ["doctor", "doctor/alert", "doctor/rule", "cli/doctor", "cli/explain"] {
        for entry in std::fs::read_dir(format!("{root}{folder}")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() || path.ends_with("doctor/az.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let product = text.split("#[cfg(test)]").next().unwrap_or_default();
            assert!(!product.contains("\"az "), "{} makes a command", path.display());
        }
    }
}
