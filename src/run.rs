//! One run: ask the logs, read what is true now, decide, write, prove, and tell the log.
//!
//! A run goes through four rooms, each a value that the next one takes: [`Observed`] (what the logs say),
//! [`Planned`] (what is decided, with everything that it rests on), [`Written`] (what became of each change), and
//! [`Ended`] (what was proved, and told to the log). Nothing is remembered between runs: what one leaves undone, the next
//! one finds.

mod account;
mod audit;
mod decide;
mod facts;
mod fleet;
mod fulfil;
mod hand;
mod installation;
mod observe;
mod planned;
mod prove;
mod request;
mod schedule;
mod tell;
mod told;
mod trouble;
mod written;

use tokio::time::Instant;

use pure::plan::report::Report;

pub use decide::plan;
pub use facts::{Facts, Names};
pub use installation::Installation;
pub use observe::{Observed, observe};
pub use planned::Planned;
pub use request::Request;
pub use told::{AuditKey, Told};
pub use trouble::Trouble;
pub use written::{Ended, Written};

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
