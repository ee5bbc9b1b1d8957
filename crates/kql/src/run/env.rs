//! What a running query carries along: strings, caches, and the limits of time and memory.

use std::collections::HashMap;
use std::time::Instant;

use crate::database::Database;
use crate::dynamic::{Dynamic, MAX_MADE_DEPTH, MAX_PARTS};
use crate::error::{Fault, Outcome, Span};
use crate::functions::CallState;
use crate::options::Options;
use crate::pool::QueryPool;
use crate::properties::{Properties, TimeScope};
use crate::value::Value;

use super::frame::Frame;

/// The state of one run.
pub(super) struct Env<'a> {
    pub(super) database: &'a Database,
    pub(super) options: Options,
    pub(super) scope: TimeScope,
    pub(super) pool: QueryPool,
    pub(super) state: CallState,
    pub(super) now: i64,
    /// The place of the step that runs, for messages.
    pub(super) span: Span,
    /// The tables that are computed once, by their numbers.
    pub(super) tables: HashMap<usize, Frame>,
    /// The groups that plans are applied to, the innermost last.
    pub(super) piped: Vec<Frame>,
    pub(super) scalars: HashMap<usize, Value>,
    started: Instant,
    bytes: usize,
}

impl<'a> Env<'a> {
    pub(super) fn new(database: &'a Database, options: Options) -> Env<'a> {
        let now = options.now.ticks();
        let state = CallState::default();
        *state.random.borrow_mut() = now.unsigned_abs() ^ 0x2545_f491_4f6c_dd1d;
        Env {
            database,
            options,
            scope: TimeScope::default(),
            pool: QueryPool::new(database.pool()),
            state,
            now,
            span: Span::default(),
            tables: HashMap::new(),
            piped: Vec::new(),
            scalars: HashMap::new(),
            started: Instant::now(),
            bytes: 0,
        }
    }

    /// From now on the query's own properties hold; what was computed before they were known is forgotten.
    pub(super) fn told(&mut self, properties: &Properties) {
        self.options = properties.applied(&self.options);
        self.now = self.options.now.ticks();
        self.scope = properties.scope.clone();
        self.tables.clear();
        self.scalars.clear();
    }

    /// Stops the query when its time is over; called often from every long loop.
    pub(super) fn tick(&self) -> Outcome<()> {
        match self.options.deadline {
            Some(deadline) if self.started.elapsed() > deadline => {
                let message =
                    format!("the query ran longer than {} s and was stopped", deadline.as_secs_f64());
                Err(Fault::new(self.span, message))
            }
            _ => Ok(()),
        }
    }

    /// Notes memory that is about to be used; stops the query when it is too much.
    pub(super) fn charge(&mut self, bytes: usize) -> Outcome<()> {
        self.bytes = self.bytes.saturating_add(bytes);
        if self.bytes.saturating_add(self.pool.own_bytes()) > self.options.max_bytes {
            let limit = self.options.max_bytes / 1_000_000;
            return Err(Fault::new(
                self.span,
                format!("the query needs more than {limit} MB and was stopped"),
            ));
        }
        self.tick()
    }

    /// Stops the query at a dynamic value that is too large or nests too deep to be shown, compared or dropped.
    pub(super) fn bounded(&self, value: &Dynamic) -> Outcome<()> {
        if value.is_bounded() {
            return Ok(());
        }
        let message = format!(
            "a dynamic value would hold more than {MAX_PARTS} values, or nest deeper than {MAX_MADE_DEPTH} levels"
        );
        Err(Fault::new(self.span, message))
    }
}
