//! Request quotas of the services, refused with 429 when they are switched on.
//!
//! DNS: the table of contract azure-resource-manager, sections 2.7 and 3, per zone and minute. The real window is
//! not documented; here it slides, which is the stricter reading: of any 60 seconds no more than the limit
//! passes. Refused calls do not count. Resource Graph: 15 queries in 5 seconds, a window that starts with its
//! first query, as its headers describe it (section 4.5).

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::Reply;
use crate::world::ZoneKind;

/// The window of all DNS quotas.
const MINUTE: Duration = Duration::from_secs(60);
/// Seconds that a private zone asks to wait, however long it will still refuse.
const PRIVATE_WAIT: &str = "10";
/// The window of Resource Graph.
const GRAPH_WINDOW: Duration = Duration::from_secs(5);
/// Queries a window.
const GRAPH_LIMIT: u32 = 15;

/// What a DNS call does, as its quota counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Operation {
    Create,
    Update,
    Delete,
    Get,
    List,
    ZoneWrite,
    ZoneGet,
    ZoneList,
}

impl Operation {
    /// Calls a minute.
    fn limit(self, kind: ZoneKind) -> usize {
        let (public, private) = match self {
            Self::Create | Self::Update | Self::Delete => (200, 60),
            Self::Get => (2000, 200),
            Self::List => (60, 100),
            Self::ZoneWrite => (40, 40),
            Self::ZoneGet => (1000, 200),
            Self::ZoneList => (60, 60),
        };
        if kind == ZoneKind::Public { public } else { private }
    }

    /// The last part of the action's name in the refusal.
    fn action(self) -> &'static str {
        match self {
            Self::Create | Self::Update | Self::ZoneWrite => "write",
            Self::Delete => "delete",
            _ => "read",
        }
    }
}

/// The remaining Resource Graph quota, for its headers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct GraphQuota {
    pub(crate) remaining: u32,
    pub(crate) resets_after: Duration,
}

/// All counters.
#[derive(Debug, Default)]
pub(crate) struct Quotas {
    enabled: AtomicBool,
    dns: Mutex<HashMap<(String, Operation), VecDeque<Instant>>>,
    graph: Mutex<HashMap<String, (Instant, u32)>>,
}

impl Quotas {
    /// Switches the refusals on or off; what was counted is forgotten.
    pub(crate) fn enable(&self, enabled: bool) {
        self.enabled.store(enabled, Ordering::Relaxed);
        self.dns.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.graph.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Whether quotas are refused at all.
    pub(crate) fn enabled(&self) -> bool {
        self.enabled.load(Ordering::Relaxed)
    }

    /// Counts one DNS call against `scope` (a zone's id, a group or a subscription).
    ///
    /// # Errors
    /// The 429 of Resource Manager with the seconds to wait.
    pub(crate) fn dns(
        &self,
        scope: &str,
        kind: ZoneKind,
        operation: Operation,
        what: &str,
    ) -> Result<(), Reply> {
        if !self.enabled() {
            return Ok(());
        }
        let now = Instant::now();
        let mut counters = self.dns.lock().unwrap_or_else(PoisonError::into_inner);
        let passed = counters.entry((scope.to_ascii_lowercase(), operation)).or_default();
        while passed.front().is_some_and(|&first| now.duration_since(first) >= MINUTE) {
            passed.pop_front();
        }
        let limit = operation.limit(kind);
        if passed.len() < limit {
            passed.push_back(now);
            return Ok(());
        }
        let oldest = passed.front().map_or(MINUTE, |&first| MINUTE.saturating_sub(now.duration_since(first)));
        if kind == ZoneKind::Private {
            let message = "Too many operations are requested. Current operation is throttled.";
            return Err(Reply::bare(429, "Throttled", message).with_header("Retry-After", PRIVATE_WAIT));
        }
        let wait = seconds_up(oldest);
        let message = format!(
            "Number of requests for action 'Microsoft.Network/dnsZones{what}/{}' exceeded the limit of '{limit}' \
             for time interval '00:01:00'. Please try again after '{wait}' seconds.",
            operation.action()
        );
        Err(Reply::wrapped(429, "ResourceRequestsThrottled", &message)
            .with_header("Retry-After", wait.to_string()))
    }

    /// Counts one Resource Graph query of a caller; the error is what is left of the window.
    pub(crate) fn graph(&self, caller: &str) -> Result<GraphQuota, Duration> {
        if !self.enabled() {
            return Ok(GraphQuota { remaining: GRAPH_LIMIT - 1, resets_after: GRAPH_WINDOW });
        }
        let now = Instant::now();
        let mut counters = self.graph.lock().unwrap_or_else(PoisonError::into_inner);
        let (start, used) = counters.entry(caller.to_owned()).or_insert((now, 0));
        if now.duration_since(*start) >= GRAPH_WINDOW {
            (*start, *used) = (now, 0);
        }
        let resets_after = GRAPH_WINDOW.saturating_sub(now.duration_since(*start));
        if *used == GRAPH_LIMIT {
            return Err(resets_after);
        }
        *used += 1;
        Ok(GraphQuota { remaining: GRAPH_LIMIT - *used, resets_after })
    }
}

/// Whole seconds, rounded up, at least one.
pub(crate) fn seconds_up(duration: Duration) -> u64 {
    (duration.as_secs() + u64::from(duration.subsec_nanos() > 0)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_minute_slides() {
        let quotas = Quotas::default();
        quotas.enable(true);
        let call = || quotas.dns("z", ZoneKind::Public, Operation::Create, "/A");
        for _ in 0..100 {
            assert!(call().is_ok());
        }
        tokio::time::advance(Duration::from_secs(40)).await;
        for _ in 0..100 {
            assert!(call().is_ok());
        }
        let refused = call().expect_err("the limit is 200");
        assert_eq!(refused.status, 429);
        assert!(refused.headers.contains(&("Retry-After".to_owned(), "20".to_owned())), "{refused:?}");
        tokio::time::advance(Duration::from_secs(20)).await;
        assert!(call().is_ok());
    }

    #[tokio::test(start_paused = true)]
    async fn a_private_zone_asks_for_ten_seconds_whatever_is_left_of_the_minute() {
        let quotas = Quotas::default();
        quotas.enable(true);
        for (operation, limit) in [
            (Operation::Create, 60),
            (Operation::Update, 60),
            (Operation::Delete, 60),
            (Operation::Get, 200),
            (Operation::List, 100),
        ] {
            let call = || quotas.dns("z", ZoneKind::Private, operation, "/A");
            for _ in 0..limit {
                assert!(call().is_ok(), "{operation:?}");
            }
            for _ in 0..5 {
                let refused = call().expect_err("over the limit");
                assert_eq!(refused.status, 429);
                let wait = ("Retry-After".to_owned(), "10".to_owned());
                assert!(refused.headers.contains(&wait), "{operation:?}: {refused:?}");
                tokio::time::advance(Duration::from_secs(10)).await;
            }
            tokio::time::advance(Duration::from_secs(10)).await;
            assert!(call().is_ok(), "{operation:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn resource_graph_counts_by_caller() {
        let quotas = Quotas::default();
        quotas.enable(true);
        for used in 1..=15 {
            assert_eq!(quotas.graph("a").expect("within the quota").remaining, 15 - used);
        }
        assert!(quotas.graph("a").is_err());
        assert!(quotas.graph("b").is_ok());
        tokio::time::advance(Duration::from_secs(5)).await;
        assert!(quotas.graph("a").is_ok());
    }
}
