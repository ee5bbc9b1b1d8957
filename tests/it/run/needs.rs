//! A question that is not answered reaches the names that need it, and no others.

use serde_json::{Value, json};

use super::{NEW, OLD, change, code, drifted, report, set_id, skip, sweep, with_stranger, words};
use crate::handler::{House, moved, outcomes, set, tagged, until};
use crate::stage::zone_id;
use crate::watch::Watch;
use crate::watch::notices::{Receiver, evaluated};

/// Answers to the question about 30 days: it is the third to the logs.
fn evidence(answer: &Value) -> Value {
    let mut answer = answer.clone();
    answer["path"] = json!("/query");
    answer["times"] = json!(1000);
    json!([{ "path": "/query", "times": 2, "delay_ms": 1 }, answer])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_whose_history_is_unknown_stops_nobody() {
    let partial = json!({ "status": 200, "body": {
        "tables": [{ "name": "PrimaryResult", "columns": [], "rows": [] }],
        "error": { "code": "PartialError", "message": "incomplete", "details": [{ "code": "EngineError", "message": "m",
            "innererror": { "code": "-1", "message": "i", "severity": 2, "severityName": "Error" } }] } } });
    for (answer, cause) in [(json!({ "status": 504 }), "504"), (partial, "part of its rows")] {
        let house = with_stranger(&[]).await;
        house.stage.fail(&evidence(&answer)).await;
        let one = house.run(&["apply", "y.example.com", "--yes"]).await;
        assert_eq!(code(&one), 0, "what fails for others is no failure of this one: {}", words(&one));
        assert_eq!(house.addresses("y").await, ["203.0.113.11"], "{}", words(&one));
        house.stage.fail(&evidence(&answer)).await;
        let report = house.serve().await.apply().await;
        assert_eq!(change(&report, "x.example.com")["outcome"], "confirmed", "{report}");
        let stranger = skip(&report, "blog.example.com");
        assert_eq!(stranger["reason"], "blind", "{report}");
        assert!(stranger["because"].as_str().unwrap().contains(cause), "{stranger}");
        assert_eq!(house.addresses("x").await, [NEW]);
        assert_eq!(house.addresses("blog").await, ["192.0.2.80"]);
        house.stage.fail(&json!([])).await;
        let report = house.serve().await.apply().await;
        assert_eq!(skip(&report, "blog.example.com")["reason"], "not-owned", "{report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_does_not_show_has_not_lost_its_tag() {
    let (house, machine) = (drifted(&[]).await, "/machines/m\\?");
    let silent = json!({ "totalRecords": 0, "count": 0, "data": [], "resultTruncated": "false" });
    let graph = json!({ "path": "ResourceGraph", "times": 1000, "body": silent });
    for answer in [json!({}), json!({ "id": "x", "tags": {} }), json!("<html>sign in</html>")] {
        let single = json!({ "method": "GET", "path": machine, "times": 1000, "body": answer });
        house.stage.fail(&json!([graph, single])).await;
        let report = house.serve().await.apply().await;
        let skip = skip(&report, "x.example.com");
        assert_eq!(skip["reason"], "blind", "{answer}: {report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_of_something_else_are_trouble_and_no_silence() {
    let house = drifted(&[]).await;
    let empty = json!({ "tables": [{ "name": "PrimaryResult", "columns": [], "rows": [] }] });
    house.stage.fail(&json!([{ "path": "/query", "times": 1000, "body": empty }])).await;
    let (status, answer) = house.serve().await.remediate(r#"{"mode":"apply","wait":true}"#).await;
    assert_eq!((status, &answer["result"]), (503, &json!("retry-later")), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_cannot_be_read_stops_no_other() {
    let (house, zones) = zones(2, standin::Options::default()).await;
    house
        .stage
        .fail(&json!([{ "method": "GET", "path": "/z00.example/A/", "times": 1000, "status": 403 }]))
        .await;
    let report = house.serve().await.apply().await;
    assert_eq!(change(&report, &format!("host.{}", zones[1]))["outcome"], "confirmed", "{report}");
    let blind = skip(&report, &format!("host.{}", zones[0]));
    assert_eq!(blind["reason"], "blind", "{report}");
    assert!(blind["because"].as_str().unwrap().contains("403"), "{blind}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_pinged_for_a_zone_that_cannot_be_read_and_an_observer_says_why() {
    for mode in ["observe", "apply"] {
        let receiver = Receiver::start().await;
        let (mut house, names) = zones(2, standin::Options::default()).await;
        let ping = format!("{}/ping", receiver.url);
        let more = [("PING_URL", ping.as_str()), ("MODE", mode)];
        house.environment.extend(more.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let refused = json!({ "method": "GET", "path": "/z00.example/A/", "times": 100_000, "status": 403,
            "body": { "error": { "code": "AuthorizationFailed", "message": "not for you" } } });
        house.stage.fail(&json!([refused])).await;
        let watch = Watch::start(&house, "1s").await;
        until("there were four rounds", async || evaluated(&watch).await >= 4.0).await;
        let log = watch.stop().await.log;
        assert_eq!(receiver.pings(), 0, "{mode}: {log}");
        let cause = log.lines().filter(|line| line.contains("ERROR") && line.contains("not for you")).count();
        assert!(cause >= 3, "{mode}, in each run: {log}");
        let told = format!("host.{} A is left as it is, blind", names[0]);
        assert_eq!(log.matches(&told).count(), 1, "{mode}: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_listing_did_not_reach_is_unknown_and_not_absent() {
    let moving = ["a1", "a2", "z1", "z2"];
    let filler = (0..600).map(|index| set(&format!("m{index:03}"), &["192.0.2.1"], Value::Null));
    let old = |index: usize| format!("198.51.100.{}", index + 1);
    let all = moving.iter().enumerate();
    let own = all.clone().map(|(index, name)| set(name, &[&old(index)], Value::Null));
    let machines: Vec<_> = moving.iter().map(|name| tagged(name, &format!("{name}.example.com"))).collect();
    let beats: Vec<_> =
        all.flat_map(|(index, name)| moved(name, &old(index), &format!("203.0.113.{}", index + 1))).collect();
    let house = House::new(&own.chain(filler).collect::<Vec<_>>(), &machines, &beats, &[]).await;
    // Four names of a zone with two pages are listed; the second page does not come.
    house
        .stage
        .fail(&json!([{ "method": "GET", "path": "/A\\?.*skipToken", "times": 1000, "status": 403 }]))
        .await;
    let report = house.serve().await.apply().await;
    for name in ["a1", "a2"] {
        assert_eq!(change(&report, &format!("{name}.example.com"))["outcome"], "confirmed", "{report}");
    }
    for name in ["z1", "z2"] {
        let unread = skip(&report, &format!("{name}.example.com"));
        assert_eq!(unread["reason"], "blind", "{report}");
        assert!(unread["because"].as_str().unwrap().contains("403"), "{unread}");
    }
    let calls = house.stage.calls().await;
    let written = calls.iter().filter(|call| call.method == "PUT").count();
    assert_eq!(written, 2, "{calls:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_entry_of_a_listing_that_cannot_be_read_holds_its_own_name_alone() {
    let names = ["a1", "a2"];
    let old = |index: usize| format!("198.51.100.{}", index + 1);
    let own = names.iter().enumerate().map(|(index, name)| set(name, &[&old(index)], Value::Null));
    let machines: Vec<_> = names.iter().map(|name| tagged(name, &format!("{name}.example.com"))).collect();
    let beats: Vec<_> = names
        .iter()
        .enumerate()
        .flat_map(|(index, name)| moved(name, &old(index), &format!("203.0.113.{}", index + 1)))
        .collect();
    let house = House::new(&own.collect::<Vec<_>>(), &machines, &beats, &[]).await;
    let page = json!({ "value": [{ "name": "a1", "etag": "e", "properties": house.record_set("a1").await },
        { "name": "a2", "etag": "e", "properties": null },
        { "name": "x", "properties": 5 }] });
    let fault = json!([{ "method": "GET", "path": "/A\\?", "times": 1, "status": 200, "body": page }]);
    house.stage.fail(&fault).await;
    let report = house.serve().await.apply().await;
    assert_eq!(change(&report, "a1.example.com")["outcome"], "confirmed", "{report}");
    let unread = skip(&report, "a2.example.com");
    assert_eq!(unread["reason"], "blind", "{report}");
    assert!(unread["because"].as_str().unwrap().contains("a2.example.com A"), "{unread}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whichever_of_the_two_questions_is_half_answered_holds_everything() {
    let house = drifted(&[]).await;
    let partial = json!({ "path": "/query", "status": 200, "body": {
        "tables": [{ "name": "PrimaryResult", "columns": [], "rows": [] }],
        "error": { "code": "PartialError", "message": "incomplete", "details": [{ "code": "EngineError", "message": "m",
            "innererror": { "code": "-1", "message": "i", "severity": 2, "severityName": "Error" } }] } } });
    let handler = house.serve().await;
    // They are asked at the same time, in whatever order: now the first to come, now the second.
    let other = json!({ "path": "/query", "times": 1, "delay_ms": 1 });
    for faults in [json!([partial]), json!([other, partial]), json!([partial]), json!([other, partial])] {
        house.stage.fail(&faults).await;
        let report = handler.apply().await;
        assert_eq!(report["result"], "held", "{report}");
        let brakes = report["brakes"].as_array().unwrap();
        let told = brakes.iter().any(|brake| brake["because"].as_str().unwrap().contains("part of its rows"));
        assert!(told, "{report}");
    }
    assert_eq!((house.writes().await, house.addresses("x").await), (0, vec![OLD.to_owned()]));
}

/// So many zones with one name each that has moved.
async fn zones(count: usize, options: standin::Options) -> (House, Vec<String>) {
    let names: Vec<_> = (0..count).map(|index| format!("z{index:02}.example")).collect();
    let machine = |index: usize| format!("m{index:02}");
    let machines: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(index, zone)| tagged(&machine(index), &format!("host.{zone}")))
        .collect();
    let zones: Vec<_> = names
        .iter()
        .map(|zone| json!({ "id": zone_id(zone), "recordSets": [set("host", &[OLD], Value::Null)] }))
        .collect();
    let ids: Vec<_> = names.iter().map(|zone| zone_id(zone)).collect();
    let mut house = House::with_options(&[], &[], &[], &[], options).await;
    house.environment.insert("DNS_ZONES".to_owned(), ids.join(","));
    house.world(&json!({ "zones": zones, "machines": machines })).await;
    let beats: Vec<_> = (0..count).flat_map(|index| moved(&machine(index), OLD, NEW)).collect();
    house.heartbeats(&beats).await;
    sweep(&house).await;
    house.stage.all_calls().await;
    (house, names)
}

#[tokio::test(flavor = "multi_thread")]
async fn zones_are_read_at_the_same_time() {
    let (house, _) = zones(30, standin::Options::default()).await;
    let reads = json!([{ "method": "GET", "path": "/dnsZones/.*/A/host", "times": 1000, "delay_ms": 4000 }]);
    house.stage.fail(&reads).await;
    let handler = house.serve().await;
    let together = async {
        until("most reads are on their way", async || {
            let left = house.stage.faults().await[0]["times"].as_u64().unwrap();
            left <= 1000 - 24
        })
        .await;
        let answered = house.stage.calls().await;
        assert!(answered.iter().all(|call| !call.path.contains("/A/host")), "{answered:?}");
        house.stage.fail(&json!([])).await;
    };
    let (report, ()) = tokio::join!(handler.apply(), together);
    assert_eq!(
        (outcomes(&report), report["changes"].as_array().unwrap().len()),
        (vec!["confirmed".to_owned()], 30)
    );
}

/// Two names below a cut, one right in its record set and one not, and one beside it.
async fn cut(more: &[(&str, &str)]) -> House {
    let cut = json!({ "name": "home", "type": "NS", "properties": { "TTL": 3600,
        "NSRecords": [{ "nsdname": "ns1.example.net." }] } });
    let sets = [
        cut,
        set("a.home", &[OLD], Value::Null),
        set("b.home", &[NEW], Value::Null),
        set("x", &[OLD], Value::Null),
    ];
    let machines =
        [tagged("a", "a.home.example.com"), tagged("b", "b.home.example.com"), tagged("m", "x.example.com")];
    let beats = [moved("a", OLD, NEW), moved("b", NEW, NEW), moved("m", OLD, NEW)].concat();
    House::new(&sets, &machines, &beats, more).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_other_name_servers_answer_for_is_delegated() {
    let house = cut(&[]).await;
    let plan = report(&house, &["plan"]).await;
    for name in ["a.home.example.com", "b.home.example.com"] {
        let skip = skip(&plan, name);
        assert_eq!(skip["reason"], "delegated", "{plan}");
        assert!(skip["because"].as_str().unwrap().contains("home.example.com"), "{skip}");
    }
    assert_eq!(plan["summary"]["in_sync"], 0, "{plan}");
    let told = house.query("DNSData_CL | where Refused_s == 'code=delegated' | distinct DNSHostName_s").await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert_eq!(
        skip(&report(&house, &["plan", "b.home.example.com"]).await, "b.home.example.com")["reason"],
        "delegated"
    );
    let applied = house.serve().await.apply().await;
    assert_eq!(change(&applied, "x.example.com")["outcome"], "confirmed", "{applied}");
    assert_eq!((house.addresses("a.home").await, house.writes().await), (vec![OLD.to_owned()], 1));
    let adopted = house.run(&["adopt", "a.home.example.com", "--yes"]).await;
    assert_eq!(
        (house.addresses("a.home").await, house.writes().await),
        (vec![OLD.to_owned()], 0),
        "{}",
        words(&adopted)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_see_cuts_the_run_goes_on_with_a_warning() {
    let house = drifted(&[]).await;
    let body = json!({ "error": { "code": "AuthorizationFailed", "message": "no" } });
    house.stage.fail(&json!([{ "method": "GET", "path": "/example.com/NS", "times": 1000, "status": 403, "body": body }])).await;
    let applied = house.run(&["apply", "--yes"]).await;
    assert_eq!(
        (code(&applied), house.addresses("x").await),
        (0, vec![NEW.to_owned()]),
        "{}",
        words(&applied)
    );
    let said = words(&applied);
    assert!(said.contains("warning: ") && said.contains("NS record set") && said.contains("role"), "{said}");
    let swept = house.run(&["collect"]).await;
    assert_eq!(code(&swept), 0, "{}", words(&swept));
    assert!(words(&swept).contains("NS record set"), "{}", words(&swept));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_without_an_entity_tag_is_blind() {
    for etag in [Value::Null, json!(""), json!("*")] {
        let house = drifted(&[]).await;
        let bare = json!({ "id": set_id("x"), "name": "x", "type": "Microsoft.Network/dnszones/A", "etag": etag,
            "properties": { "TTL": 300, "fqdn": "x.example.com.", "ARecords": [{ "ipv4Address": OLD }] } });
        let fault = json!([{ "method": "GET", "path": "/A/x", "times": 1000, "status": 200, "body": bare }]);
        house.stage.fail(&fault).await;
        let report = house.serve().await.apply().await;
        let skip = skip(&report, "x.example.com");
        assert_eq!((&skip["reason"], &report["result"]), (&json!("blind"), &json!("held")), "{report}");
        assert!(skip["because"].as_str().unwrap().contains("entity tag"), "{skip}");
        let writes = house.stage.calls().await.into_iter().filter(|call| call.method == "PUT").count();
        assert_eq!(writes, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn observing_writes_nothing_whoever_asks() {
    let house = drifted(&[("MODE", "observe")]).await;
    let handler = house.serve().await;
    let alert = std::fs::read_to_string(format!(
        "{}/tests/it/fixtures/alerts/alert-v2-fired.json",
        env!("CARGO_MANIFEST_DIR")
    ));
    for body in [alert.unwrap(), r#"{"mode":"apply","wait":true}"#.to_owned()] {
        let (_, answer) = handler.remediate(&body).await;
        let done = answer["changes"].as_array().into_iter().flatten();
        assert!(done.into_iter().all(|change| change["outcome"] == "planned"), "{answer}");
    }
    handler.tick().await;
    assert_eq!((house.writes().await, house.addresses("x").await), (0, vec![OLD.to_owned()]));
    let adopted = house.run(&["adopt", "x.example.com", "--yes"]).await;
    assert!(words(&adopted).contains("nothing was written"), "{}", words(&adopted));
    assert_eq!((code(&adopted), house.writes().await), (3, 0), "{}", words(&adopted));
    assert_eq!(house.query("DNSChange_CL | count").await, [json!([0])]);
}

/// The second installation has its own owner and its own zone in the same workspace.
#[tokio::test(flavor = "multi_thread")]
async fn two_installations_in_one_workspace_see_their_own() {
    let sets = [set("x", &[OLD], Value::Null)];
    let machines = [tagged("m", "x.example.com"), tagged("o", "y.example.org")];
    let beats = [moved("m", OLD, NEW), moved("o", OLD, NEW)].concat();
    let mut house = House::new(&[], &[], &[], &[]).await;
    let ours = json!({ "id": zone_id("example.com"), "recordSets": sets });
    let theirs = json!({ "id": zone_id("example.org"), "recordSets": [set("y", &[OLD], Value::Null)] });
    house.world(&json!({ "zones": [ours, theirs], "machines": machines })).await;
    house.heartbeats(&beats).await;
    let first = house.environment.clone();
    let mut second = first.clone();
    second.insert("DNS_ZONES".to_owned(), zone_id("example.org"));
    second.insert("OWNER_ID".to_owned(), "the-other".to_owned());
    for own in [&first, &second] {
        house.environment = own.clone();
        sweep(&house).await;
    }
    for (own, name) in [(&first, "x.example.com"), (&second, "y.example.org")] {
        house.environment = own.clone();
        let applied = house.serve().await.apply().await;
        assert_eq!(change(&applied, name)["outcome"], "confirmed", "{applied}");
        assert_eq!(applied["changes"].as_array().unwrap().len(), 1, "{applied}");
    }
    // Again, after both have told the log of what they did and swept.
    for own in [&first, &second] {
        house.environment = own.clone();
        sweep(&house).await;
    }
    for own in [&first, &second] {
        house.environment = own.clone();
        house.stage.calls().await;
        let quiet = house.serve().await.apply().await;
        assert_eq!((&quiet["result"], house.stage.calls().await.len()), (&json!("in-sync"), 2), "{quiet}");
        let plan = report(&house, &["plan"]).await;
        assert_eq!(
            (&plan["summary"]["in_sync"], &plan["summary"]["unknown"]),
            (&json!(1), &json!(0)),
            "{plan}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_named_run_reads_no_sets_of_other_zones() {
    let sets = [set("x", &[OLD], Value::Null), set("y", &["198.51.100.11"], Value::Null)];
    let machines = [tagged("m", "x.example.com"), tagged("n", "y.example.com"), tagged("o", "z.example.org")];
    let beats =
        [moved("m", OLD, NEW), moved("n", "198.51.100.11", "203.0.113.11"), moved("o", OLD, "203.0.113.8")];
    let mut house = House::new(&sets, &machines, &beats.concat(), &[]).await;
    let both = [zone_id("example.com"), zone_id("example.org")];
    house
        .world(&json!({ "zones": [
            { "id": both[0], "recordSets": sets },
            { "id": both[1], "recordSets": [set("z", &[OLD], Value::Null)] },
        ] }))
        .await;
    house.environment.insert("DNS_ZONES".to_owned(), both.join(","));
    sweep(&house).await;
    house.stage.calls().await;
    let plan = report(&house, &["plan", "x.example.com"]).await;
    assert_eq!(change(&plan, "x.example.com")["to"], json!([NEW]), "{plan}");
    let calls = house.stage.calls().await;
    assert!(calls.iter().all(|call| !call.path.contains("example.org")), "{calls:?}");
    // The brakes look at the whole zone: its other names are read all the same.
    assert!(calls.iter().any(|call| call.path.contains("/A")), "{calls:?}");
}
