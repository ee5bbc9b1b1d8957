//! What is wrong with the installation itself, and stops no run: told once a day.

use serde::Serialize;

use crate::plan::AuditedReason;

/// One thing that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Of which kind it is.
    pub warning: WarningKind,
    /// What it is about, in lower case: a zone or a resource group by its name, or which rows of which table.
    pub subject: String,
    /// The id of a zone that it concerns, in lower case; empty for none.
    #[serde(skip)]
    pub zone: String,
    /// The id of what it is about; empty for none.
    pub resource: String,
    /// What is wrong and what to do.
    pub because: String,
}

/// The kinds of warnings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WarningKind {
    /// The identity may do more than its roles are to give.
    RightsTooWide,
    /// Our tables hold rows that no run of ours answers for.
    Stranger,
}

impl WarningKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::RightsTooWide, Self::Stranger];

    /// The word in reports and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RightsTooWide => "rights-too-wide",
            Self::Stranger => "stranger",
        }
    }
}

impl Warning {
    /// The key under which the log remembers that it was told.
    #[must_use]
    pub fn audited(&self) -> AuditedReason {
        AuditedReason {
            zone: self.zone.clone(),
            name: self.subject.clone(),
            record_type: String::new(),
            reason: self.warning.as_str().to_owned(),
        }
    }
}
