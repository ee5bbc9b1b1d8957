//! The second room: what is decided, with everything that it rests on.

use std::collections::{BTreeMap, BTreeSet};

use tokio::time::Instant;

use super::absent_zone::Slip;
use super::at_work::AtWork;
use super::attended::Attended;
use super::ends::Ends;
use super::facts::NameCounts;
use super::fleet::Fleet;
use super::fulfil::Found;
use super::installation::Installation;
use super::missed::Missed;
use super::request::Request;
use super::trouble::Trouble;
use crate::azure::Azure;
use crate::clock;
use crate::config::{ApplyVia, Settings};
use pure::domain::{HostName, RecordId, ResourceId, ZoneId};
use pure::plan::report::{Intent, Report, RunResult, Trigger, Unclaimed, Via, Warning};
use pure::plan::{self, Brake, Case, Met, Plan, Policy, Reason, Skip, Why, standing};

/// A run that has decided and not yet written.
#[derive(Debug)]
pub struct Planned<'a> {
    pub(super) installation: &'a Installation,
    pub(super) request: Request,
    pub(super) azure: Azure,
    pub(super) case: Case,
    pub(super) plan: Plan,
    pub(super) found: Found,
    /// Why nothing can be changed, where a service that everything rests on gave no answer at all.
    pub(super) silence: Option<Trouble>,
    /// Why the machines without a row were not counted, where a plan wanted it.
    pub(super) uncounted: Option<Trouble>,
    /// Zones of the settings that never were.
    pub(super) misnamed: BTreeMap<ZoneId, Slip>,
    /// Changes whose last try was refused for good, as far as somebody at a terminal is to be told.
    pub(super) missed: Vec<Missed>,
    pub(super) unclaimed: Vec<Unclaimed>,
    /// Names near their end, where a plan looked for them.
    pub(super) ends: Option<Ends>,
    /// What private zones hide, where a plan looked for it.
    pub(super) hidden: Vec<Warning>,
    /// Whether it was seen what ends, so that a brake on it that does not stand has opened.
    pub(super) has_weighed_ends: bool,
    /// Whether it is not known who claims some of the names.
    pub(super) is_unaccounted: bool,
    pub(super) fleet: Option<Fleet>,
    /// Names that were asked for and that a machine claims since the newest sweep, beside those of which rows speak.
    pub(super) younger: BTreeSet<HostName>,
    /// Names that were asked for and are in sync.
    pub(super) in_sync: BTreeSet<HostName>,
    /// Names, with the zones, that a call only wanted to be planned, and that no call for all names would have found: they are not
    /// written there.
    pub(super) only_planned: BTreeSet<(ZoneId, HostName)>,
    /// Claims on names that were asked for and of which no row speaks, each with the reason for that.
    pub(super) rowless: Vec<(HostName, ResourceId, Why)>,
    /// Names that were asked for and that the logs were not asked about.
    pub(super) unasked: BTreeSet<HostName>,
    pub(super) started: Instant,
    /// Who waits for the writes.
    pub(super) attended: Attended,
    /// Which zones wait for a deployment that goes on.
    pub(super) at_work: AtWork,
}

impl<'a> Planned<'a> {
    /// The rules that it was decided by.
    pub(super) fn policy(&self) -> &'a Policy {
        &self.installation.settings.policy
    }

    /// The same while somebody waits for its writes.
    #[must_use]
    pub fn attended(self, attended: Attended) -> Self {
        Self { attended, ..self }
    }

    /// What the installation was told.
    #[must_use]
    pub fn settings(&self) -> &'a Settings {
        &self.installation.settings
    }

    /// The installation that it was made for.
    #[must_use]
    pub fn installation(&self) -> &'a Installation {
        self.installation
    }

    /// The clients of this run; what is asked with them counts as its own.
    #[must_use]
    pub fn azure(&self) -> &Azure {
        &self.azure
    }

    /// Whether there is anything that the run may write.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.request.writes()
    }

    /// Whether a change of the record set is to be written.
    pub(super) fn may_write(&self, id: &RecordId) -> bool {
        let is_only_planned = || self.only_planned.contains(&(id.zone.clone(), id.name.clone()));
        self.request.is_to_write(id) && !is_only_planned()
    }

    /// What an approval met; nothing where none was given.
    #[must_use]
    pub fn met(&self) -> &Met {
        &self.plan.met
    }

    /// What went wrong while reading; those names stay undecided.
    #[must_use]
    pub fn troubles(&self) -> &[Trouble] {
        &self.found.troubles
    }

    /// Why nothing can be decided; it stands at the head of the report.
    #[must_use]
    pub fn silence(&self) -> Option<&Trouble> {
        self.silence.as_ref()
    }

    /// Whether a read failed on which a name rests that the run is about: of other names it is told, and no more.
    #[must_use]
    pub fn is_troubled(&self) -> bool {
        let is_blind = |skip: &Skip| skip.reason == Reason::Blind;
        let about_all = self.request.only().is_none();
        let reaches = about_all || self.is_unaccounted || self.plan.skips.iter().any(is_blind);
        reaches && !self.found.troubles.is_empty()
    }

    /// Rights that are missing, and without which the run goes on.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.found.warnings
    }

    /// What private zones hide, where it was looked for.
    #[must_use]
    pub fn hidden(&self) -> &[Warning] {
        &self.hidden
    }

    /// The plan as a report.
    #[must_use]
    pub fn report(&self) -> Report {
        self.report_of(Intent::Plan, self.plan.clone())
    }

    pub(super) fn report_of(&self, mode: Intent, plan: Plan) -> Report {
        let via = match self.settings().run.apply_via {
            ApplyVia::RecordSet => Via::RecordSet,
            ApplyVia::Deployment => Via::Deployment,
        };
        let mut report = Report::of(plan, &self.request.run, self.request.trigger, mode, via);
        report.right = plan::right(&self.in_sync, &self.case, self.policy(), clock::now());
        report.unclaimed.clone_from(&self.unclaimed);
        if let Some(ends) = &self.ends {
            report.orphans.clone_from(&ends.orphans);
            report.silent_names.clone_from(&ends.silent_names);
        }
        report.warnings.clone_from(&self.hidden);
        report.given = self.request.given();
        report.insisted = self.request.insisted();
        report.conclude();
        self.complete(&mut report);
        report
    }

    /// Fills in what only the run knows.
    pub(super) fn complete(&self, report: &mut Report) {
        if let Some(silence) = &self.silence {
            report.result = RunResult::RetryLater;
            report.because = Some(silence.because.clone());
        }
        if let Some(uncounted) = &self.uncounted {
            report.because.get_or_insert_with(|| uncounted.because.clone());
            // Nothing was found, but not everybody was looked for.
            if report.result == RunResult::InSync {
                report.result = RunResult::RetryLater;
            }
        }
        report.calls = self.azure.calls.counts();
        report.duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let counts = self.fleet.as_ref().and_then(|fleet| fleet.counts.as_ref());
        let summary = &mut report.summary;
        // Out of a part nothing is counted.
        if self.case.partial {
            return;
        }
        summary.orphans = self.ends.as_ref().map(|ends| ends.orphans.len() as u64);
        summary.silent_names = self.ends.as_ref().map(|ends| ends.silent_names.len() as u64);
        if self.request.trigger == Trigger::Cli && self.request.only().is_some() {
            let mut silent = standing::silent(&self.case);
            silent.extend(counts.into_iter().flat_map(|counts| counts.silent.iter().cloned()));
            summary.in_sync = Some(self.in_sync.len() as u64);
            summary.silent = Some(silent.len() as u64);
            let is_changed =
                |name: &HostName| report.changes.iter().any(|change| change.change.id.name == *name);
            let is_unknown = |name: &&HostName| !self.in_sync.contains(*name) && !is_changed(name);
            let younger = self.younger.iter().filter(is_unknown).count() as u64;
            summary.unknown = Some(younger + counts.map_or(0, |counts| counts.unknown.len() as u64));
        } else if report.brakes.iter().any(Brake::is_of_a_lost_right) {
            // What was counted is no more than what is still seen.
        } else if let Some(counts) = counts.filter(|_| self.request.trigger == Trigger::Cli) {
            summary.in_sync = Some(counts.in_sync.len() as u64);
            summary.silent = Some(counts.silent.len() as u64);
            summary.unknown = Some(counts.unknown.len() as u64);
        } else if self.request.trigger == Trigger::Timer && !self.case.partial {
            let names = NameCounts::of(&self.case, clock::now());
            summary.in_sync = Some(names.in_sync);
            summary.silent = Some(names.silent);
        }
    }
}
