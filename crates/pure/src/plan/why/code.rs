//! The code that each reason is known by.

use super::Why;
use crate::plan::reason::Reason;

impl Why {
    /// The code.
    #[must_use]
    pub fn reason(&self) -> Reason {
        match self {
            Self::Wildcard { .. } | Self::WildcardInvalid { .. } => Reason::Wildcard,
            Self::NameInvalid { .. } => Reason::NameInvalid,
            Self::NoZone { .. } => Reason::NoZone,
            Self::Apex { .. } => Reason::Apex,
            Self::NameReserved { .. } => Reason::NameReserved,
            Self::NameNotAllowed { .. } => Reason::NameNotAllowed,
            Self::TagGone { .. } => Reason::TagGone,
            Self::AddressEmpty { .. } => Reason::AddressEmpty,
            Self::AddressInvalid { .. } => Reason::AddressInvalid,
            Self::AddressPrivateLink { .. } => Reason::AddressPrivateLink,
            Self::AddressNotPublic { .. } => Reason::AddressNotPublic,
            Self::AddressDenied { .. } | Self::AddressOutside { .. } => Reason::AddressDenied,
            Self::AddressNotOurs(_) => Reason::AddressNotOurs,
            Self::PrivateSide(side) => side.reason(),
            Self::CountryChanged(_) => Reason::CountryChanged,
            Self::TypeNotWanted { .. } => Reason::TypeNotWanted,
            Self::StaleHeartbeat { .. } => Reason::StaleHeartbeat,
            Self::Delegated { .. } => Reason::Delegated,
            Self::Alias { .. } => Reason::Alias,
            Self::EmptySet { .. } => Reason::EmptySet,
            Self::CnameExists { .. } => Reason::CnameExists,
            Self::AlreadyRight { .. }
            | Self::Unlogged { .. }
            | Self::OursAlready { .. }
            | Self::HeldAlready { .. }
            | Self::NotHeld { .. }
            | Self::NothingToUndo { .. }
            | Self::UndoneAlready { .. } => Reason::AlreadyRight,
            Self::TooFewBeats { .. } | Self::TooShort { .. } => Reason::TooFewBeats,
            Self::StillSeen { .. } => Reason::StillSeen,
            Self::Flapping { .. } => Reason::Flapping,
            Self::ClaimConflict(_)
            | Self::ManyClaimants { .. }
            | Self::StillClaimed { .. }
            | Self::StillSwept { .. } => Reason::ClaimConflict,
            Self::Contested(_) => Reason::Contested,
            Self::NotOwned { .. } | Self::SilentHeir { .. } => Reason::NotOwned,
            Self::OnHold { .. } | Self::HeldByClaim { .. } => Reason::Held,
            Self::NoRecord { .. }
            | Self::NothingToAdopt { .. }
            | Self::NothingToHold { .. }
            | Self::NothingToLetGo { .. }
            | Self::NothingToRelease { .. }
            | Self::NothingToPutBack { .. }
            | Self::OnlyCreated { .. } => Reason::NoRecord,
            Self::ChangedSince { .. } | Self::Contradicted { .. } => Reason::ChangedSince,
            Self::NotWrittenBack { refused, .. } => *refused,
            Self::Braked { .. } => Reason::Braked,
            Self::Blind { .. } | Self::Undecided(_) => Reason::Blind,
            Self::NotSwept { .. } => Reason::NotSwept,
            Self::NoHeartbeat { .. } => Reason::NoHeartbeat,
            Self::ScaleSet { .. } => Reason::ScaleSet,
        }
    }
}
