//! Machines and what their tags say, for whoever holds a policy against them.

use std::collections::BTreeMap;

use futures::StreamExt;

use super::trouble::Trouble;
use crate::azure::Azure;
use crate::config::Collect;
use pure::domain::ResourceId;
use pure::plan::{Particulars, Policy, Review};

/// Machines with the values of their tags, and what is known of them besides.
#[derive(Debug, Default)]
pub struct Machines {
    values: BTreeMap<ResourceId, Vec<String>>,
    /// Their places, further tags and management groups.
    pub particulars: Particulars,
}

impl Machines {
    /// Reads the fleet.
    ///
    /// # Errors
    /// When it cannot be read whole.
    pub async fn read(azure: &Azure, collect: &Collect) -> Result<Self, Trouble> {
        let mut machines = Self::default();
        let mut pages = std::pin::pin!(azure.resource_graph.machines(&collect.subscriptions, &collect.tag));
        while let Some(page) = pages.next().await {
            let page = page?;
            if let Some((machine, why)) = page.unreadable.first() {
                let words = format!("the tags of the machine {} cannot be read: {why}", machine.id);
                return Err(Trouble::new(words));
            }
            for machine in page.machines {
                let groups = machine.groups.as_ref();
                machines.particulars.learn(&machine.id, &machine.location, &machine.tags, groups);
                machines.insert(&machine.id, machine.tag_values);
            }
        }
        Ok(machines)
    }

    /// Takes one machine with the values of its tag.
    pub fn insert(&mut self, machine: &ResourceId, values: Vec<String>) {
        self.values.entry(machine.clone()).or_default().extend(values);
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Holds a policy against them.
    #[must_use]
    pub fn review<'a>(&self, policy: &'a Policy) -> Review<'a> {
        let values = self.values.iter().map(|(machine, values)| (machine, values.as_slice()));
        Review::of(policy, values, &self.particulars)
    }
}
