//! How calls over HTTP are answered.

use std::time::Duration;

use super::reader::{Reader, members};

/// How calls over HTTP are answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// `REPLY_WITHIN`: an answer leaves within this time; the run goes on when it needs longer.
    pub within: Duration,
    /// `ALERT_RULE_IDS`: alert rules that may start a run, lower case; empty: every one.
    pub alert_rule_ids: Vec<String>,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Reply {
    let within = reader.duration("REPLY_WITHIN", Duration::from_secs(8), Some(Duration::from_secs(200)));
    if within > Duration::from_secs(9) {
        reader.warn("REPLY_WITHIN", "is longer than an action group waits, which is about 10 s");
    }
    let ids = reader.text("ALERT_RULE_IDS").unwrap_or_default();
    Reply { within, alert_rule_ids: members(ids).map(str::to_lowercase).collect() }
}
