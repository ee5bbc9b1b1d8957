//! The report: its members, its result, its digest and its text.

use pure::domain::{RecordType, ZoneId};
use pure::plan::report::{Intent, Outcome, Proof, Report, RunResult, Trigger, Unclaimed, Via};
use pure::plan::{BrakeKind, Change, Opens, Skip, Why};
use serde_json::json;

use super::world::{World, machine, minutes, name, zone};

fn world() -> World {
    World::new()
        .claims("nas", "nas.example.com", "203.0.113.7")
        .keeps("nas", "nas.example.com", &["198.51.100.10"])
        .claims("new", "new.example.com", "203.0.113.8")
        .claims("thief", "www.example.com", "192.0.2.66")
        .stands("www.example.com", &["198.51.100.80"])
}

fn report(world: &World) -> Report {
    Report::of(world.plan(), "run-1", Trigger::Alert, Intent::Apply, Via::RecordSet)
}

#[test]
fn the_json_has_the_members_that_were_promised() {
    let mut report = report(&world());
    report.changes[0].outcome = Outcome::Confirmed;
    report.changes[0].proved_by = Some(Proof::Dns);
    report.changes[0].time_to_truth_ms = Some(84_211);
    report.changes.truncate(1);
    report.conclude();
    let value = serde_json::to_value(&report).unwrap();
    let machine = "/subscriptions/s1/resourcegroups/rg-edge/providers/microsoft.hybridcompute/machines";
    let zone = "/subscriptions/s1/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com";
    assert_eq!(
        value,
        json!({
            "schema": "heartbeat-dns/1",
            "run": "run-1",
            "trigger": "alert",
            "mode": "apply",
            "result": "changed",
            "digest": report.digest,
            "changes": [{
                "name": "nas.example.com",
                "record_type": "A",
                "zone": zone,
                "action": "update",
                "from": ["198.51.100.10"],
                "to": ["203.0.113.7"],
                "ttl_before": 300,
                "ttl": 300,
                "machine": format!("{machine}/nas"),
                "taken_over_from": null,
                "witnesses": [],
                "country": "CH",
                "first_beat": "2026-03-01T01:40:00Z",
                "heartbeat_time": "2026-03-01T01:59:00Z",
                "beats": 12,
                "adopted": false,
                "adopted_by": null,
                "approved": false,
                "hold_until": null,
                "hold_why": null,
                "hold_by": null,
                "claimed_by": [],
                "undoes": null,
                "undone_at": null,
                "unreported": [],
                "outcome": "confirmed",
                "proved_by": "dns",
                "differing": [],
                "written_at": null,
                "detail": null,
                "via": "record-set",
                "time_to_truth_ms": 84211,
            }],
            "skips": [{
                "name": "www.example.com",
                "record_type": "A",
                "zone": zone,
                "from": ["198.51.100.80"],
                "to": ["192.0.2.66"],
                "machine": format!("{machine}/thief"),
                "others": [],
                "reason": "not-owned",
                "because": report.skips[0].because,
            }],
            "brakes": [],
            "summary": { "changes": 1, "skips": { "not-owned": 1 }, "in_sync": null, "silent": null, "unknown": null, "orphans": null, "silent_names": null },
            "calls": { "logs_query": 0, "resource_graph": 0, "dns_read": 0, "dns_write": 0, "logs_ingest": 0 },
            "duration_ms": 0,
        })
    );
    let members: Vec<&String> = value.as_object().unwrap().keys().collect();
    assert_eq!(members[..6], ["schema", "run", "trigger", "mode", "result", "digest"]);
}

#[test]
fn a_brake_names_its_zone_its_numbers_and_what_opens_it() {
    let mut world = world();
    world.case.history.zones.entry(zone("example.com")).or_default().marker = Some(world.now - minutes(70));
    let value = serde_json::to_value(report(&world)).unwrap();
    let brake = &value["brakes"][0];
    assert_eq!((&brake["brake"], &brake["limit"], &brake["seen"]), (&json!("blind"), &json!(65), &json!(70)));
    assert_eq!(
        (&brake["opens"], &brake["zone"]),
        (&json!("fresh-data"), &json!(zone("example.com").to_string()))
    );
    assert_eq!(brake["names"], json!(["nas.example.com", "new.example.com"]));
    assert_eq!(serde_json::to_value(Opens::At(world.now)).unwrap(), json!("2026-03-01T02:00:00Z"));
    assert_eq!(serde_json::to_value(BrakeKind::Converging).unwrap(), json!("converging"));
}

#[test]
fn the_sentence_of_a_brake_stands_once() {
    let mut world = world();
    world.case.history.zones.entry(zone("example.com")).or_default().marker = Some(world.now - minutes(70));
    let report = report(&world);
    let value = serde_json::to_value(&report).unwrap();
    let sentence = value["brakes"][0]["because"].as_str().unwrap();
    assert_eq!(value.to_string().matches(sentence).count(), 1, "{value}");
    let held: Vec<_> =
        value["skips"].as_array().unwrap().iter().filter(|skip| skip["reason"] == "blind").collect();
    assert_eq!(held.len(), 2, "{value}");
    assert_eq!(held[0]["because"], "The brake blind in example.com holds it.");
    assert_eq!((&held[0]["from"], &held[0]["to"]), (&json!(["198.51.100.10"]), &json!(["203.0.113.7"])));
    assert_eq!(held[1]["from"], json!([]), "a set that is not there yet");
    assert!(report.skips.iter().any(|skip| skip.because == sentence), "rows for the log keep it");
}

#[test]
fn the_result_is_the_worst_that_is_true() {
    use Outcome::{Confirmed, Conflict, Deferred, Failed, Planned, Unconfirmed};
    let cases: [(&[Outcome], bool, RunResult); 12] = [
        (&[], false, RunResult::InSync),
        (&[], true, RunResult::Held),
        (&[Planned, Planned], false, RunResult::Planned),
        (&[Confirmed, Confirmed], false, RunResult::Changed),
        (&[Confirmed, Confirmed], true, RunResult::Partial),
        (&[Confirmed, Deferred], false, RunResult::Partial),
        (&[Confirmed, Failed], false, RunResult::Partial),
        (&[Confirmed, Unconfirmed], false, RunResult::Partial),
        (&[Deferred, Deferred], false, RunResult::Partial),
        (&[Failed, Conflict], false, RunResult::Failed),
        (&[Unconfirmed], false, RunResult::Failed),
        (&[Planned], true, RunResult::Planned),
    ];
    for (outcomes, held, result) in cases {
        let mut world = world();
        let mut report = report(&world);
        report.changes.truncate(outcomes.len());
        for (change, outcome) in report.changes.iter_mut().zip(outcomes) {
            change.outcome = *outcome;
        }
        if held {
            world.case.partial = true;
            report.brakes = world.plan().brakes;
        }
        report.conclude();
        assert_eq!(report.result, result, "{outcomes:?}, held: {held}");
    }
}

#[test]
fn the_digest_is_of_what_is_written_only() {
    let world = world();
    let digest = report(&world).digest;
    assert_eq!(digest.len(), 64);
    let later = world.clone().but(|row| row.beats += 1);
    assert_eq!(report(&later).digest, digest);
    let elsewhere = world.claims("more", "more.example.com", "203.0.113.9");
    assert_ne!(report(&elsewhere).digest, digest);
}

#[test]
fn the_digest_knows_no_order_and_every_part_of_a_change() {
    let mut changes = world().plan().changes;
    assert_eq!(changes.len(), 2);
    let digest_of = |changes: &[Change]| pure::plan::report::digest(changes);
    let digest = digest_of(&changes);
    changes.reverse();
    assert_eq!(digest_of(&changes), digest);
    // Another spelling of the zone's id is the same zone.
    let mut spelled = changes.clone();
    spelled[0].id.zone = ZoneId::parse(&changes[0].id.zone.to_string().to_uppercase()).unwrap();
    assert_eq!(digest_of(&spelled), digest);
    let differs = |change: &dyn Fn(&mut Change)| {
        let mut changes = changes.clone();
        change(&mut changes[1]);
        assert_ne!(digest_of(&changes), digest);
    };
    differs(&|change| change.id.name = name("other.example.com"));
    differs(&|change| change.id.zone = zone("example.org"));
    differs(&|change| change.id.record_type = RecordType::Aaaa);
    differs(&|change| change.before = None);
    differs(&|change| change.before.as_mut().unwrap().addresses.clear());
    differs(&|change| change.after.addresses.clear());
}

/// A run that writes is asked in vain by whoever gave the name to be written, and by nobody who only wants to know.
#[test]
fn a_name_that_nobody_claims_fails_whoever_asked_for_it() {
    let result = |mode: Intent, is_given: bool| {
        let mut report = Report::of(World::new().plan(), "run-1", Trigger::Manual, mode, Via::RecordSet);
        report.unclaimed =
            vec![Unclaimed { name: "naas.example.com".to_owned(), because: String::new(), meant: None }];
        report.given = [name("nas.example.com")].into();
        if is_given {
            report.given.insert(name("naas.example.com"));
        }
        report.conclude();
        report.result
    };
    let results =
        [(Intent::Plan, false), (Intent::Plan, true), (Intent::Apply, false), (Intent::Apply, true)]
            .map(|(mode, is_given)| result(mode, is_given));
    assert_eq!(results, [RunResult::Failed, RunResult::Failed, RunResult::InSync, RunResult::Failed]);
}

#[test]
fn a_name_that_no_sweep_has_seen_fails_whoever_gave_it_to_be_written() {
    let host = name("young.example.com");
    let why = Why::NotSwept { name: host.to_string(), machine: "m".to_owned(), next: None };
    let result = |is_given: bool| {
        let world = World::new();
        let mut report = report(&world);
        report.skips = vec![Skip::of_claim(&world.policy, &host, &machine("m"), &why)];
        report.given.extend(is_given.then(|| host.clone()));
        report.conclude();
        report.result
    };
    assert_eq!((result(true), result(false)), (RunResult::Failed, RunResult::InSync));
}
