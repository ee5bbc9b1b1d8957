//! What cannot be seen, and how far beyond its limit it is.

use std::net::IpAddr;

use jiff::SignedDuration;

use crate::domain::RecordType;

/// The word of a lost right.
pub(super) const RIGHT_LOST: &str = "right-lost";
/// What two clocks may differ by: a row that is further ahead of now is told. `history.kql` counts no other.
const CLOCKS: SignedDuration = SignedDuration::from_mins(5);

/// What cannot be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences of `because` say what every part is")]
pub enum Blindness {
    Partial,
    NoTagSweep,
    OldTagSweep {
        age: SignedDuration,
        limit: SignedDuration,
    },
    NoZoneSweep {
        zone: String,
    },
    OldZoneSweep {
        zone: String,
        age: SignedDuration,
        limit: SignedDuration,
    },
    NoHeartbeats,
    OldHeartbeats {
        age: SignedDuration,
        limit: SignedDuration,
    },
    Silence {
        lost: u64,
        heard: u64,
        limit: u64,
    },
    /// Too many machines that still beat cannot be read: a right was lost, not a fleet.
    RightLost {
        unreadable: u64,
        asked: u64,
        limit: u64,
        subscription: Option<String>,
    },
    /// It was to be asked first; the plan is provisional.
    NotAsked {
        name: String,
    },
    Unavailable {
        wanted: Wanted,
        because: String,
    },
    /// Whether a claim gives the name to the machine: by the management groups above it for that of a line, else by its place
    /// and its tags.
    Undecided {
        name: String,
        machine: String,
        line: Option<usize>,
    },
    /// The newest rows say that the machine claims nothing, and its live tag claims the name.
    ClaimDenied {
        name: String,
        machine: String,
    },
    /// The newest rows say so of most machines that claimed names lately and still beat, and most live tags that were asked
    /// say otherwise.
    TagsDenied {
        nameless: u64,
        claimed: u64,
        denied: u64,
        asked: u64,
    },
    /// A row of no run that is known says that the set holds something else than it does.
    SetDenied {
        name: String,
        record_type: RecordType,
        logged: String,
        live: String,
    },
    /// Rows that are ahead of now.
    RowsAhead {
        rows: u64,
        ahead: SignedDuration,
    },
    /// The set was read without an entity tag, so that no write could carry a condition.
    NoEtag {
        name: String,
        record_type: RecordType,
    },
}

/// What could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the sentences of `because` say what every part is")]
pub enum Wanted {
    Tag { machine: String },
    Fleet,
    Cuts { zone: String },
    Set { name: String, record_type: RecordType },
    Evidence { name: String },
    Holder { address: IpAddr },
    Claimants { name: String },
    Listers { address: IpAddr },
    Interfaces { machine: String },
    Links { zone: String },
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
            Self::RightLost { .. } => RIGHT_LOST,
            Self::NotAsked { .. } => "not-asked",
            Self::Undecided { .. } => "undecided",
            Self::Unavailable { wanted: Wanted::Tag { .. } | Wanted::Fleet, .. } => "tags-unavailable",
            Self::Unavailable { wanted: Wanted::Cuts { .. }, .. } => "cuts-unavailable",
            Self::Unavailable { wanted: Wanted::Set { .. }, .. } => "sets-unavailable",
            Self::Unavailable { wanted: Wanted::Holder { .. }, .. } => "public-ips-unavailable",
            Self::Unavailable { wanted: Wanted::Evidence { .. }, .. } => "evidence-unavailable",
            Self::Unavailable { wanted: Wanted::Listers { .. }, .. } => "listers-unavailable",
            Self::Unavailable { wanted: Wanted::Interfaces { .. }, .. } => "interfaces-unavailable",
            Self::Unavailable { wanted: Wanted::Links { .. }, .. } => "links-unavailable",
            Self::Unavailable { wanted: Wanted::Claimants { .. }, .. } => "claimants-unavailable",
            Self::ClaimDenied { .. } | Self::TagsDenied { .. } => "tags-denied",
            Self::SetDenied { .. } => "sets-denied",
            Self::RowsAhead { .. } => "rows-ahead",
            Self::NoEtag { .. } => "no-etag",
        }
    }

    /// Its limit and what was seen, in minutes or percent, rounded up so that it reads beyond the limit; nothing was seen
    /// where nothing is measured.
    #[must_use]
    pub fn measure(&self) -> (u64, Option<u64>) {
        let minutes = |span: &SignedDuration| u64::try_from(span.as_secs()).unwrap_or(0).div_ceil(60);
        match self {
            Self::OldTagSweep { age, limit }
            | Self::OldZoneSweep { age, limit, .. }
            | Self::OldHeartbeats { age, limit } => (minutes(limit), Some(minutes(age))),
            Self::Silence { lost: part, heard: whole, limit }
            | Self::RightLost { unreadable: part, asked: whole, limit, .. } => {
                (*limit, Some(part.saturating_mul(100).div_ceil((*whole).max(1))))
            }
            Self::TagsDenied { nameless, claimed, .. } => {
                (50, Some(nameless.saturating_mul(100).div_ceil((*claimed).max(1))))
            }
            Self::RowsAhead { ahead, .. } => (minutes(&CLOCKS), Some(minutes(ahead))),
            Self::Partial
            | Self::ClaimDenied { .. }
            | Self::SetDenied { .. }
            | Self::NoTagSweep
            | Self::NoZoneSweep { .. }
            | Self::NoHeartbeats
            | Self::Undecided { .. }
            | Self::NotAsked { .. }
            | Self::Unavailable { .. }
            | Self::NoEtag { .. } => (0, None),
        }
    }
}
