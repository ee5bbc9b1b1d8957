//! How calls over HTTP are answered.

use std::time::Duration;

use super::declared::{ALERT_RULE_IDS, REPLY_WITHIN};
use super::reader::Reader;

/// How calls over HTTP are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replies {
    /// `REPLY_WITHIN`: an answer leaves within this time; the run goes on when it needs longer.
    pub within: Duration,
    /// `ALERT_RULE_IDS`: alert rules that may start a run, lower case; empty: every one.
    pub alert_rule_ids: Vec<String>,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Replies {
    let within = reader.duration(REPLY_WITHIN);
    if within > Duration::from_secs(9) {
        reader.warn(REPLY_WITHIN, "is longer than an action group waits, which is about 10 s");
    }
    let alert_rule_ids = reader.list(ALERT_RULE_IDS, |member| {
        if is_rule(member) {
            return Ok(member.to_lowercase());
        }
        Err(format!(
            "holds `{member}`; write resource ids of alert rules, /subscriptions/…/resourceGroups/…/providers/Microsoft.Insights/scheduledQueryRules/NAME"
        ))
    });
    Replies { within, alert_rule_ids }
}

/// Names of rules may hold blanks, so this is no id that a query could quote; it is compared and nothing else.
fn is_rule(text: &str) -> bool {
    let lower = text.trim_end_matches('/').to_lowercase();
    let segments: Vec<&str> = lower.split('/').collect();
    let [start, "subscriptions", _, "resourcegroups", _, "providers", _, _, rest @ ..] = segments.as_slice()
    else {
        return false;
    };
    start.is_empty() && !rest.is_empty() && segments[1..].iter().all(|segment| !segment.trim().is_empty())
}
