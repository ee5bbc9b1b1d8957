//! The last part of a run belongs to its rows: whatever hangs, the log is told what was done.

use serde_json::{Value, json};

use super::{NEW, OLD, change, drifted, with_stranger};
use crate::handler::{House, beat, moved, set, tagged};
use crate::stage::zone_id;

/// What the log holds of changes, by name.
const ROWS: &str = "DNSChange_CL | where Action_s == 'update' | order by DNSHostName_s asc \
                    | project DNSHostName_s, Outcome_s, run_s, TimeToTruthMs_d";

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_hangs_takes_no_time_from_the_rows() {
    let hangs = |method: &str| json!({ "method": method, "path": "/A/y", "times": 1000, "delay_ms": 60_000 });
    // The plan reads the zone's listing; a read of the one set would tell what became of the write.
    for faults in [json!([hangs("PUT")]), json!([hangs("PUT"), hangs("GET")])] {
        let house = with_stranger(&[("RUN_DEADLINE", "10s")]).await;
        house.stage.fail(&faults).await;
        let report = house.serve().await.apply().await;
        assert_eq!(change(&report, "x.example.com")["outcome"], "confirmed", "{report}");
        // It was sent, and may land yet, whatever a read has shown meanwhile.
        let hung = &change(&report, "y.example.com")["outcome"];
        assert_eq!(hung, "unconfirmed", "{report}");
        let rows = house.query(ROWS).await;
        let told: Vec<_> = rows.iter().map(|row| (&row[0], &row[1], &row[2])).collect();
        let (x, y) = (json!("x.example.com"), json!("y.example.com"));
        let (confirmed, run) = (json!("confirmed"), &report["run"]);
        assert_eq!(told, [(&x, &confirmed, run), (&y, hung, run)], "{report}");
        // What stands there now is told as well, so that the next evaluation is quiet.
        let sets = "DNSData_CL | where DNSHostName_s == 'x.example.com' | summarize arg_max(TimeGenerated, DNSIP_s) | project DNSIP_s";
        assert_eq!(house.query(sets).await, [json!([NEW])]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_never_comes_takes_no_time_from_the_rows() {
    let mut house = drifted(&[("RUN_DEADLINE", "8s"), ("VERIFY", "dns")]).await;
    let lie = json!([{ "lie": { "x.example.com": [OLD] } }]);
    let servers = house.control("PUT", "/standin/name-servers", &lie).await;
    let liar = servers[0]["address"].as_str().unwrap().to_owned();
    house.environment.insert("DNS_VERIFY_SERVERS".to_owned(), liar);
    let report = house.serve().await.apply().await;
    let changed = change(&report, "x.example.com");
    assert_eq!((&changed["outcome"], &changed["proved_by"]), (&json!("confirmed"), &Value::Null), "{report}");
    let row = json!(["x.example.com", "confirmed", report["run"], null]);
    assert_eq!(house.query(ROWS).await, [row], "{report}");
}

/// A question or a read that never ends costs its own names this run, and no other name.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_and_never_answered_stops_nobody_else() {
    let hangs = |path: &str| json!({ "path": path, "times": 1000, "delay_ms": 60_000 });
    // The third question of a run is the one about thirty days.
    let evidence =
        json!([{ "method": "POST", "path": "/query", "times": 2, "delay_ms": 1 }, hangs("/query")]);
    for (faults, named) in [(&evidence, None), (&evidence, Some("x.example.com"))] {
        let house = with_stranger(&[("RUN_DEADLINE", "10s")]).await;
        house.stage.fail(faults).await;
        let report = match named {
            None => house.serve().await.apply().await,
            Some(name) => super::report(&house, &["apply", name, "--yes"]).await,
        };
        assert_eq!(change(&report, "x.example.com")["outcome"], "confirmed", "{report}");
        if named.is_none() {
            assert_eq!(super::skip(&report, "blog.example.com")["reason"], "blind", "{report}");
            assert_eq!(change(&report, "y.example.com")["outcome"], "confirmed", "{report}");
        }
        house.control("DELETE", "/standin/faults", &Value::Null).await;
        assert!(!house.query(ROWS).await.is_empty(), "the log is told");
    }
}

/// A name in each of two zones, both of which have moved, and a new one in the first.
async fn in_two_zones() -> House {
    let sets = [set("x", &[OLD], Value::Null)];
    let machines =
        [tagged("m", "x.example.com"), tagged("o", "z.example.org"), tagged("n", "new.example.com")];
    let beats = [
        moved("m", OLD, NEW),
        moved("o", "198.51.100.11", "203.0.113.11"),
        moved("n", "198.51.100.12", "203.0.113.12"),
    ];
    let mut house = House::new(&sets, &machines, &beats.concat(), &[("RUN_DEADLINE", "10s")]).await;
    let both = [zone_id("example.com"), zone_id("example.org")];
    let other = [set("z", &["198.51.100.11"], Value::Null)];
    house
        .world(&json!({ "zones": [
            { "id": both[0], "recordSets": sets }, { "id": both[1], "recordSets": other } ] }))
        .await;
    house.environment.insert("DNS_ZONES".to_owned(), both.join(","));
    super::sweep(&house).await;
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_never_answers_stops_no_other_zone() {
    for path in ["example.org/A", "example.org/NS"] {
        let house = in_two_zones().await;
        house.stage.fail(&json!([{ "path": path, "times": 1000, "delay_ms": 60_000 }])).await;
        let report = house.serve().await.apply().await;
        for name in ["x.example.com", "new.example.com"] {
            assert_eq!(change(&report, name)["outcome"], "confirmed", "{path}: {report}");
        }
        assert_eq!(super::skip(&report, "z.example.org")["reason"], "blind", "{path}: {report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_are_never_taken_stop_only_what_they_are_about() {
    let sets = [set("x", &[OLD], Value::Null), set("y", &["198.51.100.11"], Value::Null)];
    let machines = [tagged("m", "x.example.com"), tagged("o", "y.example.com")];
    let more = [("RUN_DEADLINE", "10s"), ("POLICY_MIN_SPAN", "1s")];
    let house = House::new(&sets, &machines, &moved("m", OLD, NEW), &more).await;
    // The row of a first run is not taken; the name moves on.
    house.stage.fail(&json!([{ "path": "/streams/", "times": 1000, "status": 503 }])).await;
    let handler = house.serve().await;
    assert_eq!(change(&handler.apply_untold().await, "x.example.com")["outcome"], "confirmed");
    house.heartbeats(&[2, 0].map(|ago| beat("m", "203.0.113.99", ago))).await;
    house.heartbeats(&moved("o", "198.51.100.11", "203.0.113.11")).await;
    house.stage.fail(&json!([{ "path": "/streams/", "times": 1000, "delay_ms": 60_000 }])).await;
    let report = handler.apply_untold().await;
    assert_eq!(change(&report, "x.example.com")["outcome"], "deferred", "{report}");
    assert_eq!(change(&report, "y.example.com")["outcome"], "confirmed", "{report}");
}
