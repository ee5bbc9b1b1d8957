//! Timers: one run at a time each, the next occurrence computed after a run has ended.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::envelope::{self, ScheduleStatus};
use super::ncrontab::Ncrontab;
use super::settings::{Function, Trigger};
use super::{Host, HostEvent, Level};

/// What the host keeps of its timers in its storage account. A host that is started with the storage of one that was
/// stopped makes up for an occurrence that was missed: one run at once, past due.
#[derive(Debug, Clone, Default)]
pub struct TimerStorage(Arc<Mutex<BTreeMap<String, ScheduleStatus>>>);

impl TimerStorage {
    /// That of a host which was stopped while it waited for this occurrence.
    #[must_use]
    pub fn waiting_for(function: &str, next: Timestamp) -> Self {
        let storage = Self::default();
        storage.keep(function, &ScheduleStatus { next: Some(next), ..ScheduleStatus::default() });
        storage
    }

    /// What is known of a function's schedule.
    pub(super) fn status(&self, function: &str) -> Option<ScheduleStatus> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(function).cloned()
    }

    fn keep(&self, function: &str, status: &ScheduleStatus) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(function.to_owned(), status.clone());
    }
}

/// Starts a loop for every timer function, until `stopping`.
pub(super) fn start_all(host: &Arc<Host>, tick_at_start: bool, stopping: &CancellationToken) {
    for function in host.functions.values() {
        if let Trigger::Timer { schedule, monitored } = &function.trigger {
            let timer = Timer {
                host: Arc::clone(host),
                function: function.clone(),
                schedule: schedule.clone(),
                monitored: *monitored,
                status: ScheduleStatus::default(),
            };
            let stopping = stopping.clone();
            tokio::spawn(async move {
                tokio::select! {
                    () = stopping.cancelled() => {}
                    () = timer.run(tick_at_start) => {}
                }
            });
        }
    }
}

struct Timer {
    host: Arc<Host>,
    function: Function,
    schedule: Ncrontab,
    monitored: bool,
    status: ScheduleStatus,
}

impl Timer {
    async fn run(mut self, tick_at_start: bool) {
        let known = self.host.timers.status(&self.function.name).filter(|_| self.monitored);
        let clock = self.host.clock.clone();
        let mut began = clock.now();
        let missed = known.as_ref().and_then(|known| known.next).filter(|next| *next < began);
        self.status = known.unwrap_or_default();
        self.wait_for(missed.or_else(|| self.schedule.next_after(began)));
        if tick_at_start || missed.is_some() {
            self.tick(missed.unwrap_or(began), missed.is_some()).await;
        }
        // A failed run advances the schedule as well: no rerun before the next occurrence. Under a recorded clock a run
        // takes minutes: there what fell into it is late, once, and not lost.
        while let Some(next) = self.schedule.next_after(if clock.is_recorded() { began } else { clock.now() })
        {
            self.wait_for(Some(next));
            clock.until(next).await;
            began = clock.now();
            self.tick(next, false).await;
        }
        let text = format!("{}: the schedule has no further occurrence.", self.function.name);
        let _ = self.host.events.send(HostEvent::Line { level: Level::Warning, text });
    }

    fn wait_for(&mut self, next: Option<Timestamp>) {
        self.status.next = next;
        self.host.timers.keep(&self.function.name, &self.status);
    }

    async fn tick(&mut self, occurrence: Timestamp, is_past_due: bool) {
        let binding = &self.function.binding;
        let status = self.monitored.then_some(&self.status);
        let make = |system: serde_json::Value| envelope::timer(binding, status, is_past_due, None, &system);
        // The outcome is an event already; the host itself only logs it.
        let _ = self.host.invoke(&self.function, "timer", make).await;
        self.status.last = Some(occurrence);
        self.status.updated = Some(self.host.clock.now());
    }
}
