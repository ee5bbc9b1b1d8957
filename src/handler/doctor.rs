//! The mode `doctor` of a manual call: whether the function's own identity can do its work. It starts no run and writes
//! nothing but the probe row.

use std::sync::Arc;

use super::state::Handler;
use crate::doctor::{Examination, Questions, examine};
use crate::run::Installation;

/// Why nobody was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Busy;

impl Handler {
    /// Asks everything, one call at a time: whoever holds a key could else have us ask without end.
    pub(super) async fn examined(
        &self,
        installation: Arc<Installation>,
        probe: bool,
    ) -> Result<Examination, Busy> {
        let Ok(_alone) = self.examining.try_lock() else { return Err(Busy) };
        let asked = Questions { probe, parents: Vec::new() };
        Ok(examine(&installation.settings, &installation.clients, &asked).await)
    }
}
