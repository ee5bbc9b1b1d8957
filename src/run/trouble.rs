//! Why a run could not decide anything.

use crate::azure::Error;

/// Azure could not be asked, so nothing was decided; the next run tries again.
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
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self { because: error.for_people(), logged: error.chain() }
    }
}
