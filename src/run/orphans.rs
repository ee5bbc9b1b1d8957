//! What becomes of record sets that nobody claims any more, where `POLICY_ORPHANS` lets them go: asked by the timer's run
//! alone, of the log first, then of the fleet, then of each set.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::decide::READING;
use super::ends::unclaimed;
use super::fleet::Fleet;
use super::fulfil::{Asker, fulfil};
use super::planned::Planned;
use super::trouble::Trouble;
use crate::clock;
use crate::queries;
use pure::domain::{HostName, ZoneId};
use pure::plan::report::Trigger;
use pure::plan::{Marked, Needs, Orphans, Plan, brake, orphan};

/// Names that one question holds; where nobody claims more, the zones that would lose too many are not asked about.
const MOST: usize = 2000;
/// How far back the last write to a set is looked for: as far as `history` looks.
const LONG: Duration = Duration::from_secs(90 * 24 * 3600);

impl Planned<'_> {
    /// Plans the end of what nobody claims any more. What is not known, or cannot be read, ends nothing.
    pub(super) async fn end_orphans(&mut self) {
        let policy = self.policy();
        let is_due = self.request.trigger == Trigger::Timer && self.request.only().is_none();
        let is_wanted = policy.orphans == Orphans::Delete && !self.case.history.orphans.is_empty();
        let is_blind = brake::is_blind(&self.case, policy, clock::now()) || self.silence.is_some();
        if !is_due || !is_wanted || is_blind {
            return;
        }
        match self.orphans_that_go().await {
            Ok(ends) => self.plan.absorb(ends),
            Err(trouble) => self.found.troubles.push(trouble),
        }
    }

    async fn orphans_that_go(&mut self) -> Result<Plan, Trouble> {
        let policy = self.policy();
        let history = &self.case.history;
        let asked = few_enough(&history.orphans, |zone| {
            orphan::daily_limit(history.zones.get(zone).map_or(0, |zone| zone.marked_sets))
        });
        // By so many whose past nobody asked, the brake says what a person must know.
        let (_, mut brakes) = orphan::weigh(&asked.too_many, history);
        let run = &self.installation.settings.run;
        let names: BTreeSet<HostName> = asked.few.iter().map(|marked| marked.id.name.clone()).collect();
        if names.is_empty() {
            return Ok(Plan { brakes, ..Plan::default() });
        }
        let asking = self.azure.for_a_part(READING);
        let owner = queries::OwnerId::new(&run.owner_id);
        let query = queries::orphans_query(&owner, &names, policy.orphan_grace);
        let table = asking.logs_query.ask(&query, Some(LONG), &queries::ORPHANS_COLUMNS).await?;
        if let Some(why) = &table.partial {
            return Err(Trouble::of_a_part(why));
        }
        let past = queries::orphans(&table.column_names(), &table.rows);
        let gone = orphan::gone(asked.few, &past, policy, clock::now());
        // One that failed lately fails again; it is tried once a day.
        let is_new = |marked: &&Marked| !history.is_missing(&marked.id);
        let gone: Vec<Marked> = gone.into_iter().filter(is_new).cloned().collect();
        if gone.is_empty() {
            return Ok(Plan { brakes, ..Plan::default() });
        }
        // The log is history only: what tags say now, all of the fleet must say, with no right lost.
        let fleet = Fleet::read(&asking, &self.installation.settings.collect, self.policy()).await?;
        // A machine that does not show its tags may be the claimant.
        let is_whole = fleet.is_whole();
        let still: BTreeSet<_> = unclaimed(&fleet, history).map(|marked| marked.id.clone()).collect();
        self.fleet = Some(fleet);
        if !is_whole || !self.rights_lost().await?.is_empty() {
            // A brake that stands does not open because this was not seen.
            return Ok(Plan { brakes, ..Plan::default() });
        }
        let policy = self.policy();
        let gone: Vec<&Marked> = gone.iter().filter(|marked| still.contains(&marked.id)).collect();
        let (going, held) = orphan::weigh(&gone, &self.case.history);
        brakes.extend(held);
        let needs =
            Needs { sets: going.iter().map(|marked| marked.id.clone()).collect(), ..Needs::default() };
        let (tag, naming) = (&self.installation.settings.collect.tag, BTreeSet::new());
        let history = &self.case.history;
        let asker = Asker { azure: &asking, history, policy, tag, subscriptions: &[], naming: &naming };
        let learned = fulfil(asker, &needs).await;
        let mut changes: Vec<_> = going
            .into_iter()
            .filter_map(|marked| orphan::depart(marked, learned.known.set(&marked.id), policy))
            .collect();
        changes.sort_by(|one, other| one.id.cmp(&other.id));
        self.found.troubles.extend(learned.found.troubles);
        Ok(Plan { changes, brakes, ..Plan::default() })
    }
}

/// The orphans that are asked about, and those of zones of which nobody need ask.
struct Askable<'a> {
    few: Vec<&'a Marked>,
    too_many: Vec<&'a Marked>,
}

/// Sorts out what is too much for one question: the zones that would lose more than their limit whatever the log says.
fn few_enough(orphans: &[Marked], limit: impl Fn(&ZoneId) -> u64) -> Askable<'_> {
    let all: Vec<&Marked> = orphans.iter().collect();
    if all.len() <= MOST {
        return Askable { few: all, too_many: Vec::new() };
    }
    let mut zones: BTreeMap<&ZoneId, u64> = BTreeMap::new();
    for marked in &all {
        *zones.entry(&marked.id.zone).or_default() += 1;
    }
    let is_few =
        |marked: &&Marked| zones.get(&marked.id.zone).is_some_and(|count| *count <= limit(&marked.id.zone));
    let (few, too_many): (Vec<&Marked>, Vec<&Marked>) = all.into_iter().partition(is_few);
    // Of what is left nobody asks a part: it would pass for all.
    let few = if few.len() <= MOST { few } else { Vec::new() };
    Askable { few, too_many }
}
