//! The names that tags claim at this moment, as Resource Graph has them: who was never heard, and how much is right.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::{StreamExt, stream};
use jiff::Timestamp;

use super::fulfil::{Asker, fulfil};
use super::{Planned, Trouble};
use crate::azure::{Azure, Error};
use crate::config::Collect;
use crate::queries;
use pure::domain::{HostName, RecordId, RecordType, ResourceId, distance, split_tag};
use pure::plan::report::Unclaimed;
use pure::plan::{EvidenceRequest, Needs, Policy, Skip, Why};

/// Slips of the pen in a name that is still taken for another one.
const SLIPS: usize = 2;
/// Machines that one question about heartbeats names.
const MACHINES: usize = 500;
/// Questions on their way at the same time.
const AT_ONCE: usize = 4;
/// A machine that was not heard for so long is silent.
const HOUR: Duration = Duration::from_secs(3600);

/// The tagged machines, each with its names as written, and what is counted of them.
#[derive(Debug, Default)]
pub(super) struct Fleet {
    tags: BTreeMap<ResourceId, BTreeSet<String>>,
    counts: Option<Counts>,
}

/// How the names that tags claim stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Names that somebody was heard for, and for which nothing is to be said.
    pub(super) in_sync: u64,
    /// Machines that were not heard within the hour.
    pub(super) silent: u64,
    /// Names claimed since the newest sweep, of which the log knows nothing yet.
    pub(super) unknown: u64,
}

impl Fleet {
    /// Reads all tagged machines.
    pub(super) async fn read(azure: &Azure, collect: &Collect) -> Result<Self, Error> {
        let mut fleet = Self::default();
        let mut pages = std::pin::pin!(azure.resource_graph.machines(&collect.subscriptions, &collect.tag));
        while let Some(page) = pages.next().await {
            for machine in page?.machines {
                let names = machine.tag_values.iter().flat_map(|value| split_tag(value)).map(str::to_owned);
                fleet.tags.entry(machine.id).or_default().extend(names);
            }
        }
        Ok(fleet)
    }

    /// What was counted, once it was.
    pub(super) fn counts(&self) -> Option<Counts> {
        self.counts
    }

    /// The machines whose tags hold the name, in any spelling of it.
    pub(super) fn claimants(&self, name: &HostName) -> BTreeSet<ResourceId> {
        let holds = |names: &BTreeSet<String>| {
            names.iter().any(|text| HostName::parse(text).is_ok_and(|tagged| tagged == *name))
        };
        self.tags.iter().filter(|(_, names)| holds(names)).map(|(machine, _)| machine.clone()).collect()
    }

    /// The names that the rules let a machine claim, with the machines that do.
    fn names(&self, policy: &Policy) -> BTreeMap<HostName, BTreeSet<ResourceId>> {
        let mut names: BTreeMap<HostName, BTreeSet<ResourceId>> = BTreeMap::new();
        for (machine, texts) in &self.tags {
            for text in texts {
                if let Ok((name, _)) = policy.place(text) {
                    names.entry(name).or_default().insert(machine.clone());
                }
            }
        }
        names
    }

    /// What to say of a name that nobody claims.
    pub(super) fn unclaimed(&self, name: &HostName, policy: &Policy, collect: &Collect) -> Unclaimed {
        let in_zone = policy.zones.longest_match(name).is_some();
        let (zone, otherwise) = if in_zone {
            let tag = &collect.tag;
            let words = "only Arc machines count (TARGETS), so a tag on anything else claims nothing";
            ("", format!("; tag the machine that it belongs to with {tag}; {words}."))
        } else {
            (", and no managed zone holds it", ".".to_owned())
        };
        let then = self.nearest(name).map_or(otherwise, |near| format!("; did you mean {near}?"));
        let because = format!("No tagged machine claims {name}{zone}{then}");
        Unclaimed { name: name.to_string(), because }
    }

    /// The claimed name that was probably meant: written short, or with a slip of the pen.
    fn nearest(&self, name: &HostName) -> Option<HostName> {
        let claimed = self.tags.values().flatten().filter_map(|text| HostName::parse(text).ok());
        let near = claimed.filter_map(|claimed| {
            let begun = claimed.as_str().strip_prefix(name.as_str());
            let slips = if begun.is_some_and(|rest| rest.starts_with('.')) {
                0
            } else {
                distance(name.as_str(), claimed.as_str())
            };
            // In a very short label one slip makes another word of it.
            let room = name.first_label().len().max(claimed.first_label().len()) - 1;
            let same_host = name.first_label() == claimed.first_label();
            (slips <= SLIPS && (slips <= room || same_host)).then_some((slips, claimed))
        });
        near.min().map(|(_, claimed)| claimed)
    }
}

/// The record sets that a name may have.
pub(super) fn record_ids(name: &HostName, policy: &Policy) -> Vec<RecordId> {
    let Ok((name, zone)) = policy.place(name.as_str()) else { return Vec::new() };
    let id = |record_type: &RecordType| RecordId {
        zone: zone.id.clone(),
        name: name.clone(),
        record_type: *record_type,
    };
    policy.record_types.iter().map(id).collect()
}

impl Planned<'_> {
    /// Reads the tagged machines from Resource Graph and accounts for every name that they claim: a skip for each of a
    /// machine that was not heard within the hour, for each that lies below a cut, and for each that the log does not know
    /// of yet; the others are in sync.
    ///
    /// # Errors
    /// When the machines, their heartbeats or the log's own claims cannot be read.
    pub async fn account_for_the_fleet(&mut self) -> Result<(), Trouble> {
        if self.request.only().is_some() {
            return Ok(());
        }
        if self.fleet.is_none() {
            let fleet = Fleet::read(&self.azure, &self.installation.settings.collect).await?;
            self.fleet = Some(fleet);
        }
        self.name_the_unheard(None).await
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
        let (heard, logged) = tokio::join!(heard(&self.azure, &machines), self.logged_claims(only));
        let (heard, logged) = (heard?, logged?);
        self.read_the_cuts(&names).await;
        let with_rows: BTreeSet<HostName> =
            self.case.rows.iter().filter_map(|row| HostName::parse(&row.host_name).ok()).collect();
        let mut counts = Counts {
            silent: machines.iter().filter(|machine| !heard.contains(machine.lower())).count() as u64,
            ..Counts::default()
        };
        let next = self.next_sweep();
        let record_type = policy.record_types.first().copied().unwrap_or(RecordType::A);
        for (name, machines) in &names {
            let (awake, asleep): (Vec<_>, Vec<_>) =
                machines.iter().partition(|machine| heard.contains(machine.lower()));
            let skip =
                |machine: &ResourceId, why: &Why| Skip::without_row(name, record_type, machine.as_str(), why);
            for machine in asleep {
                let why = Why::NoHeartbeat { machine: machine.to_string() };
                self.plan.skips.push(skip(machine, &why));
            }
            if awake.is_empty() || with_rows.contains(name) {
                continue;
            }
            let cut = record_ids(name, policy).iter().find_map(|id| super::decide::is_cut(&self.case, id));
            if let Some(cut) = cut {
                let why = Why::Delegated { name: name.to_string(), cut: cut.to_string() };
                awake.iter().for_each(|machine| self.plan.skips.push(skip(machine, &why)));
                continue;
            }
            let known = |machine: &&ResourceId| {
                logged
                    .as_ref()
                    .is_some_and(|logged| logged.contains(&(machine.lower().to_owned(), name.to_string())))
            };
            // A row would speak of a name that the log knows and whose name was asked for.
            let strangers: Vec<&&ResourceId> =
                awake.iter().filter(|machine| only.is_some() || !known(machine)).collect();
            if strangers.is_empty() {
                counts.in_sync += 1;
                continue;
            }
            counts.unknown += 1;
            for machine in strangers {
                let (name, id) = (name.to_string(), machine.to_string());
                self.plan.skips.push(skip(machine, &Why::NotSwept { name, machine: id, next }));
            }
        }
        if only.is_some() {
            counts.in_sync = self.names_in_sync();
        }
        if let Some(fleet) = &mut self.fleet {
            fleet.counts = Some(counts);
        }
        Ok(())
    }

    /// When the timer will sweep the tags again.
    fn next_sweep(&self) -> Option<Timestamp> {
        let every = self.policy().snapshot_every;
        self.case.history.tags_marker?.checked_add(every).ok()
    }

    /// The names below a cut are not in sync, whatever their record sets say.
    async fn read_the_cuts(&mut self, names: &BTreeMap<HostName, BTreeSet<ResourceId>>) {
        let policy = self.policy();
        let zones = names.keys().filter_map(|name| policy.zones.longest_match(name));
        let mut needs = Needs { cuts: zones.map(|zone| zone.id.clone()).collect(), ..Needs::default() };
        needs.cuts.retain(|zone| self.case.known.cuts(zone).is_none());
        let tag = &self.installation.settings.collect.tag;
        let learned = fulfil(Asker { azure: &self.azure, history: &self.case.history, tag }, &needs).await;
        self.case.known.extend(learned.known);
        self.found.absorb(learned.found);
    }

    /// What the newest complete sweep of the tags says: machine (lower case) and name; none when named names alone matter,
    /// for those have rows.
    async fn logged_claims(
        &self,
        only: Option<&BTreeSet<HostName>>,
    ) -> Result<Option<BTreeSet<(String, String)>>, Trouble> {
        if only.is_some() {
            return Ok(None);
        }
        let run = &self.installation.settings.run;
        let query = queries::claims_query(&queries::Installation::new(&run.owner_id));
        let table = self.azure.logs_query.run(&query, Some(run.query_timespan)).await?;
        if let Some(why) = &table.partial {
            return Err(Trouble::new(format!("a query gave only part of its rows: {why}")));
        }
        Ok(Some(queries::claims(&table.column_names(), &table.rows)))
    }
}

/// Those of the machines (lower case) that were heard within the hour.
async fn heard(azure: &Azure, machines: &BTreeSet<ResourceId>) -> Result<BTreeSet<String>, Trouble> {
    let ids: Vec<_> = machines.iter().cloned().collect();
    let portions: Vec<BTreeSet<ResourceId>> =
        ids.chunks(MACHINES).map(|ids| ids.iter().cloned().collect()).collect();
    let questions: Vec<_> = portions
        .into_iter()
        .map(|machines| async move {
            let request = EvidenceRequest { machines, ..EvidenceRequest::default() };
            let table = azure.logs_query.run(&queries::evidence_query(&request), Some(HOUR)).await?;
            if let Some(why) = &table.partial {
                return Err(Trouble::new(format!("a query gave only part of its rows: {why}")));
            }
            Ok(queries::evidence(request, &table.column_names(), &table.rows).last_heard)
        })
        .collect();
    let mut answers = stream::iter(questions).buffer_unordered(AT_ONCE);
    let mut all = BTreeSet::new();
    while let Some(answer) = answers.next().await {
        all.extend(answer?.into_keys());
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(name: &str) -> Option<String> {
        let machine = ResourceId::parse(
            "/subscriptions/s/resourceGroups/rg/providers/Microsoft.HybridCompute/machines/m",
        );
        let names = ["nas.home.example.com", "a.example.com", "pi.home.example.com", "no name"];
        let tags = [(machine.unwrap(), names.map(str::to_owned).into())].into();
        let fleet = Fleet { tags, counts: None };
        fleet.nearest(&HostName::parse(name).unwrap()).map(|name| name.to_string())
    }

    #[test]
    fn a_slip_of_the_pen_is_told_from_another_name() {
        let nas = Some("nas.home.example.com".to_owned());
        for name in
            ["naz.home.example.com", "nas.hoem.example.com", "nas", "nas.home", "nas.home.exmaple.com"]
        {
            assert_eq!(nearest(name), nas, "{name}");
        }
        assert_eq!(nearest("pi.home.example.con"), Some("pi.home.example.com".to_owned()));
        for name in ["b.example.com", "mail.google.com", "na", "printer.home.example.com"] {
            assert_eq!(nearest(name), None, "{name}");
        }
    }
}
