//! Zones whose template deployment goes on, a killed run's too: nothing is decided over them until it has ended.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::hand::{Hand, mishap};
use crate::azure::Azure;
use crate::clock;
use pure::deployment::{State, name};
use pure::domain::{ZoneId, ZoneKind};
use pure::plan::report::Outcome;
use pure::plan::{Change, span};
use pure::progress::{Fate, Mishap};

/// The code of Resource Manager for it, which rows keep whether it was read or refused.
const ACTIVE: &str = "DeploymentActive";

/// What was asked about deployments, and what becomes of the changes of those zones that must wait.
#[derive(Debug, Default)]
pub(super) struct AtWork {
    asked: BTreeSet<ZoneId>,
    fates: BTreeMap<ZoneId, Fate>,
}

impl AtWork {
    /// Reads the deployments of zones, each once in a run.
    pub(super) async fn ask(&mut self, azure: &Azure, zones: BTreeSet<ZoneId>) {
        let public = zones.into_iter().filter(is_deployed);
        let new: Vec<ZoneId> = public.filter(|zone| self.asked.insert(zone.clone())).collect();
        let asked = new.into_iter().map(|zone| async move {
            let fate = fate(azure, &zone).await;
            (zone, fate)
        });
        for (zone, fate) in futures::future::join_all(asked).await {
            self.fates.extend(fate.map(|fate| (zone, fate)));
        }
    }

    /// The same for one whose own hand needs no such right: what cannot be read keeps it from nothing.
    pub(super) async fn ask_if_it_may(&mut self, azure: &Azure, zones: BTreeSet<ZoneId>) {
        let asked = zones.into_iter().filter(is_deployed).map(|zone| async move {
            let found = azure.deployments.get(&zone).await.ok().flatten();
            let found = found.filter(|found| found.state == State::AtWork)?;
            let fate = Fate::without_effect(Outcome::Deferred, active(&zone, found.since));
            Some((zone, fate))
        });
        self.fates.extend(futures::future::join_all(asked).await.into_iter().flatten());
    }

    /// Takes the changes out of those zones whose deployment goes on; each with what becomes of it. Where a hand deploys, those
    /// that were not asked about yet are.
    pub(super) async fn hold_back(&mut self, hand: &Hand, changes: &mut Vec<Change>) -> Vec<(Change, Fate)> {
        if let Some((reads, _)) = hand.deploys(ZoneKind::Public) {
            self.ask(reads, changes.iter().map(|change| change.id.zone.clone()).collect()).await;
        }
        let held = changes.extract_if(.., |change| self.fates.contains_key(&change.id.zone));
        held.filter_map(|change| self.fates.get(&change.id.zone).cloned().map(|fate| (change, fate)))
            .collect()
    }
}

/// Whether anything is deployed into a zone: into a private one nothing is, and a deployment that bears its name is that of the public
/// one of the same group.
fn is_deployed(zone: &ZoneId) -> bool {
    zone.kind() == ZoneKind::Public
}

async fn fate(azure: &Azure, zone: &ZoneId) -> Option<Fate> {
    match azure.deployments.get(zone).await {
        Ok(Some(found)) if found.state == State::AtWork => {
            Some(Fate::without_effect(Outcome::Deferred, active(zone, found.since)))
        }
        Ok(_) => None,
        Err(error) => {
            let is_durable = error.is_permanent_refusal();
            let outcome = if is_durable { Outcome::Failed } else { Outcome::Deferred };
            Some(Fate { is_durable, ..Fate::without_effect(outcome, mishap(&error)) })
        }
    }
}

/// Why a zone waits.
pub(super) fn active(zone: &ZoneId, since: Option<Timestamp>) -> Mishap {
    let told = |since: Timestamp| {
        let age = span(clock::now().duration_since(since));
        format!(" since {}, for {age}", since.strftime("%Y-%m-%d %H:%M UTC"))
    };
    let since = since.map(told).unwrap_or_default();
    let words = format!(
        "the deployment {} is at work{since}, and what it has not written yet it may still write; it is waited for, and the next \
         run goes on",
        name(zone)
    );
    Mishap { code: ACTIVE.to_owned(), words }
}
