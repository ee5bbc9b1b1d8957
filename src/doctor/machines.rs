//! Whether the machines may be read that claim names and are heard: what may not be read is left out of every answer without
//! a word, and a right that was lost looks like a fleet that has gone.

mod tag;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::join_all;

use super::az;
use super::line::Line;
use super::visit::{Visit, is_tokenless, unasked};
use crate::azure::Error;
use crate::azure::resource_graph::{MOST_IDS, TagState};
use crate::queries::{CLAIMANTS_COLUMNS, OwnerId, Subscription, claimants, claimants_query};
use pure::domain::ResourceId;

const TOPIC: &str = "machines";
pub(super) const ROLE: &str = "Reader";
/// So far back the newest complete sweep is looked for, as the sweep itself does.
const LONG: Duration = Duration::from_secs(30 * 24 * 3600);
const HOUR: Duration = Duration::from_secs(3600);
/// Machines that are heard, whatever they claim: before the first sweep nobody claims anything.
const HEARD: &str = "Heartbeat | where _ResourceId contains '/microsoft.hybridcompute/machines/' \
                     | distinct ResourceId_s = tolower(_ResourceId) | top 500 by ResourceId_s asc";
/// Machines that are read singly, to tell those that are gone from those that may not be read.
const READ_SINGLY: usize = 20;
/// Subscriptions of which the command is shown.
pub(super) const SHOWN: usize = 3;

/// The machines that must be there, and how they are called.
struct LookedFor {
    ids: Vec<ResourceId>,
    claim: bool,
}

pub(super) async fn lines(visit: &Visit<'_>) -> Vec<Line> {
    let line = match known(visit).await {
        Ok(known) if known.ids.is_empty() => {
            Line::skip(TOPIC, "").saying("not asked: no machine was heard that is looked for")
        }
        Ok(known) => {
            return judged(visit, &known).await.unwrap_or_else(|error| vec![unasked(TOPIC, "", &error)]);
        }
        // The line of the workspace tells why.
        Err(error) if error.is_forbidden() || error.status == Some(404) => {
            Line::skip(TOPIC, "").saying("not asked: the workspace may not be asked who claims names")
        }
        Err(error) if is_tokenless(&error) => unasked(TOPIC, "", &error),
        Err(error) => Line::skip(TOPIC, "")
            .saying(format!("not asked: who claims names is not known; {}", error.for_people())),
    };
    vec![line]
}

/// The machines that claimed names in the newest sweep and are heard.
pub(super) async fn claimants_of(visit: &Visit<'_>) -> Result<Vec<ResourceId>, Error> {
    Ok(known(visit).await?.ids)
}

/// The machines that claimed names in the newest sweep and are heard; where there are none, those that are heard.
async fn known(visit: &Visit<'_>) -> Result<LookedFor, Error> {
    let chosen = &visit.settings.collect.subscriptions;
    let is_chosen = |id: &ResourceId| {
        chosen.is_empty() || chosen.iter().any(|chosen| chosen.eq_ignore_ascii_case(id.subscription()))
    };
    let asked: Vec<Subscription> = chosen.iter().filter_map(|id| Subscription::parse(id)).collect();
    let query = claimants_query(&OwnerId::new(&visit.settings.policy.owner), &asked);
    let ask = async |query: &str, timespan| {
        let table = visit.azure.logs_query.ask(query, Some(timespan), &CLAIMANTS_COLUMNS).await?;
        let ids = claimants(&table.column_names(), &table.rows);
        Ok::<_, Error>(spread(ids.into_iter().filter(is_chosen).collect()))
    };
    let ids = ask(&query, LONG).await?;
    if !ids.is_empty() {
        return Ok(LookedFor { ids, claim: true });
    }
    Ok(LookedFor { ids: ask(HEARD, HOUR).await?, claim: false })
}

/// The same, one of each subscription in turn, and no more than one question takes.
fn spread(ids: Vec<ResourceId>) -> Vec<ResourceId> {
    let mut turns: BTreeMap<String, usize> = BTreeMap::new();
    let mut placed: Vec<(usize, ResourceId)> = ids
        .into_iter()
        .map(|id| {
            let turn = turns.entry(id.subscription().to_lowercase()).or_default();
            *turn += 1;
            (*turn, id)
        })
        .collect();
    placed.sort_by_key(|(turn, _)| *turn);
    placed.into_iter().take(MOST_IDS).map(|(_, id)| id).collect()
}

async fn judged(visit: &Visit<'_>, known: &LookedFor) -> Result<Vec<Line>, Error> {
    let graph = &visit.azure.resource_graph;
    let collect = &visit.settings.collect;
    let listed = match graph.tags_of(&known.ids, &BTreeSet::new(), &collect.subscriptions, &collect.tag).await
    {
        Ok(listed) => listed,
        Err(error) if error.is_forbidden() => BTreeMap::new(),
        Err(error) => return Err(error),
    };
    let missing: Vec<&ResourceId> = known.ids.iter().filter(|id| !listed.contains_key(id.lower())).collect();
    let reads = missing.iter().take(READ_SINGLY).map(|id| graph.machine(id, &collect.tag));
    let states = join_all(reads).await.into_iter().collect::<Result<Vec<TagState>, Error>>()?;
    let unreadable: BTreeSet<&str> = missing
        .iter()
        .zip(&states)
        .filter(|(_, state)| **state == TagState::Unreadable)
        .map(|(id, _)| id.subscription())
        .collect();
    let is_lost = |(place, id): &(usize, &&ResourceId)| {
        unreadable.contains(id.subscription())
            && states.get(*place).is_none_or(|state| *state == TagState::Unreadable)
    };
    let lost: Vec<&ResourceId> = missing.iter().enumerate().filter(is_lost).map(|(_, id)| *id).collect();
    let all = known.ids.len();
    let machines = match (known.claim, all) {
        (true, 1) => "1 machine that claims names and is heard".to_owned(),
        (true, all) => format!("{all} machines that claim names and are heard"),
        (false, 1) => "1 machine that is heard".to_owned(),
        (false, all) => format!("{all} machines that are heard"),
    };
    // Who claims nothing need not be readable, unless nobody is.
    if lost.is_empty() || (!known.claim && !listed.is_empty()) {
        let gone = missing.len() - lost.len();
        let said = format!("{} of {machines} may be read", all - missing.len());
        let rest = if gone > 0 { format!("; {gone} not there any more") } else { String::new() };
        let line = Line::ok(TOPIC, "").saying(format!("{said}{rest}"));
        return Ok(std::iter::once(line)
            .chain(tag::line(visit, TOPIC, known.claim, &listed).await)
            .collect());
    }
    let how_many = if known.claim {
        format!("{} of {machines} may not be read", lost.len())
    } else {
        "none of the machines that are heard may be read".to_owned()
    };
    let example = lost.first().map(|id| id.name()).unwrap_or_default();
    let line =
        Line::fail(TOPIC, "").saying(format!("{how_many}, such as {example}; the identity lacks \"{ROLE}\""));
    let assignee = visit.assignee().await;
    let scopes = scopes(&lost);
    let commands = scopes.iter().take(SHOWN).map(|scope| az::assign(ROLE, &assignee, scope));
    Ok(vec![commands.fold(line, Line::mended_by)])
}

/// Where the role has to be given: the one group of a subscription, else the subscription.
pub(super) fn scopes(lost: &[&ResourceId]) -> Vec<String> {
    let mut groups: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for id in lost {
        groups.entry(id.subscription()).or_default().insert(id.resource_group());
    }
    let scope = |(subscription, groups): (&str, BTreeSet<&str>)| match groups.first() {
        Some(group) if groups.len() == 1 => az::scope(subscription, Some(group)),
        _ => az::scope(subscription, None),
    };
    groups.into_iter().map(scope).collect()
}
