//! What goes first, and what no template can do: leaders, what people decide by hand, and ends.

use serde_json::{Value, json};

use super::{NAME, NEW, OLD, VIA, arm, begun, change, hold, report};
use crate::handler::{House, OWNER, beat, mark, moved, outcomes, set, tagged, until};
use crate::run::{code, lock, name, new, old, set_id, skip, street, words};

/// Everything older than a second is free, so that the run has a leader and followers.
const FREE: (&str, &str) = ("POLICY_SURGE_HOLD", "1s");
const HOST: &str = "x.example.com";

/// The names that the zone's deployment wrote last.
async fn written(house: &House) -> Vec<String> {
    let path =
        format!("{}/resourcegroups/rg-dns/providers/Microsoft.Resources{NAME}", crate::stage::SUBSCRIPTION);
    let (_, shown) = arm(house, "GET", &path, &Value::Null).await;
    let ids = shown["properties"]["outputResources"].as_array().cloned().unwrap_or_default();
    ids.iter().map(|one| one["id"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()).collect()
}

/// The methods of the requests that change something, in their order, with what they are about.
async fn changing(house: &House) -> Vec<(String, bool)> {
    let calls = house.stage.calls().await.into_iter();
    let changing = calls.filter(|call| matches!(call.method.as_str(), "PUT" | "DELETE" | "PATCH"));
    changing.map(|call| (call.method.clone(), call.path.contains("/deployments/"))).collect()
}

/// One set of ours; its machine may claim it or not.
async fn one(is_claimed: bool) -> House {
    let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
    let machine = tagged("m", if is_claimed { HOST } else { "other.example.com" });
    House::new(&sets, &[machine], &moved("m", OLD, NEW), &[VIA]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_surge_the_oldest_is_deployed_alone_and_must_be_proved() {
    let mut house = street(30, &[FREE, VIA, ("RUN_DEADLINE", "20s")]).await;
    let lie = json!([{ "lie": { "n000.example.com": ["192.0.2.1"] } }]);
    let servers = house.control("PUT", "/standin/name-servers", &lie).await;
    let honest = house.stage.standin.dns_addr().to_string();
    let both = format!("{honest},{}", servers[0]["address"].as_str().unwrap());
    house.environment.insert("DNS_VERIFY_SERVERS".to_owned(), both);
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!(told["changes"].as_array().unwrap().len(), 1, "{told}");
    assert_eq!(change(&told, "n000.example.com")["outcome"], "confirmed", "{told}");
    assert_eq!(skip(&told, "n029.example.com")["reason"], "braked", "{told}");
    assert_eq!((begun(&house).await, written(&house).await), (vec![201], vec![name(0)]));
    assert_eq!(house.addresses("n001").await, [old(1)]);
    house.environment.insert("DNS_VERIFY_SERVERS".to_owned(), honest);
    house.stage.calls().await;
    let told = report(&house, &["apply", "--yes"]).await;
    assert_eq!(
        (outcomes(&told), told["changes"].as_array().unwrap().len()),
        (vec!["confirmed".to_owned()], 29)
    );
    for index in 0..30 {
        assert_eq!(house.addresses(&name(index)).await, [new(index)]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_proved_is_followed_by_one_deployment_and_a_refused_one_by_the_next() {
    for is_locked in [false, true] {
        let house = street(30, &[FREE, VIA]).await;
        if is_locked {
            house.world(&lock(&set_id("n000"))).await;
        }
        let told = report(&house, &["apply", "--yes"]).await;
        let (leaders, first) = if is_locked { (2, "failed") } else { (1, "confirmed") };
        assert_eq!(change(&told, "n000.example.com")["outcome"], first, "{told}");
        let mut statuses = vec![201];
        statuses.extend([200].repeat(leaders));
        assert_eq!(begun(&house).await, statuses, "{told}");
        assert_eq!(written(&house).await.len(), 30 - leaders, "{told}");
        for index in leaders..30 {
            assert_eq!(house.addresses(&name(index)).await, [new(index)], "{told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_decide_by_hand_goes_by_deployments_too() {
    let house = one(true).await;
    for (arguments, at, key, value) in [
        (&["hold", HOST, "--why", "line", "--yes"][..], OLD, "hold_why", json!("line")),
        (&["unhold", HOST, "--yes"], OLD, "hold", Value::Null),
        (&["apply", "--yes"], NEW, "previous", json!(OLD)),
        (&["rollback", HOST, "--yes"], OLD, "hold", json!("forever")),
        (&["unhold", HOST, "--yes"], OLD, "hold", Value::Null),
        (&["release", HOST, "--yes"], OLD, "owner", json!("released")),
        (&["adopt", HOST, "--yes"], NEW, "owner", json!(OWNER)),
        (&["release", HOST, "--clean", "--yes"], NEW, "owner", Value::Null),
    ] {
        let told = report(&house, arguments).await;
        assert_eq!(outcomes(&told), ["confirmed"], "{arguments:?}: {told}");
        assert!(
            told["changes"].as_array().unwrap().iter().all(|change| change["via"] == "deployment"),
            "{told}"
        );
        let left = house.record_set("x").await;
        assert_eq!(left["metadata"][format!("heartbeat_dns_{key}")], value, "{arguments:?}: {left}");
        assert_eq!(house.addresses("x").await, [at], "{arguments:?}");
        let changing = changing(&house).await;
        assert!(!changing.is_empty() && changing.iter().all(|one| one.1), "{arguments:?}: {changing:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_brake_holds_is_approved_into_a_deployment() {
    let proxy = "203.0.113.200";
    let names: Vec<String> = (0..5).map(name).collect();
    let sets: Vec<_> =
        names.iter().enumerate().map(|(at, name)| set(name, &[&old(at)], mark(name, OWNER, "1"))).collect();
    let machines: Vec<_> = names.iter().map(|name| tagged(name, &format!("{name}.example.com"))).collect();
    let beats: Vec<_> =
        names.iter().enumerate().flat_map(|(at, name)| moved(name, &old(at), proxy)).collect();
    let house = House::new(&sets, &machines, &beats, &[VIA]).await;
    let plan = report(&house, &["plan"]).await;
    let digest = plan["brakes"][0]["digest"].as_str().unwrap();
    // What is held is not in a template either.
    let printed = house.run(&["plan", "-o", "arm"]).await;
    let template: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!((code(&printed), &template["resources"]), (0, &json!([])), "{}", words(&printed));
    let told = report(&house, &["approve", digest, "--yes"]).await;
    // All of a zone is a surge: the leader goes first here too.
    assert_eq!(
        (outcomes(&told), begun(&house).await),
        (vec!["confirmed".to_owned()], vec![201, 200]),
        "{told}"
    );
    assert_eq!(written(&house).await.len(), 4);
    for name in names {
        assert_eq!(house.addresses(&name).await, [proxy]);
    }
}

/// A deletion keeps its condition, and its row says how it went.
#[tokio::test(flavor = "multi_thread")]
async fn what_goes_goes_by_a_guarded_request_of_its_own() {
    let house = one(false).await;
    let told = report(&house, &["release", HOST, "--delete", "--yes"]).await;
    let gone = change(&told, HOST);
    assert_eq!((&gone["outcome"], &gone["via"]), (&json!("confirmed"), &json!("record-set")), "{told}");
    assert_eq!(changing(&house).await, [("DELETE".to_owned(), false)]);
    assert_eq!(house.record_set("x").await, Value::Null);
    let rows = house.query("DNSChange_CL | where Action_s == 'delete' | distinct Via_s").await;
    assert_eq!(rows, [json!(["record-set"])]);
    // Somebody's edit between the look and the deletion is not taken away.
    let house = one(false).await;
    house.stage.fail(&json!([{ "method": "DELETE", "path": "/A/x", "status": 412 }])).await;
    let told = report(&house, &["release", HOST, "--delete", "--yes"]).await;
    assert_ne!(outcomes(&told), ["failed"], "{told}");
    // And what is at work in the zone is waited for.
    let house = one(false).await;
    hold(&house, &json!({ "held": true })).await;
    let path =
        format!("{}/resourcegroups/rg-dns/providers/Microsoft.Resources{NAME}", crate::stage::SUBSCRIPTION);
    assert_eq!(arm(&house, "PUT", &path, &super::templates::of_one("x", "192.0.2.9")).await.0, 201);
    let told = report(&house, &["release", HOST, "--delete", "--yes"]).await;
    assert_eq!(outcomes(&told), ["deferred"], "{told}");
    assert_eq!(house.addresses("x").await, [OLD]);
    hold(&house, &json!({ "held": false })).await;
}

/// The function's runs may deploy whatever the shell of a person says, and what is at work would take an order back.
#[tokio::test(flavor = "multi_thread")]
async fn an_order_by_record_sets_waits_for_the_deployment_of_its_zone_as_well() {
    let mut house = one(true).await;
    hold(&house, &json!({ "held": true })).await;
    house.environment.insert("RUN_DEADLINE".to_owned(), "5s".to_owned());
    assert_eq!(code(&house.run(&["apply", "--yes"]).await), 1);
    house.environment.insert("APPLY_VIA".to_owned(), "record-set".to_owned());
    let told = report(&house, &["hold", HOST, "--yes"]).await;
    assert_eq!(change(&told, HOST)["outcome"], "deferred", "{told}");
    assert!(change(&told, HOST)["detail"].as_str().unwrap().contains("is at work since"), "{told}");
    assert!(house.record_set("x").await["metadata"].get("heartbeat_dns_hold_until").is_none());
    // Whoever may not read deployments writes all the same.
    let refused = json!([{ "path": NAME, "times": 1000, "status": 403,
        "body": { "error": { "code": "AuthorizationFailed", "message": "m" } } }]);
    house.stage.fail(&refused).await;
    let told = report(&house, &["hold", HOST, "--yes"]).await;
    assert_eq!(change(&told, HOST)["outcome"], "confirmed", "{told}");
}

/// Whoever lets go, puts back or gives up while a deployment goes on would have it undone by what is still to be written.
#[tokio::test(flavor = "multi_thread")]
async fn every_order_by_record_sets_waits_for_the_deployment_of_its_zone() {
    let own = |machine: &str, more: &[(&str, &str)], version: &str| {
        let mut own = mark(machine, OWNER, version);
        more.iter().for_each(|(key, value)| own[format!("heartbeat_dns_{key}")] = json!(value));
        set(machine, &[OLD], own)
    };
    let sets = [
        own("moves", &[], "1"),
        own("held", &[("hold", "forever")], "2"),
        own("back", &[("previous", NEW)], "1"),
        own("given", &[], "1"),
    ];
    let machines =
        ["moves", "held", "back", "given"].map(|name| tagged(name, &format!("{name}.example.com")));
    let still = ["held", "back", "given"].map(|name| [60, 30, 2].map(|ago| beat(name, OLD, ago)));
    let beats = [moved("moves", OLD, NEW), still.concat()].concat();
    let mut house = House::new(&sets, &machines, &beats, &[VIA]).await;
    hold(&house, &json!({ "held": true })).await;
    house.environment.insert("RUN_DEADLINE".to_owned(), "5s".to_owned());
    assert_eq!(code(&house.run(&["apply", "--yes"]).await), 1);
    house.environment.insert("APPLY_VIA".to_owned(), "record-set".to_owned());
    for (verb, name) in [("unhold", "held"), ("rollback", "back"), ("release", "given")] {
        let host = format!("{name}.example.com");
        let before = house.record_set(name).await;
        let told = report(&house, &[verb, &host, "--yes"]).await;
        assert_eq!(change(&told, &host)["outcome"], "deferred", "{verb}: {told}");
        let detail = change(&told, &host)["detail"].as_str().unwrap();
        assert!(detail.contains("is at work since"), "{verb}: {told}");
        assert_eq!(house.record_set(name).await, before, "{verb}");
    }
    // One that has ended keeps nobody waiting.
    hold(&house, &json!({ "held": false })).await;
    let path =
        format!("{}/resourcegroups/rg-dns/providers/Microsoft.Resources{NAME}", crate::stage::SUBSCRIPTION);
    let has_ended = async || {
        let (_, found) = arm(&house, "GET", &path, &Value::Null).await;
        found["properties"]["provisioningState"] == "Succeeded"
    };
    until("it has ended", has_ended).await;
    let told = report(&house, &["unhold", "held.example.com", "--yes"]).await;
    assert_eq!(outcomes(&told), ["confirmed"], "{told}");
}
