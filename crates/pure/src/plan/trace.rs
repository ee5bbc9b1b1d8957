//! What each rule said to one row: who was asked, and what it answered.

use jiff::Timestamp;

use crate::domain::MismatchRow;

use super::case::Case;
use super::decide;
use super::decision::Plan;
use super::notes::Notes;
use super::policy::Policy;
use super::reason::Reason;
use super::said::Said;

/// What the rules said to some rows of a case, with the plan in which they said it.
#[derive(Debug)]
pub struct Trace<'a> {
    /// What was decided.
    pub plan: Plan,
    rows: Vec<(&'a MismatchRow, Vec<(Reason, Said)>)>,
}

impl<'a> Trace<'a> {
    /// Plans, and notes what is said to these rows on the way. No rule is asked for the sake of the notes.
    #[must_use]
    pub fn of(
        case: &'a Case,
        policy: &Policy,
        now: Timestamp,
        wanted: impl Fn(&MismatchRow) -> bool,
    ) -> Self {
        let mut notes = Notes::of(&wanted);
        let plan = decide::noted(case, policy, now, &mut notes);
        let rows = case.spoken().filter(|row| wanted(row)).map(|row| (row, notes.to(row)));
        Self { plan, rows: rows.collect() }
    }

    /// The rows, each with what every rule said to it, in the order in which they were asked: the rules on the row alone, those
    /// on all claims together, the brakes. The last one decided, or let it pass.
    pub fn rows(&self) -> impl Iterator<Item = (&'a MismatchRow, &[(Reason, Said)])> {
        self.rows.iter().map(|(row, said)| (*row, said.as_slice()))
    }
}
