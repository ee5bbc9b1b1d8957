//! The metrics that are documented are those that are exposed, with their labels and types, and the rules use no others.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use heartbeat_dns::round::Stage;
use serde_json::json;

use super::{NEW, Watch, drifted};
use crate::handler::until;

pub(super) type Families = BTreeMap<String, (String, BTreeSet<String>)>;

pub(super) fn read(file: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

fn quoted(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Name, type and labels of each line of the table.
fn documented() -> Families {
    let text = read("docs/metrics.md");
    let lines = text.lines().filter(|line| line.starts_with("| `heartbeat_dns_"));
    let cells = lines.map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    cells
        .map(|cells| {
            assert!(!cells[4].is_empty(), "{} has no meaning", cells[1]);
            (quoted(cells[1]).pop_first().unwrap(), (cells[2].to_owned(), quoted(cells[3])))
        })
        .collect()
}

/// The same of an OpenMetrics text, by the names that a query uses.
pub(super) fn exposed(text: &str) -> Families {
    let mut families = Families::new();
    let mut helped = BTreeSet::new();
    for line in text.lines() {
        if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')) {
            assert!(help.len() > 10, "{line}");
            helped.insert(name.to_owned());
        }
        let Some((family, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) else {
            continue;
        };
        assert!(helped.contains(family), "{family} has no help");
        let name = match kind {
            "counter" => format!("{family}_total"),
            "info" => format!("{family}_info"),
            _ => family.to_owned(),
        };
        let samples = text.lines().filter(|line| {
            line.strip_prefix(&name).is_some_and(|rest| {
                rest.starts_with(['{', ' ']) || kind == "histogram" && rest.starts_with("_bucket{")
            })
        });
        let mut labels = BTreeSet::new();
        for sample in samples {
            let inside = sample.split_once('{').map_or("", |(_, rest)| rest.split_once('}').unwrap().0);
            let pairs = inside.split(',').filter_map(|pair| pair.split_once('='));
            labels.extend(pairs.map(|(key, _)| key.to_owned()).filter(|key| key != "le"));
        }
        families.insert(name, (kind.to_owned(), labels));
    }
    families
}

/// A scrape in which every family has a sample.
pub(super) async fn scrape() -> String {
    let house = drifted(&[]).await;
    let watch = Watch::start(&house, "1s").await;
    until("DNS tells the truth", async || house.addresses("x").await == [NEW]).await;
    let text = watch.get("/metrics", "application/openmetrics-text").await.2;
    watch.stop().await;
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_metrics_are_the_exposed_ones() {
    let documented = documented();
    let exposed = exposed(&scrape().await);
    assert!(documented.len() > 15, "{documented:?}");
    let (written, served): (BTreeSet<_>, BTreeSet<_>) =
        (documented.keys().collect(), exposed.keys().collect());
    let untold: Vec<_> = served.difference(&written).collect();
    let missing: Vec<_> = written.difference(&served).collect();
    assert!(untold.is_empty(), "exposed, not in docs/metrics.md: {untold:?}");
    assert!(missing.is_empty(), "in docs/metrics.md, not exposed: {missing:?}");
    assert_eq!(documented, exposed);
}

#[test]
fn rules_and_documentation_name_no_other_metrics() {
    let documented = documented();
    for file in ["docs/heartbeat-dns.rules.yml", "docs/metrics.md", "docs/watch.md"] {
        let text = read(file);
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        for word in text.split(|c| !is_part(c)).filter(|word| word.starts_with("heartbeat_dns_")) {
            let family = ["_bucket", "_count", "_sum"].iter().find_map(|suffix| word.strip_suffix(suffix));
            let is_known = documented.contains_key(word)
                || family.is_some_and(|family| {
                    documented.get(family).is_some_and(|(kind, _)| kind == "histogram")
                });
            assert!(is_known, "{file} names {word}");
        }
    }
}

#[test]
fn every_stage_has_a_rule_for_its_last_success() {
    let rules = read("docs/heartbeat-dns.rules.yml");
    for stage in Stage::ALL {
        let series = format!("heartbeat_dns_last_success_timestamp_seconds{{stage=\"{}\"}}", stage.as_str());
        assert!(rules.contains(&series), "no rule looks at {series}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_closed_whatever_machines_say() {
    let house = drifted(&[]).await;
    let hostile = crate::stage::machine("h", &json!({ "DNSHostName": "evil\"}.example.com, *.example.com" }));
    house.world(&json!({ "machines": [hostile, crate::handler::tagged("m", "x.example.com")] })).await;
    assert!(house.run(&["collect"]).await.status.success());
    house.heartbeats(&crate::handler::moved("h", "203.0.113.9", "203.0.113.8")).await;
    let watch = Watch::start(&house, "1s").await;
    until("the rows are seen", async || {
        watch.metrics().await.of("heartbeat_dns_skipped", "reason", "name-invalid") >= 1.0
    })
    .await;
    let text = watch.get("/metrics", "*/*").await.2;
    assert!(!text.contains("evil") && !text.contains('*'), "{text}");
}
