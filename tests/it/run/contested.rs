//! Another tool that puts an address back and takes our mark off, for two days: it is fought twice, then once a day.

use std::num::NonZeroU32;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{NEW, OLD, report, words};
use crate::handler::{House, OWNER, mark, moved, outcomes, reasons, set, tagged};
use crate::stage::{machine_id, zone_id};
use heartbeat_dns::azure::logs_ingest::DNS_CHANGE;
use heartbeat_dns::clock::{dial, recorded};
use standin::clock::{Clock, Course};

/// Two days that begin when the test says so, by a clock that it sets.
struct Days {
    house: House,
    clock: Clock,
    now: Timestamp,
}

impl Days {
    /// A name whose machine was at the old address two hours ago, and is at the new one since.
    async fn begin(sets: &[Value]) -> Self {
        let now: Timestamp = "2026-03-02T06:00:00Z".parse().unwrap();
        let clock = Clock::standing(now);
        let options = standin::Options { clock: clock.clone(), ..standin::Options::default() };
        let more = [("MODE", "apply"), ("LOCAL_CLOCK", &told(now))];
        let machines = [tagged("m", "x.example.com")];
        let house = House::with_options(sets, &machines, &[beat(now, OLD, 120)], &more, options).await;
        Self { house, clock, now }
    }

    /// Time goes on: the machine beats, and who asks what time it is hears the new one.
    async fn go_on(&mut self, minutes: i64) {
        self.now += SignedDuration::from_mins(minutes);
        let course = Course { origin: self.now, wall: wall(), speed: NonZeroU32::MIN, end: self.now };
        self.clock.run(course);
        self.house.environment.insert(dial::VARIABLE.to_owned(), told(self.now));
        self.house.heartbeats(&[3, 2, 1, 0].map(|ago| beat(self.now, NEW, ago))).await;
    }

    /// One round of ours: a sweep when one is due, and a run. What became of the name, if anything was to be decided.
    async fn round(&self) -> Option<String> {
        let output = self.house.run(&["watch", "--once", "-o", "json"]).await;
        let round: Value = serde_json::from_slice(&output.stdout).unwrap();
        let report = find(&round, "skips").unwrap_or_else(|| panic!("{round} {}", words(&output)));
        let written =
            report["changes"].as_array().unwrap().first().map(|change| change["outcome"].to_string());
        written.or_else(|| report["skips"].as_array().unwrap().first().map(|skip| skip["reason"].to_string()))
    }

    /// The other tool looks: what differs from its file it writes, without any metadata.
    async fn revert(&self, to: &[Value]) {
        let now = json!({ "zones": [{ "id": zone_id("example.com"), "recordSets": to }] });
        self.house.world(&now).await;
    }

    async fn rows(&self, which: &str) -> usize {
        self.house.query(&format!("DNSChange_CL | where {which}")).await.len()
    }
}

/// The member of a round that has this one.
fn find(value: &Value, member: &str) -> Option<Value> {
    match value {
        Value::Object(members) if members.contains_key(member) => Some(value.clone()),
        Value::Object(members) => members.values().find_map(|value| find(value, member)),
        _ => None,
    }
}

fn wall() -> Timestamp {
    standin::clock::wall()
}

fn told(now: Timestamp) -> String {
    recorded::Course { origin: now, wall: wall(), factor: 1, end: now }.to_string()
}

fn beat(now: Timestamp, address: &str, minutes: i64) -> Value {
    json!({
        "_ResourceId": machine_id("m").to_lowercase(), "Computer": "m", "ComputerIP": address,
        "SCAgentChannel": "Direct", "TimeGenerated": (now - SignedDuration::from_mins(minutes)).to_string(),
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_reverts_every_ten_minutes_is_fought_twice_and_then_once_a_day() {
    let theirs = [set("x", &[OLD], Value::Null)];
    let mut days = Days::begin(&theirs).await;
    let begun = days.now;
    let (mut writes, mut reasons) = (Vec::new(), Vec::new());
    while days.now.duration_since(begun) < SignedDuration::from_hours(50) {
        // Every ten minutes for a day and an hour, then as often as there is a sweep.
        let is_first_day = days.now.duration_since(begun) < SignedDuration::from_hours(25);
        days.go_on(if is_first_day { 10 } else { 30 }).await;
        if days.house.addresses("x").await != [OLD] {
            days.revert(&theirs).await;
        }
        match days.round().await.as_deref() {
            Some("\"confirmed\"") => writes.push(days.now.duration_since(begun).as_mins()),
            Some(reason) => reasons.push(reason.to_owned()),
            None => {}
        }
    }
    assert_eq!(writes.len(), 4, "two, and one for each day from then on: {writes:?}");
    assert!(writes[2] - writes[1] >= 24 * 60 && writes[3] - writes[2] >= 24 * 60, "{writes:?}");
    assert!(writes[2] - writes[1] < 25 * 60 && writes[3] - writes[2] < 25 * 60, "{writes:?}");
    reasons.dedup();
    assert_eq!(reasons, ["\"contested\""]);
    // What was written, and why it was not: once, and again on each day.
    assert_eq!(days.rows("Outcome_s == 'confirmed'").await, 4);
    assert_eq!(days.rows("Reason_s == 'contested'").await, 3);
    // Beside these a run that told the tables something signs for it.
    assert_eq!(days.rows("Action_s != 'told'").await, 7);
    // Whoever asks is told, and what opens it opens it.
    let explained = String::from_utf8(days.house.run(&["explain", "x.example.com"]).await.stdout).unwrap();
    assert!(
        explained.contains("contested") && explained.contains("heartbeat-dns adopt x.example.com"),
        "{explained}"
    );
    let adopted = report(&days.house, &["adopt", "x.example.com", "--yes"]).await;
    assert_eq!(
        (&adopted["changes"][0]["outcome"], days.house.addresses("x").await),
        (&json!("confirmed"), vec![NEW.to_owned()]),
        "{adopted}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_puts_another_address_there_each_time_is_fought_twice_too() {
    let theirs = |round: usize| [set("x", &[&format!("198.51.100.{}", 100 + round)], Value::Null)];
    let mut days = Days::begin(&[set("x", &[OLD], Value::Null)]).await;
    // A set without a mark may be adopted whatever it holds.
    days.house.environment.insert("POLICY_ADOPT".to_owned(), "always".to_owned());
    let mut outcomes = Vec::new();
    for round in 0..8 {
        days.go_on(20).await;
        if days.house.addresses("x").await == [NEW] {
            days.revert(&theirs(round)).await;
        }
        outcomes.extend(days.round().await);
    }
    outcomes.dedup();
    assert_eq!(outcomes, ["\"confirmed\"", "\"contested\""]);
    assert_eq!(days.rows("Outcome_s == 'confirmed'").await, 2);
    assert_eq!(days.rows("Reason_s == 'contested'").await, 1);
}

/// The record set as it stands, mark and all, but for its addresses: what a tool makes of it that leaves metadata alone.
async fn put_back(days: &Days, to: &str) -> Value {
    let live = days.house.record_set("x").await;
    set("x", &[to], live["metadata"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_leaves_our_mark_is_fought_twice_and_then_once_a_day() {
    let mut days = Days::begin(&[set("x", &[OLD], Value::Null)]).await;
    let begun = days.now;
    let (mut writes, mut reasons) = (Vec::new(), Vec::new());
    while days.now.duration_since(begun) < SignedDuration::from_hours(26) {
        // Every ten minutes for three hours, then as often as there is a sweep.
        let is_first = days.now.duration_since(begun) < SignedDuration::from_hours(3);
        days.go_on(if is_first { 10 } else { 30 }).await;
        if days.house.addresses("x").await == [NEW] {
            days.revert(&[put_back(&days, OLD).await]).await;
        }
        match days.round().await.as_deref() {
            Some("\"confirmed\"") => writes.push(days.now.duration_since(begun).as_mins()),
            Some(reason) => reasons.push(reason.to_owned()),
            None => {}
        }
    }
    // The first makes the set ours; what a hand changes once is repaired; the second time ends the fight for a day.
    assert_eq!(writes.len(), 3, "{writes:?}");
    assert!(writes[2] - writes[1] >= 24 * 60 && writes[2] - writes[1] < 25 * 60, "{writes:?}");
    reasons.dedup();
    assert_eq!(reasons, ["\"contested\""]);
    assert_eq!(days.rows("Reason_s == 'contested'").await, 2);
    let explained = String::from_utf8(days.house.run(&["explain", "x.example.com"]).await.stdout).unwrap();
    assert!(
        explained.contains("under our mark") && explained.contains("heartbeat-dns adopt x.example.com"),
        "{explained}"
    );
    let adopted = report(&days.house, &["adopt", "x.example.com", "--yes"]).await;
    assert_eq!(
        (&adopted["changes"][0]["outcome"], days.house.addresses("x").await),
        (&json!("confirmed"), vec![NEW.to_owned()]),
        "{adopted}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_anybody_sends_make_no_set_of_ours_contested() {
    let mut days = Days::begin(&[set("x", &[OLD], Value::Null)]).await;
    days.go_on(10).await;
    assert_eq!(days.round().await.as_deref(), Some("\"confirmed\""));
    let live = days.house.record_set("x").await;
    let run = &live["metadata"]["heartbeat_dns_run"];
    // A person changes it, once; and the rows say that two writes were undone, the last by the very run of the mark.
    days.go_on(30).await;
    days.revert(&[put_back(&days, "198.51.100.77").await]).await;
    let row = |run: &Value, minutes: i64, from: &str, to: &str| {
        json!({
            "TimeGenerated": (days.now - SignedDuration::from_mins(minutes)).to_string(), "run_s": run,
            "DNSHostName_s": "x.example.com", "RecordType_s": "A", "ZoneId_s": zone_id("example.com"),
            "Action_s": "update", "Outcome_s": "confirmed", "Cause_s": "moved", "OldIPs_s": from, "NewIPs_s": to,
        })
    };
    let rows = [
        row(&json!("a"), 90, OLD, NEW),
        row(&json!("b"), 80, OLD, NEW),
        // The run's own row says another address.
        row(run, 35, OLD, "203.0.113.99"),
    ];
    days.house.stage.azure().logs_ingest.send(DNS_CHANGE, &rows).await.unwrap();
    assert_eq!(days.round().await.as_deref(), Some("\"confirmed\""));
    assert_eq!(days.house.addresses("x").await, [NEW]);
}

/// The handler of an installation goes on to live, and knows what it wrote itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_tool_that_puts_an_older_mark_back_is_fought_twice_by_one_process() {
    let theirs = [set("x", &[OLD], mark("m", OWNER, "1"))];
    let machines = [tagged("m", "x.example.com")];
    let house = House::new(&theirs, &machines, &moved("m", OLD, NEW), &[]).await;
    let handler = house.serve().await;
    let mut seen = Vec::new();
    for _ in 0..4 {
        let report = handler.apply().await;
        seen.extend(outcomes(&report));
        seen.extend(reasons(&report, "x.example.com"));
        house.world(&json!({ "zones": [{ "id": zone_id("example.com"), "recordSets": theirs }] })).await;
        super::sweep(&house).await;
    }
    assert_eq!(seen, ["confirmed", "confirmed", "contested", "contested"]);
}
