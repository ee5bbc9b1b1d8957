//! One table of exit codes, which every command keeps.

use std::process::{Output, Stdio};

use serde_json::{Value, json};

use crate::handler::{House, moved, set, tagged};
use crate::output::{code, words};
use crate::watch::{converging, drifted};

/// Five shops that a brake holds, and one name beside them that moves.
async fn brake_and_change() -> House {
    let house = converging(&[]).await;
    let mut world = house.control("GET", "/standin/world", &Value::Null).await;
    world["zones"][0]["recordSets"].as_array_mut().unwrap().push(set("x", &["198.51.100.99"], Value::Null));
    world["machines"].as_array_mut().unwrap().push(tagged("m", "x.example.com"));
    house.world(&json!({ "zones": world["zones"], "machines": world["machines"] })).await;
    house.heartbeats(&moved("m", "198.51.100.99", "203.0.113.7")).await;
    assert_eq!(code(&house.run(&["collect"]).await), 0);
    house
}

async fn codes(house: &House, table: &[(&[&str], i32)]) {
    for (arguments, wanted) in table {
        let output = house.run(arguments).await;
        assert_eq!(code(&output), *wanted, "{arguments:?}: {}", words(&output));
    }
}

const ANOTHER: &str = "000000000000";

#[tokio::test(flavor = "multi_thread")]
async fn a_brake_alone() {
    let house = converging(&[]).await;
    let table: [(&[&str], i32); 6] = [
        (&["plan"], 0),
        (&["plan", "--exit-code"], 4),
        (&["plan", "shop0.example.com", "--exit-code"], 4),
        (&["apply", "--yes"], 4),
        (&["apply", "--expect", ANOTHER], 4),
        (&["watch", "--once"], 4),
    ];
    codes(&house, &table).await;
    assert_eq!(house.writes().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_beside_a_brake() {
    let house = brake_and_change().await;
    let table: [(&[&str], i32); 5] = [
        (&["plan"], 0),
        (&["plan", "--exit-code"], 3),
        (&["apply", "--expect", ANOTHER], 4),
        (&["apply", "--yes"], 4),
        (&["plan", "--exit-code"], 4),
    ];
    codes(&house, &table).await;
    assert_eq!(house.addresses("x").await, ["203.0.113.7"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_alone_and_what_is_nobodys() {
    let house = drifted(&[]).await;
    let table: [(&[&str], i32); 12] = [
        (&["plan"], 0),
        (&["plan", "--exit-code"], 3),
        (&["plan", "nobody.example.com"], 2),
        (&["plan", "nobody.example.com", "--exit-code"], 2),
        (&["apply", "nobody.example.com", "--yes"], 2),
        (&["adopt", "nobody.example.com", "--yes"], 2),
        (&["adopt", "nobody.example.com", "--dry-run"], 2),
        (&["adopt", "x.example.com", "--dry-run"], 0),
        (&["apply"], 2),
        (&["watch", "--once"], 0),
        (&["plan", "--exit-code"], 0),
        (&["apply", "--yes"], 0),
    ];
    codes(&house, &table).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_is_1_and_what_is_asked_wrongly_is_2() {
    let house = drifted(&[("RUN_DEADLINE", "3s")]).await;
    let table: [(&[&str], i32); 9] = [
        (&["plan", "-o", "xml"], 2),
        (&["serve", "-o", "json"], 2),
        (&["watch", "-o", "csv"], 2),
        (&["watch", "--once", "--every", "1m"], 2),
        (&["local", "-o", "markdown"], 2),
        (&["completions", "bash", "-o", "json"], 2),
        (&["check", "no name"], 1),
        (&["query", "no-such-file.kql"], 2),
        (&["bogus"], 2),
    ];
    codes(&house, &table).await;
    house.stage.fail(&json!([{ "method": "PUT", "path": "dnsZones", "status": 403, "times": 1000 }])).await;
    codes(&house, &[(&["apply", "--yes"], 1)]).await;
    house.stage.fail(&json!([{ "path": "/query", "status": 403, "times": 1000 }])).await;
    codes(&house, &[(&["plan"], 1), (&["plan", "--exit-code"], 1), (&["watch", "--once"], 1)]).await;
}

/// Runs the script of the help as it stands there.
async fn documented_script(house: &House) -> Output {
    let help = words(&house.run(&["plan", "--help"]).await);
    let begin =
        help.lines().position(|line| line.contains("plan --exit-code")).expect("an example for scripts");
    let script: Vec<&str> =
        help.lines().skip(begin).take_while(|line| !line.trim().is_empty()).map(str::trim).collect();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_heartbeat-dns"));
    let path = format!("{}:{}", program.parent().unwrap().display(), house.environment["PATH"]);
    let mut shell = tokio::process::Command::new("sh");
    shell.args(["-ec", &script.join("\n")]).env_clear().envs(&house.environment).env("PATH", path);
    shell.current_dir(std::env::temp_dir()).stdin(Stdio::null()).output().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_script_applies_after_3_alone() {
    let house = drifted(&[("RUN_DEADLINE", "2s")]).await;
    // The two questions of the plan are refused, those of an application would be answered.
    house.stage.fail(&json!([{ "path": "/query", "times": 2, "status": 403 }])).await;
    let failed = documented_script(&house).await;
    assert!(!failed.status.success() && house.stage.faults().await.is_empty(), "{}", words(&failed));
    assert_eq!(house.addresses("x").await, ["198.51.100.10"]);
    let applied = documented_script(&house).await;
    assert_eq!(
        (code(&applied), house.addresses("x").await),
        (0, vec!["203.0.113.7".to_owned()]),
        "{}",
        words(&applied)
    );
    assert_eq!(code(&documented_script(&house).await), 0, "nothing is left to do");
}

/// The script of the help: green when it did everything right, what a brake holds included.
#[tokio::test(flavor = "multi_thread")]
async fn the_documented_script_is_green_when_it_did_everything_right() {
    let house = brake_and_change().await;
    let output = documented_script(&house).await;
    assert_eq!(code(&output), 0, "{}", words(&output));
    assert_eq!(house.addresses("x").await, ["203.0.113.7"]);
    assert!(words(&output).contains("held by converging"), "it says what is held: {}", words(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_review_writes_what_was_reviewed() {
    let house = drifted(&[]).await;
    let help = words(&house.run(&["apply", "--help"]).await);
    assert!(help.contains("plan -o json > plan.json") && help.contains("jq -r .digest plan.json"), "{help}");
    let plan = crate::output::report(&house, &["plan"]).await;
    let digest = plan["digest"].as_str().unwrap();
    let output = house.run(&["apply", "--expect", digest]).await;
    assert_eq!(code(&output), 0, "{}", words(&output));
    assert_eq!(house.addresses("x").await, ["203.0.113.7"]);
}
