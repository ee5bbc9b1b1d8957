//! What went wrong, for people outside and for the log.

use crate::azure::{Error, Kind};
use pure::domain::{ResourceId, Service, ZoneId};
use pure::story::Topic;

/// What failed. As the end of a run: Azure could not be asked, so nothing was decided; the next run tries again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{because}")]
pub struct Trouble {
    /// What went wrong, for people outside.
    pub because: String,
    /// The same for the log, with every cause.
    pub logged: String,
    /// What failed calls have in common that failed for one cause; none where it was no call.
    origin: Option<Origin>,
    /// How many others like it there were.
    more: usize,
}

/// Who gave up a call, and why: what was tried is no part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Origin {
    service: Service,
    status: Option<u16>,
    kind: Kind,
    code: Option<String>,
    /// Whether the token is what was refused, whoever refused it.
    is_of_the_token: bool,
    /// The zone that does not exist, where that is what failed.
    missing: Option<ResourceId>,
}

impl Trouble {
    /// Trouble of which the log and people outside are told the same.
    #[must_use]
    pub fn new(because: impl Into<String>) -> Self {
        let because = because.into();
        Self::told(because.clone(), because)
    }

    /// Trouble in words for people outside and in words for the log.
    #[must_use]
    pub fn told(because: String, logged: String) -> Self {
        Self { because, logged, origin: None, more: 0 }
    }

    /// A query that gave only part of its rows.
    #[must_use]
    pub(super) fn of_a_part(why: &str) -> Self {
        Self::new(format!("a query gave only part of its rows: {why}"))
    }

    /// What a call that failed means for people outside and for the log.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        let origin = Origin {
            service: error.service,
            status: error.status,
            kind: error.kind(),
            code: error.code().map(str::to_owned),
            is_of_the_token: error.refuses_token(),
            missing: error.missing_zone().cloned(),
        };
        Self { origin: Some(origin), ..Self::told(error.for_people(), error.chain()) }
    }

    /// The same after what it is about.
    #[must_use]
    pub fn after(&self, about: &str) -> Self {
        Self::told(format!("{about}: {}", self.because), format!("{about}: {}", self.logged))
    }

    /// The words for the log, with how many others there were.
    #[must_use]
    pub fn for_log(&self) -> String {
        match self.more {
            0 => self.logged.clone(),
            more => format!("{} (and {more} more like it)", self.logged),
        }
    }

    /// The zone of which the service says that it does not exist, where that is what failed.
    #[must_use]
    pub fn missing_zone(&self) -> Option<ZoneId> {
        ZoneId::parse(self.origin.as_ref()?.missing.as_ref()?.as_str()).ok()
    }

    /// What keeps something from being read, as far as it was a call; the first of many like it speaks for all.
    #[must_use]
    pub fn topic(&self) -> Option<Topic> {
        let Origin { service, kind, code, .. } = self.origin.as_ref()?;
        let cause = code.clone().unwrap_or_else(|| kind.as_str().to_owned());
        Some(Topic::Reading { service: *service, cause })
    }

    /// Whether both failed for one cause, so that the words of one speak for the other too.
    #[must_use]
    pub fn has_the_cause_of(&self, other: &Self) -> bool {
        let (Some(own), Some(others)) = (&self.origin, &other.origin) else { return false };
        own == others || own.is_of_the_token && others.is_of_the_token
    }

    /// Whether the token is what was refused.
    #[must_use]
    pub fn is_of_the_token(&self) -> bool {
        self.origin.as_ref().is_some_and(|origin| origin.is_of_the_token)
    }

    /// Adds it to others: of those that have one cause the first is kept, with their number.
    pub(super) fn join(self, others: &mut Vec<Self>) {
        let is_like = |known: &&mut Self| {
            known.because == self.because || self.origin.is_some() && known.origin == self.origin
        };
        match others.iter_mut().find(is_like) {
            Some(known) => known.more += self.more + usize::from(known.because != self.because),
            None => others.push(self),
        }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::Certainty;

    fn failed(operation: &str, kind: Kind, status: Option<u16>) -> Trouble {
        let mut error = Error::new(Service::DnsRead, kind, operation, "");
        error.status = status;
        Trouble::of(&error.with_certainty(Certainty::Answered))
    }

    #[test]
    fn many_failures_of_one_cause_are_told_by_the_first() {
        let mut all = Vec::new();
        for index in 0..212 {
            failed(&format!("read n{index} A"), Kind::Refused, Some(403)).join(&mut all);
        }
        failed("read n0 A", Kind::Refused, Some(403)).join(&mut all);
        failed("read n1 A", Kind::Refused, Some(404)).join(&mut all);
        failed("read n1 A", Kind::TimedOut, None).join(&mut all);
        for _ in 0..2 {
            Trouble::new("a query gave only part of its rows").join(&mut all);
        }
        Trouble::new("another one").join(&mut all);
        let words: Vec<_> = all.iter().map(Trouble::for_log).collect();
        assert_eq!(words.len(), 5, "{words:?}");
        assert!(words[0].contains("read n0 A") && words[0].ends_with(" (and 211 more like it)"), "{words:?}");
        assert!(words[1..].iter().all(|words| !words.contains("more")), "{words:?}");
        // What was found before is added to, number and all.
        let mut before = vec![failed("read m A", Kind::Refused, Some(403))];
        all.remove(0).join(&mut before);
        assert!(before[0].for_log().ends_with(" (and 212 more like it)"), "{before:?}");
    }
}
