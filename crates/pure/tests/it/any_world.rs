//! Any world out of a few machines, names and addresses.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::select;
use pure::domain::{Hold, HostName, Mark, MismatchRow, RecordId, RecordType, Refused, ResourceId, Until};
use pure::plan::{Adopt, Answer, Grant, Known, Live, Refusal};

use super::world::{OWNER, World, address, addresses, id, machine, mark, minutes, record_set, zone};

pub(super) const MACHINES: [&str; 6] = ["a", "b", "c", "d", "e", "thief"];

pub(super) const HOSTS: [&str; 12] = [
    "nas.example.com",
    "cam.example.com",
    "www.example.com",
    "home.example.org",
    "h1.example.org",
    "h2.example.org",
    "h3.example.org",
    "example.com",
    "*.example.com",
    "nas.example.net",
    "_x.example.com",
    "NAS.example.com.",
];

const REPORTED: [&str; 10] = [
    "203.0.113.1",
    "203.0.113.2",
    "203.0.113.3",
    "198.51.100.1",
    "198.51.100.2",
    "2001:db8::1",
    "::ffff:203.0.113.1",
    "10.0.0.4",
    "fd40::a00:4",
    "nonsense",
];

const PRESENT: [&str; 5] = ["203.0.113.1", "198.51.100.1", "198.51.100.2", "198.51.100.3", "192.0.2.66"];

/// Twice as many cases as usual; `PROPTEST_CASES` changes their number.
pub(super) fn config() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.saturating_mul(2), failure_persistence: None, ..usual }
}

/// What stands in DNS for one name and type.
#[derive(Clone, Debug)]
enum Stands {
    Unread,
    Unavailable,
    Absent { cname: bool },
    Set { present: BTreeSet<usize>, mark: Marked, alias: bool, etag: bool },
}

#[derive(Clone, Debug)]
enum Marked {
    No,
    /// For this machine, from that address.
    Ours(usize, Option<usize>),
    Theirs,
    Newer,
    /// For this machine, and held.
    Held(usize),
}

fn row() -> impl Strategy<Value = MismatchRow> {
    let times = (0..20i64, 0..40i64, prop::option::of(0..30i64), any::<bool>());
    let who = (select(&MACHINES[..]), any::<bool>(), select(&HOSTS[..]), select(&REPORTED[..]));
    (who, times, 0..4u64, prop::collection::btree_set(0..PRESENT.len(), 0..3)).prop_map(
        |((who, upper, host, reported), (heard, first, seen, returned), beats, present)| {
            let world = World::new().claims(who, host, reported);
            let now = world.now;
            let mut row = world.case.rows.into_iter().next().unwrap();
            if upper {
                row.resource_id = row.resource_id.to_uppercase();
            }
            row.heartbeat_time = Some(now - minutes(heard));
            row.first_beat = Some(now - minutes(heard + first));
            row.present_last_seen = seen.map(|seen| now - minutes(seen));
            (row.returned, row.beats) = (returned, beats);
            row.dns_ip = present.iter().map(|index| PRESENT[*index]).collect::<Vec<_>>().join(",");
            row
        },
    )
}

fn stands() -> impl Strategy<Value = Stands> {
    let mark = prop_oneof![
        3 => Just(Marked::No),
        4 => (0..MACHINES.len(), prop::option::of(0..4usize)).prop_map(|(who, from)| Marked::Ours(who, from)),
        1 => Just(Marked::Theirs),
        1 => Just(Marked::Newer),
        1 => (0..MACHINES.len()).prop_map(Marked::Held),
    ];
    let present = prop::collection::btree_set(0..PRESENT.len(), 0..3);
    let set = (present, mark, prop::bool::weighted(0.1), prop::bool::weighted(0.95));
    prop_oneof![
        1 => Just(Stands::Unread),
        1 => Just(Stands::Unavailable),
        3 => prop::bool::weighted(0.2).prop_map(|cname| Stands::Absent { cname }),
        8 => set.prop_map(|(present, mark, alias, etag)| Stands::Set { present, mark, alias, etag }),
    ]
}

fn live() -> impl Strategy<Value = Option<Answer<Live>>> {
    let names = prop_oneof![
        6 => Just(HOSTS.map(str::to_owned).to_vec()),
        1 => prop::collection::vec(select(&HOSTS[..]).prop_map(str::to_owned), 0..4),
    ];
    prop_oneof![
        16 => names.prop_map(|names| Some(Answer::Known(Live::Tagged(names)))),
        2 => Just(Some(Answer::Known(Live::Gone))),
        2 => Just(Some(Answer::Known(Live::Unreadable))),
        1 => Just(Some(Answer::Unavailable("504".to_owned()))),
        1 => Just(None),
    ]
}

/// Whose live tags claim each name, rows or not.
fn claimants() -> impl Strategy<Value = Vec<Option<Answer<BTreeSet<ResourceId>>>>> {
    let some = prop::collection::btree_set(select(&MACHINES[..]).prop_map(machine), 0..MACHINES.len());
    let one = prop_oneof![
        8 => Just(Some(Answer::Known(BTreeSet::new()))),
        8 => some.prop_map(|claimants| Some(Answer::Known(claimants))),
        1 => Just(Some(Answer::Unavailable("504".to_owned()))),
        1 => Just(None),
    ];
    prop::collection::vec(one, HOSTS.len())
}

/// Any world out of a few machines, names and addresses, so that they meet often.
pub(super) fn worlds() -> impl Strategy<Value = World> {
    let records = prop::collection::vec(stands(), HOSTS.len() * 2);
    let tags = prop::collection::vec(live(), MACHINES.len());
    let policy = (
        prop::bool::weighted(0.9),
        select(vec![Adopt::Seen, Adopt::Seen, Adopt::Always, Adopt::Never]),
        any::<bool>(),
        prop::bool::weighted(0.1),
        0..4usize,
        select(vec![Sharing::Nobody, Sharing::Nobody, Sharing::All, Sharing::AllBut("e")]),
        select(vec!["*", "*.example.com,home.example.org", "*,example.com,\\*.example.com,www.example.com"]),
    );
    let changes = prop::collection::vec((0..HOSTS.len(), 0..3usize, 0..3usize, 0..30i64), 0..12);
    let history = (changes, 0..40u64, prop::bool::weighted(0.1), prop::bool::weighted(0.1));
    let heard = prop::option::of(prop::collection::vec(prop::option::of(0..50i64), MACHINES.len()));
    let some = |most: usize| prop::collection::btree_set(0..HOSTS.len(), 0..most);
    let wishes = (some(3), some(3), some(2), some(3));
    let cuts = prop_oneof![
        6 => Just(Some(Answer::Known(BTreeSet::new()))),
        1 => some(2).prop_map(|cuts| Some(Answer::Known(names(&cuts)))),
        1 => Just(Some(Answer::Unavailable("504".to_owned()))),
        1 => Just(None),
    ];
    let worlds = (prop::collection::vec(row(), 0..16), records, tags, policy, history, heard, wishes, cuts);
    (worlds, claimants(), any::<bool>()).prop_map(
        |((rows, records, tags, policy, history, heard, wishes, cuts), claimants, lately)| {
            let (create, adopt, v6, deny, max_sources, sharing, entries) = policy;
            let mut world = World::new().allow(&entries.split(',').collect::<Vec<_>>());
            world.case.known = Known::default();
            world = world.cut("example.com", &[]);
            if let Some(cuts) = cuts {
                world.case.known.learn_cuts(zone("example.org"), cuts);
            }
            world.case.rows = rows;
            world.policy.create = create;
            world.terms().adopt = adopt;
            world.policy.max_sources = max_sources;
            if v6 {
                world.terms().types.insert(RecordType::Aaaa);
            }
            if deny {
                world.terms().deny_prefixes = vec!["203.0.113.2/32".parse().unwrap()];
            }
            world = sharing.in_world(world);
            for (index, stands) in records.into_iter().enumerate() {
                let host = HOSTS[index / 2];
                let Ok(host_name) = HostName::parse(host) else { continue };
                let record_type = [RecordType::A, RecordType::Aaaa][index % 2];
                let Some(zone) = world.policy.zones.longest_match(&host_name) else { continue };
                let id = RecordId { zone: zone.id.clone(), name: host_name, record_type };
                world = put(world, id, stands);
            }
            for (who, live) in MACHINES.iter().zip(tags) {
                if let Some(live) = live {
                    world.case.known.learn_tag(&machine(who), live);
                }
            }
            for (host, claimants) in HOSTS.iter().zip(claimants) {
                if let (Ok(host), Some(claimants)) = (HostName::parse(host), claimants) {
                    world.case.known.learn_claimants(host, claimants);
                }
            }
            let (named, insisted, adopted, refused) = wishes;
            let asked = &mut world.case.asked;
            (asked.named, asked.insisted, asked.adopted) =
                (names(&named).into(), names(&insisted).into(), names(&adopted).into());
            for index in refused.into_iter().filter(|index| HostName::parse(HOSTS[*index]).is_ok()) {
                let code = ["not-owned", "delegated", "cname-exists"][index % 3];
                let refused = Refused::new(code, MACHINES.map(|who| (machine(who), address(REPORTED[0]))));
                let refusal = Refusal { refused, etag: "etag-1".to_owned() };
                world.case.history.refused.insert(id(HOSTS[index], RecordType::A), refusal);
            }
            let (changes, distinct, blind, partial) = history;
            for (host, from, to, hours) in changes {
                if HostName::parse(HOSTS[host]).is_ok() && from != to {
                    world = world.went(HOSTS[host], REPORTED[from], REPORTED[to], hours * 60);
                }
            }
            for zone in world.case.history.zones.values_mut() {
                zone.distinct_present = distinct;
            }
            if blind {
                world.case.history.zones.remove(&zone("example.com"));
            }
            world.case.partial = partial;
            if let Some(heard) = heard {
                let heard = MACHINES.into_iter().zip(heard).filter_map(|(who, hours)| Some((who, hours?)));
                let heard: Vec<(&str, i64)> = heard.collect();
                let ago = if lately { minutes(5) } else { minutes(600) };
                let reported = [("a", "198.51.100.1"), ("b", "198.51.100.2")];
                world = world.evidence_of(&reported, ago, &heard);
            }
            world
        },
    )
}

/// Who shares the sets of the names that several machines claim.
#[derive(Clone, Copy, Debug)]
enum Sharing {
    Nobody,
    All,
    AllBut(&'static str),
}

impl Sharing {
    fn in_world(self, mut world: World) -> World {
        world.terms().shared = !matches!(self, Self::Nobody);
        if let Self::AllBut(who) = self {
            let mut grants: Vec<Grant> = world.policy.grants.iter().cloned().collect();
            let mut own = Grant { line: Some(7), ..grants[0].clone() };
            (own.scope, own.terms.shared) = (machine(who).as_str().parse().unwrap(), false);
            grants.insert(0, own);
            world.policy.grants = grants.into_iter().collect();
        }
        world
    }
}

fn names(indices: &BTreeSet<usize>) -> BTreeSet<HostName> {
    indices.iter().filter_map(|index| HostName::parse(HOSTS[*index]).ok()).collect()
}

fn put(mut world: World, id: RecordId, stands: Stands) -> World {
    match stands {
        Stands::Unread => world,
        Stands::Absent { cname: true } => world.cname(&id),
        Stands::Absent { cname: false } => world.absent(&id),
        Stands::Unavailable => {
            world.case.known.learn_set(id, Answer::Unavailable("504".to_owned()));
            world
        }
        Stands::Set { present, mark: marked, alias, etag } => {
            let fits = |_: &usize| id.record_type == RecordType::A;
            let texts: Vec<&str> = present.into_iter().filter(fits).map(|index| PRESENT[index]).collect();
            let mut set = record_set(id, addresses(&texts));
            set.alias = alias.then(|| "target".to_owned());
            if !etag {
                set.etag.clear();
            }
            match marked {
                Marked::No => {}
                Marked::Ours(who, previous) => {
                    let previous = previous.map(|index| address(REPORTED[index])).into_iter().collect();
                    let mark = Mark { previous, ..mark(1, OWNER, MACHINES[who]) };
                    mark.write_into(&mut set.metadata);
                }
                Marked::Theirs => mark(1, "dcr-theirs", "a").write_into(&mut set.metadata),
                Marked::Held(who) => {
                    let hold = Hold { until: Until::Forever, why: String::new(), by: String::new() };
                    let mark = Mark { hold: Some(hold), ..mark(Mark::HELD, OWNER, MACHINES[who]) };
                    mark.write_into(&mut set.metadata);
                }
                Marked::Newer => mark(3, OWNER, "a").write_into(&mut set.metadata),
            }
            world.holds(set)
        }
    }
}
