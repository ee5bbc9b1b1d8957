//! What becomes of record sets that nobody claims any more, where `POLICY_ORPHANS` lets them go: asked by the timer's run, and
//! for a person, of the log first, then of the fleet, then of each set.

mod askable;
mod sight;
mod words;

use std::collections::BTreeSet;
use std::time::Duration;

use self::askable::{Askable, MOST};
use self::sight::Sight;
use self::words::last_words;
use super::decide::READING;
use super::fulfil::Asker;
use super::planned::Planned;
use super::trouble::Trouble;
use crate::azure::Azure;
use crate::clock;
use crate::queries;
use pure::domain::{HostName, RecordId, ZoneId};
use pure::plan::orphan::Weighed;
use pure::plan::report::Trigger;
use pure::plan::{Change, ClaimPast, Marked, Met, Needs, Orphans, Plan, old_data, orphan};

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

    /// What the log says of them, what stands there, how many may go, and what each one's machine says: in this order, and none
    /// goes of which one of the four does not say so.
    async fn orphans_that_go(&mut self) -> Result<EndsFound, Trouble> {
        let asking = self.azure.for_a_part(READING);
        let mut seen = None;
        // A person waits, and is told of all.
        if self.is_timer() && self.case.history.orphans.len() > MOST {
            seen = Some(self.see(&asking).await?);
        }
        let askable = Askable::of(&self.case.history.orphans, seen.as_ref());
        let gone = self.over_by_the_log(&asking, &askable.few).await?;
        let of_log = OfLog { gone, unasked: askable.too_many.into_iter().cloned().collect() };
        if of_log.is_empty() {
            let met = Met { gone: self.ends_gone(&[]), ..Met::default() };
            return Ok(EndsFound { plan: Plan { met, ..Plan::default() }, is_whole: true });
        }
        let seen = match seen {
            Some(seen) => seen,
            None => self.see(&asking).await?,
        };
        if !seen.is_whole {
            return Ok(EndsFound { plan: Plan::default(), is_whole: false });
        }
        self.depart(&asking, &of_log, seen).await
    }

    fn is_timer(&self) -> bool {
        self.request.trigger == Trigger::Timer
    }

    /// Those that may go by what the log has of their past.
    async fn over_by_the_log(&self, asking: &Azure, few: &[&Marked]) -> Result<Vec<Marked>, Trouble> {
        let names: BTreeSet<HostName> = few.iter().map(|marked| marked.id.name.clone()).collect();
        let past = self.past_claims(asking, &names).await?;
        let gone = orphan::gone(few.iter().copied(), &past, self.policy(), clock::now());
        // One that failed lately fails again; it is tried once a day, unless somebody wants it.
        let is_wanted = |marked: &&Marked| !self.is_timer() || !self.case.history.is_missing(&marked.id);
        Ok(gone.into_iter().filter(is_wanted).cloned().collect())
    }

    /// How many may go, and the end of each that its machine lets go.
    async fn depart(&mut self, asking: &Azure, of_log: &OfLog, seen: Sight) -> Result<EndsFound, Trouble> {
        let (policy, history, is_timer) = (self.policy(), &self.case.history, self.is_timer());
        let Sight { unclaimed, census, unread, .. } = seen;
        let approval = self.request.approval.as_ref();
        let still = |marked: &&Marked| unclaimed.contains(&marked.id);
        let gone: Vec<&Marked> = of_log.gone.iter().filter(still).collect();
        let unasked: Vec<&Marked> = of_log.unasked.iter().filter(still).collect();
        // By so many whose past nobody asked, the brake says what a person must know.
        let unasked = orphan::weigh(&unasked, &history.deletions, &census, None);
        let Weighed { going, approved, mut held, digests } =
            orphan::weigh(&gone, &history.deletions, &census, approval);
        // By itself nothing goes while somebody waits for something else.
        let going = if is_timer { going } else { Vec::new() };
        let (tag, naming) = (&self.installation.settings.collect.tag, BTreeSet::new());
        let asker = Asker { azure: asking, history, policy, tag, subscriptions: &[], naming: &naming };
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
        let unasked = unasked.held.iter().filter_map(|held| held.brake(false));
        let brakes = unasked.chain(held.iter().filter_map(|held| held.brake(true))).collect();
        let met = Met { digests, gone: self.ends_gone(&changes), ..Met::default() };
        let losing: BTreeSet<&ZoneId> = of_log.zones().collect();
        let unread: Vec<Trouble> = unread
            .into_iter()
            .filter(|(zone, _)| losing.contains(zone))
            .map(|(_, trouble)| trouble)
            .collect();
        let is_whole = unread.is_empty();
        self.found.troubles.extend(learned.found.troubles);
        self.found.troubles.extend(unread);
        Ok(EndsFound { plan: Plan { changes, brakes, led, met, ..Plan::default() }, is_whole })
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

/// What the log says of record sets that nobody claims.
struct OfLog {
    /// That they may go.
    gone: Vec<Marked>,
    /// Nothing of their past: they are too many to be asked about.
    unasked: Vec<Marked>,
}

impl OfLog {
    /// The zones that would lose them.
    fn zones(&self) -> impl Iterator<Item = &ZoneId> {
        self.gone.iter().chain(&self.unasked).map(|marked| &marked.id.zone)
    }

    fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.unasked.is_empty()
    }
}
