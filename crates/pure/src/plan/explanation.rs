//! Why one name stands as it does: for each of its record sets the verdict, every rule with its answer, whose the set is, and
//! what would move it.

mod facts;
mod found;
mod stands;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::Timestamp;
use serde::Serialize;

use crate::domain::{HostName, MismatchRow, RecordId, RecordType, ResourceId, ZoneId, ZoneKind};

use super::blindness::Blindness;
use super::brake_kind::Brake;
use super::case::Case;
use super::change::Action;
use super::decision::Plan;
use super::denied;
use super::grant::{Term, Whence};
use super::policy::Policy;
use super::reason::Reason;
use super::said::Said;
use super::sentence::Sentence;
use super::standing;
use super::subject::Subject;
use super::trace::Trace;
use super::vanished::Vanished;
use super::why::{Unheard, Why};
use super::words::whole;

pub use stands::{MarkTold, SetNow, State};

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
    pub because: Option<Sentence>,
    /// The same with all that it names, for whoever makes commands of it.
    #[serde(skip)]
    pub why: Option<Why>,
    /// What would move it, in words that fit after "would move"; none where nobody claims the name.
    pub would_move: Option<Sentence>,
    /// Who claims it, each with every rule's answer, the claim that got furthest first.
    pub claims: Vec<Claimed>,
    /// What stands there now.
    pub record_set: SetNow,
    /// The name at which the zone hands its answers over to other name servers, if one is at the name or above it.
    pub delegated_at: Option<HostName>,
    /// The brakes that hold it, each with no name but this one.
    pub brakes: Vec<Brake>,
    /// Where the policy says `hold` of it, so that no run writes it whatever the rules say; none where it does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_by: Option<String>,
}

impl Explanation {
    /// Whether it is of that record set. What is known of the same name and type in another zone says nothing of it.
    #[must_use]
    pub fn is_of(&self, id: &RecordId) -> bool {
        self.record_type == id.record_type && self.zone.as_ref().is_none_or(|zone| *zone == id.zone)
    }
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
    /// Nobody knows: what it rests on could not be asked.
    Unknown,
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
    pub rules: Vec<RuleTold>,
}

impl Claimed {
    /// The rule that decided about this claim; none where all let it pass.
    #[must_use]
    pub fn decided_by(&self) -> Option<&RuleTold> {
        self.rules.iter().find(|told| matches!(told.answer, RuleAnswer::Yes | RuleAnswer::Unknown))
    }
}

/// A rule, and what it said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RuleTold {
    /// Its code.
    pub rule: Reason,
    /// Its answer.
    pub answer: RuleAnswer,
    /// Its sentence where it applies, else what it looked at.
    pub because: Option<Sentence>,
    /// What it saw where it applies, in a few words for whoever has read the sentence already.
    #[serde(skip)]
    pub in_short: Option<String>,
}

impl RuleTold {
    /// Whether it was asked.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.answer != RuleAnswer::NotAsked
    }
}

/// What a rule answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RuleAnswer {
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
    /// Where the policy says `hold` of it.
    held_by: Option<Whence>,
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
    // The sides of a name by themselves: a public zone's sets, then a private one's.
    let mut by_type: BTreeMap<(ZoneKind, RecordType), Vec<Heard>> = BTreeMap::new();
    for (row, said) in trace.rows() {
        let subject = Subject::of(row, case, policy, now, &vanished);
        by_type.entry((row.kind(), subject.record_type)).or_default().push(heard(&subject, said));
    }
    let id = |(kind, record_type)| {
        let zone = policy.zones.longest_of(kind, name)?.id.clone();
        Some(RecordId { zone, name: name.clone(), record_type })
    };
    let first = policy.record_types().first().copied().unwrap_or(RecordType::A);
    for kind in policy.sides(name.as_str()) {
        let managed = policy.record_types().into_iter().map(|record_type| (kind, record_type));
        for side in managed.filter(|side| id(*side).is_some_and(|id| stands::is_there(case, &id))) {
            by_type.entry(side).or_default();
        }
        if !by_type.keys().any(|(told, _)| *told == kind) {
            by_type.insert((kind, first), Vec::new());
        }
    }
    // Whoever asks about one side of a name is told of that alone.
    let is_asked = |side| id(side).is_none_or(|id| !case.asked.named.leaves_out(&id.zone, name));
    by_type.retain(|side, _| is_asked(*side));
    let silent = standing::silent(case).into_iter().filter_map(|id| ResourceId::parse(&id).ok());
    let silent = silent
        .map(|machine| (Why::NoHeartbeat { machine: machine.to_string(), quiet: Unheard::AnHour }, machine));
    let unheard = unheard.iter().map(|(machine, why)| (why.clone(), machine.clone()));
    // Of a claim of which a row speaks all rules have spoken.
    let spoken: BTreeSet<&str> = trace.rows().map(|(row, _)| row.resource_id.as_str()).collect();
    let is_unspoken =
        |(_, machine): &(Why, ResourceId)| !spoken.iter().any(|id| id.eq_ignore_ascii_case(machine.as_str()));
    let denied = denied::on(name, case, policy).into_iter().filter(is_unspoken);
    let unheard: Vec<(Why, ResourceId)> = unheard.chain(silent).chain(denied).collect();
    let blocks = by_type.into_iter().map(|(side, mut claims)| {
        // Of a set for which no machine reports an address of its family, those that were not heard say nothing more.
        let all = unheard.iter().map(|(why, machine)| untold(machine, why));
        claims.extend(all);
        claims.sort_by_key(|heard| std::cmp::Reverse(rank(heard)));
        // A tag that sweeps have placed in two zones has a row for each, one behind the other.
        claims.dedup_by(|next, told| next.claimed == told.claimed);
        block(side.1, id(side).as_ref(), claims, &trace.plan, case, policy, now)
    });
    blocks.collect()
}

/// The same where the rules could not be asked at all: what stands there, and who claims it, without any verdict.
#[must_use]
pub fn unjudged(
    name: &HostName,
    case: &Case,
    policy: &Policy,
    now: Timestamp,
    machines: &BTreeSet<ResourceId>,
    because: &str,
) -> Vec<Explanation> {
    let claims = machines.iter().map(|machine| unheard_of(machine, None)).collect::<Vec<_>>();
    let blocks = explain(name, case, policy, now, &[]).into_iter();
    let blocks = blocks.map(|block| Explanation {
        verdict: Verdict::Unknown,
        reason: None,
        because: Some(because.to_owned().into()),
        why: None,
        would_move: None,
        claims: claims.clone(),
        ..block
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
    let held_by = claims.iter().find_map(|heard| heard.held_by);
    let (verdict, why, would_move) = match (change, decided) {
        (Some(change), _) => {
            let (action, to) = (change.action(), change.to().clone());
            let now = Sentence::of(|f| {
                f.write_str("with the next run, or now with ")?;
                f.command(format_args!("apply {}", change.id.name))
            });
            (Verdict::ToWrite { action, to }, None, Some(now))
        }
        (None, _) if is_in_sync => {
            let held = id.and_then(|id| stands::on_hold(case, id, now));
            let moves = held.map_or_else(|| another_address(policy).into(), |why| why.way_out());
            (Verdict::InSync, None, Some(stands::without_hold(moves, held_by)))
        }
        (None, Some(why @ Why::HeldByClaim { .. })) => (Verdict::Left, Some(why), Some(why.way_out())),
        (None, Some(why)) => (Verdict::Left, Some(why), Some(stands::without_hold(why.way_out(), held_by))),
        (None, None) => (Verdict::Unclaimed, None, None),
    };
    let held = |brake: &Brake| {
        let name = id.map(|id| id.name.to_string()).filter(|name| brake.names.contains(name))?;
        Some(Brake { names: BTreeSet::from([name]), ..brake.clone() })
    };
    Explanation {
        record_type,
        zone: id.map(|id| id.zone.clone()),
        verdict,
        reason: why.map(Why::reason),
        because: why.map(Why::sentence),
        why: why.cloned(),
        would_move,
        record_set: stands::of(case, id, policy, now),
        delegated_at: id.and_then(|id| case.known.cut_above(&id.zone, &id.name)).cloned(),
        brakes: plan.brakes.iter().filter_map(held).collect(),
        held_by: held_by.map(|by| by.to_string()),
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
        None => RuleTold { rule, answer: RuleAnswer::NotAsked, because: None, in_short: None },
        Some((_, Said::No)) => RuleTold {
            rule,
            answer: RuleAnswer::No,
            because: facts::seen(rule, subject).map(Sentence::from),
            in_short: None,
        },
        Some((_, said)) => {
            let is_known = matches!(said, Said::Yes(_));
            let answer = if is_known { RuleAnswer::Yes } else { RuleAnswer::Unknown };
            let why = decision(said, subject);
            let in_short = why.as_ref().and_then(found::in_short);
            RuleTold { rule, answer, because: why.map(|why| why.sentence()), in_short }
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
    let held_by = subject.terms().filter(|terms| terms.hold).map(|terms| terms.origin(Term::Hold));
    Heard { claimed, why, held_by }
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
    Heard { claimed: unheard_of(machine, Some(why)), why: Some(why.clone()), held_by: None }
}

fn unheard_of(machine: &ResourceId, why: Option<&Why>) -> Claimed {
    let rules = Reason::ALL.into_iter().map(|rule| {
        let why = why.filter(|why| why.reason() == rule);
        let answer = if why.is_some() { RuleAnswer::Yes } else { RuleAnswer::NotAsked };
        RuleTold { rule, answer, because: why.map(Why::sentence), in_short: why.and_then(found::in_short) }
    });
    Claimed {
        machine: machine.to_string(),
        reported: None,
        heartbeat_time: None,
        first_beat: None,
        beats: 0,
        rules: rules.collect(),
    }
}
