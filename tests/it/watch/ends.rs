//! How `watch` ends: by one round, by a signal, by two; and what it tells before it does.

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use super::notices::Receiver;
use super::{NEW, Watch, drifted};
use crate::handler::until;
use crate::output::{code, words};

/// What one round tells a program.
fn told(output: &std::process::Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", words(output)))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_round_tells_a_program_and_people_before_it_ends() {
    let receiver = Receiver::start().await;
    let (url, ping) = (format!("{}/hook", receiver.url), format!("{}/ping", receiver.url));
    let house = drifted(&[("NOTIFY_URL", &url), ("PING_URL", &ping), ("RUN_DEADLINE", "8s")]).await;
    let output = house.run(&["watch", "--once", "-o", "json"]).await;
    assert_eq!((code(&output), house.addresses("x").await), (0, vec![NEW.to_owned()]), "{}", words(&output));
    let round = told(&output);
    assert_eq!((&round["event"], &round["failed"]), (&json!("round"), &json!([])), "{round}");
    assert_eq!((&round["report"]["result"], &round["report"]["run"]), (&json!("changed"), &round["run"]));
    assert_eq!((receiver.posts().len(), receiver.pings()), (1, 1), "what was to be told has left");
    house.stage.fail(&json!([{ "path": "/query", "status": 403, "times": 1000 }])).await;
    let output = house.run(&["watch", "--once", "-o", "json"]).await;
    assert_eq!(code(&output), 1, "{}", words(&output));
    assert_eq!((&told(&output)["failed"], &told(&output)["report"]), (&json!(["evaluate"]), &Value::Null));
    assert_eq!((receiver.posts().len(), receiver.pings()), (2, 1));
}

/// A name that could not be judged is no name that a brake holds: whoever reads the code must look at the rights.
#[tokio::test(flavor = "multi_thread")]
async fn one_round_in_which_something_could_not_be_read_has_failed() {
    let house = drifted(&[]).await;
    house.stage.fail(&json!([{ "path": "/NS", "times": 1000, "status": 400 }])).await;
    let output = house.run(&["watch", "--once"]).await;
    assert_eq!(code(&output), 1, "{}", words(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_round_that_was_broken_off_is_no_success() {
    let house = drifted(&[]).await;
    house.stage.fail(&json!([{ "path": "/query", "times": 2, "delay_ms": 20_000 }])).await;
    let mut command = house.command();
    command.args(["watch", "--once"]).stdin(std::process::Stdio::null());
    let child = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::piped()).spawn();
    let child = child.unwrap();
    until("the questions are on their way", async || house.stage.faults().await.is_empty()).await;
    let id = child.id().unwrap().to_string();
    assert!(tokio::process::Command::new("kill").args(["-s", "TERM", &id]).status().await.unwrap().success());
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(code(&output), 1, "{}", words(&output));
    assert!(words(&output).contains("told to stop before the round was over"), "{}", words(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once_and_is_no_success() {
    let house = drifted(&[]).await;
    house.stage.fail(&json!([{ "method": "PUT", "path": "/A/x", "times": 1, "delay_ms": 50_000 }])).await;
    let mut watch = Watch::start(&house, "1s").await;
    until("the write is on its way", async || house.stage.faults().await.is_empty()).await;
    let mut lines = BufReader::new(watch.child.stderr.take().unwrap()).lines();
    watch.signal("TERM").await;
    let mut heard = async |words: &str| {
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.contains(words) {
                return true;
            }
        }
        false
    };
    assert!(heard("told to stop").await);
    watch.signal("TERM").await;
    assert!(heard("told to stop a second time: the run is left to the next start").await);
    assert_eq!(watch.child.wait().await.unwrap().code(), Some(1));
}
