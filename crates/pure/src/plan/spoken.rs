//! Which rows speak: a newer row takes a claim away from nobody, for whoever may send rows may have sent it. The live tag does.

use std::collections::BTreeSet;

use crate::domain::{HostName, LoggedClaim, MismatchRow, RecordType, ResourceId};

use super::answer::Answer;
use super::case::Case;
use super::need::Live;
use super::tag_name::tag_names;

impl Case {
    /// The rows that speak: all but those of claims of before that the live tag denies. What stands beside such a claim speaks
    /// where the tag has borne it out, for then two claim the name.
    pub fn spoken(&self) -> impl Iterator<Item = &MismatchRow> {
        let before = self.rows.iter().filter(|row| row.claimed == LoggedClaim::Before);
        let claimed: BTreeSet<_> =
            before.filter(|row| self.is_claimed_still(row) == Some(true)).map(record_set).collect();
        self.rows.iter().filter(move |row| match row.claimed {
            LoggedClaim::Now => true,
            LoggedClaim::Before => self.is_claimed_still(row) != Some(false),
            LoggedClaim::Beside => claimed.contains(&record_set(row)),
        })
    }

    /// Whether the live tag of a row's machine names it; none where that is not known.
    #[must_use]
    pub fn is_claimed_still(&self, row: &MismatchRow) -> Option<bool> {
        let Ok(machine) = ResourceId::parse(&row.resource_id) else { return Some(false) };
        let Ok(name) = HostName::parse(&row.host_name) else {
            return self.known.tag(&machine).map(|_| false);
        };
        self.claims_still(&machine, &name)
    }

    /// Whether the live tag of a machine names it so; none where that is not known.
    pub(super) fn claims_still(&self, machine: &ResourceId, name: &HostName) -> Option<bool> {
        match self.known.tag(machine)? {
            Answer::Known(Live::Tagged(values)) => Some(tag_names(values, name)),
            Answer::Known(Live::Gone) => Some(false),
            Answer::Known(Live::Unreadable) | Answer::Unavailable(_) => None,
        }
    }
}

/// The record set that a row is about, as the row spells it.
fn record_set(row: &MismatchRow) -> (&str, &str, RecordType) {
    (&row.zone_id, &row.host_name, row.record_type)
}
