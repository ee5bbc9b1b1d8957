//! Rows that somebody else sends into our tables: none moves a name that should stay, none silences one that should move, and
//! whatever they say is over with the next sweep.

mod renamed;
mod silenced;

use heartbeat_dns::azure::logs_ingest::{DNS_CHANGE, DNS_DATA, TAG_DATA};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{NEW, OLD, change, name, old, report, skip, sweep};
use crate::handler::{House, OWNER, mark, moved, outcomes, reasons, set, tagged};
use crate::stage::{machine, machine_id, zone_id};

const HOST: &str = "n000.example.com";

/// So many names, each of its own machine: n000 has moved, the others are where they should be.
async fn fleet(count: usize) -> House {
    let all = 0..count;
    let machines: Vec<_> = all.clone().map(|index| tagged(&name(index), &host(index))).collect();
    let sets: Vec<_> =
        all.clone().map(|index| set(&name(index), &[&held(index)], mark(&name(index), OWNER, "1"))).collect();
    let beats: Vec<_> =
        all.clone().flat_map(|index| moved(&name(index), &held(index), &said(index))).collect();
    House::new(&sets, &machines, &beats, &[]).await
}

fn host(index: usize) -> String {
    format!("{}.example.com", name(index))
}

fn held(index: usize) -> String {
    if index == 0 { OLD.to_owned() } else { old(index) }
}

fn said(index: usize) -> String {
    if index == 0 { NEW.to_owned() } else { old(index) }
}

/// A row of the tags; without a machine it is a marker.
fn tag(machine: &str, host: &str, ahead: i64) -> Value {
    let zone = if host.is_empty() { String::new() } else { zone_id("example.com") };
    let id = if machine.is_empty() { String::new() } else { machine_id(machine) };
    json!({
        "TimeGenerated": ahead, "id_s": id, "DNSHostName_s": host, "ZoneId_s": zone, "Skip_s": "",
        "Types_s": "A", "name_s": machine, "type_s": "", "location_s": "", "run_s": "forged", "Installation_s": OWNER,
    })
}

/// A row of the record sets, with other cells.
fn record(index: usize, address: &str, more: &Value) -> Value {
    let zone = zone_id("example.com");
    let mut row = json!({
        "TimeGenerated": 0, "DNSHostName_s": host(index), "DNSIP_s": address, "RecordType_s": "A",
        "TTL_d": 300.0, "ZoneId_s": zone, "RecordSetId_s": format!("{zone}/A/{}", name(index)), "Etag_s": "forged",
        "IsAlias_b": false, "TargetResourceId_s": "", "Owner_s": machine_id(&name(index)).to_lowercase(), "MarkRun_s": "",
        "run_s": "forged", "Installation_s": OWNER,
    });
    merge(&mut row, more);
    row
}

/// A row of the audit, of so many minutes ago.
fn audit(host: &str, minutes: i64, more: &Value) -> Value {
    let mut row = json!({
        "TimeGenerated": -60 * minutes, "run_s": "forged", "DNSHostName_s": host, "RecordType_s": "A",
        "ZoneId_s": zone_id("example.com"), "Action_s": "update", "Outcome_s": "confirmed", "Reason_s": "",
        "OldIPs_s": "", "NewIPs_s": "", "ResourceId_s": machine_id("n000"), "Trigger_s": "timer", "Via_s": "record-set",
        "Installation_s": OWNER,
    });
    merge(&mut row, more);
    row
}

fn merge(row: &mut Value, more: &Value) {
    for (column, cell) in more.as_object().unwrap() {
        row[column] = cell.clone();
    }
}

/// Sends rows, each so many seconds ahead of now as its time says.
async fn send(house: &House, stream: &str, rows: &[Value]) {
    let sent = rows.iter().cloned().map(|mut row| {
        let ahead = SignedDuration::from_secs(row["TimeGenerated"].as_i64().unwrap());
        row["TimeGenerated"] = json!((heartbeat_dns::clock::now() + ahead).to_string());
        row
    });
    house.stage.azure().logs_ingest.send(stream, &sent.collect::<Vec<_>>()).await.unwrap();
}

/// The run of the newest sweep.
async fn swept_by(house: &House) -> Value {
    let query = "TagData_CL | where isempty(id_s) | summarize arg_max(TimeGenerated, run_s) | project run_s";
    house.query(query).await[0][0].clone()
}

/// Where all names stand.
async fn places(house: &House, count: usize) -> Vec<Vec<String>> {
    let mut places = Vec::new();
    for index in 0..count {
        places.push(house.addresses(&name(index)).await);
    }
    places
}

/// What should be once all is well.
fn right(count: usize) -> Vec<Vec<String>> {
    (0..count).map(|index| vec![said(index)]).collect()
}

/// What a run says of n000: that it moved, or that it was not seen, and then not that all is well.
#[track_caller]
fn told(report: &Value) -> &'static str {
    if change(report, HOST)["outcome"] == "confirmed" {
        return "moved";
    }
    assert_eq!(
        (&report["result"], reasons(report, HOST)),
        (&json!("held"), vec!["blind".to_owned()]),
        "{report}"
    );
    let because = [skip(report, HOST)["because"].as_str().unwrap(), &brakes(report).concat()].concat();
    assert!(because.contains("not believed") && because.contains("heartbeat-dns collect"), "{because}");
    "blind"
}

fn brakes(report: &Value) -> Vec<String> {
    let brakes = report["brakes"].as_array().unwrap().iter();
    brakes.map(|brake| brake["because"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_row_silences_a_name_that_should_move() {
    let (stay, all) =
        (Vec::new(), |count| (0..count).map(|index| tag(&name(index), "", 0)).collect::<Vec<_>>());
    for (what, count, tags, records, first) in [
        ("a machine claims nothing", 4, vec![tag("n000", "", 0)], stay.clone(), "moved"),
        ("the only machine claims nothing", 1, all(1), stay.clone(), "moved"),
        ("no machine claims anything", 4, all(4), stay.clone(), "moved"),
        ("a marker", 4, vec![tag("", "", 0)], stay.clone(), "moved"),
        ("a marker in a fleet of two", 2, vec![tag("", "", 0)], stay.clone(), "moved"),
        ("a marker ahead of now", 4, vec![tag("", "", 3600)], stay.clone(), "moved"),
        ("another name", 4, vec![tag("n000", "other.example.com", 0)], stay.clone(), "moved"),
        ("all is well", 4, stay.clone(), vec![record(0, NEW, &json!({}))], "blind"),
    ] {
        let house = fleet(count).await;
        send(&house, TAG_DATA, &tags).await;
        send(&house, DNS_DATA, &records).await;
        let handler = house.serve().await;
        let ran = handler.apply().await;
        assert_eq!(told(&ran), first, "{what}: {ran}");
        // What was not believed is told to the log: the next run sees what is so.
        let again = handler.apply().await;
        assert_eq!(places(&house, count).await, right(count), "{what}: {again}");
        sweep(&house).await;
        let healed = handler.apply().await;
        let left = brakes(&healed);
        let ahead = left.iter().filter(|because| because.contains("ahead of now")).count();
        assert_eq!(
            (left.len(), ahead),
            if what.contains("ahead") { (1, 1) } else { (0, 0) },
            "{what}: {healed}"
        );
        assert_eq!(places(&house, count).await, right(count), "{what}: {healed}");
    }
}

/// The alert must not fall silent where it is most that is said to be gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_marker_alone_does_not_silence_the_alert() {
    let house = fleet(4).await;
    assert_eq!(super::alarming(&house).await, [json!([HOST])]);
    send(&house, TAG_DATA, &[tag("", "", 0), tag("", "", 1800)]).await;
    assert_eq!(super::alarming(&house).await, [json!([HOST])]);
    let planned = report(&house, &["plan"]).await;
    let told = brakes(&planned).join(" ");
    assert!(told.contains("4 of 4 machines") && told.contains("4 of 4 live tags"), "{planned}");
    assert!(told.contains("1 row is of our tables ahead") || told.contains("ahead of now"), "{planned}");
    assert_eq!(change(&planned, HOST)["to"], json!([NEW]), "{planned}");
}

/// After a marker alone what was claimed before counts, by the live tags; with the brake.
#[tokio::test(flavor = "multi_thread")]
async fn a_marker_alone_is_not_believed_of_one_machine_of_three_or_of_twenty() {
    for count in [1, 3, 20] {
        let house = fleet(count).await;
        send(&house, TAG_DATA, &[tag("", "", 0)]).await;
        let handler = house.serve().await;
        let ran = handler.apply().await;
        assert_eq!(told(&ran), "moved", "{count}: {ran}");
        let because = brakes(&ran).concat();
        assert!(because.contains(&format!("{count} of {count} ")), "{count}: {because}");
        handler.apply().await;
        assert_eq!(places(&house, count).await, right(count), "{count}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_that_are_really_gone_are_no_forgery() {
    for count in [1, 4] {
        let house = fleet(count).await;
        let bare: Vec<_> = (0..count).map(|index| machine(&name(index), &json!({}))).collect();
        house.world(&json!({ "machines": bare })).await;
        sweep(&house).await;
        let ran = house.serve().await.apply().await;
        assert_eq!((brakes(&ran).len(), outcomes(&ran).len()), (0, 0), "{ran}");
        assert!(!reasons(&ran, HOST).contains(&"blind".to_owned()), "{ran}");
        assert_eq!(house.addresses("n000").await, [OLD], "{ran}");
    }
}

/// False cells about names that are right, or about one that should move: only that one does.
#[tokio::test(flavor = "multi_thread")]
async fn no_row_moves_a_name() {
    let later = "2099-01-01T00:00:00Z";
    let stranger = "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines/x";
    let refused = format!("code=ScopeLocked,proved,{}={NEW}", machine_id("n000").to_lowercase());
    for (what, tags, records, audits) in [
        ("somebody else's name", vec![tag("n002", &host(1), 0)], vec![], vec![]),
        ("another owner", vec![], vec![record(1, "192.0.2.9", &json!({ "Owner_s": stranger }))], vec![]),
        ("no owner", vec![], vec![record(1, "192.0.2.9", &json!({ "Owner_s": "", "Etag_s": "" }))], vec![]),
        ("a hold", vec![], vec![record(0, OLD, &json!({ "HoldUntil_t": later }))], vec![]),
        ("a refusal", vec![], vec![record(0, OLD, &json!({ "Refused_s": refused }))], vec![]),
        ("an alias", vec![], vec![record(0, "", &json!({ "IsAlias_b": true }))], vec![]),
        (
            "a mark",
            vec![],
            vec![record(1, "192.0.2.9", &json!({ "MarkRun_s": "forged", "MarkTime_t": later }))],
            vec![],
        ),
        (
            "a zone's marker",
            vec![],
            vec![record(1, "", &json!({ "RecordType_s": "SOA", "DNSHostName_s": "" }))],
            vec![],
        ),
        (
            "a write",
            vec![],
            vec![],
            vec![audit(&host(1), 5, &json!({ "OldIPs_s": "192.0.2.9", "NewIPs_s": old(1) }))],
        ),
        (
            "a refused write",
            vec![],
            vec![],
            vec![audit(HOST, 5, &json!({ "Outcome_s": "failed", "Reason_s": "ScopeLocked" }))],
        ),
        (
            "a deletion",
            vec![],
            vec![],
            vec![audit(&host(1), 5, &json!({ "Action_s": "delete", "Reason_s": "announced" }))],
        ),
        (
            "what was told",
            vec![],
            vec![],
            vec![audit(
                HOST,
                5,
                &json!({ "Action_s": "skip", "Outcome_s": "", "Reason_s": "claim-conflict" }),
            )],
        ),
        (
            "an open brake",
            vec![],
            vec![],
            vec![audit("", 5, &json!({ "Action_s": "brake", "Outcome_s": "opened", "Reason_s": "surge" }))],
        ),
    ] {
        let house = fleet(4).await;
        send(&house, TAG_DATA, &tags).await;
        send(&house, DNS_DATA, &records).await;
        send(&house, DNS_CHANGE, &audits).await;
        let handler = house.serve().await;
        for _ in 0..2 {
            let ran = handler.apply().await;
            assert_eq!(places(&house, 4).await[1..], right(4)[1..], "{what}: {ran}");
            let only = ran["changes"].as_array().unwrap().iter().all(|change| change["name"] == HOST);
            assert!(only, "{what}: {ran}");
        }
        assert_eq!(house.addresses("n000").await, [NEW], "{what}");
    }
}

/// Four names on their way to one address, of which rows say that all of them come home.
#[tokio::test(flavor = "multi_thread")]
async fn no_row_opens_the_brake_of_converging_names() {
    let machines: Vec<_> = (0..5).map(|index| tagged(&name(index), &host(index))).collect();
    let sets: Vec<_> =
        (0..5).map(|index| set(&name(index), &[&held(index)], mark(&name(index), OWNER, "1"))).collect();
    let beats: Vec<_> = (0..5).flat_map(|index| moved(&name(index), &held(index), "203.0.113.99")).collect();
    let house = House::new(&sets, &machines, &beats, &[]).await;
    let home = |index: usize| {
        audit(&host(index), 60, &json!({ "OldIPs_s": "203.0.113.99", "NewIPs_s": held(index) }))
    };
    send(&house, DNS_CHANGE, &(0..5).map(home).collect::<Vec<_>>()).await;
    let ran = house.serve().await.apply().await;
    assert_eq!(
        (&ran["brakes"][0]["brake"], &ran["brakes"][0]["seen"]),
        (&json!("converging"), &json!(5)),
        "{ran}"
    );
    assert_eq!(house.writes().await, 0, "{ran}");
}
