//! Timers: one run at a time each, the next occurrence computed after a run has ended.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::envelope::{self, ScheduleStatus};
use super::ncrontab::Ncrontab;
use super::settings::{Function, Trigger};
use super::{Host, HostEvent, Level};

/// The longest single sleep: the wall clock is looked at again at least this often.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

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
        self.status.next = self.schedule.next_after(Timestamp::now());
        if tick_at_start {
            self.tick(Timestamp::now()).await;
        }
        // A failed run advances the schedule as well: no rerun before the next occurrence.
        while let Some(next) = self.schedule.next_after(Timestamp::now()) {
            self.status.next = Some(next);
            until(next).await;
            self.tick(next).await;
        }
        let text = format!("{}: the schedule has no further occurrence.", self.function.name);
        let _ = self.host.events.send(HostEvent::Line { level: Level::Warning, text });
    }

    async fn tick(&mut self, occurrence: Timestamp) {
        let binding = &self.function.binding;
        let status = self.monitored.then_some(&self.status);
        let make = |system: serde_json::Value| envelope::timer(binding, status, false, &system);
        // The outcome is an event already; the host itself only logs it.
        let _ = self.host.invoke(&self.function, "timer", make).await;
        self.status.last = Some(occurrence);
        self.status.updated = Some(Timestamp::now());
    }
}

async fn until(time: Timestamp) {
    loop {
        let left = time.duration_since(Timestamp::now());
        match Duration::try_from(left) {
            Ok(left) if !left.is_zero() => tokio::time::sleep(left.min(LONGEST_SLEEP)).await,
            _ => return,
        }
    }
}
