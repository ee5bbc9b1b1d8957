//! The codes of skips, a closed list in the order in which the rules are tried.

use std::fmt;

use serde::Serialize;

/// The code of a skip, in the order in which the rules are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the table of `plan::plan` tells what each code means")]
pub enum Reason {
    Wildcard,
    NameInvalid,
    NoZone,
    Apex,
    NameReserved,
    NameNotAllowed,
    AddressEmpty,
    AddressInvalid,
    AddressPrivateLink,
    AddressNotPublic,
    AddressDenied,
    AddressOutside,
    AddressAmbiguous,
    AddressShared,
    AddressNotOurs,
    CountryChanged,
    TypeNotWanted,
    StaleHeartbeat,
    TagGone,
    Delegated,
    Alias,
    AutoRegistered,
    EmptySet,
    CnameExists,
    AlreadyRight,
    TooFewBeats,
    StillSeen,
    Flapping,
    ClaimConflict,
    Contested,
    NotOwned,
    Held,
    NoRecord,
    Braked,
    Blind,
    NotSwept,
    NoHeartbeat,
    ScaleSet,
    ChangedSince,
}

impl Reason {
    /// Every code, in its order.
    pub const ALL: [Self; 39] = [
        Self::Wildcard,
        Self::NameInvalid,
        Self::NoZone,
        Self::Apex,
        Self::NameReserved,
        Self::NameNotAllowed,
        Self::AddressEmpty,
        Self::AddressInvalid,
        Self::AddressPrivateLink,
        Self::AddressNotPublic,
        Self::AddressDenied,
        Self::AddressOutside,
        Self::AddressAmbiguous,
        Self::AddressShared,
        Self::AddressNotOurs,
        Self::CountryChanged,
        Self::TypeNotWanted,
        Self::StaleHeartbeat,
        Self::TagGone,
        Self::Delegated,
        Self::Alias,
        Self::AutoRegistered,
        Self::EmptySet,
        Self::CnameExists,
        Self::AlreadyRight,
        Self::TooFewBeats,
        Self::StillSeen,
        Self::Flapping,
        Self::ClaimConflict,
        Self::Contested,
        Self::NotOwned,
        Self::Held,
        Self::NoRecord,
        Self::Braked,
        Self::Blind,
        Self::NotSwept,
        Self::NoHeartbeat,
        Self::ScaleSet,
        Self::ChangedSince,
    ];

    /// Whether it is about what one machine reports, and not about the name or what stands there: another machine may
    /// say what its record set holds.
    #[must_use]
    pub fn is_of_a_report(self) -> bool {
        match self {
            Self::AddressEmpty
            | Self::AddressInvalid
            | Self::AddressPrivateLink
            | Self::AddressNotPublic
            | Self::AddressDenied
            | Self::AddressOutside
            | Self::AddressAmbiguous
            | Self::AddressShared
            | Self::AddressNotOurs
            | Self::CountryChanged
            | Self::TypeNotWanted
            | Self::StaleHeartbeat => true,
            Self::Wildcard
            | Self::NameInvalid
            | Self::NoZone
            | Self::Apex
            | Self::NameReserved
            | Self::NameNotAllowed
            | Self::TagGone
            | Self::Delegated
            | Self::Alias
            | Self::AutoRegistered
            | Self::EmptySet
            | Self::CnameExists
            | Self::AlreadyRight
            | Self::TooFewBeats
            | Self::StillSeen
            | Self::Flapping
            | Self::ClaimConflict
            | Self::Contested
            | Self::NotOwned
            | Self::Held
            | Self::NoRecord
            | Self::Braked
            | Self::Blind
            | Self::NotSwept
            | Self::NoHeartbeat
            | Self::ScaleSet
            | Self::ChangedSince => false,
        }
    }

    /// The code as it stands in reports and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Wildcard => "wildcard",
            Self::NameInvalid => "name-invalid",
            Self::NoZone => "no-zone",
            Self::Apex => "apex",
            Self::NameReserved => "name-reserved",
            Self::NameNotAllowed => "name-not-allowed",
            Self::AddressEmpty => "address-empty",
            Self::AddressInvalid => "address-invalid",
            Self::AddressPrivateLink => "address-private-link",
            Self::AddressNotPublic => "address-not-public",
            Self::AddressDenied => "address-denied",
            Self::AddressOutside => "address-outside",
            Self::AddressAmbiguous => "address-ambiguous",
            Self::AddressShared => "address-shared",
            Self::AddressNotOurs => "address-not-ours",
            Self::CountryChanged => "country-changed",
            Self::TypeNotWanted => "type-not-wanted",
            Self::StaleHeartbeat => "stale-heartbeat",
            Self::TagGone => "tag-gone",
            Self::Delegated => "delegated",
            Self::Alias => "alias",
            Self::AutoRegistered => "auto-registered",
            Self::EmptySet => "empty-set",
            Self::CnameExists => "cname-exists",
            Self::AlreadyRight => "already-right",
            Self::TooFewBeats => "too-few-beats",
            Self::StillSeen => "still-seen",
            Self::Flapping => "flapping",
            Self::ClaimConflict => "claim-conflict",
            Self::Contested => "contested",
            Self::NotOwned => "not-owned",
            Self::Held => "held",
            Self::NoRecord => "no-record",
            Self::Braked => "braked",
            Self::Blind => "blind",
            Self::NotSwept => "not-swept",
            Self::NoHeartbeat => "no-heartbeat",
            Self::ScaleSet => "scale-set",
            Self::ChangedSince => "changed-since",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
