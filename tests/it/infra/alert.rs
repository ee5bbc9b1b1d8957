//! The alert asks the program's own query and one line more, as Azure wants an alert rule to be.

use std::path::Path;

use heartbeat_dns::queries;

use super::{bicep, read};

const RULE: &str = "infra/modules/drift-alert.bicep";

/// The text of the rule's query as Bicep makes it: a file, trimmed, and what follows in the literal.
fn query() -> String {
    let rule = read(RULE);
    let criterion = bicep::members(&rule, "        {\n          query: ");
    let literal = criterion.iter().find(|(name, _)| *name == "query").unwrap().1;
    let inner = literal.strip_prefix("'${trim(loadTextContent('").expect("a file, trimmed");
    let (file, rest) = inner.split_once("'))}").unwrap();
    let path = Path::new(RULE).parent().unwrap().join(file);
    let more = rest.strip_suffix('\'').unwrap().replace("\\n", "\n");
    format!("{}{more}", read(path.to_str().unwrap()).trim())
}

#[test]
fn the_alert_asks_the_embedded_query_and_one_line_more() {
    assert_eq!(query(), format!("{}\n{}", queries::MISMATCH.trim(), queries::ACTIONABLE));
}

#[test]
fn the_rule_calls_once_an_evaluation_whatever_has_drifted() {
    let rule = read(RULE);
    for line in [
        "displayName: 'DNS names drifted (repairs itself)'",
        "severity: 4",
        "autoMitigate: false",
        "skipQueryValidation: true",
        "overrideQueryTimeRange: queryTimespan",
        "timeAggregation: 'Count'",
        "operator: 'GreaterThan'",
        "threshold: 0",
    ] {
        assert!(rule.lines().any(|found| found.trim() == line), "{RULE}: no line `{line}`");
    }
    assert!(!rule.contains("dimensions:"), "{RULE}: each value of a dimension is an alert of its own");
    assert_eq!(bicep::default(&read("infra/alert.bicep"), "frequency"), "PT5M");
    assert!(rule.contains("'PT1M'"), "{RULE}: once a minute is possible");
}

#[test]
fn the_program_is_told_the_rules_own_id() {
    let (main, alert) = (read("infra/main.bicep"), read("infra/alert.bicep"));
    let named = "resourceId('Microsoft.Insights/scheduledQueryRules', '${name}-drift')";
    assert!(main.contains(named), "infra/main.bicep: {named}");
    assert!(
        alert.contains("name: '${name}-drift'\n    location"),
        "infra/alert.bicep names the rule otherwise"
    );
}
