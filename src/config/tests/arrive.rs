//! What is written arrives where it is meant, and its bounds are where they are said to be.

use std::time::Duration;

use super::*;
use jiff::SignedDuration;
use pure::domain::RecordType;
use pure::plan::Orphans;

fn read(more: &[(&str, &str)]) -> Settings {
    Settings::read(&with(more)).unwrap_or_else(|faults| panic!("{faults}"))
}

/// Every number and duration here is another one, so that none can stand for its neighbour.
#[test]
fn each_value_arrives_where_it_is_meant() {
    let settings = read(&[
        ("MODE", "observe"),
        ("RECONCILE_ON", "timer"),
        ("SNAPSHOT_EVERY", "20m"),
        ("QUERY_TIMESPAN", "3h"),
        ("SUBSCRIPTIONS", "00000000-0000-0000-0000-00000000000A"),
        ("HOSTNAME_TAG", "Names"),
        ("POLICY_RECORD_TYPES", "AAAA"),
        ("POLICY_ALLOW_PREFIXES", "10.0.0.0/8"),
        ("POLICY_DENY_PREFIXES", "203.0.113.9"),
        ("POLICY_EXPECT_PREFIXES", "2001:db8::/32"),
        ("POLICY_MIN_BEATS", "3"),
        ("POLICY_MIN_SPAN", "46s"),
        ("POLICY_MAX_HEARTBEAT_AGE", "16m"),
        ("POLICY_UNSEEN", "11m"),
        ("POLICY_FLAP_HOLD", "41m"),
        ("POLICY_CLAIM_DORMANT", "25h"),
        ("POLICY_CREATE", "false"),
        ("POLICY_ORPHANS", "delete"),
        ("POLICY_ORPHAN_GRACE", "49h"),
        ("POLICY_ADOPT", "never"),
        ("POLICY_TTL", "61"),
        ("POLICY_TTL_MAX", "62"),
        ("POLICY_MAX_SOURCES", "4"),
        ("POLICY_MAX_MOVE_PERCENT", "31"),
        ("POLICY_SURGE_HOLD", "17m"),
        ("POLICY_MAX_SILENT_PERCENT", "51"),
        ("REPLY_WITHIN", "7s"),
        ("RUN_DEADLINE", "3m"),
        ("COLLECT_DEADLINE", "5m"),
        ("VERIFY", "arm"),
        ("ARM_ENDPOINT", "https://arm.example.com"),
        ("LOGS_QUERY_ENDPOINT", "https://query.example.com"),
        ("HTTPS_PROXY", "http://secure:1"),
        ("HTTP_PROXY", "http://plain:2"),
        ("NO_PROXY", "direct"),
        ("AZURE_CLOUD", "azurechinacloud"),
    ]);
    let Settings { connect, collect, policy, run, reply, .. } = &settings;
    let terms = &policy.grants.iter().next().unwrap().terms;
    let minutes = SignedDuration::from_mins;
    assert_eq!(
        [terms.min_span, policy.max_heartbeat_age, policy.unseen, policy.flap_hold],
        [SignedDuration::from_secs(46), minutes(16), minutes(11), minutes(41)]
    );
    assert_eq!((policy.orphans, policy.orphan_grace), (Orphans::Delete, SignedDuration::from_hours(49)));
    assert_eq!(
        [policy.claim_dormant, policy.surge_hold, policy.snapshot_every],
        [SignedDuration::from_hours(25), minutes(17), minutes(20)]
    );
    assert_eq!((policy.min_beats, terms.ttl, policy.max_sources), (3, 61, 4));
    assert_eq!((policy.ttl_max, read(&[]).policy.ttl_max), (Some(62), None));
    assert_eq!((policy.max_move_percent, policy.max_silent_percent), (31, 51));
    assert_eq!((policy.create, terms.adopt), (false, Adopt::Never));
    assert_eq!(terms.types, [RecordType::Aaaa].into());
    let ranges = [&policy.allow_prefixes, &terms.deny_prefixes, &policy.expect_prefixes];
    let ranges = ranges.map(|ranges| ranges.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
    assert_eq!(ranges, ["10.0.0.0/8", "203.0.113.9/32", "2001:db8::/32"]);

    assert_eq!((run.mode, run.verify), (Mode::Observe, Verify::Arm));
    assert_eq!((run.on_alert, run.on_timer), (false, true));
    let times = [run.deadline, run.query_timespan, collect.deadline, collect.snapshot_every, reply.within];
    assert_eq!(times, [180, 10_800, 300, 1200, 7].map(Duration::from_secs));
    assert_eq!(collect.oldest_sweep(), Duration::from_secs(45 * 60), "two sweeps and the grid of the timer");
    assert_eq!((collect.tag.as_str(), collect.subscriptions.len()), ("Names", 1));

    let host = |url: &Option<url::Url>| url.as_ref().and_then(url::Url::host_str).map(str::to_owned);
    let hosts = [host(&connect.arm), host(&connect.logs_query), host(&Some(connect.logs_ingestion.clone()))];
    let wanted = ["arm.example.com", "query.example.com", "rule.westeurope-1.ingest.monitor.azure.com"];
    assert_eq!(hosts, wanted.map(|host| Some(host.to_owned())));
    let Network { https_proxy, http_proxy, no_proxy, .. } = &connect.network;
    let proxies = [https_proxy, http_proxy].map(|proxy| proxy.as_ref().map(Secret::expose));
    assert_eq!(
        (proxies, no_proxy.as_deref()),
        ([Some("http://secure:1"), Some("http://plain:2")], Some("direct"))
    );
    assert_eq!(connect.cloud, Cloud::China);
}

#[test]
fn a_proxy_is_that_of_its_own_name_before_that_of_all() {
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    for first in 0..names.len() {
        let given: Vec<_> = names[first..].iter().map(|name| (*name, *name)).collect();
        let network = read(&given).connect.network;
        assert_eq!(network.https_proxy, Some(Secret::new(format!("http://{}", names[first]))), "{given:?}");
        let plain = (first > 0).then(|| names[first.max(2)]);
        let plain = plain.or(Some("ALL_PROXY")).map(|name| Secret::new(format!("http://{name}")));
        assert_eq!(network.http_proxy, plain, "{given:?}");
    }
    let no_proxy = |more: &[(&str, &str)]| read(more).connect.network.no_proxy;
    assert_eq!(no_proxy(&[("no_proxy", "small")]).as_deref(), Some("small"));
    assert_eq!(no_proxy(&[("NO_PROXY", "large"), ("no_proxy", "small")]).as_deref(), Some("large"));
}

#[test]
fn bounds_that_are_no_numbers_are_where_they_are_said_to_be() {
    let (long, longer, tag) = ("x".repeat(128), "x".repeat(129), "t".repeat(512));
    for (name, value, is_taken) in [
        ("QUOTA_SHARE", "1", true),
        ("QUOTA_SHARE", "0.001", true),
        ("QUOTA_SHARE", "Off", true),
        ("QUOTA_SHARE", "0", false),
        ("QUOTA_SHARE", "1.001", false),
        ("QUOTA_SHARE", "NaN", false),
        ("OWNER_ID", &long, true),
        ("OWNER_ID", &longer, false),
        ("OWNER_ID", "a,b", false),
        ("HOSTNAME_TAG", &tag, true),
        ("HOSTNAME_TAG", &format!("{tag}t"), false),
        ("HOSTNAME_TAG", "a/b", false),
        ("LOGS_DCR_RULE_ID", "dcr-0123456789abcdef", true),
        ("LOGS_DCR_RULE_ID", "0123456789abcdef", false),
        ("LOGS_DCR_RULE_ID", "dcr-0/../x", false),
        ("ARM_ENDPOINT", "https://:hush@management.azure.com", false),
        ("ARM_ENDPOINT", "https://management.azure.com/#x", false),
        ("AZURE_AUTHORITY_HOST", "login.example.com", true),
        ("AZURE_AUTHORITY_HOST", "http://login.example.com", false),
    ] {
        assert_eq!(faults_of(name, value, &[]) == 0, is_taken, "{name} is {value}");
    }
    assert_eq!(read(&[("QUOTA_SHARE", "off")]).connect.quota_share, None);
    let login = read(&[("AZURE_AUTHORITY_HOST", "login.example.com")]).connect.authority_host;
    assert_eq!(login.as_deref(), Some("https://login.example.com"));
    for (name, value, warnings) in [
        ("REPLY_WITHIN", "9s", 0),
        ("REPLY_WITHIN", "9100ms", 1),
        ("COLLECTOR_SCHEDULE", "01:05:00", 0),
        ("COLLECTOR_SCHEDULE", "01:05:01", 1),
        ("COLLECT_DEADLINE", "330s", 0),
        ("COLLECT_DEADLINE", "331s", 1),
    ] {
        assert_eq!(read(&[(name, value)]).warnings.len(), warnings, "{name} is {value}");
    }
}

#[test]
fn lines_are_json_below_the_host_whichever_name_the_port_has() {
    let json = |pairs: &[(&str, &str)]| Logging::read(&pairs.iter().copied().collect()).json;
    for port in ["FUNCTIONS_CUSTOMHANDLER_PORT", "FUNCTIONS_HTTPWORKER_PORT"] {
        assert!(json(&[(port, "7071")]), "{port}");
        assert!(!json(&[(port, "7071"), ("LOG_FORMAT", "text")]), "{port}");
    }
    assert!(!json(&[]));
    let both: Variables =
        [("FUNCTIONS_HTTPWORKER_PORT", "1"), ("FUNCTIONS_CUSTOMHANDLER_PORT", "2")].into_iter().collect();
    assert_eq!(port_of(&both), Some("2"));
}
