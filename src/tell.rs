//! Who is told how runs and rounds went: the log, people, the watchdog. One memory of what was told serves them all.

mod heard;
mod judged;
mod log;
mod moves;
mod notices;

use std::sync::{Mutex, PoisonError};

use crate::config::{Faults, Reporting};
use crate::notify::{Event, Notifier, Occasion};
use crate::round::{FailedStage, Round};
use crate::run::Ended;
use heard::Heard;
pub use log::line;
use pure::plan::report::Trigger;
use pure::story::{Memory, News};

/// Everybody who is told. They exist before the settings are checked, for a faulty configuration is told as well.
#[derive(Debug)]
pub struct Reporters {
    notifier: Notifier,
    memory: Mutex<Memory>,
}

impl Reporters {
    /// Reporters that know of nothing yet.
    #[must_use]
    pub fn new(reporting: &Reporting) -> Self {
        Self { notifier: Notifier::new(reporting), memory: Mutex::default() }
    }

    /// What becomes of messages to people and to the watchdog.
    #[must_use]
    pub fn notifier(&self) -> &Notifier {
        &self.notifier
    }

    /// A run that an alert or a person started has ended. Must be called within the runtime, as the next ones.
    pub fn run_ended(&self, ended: &Ended) {
        let heard = Heard::of_run(ended);
        let news = self.take_in(&heard);
        log::write(ended, &heard.of_log(&news));
        self.spread(&heard, &news);
    }

    /// A run that was to write, or only to plan, could not be made.
    pub fn run_troubled(&self, run: &str, trigger: Trigger, writes: bool, failed: &FailedStage) {
        tracing::error!(
            run,
            trigger = trigger.as_str(),
            "the run {run} must be tried again: {}",
            failed.trouble.logged
        );
        let heard = Heard::of_trouble(run, trigger, writes, failed);
        let news = self.take_in(&heard);
        self.spread(&heard, &news);
    }

    /// A round has ended. What its stages say of failures is for whoever keeps the time to log.
    pub fn round_ended(&self, round: &Round) {
        let heard = Heard::of_round(round);
        let news = self.take_in(&heard);
        if let Some(ended) = &round.ended {
            log::write(ended, &heard.of_log(&news));
        }
        log::warn(&round.run, &round.warnings);
        self.spread(&heard, &news);
    }

    /// Nothing can be done with these settings.
    pub fn misconfigured(&self, faults: &Faults) {
        tracing::error!("the configuration is faulty: {faults}");
        let failed = Event::Failed { what: "the configuration".to_owned(), because: faults.to_string() };
        self.notifier.tell(Occasion::Start, vec![failed]);
    }

    fn take_in(&self, heard: &Heard<'_>) -> News {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let mut news = memory.take_in(heard.standing(), |topic| heard.looked(topic));
        if let Some(skips) = heard.skips_of_plan() {
            news.skips = memory.take_in_skips(skips, heard.is_whole());
        }
        news
    }

    fn spread(&self, heard: &Heard<'_>, news: &News) {
        let occasion = Occasion::Run { run: heard.run.to_owned(), trigger: heard.trigger };
        self.notifier.tell(occasion, notices::events(heard, news));
        if heard.is_good() && !news.has_failing_stage {
            self.notifier.ping();
        }
    }
}
