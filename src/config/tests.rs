//! What is read, what is refused, and in which words.

mod arrive;
#[cfg(feature = "local")]
mod clock;
mod identity;
mod policy_file;
mod private;

use super::*;
use pure::plan::{Adopt, Grant, Scope, Terms};

const ZONE: &str = "/subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com";
const REQUIRED: [(&str, &str); 5] = [
    ("DNS_ZONES", ZONE),
    ("LOGS_WORKSPACE_IDS", "00000000-0000-0000-0000-000000000002"),
    ("LOGS_INGESTION_ENDPOINT", "https://rule.westeurope-1.ingest.monitor.azure.com"),
    ("LOGS_DCR_RULE_ID", "dcr-00000000000000000000000000000001"),
    ("POLICY_NAMES", "home.example.com, *.dyn.example.com"),
];

/// What a function app with an identity sets.
const HOST: [(&str, &str); 2] =
    [("FUNCTIONS_CUSTOMHANDLER_PORT", "1"), ("IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token")];

fn with(more: &[(&str, &str)]) -> Variables {
    REQUIRED.iter().chain(more).copied().collect()
}

fn faults(more: &[(&str, &str)]) -> Vec<String> {
    match Settings::read(&with(more)) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.0.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_defaults_are_those_of_the_documentation() {
    let settings = Settings::read(&with(&[])).unwrap();
    assert_eq!(settings.run.mode, Mode::Apply);
    assert!(settings.run.on_alert && settings.run.on_timer);
    assert_eq!(settings.run.owner_id, "dcr-00000000000000000000000000000001");
    assert_eq!(settings.run.deadline.as_secs(), 240);
    assert_eq!(settings.run.query_timespan.as_secs(), 7200);
    assert_eq!(settings.reply.within.as_secs(), 8);
    assert_eq!(settings.collect.snapshot_every.as_secs(), 1800);
    assert_eq!(settings.collect.tag, "DNSHostName");
    assert_eq!(settings.connect.quota_share, Some(0.8));
    assert_eq!(settings.connect.credential, Credential::DeveloperTools);
    let terms = &settings.policy.grants.iter().next().unwrap().terms;
    assert_eq!((terms.adopt, terms.ttl, settings.policy.min_beats), (Adopt::Seen, 60, 2));
    assert!(settings.warnings.is_empty());
}

#[test]
fn every_required_variable_is_named_at_once() {
    let nothing = Settings::read(&Variables::default()).unwrap_err();
    let mut names: Vec<_> = nothing.0.iter().map(|fault| fault.variable.as_str()).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        ["DNS_ZONES", "LOGS_DCR_RULE_ID", "LOGS_INGESTION_ENDPOINT", "LOGS_WORKSPACE_IDS", "POLICY_NAMES"]
    );
}

#[test]
fn all_faults_are_told_with_the_way_out() {
    let zones = format!(
        "{ZONE},{},{},nonsense",
        ZONE.replace("rg-dns", "rg-other"),
        ZONE.replace("dnsZones", "privateDnsZones")
    );
    let found = faults(&[
        ("ALERT_RULE_IDS", ""),
        ("APPLY_VIA", "template"),
        ("ARM_ENDPOINT", "http://example.com"),
        ("AZURE_CLOUD", "Azure"),
        ("AZURE_TOKEN_CREDENTIALS", "VisualStudioCredential"),
        ("COLLECT_DEADLINE", "4"),
        ("DNS_VERIFY_SERVERS", "ns1.example.com"),
        ("DNS_ZONES", &zones),
        ("HTTPS_PROXY", "socks5://user:hush@proxy"),
        ("LOGS_DCR_RULE_ID", "/subscriptions/s"),
        ("LOGS_WORKSPACE_IDS", "/subscriptions/s"),
        ("LOG_LEVEL", "loud"),
        ("MODE", "on"),
        ("POLICY_ALLOW_PREFIXES", "203.0.113.7/24, x"),
        ("POLICY_ALOW_PREFIXES", "203.0.113.0/24"),
        ("POLICY_CREATE", "maybe"),
        ("POLICY_MAX_HEARTBEAT_AGE", "2h"),
        ("POLICY_UNSEEN", "10ms"),
        ("POLICY_MIN_BEATS", "0"),
        ("POLICY_NAMES", "home_.example.com"),
        ("POLICY_RECORD_TYPES", "A,TXT"),
        ("POLICY_SURGE_HOLD", "46m"),
        ("POLICY_TTL", "0"),
        ("QUERY_TIMESPAN", "PT1H"),
        ("QUOTA_SHARE", "80"),
        ("RECONCILE_ON", "alerts"),
        ("SSL_CERT_FILE", "/nowhere/ca.pem"),
        ("TARGETS", "arc,aks"),
    ]);
    let text = found.join("\n");
    assert!(!text.contains("hush"), "{text}");
    insta::assert_snapshot!(text, @r#"
    POLICY_ALOW_PREFIXES is no setting; did you mean POLICY_ALLOW_PREFIXES?
    AZURE_CLOUD is `Azure`; write AzureCloud or AzureUSGovernment or AzureChinaCloud
    ARM_ENDPOINT is `http://example.com`; plain http is for loopback alone, write https://
    LOGS_DCR_RULE_ID is `/subscriptions/s`; write the rule's immutable id, dcr- and 32 hexadecimal digits
    LOGS_WORKSPACE_IDS holds `/subscriptions/s`; write workspace (customer) ids, which are GUIDs, not resource ids
    AZURE_TOKEN_CREDENTIALS is `VisualStudioCredential`; write prod, dev, ManagedIdentityCredential, WorkloadIdentityCredential, EnvironmentCredential, AzureCliCredential or AzureDeveloperCliCredential
    HTTPS_PROXY is no address of an http proxy; write http://HOST:PORT
    SSL_CERT_FILE names /nowhere/ca.pem, which cannot be read: No such file or directory (os error 2)
    QUOTA_SHARE is `80`; write a share over 0 and at most 1, such as 0.8, or off
    DNS_ZONES holds /subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/privateDnsZones/example.com, a private zone; write it into PRIVATE_ZONES
    DNS_ZONES names a zone that cannot be managed: "nonsense" is not of the form /subscriptions/…/resourceGroups/…/providers/NAMESPACE/TYPE/NAME
    DNS_ZONES names a zone that cannot be managed: "/subscriptions/s/resourceGroups/rg-other/providers/Microsoft.Network/dnsZones/example.com" has the name of another managed zone; manage one of them
    TARGETS holds `aks`; write arc, vm or arc,vm
    COLLECT_DEADLINE is `4`, which is no duration; write 90s, 15m, 2h or PT2H
    RECONCILE_ON holds `alerts`; write alert,timer or one of them, or none
    MODE is `on`; write apply or observe
    APPLY_VIA is `template`; write record-set or deployment
    DNS_VERIFY_SERVERS holds `ns1.example.com`; write addresses such as 192.0.2.53, 192.0.2.53:5353 or [2001:db8::53]:53
    POLICY_RECORD_TYPES holds `TXT`; write A, AAAA or A,AAAA
    POLICY_TTL is `0`; write a whole number from 1 to 2147483647
    POLICY_NAMES holds `home_.example.com`, a name that has a character other than letters, digits and inner hyphens
    POLICY_ALLOW_PREFIXES holds `x`, which is no range; write 203.0.113.0/24 or 2001:db8::/32
    POLICY_MIN_BEATS is `0`; write a whole number from 1 to 30
    POLICY_MAX_HEARTBEAT_AGE is `2h`; the longest that makes sense is 1h
    POLICY_UNSEEN is `10ms`; the shortest that makes sense is 1s
    POLICY_CREATE is `maybe`; write true or false
    POLICY_SURGE_HOLD is `46m`; the longest that makes sense is 45m
    LOG_LEVEL is `loud`; write error or warn or info or debug or trace
    QUERY_TIMESPAN is 60 min, but a query must reach back over two sweeps and 15 min: at least 75 min with this SNAPSHOT_EVERY
    "#);
}

#[test]
fn ids_and_schedules_of_no_form_are_faults() {
    let found = faults(&[
        (
            "ALERT_RULE_IDS",
            "foo, /subscriptions/s/resourceGroups/g/providers/microsoft.insights/scheduledQueryRules/a b/",
        ),
        ("COLLECTOR_SCHEDULE", "5m"),
        ("LOGS_WORKSPACE_IDS", "bar, 00000000-0000-0000-0000-0000000000C1"),
        ("OWNER_ID", "a b"),
        ("SUBSCRIPTIONS", "abc, 00000000-0000-0000-0000-000000000001"),
    ]);
    insta::assert_snapshot!(found.join("\n"), @r"
    LOGS_WORKSPACE_IDS holds `bar`; write workspace (customer) ids, which are GUIDs, not resource ids
    SUBSCRIPTIONS holds `abc`; write subscription ids, which are GUIDs, not names
    COLLECTOR_SCHEDULE is `5m`, which is no schedule of the Functions host; write second, minute, hour, day, month and weekday, such as 0 */5 * * * *
    OWNER_ID is `a b`; write at most 128 characters without blanks and commas
    ALERT_RULE_IDS holds `foo`; write resource ids of alert rules, /subscriptions/…/resourceGroups/…/providers/Microsoft.Insights/scheduledQueryRules/NAME
    ");
    let five = Settings::read(&with(&[("COLLECTOR_SCHEDULE", "*/5 * * * *")]));
    assert_eq!(five.unwrap().collect.schedule, "*/5 * * * *", "the host takes five fields as well");
}

#[test]
fn what_two_variables_say_together_is_checked() {
    assert_eq!(faults(&[("SNAPSHOT_EVERY", "52m"), ("QUERY_TIMESPAN", "PT2H")]), Vec::<String>::new());
    assert_eq!(faults(&[("SNAPSHOT_EVERY", "53m"), ("QUERY_TIMESPAN", "PT2H")]).len(), 1);
    // The query looks at the last hour of heartbeats, however often is swept.
    assert_eq!(faults(&[("SNAPSHOT_EVERY", "5m"), ("QUERY_TIMESPAN", "59m")]).len(), 1);
    assert_eq!(faults(&[("SNAPSHOT_EVERY", "5m"), ("QUERY_TIMESPAN", "1h")]), Vec::<String>::new());
    let long = Settings::read(&with(&[("RUN_DEADLINE", "9m")])).unwrap();
    assert_eq!(long.warnings[0].variable, "COLLECT_DEADLINE");
    for (schedule, every, warnings) in
        [("0 0 * * * *", "30m", 0), ("02:00:00", "30m", 1), ("02:00:00", "1h", 0)]
    {
        let variables =
            with(&[("COLLECTOR_SCHEDULE", schedule), ("SNAPSHOT_EVERY", every), ("QUERY_TIMESPAN", "6h")]);
        assert_eq!(Settings::read(&variables).unwrap().warnings.len(), warnings, "{schedule} {every}");
    }
}

#[test]
fn a_slip_of_the_pen_in_another_name_is_a_warning() {
    let settings = Settings::read(&with(&[("RUN_DEADLIN", "1m"), ("http_proxy", "proxy:3128")])).unwrap();
    let words: Vec<_> = settings.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(words, ["RUN_DEADLIN is no setting; did you mean RUN_DEADLINE?"]);
    assert_eq!(settings.connect.network.http_proxy, Some(Secret::new("http://proxy:3128")));
    let words = |name: &str| {
        let settings = Settings::read(&with(&[(name, "1")])).unwrap();
        settings.warnings.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    for (slip, meant) in [
        ("DNS_ZONE", "DNS_ZONES"),
        ("POLICYNAMES", "POLICY_NAMES"),
        ("PINGURL", "PING_URL"),
        ("LOGS_WORKSPACE_ID", "LOGS_WORKSPACE_IDS"),
        ("dns_zones", "DNS_ZONES"),
    ] {
        assert_eq!(words(slip), [format!("{slip} is no setting; did you mean {meant}?")]);
    }
    // What other programs, shells and hosts set.
    for name in [
        "FTP_PROXY",
        "ftp_proxy",
        "ALL_PROXY",
        "RSYNC_PROXY",
        "no_proxy",
        "https_proxy",
        "MODEL",
        "NODE",
        "TARGET",
        "mode",
        "targets",
        "SSL_CERT_DIR",
        "MSI_ENDPOINT",
        "RUNNER_ID",
        "BASE_URL",
        "LOGNAME",
        "AZURE_TENANT",
        "AZURE_CLIENT_CERTIFICATE_PATH",
        "AZURE_CONFIG_DIR",
        "AZURE_USERNAME",
        "USER_ID",
        "LOG_DIR",
        "LOG_FILE",
        "FUNCTIONS_WORKER_RUNTIME",
        "WEBSITE_OWNER_NAME",
        "AzureWebJobsStorage",
    ] {
        assert_eq!(words(name), Vec::<String>::new(), "{name}");
    }
}

#[test]
fn a_slip_is_told_beside_what_is_missing() {
    let variables = with(&[("POLICYNAMES", "*")]);
    let without: Variables = variables
        .names()
        .filter(|name| *name != "POLICY_NAMES")
        .map(|name| (name, variables.get(name).unwrap_or_default()))
        .collect();
    let faults = Settings::read(&without).unwrap_err().to_string();
    let slip = "POLICYNAMES is no setting; did you mean POLICY_NAMES?; POLICY_NAMES is not set; ";
    assert!(faults.starts_with(slip), "{faults}");
}

#[test]
fn secrets_do_not_show_in_debug() {
    let secrets = [
        ("AZURE_TOKEN_CREDENTIALS", "EnvironmentCredential"),
        ("AZURE_TENANT_ID", "t"),
        ("AZURE_CLIENT_ID", "c"),
        ("AZURE_CLIENT_SECRET", "hush"),
        ("HTTPS_PROXY", "http://user:hush@proxy:3128"),
    ];
    let settings = Settings::read(&with(&secrets)).unwrap();
    assert!(!format!("{settings:?}").contains("hush"));
}

#[test]
fn every_setting_that_is_declared_is_asked_for() {
    let mut asked = std::collections::BTreeSet::new();
    for credential in ["WorkloadIdentityCredential", "EnvironmentCredential", "ManagedIdentityCredential"] {
        let variables = with(&[("AZURE_TOKEN_CREDENTIALS", credential)]);
        let mut reader = Reader::new(&variables);
        pass(&mut reader, &variables);
        asked.extend(reader.asked());
    }
    let declared: std::collections::BTreeSet<_> = settings().iter().map(|setting| setting.name).collect();
    assert_eq!(declared.len(), settings().len(), "one is declared twice");
    assert_eq!(asked, declared);
}

#[test]
fn a_declared_default_is_what_holds_without_it() {
    let said: Vec<_> =
        settings().iter().filter_map(|setting| Some((setting.name, setting.default()?))).collect();
    assert!(said.len() > 25, "{said:?}");
    let (implied, said) = (Settings::read(&with(&[])).unwrap(), Settings::read(&with(&said)).unwrap());
    assert_eq!(format!("{implied:?}"), format!("{said:?}"));
    let names = implied.policy.grants.iter().next().unwrap().names.clone();
    let grant = Grant { line: None, kind: None, names, scope: Scope::Everywhere, terms: Terms::default() };
    let policy = Policy::new(implied.policy.zones.clone(), [grant], implied.policy.owner.clone());
    assert_eq!(format!("{:?}", implied.policy), format!("{policy:?}"), "the core has the same defaults");
}

/// The faults about one variable that has this value.
fn faults_of(name: &str, value: &str, more: &[(&str, &str)]) -> usize {
    let variables: Variables = REQUIRED
        .iter()
        .copied()
        .filter(|(other, _)| *other != name)
        .chain([(name, value)])
        .chain(more.iter().copied())
        .collect();
    match Settings::read(&variables) {
        Ok(_) => 0,
        Err(faults) => faults.0.iter().filter(|fault| fault.variable == name).count(),
    }
}

#[test]
fn a_list_of_nothing_is_a_fault() {
    let lists: Vec<_> = settings().iter().filter(|setting| setting.form == Form::List).collect();
    assert!(lists.len() > 10, "{lists:?}");
    for list in lists {
        for nothing in [",,", " , ", ","] {
            assert_eq!(faults_of(list.name, nothing, &[]), 1, "{} is {nothing:?}", list.name);
        }
        assert_eq!(faults_of(list.name, "\u{1}?x y", &[]), 1, "{} takes anything", list.name);
    }
}

#[test]
fn durations_and_numbers_end_at_their_bounds() {
    let host = [HOST[0], HOST[1], ("COLLECTOR_SCHEDULE", "0 */5 * * * *")];
    let seconds = |duration: std::time::Duration, more: u64| format!("{}s", duration.as_secs() + more);
    let mut checked = 0;
    for setting in settings() {
        let name = setting.name;
        let ends_at = |least: std::time::Duration, longest, more: &[(&str, &str)]| {
            assert_eq!(faults_of(name, &seconds(longest, 0), more), 0, "{name}");
            assert_eq!(faults_of(name, &seconds(longest, 1), more), 1, "{name}");
            assert!(least.as_secs() > 0, "{name} has no least");
            let short = format!("{}ms", least.as_millis() - 1);
            // One that must be longer than another as well is told so besides.
            assert!(faults_of(name, &short, more) >= 1, "{name} is {short}");
            if name != "QUERY_TIMESPAN" {
                assert_eq!(faults_of(name, &seconds(least, 0), more), 0, "{name}");
            }
        };
        match setting.form {
            Form::Text | Form::List => continue,
            // So far back a query must reach that no SNAPSHOT_EVERY is too long for it.
            Form::Duration(least, longest) if name == "SNAPSHOT_EVERY" => {
                ends_at(least, longest, &[("QUERY_TIMESPAN", "2d")]);
            }
            Form::Duration(least, longest) => ends_at(least, longest, &[]),
            Form::Deadline(least, longest, in_host) => {
                ends_at(least, longest, &[]);
                ends_at(least, in_host, &host);
            }
            Form::Number(least, most) => {
                // The longest time to live is not below that of new sets.
                let more: &[(&str, &str)] =
                    if name == "POLICY_TTL_MAX" { &[("POLICY_TTL", "1")] } else { &[] };
                for (number, faults) in [(least, 0), (most, 0), (least - 1, 1), (most + 1, 1)] {
                    assert_eq!(faults_of(name, &number.to_string(), more), faults, "{name} is {number}");
                }
            }
        }
        for nonsense in ["0s", "-1", "", "1e3", "P1M", "0x5"].iter().filter(|text| !text.is_empty()) {
            assert_eq!(faults_of(name, nonsense, &[]), 1, "{name} is {nonsense}");
        }
        checked += 1;
    }
    assert!(checked > 14, "{checked}");
    assert_eq!(faults_of("RUN_DEADLINE", "365d", &[]), 1);
    assert_eq!(faults_of("COLLECT_DEADLINE", "10m", &host), 1);
}

#[test]
fn below_the_host_the_schedule_must_be_set() {
    assert_eq!(faults_of("COLLECTOR_SCHEDULE", "", &HOST), 1);
    assert_eq!(faults_of("COLLECTOR_SCHEDULE", "hourly", &HOST), 1);
    assert_eq!(faults_of("COLLECTOR_SCHEDULE", "", &[]), 0);
}

#[test]
fn names_that_no_zone_can_hold_are_a_fault_and_one_of_several_is_told() {
    let names = |text: &str| {
        let variables: Variables = REQUIRED
            .iter()
            .copied()
            .filter(|(name, _)| *name != "POLICY_NAMES")
            .chain([("POLICY_NAMES", text)])
            .collect();
        Settings::read(&variables)
    };
    for text in ["*.example.org", "nas.example.org, *.com", "*.example.com.lan"] {
        let faults = names(text).unwrap_err();
        assert_eq!(faults.0.len(), 1, "{faults}");
        assert!(faults.to_string().starts_with("POLICY_NAMES is `"), "{faults}");
        assert!(faults.to_string().contains("no name in a managed zone (example.com) can match"), "{faults}");
    }
    let one = names("*.home.example.com, *.example.org").unwrap();
    let words: Vec<_> = one.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        [
            "POLICY_NAMES holds `*.example.org`, which no name in a managed zone (example.com) can match; correct it, or add its zone to DNS_ZONES or PRIVATE_ZONES"
        ]
    );
    for text in ["*", "example.com", "*.home.example.com"] {
        assert!(names(text).unwrap().warnings.is_empty(), "{text}");
    }
    // While the zones are faulty nobody knows what fits.
    let variables = with(&[("DNS_ZONES", "nonsense")]);
    assert!(!Settings::read(&variables).unwrap_err().to_string().contains("POLICY_NAMES"));
}
