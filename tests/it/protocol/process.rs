//! The handler as a process: where it listens, and how it ends.
#![cfg(unix)]

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;

use super::house;
use crate::handler::{Handler, PATIENCE, until};
use crate::watch::notices::Receiver;

fn terminate(child: &Child) {
    let pid = Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
}

/// How it ended.
async fn code(child: &mut Child) -> Option<i32> {
    tokio::time::timeout(PATIENCE, child.wait()).await.expect("it ends").unwrap().code()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_told_to_stop_answers_first_and_loses_no_notice() {
    let receiver = Receiver::start().await;
    let mut house = house().await;
    house.environment.insert("NOTIFY_URL".to_owned(), format!("{}/hook", receiver.url));
    let mut handler = house.serve().await;
    house.stage.fail(&json!([{ "path": "/query", "times": 2, "delay_ms": 1500 }])).await;
    let id = handler.child.id().unwrap();
    let stop = async {
        until("it is asked", async || house.stage.faults().await.is_empty()).await;
        let pid = Pid::from_raw(i32::try_from(id).unwrap()).unwrap();
        kill_process(pid, Signal::TERM).unwrap();
    };
    let ((status, text), ()) = tokio::join!(handler.tick(), stop);
    assert!(status == 200 && text.contains(": changed"), "{status} {text}");
    // With 0 the host would believe that it still serves (contract functions-custom-handler, section 2.5).
    assert_eq!(code(&mut handler.child).await, Some(1));
    let events: Vec<Value> = receiver.posts().iter().map(|post| post.json()["events"][0].clone()).collect();
    assert!(events.len() == 1 && events[0]["event"] == "moved", "{events:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_dies_with_the_host_that_holds_its_standard_input() {
    let house = house().await;
    let mut command = house.command();
    command.args(["serve", "--port", "0", "--until-stdin-closes"]).env("FUNCTIONS_CUSTOMHANDLER_PORT", "1");
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let serving = lines.next_line().await.unwrap().unwrap();
    let is_there = serving.contains("serving on 127.0.0.1:") && !serving.contains("127.0.0.1:1,");
    assert!(is_there, "what was said goes before the environment: {serving}");
    drop(child.stdin.take());
    assert_eq!(code(&mut child).await, Some(1));
}

/// Whoever can reach a handler needs no key: only the host may.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_handler_listens_to_this_machine_alone() {
    let mut handler = Handler::bare(&[]).await;
    let port = handler.place().rsplit(':').next().unwrap().to_owned();
    // Every address of 127.0.0.0/8 is one of this machine, and one more than it is bound to.
    let other = tokio::net::TcpStream::connect(format!("127.0.0.2:{port}")).await;
    assert!(other.is_err(), "it listens elsewhere too");
    terminate(&handler.child);
    assert_eq!(code(&mut handler.child).await, Some(1));
}
