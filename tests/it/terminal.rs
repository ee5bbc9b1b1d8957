//! On a terminal, as people use it: no command panics there, and `NO_COLOR` is kept.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Write};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::{Value, json};

use crate::handler::House;
use crate::stage::{Stage, world, zone_id};
use crate::watch::drifted;

/// Runs the program with its three streams on a new terminal, under these variables alone: its exit code, and what it
/// showed.
fn on_a_terminal(arguments: &[&str], environment: &BTreeMap<String, String>) -> (Option<i32>, String) {
    asked_on_a_terminal(arguments, environment, |_| None)
}

/// The same with a person who reads what is shown, and may have something to type when it has changed.
fn asked_on_a_terminal(
    arguments: &[&str],
    environment: &BTreeMap<String, String>,
    person: impl FnMut(&str) -> Option<&'static str>,
) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_heartbeat-dns"));
    command.args(arguments).env_clear().envs(environment).env("TERM", "xterm").current_dir(folder.path());
    at_a_terminal(command, person)
}

/// Runs a command with its three streams on a new terminal, before which a person sits: its exit code, and what it showed.
pub(crate) fn at_a_terminal(
    mut command: Command,
    mut person: impl FnMut(&str) -> Option<&'static str>,
) -> (Option<i32>, String) {
    let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&keyboard).unwrap();
    unlockpt(&keyboard).unwrap();
    let name = ptsname(&keyboard, Vec::new()).unwrap();
    let screen = File::from(open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap());
    command.stdin(screen.try_clone().unwrap()).stdout(screen.try_clone().unwrap()).stderr(screen);
    let mut child = command.spawn().unwrap();
    // Our own copies of the screen end here, so that reading ends with the program.
    drop(command);
    let (mut shown, mut piece) = (Vec::new(), [0; 4096]);
    let mut keyboard = File::from(keyboard);
    // The kernel answers with an error once nobody holds the screen any more.
    while let Ok(count @ 1..) = keyboard.read(&mut piece) {
        shown.extend_from_slice(&piece[..count]);
        if let Some(typed) = person(&String::from_utf8_lossy(&shown)) {
            keyboard.write_all(typed.as_bytes()).unwrap();
        }
    }
    (child.wait().unwrap().code(), String::from_utf8_lossy(&shown).into_owned())
}

/// Whether a text switches colours, or boldness: `ESC [ … m`.
fn is_coloured(text: &str) -> bool {
    text.split("\u{1b}[")
        .skip(1)
        .any(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').starts_with('m'))
}

#[test]
fn no_command_panics_on_a_terminal() {
    for arguments in
        [&["collect"][..], &["plan"], &["apply"], &["adopt", "x.example.com"], &["watch"], &["query"]]
    {
        let (code, shown) = on_a_terminal(arguments, &BTreeMap::new());
        assert_eq!(code, Some(2), "{arguments:?} without settings: {shown}");
    }
}

/// `apply` at a terminal where somebody reads for so long, while this happens, and then agrees.
async fn agreed_late(house: &Arc<House>, read: Duration, meanwhile: Option<Value>) -> (Option<i32>, String) {
    let (house, environment) = (Arc::clone(house), house.environment.clone());
    let ask = move || {
        let mut has_answered = false;
        asked_on_a_terminal(&["apply"], &environment, |shown| {
            if has_answered || !shown.contains("[y/N]") {
                return None;
            }
            has_answered = true;
            tokio::runtime::Handle::current().block_on(async {
                tokio::time::sleep(read).await;
                if let Some(world) = &meanwhile {
                    house.world(world).await;
                }
            });
            Some("y\n")
        })
    };
    tokio::task::spawn_blocking(ask).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_who_reads_spends_no_time_of_the_run() {
    let house = Arc::new(drifted(&[("RUN_DEADLINE", "8s")]).await);
    let (code, shown) = agreed_late(&house, Duration::from_millis(8500), None).await;
    assert_eq!(code, Some(0), "{shown}");
    assert_eq!(house.addresses("x").await, ["203.0.113.7"], "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_changed_while_somebody_read_is_not_written() {
    let gone = json!({ "zones": [{ "id": zone_id("example.com"), "recordSets": [] }] });
    for (meanwhile, left) in [(gone, vec![]), (json!({ "machines": [] }), vec!["198.51.100.10".to_owned()])] {
        let house = Arc::new(drifted(&[]).await);
        let (code, shown) = agreed_late(&house, Duration::ZERO, Some(meanwhile)).await;
        assert_eq!(code, Some(4), "{shown}");
        assert!(shown.contains("the plan has changed while you read it"), "{shown}");
        assert_eq!(house.addresses("x").await, left, "{shown}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_on_a_terminal_is_plain_text() {
    let stage = Stage::with(&world(&[], &[])).await;
    let environment = stage.environment(&[("LOG_LEVEL", "trace"), ("LOG_FORMAT", "text")]);
    let (code, shown) =
        tokio::task::spawn_blocking(move || on_a_terminal(&["collect"], &environment)).await.unwrap();
    assert_eq!(code, Some(0), "{shown}");
    assert!(shown.contains("TRACE") || shown.contains("DEBUG") || shown.contains("INFO"), "{shown}");
    assert!(!is_coloured(&shown), "{shown}");
}

#[test]
fn no_colour_is_shown_to_whoever_wants_none() {
    let (code, shown) = on_a_terminal(&["--help"], &BTreeMap::new());
    assert!(code == Some(0) && is_coloured(&shown), "{shown}");
    let none = [("NO_COLOR".to_owned(), "1".to_owned())].into();
    let (code, shown) = on_a_terminal(&["--help"], &none);
    assert!(code == Some(0) && !is_coloured(&shown), "{shown}");
}
