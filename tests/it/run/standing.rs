//! What stands until somebody changes the zone: it is read once, told to the log, and then costs nothing.

use serde_json::{Value, json};

use super::{NEW, OLD, alarming, name, skip, sweep};
use crate::handler::{House, moved, reasons, set, tagged};

fn cname(name: &str) -> Value {
    json!({ "name": name, "type": "CNAME",
        "properties": { "TTL": 300, "CNAMERecord": { "cname": "x.example.net" } } })
}

/// Ten names that are CNAMEs, and ten below a cut, of which five have a record set.
async fn standing() -> House {
    let cut = json!({ "name": "lab", "type": "NS", "properties": { "TTL": 300,
        "NSRecords": [{ "nsdname": "ns1.example.net." }] } });
    let below = |index: usize| format!("{}.lab", name(index));
    let mut sets: Vec<_> = (0..10).map(|index| cname(&name(index))).collect();
    sets.push(cut);
    sets.extend((10..15).map(|index| set(&below(index), &[OLD], Value::Null)));
    let host = |index: usize| if index < 10 { name(index) } else { below(index) };
    let machines: Vec<_> =
        (0..20).map(|index| tagged(&name(index), &format!("{}.example.com", host(index)))).collect();
    let beats: Vec<_> = (0..20).flat_map(|index| moved(&name(index), OLD, NEW)).collect();
    House::new(&sets, &machines, &beats, &[]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn cnames_and_names_below_a_cut_cost_a_quiet_run_nothing() {
    let house = standing().await;
    let handler = house.serve().await;
    for _ in 0..2 {
        let first = handler.apply().await;
        assert_eq!(first["summary"]["skips"], json!({ "cname-exists": 10, "delegated": 10 }), "{first}");
        assert_eq!(alarming(&house).await, Vec::<Value>::new());
        house.stage.calls().await;
        for _ in 0..2 {
            let quiet = handler.apply().await;
            assert_eq!(quiet["summary"]["skips"], first["summary"]["skips"], "{quiet}");
            let calls = house.stage.calls().await;
            assert_eq!(calls.len(), 2, "{calls:?}");
        }
        // A sweep looks again.
        sweep(&house).await;
    }
    let because = skip(&handler.plan().await, "n015.lab.example.com")["because"].clone();
    assert!(because.as_str().unwrap().contains("lab.example.com"), "{because}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_claimant_of_a_cname_makes_the_first_no_news() {
    let (cname, one, two) = (cname("x"), tagged("one", "x.example.com"), tagged("two", "x.example.com"));
    let house = House::new(&[cname], &[one, two], &moved("one", OLD, NEW), &[]).await;
    let handler = house.serve().await;
    handler.apply().await;
    assert_eq!(alarming(&house).await, Vec::<Value>::new());
    house.heartbeats(&moved("two", OLD, NEW)).await;
    let both = handler.apply().await;
    assert_eq!(reasons(&both, "x.example.com"), ["cname-exists"], "{both}");
    assert_eq!(alarming(&house).await, Vec::<Value>::new(), "both are refused");
}
