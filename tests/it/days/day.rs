//! One day: machines beat every minute, the alert fires where its rule has rows, the timer ticks every five minutes, and all of
//! it goes by a clock that is set forward from minute to minute.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use standin::logs_query::{self, Timespan};
use standin::world::{Record, RecordType};
use standin::{Options, State};

use super::clock::SteppedClock;
use crate::handler::{Handler, House, until};
use crate::stage::{machine_id, world};
use crate::watch::notices::Receiver;

const FIRED: &str = include_str!("../fixtures/alerts/alert-v2-fired.json");
/// The range of the deployed alert rule.
const RANGE: &str = "PT2H";
const PATIENCE: Duration = Duration::from_secs(60);

/// A run that the alert or the timer started.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) minute: i64,
    /// Its calls, a sweep's included, without those for tokens.
    pub(super) calls: usize,
    pub(super) swept: bool,
}

/// One from an address, or from `address@country`.
fn beat(machine: &str, place: &str, at: Timestamp) -> Value {
    let (address, country) = place.split_once('@').unwrap_or((place, ""));
    json!({ "_ResourceId": machine_id(machine).to_lowercase(), "Computer": machine, "ComputerIP": address,
        "RemoteIPCountry": country, "SCAgentChannel": "Direct", "TimeGenerated": at.to_string() })
}

/// A world whose time passes only here.
pub(super) struct Day {
    pub(super) house: House,
    handlers: Vec<Handler>,
    clock: SteppedClock,
    begin: Timestamp,
    /// Minutes since its begin.
    pub(super) minute: i64,
    /// Who beats, from where.
    places: BTreeMap<String, String>,
    /// What each name held, one after the other, and since which minute.
    stood: BTreeMap<String, Vec<(i64, Vec<String>)>>,
    pub(super) ran: Vec<Ran>,
    /// The minutes in which the alert fired.
    pub(super) fired: Vec<i64>,
    /// Minutes between two beats of a machine.
    beats: i64,
    /// Whether the timer ticks.
    pub(super) timer: bool,
    /// Whether somebody evaluates the alert's rule and calls us.
    pub(super) alert: bool,
    people: Receiver,
}

impl Day {
    /// A world in which these machines were heard from these places for the last hour, and which was swept just now.
    pub(super) async fn begin(
        sets: &[Value],
        machines: &[Value],
        places: &[(&str, &str)],
        more: &[(&str, &str)],
    ) -> Self {
        Self::with_beats(1, sets, machines, places, more).await
    }

    /// The same with machines that beat every so many minutes: of many, the tables hold less.
    pub(super) async fn with_beats(
        beats: i64,
        sets: &[Value],
        machines: &[Value],
        places: &[(&str, &str)],
        more: &[(&str, &str)],
    ) -> Self {
        let (clock, people) = (SteppedClock::new(), Receiver::start().await);
        let (told, url) = (clock.variable(), format!("{}/hook", people.url));
        let own = [("LOCAL_CLOCK", told.as_str()), ("NOTIFY_URL", url.as_str()), ("NOTIFY_FORMAT", "json")];
        let options = Options { clock: clock.standin(), ..Options::default() };
        let house = House::with_world(&world(sets, machines), &[], &[&own[..], more].concat(), options).await;
        let begin = house.stage.standin.state().now();
        let handler = house.serve().await;
        let mut day = Self {
            house,
            handlers: vec![handler],
            clock,
            begin,
            minute: 0,
            places: BTreeMap::new(),
            stood: BTreeMap::new(),
            ran: Vec::new(),
            fired: Vec::new(),
            beats,
            timer: true,
            alert: true,
            people,
        };
        for (machine, address) in places {
            day.moves(machine, address);
            let before = (0..60).rev().filter(|minutes| minutes % beats == 0);
            let at = |minutes| beat(machine, address, begin - SignedDuration::from_mins(minutes));
            day.append("Heartbeat", &before.map(at).collect::<Vec<Value>>());
        }
        day.look();
        day
    }

    /// A second installation, which the same clock drives.
    pub(super) async fn also(&mut self, more: &[(&str, &str)]) {
        let mut command = self.house.command();
        command.envs(more.iter().copied());
        self.handlers.push(Handler::with_log(&mut command).await.0);
    }

    /// From now on another policy file holds, for which the process starts anew.
    pub(super) async fn goes_by(&mut self, policy: &str) {
        self.house.environment.insert("POLICY_FILE".to_owned(), policy.to_owned());
        self.restart().await;
    }

    /// Our process ends, and a new one takes its place.
    pub(super) async fn restart(&mut self) {
        self.handlers.clear();
        self.handlers.push(self.house.serve().await);
    }

    fn state(&self) -> &State {
        self.house.stage.standin.state()
    }

    /// Puts rows into a table, as if they had been sent long ago.
    pub(super) fn append(&self, table: &str, rows: &[Value]) {
        let rows: Vec<Map<String, Value>> = rows.iter().map(|row| row.as_object().unwrap().clone()).collect();
        self.state().workspace().append(table, &rows).unwrap();
    }

    /// From its next beat on a machine is heard from there: an address, and the country where one is told.
    pub(super) fn moves(&mut self, machine: &str, address: &str) {
        self.places.insert(machine.to_owned(), address.to_owned());
    }

    /// A machine falls silent.
    pub(super) fn falls_silent(&mut self, machine: &str) {
        self.places.remove(machine);
    }

    /// From now on there are these machines.
    pub(super) async fn machines(&self, machines: &[Value]) {
        self.house.world(&json!({ "machines": machines })).await;
    }

    /// So many minutes pass, in each of which the alert's rule is evaluated.
    pub(super) async fn pass(&mut self, minutes: i64) {
        self.go_on(minutes, 1, 5).await;
    }

    /// The same for hours in which nothing new happens: the alert and the timer come every quarter of an hour.
    pub(super) async fn pass_quietly(&mut self, minutes: i64) {
        self.go_on(minutes, 15, 15).await;
    }

    /// The same once an hour, for a fleet that is large.
    pub(super) async fn pass_by_the_hour(&mut self, hours: i64) {
        self.go_on(hours * 60, 60, 60).await;
    }

    async fn go_on(&mut self, minutes: i64, evaluated: i64, ticks: i64) {
        for _ in 0..minutes {
            self.minute += 1;
            let now = self.at(self.minute);
            self.clock.set(now);
            if self.minute % self.beats == 0 {
                let beats = self.places.iter().map(|(machine, address)| beat(machine, address, now));
                self.append("Heartbeat", &beats.collect::<Vec<Value>>());
            }
            if self.alert && self.minute % evaluated == 0 && self.fires().await {
                self.fired.push(self.minute);
                self.nudge().await;
            }
            if self.timer && self.minute % ticks == 0 {
                self.tick().await;
            }
        }
    }

    /// Whether the alert's rule has rows.
    pub(super) async fn fires(&self) -> bool {
        let rule = format!("{}\n| where Actionable", heartbeat_dns::queries::MISMATCH);
        !self.ask(&rule).await.is_empty()
    }

    /// What the workspace answers now.
    pub(super) async fn ask(&self, query: &str) -> Vec<Value> {
        let (snapshot, now) = (self.state().workspace().snapshot(), self.state().now());
        let range = Timespan::parse(if query.contains("Actionable") { RANGE } else { "P3D" }, now).unwrap();
        let answer = logs_query::run(snapshot, query.to_owned(), Some(range), now, PATIENCE).await;
        answer.unwrap().rows_json()
    }

    /// So many minutes after the begin.
    pub(super) fn at(&self, minute: i64) -> Timestamp {
        self.begin + SignedDuration::from_mins(minute)
    }

    /// A person runs a command: how it ended, and what it wrote into the zone.
    pub(super) async fn person(&mut self, arguments: &[&str]) -> (Option<i32>, usize) {
        self.house.stage.all_calls().await;
        let output = self.house.run(arguments).await;
        let writes = self.house.writes().await;
        self.look();
        (output.status.code(), writes)
    }

    /// The alert calls, whether its rule has rows or not.
    pub(super) async fn nudge(&mut self) {
        for index in 0..self.handlers.len() {
            self.house.stage.all_calls().await;
            let (status, report) = self.handlers[index].remediate(FIRED).await;
            assert!(matches!(status, 200 | 202), "{status}: {report}");
            self.written(&report).await;
            self.keep().await;
        }
    }

    /// The proof and the rows of a run may follow its answer: time goes on when they are there.
    async fn written(&self, report: &Value) {
        let has_changes = report["changes"].as_array().is_some_and(|changes| !changes.is_empty());
        let may_write = report["mode"] != "plan" && has_changes;
        if !may_write && report["result"] != "continues" {
            return;
        }
        let run = report["run"].as_str().unwrap();
        let told =
            format!("DNSChange_CL | where run_s == '{run}' and Action_s !in ('skip', 'brake') | take 1");
        until("the run is told", async || !self.ask(&told).await.is_empty()).await;
    }

    async fn tick(&mut self) {
        for index in 0..self.handlers.len() {
            self.house.stage.all_calls().await;
            let (status, said) = self.handlers[index].tick().await;
            assert_eq!(status, 200, "{said}");
            self.keep().await;
        }
    }

    async fn keep(&mut self) {
        let calls = self.house.stage.calls().await;
        let swept = calls.iter().any(|call| call.path.contains("TagData"));
        // What the program may do itself is asked once a process, beside a run.
        let of_the_run =
            calls.iter().filter(|call| !call.path.contains("Microsoft.Authorization/permissions"));
        self.ran.push(Ran { minute: self.minute, calls: of_the_run.count(), swept });
        if calls.iter().any(|call| matches!(call.method.as_str(), "PUT" | "DELETE")) {
            self.look();
        }
    }

    /// Notes what the zone holds.
    fn look(&mut self) {
        let mut now = BTreeMap::new();
        {
            let world = self.house.stage.standin.state().world();
            let sets = world.zones.values().flat_map(|zone| zone.record_sets.values());
            for set in sets.filter(|set| set.record_type == RecordType::A) {
                let address = |record: &Record| match record {
                    Record::A(address) => Some(address.to_string()),
                    _ => None,
                };
                now.insert(set.name.clone(), set.records().iter().filter_map(address).collect::<Vec<_>>());
            }
        }
        for name in self.stood.keys() {
            now.entry(name.clone()).or_default();
        }
        for (name, addresses) in now {
            let stood = self.stood.entry(name).or_default();
            if stood.last().is_none_or(|(_, last)| *last != addresses) {
                stood.push((self.minute, addresses));
            }
        }
    }

    /// What a name held over the whole day, one after the other; nothing where it had no record set.
    pub(super) fn held(&self, name: &str) -> Vec<String> {
        let stood = self.stood.get(name).into_iter().flatten();
        stood.map(|(_, addresses)| addresses.join(",")).collect()
    }

    /// Since which minute a name holds what it holds.
    pub(super) fn since(&self, name: &str) -> i64 {
        self.stood[name].last().unwrap().0
    }

    /// What the zone's name server says at last is what the zone holds.
    pub(super) async fn served(&self, name: &str) -> String {
        crate::days::asked(self.house.stage.standin.dns_addr(), &format!("{name}.example.com"))
            .await
            .join(",")
    }

    /// How many rows of each kind the audit has: action, outcome and reason. That a move waits for its second beat goes without
    /// saying, and that a run which had nothing else to write down signed for its rows.
    pub(super) async fn told(&self) -> BTreeMap<String, u64> {
        let query = "DNSChange_CL | where Reason_s != 'too-few-beats' and Action_s != 'told' | summarize Rows = count() by Action_s, Outcome_s, Reason_s";
        let rows = self.ask(query).await;
        let words = |row: &Value| {
            let parts = (0..3).filter_map(|index| row[index].as_str()).filter(|part| !part.is_empty());
            parts.collect::<Vec<_>>().join(" ")
        };
        rows.iter().map(|row| (words(row), row[3].as_u64().unwrap())).collect()
    }

    /// A plan, as whoever asks now is shown it.
    pub(super) async fn plan(&self) -> Value {
        self.handlers[0].plan().await
    }

    /// A plan by hand, which counts everything.
    pub(super) async fn counted(&self) -> Value {
        crate::output::report(&self.house, &["plan"]).await
    }

    /// Everything that people were told, one after the other: the event, and what it is about.
    pub(super) fn notices(&self) -> Vec<String> {
        let posts = self.people.posts();
        let events = posts.iter().flat_map(|post| post.json()["events"].as_array().unwrap().clone());
        let word = |event: &Value| {
            let parts = ["event", "brake", "what", "name"].map(|member| event[member].as_str());
            parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
        };
        events.map(|event| word(&event)).collect()
    }

    /// The most calls of a run from that minute on, a sweep's left out.
    pub(super) fn most_calls(&self, from: i64) -> usize {
        let quiet = self.ran.iter().filter(|ran| !ran.swept && ran.minute >= from);
        quiet.map(|ran| ran.calls).max().unwrap_or_default()
    }
}
