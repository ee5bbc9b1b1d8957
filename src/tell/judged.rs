//! What a run could judge: its silence about anything else says nothing.

use std::collections::BTreeSet;

use pure::domain::{RecordType, ZoneId};
use pure::plan::report::{Outcome, Report};
use pure::plan::{BrakeKind, Reason};
use pure::story::Topic;

/// A record set: its zone's id in lower case, its name, its type.
type Set<'a> = (String, &'a str, RecordType);

/// What a run said of record sets, and where it saw nothing.
#[derive(Debug, Default)]
pub(super) struct Judged<'a> {
    /// Sets that hold what they should.
    right: BTreeSet<Set<'a>>,
    /// Sets of which the run says anything.
    told: BTreeSet<Set<'a>>,
    /// Where a name could not be seen.
    unseen: Reach,
    /// Where rows may be missing, by the word of the brake `blind`.
    unheard: Reach,
    /// Whether only part of the rows came.
    is_partial: bool,
}

/// Some zones, by their ids in lower case, or all.
#[derive(Debug, Default)]
struct Reach {
    some: BTreeSet<String>,
    are_all: bool,
}

impl Reach {
    /// Adds a zone; without a name every one.
    fn add(&mut self, zone: &str) {
        if zone.is_empty() {
            self.are_all = true;
        } else if !self.some.contains(zone) {
            self.some.insert(zone.to_owned());
        }
    }

    fn hold(&self, zone: &ZoneId) -> bool {
        self.are_all || self.some.contains(zone.lower())
    }

    fn are_none(&self) -> bool {
        !self.are_all && self.some.is_empty()
    }
}

impl<'a> Judged<'a> {
    /// What a run could judge.
    pub(super) fn of(report: &'a Report) -> Self {
        let mut judged = Self::default();
        for reported in &report.changes {
            let id = &reported.change.id;
            let place = (id.zone.lower().to_owned(), id.name.as_str(), id.record_type);
            if reported.outcome == Outcome::Confirmed {
                judged.right.insert(place.clone());
            }
            judged.told.insert(place);
        }
        for skip in &report.skips {
            let zone = skip.seen.as_ref().map(|seen| seen.zone.to_lowercase()).unwrap_or_default();
            if skip.reason == Reason::Blind {
                judged.unseen.add(&zone);
            }
            let place = (zone, skip.name.as_str(), skip.record_type);
            if skip.reason == Reason::AlreadyRight {
                judged.right.insert(place.clone());
            }
            judged.told.insert(place);
        }
        for brake in report.brakes.iter().filter(|brake| brake.brake == BrakeKind::Blind) {
            judged.unheard.add(brake.zone.as_ref().map(ZoneId::lower).unwrap_or_default());
        }
        judged.is_partial = report.is_partial();
        judged
    }

    /// Whether something could not be seen.
    pub(super) fn is_blind(&self) -> bool {
        !self.unseen.are_none() || !self.unheard.are_none()
    }

    /// Whether silence about a topic means that it is over.
    pub(super) fn could(&self, topic: &Topic) -> bool {
        match topic {
            Topic::Change { zone, name, record_type } => {
                let place = (zone.lower().to_owned(), name.as_str(), *record_type);
                // One that is put off, held or unseen has been mended by nobody.
                self.right.contains(&place) || !self.told.contains(&place) && !self.unheard.hold(zone)
            }
            Topic::Brake { brake: BrakeKind::Blind, .. } => !self.is_partial,
            Topic::Brake { zone: Some(zone), .. } => !self.unseen.hold(zone) && !self.unheard.hold(zone),
            Topic::Brake { zone: None, .. } => !self.is_blind(),
            Topic::Reading { .. } | Topic::Stage { .. } => true,
        }
    }
}
