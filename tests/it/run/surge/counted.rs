//! How many addresses a zone has is counted in the zone where a surge depends on it: rows can say anything of that.

use serde_json::{Value, json};

use super::{House, OWNER, beat, mark, moved, name, new, old, report, set, tagged};
use crate::handler::outcomes;
use crate::stage::{machine_id, zone_id};

/// So many names of ours, of which the first ones have moved a minute ago.
async fn of_ours(count: usize, moving: usize) -> House {
    let all = || 0..count;
    let sets: Vec<_> =
        all().map(|index| set(&name(index), &[&old(index)], mark(&name(index), OWNER, "1"))).collect();
    let machines: Vec<_> =
        all().map(|index| tagged(&name(index), &format!("{}.example.com", name(index)))).collect();
    let beats = all().flat_map(|index| match index < moving {
        true => moved(&name(index), &old(index), &new(index)),
        false => vec![beat(&name(index), &old(index), 30)],
    });
    House::new(&sets, &machines, &beats.collect::<Vec<_>>(), &[]).await
}

/// Rows of two hundred names that stand nowhere, and of tags that nobody carries.
fn forge(house: &House) {
    let zone = zone_id("example.com").to_lowercase();
    let row = |index: usize, more: Value| {
        let mut row = more.as_object().unwrap().clone();
        let name = format!("forged{index}.example.com");
        let common = json!({ "TimeGenerated": heartbeat_dns::clock::now().to_string(), "Installation_s": OWNER,
            "DNSHostName_s": name, "ZoneId_s": zone, "run_s": "f" });
        row.extend(common.as_object().unwrap().clone());
        row
    };
    let sets = (0..200).map(|index| {
        let address = format!("192.0.2.{index}");
        row(
            index,
            json!({ "RecordType_s": "A", "DNSIP_s": address, "TTL_d": 60, "Etag_s": "e", "Owner_s": "",
            "MarkRun_s": "", "IsAlias_b": false }),
        )
    });
    let tags = (0..200).map(|index| {
        row(index, json!({ "id_s": machine_id(&format!("forged{index}")), "Skip_s": "", "Types_s": "A" }))
    });
    let state = house.stage.standin.state();
    state.workspace().append("DNSData_CL", &sets.collect::<Vec<_>>()).unwrap();
    state.workspace().append("TagData_CL", &tags.collect::<Vec<_>>()).unwrap();
}

/// The listings of the zone since the last look. The names that move are all of type A.
async fn listings(house: &House) -> usize {
    let calls = house.stage.calls().await;
    calls.iter().filter(|call| call.method == "GET" && call.path.contains("/AAAA")).count()
}

fn surge(report: &Value) -> Value {
    json!(
        report["brakes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|brake| (&brake["brake"], &brake["seen"]))
            .collect::<Vec<_>>()
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_names_lift_no_surge() {
    let house = of_ours(30, 30).await;
    assert_eq!(surge(&report(&house, &["plan"]).await), json!([["surge", 100]]));
    forge(&house);
    let plan = report(&house, &["plan"]).await;
    assert_eq!((surge(&plan), &plan["changes"]), (json!([["surge", 100]]), &json!([])), "{plan}");
    let applied = house.serve().await.apply().await;
    assert_eq!((outcomes(&applied).len(), house.writes().await), (0, 0), "{applied}");
    // A call for one of them learns the same.
    let one = report(&house, &["plan", &format!("{}.example.com", name(3))]).await;
    assert_eq!((surge(&one), &one["changes"]), (json!([["surge", 100]]), &json!([])), "{one}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_is_listed_once_where_that_decides_and_what_cannot_be_listed_holds() {
    for (moving, lists) in [(6, 0), (7, 1)] {
        let house = of_ours(40, moving).await;
        let handler = house.serve().await;
        listings(&house).await;
        let report = handler.apply().await;
        assert_eq!(
            (outcomes(&report), surge(&report)),
            (vec!["confirmed".to_owned()], json!([])),
            "{report}"
        );
        assert_eq!((listings(&house).await, moving), (lists, moving));
    }
    let house = of_ours(40, 7).await;
    let body = json!({ "error": { "code": "InternalServerError", "message": "no" } });
    house
        .stage
        .fail(&json!([{ "method": "GET", "path": "/AAAA", "times": 100_000, "status": 500, "body": body }]))
        .await;
    let report = house.serve().await.apply().await;
    assert_eq!((surge(&report), house.writes().await), (json!([["surge", null]]), 0), "{report}");
    house.stage.fail(&json!([])).await;
    assert_eq!(outcomes(&house.serve().await.apply().await), ["confirmed"]);
}
