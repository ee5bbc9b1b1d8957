//! The fleet as its tags name it, for the plan on the command line: who was never heard, and how much is right.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::claims::Claims;
use super::{Planned, Trouble, columns};
use crate::queries;
use pure::domain::{HostName, MismatchRow, RecordType, ResourceId};
use pure::plan::{EvidenceRequest, Skip};

/// Machines that one question about heartbeats names.
const AT_ONCE: usize = 500;
/// A machine that was not heard for so long is silent.
const HOUR: Duration = Duration::from_secs(3600);

/// The tagged machines that a plan is about, and what is known of their heartbeats.
#[derive(Debug, Default)]
pub struct Fleet {
    /// Names that the rules let a machine claim, with the machines that do.
    names: BTreeMap<HostName, BTreeSet<ResourceId>>,
    silent: BTreeSet<ResourceId>,
}

impl Fleet {
    /// Names that somebody was heard for, and for which nothing is to be said.
    pub(super) fn in_sync(&self, rows: &[MismatchRow]) -> u64 {
        let wrong: BTreeSet<_> = rows.iter().filter_map(|row| HostName::parse(&row.host_name).ok()).collect();
        let heard = |machines: &BTreeSet<ResourceId>| !machines.is_subset(&self.silent);
        self.names.iter().filter(|(name, machines)| heard(machines) && !wrong.contains(*name)).count() as u64
    }

    pub(super) fn silent_machines(&self) -> u64 {
        self.silent.len() as u64
    }
}

impl Planned<'_> {
    /// Reads the tagged machines from Resource Graph, and adds a skip for each name of those that were not heard
    /// within the hour.
    ///
    /// # Errors
    /// When the machines or their heartbeats cannot be read.
    pub async fn name_the_silent(&mut self) -> Result<(), Trouble> {
        let Claims(tags) = match self.claims.take() {
            Some(claims) => claims,
            None => Claims::read(&self.azure, &self.installation.settings.collect).await?,
        };
        let mut fleet = Fleet::default();
        let ids: Vec<_> = tags.keys().cloned().collect();
        for ids in ids.chunks(AT_ONCE) {
            let request =
                EvidenceRequest { machines: ids.iter().cloned().collect(), ..EvidenceRequest::default() };
            let table = self.azure.logs_query.run(&queries::evidence_query(&request), Some(HOUR)).await?;
            if let Some(why) = &table.partial {
                return Err(Trouble { because: format!("a query gave only part of its rows: {why}") });
            }
            let heard = queries::evidence(request, &columns(&table), &table.rows);
            fleet.silent.extend(ids.iter().filter(|id| !heard.last_heard.contains_key(id.lower())).cloned());
        }
        let about: BTreeSet<_> = tags
            .iter()
            .filter(|(_, names)| names.iter().any(|name| self.request.wants(name)))
            .map(|(machine, _)| machine.clone())
            .collect();
        let record_type = self.policy.record_types.first().copied().unwrap_or(RecordType::A);
        for (machine, names) in tags {
            for text in names {
                let Ok((name, _)) = self.policy.place(&text) else { continue };
                if !self.request.wants(name.as_str()) {
                    continue;
                }
                if fleet.silent.contains(&machine) {
                    let skip = Skip::no_heartbeat(name.as_str(), record_type, machine.as_str());
                    self.plan.skips.push(skip);
                }
                fleet.names.entry(name).or_default().insert(machine.clone());
            }
        }
        fleet.silent.retain(|machine| about.contains(machine));
        self.silent = Some(fleet);
        Ok(())
    }
}
