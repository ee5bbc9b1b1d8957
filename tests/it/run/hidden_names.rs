//! What a private zone hides is told by a plan, and by the timer once; no run that writes looks at it.

use serde_json::{Value, json};

use super::both_sides::{beats, house, own, private_id};
use super::{code, words};
use crate::handler::{House, OWNER, mark, set, tagged, until};
use crate::watch::notices::Receiver;

const LINKS: &str = "virtualNetworkLinks";

/// A name that is right on both sides, and `www`, which the private zone has not.
async fn with_www() -> House {
    let public =
        [set("nas", &["203.0.113.7"], mark("nas", OWNER, "1")), set("www", &["192.0.2.80"], Value::Null)];
    let private = [own("nas", "10.1.0.4", &mark("nas", OWNER, "1"))];
    let rows = beats("nas", "203.0.113.7", &["10.1.0.4"]);
    let house = house(&public, &private, &[tagged("nas", "nas.example.com")], &rows).await;
    house.stage.all_calls().await;
    house
}

/// How often the links were asked for since the last time.
async fn looks(house: &House) -> usize {
    house.stage.all_calls().await.iter().filter(|call| call.path.contains(LINKS)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_tells_what_is_hidden_and_where() {
    let house = with_www().await;
    let shown = house.run(&["plan"]).await;
    let text = words(&shown);
    assert_eq!(code(&shown), 0, "{text}");
    let told = "warning: the private zone example.com hides 1 public name in hub: there they do not exist (www.example.com)";
    assert!(text.contains(told), "{text}");
    let planned = house.run(&["plan", "-o", "json"]).await;
    let report: Value = serde_json::from_slice(&planned.stdout).unwrap();
    let [warning] = report["warnings"].as_array().unwrap().as_slice() else { panic!("{report}") };
    assert_eq!(
        (&warning["warning"], &warning["names"]),
        (&json!("hidden-names"), &json!(["www.example.com"]))
    );
    assert!(!words(&planned).contains("warning:"), "{}", words(&planned));
    // A plan of one name looks at its zone.
    looks(&house).await;
    house.run(&["plan", "nas.example.com"]).await;
    assert_eq!(looks(&house).await, 1);
    house.run(&["apply", "nas.example.com", "--yes"]).await;
    assert_eq!(looks(&house).await, 0, "no run that writes looks");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_seen_is_said_and_stops_no_plan() {
    let house = with_www().await;
    let faults = json!([{ "path": LINKS, "status": 403 }]);
    house.stage.fail(&faults).await;
    let shown = house.run(&["plan"]).await;
    let text = words(&shown);
    assert_eq!(code(&shown), 0, "{text}");
    assert!(
        text.contains("what the private zone example.com hides was not seen") && text.contains("doctor"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_timer_tells_it_once_and_an_alert_never_looks() {
    let mut house = with_www().await;
    let people = Receiver::start().await;
    for (name, value) in
        [("NOTIFY_URL", format!("{}/hook", people.url)), ("NOTIFY_FORMAT", "json".to_owned())]
    {
        house.environment.insert(name.to_owned(), value);
    }
    let handler = house.serve().await;
    handler.apply().await;
    assert_eq!(looks(&house).await, 0);
    for looked in [1, 0] {
        let (status, said) = handler.tick().await;
        assert_eq!((status, looks(&house).await), (200, looked), "{said}");
    }
    let warned = || -> Vec<Value> {
        let events =
            people.posts().into_iter().flat_map(|post| post.json()["events"].as_array().unwrap().clone());
        events.filter(|event| event["event"] == "warned").collect()
    };
    until("people are told", async || !warned().is_empty()).await;
    let warned = warned();
    assert_eq!((warned.len(), &warned[0]["what"]), (1, &json!("hidden-names")), "{warned:?}");
    // Another process hears of it by the log.
    let other = house.serve().await;
    other.tick().await;
    assert_eq!(looks(&house).await, 1);
    let query = "DNSChange_CL | where Reason_s == 'hidden-names' | project ZoneId_s, ResourceId_s";
    assert_eq!(house.query(query).await, [json!([private_id().to_lowercase(), private_id()])]);
}
