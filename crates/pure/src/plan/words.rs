//! Small pieces of sentences: durations, lists and quotations that cannot break out of their line.

use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use crate::domain::{ResourceId, ZoneKind};

/// The entry of a policy that lists a name literally for zones of this kind.
pub(super) fn entry(kind: ZoneKind, name: &str) -> String {
    let escape = if name.starts_with('*') { "\\" } else { "" };
    match kind {
        ZoneKind::Public => format!("{escape}{name}"),
        ZoneKind::Private => format!("private:{escape}{name}"),
    }
}

/// A foreign text, quoted, escaped and cut to a length that fits a line.
pub(super) fn quote(text: &str) -> String {
    const LONGEST: usize = 80;
    let cut: String = text.chars().take(LONGEST).collect();
    let dots = if cut.len() < text.len() { "…" } else { "" };
    format!("\"{}{dots}\"", cut.escape_debug())
}

/// A span in its largest unit, rounded down: `40 s`, `16 min`, `25 h`, `3 d`.
#[must_use]
pub fn span(duration: SignedDuration) -> String {
    let (unit, name) = unit(duration);
    format!("{} {name}", duration.as_secs().max(0) / unit)
}

/// The largest unit in which a span is told, in seconds.
fn unit(duration: SignedDuration) -> (i64, &'static str) {
    match duration.as_secs() {
        ..=119 => (1, "s"),
        120..=7199 => (60, "min"),
        7200..=172_799 => (3600, "h"),
        _ => (86_400, "d"),
    }
}

/// The span without what its largest unit leaves over.
fn rounded(duration: SignedDuration) -> SignedDuration {
    let (unit, _) = unit(duration);
    SignedDuration::from_secs(duration.as_secs().max(0) / unit * unit)
}

/// A span that somebody has set: nothing of it is left out, down to the millisecond.
pub(super) fn whole(duration: SignedDuration) -> String {
    if rounded(duration) == duration { span(duration) } else { parts(duration) }
}

/// A measured span beside the limit that it is held against: it is told whole where it would read as if it were on the other
/// side of it.
pub(super) fn span_beside(duration: SignedDuration, limit: SignedDuration) -> String {
    if duration == limit {
        return whole(duration);
    }
    let is_askew = rounded(duration) <= limit && limit < duration;
    if is_askew { parts(duration) } else { span(duration) }
}

fn parts(duration: SignedDuration) -> String {
    let millis = u64::try_from(duration.as_millis()).unwrap_or_default();
    let parts = [
        (millis / 86_400_000, "d"),
        (millis / 3_600_000 % 24, "h"),
        (millis / 60_000 % 60, "min"),
        (millis / 1000 % 60, "s"),
        (millis % 1000, "ms"),
    ];
    if millis == 0 {
        return span(duration);
    }
    let told = parts.iter().filter(|(count, _)| *count > 0).map(|(count, unit)| format!("{count} {unit}"));
    told.collect::<Vec<_>>().join(" ")
}

/// Addresses as text, sorted as text: the form of logs, digests and sentences.
pub(super) fn addresses<'a>(addresses: impl IntoIterator<Item = &'a IpAddr>) -> Vec<String> {
    let mut texts: Vec<String> = addresses.into_iter().map(ToString::to_string).collect();
    texts.sort();
    texts
}

/// Addresses in a sentence.
pub(super) fn address_list(set: &BTreeSet<IpAddr>) -> String {
    if set.is_empty() { "no address".to_owned() } else { list(&addresses(set)) }
}

/// The most items that a list shows.
const MOST: usize = 8;

/// `a`, `a and b`, `a, b and c`; past eight the rest is counted.
pub(crate) fn list<T: AsRef<str>>(items: &[T]) -> String {
    let shown: Vec<&str> = items.iter().take(MOST).map(AsRef::as_ref).collect();
    joined(&shown, items.len() - shown.len())
}

/// What a list shows of many items, kept without the items that it only counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortlist {
    first: Vec<String>,
    hidden: usize,
}

impl Shortlist {
    /// The list of these.
    pub(super) fn of<T: ToString>(items: impl IntoIterator<Item = T>) -> Self {
        let mut items = items.into_iter();
        let first = items.by_ref().take(MOST).map(|item| item.to_string()).collect();
        Self { first, hidden: items.count() }
    }
}

impl fmt::Display for Shortlist {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: Vec<&str> = self.first.iter().map(String::as_str).collect();
        f.write_str(&joined(&shown, self.hidden))
    }
}

fn joined(shown: &[&str], hidden: usize) -> String {
    match (shown.split_last(), hidden) {
        (None, _) => "none".to_owned(),
        (Some((last, [])), 0) => (*last).to_owned(),
        (Some((last, rest)), 0) => format!("{} and {last}", rest.join(", ")),
        (Some(_), hidden) => format!("{} and {hidden} more", shown.join(", ")),
    }
}

/// A moment in a sentence, to the minute: `2026-11-27 16:00 UTC`.
pub(super) fn moment(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// A run in a sentence: the beginning of what calls itself its id.
pub(super) fn run(id: &str) -> String {
    quote(&id.chars().take(8).collect::<String>())
}

/// Whether a text can be the id of a run, and be copied into a command.
pub(super) fn is_run(id: &str) -> bool {
    const LONGEST: usize = 36;
    !id.is_empty()
        && id.len() <= LONGEST
        && id.chars().all(|letter| letter.is_ascii_hexdigit() || letter == '-')
}

/// A machine in a sentence: its name, which people know; the id stands in the skip itself.
pub(super) fn machine(id: &str) -> String {
    ResourceId::parse(id).map_or_else(|_| quote(id), |id| id.name().to_owned())
}

/// A machine in a sentence that stands alone: its name and its group, by which people find it; programs are told its id beside
/// the sentence.
pub(super) fn machine_of_group(id: &str) -> String {
    ResourceId::parse(id).map_or_else(|_| quote(id), |id| format!("{} ({})", id.name(), id.resource_group()))
}

/// Any other resource in a sentence: the same, and what it is.
pub(super) fn resource(id: &str) -> String {
    ResourceId::parse(id).map_or_else(
        |_| quote(id),
        |id| {
            let kind = id.as_str().rsplit('/').nth(1).unwrap_or_default();
            format!("{} ({}, {kind})", id.name(), id.resource_group())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_use_the_unit_that_people_would() {
        let cases =
            [(0, "0 s"), (-5, "0 s"), (90, "90 s"), (960, "16 min"), (90_000, "25 h"), (300_000, "3 d")];
        for (seconds, text) in cases {
            assert_eq!(span(SignedDuration::from_secs(seconds)), text);
        }
    }

    #[test]
    fn a_moment_is_told_to_the_minute() {
        let opens: Timestamp = "2026-11-27T16:00:25.9038305Z".parse().unwrap();
        assert_eq!(moment(opens), "2026-11-27 16:00 UTC");
    }

    #[test]
    fn quotations_stay_on_their_line() {
        assert_eq!(quote("a\n\"b\u{1b}[31m"), r#""a\n\"b\u{1b}[31m""#);
        assert_eq!(quote(&"x".repeat(200)).chars().count(), 83);
    }

    #[test]
    fn lists_end_with_and() {
        assert_eq!(list::<&str>(&[]), "none");
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(list(&["x"; 10]), "x, x, x, x, x, x, x, x and 2 more");
        for count in 0..12 {
            let items: Vec<String> = (0..count).map(|item: usize| item.to_string()).collect();
            assert_eq!(Shortlist::of(&items).to_string(), list(&items));
            assert!(Shortlist::of(&items).first.len() <= MOST);
        }
    }

    #[test]
    fn what_is_more_than_its_limit_reads_so() {
        let beside = |value, limit| {
            span_beside(SignedDuration::from_millis(value), SignedDuration::from_millis(limit))
        };
        assert_eq!(beside(930_000, 900_000), "15 min 30 s");
        assert_eq!(beside(900_000, 930_000), "15 min");
        assert_eq!((beside(1_000, 1_500), beside(1_500, 1_000)), ("1 s".to_owned(), "1 s 500 ms".to_owned()));
        assert_eq!(beside(960_000, 900_000), "16 min");
        assert_eq!(beside(900_000, 900_000), "15 min");
        assert_eq!(beside(90_061_000, 90_000_000), "1 d 1 h 1 min 1 s");
        assert_eq!(beside(190_861_000, 190_800_000), "2 d 5 h 1 min 1 s");
    }

    #[test]
    fn what_somebody_set_is_told_whole() {
        for (millis, text) in [
            (1_500, "1 s 500 ms"),
            (200, "200 ms"),
            (45_000, "45 s"),
            (150_000, "2 min 30 s"),
            (5_400_000, "90 min"),
            (86_400_000, "24 h"),
            (90_060_000, "1 d 1 h 1 min"),
            (172_800_000, "2 d"),
            (0, "0 s"),
            (-1_500, "0 s"),
        ] {
            assert_eq!(whole(SignedDuration::from_millis(millis)), text);
        }
        let beside = |value, limit| {
            span_beside(SignedDuration::from_millis(value), SignedDuration::from_millis(limit))
        };
        assert_eq!((beside(1_200, 1_500), beside(1_700, 1_500)), ("1 s".to_owned(), "1 s 700 ms".to_owned()));
        assert_eq!(beside(1_500, 1_500), "1 s 500 ms");
    }
}
