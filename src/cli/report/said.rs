//! What a line of the story says on a screen.

use super::meant::{is_meant, meant};
use super::view::{View, short_run};
use super::{after, before, braked, locked, ttl};
use crate::cli::clock::measured;
use crate::cli::entry::{Entry, Weight};
use crate::cli::lacking;
use crate::cli::phrase::Phrase;
use crate::cli::screen::Colour;
use pure::domain::{Hold, ResourceId, join_addresses};
use pure::plan::report::{Dissent, Orphan, Outcome, Proof, Report, ReportedChange, Unclaimed};
use pure::plan::{Action, AdoptedBy, Cause, Change, Leaves, Reason, Released, Right, Skip, Undone};
use pure::shown::{brief, one_line, shown};
use pure::story::Line;

/// Characters of a run's id that stand for the whole.
const RUN: usize = 8;

/// The entry of a line; none where another one tells it.
pub(super) fn entry(line: &Line<'_>, report: &Report, view: &View<'_>) -> Option<Entry> {
    match line {
        Line::Unclaimed(Unclaimed { because, .. }) => {
            Some(sentence('!', Colour::Yellow, Weight::Failed, because))
        }
        Line::Change(facts) => {
            let reported = report.changes.iter().find(|reported| {
                let id = &reported.change.id;
                (id.name.as_str(), id.record_type, &id.zone) == (facts.name, facts.record_type, facts.zone)
            })?;
            Some(change(reported, view))
        }
        Line::Brake(brake) => Some(braked::entry(brake, report, view)),
        Line::Skip(skip) => (!meant_another(skip, report)).then(|| left(skip, view)),
        Line::Right(right) => Some(in_sync(right, view)),
        Line::Orphan(orphan) => Some(claimed_by_nobody(orphan)),
    }
}

/// Whether the name lies in no zone because another one was meant, as is told: nobody needs its zone.
pub(super) fn meant_another(skip: &Skip, report: &Report) -> bool {
    let is_meant = |unclaimed: &Unclaimed| unclaimed.name == skip.name && unclaimed.meant.is_some();
    skip.reason == Reason::NoZone && report.unclaimed.iter().any(is_meant)
}

/// A sentence by itself.
pub(super) fn sentence(sign: char, colour: Colour, weight: Weight, words: &str) -> Entry {
    Entry::titled(sign, colour, weight, one_line(words).into())
}

/// A machine as people know it: its name and its group.
pub(super) fn known(machine: &ResourceId) -> String {
    match machine.resource_group() {
        "" => machine.name().to_owned(),
        group => format!("{} ({group})", machine.name()),
    }
}

/// The addresses before and after.
fn step(change: &Change) -> String {
    let (from, to) = (join_addresses(&change.from()), join_addresses(change.to()));
    match &change.before {
        None => to,
        Some(_) if change.action() == Action::Delete => format!("{from} goes"),
        Some(_) if from == to => format!("{to} stays"),
        Some(_) if from.is_empty() => format!("no address -> {to}"),
        Some(_) => format!("{from} -> {to}"),
    }
}

fn change(reported: &ReportedChange, view: &View<'_>) -> Entry {
    let ReportedChange {
        change, outcome, proved_by, differing, written_at, detail, time_to_truth_ms, ..
    } = reported;
    let is_new = change.action() == Action::Create;
    let own = if is_new { '+' } else { '~' };
    let written = || match written_at {
        Some(time) => format!("written {}", view.clock.moment(*time)),
        None => "written".to_owned(),
    };
    let (sign, colour, weight, tail) = match (outcome, proved_by) {
        (Outcome::Planned, _) => (own, None, Weight::Changed, ttl::step(change)),
        (Outcome::Confirmed, Some(_)) => (own, Some(Colour::Green), Weight::Changed, written()),
        (Outcome::Confirmed, None) => (own, Some(Colour::Yellow), Weight::Changed, written()),
        (Outcome::Deferred, _) => {
            ('!', Some(Colour::Yellow), Weight::Held, "left for the next run".to_owned())
        }
        (Outcome::Failed, _) => ('x', Some(Colour::Red), Weight::Failed, "failed".to_owned()),
        (Outcome::Conflict, _) => {
            ('x', Some(Colour::Red), Weight::Failed, "changed by somebody else".to_owned())
        }
        (Outcome::Unconfirmed, _) => ('x', Some(Colour::Red), Weight::Failed, "not confirmed".to_owned()),
    };
    let missed = view.scene.missed.get(&change.id).filter(|_| *outcome == Outcome::Planned);
    let refused = missed.map(|missed| {
        let tail = format!("{tail}; {}", locked::failing(missed, &view.clock));
        let (sign, colour, weight) =
            if missed.is_over() { (sign, colour, weight) } else { ('x', Some(Colour::Red), Weight::Failed) };
        (sign, colour, weight, tail)
    });
    let (sign, colour, weight, tail) = refused.unwrap_or((sign, colour, weight, tail));
    let mut below = Vec::new();
    match (outcome, proved_by) {
        (Outcome::Planned, _) => {
            below.extend(why(change, view).into_iter().map(Phrase::from));
            below.extend(missed.into_iter().flat_map(locked::refused));
        }
        (Outcome::Confirmed, proof) => {
            let proof = proof_of(*proof, differing);
            let took = time_to_truth_ms
                .map(|took| format!("; true {} after the first heartbeat", measured(took)))
                .unwrap_or_default();
            below.push(format!("{proof}{took}").into());
            below.extend(after::of(change, view));
            if proved_by.is_none() {
                let name = &change.id.name;
                below.push(Phrase::from("ask them again:  ").run(format!("explain {name}")));
            }
        }
        _ => match locked::named(reported, view) {
            Some(named) => below.extend(named),
            None => below.extend(detail.as_deref().map(one_line).map(|words| Phrase::from(brief(&words)))),
        },
    }
    Entry {
        weight,
        sign,
        colour,
        name: change.id.name.to_string(),
        title: Phrase::default(),
        kind: change.id.record_type.inside(change.id.zone.kind()),
        what: step(change),
        tail,
        below,
        listed: Vec::new(),
    }
}

/// Who says what of a write that landed.
fn proof_of(proof: Option<Proof>, differing: &[Dissent]) -> String {
    let said = differing.iter().map(|Dissent { server, addresses, failed }| match addresses {
        Some(none) if none.is_empty() => format!("{server} has no such record"),
        Some(addresses) => format!("{server} answers {}", join_addresses(addresses)),
        None => format!("{server} was not asked: {}", failed.as_deref().unwrap_or("it gave no answer")),
    });
    let said = said.collect::<Vec<_>>().join("; ");
    match (proof, said.as_str()) {
        (Some(Proof::Dns), _) => "all its name servers say so".to_owned(),
        (Some(Proof::Arm), "") => "Azure says so; its name servers were not asked".to_owned(),
        (Some(Proof::Arm), said) if differing.iter().any(|one| one.addresses.is_some()) => {
            format!("Azure says so; {said}")
        }
        (Some(Proof::Arm), said) => format!("Azure says so, and no name server denies it; {said}"),
        (None, "") => "its name servers do not all say so yet".to_owned(),
        (None, said) => format!("its name servers do not all say so yet: {said}"),
    }
}

/// Why a set is to be written: who reports what since when, and by what a set that was nobody's becomes ours.
fn why(change: &Change, view: &View<'_>) -> Vec<String> {
    let clock = &view.clock;
    let machine = known(&change.after.machine);
    let mut sentences = Vec::new();
    if let Some(beats) = change.cause.beats() {
        let others = match beats.witnesses.len() {
            0 => String::new(),
            1 => " and 1 more machine".to_owned(),
            more => format!(" and {more} more machines"),
        };
        let verb = if beats.witnesses.is_empty() { "reports" } else { "report" };
        let it = if change.to().len() > 1 { "them" } else { "it" };
        let (since, age) = (clock.time(beats.first_beat), clock.age(beats.first_beat));
        let country = match beats.country.as_str() {
            "" => String::new(),
            country => format!(", {}", shown(country)),
        };
        let heartbeats = if beats.count == 1 { "heartbeat" } else { "heartbeats" };
        let count = beats.count;
        sentences.push(format!(
            "{machine}{others} {verb} {it} since {since}, {age}, {count} {heartbeats}{country}"
        ));
    }
    let holder = change.taken_over_from();
    sentences.extend(holder.as_ref().map(|holder| format!("taken over from {}", known(holder))));
    sentences.extend(before::held(change, view));
    match change.action() {
        Action::Hold => sentences.extend(change.cause.hold().map(|hold| held_from_now(hold, view))),
        Action::Unhold => sentences.push(let_go(&change.cause, view)),
        Action::Update => {
            sentences.extend(change.cause.undone().into_iter().flat_map(|undone| undoes(undone, view)));
        }
        Action::Release => sentences.extend(change.cause.released().map(ours_no_longer)),
        Action::Delete => sentences.extend(goes(&change.cause, view)),
        Action::Create => sentences.extend(before::deleted(change, view)),
        Action::Adopt => {}
    }
    let until_now = match view.scene.taken_off.get(&change.id) {
        None => "without our mark until now".to_owned(),
        Some(time) => {
            format!(
                "ours when a run wrote it {}; another hand has taken our mark off since",
                clock.dated(*time)
            )
        }
    };
    let by = match change.cause.adopted_by() {
        Some(AdoptedBy::Seen) => format!(
            "{until_now}; adopted, for its machines reported {} themselves within 30 days",
            join_addresses(&change.from())
        ),
        Some(AdoptedBy::Listed) => format!("{until_now}; adopted, for the policy lists it"),
        Some(AdoptedBy::Always) => format!("{until_now}; adopted, for POLICY_ADOPT is always"),
        Some(AdoptedBy::Hand) if holder.is_some() => format!("adopted by you for {machine}"),
        Some(AdoptedBy::Hand) => format!("{until_now}; adopted by you for {machine}"),
        None => return sentences,
    };
    sentences.push(by);
    sentences
}

/// What becomes of a set that is released.
fn ours_no_longer(released: &Released) -> String {
    let claimed: Vec<String> = released.claimed_by.iter().map(known).collect();
    let claimed = claimed.join(", ");
    match (released.leaves, claimed.as_str()) {
        (Leaves::AMark, "") => "released: no run writes it; nobody claims it".to_owned(),
        (Leaves::AMark, by) => {
            format!("released, though {by} claims it: no run writes it until somebody adopts it")
        }
        (Leaves::NoSet, _) => "it is deleted; no tag claims it".to_owned(),
        (Leaves::Nothing, "") => "nothing of our mark is left; nobody claims it".to_owned(),
        (Leaves::Nothing, by) => {
            format!("nothing of our mark is left, and {by} still claims it: a run may adopt it again")
        }
    }
}

/// What becomes of a set that nobody holds by hand any more.
fn let_go(cause: &Cause, view: &View<'_>) -> String {
    match cause {
        Cause::Unheld { held_by: Some(by) } => {
            let by = after::place(*by, view);
            format!("{by} holds it all the same: no run writes it until hold is taken off there")
        }
        _ => "runs may write it again".to_owned(),
    }
}

/// Why a set goes.
fn goes(cause: &Cause, view: &View<'_>) -> Vec<String> {
    match (cause.undone(), cause.released()) {
        (Some(undone), _) => {
            let mut sentences = undoes(undone, view);
            sentences.push(
                "nothing stood there, so it is deleted; no tag that this login sees claims it: one that does makes it again"
                    .to_owned(),
            );
            sentences
        }
        (None, Some(released)) => vec![ours_no_longer(released)],
        (None, None) => vec!["no tag claims it any more, and its grace is over".to_owned()],
    }
}

/// Which change is undone, and what nobody but the log says of the addresses of before.
fn undoes(undone: &Undone, view: &View<'_>) -> Vec<String> {
    let run: String = undone.run.chars().take(RUN).collect();
    let before = match (run.as_str(), undone.time) {
        ("", None) => "as before its last change".to_owned(),
        ("", Some(time)) => format!("as before {}", view.clock.timed(time)),
        (run, None) => format!("as before run {}", shown(run)),
        (run, Some(time)) => {
            let (time, age) = (view.clock.time(time), view.clock.age(time));
            format!("as before run {} ({time}, {age} ago)", shown(run))
        }
    };
    let mut sentences = vec![match &undone.hold {
        Some(hold) => format!("{before}; {}", held_from_now(hold, view)),
        None => before,
    }];
    if !undone.unreported.is_empty() {
        sentences.push(format!(
            "only the log says so: no heartbeat of its machine has reported {} in 30 days",
            join_addresses(&undone.unreported)
        ));
    }
    sentences
}

/// How long a set is to be held, and why.
fn held_from_now(hold: &Hold, view: &View<'_>) -> String {
    format!("then {}", after::held(hold, view))
}

/// A row that changes nothing.
fn left(skip: &Skip, view: &View<'_>) -> Entry {
    let is_right = skip.reason == Reason::AlreadyRight;
    let (sign, colour, weight) =
        if is_right { ('=', Colour::Green, Weight::Quiet) } else { ('!', Colour::Yellow, Weight::Held) };
    let what = match &skip.seen {
        Some(seen) if seen.present.is_empty() && skip.reason == Reason::Alias => "an alias".to_owned(),
        Some(seen) if seen.present.is_empty() => "no address".to_owned(),
        Some(seen) if is_right => seen.present.clone(),
        Some(seen) => format!("{} stays", seen.present),
        None => String::new(),
    };
    let because = if is_meant(skip, view) { meant("its", view).into() } else { Phrase::from(&skip.because) };
    let mended = is_unread(skip).then(lacking::doctor);
    Entry {
        weight,
        sign,
        colour: Some(colour),
        name: shown(&skip.name),
        title: Phrase::default(),
        kind: skip.type_in_words(),
        what,
        tail: skip.reason.as_str().to_owned(),
        below: std::iter::once(because).chain(mended).collect(),
        listed: Vec::new(),
    }
}

/// Whether something was asked for in vain, and no more is known: a right may be missing.
pub(super) fn is_unread(skip: &Skip) -> bool {
    skip.reason == Reason::Blind && skip.shared_cause.is_some()
}

/// A record set that nobody claims.
fn claimed_by_nobody(orphan: &Orphan) -> Entry {
    Entry {
        weight: Weight::Quiet,
        sign: '!',
        colour: Some(Colour::Yellow),
        name: shown(&orphan.name),
        title: Phrase::default(),
        kind: orphan.record_type.inside(orphan.zone.kind()),
        what: format!("{} stays", join_addresses(&orphan.addresses)),
        tail: "claimed by nobody".to_owned(),
        below: vec![
            one_line(&orphan.because).into(),
            Phrase::from("give the name up:  ").run(format!("release {} --delete", shown(&orphan.name))),
        ],
        listed: Vec::new(),
    }
}

/// A name that was asked for and is right.
fn in_sync(right: &Right, view: &View<'_>) -> Entry {
    let clock = &view.clock;
    let since =
        right.first_beat.map(|first| format!(", since {} at least", clock.timed(first))).unwrap_or_default();
    let heard = clock.age(right.heartbeat_time);
    let written = match (right.written_at, &right.written_by) {
        (Some(time), Some(run)) => {
            format!("here since {}, {} ago (run {})", clock.time(time), clock.age(time), short_run(run))
        }
        (Some(time), None) => format!("here since {}", clock.timed(time)),
        (None, _) => "no run of ours has written it".to_owned(),
    };
    let ttl = right.ttl.map(|ttl| format!("; ttl {ttl}")).unwrap_or_default();
    let machine = known(&right.machine);
    Entry {
        weight: Weight::Quiet,
        sign: '=',
        colour: Some(Colour::Green),
        name: right.name.to_string(),
        title: Phrase::default(),
        kind: right.record_type.inside(right.zone.kind()),
        what: join_addresses(&right.addresses),
        tail: "in sync".to_owned(),
        below: vec![
            format!("{machine} reports it, {heard} ago{since}").into(),
            format!("{written}{ttl}").into(),
        ],
        listed: Vec::new(),
    }
}
