//! A list of machines that lacks too many of them: a right was lost, and the sweep is none.

use std::time::Duration;

use heartbeat_dns::azure::Clients;
use heartbeat_dns::azure::logs_ingest::TAG_DATA;
use heartbeat_dns::collect::{self, Part, SweepProgress};
use jiff::{SignedDuration, Timestamp};
use pure::plan::History;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::stage::{Stage, world};

const FIRST: &str = "00000000-0000-0000-0000-000000000001";
const SECOND: &str = "00000000-0000-0000-0000-000000000002";

fn id(subscription: &str, name: &str) -> String {
    format!(
        "/subscriptions/{subscription}/resourceGroups/rg-edge/providers/Microsoft.HybridCompute/machines/{name}"
    )
}

/// Twelve machines in the first subscription and three in the second, each with a name.
fn machines() -> Vec<(String, Value)> {
    let of = |subscription: &'static str, count: usize| {
        (0..count).map(move |index| (subscription, format!("m{index}-{}", &subscription[35..])))
    };
    of(FIRST, 12)
        .chain(of(SECOND, 3))
        .map(|(subscription, name)| {
            let tags = json!({"DNSHostName": format!("{name}.example.com")});
            let machine = json!({"id": id(subscription, &name), "name": name, "location": "westeurope",
                "type": "Microsoft.HybridCompute/machines", "tags": tags});
            (id(subscription, &name), machine)
        })
        .collect()
}

struct House {
    stage: Stage,
    http: reqwest::Client,
}

/// A history that counted these machines.
fn counted(claimants: &[(&str, u64)]) -> History {
    let claimants = claimants.iter().map(|(subscription, count)| ((*subscription).to_owned(), *count));
    History { claimants: claimants.collect(), tags_marker: Some(a_while_ago(1)), ..History::default() }
}

fn a_while_ago(hours: i64) -> Timestamp {
    heartbeat_dns::clock::now() - SignedDuration::from_hours(hours)
}

impl House {
    /// A fleet that beats and was swept once.
    async fn swept() -> Self {
        let house = Self::beating().await;
        let tags = house.sweep(None, &[]).await;
        assert_eq!((tags.failure, tags.rows), (None, 15));
        house
    }

    /// A fleet that beats.
    async fn beating() -> Self {
        let stage = Stage::with(&world(&[], &[])).await;
        let house = Self { stage, http: reqwest::Client::builder().no_proxy().build().unwrap() };
        house.put_machines(machines()).await;
        let beats: Vec<_> = machines()
            .iter()
            .map(|(id, machine)| json!({"Computer": machine["name"], "ComputerIP": "198.51.100.1", "_ResourceId": id}))
            .collect();
        house.send("POST", "heartbeats", &json!(beats)).await;
        house
    }

    /// What a complete sweep of then has left in the logs.
    async fn log_a_sweep(&self, hours: i64) {
        let time = a_while_ago(hours);
        let row = |id: &str, name: &str| {
            json!({"TimeGenerated": time, "id_s": id, "DNSHostName_s": name, "ZoneId_s": "", "Skip_s": "",
                "Types_s": "A", "name_s": "", "type_s": "", "location_s": "", "run_s": "then", "Installation_s": ""})
        };
        let fleet = machines();
        let tagged =
            fleet.iter().map(|(id, machine)| row(id, machine["tags"]["DNSHostName"].as_str().unwrap()));
        let rows: Vec<_> = tagged.chain([row("", "")]).collect();
        self.stage.azure().logs_ingest.send(TAG_DATA, &rows).await.unwrap();
    }

    async fn send(&self, method: &str, path: &str, body: &Value) {
        let url = self.stage.standin.azure_url().join(&format!("/standin/{path}")).unwrap();
        let method = method.parse().unwrap();
        let answer = self.http.request(method, url).body(body.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    async fn put_machines(&self, machines: Vec<(String, Value)>) {
        let mut all = world(&[], &machines.into_iter().map(|(_, machine)| machine).collect::<Vec<_>>());
        all["subscriptions"] = json!([FIRST, SECOND]);
        self.send("PUT", "world", &all).await;
    }

    async fn hide(&self, subscriptions: &[&str]) {
        self.send("PUT", "hidden", &json!({ "subscriptions": subscriptions })).await;
    }

    async fn sweep(&self, history: Option<&History>, more: &[(&str, &str)]) -> Part {
        let settings = self.stage.settings(more);
        let azure =
            Clients::new(settings.connect.clone()).until(Instant::now() + Duration::from_secs(60)).unwrap();
        let report = collect::run(&azure, &settings, history, "run", &SweepProgress::default()).await;
        report.parts.into_iter().next().unwrap()
    }

    async fn queries(&self) -> usize {
        self.stage.calls().await.iter().filter(|call| call.path.contains("/query")).count()
    }
}

#[tokio::test]
async fn a_subscription_that_may_not_be_read_any_more_leaves_no_marker() {
    let house = House::swept().await;
    house.hide(&[SECOND]).await;
    let tags = house.sweep(None, &[]).await;
    let failure = tags.failure.unwrap();
    assert_eq!(tags.marker, None);
    for words in ["3 of 3 machines", SECOND, "Reader", "az role assignment create"] {
        assert!(failure.contains(words), "{words}: {failure}");
    }
    assert!(!failure.contains(FIRST), "{failure}");
    house.hide(&["*"]).await;
    let failure = house.sweep(None, &[]).await.failure.unwrap();
    assert!(failure.contains("12 of 12 machines") && failure.contains("3 of 3"), "{failure}");
    house.stage.calls().await;
    house.hide(&[]).await;
    assert_eq!(house.sweep(None, &[]).await.failure, None);
}

#[tokio::test]
async fn only_what_was_asked_for_is_missed() {
    let house = House::swept().await;
    assert_eq!(house.sweep(None, &[("SUBSCRIPTIONS", FIRST)]).await.failure, None);
}

#[tokio::test]
async fn machines_that_were_deleted_or_untagged_are_no_lost_right() {
    let empty = json!({"totalRecords": 0, "count": 0, "data": [], "resultTruncated": "false"});
    let gone = json!({"error": {"code": "ResourceNotFound", "message": "m"}});
    let tagged = json!({"tags": {"dnshostname": "m.example.com"}});
    for (status, body, believed) in [
        (404, gone, true),
        (200, json!({"tags": {"env": "x"}}), true),
        (200, tagged, false),
        (404, json!({"error": {"code": "SubscriptionNotFound", "message": "m"}}), false),
        (400, json!({"error": {"code": "BadRequest", "message": "m"}}), false),
    ] {
        let house = House::swept().await;
        // An answer about a machine bears its id.
        let singly = machines().into_iter().map(|(id, machine)| {
            let mut body = body.clone();
            if status == 200 {
                body["id"] = json!(id);
            }
            let path = format!("(?i)/machines/{}\\?", machine["name"].as_str().unwrap());
            json!({"path": path, "status": status, "body": body, "times": 99})
        });
        let faults: Vec<_> =
            std::iter::once(json!({"path": "ResourceGraph", "body": empty})).chain(singly).collect();
        house.stage.fail(&json!(faults)).await;
        house.stage.calls().await;
        let failure = house.sweep(None, &[]).await.failure;
        assert_eq!(failure.is_none(), believed, "{status} {body}: {failure:?}");
        if let Some(failure) = failure {
            assert_eq!(failure.contains("cannot be compared"), status == 400, "{failure}");
        }
        let calls = house.stage.calls().await;
        let singly = calls.iter().filter(|call| call.path.contains("hybridcompute/machines/")).count();
        assert!((1..=20).contains(&singly), "{singly} reads");
    }
}

#[tokio::test]
async fn a_fleet_is_compared_by_name_in_one_question() {
    let house = House::swept().await;
    let history = counted(&[(FIRST, 12), (SECOND, 3)]);
    house.stage.calls().await;
    assert_eq!(house.sweep(Some(&history), &[]).await.failure, None);
    assert_eq!(house.queries().await, 1);
    house.hide(&[SECOND]).await;
    let failure = house.sweep(Some(&history), &[]).await.failure.unwrap();
    assert!(failure.contains("3 of 3 machines"), "{failure}");
    assert_eq!(house.queries().await, 1);
    house.sweep(Some(&counted(&[(FIRST, 2)])), &[]).await;
    assert_eq!(house.queries().await, 0, "so few are never suspicious");
}

#[tokio::test]
async fn machines_that_never_beat_hide_none_that_are_lost() {
    let house = House::swept().await;
    let silent = (0..9).map(|index| {
        let name = format!("silent{index}");
        let tags = json!({"DNSHostName": format!("{name}.example.com")});
        let machine = json!({"id": id(SECOND, &name), "name": name, "location": "westeurope",
            "type": "Microsoft.HybridCompute/machines", "tags": tags});
        (id(SECOND, &name), machine)
    });
    let unreadable = ["m0-2", "m1-2", "m2-2"].map(|name| {
        json!({"path": format!("(?i)/machines/{name}\\?"),
        "status": 403, "body": {"error": {"code": "AuthorizationFailed", "message": "m"}}, "times": 99})
    });
    house.stage.fail(&json!(unreadable)).await;
    let rest = machines().into_iter().filter(|(id, _)| !id.contains(SECOND));
    house.put_machines(rest.chain(silent).collect()).await;
    let tags = house.sweep(Some(&counted(&[(FIRST, 12), (SECOND, 3)])), &[]).await;
    let failure = tags.failure.unwrap_or_default();
    assert!(tags.marker.is_none() && failure.contains("3 of 3 machines"), "{failure}");
}

#[tokio::test]
async fn a_lost_right_stays_one_when_the_last_good_sweep_has_grown_old() {
    for (hours, history) in
        [(3, Some(counted(&[(FIRST, 12), (SECOND, 3)]))), (3, None), (30, Some(History::default()))]
    {
        let house = House::beating().await;
        house.log_a_sweep(hours).await;
        house.hide(&[SECOND]).await;
        let tags = house.sweep(history.as_ref(), &[]).await;
        let failure = tags.failure.unwrap_or_default();
        assert!(tags.marker.is_none() && failure.contains("3 of 3 machines"), "{hours} h: {failure}");
    }
}

#[tokio::test]
async fn an_answer_that_names_nobody_of_whom_the_history_counted_is_no_comparison() {
    let house = House::beating().await;
    let tags = house.sweep(Some(&counted(&[(FIRST, 12)])), &[]).await;
    let failure = tags.failure.unwrap_or_default();
    assert!(tags.marker.is_none() && failure.contains("none of the 12 machines"), "{failure}");
}

#[tokio::test]
async fn a_comparison_that_cannot_be_made_is_no_comparison() {
    let house = House::swept().await;
    house.stage.fail(&json!([{"path": "/query", "status": 403, "times": 9}])).await;
    let failure = house.sweep(None, &[]).await.failure.unwrap();
    assert!(failure.contains("cannot be compared") && failure.contains("Log Analytics Reader"), "{failure}");
}

#[tokio::test]
async fn machines_of_subscriptions_that_are_not_collected_are_not_asked_for() {
    let house = House::swept().await;
    house.stage.calls().await;
    let tags = house.sweep(Some(&counted(&[(SECOND, 3)])), &[("SUBSCRIPTIONS", FIRST)]).await;
    assert_eq!((tags.failure, house.queries().await), (None, 0));
}

#[tokio::test]
async fn a_machine_that_was_deleted_explains_although_others_cannot_be_asked_for() {
    let house = House::swept().await;
    house.hide(&[SECOND]).await;
    let singly = [("m0-2", 404, "ResourceNotFound"), ("m1-2", 400, "Bad"), ("m2-2", 400, "Bad")];
    let singly = singly.map(|(name, status, code)| {
        json!({"path": format!("(?i)/machines/{name}\\?"), "status": status, "times": 99,
            "body": {"error": {"code": code, "message": "m"}}})
    });
    house.stage.fail(&json!(singly)).await;
    assert_eq!(house.sweep(None, &[]).await.failure, None);
}

#[tokio::test]
async fn a_part_of_those_who_claimed_names_is_no_comparison() {
    let house = House::swept().await;
    let part = json!({"tables": [{"name": "PrimaryResult", "columns": [], "rows": []}],
        "error": {"code": "PartialError", "message": "m"}});
    house.stage.fail(&json!([{"path": "/query", "times": 1, "body": part}])).await;
    let tags = house.sweep(None, &[]).await;
    let failure = tags.failure.unwrap_or_default();
    assert!(tags.marker.is_none() && failure.contains("only part of its rows"), "{failure}");
}

#[tokio::test]
async fn of_a_large_fleet_that_is_missing_twenty_machines_are_read_singly() {
    let house = House::beating().await;
    let more = (0..30).map(|index| {
        let name = format!("more{index}");
        let tags = json!({"DNSHostName": format!("{name}.example.com")});
        let machine = json!({"id": id(FIRST, &name), "name": name, "location": "westeurope",
            "type": "Microsoft.HybridCompute/machines", "tags": tags});
        (id(FIRST, &name), machine)
    });
    let fleet: Vec<_> = machines().into_iter().chain(more).collect();
    house.put_machines(fleet.clone()).await;
    let beat = |(id, machine): &(String, Value)| json!({"Computer": machine["name"], "ComputerIP": "198.51.100.1", "_ResourceId": id});
    house.send("POST", "heartbeats", &json!(fleet.iter().map(beat).collect::<Vec<_>>())).await;
    assert_eq!(house.sweep(None, &[]).await.failure, None);
    house.hide(&["*"]).await;
    house.stage.calls().await;
    assert!(house.sweep(None, &[]).await.failure.is_some());
    let calls = house.stage.calls().await;
    let singly = calls.iter().filter(|call| call.path.to_lowercase().contains("hybridcompute/machines/"));
    assert_eq!(singly.count(), 20);
}
