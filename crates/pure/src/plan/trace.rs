//! What each rule said to one row: who was asked, and what it answered.

use jiff::Timestamp;

use crate::domain::MismatchRow;

use super::case::Case;
use super::policy::Policy;
use super::reason::Reason;
use super::rules::{self, Chapter};
use super::said::Said;
use super::subject::Subject;
use super::vanished::Vanished;

/// The rules, ready to be asked about any row of one case.
#[derive(Debug)]
pub struct Trace<'a> {
    case: &'a Case,
    policy: &'a Policy,
    now: Timestamp,
    vanished: Vanished,
}

impl<'a> Trace<'a> {
    /// Looks at the case as a whole, once for all its rows.
    #[must_use]
    pub fn of(case: &'a Case, policy: &'a Policy, now: Timestamp) -> Self {
        Self { case, policy, now, vanished: Vanished::of(case, policy) }
    }

    /// What each rule said to one row, in the order in which they were asked; the last one decided, or let it pass.
    ///
    /// The rules on how steady a claim is are asked too; those on claims together and the brakes are not.
    #[must_use]
    pub fn row(&self, row: &MismatchRow) -> Vec<(Reason, Said)> {
        let subject = Subject::of(row, self.case, self.policy, self.now, &self.vanished);
        rules::walk(rules::of(&Chapter::ALL), &subject).map(|heard| (heard.reason, heard.said)).collect()
    }
}
