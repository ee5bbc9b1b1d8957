//! Any world out of a few machines, names and addresses.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use proptest::prelude::*;
use proptest::sample::select;
use pure::domain::{HostName, MismatchRow, RecordId, RecordType};
use pure::plan::{Adopt, Live};

use super::world::{OWNER, World, addresses, machine, mark, minutes, record_set, zone};

const MACHINES: [&str; 6] = ["a", "b", "c", "d", "e", "thief"];

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

/// What stands in DNS for one name and type.
#[derive(Clone, Debug)]
enum Stands {
    Unread,
    Absent { cname: bool },
    Set { present: BTreeSet<usize>, mark: Marked, alias: bool },
}

#[derive(Clone, Debug)]
enum Marked {
    No,
    Ours(usize),
    Theirs,
    Newer,
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
        4 => (0..MACHINES.len()).prop_map(Marked::Ours),
        1 => Just(Marked::Theirs),
        1 => Just(Marked::Newer),
    ];
    let set = (prop::collection::btree_set(0..PRESENT.len(), 0..3), mark, prop::bool::weighted(0.1));
    prop_oneof![
        1 => Just(Stands::Unread),
        3 => prop::bool::weighted(0.2).prop_map(|cname| Stands::Absent { cname }),
        8 => set.prop_map(|(present, mark, alias)| Stands::Set { present, mark, alias }),
    ]
}

fn live() -> impl Strategy<Value = Option<Live>> {
    let names = prop_oneof![
        6 => Just(HOSTS.map(str::to_owned).to_vec()),
        1 => prop::collection::vec(select(&HOSTS[..]).prop_map(str::to_owned), 0..4),
    ];
    prop_oneof![
        8 => names.prop_map(|names| Some(Live::Tagged(names))),
        1 => Just(Some(Live::Gone)),
        1 => Just(Some(Live::Unreadable)),
        1 => Just(None),
    ]
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
        select(vec!["*", "*.example.com,home.example.org", "*,example.com,\\*.example.com,www.example.com"]),
    );
    let changes = prop::collection::vec((0..HOSTS.len(), 0..3usize, 0..3usize, 0..30i64), 0..12);
    let history = (changes, 0..40u64, prop::bool::weighted(0.1), prop::bool::weighted(0.1));
    let heard = prop::option::of(prop::collection::vec(prop::option::of(0..50i64), MACHINES.len()));
    (prop::collection::vec(row(), 0..16), records, tags, policy, history, heard).prop_map(
        |(rows, records, tags, policy, history, heard)| {
            let (create, adopt, v6, deny, max_sources, names) = policy;
            let mut world = World::new().allow(&names.split(',').collect::<Vec<_>>());
            world.case.rows = rows;
            world.policy.create = create;
            world.policy.adopt = adopt;
            world.policy.max_sources = max_sources;
            if v6 {
                world.policy.record_types.insert(RecordType::Aaaa);
            }
            if deny {
                world.policy.deny_prefixes = vec!["203.0.113.2/32".parse().unwrap()];
            }
            for (index, stands) in records.into_iter().enumerate() {
                let host = HOSTS[index / 2];
                let Ok(host_name) = HostName::parse(host) else { continue };
                let record_type = [RecordType::A, RecordType::Aaaa][index % 2];
                let key = RecordId { name: host_name, record_type };
                world = put(world, key, stands);
            }
            for (who, live) in MACHINES.iter().zip(tags) {
                if let Some(live) = live {
                    world = world.tag(who, live);
                }
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
                let asked = world.wanted();
                world = world.evidence(&[("a", "198.51.100.1"), ("b", "198.51.100.2")], &[]);
                let evidence = world.case.evidence.as_mut().unwrap();
                evidence.asked = asked;
                for (who, hours) in MACHINES.iter().zip(heard) {
                    if let Some(hours) = hours {
                        let time = world.now - SignedDuration::from_hours(hours);
                        evidence.last_heard.insert(machine(who).lower().to_owned(), time);
                    }
                }
            }
            world
        },
    )
}

fn put(mut world: World, key: RecordId, stands: Stands) -> World {
    let Some(zone) = world.policy.zones.longest_match(&key.name).map(|zone| zone.id.clone()) else {
        return world;
    };
    match stands {
        Stands::Unread => {}
        Stands::Absent { cname } => {
            if cname {
                world.case.current.insert_cname(key.name.clone());
            }
            world.case.current.insert(key, None);
        }
        Stands::Set { present, mark: marked, alias } => {
            let fits = |_: &usize| key.record_type == RecordType::A;
            let texts: Vec<&str> = present.into_iter().filter(fits).map(|index| PRESENT[index]).collect();
            let mut set = record_set(zone, key.clone(), addresses(&texts));
            set.alias = alias.then(|| "target".to_owned());
            match marked {
                Marked::No => {}
                Marked::Ours(who) => mark(1, OWNER, MACHINES[who]).write_into(&mut set.metadata),
                Marked::Theirs => mark(1, "dcr-theirs", "a").write_into(&mut set.metadata),
                Marked::Newer => mark(2, OWNER, "a").write_into(&mut set.metadata),
            }
            world.case.current.insert(key, Some(set));
        }
    }
    world
}
