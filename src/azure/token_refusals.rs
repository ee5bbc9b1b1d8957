//! Which services refused the token of a run, whatever its owner may do.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::error::{Error, refuses_token};
use pure::domain::Service;

/// How a service refused the token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRefusal {
    /// The HTTP status.
    pub status: Option<u16>,
    /// The service's own code, where it gave one.
    pub code: Option<String>,
}

impl Error {
    /// Whether the service refuses the token itself, which says nothing of rights.
    #[must_use]
    pub fn refuses_token(&self) -> bool {
        self.status.is_some_and(|status| refuses_token(status, self.code()))
    }
}

/// The first refusal of each service. Those that another token ended are none: the call was answered then.
#[derive(Debug, Default)]
pub(super) struct TokenRefusals(Mutex<BTreeMap<Service, TokenRefusal>>);

impl TokenRefusals {
    /// Notes what became of a call that failed, if it was for the token.
    pub(super) fn note(&self, error: &Error) {
        if !error.refuses_token() {
            return;
        }
        let refusal = TokenRefusal { status: error.status, code: error.code().map(str::to_owned) };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(error.service).or_insert(refusal);
    }

    /// What was noted so far.
    pub(super) fn all(&self) -> BTreeMap<Service, TokenRefusal> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::redact::Secrets;

    #[test]
    fn what_speaks_of_rights_is_no_refusal_of_the_token() {
        let refusals = TokenRefusals::default();
        let answer = |service, status, code: &str| {
            let body = format!(r#"{{"error":{{"code":"{code}","message":"m"}}}}"#);
            Error::answered(service, "x", status, None, body.as_bytes(), &Secrets::default())
        };
        refusals.note(&answer(Service::DnsRead, 403, "AuthorizationFailed"));
        refusals.note(&answer(Service::DnsWrite, 500, "ExpiredAuthenticationToken"));
        refusals.note(&answer(Service::LogsQuery, 403, "InvalidTokenError"));
        refusals.note(&answer(Service::LogsIngest, 401, "AuthenticationFailed"));
        refusals.note(&answer(Service::LogsIngest, 401, "Another"));
        let all: Vec<_> = refusals.all().into_iter().map(|(of, refusal)| (of, refusal.code)).collect();
        let wanted = [
            (Service::LogsQuery, Some("InvalidTokenError".to_owned())),
            (Service::LogsIngest, Some("AuthenticationFailed".to_owned())),
        ];
        assert_eq!(all, wanted);
    }
}
