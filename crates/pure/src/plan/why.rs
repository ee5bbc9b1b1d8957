//! Why a row changes nothing: every reason with the names and numbers that its sentence needs.

use std::net::{IpAddr, Ipv4Addr};

use jiff::{SignedDuration, Timestamp};

use crate::domain::{AddressClass, NameFault, RecordType};

use super::brake::BrakeKind;
use super::skip::Reason;

/// A reason with what its sentence names. Its [`Display`](std::fmt::Display) is the sentence.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences below say what every part is")]
pub enum Why {
    Wildcard {
        name: String,
    },
    /// A wildcard whose other labels are no name either.
    WildcardInvalid {
        name: String,
        fault: NameFault,
    },
    NameInvalid {
        name: String,
        fault: NameFault,
    },
    NoZone {
        name: String,
        zones: Vec<String>,
    },
    Apex {
        name: String,
    },
    /// A name that machines look up by themselves.
    NameReserved {
        name: String,
    },
    NameNotAllowed {
        name: String,
    },
    TagGone {
        name: String,
        machine: String,
        gone: TagGone,
    },
    AddressEmpty {
        machine: String,
    },
    AddressInvalid {
        machine: String,
        text: String,
    },
    AddressPrivateLink {
        machine: String,
        address: IpAddr,
        inner: Ipv4Addr,
    },
    AddressNotPublic {
        machine: String,
        address: IpAddr,
        class: AddressClass,
    },
    AddressDenied {
        machine: String,
        address: IpAddr,
        prefix: String,
    },
    TypeNotWanted {
        machine: String,
        address: IpAddr,
        record_type: RecordType,
    },
    StaleHeartbeat {
        machine: String,
        age: Option<SignedDuration>,
        limit: SignedDuration,
    },
    Alias {
        name: String,
        record_type: RecordType,
        target: String,
    },
    EmptySet {
        name: String,
        record_type: RecordType,
    },
    CnameExists {
        name: String,
        record_type: RecordType,
    },
    AlreadyRight {
        name: String,
        addresses: Vec<String>,
    },
    TooFewBeats {
        machine: String,
        address: IpAddr,
        beats: u64,
        wanted: u64,
    },
    StillSeen {
        machine: String,
        address: IpAddr,
        present: String,
        age: SignedDuration,
        unseen: SignedDuration,
    },
    Flapping {
        name: String,
        address: IpAddr,
        returns: usize,
        shares: Vec<(String, usize)>,
    },
    ClaimConflict {
        name: String,
        present: Vec<String>,
        claims: Vec<(String, String)>,
    },
    NotOwned {
        name: String,
        owned: NotOwned,
    },
    NoRecord {
        name: String,
        record_type: RecordType,
    },
    Braked {
        held: Held,
    },
    Blind {
        cause: Blindness,
    },
    NoHeartbeat {
        machine: String,
    },
}

/// How a tag stopped to say so.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences below say what every part is")]
pub enum TagGone {
    /// The machine is there, its tag names something else or nothing.
    Says {
        names: Vec<String>,
    },
    Deleted,
    Unreadable,
    /// The row's machine id is no id: its tag cannot be asked.
    NoId,
}

/// Why a record set is not ours.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences below say what every part is")]
pub enum NotOwned {
    OtherInstallation {
        owner: String,
    },
    NewerMark {
        version: u32,
    },
    IncompleteMark,
    OtherMachine {
        machine: String,
        unreadable: bool,
        heard: Option<SignedDuration>,
        dormant: SignedDuration,
    },
    /// Everybody trusts its first label, and it is not listed literally.
    Trusted,
    AdoptNever,
    /// These present addresses were not reported by the claiming machines.
    Unproved {
        addresses: Vec<String>,
        machines: Vec<String>,
    },
    /// The 30 days of heartbeats were not asked.
    NoEvidence,
}

/// Which brake holds a change.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences below say what every part is")]
pub enum Held {
    Converging {
        address: IpAddr,
        sources: usize,
        limit: usize,
    },
    Surge {
        moving: usize,
        present: u64,
        limit: u64,
        opens: Timestamp,
    },
    /// The canary of its zone was not proved.
    Canary {
        name: String,
    },
}

/// What cannot be seen.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences below say what every part is")]
pub enum Blindness {
    Partial,
    NoTagSweep,
    OldTagSweep { age: SignedDuration, limit: SignedDuration },
    NoZoneSweep { zone: String },
    OldZoneSweep { zone: String, age: SignedDuration, limit: SignedDuration },
    NoHeartbeats,
    OldHeartbeats { age: SignedDuration, limit: SignedDuration },
    Silence { lost: u64, heard: u64, limit: u64 },
    TagNotAsked { machine: String },
    SetNotRead { name: String, record_type: RecordType },
}

impl Blindness {
    /// The word by which one cause is told from another.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Partial => "partial",
            Self::NoTagSweep | Self::OldTagSweep { .. } => "tag-sweep",
            Self::NoZoneSweep { .. } | Self::OldZoneSweep { .. } => "zone-sweep",
            Self::NoHeartbeats | Self::OldHeartbeats { .. } => "heartbeats",
            Self::Silence { .. } => "silence",
            Self::TagNotAsked { .. } | Self::SetNotRead { .. } => "not-asked",
        }
    }
}

impl Held {
    /// The brake that holds.
    #[must_use]
    pub fn brake(&self) -> BrakeKind {
        match self {
            Self::Converging { .. } => BrakeKind::Converging,
            Self::Surge { .. } | Self::Canary { .. } => BrakeKind::Surge,
        }
    }
}

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
            Self::AddressDenied { .. } => Reason::AddressDenied,
            Self::TypeNotWanted { .. } => Reason::TypeNotWanted,
            Self::StaleHeartbeat { .. } => Reason::StaleHeartbeat,
            Self::Alias { .. } => Reason::Alias,
            Self::EmptySet { .. } => Reason::EmptySet,
            Self::CnameExists { .. } => Reason::CnameExists,
            Self::AlreadyRight { .. } => Reason::AlreadyRight,
            Self::TooFewBeats { .. } => Reason::TooFewBeats,
            Self::StillSeen { .. } => Reason::StillSeen,
            Self::Flapping { .. } => Reason::Flapping,
            Self::ClaimConflict { .. } => Reason::ClaimConflict,
            Self::NotOwned { .. } => Reason::NotOwned,
            Self::NoRecord { .. } => Reason::NoRecord,
            Self::Braked { .. } => Reason::Braked,
            Self::Blind { .. } => Reason::Blind,
            Self::NoHeartbeat { .. } => Reason::NoHeartbeat,
        }
    }
}
