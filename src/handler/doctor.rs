//! The mode `doctor` of a manual call: whether the function's own identity can do its work. It starts no run and writes
//! nothing but the probe row.

use std::sync::Arc;

use tokio::time::Instant;

use super::state::Handler;
use super::turns::NotNow;
use crate::doctor::{Examination, Questions, examine};
use crate::run::Installation;

impl Handler {
    /// Asks everything.
    pub(super) async fn examined(
        &self,
        installation: Arc<Installation>,
        probe: bool,
    ) -> Result<Examination, NotNow> {
        let mut turn = self.examining.take()?;
        // A call that broke off has asked as well.
        *turn = Some(Instant::now());
        let asked = Questions { probe, parents: Vec::new() };
        let examined = examine(&installation.settings, &installation.clients, &asked).await;
        *turn = Some(Instant::now());
        Ok(examined)
    }
}
