//! One tick of the collector: which parts are due, how they went.

use std::time::Duration;

use futures::stream::{self, StreamExt};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;

use super::progress::SweepProgress;
use super::{records, tags};
use crate::azure::Azure;
use crate::clock;
use crate::config::Settings;
use pure::domain::{Zone, ZoneId};
use pure::plan::History;

/// Zones that are read at once; each holds a page and a few batches.
const ZONES_AT_ONCE: usize = 4;

/// How one part of a sweep went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Part {
    /// `tags`, or the id of a zone.
    pub part: String,
    /// Start of the sweep, which its marker bears; none when it failed.
    pub marker: Option<Timestamp>,
    /// Rows that were sent, without the marker.
    pub rows: u64,
    /// Why it failed and what to do, for people outside; none when it was complete.
    pub failure: Option<String>,
    /// The same for the log, with every cause.
    #[serde(skip)]
    pub logged: Option<String>,
}

/// How a sweep went. Parts that were not due are not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct SweepReport {
    /// The run in the rows.
    pub run: String,
    /// The parts that were due, the tags first, then the zones by name.
    pub parts: Vec<Part>,
    /// How long it took.
    pub duration_ms: u64,
}

impl Part {
    /// A word for it in a sentence: the id of a zone would leave no room for what failed in a line that is cut.
    fn name(&self) -> String {
        ZoneId::parse(&self.part).map_or_else(|_| self.part.clone(), |id| id.zone_name().to_string())
    }
}

impl SweepReport {
    /// The parts that failed, as sentences for people outside; empty when all is well.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        self.failures_by(|part| part.failure.as_ref())
    }

    /// The same for the log, with every cause.
    #[must_use]
    pub fn failures_logged(&self) -> Vec<String> {
        self.failures_by(|part| part.logged.as_ref())
    }

    fn failures_by(&self, words: impl Fn(&Part) -> Option<&String>) -> Vec<String> {
        let failed = self.parts.iter().filter_map(|part| Some((part, words(part)?)));
        failed.map(|(part, words)| format!("the sweep of {} failed: {words}", part.name())).collect()
    }

    /// Rows that were sent, without the markers.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.parts.iter().map(|part| part.rows).sum()
    }
}

/// Whether a marker is so old that its part must be swept. The timer's grid is coarser than a second: a sixtieth of
/// the period early is due, or every second sweep would come a whole tick late.
#[must_use]
pub fn due(marker: Option<Timestamp>, every: Duration, now: Timestamp) -> bool {
    let every = SignedDuration::try_from(every - every / 60).unwrap_or(SignedDuration::MAX);
    marker.is_none_or(|marker| now.duration_since(marker) >= every)
}

/// Whether any part must be swept.
#[must_use]
pub fn is_due(settings: &Settings, history: &History, now: Timestamp) -> bool {
    let every = settings.collect.snapshot_every;
    due(history.tags_marker, every, now)
        || settings.policy.zones.iter().any(|zone| zone_is_due(zone, history, every, now))
}

fn zone_is_due(zone: &Zone, history: &History, every: Duration, now: Timestamp) -> bool {
    due(history.zones.get(&zone.id).and_then(|zone| zone.marker), every, now)
}

/// Sweeps what is due, or everything when `history` is none, by the deadline of `azure`.
///
/// Parts that fail are named in the report; the others are sent all the same.
pub async fn run(
    azure: &Azure,
    settings: &Settings,
    history: Option<&History>,
    run: &str,
    progress: &SweepProgress,
) -> SweepReport {
    let begin = tokio::time::Instant::now();
    let now = clock::now();
    let every = settings.collect.snapshot_every;
    let tags_due = history.is_none_or(|history| due(history.tags_marker, every, now));
    let zone_due = |zone: &&Zone| history.is_none_or(|history| zone_is_due(zone, history, every, now));
    let zones: Vec<&Zone> = settings.policy.zones.iter().filter(zone_due).collect();
    let tags = async {
        if !tags_due {
            return None;
        }
        Some(part("tags".to_owned(), tags::sweep(azure, settings, history, run, progress).await))
    };
    let zones = zones.into_iter().enumerate().map(|(number, zone)| {
        let part = records(azure, settings, zone, run, progress);
        async move { (number, part.await) }
    });
    let zones: Vec<_> = zones.collect();
    // A zone that is slow keeps its own place and no other: those that have ended make room at once.
    let records = stream::iter(zones).buffer_unordered(ZONES_AT_ONCE).collect::<Vec<_>>();
    let (tags, mut records) = futures::join!(tags, records);
    records.sort_unstable_by_key(|(number, _)| *number);
    SweepReport {
        run: run.to_owned(),
        parts: tags.into_iter().chain(records.into_iter().map(|(_, part)| part)).collect(),
        duration_ms: u64::try_from(begin.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

/// The sweep of one zone.
async fn records(
    azure: &Azure,
    settings: &Settings,
    zone: &Zone,
    run: &str,
    progress: &SweepProgress,
) -> Part {
    let result = records::sweep(azure, settings, zone, run, progress).await;
    part(zone.id.to_string(), result.map_err(tags::Failed::Call))
}

fn part(part: String, result: Result<(Timestamp, u64), tags::Failed>) -> Part {
    match result {
        Ok((marker, rows)) => Part { part, marker: Some(marker), rows, failure: None, logged: None },
        Err(why) => {
            Part { part, marker: None, rows: 0, failure: Some(why.to_string()), logged: Some(why.logged()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::{Error, Kind};
    use pure::domain::Service;

    #[test]
    fn people_outside_hear_what_failed_and_the_log_every_cause() {
        let error = Error::new(Service::DnsRead, Kind::Lost, "list A of example.com", "did not answer");
        let cause = std::io::Error::other("tcp 10.1.2.3:443 refused");
        let failed = part("zone".to_owned(), Err(tags::Failed::Call(error.with_source(cause.into()))));
        let report = SweepReport { parts: vec![failed], ..SweepReport::default() };
        let (because, logged) = (report.failures().remove(0), report.failures_logged().remove(0));
        assert!(
            because.starts_with("the sweep of zone failed: ") && !because.contains("10.1.2.3"),
            "{because}"
        );
        assert!(logged.contains("10.1.2.3"), "{logged}");
        assert!(!serde_json::to_string(&report).unwrap().contains("10.1.2.3"));
    }

    #[test]
    fn a_sweep_is_due_when_its_marker_is_old_or_missing() {
        let now: Timestamp = "2026-03-01T02:30:00Z".parse().unwrap();
        let half_an_hour = Duration::from_secs(1800);
        let at = |text: &str| Some(text.parse().unwrap());
        assert!(due(None, half_an_hour, now));
        assert!(due(at("2026-03-01T02:00:02Z"), half_an_hour, now), "begun just after the tick of then");
        assert!(!due(at("2026-03-01T02:05:02Z"), half_an_hour, now));
        assert!(!due(at("2026-03-01T03:00:00Z"), half_an_hour, now), "a clock that runs ahead");
    }
}
