//! Worlds made by chance: few machines, names, zones and installations, so that they meet.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use crate::queries::world::{World, ZONE, before, lower_id};

pub(super) const MACHINES: [&str; 3] = ["m0", "m1", "m2"];
pub(super) const NAMES: [&str; 2] = ["a.example.com", "b.example.com"];
pub(super) const ADDRESSES: [&str; 6] =
    ["203.0.113.1", "203.0.113.2", "2001:db8::1", "2001:db8::2", "", "fd40:1085:12:6d79:7712:100:a00:4"];
/// The first is a release of before; asked by it, all rows count.
pub(super) const INSTALLATIONS: [&str; 3] = ["", "one", "two"];

/// A world, who asks in it, and for which names.
#[derive(Clone, Debug)]
pub(super) struct Chance {
    pub(super) tags: Vec<Tags>,
    pub(super) records: Vec<Reading>,
    /// Machine, minutes before now, address.
    pub(super) beats: Vec<(usize, u32, usize)>,
    pub(super) tag_markers: Vec<Marker>,
    pub(super) zone_markers: Vec<Marker>,
    /// The installation that asks.
    pub(super) asks: usize,
    /// The names that it asks for (bits).
    pub(super) named: usize,
}

/// What one sweep saw on one machine.
#[derive(Clone, Debug)]
pub(super) struct Tags {
    pub(super) machine: usize,
    /// Zones and names (bits).
    pub(super) places: usize,
    pub(super) minutes: u32,
    pub(super) installation: usize,
}

/// What one read found at one place.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) place: usize,
    /// Its addresses (bits).
    pub(super) addresses: usize,
    pub(super) minutes: u32,
    pub(super) installation: usize,
    /// Machine and address of a refusal, when it was one.
    pub(super) refused: Option<(usize, usize)>,
    /// Of a refusal without addresses: whether there was no set at all.
    pub(super) absent: bool,
}

/// A complete sweep of the tags, or of a zone.
#[derive(Clone, Debug)]
pub(super) struct Marker {
    pub(super) zone: usize,
    pub(super) minutes: u32,
    pub(super) installation: usize,
}

impl Reading {
    /// The addresses of that type.
    pub(super) fn held(&self, record_type: &str) -> BTreeSet<&'static str> {
        let addresses = bits(self.addresses, 4).map(|address| ADDRESSES[address]);
        addresses.filter(|address| family(address) == record_type).collect()
    }

    /// Whether there was a record set.
    pub(super) fn is_set(&self) -> bool {
        !(self.absent && self.addresses == 0 && self.refused.is_some())
    }

    /// Whether it tells that the machine was refused that address.
    pub(super) fn refuses(&self, machine: usize, address: &str) -> bool {
        self.refused.is_some_and(|(refused, text)| refused == machine && ADDRESSES[text] == address)
    }
}

pub(super) fn chance() -> impl Strategy<Value = Chance> {
    let minutes = || prop_oneof![1_u32..6, 10_u32..20, 55_u32..65];
    // Mostly one installation's rows, or every world would be two half worlds.
    let installation = || prop_oneof![1 => Just(0_usize), 6 => Just(1_usize), 1 => Just(2_usize)];
    let markers = |most: usize| {
        let marker = (0..2_usize, minutes(), installation());
        let marker = marker.prop_map(|(zone, minutes, installation)| Marker { zone, minutes, installation });
        proptest::collection::vec(marker, 0..most)
    };
    let tags = (0..3_usize, 0..16_usize, minutes(), installation())
        .prop_map(|(machine, places, minutes, installation)| Tags { machine, places, minutes, installation });
    let refused = proptest::option::weighted(0.3, (0..3_usize, 0..4_usize));
    let reading = (0..4_usize, 0..16_usize, minutes(), installation(), refused, any::<bool>()).prop_map(
        |(place, addresses, minutes, installation, refused, absent)| {
            // A refusal of what is not there is as frequent as one of what is.
            let addresses = if absent && refused.is_some() { 0 } else { addresses };
            Reading { place, addresses, minutes, installation, refused, absent }
        },
    );
    (
        proptest::collection::vec(tags, 0..6),
        proptest::collection::vec(reading, 0..8),
        proptest::collection::vec((0..3_usize, minutes(), 0..6_usize), 0..25),
        markers(3),
        markers(5),
        0..3_usize,
        prop_oneof![Just(0_usize), 0..4_usize],
    )
        .prop_map(|(tags, records, beats, tag_markers, zone_markers, asks, named)| Chance {
            tags,
            records,
            beats,
            tag_markers,
            zone_markers,
            asks,
            named,
        })
}

pub(super) fn bits(of: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..count).filter(move |bit| of & (1 << bit) != 0)
}

pub(super) fn family(address: &str) -> &'static str {
    if address.contains(':') { "AAAA" } else { "A" }
}

/// Zone and name of a place.
pub(super) fn place(place: usize) -> (usize, usize) {
    (place / 2, place % 2)
}

/// The two zones of both names.
pub(super) fn zone(zone: usize) -> String {
    if zone == 0 { ZONE.to_owned() } else { ZONE.replace("rg-dns", "rg-inside") }
}

impl Chance {
    pub(super) fn world(&self) -> World {
        let mut world = World::empty();
        for marker in &self.tag_markers {
            world = world.tag_marker(f64::from(marker.minutes)).signed(INSTALLATIONS[marker.installation]);
        }
        for marker in &self.zone_markers {
            world = world.zone_marker(f64::from(marker.minutes), &zone(marker.zone));
            world = world.signed(INSTALLATIONS[marker.installation]);
        }
        for tags in &self.tags {
            let row = |zone: &str| {
                json!({
                    "TimeGenerated": before(f64::from(tags.minutes)), "Types_s": "A,AAAA", "ZoneId_s": zone,
                    "Installation_s": INSTALLATIONS[tags.installation],
                })
            };
            for (zone_of, name) in bits(tags.places, 4).map(place) {
                world = world.tag_with(MACHINES[tags.machine], NAMES[name], row(&zone(zone_of)));
            }
            if tags.places == 0 {
                world = world.tag_with(MACHINES[tags.machine], "", row(""));
            }
        }
        for reading in &self.records {
            let held: Vec<&str> = bits(reading.addresses, 4).map(|address| ADDRESSES[address]).collect();
            let (zone_of, name) = place(reading.place);
            let mut row = json!({
                "TimeGenerated": before(f64::from(reading.minutes)), "ZoneId_s": zone(zone_of),
                "Installation_s": INSTALLATIONS[reading.installation],
            });
            if let Some((machine, address)) = reading.refused {
                let words = format!("code=not-owned,{}={}", lower_id(MACHINES[machine]), ADDRESSES[address]);
                row["Refused_s"] = json!(words);
            }
            if !reading.is_set() {
                row["RecordSetId_s"] = json!("");
                row["Etag_s"] = json!("");
            }
            world = world.record_with(NAMES[name], &held, row);
        }
        for (machine, minutes, address) in &self.beats {
            world = world.beat(MACHINES[*machine], f64::from(*minutes), ADDRESSES[*address]);
        }
        world
    }
}
