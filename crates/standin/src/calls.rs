//! The log of calls, for whoever wants to know what a client really asked.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// How many calls are remembered; older ones are forgotten.
const REMEMBERED: usize = 500_000;

/// One call as `GET /standin/calls` lists it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CallRecord {
    /// The method.
    pub method: String,
    /// Path and query as sent.
    pub path: String,
    /// The status that was answered; 0 when the connection was dropped before the effect.
    pub status: u16,
    /// From the end of the request to the start of the answer, in milliseconds.
    pub ms: f64,
}

/// The calls since the last clearing, oldest first.
#[derive(Debug, Default)]
pub struct Calls(Mutex<VecDeque<CallRecord>>);

impl Calls {
    /// Appends one call.
    pub fn push(&self, record: CallRecord) {
        let mut calls = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if calls.len() == REMEMBERED {
            calls.pop_front();
        }
        calls.push_back(record);
    }

    /// All remembered calls, oldest first.
    pub fn list(&self) -> Vec<CallRecord> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Forgets all calls.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}
