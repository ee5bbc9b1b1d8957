//! Whether the deployed alert rule is ours: its query word for word, its range, and whether it fires at all.

use std::time::Duration;

use futures::future::join_all;
use serde_json::Value;

use super::found::Resource;
use super::line::Line;
use super::visit::{Visit, is_tokenless, unasked};
use super::{az, groups};
use crate::queries::is_alert_query;
use pure::domain::ResourceId;

const TOPIC: &str = "alert";
const VERSION: &str = "2023-12-01";

pub(super) async fn lines(visit: &Visit<'_>) -> Vec<Line> {
    let named = &visit.settings.reply.alert_rule_ids;
    let ids = named.iter().filter_map(|id| ResourceId::parse(id).ok());
    let read = join_all(ids.map(|id| async move {
        let asked = visit.azure.resource_graph.resource(&id, "", VERSION).await;
        (id, asked)
    }))
    .await;
    let mut lines = Vec::new();
    let mut rules = Vec::new();
    for (id, asked) in read {
        match asked {
            Ok(body) => {
                let properties = body.get("properties").cloned().unwrap_or_default();
                rules.push(Resource { id: id.as_str().to_owned(), properties });
            }
            Err(error) if error.is_forbidden() => lines.push(unseen(&id)),
            Err(error) if error.status == Some(404) => lines.push(missing(&id)),
            Err(error) => lines.push(unasked(TOPIC, id.name(), &error)),
        }
    }
    if named.is_empty() {
        match visit.found().await {
            Ok(found) => rules.extend(found.alerts.iter().filter(|rule| is_ours(rule)).cloned()),
            Err(error) if error.is_forbidden() || is_tokenless(error) => {}
            Err(error) => lines.push(unasked(TOPIC, "", error)),
        }
    }
    if rules.is_empty() && lines.is_empty() {
        let words =
            "not asked: ALERT_RULE_IDS names no rule, and none is seen by this identity that asks our query";
        return vec![Line::skip(TOPIC, "").saying(words)];
    }
    for rule in &rules {
        lines.push(judged(visit, rule));
        lines.extend(groups::lines(visit, rule).await);
    }
    lines
}

/// Whether a rule that nobody named asks about our tables.
fn is_ours(rule: &Resource) -> bool {
    query(rule).is_some_and(|query| query.contains("where Actionable"))
}

/// The query of the rule's one condition.
fn query(rule: &Resource) -> Option<&str> {
    rule.properties.pointer("/criteria/allOf/0/query").and_then(Value::as_str)
}

fn judged(visit: &Visit<'_>, rule: &Resource) -> Line {
    let Ok(id) = ResourceId::parse(&rule.id) else {
        return Line::warn(TOPIC, "").saying(format!("its id cannot be read: {}", rule.id));
    };
    let text = |name: &str| rule.properties.get(name).and_then(Value::as_str);
    if rule.properties.get("enabled") == Some(&Value::Bool(false)) {
        return Line::fail(TOPIC, "")
            .saying(format!("{} is disabled: nothing is repaired before the timer's run", id.name()))
            .mended_by(az::enable_rule(&id));
    }
    if !query(rule).is_some_and(|query| is_alert_query(query, &visit.settings.run.owner_id)) {
        return Line::fail(TOPIC, "")
            .saying(format!(
                "the query of {} is not the one of this program: it is of another release, of another OWNER_ID, or was \
                 changed; deploy this release's (infra/deploy.sh, or)",
                id.name()
            ))
            .mended_by(az::deploy_alert(&id));
    }
    let wanted = visit.settings.run.query_timespan;
    let range = text("overrideQueryTimeRange").or_else(|| text("windowSize"));
    match range.and_then(duration) {
        Some(range) if range == wanted => {}
        range => {
            let seen = range.map_or_else(|| "no range".to_owned(), minutes);
            return Line::fail(TOPIC, "")
                .saying(format!(
                    "{} looks back over {seen}, this program over {} (QUERY_TIMESPAN)",
                    id.name(),
                    minutes(wanted)
                ))
                .mended_by(az::deploy_alert(&id));
        }
    }
    let every = text("evaluationFrequency").and_then(duration).map(minutes).unwrap_or_default();
    Line::ok(TOPIC, "").saying(format!("{} is enabled, its query is ours, every {every}", id.name()))
}

fn unseen(id: &ResourceId) -> Line {
    Line::skip(TOPIC, "").saying(format!("not asked: this identity may not read {}", id.name()))
}

fn missing(id: &ResourceId) -> Line {
    Line::fail(TOPIC, "")
        .saying(format!("ALERT_RULE_IDS names {}, which is not there", id.name()))
        .mended_by(az::deploy_alert(id))
}

/// A duration of ISO 8601, as Azure writes it.
fn duration(text: &str) -> Option<Duration> {
    let span: jiff::Span = text.parse().ok()?;
    // A day of such a range is one of 24 hours.
    let whole = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(whole).ok()
}

fn minutes(duration: Duration) -> String {
    format!("{} min", duration.as_secs() / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_azure_writes_them() {
        let read = |text: &str| duration(text).map(|range| range.as_secs());
        assert_eq!(
            ["PT5M", "PT2H", "P1D", "P2D"].map(read),
            [Some(300), Some(7200), Some(86_400), Some(172_800)]
        );
        assert_eq!(["", "two hours", "-PT1H"].map(read), [None, None, None]);
    }
}
