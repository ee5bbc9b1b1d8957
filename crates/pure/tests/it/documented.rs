//! The page about the report names every member that the program writes, with every word that it may hold, and no other.

use std::collections::BTreeMap;

use pure::domain::{HostName, RecordType, Service};
use pure::plan::report::{
    Dissent, HoldingResource, Intent, LeftAddress, Moves, NotShown, Orphan, Outcome, Proof, Report,
    RunResult, SilentName, Trigger, Unclaimed, Via, Warning, WarningKind,
};
use pure::plan::{Action, AdoptedBy, BrakeKind, Marked, Opens, Right};
use serde::Serialize;
use serde_json::Value;

use super::world::World;

pub(crate) const PAGE: &str = include_str!("../../../../docs/report.md");

/// The members that the page has, each with its words.
pub(crate) fn documented() -> BTreeMap<String, Vec<String>> {
    let quoted = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let rows = PAGE.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.map(|row| row.split('|').map(str::trim).collect::<Vec<_>>());
    let member = |cells: Vec<&str>| {
        assert!(!cells[3].is_empty(), "{} has no meaning", cells[1]);
        (quoted(cells[1]).remove(0), quoted(cells[2]))
    };
    cells.map(member).collect()
}

/// The paths of the members of a value.
fn members(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) if path != "summary.skips" => {
            for (name, value) in object {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                members(value, &path, found);
            }
        }
        Value::Array(values) => {
            let path = format!("{path}[]");
            values.iter().for_each(|value| members(value, &path, found));
            found.push(path);
        }
        _ => found.push(path.to_owned()),
    }
}

/// A report in which every list has something.
pub(crate) fn whole() -> Report {
    let mut world = World::new()
        .claims("nas", "nas.example.com", "203.0.113.7")
        .claims("twin", "nas.example.com", "203.0.113.7")
        .keeps("nas", "nas.example.com", &["198.51.100.10"])
        .claims("thief", "www.example.com", "192.0.2.66")
        .stands("www.example.com", &["198.51.100.80"]);
    let mut report = Report::of(world.plan(), "run-1", Trigger::Cli, Intent::Plan, Via::RecordSet);
    world.case.partial = true;
    report.brakes = world.plan().brakes;
    report.brakes[0].besides = vec!["0".repeat(64)];
    let lie = Some(["192.0.2.1".parse().unwrap()].into());
    let dissent = Dissent { server: "ns1.example.net".to_owned(), addresses: lie, failed: None };
    report.changes[0].differing = vec![dissent];
    let (name, because) = ("x.example.com".to_owned(), "nobody".to_owned());
    report.unclaimed = vec![Unclaimed { name, because, meant: None }];
    let marked = Marked {
        id: report.changes[0].change.id.clone(),
        addresses: report.changes[0].change.from(),
        machine: String::new(),
        run: String::new(),
    };
    report.orphans = vec![Orphan::of(&marked, None)];
    let owner = report.changes[0].change.after.machine.clone();
    report.silent_names = vec![SilentName::of("x.example.com", [&owner])];
    report.calls.add(Service::Deployments, 1);
    report.because = Some("no answer".to_owned());
    report.warnings = vec![Warning {
        warning: WarningKind::RightsTooWide,
        subject: "rg-dns".to_owned(),
        zone: String::new(),
        resource: "/subscriptions/s/resourceGroups/rg-dns".to_owned(),
        names: ["www.example.com".to_owned()].into(),
        networks: ["/subscriptions/s/network".to_owned()].into(),
        because: "too much".to_owned(),
    }];
    report.moves = Some(moves());
    let nas = report.changes[0].change.clone();
    report.right = vec![Right {
        name: nas.id.name.clone(),
        record_type: nas.id.record_type,
        zone: nas.id.zone.clone(),
        addresses: nas.to().clone(),
        ttl: Some(60),
        machine: nas.after.machine,
        heartbeat_time: world.now,
        first_beat: Some(world.now),
        written_at: None,
        written_by: None,
    }];
    report
}

fn moves() -> Moves {
    let (id, name) = ("/subscriptions/s/x".to_owned(), "x".to_owned());
    let (resource_type, resource_group) = ("a/b".to_owned(), "rg".to_owned());
    let server = NotShown {
        id: id.clone(),
        resource_type: resource_type.clone(),
        name: name.clone(),
        resource_group: resource_group.clone(),
        look: "az".to_owned(),
    };
    let places = vec!["gatewayIpAddress".to_owned()];
    let because = Some("a name is better".to_owned());
    let resource = HoldingResource { id, resource_type, name, resource_group, places, because };
    let left = LeftAddress {
        address: "192.0.2.1".parse().unwrap(),
        names: [HostName::parse("x.example.com").unwrap()].into(),
        resources: vec![resource],
    };
    Moves { left: vec![left], not_shown: vec![server], because: Some("more".to_owned()) }
}

#[test]
fn every_member_is_documented_and_no_other() {
    let value = serde_json::to_value(whole()).unwrap();
    let mut found = Vec::new();
    members(&value, "", &mut found);
    found.sort();
    found.dedup();
    assert!(found.iter().eq(documented().keys()), "{found:#?}");
}

fn words<T: Serialize>(values: impl IntoIterator<Item = T>) -> Vec<String> {
    values
        .into_iter()
        .map(|value| serde_json::to_value(value).unwrap().as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_word_is_documented_and_no_other() {
    let page = documented();
    let types = words([RecordType::A, RecordType::Aaaa]);
    let expected = [
        ("schema", vec![Report::SCHEMA.to_owned()]),
        ("trigger", words([Trigger::Alert, Trigger::Timer, Trigger::Manual, Trigger::Cli])),
        ("mode", words([Intent::Plan, Intent::Apply])),
        ("result", {
            use RunResult::{Changed, Continues, Failed, Held, InSync, Partial, Planned, RetryLater};
            words([InSync, Planned, Changed, Held, Partial, Failed, Continues, RetryLater])
        }),
        ("changes[].record_type", types.clone()),
        (
            "changes[].action",
            words({
                use Action::{Adopt, Create, Delete, Hold, Release, Unhold, Update};
                [Create, Update, Adopt, Hold, Unhold, Release, Delete]
            }),
        ),
        ("changes[].outcome", {
            use Outcome::{Confirmed, Conflict, Deferred, Failed, Planned, Unconfirmed};
            words([Planned, Confirmed, Unconfirmed, Failed, Conflict, Deferred])
        }),
        ("changes[].adopted_by", {
            use AdoptedBy::{Always, Hand, Listed, Seen};
            words([Seen, Listed, Always, Hand])
        }),
        ("changes[].proved_by", words([Proof::Dns, Proof::Arm])),
        ("changes[].via", words([Via::RecordSet, Via::Deployment])),
        ("skips[].record_type", types.clone()),
        ("right[].record_type", types.clone()),
        ("orphans[].record_type", types),
        (
            "brakes[].brake",
            words([BrakeKind::Converging, BrakeKind::Surge, BrakeKind::Blind, BrakeKind::Orphans]),
        ),
        ("warnings[].warning", words(WarningKind::ALL)),
        // A moment is no word.
        ("brakes[].opens", words([Opens::Approve, Opens::FreshData, Opens::NextRun])),
    ];
    for (member, words) in &expected {
        assert_eq!(page[*member], *words, "{member}");
    }
    let others = page.iter().filter(|(name, _)| expected.iter().all(|(member, _)| member != name));
    for (member, words) in others {
        assert!(words.is_empty(), "{member}: {words:?}");
    }
}
