//! A whole service that does not answer: the run says which names it holds and why, and nothing is lost.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{NEW, OLD, change, code, drifted, skip, words};
use crate::handler::{House, OWNER, beat, mark, moved, outcomes, set, tagged};
use crate::watch::converging;

const SHORT: [(&str, &str); 1] = [("RUN_DEADLINE", "4s")];

fn down(path: &str) -> Value {
    json!([{ "path": path, "times": 100_000, "status": 503 }])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_down_holds_the_names_and_says_so_everywhere() {
    for (path, service) in [("ResourceGraph", "Resource Graph"), ("/dnsZones/", "DNS")] {
        let house = drifted(&SHORT).await;
        house.stage.fail(&down(path)).await;
        let handler = house.serve().await;
        let (status, report) = handler.remediate(r#"{"mode":"apply","wait":true}"#).await;
        assert_eq!((status, &report["result"]), (503, &json!("retry-later")), "{report}");
        let held = skip(&report, "x.example.com");
        assert_eq!(held["reason"], "blind", "{report}");
        assert!(held["because"].as_str().unwrap().contains("503"), "{service}: {held}");
        assert!(report["because"].as_str().unwrap().contains("503"), "{service}: {report}");
        let rows = "DNSChange_CL | project Action_s, DNSHostName_s, Reason_s";
        assert_eq!(house.query(rows).await, [json!(["skip", "x.example.com", "blind"])], "{service}");
        // An alert is never refused.
        let alert = std::fs::read_to_string(format!(
            "{}/tests/it/fixtures/alerts/alert-v2-fired.json",
            env!("CARGO_MANIFEST_DIR")
        ));
        let (status, report) = handler.remediate(&alert.unwrap()).await;
        assert_eq!((status, &report["result"]), (200, &json!("retry-later")), "{report}");
        let (status, said) = handler.tick().await;
        assert_eq!(status, 500, "{said}");
        for command in [&["plan", "-o", "json"][..], &["apply", "--yes", "-o", "json"]] {
            let output = house.run(command).await;
            assert_eq!(code(&output), 1, "{}", words(&output));
            let report: Value = serde_json::from_slice(&output.stdout).unwrap();
            assert_eq!(skip(&report, "x.example.com")["reason"], "blind", "{report}");
        }
        let named = house.run(&["apply", "x.example.com", "--yes"]).await;
        assert_eq!(code(&named), 1, "{}", words(&named));
        assert!(words(&named).contains("198.51.100.10 stays   blind"), "{}", words(&named));
        house.stage.fail(&json!([])).await;
        assert_eq!(outcomes(&handler.apply().await), ["confirmed"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_nobody_can_account_for_is_trouble_with_a_report() {
    let house = drifted(&SHORT).await;
    house.stage.fail(&down("ResourceGraph")).await;
    let output = house.run(&["plan", "nobody.example.com", "-o", "json"]).await;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((code(&output), &report["result"]), (1, &json!("retry-later")), "{}", words(&output));
    assert!(words(&output).contains("nothing is known of nobody.example.com"), "{}", words(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_whose_row_the_log_does_not_take_is_not_overwritten() {
    let mut owed = mark("m", OWNER, "1");
    owed["heartbeat_dns_time"] =
        json!((heartbeat_dns::clock::now() - SignedDuration::from_mins(20)).to_string());
    let sets = [set("x", &[OLD], owed), set("y", &["198.51.100.11"], mark("o", OWNER, "1"))];
    let machines = [tagged("m", "x.example.com"), tagged("o", "y.example.com")];
    let beats = [moved("m", OLD, NEW), moved("o", "198.51.100.11", "203.0.113.11")].concat();
    let house = House::new(&sets, &machines, &beats, &[("RUN_DEADLINE", "8s")]).await;
    house.stage.fail(&down("Custom-DNSChange")).await;
    let handler = house.serve().await;
    let report = handler.apply_untold().await;
    let waits = change(&report, "x.example.com");
    assert_eq!(waits["outcome"], "deferred", "{report}");
    assert!(waits["detail"].as_str().unwrap().contains("503"), "{waits}");
    assert_eq!(house.addresses("x").await, [OLD]);
    assert_eq!(change(&report, "y.example.com")["outcome"], "confirmed", "{report}");
    assert_eq!(house.addresses("y").await, ["203.0.113.11"]);
    house.stage.fail(&json!([])).await;
    let report = handler.apply().await;
    assert_eq!(outcomes(&report), ["confirmed"], "{report}");
    assert_eq!(house.addresses("x").await, [NEW]);
    let rows = "DNSChange_CL | where DNSHostName_s == 'x.example.com' | order by TimeGenerated asc \
        | project Outcome_s, Reason_s, NewIPs_s";
    let expected = [json!(["confirmed", "recovered", OLD]), json!(["confirmed", "", NEW])];
    assert_eq!(house.query(rows).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_takes_no_rows_holds_a_name_for_half_an_hour_and_then_for_the_next() {
    let mut owed = mark("m", OWNER, "1");
    owed["heartbeat_dns_time"] =
        json!((heartbeat_dns::clock::now() - SignedDuration::from_mins(31)).to_string());
    let more = [("RUN_DEADLINE", "8s"), ("POLICY_MIN_SPAN", "1s"), ("POLICY_UNSEEN", "1s")];
    let machines = [tagged("m", "x.example.com")];
    let house = House::new(&[set("x", &[OLD], owed)], &machines, &moved("m", OLD, NEW), &more).await;
    house.stage.fail(&down("Custom-DNSChange")).await;
    let handler = house.serve().await;
    let report = handler.apply_untold().await;
    assert_eq!(outcomes(&report), ["confirmed"], "{report}");
    assert_eq!(house.addresses("x").await, [NEW]);
    assert!(report["because"].as_str().is_some_and(|because| because.contains("503")), "{report}");
    // No brake has seen this move: the next one waits, whatever the machine says.
    for to in ["203.0.113.8", "203.0.113.9"] {
        tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
        house.heartbeats(&[beat("m", to, 1), beat("m", to, 0)]).await;
        let report = handler.apply_untold().await;
        assert_eq!(change(&report, "x.example.com")["outcome"], "deferred", "{report}");
        assert_eq!(house.addresses("x").await, [NEW], "{report}");
    }
    house.age_marks(31, None).await;
    let report = handler.apply_untold().await;
    assert_eq!(
        (outcomes(&report), house.addresses("x").await),
        (vec!["confirmed".to_owned()], vec!["203.0.113.9".to_owned()])
    );
    // What the log missed it gets: the process remembers whose marks are gone.
    house.stage.fail(&json!([])).await;
    handler.apply().await;
    let rows = "DNSChange_CL | where Reason_s == 'recovered' | order by NewIPs_s asc | project NewIPs_s";
    assert_eq!(house.query(rows).await, [json!([OLD]), json!([NEW])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_refuses_rows_keeps_no_name_where_it_is() {
    let mut owed = mark("m", OWNER, "1");
    owed["heartbeat_dns_time"] =
        json!((heartbeat_dns::clock::now() - SignedDuration::from_mins(20)).to_string());
    let beats = moved("m", OLD, NEW);
    let machines = [tagged("m", "x.example.com")];
    let house = House::new(&[set("x", &[OLD], owed)], &machines, &beats, &[("RUN_DEADLINE", "8s")]).await;
    let refused = json!([{ "path": "Custom-DNSChange", "times": 1000, "status": 403 }]);
    house.stage.fail(&refused).await;
    let handler = house.serve().await;
    // Whoever waits for the answer is told that the log was not.
    let report = handler.apply_untold().await;
    assert_eq!(report["result"], "changed", "{report}");
    assert!(report["because"].as_str().is_some_and(|because| because.contains("403")), "{report}");
    assert_eq!(outcomes(&report), ["confirmed"], "{report}");
    assert_eq!(house.addresses("x").await, [NEW]);
    // The mark of the write before is gone; the process remembers its row until the log takes it.
    handler.apply_untold().await;
    house.stage.fail(&json!([])).await;
    handler.apply().await;
    handler.apply().await;
    let rows = "DNSChange_CL | where Reason_s == 'recovered' and NewIPs_s == '198.51.100.10' | project run_s";
    assert_eq!(house.query(rows).await, [json!(["11111111-1111-1111-1111-111111111111"])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_could_count_nobody_does_not_call_the_world_in_sync() {
    let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
    let house = House::new(&sets, &[tagged("m", "x.example.com")], &moved("m", OLD, OLD), &SHORT).await;
    house.stage.fail(&down("ResourceGraph")).await;
    let output = house.run(&["plan", "-o", "json"]).await;
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((code(&output), &report["result"]), (1, &json!("retry-later")), "{}", words(&output));
    assert!(report["because"].as_str().is_some_and(|because| because.contains("503")), "{report}");
}

/// Answers of which the service gives only a part: nothing of it.
fn partial() -> Value {
    json!([{ "path": "/query", "times": 1000, "status": 200, "body": {
        "tables": [{ "name": "PrimaryResult", "columns": [], "rows": [] }],
        "error": { "code": "PartialError", "message": "incomplete", "details": [] } } }])
}

/// A question that is not answered at all is trouble, and no answer without rows.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_begins_with_the_answers_to_both_questions() {
    let house = drifted(&[]).await;
    let handler = house.serve().await;
    let refused = json!({ "path": "/query", "times": 1, "status": 400 });
    // They are asked at the same time, in whatever order: now the first to come, now the second.
    let other = json!({ "path": "/query", "times": 1, "delay_ms": 1 });
    for faults in [json!([refused]), json!([other, refused]), json!([refused]), json!([other, refused])] {
        house.stage.fail(&faults).await;
        let (status, report) = handler.remediate(r#"{"mode":"apply","wait":true}"#).await;
        assert_eq!((status, &report["result"]), (503, &json!("retry-later")), "{report}");
    }
    assert_eq!(house.writes().await, 0);
}

/// Who was heard, and what the newest sweep knows of claims: two questions at the same time, behind the two of the run.
#[tokio::test(flavor = "multi_thread")]
async fn a_count_rests_on_whole_answers() {
    let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
    let house = House::new(&sets, &[tagged("m", "x.example.com")], &moved("m", OLD, OLD), &[]).await;
    let mut half = partial()[0].clone();
    half["times"] = json!(1);
    for (before, result, ended) in [(2, "retry-later", 1), (3, "retry-later", 1), (4, "in-sync", 0)] {
        house.stage.fail(&json!([{ "path": "/query", "times": before, "delay_ms": 1 }, half])).await;
        let output = house.run(&["plan", "-o", "json"]).await;
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(
            (&report["result"], code(&output)),
            (&json!(result), ended),
            "{before}: {}",
            words(&output)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn out_of_a_partial_answer_nothing_is_concluded() {
    let house = converging(&[]).await;
    let handler = house.serve().await;
    handler.apply().await;
    let brakes = "DNSChange_CL | where Action_s == 'brake' | summarize count() by Reason_s, Outcome_s \
        | order by Reason_s asc, Outcome_s asc";
    assert_eq!(house.query(brakes).await, [json!(["converging", "stands", 1])]);
    house.stage.fail(&partial()).await;
    for _ in 0..3 {
        let report = handler.apply().await;
        let said = report["brakes"].as_array().unwrap();
        assert_eq!((said.len(), &report["result"]), (1, &json!("held")), "{report}");
        let because = said[0]["because"].as_str().unwrap();
        assert!(because.contains("part of its rows") && !because.contains("heartbeat"), "{because}");
        let (_, said) = handler.tick().await;
        assert!(!said.contains("in sync"), "{said}");
    }
    house.run(&["apply", "--yes"]).await;
    for command in [&["plan"][..], &["plan", "nobody.example.com"]] {
        let plan = super::report(&house, command).await;
        let counts = ["in_sync", "silent", "unknown"].map(|count| &plan["summary"][count]);
        assert_eq!(counts, [&Value::Null; 3], "{command:?}: {plan}");
        assert_eq!((&plan["skips"], plan.get("unclaimed")), (&json!([]), None), "{command:?}: {plan}");
    }
    house.stage.fail(&json!([])).await;
    let expected = [json!(["blind", "stands", 1]), json!(["converging", "stands", 1])];
    assert_eq!(house.query(brakes).await, expected);
    handler.apply().await;
    let expected =
        [json!(["blind", "opened", 1]), json!(["blind", "stands", 1]), json!(["converging", "stands", 1])];
    assert_eq!(house.query(brakes).await, expected);
}

/// What one name server of two says is no proof for the other, which nobody hears: then Azure's own word is taken, at once,
/// unless nothing but DNS is to prove.
#[tokio::test(flavor = "multi_thread")]
async fn where_one_name_server_of_two_answers_nobody_azures_word_is_the_proof() {
    for (verify, proof) in [("auto", json!("arm")), ("dns", Value::Null)] {
        let mut house = drifted(&[("VERIFY", verify)]).await;
        let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let both = format!("{},{}", house.stage.standin.dns_addr(), silent.local_addr().unwrap());
        house.environment.insert("DNS_VERIFY_SERVERS".to_owned(), both);
        let report = house.serve().await.apply().await;
        let changed = change(&report, "x.example.com");
        assert_eq!((&changed["outcome"], &changed["proved_by"]), (&json!("confirmed"), &proof), "{report}");
    }
}

/// Where a whole service is silent the stage says so, and the reading that failed is no second trouble.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_service_is_told_as_one_trouble() {
    let receiver = crate::watch::notices::Receiver::start().await;
    let url = format!("{}/hook", receiver.url);
    let house = drifted(&[("NOTIFY_URL", &url), ("NOTIFY_FORMAT", "json")]).await;
    let body = json!({ "error": { "code": "Odd", "message": "no" } });
    house.stage.fail(&json!([{ "path": "ResourceGraph", "times": 1000, "status": 400, "body": body }])).await;
    let handler = house.serve().await;
    handler.remediate(include_str!("../fixtures/alerts/alert-v2-fired.json")).await;
    crate::handler::until("it was told", async || !receiver.posts().is_empty()).await;
    let notice = receiver.posts()[0].json();
    let events = notice["events"].as_array().unwrap();
    assert_eq!(events.len(), 1, "{notice}");
    assert_eq!((&events[0]["event"], &events[0]["what"]), (&json!("failed"), &json!("repair")), "{notice}");
}
