//! The common alert schema as log alerts of version 2 send it (contract azure-monitor, section 8.4).

use jiff::Timestamp;
use serde_json::{Value, json};
use url::form_urlencoded::byte_serialize;

use crate::logs_query::Timespan;

/// What one firing says.
#[derive(Debug, Clone)]
pub(super) struct Firing<'a> {
    /// Name of the rule.
    pub(super) rule: &'a str,
    /// Full id of the rule.
    pub(super) rule_id: &'a str,
    /// Resource Manager id of the workspace that was asked.
    pub(super) workspace_resource_id: &'a str,
    /// Customer id of that workspace.
    pub(super) workspace_id: &'a str,
    /// The query as the rule holds it.
    pub(super) query: &'a str,
    /// What the query looked at.
    pub(super) range: Timespan,
    /// How many rows it had.
    pub(super) rows: usize,
    /// When it was evaluated.
    pub(super) at: Timestamp,
}

/// The id of a new alert in the rule's subscription, and the payload that announces it.
pub(super) fn fired(firing: &Firing<'_>) -> (String, Value) {
    let subscription = firing.rule_id.split('/').nth(2).unwrap_or_default();
    let guid = crate::world::guid();
    let alert_id =
        format!("/subscriptions/{subscription}/providers/Microsoft.AlertsManagement/alerts/{guid}");
    let target = firing.workspace_resource_id.to_lowercase();
    let group = target.split('/').nth(4).unwrap_or_default();
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    let span = format!("{:.7}%2f{:.7}", firing.range.start, firing.range.end);
    let api = format!(
        "https://api.loganalytics.io/v1/workspaces/{}/query?query={}&timespan={span}",
        firing.workspace_id,
        encoded(firing.query),
    );
    let portal = format!(
        "https://portal.azure.com/#blade/Microsoft_Azure_Monitoring_Logs/LogsBlade/source/Alerts.EmailLinks/scope/{}",
        encoded(&json!({ "resources": [{ "resourceId": target }] }).to_string()),
    );
    let condition = json!({
        "searchQuery": firing.query,
        "metricMeasureColumn": null,
        "targetResourceTypes": "['Microsoft.OperationalInsights/workspaces']",
        "operator": "GreaterThan",
        "threshold": "0",
        "timeAggregation": "Count",
        "dimensions": [],
        "metricValue": firing.rows as f64,
        "failingPeriods": { "numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1 },
        "linkToSearchResultsUI": portal,
        "linkToFilteredSearchResultsUI": portal,
        "linkToSearchResultsAPI": api,
        "linkToFilteredSearchResultsAPI": api,
    });
    let payload = json!({
        "schemaId": "azureMonitorCommonAlertSchema",
        "data": {
            "essentials": {
                "alertId": alert_id,
                "alertRule": firing.rule,
                "alertRuleID": firing.rule_id.to_lowercase(),
                "severity": "Sev3",
                "signalType": "Log",
                "monitorCondition": "Fired",
                "targetResourceType": "microsoft.operationalinsights/workspaces",
                "targetResourceGroup": group,
                "monitoringService": "Log Alerts V2",
                "alertTargetIDs": [target],
                "configurationItems": [target],
                "originAlertId": crate::world::guid(),
                "firedDateTime": format!("{:.7}", firing.at),
                "description": "DNS and heartbeat address differ",
                "essentialsVersion": "1.0",
                "alertContextVersion": "1.0",
            },
            "alertContext": {
                "properties": null,
                "conditionType": "LogQueryCriteria",
                "condition": {
                    "windowSize": "PT5M",
                    "allOf": [condition],
                    "windowStartTime": format!("{:.0}", firing.range.start),
                    "windowEndTime": format!("{:.0}", firing.range.end),
                },
            },
        },
    });
    (alert_id, payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The member names of an object, and of the objects in it.
    fn shape(value: &Value, path: &str, out: &mut Vec<String>) {
        match value {
            Value::Object(object) => object.iter().for_each(|(name, value)| {
                out.push(format!("{path}.{name}"));
                shape(value, &format!("{path}.{name}"), out);
            }),
            Value::Array(items) => items.iter().for_each(|item| shape(item, path, out)),
            _ => {}
        }
    }

    #[test]
    fn a_payload_has_every_member_of_the_sample() {
        let path =
            concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/monitor/alert-v2-fired-no-dimensions.json");
        let sample: Value =
            serde_json::from_str(&std::fs::read_to_string(path).expect("a fixture")).expect("json");
        let at: Timestamp = "2026-05-04T10:35:12.4728231Z".parse().expect("a time");
        let firing = Firing {
            rule: "ddns-mismatch",
            rule_id: "/subscriptions/s/resourceGroups/g/providers/microsoft.insights/scheduledqueryrules/r",
            workspace_resource_id: "/subscriptions/s/resourceGroups/G/providers/Microsoft.OperationalInsights/x/y",
            workspace_id: "w",
            query: "Heartbeat\n| where A == 'b'",
            range: Timespan::parse("PT2H", at).expect("a span"),
            rows: 2,
            at,
        };
        let (alert_id, payload) = fired(&firing);
        let (mut made, mut expected) = (Vec::new(), Vec::new());
        shape(&payload, "", &mut made);
        shape(&sample, "", &mut expected);
        for name in expected {
            assert!(made.contains(&name), "{name}");
        }
        let essentials = &payload["data"]["essentials"];
        assert_eq!(essentials["alertId"], Value::from(alert_id.clone()));
        assert_eq!(essentials["firedDateTime"], "2026-05-04T10:35:12.4728231Z");
        let condition = &payload["data"]["alertContext"]["condition"];
        assert_eq!(condition["windowStartTime"], "2026-05-04T08:35:12Z");
        assert_eq!(condition["allOf"][0]["metricValue"], 2.0);
        let link = condition["allOf"][0]["linkToSearchResultsAPI"].as_str().expect("a link");
        assert!(
            link.contains("query=Heartbeat%0A%7C%20where%20A%20%3D%3D%20%27b%27&timespan=2026-05-04T08"),
            "{link}"
        );
        assert_ne!(fired(&firing).0, alert_id);
    }
}
