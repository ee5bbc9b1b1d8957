//! The third room and the last: the plan carried out, proved, and told to the log.

use crate::clock;
use crate::run::trouble::Trouble;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::audit::{Audit, AuditRow, Proved};
use super::hand::Hand;
use super::planned::Planned;
use super::prove::{Prover, Testimony};
use super::schedule::{self, Done, Schedule, Writes};
use super::tell::{self, Sets};
use super::told::Told;
use crate::azure::logs_ingest::{DNS_CHANGE, DNS_DATA, TAG_DATA};
use crate::azure::{Azure, Certainty, Error};
use pure::domain::{ChangeRow, DnsRow, RecordId, TagRow};
use pure::plan::report::{Dissent, Intent, Outcome, Proof, Report, ReportedChange, Trigger};
use pure::plan::{self, Plan, Policy};

/// Audit rows that stand or fall together: about what one call carries, so that it is known of each whether it was taken.
const AUDIT_ROWS: usize = 1000;

/// How old a write may grow for whose row a name waits. A log that takes no rows keeps no name where it is for longer, and a name
/// moves at most so often while the brakes, which count rows, do not see its moves.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(30);

/// Part of the time that is left which the rows may take that killed runs owe and that must go out before a write.
const ROWS_BEFORE: u32 = 8;

/// A run whose writes have ended; the name servers are still being asked.
#[derive(Debug)]
pub struct Written<'a> {
    planned: Planned<'a>,
    /// What was not to be written.
    rest: Plan,
    digest: String,
    writes: Writes,
    hand: Hand,
    prover: Arc<Prover>,
    /// What the name servers have shown so far; none once it was waited for.
    proofs: Option<JoinHandle<BTreeMap<RecordId, Testimony>>>,
    log_troubles: Vec<Trouble>,
    /// Rows that went out before the writes.
    told: Told,
    /// The sets of which they told what a killed run did.
    told_before: BTreeSet<RecordId>,
    /// The rows of killed runs that the log did not take, each with its set, whose mark told of it.
    refused: Vec<(RecordId, AuditRow)>,
}

/// A run that has ended.
#[derive(Debug)]
pub struct Ended {
    /// What it says about itself.
    pub report: Report,
    /// Why nothing could be changed: a service that everything rests on gave no answer at all.
    pub silence: Option<Trouble>,
    /// Rows that the log did not take, in words; the next run sends what it still misses.
    pub log_troubles: Vec<Trouble>,
    /// Reads that failed; the names that rest on them stay as they are.
    pub read_troubles: Vec<Trouble>,
    /// The audit rows that the log has taken.
    pub told: Told,
}

impl From<Planned<'_>> for Ended {
    /// The end of a run that writes nothing.
    fn from(planned: Planned<'_>) -> Self {
        planned.log_what_failed(&[]);
        Self {
            report: planned.report(),
            silence: planned.silence,
            log_troubles: Vec::new(),
            read_troubles: planned.found.troubles,
            told: Told::default(),
        }
    }
}

impl<'a> Planned<'a> {
    /// Goes through the rooms that are left: writes and proves, when the run may write.
    pub async fn end(self) -> Ended {
        if self.writes() { Box::pin(Box::pin(self.write()).await.prove()).await } else { self.into() }
    }

    /// Writes the plan. What cannot be done in time is left for the next run. The name servers are asked about each change
    /// from the moment at which it landed.
    pub async fn write(mut self) -> Written<'a> {
        let plan = std::mem::take(&mut self.plan);
        let digest = plan::report::digest(&plan.changes);
        let led = plan.led.clone();
        let mut rest = plan;
        let wanted = |change: &mut plan::Change| self.may_write(&change.id);
        let mut changes: Vec<_> = rest.changes.extract_if(.., wanted).collect();
        let reads = self.azure.by(self.end_of_reads());
        let writes = self.azure.by(self.end_of_writes()).stopped_by(&self.attended.stop);
        let hand = Hand::of(self.settings().run.apply_via, reads, writes);
        let held = self.at_work.hold_back(&hand, &mut changes).await;
        let mut waiting: Vec<Done> =
            held.into_iter().map(|(change, fate)| Done { change, fate, at: clock::now() }).collect();
        let prover = Arc::new(Prover::new(
            &self.installation.settings.run,
            self.end_of_reads(),
            self.attended.stop.clone(),
        ));
        let (landed, landings) = mpsc::unbounded_channel();
        let watched = Arc::clone(&prover);
        let proofs = tokio::spawn(async move { watched.watch(landings).await });
        if !changes.is_empty() {
            self.azure.logs_ingest.prepare();
        }
        let mut log_troubles = Vec::new();
        // A mark that is about to be overwritten is the only witness of its write: it stays until the log has its row, or for
        // half an hour. A log that refuses rows is not waited for: names would stand still for as long as nobody mends it.
        let (mut owed_of, mut owed) = self.audit(&hand, "").recovered_before(&changes);
        // A set that is gone keeps no mark: what became of it must be in the log before.
        let by = self.by().await;
        let (ending, announced) = self.audit(&hand, &by).announced(&changes);
        owed_of.extend(ending.iter().cloned());
        owed.extend(announced);
        let ending: BTreeSet<RecordId> = ending.into_iter().collect();
        let rows_before = self.azure.for_a_part(ROWS_BEFORE);
        let mut told = Told::default();
        let (accepted, error) = send(&rows_before, &owed, &mut told).await;
        let told_before: BTreeSet<RecordId> = owed_of.iter().take(accepted).cloned().collect();
        let refused: Vec<(RecordId, AuditRow)> =
            owed_of.iter().cloned().zip(owed.iter().cloned()).skip(accepted).collect();
        let waits = error.as_ref().is_some_and(|error| !error.is_refused());
        let now = clock::now();
        let is_young = |row: &AuditRow| now.duration_since(row.row.time_generated) < LONGEST_WAIT;
        let untold = owed_of.iter().zip(&owed).skip(accepted);
        let must_wait = |id: &RecordId, row: &AuditRow| ending.contains(id) || (waits && is_young(row));
        let owing: BTreeSet<&RecordId> =
            untold.filter(|(id, row)| must_wait(id, row)).map(|(id, _)| id).collect();
        let trouble = error.map(Trouble::from);
        let owed = changes.extract_if(.., |change| owing.contains(&change.id));
        waiting.extend(owed.map(|change| schedule::wait_for_its_row(change, trouble.as_ref())));
        log_troubles.extend(trouble);
        let schedule = Schedule {
            hand: &hand,
            policy: self.policy(),
            case: &self.case,
            run: &self.request.run,
            prover: &prover,
            led: &led,
            vain_leaders: &self.installation.vain_leaders,
            landed,
            docket: OnceLock::new(),
            attended: &self.attended,
        };
        let mut writes = schedule.write(changes).await;
        drop(schedule);
        self.installation.own_changes.learn(&writes.done, &self.request.run);
        writes.done.extend(waiting);
        Written {
            planned: self,
            rest,
            digest,
            writes,
            hand,
            prover,
            proofs: Some(proofs),
            log_troubles,
            told,
            told_before,
            refused,
        }
    }

    /// Whoever reads the log learns what it was not told, and why names are blind, whether the run writes or not. Who sits at the
    /// command line is told with the plan, and with what was written.
    fn log_what_failed(&self, log_troubles: &[Trouble]) {
        if self.request.trigger == Trigger::Cli {
            return;
        }
        for trouble in log_troubles.iter().chain(&self.found.troubles) {
            tracing::error!(run = self.request.run, "{}", trouble.for_log());
        }
        for warning in &self.found.warnings {
            tracing::warn!(run = self.request.run, "{warning}");
        }
    }

    /// The last part of a run belongs to its rows.
    fn end_of_writes(&self) -> Instant {
        let left = self.azure.deadline.saturating_duration_since(Instant::now());
        self.azure.deadline - (left / 5).min(Duration::from_secs(20))
    }

    /// What tells what became of a write, a read or the name servers, may take longer, and leaves the rows their time too.
    fn end_of_reads(&self) -> Instant {
        let left = self.azure.deadline.saturating_duration_since(Instant::now());
        self.azure.deadline - (left / 10).min(Duration::from_secs(10))
    }

    /// Who sits at the command line; empty for runs that nobody started there.
    async fn by(&self) -> String {
        let caller = match self.request.trigger {
            Trigger::Cli => self.azure.caller().await,
            Trigger::Alert | Trigger::Timer | Trigger::Manual => None,
        };
        caller.map(|caller| caller.to_string()).unwrap_or_default()
    }

    fn audit<'b>(&'b self, hand: &Hand, by: &'b str) -> Audit<'b> {
        let Policy { owner, zones, digest, .. } = self.policy();
        let brakes_told = &self.installation.brakes_told;
        Audit {
            request: &self.request,
            case: &self.case,
            owner,
            zones,
            via: hand.via(),
            by,
            policy: digest,
            has_weighed_ends: self.has_weighed_ends,
            brakes_told,
            now: clock::now(),
        }
    }
}

/// Sends audit rows, and notes which of them the log has taken: how many, from the first one on, and what stopped the rest.
async fn send(azure: &Azure, rows: &[AuditRow], told: &mut Told) -> (usize, Option<Error>) {
    let mut accepted = 0;
    for part in rows.chunks(AUDIT_ROWS) {
        let plain: Vec<&ChangeRow> = part.iter().map(|row| &row.row).collect();
        match azure.logs_ingest.send(DNS_CHANGE, &plain).await {
            Ok(()) => {
                told.accepted(part);
                accepted += part.len();
            }
            Err(error) => {
                if error.certainty == Certainty::Unknown {
                    told.unanswered(part);
                }
                return (accepted, Some(error));
            }
        }
    }
    (accepted, None)
}

impl Written<'_> {
    /// What is known before the proof.
    #[must_use]
    pub fn report(&self) -> Report {
        self.report_with(&BTreeMap::new(), &BTreeMap::new())
    }

    fn report_with(
        &self,
        proofs: &BTreeMap<RecordId, (Proof, Timestamp)>,
        differing: &BTreeMap<RecordId, Vec<Dissent>>,
    ) -> Report {
        let mut report = self.planned.report_of(Intent::Apply, self.rest.clone());
        report.digest.clone_from(&self.digest);
        // What was only asked to be planned stays planned.
        let written = self.writes.done.iter().map(|done| {
            let (change, fate) = (&done.change, &done.fate);
            let proof = proofs.get(&change.id).filter(|_| fate.outcome == Outcome::Confirmed);
            let since = change.cause.beats().map(|beats| beats.first_beat);
            let took = |truth: Timestamp| u64::try_from(truth.duration_since(since?).as_millis()).ok();
            ReportedChange {
                change: change.clone(),
                outcome: fate.outcome,
                proved_by: proof.map(|(by, _)| *by),
                differing: differing.get(&change.id).cloned().unwrap_or_default(),
                written_at: (fate.outcome == Outcome::Confirmed).then_some(done.at),
                reason: fate.mishap.as_ref().map(|mishap| mishap.code.clone()),
                detail: fate.mishap.as_ref().map(|mishap| mishap.words.clone()),
                via: self.hand.via().of(change),
                time_to_truth_ms: proof.and_then(|(_, truth)| took(*truth)),
            }
        });
        report.changes.extend(written);
        report.skips.extend(self.writes.skips.iter().cloned());
        report.brakes.extend(self.writes.brakes.iter().cloned());
        report.conclude();
        self.planned.complete(&mut report);
        report
    }

    /// Waits for the proofs, and tells the log what was done, what was not, and what killed runs did; meanwhile it hears what
    /// sets and tags hold now. Neither waits for the other.
    pub async fn prove(mut self) -> Ended {
        let asked = self.proofs.take();
        let rows = self.rows_of_sets();
        let tells = !rows.0.is_empty() || !rows.1.is_empty();
        let proved = async {
            let (proofs, differing) = self.proofs(asked).await;
            let report = self.report_with(&proofs, &differing);
            let told = self.tell_changes(&report, tells).await;
            (report, told)
        };
        let (troubles, (mut report, (told, trouble))) =
            tokio::join!(Box::pin(self.tell_sets(&rows)), Box::pin(proved));
        let mut log_troubles = std::mem::take(&mut self.log_troubles);
        log_troubles.extend(troubles.into_iter().chain(trouble));
        self.planned.log_what_failed(&log_troubles);
        self.planned.complete(&mut report);
        // Whoever waits for the answer must not take it for the whole truth: what the log was not told, the next run owes.
        if let Some(trouble) = log_troubles.first() {
            report.because.get_or_insert_with(|| trouble.because.clone());
        }
        let Planned { silence, found, .. } = self.planned;
        Ended { report, silence, log_troubles, read_troubles: found.troubles, told }
    }

    /// What proves each change that was written, as far as anything does, and which name servers say otherwise or nothing.
    async fn proofs(
        &self,
        asked: Option<JoinHandle<BTreeMap<RecordId, Testimony>>>,
    ) -> (BTreeMap<RecordId, (Proof, Timestamp)>, BTreeMap<RecordId, Vec<Dissent>>) {
        let mut shown = match asked {
            // A task that was cut off has proved nothing.
            Some(asked) => asked.await.unwrap_or_default(),
            None => BTreeMap::new(),
        };
        let (mut proofs, mut differing) = (BTreeMap::new(), BTreeMap::new());
        for done in self.writes.done.iter().filter(|done| done.fate.outcome == Outcome::Confirmed) {
            let id = &done.change.id;
            let (proof, dissent) = match shown.remove(id) {
                Some(Testimony::ByAll(truth)) => (Some((Proof::Dns, truth)), Vec::new()),
                Some(Testimony::Undenied(dissent)) => {
                    (self.prover.takes_azures_word(&id.zone).then_some((Proof::Arm, done.at)), dissent)
                }
                Some(Testimony::NotByAll(dissent)) => (None, dissent),
                None => {
                    let is_taken = self.prover.trusts_azure(&id.zone).await;
                    (is_taken.then_some((Proof::Arm, done.at)), Vec::new())
                }
            };
            proofs.extend(proof.map(|proof| (id.clone(), proof)));
            differing.insert(id.clone(), dissent);
        }
        (proofs, differing)
    }

    /// What sets and tags hold now, so that the next evaluation is quiet.
    fn rows_of_sets(&self) -> (Vec<DnsRow>, Vec<TagRow>) {
        let Planned { case, found, request, .. } = &self.planned;
        let policy = self.planned.policy();
        let seen = found.sets.iter().chain(&self.writes.seen);
        let skips: Vec<_> = self.rest.skips.iter().chain(&self.writes.skips).collect();
        let (owner, run) = (&policy.owner, &request.run);
        let sets = Sets { case, owner, run, now: clock::now() };
        (sets.rows(&self.writes.done, seen, &skips), tell::tag_rows(&found.tags, case, policy, run))
    }

    async fn tell_sets(&self, (sets, tags): &(Vec<DnsRow>, Vec<TagRow>)) -> Vec<Trouble> {
        let log = &self.planned.azure.logs_ingest;
        let (sets, tags) = tokio::join!(log.send(DNS_DATA, sets), log.send(TAG_DATA, tags));
        [sets.err(), tags.err()].into_iter().flatten().map(Trouble::from).collect()
    }

    async fn tell_changes(&self, report: &Report, tells: bool) -> (Told, Option<Trouble>) {
        let by = self.planned.by().await;
        let audit = self.planned.audit(&self.hand, &by);
        let changes = report.changes.iter();
        let proved: Proved<'_> =
            changes.map(|change| (&change.change.id, (change.proved_by, change.time_to_truth_ms))).collect();
        let mut rows = audit.changes(&self.writes.done, &proved);
        rows.extend(audit.skips(&report.skips));
        rows.extend(audit.brakes(&report.brakes, &report.skips));
        rows.extend((tells && rows.is_empty()).then(|| audit.signature()));
        let seen = self.planned.found.sets.iter().chain(&self.writes.seen);
        // What went out before the writes is told, whatever became of them.
        let mut written: BTreeSet<&RecordId> = self.writes.done.iter().map(|done| &done.change.id).collect();
        written.extend(&self.told_before);
        rows.extend(audit.recovered(seen, &written));
        let own = rows.len();
        rows.extend(self.planned.installation.backlog.take());
        let mut told = self.told.clone();
        let (accepted, error) = send(&self.planned.azure, &rows, &mut told).await;
        self.planned.installation.backlog.keep(rows.into_iter().skip(own.max(accepted)));
        self.planned.installation.backlog.keep(self.overwritten());
        self.planned.installation.brakes_told.learn(&self.planned.case, &told.of_brakes, clock::now());
        (told, error.map(Trouble::from))
    }

    /// The rows that the log did not take, and of which no mark tells any more.
    fn overwritten(&self) -> impl Iterator<Item = AuditRow> {
        let may_stand = |outcome: Outcome| matches!(outcome, Outcome::Confirmed | Outcome::Unconfirmed);
        let written = self.writes.done.iter().filter(|done| may_stand(done.fate.outcome));
        let written: BTreeSet<&RecordId> = written.map(|done| &done.change.id).collect();
        let lost = self.refused.iter().filter(move |(id, _)| written.contains(id));
        lost.map(|(_, row)| row.clone())
    }
}
