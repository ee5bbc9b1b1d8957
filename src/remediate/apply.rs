//! The writes: concurrent, conditional, at the zone's pace, oldest mismatch first.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use jiff::Timestamp;
use tokio::sync::mpsc::UnboundedSender;

use super::live::{self, Seen};
use super::verify::{CANARY_PATIENCE, Expected, Landed, Prover};
use crate::azure::{Azure, Certainty, Condition, Error};
use pure::domain::{RecordSet, ZoneId};
use pure::plan::report::Outcome;
use pure::plan::why::Held;
use pure::plan::{About, Action, Brake, BrakeKind, Canary, Change, Input, Opens, Policy, Skip, Why, plan};

/// Writes of one zone and kind on their way at the same time.
const AT_ONCE: usize = 32;

/// What the writes rest on.
pub(super) struct Writer<'a> {
    /// For reads: they may take until the end of the run.
    pub(super) azure: &'a Azure,
    /// For writes: they end earlier, so that the run's rows have time left.
    pub(super) writes: &'a Azure,
    pub(super) policy: &'a Policy,
    pub(super) input: &'a Input,
    pub(super) run: &'a str,
    pub(super) prover: &'a Prover,
}

/// What became of the changes.
#[derive(Default)]
pub(super) struct Writes {
    pub(super) changes: Vec<(Change, Fate)>,
    /// Changes that a second look turned into skips, or that a canary holds.
    pub(super) skips: Vec<Skip>,
    pub(super) brakes: Vec<Brake>,
    /// Live reads on the way.
    pub(super) seen: Vec<Seen>,
}

/// What became of a change.
#[derive(Debug, Clone)]
pub(super) struct Fate {
    pub(super) outcome: Outcome,
    /// What went wrong, for people.
    pub(super) detail: Option<String>,
    /// The set as Azure has it after the write.
    pub(super) written: Option<RecordSet>,
    /// The moment after the write's answer.
    pub(super) at: Timestamp,
}

impl Fate {
    fn without_effect(outcome: Outcome, detail: String) -> Self {
        Self { outcome, detail: Some(detail), written: None, at: Timestamp::now() }
    }

    fn confirmed(written: RecordSet) -> Self {
        Self { outcome: Outcome::Confirmed, detail: None, written: Some(written), at: Timestamp::now() }
    }
}

impl Writes {
    fn absorb(&mut self, other: Self) {
        self.changes.extend(other.changes);
        self.skips.extend(other.skips);
        self.brakes.extend(other.brakes);
        self.seen.extend(other.seen);
    }
}

impl Writer<'_> {
    /// Makes all changes; what landed is told to `landed` at once.
    pub(super) async fn apply(&self, changes: Vec<Change>, landed: &UnboundedSender<Landed>) -> Writes {
        let mut zones: BTreeMap<ZoneId, Vec<Change>> = BTreeMap::new();
        for change in changes {
            zones.entry(change.zone.clone()).or_default().push(change);
        }
        let zones = zones.into_iter().map(|(zone, changes)| self.zone(zone, changes, landed));
        let mut all = Writes::default();
        for applied in futures::future::join_all(zones).await {
            all.absorb(applied);
        }
        all
    }

    async fn zone(&self, zone: ZoneId, changes: Vec<Change>, landed: &UnboundedSender<Landed>) -> Writes {
        let (creates, mut updates): (Vec<_>, Vec<_>) =
            changes.into_iter().partition(|change| change.action == Action::Create);
        let created = self.in_order(creates, landed);
        let updated = async {
            let mut applied = Writes::default();
            if let Some(at) = updates.iter().position(|change| change.canary == Some(Canary::Leads)) {
                let canary = updates.remove(at);
                let name = canary.name.to_string();
                let (proved, first) = self.canary(canary, landed).await;
                applied.absorb(first);
                if !proved {
                    let waits = |change: &mut Change| change.canary == Some(Canary::Waits);
                    let held: Vec<_> = updates.extract_if(.., waits).collect();
                    applied.absorb(self.hold(&zone, name, &held));
                }
            }
            applied.absorb(self.in_order(updates, landed).await);
            applied
        };
        let (mut all, updated) = tokio::join!(created, updated);
        all.absorb(updated);
        all
    }

    async fn in_order(&self, mut changes: Vec<Change>, landed: &UnboundedSender<Landed>) -> Writes {
        changes.sort_by_cached_key(|change| (change.first_beat, change.key()));
        let one = |change| async move {
            let mut applied = Writes::default();
            self.one(change, landed, &mut applied).await;
            applied
        };
        let done: Vec<Writes> = stream::iter(changes).map(one).buffered(AT_ONCE).collect().await;
        let mut all = Writes::default();
        done.into_iter().for_each(|applied| all.absorb(applied));
        all
    }

    /// The first change of a zone in a surge must be proved before the rest follows.
    async fn canary(&self, change: Change, landed: &UnboundedSender<Landed>) -> (bool, Writes) {
        let mut applied = Writes::default();
        self.one(change, landed, &mut applied).await;
        let Some((change, _)) = applied.changes.iter().find(|(_, fate)| fate.outcome == Outcome::Confirmed)
        else {
            return (false, applied);
        };
        let proved = if self.prover.trusts_azure(&change.zone).await {
            let read = live::read(self.azure, &change.zone, &change.key()).await;
            read.is_ok_and(|seen| seen.set.is_some_and(|set| set.addresses == change.to))
        } else {
            self.prover.prove(&change.zone, &expected(change), CANARY_PATIENCE).await.is_some()
        };
        (proved, applied)
    }

    /// Holds what waits for a canary that could not be proved.
    fn hold(&self, zone: &ZoneId, canary: String, held: &[Change]) -> Writes {
        let mut applied = Writes::default();
        if held.is_empty() {
            return applied;
        }
        let held_by = Held::Canary { name: canary };
        let because = held_by.to_string();
        let why = Why::Braked { held: held_by };
        applied.skips.extend(held.iter().flat_map(|change| change.held(&why)));
        applied.brakes.push(Brake {
            brake: BrakeKind::Surge,
            zone: Some(zone.clone()),
            limit: self.policy.max_move_percent,
            seen: None,
            names: held.iter().map(|change| change.name.to_string()).collect(),
            opens: Opens::At(Timestamp::now()),
            because,
            about: About::Proof,
        });
        applied
    }

    /// One change to its end: written, or read again, planned again and tried once more.
    async fn one(&self, change: Change, landed: &UnboundedSender<Landed>, applied: &mut Writes) {
        let mut change = change;
        let mut second_look = false;
        loop {
            let fate = match self.write(&change, applied).await {
                Step::Done(fate) => *fate,
                Step::Moved(error) if second_look => {
                    let outcome = if error.certainty == Certainty::Unknown {
                        Outcome::Failed
                    } else {
                        Outcome::Conflict
                    };
                    Fate::without_effect(outcome, error.chain())
                }
                Step::Moved(error) => {
                    second_look = true;
                    match self.plan_again(&change, &error, applied).await {
                        Again::Change(again) => {
                            change = *again;
                            continue;
                        }
                        Again::Skips(skips) => {
                            applied.skips.extend(skips);
                            return;
                        }
                        Again::End(fate) => *fate,
                    }
                }
            };
            if fate.outcome == Outcome::Confirmed {
                // The receiver lives as long as this run; without it nothing is proved, and nothing else is lost.
                let _ = landed.send(Landed { zone: change.zone.clone(), expected: expected(&change) });
            }
            applied.changes.push((change, fate));
            return;
        }
    }

    async fn write(&self, change: &Change, applied: &mut Writes) -> Step {
        let set = change.record_set(&self.policy.owner, self.run, Timestamp::now());
        let condition = match &change.before {
            Some(before) => Condition::Match(before.etag.clone()),
            None => Condition::Absent,
        };
        let error = match self.writes.dns.put(&set, &condition).await {
            Ok(written) => return Step::Done(Box::new(Fate::confirmed(written))),
            Err(error) => error,
        };
        if error.certainty == Certainty::Unknown {
            return match live::read(self.azure, &change.zone, &change.key()).await {
                Ok(seen) => {
                    let ours = seen.set.clone().filter(|live| is_ours(live, &set, self.run));
                    applied.seen.push(seen);
                    match ours {
                        Some(live) => Step::Done(Box::new(Fate::confirmed(live))),
                        None => Step::Moved(error),
                    }
                }
                Err(read) => {
                    let detail = format!("{}; then {}", error.chain(), read.chain());
                    Step::Done(Box::new(Fate::without_effect(Outcome::Unconfirmed, detail)))
                }
            };
        }
        if error.is_precondition() || error.is_conflict() {
            return Step::Moved(error);
        }
        // Throttling is the zone's pace in other words: the next run goes on.
        let waits = error.is_deferred() || error.status == Some(429);
        let outcome = if waits { Outcome::Deferred } else { Outcome::Failed };
        Step::Done(Box::new(Fate::without_effect(outcome, error.chain())))
    }

    /// Reads the set again and decides again, with everything else as it was.
    async fn plan_again(&self, change: &Change, error: &Error, applied: &mut Writes) -> Again {
        let key = change.key();
        let seen = match live::read(self.azure, &change.zone, &key).await {
            Ok(seen) => seen,
            Err(read) => {
                let outcome = match error.certainty {
                    Certainty::Unknown => Outcome::Unconfirmed,
                    _ => Outcome::Conflict,
                };
                let detail = format!("{}; then {}", error.chain(), read.chain());
                return Again::End(Box::new(Fate::without_effect(outcome, detail)));
            }
        };
        let mut input = self.input.clone();
        input.rows.retain(|row| row.record_type == key.record_type && same_name(&row.host_name, &key.name));
        input.current.insert(key.clone(), seen.set.clone());
        applied.seen.push(seen);
        let again = plan(&input, self.policy, Timestamp::now());
        if let Some(mut found) = again.changes.into_iter().find(|found| found.key() == key) {
            found.canary = change.canary;
            return Again::Change(Box::new(found));
        }
        let skips: Vec<_> = again.skips.into_iter().filter(|skip| same_name(&skip.name, &key.name)).collect();
        if skips.is_empty() || again.evidence_wanted.is_some() {
            let detail = format!("{}; the set has changed, the next run decides again", error.chain());
            return Again::End(Box::new(Fate::without_effect(Outcome::Conflict, detail)));
        }
        Again::Skips(skips)
    }
}

/// What one write came to.
enum Step {
    Done(Box<Fate>),
    /// The set is not as the plan saw it, or the write did not land: look again.
    Moved(Error),
}

/// What a second look came to.
enum Again {
    Change(Box<Change>),
    Skips(Vec<Skip>),
    End(Box<Fate>),
}

/// Whether a live set is what we sent: its addresses, and the mark of this very run.
fn is_ours(live: &RecordSet, sent: &RecordSet, run: &str) -> bool {
    live.addresses == sent.addresses && live.mark().is_some_and(|mark| mark.run == run)
}

fn expected(change: &Change) -> Expected {
    Expected { key: change.key(), addresses: change.to.clone() }
}

fn same_name(text: &str, name: &pure::domain::HostName) -> bool {
    pure::domain::HostName::parse(text).is_ok_and(|parsed| parsed == *name)
}
