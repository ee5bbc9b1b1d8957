//! The collector on the wire: what a sweep asks, what it sends, and what a failed one does not send.

mod sink;
mod unreadable;
mod vanished;

use std::time::Duration;

use heartbeat_dns::azure::Clients;
use heartbeat_dns::collect::{self, SweepProgress, SweepReport};
use jiff::{SignedDuration, Timestamp};
use pure::plan::{History, ZoneHistory};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::stage::{Stage, a_record, machine_id, world, zone, zone_id};
use sink::Sink;

const TAG_DATA: &str = "Custom-TagData";
const DNS_DATA: &str = "Custom-DNSData";

/// A stand-in for everything but ingestion, which goes to a sink that can be looked into.
struct Collector {
    stage: Stage,
    sink: Sink,
    zones: String,
}

impl Collector {
    /// With the zones example.com and child.example.com below it.
    async fn with(record_sets: &[Value]) -> Self {
        let mut world = world(record_sets, &[]);
        let child = json!({"id": zone_id("child.example.com"), "recordSets": []});
        world["zones"].as_array_mut().unwrap().push(child);
        let zones = format!("{},{}", zone_id("example.com"), zone_id("child.example.com"));
        Self { stage: Stage::with(&world).await, sink: Sink::start().await, zones }
    }

    /// Sweeps after Resource Graph was told these pages.
    async fn sweep(&self, pages: &[Value], history: Option<&History>) -> SweepReport {
        self.sweep_within(Duration::from_secs(60), pages, history).await
    }

    async fn sweep_within(&self, time: Duration, pages: &[Value], history: Option<&History>) -> SweepReport {
        let mut faults = self.pages_as_faults(pages);
        faults.extend(self.stage.faults().await);
        self.stage.fail(&json!(faults)).await;
        let variables = [
            ("DNS_ZONES", self.zones.as_str()),
            ("OWNER_ID", "us"),
            ("LOGS_INGESTION_ENDPOINT", self.sink.url.as_str()),
        ];
        let settings = self.stage.settings(&variables);
        let clients = Clients::new(settings.connect.clone());
        let azure = clients.until(Instant::now() + time).unwrap();
        collect::run(&azure, &settings, history, "run-1", &SweepProgress::default()).await
    }

    fn pages_as_faults(&self, pages: &[Value]) -> Vec<Value> {
        pages.iter().map(|page| json!({"path": "ResourceGraph", "body": page})).collect()
    }
}

/// Pages of machines; each row is a name and its tags.
fn pages(pages: &[Vec<(String, Value)>]) -> Vec<Value> {
    let total: usize = pages.iter().map(Vec::len).sum();
    let row = |(name, tags): &(String, Value)| {
        json!({"id": machine_id(name), "name": name, "type": "microsoft.hybridcompute/machines",
            "location": "westeurope", "tags": tags})
    };
    let page = |(index, rows): (usize, &Vec<(String, Value)>)| {
        let mut page = json!({"totalRecords": total, "count": rows.len(), "facets": [], "resultTruncated": "false",
            "data": rows.iter().map(row).collect::<Vec<_>>()});
        if index + 1 < pages.len() {
            page["$skipToken"] = format!("page-{index}").into();
        }
        page
    };
    pages.iter().enumerate().map(page).collect()
}

fn tagged(name: &str, value: &str) -> (String, Value) {
    (name.to_owned(), json!({ "DNSHostName": value }))
}

/// The cells of the named columns.
fn cells(row: &Value, columns: &[&str]) -> String {
    let cell = |column: &&str| row[column].as_str().map_or_else(|| row[column].to_string(), str::to_owned);
    columns.iter().map(cell).collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn tags_become_rows_for_machine_and_name_and_end_with_a_marker() {
    let collector = Collector::with(&[]).await;
    let quiet = ("quiet".to_owned(), json!({"env": "prod"}));
    let lower = ("nas".to_owned(), json!({"dnsHOSTname": "NAS.example.com.; second.child.example.com"}));
    let pages = pages(&[
        vec![lower, quiet],
        vec![tagged("stranger", "*.example.com"), tagged("far", "a.example.net")],
    ]);
    let report = collector.sweep(&pages, None).await;
    assert_eq!((report.failures(), report.parts[0].rows), (vec![], 4));
    let rows = collector.sink.rows(TAG_DATA);
    let columns = ["name_s", "DNSHostName_s", "Skip_s", "Types_s", "type_s", "location_s", "run_s"];
    let rest = "microsoft.hybridcompute/machines westeurope run-1";
    assert_eq!(
        rows.iter().map(|row| cells(row, &columns)).collect::<Vec<_>>(),
        [
            format!("nas nas.example.com  A {rest}"),
            format!("nas second.child.example.com  A {rest}"),
            format!("stranger *.example.com wildcard A {rest}"),
            format!("far a.example.net no-zone A {rest}"),
            "      run-1".to_owned(),
        ]
    );
    let zones: Vec<_> = rows.iter().map(|row| row["ZoneId_s"].as_str().unwrap()).collect();
    assert_eq!(
        zones[..4],
        [&zone_id("example.com"), &zone_id("child.example.com"), &zone_id("example.com"), ""]
    );
    assert_eq!(rows[0]["id_s"], machine_id("nas"));
    assert_eq!(rows[4]["id_s"], "");
    assert_eq!(rows[4]["TimeGenerated"], json!(report.parts[0].marker));
    marker_comes_first_in_time_and_last_in_order(&rows);
    assert_eq!(rows[0]["TimeGenerated"], rows[1]["TimeGenerated"], "one page, one moment");
    let time = |row: &Value| row["TimeGenerated"].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert!(time(&rows[2]) > time(&rows[0]), "another page, another moment: {rows:?}");
}

fn marker_comes_first_in_time_and_last_in_order(rows: &[Value]) {
    let time = |row: &Value| row["TimeGenerated"].as_str().unwrap().parse::<Timestamp>().unwrap();
    let (marker, others) = rows.split_last().unwrap();
    assert!(others.iter().all(|row| time(row) >= time(marker)), "{rows:?}");
}

#[tokio::test]
async fn record_sets_become_rows_for_each_address_and_end_with_a_marker() {
    let alias = json!({"name": "www", "type": "A", "TTL": 300,
        "targetResource": {"id": "/subscriptions/x/resourceGroups/y/providers/Microsoft.Network/publicIPAddresses/z"}});
    let marked = json!({"name": "nas", "type": "A", "TTL": 60, "ARecords": [{"ipv4Address": "198.51.100.10"}],
        "metadata": {"heartbeat_dns_v": "1", "heartbeat_dns_owner": "us", "heartbeat_dns_machine": "/M",
            "heartbeat_dns_run": "run-0", "heartbeat_dns_time": "2026-03-01T02:03:04Z", "heartbeat_dns_previous": ""}});
    let two = json!({"name": "two", "type": "AAAA", "TTL": 60,
        "AAAARecords": [{"ipv6Address": "2001:db8:0:0:0:0:0:11"}, {"ipv6Address": "2001:db8::12"}]});
    let text = json!({"name": "nas", "type": "TXT", "TTL": 60, "TXTRecords": [{"value": ["x"]}]});
    let odd = json!({"name": "_odd", "type": "A", "TTL": 60, "ARecords": [{"ipv4Address": "198.51.100.77"}]});
    let hidden = a_record("nas.child", "198.51.100.66");
    let collector = Collector::with(&[alias, marked, two, text, odd, hidden]).await;
    let report = collector.sweep(&pages(&[vec![]]), None).await;
    assert_eq!(report.parts.iter().map(|part| part.rows).collect::<Vec<_>>(), [0, 0, 4]);
    let all = collector.sink.rows(DNS_DATA);
    let of =
        |name: &str| all.iter().filter(|row| row["ZoneId_s"] == zone_id(name)).cloned().collect::<Vec<_>>();
    let rows = of("example.com");
    let columns = [
        "DNSHostName_s",
        "DNSIP_s",
        "RecordType_s",
        "TTL_d",
        "IsAlias_b",
        "Owner_s",
        "MarkRun_s",
        "MarkTime_t",
    ];
    assert_eq!(
        rows.iter().map(|row| cells(row, &columns)).collect::<Vec<_>>(),
        [
            "nas.example.com 198.51.100.10 A 60.0 false /m run-0 2026-03-01T02:03:04Z",
            "www.example.com  A 300.0 true   null",
            "two.example.com 2001:db8::11 AAAA 60.0 false   null",
            "two.example.com 2001:db8::12 AAAA 60.0 false   null",
            "example.com  SOA 0.0 false   null",
        ]
    );
    assert!(rows[1]["TargetResourceId_s"].as_str().unwrap().ends_with("/z"));
    assert!(
        rows[..4].iter().all(|row| !row["Etag_s"].as_str().unwrap().is_empty() && row["run_s"] == "run-1")
    );
    marker_comes_first_in_time_and_last_in_order(&rows);
    assert_eq!(of("child.example.com").len(), 1, "an empty zone has its marker");
}

#[tokio::test]
async fn a_zone_that_fails_is_named_and_the_others_are_sent() {
    let collector = Collector::with(&[a_record("nas", "198.51.100.10")]).await;
    collector.stage.fail(&json!([{"path": "dnsZones/example.com/AAAA", "status": 403, "times": 9}])).await;
    let report = collector.sweep(&pages(&[vec![tagged("nas", "nas.example.com")]]), None).await;
    let failures = report.failures();
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(
        failures[0].starts_with("the sweep of example.com failed: ")
            && failures[0].contains("DNS Zone Contributor"),
        "{failures:?}"
    );
    let zones: Vec<_> =
        collector.sink.rows(DNS_DATA).iter().map(|row| row["DNSHostName_s"].clone()).collect();
    assert_eq!(zones, ["child.example.com"]);
    assert_eq!(collector.sink.rows(TAG_DATA).len(), 2);
}

/// Without them names below a cut would be told as names that people get. Only where the right is missing is that so.
#[tokio::test]
async fn a_zone_whose_cuts_cannot_be_read_is_not_swept() {
    let no_right = json!({"error": {"code": "AuthorizationFailed", "message": "no"}});
    for (answer, is_swept) in
        [(json!({"status": 404}), false), (json!({"status": 403, "body": no_right}), true)]
    {
        let collector = Collector::with(&[a_record("nas", "198.51.100.10")]).await;
        let mut fault = json!({"path": "dnsZones/example.com/NS", "times": 9});
        fault.as_object_mut().unwrap().extend(answer.as_object().unwrap().clone());
        collector.stage.fail(&json!([fault])).await;
        let report = collector.sweep(&pages(&[vec![tagged("nas", "nas.example.com")]]), None).await;
        let part = report.parts.iter().find(|part| part.part == zone_id("example.com")).unwrap();
        assert_eq!(part.marker.is_some(), is_swept, "{report:?}");
        assert_eq!(report.failures().len(), usize::from(!is_swept), "{report:?}");
        let told = collector.sink.rows(DNS_DATA);
        assert_eq!(told.iter().any(|row| row["DNSHostName_s"] == "nas.example.com"), is_swept, "{told:?}");
    }
}

#[tokio::test]
async fn a_slow_zone_delays_no_other() {
    let mut collector = Collector::with(&[]).await;
    let names: Vec<_> = (0..12).map(|index| format!("z{index:02}.example.net")).collect();
    let zones: Vec<_> = names.iter().map(|name| zone_id(name)).collect();
    let mut world = world(&[], &[]);
    world["zones"] = zones.iter().map(|id| json!({"id": id, "recordSets": []})).collect();
    collector.stage = Stage::with(&world).await;
    collector.zones = zones.join(",");
    collector.stage.fail(&json!([{"path": "z00.example.net/NS", "delay_ms": 60_000}])).await;
    let report = collector.sweep_within(Duration::from_secs(4), &pages(&[vec![]]), None).await;
    let late: Vec<_> =
        report.parts.iter().filter(|part| part.marker.is_none()).map(|part| &part.part).collect();
    assert_eq!(late, [&zones[0]], "{report:?}");
    let parts: Vec<_> = report.parts[1..].iter().map(|part| &part.part).collect();
    assert_eq!(parts, zones.iter().collect::<Vec<_>>(), "told by name, in whatever order they ended");
}

#[tokio::test]
async fn no_marker_vouches_for_rows_that_were_refused() {
    let collector = Collector::with(&[a_record("nas", "198.51.100.10")]).await;
    collector.sink.refuse(TAG_DATA, 403);
    let many = (0..5000).map(|index| tagged(&format!("machine-{index}"), &format!("m{index}.example.com")));
    let many: Vec<_> = many.collect();
    let report =
        collector.sweep(&pages(&many.chunks(1000).map(<[_]>::to_vec).collect::<Vec<_>>()), None).await;
    assert!(report.parts[0].failure.as_ref().unwrap().contains("Monitoring Metrics Publisher"), "{report:?}");
    assert_eq!(report.failures().len(), 1);
    assert_eq!(collector.sink.rows(TAG_DATA), Vec::<Value>::new());
}

#[tokio::test]
async fn one_refused_batch_of_many_keeps_the_marker_back() {
    let sets: Vec<_> = (0..4000).map(|index| a_record(&format!("m{index:05}"), "198.51.100.1")).collect();
    let collector = Collector::with(&sets).await;
    let many = (0..6000).map(|index| tagged(&format!("machine-{index}"), &format!("m{index}.example.com")));
    let many = pages(&many.collect::<Vec<_>>().chunks(1000).map(<[_]>::to_vec).collect::<Vec<_>>());
    for stream in [TAG_DATA, DNS_DATA] {
        collector.sink.refuse_next(stream, 403);
    }
    let report = collector.sweep(&many, None).await;
    let complete: Vec<_> = report.parts.iter().filter(|part| part.marker.is_some()).collect();
    assert_eq!(complete.len(), 1, "the tags and one zone are not whole: {report:?}");
    // What was sent besides the refused batch is in the log, and no marker makes it count.
    let tags = collector.sink.rows(TAG_DATA);
    assert!(tags.iter().all(|row| row["id_s"] != ""), "{} rows of tags, and a marker", tags.len());
    let markers =
        collector.sink.rows(DNS_DATA).into_iter().filter(|row| row["RecordType_s"] == "SOA").count();
    assert_eq!(markers, complete.len(), "{report:?}");
    // The next sweep finds the log willing, and tells everything anew.
    let report = collector.sweep(&many, None).await;
    assert_eq!(report.failures(), Vec::<String>::new());
    assert_eq!(collector.sink.rows(TAG_DATA).last().unwrap()["id_s"], "");
}

#[tokio::test]
async fn of_a_batch_in_halves_the_one_with_the_marker_goes_last() {
    let collector = Collector::with(&[]).await;
    collector.sink.answer_next(TAG_DATA, &[413, 204, 403]);
    let many = (0..9).map(|index| tagged(&format!("machine-{index}"), &format!("m{index}.example.com")));
    let report = collector.sweep(&pages(&[many.collect()]), None).await;
    assert!(report.parts[0].failure.is_some(), "{report:?}");
    let rows = collector.sink.rows(TAG_DATA);
    assert!(!rows.is_empty() && rows.iter().all(|row| row["id_s"] != ""), "no marker: {rows:?}");
}

#[tokio::test]
async fn no_more_than_three_batches_of_a_part_are_on_their_way() {
    let collector = Collector::with(&[]).await;
    collector.sink.slow(Duration::from_secs(2));
    let many = (0..16_000).map(|index| tagged(&format!("machine-{index}"), &format!("m{index}.example.com")));
    let many = pages(&many.collect::<Vec<_>>().chunks(1000).map(<[_]>::to_vec).collect::<Vec<_>>());
    let report = collector.sweep(&many, None).await;
    assert_eq!(report.failures(), Vec::<String>::new());
    let batches = collector.sink.sizes(TAG_DATA).len();
    assert_eq!((batches > 5, collector.sink.most_at_once(TAG_DATA)), (true, 3), "of {batches} batches");
}

#[tokio::test]
async fn a_list_that_leads_on_to_no_address_is_not_at_its_end() {
    let collector = Collector::with(&[]).await;
    let odd = json!({"path": "dnsZones/example.com/A\\?", "times": 99, "body": {"value": [], "nextLink": 5}});
    collector.stage.fail(&json!([odd])).await;
    let report = collector.sweep_within(Duration::from_secs(3), &pages(&[vec![]]), None).await;
    let failure = report.parts[1..].iter().find_map(|part| part.failure.clone()).unwrap_or_default();
    assert!(failure.contains("next page"), "{report:?}");
}

#[tokio::test]
async fn rows_bear_the_time_at_which_their_page_was_asked_for() {
    let collector = Collector::with(&[a_record("nas", "198.51.100.10")]).await;
    collector.stage.fail(&json!([{"path": "dnsZones/example.com/A\\?", "delay_ms": 1500}])).await;
    let report = collector.sweep(&pages(&[vec![]]), None).await;
    assert_eq!(report.failures(), Vec::<String>::new());
    let rows = collector.sink.rows(DNS_DATA);
    let time = |is: &dyn Fn(&&Value) -> bool| {
        let row = rows.iter().find(is).unwrap();
        row["TimeGenerated"].as_str().unwrap().parse::<Timestamp>().unwrap()
    };
    let row = time(&|row| row["DNSHostName_s"] == "nas.example.com");
    let marker = time(&|row| row["RecordType_s"] == "SOA" && row["DNSHostName_s"] == "example.com");
    assert!(row.duration_since(marker) < SignedDuration::from_secs(1), "{row} {marker}");
}

#[tokio::test]
async fn machines_that_come_and_go_meanwhile_are_read_once_more() {
    let collector = Collector::with(&[]).await;
    let changed = json!({"totalRecords": 9, "count": 0, "data": [], "resultTruncated": "false"});
    let whole = pages(&[vec![tagged("nas", "nas.example.com")]]).remove(0);
    let report = collector.sweep(&[changed.clone(), whole], None).await;
    assert_eq!((report.failures(), collector.sink.rows(TAG_DATA).len()), (vec![], 2));
    let report = collector.sweep(&[changed.clone(), changed], None).await;
    assert!(report.parts[0].failure.as_ref().unwrap().contains("changed meanwhile"), "{report:?}");
}

#[tokio::test]
async fn what_was_swept_a_moment_ago_is_not_swept_again() {
    let collector = Collector::with(&[]).await;
    let now = Some(heartbeat_dns::clock::now());
    let mut history = History { tags_marker: now, ..History::default() };
    for name in ["example.com", "child.example.com"] {
        history.zones.insert(zone(name), ZoneHistory { marker: now, ..ZoneHistory::default() });
    }
    assert_eq!(collector.sweep(&[], Some(&history)).await.parts, []);
    assert_eq!(collector.stage.calls().await, []);
    history.zones.remove(&zone("child.example.com"));
    let report = collector.sweep(&[], Some(&history)).await;
    assert_eq!(
        report.parts.iter().map(|part| &part.part).collect::<Vec<_>>(),
        [&zone_id("child.example.com")]
    );
}

#[tokio::test]
async fn many_rows_go_in_batches_of_a_megabyte_and_none_is_lost() {
    let sets: Vec<_> = (0..4000).map(|index| a_record(&format!("m{index:05}"), "198.51.100.1")).collect();
    let collector = Collector::with(&sets).await;
    let many = (0..6000).map(|index| tagged(&format!("machine-{index}"), &format!("m{index}.example.com")));
    let many: Vec<_> = many.collect();
    let report =
        collector.sweep(&pages(&many.chunks(1000).map(<[_]>::to_vec).collect::<Vec<_>>()), None).await;
    assert_eq!(report.failures(), Vec::<String>::new());
    let sizes = collector.sink.sizes(TAG_DATA);
    assert!(sizes.iter().all(|size| *size <= 1_048_576), "{sizes:?}");
    assert!(sizes.len() <= sizes.iter().sum::<usize>() / 1_048_576 + 1, "{sizes:?}");
    let names = |stream: &str, type_column: &str| {
        let rows = collector.sink.rows(stream);
        let mut names: Vec<_> = rows
            .iter()
            .filter(|row| row[type_column] != "" && row[type_column] != "SOA")
            .map(|row| row["DNSHostName_s"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names.dedup();
        names.len()
    };
    assert_eq!((names(TAG_DATA, "id_s"), names(DNS_DATA, "RecordType_s")), (6000, 4000));
}
