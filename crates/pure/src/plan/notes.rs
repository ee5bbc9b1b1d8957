//! What the rules said to some rows, noted by the code that decides, while it decides: nothing is asked a second time.

use std::ptr::from_ref;

use crate::domain::{MismatchRow, RecordId};

use super::change::Change;
use super::reason::Reason;
use super::said::Said;
use super::why::Why;

/// Which rows somebody wants to know about.
pub(super) type Wanted<'w> = &'w dyn Fn(&MismatchRow) -> bool;

/// A row is known by the place at which it stands in its case, for two may say the same. It is never followed.
type Place = *const MismatchRow;

/// What was noted so far.
#[derive(Default)]
pub(super) struct Notes<'w> {
    /// Nobody wants to know of any row: nothing is noted.
    wanted: Option<Wanted<'w>>,
    /// What a rule said to a row, in the order of asking.
    rows: Vec<(Place, Reason, Said)>,
    /// The record sets that rows, having passed their rules, would have written.
    proposed: Vec<(Place, RecordId)>,
    /// What the brakes said to the change of a record set.
    changes: Vec<(RecordId, Reason, Said)>,
}

impl<'w> Notes<'w> {
    /// Notes about these rows.
    pub(super) fn of(wanted: Wanted<'w>) -> Self {
        Self { wanted: Some(wanted), ..Self::default() }
    }

    /// Whether anything is to be noted of the row.
    pub(super) fn wants(&self, row: &MismatchRow) -> bool {
        self.wanted.is_some_and(|wanted| wanted(row))
    }

    /// A rule was asked about a row. The answer is made only where it is wanted.
    pub(super) fn row(&mut self, row: &MismatchRow, rule: Reason, said: impl FnOnce() -> Said) {
        if self.wants(row) {
            self.rows.push((from_ref(row), rule, said()));
        }
    }

    /// A row is one of those by which a record set is to be written.
    pub(super) fn proposes(&mut self, row: &MismatchRow, id: &RecordId) {
        if self.wants(row) {
            self.proposed.push((from_ref(row), id.clone()));
        }
    }

    /// A brake holds a change.
    pub(super) fn held(&mut self, change: &Change, why: &Why) {
        if !self.proposes_any(&change.id) {
            return;
        }
        // The brakes are asked in their order, and `blind` is the last.
        if why.reason() == Reason::Blind {
            self.changes.push((change.id.clone(), Reason::Braked, Said::No));
        }
        self.changes.push((change.id.clone(), why.reason(), Said::Yes(why.clone())));
    }

    /// No brake holds a change.
    pub(super) fn free(&mut self, change: &Change) {
        if self.proposes_any(&change.id) {
            for brake in [Reason::Braked, Reason::Blind] {
                self.changes.push((change.id.clone(), brake, Said::No));
            }
        }
    }

    fn proposes_any(&self, id: &RecordId) -> bool {
        self.proposed.iter().any(|(_, proposed)| proposed == id)
    }

    /// What each rule said to a row, in the order of asking; of a rule that was asked twice what it said last.
    pub(super) fn to(&self, row: &MismatchRow) -> Vec<(Reason, Said)> {
        let own = self.rows.iter().filter(|(noted, ..)| *noted == from_ref(row));
        let own = own.map(|(_, rule, said)| (*rule, said.clone()));
        let proposed = self.proposed.iter().find(|(noted, _)| *noted == from_ref(row));
        let of_change = self.changes.iter().filter(|(id, ..)| proposed.is_some_and(|(_, own)| own == id));
        let of_change = of_change.map(|(_, rule, said)| (*rule, said.clone()));
        let mut all: Vec<(Reason, Said)> = Vec::new();
        for (rule, said) in own.chain(of_change) {
            all.retain(|(asked, _)| *asked != rule);
            all.push((rule, said));
        }
        all
    }
}
