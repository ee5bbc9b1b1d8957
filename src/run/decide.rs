//! How a run decides: what is true now is asked as far as the rows need it, until the plan is whole.

use std::collections::{BTreeMap, BTreeSet};

use super::at_work::AtWork;
use super::attended::Attended;
use super::audit;
use super::fleet::FEW;
use super::fulfil::{Asker, Found, LiveSet, fulfil};
use super::installation::Installation;
use super::observe::Observed;
use super::planned::Planned;
use super::request::Request;
use crate::azure::Azure;
use crate::clock;
use crate::config::ApplyVia;
use pure::domain::{HostName, NameSet, RecordId, ZoneId};
use pure::plan::{self, Case, Needs, Policy, standing};

/// Rounds of questions after which a plan must be whole: who holds an address, tags and sets, the
/// tag of a mark's machine, evidence, who claims a name that an address would leave, and their evidence; what a zone holds
/// of which much would move.
const ROUNDS: usize = 8;

/// Sets that are read for the sake of owed rows; of more the log's word has to do.
const OWED: usize = 20;
/// Part of the time that is left which a round of questions may take.
pub(super) const READING: u32 = 4;

/// Reads what is true now, as far as the rows need it, and decides.
///
/// What cannot be read leaves the names that rest on it as they are, with the cause; where a service gives no answer at all,
/// the whole run is to be tried again.
pub async fn plan(installation: &Installation, request: Request, observed: Observed) -> Planned<'_> {
    let Observed { azure, mut case, unasked, started } = observed;
    case.asked = request.asked();
    case.history.own = installation.own_changes.recent(clock::now());
    let policy = &installation.settings.policy;
    let mut found = Found::default();
    let only = request.only();
    let decide = |case: &Case| {
        if let Some(order) = &case.asked.order {
            return plan::ordered(order, case, policy, clock::now());
        }
        let now = clock::now();
        let mut plan = plan::plan(case, policy, now);
        if let Some(names) = &only {
            plan.needs.narrow(names, case, policy, now);
        }
        plan
    };
    let mut plan = decide(&case);
    let collect = &installation.settings.collect;
    let (tag, subscriptions) = (&collect.tag, collect.subscriptions.as_slice());
    let naming = Some(request.named().hosts()).filter(|names| names.len() <= FEW).unwrap_or_default();
    let mut at_work = AtWork::default();
    if request.writes() {
        // Before its sets are read: what ends after them has changed them, which the look before a write shows.
        let zones = plan.needs.sets.iter().chain(plan.changes.iter().map(|change| &change.id));
        let zones = zones.map(|id| id.zone.clone()).collect();
        let asking = azure.for_a_part(READING);
        match installation.settings.run.apply_via {
            ApplyVia::Deployment => at_work.ask(&asking, zones).await,
            // The function's runs may deploy, whatever the shell of a person says; theirs would take the order back.
            ApplyVia::RecordSet if request.order.is_some() => at_work.ask_if_it_may(&asking, zones).await,
            ApplyVia::RecordSet => {}
        }
    }
    for _ in 0..ROUNDS {
        if plan.needs.is_empty() {
            break;
        }
        // One answer that does not come makes its own names unavailable; the others still have most of the time.
        let asking = azure.for_a_part(READING);
        let asker =
            Asker { azure: &asking, history: &case.history, policy, tag, subscriptions, naming: &naming };
        let learned = fulfil(asker, &plan.needs).await;
        case.known.extend(learned.known);
        found.absorb(learned.found);
        plan = decide(&case);
    }
    if request.writes() {
        found.sets.extend(owed_sets(&azure, &case, policy, tag, &found, only.as_ref()).await);
    }
    let silence = found.tags_asked.is_silence() || found.sets_asked.is_silence();
    let silence = found.troubles.first().filter(|_| silence).cloned();
    if let Some(names) = &only {
        plan.narrow(names);
    }
    let silence = silence.or_else(|| unasked.silence(only.is_some() && plan.changes.is_empty()));
    found.troubles.extend(unasked.troubles);
    let only_planned = only_planned(&request, &case, policy);
    let mut planned = Planned {
        installation,
        request,
        azure,
        case,
        plan,
        found,
        silence,
        misnamed: BTreeMap::new(),
        missed: Vec::new(),
        uncounted: None,
        unclaimed: Vec::new(),
        ends: None,
        hidden: Vec::new(),
        has_weighed_ends: false,
        is_unaccounted: !unasked.names.is_empty(),
        fleet: None,
        younger: BTreeSet::new(),
        in_sync: BTreeSet::new(),
        only_planned,
        rowless: Vec::new(),
        unasked: unasked.names,
        started,
        attended: Attended::default(),
        at_work,
    };
    planned.doubt_what_is_unreadable().await;
    if let Err(trouble) = Box::pin(planned.account_for_names()).await {
        planned.leave_unaccounted(&trouble);
    }
    if planned.request.order.is_some() {
        Box::pin(planned.name_what_was_meant()).await;
        return planned;
    }
    Box::pin(planned.end_orphans()).await;
    planned.in_sync = standing::in_sync(&planned.case, &planned.plan, policy, clock::now());
    planned.name_younger_claims().await;
    planned
}

/// Beside what is written of all names: those that somebody gave to be planned, and that the log calls right. Nobody else's
/// run would look at them, and a plan makes no apply larger.
fn only_planned(request: &Request, case: &Case, policy: &Policy) -> BTreeSet<(ZoneId, HostName)> {
    let named = &request.wishes.named;
    let sides = named.plan.iter().flat_map(|name| {
        let zones = policy.zones.of_name(name).map(|zone| &zone.id);
        zones.filter(|zone| named.is_only_planned(zone, name)).map(|zone| (zone.clone(), name.clone()))
    });
    let mut sides: BTreeSet<(ZoneId, HostName)> = sides.collect();
    if !sides.is_empty() {
        for differing in standing::differing(case, clock::now()) {
            sides.remove(&differing);
        }
    }
    sides
}

/// The sets of which the log alone says that a killed run owes a row: only their marks tell what was replaced. Where a set
/// cannot be read, the log's word has to do. A run for some names leaves those of others to a run for all.
async fn owed_sets(
    azure: &Azure,
    case: &Case,
    policy: &Policy,
    tag: &str,
    found: &Found,
    only: Option<&NameSet>,
) -> Vec<LiveSet> {
    let read: BTreeSet<&RecordId> = found.sets.iter().map(|set| &set.id).collect();
    let is_wanted = |id: &&RecordId| only.is_none_or(|names| names.holds(id)) && !read.contains(id);
    let now = clock::now();
    let owed = case.history.owed.iter().filter(|owed| !audit::may_still_arrive(owed.time, now));
    let owed = owed.map(|owed| &owed.id).filter(is_wanted);
    let needs = Needs { sets: owed.take(OWED).cloned().collect(), ..Needs::default() };
    if needs.is_empty() {
        return Vec::new();
    }
    let asking = azure.for_a_part(READING);
    let naming = &BTreeSet::new();
    let asker = Asker { azure: &asking, history: &case.history, policy, tag, subscriptions: &[], naming };
    fulfil(asker, &needs).await.found.sets
}
