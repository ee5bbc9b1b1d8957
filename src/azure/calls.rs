//! How many requests a run has made, by service, and when those were answered by the clocks of the services.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::dates::Dates;
use pure::domain::{CallCounts, Service};

/// The counters of one run. Requests that are tried again are counted again; token requests are not counted.
#[derive(Debug, Default)]
pub struct Calls {
    counts: [AtomicU64; Service::ALL.len()],
    pub(super) dates: Dates,
}

impl Calls {
    pub(crate) fn count(&self, service: Service) {
        self.counts[service as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// How many seconds the clock of each service is ahead of ours that has answered.
    #[must_use]
    pub fn ahead(&self) -> BTreeMap<Service, i64> {
        self.dates.ahead()
    }

    /// The counts at this moment.
    #[must_use]
    pub fn counts(&self) -> CallCounts {
        let mut counts = CallCounts::default();
        for service in Service::ALL {
            counts.add(service, self.counts[service as usize].load(Ordering::Relaxed));
        }
        counts
    }
}
