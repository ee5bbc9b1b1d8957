//! What the runs last said of each name: which are left alone and why, and which brakes hold what.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::surface::list;
use super::timeline::{Event, Timeline};

/// A reason for many names is told once, with so many of them by name.
const NAMED: usize = 3;

/// Why a name is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Skip {
    /// The code.
    pub reason: String,
    /// The sentence.
    pub because: String,
}

/// The newest word on everything.
#[derive(Debug, Default)]
pub(super) struct Board {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    skips: BTreeMap<String, Skip>,
    brakes: BTreeMap<String, Value>,
}

impl Board {
    /// Takes a report over and tells what is new in it: changes, names that are left alone, brakes.
    pub(super) fn take(&self, report: &Value, timeline: &Timeline) {
        let mut fresh: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        let mut fresh_brakes = Vec::new();
        {
            let mut state = self.lock();
            let mut skips = BTreeMap::new();
            for skip in list(&report["skips"]) {
                let name = text(skip, "name");
                let skip = Skip { reason: text(skip, "reason"), because: text(skip, "because") };
                let is_news = state.skips.get(&name).is_none_or(|known| known.reason != skip.reason);
                // What a brake holds is told with the brake.
                if is_news && skip.reason != "braked" && skip.reason != "already-right" {
                    let key = (skip.reason.clone(), skip.because.clone());
                    fresh.entry(key).or_default().push(name.clone());
                }
                skips.insert(name, skip);
            }
            state.skips = skips;
            let mut brakes = BTreeMap::new();
            for brake in list(&report["brakes"]) {
                let key = format!("{} {}", text(brake, "brake"), text(brake, "zone"));
                if !state.brakes.contains_key(&key) {
                    fresh_brakes.push(brake.clone());
                }
                brakes.insert(key, brake.clone());
            }
            let opened: Vec<Value> = state
                .brakes
                .iter()
                .filter(|(key, _)| !brakes.contains_key(*key))
                .map(|(_, brake)| brake.clone())
                .collect();
            state.brakes = brakes;
            drop(state);
            for brake in opened {
                let words = format!("The brake `{}` is open again.", text(&brake, "brake"));
                timeline.tell(Event::new(
                    "brake-open",
                    words,
                    json!({ "brake": brake["brake"], "zone": brake["zone"] }),
                ));
            }
        }
        for ((reason, because), names) in fresh {
            let words = format!("{} left alone ({reason}): {because}", few(&names));
            let facts = json!({ "names": names, "reason": reason, "because": because });
            timeline.tell(Event::new("held", words, facts));
        }
        for brake in fresh_brakes {
            timeline.tell(Event::new("brake", brake_words(&brake), brake));
        }
    }

    /// Why a name is left alone, as far as the runs said.
    pub(super) fn skip(&self, name: &str) -> Option<Skip> {
        self.lock().skips.get(name).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A brake in a sentence.
pub(super) fn brake_words(brake: &Value) -> String {
    let names: Vec<String> =
        list(&brake["names"]).iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let seen = match (&brake["seen"], &brake["limit"]) {
        (Value::Null, _) | (_, Value::Null) => String::new(),
        (seen, limit) => format!(", {seen} where {limit} are allowed"),
    };
    let opens = match brake["opens"].as_str() {
        Some("approve") => "a person has to approve it".to_owned(),
        Some(time) => format!("it opens at {time}"),
        None => "it opens by itself".to_owned(),
    };
    format!("The brake `{}` holds {}{seen}; {opens}.", text(brake, "brake"), few(&names))
}

/// Names in a sentence: all when they are few.
fn few(names: &[String]) -> String {
    match names {
        [] => "everything that rests on this data".to_owned(),
        [one] => one.clone(),
        _ if names.len() <= NAMED => names.join(", "),
        _ => format!("{} and {} more", names[..NAMED - 1].join(", "), names.len() - (NAMED - 1)),
    }
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::Format;

    #[test]
    fn what_is_new_is_told_once() {
        let timeline = Timeline::new(Format::Text).unwrap();
        let board = Board::default();
        let report = json!({
            "skips": [
                { "name": "a", "reason": "not-owned", "because": "x" },
                { "name": "b", "reason": "braked", "because": "y" },
            ],
            "brakes": [{ "brake": "converging", "zone": "z", "limit": 3, "seen": 12, "names": ["b", "c", "d", "e"],
                         "opens": "approve" }],
        });
        board.take(&report, &timeline);
        board.take(&report, &timeline);
        board.take(&json!({}), &timeline);
        let words: Vec<_> = timeline.newest().into_iter().rev().map(|event| event.words).collect();
        assert_eq!(
            words,
            [
                "a left alone (not-owned): x",
                "The brake `converging` holds b, c and 2 more, 12 where 3 are allowed; a person has to approve it.",
                "The brake `converging` is open again.",
            ]
        );
        assert_eq!(board.skip("b"), None);
    }
}
