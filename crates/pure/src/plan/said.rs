//! One rule, and what it says to a row.

use super::answer::Answer;
use super::blindness::{Blindness, Wanted};
use super::need::Needs;
use super::reason::Reason;
use super::subject::Subject;
use super::why::Why;

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Its code.
    pub reason: Reason,
    /// What it asks.
    pub question: fn(&Subject<'_>) -> Said,
}

/// What a rule says to a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// It does not apply; the next rule is asked.
    No,
    /// It applies: the row changes nothing.
    Yes(Why),
    /// It cannot tell before this is known.
    Needs(Box<Needs>),
    /// It cannot tell, because what it rests on could not be read.
    Blind(Blindness),
}

impl From<Result<(), Why>> for Said {
    fn from(result: Result<(), Why>) -> Self {
        result.map_or_else(Self::Yes, |()| Self::No)
    }
}

/// What an answer says, or why nothing can be said: never asked, or unavailable.
pub(super) fn known<T>(
    answer: Option<&Answer<T>>,
    wanted: Wanted,
    needs: impl FnOnce() -> Needs,
) -> Result<&T, Said> {
    match answer {
        Some(Answer::Known(value)) => Ok(value),
        Some(Answer::Unavailable(because)) => {
            let because = because.clone();
            Err(Said::Blind(Blindness::Unavailable { wanted, because }))
        }
        None => Err(Said::Needs(Box::new(needs()))),
    }
}
