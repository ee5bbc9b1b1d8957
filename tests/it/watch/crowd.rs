//! A crowd of idle and slow connections keeps no repair away, and hides no page for long.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{NEW, Watch, drifted};
use crate::handler::{PATIENCE, until};

/// Connections that say nothing, and such as begin a head and never end it.
async fn crowd(watch: &Watch, number: usize) -> Vec<TcpStream> {
    let place = watch.url.strip_prefix("http://").unwrap();
    let mut crowd = Vec::new();
    for index in 0..number {
        let mut stream = TcpStream::connect(place).await.unwrap();
        if index % 2 == 0 {
            stream.write_all(b"GET /metrics HTTP/1.1\r\nx-slow: ").await.unwrap();
        }
        crowd.push(stream);
    }
    crowd
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_connections_stop_no_repair_and_end() {
    let house = drifted(&[]).await;
    // Nothing can be asked until the crowd stands.
    house.stage.fail(&json!([{ "path": "/query", "times": 100_000, "status": 503 }])).await;
    let watch = Watch::start_with_files(&house, "1s", 80).await;
    let mut crowd = crowd(&watch, 200).await;
    house.stage.fail(&json!([])).await;
    until("DNS tells the truth", async || house.addresses("x").await == [NEW]).await;
    let mut byte = [0];
    let ended = tokio::time::timeout(PATIENCE, crowd[0].read(&mut byte)).await;
    assert!(matches!(ended, Ok(Ok(0) | Err(_))), "nobody waits for a head for ever: {ended:?}");
    drop(crowd);
    until("the pages are there again", async || watch.health().await.0 == 200).await;
    let ended = watch.stop().await;
    assert_eq!(ended.log.matches("EMFILE").count(), 1, "{}", ended.log);
    assert_eq!(ended.code, Some(0), "{}", ended.log);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_that_is_silent_makes_room_for_the_pages() {
    let house = drifted(&[]).await;
    let watch = Watch::start(&house, "1s").await;
    let mut crowd = crowd(&watch, 300).await;
    for _ in 0..5 {
        let (status, health) = watch.health().await;
        assert!([200, 503].contains(&status), "{status} {health}");
    }
    let of_many = &mut crowd[150];
    let ended = tokio::time::timeout(std::time::Duration::from_millis(50), of_many.read(&mut [0])).await;
    assert!(ended.is_err(), "the pages did not wait until the crowd had had its time: {ended:?}");
    drop(crowd);
    assert_eq!(watch.stop().await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_handler_ends_idle_connections_too() {
    let handler = crate::handler::Handler::bare(&[]).await;
    let mut idle = TcpStream::connect(handler.place()).await.unwrap();
    let mut byte = [0];
    let ended = tokio::time::timeout(PATIENCE, idle.read(&mut byte)).await;
    assert!(matches!(ended, Ok(Ok(0) | Err(_))), "{ended:?}");
    assert_eq!(handler.health().await.0, 200);
}
