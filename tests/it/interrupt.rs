//! Ctrl-C: what reads ends at once, what writes is finished and told, and a second one ends everything.
#![cfg(unix)]

use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::process::Child;

use crate::handler::{House, beat, tagged};
use crate::output::{code, words};
use crate::terminal::asked_on_a_terminal;

/// Names that are to be created.
const NAMES: usize = 60;
/// Writes of a zone and kind that are on their way at the same time.
const AT_ONCE: usize = 40;

/// Many machines whose names have no record set yet. Each write takes so long.
async fn crowd(delay: Duration) -> House {
    let house = newcomers(NAMES, &[]).await;
    let slow =
        json!({ "method": "PUT", "path": "dnsZones", "delay_ms": delay.as_millis() as u64, "times": 1000 });
    house.stage.fail(&json!([slow])).await;
    house
}

/// So many machines whose names have no record set yet.
pub(crate) async fn newcomers(count: usize, more: &[(&str, &str)]) -> House {
    let name = |index: usize| format!("m{index:02}");
    let machines: Vec<_> =
        (0..count).map(|index| tagged(&name(index), &format!("{}.example.com", name(index)))).collect();
    let beats: Vec<_> = (0..count)
        .flat_map(|index| {
            let address = format!("203.0.113.{}", index + 1);
            [120, 60, 5].map(|ago| beat(&name(index), &address, ago))
        })
        .collect();
    House::new(&[], &machines, &beats, more).await
}

fn apply(house: &House) -> Child {
    let mut command = house.command();
    command.args(["apply", "--yes"]).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

pub(crate) fn interrupt(child: &Child) {
    let pid = Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
}

/// Waits until so many writes have arrived.
async fn under_way(house: &House, writes: usize) {
    let left = |faults: &[Value]| faults.first().and_then(|fault| fault["times"].as_u64()).unwrap_or(0);
    let begin = Instant::now();
    while left(&house.stage.faults().await) > 1000 - writes as u64 {
        assert!(begin.elapsed() < Duration::from_secs(60), "no write arrives");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_under_way_is_finished_and_told_and_nothing_else_begins() {
    let house = crowd(Duration::from_secs(2)).await;
    let child = apply(&house);
    under_way(&house, AT_ONCE).await;
    interrupt(&child);
    let output = child.wait_with_output().await.unwrap();
    let said = words(&output);
    assert_eq!(code(&output), 1, "{said}");
    assert_eq!(house.writes().await, AT_ONCE, "{said}");
    let end = "stopped by you: 40 written (told to the log), 20 not begun; the next run goes on";
    assert!(said.contains(end), "{said}");
    assert!(said.contains("stopping: finishing what is under way"), "{said}");
    let told = house.query("DNSChange_CL | where Outcome_s == 'confirmed' | count").await;
    assert_eq!(told, [json!([AT_ONCE])], "{said}");
    // The next run goes on.
    house.control("DELETE", "/standin/faults", &Value::Null).await;
    let next = house.run(&["apply", "--yes"]).await;
    assert_eq!(code(&next), 0, "{}", words(&next));
    assert_eq!(house.writes().await, NAMES - AT_ONCE, "{}", words(&next));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_one_ends_at_once() {
    let house = crowd(Duration::from_secs(60)).await;
    let child = apply(&house);
    under_way(&house, 1).await;
    interrupt(&child);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let begin = Instant::now();
    interrupt(&child);
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(code(&output), 1, "{}", words(&output));
    assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
    let said = words(&output);
    assert!(
        said.contains("stopped by you a second time") && said.contains("heartbeat-dns history NAME"),
        "{said}"
    );
    assert!(said.contains("ten minutes from now or later"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_reads_and_a_question_end_at_the_first_one() {
    let house = Arc::new(crowd(Duration::ZERO).await);
    let asked = Arc::clone(&house);
    let ask = move || {
        let mut is_sent = false;
        asked_on_a_terminal(&["apply"], &asked.environment, |shown, pid| {
            if !is_sent && shown.contains("[y/N]") {
                is_sent = true;
                kill_process(pid, Signal::INT).unwrap();
            }
            None
        })
    };
    let (code, shown) = tokio::task::spawn_blocking(ask).await.unwrap();
    assert_eq!(code, Some(1), "{shown}");
    assert!(shown.contains("stopped by you; nothing was written"), "{shown}");
    assert_eq!(house.writes().await, 0);
    // A spinner that was being drawn leaves nothing behind.
    for command in ["plan", "collect", "query"] {
        let slow = json!([{ "path": "/", "delay_ms": 60_000, "times": 1000 }]);
        house.stage.fail(&slow).await;
        let asked = Arc::clone(&house);
        let read = move || {
            let mut is_sent = false;
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("q.kql");
            std::fs::write(&file, "print A = 1").unwrap();
            let arguments: &[&str] = &["query", file.to_str().unwrap()];
            let arguments = if command == "query" { arguments } else { &[command] };
            asked_on_a_terminal(arguments, &asked.environment, |shown, pid| {
                if !is_sent && shown.contains("(0s)") {
                    is_sent = true;
                    kill_process(pid, Signal::INT).unwrap();
                }
                None
            })
        };
        let begin = Instant::now();
        let (code, shown) = tokio::task::spawn_blocking(read).await.unwrap();
        assert_eq!(code, Some(1), "{command}: {shown}");
        assert!(begin.elapsed() < Duration::from_secs(20), "{command}: {:?}", begin.elapsed());
        let after_the_last_clearing = shown.rsplit("\u{1b}[2K").next().unwrap_or_default();
        assert!(after_the_last_clearing.contains("error: stopped by you"), "{command}: {shown:?}");
        assert!(!after_the_last_clearing.contains("(0s)"), "{command}: {shown:?}");
    }
}
