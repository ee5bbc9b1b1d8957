//! The rows of `DNSChange_CL` that a run owes: what it did, why it did not, what holds, and what killed runs did.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

use super::brakes_told::BrakesTold;
use super::fulfil::LiveSet;
use super::request::Request;
use super::schedule::Done;
use pure::domain::{ChangeRow, RecordId, RecordSet, ZoneId, Zones, join_addresses};
use pure::plan::About;
use pure::plan::report::{ANNOUNCED, Outcome, Proof, Trigger, Via};
use pure::plan::{
    Action, AuditedBrake, AuditedReason, Brake, BrakeKind, Case, Change, Motive, OwedAudit, Reason, Skip,
};
use pure::progress::{Fate, Mishap};

/// How long the reason of a skip is not told again, and how old a mark may be whose audit row is looked for.
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// How long the reason of a change that was not made, and a brake that stands, are not told again.
const HOUR: SignedDuration = SignedDuration::from_hours(1);
/// Rows need this long to arrive: a younger mark is owed a row only if it is about to be overwritten.
const ARRIVAL: SignedDuration = SignedDuration::from_mins(10);

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A change that this run tried.
    Change,
    /// A change of a killed run.
    Recovered,
    /// A skip, by its key.
    Skip(AuditedReason),
    /// A brake that stands, or has opened.
    Brake { key: AuditedBrake, stands: bool },
    /// That the run told other tables something.
    Signature,
}

/// A row with what it is about.
#[derive(Clone, Debug)]
pub(super) struct AuditRow {
    pub(super) kind: Kind,
    pub(super) row: ChangeRow,
}

/// What proved each change, and after how many milliseconds, as far as anything did.
pub(super) type Proved<'a> = BTreeMap<&'a RecordId, (Option<Proof>, Option<u64>)>;

/// What all rows of a run's audit share.
pub(super) struct Audit<'a> {
    pub(super) request: &'a Request,
    pub(super) case: &'a Case,
    pub(super) owner: &'a str,
    /// The zones that this installation manages.
    pub(super) zones: &'a Zones,
    pub(super) via: Via,
    /// The person at the command line, as their token names them; empty where there is none.
    pub(super) by: &'a str,
    /// The digest of the policy file; empty for the short form.
    pub(super) policy: &'a str,
    /// Whether the run has weighed what ends.
    pub(super) has_weighed_ends: bool,
    /// What this process has told of brakes.
    pub(super) brakes_told: &'a BrakesTold,
    pub(super) now: Timestamp,
}

impl Audit<'_> {
    /// One row for each change that was tried; one that was put off or has failed only when its reason is new for its name,
    /// or an hour old. After a write of its set that landed every reason is new: what it was told of is over.
    pub(super) fn changes(&self, done: &[Done], proved: &Proved<'_>) -> Vec<AuditRow> {
        done.iter()
            .filter(|done| match done.fate.outcome {
                Outcome::Confirmed | Outcome::Unconfirmed | Outcome::Conflict => true,
                // What was announced must be taken back.
                Outcome::Failed | Outcome::Deferred if done.change.action() == Action::Delete => true,
                Outcome::Failed | Outcome::Deferred => {
                    let reason = done.fate.mishap.as_ref().map(|mishap| mishap.code.as_str());
                    let told = self.last_told(&key(&done.change.id, reason.unwrap_or_default()), HOUR);
                    told.is_none_or(|told| self.case.history.has_landed_after(&done.change.id, told))
                }
                Outcome::Planned => false,
            })
            .map(|done| self.change(done, proved.get(&done.change.id).copied().unwrap_or_default()))
            .collect()
    }

    /// The rows of deletions, each with its set: they go out before the requests. Whatever becomes of one has a row of its own
    /// afterwards, with the same key; of a killed run this one is left, and says that nobody knows.
    pub(super) fn announced(&self, changes: &[Change]) -> (Vec<RecordId>, Vec<AuditRow>) {
        let ends = changes.iter().filter(|change| change.action() == Action::Delete);
        let announced = |change: &Change| {
            let mishap = Mishap { code: ANNOUNCED.to_owned(), words: String::new() };
            let fate = Fate::without_effect(Outcome::Unconfirmed, mishap);
            let done = Done { change: change.clone(), fate, at: self.now };
            (change.id.clone(), self.change(&done, (None, None)))
        };
        ends.map(announced).unzip()
    }

    fn change(&self, done: &Done, (proof, time_to_truth_ms): (Option<Proof>, Option<u64>)) -> AuditRow {
        let Done { change, fate, at } = done;
        let beats = change.cause.beats();
        let row = ChangeRow {
            time_generated: *at,
            action: change.action().as_str().to_owned(),
            outcome: fate.outcome.as_str().to_owned(),
            reason: fate.mishap.as_ref().map(|mishap| mishap.code.clone()).unwrap_or_default(),
            old_ips: join_addresses(&change.from()),
            new_ips: join_addresses(change.to()),
            resource_id: change.after.machine.to_string(),
            heartbeat_time: beats.map(|beats| beats.heartbeat_time),
            beats: beats.map(|beats| beats.count as f64),
            via: self.via.of(change).as_str().to_owned(),
            time_to_truth_ms: time_to_truth_ms.map(|ms| ms as f64),
            cause: Motive::of(change).as_str().to_owned(),
            proof: Proof::told(proof).to_owned(),
            ..self.about(&change.id)
        };
        AuditRow { kind: Kind::Change, row }
    }

    /// One row for each skip of an actionable row whose reason is new for its name, or was told a day ago; none out of a
    /// partial answer, which does not say what is new.
    pub(super) fn skips(&self, skips: &[Skip]) -> Vec<AuditRow> {
        let mut told: BTreeSet<AuditedReason> = BTreeSet::new();
        let mut rows = Vec::new();
        if self.case.partial {
            return rows;
        }
        for skip in skips {
            let Some(seen) = skip.seen.as_ref().filter(|seen| seen.actionable) else { continue };
            let Some(key) = skip.audited() else { continue };
            if self.last_told(&key, DAY).is_some() || !told.insert(key.clone()) {
                continue;
            }
            let row = ChangeRow {
                host_name: skip.name.clone(),
                record_type: skip.record_type.to_string(),
                zone_id: seen.zone.clone(),
                action: "skip".to_owned(),
                reason: skip.reason.as_str().to_owned(),
                old_ips: seen.present.clone(),
                new_ips: seen.reported.clone(),
                resource_id: skip.machine.clone(),
                heartbeat_time: seen.heartbeat_time,
                beats: Some(seen.beats as f64),
                ..self.blank()
            };
            rows.push(AuditRow { kind: Kind::Skip(key), row });
        }
        rows
    }

    /// One row for each brake that stands, again after an hour, and one for each that has opened. Neither a partial answer nor
    /// one in which a name of its zone could not be judged shows a brake to be open, nor does a run whose rows may be missing;
    /// those of other installations' zones are theirs. Of a partial answer, what was told lately is what this process knows of
    /// it.
    pub(super) fn brakes(&self, brakes: &[Brake], skips: &[Skip]) -> Vec<AuditRow> {
        let row = |key: &AuditedBrake, stands: bool| {
            let row = ChangeRow {
                zone_id: key.zone.as_ref().map(|zone| zone.lower().to_owned()).unwrap_or_default(),
                action: "brake".to_owned(),
                outcome: if stands { "stands" } else { "opened" }.to_owned(),
                reason: key.brake.as_str().to_owned(),
                new_ips: key.address.map(|address| address.to_string()).unwrap_or_default(),
                ..self.blank()
            };
            AuditRow { kind: Kind::Brake { key: key.clone(), stands }, row }
        };
        // Two causes of one blindness are one brake to the log.
        let standing: BTreeSet<AuditedBrake> = brakes.iter().map(audited).collect();
        let known = &self.case.history.brakes;
        let is_lately = |time: Timestamp| self.now.duration_since(time) < HOUR;
        let is_told = |key: &&AuditedBrake| match known.get(*key) {
            Some(state) if state.stands && is_lately(state.time) => true,
            // A process that lives for one command knows nothing of an hour ago.
            _ if self.case.partial => {
                self.request.trigger == Trigger::Cli || self.brakes_told.last(key).is_some_and(is_lately)
            }
            _ => false,
        };
        let stand = standing.iter().filter(|key| !is_told(key)).map(|key| row(key, true));
        let unseen: Vec<Option<ZoneId>> = skips
            .iter()
            .filter(|skip| skip.reason == Reason::Blind)
            .map(|skip| skip.seen.as_ref().and_then(|seen| ZoneId::parse(&seen.zone).ok()))
            .collect();
        // Without fresh data there are no rows: their silence says nothing of any other brake.
        let blind = brakes.iter().filter(|brake| brake.brake == BrakeKind::Blind);
        let unheard: Vec<&Option<ZoneId>> = blind.map(|brake| &brake.zone).collect();
        let is_unheard = |zone: &ZoneId| {
            unheard.iter().any(|unheard| unheard.as_ref().is_none_or(|unheard| unheard == zone))
        };
        let could_judge = |key: &AuditedBrake| match &key.zone {
            // Not every run asks what ends, or learns it.
            Some(_) if key.brake == BrakeKind::Orphans && !self.has_weighed_ends => false,
            Some(zone) => {
                self.zones.iter().any(|managed| managed.id == *zone)
                    && !unseen.iter().any(|unseen| unseen.as_ref().is_none_or(|unseen| unseen == zone))
                    && (key.brake == BrakeKind::Blind || !is_unheard(zone))
            }
            None => unseen.is_empty(),
        };
        // A brake is about everything: a run for some names sees that one stands, and never that none does.
        let sees_all = !self.case.partial && self.request.only().is_none();
        let opened = known.iter().filter(|(key, _)| sees_all && could_judge(key));
        let opened = opened.filter(|(key, state)| state.stands && !standing.contains(*key));
        stand.chain(opened.map(|(key, _)| row(key, false))).collect()
    }

    /// The rows that killed runs owe for sets that this run is about to overwrite, each with its set: they must go out before.
    pub(super) fn recovered_before(&self, changes: &[Change]) -> (Vec<RecordId>, Vec<AuditRow>) {
        let sets = changes.iter().filter_map(|change| Some((&change.id, change.before.as_ref()?)));
        let owed =
            sets.filter_map(|(id, set)| Some((id.clone(), self.recovered_of(set, SignedDuration::ZERO)?)));
        owed.unzip()
    }

    /// The rows that killed runs owe besides: marks of the last sweep, as far as the run is about their names, and marks that
    /// live reads of this run met. `written` are the sets whose marks are overwritten by now.
    pub(super) fn recovered<'s>(
        &self,
        seen: impl IntoIterator<Item = &'s LiveSet>,
        written: &BTreeSet<&RecordId>,
    ) -> Vec<AuditRow> {
        let mut rows: BTreeMap<(RecordId, String), AuditRow> = BTreeMap::new();
        // Whether the row of a mark is missing a partial answer does not say.
        if self.case.partial {
            return Vec::new();
        }
        let only = self.request.only();
        let is_wanted =
            |id: &RecordId| only.as_ref().is_none_or(|names| names.holds(id)) && !written.contains(id);
        for owed in self.case.history.owed.iter().filter(|owed| is_wanted(&owed.id)) {
            if self.is_owed(&owed.id, &owed.run, Some(owed.time), ARRIVAL) {
                let replaced = self.replaced(owed);
                let row = ChangeRow {
                    time_generated: owed.time,
                    action: replaced
                        .as_ref()
                        .map_or(Action::Update, |old| wrote(old, &owed.addresses))
                        .as_str()
                        .to_owned(),
                    old_ips: replaced.as_ref().map(join_addresses).unwrap_or_default(),
                    new_ips: join_addresses(&owed.addresses),
                    resource_id: owed.machine.clone(),
                    ..self.of_killed_run(&owed.id, &owed.run)
                };
                rows.insert((owed.id.clone(), owed.run.clone()), AuditRow { kind: Kind::Recovered, row });
            }
        }
        for set in seen.into_iter().filter_map(|seen| seen.set.as_ref()) {
            let id = set.record_id();
            if !written.contains(&id)
                && let Some(row) = self.recovered_of(set, ARRIVAL)
            {
                rows.insert((id, row.row.run.clone()), row);
            }
        }
        rows.into_values().collect()
    }

    /// What the write of a killed run replaced, as the log knows it: the newest that it was told of the set before the
    /// mark, by a sweep or by a change. None when it was told nothing within the day.
    fn replaced(&self, owed: &OwedAudit) -> Option<BTreeSet<IpAddr>> {
        let changes = self.case.history.changes.get(&owed.id).into_iter().flatten();
        let changes = changes.filter(|change| change.time < owed.time);
        let told = changes.map(|change| (change.time, &change.to));
        let seen = owed.before.as_ref().map(|(time, addresses)| (*time, addresses));
        told.chain(seen).max_by_key(|(time, _)| *time).map(|(_, addresses)| addresses.clone())
    }

    /// The row that a killed run owes for the mark of a live set.
    fn recovered_of(&self, set: &RecordSet, younger_is_not_owed: SignedDuration) -> Option<AuditRow> {
        let id = set.record_id();
        let mark = set.mark_of(self.owner)?;
        if !self.is_owed(&id, &mark.run, mark.time, younger_is_not_owed) {
            return None;
        }
        // A hold that we wrote changed no address, and its mark keeps the addresses of before the last move.
        let is_hold = mark.is_hold();
        let previous = if is_hold { &set.addresses } else { &mark.previous };
        let action = if is_hold { Action::Hold } else { wrote(previous, &set.addresses) };
        let row = ChangeRow {
            time_generated: mark.time.map_or(self.now, |time| time.min(self.now)),
            action: action.as_str().to_owned(),
            old_ips: join_addresses(previous),
            new_ips: join_addresses(&set.addresses),
            resource_id: mark.machine,
            ..self.of_killed_run(&id, &mark.run)
        };
        Some(AuditRow { kind: Kind::Recovered, row })
    }

    /// Whether a mark is owed a row: it is younger than a day and not too young, and no row of a landed write has its key.
    fn is_owed(&self, id: &RecordId, run: &str, time: Option<Timestamp>, from: SignedDuration) -> bool {
        let Some(time) = time.filter(|_| !run.is_empty() && run != self.request.run) else { return false };
        // One dated in the future counts as one of now.
        let age = self.now.duration_since(time).max(SignedDuration::ZERO);
        let landed = self.case.history.changes.get(id);
        let is_told = landed.is_some_and(|changes| changes.iter().any(|change| change.run == run));
        age < DAY && age >= from && !is_told
    }

    /// When a reason was told last, if within the period.
    fn last_told(&self, key: &AuditedReason, period: SignedDuration) -> Option<Timestamp> {
        let last = self.case.history.audited.get(key).copied();
        last.filter(|last| self.now.duration_since(*last) < period)
    }

    fn of_killed_run(&self, id: &RecordId, run: &str) -> ChangeRow {
        ChangeRow {
            run: run.to_owned(),
            action: "update".to_owned(),
            outcome: Outcome::Confirmed.as_str().to_owned(),
            reason: "recovered".to_owned(),
            // Who ran it is not known, nor why and by which policy; nobody has asked the name servers about it.
            by: String::new(),
            policy: String::new(),
            proof: Proof::told(None).to_owned(),
            via: self.via.as_str().to_owned(),
            ..self.about(id)
        }
    }

    fn about(&self, id: &RecordId) -> ChangeRow {
        ChangeRow {
            host_name: id.name.to_string(),
            record_type: id.record_type.to_string(),
            zone_id: id.zone.to_string(),
            ..self.blank()
        }
    }

    /// The row of a run that has told other tables something and writes nothing else down: rows of a run that nobody knows are
    /// taken for those of a stranger.
    pub(super) fn signature(&self) -> AuditRow {
        AuditRow { kind: Kind::Signature, row: ChangeRow { action: "told".to_owned(), ..self.blank() } }
    }

    fn blank(&self) -> ChangeRow {
        ChangeRow {
            time_generated: self.now,
            run: self.request.run.clone(),
            trigger: self.request.trigger.as_str().to_owned(),
            alert_id: self.request.alert_id.clone(),
            by: self.by.to_owned(),
            policy: self.policy.to_owned(),
            installation: self.owner.to_owned(),
            ..ChangeRow::default()
        }
    }
}

/// Whether the row of a write at that time may be on its way into the log: its set need not be looked at.
pub(super) fn may_still_arrive(time: Timestamp, now: Timestamp) -> bool {
    now.duration_since(time) < ARRIVAL
}

/// What a write of which only the mark is left did.
fn wrote(previous: &BTreeSet<IpAddr>, now: &BTreeSet<IpAddr>) -> Action {
    if previous.is_empty() {
        Action::Create
    } else if previous == now {
        Action::Adopt
    } else {
        Action::Update
    }
}

fn key(id: &RecordId, reason: &str) -> AuditedReason {
    AuditedReason {
        zone: id.zone.lower().to_owned(),
        name: id.name.to_string(),
        record_type: id.record_type.to_string(),
        reason: reason.to_owned(),
    }
}

fn audited(brake: &Brake) -> AuditedBrake {
    let address = match brake.about {
        About::Address(address) => Some(address),
        About::Volume | About::Proof | About::Cause(_) | About::Ends => None,
    };
    AuditedBrake { zone: brake.zone.clone(), brake: brake.brake, address }
}

#[cfg(test)]
mod tests;
