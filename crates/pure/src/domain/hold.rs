//! The hold in a record set's metadata: a person's word that no run may write the set, until when, why, and by whom.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::metadata;

/// A person's word that a record set stays as it is.
///
/// ```
/// use std::collections::BTreeMap;
/// use pure::domain::{Hold, Until};
///
/// let mut metadata = BTreeMap::from([("team".to_owned(), "edge".to_owned())]);
/// assert_eq!(Hold::read(&metadata), None);
/// metadata.insert("heartbeat_dns_hold".to_owned(), "forever".to_owned());
/// assert_eq!(Hold::read(&metadata).unwrap().until, Until::Forever);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// When it ends by itself.
    pub until: Until,
    /// Why, in the person's words; empty where nobody said.
    pub why: String,
    /// Who, as the person's token has it; empty where it was set by hand or the token does not say.
    pub by: String,
}

/// When a hold ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// At this time.
    Time(Timestamp),
    /// Only a person ends it.
    Forever,
    /// What stands there is no time: it stands until somebody corrects it, for whoever wrote it meant to hold the set.
    Unreadable,
}

impl Until {
    /// The word for no end.
    pub const FOREVER: &'static str = "forever";
    /// The time that the log is told of a hold without an end: the last day that every reader of times knows.
    pub const FAR: Timestamp = Timestamp::constant(253_402_128_000, 0);

    /// Reads the value of the label; none where it is empty, which is what a person leaves who takes a hold away.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        if text.eq_ignore_ascii_case(Self::FOREVER) {
            return Some(Self::Forever);
        }
        Some(text.parse().map_or(Self::Unreadable, Self::Time))
    }

    /// Finds it among pairs of key and value, without keeping any of them.
    pub fn find<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<Self> {
        let [until] = metadata::values(&[KEY_HOLD], pairs);
        Self::parse(until?)
    }

    /// Whether it lies ahead.
    #[must_use]
    pub fn stands(self, now: Timestamp) -> bool {
        self.time() > now
    }

    /// The time of its end, a far one for none.
    #[must_use]
    pub fn time(self) -> Timestamp {
        match self {
            Self::Time(time) => time,
            Self::Forever | Self::Unreadable => Self::FAR,
        }
    }
}

/// The value of the label.
impl std::fmt::Display for Until {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Time(time) => time.fmt(f),
            Self::Forever | Self::Unreadable => f.write_str(Self::FOREVER),
        }
    }
}

impl Serialize for Until {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Hold {
    /// Reads a hold, whoever wrote it and whether or not there is a mark.
    #[must_use]
    pub fn read(metadata: &BTreeMap<String, String>) -> Option<Self> {
        let pairs = metadata.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let [until, why, by] = metadata::values(&HOLD_KEYS, pairs).map(Option::unwrap_or_default);
        Some(Self { until: Until::parse(until)?, why: why.to_owned(), by: by.to_owned() })
    }

    /// Whether it holds at this time.
    #[must_use]
    pub fn stands(&self, now: Timestamp) -> bool {
        self.until.stands(now)
    }

    /// The labels that say it; what nobody said has none.
    pub(super) fn labels(&self) -> impl Iterator<Item = (String, String)> {
        let [until, why, by] = HOLD_KEYS;
        let labels = [(until, self.until.to_string()), (why, self.why.clone()), (by, self.by.clone())];
        let said = labels.into_iter().filter(|(_, value)| !value.is_empty());
        said.map(|(key, value)| (key.to_owned(), value))
    }
}

/// Whoever ran a verb, as a screen tells people apart: a program writes object id and name, and of these the name; where there
/// is none, the beginning of the id. What a person wrote by hand is told as it stands.
#[must_use]
pub fn who(by: &str) -> String {
    let by = by.trim();
    let (id, name) = by.split_once(' ').unwrap_or((by, ""));
    match (is_guid(id), name.trim()) {
        (true, name) if !name.is_empty() && !is_guid(name) => name.to_owned(),
        (true, _) => format!("{}…", &id[..8]),
        (false, _) => by.to_owned(),
    }
}

/// Whether a text is an id of the directory.
fn is_guid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    let is_hex = |group: &&str| group.chars().all(|letter| letter.is_ascii_hexdigit());
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12]) && groups.iter().all(is_hex)
}

const KEY_HOLD: &str = "heartbeat_dns_hold";
pub(super) const HOLD_KEYS: [&str; 3] = [KEY_HOLD, "heartbeat_dns_hold_why", "heartbeat_dns_hold_by"];

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn people_are_told_by_their_names_and_programs_by_the_beginning_of_their_ids() {
        let id = "1c2f0000-8a4e-4b7e-9a53-0d6c2f1b7e90";
        for (by, told) in [
            (format!("{id} admin@contoso.com"), "admin@contoso.com"),
            (format!("{id} The Operator"), "The Operator"),
            (format!("{id} {id}"), "1c2f0000…"),
            (id.to_owned(), "1c2f0000…"),
            ("the night shift".to_owned(), "the night shift"),
            ("1c2f0000-8a4e".to_owned(), "1c2f0000-8a4e"),
            (String::new(), ""),
        ] {
            assert_eq!(who(&by), told, "{by}");
        }
    }

    #[test]
    fn what_a_person_writes_holds_unless_it_is_a_time_that_is_over() {
        let now = time("2026-03-01T00:00:00Z");
        for (value, until, stands) in [
            ("2026-03-01T00:00:01Z", Some(Until::Time(time("2026-03-01T00:00:01Z"))), true),
            (" 2026-03-01T02:00:00+01:00 ", Some(Until::Time(time("2026-03-01T01:00:00Z"))), true),
            ("2026-03-01T00:00:00Z", Some(Until::Time(now)), false),
            ("forever", Some(Until::Forever), true),
            ("Forever", Some(Until::Forever), true),
            ("until the audit", Some(Until::Unreadable), true),
            ("2026-02-01", Some(Until::Unreadable), true),
            (" ", None, false),
        ] {
            let metadata = BTreeMap::from([("Heartbeat_DNS_Hold".to_owned(), value.to_owned())]);
            let hold = Hold::read(&metadata);
            assert_eq!(hold.as_ref().map(|hold| hold.until), until, "{value:?}");
            assert_eq!(hold.is_some_and(|hold| hold.stands(now)), stands, "{value:?}");
        }
    }

    #[test]
    fn the_log_is_told_a_far_time_of_a_hold_without_end() {
        let found = |value| Until::find([("team", "edge"), ("heartbeat_dns_hold", value)]).unwrap().time();
        assert_eq!(found("forever").to_string(), "9999-12-30T00:00:00Z");
        assert_eq!(found("no time").to_string(), "9999-12-30T00:00:00Z");
        assert_eq!(found("2026-03-01T00:00:00Z"), time("2026-03-01T00:00:00Z"));
        assert_eq!(Until::find([("heartbeat_dns_hold_why", "forever")]), None);
    }
}
