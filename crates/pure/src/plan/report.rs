//! What a run tells: the same report for the webhook's answer, the command line and a reader.

mod digest;
mod ends;
mod json;
mod moves;
mod proof;
mod summary;
mod via;
mod warning;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{CallCounts, HostName, NameSet, RecordId};

use super::Plan;
use super::blindness::Blindness;
use super::brake_kind::{About, Brake};
use super::change::Change;
use super::reason::Reason;
use super::right::Right;
use super::skip::Skip;

pub use digest::digest;
pub use ends::{Orphan, SilentName, nobody_claims};
pub use moves::{HoldingResource, LeftAddress, Moves, NotShown, left};
pub use proof::{Dissent, Proof};
pub use via::Via;
pub use warning::{Warning, WarningKind};

/// The report; its JSON is the body of the function's answer and of `-o json`. Its texts are forms of the story.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The form of this report, [`Report::SCHEMA`].
    pub schema: &'static str,
    /// The run's id.
    pub run: String,
    /// What started it.
    pub trigger: Trigger,
    /// Whether it writes.
    pub mode: Intent,
    /// The whole in one word.
    pub result: RunResult,
    /// Why Azure is to be asked again (`retry-later`), or what the log was not told or the counts rest on in vain; left out of
    /// the JSON when there is nothing of the kind.
    pub because: Option<String>,
    /// SHA-256 over what is to be written: two plans of one world have one digest.
    pub digest: String,
    /// The changes and what became of them.
    pub changes: Vec<ReportedChange>,
    /// The rows that change nothing.
    pub skips: Vec<Skip>,
    /// The brakes that tripped.
    pub brakes: Vec<Brake>,
    /// Record sets of names that were asked for and are in sync; left out of the JSON when there are none.
    pub right: Vec<Right>,
    /// Names that were asked for and that no tagged machine claims; left out of the JSON when there are none.
    pub unclaimed: Vec<Unclaimed>,
    /// Record sets with our mark that nobody claims, as far as the run looked for them; left out of the JSON when there are none.
    pub orphans: Vec<Orphan>,
    /// Names whose machines have been quiet for long, likewise.
    pub silent_names: Vec<SilentName>,
    /// What is wrong with the installation itself and news of the day, found beside a run of the timer; left out of the JSON
    /// when there is nothing of the kind.
    pub warnings: Vec<Warning>,
    /// What still holds the addresses that names have left; left out of the JSON where nobody looked.
    pub moves: Option<Moves>,
    /// Names that were given to be written: one that no sweep has seen was asked for in vain.
    pub given: NameSet,
    /// Of those, names on which a person insists: one that is refused is a failure.
    pub insisted: NameSet,
    /// Numbers.
    pub summary: Summary,
    /// Calls made, by service.
    pub calls: CallCounts,
    /// How long the run took, in milliseconds.
    pub duration_ms: u64,
}

/// What started a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// The alert's action group.
    Alert,
    /// The collector's timer.
    Timer,
    /// A call over HTTP by a person.
    Manual,
    /// The command line.
    Cli,
}

impl Trigger {
    /// The word in reports and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Timer => "timer",
            Self::Manual => "manual",
            Self::Cli => "cli",
        }
    }
}

/// Whether a run writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Intent {
    /// It only says what it would do.
    Plan,
    /// It does it.
    Apply,
}

/// The whole run in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunResult {
    /// Nothing to write, and nothing held.
    InSync,
    /// Changes that were not to be written.
    Planned,
    /// Everything that was to be written is confirmed.
    Changed,
    /// A brake holds everything that was to be written, or nothing can be seen.
    Held,
    /// Some of it is confirmed; the rest failed, waits or is held.
    Partial,
    /// None of it is confirmed, or none of the names that were asked for is claimed or can be done.
    Failed,
    /// The run goes on after the answer.
    Continues,
    /// Azure could not be asked; the next evaluation or tick comes anyway.
    RetryLater,
}

impl RunResult {
    /// The word in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InSync => "in-sync",
            Self::Planned => "planned",
            Self::Changed => "changed",
            Self::Held => "held",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::Continues => "continues",
            Self::RetryLater => "retry-later",
        }
    }
}

/// What became of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Not written, by intention.
    Planned,
    /// The write is known to have landed.
    Confirmed,
    /// Neither the write's answer nor a read-back is known.
    Unconfirmed,
    /// The write is known not to have landed.
    Failed,
    /// The set changed under us, twice.
    Conflict,
    /// Not tried in this run; the next one does it.
    Deferred,
}

/// The reason of an audit row that goes out before a deletion: a record set that is gone keeps no mark by which a later run
/// could find what a killed one did.
pub const ANNOUNCED: &str = "announced";

impl Outcome {
    /// The word in reports and tables.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Confirmed => "confirmed",
            Self::Unconfirmed => "unconfirmed",
            Self::Failed => "failed",
            Self::Conflict => "conflict",
            Self::Deferred => "deferred",
        }
    }
}

/// A change and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ReportedChange {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// What became of it.
    pub outcome: Outcome,
    /// What proved it.
    pub proved_by: Option<Proof>,
    /// The name servers that did not answer so, when they were last asked.
    pub differing: Vec<Dissent>,
    /// When the write was known to have landed; none otherwise.
    pub written_at: Option<Timestamp>,
    /// What went wrong: the service's code, or the word of our own kind; none when nothing did.
    #[serde(skip)]
    pub reason: Option<String>,
    /// Words about a failure.
    pub detail: Option<String>,
    /// How it was written.
    pub via: Via,
    /// Milliseconds from the first beat to agreement.
    pub time_to_truth_ms: Option<u64>,
}

impl ReportedChange {
    /// A change that nothing was done about yet.
    #[must_use]
    pub fn planned(change: Change, via: Via) -> Self {
        let (outcome, via) = (Outcome::Planned, via.of(&change));
        Self {
            change,
            outcome,
            proved_by: None,
            differing: Vec::new(),
            written_at: None,
            reason: None,
            detail: None,
            via,
            time_to_truth_ms: None,
        }
    }
}

/// A name that was asked for and that no tagged machine claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unclaimed {
    /// The name.
    pub name: String,
    /// That nobody claims it, and what to do, in one sentence.
    pub because: String,
    /// The claimed name that was probably meant, which the sentence names.
    #[serde(skip)]
    pub meant: Option<HostName>,
}

/// Numbers of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Changes.
    pub changes: u64,
    /// Skips by code.
    pub skips: BTreeMap<Reason, u64>,
    /// Names that are right; the command line's and the timer's runs only.
    pub in_sync: Option<u64>,
    /// Tagged machines not heard within the hour; the command line's and the timer's runs only.
    pub silent: Option<u64>,
    /// Names claimed since the newest sweep, of which nothing is known yet; `plan` on the command line only.
    pub unknown: Option<u64>,
    /// Record sets with our mark that nobody claims; `plan` on the command line only.
    pub orphans: Option<u64>,
    /// Names whose machines have been quiet for long; `plan` on the command line only.
    pub silent_names: Option<u64>,
}

impl Report {
    /// The form of the report.
    pub const SCHEMA: &'static str = "heartbeat-dns/1";

    /// The report of a plan before anything is written.
    #[must_use]
    pub fn of(plan: Plan, run: impl Into<String>, trigger: Trigger, mode: Intent, via: Via) -> Self {
        let digest = digest(&plan.changes);
        let changes = plan.changes.into_iter().map(|change| ReportedChange::planned(change, via)).collect();
        let mut report = Self {
            schema: Self::SCHEMA,
            run: run.into(),
            trigger,
            mode,
            result: RunResult::InSync,
            because: None,
            digest,
            changes,
            skips: plan.skips,
            brakes: plan.brakes,
            right: Vec::new(),
            unclaimed: Vec::new(),
            warnings: Vec::new(),
            moves: None,
            orphans: Vec::new(),
            silent_names: Vec::new(),
            given: NameSet::default(),
            insisted: NameSet::default(),
            summary: Summary::default(),
            calls: CallCounts::default(),
            duration_ms: 0,
        };
        report.conclude();
        report
    }

    /// Sorts, counts and finds the result, after outcomes or skips were changed; the digest stays that of the plan.
    pub fn conclude(&mut self) {
        self.changes.sort_by(|a, b| a.change.id.cmp(&b.change.id));
        self.skips.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
        self.summary.changes = self.changes.len() as u64;
        self.summary.skips.clear();
        for skip in &self.skips {
            *self.summary.skips.entry(skip.reason).or_default() += 1;
        }
        self.result = self.judge();
    }

    /// Whether it rests on a part of what the logs hold: nothing is known of what it does not speak of.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        let partial = About::Cause(Blindness::Partial.code());
        self.brakes.iter().any(|brake| brake.about == partial)
    }

    /// The brake whose line names the skip and says what it says: nobody need read it once more.
    #[must_use]
    pub fn told_by(&self, skip: &Skip) -> Option<&Brake> {
        let about = skip.about?;
        let says = |brake: &Brake| {
            let is_there = brake.zone.is_none() || brake.zone == skip.zone;
            brake.about == about && is_there && brake.names.contains(&skip.name)
        };
        self.brakes.iter().find(|brake| says(brake))
    }

    /// Whether something was asked for in vain: a write of a name that the log does not know of yet, or a name on which
    /// a person insists and that is refused.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        let changed: BTreeSet<&RecordId> = self.changes.iter().map(|change| &change.change.id).collect();
        let right = self.skips.iter().filter(|skip| skip.reason == Reason::AlreadyRight);
        let has_set: BTreeSet<&str> =
            right.map(|skip| skip.name.as_str()).chain(changed.iter().map(|id| id.name.as_str())).collect();
        let is_refusal = |skip: &Skip| match skip.reason {
            Reason::NotSwept => self.given.is_about(&skip.name, skip.zone.as_ref()),
            Reason::AlreadyRight | Reason::Braked | Reason::Blind => false,
            _ if !self.insisted.is_about(&skip.name, skip.zone.as_ref()) => false,
            // A name needs no set of every type, and what is said of a machine's silence is said of no type.
            Reason::NoRecord | Reason::TypeNotWanted | Reason::NoHeartbeat => {
                !has_set.contains(skip.name.as_str())
            }
            _ => !changed.iter().any(|id| skip.is_about(id)),
        };
        self.skips.iter().any(is_refusal)
    }

    /// Whether nobody claims a name that was asked for. A run that writes is not to blame for names that somebody else, who
    /// joined it, only wanted to be planned.
    fn asks_in_vain(&self) -> bool {
        let is_meant =
            |unclaimed: &Unclaimed| self.mode == Intent::Plan || self.given.contains(&unclaimed.name);
        self.unclaimed.iter().any(is_meant)
    }

    fn judge(&self) -> RunResult {
        let any = |outcome: Outcome| self.changes.iter().any(|change| change.outcome == outcome);
        let held = !self.brakes.is_empty()
            || self.skips.iter().any(|skip| matches!(skip.reason, Reason::Braked | Reason::Blind));
        // Beside what was tried, what was only asked to be planned says nothing of the run.
        if any(Outcome::Planned) && self.changes.iter().all(|change| change.outcome == Outcome::Planned) {
            return RunResult::Planned;
        }
        let missed = any(Outcome::Unconfirmed) || any(Outcome::Failed) || any(Outcome::Conflict);
        let missed = missed || self.asks_in_vain() || self.is_refused();
        let deferred = any(Outcome::Deferred);
        match (any(Outcome::Confirmed), missed, deferred, held) {
            (true, false, false, false) => RunResult::Changed,
            (true, ..) | (false, _, true, _) => RunResult::Partial,
            (false, true, false, _) => RunResult::Failed,
            (false, false, false, true) => RunResult::Held,
            (false, false, false, false) => RunResult::InSync,
        }
    }
}
