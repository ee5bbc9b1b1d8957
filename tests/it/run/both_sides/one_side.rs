//! A person means one side of a name: whatever the verb, the other side is not touched, not shown and not counted.

use serde_json::{Value, json};

use super::{NAS, beats, house, own, private_id, private_set};
use crate::handler::{House, OWNER, mark, set, tagged};
use crate::output::{code, report, words};
use crate::stage::zone_id;

const PRIVATE: &str = "private:example.com";
const PUBLIC: &str = "example.com";

/// Both sides of a name stand at the addresses of before, with our mark or none, and its machine is elsewhere.
async fn moved(is_ours: bool) -> House {
    let marked = if is_ours { mark("nas", OWNER, "1") } else { Value::Null };
    let rows = beats("nas", "203.0.113.7", &["10.1.0.4"]);
    let private = [own("nas", "10.1.0.3", &marked)];
    house(&[set("nas", &["198.51.100.10"], marked)], &private, &[tagged("nas", NAS)], &rows).await
}

/// What both sides hold: the public address and the private one.
async fn stand(house: &House) -> [String; 2] {
    let private = private_set(house, "nas").await;
    let records = private.pointer("/properties/aRecords").or(private.get("aRecords")).cloned();
    let private = records.unwrap_or_default()[0]["ipv4Address"].as_str().unwrap_or_default().to_owned();
    [house.addresses("nas").await.join(","), private]
}

/// The metadata of both sides, where they carry this key.
async fn carry(house: &House, key: &str) -> [bool; 2] {
    let private = private_set(house, "nas").await;
    let private = private.pointer("/properties/metadata").or(private.get("metadata")).cloned();
    let public = house.record_set("nas").await["metadata"].clone();
    [public, private.unwrap_or_default()].map(|metadata| metadata.get(key).is_some())
}

/// The zones of which a report speaks.
fn zones(report: &Value) -> Vec<String> {
    let rows = ["changes", "skips"].into_iter().flat_map(|part| report[part].as_array().unwrap());
    let zones = rows.map(|row| row["zone"].as_str().unwrap_or_default().to_lowercase());
    zones.collect::<std::collections::BTreeSet<_>>().into_iter().collect()
}

/// Each side by its word: its zone, and which of the two it is.
fn sides() -> [(&'static str, String, usize); 2] {
    [(PUBLIC, zone_id("example.com"), 0), (PRIVATE, private_id(), 1)]
}

/// What was asked of the zone of that id since the calls were last forgotten.
async fn asked(house: &House, zone: &str) -> usize {
    let zone = format!("{}/", zone.to_lowercase());
    house.stage.calls().await.iter().filter(|call| call.path.to_lowercase().contains(&zone)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_one_side_is_of_that_alone_and_its_command_writes_no_other() {
    let was = ["198.51.100.10", "10.1.0.3"];
    for (word, zone, side) in sides() {
        let house = moved(true).await;
        let whole = report(&house, &["plan", NAS]).await;
        assert_eq!(zones(&whole).len(), 2, "{whole}");
        house.stage.all_calls().await;
        let planned = report(&house, &["plan", NAS, "--zone", word]).await;
        assert_eq!(zones(&planned), [zone.to_lowercase()], "{planned}");
        assert_eq!((&planned["summary"]["changes"], &planned["skips"]), (&json!(1), &json!([])));
        assert_ne!(planned["digest"], whole["digest"]);
        let other = &sides()[1 - side].1;
        assert_eq!((asked(&house, &zone).await > 0, asked(&house, other).await), (true, 0));
        // What it prints writes this side and no other.
        let text = words(&house.run(&["plan", NAS, "--zone", word]).await);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let command = format!("heartbeat-dns apply {NAS} --zone {word} --expect ");
        let at = text.find(&command).unwrap_or_else(|| panic!("{text}")) + command.len();
        let digest = text[at..].split_whitespace().next().unwrap();
        assert!(planned["digest"].as_str().unwrap().starts_with(digest), "{digest}");
        let ran = house.run(&["apply", NAS, "--zone", word, "--expect", digest]).await;
        assert_eq!(code(&ran), 0, "{}", words(&ran));
        let mut now = was;
        now[side] = ["203.0.113.7", "10.1.0.4"][side];
        assert_eq!(stand(&house).await, now);
        let right = report(&house, &["plan", NAS, "--zone", word]).await;
        assert_eq!(
            (&right["result"], &right["summary"]["in_sync"]),
            (&json!("in-sync"), &json!(1)),
            "{right}"
        );
        let wrong = report(&house, &["plan", NAS]).await;
        assert_eq!(zones(&wrong), [other.to_lowercase()], "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_and_its_end_are_of_one_side() {
    for (word, _, side) in sides() {
        let house = moved(true).await;
        let held = house.run(&["hold", NAS, "--zone", word, "--yes"]).await;
        assert_eq!(code(&held), 0, "{}", words(&held));
        let told = words(&held).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(&format!("let it go: heartbeat-dns unhold {NAS} --zone {word}")), "{told}");
        assert_eq!(carry(&house, "heartbeat_dns_hold").await, [side == 0, side == 1]);
        // Of the other side there is nothing to let go, by name or of all.
        let other = sides()[1 - side].0;
        for arguments in
            [&["unhold", NAS, "--zone", other, "--yes"][..], &["unhold", "--all", "--zone", other, "--yes"]]
        {
            let idle = words(&house.run(arguments).await);
            assert!(
                idle.contains("Nobody holds") || idle.contains("no record set of ours is held"),
                "{idle}"
            );
            assert_eq!(carry(&house, "heartbeat_dns_hold").await, [side == 0, side == 1]);
        }
        let ran = house.run(&["apply", NAS, "--yes"]).await;
        let mut now = ["203.0.113.7", "10.1.0.4"];
        now[side] = ["198.51.100.10", "10.1.0.3"][side];
        assert_eq!(stand(&house).await, now, "{}", words(&ran));
        let free = house.run(&["unhold", "--all", "--zone", word, "--yes"]).await;
        assert_eq!(
            (code(&free), carry(&house, "heartbeat_dns_hold").await),
            (0, [false; 2]),
            "{}",
            words(&free)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_undoes_one_side() {
    for (word, zone, side) in sides() {
        let house = moved(true).await;
        assert_eq!(code(&house.run(&["apply", NAS, "--yes"]).await), 0);
        let mut now = ["203.0.113.7", "10.1.0.4"];
        assert_eq!(stand(&house).await, now);
        let undone = report(&house, &["rollback", NAS, "--zone", word, "--yes"]).await;
        assert_eq!(zones(&undone), [zone.to_lowercase()], "{undone}");
        now[side] = ["198.51.100.10", "10.1.0.3"][side];
        assert_eq!(
            (stand(&house).await, carry(&house, "heartbeat_dns_hold").await),
            (now.map(str::to_owned), [side == 0, side == 1])
        );
    }
}

/// A run that wrote one side is undone on that side, and the other is not spoken of.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_undone_where_it_wrote() {
    for (word, zone, _) in sides() {
        let house = moved(true).await;
        let ran = report(&house, &["apply", NAS, "--zone", word, "--yes"]).await;
        let run = ran["run"].as_str().unwrap();
        let undone = report(&house, &["rollback", "--run", run, "--yes"]).await;
        assert_eq!(
            (zones(&undone), &undone["summary"]["changes"]),
            (vec![zone.to_lowercase()], &json!(1)),
            "{undone}"
        );
        assert_eq!(stand(&house).await, ["198.51.100.10", "10.1.0.3"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_and_an_adoption_are_of_one_side() {
    for (word, _, side) in sides() {
        let house = moved(true).await;
        let released = house.run(&["release", "--all", "--clean", "--zone", word, "--yes"]).await;
        assert_eq!(code(&released), 0, "{}", words(&released));
        assert_eq!(carry(&house, "heartbeat_dns_v").await, [side != 0, side != 1]);
        let house = moved(false).await;
        let adopted = house.run(&["adopt", NAS, "--zone", word, "--yes"]).await;
        assert_eq!(code(&adopted), 0, "{}", words(&adopted));
        assert_eq!(carry(&house, "heartbeat_dns_v").await, [side == 0, side == 1]);
        let mut now = ["198.51.100.10", "10.1.0.3"];
        now[side] = ["203.0.113.7", "10.1.0.4"][side];
        assert_eq!(stand(&house).await, now);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_told_of_a_name_is_of_one_side() {
    let house = moved(true).await;
    assert_eq!(code(&house.run(&["apply", NAS, "--yes"]).await), 0);
    let told = async |arguments: &[&str]| -> Value {
        let output = house.run(&[arguments, &["-o", "json"]].concat()).await;
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", words(&output)))
    };
    let of = |told: &Value, part: &str| -> Vec<String> {
        let rows = told[part].as_array().unwrap().iter();
        rows.map(|row| row["zone"].as_str().unwrap().to_lowercase()).collect()
    };
    for (word, zone, _) in sides() {
        let zone = zone.to_lowercase();
        house.stage.all_calls().await;
        let explained = told(&["explain", NAS, "--zone", word]).await;
        assert_eq!(of(&explained, "record_sets"), [zone.as_str()], "{explained}");
        let history = told(&["history", NAS, "--zone", word]).await;
        assert_eq!(of(&history, "changes"), [zone.as_str()], "{history}");
        let other = sides().into_iter().find(|(other, ..)| *other != word).unwrap().1;
        assert_eq!(asked(&house, &other).await, 0);
        let checked = told(&["check", NAS, "--zone", word]).await;
        assert_eq!(of(&checked, "names"), [zone.as_str()], "{checked}");
    }
    assert_eq!(of(&told(&["explain", NAS]).await, "record_sets").len(), 2);
    assert_eq!(of(&told(&["history", NAS]).await, "changes").len(), 2);
}

/// A slip in the zone is told at once, with the zones that there are, and nothing is done.
#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_is_not_ours_is_an_error_of_whoever_says_it() {
    let house = moved(true).await;
    house.stage.all_calls().await;
    let ours = "none of the zones of DNS_ZONES and PRIVATE_ZONES, which are example.com, private:example.com";
    let digest = "7be02c91a4d0";
    for verb in [
        &["plan", NAS][..],
        &["apply", NAS, "--yes"],
        &["adopt", NAS, "--yes"],
        &["explain", NAS],
        &["history", NAS],
        &["hold", NAS, "--yes"],
        &["unhold", NAS, "--yes"],
        &["unhold", "--all", "--yes"],
        &["release", NAS, "--yes"],
        &["release", "--all", "--yes"],
        &["rollback", NAS, "--yes"],
        &["rollback", "--to", "2026-01-01T00:00:00Z", "--yes"],
        &["approve", digest, NAS, "--yes"],
        &["check", NAS],
    ] {
        let slip = house.run(&[verb, &["--zone", "private:exmaple.com"]].concat()).await;
        let said = words(&slip).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(code(&slip) == 2 && said.contains(ours), "{verb:?}: {said}");
    }
    for (arguments, said) in [
        (
            &["plan", "nas.example.net", "--zone", PUBLIC][..],
            "nas.example.net is not a name of the zone example.com",
        ),
        (&["plan", "--zone", PUBLIC], "no name is given"),
        (&["apply", "--yes", "--zone", PRIVATE], "no name is given"),
        (&["approve", digest, "--yes", "--zone", PRIVATE], "no name is given"),
    ] {
        let refused = house.run(arguments).await;
        let told = words(&refused).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(code(&refused) == 2 && told.contains(said), "{told}");
    }
    assert_eq!(
        (house.stage.calls().await.len(), stand(&house).await),
        (0, ["198.51.100.10", "10.1.0.3"].map(str::to_owned))
    );
}
