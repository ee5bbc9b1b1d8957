//! The mode `doctor` of a manual call: whether the function's own identity can do its work. It starts no run and writes
//! nothing but the probe row.

use std::sync::Arc;

use tokio::time::Instant;

use super::state::Handler;
use super::turns::NotNow;
use crate::doctor::{Examination, Questions, examine};
use crate::run::Installation;
use pure::domain::Service;

/// What is asked of the workspace as a rule, until the probe row has arrived.
const QUERIES: u64 = 8;

impl Handler {
    /// Asks everything.
    pub(super) async fn examined(
        &self,
        installation: Arc<Installation>,
        probe: bool,
    ) -> Result<Examination, NotNow> {
        let mut turn = self.examining.take()?;
        self.queue.ask_beside(QUERIES).map_err(NotNow::Spent)?;
        // A call that broke off has asked as well.
        *turn = Some(Instant::now());
        let tally = installation.clients.tally();
        let before = tally.requests_of(Service::LogsQuery);
        let asked = Questions { probe, parents: Vec::new() };
        let examined = examine(&installation.settings, &installation.clients, &asked).await;
        *turn = Some(Instant::now());
        let asked = tally.requests_of(Service::LogsQuery).saturating_sub(before);
        self.queue.asked_more(asked.saturating_sub(QUERIES));
        Ok(examined)
    }
}
