//! The alert asks the program's own query and one line more, as Azure wants an alert rule to be.

use std::path::Path;

use heartbeat_dns::queries;
use serde_json::json;

use super::{bicep, read};

const RULE: &str = "infra/modules/drift-alert.bicep";

/// The line of our queries in whose place an installation's id comes.
const LINE: &str = "let Installation = \"\";";

/// The text of the rule's query as Bicep makes it for an installation whose id needs no escape: a file, trimmed, with the
/// id in its place, and what follows in the literal.
fn query(installation: &str) -> String {
    let rule = read(RULE);
    // With one workspace, whose heartbeats alone are read; further ones: `scopes.rs`.
    assert!(rule.contains("var mismatch = length(workspaceIds) == 1 ? ownRows : "), "{RULE}");
    let variable = rule.lines().find_map(|line| line.strip_prefix("var ownRows = ")).unwrap();
    let inner = variable.strip_prefix("replace(trim(loadTextContent('").expect("a file, trimmed");
    let (file, rest) = inner.split_once("')), '").unwrap();
    let (line, with) = rest.strip_suffix("')").unwrap().split_once("', '").unwrap();
    let criterion = bicep::members(&rule, "        {\n          query: ");
    let literal = criterion.iter().find(|(name, _)| *name == "query").unwrap().1;
    let more = literal.strip_prefix("'${mismatch}").unwrap().strip_suffix('\'').unwrap().replace("\\n", "\n");
    let path = Path::new(RULE).parent().unwrap().join(file);
    let text = read(path.to_str().unwrap());
    format!("{}{more}", text.trim().replace(line, &with.replace("${installation}", installation)))
}

#[test]
fn the_alert_asks_the_embedded_query_and_one_line_more() {
    assert_eq!(queries::MISMATCH.lines().filter(|line| *line == LINE).count(), 1);
    let own = queries::MISMATCH.trim().replace(LINE, "let Installation = @\"dcr-1\";");
    let expected = format!("{own}\n{}", queries::ACTIONABLE);
    assert!(query("dcr-1") == expected, "{}", query("dcr-1"));
}

#[test]
fn the_alerts_count_the_rows_of_their_own_installation() {
    let escaped = r#"var installation = replace(ownerId, '"', '""')"#;
    let placed = format!("'{LINE}', 'let Installation = @\"${{installation}}\";')");
    for module in ["drift-alert", "health-alert", "workbook"] {
        let text = read(&format!("infra/modules/{module}.bicep"));
        assert!(text.lines().any(|line| line == escaped), "{module}: {escaped}");
        assert_eq!(text.matches(&placed).count(), 1, "{module}: {placed}");
    }
}

/// A verbatim text of KQL: a quote is written twice, a backslash is a backslash.
#[test]
fn no_id_leaves_the_text_that_it_is_put_into() {
    for id in [r#"a"; print 1 //"#, r"a\", r#"\"a"#, "dcr-0123"] {
        let text = format!("let Installation = @\"{}\"; print Installation", id.replace('"', "\"\""));
        assert_eq!(super::ask(&text, &super::database()).1, [json!([id])]);
    }
}

#[test]
fn the_alerts_know_the_installation_as_the_program_does() {
    let main = read("infra/main.bicep");
    for line in [
        "var chosenOwner = string(settings.?OWNER_ID ?? '')",
        "var chosenRule = string(settings.?LOGS_DCR_RULE_ID ?? '')",
        "var ownerId = !empty(chosenOwner) ? chosenOwner : (!empty(chosenRule) ? chosenRule : ingestion.outputs.immutableId)",
        "output deployedOwnerId string = ownerId",
    ] {
        assert!(main.lines().any(|found| found == line), "infra/main.bicep: no line `{line}`");
    }
    let app = bicep::members(&main, "    deployed: {");
    let rule = app.iter().find(|(name, _)| *name == "LOGS_DCR_RULE_ID").unwrap().1;
    assert_eq!(rule, "ingestion.outputs.immutableId");
    for module in ["health-alert", "workbook"] {
        let deployed = main.split(&format!("'modules/{module}.bicep'")).nth(1).unwrap();
        let deployed = deployed.split("\n}\n").next().unwrap();
        assert!(deployed.contains("    ownerId: ownerId\n"), "{module}");
    }
    assert!(read("infra/alert.bicep").contains("    ownerId: ownerId\n"));
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
