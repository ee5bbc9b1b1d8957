//! Azure's own hand in private zones: what it registers comes, follows and goes some time after its reason.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::world::Registration;
use crate::{State, World};

/// What is to be registered, and since when.
#[derive(Debug)]
pub(crate) struct Registrar {
    first: Duration,
    inner: Mutex<Waiting>,
    changed: Notify,
}

#[derive(Debug)]
struct Waiting {
    delay: Duration,
    since: BTreeMap<Registration, Instant>,
}

impl Registrar {
    /// One that takes so long. What stands in the world by now has been registered before.
    pub(crate) fn new(delay: Duration, world: &mut World) -> Self {
        for registration in world.registrations() {
            world.register(&registration);
        }
        let inner = Mutex::new(Waiting { delay, since: BTreeMap::new() });
        Self { first: delay, inner, changed: Notify::new() }
    }

    /// Takes note of a change of the world, and does what is due.
    pub(crate) fn note(&self, world: &mut World) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let old = std::mem::take(&mut inner.since);
        for registration in world.registrations() {
            let since = old.get(&registration).copied().unwrap_or(now);
            if now.duration_since(since) >= inner.delay {
                world.register(&registration);
            } else {
                inner.since.insert(registration, since);
            }
        }
        if !inner.since.is_empty() {
            self.changed.notify_one();
        }
    }

    /// When the next is due.
    fn due(&self) -> Option<Instant> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        // What is too far off to be told is never due.
        inner.since.values().min().and_then(|since| since.checked_add(inner.delay))
    }

    /// The body of `GET /standin/registration-delay`.
    pub(crate) fn show(&self) -> Value {
        let delay = self.inner.lock().unwrap_or_else(PoisonError::into_inner).delay;
        json!({ "delay_ms": delay.as_secs() * 1000 + u64::from(delay.subsec_millis()) })
    }

    /// Takes the body of `PUT /standin/registration-delay`; what waits goes by the new delay.
    ///
    /// # Errors
    /// The place that is wrong.
    pub(crate) fn replace(&self, body: &Value) -> Result<(), String> {
        let delay = body.get("delay_ms").and_then(Value::as_u64);
        let delay = delay.ok_or("delay_ms: a count of milliseconds is wanted")?;
        self.set(Duration::from_millis(delay));
        Ok(())
    }

    /// Goes back to the delay of the start.
    pub(crate) fn reset(&self) {
        self.set(self.first);
    }

    fn set(&self, delay: Duration) {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner).delay = delay;
        self.changed.notify_one();
    }
}

/// Registers whenever something is due, until told to stop.
pub(crate) async fn keep_registering(state: Arc<State>, stopping: CancellationToken) {
    loop {
        let due = state.registrar.due();
        let wait = async {
            match due {
                Some(due) => tokio::time::sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stopping.cancelled() => return,
            () = state.registrar.changed.notified() => {}
            // Letting go of the world does what is due.
            () = wait => drop(state.world_mut()),
        }
    }
}
