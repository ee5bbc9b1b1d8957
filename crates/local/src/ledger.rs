//! What became of each move of a recording: which change of DNS followed it, or who said why none did.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::recording::moves::Move;
use crate::surface::list;

/// Whoever stays no longer than this need not be followed: two heartbeats, an evaluation and a run take minutes.
const SEEN: SignedDuration = SignedDuration::from_mins(5);
/// And the machine on which all is played takes its time too: so much of the wall's.
const RUN: SignedDuration = SignedDuration::from_secs(3);

/// A name and a record type.
type Place = (String, String);

/// What was heard, in its order.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<BTreeMap<Place, Heard>>);

#[derive(Debug, Default)]
struct Heard {
    /// What the record set was changed to.
    changes: Vec<(Timestamp, BTreeSet<String>)>,
    /// Why it was left alone; one that is said again is noted once.
    reasons: Vec<(Timestamp, String)>,
}

/// What became of a move, for one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Became {
    /// The record set was changed so long after the first heartbeat.
    Followed(SignedDuration),
    /// It said so before.
    RightAlready,
    /// It was left alone for this reason.
    Explained(String),
    /// The machine moved on before anybody could follow; it had stayed so long.
    Overtaken(SignedDuration),
    /// It had stayed so long that it would have been followed on a clock that runs as the wall's; here that was too short.
    Unjudged(SignedDuration),
    /// Nothing happened, and nobody says why.
    Nothing,
}

impl Ledger {
    /// A ledger over the record sets as they are at the start.
    pub(crate) fn new(start: BTreeMap<(String, &'static str), Vec<String>>) -> Self {
        let heard = |(place, addresses): ((String, &str), Vec<String>)| {
            let changes = vec![(Timestamp::MIN, addresses.into_iter().collect())];
            ((place.0, place.1.to_owned()), Heard { changes, reasons: Vec::new() })
        };
        Self(Mutex::new(start.into_iter().map(heard).collect()))
    }

    /// Takes a row of the audit table: a change that landed, or a reason.
    pub(crate) fn take_row(&self, at: Timestamp, row: &Value) {
        let text = |member: &str| row[member].as_str().unwrap_or_default();
        let place = (text("name").to_owned(), text("record_type").to_owned());
        if ["confirmed", "unconfirmed"].contains(&text("outcome")) {
            let addresses = text("to").split(',').filter(|address| !address.is_empty()).map(str::to_owned);
            self.lock().entry(place).or_default().changes.push((at, addresses.collect()));
        } else if !text("reason").is_empty() {
            self.reason(at, place, text("reason"));
        }
    }

    /// Takes the reasons of a report.
    pub(crate) fn take_report(&self, at: Timestamp, report: &Value) {
        for skip in list(&report["skips"]) {
            let text = |member: &str| skip[member].as_str().unwrap_or_default().to_owned();
            if skip["reason"] != "already-right" {
                self.reason(at, (text("name"), text("record_type")), &text("reason"));
            }
        }
    }

    fn reason(&self, at: Timestamp, place: Place, reason: &str) {
        let mut heard = self.lock();
        let reasons = &mut heard.entry(place).or_default().reasons;
        if reasons.last().is_none_or(|(_, last)| last != reason) {
            reasons.push((at, reason.to_owned()));
        }
    }

    /// What became of each move, for each of its names; `speed` is that of the recording's clock.
    pub(crate) fn judge(&self, moves: &[Move], speed: u32) -> Vec<Vec<(String, Became)>> {
        let heard = self.lock();
        let nothing = Heard::default();
        // When each machine goes to the same place again: from the last move back.
        let mut again: BTreeMap<(&str, IpAddr), Timestamp> = BTreeMap::new();
        let mut judged: Vec<_> = moves
            .iter()
            .rev()
            .map(|moved| {
                let until = again.insert((&moved.machine, moved.to), moved.at).unwrap_or(Timestamp::MAX);
                let of_name = |name: &String| {
                    let place = (name.clone(), moved.kind.text().to_owned());
                    (name.clone(), heard.get(&place).unwrap_or(&nothing).became(moved, until, speed))
                };
                moved.names.iter().map(of_name).collect()
            })
            .collect();
        judged.reverse();
        judged
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Place, Heard>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Heard {
    /// A change after `until` is about a later move to the same place.
    fn became(&self, moved: &Move, until: Timestamp, speed: u32) -> Became {
        let address = moved.to.to_string();
        let before = self.changes.iter().rev().find(|(at, _)| *at <= moved.at);
        if before.is_some_and(|(_, addresses)| addresses.contains(&address)) {
            return Became::RightAlready;
        }
        let followed = self
            .changes
            .iter()
            .find(|(at, addresses)| *at > moved.at && *at <= until && addresses.contains(&address));
        if let Some((at, _)) = followed {
            return Became::Followed(at.duration_since(moved.at));
        }
        let since = before.map_or(Timestamp::MIN, |(at, _)| *at);
        let gone = moved
            .lasted
            .map_or(Timestamp::MAX, |lasted| moved.at.saturating_add(lasted).unwrap_or(Timestamp::MAX));
        let said = self.reasons.iter().rev().find(|(at, _)| *at > since && *at <= gone);
        match (said, moved.lasted) {
            (Some((_, reason)), _) => Became::Explained(reason.clone()),
            (None, Some(lasted)) if lasted <= patience(1) => Became::Overtaken(lasted),
            (None, Some(lasted)) if lasted <= patience(speed) => Became::Unjudged(lasted),
            (None, _) => Became::Nothing,
        }
    }
}

/// Whoever stays no longer than this, by a clock of that speed, may go on before anybody can follow.
fn patience(speed: u32) -> SignedDuration {
    SEEN.saturating_add(RUN.saturating_mul(i32::try_from(speed).unwrap_or(i32::MAX)))
}

/// How many moves could not be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unjudged {
    /// So many.
    pub moves: usize,
    /// The highest speed at which each of them can be.
    pub speed: u32,
}

impl Unjudged {
    /// Counts them; none: each was judged.
    pub(crate) fn of(judged: &[Vec<(String, Became)>]) -> Option<Self> {
        let stay = |names: &Vec<(String, Became)>| names.iter().find_map(|(_, became)| became.unjudged());
        let stays: Vec<SignedDuration> = judged.iter().filter_map(stay).collect();
        let shortest = stays.iter().min()?.as_secs() - SEEN.as_secs();
        // At this one patience would be as long as the stay, and a whole number lower it is shorter.
        let speed = (shortest / RUN.as_secs()).saturating_sub(1).max(1);
        Some(Self { moves: stays.len(), speed: u32::try_from(speed).unwrap_or(u32::MAX) })
    }

    /// In a sentence.
    pub(crate) fn words(self, speed: u32) -> String {
        let moves = if self.moves == 1 { "1 move".to_owned() } else { format!("{} moves", self.moves) };
        format!(
            "{moves} could not be judged: at --speed {speed} a machine went on before a run could follow it. At --speed {} \
             each can be.",
            self.speed
        )
    }
}

impl Became {
    /// Whether it is as it should be.
    pub(crate) fn is_good(&self) -> bool {
        !matches!(self, Self::Nothing | Self::Unjudged(_))
    }

    /// Whether something may still become of it.
    pub(crate) fn is_open(&self) -> bool {
        *self == Self::Nothing
    }

    fn unjudged(&self) -> Option<SignedDuration> {
        match self {
            Self::Unjudged(lasted) => Some(*lasted),
            _ => None,
        }
    }

    /// In words that fit behind a name.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Followed(after) => format!("followed after {}", span(*after)),
            Self::RightAlready => "was there already".to_owned(),
            Self::Explained(reason) => format!("not moved: {reason}"),
            Self::Overtaken(lasted) => format!("stayed: the machine moved on after {}", span(*lasted)),
            Self::Unjudged(lasted) => {
                format!("stayed: the machine moved on after {}, too soon at this speed", span(*lasted))
            }
            Self::Nothing => "did not follow, and nobody says why".to_owned(),
        }
    }

    /// For programs.
    pub(crate) fn facts(&self, name: &str) -> Value {
        let (became, seconds, reason) = match self {
            Self::Followed(after) => ("followed", Some(after.as_secs()), None),
            Self::RightAlready => ("right-already", None, None),
            Self::Explained(reason) => ("explained", None, Some(reason)),
            Self::Overtaken(lasted) => ("overtaken", Some(lasted.as_secs()), None),
            Self::Unjudged(lasted) => ("unjudged", Some(lasted.as_secs()), None),
            Self::Nothing => ("nothing", None, None),
        };
        json!({ "name": name, "became": became, "seconds": seconds, "reason": reason })
    }
}

fn span(time: SignedDuration) -> String {
    let seconds = time.as_secs();
    if seconds < 60 { format!("{seconds} s") } else { format!("{} min {:02} s", seconds / 60, seconds % 60) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packets::Kind;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    fn moved(minutes: i64, to: &str, lasted: Option<i64>) -> Move {
        Move {
            at: at(minutes),
            machine: "/nas".to_owned(),
            computer: "nas".to_owned(),
            kind: Kind::A,
            from: None,
            to: to.parse().unwrap(),
            lasted: lasted.map(SignedDuration::from_mins),
            names: vec!["nas.example.com".to_owned()],
        }
    }

    fn changed(to: &str) -> Value {
        json!({ "name": "nas.example.com", "record_type": "A", "outcome": "confirmed", "reason": "", "to": to })
    }

    #[test]
    fn each_move_has_its_own_end() {
        let start = [(("nas.example.com".to_owned(), "A"), vec!["192.0.2.1".to_owned()])].into();
        let ledger = Ledger::new(start);
        ledger.take_row(at(13), &changed("192.0.2.2"));
        ledger.take_report(
            at(52),
            &json!({ "skips": [{ "name": "nas.example.com", "record_type": "A", "reason": "flapping" }] }),
        );
        ledger.take_row(at(71), &changed("192.0.2.2,192.0.2.3"));
        let moves = [
            moved(0, "192.0.2.1", Some(10)),
            moved(10, "192.0.2.2", Some(20)),
            moved(30, "192.0.2.1", Some(2)),
            moved(32, "192.0.2.2", Some(18)),
            moved(50, "192.0.2.4", Some(10)),
            moved(60, "192.0.2.3", Some(100)),
            moved(160, "192.0.2.9", None),
        ];
        let judged: Vec<Became> =
            ledger.judge(&moves, 1).into_iter().map(|mut names| names.remove(0).1).collect();
        assert_eq!(
            judged,
            [
                Became::RightAlready,
                Became::Followed(SignedDuration::from_mins(3)),
                Became::Overtaken(SignedDuration::from_mins(2)),
                Became::RightAlready,
                Became::Explained("flapping".to_owned()),
                Became::Followed(SignedDuration::from_mins(11)),
                Became::Nothing,
            ]
        );
        assert!(judged.iter().rev().skip(1).all(Became::is_good) && !judged[6].is_good());
    }

    #[test]
    fn a_clock_too_fast_to_follow_is_no_excuse() {
        let ledger = Ledger::default();
        let moves = [
            moved(0, "192.0.2.1", Some(5)),
            moved(5, "192.0.2.2", Some(20)),
            moved(25, "192.0.2.3", Some(40)),
            moved(65, "192.0.2.4", None),
        ];
        let judged = |speed: u32| ledger.judge(&moves, speed);
        let became =
            |speed: u32| judged(speed).into_iter().map(|mut names| names.remove(0).1).collect::<Vec<_>>();
        let minutes = SignedDuration::from_mins;
        assert_eq!(
            became(7200),
            [
                Became::Overtaken(minutes(5)),
                Became::Unjudged(minutes(20)),
                Became::Unjudged(minutes(40)),
                Became::Nothing
            ]
        );
        assert!(!Became::Unjudged(minutes(20)).is_good() && !Became::Unjudged(minutes(20)).is_open());
        let unjudged = Unjudged::of(&judged(7200)).unwrap();
        assert_eq!(unjudged, Unjudged { moves: 2, speed: 299 });
        let words = unjudged.words(7200);
        assert!(
            words.contains("2 moves") && words.contains("--speed 7200") && words.contains("--speed 299"),
            "{words}"
        );
        // At the speed that is told everything is judged, and a little above it is not.
        assert_eq!(became(299)[1..], [Became::Nothing, Became::Nothing, Became::Nothing]);
        assert_eq!((Unjudged::of(&judged(299)), Unjudged::of(&judged(300)).unwrap().moves), (None, 1));
    }
}
