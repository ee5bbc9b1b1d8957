//! Why a row changes nothing: every reason with the names and numbers that its sentence needs.

mod not_owned;
mod quiet;

use std::net::{IpAddr, Ipv4Addr};

use jiff::{SignedDuration, Timestamp};

use crate::domain::{AddressClass, Hold, HostName, NameFault, RecordType, ZoneId};

use super::blindness::Blindness;
use super::brake_kind::BrakeKind;
use super::grant::{Unfilled, Whence};
use super::reason::Reason;
use super::words::Shortlist;

pub use not_owned::NotOwned;
pub use quiet::Unheard;

/// A reason with what its sentence names. Its [`Display`](std::fmt::Display) is the sentence.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences below say what every part is")]
pub enum Why {
    Wildcard {
        name: String,
        policy: Whence,
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
        zones: Shortlist,
    },
    Apex {
        name: String,
        policy: Whence,
    },
    /// A name that machines look up by themselves.
    NameReserved {
        name: String,
        policy: Whence,
    },
    /// No grant's names and scope fit; what a placeholder could not be filled with, where that alone stood in the way.
    NameNotAllowed {
        name: String,
        machine: Option<String>,
        policy: Whence,
        unfilled: Option<Box<Unfilled>>,
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
        by: Whence,
    },
    /// It lies in none of the only ranges that its grant lets be published.
    AddressOutside {
        machine: String,
        address: IpAddr,
        by: Whence,
    },
    TypeNotWanted {
        machine: String,
        address: IpAddr,
        record_type: RecordType,
        by: Whence,
    },
    StaleHeartbeat {
        machine: String,
        age: Option<SignedDuration>,
        limit: SignedDuration,
    },
    /// Other name servers answer for the name: those of a zone below. The log does not name it.
    Delegated {
        name: String,
        cut: Option<String>,
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
        lags: bool,
    },
    TooFewBeats {
        machine: String,
        address: IpAddr,
        beats: u64,
        wanted: u64,
    },
    /// Enough beats agree, but within too short a time.
    TooShort {
        machine: String,
        address: IpAddr,
        span: SignedDuration,
        wanted: SignedDuration,
        by: Whence,
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
        hold: SignedDuration,
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
    /// Whether a claim gives the name to the machine is not known.
    Undecided(Box<Undecided>),
    /// A claim of the policy file lets it be shown, and never written.
    HeldByClaim {
        name: String,
        to: Vec<String>,
        by: Whence,
    },
    /// A person holds the set; our mark stands on it, or not.
    OnHold {
        name: String,
        hold: Hold,
        marked: bool,
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
    /// The tag is younger than the newest sweep.
    NotSwept {
        name: String,
        machine: String,
        next: Option<Timestamp>,
    },
    NoHeartbeat {
        machine: String,
        quiet: Unheard,
    },
    /// Adoption by hand: there is no record set.
    NothingToAdopt {
        name: String,
        record_type: RecordType,
        /// Whether `apply` would create it.
        creates: bool,
    },
    /// Adoption by hand: several machines claim the name.
    ManyClaimants {
        name: String,
        machines: Vec<String>,
    },
    /// Adoption by hand: the set carries our mark already.
    OursAlready {
        name: String,
        machine: String,
    },
    /// `hold` or `unhold`: there is no record set.
    NothingToHold {
        name: String,
    },
    /// `hold`: the set is held already, in these words.
    HeldAlready {
        name: String,
        hold: Hold,
    },
    /// `unhold`: nobody holds the set.
    NotHeld {
        name: String,
    },
    /// `release`: there is no record set.
    NothingToRelease {
        name: String,
    },
    /// `rollback`: no change that is meant has moved the set.
    NothingToUndo {
        name: String,
    },
    /// `rollback`: the set holds other addresses than the change wrote.
    ChangedSince {
        name: String,
        present: Vec<String>,
        wrote: Vec<String>,
    },
    /// `rollback`: what the log says of a run does not fit what is known besides.
    Contradicted {
        name: String,
        told: String,
        known: Vec<String>,
    },
    /// `rollback`: there was no set before the change.
    OnlyCreated {
        name: String,
        record_type: RecordType,
    },
    /// `rollback`: a rule that needs no heartbeat keeps an address of before from being written.
    NotWrittenBack {
        name: String,
        address: IpAddr,
        refused: Reason,
    },
}

/// A name in its zone, and a machine of which too little is known to say whether a claim gives it the name.
#[derive(Clone, Debug, PartialEq)]
pub struct Undecided {
    /// The name.
    pub name: HostName,
    /// Its zone.
    pub zone: ZoneId,
    /// The machine.
    pub machine: String,
    /// The line of the claim, where the management groups above the machine are not known; none where it is its place or its
    /// tags.
    pub line: Option<usize>,
}

impl Undecided {
    /// What cannot be seen.
    #[must_use]
    pub fn cause(&self) -> Blindness {
        let (name, machine) = (self.name.to_string(), self.machine.clone());
        Blindness::Undecided { name, machine, line: self.line }
    }
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

/// Which brake holds a change.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences below say what every part is")]
pub enum Held {
    Converging {
        address: IpAddr,
        sources: usize,
        unread: usize,
        limit: usize,
    },
    Surge {
        moving: usize,
        present: u64,
        limit: u64,
        opens: Timestamp,
    },
    /// The change that led its zone was written and could not be proved.
    Unproved {
        name: String,
    },
}

impl Held {
    /// The brake that holds.
    #[must_use]
    pub fn brake(&self) -> BrakeKind {
        match self {
            Self::Converging { .. } => BrakeKind::Converging,
            Self::Surge { .. } | Self::Unproved { .. } => BrakeKind::Surge,
        }
    }
}

impl Why {
    /// Whether only a change of the record set, of the claimant or of its address, or a person, ends it: what is refused
    /// so is written down, and not asked again before.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        match self {
            Self::Delegated { .. }
            | Self::CnameExists { .. }
            | Self::NotOwned { .. }
            | Self::NoRecord { .. } => true,
            // Whoever adopts in vain refuses nothing: the next run creates the set where it may.
            _ => false,
        }
    }

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
            Self::TypeNotWanted { .. } => Reason::TypeNotWanted,
            Self::StaleHeartbeat { .. } => Reason::StaleHeartbeat,
            Self::Delegated { .. } => Reason::Delegated,
            Self::Alias { .. } => Reason::Alias,
            Self::EmptySet { .. } => Reason::EmptySet,
            Self::CnameExists { .. } => Reason::CnameExists,
            Self::AlreadyRight { .. }
            | Self::OursAlready { .. }
            | Self::HeldAlready { .. }
            | Self::NotHeld { .. }
            | Self::NothingToUndo { .. } => Reason::AlreadyRight,
            Self::TooFewBeats { .. } | Self::TooShort { .. } => Reason::TooFewBeats,
            Self::StillSeen { .. } => Reason::StillSeen,
            Self::Flapping { .. } => Reason::Flapping,
            Self::ClaimConflict { .. } | Self::ManyClaimants { .. } => Reason::ClaimConflict,
            Self::NotOwned { .. } => Reason::NotOwned,
            Self::OnHold { .. } | Self::HeldByClaim { .. } => Reason::Held,
            Self::NoRecord { .. }
            | Self::NothingToAdopt { .. }
            | Self::NothingToHold { .. }
            | Self::NothingToRelease { .. }
            | Self::OnlyCreated { .. } => Reason::NoRecord,
            Self::ChangedSince { .. } | Self::Contradicted { .. } => Reason::ChangedSince,
            Self::NotWrittenBack { refused, .. } => *refused,
            Self::Braked { .. } => Reason::Braked,
            Self::Blind { .. } | Self::Undecided(_) => Reason::Blind,
            Self::NotSwept { .. } => Reason::NotSwept,
            Self::NoHeartbeat { .. } => Reason::NoHeartbeat,
        }
    }
}
