//! Why nothing is written into a private zone: what only its rows can be refused for.

use std::net::IpAddr;

use crate::domain::RecordType;
use crate::plan::grant::Whence;
use crate::plan::reason::Reason;
use crate::plan::words::Shortlist;

/// What a row of a private zone is refused for.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences of `because` say what every part is")]
pub enum PrivateSide {
    /// The list is longer than any machine's.
    TooLong { machine: String, entries: usize },
    /// None of the addresses may stand in the zone.
    NoneInside(NoneInside),
    /// Several may, and nobody said which; or all were to stand there, and they are too many for one set.
    Several { machine: String, addresses: Vec<String>, zone: String, is_to_be_all: bool },
    /// Another machine, or several, list the same address.
    Shared { machine: String, address: IpAddr, others: Shortlist },
    /// A virtual machine lists an address that none of its network interfaces has.
    NotAttached { machine: String, address: IpAddr, own: Vec<String> },
    /// Azure keeps the set for a virtual machine of a linked network.
    Registered { name: String, record_type: RecordType },
    /// There is no set, and Azure makes those of virtual machines: of these networks.
    Registers { name: String, record_type: RecordType, zone: String, networks: Shortlist },
}

/// None of the addresses that a machine lists may stand in a zone.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences of `because` say what every part is")]
pub struct NoneInside {
    pub machine: String,
    /// What it lists.
    pub listed: Vec<String>,
    pub zone: String,
    /// The prefixes of the zone.
    pub prefixes: Vec<String>,
    /// Where the prefixes stand that decide.
    pub by: Whence,
    /// What may stand there by the prefixes of now, and not by those of the newest sweep, joined by commas; empty: nothing.
    pub inside: String,
}

impl PrivateSide {
    /// The code.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::TooLong { .. } => Reason::AddressInvalid,
            Self::NoneInside(_) => Reason::AddressOutside,
            Self::Several { .. } => Reason::AddressAmbiguous,
            Self::Shared { .. } => Reason::AddressShared,
            Self::NotAttached { .. } => Reason::AddressNotOurs,
            Self::Registered { .. } | Self::Registers { .. } => Reason::AutoRegistered,
        }
    }

    /// Whether no patience ends it before the next sweep asks again.
    pub(super) fn is_durable(&self) -> bool {
        matches!(self, Self::Shared { .. } | Self::Registered { .. } | Self::Registers { .. })
    }
}
