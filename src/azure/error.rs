//! One error for every Azure service: where it happened, what was answered, and how sure we are of the effect.
//!
//! What a service calls its refusal ([`Error::code`]) and what we call a failure of our own ([`Error::kind`]) are
//! different things; who has to decide asks one of them, and never a text. People outside are shown
//! [`Error::for_people`], the log [`Error::chain`], which knows hosts, pages of proxies and causes besides.

mod deployment;
mod kind;
mod missing_zone;
mod refusal;
mod right;
mod words;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use pure::domain::{ResourceId, Service};

pub use self::{kind::Kind, missing_zone::Lacking};
pub use refusal::Refusal;
pub(crate) use refusal::refuses_token;
pub(crate) use words::{Words, code_of_body, line, public};

use super::redact::Secrets;

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
    pub service: Service,
    /// What was tried; fits after "failed to".
    pub operation: String,
    /// The HTTP status of the last answer, if there was one.
    pub status: Option<u16>,
    /// Line and column, both counted from 1, of what a query says that the service does not understand.
    pub place: Option<Box<(usize, usize)>>,
    /// How long is to be waited before the next try: as the service asks with its last answer, or until a zone that it
    /// wants to be left alone, or our own share of its quota, is open again.
    pub retry_after: Option<Duration>,
    /// What is known about the effect.
    pub certainty: Certainty,
    kind: Kind,
    said: Box<Said>,
}

/// The texts of an error; none holds a secret.
#[derive(Debug, Default)]
struct Said {
    /// The service's own code.
    code: Option<String>,
    /// The service's own words, or ours: fit for everybody.
    message: String,
    /// Causes and foreign pages: for the log.
    detail: String,
    /// What the call was about, to say who has rights there.
    about: Option<ResourceId>,
    /// The right that it wants, where that is not the one of every call to its service.
    right: Option<&'static str>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of our own, without an answer; `message` is fit for everybody.
    pub(crate) fn new(
        service: Service,
        kind: Kind,
        operation: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            service,
            operation: operation.into(),
            status: None,
            place: None,
            retry_after: None,
            certainty: Certainty::NotSent,
            kind,
            said: Box::new(Said { message: message.into(), ..Said::default() }),
        }
    }

    /// An error made of an answer that is no success.
    pub(crate) fn answered(
        service: Service,
        operation: &str,
        status: u16,
        header: Option<&str>,
        body: &[u8],
        secrets: &Secrets,
    ) -> Self {
        let words = Words::read(header, body, secrets);
        let mut error = Self::new(service, Kind::of_status(status), operation, words.message);
        error.status = Some(status);
        error.place = words::place_in_query(body).map(Box::new);
        error.certainty = Certainty::Answered;
        error.said.code = words.code;
        error.said.detail = words.detail;
        error
    }

    /// The same with what the call was about.
    pub(crate) fn about(mut self, about: Option<&ResourceId>) -> Self {
        self.said.about = about.cloned();
        self
    }

    /// The same with causes that the log alone is told.
    pub(crate) fn with_detail(mut self, detail: &str, secrets: &Secrets) -> Self {
        self.said.detail = words::line(detail, secrets);
        self
    }

    /// The same with the error below it.
    pub(crate) fn with_source(mut self, source: Box<dyn StdError + Send + Sync>) -> Self {
        self.said.source = Some(source);
        self
    }

    /// The same with another certainty.
    pub(crate) fn with_certainty(mut self, certainty: Certainty) -> Self {
        self.certainty = certainty;
        self
    }

    /// The service's own code, such as `ScopeLocked`; none when it gave none.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.said.code.as_deref()
    }

    /// What kind of failure it is, in our own words.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The reason in one word, as rows keep it: the service's code, else our own kind.
    #[must_use]
    pub fn reason(&self) -> &str {
        self.code().unwrap_or_else(|| self.kind.as_str())
    }

    /// Whether a condition of the write did not hold (412): read again and decide again.
    #[must_use]
    pub fn is_precondition(&self) -> bool {
        self.status == Some(412)
    }

    /// Whether another operation on the same thing is in the way and passes (409): wait, read again, decide again.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        self.status == Some(409) && Refusal::is_pending(self.code())
    }

    /// Whether the service asks to be left alone (429).
    #[must_use]
    pub fn is_throttled(&self) -> bool {
        self.kind == Kind::Throttled
    }

    /// Whether the service says that this identity has not the right to it. A 403 without a code is somebody else's, such
    /// as a proxy's page, and one about the token says nothing of rights.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.refusal() == Some(Refusal::NoRight)
    }

    /// The refusal that no patience ends, if it is one.
    #[must_use]
    pub fn refusal(&self) -> Option<Refusal> {
        Refusal::of(self.status?, self.code())
    }

    /// Whether the service refused for good: trying again changes nothing until somebody lifts it.
    #[must_use]
    pub fn is_permanent_refusal(&self) -> bool {
        self.refusal().is_some()
    }

    /// Whether the service answered that it will not take the call, now or later: any 4xx that asks for no patience.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.status
            .is_some_and(|status| (400..500).contains(&status) && !matches!(status, 408 | 409 | 413 | 429))
    }

    /// Whether the write was put off: no room in the zone's quota before the deadline, a zone that waits, or no time
    /// at all.
    #[must_use]
    pub fn is_deferred(&self) -> bool {
        self.certainty == Certainty::NotSent && self.kind.is_deferred()
    }

    /// Whether the same call may well succeed a little later, without anybody changing anything.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.kind.is_transient()
    }

    /// What to do about it, and who can; empty when the error says it all.
    #[must_use]
    pub fn hint(&self) -> String {
        if let Some(refusal) = self.refusal() {
            return refusal.remedy(self.service, self.said.about.as_ref(), self.said.right);
        }
        let decides = refusal::decides_the_host(self.service);
        match self.kind {
            _ if refusal::is_history_full(self.status, self.code()) => {
                return refusal::room_in_history(self.said.about.as_ref());
            }
            Kind::NotConnected => return format!("{decides} decides the host"),
            Kind::Unreadable | Kind::NotAccepted | Kind::TooLarge => {
                return format!(
                    "{decides} decides the host; a proxy or firewall on the way may have answered in its place"
                );
            }
            Kind::NoToken => {
                return "AZURE_TOKEN_CREDENTIALS decides who asks for tokens: `az login` for a person, an identity for an app"
                    .to_owned();
            }
            _ => {}
        }
        let words = match (self.service, self.status) {
            (_, Some(status)) if refuses_token(status, self.code()) => {
                "check AZURE_CLOUD and the credential: the token was refused"
            }
            // Services give a code to what they refuse; a page of somebody on the way has none.
            (service, Some(403)) => {
                let right = refusal::right(service, self.said.about.as_ref());
                return format!(
                    "{right}; no code says who refused, so it may be a proxy or firewall on the way"
                );
            }
            (Service::LogsIngest, Some(404)) => {
                "check LOGS_DCR_RULE_ID and LOGS_INGESTION_ENDPOINT: the rule is not known there"
            }
            (Service::LogsQuery, Some(404)) => "check LOGS_WORKSPACE_IDS: no workspace has this id",
            (Service::DnsRead | Service::DnsWrite, Some(404)) => {
                return refusal::no_zone(self.said.about.as_ref());
            }
            (_, Some(407)) => "check HTTPS_PROXY: the proxy asks for a name and a password",
            _ => "",
        };
        words.to_owned()
    }

    /// The error in words for people outside: what failed, what the service said, and what to do.
    #[must_use]
    pub fn for_people(&self) -> String {
        let mut text = self.to_string();
        self.add_hint(&mut text);
        text
    }

    /// The error and every cause below it, for the log: with hosts, and with the beginning of a page that a proxy sent.
    #[must_use]
    pub fn chain(&self) -> String {
        // The cause that was found says more than the kind of it.
        let found = if self.said.message.is_empty() { self.said.detail.as_str() } else { "" };
        let mut text = self.told(if found.is_empty() { self.words() } else { found });
        let add = |text: &mut String, words: &str| {
            if !words.is_empty() && !text.contains(words) {
                end_sentence(text);
                text.push_str(": ");
                text.push_str(words);
            }
        };
        add(&mut text, &self.said.detail);
        let mut cause = self.source();
        while let Some(below) = cause {
            add(&mut text, &words::line(&below.to_string(), &Secrets::default()));
            cause = below.source();
        }
        self.add_hint(&mut text);
        text
    }

    /// What the service said, else what the kind of it means.
    fn words(&self) -> &str {
        match self.said.message.as_str() {
            "" => self.kind.sentence(),
            message => message,
        }
    }

    /// What failed, and these words about it.
    fn told(&self, words: &str) -> String {
        let mut text = format!("failed to {}: {}", self.operation, self.service);
        match self.status {
            Some(status) => {
                text.push_str(&format!(" answered {status}"));
                if let Some(code) = self.code() {
                    text.push_str(&format!(" {code}"));
                }
            }
            None if self.certainty == Certainty::NotSent => text.push_str(" was not called"),
            None if matches!(self.kind, Kind::TimedOut | Kind::Lost | Kind::Deadline) => {
                text.push_str(" did not answer");
            }
            None => text.push_str(" gave an answer that cannot be used"),
        }
        if !words.is_empty() {
            text.push_str(": ");
            text.push_str(words);
        }
        if self.status.is_some() && self.certainty == Certainty::Unknown {
            text.push_str(" (an earlier try may have had its effect)");
        }
        text
    }

    fn add_hint(&self, text: &mut String) {
        let hint = self.hint();
        if !hint.is_empty() {
            end_sentence(text);
            text.push_str("; ");
            text.push_str(&hint);
        }
    }
}

/// What failed and what was said; causes are left to [`Error::chain`].
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.told(self.words()))
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.said.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// The words of services are sentences; what follows them here is not the next one.
fn end_sentence(text: &mut String) {
    text.truncate(text.trim_end_matches(['.', ' ']).len());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(service: Service, status: u16, body: &str) -> Error {
        Error::answered(service, "write x A", status, None, body.as_bytes(), &Secrets::default())
    }

    #[test]
    fn the_whole_chain_is_told_with_what_to_do() {
        let body = r#"{"error":{"code":"OperationFailed","message":"no access."}}"#;
        let error = answered(Service::LogsIngest, 403, body);
        let begin = "failed to write x A: the Logs Ingestion API answered 403 OperationFailed: no access";
        let text = error.chain();
        assert!(text.starts_with(&format!("{begin}; give this identity")), "{text}");
        let text = error.with_source("the cause".into()).chain();
        assert!(text.starts_with(&format!("{begin}: the cause; give this identity")), "{text}");
    }

    #[test]
    fn people_outside_see_neither_pages_nor_causes() {
        let error = answered(Service::LogsQuery, 502, "<html>gateway 10.1.2.3</html>");
        assert_eq!(error.for_people(), "failed to write x A: the Logs Query API answered 502");
        assert!(error.chain().contains("gateway 10.1.2.3"), "{}", error.chain());
        let error = Error::new(Service::LogsQuery, Kind::NotConnected, "query the logs", "")
            .with_detail("no connection to https://10.1.2.3: refused", &Secrets::default());
        let people = "failed to query the logs: the Logs Query API was not called: no connection; \
                      LOGS_QUERY_ENDPOINT, else AZURE_CLOUD, decides the host";
        assert_eq!(error.for_people(), people);
        assert!(error.chain().contains("10.1.2.3"), "{}", error.chain());
    }

    #[test]
    fn codes_of_services_and_kinds_of_ours_are_apart() {
        let locked = answered(Service::DnsWrite, 409, r#"{"error":{"code":"ScopeLocked","message":"m"}}"#);
        assert_eq!(
            (locked.code(), locked.kind(), locked.reason()),
            (Some("ScopeLocked"), Kind::Refused, "ScopeLocked")
        );
        assert!(locked.is_permanent_refusal() && !locked.is_pending() && !locked.is_transient());
        let pending = answered(Service::DnsWrite, 409, r#"{"code":"Conflict","message":"m"}"#);
        assert!(pending.is_pending() && !pending.is_permanent_refusal());
        let busy = answered(Service::DnsWrite, 429, "");
        assert_eq!((busy.code(), busy.reason()), (None, "throttled"));
        let waits = Error::new(Service::DnsWrite, Kind::ZoneWaits, "write x A", "m");
        assert!(busy.is_throttled() && busy.is_transient() && waits.is_deferred() && waits.is_transient());
        assert!(!waits.with_certainty(Certainty::Unknown).is_deferred());
    }
}
