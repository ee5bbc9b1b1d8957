//! A second look at one record set: decided again with a newer read, everything else as it was.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::domain::{MismatchRow, RecordId};

use super::agreed::Agreed;
use super::answer::Answer;
use super::case::Case;
use super::cause::Cause;
use super::change::Change;
use super::claim::Claim;
use super::court::{Court, already_right, last_heard};
use super::doubt::Doubt;
use super::ground::Ground;
use super::need::Read;
use super::notes::Notes;
use super::ordered;
use super::policy::Policy;
use super::rules::{self, Chapter};
use super::said::Said;
use super::sharing::Aside;
use super::skip::Skip;
use super::subject::Subject;
use super::vanished::Vanished;
use super::why::Why;

/// The rows of a case by record set, so that a second look costs what one record set costs.
#[derive(Debug)]
pub struct Docket<'a> {
    case: &'a Case,
    policy: &'a Policy,
    rows: BTreeMap<RecordId, Vec<&'a MismatchRow>>,
    heard: BTreeMap<String, Timestamp>,
    vanished: Vanished,
}

/// What a second look came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Again {
    /// The same wish, on what stands there now.
    Change(Box<Change>),
    /// Nothing is to be written any more.
    Skips(Vec<Skip>),
    /// It cannot be told without asking more; the next run decides.
    Open,
}

impl<'a> Docket<'a> {
    /// Sorts the rows of a case.
    #[must_use]
    pub fn of(case: &'a Case, policy: &'a Policy, now: Timestamp) -> Self {
        let mut rows: BTreeMap<RecordId, Vec<&MismatchRow>> = BTreeMap::new();
        let vanished = Vanished::of(case, policy);
        for row in case.spoken() {
            if let Ok(place) = Subject::of(row, case, policy, now, &vanished).placed {
                rows.entry(place.id).or_default().push(row);
            }
        }
        Self { case, policy, rows, heard: last_heard(&case.rows), vanished }
    }

    /// Decides again about the record set of a change.
    ///
    /// No brake is asked: what moves where was weighed before, and a newer read of one set changes nothing of it. A change
    /// that would write other addresses now is left to the next run, and so is whatever a person would have to read anew.
    #[must_use]
    pub fn again(&self, change: &Change, read: &Answer<Read>, now: Timestamp) -> Again {
        if let Some(order) = &self.case.asked.order {
            let ground = Ground { case: self.case, policy: self.policy, now, vanished: &self.vanished };
            return match ordered::reread(order, &change.id, read, &ground) {
                Ok(again) if Agreed::of(&again) != Agreed::of(change) => Again::Open,
                Ok(again) => Again::Change(Box::new(again)),
                Err(why) => Again::Skips(vec![Skip::of_change(change, &why)]),
            };
        }
        // Whoever has changed the set since has not ended its name.
        if matches!(change.cause, Cause::Orphaned { .. }) {
            return Again::Open;
        }
        let id = &change.id;
        let rows = self.rows.get(id).into_iter().flatten().copied();
        let mut skips = Vec::new();
        let mut claims = Vec::new();
        let mut aside = Aside::default();
        for row in rows {
            let subject = Subject::of(row, self.case, self.policy, now, &self.vanished).reread(read);
            let heard = rules::first(rules::of(&Chapter::TO_A_CLAIM), &subject);
            let awaited = heard.as_ref().and_then(|heard| Aside::awaiting(&subject, heard));
            aside.awaited.extend(awaited.map(|(_, awaited)| awaited));
            match heard.map_or(Said::No, |heard| heard.said) {
                Said::No => claims.extend(Claim::of(subject)),
                Said::Blind(cause) => {
                    skips.push(subject.skip(&Why::Blind { cause: cause.clone() }));
                    aside.doubts.extend(Doubt::of(&subject, cause).map(|(_, doubt)| doubt));
                }
                Said::Yes(why) => skips.push(subject.skip(&why)),
                Said::Needs(_) => return Again::Open,
            }
        }
        let court = Court { case: self.case, policy: self.policy, now, heard: &self.heard };
        let settled = court.settle(id, &claims, &aside, &mut Notes::default());
        if !settled.needs.is_empty() {
            return Again::Open;
        }
        if settled.is_in_sync {
            let why = already_right(id, change.to(), false);
            skips.extend(claims.iter().map(|claim| claim.subject.skip(&why)));
        }
        match settled.change {
            Some(again) if self.is_agreed(change) && Agreed::of(&again) != Agreed::of(change) => Again::Open,
            // What was approved stays approved.
            Some(mut again) if again.after.addresses == change.after.addresses => {
                for by in change.cause.lifted().into_iter().flatten() {
                    again.cause.lift(*by);
                }
                Again::Change(Box::new(again))
            }
            Some(_) => Again::Open,
            None => {
                skips.extend(settled.skips);
                Skip::tell_once(&mut skips);
                if skips.is_empty() { Again::Open } else { Again::Skips(skips) }
            }
        }
    }

    /// Whether a person has read the change, and agreed to that and to nothing else.
    fn is_agreed(&self, change: &Change) -> bool {
        self.case.asked.is_agreed || change.cause.is_approved() || change.cause.is_adoption()
    }
}
