//! What proves that a change came true.

use serde::Serialize;

/// What proved a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// All name servers of the zone answer it.
    Dns,
    /// A read of the record set.
    Arm,
}

impl Proof {
    /// The word in reports and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Arm => "arm",
        }
    }

    /// The word in tables, where a change that nothing proved has one too.
    #[must_use]
    pub fn told(proof: Option<Self>) -> &'static str {
        proof.map_or("none", Self::as_str)
    }
}
