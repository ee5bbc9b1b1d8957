//! Days on which somebody else sends rows into our tables: nothing moves, people are told within one sweep, and what we send
//! ourselves is nobody else's.

use serde_json::{Value, json};

use super::day::Day;
use super::{HOUR, NEW, OLD, THIRD, named, ours};
use crate::handler::OWNER;
use crate::stage::{machine_id, zone_id};

const FORGED: &str = "0f0f0f0f-0000-4000-8000-000000000001";

/// Two names that are where they should be.
async fn day() -> Day {
    let sets = [ours("x", "x", OLD), ours("y", "y", THIRD)];
    Day::begin(&sets, &[named("x"), named("y")], &[("x", OLD), ("y", THIRD)], &[]).await
}

fn merged(mut row: Value, more: &Value) -> Value {
    row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    row
}

fn row(day: &Day, more: &Value) -> Value {
    let signed = json!({
        "TimeGenerated": day.at(day.minute).to_string(), "run_s": FORGED, "Installation_s": OWNER,
    });
    merged(signed, more)
}

/// Markers of the tags and of the zone.
fn mark(day: &Day) {
    day.append("TagData_CL", &[row(day, &json!({ "id_s": "", "DNSHostName_s": "" }))]);
    let zone = zone_id("example.com");
    day.append("DNSData_CL", &[row(day, &json!({ "RecordType_s": "SOA", "ZoneId_s": zone }))]);
}

fn warned(day: &Day) -> Vec<String> {
    day.notices().into_iter().filter(|notice| notice.starts_with("warned")).collect()
}

/// The minutes in which it was written down, and of which rows.
async fn told(day: &Day) -> Vec<(i64, String)> {
    let query = "DNSChange_CL | where Action_s == 'warning' | project TimeGenerated, DNSHostName_s, Reason_s";
    let rows = day.ask(query).await;
    let one = |row: &Value| {
        assert_eq!(row[2], "stranger");
        let time: jiff::Timestamp = row[0].as_str().unwrap().parse().unwrap();
        (time.duration_since(day.at(0)).as_mins(), row[1].as_str().unwrap().to_owned())
    };
    let mut told: Vec<_> = rows.iter().map(one).collect();
    told.sort();
    told
}

/// The minutes in which we swept the tags since the day began.
async fn swept(day: &Day) -> Vec<i64> {
    let query = format!("TagData_CL | where isempty(id_s) and run_s != '{FORGED}' | project TimeGenerated");
    let minute = |row: &Value| {
        let time: jiff::Timestamp = row[0].as_str().unwrap().parse().unwrap();
        time.duration_since(day.at(0)).as_mins()
    };
    let mut swept: Vec<i64> = day.ask(&query).await.iter().map(minute).filter(|minute| *minute > 0).collect();
    swept.sort_unstable();
    swept
}

#[tokio::test(flavor = "multi_thread")]
async fn each_forged_row_moves_nothing_and_is_told_within_one_sweep() {
    let zone = zone_id("example.com");
    let nameless = json!({ "id_s": machine_id("x"), "DNSHostName_s": "", "ZoneId_s": "", "Types_s": "A" });
    let right = json!({ "DNSHostName_s": "x.example.com", "DNSIP_s": NEW, "RecordType_s": "A", "ZoneId_s": zone,
        "Etag_s": "e", "RecordSetId_s": "x", "Owner_s": machine_id("x").to_lowercase(), "TTL_d": 60.0 });
    let marker = json!({ "id_s": "", "DNSHostName_s": "" });
    let soa = json!({ "RecordType_s": "SOA", "ZoneId_s": zone });
    let change = json!({ "DNSHostName_s": "x.example.com", "RecordType_s": "A", "ZoneId_s": zone, "Action_s": "update",
        "Outcome_s": "confirmed", "OldIPs_s": OLD, "NewIPs_s": NEW, "ResourceId_s": machine_id("x") });
    for (table, forged, subject) in [
        ("TagData_CL", nameless, "tags in tagdata_cl"),
        ("DNSData_CL", right, "records in dnsdata_cl"),
        ("TagData_CL", marker, "tag-markers in tagdata_cl"),
        ("DNSData_CL", soa, "zone-markers in dnsdata_cl"),
        ("DNSChange_CL", change, "changes in dnschange_cl"),
    ] {
        let mut day = day().await;
        day.pass(8).await;
        day.append(table, &[row(&day, &forged)]);
        let sent = day.minute;
        day.pass(32).await;
        let told_once = told(&day).await;
        let subjects: Vec<&str> = told_once.iter().map(|(_, subject)| subject.as_str()).collect();
        assert_eq!(subjects, [subject]);
        assert!(told_once[0].0 <= sent + 30, "{told_once:?}");
        crate::handler::until("people are told", async || warned(&day) == ["warned stranger"]).await;
        // And no more within the day, though it is found again by every sweep for two hours.
        day.pass_quietly(3 * HOUR).await;
        assert_eq!((told(&day).await.len(), warned(&day).len()), (1, 1), "{subject}");
        assert_eq!(
            (day.held("x"), day.held("y")),
            (vec![OLD.to_owned()], vec![THIRD.to_owned()]),
            "{subject}"
        );
    }
}

/// Moves, a restart, and what people run: a sweep, a plan, a write, a hold, a look.
#[tokio::test(flavor = "multi_thread")]
async fn what_we_send_ourselves_is_nobody_elses() {
    let mut day = day().await;
    day.pass(7).await;
    day.moves("x", NEW);
    day.pass(25).await;
    assert_eq!(day.held("x"), [OLD, NEW]);
    let mut codes = Vec::new();
    for arguments in [
        &["collect"][..],
        &["apply", "--yes"],
        &["doctor"],
        &["hold", "y.example.com", "--why", "a test", "--yes"],
        &["unhold", "y.example.com", "--yes"],
        &["rollback", "x.example.com", "--yes"],
        &["unhold", "x.example.com", "--yes"],
        &["release", "y.example.com", "--yes"],
        &["adopt", "y.example.com", "--yes"],
    ] {
        let (code, _) = day.person(arguments).await;
        codes.push(code.unwrap());
        day.pass(7).await;
    }
    assert_eq!(codes, [0; 9]);
    day.restart().await;
    day.pass(2 * HOUR).await;
    assert_eq!((warned(&day), told(&day).await), (vec![], vec![]));
}

/// A marker each five minutes, of the tags and of the zone: the process sweeps when its own sweep is old, and a new one at once.
#[tokio::test(flavor = "multi_thread")]
async fn markers_of_others_put_no_sweep_off_for_ever() {
    let mut day = day().await;
    for _ in 0..24 {
        day.pass(5).await;
        mark(&day);
    }
    assert_eq!(swept(&day).await, [10, 40, 70, 100]);
    day.restart().await;
    day.pass(10).await;
    assert_eq!(swept(&day).await, [10, 40, 70, 100, 125]);
    assert!(warned(&day).iter().all(|notice| notice == "warned stranger") && !warned(&day).is_empty());
}
