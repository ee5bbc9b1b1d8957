//! Names that somebody gives are looked at as they are now, and counts are the same whoever counts.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{NEW, OLD, change, code, drifted, report, skip, sweep, words};
use crate::handler::{House, OWNER, beat, mark, moved, set, tagged};
use crate::stage::{SUBSCRIPTION, machine_id, zone_id};

/// A name that is right, in the log and live.
async fn right() -> House {
    let sets = [set("x", &[NEW], mark("m", OWNER, "1"))];
    House::new(&sets, &[tagged("m", "x.example.com")], &moved("m", NEW, NEW), &[]).await
}

fn zone(sets: &[Value]) -> Value {
    json!({ "zones": [{ "id": zone_id("example.com"), "recordSets": sets }] })
}

/// `apply` of the name writes what its heartbeats say.
async fn applied_by_name(house: &House) {
    let applied = house.run(&["apply", "x.example.com", "--yes"]).await;
    assert_eq!(
        (code(&applied), house.addresses("x").await),
        (0, vec![NEW.to_owned()]),
        "{}",
        words(&applied)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_set_that_somebody_deleted_is_missed_by_name() {
    let house = right().await;
    let plan = report(&house, &["plan", "x.example.com"]).await;
    assert_eq!((&plan["result"], &plan["summary"]["in_sync"]), (&json!("in-sync"), &json!(1)), "{plan}");
    house.world(&zone(&[])).await;
    let plan = report(&house, &["plan", "x.example.com"]).await;
    assert_eq!(change(&plan, "x.example.com")["action"], "create", "{plan}");
    assert_eq!(plan["summary"]["in_sync"], 0, "{plan}");
    applied_by_name(&house).await;
    assert_eq!(report(&house, &["plan", "x.example.com"]).await["summary"]["in_sync"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_set_that_somebody_changed_is_seen_by_name() {
    let house = right().await;
    house.world(&zone(&[set("x", &["192.0.2.9"], mark("m", OWNER, "1"))])).await;
    let plan = report(&house, &["plan", "x.example.com"]).await;
    assert_eq!(change(&plan, "x.example.com")["from"], json!(["192.0.2.9"]), "{plan}");
    let words_of_plan = words(&house.run(&["plan", "x.example.com"]).await);
    assert!(words_of_plan.contains("192.0.2.9") && words_of_plan.contains(NEW), "{words_of_plan}");
    // Over HTTP as well.
    let (_, answer) = house.serve().await.remediate(r#"{"names":["x.example.com"],"wait":true}"#).await;
    assert_eq!(change(&answer, "x.example.com")["from"], json!(["192.0.2.9"]), "{answer}");
    applied_by_name(&house).await;
}

/// More names than one question may hold, the last of which are not asked about.
#[tokio::test(flavor = "multi_thread")]
async fn names_that_could_not_be_asked_about_stop_no_other() {
    let house = House::new(
        &[
            set("a", &[OLD], Value::Null),
            set("c", &[OLD], Value::Null),
            set("z", &[NEW], mark("z", OWNER, "1")),
        ],
        &[tagged("m", "a.example.com"), tagged("c", "c.example.com"), tagged("z", "z.example.com")],
        &[moved("m", OLD, NEW), moved("z", NEW, NEW), vec![beat("c", NEW, 1)]].concat(),
        &[],
    )
    .await;
    let handler = house.serve().await;
    let others = (0..550).map(|index| format!("n{index:03}.example.com"));
    let known = ["a", "c", "z"].map(|name| format!("{name}.example.com"));
    let names: Vec<_> = others.chain(known).collect();
    let call = json!({ "mode": "apply", "names": names, "wait": true }).to_string();
    let pass = json!({ "path": "/query", "times": 2, "delay_ms": 1 });
    let faults = json!([pass, { "path": "/query", "times": 1, "status": 400 }]);
    house.stage.fail(&faults).await;
    let (status, report) = handler.remediate(&call).await;
    assert_eq!(
        (status, &change(&report, "a.example.com")["outcome"]),
        (200, &json!("confirmed")),
        "{report}"
    );
    let unclaimed = report["unclaimed"].as_array().unwrap();
    assert_eq!(unclaimed.len(), 498, "of the others nothing is known");
    // Where nothing else is to be done, that is no success.
    house.stage.fail(&faults).await;
    let (status, report) = handler.remediate(&call).await;
    assert_eq!((status, &report["result"]), (503, &json!("retry-later")), "{report}");
    assert!(report["because"].as_str().unwrap().contains("and 52 more names"), "{report}");
    // All of them are looked at, each once.
    house.stage.fail(&json!([])).await;
    let (status, report) = handler.remediate(&call).await;
    let right: Vec<_> =
        report["right"].as_array().unwrap().iter().filter_map(|right| right["name"].as_str()).collect();
    assert_eq!((status, right), (200, vec!["a.example.com", "z.example.com"]), "{report}");
    assert_eq!(report["summary"]["skips"], json!({ "too-few-beats": 1 }), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_younger_claim_on_a_name_that_has_one_is_said_to_be_so() {
    let young = tagged("new", "x.example.com");
    for (machines, in_sync, unknown) in [
        // The name goes to new hardware, or a second machine joins.
        (vec![json!({ "id": tagged("m", "-")["id"] }), young.clone()], 0, 1),
        (vec![tagged("m", "x.example.com"), young.clone()], 1, 0),
    ] {
        let house = right().await;
        house.world(&json!({ "machines": machines })).await;
        house.heartbeats(&[60, 1].map(|ago| beat("new", "203.0.113.8", ago))).await;
        for command in [&["plan", "x.example.com"][..], &["apply", "x.example.com", "--yes"]] {
            let output = house.run(&[command, &["-o", "json"]].concat()).await;
            let found: Value = serde_json::from_slice(&output.stdout).unwrap();
            let skips = found["skips"].as_array().unwrap().iter();
            let young = skips.filter(|skip| skip["reason"] == "not-swept").count();
            assert_eq!(young, 1, "{command:?}: {found}");
            let summary = &found["summary"];
            assert_eq!(
                (&summary["in_sync"], &summary["unknown"]),
                (&json!(in_sync), &json!(unknown)),
                "{found}"
            );
            assert_eq!(code(&output), i32::from(command[0] == "apply"), "{command:?}: {found}");
        }
        // For people one name is counted once.
        let text = words(&house.run(&["plan", "x.example.com"]).await);
        let counted = if unknown == 1 {
            "0 left as they are, 0 in sync, 1 not swept yet"
        } else {
            "0 left as they are, 1 in sync"
        };
        assert!(text.contains(counted), "{counted}: {text}");
        assert_eq!(house.addresses("x").await, [NEW]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_younger_claim_is_told_beside_the_change_of_its_name() {
    let house = drifted(&[]).await;
    let machines = [tagged("m", "x.example.com"), tagged("new", "x.example.com")];
    house.world(&json!({ "machines": machines })).await;
    house.heartbeats(&[60, 1].map(|ago| beat("new", "203.0.113.8", ago))).await;
    for command in [&["plan"][..], &["plan", "x.example.com"]] {
        let plan = report(&house, command).await;
        assert_eq!(change(&plan, "x.example.com")["to"], json!([NEW]), "{command:?}: {plan}");
        assert_eq!(skip(&plan, "x.example.com")["reason"], "not-swept", "{command:?}: {plan}");
        assert_eq!(plan["summary"]["unknown"], 0, "something is known of the name: {plan}");
    }
    // Whether the younger one was heard is the third question to the logs.
    let partial = json!({ "path": "/query", "status": 200, "body": {
        "tables": [{ "name": "PrimaryResult", "columns": [], "rows": [] }],
        "error": { "code": "PartialError", "message": "incomplete", "details": [] } } });
    for fault in [json!({ "path": "/query", "status": 400 }), partial] {
        house.stage.fail(&json!([{ "path": "/query", "times": 2, "delay_ms": 1 }, fault])).await;
        let plan = house.run(&["plan", "x.example.com"]).await;
        let said = words(&plan);
        assert!(said.contains("nothing is known of further claims on x.example.com"), "{said}");
        assert_eq!(code(&plan), 1, "{said}");
    }
}

/// No sweep will ever see it: whoever waits for one would wait for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_outside_the_chosen_subscriptions_is_not_waited_for() {
    let (chosen, other) =
        (SUBSCRIPTION.trim_start_matches("/subscriptions/"), "00000000-0000-0000-0000-000000000002");
    let id = machine_id("new").replace(chosen, other);
    for (subscriptions, young) in [(chosen.to_owned(), 0), (format!("{chosen},{other}"), 1)] {
        let house = drifted(&[("SUBSCRIPTIONS", &subscriptions)]).await;
        let mut stranger = tagged("new", "x.example.com");
        stranger["id"] = json!(id);
        house.world(&json!({ "machines": [tagged("m", "x.example.com"), stranger] })).await;
        let beats = [60, 1].map(|ago| {
            let mut beat = beat("new", "203.0.113.8", ago);
            beat["_ResourceId"] = json!(id.to_lowercase());
            beat
        });
        house.heartbeats(&beats).await;
        let plan = report(&house, &["plan", "x.example.com"]).await;
        assert_eq!(change(&plan, "x.example.com")["to"], json!([NEW]), "{subscriptions}: {plan}");
        let skips = plan["skips"].as_array().unwrap().iter();
        let found = skips.filter(|skip| skip["reason"] == "not-swept").count();
        assert_eq!(found, young, "{subscriptions}: {plan}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_that_no_sweep_has_seen_is_said_to_be_so() {
    let house = right().await;
    house
        .world(&json!({ "machines": [tagged("m", "x.example.com"), tagged("new", "new.example.com")] }))
        .await;
    house.heartbeats(&[beat("new", "203.0.113.8", 60), beat("new", "203.0.113.8", 1)]).await;
    let newest = house.query("TagData_CL | where isempty(id_s) | summarize max(TimeGenerated)").await;
    let newest: Timestamp = newest[0][0].as_str().unwrap().parse().unwrap();
    let is_past = async || heartbeat_dns::clock::now() > newest + SignedDuration::from_secs(1);
    crate::handler::until("the sweep is a second old", is_past).await;
    let plan = report(&house, &["plan", "new.example.com"]).await;
    let found = skip(&plan, "new.example.com");
    assert_eq!(found["reason"], "not-swept", "{plan}");
    let because = found["because"].as_str().unwrap();
    let next = (newest + SignedDuration::from_mins(30)).strftime("%Y-%m-%dT%H:%M:%SZ");
    let sentence = format!("next sweep at {next}, or run heartbeat-dns collect now");
    assert!(because.contains(&sentence), "{sentence}: {because}");
    assert_eq!(plan["result"], "in-sync", "{plan}");
    let applied = house.run(&["apply", "new.example.com", "--yes", "-o", "json"]).await;
    assert_eq!((code(&applied), house.writes().await), (1, 0), "{}", words(&applied));
    let said: Value = serde_json::from_slice(&applied.stdout).unwrap();
    assert_eq!(said["result"], "failed", "{said}");
    let observed =
        house.command().args(["apply", "new.example.com", "--yes"]).env("MODE", "observe").output();
    assert_eq!(code(&observed.await.unwrap()), 1);
    let both = house.run(&["apply", "x.example.com", "new.example.com", "--yes"]).await;
    assert_eq!(code(&both), 1, "{}", words(&both));
    let all = report(&house, &["plan"]).await;
    let summary = &all["summary"];
    assert_eq!((&summary["unknown"], &summary["in_sync"]), (&json!(1), &json!(1)), "{all}");
    sweep(&house).await;
    let applied = house.run(&["apply", "new.example.com", "--yes"]).await;
    assert_eq!(
        (code(&applied), house.addresses("new").await),
        (0, vec!["203.0.113.8".to_owned()]),
        "{}",
        words(&applied)
    );
}

/// Two machines share a name, others are silent, one name is wrong, one is right and half of its machines are silent.
#[tokio::test(flavor = "multi_thread")]
async fn plan_and_timer_count_the_same_names() {
    let sets = [
        set("pair", &[NEW], Value::Null),
        set("half", &[NEW], Value::Null),
        set("x", &[OLD], Value::Null),
        set("mute", &[OLD], Value::Null),
        set("one", &[NEW], Value::Null),
    ];
    let machines = [
        tagged("a", "pair.example.com"),
        tagged("b", "pair.example.com"),
        tagged("c", "half.example.com"),
        tagged("d", "half.example.com"),
        tagged("m", "x.example.com"),
        tagged("s", "mute.example.com"),
        tagged("t", "mute.example.com"),
        tagged("e", "one.example.com, pair.example.com"),
        tagged("u", "nowhere.example.net"),
    ];
    let heard = ["a", "b", "c", "e"].into_iter().flat_map(|machine| moved(machine, NEW, NEW));
    // Whoever was heard two hours ago is silent.
    let long_ago = [beat("s", OLD, 2 * 3600)];
    let beats = heard.chain(moved("m", OLD, NEW)).chain(moved("u", OLD, NEW)).chain(long_ago);
    let beats: Vec<_> = beats.collect();
    let house = House::new(&sets, &machines, &beats, &[("MODE", "observe")]).await;
    let plan = report(&house, &["plan"]).await;
    let summary = &plan["summary"];
    assert_eq!((&summary["in_sync"], &summary["silent"]), (&json!(3), &json!(3)), "{plan}");
    let (_, words) = house.serve().await.tick().await;
    assert!(words.contains("3 in sync, 3 silent machines"), "{words}");
    let watch = crate::watch::Watch::start(&house, "1s").await;
    crate::handler::until("watch counts the same", async || {
        let metrics = watch.metrics().await;
        let of = |state| metrics.of("heartbeat_dns_names", "state", state);
        (of("in_sync"), of("silent")) == (3.0, 3.0)
    })
    .await;
}

/// Every way of counting says the same of one world: all names and each alone, planned and applied, timer and clock.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_counts_counts_the_same() {
    let kept = |name: &str, machine: &str| set(name, &[NEW], mark(machine, OWNER, "1"));
    let cut = json!({ "name": "lab", "type": "NS", "properties": { "TTL": 300,
        "NSRecords": [{ "nsdname": "ns1.example.net." }] } });
    let sets = [
        kept("right", "a"),
        kept("stale", "b"),
        kept("mixed", "c"),
        kept("x.lab", "e"),
        kept("dual", "f"),
        kept("not.sub", "g"),
        cut,
    ];
    let machines = [
        tagged("a", "right.example.com"),
        tagged("b", "stale.example.com"),
        tagged("c", "mixed.example.com"),
        tagged("d", "mixed.example.com"),
        tagged("e", "x.lab.example.com"),
        tagged("f", "dual.example.com"),
        tagged("g", "not.sub.example.com, nor.sub.example.com"),
        tagged("h", "mute.example.com"),
        tagged("i", "right.example.com"),
    ];
    let fresh = ["a", "c", "e", "f", "g"].into_iter().flat_map(|machine| moved(machine, NEW, NEW));
    let stale =
        ["b", "d"].into_iter().flat_map(|machine| [beat(machine, NEW, 3060), beat(machine, NEW, 3000)]);
    let six = [60, 2].map(|ago| beat("f", "2001:db8::7", ago));
    let beats: Vec<_> = fresh.chain(stale).chain(six).collect();
    // Two names that the policy does not allow are nobody's to count: one is right, the other one is not.
    let names = [("MODE", "apply"), ("POLICY_NAMES", "*.example.com,*.lab.example.com")];
    let house = House::new(&sets, &machines, &beats, &names).await;
    // Only `right` and `mixed`: `stale` was not heard lately, below `lab` others answer, `dual` has no AAAA.
    let plan = report(&house, &["plan"]).await;
    let summary = &plan["summary"];
    assert_eq!((&summary["in_sync"], &summary["silent"]), (&json!(2), &json!(2)), "{plan}");
    assert_eq!(skip(&plan, "stale.example.com")["reason"], "stale-heartbeat", "{plan}");
    assert_eq!(skip(&plan, "x.lab.example.com")["reason"], "delegated", "{plan}");
    let mut one_by_one = (0, 0);
    for (name, in_sync, silent) in [
        ("right", 1, 1),
        ("stale", 0, 0),
        ("mixed", 1, 0),
        ("x.lab", 0, 0),
        ("dual", 0, 0),
        ("not.sub", 0, 0),
        ("mute", 0, 1),
    ] {
        let name = format!("{name}.example.com");
        for command in [&["plan", &name][..], &["apply", &name, "--yes"]] {
            let said = report(&house, command).await;
            let summary = &said["summary"];
            let counted = (&summary["in_sync"], &summary["silent"]);
            assert_eq!(counted, (&json!(in_sync), &json!(silent)), "{command:?}: {said}");
            if !name.starts_with("not.") && !name.starts_with("mute") {
                let all = crate::handler::reasons(&plan, &name);
                let alone = crate::handler::reasons(&said, &name);
                assert!(alone.iter().all(|reason| all.contains(reason)), "{name}: {all:?} and {alone:?}");
            }
        }
        one_by_one = (one_by_one.0 + in_sync, one_by_one.1 + silent);
    }
    assert_eq!(one_by_one, (2, 2));
    assert_eq!(house.writes().await, 0);
    let handler = house.serve().await;
    house.stage.calls().await;
    let (_, words) = handler.tick().await;
    assert!(words.contains("2 in sync, 2 silent machines"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_fits_no_zone_is_a_fault() {
    let house = drifted(&[]).await;
    let with = async |names: &str| {
        let mut command = house.command();
        let output = command.args(["plan"]).env("POLICY_NAMES", names).output().await.unwrap();
        (code(&output), words(&output))
    };
    let (ended, said) = with("*.example.net").await;
    assert!(ended == 2 && said.contains("POLICY_NAMES") && said.contains("example.com"), "{said}");
    let (ended, said) = with("*.example.net,*.example.com").await;
    assert!(ended == 0 && said.matches("*.example.net").count() == 1, "{said}");
}

/// A brake opens by itself, or for whoever looks at it; a name that is mistyped is found by nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn a_brake_beside_a_name_that_nobody_claims_is_a_mistake_all_the_same() {
    let house = crate::watch::converging(&[]).await;
    for (names, exit) in [(&["shop0.example.com"][..], 4), (&["shop0.example.com", "shopo.example.com"], 2)] {
        let applied = house.run(&[&["apply", "--yes"], names].concat()).await;
        assert_eq!((code(&applied), house.writes().await), (exit, 0), "{names:?}: {}", words(&applied));
    }
}
