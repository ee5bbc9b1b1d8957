//! How many record sets of a zone may go within a day, whatever rows say.

use serde_json::json;

use super::super::{OLD, name, old};
use super::{DELETE, deletions, past, remember, standing, swept_daily, tick, written};
use crate::handler::{House, OWNER, beat, mark, set, tagged};
use crate::stage::{machine, machine_id, zone_id};

/// So many names of ours, all tags of which are lost but those of the first ones.
async fn lost(count: usize, kept: usize) -> House {
    let sets: Vec<_> =
        (0..count).map(|index| set(&name(index), &[&old(index)], mark(&name(index), OWNER, "1"))).collect();
    let beats: Vec<_> = (0..count).map(|index| beat(&name(index), &old(index), 30)).collect();
    let house = House::new(&sets, &machines(count, kept), &beats, &[DELETE]).await;
    house.serve().await.apply().await;
    swept_daily(&house, &[]);
    (0..count).for_each(|index| written(&house, &name(index), &old(index)));
    deletions(&house).await;
    house
}

/// So many machines, of which the first ones carry their tag.
fn machines(count: usize, kept: usize) -> Vec<serde_json::Value> {
    let one = |index: usize| match index < kept {
        true => tagged(&name(index), &format!("{}.example.com", name(index))),
        false => machine(&name(index), &json!({})),
    };
    (0..count).map(one).collect()
}

/// That so many of them carry it now, whatever the last sweep saw.
async fn keep(house: &House, count: usize, kept: usize) {
    house.world(&json!({ "machines": machines(count, kept) })).await;
}

/// A template was deployed again, and took all tags with it.
#[tokio::test(flavor = "multi_thread")]
async fn when_all_tags_are_lost_none_goes_and_the_brake_is_told() {
    let house = lost(40, 0).await;
    let handler = house.serve().await;
    for _ in 0..3 {
        assert_eq!(tick(&house, &handler).await, 0);
    }
    assert_eq!(standing(&house).await.len(), 40);
    let told = house.query("DNSChange_CL | where Action_s == 'brake' | project Reason_s, Outcome_s").await;
    assert_eq!(told, [json!(["orphans", "stands"])]);
    // An alert's run, which does not look for it, opens nothing.
    handler.apply().await;
    let told = house.query("DNSChange_CL | where Action_s == 'brake' | project Reason_s, Outcome_s").await;
    assert_eq!(told, [json!(["orphans", "stands"])]);
}

#[tokio::test(flavor = "multi_thread")]
async fn five_of_a_zone_go_within_a_day_and_no_sixth() {
    let house = lost(12, 6).await;
    let handler = house.serve().await;
    keep(&house, 12, 7).await;
    assert_eq!(tick(&house, &handler).await, 5);
    assert_eq!(standing(&house).await.len(), 7);
    keep(&house, 12, 6).await;
    assert_eq!(tick(&house, &handler).await, 0);
    assert_eq!(standing(&house).await.len(), 7);
    let told = house.query("DNSChange_CL | where Action_s == 'brake' | project Reason_s, Outcome_s").await;
    assert_eq!(told, [json!(["orphans", "stands"])]);
}

/// Whoever may send rows may say that a zone has many sets of ours, and that somebody claims them.
#[tokio::test(flavor = "multi_thread")]
async fn forged_rows_let_no_more_go() {
    let house = lost(12, 5).await;
    let handler = house.serve().await;
    assert_eq!(tick(&house, &handler).await, 0);
    let host = |index: usize| format!("forged{index}.example.com");
    let zone = zone_id("example.com").to_lowercase();
    let sets: Vec<_> = (0..400)
        .map(|index| {
            past(
                0,
                &json!({ "DNSHostName_s": host(index), "RecordType_s": "A", "DNSIP_s": OLD, "ZoneId_s": zone,
                "Owner_s": machine_id("f").to_lowercase(), "MarkRun_s": "", "Etag_s": "e", "run_s": "f" }),
            )
        })
        .collect();
    let tags: Vec<_> = (0..400)
        .map(|index| {
            let machine = machine_id(&format!("f{index}"));
            past(
                0,
                &json!({ "id_s": machine, "DNSHostName_s": host(index), "ZoneId_s": zone, "Skip_s": "",
                "run_s": "f" }),
            )
        })
        .collect();
    remember(&house, "DNSData_CL", &sets);
    remember(&house, "TagData_CL", &tags);
    assert_eq!(tick(&house, &handler).await, 0);
    assert_eq!(standing(&house).await.len(), 12);
    let told = house.query("DNSChange_CL | where Action_s == 'brake' | distinct Reason_s, Outcome_s").await;
    assert_eq!(told, [json!(["orphans", "stands"])]);
}

/// They may say of most names that somebody claimed them a moment ago, so that few are due.
#[tokio::test(flavor = "multi_thread")]
async fn forged_claims_on_most_names_do_not_let_the_others_go() {
    let house = lost(16, 4).await;
    let claims: Vec<_> = (4..12)
        .map(|index| {
            past(
                48,
                &json!({ "id_s": machine_id("f"), "DNSHostName_s": format!("{}.example.com", name(index)),
                "ZoneId_s": zone_id("example.com").to_lowercase(), "Skip_s": "", "run_s": "f" }),
            )
        })
        .collect();
    remember(&house, "TagData_CL", &claims);
    let handler = house.serve().await;
    assert_eq!(tick(&house, &handler).await, 0);
    assert_eq!(standing(&house).await.len(), 16);
}

/// They may say as well that what went today did not, or was no deletion.
#[tokio::test(flavor = "multi_thread")]
async fn forged_rows_take_no_deletion_out_of_the_day() {
    for (action, outcome, hours_ago) in [
        ("delete", "failed", 0),
        ("delete", "conflict", 0),
        ("delete", "deferred", 0),
        ("adopt", "confirmed", 1),
    ] {
        let house = lost(12, 6).await;
        let handler = house.serve().await;
        keep(&house, 12, 7).await;
        assert_eq!(tick(&house, &handler).await, 5);
        let went = "DNSChange_CL | where Action_s == 'delete' | distinct DNSHostName_s, run_s";
        let forged = house.query(went).await.into_iter().map(|row| {
            let zone = zone_id("example.com");
            let row = json!({ "DNSHostName_s": row[0], "RecordType_s": "A", "run_s": row[1], "ZoneId_s": zone,
                "Action_s": action, "Outcome_s": outcome, "OldIPs_s": OLD, "NewIPs_s": "" });
            past(hours_ago, &row)
        });
        remember(&house, "DNSChange_CL", &forged.collect::<Vec<_>>());
        keep(&house, 12, 6).await;
        assert_eq!(tick(&house, &handler).await, 0, "{action} {outcome}");
        assert_eq!(standing(&house).await.len(), 7, "{action} {outcome}");
    }
}

/// What was announced and stands there is no deletion of the day.
#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_failed_takes_nothing_from_the_day() {
    let house = lost(12, 6).await;
    let body = json!({ "error": { "code": "AuthorizationFailed", "message": "no" } });
    house
        .stage
        .fail(&json!([{ "method": "DELETE", "path": "/A/", "times": 5, "status": 403, "body": body }]))
        .await;
    keep(&house, 12, 8).await;
    let handler = house.serve().await;
    handler.tick().await;
    assert_eq!((deletions(&house).await, standing(&house).await.len()), (4, 12));
    house.stage.fail(&json!([])).await;
    keep(&house, 12, 7).await;
    assert_eq!(tick(&house, &handler).await, 1);
    assert_eq!(standing(&house).await.len(), 11);
}
