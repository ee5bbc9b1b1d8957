//! A plan carried out: written, proved, and told to the log.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::apply::{Writer, Writes};
use super::audit::{self, Audit};
use super::verify::Prover;
use super::{Ended, Planned, Told};
use crate::azure::logs_ingest::{DNS_CHANGE, DNS_DATA, TAG_DATA};
use crate::azure::{Azure, Certainty};
use pure::domain::RecordKey;
use pure::plan::report::{Mode, Outcome, Proof, Report, ReportedChange};
use pure::plan::{self, Plan};

/// Audit rows that stand or fall together: about what one call carries, so that it is known of each whether it was taken.
const AUDIT_ROWS: usize = 1000;

impl Planned<'_> {
    /// Writes the plan, proves it, and tells the log. What cannot be done in time is left for the next run.
    ///
    /// `told` hears the report when all writes have ended and the log knows of them, before the proof.
    pub async fn apply(mut self, told: impl FnOnce(Report)) -> Ended {
        let plan = std::mem::take(&mut self.plan);
        let digest = plan::report::digest(&plan.changes);
        let base = Plan { changes: Vec::new(), ..plan };
        let writes = match self.installation.clients.until(self.end_of_writes()) {
            Ok(azure) => azure,
            // The clients exist: this run has used them.
            Err(_) => self.azure.clone(),
        };
        let prover = Prover::new(&self.installation.settings.run, self.end_of_proofs());
        let writer = Writer {
            azure: &self.azure,
            writes: &writes,
            policy: &self.policy,
            input: &self.input,
            run: &self.request.run,
            prover: &prover,
        };
        let (landed, landings) = mpsc::unbounded_channel();
        let written = async {
            let applied = writer.apply(plan.changes, &landed).await;
            drop(landed);
            let troubles = self.tell_sets(&applied).await;
            told(self.conclude(&base, &digest, &applied, &BTreeMap::new(), &writes));
            (applied, troubles)
        };
        let ((applied, mut troubles), truths) = tokio::join!(written, prover.watch(landings));
        let mut proofs: BTreeMap<RecordKey, (Proof, Timestamp)> =
            truths.into_iter().map(|(key, truth)| (key, (Proof::Dns, truth))).collect();
        for (change, fate) in applied.changes.iter().filter(|(_, fate)| fate.outcome == Outcome::Confirmed) {
            if !proofs.contains_key(&change.key()) && prover.trusts_azure(&change.zone).await {
                proofs.insert(change.key(), (Proof::Arm, fate.at));
            }
        }
        let mut report = self.conclude(&base, &digest, &applied, &proofs, &writes);
        let (told, trouble) = self.tell_changes(&report, &applied).await;
        troubles.extend(trouble);
        for trouble in troubles.iter().chain(&self.found.troubles) {
            tracing::error!(run = self.request.run, "{trouble}");
        }
        self.complete(&mut report);
        report.calls = self.azure.calls.counts();
        report.calls += writes.calls.counts();
        Ended { report, log_troubles: troubles, told }
    }

    /// The last part of a run belongs to its rows.
    fn end_of_writes(&self) -> Instant {
        let left = self.azure.deadline.saturating_duration_since(Instant::now());
        self.azure.deadline - (left / 5).min(Duration::from_secs(20))
    }

    fn end_of_proofs(&self) -> Instant {
        let left = self.azure.deadline.saturating_duration_since(Instant::now());
        self.azure.deadline - (left / 10).min(Duration::from_secs(10))
    }

    fn conclude(
        &self,
        base: &Plan,
        digest: &str,
        applied: &Writes,
        proofs: &BTreeMap<RecordKey, (Proof, Timestamp)>,
        writes: &Azure,
    ) -> Report {
        let mut report = self.report_of(Mode::Apply, base.clone());
        digest.clone_into(&mut report.digest);
        report.changes = applied
            .changes
            .iter()
            .map(|(change, fate)| {
                let proof = proofs.get(&change.key()).filter(|_| fate.outcome == Outcome::Confirmed);
                let since = |truth: Timestamp| truth.duration_since(change.first_beat).as_millis();
                ReportedChange {
                    change: change.clone(),
                    outcome: fate.outcome,
                    proved_by: proof.map(|(by, _)| *by),
                    detail: fate.detail.clone(),
                    via: self.via(),
                    time_to_truth_ms: proof.and_then(|(_, truth)| u64::try_from(since(*truth)).ok()),
                }
            })
            .collect();
        report.skips.extend(applied.skips.iter().cloned());
        report.brakes.extend(applied.brakes.iter().cloned());
        report.conclude();
        report.calls = self.azure.calls.counts();
        report.calls += writes.calls.counts();
        report
    }

    /// Tells the log what sets and tags hold now, so that the next evaluation is quiet.
    async fn tell_sets(&self, applied: &Writes) -> Vec<String> {
        let (owner, run) = (&self.policy.owner, &self.request.run);
        let written = applied.changes.iter().filter_map(|(_, fate)| Some((fate.written.as_ref()?, fate.at)));
        let seen: Vec<_> = self.found.sets.iter().chain(&applied.seen).cloned().collect();
        let sets = audit::dns_rows(written, &seen, &self.input.rows, owner, run);
        let tags = audit::tag_rows(&self.found.tags, &self.input.rows, &self.policy, run);
        let (sets, tags) = tokio::join!(
            self.azure.logs_ingest.send(DNS_DATA, &sets),
            self.azure.logs_ingest.send(TAG_DATA, &tags)
        );
        [sets.err(), tags.err()].into_iter().flatten().map(|error| error.chain()).collect()
    }

    /// Tells the log what was done and what was not, and what killed runs did.
    async fn tell_changes(&self, report: &Report, applied: &Writes) -> (Told, Option<String>) {
        let audit = Audit {
            request: &self.request,
            history: &self.input.history,
            owner: &self.policy.owner,
            via: self.via(),
            now: Timestamp::now(),
        };
        let times: BTreeMap<_, _> =
            report.changes.iter().map(|change| (change.change.key(), change.time_to_truth_ms)).collect();
        let mut rows: Vec<_> = applied
            .changes
            .iter()
            .filter_map(|(change, fate)| {
                audit.change(change, fate, times.get(&change.key()).copied().flatten())
            })
            .collect();
        rows.extend(audit.skips(&report.skips));
        let seen: Vec<_> = self.found.sets.iter().chain(&applied.seen).cloned().collect();
        rows.extend(audit.recovered(&seen));
        let mut told = Told::default();
        for part in rows.chunks(AUDIT_ROWS) {
            match self.azure.logs_ingest.send(DNS_CHANGE, part).await {
                Ok(()) => told.accepted(part),
                Err(error) => {
                    if error.certainty == Certainty::Unknown {
                        told.unanswered(part);
                    }
                    return (told, Some(error.chain()));
                }
            }
        }
        (told, None)
    }
}
