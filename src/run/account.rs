//! Every name that was asked for, or that a tag claims, accounted for: what no row speaks of is right, silent, younger than
//! the sweep, below a cut, or nobody's.

mod meant;
mod zones;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::claims::logged;
use super::decide::READING;
use super::ends::{self, Ends};
use super::fleet::{Counts, Fleet};
use super::fulfil::{Asker, fulfil};
use super::heard::{HOUR, heard};
use super::planned::Planned;
use super::trouble::Trouble;
use crate::azure::Azure;
use crate::clock;
use crate::queries::SweptClaim;
use crate::vanished;
use pure::domain::{HostName, MismatchRow, RecordId, ResourceId, ZoneId};
use pure::plan::report::Trigger;
use pure::plan::{self, Answer, Blindness, Brake, BrakeKind, Case, Live, Needs, Reason, Skip, Why, standing};

impl Planned<'_> {
    /// Silence about a name that was asked for means that no machine was heard for it, that the log does not know of its
    /// tag yet, or that it is nobody's: only the tags and the heartbeats know.
    ///
    /// # Errors
    /// When the machines or their heartbeats cannot be read; see [`Planned::leave_unaccounted`].
    pub(super) async fn account_for_names(&mut self) -> Result<(), Trouble> {
        let unspoken = self.unspoken();
        // A part of an answer that does not speak of a name says nothing of it: the brake `blind` does.
        if unspoken.is_empty() || self.case.partial {
            return Ok(());
        }
        let collect = &self.installation.settings.collect;
        let policy = self.policy();
        let asking = self.azure.for_a_part(READING);
        let mut fleet = match self.fleet.take() {
            Some(whole) => whole,
            None => Fleet::read_for(&asking, collect, policy, &unspoken).await?,
        };
        fleet.asked = self.request.only().unwrap_or_default();
        let (claimed, mut unclaimed): (Vec<_>, Vec<_>) =
            unspoken.into_iter().partition(|name| !fleet.claimants(name).is_empty());
        // A set of another type is spoken of: its machine's own tag was read.
        let spoken = self.spoken_names();
        unclaimed.retain(|name| !spoken.contains(name.as_str()));
        unclaimed.retain(|name| !self.name_scale_sets(&fleet, Some(&[name.clone()].into())));
        // A machine that does not show its tags may be the one that claims them.
        if let Some(trouble) = fleet.trouble().filter(|_| !unclaimed.is_empty()) {
            self.fleet = Some(fleet);
            return Err(trouble);
        }
        if !unclaimed.is_empty() && fleet.listed.is_none() {
            // Which name was probably meant; without an answer it is not said.
            let logged = self.logged_claims(&asking, None).await.ok().flatten().unwrap_or_default();
            fleet.logged = logged.iter().filter_map(|claim| HostName::parse(&claim.name).ok()).collect();
        }
        self.unclaimed = fleet.unclaimed(&unclaimed, policy, collect);
        let claims =
            claimed.iter().flat_map(|name| fleet.claimants(name).iter().map(move |machine| (name, machine)));
        for (name, machine) in claims {
            // What a tag may never claim has no row before the next sweep, and is told at once.
            if let Some(why) = fleet.refusal(name.as_str(), machine, policy) {
                self.plan.skips.push(Skip::of_claim(policy, name, machine, &why));
                self.rowless.push((name.clone(), machine.clone(), why));
            }
        }
        self.fleet = Some(fleet);
        if !self.request.adopt.is_empty() {
            self.adopt_by_tag(&claimed).await;
            self.count_the_silent(&claimed).await;
        } else if !claimed.is_empty() {
            self.name_the_unheard(Some(&claimed.into_iter().collect())).await?;
        }
        Ok(())
    }

    /// Of names that were asked for it is not known whether anybody claims them; what the run is to do for other names is done
    /// all the same.
    pub(super) fn leave_unaccounted(&mut self, trouble: &Trouble) {
        let unspoken = self.unspoken();
        let names: Vec<_> = unspoken.iter().map(HostName::as_str).collect();
        let trouble = trouble.after(&format!("nothing is known of {}", names.join(", ")));
        self.is_unaccounted = true;
        let is_about_nothing_else = self.plan.changes.is_empty()
            && self.request.only().is_some_and(|names| names.hosts() == unspoken);
        if is_about_nothing_else && self.silence.is_none() {
            self.silence = Some(trouble.clone());
        }
        self.found.troubles.push(trouble);
    }

    /// Reads the tagged machines from Resource Graph and accounts for every name that they claim: a skip for each of a
    /// machine that was not heard within the hour, or not lately, for each that lies below a cut, and for each that the log
    /// does not know of yet; the others are in sync ([`standing`]).
    ///
    /// # Errors
    /// When the machines, their heartbeats or the log's own claims cannot be read.
    pub async fn account_for_the_fleet(&mut self) -> Result<(), Trouble> {
        if self.request.only().is_some() {
            return Ok(());
        }
        if !self.has_whole_fleet() {
            let fleet = Fleet::read(&self.azure, &self.installation.settings.collect, self.policy()).await?;
            self.fleet = Some(fleet);
        }
        self.found.troubles.extend(self.fleet.as_ref().and_then(Fleet::trouble));
        // What was learned of the fleet before has made its brakes.
        if self.case.known.rights_lost().is_empty() {
            let told: BTreeSet<_> = self.plan.brakes.iter().map(|brake| brake.about).collect();
            let lost = self.rights_lost().await?;
            let brakes = lost.iter().map(|cause| Brake::blind(cause, None, BTreeSet::new()));
            // Rows may have told it already.
            self.plan.brakes.extend(brakes.filter(|brake| !told.contains(&brake.about)));
        }
        self.name_the_unheard(None).await?;
        self.say_that_zones_are_unread();
        self.name_what_no_tag_may_claim();
        if let Some(fleet) = self.fleet.take() {
            self.name_scale_sets(&fleet, None);
            self.fleet = Some(fleet);
        }
        Ok(())
    }

    /// Who else is silent is not known: the plan is what it is, and says so.
    pub fn leave_uncounted(&mut self, trouble: Trouble) {
        self.uncounted = Some(trouble);
    }

    /// Whoever has just written such a tag need not wait for the next sweep, with which its row comes.
    fn name_what_no_tag_may_claim(&mut self) {
        let Some(fleet) = &self.fleet else { return };
        let told = |skip: &'_ Skip| {
            skip.machines().map(|id| (id.to_lowercase(), skip.name.clone())).collect::<Vec<_>>()
        };
        let told: BTreeSet<(String, String)> = self.plan.skips.iter().flat_map(told).collect();
        let policy = self.policy();
        for ((name, machine), why) in fleet.refused(policy) {
            if !told.contains(&(machine.lower().to_owned(), name.clone())) {
                self.plan.skips.push(Skip::of_claim(policy, name, &machine, &why));
            }
        }
    }

    /// Whether no brake says that not all can be seen.
    fn is_sighted(&self) -> bool {
        !self.plan.brakes.iter().any(|brake| brake.brake == BrakeKind::Blind)
    }

    fn has_whole_fleet(&self) -> bool {
        self.fleet.as_ref().is_some_and(|fleet| fleet.listed.is_some())
    }

    /// Where a machine of a row cannot be read, the fleet is looked at as a whole: one machine is gone, or a right is.
    pub(super) async fn doubt_what_is_unreadable(&mut self) {
        let is_unreadable = |row: &MismatchRow| {
            let machine = ResourceId::parse(&row.resource_id).ok();
            machine.is_some_and(|machine| {
                matches!(self.case.known.tag(&machine), Some(Answer::Known(Live::Unreadable)))
            })
        };
        // A brake says already that not all can be seen.
        if !self.is_sighted() || !self.case.spoken().any(is_unreadable) {
            return;
        }
        let asking = self.azure.for_a_part(READING);
        match Fleet::read(&asking, &self.installation.settings.collect, self.policy()).await {
            Ok(fleet) => self.fleet = Some(fleet),
            Err(error) => {
                self.found.troubles.push(error.into());
                return;
            }
        }
        match self.rights_lost().await {
            Ok(lost) if lost.is_empty() => {}
            // What the few machines of the rows do not show decides about them as well.
            Ok(lost) => {
                self.case.known.learn_rights_lost(lost);
                self.plan = plan::plan(&self.case, self.policy(), clock::now());
                if let Some(names) = self.request.only() {
                    self.plan.narrow(&names);
                }
            }
            Err(trouble) => self.found.troubles.push(trouble),
        }
    }

    /// The rights that were lost: an answer that lacks machines which claimed names at the last sweep and still beat is no
    /// smaller fleet.
    pub(super) async fn rights_lost(&self) -> Result<Vec<Blindness>, Trouble> {
        let Some(listed) = self.fleet.as_ref().and_then(|fleet| fleet.listed.as_ref()) else {
            return Ok(Vec::new());
        };
        let settings = &self.installation.settings;
        let history = (!self.case.partial).then_some(&self.case.history);
        let compared = vanished::check(&self.azure, settings, history, listed).await;
        let Err(doubt) = compared else { return Ok(Vec::new()) };
        let lost = doubt.blindness(self.policy().max_silent_percent);
        if lost.is_empty() {
            return Err(Trouble::told(doubt.to_string(), doubt.logged()));
        }
        Ok(lost)
    }

    /// The same for names of which no row speaks, or for all.
    pub(super) async fn name_the_unheard(
        &mut self,
        only: Option<&BTreeSet<HostName>>,
    ) -> Result<(), Trouble> {
        let policy = self.policy();
        let Some(fleet) = &self.fleet else { return Ok(()) };
        let mut names = fleet.names(policy);
        names.retain(|name, _| only.is_none_or(|only| only.contains(name)));
        let machines: BTreeSet<ResourceId> = names.values().flatten().cloned().collect();
        let asking = self.azure.for_a_part(READING);
        // Who is there in the place of a name that nobody claims, the same answer tells.
        let left_over = ends::addresses(&self.case.history);
        let wanted = if only.is_none() { left_over } else { BTreeSet::new() };
        let (awake, logged) =
            tokio::join!(heard(&asking, &machines, &wanted, HOUR), self.logged_claims(&asking, only));
        let (awake, logged) = (awake?, logged?);
        // With a right lost nobody knows who claims what.
        let mut longer = None;
        if only.is_none() && self.case.known.rights_lost().is_empty() && self.is_sighted() {
            let quiet = machines.iter().filter(|machine| !awake.last.contains_key(machine.lower()));
            let since = heard(&asking, &quiet.cloned().collect(), &BTreeSet::new(), ends::QUIET).await?;
            self.ends = Some(Ends::of(fleet, &self.case.history, &names, &awake, &since));
            longer = Some(since);
        } else if self.request.trigger == Trigger::Cli && only.is_some() {
            // A person reads one word of a machine, whichever command he asks. It decides nothing.
            let quiet: BTreeSet<_> = machines
                .iter()
                .filter(|machine| !awake.last.contains_key(machine.lower()))
                .cloned()
                .collect();
            if !quiet.is_empty() {
                longer = heard(&asking, &quiet, &BTreeSet::new(), ends::QUIET).await.ok();
            }
        }
        let heard = awake.last;
        self.read_the_cuts(&names).await;
        let Some(fleet) = &self.fleet else { return Ok(()) };
        let now = clock::now();
        let unread = self.unread_zones();
        // What is said of the other side of a name is no answer.
        let is_asked = |(zone, name): &(ZoneId, HostName)| self.request.is_about(zone, name);
        let differing: BTreeSet<HostName> =
            standing::differing(&self.case, now).into_iter().filter(is_asked).map(|(_, name)| name).collect();
        let silent = machines.iter().filter(|machine| !heard.contains_key(machine.lower()));
        let silent = silent.map(|machine| machine.lower().to_owned()).collect();
        let mut counts = Counts { silent, ..Counts::default() };
        let next = self.next_sweep();
        // Of a claim that the log denies, or places in another zone, and the live tag does not, the plan has told.
        let is_told = |skip: &&Skip| matches!(skip.reason, Reason::Blind | Reason::AlreadyRight);
        let told = self.plan.skips.iter().filter(is_told);
        let told = told.flat_map(|skip| skip.machines().map(|id| (id.to_lowercase(), skip.name.clone())));
        let told: BTreeSet<(String, String)> = told.collect();
        // A tag that a sweep under other settings wrote may be no younger than the newest one.
        let spoken = self.spoken_claims();
        let is_told = |name: &HostName, machine: &ResourceId| {
            let (machine_id, text) = (machine.lower().to_owned(), name.to_string());
            let mut ids = fleet.record_ids(name, machine, policy).into_iter().peekable();
            let is_spoken = |id: RecordId| spoken.contains(&(machine_id.clone(), text.clone(), id.zone));
            ids.peek().is_some() && ids.all(is_spoken) || told.contains(&(machine_id, text))
        };
        for (name, machines) in &names {
            let mut skip = |machine: &ResourceId, why: &Why| {
                self.plan.skips.push(Skip::of_claim(policy, name, machine, why));
                if only.is_some() {
                    self.rowless.push((name.clone(), machine.clone(), why.clone()));
                }
            };
            let mut awake = Vec::new();
            for machine in machines {
                match heard.get(machine.lower()) {
                    Some(time) => awake.push((machine, now.duration_since(*time))),
                    None => {
                        let quiet = ends::quiet(machine, longer.as_ref(), now);
                        skip(machine, &Why::NoHeartbeat { machine: machine.to_string(), quiet });
                    }
                }
            }
            if awake.is_empty() {
                continue;
            }
            // A row would speak of a name that the log knows and that was asked for. What it knows of one side of a name it need
            // not know of the other.
            let is_known = |machine: &ResourceId| {
                let ids = fleet.record_ids(name, machine, policy);
                let claim = |id: &RecordId| SweptClaim {
                    machine: machine.lower().to_owned(),
                    name: name.to_string(),
                    zone: id.zone.lower().to_owned(),
                };
                logged.as_ref().is_some_and(|logged| ids.iter().all(|id| logged.contains(&claim(id))))
            };
            let (known, strangers): (Vec<_>, Vec<_>) =
                awake.into_iter().partition(|(machine, _)| is_known(machine));
            // Rows speak of a name that differs, but not of a claim that the log does not know of yet.
            if differing.contains(name) {
                let younger =
                    strangers.iter().filter(|(machine, _)| logged.is_some() && !is_told(name, machine));
                for (machine, _) in younger {
                    let (name, id) = (name.to_string(), machine.to_string());
                    skip(machine, &Why::NotSwept { name, machine: id, next });
                }
                continue;
            }
            let limit = policy.max_heartbeat_age;
            let (fresh, stale): (Vec<_>, Vec<_>) = known.iter().copied().partition(|(_, age)| *age <= limit);
            for (machine, age) in stale {
                let why = Why::StaleHeartbeat { machine: machine.to_string(), age: Some(age), limit };
                skip(machine, &why);
            }
            // What the log says of a zone that is not there, or that nobody lets us read, may be true no longer.
            let zones = policy.zones.of_name(name);
            let mut zones = zones.filter(|zone| self.request.is_about(&zone.id, name));
            if let Some(why) = zones.find_map(|zone| unread.get(&zone.id)) {
                fresh.iter().chain(&strangers).for_each(|(machine, _)| skip(machine, why));
                continue;
            }
            let ids = machines.iter().flat_map(|machine| fleet.record_ids(name, machine, policy));
            let cut = ids.into_iter().find_map(|id| is_cut(&self.case, &id));
            if let Some(cut) = cut {
                let why = Why::Delegated { name: name.to_string(), cut: Some(cut.to_string()) };
                fresh.iter().chain(&strangers).for_each(|(machine, _)| skip(machine, &why));
                continue;
            }
            for (machine, _) in strangers.iter().filter(|(machine, _)| !is_told(name, machine)) {
                let (name, id) = (name.to_string(), machine.to_string());
                skip(machine, &Why::NotSwept { name, machine: id, next });
            }
            if known.is_empty() {
                counts.unknown.insert(name.clone());
            } else if !fresh.is_empty() {
                counts.in_sync.insert(name.clone());
            }
        }
        if let Some(fleet) = &mut self.fleet {
            fleet.counts = Some(counts);
        }
        Ok(())
    }

    /// When the timer will sweep the tags again.
    pub(super) fn next_sweep(&self) -> Option<Timestamp> {
        let every = self.policy().snapshot_every;
        self.case.history.tags_marker?.checked_add(every).ok()
    }

    /// The names below a cut are not in sync, whatever their record sets say.
    async fn read_the_cuts(&mut self, names: &BTreeMap<HostName, BTreeSet<ResourceId>>) {
        let policy = self.policy();
        let zones = names.keys().filter_map(|name| {
            policy.zones.longest_match(name).filter(|zone| self.request.is_about(&zone.id, name))
        });
        let mut needs = Needs { cuts: zones.map(|zone| zone.id.clone()).collect(), ..Needs::default() };
        needs.cuts.retain(|zone| self.case.known.cuts(zone).is_none());
        let tag = &self.installation.settings.collect.tag;
        let asking = self.azure.for_a_part(READING);
        let naming = &BTreeSet::new();
        let asker =
            Asker { azure: &asking, history: &self.case.history, policy, tag, subscriptions: &[], naming };
        let learned = fulfil(asker, &needs).await;
        self.case.known.extend(learned.known);
        self.found.absorb(learned.found);
    }

    /// What the newest complete sweep of the tags says; none when named names alone matter, for those have rows.
    async fn logged_claims(
        &self,
        azure: &Azure,
        only: Option<&BTreeSet<HostName>>,
    ) -> Result<Option<BTreeSet<SweptClaim>>, Trouble> {
        if only.is_some() {
            return Ok(None);
        }
        logged(self.installation, azure).await.map(Some)
    }
}

/// Whether a live answer says that a name lies below a cut.
fn is_cut(case: &Case, id: &RecordId) -> Option<HostName> {
    match case.known.cuts(&id.zone) {
        Some(Answer::Known(_)) => case.known.cut_above(&id.zone, &id.name).cloned(),
        _ => None,
    }
}
