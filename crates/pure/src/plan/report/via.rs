//! The ways in which changes are written.

use serde::Serialize;

use crate::plan::change::Action;

/// How changes are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Via {
    /// One guarded request each.
    RecordSet,
    /// A template deployment for many at once, which carries no condition.
    Deployment,
}

impl Via {
    /// The word in reports and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RecordSet => "record-set",
            Self::Deployment => "deployment",
        }
    }

    /// How a change goes where this is the way of all: no deployment takes a set away.
    #[must_use]
    pub fn of(self, action: Action) -> Self {
        if action == Action::Delete { Self::RecordSet } else { self }
    }
}
