//! What a caller asks: the query, its time, and the preferences.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use super::answer;
use super::timespan::Timespan;
use crate::{Call, Reply};

/// One question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Question {
    /// The text of the query.
    pub(super) query: String,
    /// The range on top of what the query says; none: all data.
    pub(super) timespan: Option<Timespan>,
    /// Further workspaces that the query shall read.
    pub(super) workspaces: Vec<String>,
}

impl Question {
    /// Out of a GET's query string.
    ///
    /// # Errors
    ///
    /// The 400 for a missing query or a malformed timespan.
    pub(super) fn from_parameters(call: &Call, now: Timestamp) -> Result<Self, Reply> {
        let query = call.parameter("query").filter(|text| !text.trim().is_empty());
        Ok(Self {
            query: query.ok_or_else(|| answer::bad_argument("The query parameter 'query' is missing."))?,
            timespan: in_url(call, now)?,
            workspaces: Vec::new(),
        })
    }

    /// Out of a POST's body; a timespan in the URL narrows it further.
    ///
    /// # Errors
    ///
    /// The 400 for a body that is no question.
    pub(super) fn from_body(call: &Call, now: Timestamp) -> Result<Self, Reply> {
        let body: Value = serde_json::from_slice(&call.body)
            .map_err(|error| answer::bad_argument(&format!("The body is not JSON: {error}.")))?;
        Self::from_json(&body, in_url(call, now)?, now)
    }

    /// Out of a body; `beside` is a timespan that narrows it further.
    ///
    /// # Errors
    ///
    /// The 400 for a body that is no question.
    pub(super) fn from_json(body: &Value, beside: Option<Timespan>, now: Timestamp) -> Result<Self, Reply> {
        let query = body["query"].as_str().filter(|text| !text.trim().is_empty());
        let query = query.ok_or_else(|| answer::bad_argument("The body has no 'query'."))?.to_owned();
        let in_body = match &body["timespan"] {
            Value::Null => None,
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(read(text, now)?),
            _ => return Err(answer::bad_argument("'timespan' is no text.")),
        };
        let workspaces = match &body["workspaces"] {
            Value::Null => Vec::new(),
            Value::Array(items) => items.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => return Err(answer::bad_argument("'workspaces' is no array.")),
        };
        let timespan = match (beside, in_body) {
            (Some(beside), Some(body)) => Some(beside.intersect(body)),
            (beside, body) => beside.or(body),
        };
        Ok(Self { query, timespan, workspaces })
    }
}

fn in_url(call: &Call, now: Timestamp) -> Result<Option<Timespan>, Reply> {
    call.parameter("timespan").filter(|text| !text.is_empty()).map(|text| read(&text, now)).transpose()
}

fn read(text: &str, now: Timestamp) -> Result<Timespan, Reply> {
    Timespan::parse(text, now)
        .map_err(|why| answer::bad_argument(&format!("The timespan is invalid: {why}.")))
}

/// What `Prefer` asks for (contract azure-monitor, section 4.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Preferences {
    /// How long the caller waits.
    pub(super) wait: Duration,
    /// Whether the caller says so, which is answered by `Preference-Applied`.
    pub(super) says_wait: bool,
    /// Whether to add `statistics`.
    pub(super) statistics: bool,
    /// Whether to add `render`.
    pub(super) render: bool,
}

impl Preferences {
    /// Reads the header; what is not known is left aside.
    pub(super) fn of(header: &str) -> Self {
        let mut preferences =
            Self { wait: Duration::from_secs(180), says_wait: false, statistics: false, render: false };
        for part in header.split([',', ';']) {
            let (name, value) = part.trim().split_once('=').unwrap_or((part.trim(), "true"));
            match name.to_ascii_lowercase().as_str() {
                "wait" => {
                    if let Ok(seconds) = value.parse::<u64>() {
                        preferences.wait = Duration::from_secs(seconds.min(600));
                        preferences.says_wait = true;
                    }
                }
                "include-statistics" => preferences.statistics = value.eq_ignore_ascii_case("true"),
                "include-render" => preferences.render = value.eq_ignore_ascii_case("true"),
                _ => {}
            }
        }
        preferences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read() {
        let read = Preferences::of("wait=30,include-statistics=true");
        let wanted =
            Preferences { wait: Duration::from_secs(30), says_wait: true, statistics: true, render: false };
        assert_eq!(read, wanted);
        assert_eq!(Preferences::of("").wait, Duration::from_secs(180));
        assert_eq!(Preferences::of("wait=9999, include-render=true").wait, Duration::from_secs(600));
    }
}
