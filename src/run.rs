//! One run: ask the logs, read what is true now, decide, write, prove, and tell the log.
//!
//! A run goes through four rooms, each a value that the next one takes: [`Observed`] (what the logs say),
//! [`Planned`] (what is decided, with everything that it rests on), [`Written`] (what became of each change), and
//! [`Ended`] (what was proved, and told to the log). Nothing is remembered between runs: what one leaves undone, the next
//! one finds.

mod audit;
mod decide;
mod fleet;
mod fulfil;
mod hand;
mod observe;
mod prove;
mod request;
mod schedule;
mod tell;
mod told;
mod written;

use tokio::time::Instant;

use crate::azure::{Clients, Error};
use crate::config::Settings;
use pure::plan::report::Report;

pub use decide::{Planned, plan};
pub use observe::{Observed, observe};
pub use request::Request;
pub use told::{AuditKey, Facts, Names, Told};
pub use written::{Ended, Written};

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

/// Azure could not be asked, so nothing was decided; the next run tries again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{because}")]
pub struct Trouble {
    /// What went wrong, for people outside.
    pub because: String,
    /// The same for the log, with every cause.
    pub logged: String,
}

impl Trouble {
    /// Trouble of which the log and people outside are told the same.
    #[must_use]
    pub fn new(because: impl Into<String>) -> Self {
        let because = because.into();
        Self { logged: because.clone(), because }
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self { because: error.for_people(), logged: error.chain() }
    }
}

/// Observes, plans, and writes when asked to. `told` hears the report as soon as everything is written, before the name
/// servers were asked.
///
/// # Errors
/// Those of [`observe()`] and [`plan()`]; nothing was written then.
pub async fn run(
    installation: &Installation,
    request: Request,
    deadline: Instant,
    told: impl FnOnce(Report),
) -> Result<Ended, Trouble> {
    let observed = observe(installation, &request, deadline).await?;
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
    if !planned.writes() {
        return Ok(Ended::of_a_plan(&planned));
    }
    let written = planned.write().await;
    told(written.report());
    Ok(written.prove().await)
}
