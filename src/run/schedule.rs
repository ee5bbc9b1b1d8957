//! When each change is written: zone by zone, oldest mismatch first, a leader where a surge stands, one slow answer never
//! before another.

mod deploy;
mod writes;

use std::collections::BTreeMap;

use futures::{StreamExt, stream};

use super::prove::{LEADER_PATIENCE, Landed, Testimony};
use super::trouble::Trouble;
use crate::clock;
use pure::domain::{RecordId, ZoneId, ZoneKind};
use pure::lead::{self, Verdict};
use pure::plan::report::Outcome;
use pure::plan::{Action, Answer, Change, Docket, brake};
use pure::progress::{Ending, Fate, Heard, Mishap, Next, Progress, next};

pub(super) use writes::{Done, Schedule, Writes};
use writes::{expected, not_begun};

/// Writes of one zone and kind on their way at the same time: a quarter of what a zone takes in a minute at the usual share
/// of its quota.
const AT_ONCE: usize = 40;

impl Schedule<'_> {
    /// Makes all changes.
    pub(super) async fn write(&self, changes: Vec<Change>) -> Writes {
        let mut zones: BTreeMap<ZoneId, Vec<Change>> = BTreeMap::new();
        for change in changes {
            zones.entry(change.id.zone.clone()).or_default().push(change);
        }
        let zones = zones.into_iter().map(|(zone, changes)| self.zone(zone, changes));
        let mut all = Writes::default();
        for written in futures::future::join_all(zones).await {
            all.absorb(written);
        }
        all
    }

    async fn zone(&self, zone: ZoneId, mut changes: Vec<Change>) -> Writes {
        lead::order(&mut changes, |change| {
            self.was_refused(change)
                || self.case.history.is_missing(&change.id)
                || self.vain_leaders.holds(&change.id)
        });
        let is_led = self.led.contains(&zone);
        let (waiting, rest): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|change| is_led && change.is_led());
        if self.hand.deploys(zone.kind()).is_some() {
            // All of a zone bears one name, so that nothing of it goes beside another.
            let mut all = self.behind_a_leader(&zone, waiting).await;
            all.absorb(self.in_order(rest).await);
            return all;
        }
        let (creates, updates): (Vec<_>, Vec<_>) =
            rest.into_iter().partition(|change| change.action() == Action::Create);
        // Creations, adoptions and the led changes have nothing to fear from each other.
        let (created, updated, followed) = tokio::join!(
            self.in_order(creates),
            self.in_order(updates),
            self.behind_a_leader(&zone, waiting)
        );
        let mut all = created;
        all.absorb(updated);
        all.absorb(followed);
        all
    }

    /// The oldest change goes first and must be proved; see [`lead`].
    async fn behind_a_leader(&self, zone: &ZoneId, changes: Vec<Change>) -> Writes {
        let mut waiting = std::collections::VecDeque::from(changes);
        let mut all = Writes::default();
        let mut led = 0;
        while let Some(leader) = waiting.pop_front() {
            led += 1;
            let id = leader.id.clone();
            let written = self.in_order(vec![leader]).await;
            let outcome = written.done.first().map(|done| done.fate.outcome);
            let proved = match written.done.first() {
                Some(done) if outcome == Some(Outcome::Confirmed) => self.is_proved(&done.change).await,
                _ => false,
            };
            all.absorb(written);
            if self.attended.is_stopped() {
                all.done.extend(waiting.into_iter().map(not_begun));
                break;
            }
            if let Some(outcome) = outcome {
                self.vain_leaders.learn(&id, outcome == Outcome::Confirmed);
            }
            match lead::judge(led, outcome, proved) {
                Verdict::NextLeads => {}
                Verdict::Follow => {
                    all.absorb(self.in_order(waiting.into()).await);
                    break;
                }
                Verdict::Hold => {
                    all.absorb(self.hold(zone, &id, waiting.make_contiguous()));
                    break;
                }
                Verdict::LeaveToTheNextRun => {
                    all.done.extend(waiting.into_iter().map(leave));
                    break;
                }
            }
        }
        all
    }

    /// Whether the name servers show what a leader has written, or a read where some of them cannot be asked and none says otherwise.
    async fn is_proved(&self, change: &Change) -> bool {
        match self.prover.prove(&expected(change, self.case), LEADER_PATIENCE).await {
            Testimony::ByAll(_) => return true,
            Testimony::NotByAll(_) => return false,
            Testimony::Undenied(_) if !self.prover.takes_azures_word(&change.id.zone) => return false,
            Testimony::Undenied(_) => {}
        }
        let (heard, _) = self.hand.read(change).await;
        let Heard::Read(read) = heard else { return false };
        match read.set {
            Some(set) => set.addresses == *change.to(),
            None => change.action() == Action::Delete,
        }
    }

    fn hold(&self, zone: &ZoneId, leader: &RecordId, held: &[Change]) -> Writes {
        if held.is_empty() {
            return Writes::default();
        }
        let (brake, skips) = brake::unproved(zone, leader, held, self.policy);
        Writes { skips, brakes: vec![brake], ..Writes::default() }
    }

    async fn in_order(&self, changes: Vec<Change>) -> Writes {
        let kind = changes.first().map_or(ZoneKind::Public, |change| change.id.zone.kind());
        match self.hand.deploys(kind) {
            Some((reads, writes)) => {
                // No deployment takes a set away.
                let (gone, rest): (Vec<_>, Vec<_>) =
                    changes.into_iter().partition(|change| change.action() == Action::Delete);
                let mut all = self.one_by_one(gone).await;
                all.absorb(Box::pin(self.deploy(rest, reads, writes)).await);
                all
            }
            None => self.one_by_one(changes).await,
        }
    }

    async fn one_by_one(&self, changes: Vec<Change>) -> Writes {
        let mut all = Writes::default();
        let changes: Vec<_> = changes.into_iter().map(|change| self.one(change)).collect();
        let mut written = stream::iter(changes).buffer_unordered(AT_ONCE);
        while let Some(one) = written.next().await {
            all.absorb(one);
        }
        all
    }

    /// One change to its end, driven by [`next`].
    async fn one(&self, change: Change) -> Writes {
        let owner = &self.policy.owner;
        let mut all = Writes::default();
        let mut progress = Progress::of(change);
        let mut step = Next::Write;
        loop {
            let heard = match step {
                Next::Write if self.attended.is_stopped() => {
                    all.done.push(not_begun(progress.change));
                    return all;
                }
                Next::Write => {
                    let set = progress.change.record_set(owner, self.run, clock::now());
                    self.hand.write(&progress.change, &set).await
                }
                Next::Read => {
                    let (heard, seen) = self.hand.read(&progress.change).await;
                    all.seen.extend(seen);
                    heard
                }
                Next::LookAgain(read) => {
                    let now = clock::now();
                    let docket = self.docket.get_or_init(|| Docket::of(self.case, self.policy, now));
                    Heard::Again(docket.again(&progress.change, &Answer::Known(*read), now))
                }
                Next::End(Ending::Skips(skips)) => {
                    self.attended.one_has_ended();
                    all.skips.extend(skips);
                    return all;
                }
                Next::End(Ending::Fate(fate)) => {
                    if fate.outcome == Outcome::Confirmed {
                        // The receiver lives as long as this run; without it nothing is proved, and nothing else is lost.
                        let _ = self.landed.send(Landed(expected(&progress.change, self.case)));
                    }
                    self.attended.one_has_ended();
                    let done = Done { change: progress.change, fate: *fate, at: clock::now() };
                    all.done.push(done);
                    return all;
                }
            };
            (progress, step) = next(progress, heard, owner, self.run);
        }
    }

    fn was_refused(&self, change: &Change) -> bool {
        let Some(refusal) = self.case.history.refused.get(&change.id) else { return false };
        let mut pairs =
            change.machines().flat_map(|machine| change.to().iter().map(move |to| (machine, *to)));
        pairs.all(|(machine, to)| refusal.is_given_to(machine, to))
    }
}

/// A change that is left to the next run because too many leaders before it were not written.
fn leave(change: Change) -> Done {
    let words = "the changes before it in its zone were not written, and one must be proved first".to_owned();
    let mishap = Mishap { code: "no-leader".to_owned(), words };
    Done { change, fate: Fate::without_effect(Outcome::Deferred, mishap), at: clock::now() }
}

/// A change that is left to the next run because the log has not taken the row of the write that it would overwrite.
pub(super) fn wait_for_its_row(change: Change, trouble: Option<&Trouble>) -> Done {
    let because = trouble.map(|trouble| format!(": {}", trouble.because)).unwrap_or_default();
    let words = format!(
        "the log has not taken the row of the write before, of which only this record set's mark tells{because}"
    );
    let mishap = Mishap { code: "row-owed".to_owned(), words };
    Done { change, fate: Fate::without_effect(Outcome::Deferred, mishap), at: clock::now() }
}
