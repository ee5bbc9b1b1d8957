//! What went wrong, for people outside and for the log.

use crate::azure::Error;

/// What failed. As the end of a run: Azure could not be asked, so nothing was decided; the next run tries again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{because}")]
pub struct Trouble {
    /// What went wrong, for people outside.
    pub because: String,
    /// The same for the log, with every cause.
    pub logged: String,
}

impl Trouble {
    /// Trouble of which the log and people outside are told the same.
    #[must_use]
    pub fn new(because: impl Into<String>) -> Self {
        let because = because.into();
        Self { logged: because.clone(), because }
    }

    /// What a call that failed means for people outside and for the log.
    #[must_use]
    pub fn of(error: &Error) -> Self {
        Self { because: error.for_people(), logged: error.chain() }
    }

    /// The same after what it is about.
    #[must_use]
    pub fn after(&self, about: &str) -> Self {
        Self { because: format!("{about}: {}", self.because), logged: format!("{about}: {}", self.logged) }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::of(&error)
    }
}
