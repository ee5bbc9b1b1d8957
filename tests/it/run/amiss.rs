//! What is amiss with a name besides the verdict, told by `explain`: a tag that was taken off, an address that is another
//! machine's by now, a set that somebody deleted, a write that was refused, a set that was released.

use serde_json::{Value, json};

use super::{NEW, OLD, code, lock, words};
use crate::handler::{House, OWNER, beat, mark, moved, set, tagged};
use crate::stage::machine_id;

const NAME: &str = "x.example.com";

/// The words of an explanation, with single blanks.
async fn shown(house: &House) -> String {
    let output = house.run(&["explain", NAME]).await;
    String::from_utf8(output.stdout).unwrap().split_whitespace().collect::<Vec<_>>().join(" ")
}

async fn answered(house: &House) -> Value {
    let output = house.run(&["explain", NAME, "-o", "json"]).await;
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", words(&output)))
}

/// Another hand changes what stands in the zone.
async fn stands(house: &House, sets: &[Value]) {
    let zone = json!({ "id": crate::stage::zone_id("example.com"), "recordSets": sets });
    house.world(&json!({ "zones": [zone] })).await;
}

fn steady(machine: &str, address: &str) -> Vec<Value> {
    [300, 180, 60, 5].map(|ago| beat(machine, address, ago)).to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_whose_tag_was_taken_off_is_no_slip_of_the_pen() {
    let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
    let house = House::new(&sets, &[tagged("m", "y.example.com")], &steady("m", OLD), &[]).await;
    let output = house.run(&["explain", NAME]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("ours, and claimed by nobody") && !text.contains("did you mean"), "{text}");
    let ids: Vec<&str> = text.lines().filter_map(|line| line.split("--ids ").nth(1)).collect();
    assert_eq!(ids.len(), 1, "{text}");
    assert!(ids[0].to_lowercase().starts_with(&machine_id("m").to_lowercase()), "{text}");
    let told = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("no tagged machine claims x.example.com any more"), "{told}");
    // Its own machine reports the address still.
    assert_eq!(answered(&house).await["dangling"], json!([]));
}

/// What cannot be tagged any more is not told to be tagged.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_is_gone_is_told_so_and_another_one_is_to_be_tagged() {
    let sets = [set("x", &[OLD], mark("gone", OWNER, "1"))];
    let house = House::new(&sets, &[tagged("m", "y.example.com")], &steady("m", NEW), &[]).await;
    let answer = answered(&house).await;
    assert_eq!(answer["unclaimed"]["is_gone"], true, "{answer}");
    let output = house.run(&["explain", NAME]).await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("gone (rg-edge), which is not in Azure any more"), "{text}");
    assert!(text.contains(&format!("heartbeat-dns release {NAME} --delete")), "{text}");
    assert!(text.contains("--ids MACHINE_ID"), "{text}");
    assert!(!text.to_lowercase().contains(&machine_id("gone").to_lowercase()), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_another_machines_by_now_is_told() {
    for is_quiet in [true, false] {
        let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
        let machines = [tagged("m", "z.example.com"), tagged("n", "y.example.com")];
        let own = if is_quiet { Vec::new() } else { steady("m", NEW) };
        let house = House::new(&sets, &machines, &[own, steady("n", OLD)].concat(), &[]).await;
        let answer = answered(&house).await;
        let found = answer["dangling"].as_array().unwrap();
        assert_eq!(found.len(), usize::from(is_quiet), "{answer}");
        let text = shown(&house).await;
        assert_eq!(text.contains("so whoever asks for the name reaches that machine"), is_quiet, "{text}");
        if is_quiet {
            assert!(found[0]["machine"].as_str().unwrap().to_lowercase().ends_with("/n"), "{answer}");
            assert_eq!(found[0]["record_type"], "A");
        }
    }
}

/// Whom no tag names any more is asked about too: while it reports the address itself, the name leads where it should.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_without_a_tag_that_reports_its_address_still_is_not_quiet() {
    let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
    let machines = [json!({ "id": machine_id("m") }), tagged("n", "y.example.com")];
    let house = House::new(&sets, &machines, &[steady("m", OLD), steady("n", OLD)].concat(), &[]).await;
    let answer = answered(&house).await;
    assert_eq!(answer["dangling"], json!([]), "{answer}");
    let text = shown(&house).await;
    assert!(text.contains("ours, and claimed by nobody"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_somebody_deleted_and_a_write_that_was_refused_are_told() {
    let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
    let house = House::new(&sets, &[tagged("m", NAME)], &moved("m", OLD, NEW), &[]).await;
    let locked = json!({ "status": 409, "body": { "error": { "code": "ScopeLocked", "message": "m" } } });
    let mut fault = locked;
    (fault["method"], fault["path"], fault["times"]) = (json!("PUT"), json!("/A/x"), json!(1000));
    house.stage.fail(&json!([fault])).await;
    assert_eq!(code(&house.run(&["apply", NAME, "--yes"]).await), 1);
    let text = shown(&house).await;
    assert!(text.contains("a write to it was in vain (ScopeLocked)"), "{text}");
    assert!(text.contains("a lock refused that try") && text.contains("is seen any more"), "{text}");
    let answer = answered(&house).await;
    assert_eq!(answer["missed"][0]["code"], "ScopeLocked", "{answer}");
    house.control("DELETE", "/standin/faults", &Value::Null).await;
    let written = house.run(&["apply", NAME, "--yes"]).await;
    assert_eq!(code(&written), 0, "{}", words(&written));
    let text = shown(&house).await;
    assert!(
        !text.contains("in vain") && !text.contains("somebody deleted it"),
        "what landed makes it good: {text}"
    );
}

/// What the next run does is what the last one did in vain: the first lines say so, and the lock by its id.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_fails_is_told_first_with_the_command_that_mends_it() {
    let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
    let house = House::new(&sets, &[tagged("m", NAME)], &moved("m", OLD, NEW), &[]).await;
    let locked = lock(&crate::stage::zone_id("example.com"));
    house.world(&locked).await;
    assert_eq!(code(&house.run(&["apply", NAME, "--yes"]).await), 1);
    let text = shown(&house).await;
    let (first, rest) = text.split_once("claimed by").unwrap();
    assert!(first.contains("to be written; failing since "), "{text}");
    let id = locked["locks"][0]["id"].as_str().unwrap();
    assert!(first.contains(&format!("az lock delete --ids {id}")), "{text}");
    assert!(!text.contains("az lock list"), "{text}");
    assert!(rest.contains("once the write is let through, with the next run"), "{text}");
    let planned = words(&house.run(&["plan"]).await);
    assert!(planned.contains(&format!("az lock delete --ids {id}")), "{planned}");
    assert!(planned.contains("; failing since "), "{planned}");
    assert!(
        planned.contains("once that is let through, write it:  heartbeat-dns apply --expect"),
        "{planned}"
    );
    let told = words(&house.run(&["history", NAME]).await);
    assert!(told.contains("a try failed ") && told.contains("was not written (ScopeLocked), run "), "{told}");
    assert!(told.contains("why, and what mends it:  heartbeat-dns explain x.example.com"), "{told}");
    // Of a lock that was lifted since it is said that it was so, and what comes next.
    house.world(&json!({ "locks": [] })).await;
    let (planned, text) = (words(&house.run(&["plan", NAME]).await), shown(&house).await);
    let planned = planned.split_whitespace().collect::<Vec<_>>().join(" ");
    for told in [&planned, &text] {
        let over = "a lock refused that try (ScopeLocked), and none that would is seen any more; the next run tries again, \
                    or now: heartbeat-dns apply x.example.com";
        assert!(told.contains(over) && told.contains("; a try failed "), "{told}");
        assert!(!told.contains("az lock") && !told.contains("is let through"), "{told}");
    }
    // A lock at another set stands in nobody's way.
    house.world(&lock(&super::set_id("y"))).await;
    assert!(!shown(&house).await.contains("az lock"));
    // Who may not read them does not know.
    house
        .stage
        .fail(&json!([{ "path": "Microsoft.Authorization/locks", "status": 403, "times": 1000 }]))
        .await;
    let text = shown(&house).await;
    assert!(text.contains("whether it still stands may not be read"), "{text}");
    assert!(text.contains("az lock list --resource-group rg-dns --query"), "{text}");
    house.world(&json!({ "locks": [] })).await;
    let refused = json!([{ "method": "PUT", "path": "/A/x", "times": 1000, "status": 403,
        "body": { "error": { "code": "AuthorizationFailed", "message": "m" } } }]);
    house.stage.fail(&refused).await;
    assert_eq!(code(&house.run(&["apply", NAME, "--yes"]).await), 1);
    let text = shown(&house).await;
    let first = text.split_once("claimed by").unwrap().0;
    assert!(first.contains("failing since ") && first.contains("DNS Zone Contributor"), "{text}");
    assert!(first.contains("heartbeat-dns doctor"), "{text}");
    assert!(!first.contains("az lock"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_says_that_somebody_deleted_what_it_is_to_make() {
    let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
    let machines = [tagged("m", NAME), tagged("n", "new.example.com")];
    let house = House::new(&sets, &machines, &[moved("m", OLD, NEW), steady("n", OLD)].concat(), &[]).await;
    let planned = words(&house.run(&["plan"]).await);
    assert!(planned.contains("+ new.example.com") && !planned.contains("somebody deleted it"), "{planned}");
    assert_eq!(code(&house.run(&["apply", NAME, "--yes"]).await), 0);
    stands(&house, &[]).await;
    let planned = words(&house.run(&["plan", NAME]).await);
    let told = planned.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains(&format!("somebody deleted it: {NEW} was written")), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_that_another_hand_took_off_was_ours() {
    let sets = [set("x", &[OLD], mark("m", OWNER, "1"))];
    let house = House::new(&sets, &[tagged("m", NAME)], &moved("m", OLD, NEW), &[]).await;
    assert_eq!(code(&house.run(&["apply", NAME, "--yes"]).await), 0);
    stands(&house, &[set("x", &["192.0.2.1"], Value::Null)]).await;
    let text = shown(&house).await;
    assert!(text.contains("was ours when a run wrote it at"), "{text}");
    assert!(text.contains(&format!("ours when {NEW} was written")), "{text}");
    let planned = words(&house.run(&["plan", NAME]).await);
    let told = planned.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("another hand has taken our mark off since"), "{told}");
    // Whoever adopts it again is told the same, and of a set that never was ours another thing.
    let adopted = words(&house.run(&["adopt", NAME, "--dry-run"]).await);
    let told = adopted.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(told.contains("ours when a run wrote it") && !told.contains("without our mark"), "{told}");
    assert!(told.contains("another hand has taken our mark off since; adopted by you for m"), "{told}");
    let house =
        House::new(&[set("x", &["192.0.2.1"], Value::Null)], &[tagged("m", NAME)], &steady("m", NEW), &[])
            .await;
    let adopted = words(&house.run(&["adopt", NAME, "--dry-run"]).await);
    assert!(adopted.contains("without our mark until now") && !adopted.contains("ours when"), "{adopted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_was_released_is_not_another_installations() {
    let sets = [set("x", &[OLD], mark("m", "released", "1"))];
    let house = House::new(&sets, &[tagged("m", NAME)], &moved("m", OLD, NEW), &[]).await;
    let text = shown(&house).await;
    assert!(text.contains("released by hand, it was for m"), "{text}");
    assert!(!text.contains("marked by another installation"), "{text}");
}
