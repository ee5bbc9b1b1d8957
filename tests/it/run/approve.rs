//! What a brake holds is written when a person has read it: that, and nothing else, and only while it is still so.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};

use super::{change, code, report, words};
use crate::handler::{House, beat, outcomes, set, tagged};

const PROXY: &str = "203.0.113.200";

fn shop(index: usize) -> String {
    format!("shop{index}")
}

fn old(index: usize) -> String {
    format!("198.51.100.{}", 10 + index)
}

/// Five shops behind one proxy, and a sixth that is at home.
async fn proxied() -> House {
    let all = 0..6;
    let sets: Vec<_> = all.clone().map(|index| set(&shop(index), &[&old(index)], Value::Null)).collect();
    let machines: Vec<_> =
        all.clone().map(|index| tagged(&shop(index), &format!("{}.example.com", shop(index)))).collect();
    let to = |index: usize| if index < 5 { PROXY.to_owned() } else { old(index) };
    // All of it is older than what `goes` adds.
    let said = |index: usize| {
        let before = [600, 540, 480].map(|ago| beat(&shop(index), &old(index), ago));
        before.into_iter().chain([90, 60, 30].map(|ago| beat(&shop(index), &to(index), ago)))
    };
    let beats: Vec<_> = all.flat_map(said).collect();
    // What a machine says three times within a second counts.
    House::new(&sets, &machines, &beats, &[("POLICY_MIN_SPAN", "1s"), ("POLICY_UNSEEN", "1s")]).await
}

/// From now on a machine is heard from elsewhere.
async fn goes(house: &House, index: usize, to: &str) {
    house.heartbeats(&[5, 3, 1].map(|ago| beat(&shop(index), to, ago))).await;
}

async fn digest(house: &House) -> String {
    let report = report(house, &["plan"]).await;
    assert_eq!(report["brakes"].as_array().unwrap().len(), 1, "{report}");
    report["brakes"][0]["digest"].as_str().unwrap().to_owned()
}

/// Where the first shops are by DNS.
async fn at(house: &House, count: usize) -> Vec<String> {
    let mut found = Vec::new();
    for index in 0..count {
        found.extend(house.addresses(&shop(index)).await);
    }
    found
}

fn home() -> Vec<String> {
    (0..5).map(old).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_a_brake_holds_is_written_proved_and_told_and_nothing_is_remembered() {
    let house = proxied().await;
    assert_eq!(house.serve().await.apply().await["result"], "held");
    let digest = digest(&house).await;
    let text = words(&house.run(&["plan"]).await);
    let line = format!("once you know it to be right:  heartbeat-dns approve {}", &digest[..12]);
    assert!(text.contains(&line), "{text}");
    let done = report(&house, &["approve", &digest[..12].to_uppercase(), "--yes"]).await;
    assert_eq!(
        (done["result"].as_str(), outcomes(&done)),
        (Some("changed"), vec!["confirmed".to_owned()]),
        "{done}"
    );
    for index in 0..5 {
        let change = change(&done, &format!("{}.example.com", shop(index)));
        assert_eq!((&change["approved"], &change["proved_by"]), (&json!(true), &json!("dns")), "{change}");
    }
    assert_eq!(at(&house, 5).await, [PROXY; 5]);
    let rows = "DNSChange_CL | where Action_s == 'update' | summarize count() by Cause_s, Outcome_s, Named = By_s has ' '";
    assert_eq!(house.query(rows).await, [json!(["approved", "confirmed", true, 5])]);
    let brakes =
        "DNSChange_CL | where Action_s == 'brake' | summarize count() by Outcome_s | sort by Outcome_s asc";
    assert_eq!(house.query(brakes).await, [json!(["opened", 1]), json!(["stands", 1])]);
    // One more goes there: the brake holds it, whatever was approved.
    goes(&house, 5, PROXY).await;
    let ran = house.serve().await.apply().await;
    assert_eq!(
        (ran["result"].as_str(), house.addresses(&shop(5)).await),
        (Some("held"), vec![old(5)]),
        "{ran}"
    );
    let again = house.run(&["approve", &digest, "--yes"]).await;
    assert_eq!((code(&again), house.addresses(&shop(5)).await), (4, vec![old(5)]), "{}", words(&again));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_digest_of_another_day_opens_nothing_and_the_digests_that_there_are_are_named() {
    let house = proxied().await;
    let yesterday = digest(&house).await;
    // One address has changed since, and the brake holds another thing.
    goes(&house, 3, "203.0.113.201").await;
    let today = digest(&house).await;
    assert_ne!(yesterday, today);
    for unknown in [yesterday.as_str(), "0123456789ab"] {
        let refused = house.run(&["approve", unknown, "--yes"]).await;
        assert_eq!((code(&refused), house.writes().await), (4, 0), "{}", words(&refused));
        let said = format!("{} (converging in example.com, 4 names)", &today[..12]);
        assert!(words(&refused).contains(&said), "{}", words(&refused));
    }
    for (arguments, wanted) in [
        (vec!["approve", "0123456789a", "--yes"], 2),
        (vec!["approve", "nas.example.com", "--yes"], 2),
        (vec!["approve", &today, "shop5.example.com", "--yes"], 4),
        (vec!["approve", &today], 2),
    ] {
        let refused = house.run(&arguments).await;
        assert_eq!((code(&refused), house.writes().await), (wanted, 0), "{arguments:?}: {}", words(&refused));
    }
    assert_eq!(at(&house, 5).await, home());
}

/// Whatever has changed since the digest was read: nothing is written however often it is said, and the answer names the digest
/// of now, which opens the brake once somebody has read what it holds.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_late_is_told_what_to_read_and_what_to_say_then() {
    for (index, to, count) in [(3, "203.0.113.201", 4), (4, &*old(4), 4), (5, PROXY, 6)] {
        let house = proxied().await;
        let late = digest(&house).await;
        goes(&house, index, to).await;
        let today = digest(&house).await;
        for look in 0..2 {
            let refused = house.run(&["approve", &late, "--yes"]).await;
            let said = words(&refused).split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!((code(&refused), house.writes().await), (4, 0), "{look}: {said}");
            for wanted in [
                format!(
                    "nothing that is held now has the digest {late}: what was read under it has changed since"
                ),
                format!(
                    "nothing was written; held now: {} (converging in example.com, {count} names)",
                    &today[..12]
                ),
                format!("read it with heartbeat-dns plan then: heartbeat-dns approve {}", &today[..12]),
            ] {
                assert!(said.contains(&wanted), "{look}: {wanted}: {said}");
            }
        }
        let done = house.run(&["approve", &today[..12], "--yes"]).await;
        assert_eq!(house.writes().await, count, "{}", words(&done));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_is_held_only_the_names_that_are_given_are_written_and_a_dry_run_writes_none() {
    let house = proxied().await;
    let digest = digest(&house).await;
    let shown = report(&house, &["approve", &digest, "shop2.example.com", "--dry-run"]).await;
    assert_eq!((&shown["mode"], house.writes().await), (&json!("plan"), 0), "{shown}");
    assert_eq!(shown["changes"].as_array().unwrap().len(), 1, "{shown}");
    let text = words(&house.run(&["approve", &digest, "shop2.example.com", "--dry-run"]).await);
    let next = format!("heartbeat-dns approve {} shop2.example.com --expect ", &digest[..12]);
    assert!(text.contains(&next), "{text}");
    assert_eq!(house.query("DNSChange_CL | count").await, [json!([0])], "it leaves no trace");
    let expected = shown["digest"].as_str().unwrap();
    let done = house.run(&["approve", &digest, "shop2.example.com", "--expect", expected]).await;
    assert_eq!(code(&done), 4, "the others are held: {}", words(&done));
    let mut wanted = home();
    wanted[2] = PROXY.to_owned();
    assert_eq!(at(&house, 5).await, wanted);
}

/// Approves at a terminal while the world changes between the reading and the yes.
#[cfg(unix)]
async fn approved_while(
    house: &Arc<House>,
    change: impl AsyncFn(&House) + Send + 'static,
) -> (Option<i32>, String) {
    let digest = digest(house).await;
    let (asker, runtime) = (Arc::clone(house), tokio::runtime::Handle::current());
    let ask = move || {
        let mut is_asked = false;
        crate::terminal::asked_on_a_terminal(&["approve", &digest], &asker.environment, |shown, _| {
            let is_new = !is_asked && shown.contains("[y/N]");
            if is_new {
                is_asked = true;
                runtime.block_on(change(&asker));
            }
            is_new.then_some("y\n")
        })
    };
    tokio::task::spawn_blocking(ask).await.unwrap()
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_or_new_since_it_was_read_is_named_and_stays() {
    let house = Arc::new(proxied().await);
    let (code, shown) = approved_while(&house, async |house: &House| {
        goes(house, 4, &old(4)).await;
        goes(house, 5, PROXY).await;
    })
    .await;
    assert_eq!(code, Some(4), "something is held: {shown}");
    assert!(shown.contains("gone since, and left as it is: shop4.example.com A"), "{shown}");
    assert!(shown.contains("new since, and still held: shop5.example.com"), "{shown}");
    let mut wanted = vec![PROXY.to_owned(); 4];
    wanted.extend([old(4), old(5)]);
    assert_eq!(at(&house, 6).await, wanted, "{shown}");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn where_one_would_go_elsewhere_by_now_nothing_is_written() {
    let house = Arc::new(proxied().await);
    let (code, shown) =
        approved_while(&house, async |house: &House| goes(house, 3, "203.0.113.201").await).await;
    assert_eq!((code, house.writes().await), (Some(4), 0), "{shown}");
    assert!(shown.contains("shop3.example.com A would go from or to another address"), "{shown}");
    let said = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("read what is held now with heartbeat-dns plan and approve"), "{shown}");
    assert_eq!(at(&house, 5).await, home());
}

/// A surge is led by its oldest change, which must be proved, whoever approves it.
#[tokio::test(flavor = "multi_thread")]
async fn a_surge_that_is_approved_is_led_by_its_oldest_change() {
    let house = super::street(30, &[]).await;
    let held = report(&house, &["plan"]).await;
    assert_eq!(held["brakes"][0]["brake"], "surge", "{held}");
    let digest = held["brakes"][0]["digest"].as_str().unwrap().to_owned();
    let text = words(&house.run(&["plan"]).await);
    assert!(
        text.contains("opens by itself at ")
            && text.contains(&format!(", or:  heartbeat-dns approve {}", &digest[..12])),
        "{text}"
    );
    let done = report(&house, &["approve", &digest, "--yes"]).await;
    assert_eq!(
        (done["result"].as_str(), outcomes(&done)),
        (Some("changed"), vec!["confirmed".to_owned()]),
        "{done}"
    );
    let writes: Vec<_> = house.stage.calls().await.into_iter().filter(|call| call.method == "PUT").collect();
    assert!(writes.len() == 30 && writes[0].path.contains("/A/n000"), "the oldest leads: {:?}", writes[0]);
}

/// Whoever holds the function's key can start runs, and open no brake.
#[tokio::test(flavor = "multi_thread")]
async fn the_webhook_has_no_way_to_approve() {
    let house = proxied().await;
    let digest = digest(&house).await;
    let handler = house.serve().await;
    for body in [
        json!({ "mode": "approve", "digest": digest, "wait": true }),
        json!({ "mode": "approve", "names": ["shop1.example.com"], "wait": true }),
        json!({ "mode": "apply", "approve": digest, "digests": [digest], "approval": { "digests": [digest] }, "wait": true }),
        json!({ "mode": "apply", "names": ["shop1.example.com"], "digest": digest, "expect": digest, "wait": true }),
    ] {
        let (_, answer) = handler.remediate(&body.to_string()).await;
        assert_eq!(outcomes(&answer), [] as [&str; 0], "{body}: {answer}");
        assert_eq!(house.writes().await, 0, "{body}: {answer}");
    }
    assert_eq!(at(&house, 5).await, home());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_right_to_send_rows_nothing_is_approved() {
    let house = proxied().await;
    let digest = digest(&house).await;
    house.world(&super::rows_first::may_not_send_rows()).await;
    let refused = house.run(&["approve", &digest, "--yes"]).await;
    assert_eq!((code(&refused), house.writes().await), (1, 0), "{}", words(&refused));
    assert!(words(&refused).contains("az role assignment create"), "{}", words(&refused));
    assert_eq!(at(&house, 5).await, home());
}

/// What one brake's digest lifts another may hold: each screen names a command that works, with all digests that it takes.
#[tokio::test(flavor = "multi_thread")]
async fn of_two_brakes_on_one_change_the_command_that_writes_it_is_told() {
    let all = 0..24;
    let machines: Vec<_> =
        all.clone().map(|index| tagged(&shop(index), &format!("{}.example.com", shop(index)))).collect();
    let sets: Vec<_> = all.clone().map(|index| set(&shop(index), &[&old(index)], Value::Null)).collect();
    let said = |index: usize| {
        let to = if index < 12 { PROXY.to_owned() } else { old(index) };
        let before = [600, 540, 480].map(|ago| beat(&shop(index), &old(index), ago));
        before.into_iter().chain([90, 60, 30].map(|ago| beat(&shop(index), &to, ago)))
    };
    let beats: Vec<_> = all.flat_map(said).collect();
    let more = [("POLICY_MIN_SPAN", "1s"), ("POLICY_UNSEEN", "1s")];
    let house = House::new(&sets, &machines, &beats, &more).await;
    let first = digest(&house).await;
    let first = &first[..12];
    let planned = words(&house.run(&["plan"]).await);
    let command = |said: &str| -> Vec<String> {
        let begin = said.find("heartbeat-dns approve ").unwrap_or_else(|| panic!("{said}"));
        let line = said[begin..].split_whitespace().skip(2);
        line.take_while(|word| word.len() == 12).map(str::to_owned).collect()
    };
    let both = command(&planned);
    assert!(both.len() == 2 && both[0] == first, "a plan names both digests: {planned}");
    let held = house.run(&["approve", first, "--yes"]).await;
    assert_eq!((code(&held), house.writes().await), (4, 0), "{}", words(&held));
    let told = command(&words(&held)).into_iter().collect::<BTreeSet<_>>();
    assert_eq!(told, both.iter().cloned().collect(), "and so does whoever takes one: {}", words(&held));
    let refused = words(&house.run(&["approve", first, "0123456789ab", "--yes"]).await);
    assert_eq!(command(&refused), both, "{refused}");
    // The digests are of all that is held, whichever names are wanted of it.
    let (first, second) = (&*both[0], &*both[1]);
    let done =
        house.run(&["approve", first, second, "shop3.example.com", "shop4.example.com", "--yes"]).await;
    assert_eq!(house.writes().await, 2, "{}", words(&done));
    let both = command(&words(&house.run(&["plan"]).await));
    assert_eq!(both.len(), 2);
    let done = house.run(&["approve", &both[0], &both[1], "--yes"]).await;
    assert_eq!(house.writes().await, 10, "{}", words(&done));
}
