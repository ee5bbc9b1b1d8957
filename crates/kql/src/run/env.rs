//! What a running query carries along: strings, caches, and the limits of time and memory.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::clock::{Clock, Reason};
use crate::database::Database;
use crate::dynamic::{Dynamic, MAX_MADE_DEPTH, MAX_PARTS};
use crate::error::{Fault, Outcome, Span};
use crate::functions::{Arg, CallState};
use crate::options::Options;
use crate::pattern::Patterns;
use crate::pool::QueryPool;
use crate::properties::{Properties, TimeScope};
use crate::value::Value;

use super::frame::Frame;

/// Lists of so many elements are made without asking for the room.
const FEW_ELEMENTS: usize = 1 << 12;

/// About what a function takes for an element while it works: its key, and its place in a list that is made.
const LIST_BYTES: usize = 64;

/// What a function asks for at most beforehand; more than this no value may take while it is made.
const MOST_BYTES: usize = 1 << 28;

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
    /// By the name of a function, the number of the text that it makes of each text of the pool (see `memo`).
    pub(super) memos: HashMap<&'static str, Vec<u32>>,
}

impl<'a> Env<'a> {
    pub(super) fn new(database: &'a Database, options: Options) -> Env<'a> {
        let now = options.now.ticks();
        let state = CallState {
            patterns: Patterns::default(),
            clock: Clock::new(options.deadline, options.max_bytes).sharing(options.share.clone()),
            random: RefCell::new(now.unsigned_abs() ^ 0x2545_f491_4f6c_dd1d),
        };
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
            memos: HashMap::new(),
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
        self.state.clock.look().map_err(|_| self.stopped())
    }

    /// Notes work that is about to be done on a value; the time is looked at when it has become much.
    pub(super) fn work(&self, units: usize) -> Outcome<()> {
        self.state.clock.work(units).map_err(|_| self.stopped())
    }

    /// Why the clock stopped the query.
    fn stopped(&self) -> Fault {
        self.left_off(self.state.clock.stopped().unwrap_or_default())
    }

    fn left_off(&self, reason: Reason) -> Fault {
        Fault::new(self.span, reason.message).of_memory(reason.budget)
    }

    /// Ends work on a value: the fault when it was left off.
    pub(super) fn finished(&self) -> Outcome<()> {
        match self.state.clock.stopped() {
            Some(reason) => Err(self.left_off(reason)),
            None => Ok(()),
        }
    }

    /// Notes memory that is about to be used; stops the query when it is too much.
    pub(super) fn charge(&mut self, bytes: usize) -> Outcome<()> {
        self.state.clock.keep(bytes, self.pool.own_bytes()).map_err(|_| self.stopped())?;
        self.tick()
    }

    /// Asks for memory that a step takes while it works, and gives back; stops the query when there is not so much.
    pub(super) fn afford(&self, bytes: usize) -> Outcome<()> {
        self.state.clock.afford(bytes, self.pool.own_bytes()).map_err(|_| self.stopped())
    }

    /// The same for a function of such arguments: what works on lists mostly makes one or two others of them.
    pub(super) fn afford_lists<'v>(&self, count: usize, arg: &dyn Fn(usize) -> Arg<'v>) -> Outcome<()> {
        let elements: usize = (0..count).filter_map(|index| Some(arg(index).array()?.len())).sum();
        if elements > FEW_ELEMENTS {
            self.afford(elements.saturating_mul(LIST_BYTES).min(MOST_BYTES))?;
        }
        self.tick()
    }

    /// Stops the query at a list of texts that is too large to be shown, compared or dropped.
    pub(super) fn bounded_texts(&self, texts: &[u32]) -> Outcome<()> {
        let parts = texts.iter().fold(0, |parts, id| parts + 1 + self.pool.get(*id).len() / 16);
        if parts < MAX_PARTS { self.work(parts) } else { Err(self.too_large()) }
    }

    /// Stops the query at a dynamic value that is too large or nests too deep to be shown, compared or dropped.
    pub(super) fn bounded(&self, value: &Dynamic) -> Outcome<()> {
        if let Some(parts) = value.parts() {
            return self.state.clock.work(parts).map_err(|_| self.stopped());
        }
        Err(self.too_large())
    }

    fn too_large(&self) -> Fault {
        let message = format!(
            "a dynamic value would hold more than {MAX_PARTS} values, or nest deeper than {MAX_MADE_DEPTH} levels"
        );
        Fault::new(self.span, message)
    }
}
