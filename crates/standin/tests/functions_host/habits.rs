//! Habits of the real host (contract functions-custom-handler, section 12).

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame};
use jiff::Timestamp;
use standin::Clock;
use standin::clock::Course;
use standin::functions_host::Keys;

use super::*;

/// A body of unknown length, which is sent in chunks.
struct Pieces(Vec<&'static str>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.0.pop().map(|piece| Ok(Frame::data(Bytes::from_static(piece.as_bytes())))))
    }
}

/// What a caller of `/api/remediate` hears of what the handler was sent.
async fn told(answer: reqwest::Response) -> Value {
    serde_json::from_slice(&answer.bytes().await.expect("a body")).expect("json")
}

async fn status(request: reqwest::RequestBuilder) -> u16 {
    request.send().await.expect("an answer").status().as_u16()
}

fn invoked(event: &HostEvent) -> Option<(&'static str, Option<String>, Vec<String>)> {
    match event {
        HostEvent::Invoked { by, failure, logs, .. } => Some((*by, failure.clone(), logs.clone())),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chunked_body_of_a_caller_is_dropped() {
    let (host, _events) = start("serve", NEVER, "00:10:00").await;
    let body = reqwest::Body::wrap(Pieces(vec!["\"plan\"}", "{\"mode\":"]));
    let answer = client().post(url(&host, "/api/remediate")).body(body).send().await.expect("an answer");
    let request = &told(answer).await["envelope"]["Data"]["req"];
    assert_eq!((request.get("Body"), &request["Headers"]["Transfer-Encoding"]), (None, &json!(["chunked"])));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_asked_for_when_there_are_some() {
    let keys = Keys::random();
    let (host, _events) =
        start_with("serve", NEVER, "00:10:00", |options| options.keys = Some(keys.clone())).await;
    let (api, admin) = (url(&host, "/api/remediate"), url(&host, "/admin/functions/function-collector"));
    let with_key = |key: &str| client().post(&api).header("x-functions-key", key);
    for key in [&keys.function, &keys.host, &keys.master] {
        assert_eq!(status(with_key(key)).await, 202, "in the header");
        assert_eq!(status(client().get(format!("{api}?code={key}"))).await, 202, "in the query");
    }
    assert_eq!(status(with_key("wrong")).await, 401);
    assert_eq!(status(client().get(&api)).await, 401);
    assert_eq!(status(client().put(&api)).await, 404, "no function has this method");
    let run = |key: &str| client().post(&admin).header("x-functions-key", key).body("{\"input\":\"\"}");
    assert_eq!(status(run(&keys.function)).await, 401);
    assert_eq!(status(run(&keys.master)).await, 202);
    let answer = with_key(&keys.function).send().await.expect("an answer");
    let claims = &told(answer).await["envelope"]["Data"]["req"]["Identities"][0]["Claims"];
    assert_eq!((&claims[0]["Value"], &claims[2]["Value"]), (&json!("Function"), &json!("default")));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_a_word_is_never_an_end() {
    let (host, mut events) = start("serve", NEVER, "00:00:04").await;
    let call = tokio::spawn(client().post(url(&host, "/api/remediate")).body("nothing").send());
    let early = tokio::time::timeout(Duration::from_secs(2), wait(&mut events, invoked)).await;
    assert!(early.is_err(), "{early:?}");
    assert!(wait(&mut events, invoked).await.1.is_some_and(|why| why.starts_with("Timeout value")));
    assert_eq!(call.await.expect("a task").expect("an answer").status(), 500);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_in_flight_dies_with_the_handler_and_the_next_is_answered_on_the_same_port() {
    let (host, mut events) = start("serve", NEVER, "00:10:00").await;
    let pid = wait(&mut events, ready).await;
    let port = told(post(&host, "port").await).await["ports"][0].clone();
    let call = tokio::spawn(client().post(url(&host, "/api/remediate")).body("late").send());
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(Command::new("kill").args(["-9", &pid.to_string()]).status().expect("kill").success());
    let answer = call.await.expect("a task").expect("an answer");
    assert_eq!((answer.status().as_u16(), answer.bytes().await.expect("a body").len()), (500, 0));
    assert_eq!(told(post(&host, "port").await).await["ports"][0], port);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_is_stopped_waits_for_a_call_and_kills_the_handler() {
    let (host, mut events) = start("serve", NEVER, "00:10:00").await;
    let pid = wait(&mut events, ready).await;
    let call = tokio::spawn(client().post(url(&host, "/api/remediate")).body("soon").send());
    tokio::time::sleep(Duration::from_millis(300)).await;
    host.stop().await;
    assert_eq!(call.await.expect("a task").expect("an answer").status(), 200);
    assert!(!is_alive(pid));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reason_phrase_stands_in_the_failure() {
    let (host, mut events) = start("serve", NEVER, "00:10:00").await;
    assert_eq!(post(&host, "reason").await.status(), 500);
    let why = "Response status code does not indicate success: 500 (it is raining).";
    assert_eq!(wait(&mut events, invoked).await.1.as_deref(), Some(why));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_was_stopped_makes_up_for_a_run_once() {
    let missed = standin::clock::wall() - jiff::SignedDuration::from_secs(90);
    let timers = TimerStorage::waiting_for("function-collector", missed);
    for runs in [1, 0] {
        let change = |options: &mut HostOptions| options.timers = timers.clone();
        let (host, mut events) = start_with("serve", "0 0 0 1 1 *", "00:10:00", change).await;
        wait(&mut events, ready).await;
        if runs == 1 {
            let (by, failure, logs) = wait(&mut events, invoked).await;
            assert_eq!((by, failure, logs), ("timer", None, vec!["past due: true".to_owned()]));
        }
        let more = tokio::time::timeout(Duration::from_secs(1), wait(&mut events, invoked)).await;
        assert!(more.is_err(), "{more:?}");
        host.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_cannot_be_indexed_is_told_and_the_other_works() {
    let (host, mut events) = start("serve", "hourly", "00:10:00").await;
    let line = wait(&mut events, |event| match event {
        HostEvent::Line { level: Level::Error, text } => Some(text.clone()),
        _ => None,
    });
    let line = line.await;
    assert!(line.starts_with("The 'function-collector' function is in error: "), "{line}");
    assert_eq!(post(&host, "again").await.status(), 202);
    assert_eq!(
        status(client().post(url(&host, "/admin/functions/function-collector")).body("{}")).await,
        404
    );
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_by_hand_stands_in_the_metadata() {
    let (host, _events) = start("serve", NEVER, "00:10:00").await;
    let run = client().post(url(&host, "/admin/functions/function-remediate")).body("{\"input\":\"x\"}");
    assert_eq!(status(run).await, 202);
    let twice = client().get(url(&host, "/api/remediate?a=1&a=2")).send().await.expect("an answer");
    let envelope = &told(twice).await["envelope"];
    assert_eq!(envelope["Data"]["req"]["Query"]["a"], "1,2");
    assert_eq!(
        (&envelope["Metadata"]["a"], &envelope["Metadata"]["Query"]["a"]),
        (&json!("\"2\""), &json!("2"))
    );
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_told_to_application_insights() {
    let standin = standin::start(standin::Options::default()).await.expect("a stand-in");
    let state = standin.state().clone();
    let change = |options: &mut HostOptions| options.application_insights = Some(state.clone());
    let (host, mut events) = start_with("serve", NEVER, "00:10:00", change).await;
    wait(&mut events, ready).await;
    let trace = told(post(&host, "again").await).await["trace"].as_str().expect("a trace").to_owned();
    assert_eq!((trace.len(), trace.matches('-').count()), (55, 3), "{trace}");
    post(&host, "reason").await;
    let of = async |query: &str| {
        let database = state.workspace().snapshot();
        let ask =
            standin::logs_query::run(database, query.to_owned(), None, standin::clock::wall(), PATIENCE);
        standin::logs_query::texts(&ask.await.expect("rows"))
    };
    let good =
        of("AppRequests | where Success | project OperationId, Name, tostring(Properties.InvocationId)")
            .await;
    assert_eq!((good.len(), good[0][1].as_str()), (1, "function-remediate"), "{good:?}");
    assert!(trace.contains(&good[0][0]) && good[0][2].len() == 36, "{good:?} {trace}");
    let why = of("AppExceptions | project InnermostMessage, tostring(Properties.Category)").await;
    assert_eq!(why.len(), 2, "by the function and by its result: {why:?}");
    assert!(why.iter().all(|row| row[0].contains("500 (it is raining)")), "{why:?}");
    wait(&mut events, |event| match event {
        HostEvent::Line { text, .. } if text.contains("asked for") => Some(()),
        _ => None,
    })
    .await;
    let console =
        "AppTraces | where Properties.Category == 'Host.Function.Console' and Message contains 'asked for'";
    let lines = of(&format!("{console} | project OperationId, tostring(Properties.InvocationId)")).await;
    assert_eq!(lines, [["", ""]], "nothing says to which run a line belongs");
    assert_eq!(of("AppDependencies | count").await, [["2"]]);
    assert_eq!(
        of("AppTraces | where Message startswith 'Execut' | count").await,
        [["3"]],
        "two begun, one done"
    );
    host.stop().await;
    standin.stop().await;
}

/// An hour takes a second, and a run one and a half: what fell into it is late, and not lost.
#[tokio::test(flavor = "multi_thread")]
async fn under_a_recorded_clock_a_run_delays_the_next_one() {
    let origin: Timestamp = "2025-02-25T07:59:59Z".parse().expect("a time");
    let clock = Clock::standing(origin);
    let (host, mut events) =
        start_with("slow", "0 0 * * * *", "00:10:00", |options| options.clock = clock.clone()).await;
    assert!(host.ready().await);
    let end = origin + jiff::SignedDuration::from_hours(48);
    let speed = 3600.try_into().expect("a speed");
    clock.run(Course { origin, wall: standin::clock::wall(), speed, end });
    let mut lasts = Vec::new();
    for _ in 0..3 {
        let (by, failure, logs) = wait(&mut events, invoked).await;
        assert_eq!((by, failure), ("timer", None));
        lasts.push(logs[0].clone());
    }
    let began = |index: usize, hour: &str| assert!(lasts[index].starts_with(hour), "{lasts:?}");
    began(1, "2025-02-25T08:00:00");
    began(2, "2025-02-25T09:00:00");
    host.stop().await;
}
