//! The mark in a record set's metadata that says whose it is.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;

use super::address::{join_addresses, parse_address};

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
    /// Version of the mark's form; [`Mark::VERSION`] is ours, an unreadable one counts as the highest.
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
}

impl Mark {
    /// The version that we write and understand.
    pub const VERSION: u32 = 1;

    /// Reads a mark, complete or not: any of the keys that say whose it is makes one.
    #[must_use]
    pub fn read(metadata: &BTreeMap<String, String>) -> Option<Self> {
        // Metadata keys keep their case on the way, but nothing promises it.
        let get = |wanted: &str| {
            metadata.get(wanted).or_else(|| {
                metadata.iter().find(|(key, _)| key.eq_ignore_ascii_case(wanted)).map(|(_, value)| value)
            })
        };
        let (version, owner, machine) = (get(KEY_VERSION), get(KEY_OWNER), get(KEY_MACHINE));
        if version.is_none() && owner.is_none() && machine.is_none() {
            return None;
        }
        let text = |value: Option<&String>| value.map(|value| value.trim().to_owned()).unwrap_or_default();
        Some(Self {
            version: version.map_or(Self::VERSION, |version| version.trim().parse().unwrap_or(u32::MAX)),
            owner: text(owner),
            machine: text(machine).to_lowercase(),
            run: text(get(KEY_RUN)),
            time: get(KEY_TIME).and_then(|time| time.trim().parse().ok()),
            previous: get(KEY_PREVIOUS)
                .map(|list| list.split(',').filter_map(parse_address).collect())
                .unwrap_or_default(),
        })
    }

    /// Puts the mark into metadata; what others keep there stays.
    pub fn write_into(&self, metadata: &mut BTreeMap<String, String>) {
        metadata.retain(|key, _| !ALL_KEYS.iter().any(|ours| key.eq_ignore_ascii_case(ours)));
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
    }
}

const KEY_VERSION: &str = "heartbeat_dns_v";
const KEY_OWNER: &str = "heartbeat_dns_owner";
const KEY_MACHINE: &str = "heartbeat_dns_machine";
const KEY_RUN: &str = "heartbeat_dns_run";
const KEY_TIME: &str = "heartbeat_dns_time";
const KEY_PREVIOUS: &str = "heartbeat_dns_previous";
const ALL_KEYS: [&str; 6] = [KEY_VERSION, KEY_OWNER, KEY_MACHINE, KEY_RUN, KEY_TIME, KEY_PREVIOUS];

#[cfg(test)]
mod tests {
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
    fn a_mark_that_cannot_be_read_is_still_somebodys() {
        let metadata = BTreeMap::from([("heartbeat_dns_v".to_owned(), "two".to_owned())]);
        let mark = Mark::read(&metadata).unwrap();
        assert_eq!((mark.version, mark.owner.as_str(), mark.time), (u32::MAX, "", None));
    }
}
