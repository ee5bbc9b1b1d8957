//! Audit rows that only this process still knows.

use std::sync::{Mutex, PoisonError};

use super::audit::AuditRow;

/// The most rows that are kept; the oldest give way.
const MOST: usize = 1000;

/// Rows of writes whose marks were overwritten while the log refused rows: names do not stand still for as long as a role is
/// missing, and until the log takes rows again nothing else tells of those writes.
#[derive(Debug, Default)]
pub(super) struct Backlog(Mutex<Vec<AuditRow>>);

impl Backlog {
    /// Keeps rows that the log did not take.
    pub(super) fn keep(&self, rows: impl IntoIterator<Item = AuditRow>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.extend(rows);
        let over = kept.len().saturating_sub(MOST);
        kept.drain(..over);
    }

    /// The rows that are kept; whoever takes them gives back what is not taken.
    pub(super) fn take(&self) -> Vec<AuditRow> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::audit::Kind;
    use pure::domain::ChangeRow;

    #[test]
    fn of_too_many_rows_the_oldest_give_way() {
        let rows = |of: std::ops::Range<usize>| {
            of.map(|index| AuditRow {
                kind: Kind::Recovered,
                row: ChangeRow { run: index.to_string(), ..ChangeRow::default() },
            })
        };
        let backlog = Backlog::default();
        backlog.keep(rows(0..MOST));
        backlog.keep(rows(MOST..MOST + 3));
        let kept: Vec<_> = backlog.take().into_iter().map(|row| row.row.run).collect();
        assert_eq!((kept.len(), &kept[0], &kept[MOST - 1]), (MOST, &"3".to_owned(), &"1002".to_owned()));
        assert!(backlog.take().is_empty(), "whoever takes them has them");
    }
}
