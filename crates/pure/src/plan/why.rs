//! Why a row changes nothing: every reason with the names and numbers that its sentence needs.

mod abroad;
mod code;
mod conflict;
mod contested;
mod not_ours;
mod not_owned;
mod private;
mod quiet;
mod tag_gone;
mod undecided;

use std::net::{IpAddr, Ipv4Addr};

use jiff::{SignedDuration, Timestamp};

use crate::domain::{AddressClass, Hold, NameFault, RecordType, ZoneKind};

use super::blindness::Blindness;
use super::brake_kind::BrakeKind;
use super::grant::{Unfilled, Whence};
use super::reason::Reason;
use super::words::Shortlist;

pub use abroad::{Abroad, Whereabouts};
pub use conflict::{Conflict, Sharing};
pub use contested::{Contested, Revert};
pub use not_ours::NotOurs;
pub use not_owned::NotOwned;
pub use private::{NoneInside, PrivateSide};
pub use quiet::Unheard;
pub use tag_gone::TagGone;
pub use undecided::Undecided;

/// A reason with what its sentence names. Its [`Display`](std::fmt::Display) is the sentence.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences below say what every part is")]
pub enum Why {
    Wildcard {
        kind: ZoneKind,
        name: String,
        machine: Option<String>,
        policy: Whence,
    },
    /// A wildcard whose other labels are no name either.
    WildcardInvalid {
        name: String,
        machine: Option<String>,
        fault: NameFault,
    },
    NameInvalid {
        name: String,
        machine: Option<String>,
        fault: NameFault,
    },
    NoZone {
        name: String,
        machine: Option<String>,
        zones: Shortlist,
    },
    Apex {
        kind: ZoneKind,
        name: String,
        machine: Option<String>,
        policy: Whence,
    },
    /// A name that machines look up by themselves.
    NameReserved {
        kind: ZoneKind,
        name: String,
        machine: Option<String>,
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
        /// The private zone that the policy lets have the name as well, if there is one: that side goes on.
        beside: Option<String>,
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
    /// A virtual machine goes out by an address that is not its own.
    AddressNotOurs(Box<NotOurs>),
    /// What only rows of private zones are refused for.
    PrivateSide(Box<PrivateSide>),
    /// The workspace places it in none of the only countries that its grant names.
    CountryChanged(Box<Abroad>),
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
    /// Of machines that share it no row speaks, and their live tags claim it all the same.
    Unlogged {
        name: String,
        addresses: Vec<String>,
        machines: Vec<String>,
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
    ClaimConflict(Box<Conflict>),
    Contested(Box<Contested>),
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
    /// A scale set carries the tag: it is many machines.
    ScaleSet {
        name: String,
        scale_set: String,
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
    /// Adoption by hand: the set is marked for one machine, and others that claim it are not heard.
    SilentHeir {
        name: String,
        machine: String,
        heirs: Vec<String>,
    },
    /// `hold`: there is no record set.
    NothingToHold {
        name: String,
    },
    /// `unhold`: there is no record set.
    NothingToLetGo {
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
    /// `release --delete` and `rollback --delete`: live tags claim the name.
    StillClaimed {
        name: String,
        machines: Vec<String>,
    },
    /// `release --delete`: the newest sweep has the name claimed by a machine whose live tag, as it is read here, does not.
    StillSwept {
        name: String,
        machine: String,
    },
    /// `rollback`: no change that is meant has moved the set.
    NothingToUndo {
        name: String,
    },
    /// `rollback`: a rollback is the last change.
    UndoneAlready {
        name: String,
        /// The run of that rollback.
        by: String,
    },
    /// `rollback`: there is no record set any more.
    NothingToPutBack {
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
        /// Whether the mark says so; else only the log does.
        is_vouched: bool,
    },
    /// `rollback`: a rule that needs no heartbeat keeps an address of before from being written.
    NotWrittenBack {
        name: String,
        address: IpAddr,
        refused: Reason,
    },
}

/// Which brake holds a change.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences below say what every part is")]
pub enum Held {
    Converging {
        address: IpAddr,
        /// In a private zone many machines behind one address are a fault, and nothing that somebody expects.
        kind: ZoneKind,
        sources: usize,
        unread: usize,
        /// Those that the log alone knows: names have left them within the day.
        gone: usize,
        limit: usize,
    },
    Surge {
        moving: usize,
        /// None where it could not be read.
        present: Option<u64>,
        limit: u64,
        opens: Timestamp,
    },
    /// The change that led its zone was written and could not be proved.
    Unproved { name: String },
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
    /// Whether a row of a private zone says it only because the newest sweep knew other prefixes.
    #[must_use]
    pub fn is_of_an_older_sweep(&self) -> bool {
        let Self::PrivateSide(side) = self else { return false };
        matches!(side.as_ref(), PrivateSide::NoneInside(none) if !none.inside.is_empty())
    }

    /// Whether only a change of the record set, of the claimant or of its address, or a person, ends it: what is refused
    /// so is written down, and not asked again before.
    #[must_use]
    pub fn is_durable(&self) -> bool {
        match self {
            Self::Delegated { .. }
            | Self::CnameExists { .. }
            | Self::Contested(_)
            | Self::NotOwned { .. }
            | Self::NoRecord { .. } => true,
            Self::PrivateSide(side) => side.is_durable(),
            // Whoever adopts in vain refuses nothing: the next run creates the set where it may.
            _ => false,
        }
    }
}
