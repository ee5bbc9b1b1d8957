//! What happened and when: told as it happens, in words or as JSON lines, and kept for the status page.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::cast::Form;
use crate::visible;

/// How many events the status page can show.
const KEPT: usize = 400;

/// One thing that happened.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// When.
    pub at: Timestamp,
    /// A word for programs.
    pub kind: &'static str,
    /// A sentence for people.
    pub words: String,
    /// The same in values.
    pub facts: Map<String, Value>,
}

impl Event {
    /// An event of now.
    pub(crate) fn new(kind: &'static str, words: impl Into<String>, facts: Value) -> Self {
        let facts = match facts {
            Value::Object(facts) => facts,
            _ => Map::new(),
        };
        Self { at: Timestamp::now(), kind, words: words.into(), facts }
    }
}

/// The teller. Until [`Timeline::open`] events are kept back, because the first line says where everything is.
#[derive(Debug)]
pub(crate) struct Timeline {
    form: Form,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// Times are counted from here.
    zero: Timestamp,
    is_open: bool,
    held_back: Vec<Event>,
    kept: VecDeque<Event>,
}

impl Timeline {
    /// A time line that begins now.
    pub(crate) fn new(form: Form) -> Self {
        let state =
            State { zero: Timestamp::now(), is_open: false, held_back: Vec::new(), kept: VecDeque::new() };
        Self { form, state: Mutex::new(state) }
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
        for event in std::mem::take(&mut state.held_back) {
            self.print(&event, state.zero);
        }
    }

    /// Tells an event.
    pub(crate) fn tell(&self, event: Event) {
        let mut state = self.lock();
        if state.kept.len() == KEPT {
            state.kept.pop_front();
        }
        state.kept.push_back(event.clone());
        if state.is_open {
            self.print(&event, state.zero);
        } else {
            state.held_back.push(event);
        }
    }

    /// The newest events first.
    pub(crate) fn newest(&self) -> Vec<Event> {
        self.lock().kept.iter().rev().cloned().collect()
    }

    /// Seconds of an event since the beginning.
    pub(crate) fn seconds(&self, event: &Event) -> f64 {
        seconds(event, self.lock().zero)
    }

    fn print(&self, event: &Event, zero: Timestamp) {
        if self.form == Form::Json {
            let mut line = json!({ "event": event.kind, "at": event.at.to_string(), "words": event.words });
            if let Some(members) = line.as_object_mut() {
                for (name, value) in &event.facts {
                    members.entry(name).or_insert_with(|| value.clone());
                }
            }
            print(&visible::json(&line.to_string()));
        } else {
            let indented = visible::lines(&event.words).replace('\n', "\n           ");
            print(&format!("{:>7.1} s  {indented}", seconds(event, zero)));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn seconds(event: &Event, zero: Timestamp) -> f64 {
    event.at.duration_since(zero).as_secs_f64()
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
