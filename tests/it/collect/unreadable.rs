//! Record sets that a sweep finds and cannot read: their names are not free, and those beside them are told.

use serde_json::{Value, json};

use super::{Collector, DNS_DATA, cells, pages};

/// Answers the list of the A sets of example.com with these.
async fn listed(collector: &Collector, sets: Value) {
    let fault = json!({ "path": "/example.com/A\\?", "body": { "value": sets }, "times": 9 });
    collector.stage.fail(&json!([fault])).await;
}

#[tokio::test]
async fn a_set_that_cannot_be_read_is_told_as_one_that_is_there() {
    let collector = Collector::with(&[]).await;
    let sets = json!([
        { "name": "nas", "etag": "e", "properties": { "TTL": 60, "ARecords": "203.0.113.7" } },
        { "name": "lost", "properties": null },
        { "name": "www", "properties": { "TTL": 60, "ARecords": [{ "ipv4Address": "203.0.113.9" }] } },
    ]);
    listed(&collector, sets).await;
    let report = collector.sweep(&pages(&[]), None).await;
    let part = report.parts.iter().find(|part| part.part.ends_with("/example.com")).unwrap();
    assert_eq!((part.failure.as_deref(), part.rows), (None, 3), "{:?}", report.failures());
    let columns = ["DNSHostName_s", "DNSIP_s", "Etag_s", "Refused_s"];
    let rows = collector.sink.rows(DNS_DATA);
    let of_zone = |row: &&Value| {
        row["RecordType_s"] == "A" && !row["DNSHostName_s"].as_str().unwrap().contains("child")
    };
    let told: Vec<_> = rows.iter().filter(of_zone).map(|row| cells(row, &columns)).collect();
    assert_eq!(
        told,
        [
            "nas.example.com  e code=unreadable",
            "lost.example.com   code=unreadable",
            "www.example.com 203.0.113.9  "
        ]
    );
    assert!(rows.iter().any(|row| row["RecordType_s"] == "SOA" && row["DNSHostName_s"] == "example.com"));
}

/// It may be of any name: a zone in which one was left out is not swept.
#[tokio::test]
async fn a_set_that_nobody_can_name_leaves_its_zone_without_a_marker_and_no_other() {
    for nameless in
        [json!({ "properties": {} }), json!({ "name": 5, "properties": {} }), json!(null), json!(5)]
    {
        let collector = Collector::with(&[]).await;
        listed(&collector, json!([nameless])).await;
        let time = std::time::Duration::from_secs(30);
        let report = collector.sweep_within(time, &pages(&[]), None).await;
        assert_eq!(report.failures().len(), 1, "{nameless}: {:?}", report.failures());
        assert!(report.failures()[0].contains("the sweep of example.com failed"), "{:?}", report.failures());
        let rows = collector.sink.rows(DNS_DATA);
        let markers: Vec<_> =
            rows.iter().filter(|row| row["RecordType_s"] == "SOA").map(|row| &row["DNSHostName_s"]).collect();
        assert_eq!(markers, ["child.example.com"], "{nameless}");
    }
}
