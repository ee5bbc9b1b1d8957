//! What becomes of record sets that nobody claims any more, where `POLICY_ORPHANS` lets them go: asked by the timer's run, and
//! for a person, of the log first, then of the fleet, then of each set.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::decide::READING;
use super::ends::unclaimed;
use super::fleet::Fleet;
use super::fulfil::{Asker, Learned, READ_SINGLY, fulfil};
use super::ours::ours_in;
use super::planned::Planned;
use super::trouble::Trouble;
use crate::azure::Azure;
use crate::clock;
use crate::queries;
use pure::domain::{HostName, RecordId, RecordSet, ZoneId};
use pure::plan::orphan::{Census, Weighed};
use pure::plan::report::Trigger;
use pure::plan::{Brake, Change, ClaimPast, Marked, Met, Needs, Orphans, Plan, old_data, orphan};

/// Names that one question holds; where nobody claims more, the timer's run does not ask about the zones that
/// would lose too many.
const MOST: usize = 2000;
/// How far back the last write to a set is looked for: as far as `history` looks.
const LONG: Duration = Duration::from_secs(90 * 24 * 3600);

/// What was found of names that end.
struct EndsFound {
    plan: Plan,
    /// Whether all of it was seen: a brake that stands does not open because something was not.
    is_whole: bool,
}

impl Planned<'_> {
    /// Plans the end of what nobody claims any more. What is not known, or cannot be read, ends nothing.
    ///
    /// Whoever sits at the command line learns what the brake holds, and may approve it; by itself it goes in the timer's run.
    pub(super) async fn end_orphans(&mut self) {
        let policy = self.policy();
        let asks = matches!(self.request.trigger, Trigger::Timer | Trigger::Cli);
        let is_blind = old_data::is_blind(&self.case, policy, clock::now()) || self.silence.is_some();
        if !asks || self.request.only().is_some() || is_blind {
            return;
        }
        if policy.orphans != Orphans::Delete || self.case.history.orphans.is_empty() {
            self.has_weighed_ends = true;
            return;
        }
        match self.orphans_that_go().await {
            Ok(ending) => {
                self.has_weighed_ends = ending.is_whole;
                self.plan.absorb(ending.plan);
            }
            Err(trouble) => self.found.troubles.push(trouble),
        }
    }

    async fn orphans_that_go(&mut self) -> Result<EndsFound, Trouble> {
        let policy = self.policy();
        let history = &self.case.history;
        let is_timer = self.request.trigger == Trigger::Timer;
        // A person waits, and is told of all.
        let most = if is_timer { MOST } else { usize::MAX };
        let asked = few_enough(&history.orphans, most, |zone| orphan::limit(history, zone));
        // By so many whose past nobody asked, the brake says what a person must know.
        let unasked = orphan::weigh(&asked.too_many, history, None, None);
        let mut brakes: Vec<Brake> = unasked.held.iter().filter_map(|held| held.brake(false)).collect();
        let names: BTreeSet<HostName> = asked.few.iter().map(|marked| marked.id.name.clone()).collect();
        let asking = self.azure.for_a_part(READING);
        let past = self.past_claims(&asking, &names).await?;
        let gone = orphan::gone(asked.few, &past, policy, clock::now());
        // One that failed lately fails again; it is tried once a day, unless somebody wants it.
        let is_wanted = |marked: &&Marked| !is_timer || !history.is_missing(&marked.id);
        let gone: Vec<Marked> = gone.into_iter().filter(is_wanted).cloned().collect();
        if gone.is_empty() {
            let met = Met { gone: self.ends_gone(&[]), ..Met::default() };
            return Ok(EndsFound { plan: Plan { brakes, met, ..Plan::default() }, is_whole: true });
        }
        // The log is history only: what tags say now, all of the fleet must say, with no right lost.
        let fleet = Fleet::read(&asking, &self.installation.settings.collect, self.policy()).await?;
        // A machine that does not show its tags may be the claimant.
        let is_whole = fleet.is_whole();
        let still: BTreeSet<_> = unclaimed(&fleet, history).map(|marked| marked.id.clone()).collect();
        self.fleet = Some(fleet);
        if !is_whole || !self.rights_lost().await?.is_empty() {
            return Ok(EndsFound { plan: Plan { brakes, ..Plan::default() }, is_whole: false });
        }
        let (policy, history) = (self.policy(), &self.case.history);
        let gone: Vec<&Marked> = gone.iter().filter(|marked| still.contains(&marked.id)).collect();
        let (live, unread) = self.count_what_stands(&asking, &gone).await;
        let is_whole = unread.is_empty();
        let gone: Vec<&Marked> =
            gone.into_iter().filter(|marked| !unread.contains_key(&marked.id.zone)).collect();
        let approval = self.request.approval.as_ref();
        let Weighed { going, approved, mut held, digests } =
            orphan::weigh(&gone, history, Some(&live), approval);
        // By itself nothing goes while somebody waits for something else.
        let going = if is_timer { going } else { Vec::new() };
        let (tag, naming) = (&self.installation.settings.collect.tag, BTreeSet::new());
        let asker = Asker { azure: &asking, history, policy, tag, subscriptions: &[], naming: &naming };
        let leaving: Vec<&Marked> = going.iter().chain(&approved).copied().collect();
        let learned = last_words(asker, &leaving).await;
        let depart = |marked: &Marked, lifted| {
            let (known, needs) = (&learned.known, &mut Needs::default());
            orphan::depart(marked, known, (policy, clock::now()), lifted, needs)
        };
        let mut changes: Vec<_> =
            going.into_iter().filter_map(|marked| depart(marked, BTreeSet::new())).collect();
        let mut led = BTreeSet::new();
        for marked in approved {
            if let Some(change) = depart(marked, BTreeSet::from([orphan::LIFTED])) {
                led.insert(change.id.zone.clone());
                changes.push(change);
            } else if let Some(held) = held.iter_mut().find(|held| held.zone() == &marked.id.zone) {
                held.sets.push(marked);
            }
        }
        changes.sort_by(|one, other| one.id.cmp(&other.id));
        brakes.extend(held.iter().filter_map(|held| held.brake(true)));
        let met = Met { digests, gone: self.ends_gone(&changes), ..Met::default() };
        self.found.troubles.extend(learned.found.troubles);
        self.found.troubles.extend(unread.into_values());
        Ok(EndsFound { plan: Plan { changes, brakes, led, met, ..Plan::default() }, is_whole })
    }

    /// The record sets of ours as they stand now in the zones that would lose some, and the zones that cannot be read: of
    /// those none goes.
    async fn count_what_stands(
        &self,
        asking: &Azure,
        gone: &[&Marked],
    ) -> (Census, BTreeMap<ZoneId, Trouble>) {
        let (mut live, mut unread) = (Census::by_log(&self.case.history), BTreeMap::new());
        let zones: BTreeSet<&ZoneId> = gone.iter().map(|marked| &marked.id.zone).collect();
        for zone in zones {
            match ours_in(asking, zone, &self.policy().owner).await {
                Ok(sets) => {
                    let fleet = self.fleet.as_ref();
                    let is_claimed =
                        |set: &RecordSet| fleet.is_some_and(|fleet| !fleet.claimants(&set.name).is_empty());
                    live.learn(zone, sets.iter().map(is_claimed));
                }
                Err(trouble) => drop(unread.insert(zone.clone(), trouble)),
            }
        }
        (live, unread)
    }

    /// The ends that somebody has read and approved, and that are not to be any more.
    fn ends_gone(&self, planned: &[Change]) -> Vec<RecordId> {
        self.request.approval.as_ref().map(|approval| approval.ends_gone(planned)).unwrap_or_default()
    }

    /// What the log knows of the claims on these names, asked in portions.
    async fn past_claims(&self, asking: &Azure, names: &BTreeSet<HostName>) -> Result<ClaimPast, Trouble> {
        let owner = queries::OwnerId::new(&self.installation.settings.run.owner_id);
        let names: Vec<&HostName> = names.iter().collect();
        let mut past = ClaimPast::default();
        for portion in names.chunks(MOST) {
            let portion = portion.iter().copied().cloned().collect();
            let query = queries::orphans_query(&owner, &portion, self.policy().orphan_grace);
            let table = asking.logs_query.ask(&query, Some(LONG), &queries::ORPHANS_COLUMNS).await?;
            if let Some(why) = &table.partial {
                return Err(Trouble::of_a_part(why));
            }
            past.extend(queries::orphans(&table.column_names(), &table.rows));
        }
        Ok(past)
    }
}

/// Each set as it stands now, and what the machine that it is marked for says of it.
async fn last_words(asker: Asker<'_>, leaving: &[&Marked]) -> Learned {
    let mut learned = Learned::default();
    loop {
        let mut needs = Needs::default();
        for marked in leaving {
            // Whether it goes is decided once all is known.
            needs.extend(orphan::wanted(marked, &learned.known, (asker.policy, clock::now())));
        }
        if needs.is_empty() {
            return learned;
        }
        // Of more at once that are gone, the rest would count as unreadable.
        needs.machines = needs.machines.into_iter().take(READ_SINGLY).collect();
        learned.absorb(fulfil(asker, &needs).await);
    }
}

/// The orphans that are asked about, and those of zones of which nobody need ask.
struct Askable<'a> {
    few: Vec<&'a Marked>,
    too_many: Vec<&'a Marked>,
}

/// Sorts out what is too much for one question: the zones that would lose more than their limit whatever the log says.
fn few_enough(orphans: &[Marked], most: usize, limit: impl Fn(&ZoneId) -> u64) -> Askable<'_> {
    let all: Vec<&Marked> = orphans.iter().collect();
    if all.len() <= most {
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
    let few = if few.len() <= most { few } else { Vec::new() };
    Askable { few, too_many }
}
