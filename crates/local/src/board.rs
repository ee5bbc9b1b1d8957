//! What the runs last said of each name: which are left alone and why, and which brakes hold what.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::surface::list;
use crate::timeline::{Event, Timeline};
use crate::visible;

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
    brakes: Vec<Value>,
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
        let (new, gone) = compared(&before.brakes, list(&report["brakes"]));
        for brake in new {
            timeline.tell(Event::new("brake", brake_words(brake), brake.clone()));
        }
        for brake in gone {
            let words = format!("The brake `{}` is open again.", text(brake, "brake"));
            let facts = json!({ "brake": brake["brake"], "zone": brake["zone"] });
            timeline.tell(Event::new("brake-open", words, facts));
        }
    }

    /// Takes a report over without a word; returns what was known before.
    pub(crate) fn keep(&self, report: &Value) -> Known {
        let known = Known { skips: skips(report), brakes: list(&report["brakes"]).to_vec() };
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

/// The brakes that are new, and those that are gone. Several of one kind may hold names of one zone: they are told apart by
/// the names, of which some stay as long as the brake does.
fn compared<'a>(before: &'a [Value], now: &'a [Value]) -> (Vec<&'a Value>, Vec<&'a Value>) {
    let is_same = |a: &Value, b: &Value| {
        let (ours, theirs) = (list(&a["names"]), list(&b["names"]));
        let share = ours.iter().any(|name| theirs.contains(name));
        (&a["brake"], &a["zone"]) == (&b["brake"], &b["zone"])
            && (share || ours.is_empty() || theirs.is_empty())
    };
    let mut gone: Vec<&Value> = before.iter().collect();
    let is_new = |brake: &&Value| match gone.iter().position(|known| is_same(known, brake)) {
        Some(at) => {
            gone.remove(at);
            false
        }
        None => true,
    };
    let new = now.iter().filter(is_new).collect();
    (new, gone)
}

/// A brake in a sentence.
pub(crate) fn brake_words(brake: &Value) -> String {
    let names: Vec<String> =
        list(&brake["names"]).iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let opens = match brake["opens"].as_str() {
        Some("approve") => "it stays so until somebody allows the range".to_owned(),
        Some("fresh-data") => "it opens by itself when the data is fresh and whole".to_owned(),
        Some("next-run") => {
            "it opens by itself when the next run can prove what this one could not".to_owned()
        }
        Some(time) => format!("it opens at {time}"),
        None => "it opens by itself".to_owned(),
    };
    let because = text(brake, "because");
    format!("The brake `{}` holds {}; {opens}. {because}", text(brake, "brake"), few(&names))
        .trim_end()
        .to_owned()
}

/// Names in a sentence: all when they are few. Each is a line at most, for a tag may hold anything.
fn few(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| visible::line(name)).collect();
    match names.as_slice() {
        [] => "everything that rests on this data".to_owned(),
        [one] => one.clone(),
        names if names.len() <= NAMED => names.join(", "),
        names => format!("{} and {} more", names[..NAMED - 1].join(", "), names.len() - (NAMED - 1)),
    }
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cast::Form;
    use standin::Clock;

    #[test]
    fn what_is_new_is_told_once() {
        let timeline = Timeline::new(Form::Words, Clock::default());
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
        let words: Vec<_> = timeline.newest().into_iter().rev().map(|told| told.event.words).collect();
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
    #[test]
    fn a_second_brake_of_one_kind_in_one_zone_is_told_as_well() {
        let timeline = Timeline::new(Form::Words, Clock::default());
        let board = Board::default();
        let brake = |names: &[&str], because: &str| json!({ "brake": "converging", "zone": "z", "names": names, "opens": "approve", "because": because });
        let (one, two) = (brake(&["a", "b"], "One."), brake(&["c"], "Two."));
        board.take(&json!({ "brakes": [one] }), &timeline);
        board.take(&json!({ "brakes": [one, two] }), &timeline);
        board.take(&json!({ "brakes": [two, brake(&["b"], "One.")] }), &timeline);
        board.take(&json!({ "brakes": [two] }), &timeline);
        let words: Vec<_> = timeline.newest().into_iter().rev().map(|told| told.event.words).collect();
        let tail = "it stays so until somebody allows the range.";
        assert_eq!(
            words,
            [
                format!("The brake `converging` holds a, b; {tail} One."),
                format!("The brake `converging` holds c; {tail} Two."),
                "The brake `converging` is open again.".to_owned(),
            ]
        );
    }

    #[test]
    fn what_opens_a_brake_is_told_in_words() {
        let opens = |opens: &str| brake_words(&json!({ "brake": "surge", "names": ["a"], "opens": opens }));
        assert_eq!(
            opens("next-run"),
            "The brake `surge` holds a; it opens by itself when the next run can prove what this one could not."
        );
        assert!(opens("2026-03-01T02:00:00Z").ends_with("it opens at 2026-03-01T02:00:00Z."));
    }
}
