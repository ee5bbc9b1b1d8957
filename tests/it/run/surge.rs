//! Many names at once: what leads, what proves, what a brake leaves in the log, and what opens it.

mod counted;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{change, code, lock, name, new, old, report, set_id, skip, street, words};
use crate::handler::{House, beat, mark, moved, outcomes, set, tagged, until};
use crate::handler::{OWNER, PATIENCE};

/// Everything older than a second is free, so that the run has a leader and followers.
const FREE: (&str, &str) = ("POLICY_SURGE_HOLD", "1s");

/// No brake of a report claims to open at a moment that has passed.
fn opens_later(report: &Value) {
    for brake in report["brakes"].as_array().unwrap() {
        let opens = brake["opens"].as_str().unwrap();
        let is_past = opens.parse::<Timestamp>().is_ok_and(|time| time <= heartbeat_dns::clock::now());
        assert!(!is_past && opens != "now", "{brake}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_leader_stops_nobody() {
    let forbidden = json!([{ "method": "PUT", "path": "/A/n000", "times": 1000, "status": 403 }]);
    for is_locked in [true, false] {
        let house = street(30, &[FREE]).await;
        if is_locked {
            house.world(&lock(&set_id("n000"))).await;
        } else {
            house.stage.fail(&forbidden).await;
        }
        let handler = house.serve().await;
        let report = handler.apply().await;
        assert_eq!(report["result"], "partial", "{report}");
        opens_later(&report);
        assert_eq!(change(&report, "n000.example.com")["outcome"], "failed", "{report}");
        assert_eq!(house.addresses("n000").await, [old(0)]);
        for index in 1..30 {
            assert_eq!(house.addresses(&name(index)).await, [new(index)], "{report}");
        }
        let writes: Vec<_> =
            house.stage.calls().await.into_iter().filter(|call| call.method == "PUT").collect();
        assert!(writes[0].path.contains("/A/n000"), "the oldest leads: {writes:?}");
        // What is left is no surge any more; nothing is held, and nothing claims to be.
        let again = handler.apply().await;
        assert_eq!((outcomes(&again), &again["brakes"]), (vec!["failed".to_owned()], &json!([])), "{again}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_for_good_leads_once_and_then_goes_last() {
    let house = street(30, &[FREE]).await;
    let locks = (0..5).map(|index| lock(&set_id(&name(index)))["locks"][0].take()).collect::<Vec<_>>();
    house.world(&json!({ "locks": locks })).await;
    let handler = house.serve().await;
    // Three have led in vain: the others are left to the next run, which has learned of them.
    let first = handler.apply().await;
    assert_eq!(
        (outcomes(&first), house.writes().await),
        (vec!["deferred".to_owned(), "failed".to_owned()], 0)
    );
    let second = handler.apply().await;
    assert_eq!(outcomes(&second), ["confirmed", "failed"], "{second}");
    for index in 0..30 {
        let right = if index < 5 { old(index) } else { new(index) };
        assert_eq!(house.addresses(&name(index)).await, [right], "{second}");
    }
}

/// What one machine alone could not prove is no refusal of what two say together.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_of_which_one_machine_was_refused_leads_with_another() {
    let mut sets: Vec<_> = (0..30).map(|index| set(&name(index), &[&old(index)], Value::Null)).collect();
    sets[0] = set(&name(0), &["192.0.2.80"], Value::Null);
    let of = |index: usize| tagged(&name(index), &format!("{}.example.com", name(index)));
    let mut machines: Vec<_> = (0..30).map(of).collect();
    machines.push(tagged("twin", "n000.example.com"));
    let alone = [180, 120, 60, 1].map(|ago| beat(&name(0), &new(0), ago));
    let house = House::new(&sets, &machines, &alone, &[FREE]).await;
    let handler = house.serve().await;
    let first = handler.apply().await;
    assert_eq!(skip(&first, "n000.example.com")["reason"], "not-owned", "{first}");
    let others = (1..30).flat_map(|index| moved(&name(index), &old(index), &new(index)));
    house
        .heartbeats(&moved("twin", "192.0.2.80", &new(0)).into_iter().chain(others).collect::<Vec<_>>())
        .await;
    house.stage.calls().await;
    let second = handler.apply().await;
    assert_eq!(outcomes(&second), ["confirmed"], "{second}");
    let calls = house.stage.calls().await;
    let writes: Vec<_> = calls.iter().filter(|call| call.method == "PUT").collect();
    assert_eq!(writes.len(), 30);
    assert!(writes[0].path.contains("/A/n000"), "the oldest leads: {writes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_never_succeeds_leads_once_and_then_goes_last() {
    for (status, code) in
        [(412, "PreconditionFailed"), (409, "AnotherOperationInProgress"), (400, "BadRequest")]
    {
        let house = street(30, &[FREE, ("RUN_DEADLINE", "20s")]).await;
        let body = json!({ "error": { "code": code, "message": "no" } });
        let never = json!([{ "method": "PUT", "path": "/A/n00[0-3]", "times": 1000, "status": status, "body": body }]);
        house.stage.fail(&never).await;
        let handler = house.serve().await;
        let (first, second) = (handler.apply().await, handler.apply().await);
        assert_eq!(change(&first, "n029.example.com")["outcome"], "deferred", "{first}");
        for index in 4..30 {
            assert_eq!(house.addresses(&name(index)).await, [new(index)], "{code}: {second}");
        }
        assert_eq!(house.addresses("n000").await, [old(0)]);
    }
}

/// The log tells the next run nothing of a change that was put off, nor of one whose row it refused.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_put_off_or_cannot_be_told_leads_once_and_then_goes_last() {
    let throttled = json!({ "status": 429, "headers": { "Retry-After": "1" } });
    let changed = json!({ "status": 412 });
    let no_row = json!({ "path": "Custom-DNSChange", "status": 403, "times": 1000 });
    for (answer, no_rows) in [(throttled, None), (changed, Some(no_row))] {
        let house = street(30, &[FREE, ("RUN_DEADLINE", "20s")]).await;
        let mut never = json!({ "method": "PUT", "path": "/A/n00[0-3]", "times": 1000 });
        never.as_object_mut().unwrap().extend(answer.as_object().unwrap().clone());
        let takes_rows = no_rows.is_none();
        let faults: Vec<_> = std::iter::once(never).chain(no_rows).collect();
        house.stage.fail(&json!(faults)).await;
        let handler = house.serve().await;
        for run in 0..2 {
            let report = if takes_rows { handler.apply().await } else { handler.apply_untold().await };
            let followed = if run == 0 { "deferred" } else { "confirmed" };
            assert_eq!(change(&report, "n029.example.com")["outcome"], followed, "{answer}");
        }
        for index in 4..30 {
            assert_eq!(house.addresses(&name(index)).await, [new(index)], "{answer}");
        }
        assert_eq!(house.addresses("n000").await, [old(0)]);
    }
}

/// One of the two name servers that prove answers this for the name that leads.
async fn with_a_liar(house: &mut House, answers: &[String]) {
    let lie = json!([{ "lie": { "n000.example.com": answers } }]);
    let servers = house.control("PUT", "/standin/name-servers", &lie).await;
    let liar = servers[0]["address"].as_str().unwrap();
    let servers = format!("{},{liar}", house.stage.standin.dns_addr());
    house.environment.insert("DNS_VERIFY_SERVERS".to_owned(), servers);
}

/// A creation takes nothing from anybody: it waits for no leader, and what is held is not held for it.
#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_is_missing_waits_for_no_leader() {
    let mut house = street(30, &[FREE, ("RUN_DEADLINE", "8s")]).await;
    let mut world = house.control("GET", "/standin/world", &Value::Null).await;
    let sets = world["zones"][0]["recordSets"].as_array_mut().unwrap();
    sets.retain(|set| set["name"] != "n029");
    house.world(&json!({ "zones": world["zones"] })).await;
    with_a_liar(&mut house, &["192.0.2.1".to_owned()]).await;
    let report = house.serve().await.apply().await;
    let made = change(&report, "n029.example.com");
    assert_eq!((&made["action"], &made["outcome"]), (&json!("create"), &json!("confirmed")), "{report}");
    assert_eq!(house.addresses("n029").await, [new(29)]);
    assert_eq!(report["brakes"][0]["names"].as_array().unwrap().len(), 28, "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_written_and_not_proved_holds_the_rest() {
    // Another address is no proof, and neither is the old one beside the new one.
    for answers in [vec!["192.0.2.1".to_owned()], vec![old(0), new(0)]] {
        let mut house = street(30, &[FREE, ("RUN_DEADLINE", "8s")]).await;
        with_a_liar(&mut house, &answers).await;
        let handler = house.serve().await;
        let report = handler.apply().await;
        let led = change(&report, "n000.example.com");
        assert_eq!((&led["outcome"], &led["proved_by"]), (&json!("confirmed"), &Value::Null), "{report}");
        assert_eq!(report["changes"].as_array().unwrap().len(), 1, "{report}");
        assert_eq!(house.writes().await, 1);
        let brake = &report["brakes"][0];
        assert_eq!((&brake["brake"], &brake["opens"]), (&json!("surge"), &json!("next-run")), "{report}");
        assert_eq!(brake["names"].as_array().unwrap().len(), 29);
        assert_eq!(skip(&report, "n001.example.com")["reason"], "braked");
        opens_later(&report);
        // The next run has another leader, of which nobody lies.
        assert_eq!(outcomes(&handler.apply().await), ["confirmed"]);
        assert_eq!(house.writes().await, 29);
    }
}

/// Three processes at once: one of them leads and is followed. To the others three leaders in a row are already right, which
/// leads nothing, so what is left is the next run's; each name moves once and has one row of a landed write.
#[tokio::test(flavor = "multi_thread")]
async fn three_runs_at_once_in_a_surge_move_each_name_once() {
    let house = street(30, &[FREE]).await;
    let (one, two, three) = (house.serve().await, house.serve().await, house.serve().await);
    let (one_said, two_said, three_said) = tokio::join!(one.apply(), two.apply(), three.apply());
    let reports = [one_said, two_said, three_said];
    for report in &reports {
        assert!(outcomes(report).iter().all(|word| word == "confirmed" || word == "deferred"), "{report}");
        let skips = report["skips"].as_array().unwrap().iter();
        assert!(skips.clone().all(|skip| skip["reason"] == "already-right"), "{report}");
        let spoken = report["changes"].as_array().unwrap().len() + skips.len();
        // Whoever comes after the others have told the log finds nothing to do.
        let is_late = spoken == 0 && report["result"] == "in-sync";
        assert!(spoken == 30 || is_late, "every name is accounted for: {report}");
    }
    assert_eq!(house.writes().await, 30);
    for index in 0..30 {
        assert_eq!(house.addresses(&name(index)).await, [new(index)]);
    }
    let again = one.apply().await;
    assert_eq!((&again["result"], house.writes().await), (&json!("in-sync"), 0), "{again}");
    let keys = "DNSChange_CL | where Outcome_s == 'confirmed' | summarize Rows = count() by run_s, DNSHostName_s \
        | summarize Keys = count(), Most = max(Rows)";
    assert_eq!(house.query(keys).await, [json!([30, 1])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_azures_word_is_the_proof_the_leader_is_read_back() {
    let shown = |address: &str| {
        json!({ "id": set_id("n000"), "name": "n000", "etag": "e", "properties": { "TTL": 300,
            "fqdn": "n000.example.com.", "ARecords": [{ "ipv4Address": address }] } })
    };
    let read = |effect: Value| {
        let mut fault = json!({ "method": "GET", "path": "/A/n000", "times": 1000 });
        fault.as_object_mut().unwrap().extend(effect.as_object().unwrap().clone());
        json!([fault])
    };
    // Somebody has written over it, or nobody can tell: that is no proof.
    for effect in [json!({ "body": shown(&old(0)) }), json!({ "status": 403 })] {
        let house = street(30, &[FREE, ("VERIFY", "arm")]).await;
        house.stage.fail(&read(effect)).await;
        let report = house.serve().await.apply().await;
        assert_eq!(change(&report, "n000.example.com")["outcome"], "confirmed", "{report}");
        assert_eq!(skip(&report, "n001.example.com")["reason"], "braked", "{report}");
        assert_eq!(house.writes().await, 1, "{report}");
    }
    let house = street(30, &[FREE, ("VERIFY", "arm")]).await;
    let report = house.serve().await.apply().await;
    assert_eq!((outcomes(&report), house.writes().await), (vec!["confirmed".to_owned()], 30), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_slow_write_keeps_no_other_waiting() {
    let house = street(120, &[("POLICY_MAX_MOVE_PERCENT", "100")]).await;
    house.stage.fail(&json!([{ "method": "PUT", "path": "/A/n000", "delay_ms": 12_000 }])).await;
    let handler = house.serve().await;
    let right = async || {
        let world = house.control("GET", "/standin/world", &Value::Null).await;
        let sets = world["zones"][0]["recordSets"].as_array().unwrap().clone();
        let address =
            |set: &Value| set["properties"]["ARecords"][0]["ipv4Address"].as_str().map(str::to_owned);
        sets.iter().filter(|set| address(set).is_some_and(|address| address.starts_with("203."))).count()
    };
    let others = async {
        until("the others are written", async || right().await >= 119).await;
        assert_eq!(house.addresses("n000").await, [old(0)], "nobody waited for it");
    };
    let (report, ()) = tokio::join!(handler.apply(), others);
    assert_eq!(outcomes(&report), ["confirmed"], "{}", report["summary"]);
    assert_eq!(house.addresses("n000").await, [new(0)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_brake_is_told_when_it_stands_and_when_it_opens() {
    let mut house = crate::watch::converging(&[]).await;
    let rows = "DNSChange_CL | where Action_s == 'brake' | order by TimeGenerated asc \
                | project Outcome_s, Reason_s, NewIPs_s, ZoneId_s";
    let zone = crate::stage::zone_id("example.com");
    let row = |outcome: &str| json!([outcome, "converging", "203.0.113.200", zone.to_lowercase()]);
    let lower = |rows: Vec<Value>| -> Vec<Value> {
        let lower = |row: Value| json!([row[0], row[1], row[2], row[3].as_str().unwrap().to_lowercase()]);
        rows.into_iter().map(lower).collect()
    };
    let handler = house.serve().await;
    for _ in 0..3 {
        assert_eq!(handler.apply().await["result"], "held");
    }
    assert_eq!(lower(house.query(rows).await), [row("stands")]);
    // A run for another name does not see the brake, and says nothing of it.
    handler.remediate(r#"{"mode":"apply","names":["elsewhere.example.com"],"wait":true}"#).await;
    assert_eq!(lower(house.query(rows).await), [row("stands")]);
    house.environment.insert("POLICY_EXPECT_PREFIXES".to_owned(), "203.0.113.200/32".to_owned());
    let handler = house.serve().await;
    assert_eq!(outcomes(&handler.apply().await), ["confirmed"]);
    handler.apply().await;
    assert_eq!(lower(house.query(rows).await), [row("stands"), row("opened")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn laptops_that_come_home_are_no_proxy() {
    let home = "203.0.113.200";
    let away = |index: usize| format!("198.51.100.{}", 10 + index);
    let all = 0..5;
    let sets: Vec<_> = all
        .clone()
        .map(|index| {
            let mut mark = mark(&name(index), OWNER, "1");
            mark["heartbeat_dns_previous"] = json!(home);
            set(&name(index), &[&away(index)], mark)
        })
        .collect();
    let machines: Vec<_> =
        all.clone().map(|index| tagged(&name(index), &format!("{}.example.com", name(index)))).collect();
    let beats: Vec<_> = all.clone().flat_map(|index| moved(&name(index), &away(index), home)).collect();
    let house = House::new(&sets, &machines, &beats, &[]).await;
    let report = house.serve().await.apply().await;
    assert_eq!(
        (&report["brakes"], outcomes(&report)),
        (&json!([]), vec!["confirmed".to_owned()]),
        "{report}"
    );
    for index in all {
        assert_eq!(house.addresses(&name(index)).await, [home]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_flaps_moves_when_a_person_says_so() {
    let (here, there) = ("198.51.100.10", "203.0.113.7");
    let more = [("POLICY_MIN_SPAN", "1s"), ("POLICY_UNSEEN", "1s")];
    let sets = [set("x", &[here], mark("m", OWNER, "1"))];
    let beats = [600, 540, 480].map(|ago| beat("m", here, ago));
    let house = House::new(&sets, &[tagged("m", "x.example.com")], &beats, &more).await;
    let handler = house.serve().await;
    let go = async |to: &str| {
        house.heartbeats(&[beat("m", to, 1), beat("m", to, 0)]).await;
        let begun = tokio::time::Instant::now();
        loop {
            let report = handler.apply().await;
            let reason = skip(&report, "x.example.com")["reason"].clone();
            let is_settled = reason.is_null() || reason == "flapping";
            if is_settled {
                return reason;
            }
            assert!(begun.elapsed() < PATIENCE, "{report}");
            // Until the other uplink was silent for long enough.
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        }
    };
    let mut last = here;
    let mut held = Value::Null;
    for _ in 0..8 {
        last = if last == here { there } else { here };
        // The beats of one leg must not lie between those of the one before.
        tokio::time::sleep(std::time::Duration::from_millis(1200)).await;
        held = go(last).await;
        if held == "flapping" {
            break;
        }
        assert_eq!(house.addresses("x").await, [last]);
    }
    assert_eq!(held, "flapping");
    let before = house.addresses("x").await;
    assert_ne!(before, [last]);
    assert_eq!(
        change(&report(&house, &["plan", "x.example.com"]).await, "x.example.com")["to"],
        json!([last])
    );
    let applied = house.run(&["apply", "x.example.com", "--yes"]).await;
    assert_eq!(
        (code(&applied), house.addresses("x").await),
        (0, vec![last.to_owned()]),
        "{}",
        words(&applied)
    );
}

/// Which name server says what is told on the screen, and what to ask next; the write itself is sure, so the exit code is 0.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_a_name_server_denies_is_told_with_what_that_one_answers() {
    let mut house = super::drifted(&[("RUN_DEADLINE", "8s")]).await;
    let lie = json!([{ "lie": { "x.example.com": ["192.0.2.1"] } }]);
    let servers = house.control("PUT", "/standin/name-servers", &lie).await;
    let liar = servers[0]["address"].as_str().unwrap();
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let silent = silent.local_addr().unwrap();
    let all = format!("{},{liar},{silent}", house.stage.standin.dns_addr());
    house.environment.insert("DNS_VERIFY_SERVERS".to_owned(), all);
    let done = house.run(&["apply", "--yes"]).await;
    let text = super::words(&done);
    assert_eq!(super::code(&done), 0, "{text}");
    for wanted in [
        format!("{liar} answers 192.0.2.1; {silent} was not asked: "),
        "ask them again:  heartbeat-dns explain x.example.com".to_owned(),
        "1 written, not proved yet".to_owned(),
    ] {
        assert!(text.contains(&wanted), "{wanted}: {text}");
    }
}
