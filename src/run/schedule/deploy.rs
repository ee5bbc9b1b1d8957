//! Changes of one zone written by template deployments, one after the other under one name: read before, waited for, read after.
//!
//! A deployment carries no condition. What somebody else writes between the read and the deployment is overwritten.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep_until};

use super::writes::{Done, Schedule, Writes, expected, not_begun};
use crate::azure::deployments::{Begun, Deployment, Said, batches, template};
use crate::azure::{Azure, Certainty, Error, Refusal, dns};
use crate::clock;
use crate::run::at_work::active;
use crate::run::fulfil::{self, LiveSet};
use crate::run::hand::{heard, mishap};
use crate::run::prove::Landed;
use crate::run::trouble::Trouble;
use pure::deployment::{Conclusion, State, fate, is_as_before, name};
use pure::domain::{RecordId, RecordSet, Service, Zone, ZoneId};
use pure::plan::report::{Outcome, digest};
use pure::plan::{Answer, Change, Docket, Read};
use pure::progress::{Ending, Fate, Heard, Mishap, Next, Progress, next};

/// How often one deployment is sent at most, where nothing of it arrives.
const BEGINS: u32 = 4;
/// The wait before it is sent again; it grows with each.
const BETWEEN_BEGINS: Duration = Duration::from_millis(250);

/// What became of a deployment.
enum Deployed {
    /// It was not begun.
    Not(Heard),
    /// It was, or may have been, and nobody knows that it has ended.
    Open(Mishap),
    /// It has ended.
    Ended,
}

impl Schedule<'_> {
    /// Makes the changes of one zone, none of which takes a set away, in as few deployments as hold them.
    pub(super) async fn deploy(&self, changes: Vec<Change>, reads: &Azure, writes: &Azure) -> Writes {
        let mut all = Writes::default();
        let sets: Vec<RecordSet> = changes.iter().map(|change| self.marked(change)).collect();
        let mut rest = changes.into_iter();
        let mut waits: Option<Fate> = None;
        for count in batches(&sets) {
            let batch: Vec<Change> = rest.by_ref().take(count).collect();
            match &waits {
                _ if self.attended.is_stopped() => all.done.extend(batch.into_iter().map(not_begun)),
                Some(fate) => batch.into_iter().for_each(|change| self.end(change, fate.clone(), &mut all)),
                None => waits = self.batch(batch, reads, writes, &mut all).await,
            }
        }
        all
    }

    /// One deployment to its end. What becomes of those after it is given back where they cannot be begun.
    async fn batch(
        &self,
        batch: Vec<Change>,
        reads: &Azure,
        writes: &Azure,
        all: &mut Writes,
    ) -> Option<Fate> {
        let zone = batch.first()?.id.zone.clone();
        let changes = self.as_planned(batch, reads, all).await;
        if changes.is_empty() {
            return None;
        }
        let sets: Vec<RecordSet> = changes.iter().map(|change| self.marked(change)).collect();
        // Another run deploys under the same name, and so does this one, again: what is whose, the label tells.
        let label = format!("{} {}", self.run, digest(&changes));
        let deployed = self.to_its_end(&zone, &sets, &label, reads, writes).await;
        let open = match deployed {
            Deployed::Not(heard) => {
                let mut last = None;
                for change in changes {
                    let (progress, step) =
                        next(Progress::of(change), heard.clone(), &self.policy.owner, self.run);
                    if let Next::End(Ending::Fate(fate)) = step {
                        last = Some((*fate).clone());
                        self.end(progress.change, *fate, all);
                    }
                }
                return last;
            }
            Deployed::Open(mishap) => Some(mishap),
            Deployed::Ended => None,
        };
        self.by_a_read(&zone, changes, open.clone(), &label, reads, all).await;
        open.map(|mishap| Fate::without_effect(Outcome::Deferred, mishap))
    }

    /// Begins a deployment and waits until it has ended, or this run has no more time for it.
    async fn to_its_end(
        &self,
        zone: &ZoneId,
        sets: &[RecordSet],
        label: &str,
        reads: &Azure,
        writes: &Azure,
    ) -> Deployed {
        let mut begun = match self.begin(zone, &template(sets), label, reads, writes).await {
            Ok(begun) => begun,
            Err(deployed) => return deployed,
        };
        let since = Some(clock::now());
        let mut wait = begun.wait;
        loop {
            if self.is_over_after(wait, writes.deadline).await {
                return Deployed::Open(active(zone, since));
            }
            match writes.deployments.state(zone, &begun).await {
                Ok((State::Ended, _)) => return Deployed::Ended,
                Ok((State::AtWork, asked)) => wait = asked,
                // The operation is not known any more, as where another deployment has taken the name: the deployment is.
                Err(error) if error.status == Some(404) => match reads.deployments.get(zone).await {
                    Ok(Some(found)) if found.label.as_deref() == Some(label) => {
                        if found.state == State::Ended {
                            return Deployed::Ended;
                        }
                        // From here on the deployment itself is asked.
                        begun = Begun::unanswered();
                        wait = begun.wait;
                    }
                    // No other one takes the name before this one has ended.
                    Ok(Some(_)) => return Deployed::Ended,
                    // Whoever took it out of the history says nothing of what it has done.
                    Ok(None) | Err(_) => return Deployed::Open(mishap(&error)),
                },
                Err(error) => return Deployed::Open(mishap(&error)),
            }
        }
    }

    /// Begins a deployment. One whose answer was lost is looked for by its name, and begun again only where it is not there: others may
    /// have written since what it would overwrite.
    async fn begin(
        &self,
        zone: &ZoneId,
        template: &Value,
        label: &str,
        reads: &Azure,
        writes: &Azure,
    ) -> Result<Begun, Deployed> {
        let mut begins = 0;
        loop {
            begins += 1;
            let error = match writes.deployments.begin(zone, template, label).await {
                Ok(begun) => return Ok(begun),
                Err(error) => error,
            };
            let is_lost = error.certainty == Certainty::Unknown;
            if !is_lost && !error.is_deployment_active() {
                // One before it may still be on its way.
                let was_lost = begins > 1;
                return Err(match was_lost {
                    true => Deployed::Open(mishap(&error)),
                    false => Deployed::Not(refused(&error)),
                });
            }
            match reads.deployments.get(zone).await {
                Ok(Some(found)) if found.label.as_deref() == Some(label) => return Ok(Begun::unanswered()),
                found if !is_lost => {
                    let since = found.ok().flatten().and_then(|found| found.since);
                    return Err(Deployed::Not(Heard::Waits(active(zone, since))));
                }
                Ok(_) if error.is_transient() && begins < BEGINS => {}
                _ => return Err(Deployed::Open(mishap(&error))),
            }
            if self.is_over_after(BETWEEN_BEGINS * begins, writes.deadline).await {
                return Err(Deployed::Open(mishap(&error)));
            }
        }
    }

    /// Waits; whether the run is stopped meanwhile, or has no more time.
    async fn is_over_after(&self, wait: Duration, deadline: Instant) -> bool {
        let look = (Instant::now() + wait).min(deadline);
        let is_stopped = self.attended.stop.run_until_cancelled(sleep_until(look)).await.is_none();
        is_stopped || Instant::now() >= deadline
    }

    /// The changes that rest on what stands there still. What a second look decides otherwise comes to its end here.
    async fn as_planned(&self, batch: Vec<Change>, reads: &Azure, all: &mut Writes) -> Vec<Change> {
        let mut read = self.read(&batch, reads, all).await;
        let mut kept = Vec::with_capacity(batch.len());
        for change in batch {
            let found = match read.remove(&change.id) {
                Some(Ok(found)) => found,
                other => {
                    let fate = Fate::without_effect(Outcome::Deferred, unread(other.and_then(Result::err)));
                    self.end(change, fate, all);
                    continue;
                }
            };
            match self.looked_at(change, found) {
                Ok(change) => match dns::writable(&self.marked(&change)) {
                    Ok(()) => kept.push(change),
                    Err(error) => {
                        let fate = Fate::without_effect(Outcome::Failed, mishap(&error));
                        self.end(change, fate, all);
                    }
                },
                Err(ended) => match *ended {
                    (change, Ending::Fate(fate)) => self.end(change, *fate, all),
                    (_, Ending::Skips(skips)) => {
                        self.attended.one_has_ended();
                        all.skips.extend(skips);
                    }
                },
            }
        }
        kept
    }

    /// The change as it is to be written over what a read found, or its end.
    fn looked_at(&self, change: Change, found: Read) -> Result<Change, Box<(Change, Ending)>> {
        if is_as_before(&change, &found) {
            return Ok(change);
        }
        let owner = &self.policy.owner;
        let words = "the record set is not any more what the plan saw".to_owned();
        let moved = Heard::Moved(Mishap { code: "changed".to_owned(), words });
        let (mut progress, _) = next(Progress::of(change), moved, owner, self.run);
        let mut heard = Heard::Read(Box::new(found));
        loop {
            let step;
            (progress, step) = next(progress, heard, owner, self.run);
            heard = match step {
                Next::LookAgain(read) => {
                    let now = clock::now();
                    let docket = self.docket.get_or_init(|| Docket::of(self.case, self.policy, now));
                    Heard::Again(docket.again(&progress.change, &Answer::Known(*read), now))
                }
                Next::End(ending) => return Err(Box::new((progress.change, ending))),
                Next::Write | Next::Read => return Ok(progress.change),
            };
        }
    }

    /// Reads the sets of a deployment that was begun: only what stands there was written.
    async fn by_a_read(
        &self,
        zone: &ZoneId,
        changes: Vec<Change>,
        open: Option<Mishap>,
        label: &str,
        reads: &Azure,
        all: &mut Writes,
    ) {
        let mut read = self.read(&changes, reads, all).await;
        let (owner, run) = (&self.policy.owner, self.run);
        let is_done = |change: &Change| match read.get(&change.id) {
            Some(Ok(found)) => found.set.as_ref().is_some_and(|set| change.is_done(set, owner, run)),
            _ => false,
        };
        let why = match open {
            None if changes.iter().all(is_done) => Grounds::default(),
            None => Grounds::of(reads, zone, label).await,
            Some(_) => Grounds::default(),
        };
        for change in changes {
            let found = match read.remove(&change.id) {
                Some(Ok(found)) => Ok(found),
                other => Err(unread(other.and_then(Result::err))),
            };
            let word = open.clone().map_or_else(|| why.word(&change.id), Conclusion::Open);
            let fate = fate(&change, found, word, owner, run);
            self.end(change, fate, all);
        }
    }

    async fn read(
        &self,
        changes: &[Change],
        reads: &Azure,
        all: &mut Writes,
    ) -> BTreeMap<RecordId, Result<Read, Trouble>> {
        let ids = changes.iter().map(|change| change.id.clone()).collect();
        let read = fulfil::read_all(reads, &self.case.history, &ids).await;
        let mut found = BTreeMap::new();
        for (id, got) in read {
            let got = got.map(|(seen, is_cname): (LiveSet, bool)| {
                let read = Read { set: seen.set.clone(), is_cname };
                all.seen.push(seen);
                read
            });
            found.insert(id, got);
        }
        found
    }

    fn marked(&self, change: &Change) -> RecordSet {
        change.record_set(&self.policy.owner, self.run, clock::now())
    }

    fn end(&self, change: Change, fate: Fate, all: &mut Writes) {
        if fate.outcome == Outcome::Confirmed {
            // The receiver lives as long as this run; without it nothing is proved, and nothing else is lost.
            let _ = self.landed.send(Landed(expected(&change, self.case)));
        }
        self.attended.one_has_ended();
        all.done.push(Done { change, fate, at: clock::now() });
    }
}

/// What a deployment that has ended says of what it did not write.
#[derive(Default)]
struct Grounds {
    zone: Option<ZoneId>,
    of: BTreeMap<String, Said>,
    whole: Option<Said>,
}

impl Grounds {
    async fn of(reads: &Azure, zone: &ZoneId, label: &str) -> Self {
        let found = reads.deployments.get(zone).await.ok().flatten();
        // What came after it under its name says nothing of it.
        let Some(Deployment { said, .. }) = found.filter(|found| found.label.as_deref() == Some(label))
        else {
            return Self { zone: Some(zone.clone()), ..Self::default() };
        };
        let of = reads.deployments.failures(zone).await.unwrap_or_default();
        Self { zone: Some(zone.clone()), of, whole: said }
    }

    fn word(&self, id: &RecordId) -> Conclusion {
        let zone = self.zone.as_ref().unwrap_or(&id.zone);
        let of = Zone { id: zone.clone() };
        let relative = of.relative(&id.name).unwrap_or_else(|| id.name.as_str());
        let key = format!("{}/{}/{relative}", zone.lower(), id.record_type).to_ascii_lowercase();
        let said = self.of.get(&key).or(self.whole.as_ref());
        let mut words = format!("the deployment {} has ended without it", name(zone));
        let Some(Said { code, words: told }) = said else {
            return Conclusion::Ended {
                mishap: Mishap { code: "not-written".to_owned(), words },
                is_durable: false,
            };
        };
        for told in [code, told].into_iter().filter(|told| !told.is_empty()) {
            words.push_str(": ");
            words.push_str(told.trim_end_matches('.'));
        }
        let refusal = Refusal::of_code(code);
        if let Some(refusal) = refusal {
            words.push_str("; ");
            words.push_str(&refusal.next_step(Service::DnsWrite, zone));
        }
        let code = if code.is_empty() { "not-written" } else { code }.to_owned();
        Conclusion::Ended { mishap: Mishap { code, words }, is_durable: refusal.is_some() }
    }
}

/// What it means that a deployment was not begun.
fn refused(error: &Error) -> Heard {
    match heard(error) {
        Heard::Moved(mishap) | Heard::Lost(mishap) if error.is_history_full() => Heard::Failed(mishap),
        // Any other 409 passes.
        Heard::Moved(mishap) | Heard::Lost(mishap) => Heard::Waits(mishap),
        other => other,
    }
}

fn unread(trouble: Option<Trouble>) -> Mishap {
    let words = trouble.map_or_else(|| "the record set was not read".to_owned(), |trouble| trouble.because);
    Mishap { code: "unread".to_owned(), words }
}
