//! One error for every Azure service: where it happened, what was answered, and how sure we are of the effect.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use serde_json::Value;

/// The longest piece of a foreign body that is kept for people, in characters.
const KEPT: usize = 400;

/// The services that the program calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Api {
    /// Azure Resource Graph, and single machines read through Azure Resource Manager.
    ResourceGraph,
    /// Azure DNS.
    Dns,
    /// The Logs Query API of Log Analytics.
    LogsQuery,
    /// The Logs Ingestion API of Azure Monitor.
    LogsIngest,
}

impl fmt::Display for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ResourceGraph => "Azure Resource Graph",
            Self::Dns => "Azure DNS",
            Self::LogsQuery => "the Logs Query API",
            Self::LogsIngest => "the Logs Ingestion API",
        })
    }
}

/// What is known about the effect of a call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// Nothing left this machine: no token, no connection, no time, or no quota.
    NotSent,
    /// The call may have had its effect: its answer was lost, or an earlier try of the same write went unanswered.
    Unknown,
    /// The service answered, and refused.
    Answered,
}

/// A call to Azure that failed.
#[derive(Debug)]
pub struct Error {
    /// The service that was called.
    pub service: Api,
    /// What was tried; fits after "failed to".
    pub operation: String,
    /// The HTTP status of the last answer, if there was one.
    pub status: Option<u16>,
    /// The service's own code, such as `PreconditionFailed`; empty when it gave none.
    pub code: String,
    /// The service's or the network's own words.
    pub message: String,
    /// Line and column, both counted from 1, of what a query says that the service does not understand.
    pub place: Option<Box<(usize, usize)>>,
    /// How long the service asked to be left alone, when that is longer than the caller could wait.
    pub retry_after: Option<Duration>,
    /// What is known about the effect.
    pub certainty: Certainty,
    pub(crate) source: Option<Box<dyn StdError + Send + Sync>>,
}

/// The code of an error that says: the zone's own write quota leaves no room before the deadline.
pub const NO_QUOTA: &str = "NoQuotaBeforeDeadline";
/// The code of an error that says: the deadline had passed before the call could be made.
pub const DEADLINE: &str = "DeadlinePassed";

impl Error {
    /// An error without an answer.
    pub(crate) fn new(service: Api, operation: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            service,
            operation: operation.into(),
            status: None,
            code: String::new(),
            message: message.into(),
            place: None,
            retry_after: None,
            certainty: Certainty::NotSent,
            source: None,
        }
    }

    /// An error made of an answer that is no success.
    pub(crate) fn answered(
        service: Api,
        operation: &str,
        status: u16,
        header: Option<&str>,
        body: &[u8],
    ) -> Self {
        let words = Words::read(header, body);
        Self {
            status: Some(status),
            code: words.code,
            place: place_in_query(body).map(Box::new),
            certainty: Certainty::Answered,
            ..Self::new(service, operation, words.message)
        }
    }

    /// Whether a condition of the write did not hold (412): read again and decide again.
    #[must_use]
    pub fn is_precondition(&self) -> bool {
        self.status == Some(412)
    }

    /// Whether another operation on the same thing is in the way (409): read again and decide again.
    #[must_use]
    pub fn is_conflict(&self) -> bool {
        self.status == Some(409)
    }

    /// Whether the write was put off: no room in the zone's quota before the deadline, or no time at all.
    #[must_use]
    pub fn is_deferred(&self) -> bool {
        self.certainty == Certainty::NotSent && (self.code == NO_QUOTA || self.code == DEADLINE)
    }

    /// Whether the same call may well succeed a little later, without anybody changing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self.status {
            Some(status) => is_transient(status),
            None => self.code.is_empty() || self.is_deferred(),
        }
    }

    /// What to do about it, for people; empty when the error says it all.
    #[must_use]
    pub fn hint(&self) -> &'static str {
        match (self.service, self.status) {
            (Api::LogsIngest, Some(403)) => {
                "give this identity the role Monitoring Metrics Publisher on the data collection rule; a new assignment takes up to 30 minutes"
            }
            (Api::LogsIngest, Some(404)) => {
                "check LOGS_DCR_RULE_ID and LOGS_INGESTION_ENDPOINT: the rule is not known there"
            }
            (Api::LogsQuery, Some(403)) => {
                "give this identity the role Log Analytics Reader on the workspaces of LOGS_WORKSPACE_IDS"
            }
            (Api::LogsQuery, Some(404)) => "check LOGS_WORKSPACE_IDS: no workspace has this id",
            (Api::Dns, Some(403)) => {
                "give this identity the role DNS Zone Contributor on the zone; a lock on the zone stops writes as well"
            }
            (Api::Dns, Some(404)) => "check DNS_ZONES: the zone is not in that resource group",
            (Api::ResourceGraph, Some(403)) => {
                "give this identity the role Reader on the subscriptions or resource groups of the machines"
            }
            (_, Some(401)) => "check AZURE_CLOUD and the credential: the token was refused",
            (_, Some(407)) => "check HTTPS_PROXY: the proxy asks for a name and a password",
            _ => "",
        }
    }

    /// The error and every cause below it, joined by colons.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(below) = cause {
            let words = below.to_string();
            if !text.contains(&words) {
                end_sentence(&mut text);
                text.push_str(": ");
                text.push_str(&words);
            }
            cause = below.source();
        }
        let hint = self.hint();
        if !hint.is_empty() {
            end_sentence(&mut text);
            text.push_str("; ");
            text.push_str(hint);
        }
        text
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failed to {}: {}", self.operation, self.service)?;
        match self.status {
            Some(status) => {
                write!(f, " answered {status}")?;
                if !self.code.is_empty() {
                    write!(f, " {}", self.code)?;
                }
            }
            None if self.certainty == Certainty::Unknown => f.write_str(" did not answer")?,
            None => f.write_str(" was not called")?,
        }
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        if self.status.is_some() && self.certainty == Certainty::Unknown {
            f.write_str(" (an earlier try may have had its effect)")?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// The words of services are sentences; what follows them here is not the next one.
fn end_sentence(text: &mut String) {
    text.truncate(text.trim_end_matches(['.', ' ']).len());
}

/// Statuses that pass by themselves (contract azure-sdk-for-rust, section 4).
pub(crate) fn is_transient(status: u16) -> bool {
    matches!(status, 408 | 429 | 500 | 502 | 503 | 504)
}

/// Code and message of an error body.
///
/// Azure's front door wraps them in `error`, the DNS provider does not (contract azure-resource-manager, section
/// 1.3); Log Analytics says what is wrong in the innermost `innererror` (contract azure-monitor, section 4.4).
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Words {
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Words {
    pub(crate) fn read(header: Option<&str>, body: &[u8]) -> Self {
        let header = header.unwrap_or_default().trim();
        match serde_json::from_slice::<Value>(body) {
            Ok(value @ Value::Object(_)) => {
                let mut words = Self::of(&value);
                if words.message.is_empty() && words.code.is_empty() {
                    words.message = readable(body);
                }
                if !header.is_empty() {
                    words.code = header.chars().take(KEPT).collect();
                }
                words
            }
            _ => Self { code: header.chars().take(KEPT).collect(), message: readable(body) },
        }
    }

    /// Code and message of a parsed error document.
    pub(crate) fn of(value: &Value) -> Self {
        let error = value.get("error").filter(|error| error.is_object()).unwrap_or(value);
        let text = |value: &Value, name: &str| {
            value.get(name).and_then(Value::as_str).map(|text| plain(text.chars())).unwrap_or_default()
        };
        let mut messages = vec![text(error, "message")];
        let mut inner = error.get("innererror");
        while let Some(deeper) = inner.filter(|inner| inner.is_object() && messages.len() < 8) {
            messages.push(text(deeper, "message"));
            inner = deeper.get("innererror");
        }
        let details = error.get("details").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        messages.extend(details.iter().take(3).map(|detail| text(detail, "message")));
        messages.retain(|message| !message.is_empty());
        messages.dedup();
        Self { code: text(error, "code"), message: messages.join(": ") }
    }
}

/// Where the innermost `innererror` with a place says a query is wrong: its `line` is counted from 1, its `pos` from 0
/// (contract azure-monitor, section 4.4).
fn place_in_query(body: &[u8]) -> Option<(usize, usize)> {
    let value = serde_json::from_slice::<Value>(body).ok()?;
    let number = |value: &Value, name: &str| value.get(name)?.as_u64()?.try_into().ok();
    let mut found = None;
    let mut inner = value.get("error").and_then(|error| error.get("innererror"));
    for _ in 0..8 {
        let Some(deeper) = inner else { break };
        if let (Some(line), Some(pos)) = (number(deeper, "line"), number(deeper, "pos")) {
            found = Some((line, usize::saturating_add(pos, 1)));
        }
        inner = deeper.get("innererror");
    }
    found
}

/// The beginning of a body that nobody can parse: proxies answer with HTML, or with nothing.
fn readable(body: &[u8]) -> String {
    plain(String::from_utf8_lossy(&body[..body.len().min(8 * KEPT)]).chars())
}

/// One line of bounded length, without control characters.
fn plain(text: impl Iterator<Item = char>) -> String {
    let line: String = text.map(|c| if c.is_control() { ' ' } else { c }).take(KEPT).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(body: &str) -> (String, String) {
        let words = Words::read(None, body.as_bytes());
        (words.code, words.message)
    }

    #[test]
    fn both_envelopes_are_read() {
        let bare = r#"{"code":"NotFound","message":"No record 'web09'."}"#;
        let wrapped = r#"{"error":{"code":"ResourceNotFound","message":"Zone \"example.net\"\nis absent."}}"#;
        assert_eq!(words(bare), ("NotFound".into(), "No record 'web09'.".into()));
        assert_eq!(words(wrapped), ("ResourceNotFound".into(), "Zone \"example.net\" is absent.".into()));
    }

    #[test]
    fn the_innermost_error_of_a_query_is_told() {
        let body = r#"{"error":{"message":"outer","code":"BadArgumentError","innererror":
            {"code":"SyntaxError","message":"middle","innererror":{"code":"SYN0002","message":"near 'joyn'"}}}}"#;
        assert_eq!(words(body), ("BadArgumentError".into(), "outer: middle: near 'joyn'".into()));
    }

    #[test]
    fn html_nothing_and_nonsense_are_kept_as_text() {
        assert_eq!(words(""), (String::new(), String::new()));
        assert_eq!(words("<html>\r\n502</html>"), (String::new(), "<html>  502</html>".into()));
        assert_eq!(words("[1,2]"), (String::new(), "[1,2]".into()));
        assert_eq!(words(r#"{"error":"x"}"#), (String::new(), r#"{"error":"x"}"#.into()));
        assert_eq!(words(&"é".repeat(5000)).1.chars().count(), KEPT);
    }

    #[test]
    fn the_header_wins_over_the_body() {
        let words =
            Words::read(Some("ContentLengthLimitExceeded"), br#"{"error":{"code":"X","message":"m"}}"#);
        assert_eq!(words.code, "ContentLengthLimitExceeded");
        assert_eq!(words.message, "m");
    }

    #[test]
    fn the_whole_chain_is_told_with_what_to_do() {
        let mut error = Error::answered(
            Api::LogsIngest,
            "send 3 rows to Custom-TagData",
            403,
            None,
            br#"{"error":{"code":"OperationFailed","message":"no access."}}"#,
        );
        let begin = "failed to send 3 rows to Custom-TagData: the Logs Ingestion API answered 403 OperationFailed: no access";
        let text = error.chain();
        assert!(text.starts_with(&format!("{begin}; give this identity")), "{text}");
        error.source = Some("the cause".into());
        let text = error.chain();
        assert!(text.starts_with(&format!("{begin}: the cause; give this identity")), "{text}");
    }
}
