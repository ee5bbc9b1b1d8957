//! `mismatch.kql` against a second reading of the specification, written as loops, over worlds made by chance.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::world::{World, ZONE, before, lower_id};

/// A beat: machine, minutes ago, address.
type Beat = (usize, u32, usize);

const MACHINES: [&str; 3] = ["m0", "m1", "m2"];
const NAMES: [&str; 2] = ["a.example.com", "b.example.com"];
const ADDRESSES: [&str; 6] =
    ["203.0.113.1", "203.0.113.2", "2001:db8::1", "2001:db8::2", "", "fd40:1085:12:6d79:7712:100:a00:4"];

/// A world made by chance.
#[derive(Clone, Debug)]
struct Chance {
    /// Machine, the names of one of its tag sweeps (bits), minutes ago.
    tags: Vec<(usize, usize, u32)>,
    /// Name, addresses of one reading (bits), minutes ago.
    records: Vec<(usize, usize, u32)>,
    beats: Vec<Beat>,
    tag_markers: Vec<u32>,
    zone_markers: Vec<u32>,
}

fn chance() -> impl Strategy<Value = Chance> {
    let minutes = || prop_oneof![1_u32..6, 10_u32..20, 55_u32..65];
    let times = || proptest::collection::vec(minutes(), 0..3);
    (
        proptest::collection::vec((0..3_usize, 0..4_usize, minutes()), 0..6),
        proptest::collection::vec((0..2_usize, 0..16_usize, minutes()), 0..5),
        proptest::collection::vec((0..3_usize, minutes(), 0..6_usize), 0..25),
        times(),
        times(),
    )
        .prop_map(|(tags, records, beats, tag_markers, zone_markers)| Chance {
            tags,
            records,
            beats,
            tag_markers,
            zone_markers,
        })
}

fn bits(of: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..count).filter(move |bit| of & (1 << bit) != 0)
}

fn family(address: &str) -> &'static str {
    if address.contains(':') { "AAAA" } else { "A" }
}

impl Chance {
    fn world(&self) -> World {
        let mut world = World::empty();
        for minutes in &self.tag_markers {
            world = world.tag_marker(f64::from(*minutes));
        }
        for minutes in &self.zone_markers {
            world = world.zone_marker(f64::from(*minutes), ZONE);
        }
        for (machine, names, minutes) in &self.tags {
            let time = json!({"TimeGenerated": before(f64::from(*minutes)), "Types_s": "A,AAAA"});
            let named: Vec<&str> = bits(*names, 2).map(|name| NAMES[name]).collect();
            for name in if named.is_empty() { &[""][..] } else { &named } {
                world = world.tag_with(MACHINES[*machine], name, time.clone());
            }
        }
        for (name, addresses, minutes) in &self.records {
            let held: Vec<&str> = bits(*addresses, 4).map(|address| ADDRESSES[address]).collect();
            let time = json!({"TimeGenerated": before(f64::from(*minutes))});
            world = world.record_with(NAMES[*name], &held, time);
        }
        for (machine, minutes, address) in &self.beats {
            world = world.beat(MACHINES[*machine], f64::from(*minutes), ADDRESSES[*address]);
        }
        world
    }

    /// The machines that claim each name.
    fn claims(&self) -> BTreeMap<&'static str, BTreeSet<usize>> {
        let mut claims: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        let Some(marker) = self.tag_markers.iter().min() else { return claims };
        for machine in 0..3 {
            let rows = || self.tags.iter().filter(move |row| row.0 == machine && row.2 <= *marker);
            let newest = rows().map(|row| row.2).min();
            for (_, names, _) in rows().filter(|row| Some(row.2) == newest) {
                for name in bits(*names, 2) {
                    claims.entry(NAMES[name]).or_default().insert(machine);
                }
            }
        }
        claims
    }

    /// What a record set holds; none where there is none or its zone was never swept.
    fn present(&self, name: &str, record_type: &str) -> Option<BTreeSet<&'static str>> {
        let marker = self.zone_markers.iter().min()?;
        let held = |row: &(usize, usize, u32)| -> BTreeSet<&'static str> {
            let addresses = bits(row.1, 4).map(|address| ADDRESSES[address]);
            addresses.filter(|address| family(address) == record_type).collect()
        };
        // A reading that found nothing at all is an empty A set; see the builder.
        let exists = |row: &&(usize, usize, u32)| !held(row).is_empty() || (row.1 == 0 && record_type == "A");
        let rows =
            || self.records.iter().filter(|row| NAMES[row.0] == name && row.2 <= *marker).filter(exists);
        let newest = rows().map(|row| row.2).min()?;
        Some(rows().filter(|row| row.2 == newest).flat_map(held).collect())
    }

    /// What a machine says in the last hour: per type its beats, newest first and at one instant by text.
    fn says(&self, machine: usize) -> BTreeMap<&'static str, Vec<(u32, &'static str)>> {
        let own = self.beats.iter().filter(|beat| beat.0 == machine && beat.1 <= 60);
        let own: BTreeSet<(u32, &str)> = own.map(|beat| (beat.1, ADDRESSES[beat.2])).collect();
        let mut says: BTreeMap<&str, Vec<(u32, &str)>> = BTreeMap::new();
        let silent = own.iter().all(|(_, address)| address.is_empty());
        for (minutes, address) in own.iter().filter(|(_, address)| silent || !address.is_empty()) {
            says.entry(family(address)).or_default().push((*minutes, address));
        }
        says
    }

    fn rows(&self) -> Vec<Value> {
        let mut rows = Vec::new();
        for (name, machines) in self.claims() {
            for record_type in ["A", "AAAA"] {
                let says: Vec<(usize, Vec<(u32, &str)>)> = machines
                    .iter()
                    .filter_map(|machine| Some((*machine, self.says(*machine).remove(record_type)?)))
                    .collect();
                let any_fresh = says.iter().any(|(_, beats)| beats[0].0 <= 15);
                let wanted: BTreeSet<&str> = says
                    .iter()
                    .map(|(_, beats)| beats[0])
                    .filter(|(minutes, _)| !any_fresh || *minutes <= 15)
                    .map(|(_, address)| address)
                    .filter(|address| !address.is_empty() && !address.starts_with("fd40"))
                    .collect();
                let present = self.present(name, record_type);
                if !wanted.is_empty() && present.as_ref() == Some(&wanted) {
                    continue;
                }
                for (machine, beats) in says {
                    rows.push(self.row(name, record_type, machine, machines.len(), &beats, present.as_ref()));
                }
            }
        }
        rows.sort_by_key(ToString::to_string);
        rows
    }

    fn row(
        &self,
        name: &str,
        record_type: &str,
        machine: usize,
        claimants: usize,
        beats: &[(u32, &str)],
        present: Option<&BTreeSet<&str>>,
    ) -> Value {
        let (newest, address) = beats[0];
        let other = beats.iter().filter(|beat| beat.1 != address).map(|beat| beat.0).min();
        let same = || beats.iter().filter(|beat| beat.1 == address).map(|beat| beat.0);
        let run: Vec<u32> = same()
            .filter(|minutes| other.is_none_or(|other| *minutes < other) || *minutes == newest)
            .collect();
        let returned = other.is_some_and(|other| same().any(|minutes| minutes > other));
        let held = present.cloned().unwrap_or_default();
        let seen = beats.iter().filter(|beat| held.contains(beat.1)).map(|beat| beat.0).min();
        let actionable = !address.is_empty()
            && !address.starts_with("fd40")
            && newest <= 15
            && !self.zone_markers.is_empty()
            && !present.is_some_and(BTreeSet::is_empty);
        let float = |minutes: u32| f64::from(minutes);
        json!([
            lower_id(MACHINES[machine]).replace(&lower_id(""), "~"),
            address,
            held.into_iter().collect::<Vec<_>>().join(","),
            name,
            record_type,
            float(newest),
            if address.is_empty() { None } else { run.iter().max().copied().map(float) },
            if address.is_empty() { 0 } else { run.len() },
            claimants,
            seen.map(float),
            returned,
            actionable,
        ])
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn two_readings_of_the_specification_agree(chance in chance()) {
        let columns = [
            "_ResourceId", "ComputerIP", "DNSIP_s", "DNSHostName_s", "RecordType_s", "HeartbeatTime", "FirstBeat",
            "Beats", "Claimants", "PresentLastSeen", "Returned", "Actionable",
        ];
        let world = chance.world();
        let expected = chance.rows();
        prop_assert_eq!(world.mismatch().pick(&columns), expected.clone());
        prop_assert_eq!(world.doubled().mismatch().pick(&columns), expected);
    }
}
