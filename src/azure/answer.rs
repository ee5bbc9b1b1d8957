//! What comes back from a call: an answer that is taken, or an honest error about one that is not, or that never came.

use std::marker::PhantomData;

use azure_core::Bytes;
use azure_core::error::ErrorKind;
use azure_core::http::headers::{ERROR_CODE, HeaderName, Headers};
use azure_core::time::OffsetDateTime;
use serde::de::DeserializeSeed;
use tokio::time::Instant;

use super::call::Call;
use super::cause::{is_refused, kind_of, of_call};
use super::error::{Certainty, Error, Kind, line, public};
use super::redact::Secrets;
use super::retry_after::of_refusal;
use super::stop::Stop;
use pure::domain::Service;

/// An answer of the class 2xx, or one that the call asked to see.
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Bytes,
    /// What was sent and may come back.
    pub(super) secrets: Secrets,
}

impl Answered {
    /// The body as JSON; a flaw when it is none, as when it was cut.
    pub(crate) fn json<'a, T: serde::Deserialize<'a>>(&'a self) -> Result<T, Flaw> {
        self.json_with(PhantomData)
    }

    /// The body as JSON, like [`Answered::json`], read by whoever knows what to make of it.
    pub(crate) fn json_with<'a, S: DeserializeSeed<'a>>(&'a self, seed: S) -> Result<S::Value, Flaw> {
        is_object(&self.body)?;
        // Whether it is UTF-8 is asked once, not for each text in it.
        let value = match std::str::from_utf8(&self.body) {
            Ok(text) => whole(serde_json::Deserializer::from_str(text), seed),
            Err(_) => whole(serde_json::Deserializer::from_slice(&self.body), seed),
        };
        value.map_err(|fault| Flaw::Unreadable(format!("the answer cannot be read: {fault}")))
    }

    /// What was sent and may come back.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// A header by its name in lower case.
    pub(crate) fn header(&self, name: &'static str) -> Option<&str> {
        self.headers.get_optional_str(&HeaderName::from_static(name))
    }
}

/// A flaw, when a body is no JSON object, as every answer of Azure is: a page of somebody on the way is none, nor is nothing, and
/// a list would be read as the members of one.
pub(super) fn is_object(body: &[u8]) -> Result<(), Flaw> {
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => Ok(()),
        Some(_) => Err(Flaw::from("the answer cannot be read: it is no JSON object")),
        None => Err(Flaw::from("the answer cannot be read: there is nothing in it")),
    }
}

/// One value, with nothing after it.
fn whole<'a, R: serde_json::de::Read<'a>, S: DeserializeSeed<'a>>(
    mut json: serde_json::Deserializer<R>,
    seed: S,
) -> serde_json::Result<S::Value> {
    let value = seed.deserialize(&mut json)?;
    json.end()?;
    Ok(value)
}

/// Why an answer is not taken.
#[derive(Debug)]
pub(crate) enum Flaw {
    /// It cannot be read, as when it was cut on its way: the call is tried again.
    Unreadable(String),
    /// It looks like success and is none; trying again changes nothing.
    Final(Kind, String),
    /// It is a refusal like any other, although the call asked to see its status.
    Refused,
}

impl From<String> for Flaw {
    fn from(words: String) -> Self {
        Self::Unreadable(words)
    }
}

impl From<&str> for Flaw {
    fn from(words: &str) -> Self {
        Self::Unreadable(words.to_owned())
    }
}

/// An error for a call that must not be made before `next`, because the service asked for it.
pub(crate) fn zone_waits(service: Service, operation: &str, next: Instant) -> Error {
    let words = "the service has asked that the zone be left alone for longer than this run lasts";
    let mut error = Error::new(service, Kind::ZoneWaits, operation, words);
    error.retry_after = Some(next.saturating_duration_since(Instant::now()));
    error
}

/// An error for a call that a service does not want before `next`, which is too late for this run.
pub(crate) fn service_waits(call: &Call, next: Instant) -> Error {
    let wait = next.saturating_duration_since(Instant::now());
    let words = format!(
        "the service has asked to be left alone for {} s more, which is longer than this call may wait",
        wait.as_secs()
    );
    let mut error = Error::new(call.service, Kind::Throttled, &call.operation, words);
    error.retry_after = Some(wait);
    error
}

/// An error for a write that has no turn before the deadline; the next one comes at `next`.
pub(crate) fn no_quota(service: Service, operation: &str, next: Instant) -> Error {
    let words = "the zone's write quota leaves no room before the deadline of this run";
    let mut error = Error::new(service, Kind::NoQuota, operation, words);
    error.retry_after = Some(next.saturating_duration_since(Instant::now()));
    error
}

/// An error for a write that was not sent, because somebody stopped the run.
pub(crate) fn stopped(call: &Call) -> Error {
    let words = "the run was stopped before this was written; the next run goes on";
    Error::new(call.service, Kind::Stopped, &call.operation, words)
}

/// An error for an answer that refuses.
pub(super) fn refused(call: &Call, reply: &Answered) -> Error {
    let code = reply.headers.get_optional_str(&ERROR_CODE);
    let (status, secrets) = (reply.status, &reply.secrets);
    let mut error = Error::answered(call.service, &call.operation, status, code, &reply.body, secrets);
    error.retry_after = of_refusal(status, &reply.headers, OffsetDateTime::now_utc());
    error
}

/// An error for an answer that is not taken.
pub(super) fn flawed(call: &Call, reply: &Answered, flaw: Flaw) -> Error {
    let (kind, words, certainty) = match flaw {
        Flaw::Refused => return refused(call, reply),
        Flaw::Unreadable(words) => (Kind::Unreadable, words, Certainty::Unknown),
        Flaw::Final(kind, words) => (kind, words, Certainty::Answered),
    };
    // They may hold what the service sent, of any length.
    let words = line(&words, &reply.secrets);
    Error::new(call.service, kind, &call.operation, public(&words))
        .with_detail(&words, &reply.secrets)
        .with_certainty(certainty)
}

/// An error for a token that was not given, where nothing but a token was wanted.
pub(super) fn without_token(operation: String, error: &azure_core::Error, secrets: &Secrets) -> Error {
    let (kind, detail) = match Stop::below(error) {
        Some(stop @ Stop::IdentityRefused(_)) => (Kind::NoIdentity, stop.to_string()),
        Some(stop) => (Kind::NoToken, stop.to_string()),
        None if is_refused(error) => (Kind::NoIdentity, error.to_string()),
        None => (Kind::NoToken, error.to_string()),
    };
    Error::new(Service::Token, kind, operation, "").with_detail(&detail, secrets)
}

/// An error for a call that was not answered.
pub(super) fn unanswered(
    call: &Call,
    error: &azure_core::Error,
    secrets: &Secrets,
    proxy: Option<&str>,
) -> Error {
    let cause = kind_of(error);
    let (kind, certainty) = match (Stop::below(error), &cause) {
        (Some(Stop::Deadline), _) => (Kind::Deadline, Certainty::Unknown),
        (Some(Stop::TimedOut(_)), _) => (Kind::TimedOut, Certainty::Unknown),
        (Some(Stop::TooLarge(_)), _) => (Kind::TooLarge, Certainty::Unknown),
        (Some(Stop::NoTokenInTime), _) => (Kind::NoToken, Certainty::NotSent),
        (Some(Stop::IdentityRefused(_)), _) => (Kind::NoIdentity, Certainty::NotSent),
        (Some(Stop::HostRefused(_)), _) => (Kind::HostRefused, Certainty::NotSent),
        (None, ErrorKind::Io) => (Kind::Lost, Certainty::Unknown),
        (None, ErrorKind::Connection) => (Kind::NotConnected, Certainty::NotSent),
        (None, ErrorKind::Credential) if is_refused(error) => (Kind::NoIdentity, Certainty::NotSent),
        // The credential has tried again by itself.
        (None, ErrorKind::Credential) => (Kind::NoToken, Certainty::NotSent),
        (None, _) => (Kind::NotSent, Certainty::NotSent),
    };
    let said = match Stop::below(error) {
        // Hosts, and what was said of us, are for the log alone.
        Some(Stop::HostRefused(_) | Stop::IdentityRefused(_)) | None => String::new(),
        Some(stop) => stop.to_string(),
    };
    let detail = match Stop::below(error) {
        Some(stop) => stop.to_string(),
        None => of_call(error, &cause, &call.url, proxy),
    };
    Error::new(call.service, kind, &call.operation, said)
        .with_detail(&detail, secrets)
        .with_certainty(certainty)
}
