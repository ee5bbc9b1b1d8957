//! What a run does next with one change: every state by every answer, and every way to an end.
//!
//! Section 7 of the specification, in six states: whether there is a doubt (the set was not as planned, or the answer was
//! lost), and whether a second look was taken.

use std::collections::BTreeMap;

use pure::domain::{Mark, RecordSet, RecordType};
use pure::plan::report::Outcome;
use pure::plan::{Again, ByHand, Change, Leaves, Live, Read, Reason, Release, Skip};
use pure::progress::{Ending, Fate, Heard, Mishap, Next, Progress, next};

use super::world::{OWNER, World, addresses, id, key, mark, name, record_set};

const HOST: &str = "nas.example.com";
const RUN: &str = "run-1";

/// What is done next, and of an end how it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Write,
    Read,
    Look,
    Skips,
    Confirmed,
    /// Failed, and no patience helps.
    Refused,
    /// Ended with this outcome and the code of this mishap.
    Ended(Outcome, &'static str),
}

fn step(next: &Next) -> Step {
    match next {
        Next::Write => Step::Write,
        Next::Read => Step::Read,
        Next::LookAgain(_) => Step::Look,
        Next::End(Ending::Skips(_)) => Step::Skips,
        Next::End(Ending::Fate(fate)) => match (fate.outcome, &fate.mishap, fate.is_durable) {
            (Outcome::Confirmed, None, false) => Step::Confirmed,
            (Outcome::Failed, Some(mishap), true) if mishap.code == "ScopeLocked" => Step::Refused,
            (outcome, Some(mishap), false) => Step::Ended(outcome, known(&mishap.code)),
            fate => panic!("{fate:?}"),
        },
    }
}

/// The code as the table writes it.
fn known(code: &str) -> &'static str {
    let codes = ["Refusal", "Throttled", "Precondition", "timeout", "unreadable", "changed"];
    let of_deletions = ["still-there", "another-set", "not-read-back"];
    codes.into_iter().chain(of_deletions).find(|known| *known == code).unwrap_or_else(|| panic!("{code}"))
}

fn mishap(code: &str) -> Mishap {
    Mishap { code: code.to_owned(), words: format!("words of {code}") }
}

fn change() -> Change {
    let world = World::new().claims("nas", HOST, "203.0.113.7").keeps("nas", HOST, &["198.51.100.10"]);
    world.plan().changes.remove(0)
}

/// The set with our mark of this run and the addresses that are to be written.
fn ours() -> RecordSet {
    let mut set = record_set(key(HOST), addresses(&["203.0.113.7"]));
    Mark { run: RUN.to_owned(), ..mark(1, OWNER, "nas") }.write_into(&mut set.metadata);
    set
}

fn read(set: Option<RecordSet>) -> Heard {
    Heard::Read(Box::new(Read { set, is_cname: false }))
}

fn theirs() -> RecordSet {
    let mut set = ours();
    Mark { run: "run-0".to_owned(), ..mark(1, OWNER, "nas") }.write_into(&mut set.metadata);
    set
}

/// The same wish on what was read.
fn newer() -> Change {
    let mut newer = change();
    newer.before.as_mut().unwrap().etag = "etag-2".to_owned();
    newer
}

fn skips() -> Vec<Skip> {
    let right = World::new().claims("nas", HOST, "203.0.113.7").keeps("nas", HOST, &["203.0.113.7"]);
    let skips = right.plan().skips;
    assert_eq!(skips.iter().map(|skip| skip.reason).collect::<Vec<_>>(), [Reason::AlreadyRight]);
    skips
}

fn heard(progress: Progress, heard: Heard) -> (Progress, Next) {
    next(progress, heard, OWNER, RUN)
}

/// The state after some answers.
fn after(answers: impl IntoIterator<Item = Heard>) -> Progress {
    answers.into_iter().fold(Progress::of(change()), |progress, answer| heard(progress, answer).0)
}

fn moved() -> Heard {
    Heard::Moved(mishap("Precondition"))
}

fn lost() -> Heard {
    Heard::Lost(mishap("timeout"))
}

fn looked_again() -> Heard {
    Heard::Again(Again::Change(Box::new(newer())))
}

/// Every answer there is, in the order of the table's columns.
fn answers() -> [(&'static str, Heard); 13] {
    [
        ("written", Heard::Written(Box::new(ours()))),
        ("refused", Heard::Refused(mishap("ScopeLocked"))),
        ("failed", Heard::Failed(mishap("Refusal"))),
        ("waits", Heard::Waits(mishap("Throttled"))),
        ("moved", moved()),
        ("lost", lost()),
        ("read: ours", read(Some(ours()))),
        ("read: not ours", read(Some(theirs()))),
        ("read: none", read(None)),
        ("unreadable", Heard::Unreadable(mishap("unreadable"))),
        ("again: change", looked_again()),
        ("again: skips", Heard::Again(Again::Skips(skips()))),
        ("again: open", Heard::Again(Again::Open)),
    ]
}

/// Every state by every answer, each with the sentence of the specification that it rests on.
///
/// - An answer of the write speaks for itself, whatever was doubted before: *written* is `confirmed` ("`confirmed` is
///   about the write: its answer, or a read-back"), *refused* is `failed` at once and for good, *failed* is `failed`,
///   *waits* (throttled, or out of time) is `deferred`, and `unconfirmed` after a lost one, which may land yet. *Moved* (412, or a 409 that is pending) and *lost* are read
///   back.
/// - *Read: ours* is `confirmed` ("a set that by then carries this run's own mark is ours").
/// - *Read: not ours*, or no set, is planned again, "once"; the second time a *moved* one is `conflict`, and a *lost*
///   one is known not to have landed: `failed`.
/// - *Unreadable*: of a *moved* one it is known that it did not land: `conflict`; of a *lost* one neither the write's
///   answer nor a read-back is known: `unconfirmed`.
/// - *Again*: the same wish is written; skips end it; an open question ends it as the doubt says, which the next run
///   decides.
/// - What is answered where there is no doubt, so that nobody asked, is about a set that *moved*.
#[test]
fn every_state_by_every_answer() {
    use Step::{Confirmed, Ended, Look, Refused, Skips, Write};
    const READ: Step = Step::Read;
    const FAILED: Step = Ended(Outcome::Failed, "Refusal");
    const WAITS: Step = Ended(Outcome::Deferred, "Throttled");
    const CONFLICT: Step = Ended(Outcome::Conflict, "Precondition");
    const NOT_LANDED: Step = Ended(Outcome::Failed, "timeout");
    const UNKNOWN: Step = Ended(Outcome::Unconfirmed, "timeout");
    const CHANGED: Step = Ended(Outcome::Conflict, "changed");
    let not_ours = || read(Some(theirs()));
    #[rustfmt::skip]
    let table: [(&str, Progress, [Step; 13]); 9] = [
        // state                 | written  | refused| failed| waits | moved| lost | ours     | not ours  | none      | unread. | change| skips | open
        ("nothing done yet", after([]),
                                  [Confirmed, Refused, FAILED, WAITS, READ, READ, Confirmed, Look,       Look,       CHANGED,  Write, Skips, CHANGED]),
        ("moved", after([moved()]),
                                  [Confirmed, Refused, FAILED, WAITS, READ, READ, Confirmed, Look,       Look,       CONFLICT, Write, Skips, CONFLICT]),
        ("lost", after([lost()]),
                                  [Confirmed, Refused, FAILED, WAITS, READ, READ, Confirmed, Look,       Look,       UNKNOWN,  Write, Skips, NOT_LANDED]),
        ("moved, read", after([moved(), not_ours()]),
                                  [Confirmed, Refused, FAILED, WAITS, READ, READ, Confirmed, CONFLICT,   CONFLICT,   CONFLICT, Write, Skips, CONFLICT]),
        ("lost, read", after([lost(), not_ours()]),
                                  [Confirmed, Refused, FAILED, WAITS, READ, READ, Confirmed, NOT_LANDED, NOT_LANDED, UNKNOWN,  Write, Skips, NOT_LANDED]),
        ("sent for the second time", after([moved(), not_ours(), looked_again()]),
                                  [Confirmed, Refused, FAILED, WAITS, READ, READ, Confirmed, CHANGED,    CHANGED,    CHANGED,  Write, Skips, CHANGED]),
        ("sent again after a lost one", after([lost(), not_ours(), looked_again()]),
                                  [Confirmed, Refused, FAILED, UNKNOWN, READ, READ, Confirmed, CHANGED,  CHANGED,    CHANGED,  Write, Skips, CHANGED]),
        ("moved for the second time", after([lost(), not_ours(), looked_again(), moved()]),
                                  [Confirmed, Refused, FAILED, UNKNOWN, READ, READ, Confirmed, CONFLICT,   CONFLICT,   CONFLICT, Write, Skips, CONFLICT]),
        ("lost for the second time", after([moved(), not_ours(), looked_again(), lost()]),
                                  [Confirmed, Refused, FAILED, WAITS, READ, READ, Confirmed, NOT_LANDED, NOT_LANDED, UNKNOWN,  Write, Skips, NOT_LANDED]),
    ];
    for (state, progress, row) in table {
        for ((answer, said), expected) in answers().into_iter().zip(row) {
            let (_, found) = heard(progress.clone(), said);
            assert_eq!(step(&found), expected, "{state}, then {answer}");
        }
    }
}

/// A set is ours by the mark of this very run *and* by its addresses; anything else is somebody's newer word.
#[test]
fn only_this_runs_own_mark_on_its_own_addresses_is_ours() {
    let with = |change: &dyn Fn(&mut RecordSet)| {
        let mut set = ours();
        change(&mut set);
        read(Some(set))
    };
    let remark = |set: &mut RecordSet, run: &str, owner: &str| {
        Mark { run: run.to_owned(), ..mark(1, owner, "nas") }.write_into(&mut set.metadata);
    };
    let others = [
        ("another run", with(&|set| remark(set, "run-0", OWNER))),
        ("another installation", with(&|set| remark(set, RUN, "dcr-theirs"))),
        ("no mark", with(&|set| set.metadata.clear())),
        ("other addresses", with(&|set| set.addresses = addresses(&["203.0.113.8"]))),
        ("one address more", with(&|set| set.addresses = addresses(&["203.0.113.7", "203.0.113.8"]))),
        ("no address", with(&|set| set.addresses.clear())),
    ];
    for (what, other) in others {
        for doubt in [moved(), lost()] {
            let (_, found) = heard(after([doubt]), other.clone());
            assert_eq!(step(&found), Step::Look, "{what}");
        }
    }
    // Another etag or time to live is none of a mark's business.
    let (_, found) = heard(after([lost()]), with(&|set| (set.etag, set.ttl) = ("etag-9".to_owned(), 30)));
    assert_eq!(step(&found), Step::Confirmed);
}

fn fate(next: Next) -> Fate {
    let Next::End(Ending::Fate(fate)) = next else { panic!("{next:?}") };
    *fate
}

/// The log is told what stands there now: the set of the answer, or the one that was read back.
#[test]
fn a_confirmed_change_carries_the_set_that_azure_has() {
    let set = RecordSet { etag: "etag-7".to_owned(), ..ours() };
    let (_, end) = heard(after([]), Heard::Written(Box::new(set.clone())));
    assert_eq!(fate(end).written, Some(set.clone()));
    for doubt in [moved(), lost()] {
        let (_, end) = heard(after([doubt]), read(Some(set.clone())));
        assert_eq!(fate(end).written, Some(set.clone()));
    }
    for (answer, said) in answers() {
        let (_, found) = heard(after([moved(), read(None)]), said);
        if let Next::End(Ending::Fate(fate)) = found {
            assert_eq!(fate.written.is_some(), fate.outcome == Outcome::Confirmed, "{answer}");
        }
    }
}

/// A second look rests on what was read, and what is written for the second time on what the look decided.
#[test]
fn the_second_write_is_what_the_second_look_decided() {
    let set = theirs();
    let (progress, look) = heard(after([moved()]), read(Some(set.clone())));
    assert_eq!(look, Next::LookAgain(Box::new(Read { set: Some(set), is_cname: false })));
    assert_eq!(progress.change, change());
    let (progress, write) = heard(progress, looked_again());
    assert_eq!((write, progress.change), (Next::Write, newer()));
    let (_, end) = heard(after([moved(), read(None)]), Heard::Again(Again::Skips(skips())));
    assert_eq!(end, Next::End(Ending::Skips(skips())));
}

/// People are told both halves of what went wrong, the first cause first.
#[test]
fn the_words_of_a_doubt_and_of_the_read_behind_it_are_both_kept() {
    let words = |next: Next| fate(next).mishap.unwrap().words;
    for (doubt, first) in [(moved(), "words of Precondition"), (lost(), "words of timeout")] {
        let (_, end) = heard(after([doubt.clone()]), Heard::Unreadable(mishap("unreadable")));
        assert_eq!(words(end), format!("{first}; then words of unreadable"));
        let (_, end) = heard(after([doubt]), Heard::Again(Again::Open));
        assert_eq!(words(end), format!("{first}; the set has changed, the next run decides again"));
    }
}

/// Whatever is answered, in whatever order, a change ends after two writes at most, and is `confirmed` only by the
/// answer of a write or by its own mark.
#[test]
fn every_way_comes_to_an_end_after_two_writes_at_most() {
    fn walk(progress: &Progress, step: &Next, way: &mut Vec<&'static str>, ends: &mut usize) {
        let fits = |answer: &&str| match step {
            Next::Write => ["written", "refused", "failed", "waits", "moved", "lost"].contains(answer),
            Next::Read => answer.starts_with("read: ") || *answer == "unreadable",
            Next::LookAgain(_) => answer.starts_with("again: "),
            Next::End(_) => false,
        };
        if let Next::End(ending) = step {
            *ends += 1;
            let last = *way.last().unwrap();
            let is_confirmed = matches!(ending, Ending::Fate(fate) if fate.outcome == Outcome::Confirmed);
            assert_eq!(is_confirmed, ["written", "read: ours"].contains(&last), "{way:?}");
            let sent = way.iter().filter(|answer| **answer == "again: change").count() + 1;
            assert!(sent <= 2, "{way:?}");
        }
        for (answer, said) in answers().into_iter().filter(|(answer, _)| fits(answer)) {
            assert!(way.len() < 8, "does not end: {way:?}");
            way.push(answer);
            let (progress, step) = heard(progress.clone(), said);
            walk(&progress, &step, way, ends);
            way.pop();
        }
    }
    let mut ends = 0;
    walk(&Progress::of(change()), &Next::Write, &mut Vec::new(), &mut ends);
    // By hand: 4 ends of a write at once; of either doubt 2 ends of its read, and of either foreign read 2 ends of
    // the look and the second write with 4 ends at once and 4 reads of either doubt.
    assert_eq!(ends, 4 + 2 * (2 + 2 * (2 + 4 + 2 * 4)));
}

/// An answer that says that a set is gone shows nothing of it: a page of whoever sits in between says as much. So it is read, once.
#[test]
fn a_deletion_is_done_when_a_read_says_so() {
    let world = World::new().keeps("nas", HOST, &["198.51.100.10"]).tag("nas", Live::Gone);
    let mut world = world.absent(&id(HOST, RecordType::Aaaa));
    world.case.asked.named = [name(HOST)].into();
    let (claims, swept) = (BTreeMap::new(), BTreeMap::new());
    let order = ByHand::Release(Release { leaves: Leaves::NoSet, claims, swept, unseen: Vec::new() });
    let mut changes = pure::plan::ordered(&order, &world.case, &world.policy, world.now).changes;
    let deletion = changes.remove(0);
    let as_it_was = deletion.before.clone().unwrap();
    let another = RecordSet { etag: "etag-2".to_owned(), ..as_it_was.clone() };
    let (told, asked) = heard(Progress::of(deletion), Heard::Gone);
    assert_eq!(step(&asked), Step::Read);
    for (answer, expected) in [
        (read(None), Step::Confirmed),
        (read(Some(as_it_was)), Step::Ended(Outcome::Failed, "still-there")),
        (read(Some(another)), Step::Ended(Outcome::Conflict, "another-set")),
        (Heard::Unreadable(mishap("unreadable")), Step::Ended(Outcome::Unconfirmed, "not-read-back")),
    ] {
        let (_, found) = heard(told.clone(), answer.clone());
        assert_eq!(step(&found), expected, "{answer:?}");
    }
}
