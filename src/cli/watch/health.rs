//! Whether the process does its work: each stage has done well lately.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::config::Settings;
use crate::round::{Round, Stage};

/// When each stage last did well, and why it last did not.
#[derive(Debug)]
pub(super) struct Health {
    /// How long after its last success a stage counts as well; only stages that this process has.
    limits: BTreeMap<Stage, SignedDuration>,
    /// Parts of a sweep of everything: the tags and each zone.
    parts: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    last: BTreeMap<Stage, Timestamp>,
    faults: BTreeMap<Stage, String>,
}

impl Health {
    pub(super) fn new(settings: &Settings, every: Duration) -> Self {
        // A round may rightly take as long as a sweep and a run may; a copy of tags and records may grow as old as the
        // brake `blind` allows.
        let round = every * 2 + settings.run.deadline + settings.collect.deadline;
        let copy = settings.collect.snapshot_every * 2 + Duration::from_secs(5 * 60);
        let mut limits = vec![(Stage::Collect, copy), (Stage::Evaluate, round)];
        if settings.run.on_timer {
            limits.push((Stage::Repair, round));
        }
        let limit = |limit| SignedDuration::try_from(limit).unwrap_or(SignedDuration::MAX);
        Self {
            parts: 1 + settings.policy.zones.iter().count(),
            limits: limits.into_iter().map(|(stage, duration)| (stage, limit(duration))).collect(),
            state: Mutex::default(),
        }
    }

    /// Takes in how a round went.
    pub(super) fn hear(&self, round: &Round, now: Timestamp) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let complaints = round.complaints();
        let swept = round.swept.as_ref().filter(|_| !round.failed(Stage::Collect));
        // Parts that were not due are as old as the log says.
        let swept = swept.filter(|swept| swept.parts.len() == self.parts);
        let swept = swept.and_then(|swept| swept.parts.iter().filter_map(|part| part.marker).min());
        let collected = round.facts.as_ref().and_then(|facts| facts.oldest_marker).max(swept);
        let evaluated = round.facts.as_ref().filter(|facts| !facts.partial).map(|facts| facts.at);
        let repaired = round.ended.as_ref().filter(|_| !round.failed(Stage::Repair)).map(|_| now);
        for (stage, success) in
            [(Stage::Collect, collected), (Stage::Evaluate, evaluated), (Stage::Repair, repaired)]
        {
            if let Some(success) = success {
                let last = state.last.entry(stage).or_insert(success);
                *last = success.max(*last);
            }
            match complaints.iter().find(|fault| fault.stage == stage) {
                Some(fault) => {
                    state.faults.insert(stage, fault.trouble.because.clone());
                }
                None if success.is_some() => {
                    state.faults.remove(&stage);
                }
                None => {}
            }
        }
    }

    /// When each stage last did well.
    pub(super) fn last(&self) -> BTreeMap<Stage, Timestamp> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).last.clone()
    }

    /// Whether every stage did well lately, and the body that says so.
    pub(super) fn report(&self, now: Timestamp) -> (bool, Value) {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reasons = Vec::new();
        let mut stages = serde_json::Map::new();
        for (stage, limit) in &self.limits {
            let last = state.last.get(stage);
            let is_fresh = last.is_some_and(|last| now.duration_since(*last) <= *limit);
            let fault = state.faults.get(stage);
            if !is_fresh {
                let because = fault.map(|fault| format!(": {fault}")).unwrap_or_default();
                reasons.push(match last {
                    Some(last) => {
                        format!(
                            "{} last did well at {last}, more than {limit:#} ago{because}",
                            stage.as_str()
                        )
                    }
                    None => format!("{} has not done well yet{because}", stage.as_str()),
                });
            }
            let entry = json!({
                "ok": is_fresh,
                "last_success": last.map(ToString::to_string),
                "limit_seconds": limit.as_secs(),
                "fault": fault,
            });
            stages.insert(stage.as_str().to_owned(), entry);
        }
        let well = reasons.is_empty();
        (well, json!({ "status": if well { "ok" } else { "failing" }, "reasons": reasons, "stages": stages }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;
    use crate::collect::{Part, SweepReport};
    use crate::run::{Facts, NameCounts};

    fn swept(markers: &[i64]) -> Round {
        let part = |marker: &i64| Part {
            part: marker.to_string(),
            marker: Timestamp::from_second(*marker).ok(),
            rows: 0,
            failure: None,
            logged: None,
        };
        Round {
            run: String::new(),
            facts: None,
            swept: Some(SweepReport { parts: markers.iter().map(part).collect(), ..SweepReport::default() }),
            ended: None,
            joined: None,
            settled: Vec::new(),
            warnings: Vec::new(),
            warned: None,
            faults: Vec::new(),
            durations: Vec::new(),
        }
    }

    #[test]
    fn a_sweep_of_some_parts_makes_the_others_no_younger() {
        let health = Health { limits: BTreeMap::new(), parts: 3, state: Mutex::default() };
        let last = || health.last().get(&Stage::Collect).map(|last| last.as_second());
        health.hear(&swept(&[500]), clock::now());
        assert_eq!(last(), None);
        health.hear(&swept(&[510, 501, 502]), clock::now());
        assert_eq!(last(), Some(501));
        health.hear(&swept(&[900, 901]), clock::now());
        assert_eq!(last(), Some(501));
    }

    /// Ten seconds for a run, twenty for a sweep, and a minute from one sweep to the next.
    fn health(every: u64) -> Health {
        let variables = [
            (
                "DNS_ZONES",
                "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com",
            ),
            ("LOGS_WORKSPACE_IDS", "00000000-0000-0000-0000-000000000002"),
            ("LOGS_INGESTION_ENDPOINT", "https://rule.westeurope-1.ingest.monitor.azure.com"),
            ("LOGS_DCR_RULE_ID", "dcr-00000000000000000000000000000001"),
            ("POLICY_NAMES", "*"),
            ("SNAPSHOT_EVERY", "1m"),
            ("RUN_DEADLINE", "10s"),
            ("COLLECT_DEADLINE", "20s"),
            ("RECONCILE_ON", "none"),
        ];
        Health::new(&Settings::read(&variables.into_iter().collect()).unwrap(), Duration::from_secs(every))
    }

    fn evaluated(at: Timestamp, partial: bool) -> Round {
        let names = NameCounts::default();
        let (newest_heartbeat, oldest_marker) = (Some(at), Some(at));
        let facts = Facts { at, newest_heartbeat, oldest_marker, names, partial, is_blind: partial };
        Round { facts: Some(facts), ..swept(&[]) }
    }

    #[test]
    fn a_stage_is_well_as_long_as_a_round_may_rightly_take() {
        let begin = Timestamp::UNIX_EPOCH;
        let health = health(5);
        health.hear(&evaluated(begin, false), begin);
        let ok = |seconds: i64| {
            let (well, body) = health.report(begin + SignedDuration::from_secs(seconds));
            (well, body["stages"]["evaluate"]["ok"] == true, body["stages"]["collect"]["ok"] == true)
        };
        // Two rounds, a run and a sweep; two sweeps and five minutes.
        assert_eq!((ok(40), ok(41)), ((true, true, true), (false, false, true)));
        assert_eq!((ok(420).2, ok(421).2), (true, false));
    }

    #[test]
    fn of_a_part_of_the_rows_nobody_says_that_all_was_evaluated() {
        let health = health(5);
        health.hear(&evaluated(Timestamp::UNIX_EPOCH, true), Timestamp::UNIX_EPOCH);
        assert_eq!(health.last().keys().collect::<Vec<_>>(), [&Stage::Collect]);
        let (well, body) = health.report(Timestamp::UNIX_EPOCH);
        assert!(!well && body["stages"].get("repair").is_none(), "{body}");
        assert_eq!(body["reasons"], json!(["evaluate has not done well yet"]));
    }
}
