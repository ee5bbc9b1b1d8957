//! What a person has agreed to is written, and nothing else, whatever somebody does to the set meanwhile.

use serde_json::{Value, json};

use super::{NEW, OLD, code, report, words};
use crate::handler::{House, OWNER, mark, moved, set, tagged, until};

const HOST: &str = "x.example.com";
/// What somebody puts there by hand while the write is on its way.
const BY_HAND: &str = "198.51.100.222";

fn held(until: &str) -> Value {
    let mut mark = mark("m", OWNER, "2");
    mark["heartbeat_dns_hold"] = json!(until);
    mark
}

async fn house(metadata: &Value) -> House {
    let sets = [set("x", &[OLD], metadata.clone())];
    let beats = moved("m", OLD, NEW);
    House::new(&sets, &[tagged("m", HOST)], &beats, &[("POLICY_NAMES", "x.example.com,*")]).await
}

/// Waits for work whose first write is refused because the set is another one by then.
async fn overtaken<T>(house: &House, work: impl Future<Output = T>, address: &str, metadata: &Value) -> T {
    let changed = json!({ "code": "PreconditionFailed", "message": "The Record set x has been modified (etag mismatch)." });
    let fault = json!({ "method": "PUT", "path": "/A/x", "delay_ms": 500, "status": 412, "body": changed });
    house.stage.fail(&json!([fault])).await;
    let change = async {
        until("the write is on its way", async || house.stage.faults().await.is_empty()).await;
        let mut world = house.control("GET", "/standin/world", &Value::Null).await;
        for set in world["zones"][0]["recordSets"].as_array_mut().unwrap() {
            if set["name"] == "x" {
                set["properties"]["ARecords"] = json!([{ "ipv4Address": address }]);
                set["properties"]["metadata"] = metadata.clone();
            }
        }
        house.world(&json!({ "zones": world["zones"] })).await;
    };
    let (done, ()) = tokio::join!(work, change);
    done
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changes_meanwhile_stays_as_they_left_it() {
    let ours = || mark("m", OWNER, "1");
    for (arguments, read, address, meanwhile) in [
        (vec!["unhold", HOST], held("2099-01-01T00:00:00Z"), OLD, held("forever")),
        (vec!["hold", HOST, "--until", "2098-01-01T00:00:00Z"], ours(), OLD, held("forever")),
        (vec!["release", HOST, "--clean"], ours(), BY_HAND, ours()),
        (vec!["apply"], ours(), BY_HAND, ours()),
        (vec!["adopt", HOST], Value::Null, BY_HAND, Value::Null),
    ] {
        let house = house(&read).await;
        let shown = report(&house, &[arguments.as_slice(), &["--dry-run"]].concat()).await;
        assert_eq!(shown["changes"].as_array().unwrap().len(), 1, "{shown}");
        let expected = [arguments.as_slice(), &["--expect", shown["digest"].as_str().unwrap()]].concat();
        let ended = overtaken(&house, house.run(&expected), address, &meanwhile).await;
        assert_eq!(code(&ended), 1, "{arguments:?}: {}", words(&ended));
        let told = house.query("DNSChange_CL | project Outcome_s, OldIPs_s").await;
        assert_eq!(told, [json!(["conflict", OLD])], "{arguments:?}");
        let left = house.record_set("x").await["metadata"].clone();
        assert_eq!(
            (house.addresses("x").await, left),
            (vec![address.to_owned()], meanwhile),
            "{arguments:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_holds_meanwhile_is_not_given_up() {
    let (house, forever) = (house(&mark("m", OWNER, "1")).await, held("forever"));
    let release = house.run(&["release", HOST, "--clean", "--yes"]);
    let ended = overtaken(&house, release, OLD, &forever).await;
    let said = words(&ended).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("is held until somebody lets it go"), "{said}");
    assert_ne!(code(&ended), 0, "{said}");
    assert_eq!(house.record_set("x").await["metadata"], forever);
}

/// A clock's run has nobody who read anything: it plans again on what stands there.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_has_read_is_planned_again() {
    let house = house(&mark("m", OWNER, "1")).await;
    let handler = house.serve().await;
    let ran = overtaken(&house, handler.apply(), BY_HAND, &mark("m", OWNER, "1")).await;
    assert_eq!(house.addresses("x").await, [NEW], "{ran}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_that_leaves_a_mark_is_not_agreed_to_one_that_leaves_nothing() {
    let house = house(&mark("m", OWNER, "1")).await;
    let shown = report(&house, &["release", HOST, "--dry-run"]).await;
    let digest = shown["digest"].as_str().unwrap();
    let clean = house.run(&["release", HOST, "--clean", "--expect", digest]).await;
    assert_eq!((code(&clean), house.writes().await), (4, 0), "{}", words(&clean));
    let released = house.run(&["release", HOST, "--expect", digest]).await;
    assert_eq!((code(&released), house.writes().await), (0, 1), "{}", words(&released));
}
