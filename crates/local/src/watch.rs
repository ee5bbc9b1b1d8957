//! The eyes of `local`: host, alert rule, action group, audit table and name server, turned into the time line.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use standin::State;
use standin::action_group::ActionEvent;
use standin::alert_rule::RuleEvent;
use standin::functions_host::{HostEvent, Level};
use standin::logs_query;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use crate::board::Board;
use crate::ledger::Ledger;
use crate::packets::{self, Kind, shown};
use crate::timeline::{Event, Timeline};

/// From one look at the name server, or at the audit table, to the next.
const LOOK: Duration = Duration::from_millis(200);
/// More changes than this at once are told in one line.
const TOLD_ONE_BY_ONE: usize = 12;
/// The same complaint is told again after this.
const COMPLAINTS_REST: Duration = Duration::from_secs(60);
/// How long a look at the audit table may take.
const QUERY_TIMEOUT: Duration = Duration::from_secs(20);

/// The next event of a channel; what was lost to a slow reader is passed over, none when it is closed.
async fn next<T: Clone>(events: &mut Receiver<T>) -> Option<T> {
    loop {
        match events.recv().await {
            Ok(event) => return Some(event),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return None,
        }
    }
}

/// Tells of the handler's life and of what it complains about.
pub(crate) async fn host(mut events: Receiver<HostEvent>, timeline: Arc<Timeline>) {
    let mut has_ended = false;
    let mut complaints = Complaints::default();
    while let Some(event) = next(&mut events).await {
        match event {
            HostEvent::Ready { pid, after } if has_ended => {
                let words = format!(
                    "The host started the handler again; it answered after {} ms.",
                    after.as_millis()
                );
                timeline.tell(Event::new("child", words, json!({ "child_pid": pid })));
            }
            HostEvent::Exited { pid, how } => {
                has_ended = true;
                let words = format!("The handler ended: {how}.");
                timeline.tell(Event::new("child-exit", words, json!({ "child_pid": pid, "how": how })));
            }
            HostEvent::HostRestart => {
                let words = "The handler failed three times: the host starts anew, as in Azure.";
                timeline.tell(Event::new("host-restart", words, Value::Null));
            }
            HostEvent::Line { level: Level::Warning | Level::Error, text }
                if text.is_empty() || !complaints.is_news(message(&text)) => {}
            HostEvent::Line { level: level @ (Level::Warning | Level::Error), text } => {
                let level = if level == Level::Warning { "warning" } else { "error" };
                let words = format!("The handler says: {}", message(&text));
                timeline.tell(Event::new("log", words, json!({ "level": level, "line": text })));
            }
            HostEvent::Invoked { function, by, failure: Some(why), .. }
                if complaints.is_news(format!("{function} {by} {why}")) =>
            {
                let words = format!("A run of {function} ({by}) failed: {why}");
                timeline.tell(Event::new("run-failed", words, json!({ "function": function, "by": by })));
            }
            HostEvent::Started { .. }
            | HostEvent::Ready { .. }
            | HostEvent::Line { .. }
            | HostEvent::Invoked { .. } => {}
        }
    }
}

/// What was complained about lately: a fault that lasts is told once a minute, not at every tick.
#[derive(Debug, Default)]
struct Complaints(BTreeMap<String, Instant>);

impl Complaints {
    fn is_news(&mut self, words: String) -> bool {
        let now = Instant::now();
        self.0.retain(|_, told| now.duration_since(*told) < COMPLAINTS_REST);
        match self.0.entry(words) {
            Entry::Occupied(_) => false,
            Entry::Vacant(place) => {
                place.insert(now);
                true
            }
        }
    }
}

/// The sentence of a log line; a line of another form is its own sentence.
fn message(line: &str) -> String {
    let parsed: Option<Value> = serde_json::from_str(line).ok();
    let message = parsed.as_ref().and_then(|line| line["message"].as_str());
    message.unwrap_or(line).to_owned()
}

/// Tells when the alert rule begins to fire, fires for more or less, and falls quiet.
pub(crate) async fn rule(mut events: Receiver<RuleEvent>, timeline: Arc<Timeline>) {
    let mut last = RuleEvent::Quiet;
    while let Some(event) = next(&mut events).await {
        match (&event, &last) {
            (RuleEvent::Fired { rows, .. }, RuleEvent::Fired { rows: before, .. }) if rows == before => {}
            (RuleEvent::Fired { rows, alert_id }, _) => {
                let rows_say = if *rows == 1 { "1 row says".to_owned() } else { format!("{rows} rows say") };
                let words =
                    format!("The alert rule fires: {rows_say} that DNS is not where the heartbeats are.");
                timeline.tell(Event::new("alert", words, json!({ "rows": rows, "alert": alert_id })));
            }
            (RuleEvent::Quiet, RuleEvent::Quiet) => {}
            (RuleEvent::Quiet, _) => {
                timeline.tell(Event::new("quiet", "The alert rule is quiet again.", Value::Null));
            }
            (RuleEvent::Failed(why), _) if event != last => {
                let words = format!("The alert rule cannot be evaluated: {why}");
                timeline.tell(Event::new("rule-failed", words, json!({ "because": why })));
            }
            (RuleEvent::Failed(_), _) => {}
        }
        last = event;
    }
}

/// Tells what the action group's calls brought.
pub(crate) async fn action_group(
    mut events: Receiver<ActionEvent>,
    timeline: Arc<Timeline>,
    board: Arc<Board>,
    ledger: Arc<Ledger>,
) {
    let mut last = String::new();
    while let Some(event) = next(&mut events).await {
        match event {
            ActionEvent::Called { attempt, outcome: Ok(status), body, took, .. } => {
                let report: Value = serde_json::from_str(&body).unwrap_or_default();
                let result = report["result"].as_str().unwrap_or("no report").to_owned();
                let told = format!("{status} {result}");
                if told != last || !(200..300).contains(&status) {
                    let words = format!(
                        "The action group calls function-remediate: {status} after {:.2} s, {result}{}.",
                        took.as_secs_f64(),
                        counts(&report)
                    );
                    let facts = json!({
                        "status": status, "result": result, "attempt": attempt, "ms": took.as_millis() as u64,
                    });
                    timeline.tell(Event::new("call", words, facts));
                    last = told;
                }
                if report["skips"].is_array() {
                    ledger.take_report(timeline.clock().now(), &report);
                    board.take(&report, &timeline);
                }
            }
            ActionEvent::Called { attempt, outcome: Err(why), .. } => {
                let words = format!("The action group's call {attempt} failed: {why}");
                timeline.tell(Event::new("call", words, json!({ "attempt": attempt, "because": why })));
            }
            ActionEvent::Silenced { lasts } => {
                let words = format!(
                    "The action group gives up: it calls nobody for {} minutes.",
                    lasts.as_secs() / 60
                );
                timeline.tell(Event::new("silenced", words, json!({ "seconds": lasts.as_secs() })));
            }
            ActionEvent::Dropped { alert_id } => {
                let words = "An alert is lost: the action group is silent.";
                timeline.tell(Event::new("dropped", words, json!({ "alert": alert_id })));
            }
        }
    }
}

/// Changes of a report, by what became of them.
fn counts(report: &Value) -> String {
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for change in crate::surface::list(&report["changes"]) {
        *outcomes.entry(change["outcome"].as_str().unwrap_or("unknown")).or_default() += 1;
    }
    let parts: Vec<String> = outcomes.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

/// Tells when the name server begins to answer something else.
pub(crate) async fn names(server: SocketAddr, names: Vec<String>, timeline: Arc<Timeline>) {
    let mut known: BTreeMap<(&str, Kind), Vec<IpAddr>> = BTreeMap::new();
    let names: Vec<&str> = names.iter().map(String::as_str).filter(|name| packets::is_name(name)).collect();
    let mut tick = tokio::time::interval(LOOK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        for (name, kind) in names.iter().flat_map(|name| Kind::ALL.map(|kind| (*name, kind))) {
            // A name server that is late is asked again at the next look.
            let Ok(found) = packets::ask(server, name, kind).await else { continue };
            if let Some(before) = known.get(&(name, kind)).filter(|before| **before != found) {
                let words = format!("DNS: {name} was {}, is now {}.", shown(before), shown(&found));
                let facts =
                    json!({ "name": name, "record_type": kind.text(), "before": before, "after": found });
                timeline.tell(Event::new("dns", words, facts));
            }
            known.insert((name, kind), found);
        }
    }
}

/// Tells of every change that is written to the audit table, and of what was left alone there.
pub(crate) async fn audit(state: Arc<State>, timeline: Arc<Timeline>, ledger: Arc<Ledger>) {
    const COLUMNS: &str = "DNSChange_CL | project run_s, DNSHostName_s, RecordType_s, Outcome_s, Reason_s, OldIPs_s, \
                           NewIPs_s, TimeToTruthMs_d, Trigger_s, Action_s, ZoneId_s, TimeGenerated";
    let mut rows_before = 0;
    let mut known: BTreeSet<[String; 7]> = BTreeSet::new();
    let mut tick = tokio::time::interval(LOOK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let (rows, snapshot) = {
            let workspace = state.workspace();
            (workspace.row_count("DNSChange_CL"), workspace.snapshot())
        };
        if rows == rows_before {
            continue;
        }
        let found = logs_query::run(snapshot, COLUMNS.to_owned(), None, state.now(), QUERY_TIMEOUT).await;
        let Ok(answer) = found else { continue };
        rows_before = rows;
        let (mut fresh, mut times) = (Vec::new(), Vec::new());
        for row in logs_query::texts(&answer) {
            let text = |index: usize| row.get(index).cloned().unwrap_or_default();
            if text(3).is_empty() {
                continue;
            }
            if known.insert(key(text)) {
                // The row is older than our look at it.
                times.push(text(11).parse().unwrap_or_else(|_| state.now()));
                fresh.push(json!({
                    "run": text(0), "name": text(1), "record_type": text(2), "outcome": text(3), "reason": text(4),
                    "from": text(5), "to": text(6), "time_to_truth_ms": text(7).parse::<f64>().ok(), "trigger": text(8),
                    "action": text(9),
                }));
            }
        }
        times.iter().zip(&fresh).for_each(|(at, row)| ledger.take_row(*at, row));
        tell_changes(&fresh, &timeline);
    }
}

/// What tells one row from another, in the order of the columns: two brakes of a kind differ in their zone or in their address.
fn key(text: impl Fn(usize) -> String) -> [String; 7] {
    [0, 1, 2, 3, 4, 6, 10].map(text)
}

fn tell_changes(fresh: &[Value], timeline: &Timeline) {
    if fresh.len() > TOLD_ONE_BY_ONE {
        let words = format!("DNSChange_CL: {} changes were written down.", fresh.len());
        timeline.tell(Event::new("audit", words, json!({ "count": fresh.len(), "changes": fresh })));
        return;
    }
    for change in fresh {
        let text = |member: &str| change[member].as_str().unwrap_or_default();
        let truth = change["time_to_truth_ms"].as_f64();
        let truth = truth.map(|ms| format!(", {:.1} s after its first heartbeat there", ms / 1000.0));
        let words = if text("action") == "brake" {
            format!("DNSChange_CL: the brake {} {} ({}).", text("reason"), text("outcome"), text("trigger"))
        } else {
            format!(
                "DNSChange_CL: {} {} from {} to {}: {} ({}){}.",
                text("record_type"),
                text("name"),
                if text("from").is_empty() { "nothing" } else { text("from") },
                text("to"),
                text("outcome"),
                text("trigger"),
                truth.unwrap_or_default(),
            )
        };
        timeline.tell(Event::new("audit", words, change.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_line_gives_its_sentence() {
        assert_eq!(message("{\"level\":\"WARN\",\"message\":\"late\"}"), "late");
        assert_eq!(message("plain"), "plain");
        assert_eq!(
            counts(&json!({ "changes": [{ "outcome": "confirmed" }, { "outcome": "confirmed" }] })),
            " (2 confirmed)"
        );
    }

    #[test]
    fn brakes_of_two_zones_or_of_two_addresses_are_two_rows() {
        let brake = |zone: &'static str, address: &'static str| {
            let row = ["r", "", "", "stands", "converging", "", address, "", "timer", "brake", zone];
            key(move |index| row[index].to_owned())
        };
        let known: BTreeSet<_> =
            [brake("z1", "192.0.2.1"), brake("z1", "192.0.2.2"), brake("z2", "192.0.2.1")].into();
        assert_eq!(known.len(), 3);
        assert!(known.contains(&brake("z2", "192.0.2.1")));
    }
}
