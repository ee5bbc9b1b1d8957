//! How many requests a run has made, by service, when those were answered by the clocks of the services, and who refused the
//! token.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use super::dates::Dates;
use super::token_refusals::{TokenRefusal, TokenRefusals};
use pure::domain::{CallCounts, Service};

/// The counters of one run. Requests that are tried again are counted again; token requests are not counted.
#[derive(Debug, Default)]
pub struct Calls {
    counts: [AtomicU64; Service::ALL.len()],
    pub(super) dates: Dates,
    pub(super) token_refusals: TokenRefusals,
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

    /// The services that refused the token, and another in its place.
    #[must_use]
    pub fn token_refusals(&self) -> BTreeMap<Service, TokenRefusal> {
        self.token_refusals.all()
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
