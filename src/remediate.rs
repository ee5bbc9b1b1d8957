//! One run: ask the logs, read what is true now, plan, write, prove, and tell the log.
//!
//! [`observe`] asks the two queries, [`plan()`] reads live and decides, [`Planned::apply`] writes. Nothing is
//! remembered between runs: what one leaves undone, the next one finds.

pub mod adopt;
mod apply;
mod audit;
mod carry_out;
mod claims;
mod live;
pub mod silent;
mod told;
mod verify;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::azure::{Azure, Clients, Error, Table};
use crate::config::{ApplyVia, Settings};
use crate::queries;
use claims::Claims;
use pure::domain::HostName;
use pure::plan::report::{Mode, Report, Trigger, Unclaimed, Via};
use pure::plan::{self, History, Input, Plan, Policy};

pub use told::{AuditKey, Facts, Names, Told};

/// One installation: what it was told, and its clients. Both live as long as the process.
#[derive(Debug)]
pub struct Installation {
    /// The checked configuration.
    pub settings: Settings,
    /// The clients.
    pub clients: Clients,
}

impl Installation {
    /// Takes a checked configuration; nothing is called yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let clients = Clients::new(settings.connect.clone());
        Self { settings, clients }
    }
}

/// What a run is asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// The run's id, a UUID.
    pub run: String,
    /// What started it.
    pub trigger: Trigger,
    /// The alert's id, empty without one.
    pub alert_id: String,
    /// Write, instead of only planning.
    pub apply: bool,
    /// Only these names; all when empty.
    pub names: BTreeSet<HostName>,
    /// Names whose unmarked sets a person adopts by hand.
    pub adopt: BTreeSet<HostName>,
}

impl Request {
    /// A request for everything, with a new run id.
    #[must_use]
    pub fn new(trigger: Trigger, apply: bool) -> Self {
        Self {
            run: azure_core::Uuid::new_v4().to_string(),
            trigger,
            alert_id: String::new(),
            apply,
            names: BTreeSet::new(),
            adopt: BTreeSet::new(),
        }
    }

    fn wants(&self, name: &str) -> bool {
        self.names.is_empty() || HostName::parse(name).is_ok_and(|name| self.names.contains(&name))
    }
}

/// Azure could not be asked, so nothing was decided; the next run tries again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{because}")]
pub struct Trouble {
    /// What went wrong, with every cause.
    pub because: String,
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self { because: error.chain() }
    }
}

/// What the logs say.
#[derive(Debug)]
pub struct Observed {
    /// The clients of this run, with its deadline and its counters.
    pub azure: Azure,
    input: Input,
    started: Instant,
}

impl Observed {
    /// What the last day teaches.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.input.history
    }
}

/// How far back the history looks, [`queries::HISTORY_TIMESPAN`].
const HISTORY: Duration = Duration::from_secs(24 * 3600);
/// How far back the evidence looks, [`queries::EVIDENCE_TIMESPAN`].
const EVIDENCE: Duration = Duration::from_secs(30 * 24 * 3600);

/// Asks what does not match and what the last day teaches: two calls, at the same time.
///
/// # Errors
/// When one of them is not answered. A partial answer is none: it is a reason for the brake `blind`.
pub async fn observe(installation: &Installation, deadline: Instant) -> Result<Observed, Trouble> {
    let started = Instant::now();
    let azure = installation.clients.until(deadline)?;
    let timespan = installation.settings.run.query_timespan;
    // Both are heard out: one that is dropped on its way would be a call of which nobody knows what became.
    let (mismatch, history) = tokio::join!(
        azure.logs_query.run(queries::MISMATCH, Some(timespan)),
        azure.logs_query.run(queries::HISTORY, Some(HISTORY)),
    );
    let (mismatch, history) = (mismatch?, history?);
    for table in [&mismatch, &history] {
        if let Some(why) = &table.partial {
            tracing::warn!("a query gave only part of its rows: {why}");
        }
    }
    let input = Input {
        rows: queries::mismatch_rows(&columns(&mismatch), &mismatch.rows),
        history: queries::history(&columns(&history), &history.rows),
        partial: mismatch.partial.is_some() || history.partial.is_some(),
        ..Input::default()
    };
    Ok(Observed { azure, input, started })
}

fn columns(table: &Table) -> Vec<String> {
    table.columns.iter().map(|column| column.name.clone()).collect()
}

/// A run that has ended.
#[derive(Debug)]
pub struct Ended {
    /// What it says about itself.
    pub report: Report,
    /// Rows that the log did not take, in words; the next run sends what it still misses.
    pub log_troubles: Vec<String>,
    /// The audit rows that the log has taken.
    pub told: Told,
}

/// A run that has decided and not yet written.
#[derive(Debug)]
pub struct Planned<'a> {
    installation: &'a Installation,
    request: Request,
    policy: Policy,
    azure: Azure,
    input: Input,
    plan: Plan,
    found: live::Found,
    claims: Option<Claims>,
    unclaimed: Vec<Unclaimed>,
    silent: Option<silent::Fleet>,
    started: Instant,
}

/// Reads what is true now, as far as the rows need it, and decides.
///
/// # Errors
/// When live tags or evidence are not answered. Record sets that cannot be read leave their own names undecided,
/// unless that is all of them.
pub async fn plan(
    installation: &Installation,
    request: Request,
    observed: Observed,
) -> Result<Planned<'_>, Trouble> {
    let Observed { azure, mut input, started } = observed;
    let settings = &installation.settings;
    let mut policy = settings.policy.clone();
    policy.adopt_by_hand.clone_from(&request.adopt);
    let mut found = live::Found::default();
    loop {
        let mut needs = plan::needs(&input, &policy, Timestamp::now());
        needs.names.retain(|(_, key)| !found.is_unreadable(key));
        if needs.is_empty() {
            break;
        }
        if !needs.machines.is_empty() {
            let tags = live::tags(&azure, &settings.collect.tag, &needs.machines, &mut found).await?;
            input.tags.extend(tags);
        } else {
            let current = live::record_sets(&azure, &needs.names, &input.history, &mut found).await;
            input.current.extend(current);
        }
    }
    if found.sets.is_empty() && !found.troubles.is_empty() {
        return Err(Trouble { because: found.troubles.swap_remove(0) });
    }
    let mut plan = plan::plan(&input, &policy, Timestamp::now());
    if let Some(wanted) = plan.evidence_wanted.take() {
        let table = azure.logs_query.run(&queries::evidence_query(&wanted), Some(EVIDENCE)).await?;
        input.partial |= table.partial.is_some();
        input.evidence = Some(queries::evidence(wanted, &columns(&table), &table.rows));
        plan = plan::plan(&input, &policy, Timestamp::now());
    }
    if !request.names.is_empty() {
        plan.narrow(&request.names);
    }
    let (claims, unclaimed, silent) = (None, Vec::new(), None);
    let mut planned = Planned {
        installation,
        request,
        policy,
        azure,
        input,
        plan,
        found,
        claims,
        unclaimed,
        silent,
        started,
    };
    planned.find_the_unclaimed().await?;
    Ok(planned)
}

/// Observes, plans, and applies when asked to. `told` hears the report as soon as everything is written, before
/// the name servers were asked.
///
/// # Errors
/// Those of [`observe`] and [`plan()`]; nothing was written then.
pub async fn run(
    installation: &Installation,
    request: Request,
    deadline: Instant,
    told: impl FnOnce(Report),
) -> Result<Ended, Trouble> {
    let observed = observe(installation, deadline).await?;
    run_observed(installation, request, observed, told).await
}

/// The same for a run that has observed already.
///
/// # Errors
/// Those of [`plan()`]; nothing was written then.
pub async fn run_observed(
    installation: &Installation,
    request: Request,
    observed: Observed,
    told: impl FnOnce(Report),
) -> Result<Ended, Trouble> {
    let planned = plan(installation, request, observed).await?;
    if planned.request.apply {
        return Ok(planned.apply(told).await);
    }
    Ok(Ended { report: planned.report(), log_troubles: Vec::new(), told: Told::default() })
}

impl Planned<'_> {
    /// The plan as a report.
    #[must_use]
    pub fn report(&self) -> Report {
        self.report_of(Mode::Plan, self.plan.clone())
    }

    /// What went wrong while reading; those names stay undecided.
    #[must_use]
    pub fn troubles(&self) -> &[String] {
        &self.found.troubles
    }

    /// Silence about a name that was asked for means that it is right, or that it is nobody's: only the tags know. When
    /// they cannot be read, what the run is to do for other names is done all the same.
    async fn find_the_unclaimed(&mut self) -> Result<(), Trouble> {
        let spoken: BTreeSet<_> = self
            .plan
            .changes
            .iter()
            .map(|change| change.name.as_str())
            .chain(self.plan.skips.iter().map(|skip| skip.name.as_str()))
            .collect();
        let unspoken: Vec<HostName> =
            self.request.names.iter().filter(|name| !spoken.contains(name.as_str())).cloned().collect();
        // Who adopts is told of each name by itself.
        if unspoken.is_empty() || !self.request.adopt.is_empty() {
            return Ok(());
        }
        let collect = &self.installation.settings.collect;
        let claims = match Claims::read(&self.azure, collect).await {
            Ok(claims) => claims,
            Err(trouble) if self.plan.changes.is_empty() => return Err(trouble),
            Err(trouble) => {
                let names: Vec<_> = unspoken.iter().map(HostName::as_str).collect();
                let (because, names) = (trouble.because.trim_end_matches('.'), names.join(", "));
                let words = format!("whether anybody claims {names} is not known: {because}.");
                self.found.troubles.push(words);
                return Ok(());
            }
        };
        self.unclaimed = unspoken
            .iter()
            .filter(|name| claims.claimants(name).is_empty())
            .map(|name| claims.unclaimed(name, &self.policy, &collect.tag))
            .collect();
        self.claims = Some(claims);
        Ok(())
    }

    fn via(&self) -> Via {
        match self.installation.settings.run.apply_via {
            ApplyVia::RecordSet => Via::RecordSet,
        }
    }

    fn report_of(&self, mode: Mode, plan: Plan) -> Report {
        let mut report = Report::of(plan, &self.request.run, self.request.trigger, mode, self.via());
        report.unclaimed.clone_from(&self.unclaimed);
        report.conclude();
        self.complete(&mut report);
        report
    }

    /// Fills in what only the run knows.
    fn complete(&self, report: &mut Report) {
        report.calls = self.azure.calls.counts();
        report.duration_ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        if let Some(fleet) = &self.silent {
            report.summary.in_sync = Some(fleet.in_sync(&self.input.rows));
            report.summary.silent = Some(fleet.silent_machines());
        } else if self.request.trigger == Trigger::Timer {
            let names = Names::of(&self.input);
            report.summary.in_sync = Some(names.in_sync);
            report.summary.silent = Some(names.silent);
        }
    }
}
