//! Ten days in which a template took tags away, played with the real run and a clock of their own; and what a person may
//! approve of what the brake `orphans` holds.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use standin::Options;
use standin::clock::{Clock, Course, wall};

use super::{code, name, old, report, words};
use crate::handler::{House, tagged};
use crate::stage::{machine, machine_id};

/// When the template is deployed.
const BEGIN: &str = "2026-03-02T12:00:00Z";
const TICKS_A_DAY: i64 = 3;

/// A house whose time goes as the test says.
struct Days {
    house: House,
    clock: Clock,
    now: Timestamp,
    names: usize,
}

impl Days {
    /// So many names, which the run itself has written: their machines beat, and are tagged.
    async fn begin(names: usize) -> Self {
        let now: Timestamp = BEGIN.parse().unwrap();
        let clock = Clock::standing(now);
        let more = [("POLICY_ORPHANS", "delete"), ("LOCAL_CLOCK", &course(now)), ("POLICY_MIN_SPAN", "1s")];
        let options = Options { clock: clock.clone(), ..Options::default() };
        let house = House::with_options(&[], &[], &[], &more, options).await;
        let mut days = Self { house, clock, now, names };
        days.tag(0..names).await;
        // Until a sweep is due.
        days.go(SignedDuration::from_hours(2)).await;
        days.tick().await;
        assert_eq!(days.left().await, names, "the run has written them");
        days
    }

    /// From now on only these have their tags; all machines are there.
    async fn tag(&self, kept: std::ops::Range<usize>) {
        let host = |index: usize| format!("{}.example.com", name(index));
        let machines = (0..self.names).map(|index| match kept.contains(&index) {
            true => tagged(&name(index), &host(index)),
            false => machine(&name(index), &json!({})),
        });
        self.house.world(&json!({ "machines": machines.collect::<Vec<_>>() })).await;
    }

    /// Lets so much time go by, at the end of which all machines have just been heard.
    async fn go(&mut self, span: SignedDuration) {
        self.now += span;
        let speed = std::num::NonZeroU32::MIN;
        self.clock.run(Course { origin: self.now, wall: wall(), speed, end: self.now });
        self.house.environment.insert("LOCAL_CLOCK".to_owned(), course(self.now));
        let beat = |index: usize, ago: i64| {
            json!({
                "_ResourceId": machine_id(&name(index)).to_lowercase(), "Computer": name(index),
                "ComputerIP": old(index), "SCAgentChannel": "Direct",
                "TimeGenerated": (self.now - SignedDuration::from_secs(ago)).to_string(),
            })
        };
        let beats: Vec<Value> =
            (0..self.names).flat_map(|index| [50, 30, 10].map(|ago| beat(index, ago))).collect();
        self.house.heartbeats(&beats).await;
    }

    async fn tick(&self) {
        let (status, said) = self.house.serve().await.tick().await;
        assert_eq!(status, 200, "{}: {said}", self.now);
    }

    /// One day with its sweeps and runs; how many names are left in the evening.
    async fn day(&mut self) -> usize {
        for _ in 0..TICKS_A_DAY {
            self.go(SignedDuration::from_hours(24 / TICKS_A_DAY)).await;
            self.tick().await;
        }
        self.left().await
    }

    async fn left(&self) -> usize {
        let world = self.house.control("GET", "/standin/world", &Value::Null).await;
        let sets = world["zones"][0]["recordSets"].as_array().unwrap();
        let is_ours = |set: &&Value| set["type"].as_str().unwrap().ends_with('A') && set["name"] != "@";
        sets.iter().filter(is_ours).count()
    }

    async fn told(&self) -> Vec<Value> {
        let query = "DNSChange_CL | where Action_s == 'brake' | summarize by Reason_s, Outcome_s | sort by Reason_s asc";
        self.house.query(query).await
    }
}

/// A clock that says this now, and goes on as fast as the wall's.
fn course(time: Timestamp) -> String {
    format!("{time},{},1,{time}", wall())
}

#[tokio::test(flavor = "multi_thread")]
async fn when_a_template_takes_all_tags_none_goes_in_ten_days_and_the_brake_says_so() {
    // Of a small zone the limit alone would let all go.
    for names in [3, 40] {
        let mut days = Days::begin(names).await;
        days.tag(0..0).await;
        for day in 1..=10 {
            assert_eq!(days.day().await, names, "{names}: day {day}");
        }
        assert_eq!(days.told().await, [json!(["orphans", "stands"])], "{names}");
        let plan = report(&days.house, &["plan"]).await;
        assert_eq!(
            (&plan["brakes"][0]["brake"], &plan["brakes"][0]["limit"], &plan["brakes"][0]["opens"]),
            (&json!("orphans"), &json!(0), &json!("approve")),
            "{plan}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_it_takes_more_than_a_day_may_lose_none_goes_until_a_person_says_so() {
    let mut days = Days::begin(40).await;
    days.tag(8..40).await;
    for day in 1..=8 {
        assert_eq!(days.day().await, 40, "day {day}");
    }
    let house = &days.house;
    let plan = report(house, &["plan"]).await;
    let brake = &plan["brakes"][0];
    assert_eq!((&brake["opens"], brake["names"].as_array().unwrap().len()), (&json!("approve"), 8), "{plan}");
    let digest = brake["digest"].as_str().unwrap().to_owned();
    let shown = words(&house.run(&["plan"]).await);
    assert!(shown.contains(&format!("heartbeat-dns approve {}", &digest[..12])), "{shown}");
    house.stage.calls().await;

    // Without the right to delete the code says so, and nothing is lost.
    let body = json!({ "error": { "code": "AuthorizationFailed", "message": "no" } });
    house.stage.fail(&json!([{ "method": "DELETE", "times": 1, "status": 403, "body": body }])).await;
    let refused = report(house, &["approve", &digest, "n001.example.com", "--yes"]).await;
    let change = &refused["changes"][0];
    assert_eq!(change["outcome"], "failed", "{change}");
    assert!(change["detail"].as_str().unwrap().contains("allowDelete=true"), "{change}");
    assert_eq!(days.left().await, 40);
    house.stage.calls().await;

    // One name that a person gives, and the others stay; another digest opens nothing.
    let unknown = house.run(&["approve", "0123456789ab", "--yes"]).await;
    assert_eq!((code(&unknown), days.left().await), (4, 40), "{}", words(&unknown));
    assert!(words(&unknown).contains(&format!("{} (orphans in example.com, 8 names)", &digest[..12])));
    let dry = report(house, &["approve", &digest, "--dry-run"]).await;
    assert_eq!((dry["changes"].as_array().unwrap().len(), days.left().await), (8, 40), "{dry}");
    assert!(dry["changes"].as_array().unwrap().iter().all(|change| change["action"] == "delete"), "{dry}");
    let one = house.run(&["approve", &digest, "n001.example.com", "--yes"]).await;
    assert_eq!((code(&one), days.left().await), (4, 39), "the others are held: {}", words(&one));

    // What is left has a digest of its own: the oldest leads, each under its condition, and the log says who said so.
    let again = house.run(&["approve", &digest, "--yes"]).await;
    assert_eq!((code(&again), days.left().await), (4, 39), "{}", words(&again));
    let plan = report(house, &["plan"]).await;
    let digest = plan["brakes"][0]["digest"].as_str().unwrap().to_owned();
    house.stage.calls().await;
    let done = report(house, &["approve", &digest, "--yes"]).await;
    assert_eq!((done["result"].as_str(), days.left().await), (Some("changed"), 32), "{done}");
    let calls = house.stage.calls().await;
    let deletions: Vec<_> = calls.iter().filter(|call| call.method == "DELETE").collect();
    assert!(deletions.len() == 7 && deletions[0].path.contains("/A/n000"), "{deletions:?}");
    let rows = "DNSChange_CL | where Action_s == 'delete' and Outcome_s == 'confirmed' \
        | summarize count() by Cause_s, Named = By_s has ' ', Trigger_s";
    assert_eq!(house.query(rows).await, [json!(["approved", true, "cli", 8])]);
    let brakes =
        "DNSChange_CL | where Action_s == 'brake' | top 1 by TimeGenerated | project Reason_s, Outcome_s";
    assert_eq!(house.query(brakes).await, [json!(["orphans", "opened"])]);
    // Nothing is remembered: what comes later is held again, and what was approved took the day's share.
    days.tag(14..40).await;
    for _ in 1..=10 {
        days.day().await;
    }
    assert_eq!(days.left().await, 32);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ends_little_by_little_goes_on_by_itself() {
    let mut days = Days::begin(40).await;
    // Two today and two tomorrow: each goes a week later, for nobody claims no more than five.
    days.tag(2..40).await;
    assert_eq!(days.day().await, 40);
    days.tag(4..40).await;
    let mut left = Vec::new();
    for _ in 0..9 {
        left.push(days.day().await);
    }
    assert_eq!((left.first(), left.last()), (Some(&40), Some(&36)), "{left:?}");
    assert!(left.windows(2).all(|pair| pair[0] - pair[1] <= 2), "{left:?}");
}
