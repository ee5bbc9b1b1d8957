//! How many requests a run has made, by service.

use std::sync::atomic::{AtomicU64, Ordering};

use pure::domain::{CallCounts, Service};

/// The counters of one run. Requests that are tried again are counted again; token requests are not counted.
#[derive(Debug, Default)]
pub struct Calls([AtomicU64; Service::ALL.len()]);

impl Calls {
    pub(crate) fn count(&self, service: Service) {
        self.0[service as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// The counts at this moment.
    #[must_use]
    pub fn counts(&self) -> CallCounts {
        let mut counts = CallCounts::default();
        for service in Service::ALL {
            counts.add(service, self.0[service as usize].load(Ordering::Relaxed));
        }
        counts
    }
}
