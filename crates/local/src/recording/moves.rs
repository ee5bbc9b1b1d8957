//! The moves in a recording: who went where when. A row from another address than the one before it is a move.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Recording;
use crate::packets::Kind;
use crate::visible;

/// One machine, one family of addresses, one move.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Move {
    /// The first row from there.
    pub at: Timestamp,
    /// The machine's id in lower case.
    pub machine: String,
    /// What the machine calls itself.
    pub computer: String,
    /// The record type of its addresses.
    pub kind: Kind,
    /// Where it was; none: nobody had heard it from such an address.
    pub from: Option<IpAddr>,
    /// Where it is.
    pub to: IpAddr,
    /// How long it stayed; none: to the end.
    pub lasted: Option<SignedDuration>,
    /// The names that it claims.
    pub names: Vec<String>,
}

impl Move {
    /// The move in a sentence, without its time.
    pub(crate) fn words(&self) -> String {
        let computer = visible::line(&self.computer);
        match self.from {
            Some(from) => format!("{computer} moves: it beats from {} now, no longer from {from}.", self.to),
            None => format!("{computer} is heard from {} for the first time.", self.to),
        }
    }

    /// The move for programs.
    pub(crate) fn facts(&self) -> Value {
        json!({
            "moved_at": self.at.to_string(), "computer": self.computer, "record_type": self.kind.text(),
            "from": self.from, "to": self.to, "names": self.names,
        })
    }
}

/// All moves of the rows that are played, in their order.
pub(crate) fn of(recording: &Recording) -> Vec<Move> {
    let mut places: BTreeMap<(&str, Kind), (IpAddr, Option<usize>)> = BTreeMap::new();
    let mut moves: Vec<Move> = Vec::new();
    for (at, row) in recording.rows.iter() {
        // What a management server passes on comes from the server.
        let (Some(to), Some(machine), false) =
            (row.address, recording.machines.get(&*row.machine), row.is_through_server)
        else {
            continue;
        };
        let place = (&*row.machine, Kind::of(to));
        let before = places.get(&place).copied();
        if before.is_some_and(|(from, _)| from == to) {
            continue;
        }
        if let Some(left) = before.and_then(|(_, number)| moves.get_mut(number?)) {
            left.lasted = Some(at.duration_since(left.at));
        }
        let is_played = at >= recording.from;
        places.insert(place, (to, is_played.then_some(moves.len())));
        if is_played {
            let (computer, names) = (machine.computer.clone(), machine.names.clone());
            let from = before.map(|(from, _)| from);
            let id = place.0.to_owned();
            moves.push(Move { at, machine: id, computer, kind: place.1, from, to, lasted: None, names });
        }
    }
    moves
}
