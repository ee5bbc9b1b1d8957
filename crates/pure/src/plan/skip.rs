//! Rows that change nothing, each with a code out of a closed list and a sentence.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{MismatchRow, RecordType};

use super::why::Why;

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
    TagGone,
    AddressEmpty,
    AddressInvalid,
    AddressPrivateLink,
    AddressNotPublic,
    AddressDenied,
    TypeNotWanted,
    StaleHeartbeat,
    Alias,
    EmptySet,
    CnameExists,
    AlreadyRight,
    TooFewBeats,
    StillSeen,
    Flapping,
    ClaimConflict,
    NotOwned,
    NoRecord,
    Braked,
    Blind,
    NoHeartbeat,
}

impl Reason {
    /// Every code, in its order.
    pub const ALL: [Self; 27] = [
        Self::Wildcard,
        Self::NameInvalid,
        Self::NoZone,
        Self::Apex,
        Self::NameReserved,
        Self::NameNotAllowed,
        Self::TagGone,
        Self::AddressEmpty,
        Self::AddressInvalid,
        Self::AddressPrivateLink,
        Self::AddressNotPublic,
        Self::AddressDenied,
        Self::TypeNotWanted,
        Self::StaleHeartbeat,
        Self::Alias,
        Self::EmptySet,
        Self::CnameExists,
        Self::AlreadyRight,
        Self::TooFewBeats,
        Self::StillSeen,
        Self::Flapping,
        Self::ClaimConflict,
        Self::NotOwned,
        Self::NoRecord,
        Self::Braked,
        Self::Blind,
        Self::NoHeartbeat,
    ];

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
            Self::TagGone => "tag-gone",
            Self::AddressEmpty => "address-empty",
            Self::AddressInvalid => "address-invalid",
            Self::AddressPrivateLink => "address-private-link",
            Self::AddressNotPublic => "address-not-public",
            Self::AddressDenied => "address-denied",
            Self::TypeNotWanted => "type-not-wanted",
            Self::StaleHeartbeat => "stale-heartbeat",
            Self::Alias => "alias",
            Self::EmptySet => "empty-set",
            Self::CnameExists => "cname-exists",
            Self::AlreadyRight => "already-right",
            Self::TooFewBeats => "too-few-beats",
            Self::StillSeen => "still-seen",
            Self::Flapping => "flapping",
            Self::ClaimConflict => "claim-conflict",
            Self::NotOwned => "not-owned",
            Self::NoRecord => "no-record",
            Self::Braked => "braked",
            Self::Blind => "blind",
            Self::NoHeartbeat => "no-heartbeat",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A row that changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Skip {
    /// The name as stored, or as written where it is none.
    pub name: String,
    /// The type.
    pub record_type: RecordType,
    /// The machine's id as given.
    pub machine: String,
    /// The code.
    pub reason: Reason,
    /// What is wrong and what to do, in one sentence.
    pub because: String,
    /// What the audit needs besides; none without a row.
    #[serde(skip)]
    pub seen: Option<Seen>,
}

/// What was seen of a row that changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seen {
    /// The zone's id, empty for none.
    pub zone: String,
    /// The addresses of the record set, joined by commas: live where it was read, else those of the log.
    pub present: String,
    /// What the machine reported.
    pub reported: String,
    /// Its newest heartbeat.
    pub heartbeat_time: Option<Timestamp>,
    /// How many newest heartbeats agreed.
    pub beats: u64,
    /// Whether the alert counts the row: only these are audited.
    pub actionable: bool,
}

impl Skip {
    /// The skip of a row.
    #[must_use]
    pub fn of(row: &MismatchRow, name: &str, record_type: RecordType, why: &Why) -> Self {
        Self {
            name: name.to_owned(),
            record_type,
            machine: row.resource_id.clone(),
            reason: why.reason(),
            because: why.to_string(),
            seen: Some(Seen {
                zone: row.zone_id.clone(),
                present: row.dns_ip.clone(),
                reported: row.computer_ip.clone(),
                heartbeat_time: row.heartbeat_time,
                beats: row.beats,
                actionable: row.actionable,
            }),
        }
    }

    /// The skip of a tagged machine that was not heard within the hour (`plan` on the command line only).
    #[must_use]
    pub fn no_heartbeat(name: &str, record_type: RecordType, machine: &str) -> Self {
        let why = Why::NoHeartbeat { machine: machine.to_owned() };
        Self {
            name: name.to_owned(),
            record_type,
            machine: machine.to_owned(),
            reason: why.reason(),
            because: why.to_string(),
            seen: None,
        }
    }

    /// Everything that tells two skips apart, so that their order never depends on that of the rows.
    pub(super) fn sort_key(&self) -> impl Ord + '_ {
        let Self { name, record_type, machine, reason, because, seen } = self;
        (name, record_type, machine, reason, because, seen)
    }
}
