//! `mismatch.kql` against a second reading of the specification, written as loops, over worlds made by chance.

mod chance;

use std::collections::{BTreeMap, BTreeSet};

use chance::{ADDRESSES, Chance, MACHINES, NAMES, Reading, bits, chance, family, place, zone};
use heartbeat_dns::queries::MISMATCH;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::world::{installed, lower_id, replaced};

/// Where a name stands: its zone and the name.
type Place = (usize, usize);

/// The row with one cell more.
fn with(mut row: Value, cell: &str) -> Value {
    row.as_array_mut().unwrap().push(json!(cell));
    row
}

impl Chance {
    /// Whether a row of that installation counts for the one that asks.
    fn counts(&self, installation: usize) -> bool {
        self.asks == 0 || installation == 0 || installation == self.asks
    }

    /// The machines that claim each place: all that ever did, where most of those that beat say nothing any more.
    fn claims(&self) -> BTreeMap<Place, BTreeSet<usize>> {
        let markers = self.tag_markers.iter().filter(|marker| self.counts(marker.installation));
        let Some(marker) = markers.map(|marker| marker.minutes).min() else { return BTreeMap::new() };
        let claims = self.claimed_since(marker);
        let before = self.tag_markers.iter().filter(|before| self.counts(before.installation));
        let before = before.map(|before| before.minutes).filter(|minutes| *minutes > marker + 5).min();
        let mut ever: BTreeMap<Place, BTreeSet<usize>> = BTreeMap::new();
        let is_late = |minutes: u32| before.is_none_or(|before| minutes <= before);
        for row in self.tags.iter().filter(|row| self.counts(row.installation) && is_late(row.minutes)) {
            for claimed in bits(row.places, 4) {
                ever.entry(place(claimed)).or_default().insert(row.machine);
            }
        }
        let is_awake = |machine: &usize| {
            self.beats.iter().any(|beat| beat.0 == *machine && beat.1 <= 15.min(marker + 5))
        };
        let awake = |claims: &BTreeMap<Place, BTreeSet<usize>>| {
            claims.values().flatten().copied().filter(is_awake).collect::<BTreeSet<usize>>().len()
        };
        if awake(&ever) >= 3 && awake(&claims) * 2 < awake(&ever) { ever } else { claims }
    }

    /// What the newest rows since a marker say.
    fn claimed_since(&self, marker: u32) -> BTreeMap<Place, BTreeSet<usize>> {
        let mut claims: BTreeMap<Place, BTreeSet<usize>> = BTreeMap::new();
        for machine in 0..MACHINES.len() {
            let rows = || {
                self.tags.iter().filter(move |row| {
                    row.machine == machine && row.minutes <= marker && self.counts(row.installation)
                })
            };
            let newest = rows().map(|row| row.minutes).min();
            for row in rows().filter(|row| Some(row.minutes) == newest) {
                for claimed in bits(row.places, 4) {
                    claims.entry(place(claimed)).or_default().insert(machine);
                }
            }
        }
        claims
    }

    /// The machines whose rows have ever claimed each place: a newer row takes no claim away.
    fn spoken(&self) -> BTreeMap<Place, BTreeSet<usize>> {
        let mut ever: BTreeMap<Place, BTreeSet<usize>> = BTreeMap::new();
        if self.tag_markers.iter().any(|marker| self.counts(marker.installation)) {
            for row in self.tags.iter().filter(|row| self.counts(row.installation)) {
                for claimed in bits(row.places, 4) {
                    ever.entry(place(claimed)).or_default().insert(row.machine);
                }
            }
        }
        ever
    }

    fn swept(&self, zone: usize) -> Option<u32> {
        let markers = self.zone_markers.iter();
        let own = markers.filter(|marker| marker.zone == zone && self.counts(marker.installation));
        own.map(|marker| marker.minutes).min()
    }

    /// The newest readings of a place that say something of the type; none in a zone that was never swept.
    fn newest(&self, at: Place, record_type: &str) -> Vec<&Reading> {
        let Some(marker) = self.swept(at.0) else { return Vec::new() };
        let rows = || {
            self.records.iter().filter(|row| {
                let speaks = !row.held(record_type).is_empty() || (row.addresses == 0 && record_type == "A");
                place(row.place) == at && row.minutes <= marker && speaks && self.counts(row.installation)
            })
        };
        let newest = rows().map(|row| row.minutes).min();
        rows().filter(|row| Some(row.minutes) == newest).collect()
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
        let (claims, nobody) = (self.claims(), BTreeSet::new());
        for (at, machines) in self.spoken() {
            let claimants = claims.get(&at).unwrap_or(&nobody);
            let claims = |machine: &usize| claimants.contains(machine);
            for record_type in ["A", "AAAA"] {
                let says: Vec<(usize, Vec<(u32, &str)>)> = machines
                    .iter()
                    .filter_map(|machine| Some((*machine, self.says(*machine).remove(record_type)?)))
                    .collect();
                let now: Vec<_> = says.iter().filter(|(machine, _)| claims(machine)).collect();
                let any_fresh = now.iter().any(|(_, beats)| beats[0].0 <= 15);
                let wanted: BTreeSet<&str> = now
                    .iter()
                    .map(|(_, beats)| beats[0])
                    .filter(|(minutes, _)| !any_fresh || *minutes <= 15)
                    .map(|(_, address)| address)
                    .filter(|address| !address.is_empty() && !address.starts_with("fd40"))
                    .collect();
                let readings = self.newest(at, record_type);
                let sets: Vec<_> = readings.iter().filter(|row| row.is_set()).collect();
                let held: BTreeSet<&str> = sets.iter().flat_map(|row| row.held(record_type)).collect();
                let right = !wanted.is_empty() && held == wanted;
                let is_named = self.named & (1 << at.1) != 0;
                let is_strayed = says.iter().filter(|(machine, _)| !claims(machine)).any(|(_, beats)| {
                    let address = beats[0].1;
                    !address.is_empty() && !address.starts_with("fd40") && !held.contains(address)
                });
                if !is_named && !is_strayed && (right || now.is_empty()) {
                    continue;
                }
                for (machine, beats) in says {
                    let refused = readings.iter().any(|row| row.refuses(machine, beats[0].1));
                    let claim = match claims(&machine) {
                        false => "before",
                        true if right && !is_named => "beside",
                        true => "",
                    };
                    let is_told = right || refused || (!sets.is_empty() && held.is_empty());
                    let quiet = is_told || !claim.is_empty();
                    let row = self.row(at, record_type, machine, claimants.len(), &beats, &held, quiet);
                    rows.push(with(row, claim));
                }
            }
        }
        rows.sort_by_key(ToString::to_string);
        rows
    }

    #[expect(clippy::too_many_arguments, reason = "each is a word of the row's sentence")]
    fn row(
        &self,
        at: Place,
        record_type: &str,
        machine: usize,
        claimants: usize,
        beats: &[(u32, &str)],
        held: &BTreeSet<&str>,
        quiet: bool,
    ) -> Value {
        let (newest, address) = beats[0];
        let other = beats.iter().filter(|beat| beat.1 != address).map(|beat| beat.0).min();
        let same = || beats.iter().filter(|beat| beat.1 == address).map(|beat| beat.0);
        let run: Vec<u32> = same()
            .filter(|minutes| other.is_none_or(|other| *minutes < other) || *minutes == newest)
            .collect();
        let returned = other.is_some_and(|other| same().any(|minutes| minutes > other));
        let seen = beats.iter().filter(|beat| held.contains(beat.1)).map(|beat| beat.0).min();
        let actionable = !address.is_empty()
            && !address.starts_with("fd40")
            && newest <= 15
            && self.swept(at.0).is_some()
            && !quiet;
        let float = |minutes: u32| f64::from(minutes);
        json!([
            lower_id(MACHINES[machine]).replace(&lower_id(""), "~"),
            address,
            held.iter().copied().collect::<Vec<_>>().join(","),
            NAMES[at.1],
            record_type,
            float(newest),
            if address.is_empty() { None } else { run.iter().max().copied().map(float) },
            if address.is_empty() { 0 } else { run.len() },
            claimants,
            zone(at.0),
            seen.map(float),
            returned,
            actionable,
        ])
    }

    /// The query as it is asked in this world.
    fn query(&self) -> String {
        let names: Vec<String> =
            bits(self.named, NAMES.len()).map(|name| format!("'{}'", NAMES[name])).collect();
        let named = format!("let Named = dynamic([{}]);", names.join(", "));
        let query = replaced(MISMATCH, "let Named = dynamic([]);", &named);
        installed(&query, chance::INSTALLATIONS[self.asks])
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn two_readings_of_the_specification_agree(chance in chance()) {
        let columns = [
            "_ResourceId", "ComputerIP", "DNSIP_s", "DNSHostName_s", "RecordType_s", "HeartbeatTime", "FirstBeat",
            "Beats", "Claimants", "ZoneId_s", "PresentLastSeen", "Returned", "Actionable",
            "Claim_s",
        ];
        let (world, query) = (chance.world(), chance.query());
        let expected = chance.rows();
        prop_assert_eq!(world.run(&query).pick(&columns), expected.clone());
        prop_assert_eq!(world.doubled().run(&query).pick(&columns), expected);
    }
}
