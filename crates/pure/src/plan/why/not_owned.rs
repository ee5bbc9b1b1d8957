//! Whose a record set is, if not ours.

use jiff::{SignedDuration, Timestamp};

use crate::domain::ZoneKind;
use crate::plan::grant::Whence;
use crate::plan::order::OrderKind;

/// Why a record set is not ours.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the sentences say what every part is")]
pub enum NotOwned {
    OtherInstallation {
        owner: String,
    },
    NewerMark {
        version: u32,
    },
    IncompleteMark,
    /// A person has released it.
    Released {
        /// Whether a person orders something for it; else a machine claims it.
        is_ordered: bool,
    },
    OtherMachine {
        machine: String,
        unreadable: bool,
        heard: Option<SignedDuration>,
        dormant: SignedDuration,
        /// The machine that reports, where it is probably the marked one under another id.
        twin: Option<String>,
    },
    /// Nobody marked it, and the order is for sets of ours.
    Unmarked {
        order: OrderKind,
    },
    /// Everybody trusts its first label, and it is not listed literally.
    Trusted {
        kind: ZoneKind,
        policy: Whence,
    },
    AdoptNever {
        by: Whence,
    },
    /// These present addresses were not reported by the claiming machines.
    Unproved {
        addresses: Vec<String>,
        machines: Vec<String>,
        /// When we last wrote it with our mark, which another hand has taken off since.
        was_ours: Option<Timestamp>,
    },
    /// It stands in a private zone, where no heartbeat proves whose it is.
    NoEvidence {
        policy: Whence,
        /// When we last wrote it with our mark, which another hand has taken off since.
        was_ours: Option<Timestamp>,
    },
    /// The log knows that the same was refused before, and nothing has changed since.
    RefusedBefore {
        /// When we last wrote it with our mark, which another hand has taken off since.
        was_ours: Option<Timestamp>,
    },
}
