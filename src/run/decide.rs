//! The second room: what is true now, asked as far as the rows need it, and the plan.

use std::collections::BTreeSet;

use jiff::Timestamp;
use tokio::time::Instant;

use super::fleet::{self, Fleet};
use super::fulfil::{Asker, Found, fulfil};
use super::{Installation, Names, Observed, Request, Trouble};
use crate::azure::Azure;
use crate::config::Settings;
use pure::domain::{HostName, RecordId};
use pure::plan::report::{Mode, Report, Trigger, Unclaimed, Via};
use pure::plan::{self, Answer, Case, Plan, Policy};

/// A run that has decided and not yet written.
#[derive(Debug)]
pub struct Planned<'a> {
    pub(super) installation: &'a Installation,
    pub(super) request: Request,
    pub(super) azure: Azure,
    pub(super) case: Case,
    pub(super) plan: Plan,
    pub(super) found: Found,
    pub(super) unclaimed: Vec<Unclaimed>,
    pub(super) fleet: Option<Fleet>,
    pub(super) started: Instant,
}

/// Rounds of questions after which a plan must be whole: tags and sets, the tag of a mark's machine, evidence.
const ROUNDS: usize = 6;

/// Reads what is true now, as far as the rows need it, and decides.
///
/// What cannot be read leaves the names that rest on it as they are.
///
/// # Errors
/// When the service that knows tags, or the one that knows record sets, gives no answer at all and nothing can be
/// changed without it.
pub async fn plan(
    installation: &Installation,
    request: Request,
    observed: Observed,
) -> Result<Planned<'_>, Trouble> {
    let Observed { azure, mut case, started } = observed;
    case.asked = request.asked();
    let policy = &installation.settings.policy;
    let mut found = Found::default();
    let mut plan = plan::plan(&case, policy, Timestamp::now());
    for _ in 0..ROUNDS {
        if plan.needs.is_empty() {
            break;
        }
        let tag = &installation.settings.collect.tag;
        let learned = fulfil(Asker { azure: &azure, history: &case.history, tag }, &plan.needs).await;
        case.known.extend(learned.known);
        found.absorb(learned.found);
        plan = plan::plan(&case, policy, Timestamp::now());
    }
    let silence = found.tags_asked.is_silence() || found.sets_asked.is_silence();
    if silence && plan.changes.is_empty() && !found.troubles.is_empty() {
        return Err(Trouble::new(found.troubles.swap_remove(0)));
    }
    if let Some(names) = request.only() {
        plan.narrow(&names);
    }
    let (unclaimed, fleet) = (Vec::new(), None);
    let mut planned = Planned { installation, request, azure, case, plan, found, unclaimed, fleet, started };
    planned.account_for_names().await?;
    Ok(planned)
}

impl<'a> Planned<'a> {
    /// The rules that it was decided by.
    pub(super) fn policy(&self) -> &'a Policy {
        &self.installation.settings.policy
    }

    /// What the installation was told.
    #[must_use]
    pub fn settings(&self) -> &'a Settings {
        &self.installation.settings
    }

    /// Whether there is anything that the run may write.
    #[must_use]
    pub fn writes(&self) -> bool {
        self.request.writes()
    }

    /// What went wrong while reading; those names stay undecided.
    #[must_use]
    pub fn troubles(&self) -> &[String] {
        &self.found.troubles
    }

    /// Rights that are missing, and without which the run goes on.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.found.warnings
    }

    /// Begins the time of the run anew: a person has read the plan meanwhile.
    ///
    /// # Errors
    /// When no client can be built.
    pub fn go_on_until(&mut self, deadline: Instant) -> Result<(), Trouble> {
        let fresh = self.installation.clients.until(deadline)?;
        fresh.calls.count_in(self.azure.calls.counts());
        self.azure = fresh;
        Ok(())
    }

    /// Silence about a name that was asked for means that no machine was heard for it, that the log does not know of its
    /// tag yet, or that it is nobody's: only the tags know. When they cannot be read, what the run is to do for other names
    /// is done all the same.
    async fn account_for_names(&mut self) -> Result<(), Trouble> {
        let unspoken = self.unspoken();
        if unspoken.is_empty() {
            return Ok(());
        }
        let settings = &self.installation.settings;
        let fleet = match Fleet::read(&self.azure, &settings.collect).await {
            Ok(fleet) => fleet,
            Err(error) if self.plan.changes.is_empty() && self.plan.in_sync.is_empty() => {
                return Err(error.into());
            }
            Err(error) => {
                let names: Vec<_> = unspoken.iter().map(HostName::as_str).collect();
                let names = names.join(", ");
                self.found
                    .troubles
                    .push(format!("whether anybody claims {names} is not known: {}", error.chain()));
                return Ok(());
            }
        };
        let (claimed, unclaimed): (Vec<_>, Vec<_>) =
            unspoken.into_iter().partition(|name| !fleet.claimants(name).is_empty());
        let policy = self.policy();
        self.unclaimed =
            unclaimed.iter().map(|name| fleet.unclaimed(name, policy, &settings.collect)).collect();
        self.fleet = Some(fleet);
        if !self.request.adopt.is_empty() {
            self.adopt_by_tag(&claimed).await;
        } else if !claimed.is_empty() {
            self.name_the_unheard(Some(&claimed.into_iter().collect())).await?;
        }
        Ok(())
    }

    /// Names that were asked for and of which the plan says nothing. One that is to be adopted is not spoken of by a skip
    /// that heartbeats alone decide, for its mark does not need them.
    fn unspoken(&self) -> BTreeSet<HostName> {
        let changed = self.plan.changes.iter().map(|change| &change.id.name);
        let right = self.plan.in_sync.iter().map(|id| &id.name);
        let mut spoken: BTreeSet<&str> = changed.chain(right).map(HostName::as_str).collect();
        let ends_adoption =
            |skip: &plan::Skip| matches!(skip.reason, plan::Reason::Braked | plan::Reason::Blind);
        let adopts = !self.request.adopt.is_empty();
        let skips = self.plan.skips.iter().filter(|skip| !adopts || ends_adoption(skip));
        spoken.extend(skips.map(|skip| skip.name.as_str()));
        self.request.named().into_iter().filter(|name| !spoken.contains(name.as_str())).collect()
    }

    /// Puts the mark on sets whose names a person adopts and of which no heartbeat says anything: for the one machine
    /// whose live tag names each of them.
    async fn adopt_by_tag(&mut self, names: &[HostName]) {
        let Some(fleet) = &self.fleet else { return };
        let policy = self.policy();
        let ids: BTreeSet<RecordId> = names.iter().flat_map(|name| fleet::record_ids(name, policy)).collect();
        let asker = Asker {
            azure: &self.azure,
            history: &self.case.history,
            tag: &self.installation.settings.collect.tag,
        };
        let zones = ids.iter().map(|id| id.zone.clone());
        let mut needs = plan::Needs { cuts: zones.collect(), ..plan::Needs::default() };
        needs.sets = ids.iter().filter(|id| self.case.known.set(id).is_none()).cloned().collect();
        needs.cuts.retain(|zone| self.case.known.cuts(zone).is_none());
        let learned = fulfil(asker, &needs).await;
        self.case.known.extend(learned.known);
        self.found.absorb(learned.found);
        let claims = names.iter().map(|name| (name.clone(), fleet.claimants(name))).collect();
        let adopted = plan::adopt(&claims, &self.case, policy, Timestamp::now());
        // What a skip said about heartbeats is no answer to somebody who adopts.
        let said: BTreeSet<&str> = names.iter().map(HostName::as_str).collect();
        self.plan.skips.retain(|skip| !said.contains(skip.name.as_str()));
        self.plan.absorb(adopted);
    }

    /// The plan as a report.
    #[must_use]
    pub fn report(&self) -> Report {
        self.report_of(Mode::Plan, self.plan.clone())
    }

    pub(super) fn report_of(&self, mode: Mode, plan: Plan) -> Report {
        let via = Via::RecordSet;
        let mut report = Report::of(plan, &self.request.run, self.request.trigger, mode, via);
        report.unclaimed.clone_from(&self.unclaimed);
        report.conclude();
        self.complete(&mut report);
        report
    }

    /// Fills in what only the run knows.
    pub(super) fn complete(&self, report: &mut Report) {
        report.calls = self.azure.calls.counts();
        report.duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let by_hand = self.request.trigger == Trigger::Cli;
        if let Some(counts) = self.fleet.as_ref().and_then(Fleet::counts) {
            report.summary.in_sync = Some(counts.in_sync);
            report.summary.silent = Some(counts.silent);
            report.summary.unknown = Some(counts.unknown);
        } else if by_hand && self.request.only().is_some() {
            report.summary.in_sync = Some(self.names_in_sync());
            report.summary.silent = Some(0);
            report.summary.unknown = Some(0);
        } else if self.request.trigger == Trigger::Timer {
            let names = Names::of(&self.case);
            report.summary.in_sync = Some(names.in_sync);
            report.summary.silent = Some(names.silent);
        }
    }

    /// Names that were asked for and are right.
    pub(super) fn names_in_sync(&self) -> u64 {
        let moving: BTreeSet<&HostName> = self.plan.changes.iter().map(|change| &change.id.name).collect();
        let right: BTreeSet<&HostName> = self.plan.in_sync.iter().map(|id| &id.name).collect();
        right.difference(&moving).count() as u64
    }
}

/// Whether a live answer says that a name lies below a cut.
pub(super) fn is_cut(case: &Case, id: &RecordId) -> Option<HostName> {
    match case.known.cuts(&id.zone) {
        Some(Answer::Known(_)) => case.known.cut_above(&id.zone, &id.name).cloned(),
        _ => None,
    }
}
