//! A plan as a template of Azure Resource Manager, for whoever deploys by hand.

use std::collections::BTreeSet;

use serde_json::Value;

use super::planned::Planned;
use crate::azure::deployments::{batches, template};
use crate::clock;
use pure::domain::{RecordSet, ZoneId};
use pure::plan::Action;

/// What can be deployed of a plan at once.
#[derive(Debug)]
pub struct Template {
    /// The template.
    pub json: Value,
    /// The zones that it writes to; it is of use for one alone.
    pub zones: BTreeSet<ZoneId>,
    /// Changes that no template makes: what goes.
    pub deletions: usize,
    /// Changes for which it has no room.
    pub left: usize,
}

impl Planned<'_> {
    /// The changes of the plan as a template, oldest first: those of one zone, or all.
    #[must_use]
    pub fn template(&self, zone: Option<&ZoneId>) -> Template {
        let is_meant = |id: &ZoneId| zone.is_none_or(|zone| zone == id);
        let mut changes: Vec<_> =
            self.plan.changes.iter().filter(|change| is_meant(&change.id.zone)).collect();
        let all = changes.len();
        changes.retain(|change| change.action() != Action::Delete);
        let deletions = all - changes.len();
        changes.sort_by_key(|change| change.since());
        let (owner, now) = (&self.policy().owner, clock::now());
        let marked = |change: &&pure::plan::Change| change.record_set(owner, &self.request.run, now);
        let sets: Vec<RecordSet> = changes.iter().map(marked).collect();
        let fits = batches(&sets).first().copied().unwrap_or_default();
        Template {
            json: template(&sets[..fits]),
            zones: sets.iter().map(|set| set.zone.clone()).collect(),
            deletions,
            left: sets.len() - fits,
        }
    }
}
