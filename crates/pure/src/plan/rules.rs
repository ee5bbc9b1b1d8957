//! The rules that one row is asked, each with its code and its question, in the order of the table.
//!
//! The first that applies decides. What comes after them, from `already-right` on, is asked of all claims on one record
//! set together (`court`), and the brakes are asked of all changes together (`brake`).

mod address;
mod name;
pub(super) mod private;
mod record;
mod spared;
mod steady;

use super::notes::Notes;
use super::reason::Reason;
use super::said::{Rule, Said};
use super::subject::Subject;
pub(super) use spared::{is_logged, spared};

/// The rules on a row and its machine alone: those on names and addresses need nothing, but for who
/// holds a virtual machine's address; the last two are asked live.
pub const OF_A_ROW: [Rule; 20] = [
    Rule { reason: Reason::Wildcard, question: name::wildcard },
    Rule { reason: Reason::NameInvalid, question: name::invalid },
    Rule { reason: Reason::NoZone, question: name::no_zone },
    Rule { reason: Reason::Apex, question: name::apex },
    Rule { reason: Reason::NameReserved, question: name::reserved },
    Rule { reason: Reason::NameNotAllowed, question: name::not_allowed },
    Rule { reason: Reason::AddressEmpty, question: address::empty },
    Rule { reason: Reason::AddressInvalid, question: address::invalid },
    Rule { reason: Reason::AddressPrivateLink, question: address::private_link },
    Rule { reason: Reason::AddressNotPublic, question: address::not_public },
    Rule { reason: Reason::AddressDenied, question: address::denied },
    Rule { reason: Reason::AddressOutside, question: private::outside },
    Rule { reason: Reason::AddressAmbiguous, question: private::ambiguous },
    Rule { reason: Reason::AddressShared, question: private::shared },
    Rule { reason: Reason::AddressNotOurs, question: address::not_ours },
    Rule { reason: Reason::CountryChanged, question: address::country_changed },
    Rule { reason: Reason::TypeNotWanted, question: address::type_not_wanted },
    Rule { reason: Reason::StaleHeartbeat, question: address::stale_heartbeat },
    Rule { reason: Reason::TagGone, question: record::tag_gone },
    Rule { reason: Reason::Delegated, question: record::delegated },
];

/// The rules on the live record set: a row that passes them is a claim.
pub const OF_A_RECORD_SET: [Rule; 4] = [
    Rule { reason: Reason::Alias, question: record::alias },
    Rule { reason: Reason::AutoRegistered, question: record::auto_registered },
    Rule { reason: Reason::EmptySet, question: record::empty_set },
    Rule { reason: Reason::CnameExists, question: record::cname_exists },
];

/// The rules on how steady a claim is: one that passes them lives.
pub const OF_A_CLAIM: [Rule; 3] = [
    Rule { reason: Reason::TooFewBeats, question: steady::too_few_beats },
    Rule { reason: Reason::StillSeen, question: steady::still_seen },
    Rule { reason: Reason::Flapping, question: steady::flapping },
];

/// The chapters of the table, by what their rules are about, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chapter {
    /// A row and its machine alone.
    Row,
    /// The live record set.
    RecordSet,
    /// How steady a claim is.
    Claim,
}

impl Chapter {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Row, Self::RecordSet, Self::Claim];
    /// Those that a row must pass to be a claim.
    pub const TO_A_CLAIM: [Self; 2] = [Self::Row, Self::RecordSet];

    /// Its rules, in their order.
    #[must_use]
    pub fn rules(self) -> &'static [Rule] {
        match self {
            Self::Row => &OF_A_ROW,
            Self::RecordSet => &OF_A_RECORD_SET,
            Self::Claim => &OF_A_CLAIM,
        }
    }
}

/// What one rule said.
#[derive(Clone, Debug, PartialEq)]
pub struct Ruling {
    /// What the rule is about.
    pub chapter: Chapter,
    /// Its code.
    pub reason: Reason,
    /// Its answer.
    pub said: Said,
}

/// The rules of these chapters, in their order.
pub fn of(chapters: &[Chapter]) -> impl Iterator<Item = (Chapter, &'static Rule)> {
    chapters.iter().flat_map(|chapter| chapter.rules().iter().map(move |rule| (*chapter, rule)))
}

/// Asks rules one after the other. The first that does not say no decides, and ends the walk.
pub fn walk(
    rules: impl Iterator<Item = (Chapter, &'static Rule)>,
    subject: &Subject<'_>,
) -> impl Iterator<Item = Ruling> {
    let mut is_decided = false;
    rules.map_while(move |(chapter, rule)| {
        if is_decided {
            return None;
        }
        let said = (rule.question)(subject);
        is_decided = said != Said::No;
        Some(Ruling { chapter, reason: rule.reason, said })
    })
}

/// What decided, if any of these rules did.
#[must_use]
pub fn first(rules: impl Iterator<Item = (Chapter, &'static Rule)>, subject: &Subject<'_>) -> Option<Ruling> {
    walk(rules, subject).find(|heard| heard.said != Said::No)
}

/// The same, with a note of each answer.
pub(super) fn noted(chapters: &[Chapter], subject: &Subject<'_>, notes: &mut Notes<'_>) -> Option<Ruling> {
    let row = subject.row;
    if !notes.wants(row) {
        return first(of(chapters), subject);
    }
    let heard: Vec<Ruling> = walk(of(chapters), subject).collect();
    for ruling in &heard {
        notes.row(row, ruling.reason, || ruling.said.clone());
    }
    heard.into_iter().find(|heard| heard.said != Said::No)
}
