//! A row whose tag could not be read, and that would be a living claim if it is one.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::domain::{RecordId, ResourceId};

use super::blindness::Blindness;
use super::rules::{self, Chapter};
use super::subject::Subject;

/// While it says another address, nobody knows whether there is a conflict, and a failed question must not decide one.
#[derive(Debug)]
pub(super) struct Doubt {
    machine: ResourceId,
    pub(super) address: IpAddr,
    cause: Blindness,
    /// Whether its claim, if it is one, shares the set.
    pub(super) shares: bool,
}

impl Doubt {
    /// The doubt that a row leaves on its record set.
    pub(super) fn of(subject: &Subject<'_>, cause: Blindness) -> Option<(RecordId, Self)> {
        let id = subject.site()?;
        let (machine, address) = (subject.machine.clone()?, subject.address?);
        let lives = rules::first(rules::of(&[Chapter::Claim]), subject).is_none();
        let shares = subject.terms().is_some_and(|terms| terms.shared);
        lives.then_some((id, Self { machine, address, cause, shares }))
    }

    /// Why nothing can be written while these rows are in doubt: the smallest machine speaks, whatever the order of rows.
    pub(super) fn about<'d>(
        doubts: impl Iterator<Item = &'d Self>,
        to: &BTreeSet<IpAddr>,
    ) -> Option<Blindness> {
        let others = doubts.filter(|doubt| !to.contains(&doubt.address));
        let first = others.min_by_key(|doubt| (&doubt.machine, doubt.machine.as_str()))?;
        Some(first.cause.clone())
    }
}
