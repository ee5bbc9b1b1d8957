//! The way to people and to a watchdog: messages leave in tasks of their own, with a bounded time and a bounded number of
//! tries, and nothing waits for them. What is news is decided elsewhere.

mod delivery;
mod format;
mod notice;

use std::sync::Arc;
use std::time::Duration;

pub use delivery::Deliveries;
use delivery::Delivery;
use format::message;
use notice::Notice;
pub use notice::{Event, Occasion};

use crate::clock;
use crate::config::{NotifyFormat, Reporting, SecretUrl};

/// Tells whoever was named in the configuration.
#[derive(Debug)]
pub struct Notifier {
    webhook: Option<(SecretUrl, NotifyFormat)>,
    ping: Option<SecretUrl>,
    installation: String,
    notices: Arc<Delivery>,
    pings: Arc<Delivery>,
}

impl Notifier {
    /// A notifier for whoever is named; with nobody to tell it does nothing.
    #[must_use]
    pub fn new(reporting: &Reporting) -> Self {
        let delivery = |what| Arc::new(Delivery::new(what, reporting.network.clone()));
        Self {
            webhook: reporting.notify.webhook.clone(),
            ping: reporting.notify.ping.clone(),
            installation: reporting.owner_id.clone(),
            notices: delivery("the notice to NOTIFY_URL"),
            pings: delivery("the call of PING_URL"),
        }
    }

    /// Posts what is news, if anything is. Must be called within the runtime, and returns at once.
    pub fn tell(&self, occasion: Occasion, events: Vec<Event>) {
        if let Some((url, format)) = self.webhook.as_ref().filter(|_| !events.is_empty()) {
            let (installation, time) = (self.installation.clone(), clock::now());
            let notice = Notice { installation, occasion, time, events };
            Arc::clone(&self.notices).post(url.clone(), message(&notice, *format));
        }
    }

    /// Calls the watchdog, if there is one. Must be called within the runtime, and returns at once.
    pub fn ping(&self) {
        if let Some(url) = &self.ping {
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
