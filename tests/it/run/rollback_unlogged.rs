//! Changes that the log does not know yet, for a run was killed or its rows are on their way: the marks tell of them.

use heartbeat_dns::azure::logs_ingest::DNS_CHANGE;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::kills::die_before_the_row;
use super::{NEW, OLD, change, code, drifted, report, words};
use crate::handler::{House, OWNER, mark, set, tagged};
use crate::stage::{machine_id, zone_id};

/// The run that was killed, and another whose rows the log has.
const KILLED: &str = "5f31c0d2-8a4e-4b7e-9a53-0d6c2f1b7e90";
const LOGGED: &str = "aaaaaaaa-8a4e-4b7e-9a53-0d6c2f1b7e90";

fn ago(minutes: i64) -> String {
    (heartbeat_dns::clock::now() - SignedDuration::from_mins(minutes)).to_string()
}

/// A set that a run has moved so many minutes ago.
fn moved_by(run: &str, name: &str, minutes_ago: i64) -> Value {
    let mut metadata = mark(name, OWNER, "1");
    metadata["heartbeat_dns_run"] = json!(run);
    metadata["heartbeat_dns_time"] = json!(ago(minutes_ago));
    metadata["heartbeat_dns_previous"] = json!(OLD);
    set(name, &[NEW], metadata)
}

/// Of four sets one was moved by a run that the log knows, two by one that it does not, and one long ago.
async fn house() -> House {
    let sets = [
        moved_by(LOGGED, "a", 3),
        moved_by(KILLED, "b", 4),
        moved_by(KILLED, "c", 4),
        moved_by(KILLED, "d", 600),
    ];
    let machines = ["a", "b", "c", "d"].map(|name| tagged(name, &format!("{name}.example.com")));
    let house = House::new(&sets, &machines, &[], &[]).await;
    let row = json!({
        "TimeGenerated": ago(3), "run_s": LOGGED, "Trigger_s": "cli", "DNSHostName_s": "a.example.com", "RecordType_s": "A",
        "ZoneId_s": zone_id("example.com"), "Action_s": "update", "Outcome_s": "confirmed", "OldIPs_s": OLD,
        "NewIPs_s": NEW, "ResourceId_s": machine_id("a"), "Installation_s": OWNER, "Cause_s": "moved",
    });
    house.stage.azure().logs_ingest.send(DNS_CHANGE, &[row]).await.unwrap();
    house
}

fn names(report: &Value) -> Vec<&str> {
    report["changes"].as_array().unwrap().iter().map(|change| change["name"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_marks_tell_of_is_rolled_back_with_the_rest_and_said_so() {
    let house = house().await;
    let since = ago(30);
    let to = ["rollback", "--to", &since, "--dry-run"];
    let planned = report(&house, &to).await;
    assert_eq!(names(&planned), ["a.example.com", "b.example.com", "c.example.com"], "{planned}");
    for name in names(&planned) {
        assert_eq!(change(&planned, name)["to"], json!([OLD]), "{planned}");
    }
    let said = words(&house.run(&to).await);
    assert!(
        said.contains("2 sets carry the mark of run 5f31c0d2, which the log does not know yet"),
        "{said}"
    );
    // Of the run itself all is undone, and of another nothing.
    let undone = report(&house, &["rollback", "--run", KILLED, "--dry-run"]).await;
    assert_eq!(names(&undone), ["b.example.com", "c.example.com", "d.example.com"], "{undone}");
    let known = house.run(&["rollback", "--run", LOGGED, "--dry-run"]).await;
    assert!(!words(&known).contains("does not know"), "{}", words(&known));
    let last = words(&house.run(&["rollback", "b.example.com", "--dry-run"]).await);
    assert!(last.contains("1 set carries the mark of run 5f31c0d2"), "{last}");
    let written = house.run(&["rollback", "--to", &since, "--yes"]).await;
    assert_eq!(code(&written), 0, "{}", words(&written));
    for (name, address) in [("a", OLD), ("b", OLD), ("c", OLD), ("d", NEW)] {
        assert_eq!(house.addresses(name).await, [address], "{name}");
    }
    // What was rolled back is known, and its holds are no changes that are undone.
    let again = house.run(&["rollback", "--run", KILLED, "--dry-run"]).await;
    assert!(!words(&again).contains("b.example.com  A  203.0.113.7 ->"), "{}", words(&again));
}

/// A zone whose sets cannot be read may hold more of them: the others go, and it is said.
#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_cannot_be_listed_is_told_and_no_success() {
    let house = house().await;
    let refuses = json!([{ "method": "GET", "path": "example.com/A\\?", "status": 403, "times": 1000 }]);
    house.stage.fail(&refuses).await;
    let to = house.run(&["rollback", "--to", &ago(30), "--yes"]).await;
    assert_eq!((code(&to), house.addresses("a").await), (1, vec![OLD.to_owned()]), "{}", words(&to));
    assert!(words(&to).contains("example.com could not be read"), "{}", words(&to));
    let unknown = house.run(&["rollback", "--run", KILLED, "--yes"]).await;
    assert_eq!(code(&unknown), 2, "{}", words(&unknown));
    assert!(words(&unknown).contains("example.com could not be read"), "{}", words(&unknown));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_history_of_a_name_shows_what_its_mark_alone_tells() {
    let house = drifted(&[]).await;
    die_before_the_row(&house, 0).await;
    let output = house.run(&["history", "x.example.com", "-o", "json"]).await;
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let run = house.record_set("x").await["metadata"]["heartbeat_dns_run"].clone();
    assert_eq!(told["changes"], json!([]), "{told}");
    let [unlogged] = told["unlogged"].as_array().unwrap().as_slice() else { panic!("{told}") };
    assert_eq!(
        (&unlogged["run"], &unlogged["from"], &unlogged["to"], &unlogged["recovered"]),
        (&run, &json!([OLD]), &json!([NEW]), &json!(true)),
        "{told}"
    );
    let short = &run.as_str().unwrap()[..8];
    let shown = words(&house.run(&["history", "x.example.com"]).await);
    assert!(shown.contains("told by its mark"), "{shown}");
    assert!(shown.contains(&format!("the log does not know run {short}")), "{shown}");
    // Whoever is told by the log needs no mark.
    let undone = house.run(&["rollback", "--run", run.as_str().unwrap(), "--yes"]).await;
    assert_eq!((code(&undone), house.addresses("x").await), (0, vec![OLD.to_owned()]), "{}", words(&undone));
    let shown = words(&house.run(&["history", "x.example.com"]).await);
    assert!(shown.contains("rolled back") && !shown.contains("does not know"), "{shown}");
    // A set that cannot be read hides nothing of what the log says.
    house.stage.fail(&json!([{ "method": "GET", "path": "/A/x", "status": 403, "times": 1000 }])).await;
    let output = house.run(&["history", "x.example.com"]).await;
    assert_eq!(code(&output), 0, "{}", words(&output));
    let shown = words(&output);
    assert!(shown.contains("rolled back") && shown.contains("marks that the log does not know"), "{shown}");
}
