//! What was asked and what was learned: the answers, and what was found on the way.

use crate::run::trouble::Trouble;
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;

use futures::{StreamExt, stream};
use jiff::Timestamp;

use crate::azure::{Azure, Error};
use pure::domain::{HostName, RecordId, RecordSet, ResourceId};
use pure::plan::{Answer, History, Known, Live, Policy};

/// Questions of one kind on their way at the same time.
pub(super) const AT_ONCE: usize = 24;

/// A record set as a live read found it, with the moment at which the request was sent.
#[derive(Debug, Clone)]
pub(in crate::run) struct LiveSet {
    pub(in crate::run) id: RecordId,
    pub(in crate::run) sent_at: Timestamp,
    pub(in crate::run) set: Option<RecordSet>,
}

/// All that live reads found in a run.
#[derive(Debug, Default)]
pub(in crate::run) struct Found {
    pub(in crate::run) sets: Vec<LiveSet>,
    /// Machines whose tag was read, with the moment at which the request was sent.
    pub(in crate::run) tags: Vec<(ResourceId, Live, Timestamp)>,
    /// Further machines in whose tags a name stands of which all claimants were looked for, with the tags' values.
    pub(in crate::run) claimants: BTreeMap<ResourceId, Vec<String>>,
    /// Reads that failed; their names stay as they are.
    pub(in crate::run) troubles: Vec<Trouble>,
    /// Rights that are missing and without which the run goes on, in words.
    pub(in crate::run) warnings: Vec<String>,
    /// What became of the questions about tags.
    pub(in crate::run) tags_asked: Tally,
    /// What became of the questions about record sets.
    pub(in crate::run) sets_asked: Tally,
}

/// How many questions of one kind were answered, and how many were not.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::run) struct Tally {
    pub(in crate::run) answered: usize,
    pub(in crate::run) failed: usize,
}

impl Tally {
    pub(super) fn absorb(&mut self, other: Self) {
        self.answered += other.answered;
        self.failed += other.failed;
    }

    /// Whether there were questions and no answer at all.
    pub(in crate::run) fn is_silence(self) -> bool {
        self.failed > 0 && self.answered == 0
    }
}

impl Found {
    pub(in crate::run) fn absorb(&mut self, other: Self) {
        self.sets.extend(other.sets);
        self.tags.extend(other.tags);
        self.claimants.extend(other.claimants);
        self.tags_asked.absorb(other.tags_asked);
        self.sets_asked.absorb(other.sets_asked);
        // One cause fails many reads; people are told once.
        other.troubles.into_iter().for_each(|trouble| self.add_trouble(trouble));
        for warning in other.warnings {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
    }

    pub(super) fn add_trouble(&mut self, trouble: Trouble) {
        trouble.join(&mut self.troubles);
    }

    pub(super) fn failed<T>(&mut self, error: &Error) -> Answer<T> {
        self.add_trouble(Trouble::of(error));
        Answer::Unavailable(error.for_people())
    }
}

/// What was learned, and what was found on the way.
#[derive(Debug, Default)]
pub(in crate::run) struct Learned {
    pub(in crate::run) known: Known,
    pub(in crate::run) found: Found,
}

impl Learned {
    pub(in crate::run) fn absorb(&mut self, other: Self) {
        self.known.extend(other.known);
        self.found.absorb(other.found);
    }
}

/// What the questions rest on.
#[derive(Clone, Copy)]
pub(in crate::run) struct Asker<'a> {
    pub(in crate::run) azure: &'a Azure,
    pub(in crate::run) history: &'a History,
    /// What machines may claim, and what must be known of them for it.
    pub(in crate::run) policy: &'a Policy,
    /// The name of the tag that names names.
    pub(in crate::run) tag: &'a str,
    /// The subscriptions in which machines may claim names; none: all of them.
    pub(in crate::run) subscriptions: &'a [String],
    /// Names of which all claimants are looked for, beside the machines that are asked for.
    pub(in crate::run) naming: &'a BTreeSet<HostName>,
}

/// The answers to questions, so many on their way at the same time; a slow one never holds the others.
pub(super) async fn at_once<F: Future>(questions: impl Iterator<Item = F>, most: usize) -> Vec<F::Output> {
    let questions: Vec<F> = questions.collect();
    stream::iter(questions).buffer_unordered(most).collect().await
}
