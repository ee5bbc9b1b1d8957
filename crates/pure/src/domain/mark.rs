//! The mark in a record set's metadata that says whose it is.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;

use super::address::{join_addresses, parse_address};
use super::hold::{HOLD_KEYS, Hold};
use super::metadata;
use super::resource_id::ResourceId;

/// Who keeps a record set, written into its metadata by the same request as its addresses.
///
/// ```
/// use std::collections::BTreeMap;
/// use pure::domain::Mark;
///
/// let mut metadata = BTreeMap::from([("team".to_owned(), "edge".to_owned())]);
/// assert_eq!(Mark::read(&metadata), None);
/// metadata.insert("heartbeat_dns_owner".to_owned(), "dcr-1".to_owned());
/// assert_eq!(Mark::read(&metadata).unwrap().owner, "dcr-1");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Version of the mark's form; [`Mark::VERSION`] and [`Mark::HELD`] are ours, an unreadable one counts as the highest.
    pub version: u32,
    /// The installation that keeps the set (`OWNER_ID`); empty when the mark does not say.
    pub owner: String,
    /// The machine that the set follows, lower case; empty when the mark does not say.
    pub machine: String,
    /// The run that wrote last.
    pub run: String,
    /// When it wrote; none when unreadable.
    pub time: Option<Timestamp>,
    /// The addresses before that write; whatever is no address is left out.
    pub previous: BTreeSet<IpAddr>,
    /// What keeps every run from writing the set, while it stands.
    pub hold: Option<Hold>,
    /// The run that wrote what the last write undid; empty for a write that undid nothing.
    pub undoes: String,
}

impl Mark {
    /// The version of a mark without a hold.
    pub const VERSION: u32 = 1;
    /// The version of a mark that our program wrote with a hold: releases that know nothing of holds leave such a set alone.
    pub const HELD: u32 = 2;

    /// What stands in the place of an installation where a person has released the set: nobody's, until somebody adopts it.
    pub const RELEASED: &str = "released";

    /// Reads a mark, complete or not: any of the keys that say whose it is makes one.
    #[must_use]
    pub fn read(metadata: &BTreeMap<String, String>) -> Option<Self> {
        let mark = WrittenMark::read(metadata.iter().map(|(key, value)| (key.as_str(), value.as_str())))?;
        Some(Self {
            version: mark.version.map_or(Self::VERSION, |version| version.parse().unwrap_or(UNREADABLE)),
            owner: mark.owner.to_owned(),
            machine: mark.machine.to_lowercase(),
            run: mark.run.to_owned(),
            time: mark.time(),
            previous: mark.previous.split(',').filter_map(parse_address).collect(),
            hold: Hold::read(metadata),
            undoes: mark.undoes.to_owned(),
        })
    }

    /// Whether a newer release wrote it, in a form that is not ours to read.
    #[must_use]
    pub fn is_newer(&self) -> bool {
        self.version > Self::HELD && self.version != UNREADABLE
    }

    /// Whether it says all that is needed to follow it: a version, an installation, and a machine whose tag and heartbeats
    /// can be asked for.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.version != UNREADABLE && !self.owner.is_empty() && ResourceId::parse(&self.machine).is_ok()
    }

    /// Whether it says what stood there before the last write, so that all of it was read; that it was nothing counts as well.
    #[must_use]
    pub fn tells_previous(metadata: &BTreeMap<String, String>) -> bool {
        let [previous] = metadata::values(
            &[KEY_PREVIOUS],
            metadata.iter().map(|(key, value)| (key.as_str(), value.as_str())),
        );
        previous.is_some_and(|text| {
            text.trim().is_empty() || text.split(',').all(|address| parse_address(address).is_some())
        })
    }

    /// Whether a person has released the set.
    #[must_use]
    pub fn is_released(&self) -> bool {
        self.owner == Self::RELEASED
    }

    /// Whether the last write held the set and left its addresses as they were.
    #[must_use]
    pub fn is_hold(&self) -> bool {
        self.version == Self::HELD && self.hold.is_some() && self.undoes.is_empty()
    }

    /// Whether the last write undid another, and holds the set for that.
    #[must_use]
    pub fn is_rollback(&self) -> bool {
        self.version == Self::HELD && self.hold.is_some() && !self.undoes.is_empty()
    }

    /// Takes a mark out of metadata; what others keep there stays.
    pub fn remove_from(metadata: &mut BTreeMap<String, String>) {
        let ours = || ALL_KEYS.iter().chain(&HOLD_KEYS);
        metadata.retain(|key, _| !ours().any(|ours| key.eq_ignore_ascii_case(ours)));
    }

    /// Puts the mark into metadata; what others keep there stays.
    pub fn write_into(&self, metadata: &mut BTreeMap<String, String>) {
        Self::remove_from(metadata);
        let time = self.time.map(|time| time.to_string()).unwrap_or_default();
        let pairs = [
            (KEY_VERSION, self.version.to_string()),
            (KEY_OWNER, self.owner.clone()),
            (KEY_MACHINE, self.machine.to_lowercase()),
            (KEY_RUN, self.run.clone()),
            (KEY_TIME, time),
            (KEY_PREVIOUS, join_addresses(&self.previous)),
        ];
        metadata.extend(pairs.map(|(key, value)| (key.to_owned(), value)));
        metadata.extend(self.hold.iter().flat_map(Hold::labels));
        if !self.undoes.is_empty() {
            metadata.insert(KEY_UNDOES.to_owned(), self.undoes.clone());
        }
    }
}

/// A mark as its texts stand in metadata: what a sweep of many sets reads of it, without keeping any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenMark<'a> {
    version: Option<&'a str>,
    /// The installation that keeps the set, empty when the mark does not say.
    pub owner: &'a str,
    /// The machine that the set follows, in any case; empty when the mark does not say.
    pub machine: &'a str,
    /// The run that wrote last.
    pub run: &'a str,
    time: &'a str,
    previous: &'a str,
    undoes: &'a str,
}

impl<'a> WrittenMark<'a> {
    /// Finds a mark among pairs of key and value; any of the keys that say whose it is makes one.
    pub fn read(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Self> {
        let [version, owner, machine, run, time, previous, undoes] = metadata::values(&ALL_KEYS, pairs);
        if version.is_none() && owner.is_none() && machine.is_none() {
            return None;
        }
        let text = |found: Option<&'a str>| found.unwrap_or_default();
        Some(Self {
            version,
            owner: text(owner),
            machine: text(machine),
            run: text(run),
            time: text(time),
            previous: text(previous),
            undoes: text(undoes),
        })
    }

    /// When it was written; none when unreadable.
    #[must_use]
    pub fn time(&self) -> Option<Timestamp> {
        self.time.parse().ok()
    }
}

/// The version of a mark whose version is no number, or none that we can hold.
const UNREADABLE: u32 = u32::MAX;

const KEY_VERSION: &str = "heartbeat_dns_v";
const KEY_OWNER: &str = "heartbeat_dns_owner";
const KEY_MACHINE: &str = "heartbeat_dns_machine";
const KEY_RUN: &str = "heartbeat_dns_run";
const KEY_TIME: &str = "heartbeat_dns_time";
const KEY_PREVIOUS: &str = "heartbeat_dns_previous";
const KEY_UNDOES: &str = "heartbeat_dns_undoes";
const ALL_KEYS: [&str; 7] =
    [KEY_VERSION, KEY_OWNER, KEY_MACHINE, KEY_RUN, KEY_TIME, KEY_PREVIOUS, KEY_UNDOES];

#[cfg(test)]
mod tests {
    use super::super::hold::Until;
    use super::*;

    #[test]
    fn a_mark_survives_the_way_through_metadata() {
        let mark = Mark {
            version: Mark::VERSION,
            owner: "dcr-1".to_owned(),
            machine: "/subscriptions/s/…/nas".to_owned(),
            run: "run-1".to_owned(),
            time: Some("2026-03-01T02:03:04Z".parse().unwrap()),
            previous: ["198.51.100.7", "198.51.100.10"].map(|text| text.parse().unwrap()).into(),
            hold: None,
            undoes: String::new(),
        };
        let mut metadata = BTreeMap::from([
            ("team".to_owned(), "edge".to_owned()),
            ("Heartbeat_DNS_Run".to_owned(), "old".to_owned()),
        ]);
        mark.write_into(&mut metadata);
        assert_eq!(Mark::read(&metadata), Some(mark));
        assert_eq!(metadata.len(), 7);
        assert_eq!(metadata["heartbeat_dns_previous"], "198.51.100.10,198.51.100.7");
        assert_eq!(metadata["heartbeat_dns_time"], "2026-03-01T02:03:04Z");
    }

    #[test]
    fn a_hold_travels_with_the_mark_and_leaves_no_label_behind() {
        let until = Until::Time("2026-03-01T02:03:04Z".parse().unwrap());
        let hold = Hold { until, why: "audit".to_owned(), by: String::new() };
        let pairs = [(KEY_OWNER, "us"), ("Heartbeat_DNS_Hold_By", "old")];
        let mut metadata: BTreeMap<_, _> =
            pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
        let free = Mark::read(&metadata).unwrap();
        let held = Mark { version: Mark::HELD, hold: Some(hold), ..free.clone() };
        held.write_into(&mut metadata);
        assert_eq!(Mark::read(&metadata), Some(held));
        assert_eq!(metadata["heartbeat_dns_v"], "2");
        assert_eq!(metadata["heartbeat_dns_hold"], "2026-03-01T02:03:04Z");
        assert_eq!(metadata["heartbeat_dns_hold_why"], "audit");
        assert_eq!(metadata.len(), ALL_KEYS.len() - 1 + 2, "{metadata:?}");
        free.write_into(&mut metadata);
        assert_eq!(metadata.len(), ALL_KEYS.len() - 1, "{metadata:?}");
    }

    #[test]
    fn the_exact_spelling_of_a_key_wins() {
        for pairs in [
            [("Heartbeat_DNS_Owner", "other"), ("heartbeat_dns_owner", "us")],
            [("heartbeat_dns_owner", "us"), ("HEARTBEAT_DNS_OWNER", "other")],
            [("heartbeat_DNS_owner", " us "), ("heartbeat_dns_OWNER", "other")],
        ] {
            assert_eq!(WrittenMark::read(pairs).unwrap().owner, "us", "{pairs:?}");
        }
        assert_eq!(WrittenMark::read([("heartbeat_dns_run", "r"), ("team", "x")]), None);
    }

    #[test]
    fn a_mark_that_cannot_be_read_is_still_somebodys() {
        let metadata = BTreeMap::from([("heartbeat_dns_v".to_owned(), "two".to_owned())]);
        let mark = Mark::read(&metadata).unwrap();
        assert_eq!((mark.version, mark.owner.as_str(), mark.time), (u32::MAX, "", None));
        assert!(!mark.is_newer() && !mark.is_whole());
    }

    #[test]
    fn a_mark_is_whole_when_it_can_be_followed() {
        let nas = "/subscriptions/s/resourceGroups/g/providers/Microsoft.HybridCompute/machines/nas";
        let read = |version: &str, owner: &str, machine: &str| {
            let pairs = [(KEY_VERSION, version), (KEY_OWNER, owner), (KEY_MACHINE, machine)];
            let metadata = pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
            let mark = Mark::read(&metadata).unwrap();
            (mark.is_whole(), mark.is_newer())
        };
        assert_eq!(read("1", "us", nas), (true, false));
        assert_eq!(read("2", "us", nas), (true, false));
        assert_eq!(read("3", "us", nas), (true, true));
        for (version, owner, machine) in
            [("", "us", nas), ("4294967296", "us", nas), ("1", "", nas), ("1", "us", ""), ("1", "us", "nas")]
        {
            assert_eq!(read(version, owner, machine), (false, false), "{version} {owner} {machine}");
        }
    }
}
