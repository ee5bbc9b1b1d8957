//! A slip of the pen in an id of `DNS_ZONES`: the cure is the setting, and nothing of it stays once that is right.

use serde_json::{Value, json};

use super::{NEW, OLD, code, report, sweep, words};
use crate::handler::{House, OWNER, beat, mark, moved, set, tagged};
use crate::stage::zone_id;

const RIGHT: &str = "example.com";
const NAME: &str = "nas.example.com";

/// A fleet that was swept under the right setting, of which one name was written.
async fn house() -> House {
    let sets = ["nas", "pi", "tv"].map(|name| set(name, &[OLD], mark(name, OWNER, "1")));
    let machines = ["nas", "pi", "tv"].map(|name| tagged(name, &format!("{name}.example.com")));
    let steady = ["pi", "tv"].map(|name| beat(name, OLD, 300));
    let beats = [moved("nas", OLD, NEW), steady.to_vec()].concat();
    let house = House::new(&sets, &machines, &beats, &[]).await;
    assert_eq!(code(&house.run(&["apply", NAME, "--yes"]).await), 0);
    sweep(&house).await;
    house
}

async fn told(house: &House, zones: &str, arguments: &[&str]) -> (i32, String) {
    let output = house.command().env("DNS_ZONES", zones).args(arguments).output().await.unwrap();
    (code(&output), words(&output).split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The zone's name, its group and its subscription, each with a slip, and what is said of it.
fn slips() -> [(String, String); 3] {
    let subscription = "00000000-0000-0000-0000-000000000001";
    let other = "22222222-2222-2222-2222-222222222222";
    [
        (
            zone_id("exmaple.com"),
            "DNS_ZONES names the zone exmaple.com, and the group rg-dns has none of that name: \
             did you mean example.com?"
                .to_owned(),
        ),
        (
            zone_id(RIGHT).replace("rg-dns", "rg-dsn"),
            "DNS_ZONES names the zone example.com in the group rg-dsn, and there is no such group: \
             did you mean the group rg-dns?"
                .to_owned(),
        ),
        (
            zone_id(RIGHT).replace(subscription, other),
            "DNS_ZONES names the zone example.com in the subscription 22222222…, and there is no such \
             subscription: did you mean the subscription 00000000…?"
                .to_owned(),
        ),
    ]
}

/// One cause and one cure, whoever asks; before a sweep under the setting, and after. With the right setting and a sweep all
/// is as before.
#[tokio::test(flavor = "multi_thread")]
async fn a_slip_is_told_with_what_was_meant_and_does_not_linger() {
    for (zones, said) in slips() {
        let house = house().await;
        let before = report(&house, &["plan"]).await;
        let meant = format!("correct DNS_ZONES; probably meant: {}", zone_id(RIGHT)).to_lowercase();
        for is_swept in [false, true] {
            if is_swept {
                let (code, text) = told(&house, &zones, &["collect"]).await;
                assert_eq!(code, 1, "{text}");
            }
            for arguments in [
                &["plan"][..],
                &["plan", NAME],
                &["explain", NAME],
                &["history", NAME],
                &["hold", NAME, "--dry-run"],
                &["apply", NAME, "--dry-run"],
            ] {
                let (_, text) = told(&house, &zones, arguments).await;
                let place = format!("{arguments:?} {is_swept}: {text}");
                let short = text
                    .replace("22222222-2222-2222-2222-222222222222", "22222222…")
                    .replace("00000000-0000-0000-0000-000000000001", "00000000…");
                assert_eq!(short.matches(&said).count(), 1, "{place}");
                assert!(text.to_lowercase().contains(&meant), "{place}");
                for misleading in [
                    "heartbeat-dns collect",
                    "does not know of it yet",
                    "deleted by hand",
                    "az tag",
                    "zone create",
                ] {
                    assert!(!text.contains(misleading), "{misleading}: {place}");
                }
            }
            let (code, text) = told(&house, &zones, &["doctor"]).await;
            assert!(code == 1 && text.contains("DNS_ZONES"), "{text}");
        }
        sweep(&house).await;
        let after = report(&house, &["plan"]).await;
        for part in ["result", "changes", "skips", "brakes", "unclaimed"] {
            assert_eq!(after[part], before[part], "{zones}: {after}");
        }
        assert_eq!(after["summary"]["in_sync"], 3, "{after}");
        let (_, text) = told(&house, &zone_id(RIGHT), &["explain", NAME]).await;
        assert!(text.contains("in sync") && !text.contains("lags"), "{zones}: {text}");
        let (_, text) = told(&house, &zone_id(RIGHT), &["history", NAME]).await;
        assert!(!text.contains("DNS_ZONES"), "{text}");
    }
}

/// Under the right setting, before it is swept: the names are right, and are not called unknown besides.
#[tokio::test(flavor = "multi_thread")]
async fn until_the_next_sweep_each_name_is_told_once() {
    let house = house().await;
    let (zones, _) = &slips()[1];
    assert_eq!(told(&house, zones, &["collect"]).await.0, 1);
    let plan = report(&house, &["plan"]).await;
    let skips = plan["skips"].as_array().unwrap();
    let names: Vec<&Value> = skips.iter().map(|skip| &skip["name"]).collect();
    assert_eq!(names, ["nas.example.com", "pi.example.com", "tv.example.com"], "{plan}");
    assert!(skips.iter().all(|skip| skip["reason"] == "already-right"), "{plan}");

    // One that differs, and one of which too little is known.
    house.heartbeats(&[60, 30, 2].map(|ago| beat("pi", NEW, ago))).await;
    house.heartbeats(&[beat("tv", NEW, 1)]).await;
    let plan = report(&house, &["plan"]).await;
    let told = ["changes", "skips"].map(|part| plan[part].as_array().unwrap().iter());
    let mut names: Vec<&Value> = told.into_iter().flatten().map(|told| &told["name"]).collect();
    names.sort_by_key(ToString::to_string);
    assert_eq!(names, ["nas.example.com", "pi.example.com", "tv.example.com"], "{plan}");
    assert_eq!(plan["changes"][0]["name"], "pi.example.com", "{plan}");
    for name in names {
        let output = house.run(&["explain", name.as_str().unwrap(), "-o", "json"]).await;
        let explained: Value = serde_json::from_slice(&output.stdout).unwrap();
        let claims = explained["record_sets"][0]["claims"].as_array().unwrap();
        assert_eq!(claims.len(), 1, "{explained}");
    }
}

/// What doctor finds of each part of an id.
#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_what_of_the_id_there_is_not() {
    let house = house().await;
    let lacks =
        ["it is not in that resource group", "there is no resource group rg-dsn", "there is no subscription"];
    for ((zones, _), lacks) in slips().into_iter().zip(lacks) {
        let (_, text) = told(&house, &zones, &["doctor"]).await;
        assert!(text.contains(&format!("404: {lacks}")), "{text}");
    }
}

/// A name of a zone that the settings name no longer: what stands there is not called deleted.
#[tokio::test(flavor = "multi_thread")]
async fn what_stands_in_a_zone_that_is_not_managed_was_not_looked_at() {
    let house = house().await;
    let mut zones = house.control("GET", "/standin/world", &Value::Null).await["zones"].clone();
    let other = json!({ "id": zone_id("other.example"), "recordSets": [] });
    zones.as_array_mut().unwrap().push(other);
    house.world(&json!({ "zones": zones })).await;
    let (_, text) = told(&house, &zone_id("other.example"), &["history", NAME]).await;
    let said = format!(
        "was in a zone that DNS_ZONES does not name, so what stands there now is not known: {}",
        zone_id(RIGHT)
    );
    assert!(text.to_lowercase().contains(&said.to_lowercase()), "{text}");
    assert!(!text.contains("deleted") && !text.contains("did you mean"), "{text}");
}

/// A role on the right zone alone does not let it be seen that there is no other: the log knows which one is swept.
#[tokio::test(flavor = "multi_thread")]
async fn where_the_wrong_one_may_not_be_read_what_was_meant_is_told_all_the_same() {
    let house = house().await;
    let body = json!({ "error": { "code": "AuthorizationFailed", "message": "no" } });
    house.stage.fail(&json!([{ "path": "/rg-dsn/", "times": 100_000, "status": 403, "body": body }])).await;
    let (zones, _) = &slips()[1];
    let said = "DNS_ZONES names the zone example.com in the group rg-dsn, which this identity may not read: \
        did you mean the group rg-dns?";
    for arguments in [&["plan"][..], &["plan", NAME], &["explain", NAME], &["history", NAME]] {
        let (_, text) = told(&house, zones, arguments).await;
        assert_eq!(text.matches(said).count(), 1, "{arguments:?}: {text}");
        assert!(text.contains("correct DNS_ZONES; probably meant:"), "{arguments:?}: {text}");
        assert!(!text.contains("heartbeat-dns collect"), "{arguments:?}: {text}");
    }
    assert_eq!(told(&house, &zone_id(RIGHT), &["plan"]).await.0, 0);
}
