//! What a plan needs, asked of its owners: live tags, record sets, cuts and evidence, all at the same time.
//!
//! Every question ends as known or unavailable; one that fails, is slow or is half answered reaches only what rests on it.

mod evidence;
mod sets;
mod tags;

use std::collections::BTreeSet;

use futures::{StreamExt, stream};
use jiff::Timestamp;

use crate::azure::{Azure, Error};
use pure::domain::{RecordId, RecordSet, ResourceId, ZoneId};
use pure::plan::{Answer, History, Known, Live, Needs};

pub(super) use sets::read;

/// Questions of one kind on their way at the same time.
const AT_ONCE: usize = 24;

/// A record set as a live read found it, with the moment at which the request was sent.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) id: RecordId,
    pub(super) sent_at: Timestamp,
    pub(super) set: Option<RecordSet>,
}

/// All that live reads found in a run.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) sets: Vec<Seen>,
    /// Machines whose tag was read, with the moment at which the request was sent.
    pub(super) tags: Vec<(ResourceId, Live, Timestamp)>,
    /// Reads that failed, in words; their names stay as they are.
    pub(super) troubles: Vec<String>,
    /// Rights that are missing and without which the run goes on, in words.
    pub(super) warnings: Vec<String>,
    /// What became of the questions about tags.
    pub(super) tags_asked: Tally,
    /// What became of the questions about record sets.
    pub(super) sets_asked: Tally,
}

/// How many questions of one kind were answered, and how many were not.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) answered: usize,
    pub(super) failed: usize,
}

impl Tally {
    fn absorb(&mut self, other: Self) {
        self.answered += other.answered;
        self.failed += other.failed;
    }

    /// Whether there were questions and no answer at all.
    pub(super) fn is_silence(self) -> bool {
        self.failed > 0 && self.answered == 0
    }
}

impl Found {
    pub(super) fn absorb(&mut self, other: Self) {
        self.sets.extend(other.sets);
        self.tags.extend(other.tags);
        self.tags_asked.absorb(other.tags_asked);
        self.sets_asked.absorb(other.sets_asked);
        // One cause fails many reads; people are told once.
        for (ours, theirs) in [(&mut self.troubles, other.troubles), (&mut self.warnings, other.warnings)] {
            for words in theirs {
                if !ours.contains(&words) {
                    ours.push(words);
                }
            }
        }
    }

    fn failed<T>(&mut self, error: &Error) -> Answer<T> {
        let words = error.chain();
        if !self.troubles.contains(&words) {
            self.troubles.push(words.clone());
        }
        Answer::Unavailable(words)
    }
}

/// What was learned, and what was found on the way.
#[derive(Debug, Default)]
pub(super) struct Learned {
    pub(super) known: Known,
    pub(super) found: Found,
}

impl Learned {
    fn absorb(&mut self, other: Self) {
        self.known.extend(other.known);
        self.found.absorb(other.found);
    }
}

/// What the questions rest on.
#[derive(Clone, Copy)]
pub(super) struct Asker<'a> {
    pub(super) azure: &'a Azure,
    pub(super) history: &'a History,
    /// The name of the tag that names names.
    pub(super) tag: &'a str,
}

/// Asks for everything that is needed; each of the needs has an answer afterwards.
pub(super) async fn fulfil(asker: Asker<'_>, needs: &Needs) -> Learned {
    let (tags, sets, cuts, evidence) = tokio::join!(
        tags::ask(asker, &needs.machines),
        sets::ask(asker, &needs.sets),
        cuts(asker, &needs.cuts),
        evidence::ask(asker, &needs.evidence),
    );
    let mut all = tags;
    [sets, cuts, evidence].into_iter().for_each(|learned| all.absorb(learned));
    all
}

/// The answers to questions, so many on their way at the same time; a slow one never holds the others.
async fn at_once<F: Future>(questions: impl Iterator<Item = F>, most: usize) -> Vec<F::Output> {
    let questions: Vec<F> = questions.collect();
    stream::iter(questions).buffer_unordered(most).collect().await
}

/// The names at which each zone hands its answers over to other name servers.
async fn cuts(asker: Asker<'_>, zones: &BTreeSet<ZoneId>) -> Learned {
    let questions = zones.iter().cloned().map(|zone| async move {
        let cuts = asker.azure.dns.ns_sets(&zone).await;
        (zone, cuts)
    });
    let answers = at_once(questions, AT_ONCE).await;
    let mut learned = Learned::default();
    for (zone, answer) in answers {
        let answer = match answer {
            Ok(cuts) => Answer::Known(cuts),
            // Installations from before have no right to read them; the answer then is what it was before.
            Err(error) if error.is_forbidden() => {
                learned.found.warnings.push(format!(
                    "names below an NS record set cannot be told from others: {}",
                    error.for_people()
                ));
                Answer::Known(BTreeSet::new())
            }
            Err(error) => learned.found.failed(&error),
        };
        learned.known.learn_cuts(zone, answer);
    }
    learned
}
