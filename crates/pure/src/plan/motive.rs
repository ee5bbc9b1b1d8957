//! Why a record set was written, in the one word that stands in the log.

use super::cause::{AdoptedBy, Cause};
use super::change::Change;
use super::past_change::Footing;

/// Why a record set was written, without the facts behind it.
///
/// ```
/// use pure::plan::Motive;
///
/// assert_eq!(Motive::parse("moved"), Some(Motive::Moved));
/// assert_eq!(Motive::parse("whim"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Motive {
    /// There was no set.
    Created,
    /// Heartbeats said that the machine is somewhere else.
    Moved,
    /// A person approved what a brake held.
    Approved,
    /// A set that nobody had marked became ours.
    Adopted(AdoptedBy),
    /// A person held it.
    Held,
    /// A person let go of it.
    LetGo,
    /// A person undid a change.
    RolledBack,
    /// A person released it.
    Released,
    /// Nobody claimed the name any more, so its set went.
    Orphaned,
}

impl Motive {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Created,
        Self::Moved,
        Self::Approved,
        Self::Adopted(AdoptedBy::Hand),
        Self::Adopted(AdoptedBy::Seen),
        Self::Adopted(AdoptedBy::Listed),
        Self::Adopted(AdoptedBy::Always),
        Self::Held,
        Self::LetGo,
        Self::RolledBack,
        Self::Released,
        Self::Orphaned,
    ];

    /// Why a change is made.
    #[must_use]
    pub fn of(change: &Change) -> Self {
        match &change.cause {
            Cause::Held(_) => Self::Held,
            Cause::Unheld { .. } => Self::LetGo,
            Cause::RolledBack(_) => Self::RolledBack,
            Cause::Released(_) => Self::Released,
            cause if cause.is_approved() => Self::Approved,
            Cause::Orphaned { .. } => Self::Orphaned,
            Cause::Moved { .. } | Cause::Adopted { .. } => match change.cause.adopted_by() {
                Some(by) => Self::Adopted(by),
                None if change.before.is_none() => Self::Created,
                None => Self::Moved,
            },
        }
    }

    /// The word in tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Moved => "moved",
            Self::Approved => "approved",
            Self::Adopted(AdoptedBy::Hand) => "adopted",
            Self::Adopted(AdoptedBy::Seen) => "adopted-seen",
            Self::Adopted(AdoptedBy::Listed) => "adopted-listed",
            Self::Adopted(AdoptedBy::Always) => "adopted-always",
            Self::Held => "held",
            Self::LetGo => "let-go",
            Self::RolledBack => "rolled-back",
            Self::Released => "released",
            Self::Orphaned { .. } => "orphaned",
        }
    }

    /// Reads the word of a table; none for any other.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|motive| motive.as_str() == text)
    }
}

impl From<Option<Motive>> for Footing {
    fn from(motive: Option<Motive>) -> Self {
        match motive {
            Some(Motive::Adopted(_) | Motive::Created) => Self::Unmarked,
            Some(Motive::Moved | Motive::Held | Motive::LetGo | Motive::Orphaned) => Self::Marked,
            Some(Motive::RolledBack) => Self::Undoing,
            Some(Motive::Released) => Self::Releasing,
            // What a person approves may be either.
            Some(Motive::Approved) | None => Self::Unknown,
        }
    }
}
