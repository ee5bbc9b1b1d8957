//! The ways in which changes are written.

use serde::Serialize;

use crate::domain::ZoneKind;
use crate::plan::change::{Action, Change};

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

    /// How a change goes where this is the way of all. No deployment takes a set away; and in a private zone none is made, for it
    /// carries no condition, and Azure may register a virtual machine's set between the read and the write.
    #[must_use]
    pub fn of(self, change: &Change) -> Self {
        let is_private = change.id.zone.kind() == ZoneKind::Private;
        if change.action() == Action::Delete || is_private { Self::RecordSet } else { self }
    }
}
