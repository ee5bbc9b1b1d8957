//! A right that was lost: what cannot be seen any more is neither deleted nor right.

use serde_json::{Value, json};

use super::{NEW, OLD, code, report, skip, words};
use crate::handler::{House, OWNER, beat, mark, moved, set, tagged};
use crate::stage::{SUBSCRIPTION, machine_id};

/// Three names that are right.
async fn three_right() -> House {
    let names = ["a", "b", "c"];
    let sets = names.map(|name| set(name, &[OLD], Value::Null));
    let machines = names.map(|name| tagged(name, &format!("{name}.example.com")));
    let beats: Vec<Value> =
        names.iter().flat_map(|name| [beat(name, OLD, 60), beat(name, OLD, 120)]).collect();
    House::new(&sets, &machines, &beats, &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_role_is_no_fleet_that_was_deleted() {
    let names = ["a", "b", "c"];
    let sets = names.map(|name| set(name, &[OLD], Value::Null));
    let machines = names.map(|name| tagged(name, &format!("{name}.example.com")));
    let beats: Vec<Value> = names.iter().flat_map(|name| moved(name, OLD, NEW)).collect();
    let house = House::new(&sets, &machines, &beats, &[]).await;
    house.control("PUT", "/standin/hidden", &json!({ "subscriptions": ["*"] })).await;
    let handler = house.serve().await;
    let report = handler.apply().await;
    assert_eq!(report["result"], "held", "{report}");
    assert_eq!((&report["brakes"][0]["brake"], &report["brakes"][0]["seen"]), (&json!("blind"), &json!(100)));
    assert!(names.iter().all(|name| skip(&report, &format!("{name}.example.com"))["reason"] == "blind"));
    // Rows say so, and so does the whole fleet: it is one brake.
    let planned = house.run(&["plan", "--exit-code", "-o", "json"]).await;
    let told: Value = serde_json::from_slice(&planned.stdout).unwrap();
    let brakes = told["brakes"].as_array().unwrap().len();
    assert_eq!((code(&planned), brakes), (4, 1), "{}", words(&planned));
    house.control("DELETE", "/standin/hidden", &Value::Null).await;
    assert_eq!(handler.apply().await["result"], "changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_nothing_is_not_in_sync_when_the_fleet_cannot_be_seen() {
    let house = three_right().await;
    assert_eq!(report(&house, &["plan"]).await["summary"]["in_sync"], 3);
    house.control("PUT", "/standin/hidden", &json!({ "subscriptions": ["*"] })).await;
    let planned = house.run(&["plan", "--exit-code", "-o", "json"]).await;
    let told: Value = serde_json::from_slice(&planned.stdout).unwrap();
    assert_eq!((&told["result"], code(&planned)), (&json!("held"), 4), "{told}");
    let brake = &told["brakes"][0];
    assert_eq!((&brake["brake"], &brake["seen"]), (&json!("blind"), &json!(100)), "{told}");
}

/// No fresh data gives a right back: the screen names the command that says what is missing.
#[tokio::test(flavor = "multi_thread")]
async fn under_a_lost_right_a_plan_names_the_doctor() {
    let house = two_of_four_hidden().await;
    let shown = words(&house.run(&["plan"]).await);
    assert!(
        shown.contains("what is missing, and the az line for it:") && shown.contains("heartbeat-dns doctor"),
        "{shown}"
    );
    assert!(!shown.contains("opens by itself"), "{shown}");
}

/// What was never decided is no creation and no move: with the right back it may be a CNAME, a conflict or no change at all.
#[tokio::test(flavor = "multi_thread")]
async fn under_a_lost_right_a_plan_shows_nothing_as_what_would_be_written() {
    let claims = [("a", "new"), ("b", "dup"), ("c", "dup"), ("d", "there")];
    let machines = claims.map(|(machine, name)| tagged(machine, &format!("{name}.example.com")));
    let beats: Vec<Value> = claims.iter().flat_map(|(machine, _)| moved(machine, OLD, NEW)).collect();
    let house = House::new(&[set("there", &[OLD], Value::Null)], &machines, &beats, &[]).await;
    house.control("PUT", "/standin/hidden", &json!({ "subscriptions": ["*"] })).await;
    let shown = words(&house.run(&["plan"]).await);
    assert!(!shown.contains("+ ") && !shown.contains(" -> "), "{shown}");
    let left = ["new.example.com  A  not decided", "dup.example.com  A  not decided"];
    assert!(left.iter().all(|line| shown.matches(&format!("! {line}\n")).count() == 1), "{shown}");
    assert!(shown.contains(&format!("! there.example.com  A  {OLD} stays, not decided\n")), "{shown}");
}

/// Four machines that nobody may see any more, of which two have moved and have rows.
async fn two_of_four_hidden() -> House {
    let names = ["a", "b", "c", "d"];
    let sets = names.map(|name| set(name, &[OLD], Value::Null));
    let machines = names.map(|name| tagged(name, &format!("{name}.example.com")));
    let still = |name: &&str| [beat(name, OLD, 60), beat(name, OLD, 120)];
    let mut beats: Vec<Value> = names[..2].iter().flat_map(still).collect();
    beats.extend(names[2..].iter().flat_map(|name| moved(name, OLD, NEW)));
    let house = House::new(&sets, &machines, &beats, &[]).await;
    house.control("PUT", "/standin/hidden", &json!({ "subscriptions": ["*"] })).await;
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn two_machines_that_cannot_be_read_are_looked_at_beside_the_whole_fleet() {
    let house = two_of_four_hidden().await;
    let applied = house.run(&["apply", "--yes", "-o", "json"]).await;
    let told: Value = serde_json::from_slice(&applied.stdout).unwrap();
    assert_eq!((&told["result"], code(&applied), house.writes().await), (&json!("held"), 4, 0), "{told}");
    assert_eq!(told["brakes"][0]["brake"], "blind", "{told}");
}

/// The rows of two machines show too little; what the fleet shows is said of their names, of an adoption too.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_whose_machine_cannot_be_seen_is_blind_where_the_fleet_is() {
    let house = two_of_four_hidden().await;
    for verb in [&["plan"][..], &["plan", "c.example.com"], &["adopt", "c.example.com", "--yes"]] {
        let told: Value =
            serde_json::from_slice(&house.run(&[verb, &["-o", "json"]].concat()).await.stdout).unwrap();
        assert_eq!(skip(&told, "c.example.com")["reason"], "blind", "{verb:?}: {told}");
        let brakes = told["brakes"].as_array().unwrap();
        let names = brakes[0]["names"].as_array().unwrap();
        assert!(brakes.len() == 1 && names.contains(&json!("c.example.com")), "{verb:?}: {told}");
        assert_eq!(told["unclaimed"], Value::Null, "{verb:?}: {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_silent_is_counted_beside_a_machine_that_cannot_be_read() {
    let (here, there) =
        (SUBSCRIPTION.trim_start_matches("/subscriptions/"), "00000000-0000-0000-0000-000000000002");
    let id = machine_id("far").replace(here, there);
    let mut far = tagged("far", "x.example.com");
    far["id"] = json!(id);
    let beats = moved("far", OLD, NEW).into_iter().map(|mut beat| {
        beat["_ResourceId"] = json!(id.to_lowercase());
        beat
    });
    let machines = [far, tagged("mute", "mute.example.com")];
    let house =
        House::new(&[set("x", &[OLD], Value::Null)], &machines, &beats.collect::<Vec<_>>(), &[]).await;
    house.control("PUT", "/standin/hidden", &json!({ "subscriptions": [there] })).await;
    let told = report(&house, &["plan", "x.example.com", "mute.example.com"]).await;
    let reasons = ["x.example.com", "mute.example.com"].map(|name| skip(&told, name)["reason"].clone());
    assert_eq!(reasons, [json!("tag-gone"), json!("no-heartbeat")], "{told}");
    assert_eq!(told["summary"]["silent"], 1, "{told}");
}

/// An id that Azure understands in no way proves nobody's end.
#[tokio::test(flavor = "multi_thread")]
async fn a_holder_of_whom_azure_understands_nothing_keeps_its_name() {
    for (status, code, reason) in
        [(400, "InvalidResourceType", json!("not-owned")), (404, "ResourceNotFound", Value::Null)]
    {
        let sets = [set("x", &[OLD], mark("old", OWNER, "1"))];
        let mut beats = moved("new", OLD, NEW);
        beats.push(beat("old", OLD, 2 * 3600));
        let house = House::new(&sets, &[tagged("new", "x.example.com")], &beats, &[]).await;
        let body = json!({ "error": { "code": code, "message": "no" } });
        let answer = json!({ "method": "GET", "path": "/machines/old\\?", "times": 1000, "status": status, "body": body });
        house.stage.fail(&json!([answer])).await;
        let told = house.serve().await.apply().await;
        assert_eq!(skip(&told, "x.example.com")["reason"], reason, "{told}");
        let held = if reason.is_null() { NEW } else { OLD };
        assert_eq!(house.addresses("x").await, [held], "{told}");
    }
}

/// Of what could not be looked at no number is known, and none is 0.
#[tokio::test(flavor = "multi_thread")]
async fn under_a_lost_right_no_name_is_counted_that_was_not_seen() {
    let house = three_right().await;
    house.control("PUT", "/standin/hidden", &json!({ "subscriptions": ["*"] })).await;
    let output = house.run(&["plan"]).await;
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(shown.lines().next().unwrap().contains(" · 3 names · "), "{shown}");
    assert!(shown.contains("\n3 not known, for want of that right\n"), "{shown}");
    let told = report(&house, &["plan"]).await;
    for count in ["in_sync", "silent", "unknown"] {
        assert_eq!(told["summary"][count], Value::Null, "{told}");
    }
    // No fresh data gives the right back.
    let explained = words(&house.run(&["explain", "a.example.com"]).await);
    assert!(explained.contains("blind holds it") && !explained.contains("opens by itself"), "{explained}");
}

/// What may not be read any more is not right by what was read before.
#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_may_not_be_read_any_more_is_named_and_nothing_in_it_is_in_sync() {
    let names = ["a", "b", "c"];
    let sets = names.map(|name| set(name, &[OLD], mark(name, OWNER, "1")));
    let machines = names.map(|name| tagged(name, &format!("{name}.example.com")));
    let beats: Vec<Value> =
        names.iter().flat_map(|name| [beat(name, OLD, 60), beat(name, OLD, 120)]).collect();
    let house = House::new(&sets, &machines, &beats, &[]).await;
    let roles = |not: &str| {
        json!({ "identity": { "roles": [{ "scope": SUBSCRIPTION, "actions": ["*"], "notActions": [not],
            "dataActions": ["Microsoft.Insights/Telemetry/Write"] }] } })
    };
    house.world(&roles("Microsoft.Network/*")).await;
    let output = house.run(&["plan"]).await;
    let shown = words(&output).split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(code(&output), 1, "{shown}");
    assert!(shown.contains("3 left as they are, 0 in sync"), "{shown}");
    assert!(shown.contains("Microsoft.Network/dnszones/A/read"), "{shown}");
    assert_eq!(shown.matches("heartbeat-dns doctor").count(), 1, "{shown}");
    assert!(!shown.contains("infra/README.md"), "{shown}");
    assert_eq!(report(&house, &["plan"]).await["result"], "retry-later");
    let named = words(&house.run(&["plan", "a.example.com"]).await);
    assert_eq!(named.matches("heartbeat-dns doctor").count(), 1, "{named}");
    // Installations from before lack the right to read the delegations alone.
    house.world(&roles("Microsoft.Network/dnsZones/NS/read")).await;
    let output = house.run(&["plan"]).await;
    let shown = words(&output);
    assert!(code(&output) == 0 && shown.contains(" 3 in sync"), "{shown}");
    assert!(shown.contains("Microsoft.Network/dnsZones/NS/read"), "{shown}");
}
