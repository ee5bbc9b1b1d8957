//! What proves that a change came true.

use std::collections::BTreeSet;
use std::net::IpAddr;

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

/// A name server that does not answer what was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dissent {
    /// Which one: its host where that is known, else its address.
    pub server: String,
    /// What it answers, nothing where it says that there is no such record; none where it gave no answer.
    pub addresses: Option<BTreeSet<IpAddr>>,
    /// Why it gave no answer.
    pub failed: Option<String>,
}
