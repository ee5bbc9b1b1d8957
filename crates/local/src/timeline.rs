//! What happened and when: told as it happens, in words or as JSON lines, and kept for the status page.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use standin::Clock;

use crate::cast::Form;
use crate::visible;

/// How many events the status page can show.
const KEPT: usize = 400;

/// One thing that happened.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// A word for programs.
    pub kind: &'static str,
    /// A sentence for people.
    pub words: String,
    /// The same in values.
    pub facts: Map<String, Value>,
}

impl Event {
    /// An event; when it happened says the clock of whoever tells it.
    pub(crate) fn new(kind: &'static str, words: impl Into<String>, facts: Value) -> Self {
        let facts = match facts {
            Value::Object(facts) => facts,
            _ => Map::new(),
        };
        Self { kind, words: words.into(), facts }
    }
}

/// An event that was told, and when.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    /// By the clock of the data.
    pub at: Timestamp,
    /// What.
    pub event: Event,
}

/// The teller. Until [`Timeline::open`] events are kept back, because the first line says where everything is.
#[derive(Debug)]
pub(crate) struct Timeline {
    form: Form,
    clock: Clock,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Times are counted from here.
    zero: Timestamp,
    is_open: bool,
    held_back: Vec<Told>,
    kept: VecDeque<Told>,
}

impl Timeline {
    /// A time line that begins now, by this clock.
    pub(crate) fn new(form: Form, clock: Clock) -> Self {
        let state = State { zero: clock.now(), is_open: false, held_back: Vec::new(), kept: VecDeque::new() };
        Self { form, clock, state: Mutex::new(state) }
    }

    /// By this clock everything is told.
    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Tells the first event and the lines for people that go with it, then everything that was held back.
    pub(crate) fn open(&self, ready: &Value, head: &str) {
        let mut state = self.lock();
        if self.form == Form::Json {
            print(&visible::json(&ready.to_string()));
        } else {
            print(head.trim_end());
        }
        state.is_open = true;
        for told in std::mem::take(&mut state.held_back) {
            self.print(&told, state.zero);
        }
    }

    /// Tells an event.
    pub(crate) fn tell(&self, event: Event) {
        let mut state = self.lock();
        if state.kept.len() == KEPT {
            state.kept.pop_front();
        }
        let told = Told { at: self.clock.now(), event };
        state.kept.push_back(told.clone());
        if state.is_open {
            self.print(&told, state.zero);
        } else {
            state.held_back.push(told);
        }
    }

    /// The newest events first.
    pub(crate) fn newest(&self) -> Vec<Told> {
        self.lock().kept.iter().rev().cloned().collect()
    }

    /// When something happened, for people: seconds since the beginning, or the time of a recording.
    pub(crate) fn time(&self, told: &Told) -> String {
        self.time_since(told.at, self.lock().zero)
    }

    fn time_since(&self, at: Timestamp, zero: Timestamp) -> String {
        if self.clock.is_recorded() {
            return at.strftime("%Y-%m-%d %H:%M:%S").to_string();
        }
        format!("{:.1} s", at.duration_since(zero).as_secs_f64())
    }

    fn print(&self, told: &Told, zero: Timestamp) {
        let Told { at, event } = told;
        if self.form == Form::Json {
            let mut line = json!({ "event": event.kind, "at": at.to_string(), "words": event.words });
            if let Some(members) = line.as_object_mut() {
                for (name, value) in &event.facts {
                    members.entry(name).or_insert_with(|| value.clone());
                }
            }
            print(&visible::json(&line.to_string()));
        } else {
            let time = format!("{:>9}", self.time_since(*at, zero));
            let below = format!("\n{:1$}", "", time.len() + 2);
            print(&format!("{time}  {}", visible::lines(&event.words).replace('\n', &below)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A line to standard output; a reader that has gone away is no reason to stop playing.
fn print(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// Lines of words to standard error; nobody who went away is missed there either.
pub(crate) fn complain(words: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{}", visible::lines(words));
}
