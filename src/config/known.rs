//! The names of all variables, so that a misspelt one is noticed.

use super::Fault;
use super::reader::Reader;
use super::variables::Variables;
use pure::domain::distance;

/// Every variable that the program reads and that a person may write.
const KNOWN: [&str; 57] = [
    "ALERT_RULE_IDS",
    "APPLY_VIA",
    "ARM_ENDPOINT",
    "AZURE_AUTHORITY_HOST",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_CLOUD",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_TENANT_ID",
    "AZURE_TOKEN_CREDENTIALS",
    "COLLECTOR_SCHEDULE",
    "COLLECT_DEADLINE",
    "DNS_VERIFY_SERVERS",
    "DNS_ZONES",
    "HOSTNAME_TAG",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "IDENTITY_ENDPOINT",
    "IDENTITY_HEADER",
    "LOGS_DCR_RULE_ID",
    "LOGS_INGESTION_ENDPOINT",
    "LOGS_QUERY_ENDPOINT",
    "LOGS_WORKSPACE_IDS",
    "LOG_FORMAT",
    "LOG_LEVEL",
    "MODE",
    "NOTIFY_FORMAT",
    "NOTIFY_URL",
    "NO_PROXY",
    "OWNER_ID",
    "PING_URL",
    "POLICY_ADOPT",
    "POLICY_ALLOW_PREFIXES",
    "POLICY_CLAIM_DORMANT",
    "POLICY_CREATE",
    "POLICY_DENY_PREFIXES",
    "POLICY_EXPECT_PREFIXES",
    "POLICY_MAX_HEARTBEAT_AGE",
    "POLICY_MAX_MOVE_PERCENT",
    "POLICY_MAX_SILENT_PERCENT",
    "POLICY_MAX_SOURCES",
    "POLICY_MIN_BEATS",
    "POLICY_NAMES",
    "POLICY_RECORD_TYPES",
    "POLICY_SURGE_HOLD",
    "POLICY_TTL",
    "POLICY_UNSEEN",
    "QUERY_TIMESPAN",
    "QUOTA_SHARE",
    "RECONCILE_ON",
    "REPLY_WITHIN",
    "RUN_DEADLINE",
    "SNAPSHOT_EVERY",
    "SSL_CERT_FILE",
    "SUBSCRIPTIONS",
    "TARGETS",
    "VERIFY",
];

/// Beginnings that are ours alone: what begins so and is not known is misspelt, and a rule that its author believes
/// in does not hold.
const OURS: [&str; 1] = ["POLICY_"];

/// What a name that is not known says, when one that is lies near.
const SLIP: &str = "is no setting; did you mean ";

/// Proxies are read in lower case as well, and those of other protocols are not ours to know.
const PROXY: &str = "_PROXY";

/// Looks at every name that is set.
pub(super) fn check(reader: &mut Reader<'_>, variables: &Variables) {
    for name in variables.names().filter(|name| !KNOWN.contains(name)) {
        let upper = name.to_ascii_uppercase();
        let ours = OURS.iter().any(|prefix| upper.starts_with(prefix));
        let slip = |known: &str| format!("{SLIP}{known}?");
        match (nearest(&upper), ours) {
            (Some(known), true) => reader.fault(name, slip(known)),
            (None, true) => {
                reader.fault(name, "is no setting; remove it, or look for its name in the documentation");
            }
            (Some(known), false) if is_near(&upper, known) => reader.warn(name, slip(known)),
            _ => {}
        }
    }
}

/// Whether a finding is about a name with a slip in it.
pub(super) fn is_slip(finding: &Fault) -> bool {
    finding.words.starts_with(SLIP)
}

/// The known name with the fewest differences, if there are not many.
fn nearest(name: &str) -> Option<&'static str> {
    let (distance, known) = KNOWN.iter().map(|known| (distance(name, known), *known)).min()?;
    (distance * 3 <= name.len()).then_some(known)
}

/// One or two slips of the pen in a name that is long enough for them to be slips, or its words without what parts them.
fn is_near(name: &str, known: &str) -> bool {
    if name.ends_with(PROXY) || !known.contains('_') {
        return false;
    }
    let joined = |text: &str| text.replace('_', "");
    joined(name) == joined(known) || name.len() >= 8 && distance(name, known) <= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen_are_few_differences() {
        assert_eq!(nearest("POLICY_ALLOW_PREFIX"), Some("POLICY_ALLOW_PREFIXES"));
        assert_eq!(nearest("POLICY_SOMETHING_ELSE_ALTOGETHER"), None);
        assert!(KNOWN.is_sorted());
    }
}
