//! The totals of a plan: each name counts once, and all of them are the names of its first line.

use serde_json::Value;

use super::{NEW, OLD, code, words};
use crate::handler::{House, OWNER, beat, mark, moved, set, tagged};

/// The names of the first line.
fn names(text: &str) -> u64 {
    let first = text.lines().next().unwrap();
    let part = first.split(" · ").find(|part| part.ends_with(" names") || part.ends_with(" name"));
    let (count, _) = part.unwrap_or_else(|| panic!("{text}")).split_once(' ').unwrap();
    count.parse().unwrap_or_else(|_| panic!("{text}"))
}

/// Each number of the totals with its words.
fn totals(text: &str) -> Vec<(u64, String)> {
    let line = text.lines().find(|line| line.contains(" to update, ")).unwrap_or_else(|| panic!("{text}"));
    let parts = line.split(", ").map(|part| part.split_once(' ').unwrap());
    parts.map(|(count, words)| (count.parse().unwrap(), words.to_owned())).collect()
}

/// What nobody claims is no name of a tag.
fn sum(totals: &[(u64, String)]) -> u64 {
    totals.iter().filter(|(_, words)| words != "claimed by nobody").map(|(count, _)| count).sum()
}

/// A name of each kind, two of which two machines claim, one with two record sets, and a set that nobody claims.
async fn house() -> House {
    let sets = [
        set("nas", &[OLD], mark("nas", OWNER, "1")),
        set("right", &["203.0.113.40"], mark("right", OWNER, "1")),
        set("pair", &["203.0.113.41"], mark("pair", OWNER, "1")),
        set("hand", &["192.0.2.9"], Value::Null),
        set("ghost", &["192.0.2.10"], mark("ghost", OWNER, "1")),
    ];
    let machines = [
        tagged("nas", "nas.example.com"),
        tagged("right", "right.example.com"),
        tagged("pair", "pair.example.com"),
        tagged("pair-mute", "pair.example.com"),
        tagged("hand", "hand.example.com"),
        tagged("mute", "mute.example.com"),
        tagged("dual", "dual.example.com"),
        tagged("bad", "no name"),
        tagged("wild", "*.example.com"),
    ];
    let steady = |machine: &str, address: &str| [300, 180, 60, 5].map(|ago| beat(machine, address, ago));
    let beats = [
        moved("nas", OLD, NEW),
        steady("right", "203.0.113.40").to_vec(),
        steady("pair", "203.0.113.41").to_vec(),
        steady("hand", "203.0.113.60").to_vec(),
        steady("dual", "203.0.113.42").to_vec(),
        steady("dual", "2001:db8:1::42").to_vec(),
    ];
    House::new(&sets, &machines, &beats.concat(), &[("POLICY_RECORD_TYPES", "A,AAAA")]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_name_counts_once_and_they_add_up_to_those_of_the_first_line() {
    let house = house().await;
    let output = house.run(&["plan"]).await;
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let counted = totals(&text);
    let of = |words: &str| counted.iter().find(|(_, own)| own.starts_with(words)).map(|(count, _)| *count);
    assert_eq!((names(&text), sum(&counted)), (9, 9), "{text}");
    let told = ["to update", "to create", "in sync", "silent", "claimed by nobody"].map(of);
    assert_eq!(told, [Some(1), Some(1), Some(2), Some(1), Some(1)], "{text}");
    assert_eq!(of("left as"), Some(4), "{text}");
    assert!(text.contains("1 to create (3 record sets in all)"), "of the two names one has two: {text}");
    // Names that were asked for are counted by themselves: how many there are besides nobody has looked.
    let output = house.run(&["plan", "mute.example.com", "nas.example.com"]).await;
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!((code(&output), names(&text), sum(&totals(&text))), (0, 2, 2), "{}", words(&output));
    assert!(text.contains("example.com · 2 names · newest heartbeat"), "{text}");
    let output = house.run(&["adopt", "mute.example.com", "--dry-run"]).await;
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert_eq!((names(&text), sum(&totals(&text))), (1, 1), "{}", words(&output));
}
