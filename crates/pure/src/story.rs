//! What a run says, once, as data: lines with what they are about. Text, log lines, notices and pages are forms of it.
//!
//! Whoever wants to know whether two lines are about the same thing compares topics, never sentences.

mod memory;
mod words;

use serde::Serialize;

use crate::domain::{RecordType, ResourceId, Service, ZoneId, join_addresses};
use crate::plan::report::{Orphan, Outcome, Proof, Report, ReportedChange, Unclaimed};
use crate::plan::skip::Skip;
use crate::plan::{About, Action, Brake, BrakeKind, Right};

pub use memory::{Memory, News};

/// One thing that a run says.
#[derive(Clone, Debug, PartialEq)]
pub enum Line<'a> {
    /// A name that was asked for is nobody's.
    Unclaimed(&'a Unclaimed),
    /// A record set that was written, was to be written, or would be.
    Change(ChangeFacts<'a>),
    /// A brake holds names.
    Brake(&'a Brake),
    /// A row is left as it is, and no line of a brake says so already.
    Skip(&'a Skip),
    /// A record set of a name that was asked for is in sync.
    Right(&'a Right),
    /// A record set with our mark is claimed by nobody.
    Orphan(&'a Orphan),
}

/// A change as people are told of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangeFacts<'a> {
    /// The name.
    pub name: &'a str,
    /// The type.
    pub record_type: RecordType,
    /// The zone.
    pub zone: &'a ZoneId,
    /// The addresses before, joined by commas; none when there is no set yet.
    pub from: Option<String>,
    /// The addresses to write, joined by commas.
    pub to: String,
    /// What is done.
    pub action: Action,
    /// Whether an unmarked set becomes ours, by its heartbeats or by hand.
    pub adopts: bool,
    /// The machine that the set follows.
    pub machine: &'a ResourceId,
    /// How many other machines say the same.
    pub others: usize,
    /// What became of it.
    pub outcome: Outcome,
    /// What proved it.
    pub proved_by: Option<Proof>,
    /// Words about a failure.
    pub detail: Option<&'a str>,
}

/// Changes that went wrong, told by the first of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure<'a> {
    /// The first.
    pub first: ChangeFacts<'a>,
    /// How many others there are.
    pub more: usize,
}

/// What something that stands is about. The names that a brake holds are no part of it: they change from run to run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "topic", rename_all = "kebab-case")]
pub enum Topic {
    /// A brake.
    Brake {
        /// Which one.
        brake: BrakeKind,
        /// The zone; none when every zone is meant.
        zone: Option<ZoneId>,
        /// The address of `converging`, the cause of `blind`: a second proxy is another topic.
        #[serde(skip)]
        about: About,
    },
    /// A change that goes wrong.
    Change {
        /// The zone.
        zone: ZoneId,
        /// The name.
        name: String,
        /// The type.
        record_type: RecordType,
    },
    /// Something that names rest on and that could not be read: those names are blind. Another cause is another topic.
    Reading {
        /// Who was asked.
        #[serde(skip)]
        service: Service,
        /// The service's code, or the word of our own kind.
        cause: String,
    },
    /// A stage of a round, by its word.
    Stage {
        /// `collect`, `evaluate` or `repair`.
        stage: &'static str,
    },
}

/// Everything that a run says, in the order in which people read it. What the line of a brake says of a name is not said
/// again.
#[must_use]
pub fn of(report: &Report) -> Vec<Line<'_>> {
    whole(report).filter(|line| !matches!(line, Line::Skip(skip) if report.told_by(skip).is_some())).collect()
}

/// The same with a line of its own for each name, also for those that a brake names: for tables, which machines read.
pub fn whole(report: &Report) -> impl Iterator<Item = Line<'_>> {
    let unclaimed = report.unclaimed.iter().map(Line::Unclaimed);
    let changes = report.changes.iter().map(|reported| Line::Change(ChangeFacts::of(reported)));
    let brakes = report.brakes.iter().map(Line::Brake);
    let skips = report.skips.iter().map(Line::Skip);
    let right = report.right.iter().map(Line::Right);
    let orphans = report.orphans.iter().map(Line::Orphan);
    unclaimed.chain(changes).chain(brakes).chain(skips).chain(right).chain(orphans)
}

/// The first change that went wrong, and how many more did; none when none did.
#[must_use]
pub fn first_failure(report: &Report) -> Option<Failure<'_>> {
    let mut failed = report.changes.iter().map(ChangeFacts::of).filter(ChangeFacts::went_wrong);
    let first = failed.next()?;
    Some(Failure { first, more: failed.count() })
}

impl Line<'_> {
    /// What stands while this is said; none when it is said for this run alone.
    #[must_use]
    pub fn topic(&self) -> Option<Topic> {
        match self {
            Self::Change(facts) if facts.went_wrong() => Some(Topic::Change {
                zone: facts.zone.clone(),
                name: facts.name.to_owned(),
                record_type: facts.record_type,
            }),
            Self::Brake(brake) => {
                Some(Topic::Brake { brake: brake.brake, zone: brake.zone.clone(), about: brake.about })
            }
            Self::Unclaimed(_) | Self::Change(_) | Self::Skip(_) | Self::Right(_) | Self::Orphan(_) => None,
        }
    }
}

impl<'a> ChangeFacts<'a> {
    /// The facts of a reported change: nothing else of the story looks into one.
    fn of(reported: &'a ReportedChange) -> Self {
        let change = &reported.change;
        Self {
            name: change.id.name.as_str(),
            record_type: change.id.record_type,
            zone: &change.id.zone,
            from: change.before.is_some().then(|| join_addresses(&change.from())),
            to: join_addresses(change.to()),
            action: change.action(),
            adopts: change.cause.adopts(),
            machine: &change.after.machine,
            others: change.cause.witnesses().count(),
            outcome: reported.outcome,
            proved_by: reported.proved_by,
            detail: reported.detail.as_deref(),
        }
    }

    /// Whether it failed, conflicted, or nobody knows what became of it.
    #[must_use]
    pub fn went_wrong(&self) -> bool {
        matches!(self.outcome, Outcome::Failed | Outcome::Conflict | Outcome::Unconfirmed)
    }
}
