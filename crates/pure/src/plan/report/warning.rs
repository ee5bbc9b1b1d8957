//! What is wrong with the installation itself, and stops no run: told once a day.

use std::collections::BTreeSet;

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
    /// The names that it is about; none where it is about none.
    pub names: BTreeSet<String>,
    /// The ids of the networks in which that is so; none where it is about none.
    pub networks: BTreeSet<String>,
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
    /// A private zone lacks names that the public one of its name has.
    HiddenNames,
    /// Sets of ours stand where Azure would register virtual machines.
    HiddenMachines,
    /// A private zone is linked to no network.
    NoLink,
    /// A private zone answers for every name.
    Wildcard,
}

impl WarningKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::RightsTooWide,
        Self::Stranger,
        Self::HiddenNames,
        Self::HiddenMachines,
        Self::NoLink,
        Self::Wildcard,
    ];

    /// The word in reports and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RightsTooWide => "rights-too-wide",
            Self::Stranger => "stranger",
            Self::HiddenNames => "hidden-names",
            Self::HiddenMachines => "hidden-machines",
            Self::NoLink => "no-link",
            Self::Wildcard => "wildcard",
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
