//! The first lines of an explanation: what stands there, and what the next run does with it.

use super::amiss;
use super::denied;
use super::leads_to::leads_to;
use crate::cli::clock::Clock;
use crate::cli::entry::{Entry, Weight};
use crate::cli::no_zone;
use crate::cli::phrase::Phrase;
use crate::cli::report::{failing, refused};
use crate::cli::screen::Colour;
use crate::run::Explained;
use pure::domain::{ZoneId, ZoneKind, join_addresses};
use pure::plan::explanation::{State, Verdict};
use pure::plan::{Action, Explanation, Reason};

/// What the next run does, and why; of a write that was tried in vain, when and why it failed.
pub(super) fn of(found: &Explained, clock: &Clock, set: &Explanation) -> Entry {
    let present = match set.record_set.state {
        State::There => leads_to(&set.record_set),
        State::Absent | State::Cname => "no record set".to_owned(),
        State::Unknown => String::new(),
    };
    let failed = amiss::failed(found, set);
    let (sign, colour, what, tail) = match (&set.verdict, set.reason) {
        (Verdict::InSync, _) => ('=', Colour::Green, present, "in sync".to_owned()),
        (Verdict::ToWrite { action: Action::Create, to }, _) => {
            ('+', Colour::Yellow, join_addresses(to), "to be created".to_owned())
        }
        (Verdict::ToWrite { to, .. }, _) => {
            ('~', Colour::Yellow, format!("{present} -> {}", join_addresses(to)), "to be written".to_owned())
        }
        (Verdict::Left, Some(Reason::AlreadyRight)) => {
            ('=', Colour::Green, present, "right already".to_owned())
        }
        (Verdict::Left, reason) => {
            let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            ('!', Colour::Yellow, present, format!("left as it is{reason}"))
        }
        (Verdict::Unclaimed, _) if set.record_set.mark.as_ref().is_some_and(|mark| mark.is_ours) => {
            ('!', Colour::Yellow, present, "ours, and claimed by nobody".to_owned())
        }
        (Verdict::Unclaimed, _) => ('!', Colour::Yellow, present, "nobody speaks of it".to_owned()),
        (Verdict::Unknown, _) => ('x', Colour::Red, present, "not known".to_owned()),
    };
    let (sign, colour, tail) = match denied::counted(found, set) {
        Some(denied) => ('!', Colour::Yellow, format!("{tail} in Azure; {denied}")),
        None => (sign, colour, tail),
    };
    let (sign, colour, tail) = match failed {
        Some(failed) => {
            let (sign, colour) = if failed.is_over() { (sign, colour) } else { ('x', Colour::Red) };
            (sign, colour, format!("{tail}; {}", failing(failed, clock)))
        }
        None => (sign, colour, tail),
    };
    Entry {
        weight: Weight::Held,
        sign,
        colour: Some(colour),
        name: found.name.to_string(),
        title: Phrase::default(),
        kind: set.record_type.inside(set.zone.as_ref().map_or(ZoneKind::Public, ZoneId::kind)),
        what,
        tail,
        below: because(found, set).into_iter().chain(failed.into_iter().flat_map(refused)).collect(),
        listed: Vec::new(),
    }
}

/// Why it stands so; that its zone does not exist says more than what could not be read there.
fn because(found: &Explained, set: &Explanation) -> Option<Phrase> {
    match &found.absent_zone {
        Some(absent) => Some(no_zone::told(absent).into()),
        None => set.because.as_ref().map(Phrase::from),
    }
}

/// What would move it; after a write that was in vain not before that is mended.
pub(super) fn would_move(found: &Explained, set: &Explanation) -> Option<Phrase> {
    let way = Phrase::from(set.would_move.as_ref()?);
    if let Some(absent) = &found.absent_zone {
        return Some(no_zone::moves(absent).into());
    }
    Some(match amiss::failed(found, set) {
        Some(failed) if !failed.is_over() => Phrase::from("once the write is let through, ").then(way),
        _ => way,
    })
}
