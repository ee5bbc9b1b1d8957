//! Lists in pages, followed as a client follows them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::stage::{Stage, ZONE, a_set};

/// All items of a list and the sizes of its pages.
async fn all(stage: &Stage, path: &str) -> (Vec<Value>, Vec<usize>) {
    let (mut items, mut sizes) = (Vec::new(), Vec::new());
    let mut got = stage.get(path).await;
    loop {
        assert_eq!(got.status, 200, "{got:?}");
        let body = got.json();
        let page = body["value"].as_array().expect("a page").clone();
        sizes.push(page.len());
        items.extend(page);
        let Some(link) = body["nextLink"].as_str() else {
            return (items, sizes);
        };
        assert!(link.contains("api-version=2018-05-01") && link.contains("$skipToken="), "{link}");
        let next = link.strip_prefix(&stage.base).expect("the host that was asked");
        got = stage.send("GET", next, &[], None).await;
    }
}

#[tokio::test]
async fn every_item_comes_once_and_pages_may_be_short() {
    let stage = Stage::new().await;
    let mut sets: Vec<Value> = (0..250).map(|number| a_set(&format!("m{number}"), "192.0.2.1")).collect();
    sets.extend((0..30).map(
        |number| json!({ "name": format!("m{number}"), "type": "TXT", "TXTRecords": [{ "value": ["x"] }] }),
    ));
    stage.put_world(&json!({ "zones": [{ "id": ZONE, "recordSets": sets }] })).await;
    for (path, count) in [("/A", 250), ("/all", 282), ("/recordsets", 282), ("/TXT", 30), ("/AAAA", 0)] {
        for top in ["", "?$top=7", "?$top=1000", "?$top=250"] {
            let (items, sizes) = all(&stage, &format!("{ZONE}{path}{top}")).await;
            let ids: BTreeSet<&str> = items.iter().filter_map(|item| item["id"].as_str()).collect();
            assert_eq!((ids.len(), items.len()), (count, count), "{path}{top} {sizes:?}");
            if sizes.len() > 1 {
                assert!(sizes[0] < sizes[1] || sizes.len() == 2, "the first page is short: {sizes:?}");
            }
        }
    }
    let (_, sizes) = all(&stage, &format!("{ZONE}/A")).await;
    assert_eq!(sizes, [99, 100, 51]);
    for bad in ["?$top=0", "?$top=x", "?$skipToken=x"] {
        assert_eq!(stage.get(&format!("{ZONE}/A{bad}")).await.status, 400, "{bad}");
    }
}

#[tokio::test]
async fn a_suffix_keeps_a_subtree() {
    let stage = Stage::new().await;
    let sets = ["home", "nas.home", "cam.home", "nohome", "x.other"].map(|name| a_set(name, "192.0.2.1"));
    stage.put_world(&json!({ "zones": [{ "id": ZONE, "recordSets": sets }] })).await;
    let (items, _) = all(&stage, &format!("{ZONE}/A?$top=1&$recordsetnamesuffix=HOME")).await;
    let names: Vec<&str> = items.iter().filter_map(|item| item["name"].as_str()).collect();
    assert_eq!(names, ["cam.home", "nas.home"]);
}

#[tokio::test]
async fn a_list_survives_changes_between_its_pages() {
    let stage = Stage::new().await;
    let sets: Vec<Value> = (10..30).map(|number| a_set(&format!("m{number}"), "192.0.2.1")).collect();
    stage.put_world(&json!({ "zones": [{ "id": ZONE, "recordSets": sets }] })).await;
    let first = stage.get(&format!("{ZONE}/A?$top=10")).await.json();
    stage.dns("DELETE", &format!("{ZONE}/A/m10"), &[], None).await;
    let next = first["nextLink"]
        .as_str()
        .and_then(|link| link.strip_prefix(&stage.base))
        .expect("a link")
        .to_owned();
    let second = stage.send("GET", &next, &[], None).await.json();
    assert_eq!(second["value"][0]["name"], "m19", "nothing is skipped because something vanished before it");
}
