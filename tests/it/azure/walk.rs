//! The walk of a sweep through a list: where it ends, and where it breaks off.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::TryStreamExt;
use heartbeat_dns::collect::{self, SweepProgress};
use serde_json::json;
use tokio::time::Instant;

use crate::stage::{Stage, host, machine, world, zone, zone_id};

#[tokio::test]
async fn a_sweep_whose_pages_lead_in_a_ring_or_away_has_no_marker() {
    let foreign = Stage::with(&world(&[], &[])).await;
    let away = foreign.standin.azure_url().join("/away").unwrap().to_string();
    for (links, told) in [
        (vec![Some("1"), Some("2"), Some("1")], Some("in a ring")),
        (vec![Some("1"), None], None),
        (vec![Some("")], None),
        (vec![Some(away.as_str())], Some("does not lead to the configured endpoint")),
        (vec![Some("x:")], Some("endpoint")),
    ] {
        let stage = Stage::with(&world(&[], &[])).await;
        let base = stage.standin.azure_url().join("/A?x=").unwrap();
        let next = |link: &&str| match *link {
            number @ ("1" | "2") => format!("{base}{number}"),
            other => other.to_owned(),
        };
        let page = |link: &Option<&str>| json!({"path": "/A\\?", "body": {"value": [], "nextLink": link.as_ref().map(next)}});
        let machines = json!({"totalRecords": 0, "count": 0, "data": [], "resultTruncated": "false"});
        let mut faults: Vec<_> = links.iter().map(page).collect();
        faults.push(json!({"path": "ResourceGraph", "body": machines}));
        stage.fail(&json!(faults)).await;
        let settings = stage.settings(&[]);
        let azure = stage.clients().until(Instant::now() + Duration::from_secs(20)).unwrap();
        let report = collect::run(&azure, &settings, None, "run-1", &SweepProgress::default()).await;
        let part = report.parts.iter().find(|part| part.part == zone_id("example.com")).unwrap();
        assert_eq!(part.marker.is_some(), told.is_none(), "{links:?}: {report:?}");
        let failure = part.failure.as_deref().unwrap_or_default();
        assert!(failure.contains(told.unwrap_or_default()), "{links:?}: {report:?}");
        let calls = stage.calls().await;
        let lists = calls.iter().filter(|call| call.path.contains("/A?")).count();
        assert_eq!(lists, links.len(), "{calls:?}");
        let sent = calls.iter().any(|call| call.path.contains("Custom-DNSData"));
        assert_eq!(sent, told.is_none(), "{links:?}: {calls:?}");
    }
    assert_eq!(foreign.calls().await, []);
}

#[tokio::test]
async fn a_list_whose_link_is_empty_is_at_its_end() {
    let stage = Stage::with(&world(&[], &[])).await;
    stage.fail(&json!([{"path": "/CNAME\\?", "body": {"value": [], "nextLink": ""}}])).await;
    let azure = stage.azure();
    assert!(azure.dns.cnames(&zone("example.com")).await.unwrap().is_empty());
    assert_eq!(stage.calls().await.len(), 1);
}

/// Another spelling of a name is known when it is read, not before.
#[tokio::test]
async fn machines_that_may_name_it_are_those_that_do_and_those_of_another_spelling() {
    let tagged = |name: &str, tag: &str| machine(name, &json!({ "DNSHostName": tag }));
    let machines =
        [tagged("a", "büro.example.com"), tagged("b", "pc.example.com"), tagged("c", "NAS.example.com")];
    let stage = Stage::with(&world(&[], &machines)).await;
    let azure = stage.azure();
    let names = BTreeSet::from([host("nas.example.com")]);
    let pages = azure.resource_graph.machines_naming(&[], "DNSHostName", &names);
    let pages: Vec<_> = pages.try_collect().await.unwrap();
    let found: Vec<_> =
        pages.iter().flat_map(|page| &page.machines).map(|found| found.name.as_str()).collect();
    assert_eq!(found, ["a", "c"]);
}
