//! Claims on a name that are younger than the newest sweep, beside the claims of which rows speak.

use std::collections::{BTreeMap, BTreeSet};

use super::decide::READING;
use super::heard::heard_lately;
use super::planned::Planned;
use pure::domain::{HostName, MismatchRow, ResourceId, split_tag};
use pure::plan::{Proposal, Skip, Unheard, Why};

impl Planned<'_> {
    /// Tells of each machine that claims a name that was asked for and that the log does not know of yet. When it cannot be
    /// asked whether it was heard, that is a trouble of the run, and what rows speak of is done all the same.
    pub(super) async fn name_younger_claims(&mut self) {
        let claims = self.younger_claims();
        if claims.is_empty() {
            return;
        }
        let machines: BTreeSet<ResourceId> = claims.values().flatten().cloned().collect();
        let heard = match heard_lately(&self.azure.for_a_part(READING), &machines).await {
            Ok(heard) => heard,
            Err(trouble) => {
                let names: Vec<_> = claims.keys().map(HostName::as_str).collect();
                let about = format!("nothing is known of further claims on {}", names.join(", "));
                self.is_unaccounted = true;
                self.found.troubles.push(trouble.after(&about));
                return;
            }
        };
        let next = self.next_sweep();
        let policy = self.policy();
        for (name, machines) in claims {
            for machine in machines {
                let why = if heard.contains_key(machine.lower()) {
                    self.younger.insert(name.clone());
                    Why::NotSwept { name: name.to_string(), machine: machine.to_string(), next }
                } else {
                    Why::NoHeartbeat { machine: machine.to_string(), quiet: Unheard::AnHour }
                };
                self.plan.skips.push(Skip::of_claim(policy, &name, &machine, &why));
                self.rowless.push((name.clone(), machine, why));
            }
        }
    }

    /// The names that were asked for and of which rows speak, with the machines that claim them and have no row.
    fn younger_claims(&self) -> BTreeMap<HostName, BTreeSet<ResourceId>> {
        let (policy, collect) = (self.policy(), &self.installation.settings.collect);
        let chosen = &collect.subscriptions;
        let is_wanted = |machine: &ResourceId| {
            chosen.is_empty()
                || chosen.iter().any(|chosen| chosen.eq_ignore_ascii_case(machine.subscription()))
        };
        let lower = |row: &MismatchRow| (row.resource_id.to_lowercase(), row.host_name.to_lowercase());
        let spoken: BTreeSet<(String, String)> = self.case.spoken().map(lower).collect();
        let with_rows: BTreeSet<&str> = spoken.iter().map(|(_, name)| name.as_str()).collect();
        let named = self.request.named();
        let particulars = self.case.known.particulars();
        let proposal = |text, machine| Proposal::of(text, Some(machine)).with(particulars);
        let mut claims: BTreeMap<HostName, BTreeSet<ResourceId>> = BTreeMap::new();
        for (machine, values) in self.found.claimants.iter().filter(|(machine, _)| is_wanted(machine)) {
            for text in values.iter().flat_map(|value| split_tag(value)) {
                let sides = policy.sides(text).into_iter();
                let placed = sides.filter_map(|kind| policy.place(proposal(text, machine).inside(kind)).ok());
                let mut asked = placed.filter(|placed| named.has(&placed.zone.id, &placed.name));
                let Some(placed) = asked.next() else { continue };
                let name = placed.name;
                let claim = (machine.lower().to_owned(), name.to_string());
                if with_rows.contains(name.as_str()) && !spoken.contains(&claim) {
                    claims.entry(name).or_default().insert(machine.clone());
                }
            }
        }
        claims
    }
}
