//! The dashboard for Grafana asks for nothing that is not exposed, and every panel can be read.

use std::collections::{BTreeMap, BTreeSet};

use heartbeat_dns::azure::Code;
use pure::domain::Service;
use serde_json::Value;

use super::documented::{self, Families};

const FILE: &str = "infra/grafana/heartbeat-dns.json";

/// Metrics that no panel shows, with the reason.
const NOT_SHOWN: [(&str, &str); 2] = [
    ("heartbeat_dns_recovered_total", "a row that was owed is no trouble any more"),
    ("heartbeat_dns_skips_total", "what the newest run left alone is shown instead"),
];

/// What Prometheus itself adds to a scrape.
const OF_THE_SCRAPE: [&str; 2] = ["instance", "job"];

fn board() -> Value {
    serde_json::from_str(&documented::read(FILE)).unwrap()
}

fn panels(board: &Value) -> &Vec<Value> {
    board["panels"].as_array().unwrap()
}

fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_else(|| panic!("no {member} in {value}"))
}

/// A metric of an expression, and the matchers of its labels.
#[derive(Debug)]
struct Selector {
    metric: String,
    matchers: Vec<Matcher>,
}

#[derive(Debug)]
struct Matcher {
    label: String,
    is_pattern: bool,
    value: String,
}

fn is_part_of_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The metrics that an expression selects. `infra/checks/watch.py` has parsed it whole.
fn selectors(expr: &str) -> Vec<Selector> {
    let starts = expr.match_indices("heartbeat_dns_").map(|(start, _)| &expr[start..]);
    starts
        .map(|rest| {
            let (metric, rest) = rest.split_at(rest.find(|c| !is_part_of_a_name(c)).unwrap_or(rest.len()));
            let inside = rest.strip_prefix('{').map_or("", |rest| rest.split_once('}').unwrap().0);
            Selector { metric: metric.to_owned(), matchers: matchers(inside) }
        })
        .collect()
}

/// `label op "value"`, separated by commas; no value holds a quotation mark.
fn matchers(inside: &str) -> Vec<Matcher> {
    let pieces: Vec<&str> = inside.split('"').collect();
    let (pairs, []) = pieces[..pieces.len() - 1].as_chunks::<2>() else { panic!("{inside}") };
    pairs
        .iter()
        .map(|[head, value]| {
            let head = head.trim_start_matches([',', ' ']);
            let label = head.trim_end_matches(['=', '!', '~', ' ']);
            Matcher { label: label.to_owned(), is_pattern: head.ends_with('~'), value: (*value).to_owned() }
        })
        .collect()
}

/// The labels by which an expression groups, of its outermost and of its inner aggregations.
fn grouped(expr: &str) -> Vec<BTreeSet<String>> {
    let lists = expr.split(" by (").skip(1).map(|rest| rest.split_once(')').unwrap().0);
    lists.map(|list| list.split(", ").map(str::to_owned).collect()).collect()
}

/// The labels that a legend names.
fn named(legend: &str) -> BTreeSet<String> {
    legend.split("{{").skip(1).map(|rest| rest.split_once("}}").unwrap().0.to_owned()).collect()
}

/// What a scrape and the declarations know: labels of each sample's name, and the values that a label can have.
struct Exposed {
    labels: BTreeMap<String, BTreeSet<String>>,
    values: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Exposed {
    fn new(families: &Families, scrape: &str) -> Self {
        let mut labels = BTreeMap::new();
        for (name, (kind, of_family)) in families {
            if kind == "histogram" {
                for suffix in ["_sum", "_count"] {
                    labels.insert(format!("{name}{suffix}"), of_family.clone());
                }
                let le = BTreeSet::from(["le".to_owned()]);
                labels.insert(format!("{name}_bucket"), of_family.union(&le).cloned().collect());
            } else {
                labels.insert(name.clone(), of_family.clone());
            }
        }
        let mut values = BTreeMap::<_, BTreeSet<String>>::new();
        for (name, rest) in scrape.lines().filter_map(|line| line.split_once('{')) {
            for matcher in matchers(rest.split_once('}').unwrap().0) {
                values.entry((name.to_owned(), matcher.label)).or_default().insert(matcher.value);
            }
        }
        // A series of a request is there once there was such a request.
        let requests = |label: &str| ("heartbeat_dns_requests_total".to_owned(), label.to_owned());
        let services = Service::ALL.map(|service| service.as_str().to_owned());
        values.entry(requests("service")).or_default().extend(services);
        let words = [Code::Connect, Code::Lost, Code::Timeout, Code::Cancelled, Code::Unsent];
        values.entry(requests("code")).or_default().extend(words.map(|code| code.to_string()));
        Self { labels, values }
    }

    /// What is wrong with a selector: its metric, a label, or the value of one.
    fn fault(&self, selector: &Selector) -> Option<String> {
        let Selector { metric, matchers } = selector;
        let Some(labels) = self.labels.get(metric) else { return Some(format!("{metric} is not exposed")) };
        for Matcher { label, is_pattern, value } in matchers {
            if OF_THE_SCRAPE.contains(&label.as_str()) {
                continue;
            }
            if !labels.contains(label) {
                return Some(format!("{metric} has no label {label}"));
            }
            let known = &self.values[&(metric.clone(), label.clone())];
            let wanted: Vec<&str> = if *is_pattern { value.split('|').collect() } else { vec![value] };
            for value in wanted {
                let is_status = label == "code"
                    && value.len() == 3
                    && value.chars().all(|c| c.is_ascii_digit() || *is_pattern && c == '.');
                if !is_status && !known.contains(value) {
                    return Some(format!("{metric} never has {label}={value}; it has {known:?}"));
                }
            }
        }
        None
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_queries_name_what_is_exposed() {
    let scrape = documented::scrape().await;
    let families = documented::exposed(&scrape);
    let exposed = Exposed::new(&families, &scrape);
    let board = board();
    let mut shown = BTreeSet::new();
    for panel in panels(&board) {
        for target in panel["targets"].as_array().unwrap() {
            let expr = text(target, "expr");
            let selectors = selectors(expr);
            assert!(!selectors.is_empty(), "{expr} selects nothing of ours");
            let mut common: BTreeSet<String> = OF_THE_SCRAPE.map(str::to_owned).into();
            for selector in &selectors {
                assert_eq!(exposed.fault(selector), None, "{expr}");
                for variable in OF_THE_SCRAPE {
                    let follows = selector
                        .matchers
                        .iter()
                        .any(|matcher| matcher.label == variable && matcher.value == format!("${variable}"));
                    assert!(follows, "{expr} does not follow ${variable}");
                }
                common.extend(exposed.labels[&selector.metric].iter().cloned());
                shown.insert(family(&families, &selector.metric));
            }
            let groups = grouped(expr);
            for group in &groups {
                assert!(group.is_subset(&common), "{expr} groups by {group:?}, it has {common:?}");
            }
            let left = groups.into_iter().next().unwrap_or(common);
            let legend = named(text(target, "legendFormat"));
            assert!(legend.is_subset(&left), "{expr} has {left:?}, its legend names {legend:?}");
        }
    }
    for variable in board["templating"]["list"].as_array().unwrap() {
        for selector in selectors(variable["query"]["query"].as_str().unwrap_or_default()) {
            assert_eq!(exposed.fault(&selector), None, "{variable}");
        }
    }
    let wanted: BTreeSet<String> = families.into_keys().collect();
    let left_out: BTreeSet<String> = NOT_SHOWN.map(|(name, _)| name.to_owned()).into();
    let missing: Vec<_> = wanted.difference(&shown).filter(|name| !left_out.contains(*name)).collect();
    assert!(missing.is_empty(), "no panel shows {missing:?}");
    assert!(shown.is_disjoint(&left_out), "the list of what is not shown holds a metric that is");
}

/// The family of a sample.
fn family(families: &Families, sample: &str) -> String {
    let suffixes = ["_bucket", "_count", "_sum"];
    let of_histogram = suffixes.into_iter().find_map(|suffix| sample.strip_suffix(suffix));
    of_histogram.filter(|name| families.contains_key(*name)).unwrap_or(sample).to_owned()
}

#[test]
fn every_panel_says_what_it_shows() {
    let board = board();
    let (mut ids, mut titles) = (BTreeSet::new(), BTreeSet::new());
    for panel in panels(&board) {
        let title = text(panel, "title");
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{title}: its id stands twice");
        assert!(titles.insert(title), "{title} stands twice");
        let description = text(panel, "description");
        assert!(description.len() > 20 && description.ends_with('.'), "{title}: {description}");
        let defaults = &panel["fieldConfig"]["defaults"];
        assert!(!text(defaults, "unit").is_empty(), "{title} has no unit");
        let steps = defaults["thresholds"]["steps"].as_array().unwrap();
        assert!(steps[0]["value"].is_null(), "{title}: the first threshold is the ground");
        let values: Vec<f64> = steps[1..].iter().map(|step| step["value"].as_f64().unwrap()).collect();
        assert!(values.is_sorted(), "{title}: {values:?}");
    }
    assert!(ids.len() > 12, "{ids:?}");
}

#[test]
fn every_query_goes_to_the_chosen_source() {
    let board = board();
    let variables = board["templating"]["list"].as_array().unwrap();
    let of = |name: &str| variables.iter().find(|variable| variable["name"] == name).expect(name);
    assert_eq!(
        (&of("datasource")["type"], &of("datasource")["query"]),
        (&"datasource".into(), &"prometheus".into())
    );
    let targets = panels(&board).iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    for asking in targets.chain(panels(&board)).chain(OF_THE_SCRAPE.map(of)) {
        let source = &asking["datasource"];
        assert_eq!((text(source, "type"), text(source, "uid")), ("prometheus", "${datasource}"), "{asking}");
    }
}

#[test]
fn no_panel_lies_on_another() {
    let board = board();
    let mut taken = BTreeMap::new();
    for panel in panels(&board) {
        let place = |side: &str| panel["gridPos"][side].as_u64().unwrap();
        let (x, y, width, height) = (place("x"), place("y"), place("w"), place("h"));
        assert!(width > 0 && height > 0 && x + width <= 24, "{panel} leaves the grid");
        for cell in (x..x + width).flat_map(|x| (y..y + height).map(move |y| (x, y))) {
            let before = taken.insert(cell, text(panel, "title"));
            assert_eq!(before, None, "{} lies on it at {cell:?}", text(panel, "title"));
        }
    }
}
