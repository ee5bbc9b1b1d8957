//! What a run does next with one change, after which answer: one pure function over the whole life of a write.
//!
//! ```text
//! write ── written ─────────────────────────────────▶ confirmed
//!   ├── gone ──▶ read ── there is none ──────────────▶ confirmed
//!   │             ├── as it was, or another ─────────▶ failed, conflict
//!   │             └── unreadable ────────────────────▶ unconfirmed
//!   │  ├── refused, failed ────────────────────────▶ failed
//!   │  ├── waits ──────────────────────────────────▶ deferred, unconfirmed (after a lost one)
//!   │  └── moved, lost ──▶ read ── it is ours ─────▶ confirmed
//!   │                       │  └── unreadable ─────▶ conflict (moved), unconfirmed (lost)
//!   │                       ├── first time: look again ──▶ skips, or the next run decides
//!   └───────── again ───────┘
//!                           └── second time ───────▶ conflict (moved), failed (lost)
//! ```

use crate::domain::RecordSet;
use crate::plan::report::Outcome;
use crate::plan::{Action, Again, Change, Read, Skip};

/// What went wrong with a call: a stable word for tables, and words for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mishap {
    /// The service's code, or the word of our own kind.
    pub code: String,
    /// What happened, a fragment without a full stop.
    pub words: String,
}

impl Mishap {
    fn of(code: &str, words: &str) -> Self {
        Self { code: code.to_owned(), words: words.to_owned() }
    }
}

/// One change on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// The change as it is to be written now.
    pub change: Change,
    /// Whether a second look was taken.
    looked: bool,
    doubt: Option<Doubt>,
    /// Why a first write went unanswered. A read has shown the set as it was before, but what is still on its way may land.
    unanswered: Option<Mishap>,
}

/// Why the set is read after a write.
#[derive(Clone, Debug, PartialEq)]
enum Doubt {
    /// The set was not as the plan saw it, or something was pending: the write did not land, unless we did it.
    Moved(Mishap),
    /// Nobody knows whether the write landed.
    Lost(Mishap),
    /// The answer says that the set is gone, and shows nothing of it: whoever sits in between can say as much.
    Gone,
}

impl Doubt {
    /// What became of a change that is known not to have landed.
    fn without_effect(self) -> Fate {
        match self {
            Self::Moved(mishap) => Fate::without_effect(Outcome::Conflict, mishap),
            Self::Lost(mishap) => Fate::without_effect(Outcome::Failed, mishap),
            Self::Gone => {
                let words = "the answer says that the record set is deleted, and it still stands there";
                Fate::without_effect(Outcome::Failed, Mishap::of("still-there", words))
            }
        }
    }

    /// What became of a change where no read tells.
    fn unread(self, read: &Mishap) -> Fate {
        match self {
            Self::Moved(mishap) => Fate::without_effect(Outcome::Conflict, both(mishap, read)),
            Self::Lost(mishap) => Fate::without_effect(Outcome::Unconfirmed, both(mishap, read)),
            Self::Gone => {
                let words = "the answer says that the record set is deleted, and no read shows it";
                Fate::without_effect(Outcome::Unconfirmed, both(Mishap::of("not-read-back", words), read))
            }
        }
    }
}

/// What was heard.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// The write landed; the set as Azure has it now.
    Written(Box<RecordSet>),
    /// The answer says that the set is gone, or was gone already.
    Gone,
    /// The write was refused, and no patience helps.
    Refused(Mishap),
    /// The write did not land.
    Failed(Mishap),
    /// It was not tried, or is to be tried later: throttled, or out of time.
    Waits(Mishap),
    /// The set is not as the plan saw it (412), or another operation is under way (409).
    Moved(Mishap),
    /// The answer was lost.
    Lost(Mishap),
    /// What a read found.
    Read(Box<Read>),
    /// A read failed.
    Unreadable(Mishap),
    /// What a second look at the record set decided.
    Again(Again),
}

/// What to do next.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// Send the change.
    Write,
    /// Read the record set, after whatever pause the service asked for.
    Read,
    /// Decide again with what was read.
    LookAgain(Box<Read>),
    /// The change has come to its end.
    End(Ending),
}

/// What became of a change.
#[derive(Clone, Debug, PartialEq)]
pub enum Ending {
    /// It was tried.
    Fate(Box<Fate>),
    /// A second look turned it into skips.
    Skips(Vec<Skip>),
}

/// What became of a change that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Fate {
    /// In one word.
    pub outcome: Outcome,
    /// What went wrong, none when nothing did.
    pub mishap: Option<Mishap>,
    /// The set as Azure has it after the write; none when it is gone.
    pub written: Option<RecordSet>,
    /// Whether it was refused so that no patience helps.
    pub is_durable: bool,
}

impl Fate {
    /// A change that was not made, and why.
    #[must_use]
    pub fn without_effect(outcome: Outcome, mishap: Mishap) -> Self {
        Self { outcome, mishap: Some(mishap), written: None, is_durable: false }
    }
}

impl Progress {
    /// A change that nothing was done about yet: [`Next::Write`] is the first step.
    #[must_use]
    pub fn of(change: Change) -> Self {
        Self { change, looked: false, doubt: None, unanswered: None }
    }

    /// Why the set was read. Nothing is read without a doubt: an answer that nobody asked for tells of a set that moved, for
    /// nothing that was sent can have landed.
    fn take_doubt(&mut self) -> Doubt {
        self.doubt
            .take()
            .unwrap_or_else(|| Doubt::Moved(Mishap::of("changed", "an answer came that nobody asked for")))
    }

    /// Whether a live set is still the one that the write was about.
    fn is_as_it_was(&self, set: &RecordSet) -> bool {
        self.change.before.as_ref().is_some_and(|before| before.etag == set.etag)
    }

    /// Whether a live set is what we sent.
    fn is_ours(&self, set: &RecordSet, owner: &str, run: &str) -> bool {
        self.change.is_done(set, owner, run)
    }
}

/// What to do with a change after what was heard; `owner` and `run` are those of its mark.
#[must_use]
pub fn next(mut progress: Progress, heard: Heard, owner: &str, run: &str) -> (Progress, Next) {
    let end = |fate: Fate| Next::End(Ending::Fate(Box::new(fate)));
    let confirmed = |set: RecordSet| Fate {
        outcome: Outcome::Confirmed,
        mishap: None,
        written: Some(set),
        is_durable: false,
    };
    let step = match heard {
        Heard::Written(set) => end(confirmed(*set)),
        Heard::Gone => {
            progress.doubt = Some(Doubt::Gone);
            Next::Read
        }
        Heard::Refused(mishap) => {
            end(Fate { is_durable: true, ..Fate::without_effect(Outcome::Failed, mishap) })
        }
        Heard::Failed(mishap) => end(Fate::without_effect(Outcome::Failed, mishap)),
        Heard::Waits(mishap) => end(match progress.unanswered.take() {
            Some(first) => Fate::without_effect(Outcome::Unconfirmed, both(first, &mishap)),
            None => Fate::without_effect(Outcome::Deferred, mishap),
        }),
        Heard::Moved(mishap) => {
            progress.doubt = Some(Doubt::Moved(mishap));
            Next::Read
        }
        Heard::Lost(mishap) => {
            progress.doubt = Some(Doubt::Lost(mishap));
            Next::Read
        }
        Heard::Read(read) => match &read.set {
            None if progress.change.action() == Action::Delete => end(gone()),
            Some(set) if progress.doubt == Some(Doubt::Gone) => end(still_there(progress.is_as_it_was(set))),
            Some(set) if progress.is_ours(set, owner, run) => end(confirmed(set.clone())),
            _ if progress.looked => end(progress.take_doubt().without_effect()),
            _ => {
                progress.looked = true;
                Next::LookAgain(read)
            }
        },
        Heard::Unreadable(read) => end(progress.take_doubt().unread(&read)),
        Heard::Again(Again::Change(change)) => {
            progress.change = *change;
            progress.unanswered = match progress.doubt.take() {
                Some(Doubt::Lost(mishap)) => Some(mishap),
                Some(Doubt::Moved(_) | Doubt::Gone) | None => None,
            };
            Next::Write
        }
        Heard::Again(Again::Skips(skips)) => Next::End(Ending::Skips(skips)),
        Heard::Again(Again::Open) => {
            let mut fate = progress.take_doubt().without_effect();
            if let Some(mishap) = &mut fate.mishap {
                mishap.words.push_str("; the set has changed, the next run decides again");
            }
            end(fate)
        }
    };
    (progress, step)
}

/// The fate of a set that was said to be gone, and that a read finds: the very one, or what somebody has made of it since.
fn still_there(is_as_it_was: bool) -> Fate {
    if is_as_it_was {
        return Doubt::Gone.without_effect();
    }
    let words = "the answer says that the record set is deleted, and another one stands there";
    Fate::without_effect(Outcome::Conflict, Mishap::of("another-set", words))
}

/// The fate of a set that stands there no more.
fn gone() -> Fate {
    Fate { outcome: Outcome::Confirmed, mishap: None, written: None, is_durable: false }
}

fn both(first: Mishap, then: &Mishap) -> Mishap {
    let words = format!("{}; then {}", first.words, then.words);
    Mishap { words, ..first }
}
