//! Others who write at the same moment, and runs that die half-way.

use serde_json::{Value, json};
use standin::Options;

use crate::handler::{House, beat, moved, outcomes, set, tagged, until};

const OLD: &str = "198.51.100.10";
const NEW: &str = "203.0.113.7";

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_between_read_and_write_wins() {
    let sets = [set("x", &[OLD], Value::Null)];
    let house = House::new(&sets, &[tagged("m", "x.example.com")], &moved("m", OLD, NEW), &[]).await;
    house.stage.fail(&json!([{ "method": "PUT", "path": "/A/x", "delay_ms": 1500 }])).await;
    let handler = house.serve().await;
    let zone = crate::stage::zone_id("example.com");
    let edited = json!({ "zones": [{ "id": zone, "recordSets": [set("x", &["192.0.2.77"], Value::Null)] }] });
    let edit = async {
        // The fault is used up as soon as the write is on its way, and holds it back before its effect.
        until("the write is on its way", async || house.stage.faults().await.is_empty()).await;
        house.world(&edited).await;
    };
    let (report, ()) = tokio::join!(handler.apply(), edit);
    assert_eq!(house.addresses("x").await, ["192.0.2.77"], "{report}");
    assert!(outcomes(&report).iter().all(|outcome| outcome == "conflict"), "{report}");
    let writes: Vec<_> = house
        .stage
        .calls()
        .await
        .into_iter()
        .filter(|call| call.method == "PUT")
        .map(|call| call.status)
        .collect();
    assert_eq!(writes, [412]);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_at_the_same_moment_are_one_change() {
    let sets = [set("x", &[OLD], Value::Null)];
    let house = House::new(&sets, &[tagged("m", "x.example.com")], &moved("m", OLD, NEW), &[]).await;
    let handler = house.serve().await;
    let call = || handler.remediate(r#"{"mode":"apply","wait":true}"#);
    let answers = tokio::join!(call(), call(), call(), call());
    let answers = [answers.0, answers.1, answers.2, answers.3];
    for (status, answer) in &answers {
        assert!(*status == 200 || *status == 202, "{answer}");
    }
    until("the change has landed", async || house.addresses("x").await == [NEW]).await;
    // Whoever waited has been told to go on; a last run must end before the calls are counted.
    handler.apply().await;
    assert_eq!(house.writes().await, 1, "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_guard_each_other_by_entity_tags() {
    let sets = [set("x", &[OLD], Value::Null)];
    let house = House::new(&sets, &[tagged("m", "x.example.com")], &moved("m", OLD, NEW), &[]).await;
    let (one, other) = (house.serve().await, house.serve().await);
    let reports = tokio::join!(one.apply(), other.apply());
    assert_eq!(house.addresses("x").await, [NEW]);
    assert_eq!(house.writes().await, 1, "{reports:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_is_finished_by_the_next() {
    let name = |index: usize| format!("k{index:03}");
    let old = |index: usize| format!("198.51.100.{}", index / 10 + 1);
    let new = |index: usize| format!("203.0.113.{}", index / 10 + 1);
    let all = 0..200;
    let machines: Vec<_> =
        all.clone().map(|index| tagged(&name(index), &format!("{}.example.com", name(index)))).collect();
    let sets: Vec<_> = all.clone().map(|index| set(&name(index), &[&old(index)], Value::Null)).collect();
    let beats: Vec<_> = all
        .clone()
        .flat_map(|index| {
            [
                beat(&name(index), &old(index), 300),
                beat(&name(index), &new(index), 60),
                beat(&name(index), &new(index), 5),
            ]
        })
        .collect();
    let slow = Options { latency: std::time::Duration::from_millis(20), ..Options::default() };
    let more = [("POLICY_MAX_MOVE_PERCENT", "100")];
    let house = House::with_options(&sets, &machines, &beats, &more, slow).await;
    let mut handler = house.serve().await;
    let (status, _) =
        handler.remediate(r#"{"mode":"apply","names":["nobody.example.com"],"wait":true}"#).await;
    assert_eq!(status, 200, "the clients are warm");
    let mut written = 0;
    let kill = async {
        until("some writes have landed", async || {
            written += house.writes().await;
            written >= 20
        })
        .await;
    };
    tokio::select! {
        () = kill => {}
        report = handler.remediate(r#"{"mode":"apply","wait":true}"#) => panic!("it was too quick: {report:?}"),
    }
    handler.child.kill().await.unwrap();
    let next = house.serve().await;
    let report = next.apply().await;
    assert!(written < 200, "it died half-way");
    assert!(outcomes(&report).iter().all(|outcome| outcome == "confirmed"), "{}", report["result"]);
    for index in all {
        assert_eq!(house.addresses(&name(index)).await, [new(index)]);
    }
    // The rows that the killed run owes may be on their way for ten minutes; then they are written for it.
    house.age_marks(11, report["run"].as_str()).await;
    assert!(house.run(&["collect"]).await.status.success());
    next.apply().await;
    let audited = "DNSChange_CL | where Outcome_s == 'confirmed' or Reason_s == 'recovered' | distinct DNSHostName_s | count";
    assert_eq!(house.query(audited).await, [json!([200])]);
}

/// Beside a CNAME no set is created, nor beside what may be one.
#[tokio::test(flavor = "multi_thread")]
async fn a_cname_that_took_the_place_of_the_set_meanwhile_is_left_alone() {
    let cname = json!({ "name": "x", "type": "CNAME",
        "properties": { "TTL": 60, "CNAMERecord": { "cname": "y.example.net" } } });
    let edited =
        json!({ "zones": [{ "id": crate::stage::zone_id("example.com"), "recordSets": [cname.clone()] }] });
    for is_answered in [true, false] {
        let sets = [set("x", &[OLD], Value::Null)];
        let house = House::new(&sets, &[tagged("m", "x.example.com")], &moved("m", OLD, NEW), &[]).await;
        let write = json!({ "method": "PUT", "path": "/A/x", "delay_ms": 1500 });
        let question = json!({ "method": "GET", "path": "/CNAME/x", "times": 1000, "status": 400 });
        house.stage.fail(&if is_answered { json!([write]) } else { json!([write, question]) }).await;
        let handler = house.serve().await;
        let edit = async {
            let is_sent = async || house.stage.faults().await.iter().all(|fault| fault["method"] != "PUT");
            until("the write is on its way", is_sent).await;
            house.world(&edited).await;
        };
        let (report, ()) = tokio::join!(handler.apply(), edit);
        let (ends, reasons) = (outcomes(&report), crate::handler::reasons(&report, "x.example.com"));
        if is_answered {
            assert_eq!((ends, reasons), (vec![], vec!["cname-exists".to_owned()]), "{report}");
        } else {
            assert_eq!((ends, reasons), (vec!["conflict".to_owned()], vec![]), "{report}");
        }
        let calls = house.stage.calls().await;
        let written = calls.iter().filter(|call| call.method == "PUT").map(|call| call.status);
        assert_eq!(written.collect::<Vec<_>>(), [412], "{report}");
    }
}
