//! Whether the deployed alert rule is ours and calls: its query word for word, its workspace, its range, its condition.

mod again;
mod call;
mod condition;
mod duration;
mod which;

use futures::future::join_all;
use serde_json::Value;

use super::az;
use super::found::{Found, Resource};
use super::groups;
use super::line::Line;
use super::visit::{Visit, unasked};
use crate::queries::AlertQuery;
use again::deployed_again;
use duration::{duration, iso, minutes};
use pure::domain::ResourceId;
use which::Ours;

const TOPIC: &str = "alert";
const VERSION: &str = "2023-12-01";
/// A rule that asks less often than the template lets it leaves names wrong for so many minutes.
const SELDOM: u64 = 15;

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
                let shown = Resource::of(&body);
                let known = if shown.id.is_empty() { id.as_str().to_owned() } else { shown.id.clone() };
                rules.push(Ours::named(Resource { id: known, ..shown }));
            }
            Err(error) if error.is_forbidden() => lines.push(unseen(&id)),
            Err(error) if error.status == Some(404) => lines.push(missing(visit, &id).await),
            Err(error) => lines.push(unasked(TOPIC, id.name(), &error)),
        }
    }
    if named.is_empty() {
        match visit.found().await {
            Ok(found) => rules.extend(which::ours(found, &visit.settings.run.owner_id)),
            Err(error) if error.is_forbidden() => {}
            Err(error) => lines.push(unasked(TOPIC, "", error)),
        }
    }
    if rules.is_empty() && lines.is_empty() {
        let words = "not asked: ALERT_RULE_IDS names no rule, and none is seen by this identity that asks our query or calls the function";
        return vec![Line::skip(TOPIC, "").saying(words)];
    }
    for ours in &rules {
        lines.extend(judged(visit, ours).await);
        let again = deployed_again(visit, &ours.rule).await;
        lines.extend(groups::lines(visit, &ours.rule, &again).await);
    }
    lines
}

/// What is wrong with a rule, a line each, or that nothing is.
async fn judged(visit: &Visit<'_>, ours: &Ours) -> Vec<Line> {
    let rule = &ours.rule;
    let Ok(id) = ResourceId::parse(&rule.id) else {
        return vec![Line::warn(TOPIC, "").saying(format!("its id cannot be read: {}", rule.id))];
    };
    let mut wrong = Vec::new();
    let fail = |said: String| Line::fail(TOPIC, "").saying(said);
    if rule.properties.get("enabled") == Some(&Value::Bool(false)) {
        wrong.push(
            fail(format!("{} is disabled: nothing is repaired before the timer's run", id.name()))
                .mended_by(az::set(&id, &["enabled=true"])),
        );
    }
    let again = deployed_again(visit, rule).await;
    wrong.extend(of_query(visit, rule, &id, &again));
    wrong.extend(of_workspace(visit, ours, &id, &again).await);
    let wanted = visit.settings.run.query_timespan;
    match rule.text("overrideQueryTimeRange").or_else(|| rule.text("windowSize")).and_then(duration) {
        Some(range) if range == wanted => {}
        range => {
            let seen = range.map_or_else(|| "no range".to_owned(), minutes);
            let said = format!(
                "{} looks back over {seen}, this program over {} (QUERY_TIMESPAN)",
                id.name(),
                minutes(wanted)
            );
            let range = format!("overrideQueryTimeRange={}", iso(wanted));
            wrong.push(fail(said).mended_by(az::set(&id, &[&range])));
        }
    }
    wrong.extend(condition::faults(rule, &id).into_iter().map(|fault| {
        let line = fail(format!("{} {}", id.name(), fault.said));
        line.mended_by_all(&fault.az.map_or_else(|| again.clone(), |az| vec![az]))
    }));
    if !wrong.is_empty() {
        return wrong;
    }
    let every = rule.text("evaluationFrequency").and_then(duration);
    let said = format!(
        "{} is enabled, its query is ours, every {}",
        id.name(),
        every.map(minutes).unwrap_or_default()
    );
    vec![if every.is_some_and(|every| every.as_secs() > SELDOM * 60) {
        Line::warn(TOPIC, "")
            .saying(format!("{said}: names stay wrong for so long"))
            .mended_by(az::set(&id, &["evaluationFrequency=PT5M", "windowSize=PT5M"]))
    } else {
        Line::ok(TOPIC, "").saying(said)
    }]
}

/// Whether it asks what this program asks.
fn of_query(visit: &Visit<'_>, rule: &Resource, id: &ResourceId, again: &[String]) -> Option<Line> {
    let owner = &visit.settings.run.owner_id;
    match AlertQuery::of(which::query(rule).unwrap_or_default(), owner) {
        AlertQuery::Ours => None,
        // Which of the two is right, the rule does not say: to deploy it again could spoil the right one.
        AlertQuery::OfAnother(other) => Some(Line::fail(TOPIC, "").saying(format!(
            "{} counts the rows of {other}, and this program is {owner}: one of the two is wrong. Look at OWNER_ID, else LOGS_DCR_RULE_ID, before the rule",
            id.name()
        ))),
        AlertQuery::Edited(_) | AlertQuery::Strange => Some(
            Line::fail(TOPIC, "")
                .saying(format!(
                    "the query of {} is not the one of this program: it is of another release or was changed; deploy this release's (its query is infra/kql/mismatch.kql and the line `| where Actionable`)",
                    id.name()
                ))
                .mended_by_all(again),
        ),
    }
}

/// Whether it asks the workspace with our tables; where that is cannot always be seen.
async fn of_workspace(visit: &Visit<'_>, ours: &Ours, id: &ResourceId, again: &[String]) -> Option<Line> {
    let scopes: Vec<&str> = which::scopes(&ours.rule).collect();
    let own = Found::workspace_id(visit.found().await);
    let last = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
    let said = match (scopes.as_slice(), own) {
        ([], _) => format!("{} asks no workspace", id.name()),
        ([scope], Some(own)) if !scope.eq_ignore_ascii_case(&own) => {
            format!("{} asks {}, and our tables are in {}", id.name(), last(scope), last(&own))
        }
        ([_], _) => return None,
        (several, _) => {
            format!("{} asks {} resources, and one workspace holds our tables", id.name(), several.len())
        }
    };
    // To deploy it again would take it from whoever it may belong to.
    let doubt = if ours.is_certain { "" } else { "; if it is another installation's, this one has none" };
    Some(Line::fail(TOPIC, "").saying(format!("{said}{doubt}")).mended_by_all(again))
}

fn unseen(id: &ResourceId) -> Line {
    Line::skip(TOPIC, "").saying(format!("not asked: this identity may not read {}", id.name()))
}

async fn missing(visit: &Visit<'_>, id: &ResourceId) -> Line {
    Line::fail(TOPIC, "")
        .saying(format!("ALERT_RULE_IDS names {}, which is not there", id.name()))
        .mended_by_all(&again::deployed_anew(visit, id).await)
}
