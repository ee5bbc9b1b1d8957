//! A plan as rows: its source, then step after step.

use crate::error::Outcome;
use crate::plan::{Plan, SharedTable};

use super::env::Env;
use super::frame::Frame;

impl Env<'_> {
    /// The rows of a table that is computed once.
    pub(super) fn shared_table(&mut self, shared: &SharedTable) -> Outcome<Frame> {
        if let Some(frame) = self.tables.get(&shared.id) {
            return Ok(frame.clone());
        }
        let frame = self.plan(&shared.plan)?;
        self.tables.insert(shared.id, frame.clone());
        Ok(frame)
    }

    pub(super) fn plan(&mut self, plan: &Plan) -> Outcome<Frame> {
        let (mut frame, done) = match self.taken_range(plan)? {
            Some(taken) => taken,
            None => (self.source(plan)?, 0),
        };
        for step in &plan.steps[done..] {
            self.span = step.span;
            self.tick()?;
            frame = self.step(frame, step)?;
        }
        Ok(frame)
    }
}
