//! A second run asks nothing again and changes nothing that nobody mentions.

use super::{ANSWERS, APP, Desk, WORKSPACE, ZONE, words};

fn parameters() -> String {
    format!(
        "earlier=Succeeded\nDNS_ZONE_IDS={ZONE}\nPOLICY_NAMES=*.old.example.com\nWORKSPACE_ID={WORKSPACE}\nMODE=observe\n\
         ROLES=builtin\nALERT_RULE=false\nRETENTION_IN_DAYS=90\nTAGS={{\"cost\":\"home\"}}\nOTHER_WORKSPACE_IDS=\n"
    )
}

fn settings() -> String {
    format!(
        "DNS_ZONES={ZONE}\nPOLICY_NAMES=*.home.example.com\nMODE=apply\nSNAPSHOT_EVERY=30m\nNOTIFY_URL=https://hooks.example.com/a=b&c\n\
         POLICY_TTL=120\nPOLICY_ADOPT=seen\nHTTPS_PROXY=http://proxy.example.com:3128\nHOSTNAME_TAG=a \"b\" \\c\n\
         LOGS_DCR_RULE_ID=dcr-1\nAzureWebJobsStorage__credential=managedidentity\n"
    )
}

#[test]
fn nothing_is_asked_again_and_nothing_is_switched_off() {
    let desk = Desk::with_earlier(&parameters(), &settings());
    let done = desk.deploy(&[]);
    let words = words(&done);
    assert!(done.status.success(), "{words}");
    for (name, value) in [
        ("DNS_ZONE_IDS", ZONE),
        ("WORKSPACE_ID", WORKSPACE),
        ("MODE", "apply"),
        ("ROLES", "builtin"),
        ("ALERT_RULE", "false"),
        ("RETENTION_IN_DAYS", "90"),
        ("TAGS", "{\"cost\":\"home\"}"),
        ("NOTIFY_URL", "https://hooks.example.com/a=b&c"),
        // Changed in the portal since the last deployment, which said *.old.example.com.
        ("POLICY_NAMES", "*.home.example.com"),
        (
            "HEARTBEAT_DNS_SETTINGS",
            "{\"HOSTNAME_TAG\":\"a \\\"b\\\" \\\\c\",\"POLICY_TTL\":\"120\",\"HTTPS_PROXY\":\"http://proxy.example.com:3128\"}",
        ),
    ] {
        assert_eq!(desk.last(name).as_deref(), Some(value), "{name}");
    }
    assert_eq!(desk.last("OTHER_WORKSPACE_IDS"), None, "empty is not a value");
    assert!(desk.log().iter().any(|line| {
        line.contains(&format!("appsettings list --resource-group rg-heartbeat-dns --name {APP} "))
    }));
    assert!(desk.made().iter().all(|line| !line.starts_with("group create")), "{:#?}", desk.made());
    assert!(words.contains("MODE is apply") && words.contains("POLICY_TTL"), "{words}");
    assert!(!words.contains("hooks.example.com") && !words.contains("proxy.example.com"), "secrets: {words}");
}

#[test]
fn what_is_given_wins_and_what_is_given_empty_is_the_default() {
    let desk = Desk::with_earlier(&parameters(), &settings());
    let given = [
        ("MODE", "observe"),
        ("POLICY_TTL", ""),
        ("NOTIFY_URL", ""),
        ("POLICY_ADOPT", "never"),
        ("WORKSPACE_ID", ""),
    ];
    assert!(desk.deploy(&given).status.success());
    assert_eq!(desk.last("MODE").as_deref(), Some("observe"));
    assert_eq!(desk.last("NOTIFY_URL"), None);
    assert_eq!(desk.last("WORKSPACE_ID").as_deref(), Some("new"));
    let settings = desk.last("HEARTBEAT_DNS_SETTINGS").unwrap();
    assert!(
        settings.contains("\"POLICY_ADOPT\":\"never\"") && !settings.contains("POLICY_TTL"),
        "{settings}"
    );
}

#[test]
fn a_proxy_of_the_persons_own_machine_is_not_deployed() {
    let desk = Desk::new();
    assert!(desk.deploy(&[&ANSWERS[..], &[("HTTPS_PROXY", "http://127.0.0.1:1")]].concat()).status.success());
    assert_eq!(desk.last("HEARTBEAT_DNS_SETTINGS").as_deref(), Some("{}"));
}

#[test]
fn a_group_that_is_elsewhere_is_taken_where_it_is() {
    let desk = Desk::with_earlier("earlier=Failed\n", "MODE=observe\n");
    let done = desk.deploy(&[&ANSWERS[..], &[("LOCATION", "West Europe")]].concat());
    assert_eq!(done.status.code(), Some(2));
    assert!(words(&done).contains("is in northeurope already"), "{}", words(&done));
    assert_eq!(desk.made(), Vec::<String>::new());
    assert!(desk.deploy(&[&ANSWERS[..], &[("LOCATION", "North Europe")]].concat()).status.success());
}

#[test]
fn an_answer_of_azure_that_does_not_come_is_no_first_run() {
    let desk = Desk::with_earlier(&parameters(), &settings());
    for missing in ["settings", "apps"] {
        std::fs::remove_file(desk.file(missing)).unwrap();
        let az = desk
            .text("az")
            .replace("exit 0\n", "")
            .replace(&format!("cat \"$DESK/{missing}\" ;;"), "exit 1 ;;");
        desk.put("az", &az);
        let done = desk.deploy(&ANSWERS);
        assert!(!done.status.success(), "without {missing}: {}", words(&done));
        assert_eq!(desk.made(), Vec::<String>::new(), "without {missing}");
    }
}

#[test]
fn a_second_installation_has_a_name_of_its_own() {
    let desk = Desk::with_earlier(&parameters(), &settings());
    let done = desk.deploy(
        &[
            &ANSWERS[..],
            &[
                ("HEARTBEAT_DNS_NAME", "heartbeat-dns-2"),
                ("ALERT_RULE", "true"),
                ("RESOURCE_GROUP", "rg-(two)"),
            ],
        ]
        .concat(),
    );
    assert!(done.status.success(), "{}", words(&done));
    let log = desk.log();
    let asked = "appsettings list --resource-group rg-(two) --name heartbeat-dns-2-abcdefghijklm ";
    assert!(log.iter().any(|line| line.contains(asked)), "{log:#?}");
    assert!(log.iter().any(|line| line.contains("--name heartbeat-dns-2 --parameters")), "{log:#?}");
    assert!(log.iter().any(|line| line.contains("--name heartbeat-dns-2-alert")), "{log:#?}");
    let done = desk.deploy(&[&ANSWERS[..], &[("RESOURCE_GROUP", "rg-(two)"), ("MODE", "observe")]].concat());
    let last = words(&done).lines().last().unwrap().to_owned();
    assert!(last.contains("RESOURCE_GROUP='rg-(two)' ") && last.contains(" MODE=apply "), "{last}");
}

#[test]
fn parameters_may_stand_in_a_file() {
    let desk = Desk::new();
    desk.put("my.bicepparam", "using 'main.bicep'\nparam mode = 'observe'\n");
    let file = [("PARAMETERS", "my.bicepparam")];
    let done = desk.deploy(&file);
    assert!(done.status.success(), "nothing is asked: {}", words(&done));
    let made = desk.made();
    assert!(made[1].contains(&format!("--parameters {}", desk.file("my.bicepparam").display())), "{made:#?}");
    assert!(words(&done).contains("param mode = 'apply' in my.bicepparam"), "{}", words(&done));
    let missing = desk.deploy(&[("PARAMETERS", "other.bicepparam")]);
    assert!(words(&missing).contains("there is no file"), "{}", words(&missing));
}

#[test]
fn a_file_that_says_no_mode_switches_nobody_off() {
    let desk = Desk::with_earlier(&parameters(), &settings());
    desk.put("my.bicepparam", "using 'main.bicep'\n");
    let done = desk.deploy(&[("PARAMETERS", "my.bicepparam")]);
    assert_eq!(done.status.code(), Some(2), "{}", words(&done));
    assert!(words(&done).contains("add param mode"), "{}", words(&done));
    assert_eq!(desk.made(), Vec::<String>::new());
}
