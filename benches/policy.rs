//! What a large policy file costs a run: 40 subscriptions of 500 machines each, read and applied to every name of them.

use std::collections::BTreeSet;
use std::fmt::Write;

use divan::Bencher;
use heartbeat_dns::config::{Offline, Variables};
use jiff::{SignedDuration, Timestamp};
use pure::domain::{HostName, MismatchRow, RecordId, RecordType, ResourceId, ZoneId};
use pure::plan::{Answer, Case, Live, Policy, Proposal, Read, ZoneHistory, plan};

const SUBSCRIPTIONS: usize = 40;
const MACHINES: usize = 500;
const ZONE: &str = "/subscriptions/s/resourceGroups/rg-dns/providers/Microsoft.Network/dnsZones/example.com";

fn main() {
    println!("limits: read_and_place at most 50 ms; plan_by_file at most 1.5 x plan_by_star");
    divan::main();
}

fn host(subscription: usize, machine: usize) -> String {
    format!("m{machine}.s{subscription}.example.com")
}

fn machines() -> Vec<(ResourceId, String)> {
    let all = (0..SUBSCRIPTIONS).flat_map(|one| (0..MACHINES).map(move |machine| (one, machine)));
    let read = |(one, machine): (usize, usize)| {
        let id = format!(
            "/subscriptions/{one}/resourceGroups/g/providers/Microsoft.HybridCompute/machines/m{machine}"
        );
        ResourceId::parse(&id).ok().map(|id| (id, host(one, machine)))
    };
    all.filter_map(read).collect()
}

/// A claim for each subscription, which lists the names of its machines.
fn listed() -> String {
    let mut text = String::new();
    for subscription in 0..SUBSCRIPTIONS {
        let names: Vec<String> =
            (0..MACHINES).map(|machine| format!("  \"{}\",\n", host(subscription, machine))).collect();
        let names = names.concat();
        let _ = write!(text, "[[claim]]\nscope = \"/subscriptions/{subscription}\"\nnames = [\n{names}]\n");
    }
    text
}

/// A claim for each subscription, whose machines have their own names by a placeholder.
fn filled() -> String {
    let claim = |one: usize| {
        format!("[[claim]]\nscope = \"/subscriptions/{one}\"\nnames = \"{{name}}.s{one}.example.com\"\n")
    };
    (0..SUBSCRIPTIONS).map(claim).collect()
}

fn read(file: &str) -> Policy {
    let variables: Variables =
        [("DNS_ZONES", ZONE), ("POLICY_FILE", file), ("POLICY_ALLOW_PREFIXES", "10.0.0.0/8")]
            .into_iter()
            .collect();
    policy(&variables)
}

#[expect(clippy::unwrap_used, reason = "a benchmark of what cannot be read measures nothing")]
fn policy(variables: &Variables) -> Policy {
    Offline::read(variables).unwrap().policy
}

/// How many of all names the policy gives to their machines.
fn place(policy: &Policy, machines: &[(ResourceId, String)]) -> usize {
    machines.iter().filter(|(id, host)| policy.place(Proposal::of(host, Some(id))).is_ok()).count()
}

#[divan::bench(args = ["listed", "filled"])]
fn read_and_place(bencher: Bencher<'_, '_>, form: &str) {
    let (file, machines) = (if form == "listed" { listed() } else { filled() }, machines());
    assert_eq!(place(&read(&file), &machines), machines.len());
    bencher.bench(|| place(&read(divan::black_box(&file)), &machines));
}

/// Every machine has a new name, whose set is not there yet.
#[expect(clippy::unwrap_used, reason = "ids and times of its own")]
fn case(machines: &[(ResourceId, String)]) -> (Case, Timestamp) {
    let now: Timestamp = "2026-03-01T02:00:00Z".parse().unwrap();
    let zone = ZoneId::parse(ZONE).unwrap();
    let ago = |minutes: i64| Some(now - SignedDuration::from_mins(minutes));
    let mut case = Case::default();
    case.known.learn_cuts(zone.clone(), Answer::Known(BTreeSet::new()));
    case.history.zones.insert(zone.clone(), ZoneHistory { marker: ago(10), ..ZoneHistory::default() });
    (case.history.tags_marker, case.history.newest_heartbeat) = (ago(10), ago(1));
    for (index, (id, host)) in machines.iter().enumerate() {
        let name = HostName::parse(host).unwrap();
        let key = RecordId { zone: zone.clone(), name, record_type: RecordType::A };
        case.known.learn_set(key, Answer::Known(Read::default()));
        case.known.learn_tag(id, Answer::Known(Live::Tagged(vec![host.clone()])));
        case.rows.push(MismatchRow {
            computer_ip: format!("10.0.{}.{}", index >> 8, index & 255),
            heartbeat_time: ago(1),
            first_beat: ago(20),
            beats: 12,
            claimed_by: id.lower().to_owned(),
            actionable: true,
            ..MismatchRow::unheard(id.lower(), host, RecordType::A)
        });
    }
    (case, now)
}

fn planned(bencher: Bencher<'_, '_>, policy: &Policy) {
    let machines = machines();
    let (case, now) = case(&machines);
    assert_eq!(plan(&case, policy, now).changes.len(), machines.len());
    bencher.bench(|| plan(divan::black_box(&case), policy, now));
}

#[divan::bench]
fn plan_by_file(bencher: Bencher<'_, '_>) {
    planned(bencher, &read(&listed()));
}

#[divan::bench]
fn plan_by_star(bencher: Bencher<'_, '_>) {
    planned(bencher, &read("[[claim]]\nnames = \"*\"\n"));
}
