//! Why one name stands as it does: for each of its record sets the verdict, every rule with its answer, whose the set is, and
//! what would move it.

mod facts;
mod stands;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{HostName, MismatchRow, RecordId, RecordType, ResourceId, ZoneId};

use super::blindness::Blindness;
use super::brake_kind::Brake;
use super::case::Case;
use super::change::Action;
use super::decision::Plan;
use super::policy::Policy;
use super::reason::Reason;
use super::said::Said;
use super::standing;
use super::subject::Subject;
use super::trace::Trace;
use super::vanished::Vanished;
use super::why::Why;
use super::words::whole;

pub use stands::{MarkTold, Stands, State};

/// Why one record set stands as it does.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The type.
    pub record_type: RecordType,
    /// The zone; none where no managed one holds the name.
    pub zone: Option<ZoneId>,
    /// What the next run does.
    pub verdict: Verdict,
    /// The code of the rule that decided; none where none holds it.
    pub reason: Option<Reason>,
    /// The rule's sentence.
    pub because: Option<String>,
    /// What would move it, in words that fit after "would move"; none where nobody claims the name.
    pub would_move: Option<String>,
    /// Who claims it, each with every rule's answer, the claim that got furthest first.
    pub claims: Vec<Claimed>,
    /// What stands there now.
    pub record_set: Stands,
    /// The name at which the zone hands its answers over to other name servers, if one is at the name or above it.
    pub delegated_at: Option<HostName>,
    /// The brakes that hold it.
    pub brakes: Vec<Brake>,
}

/// What the next run does with a record set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is")]
pub enum Verdict {
    /// Nothing: it holds what its machines say.
    InSync,
    /// It is written.
    ToWrite {
        /// How.
        action: Action,
        /// The addresses that it holds then.
        to: BTreeSet<IpAddr>,
    },
    /// It is left as it is.
    Left,
    /// Nothing: nobody speaks of it.
    Unclaimed,
}

/// A machine that claims the name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Claimed {
    /// Its id, as given.
    pub machine: String,
    /// What it reports, as given; none where it was not heard.
    pub reported: Option<String>,
    /// Its newest heartbeat.
    pub heartbeat_time: Option<Timestamp>,
    /// The first of the newest heartbeats that agree.
    pub first_beat: Option<Timestamp>,
    /// How many of the newest heartbeats agree.
    pub beats: u64,
    /// Every rule, in the order of the table.
    pub rules: Vec<Told>,
}

impl Claimed {
    /// The rule that decided about this claim; none where all let it pass.
    #[must_use]
    pub fn decided_by(&self) -> Option<&Told> {
        self.rules.iter().find(|told| matches!(told.answer, Answered::Yes | Answered::Unknown))
    }
}

/// A rule, and what it said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Its code.
    pub rule: Reason,
    /// Its answer.
    pub answer: Answered,
    /// Its sentence where it applies, else what it looked at.
    pub because: Option<String>,
}

/// What a rule answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answered {
    /// It does not apply.
    No,
    /// It applies, and decides.
    Yes,
    /// What it rests on could not be read, and that decides.
    Unknown,
    /// Another rule had decided before.
    NotAsked,
}

/// A claim together with what decided about it.
struct Heard {
    claimed: Claimed,
    why: Option<Why>,
}

/// Explains a name: one explanation for each record set of which something is to be said, and one at least.
///
/// `unheard` are claims of which no row speaks, each with the reason for that.
#[must_use]
pub fn explain(
    name: &HostName,
    case: &Case,
    policy: &Policy,
    now: Timestamp,
    unheard: &[(ResourceId, Why)],
) -> Vec<Explanation> {
    let is_named = |row: &MismatchRow| HostName::parse(&row.host_name).is_ok_and(|named| named == *name);
    let trace = Trace::of(case, policy, now, is_named);
    let vanished = Vanished::of(case, policy);
    let mut by_type: BTreeMap<RecordType, Vec<Heard>> = BTreeMap::new();
    for (row, said) in trace.rows() {
        let subject = Subject::of(row, case, policy, now, &vanished);
        by_type.entry(subject.record_type).or_default().push(heard(&subject, said));
    }
    let zone = policy.zones.longest_match(name).map(|zone| zone.id.clone());
    let id = |record_type| Some(RecordId { zone: zone.clone()?, name: name.clone(), record_type });
    for record_type in policy.record_types() {
        let stands = id(record_type).is_some_and(|id| stands::is_there(case, &id));
        if stands {
            by_type.entry(record_type).or_default();
        }
    }
    if by_type.is_empty() {
        by_type.insert(policy.record_types().first().copied().unwrap_or(RecordType::A), Vec::new());
    }
    let silent = standing::silent(case).into_iter().filter_map(|id| ResourceId::parse(&id).ok());
    let silent = silent.map(|machine| (Why::NoHeartbeat { machine: machine.to_string() }, machine));
    let unheard = unheard.iter().map(|(machine, why)| (why.clone(), machine.clone()));
    let unheard: Vec<(Why, ResourceId)> = unheard.chain(silent).collect();
    let blocks = by_type.into_iter().map(|(record_type, mut claims)| {
        // Of a set for which no machine reports an address of its family, those that were not heard say nothing more.
        let all = unheard.iter().map(|(why, machine)| untold(machine, why));
        claims.extend(all);
        claims.sort_by_key(|heard| std::cmp::Reverse(rank(heard)));
        block(record_type, id(record_type).as_ref(), claims, &trace.plan, case, policy, now)
    });
    blocks.collect()
}

/// How near a claim is to being written: one that passed, one that is right already, then by the rule that caught it.
fn rank(heard: &Heard) -> (u8, Option<Reason>) {
    match heard.why.as_ref().map(Why::reason) {
        None => (2, None),
        Some(Reason::AlreadyRight) => (1, None),
        Some(Reason::NoHeartbeat | Reason::NotSwept) => (0, None),
        Some(reason) => (0, Some(reason)),
    }
}

fn block(
    record_type: RecordType,
    id: Option<&RecordId>,
    claims: Vec<Heard>,
    plan: &Plan,
    case: &Case,
    policy: &Policy,
    now: Timestamp,
) -> Explanation {
    let change = plan.changes.iter().find(|change| Some(&change.id) == id);
    let is_in_sync = id.is_some_and(|id| plan.in_sync.contains(id));
    let decided = claims.first().and_then(|heard| heard.why.as_ref());
    let (verdict, why, would_move) = match (change, decided) {
        (Some(change), _) => {
            let (action, to) = (change.action(), change.to().clone());
            let now = format!("with the next run, or now with heartbeat-dns apply {}", change.id.name);
            (Verdict::ToWrite { action, to }, None, Some(now))
        }
        (None, _) if is_in_sync => (Verdict::InSync, None, Some(another_address(policy))),
        (None, Some(why)) => (Verdict::Left, Some(why), Some(why.way_out().to_string())),
        (None, None) => (Verdict::Unclaimed, None, None),
    };
    let holds = |brake: &&Brake| id.is_some_and(|id| brake.names.contains(id.name.as_str()));
    Explanation {
        record_type,
        zone: id.map(|id| id.zone.clone()),
        verdict,
        reason: why.map(Why::reason),
        because: why.map(ToString::to_string),
        would_move,
        record_set: stands::of(case, id, policy, now),
        delegated_at: id.and_then(|id| case.known.cut_above(&id.zone, &id.name)).cloned(),
        brakes: plan.brakes.iter().filter(holds).cloned().collect(),
        claims: claims.into_iter().map(|heard| heard.claimed).collect(),
    }
}

/// What a name that is right waits for.
fn another_address(policy: &Policy) -> String {
    let span = policy.grants.iter().map(|grant| grant.terms.min_span).min().unwrap_or_default();
    let beats = policy.min_beats;
    match beats {
        0 | 1 => "with one heartbeat from another address".to_owned(),
        _ => format!("with {beats} heartbeats in a row from another address, over {}", whole(span)),
    }
}

/// What was said to a row that was heard.
fn heard(subject: &Subject<'_>, said: &[(Reason, Said)]) -> Heard {
    let row = subject.row;
    let rules = Reason::ALL.into_iter().map(|rule| match said.iter().find(|(asked, _)| *asked == rule) {
        None => Told { rule, answer: Answered::NotAsked, because: None },
        Some((_, Said::No)) => Told { rule, answer: Answered::No, because: facts::seen(rule, subject) },
        Some((_, said)) => {
            let is_known = matches!(said, Said::Yes(_));
            let answer = if is_known { Answered::Yes } else { Answered::Unknown };
            Told { rule, answer, because: decision(said, subject).map(|why| why.to_string()) }
        }
    });
    let claimed = Claimed {
        machine: subject.machine_text(),
        reported: Some(row.computer_ip.clone()),
        heartbeat_time: row.heartbeat_time,
        first_beat: subject.first_beat(),
        beats: row.beats,
        rules: rules.collect(),
    };
    let why = said.iter().find_map(|(_, said)| decision(said, subject));
    Heard { claimed, why }
}

/// The reason that a rule's answer is; none where it does not apply.
fn decision(said: &Said, subject: &Subject<'_>) -> Option<Why> {
    match said {
        Said::No => None,
        Said::Yes(why) => Some(why.clone()),
        Said::Blind(cause) => Some(Why::Blind { cause: cause.clone() }),
        Said::Needs(_) => {
            Some(Why::Blind { cause: Blindness::NotAsked { name: subject.row.host_name.clone() } })
        }
    }
}

/// A claim of which no row speaks: one rule alone was asked.
fn untold(machine: &ResourceId, why: &Why) -> Heard {
    let rules = Reason::ALL.into_iter().map(|rule| {
        let is_it = rule == why.reason();
        let answer = if is_it { Answered::Yes } else { Answered::NotAsked };
        Told { rule, answer, because: is_it.then(|| why.to_string()) }
    });
    let claimed = Claimed {
        machine: machine.to_string(),
        reported: None,
        heartbeat_time: None,
        first_beat: None,
        beats: 0,
        rules: rules.collect(),
    };
    Heard { claimed, why: Some(why.clone()) }
}
