//! What this process swept itself. A marker is a row like every other: whoever may send rows may send one, again and again, and
//! nothing would ever be swept. So a part counts as swept for no longer than since this process has swept it, or has begun.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use pure::domain::ZoneId;
use pure::plan::{History, ZoneHistory};

/// The name of the part that is no zone.
const TAGS: &str = "tags";

/// When this process swept each part.
#[derive(Debug, Default)]
pub(crate) struct OwnSweeps(Mutex<KnownSweeps>);

#[derive(Debug, Default)]
struct KnownSweeps {
    /// When it first asked; none: it never did.
    since: Option<Timestamp>,
    /// By part: the newest marker of its own.
    parts: BTreeMap<String, Timestamp>,
}

impl OwnSweeps {
    /// Takes in that a part was swept.
    pub(crate) fn learn(&self, part: &str, marker: Timestamp) {
        let mut recalled = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recalled.parts.insert(part.to_owned(), marker);
    }

    /// What of the markers of a history is believed when it is asked what is due: none is newer than the own sweep of its part,
    /// or than this process. One of the tags that has left next to nothing is not believed by a process that has swept none.
    pub(crate) fn believed(&self, history: &History, now: Timestamp) -> History {
        let mut recalled = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = *recalled.since.get_or_insert(now);
        let own = |part: &str| recalled.parts.get(part).copied();
        let begun = if history.said.is_hollow() { Timestamp::UNIX_EPOCH } else { since };
        let zone = |(id, zone): (&ZoneId, &ZoneHistory)| {
            let own = own(id.as_str()).unwrap_or(since);
            (id.clone(), ZoneHistory { marker: zone.marker.map(|marker| marker.min(own)), ..zone.clone() })
        };
        History {
            tags_marker: history.tags_marker.map(|marker| marker.min(own(TAGS).unwrap_or(begun))),
            zones: history.zones.iter().map(zone).collect(),
            claimants: history.claimants.clone(),
            ..History::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn at(minute: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(100_000 + minute)
    }

    fn zone() -> ZoneId {
        let id = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/dnsZones/example.com";
        ZoneId::parse(id).unwrap()
    }

    fn history(tags: i64, of_zone: i64) -> History {
        let of_zone = ZoneHistory { marker: Some(at(of_zone)), a_sets: 3, ..ZoneHistory::default() };
        History { tags_marker: Some(at(tags)), zones: [(zone(), of_zone)].into(), ..History::default() }
    }

    fn markers(history: &History) -> [Option<Timestamp>; 2] {
        [history.tags_marker, history.zones[&zone()].marker]
    }

    #[test]
    fn markers_put_the_next_sweep_off_no_longer_than_own_ones_do() {
        let own = OwnSweeps::default();
        assert_eq!(markers(&own.believed(&history(-20, -10), at(0))), [at(-20), at(-10)].map(Some));
        // Whatever comes later, it has not swept since it began.
        assert_eq!(markers(&own.believed(&history(25, 29), at(30))), [at(0), at(0)].map(Some));
        own.learn("tags", at(30));
        assert_eq!(markers(&own.believed(&history(59, 59), at(60))), [at(30), at(0)].map(Some));
        own.learn(zone().as_str(), at(40));
        assert_eq!(markers(&own.believed(&history(59, 59), at(60))), [at(30), at(40)].map(Some));
        // What the log does not have yet is not made up.
        assert_eq!(markers(&own.believed(&history(10, 10), at(60))), [at(10), at(10)].map(Some));
        assert_eq!(own.believed(&History::default(), at(60)).tags_marker, None);
    }

    #[test]
    fn a_hollow_marker_keeps_no_new_process_from_sweeping_and_does_so_once() {
        let own = OwnSweeps::default();
        for (claimed, swept, is_hollow) in
            [(0, 0, false), (1, 0, true), (1, 1, false), (4, 2, false), (4, 1, true), (20, 0, true)]
        {
            let mut history = history(-1, -1);
            (history.said.claimed, history.said.swept) = (claimed, swept);
            let believed = own.believed(&history, at(0));
            let marker = if is_hollow { Timestamp::UNIX_EPOCH } else { at(-1) };
            assert_eq!(markers(&believed), [marker, at(-1)].map(Some), "{swept} of {claimed}");
        }
        own.learn("tags", at(0));
        let mut history = history(0, 0);
        history.said.claimed = 4;
        assert_eq!(markers(&own.believed(&history, at(5))), [at(0), at(0)].map(Some));
    }
}
