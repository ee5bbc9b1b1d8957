//! What the runs last said of each name: which are left alone and why, and which brakes hold what.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::surface::list;
use crate::timeline::{Event, Timeline};

/// A reason for many names is told once, with so many of them by name.
const NAMED: usize = 3;

/// Why a name is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Skip {
    /// The code.
    pub reason: String,
    /// The sentence.
    pub because: String,
}

/// The newest word on everything.
#[derive(Debug, Default)]
pub(crate) struct Board {
    known: Mutex<Known>,
}

/// What one report said.
#[derive(Debug, Default)]
pub(crate) struct Known {
    skips: BTreeMap<String, Skip>,
    brakes: BTreeMap<String, Value>,
}

impl Board {
    /// Takes a report over and tells what is new in it: names that are left alone, brakes.
    pub(crate) fn take(&self, report: &Value, timeline: &Timeline) {
        let before = self.keep(report);
        let mut fresh: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
        for (name, skip) in skips(report) {
            let is_news = before.skips.get(&name).is_none_or(|known| known.reason != skip.reason);
            // What a brake holds is told with the brake.
            if is_news && skip.reason != "braked" && skip.reason != "already-right" {
                fresh.entry((skip.reason, skip.because)).or_default().push(name);
            }
        }
        for ((reason, because), names) in fresh {
            let words = format!("{} left alone ({reason}): {because}", few(&names));
            let facts = json!({ "names": names, "reason": reason, "because": because });
            timeline.tell(Event::new("held", words, facts));
        }
        let brakes = brakes(report);
        for (_, brake) in brakes.iter().filter(|(key, _)| !before.brakes.contains_key(*key)) {
            timeline.tell(Event::new("brake", brake_words(brake), brake.clone()));
        }
        for (_, brake) in before.brakes.iter().filter(|(key, _)| !brakes.contains_key(*key)) {
            let words = format!("The brake `{}` is open again.", text(brake, "brake"));
            let facts = json!({ "brake": brake["brake"], "zone": brake["zone"] });
            timeline.tell(Event::new("brake-open", words, facts));
        }
    }

    /// Takes a report over without a word; returns what was known before.
    pub(crate) fn keep(&self, report: &Value) -> Known {
        let known = Known { skips: skips(report), brakes: brakes(report) };
        std::mem::replace(&mut *self.lock(), known)
    }

    /// Why a name is left alone, as far as the runs said.
    pub(crate) fn skip(&self, name: &str) -> Option<Skip> {
        self.lock().skips.get(name).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The names that a report leaves alone.
fn skips(report: &Value) -> BTreeMap<String, Skip> {
    let skip = |skip: &Value| {
        (text(skip, "name"), Skip { reason: text(skip, "reason"), because: text(skip, "because") })
    };
    list(&report["skips"]).iter().map(skip).collect()
}

/// The brakes of a report, by kind and zone.
fn brakes(report: &Value) -> BTreeMap<String, Value> {
    let brake = |brake: &Value| (format!("{} {}", text(brake, "brake"), text(brake, "zone")), brake.clone());
    list(&report["brakes"]).iter().map(brake).collect()
}

/// A brake in a sentence.
pub(crate) fn brake_words(brake: &Value) -> String {
    let names: Vec<String> =
        list(&brake["names"]).iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let opens = match brake["opens"].as_str() {
        Some("approve") => "it stays so until somebody allows the range".to_owned(),
        Some("fresh-data") => "it opens by itself when the data is fresh and whole".to_owned(),
        Some(time) => format!("it opens at {time}"),
        None => "it opens by itself".to_owned(),
    };
    let because = text(brake, "because");
    format!("The brake `{}` holds {}; {opens}. {because}", text(brake, "brake"), few(&names))
        .trim_end()
        .to_owned()
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
    use crate::cast::Form;

    #[test]
    fn what_is_new_is_told_once() {
        let timeline = Timeline::new(Form::Words);
        let board = Board::default();
        let report = json!({
            "skips": [
                { "name": "a", "reason": "not-owned", "because": "x" },
                { "name": "b", "reason": "braked", "because": "y" },
            ],
            "brakes": [{ "brake": "converging", "zone": "z", "limit": 3, "seen": 12, "names": ["b", "c", "d", "e"],
                         "opens": "approve", "because": "A proxy." }],
        });
        board.take(&report, &timeline);
        board.take(&report, &timeline);
        board.take(&json!({}), &timeline);
        let words: Vec<_> = timeline.newest().into_iter().rev().map(|event| event.words).collect();
        assert_eq!(
            words,
            [
                "a left alone (not-owned): x",
                "The brake `converging` holds b, c and 2 more; it stays so until somebody allows the range. A proxy.",
                "The brake `converging` is open again.",
            ]
        );
        assert_eq!(board.skip("b"), None);
    }
}
