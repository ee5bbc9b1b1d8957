//! People hear what moved, what is held and what failed; a watchdog hears that all is well.
//!
//! Nothing waits for it: notices leave in tasks of their own, with a bounded time and a bounded number of tries. What
//! stands is told once, and once more when it is over, as long as the process lives.

mod delivery;
mod format;
mod notice;
mod standing;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;

pub use delivery::Deliveries;
use delivery::Delivery;
use format::message;
pub use notice::{Event, Notice};
pub use standing::Heard;
use standing::Standing;

use crate::config::{NotifyFormat, SecretUrl, Settings};

/// Tells whoever was named in the configuration.
#[derive(Debug)]
pub struct Notifier {
    webhook: Option<(SecretUrl, NotifyFormat)>,
    ping: Option<SecretUrl>,
    installation: String,
    standing: Mutex<Standing>,
    notices: Arc<Delivery>,
    pings: Arc<Delivery>,
}

impl Notifier {
    /// A notifier that knows of nothing yet; with nobody to tell it does nothing.
    #[must_use]
    pub fn new(settings: &Settings) -> Self {
        let delivery = |what| Arc::new(Delivery::new(what, settings.connect.network.clone()));
        Self {
            webhook: settings.notify.webhook.clone(),
            ping: settings.notify.ping.clone(),
            installation: settings.run.owner_id.clone(),
            standing: Mutex::default(),
            notices: delivery("the notice to NOTIFY_URL"),
            pings: delivery("the call of PING_URL"),
        }
    }

    /// Takes in how a run or a round went: posts what is news, and calls the watchdog when all was well. Must be called
    /// within the runtime, and returns at once.
    pub fn hear(&self, heard: &Heard<'_>) {
        let events = self.standing.lock().unwrap_or_else(PoisonError::into_inner).news(heard);
        if let Some((url, format)) = self.webhook.as_ref().filter(|_| !events.is_empty()) {
            let notice = Notice {
                installation: self.installation.clone(),
                run: heard.run.to_owned(),
                trigger: heard.trigger,
                time: Timestamp::now(),
                events,
            };
            Arc::clone(&self.notices).post(url.clone(), message(&notice, *format));
        }
        if let Some(url) = self.ping.as_ref().filter(|_| heard.is_good()) {
            Arc::clone(&self.pings).get(url.clone());
        }
    }

    /// What became of notices so far.
    #[must_use]
    pub fn notices(&self) -> Deliveries {
        self.notices.counts()
    }

    /// What became of pings so far.
    #[must_use]
    pub fn pings(&self) -> Deliveries {
        self.pings.counts()
    }

    /// Waits until everything has left, at most for `patience`.
    pub async fn drained(&self, patience: Duration) {
        let all = async { tokio::join!(self.notices.idle(), self.pings.idle()) };
        // Whoever is not reached by then is not worth waiting for.
        let _ = tokio::time::timeout(patience, all).await;
    }
}
