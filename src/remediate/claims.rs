//! The names that tags claim at this moment, as Resource Graph has them.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;

use super::Trouble;
use crate::azure::Azure;
use crate::config::Collect;
use pure::domain::{HostName, ResourceId, distance, split_tag};
use pure::plan::Policy;
use pure::plan::report::Unclaimed;

/// Slips of the pen in a name that is still taken for another one.
const SLIPS: usize = 2;

/// The tagged machines, each with its names as written.
#[derive(Debug, Default)]
pub(super) struct Claims(pub(super) BTreeMap<ResourceId, BTreeSet<String>>);

impl Claims {
    /// Reads them all.
    pub(super) async fn read(azure: &Azure, collect: &Collect) -> Result<Self, Trouble> {
        let mut claims: BTreeMap<ResourceId, BTreeSet<String>> = BTreeMap::new();
        let mut pages = std::pin::pin!(azure.resource_graph.machines(&collect.subscriptions, &collect.tag));
        while let Some(page) = pages.next().await {
            for machine in page?.machines {
                let names = machine.tag_values.iter().flat_map(|value| split_tag(value)).map(str::to_owned);
                claims.entry(machine.id).or_default().extend(names);
            }
        }
        Ok(Self(claims))
    }

    /// The machines whose tags hold the name, in any spelling of it.
    pub(super) fn claimants(&self, name: &HostName) -> BTreeSet<ResourceId> {
        let holds = |names: &BTreeSet<String>| {
            names.iter().any(|text| HostName::parse(text).is_ok_and(|tagged| tagged == *name))
        };
        self.0.iter().filter(|(_, names)| holds(names)).map(|(machine, _)| machine.clone()).collect()
    }

    /// What to say of a name that nobody claims.
    pub(super) fn unclaimed(&self, name: &HostName, policy: &Policy, tag: &str) -> Unclaimed {
        let in_zone = policy.zones.longest_match(name).is_some();
        let (zone, otherwise) = if in_zone {
            ("", format!("; tag the machine that it belongs to with {tag}."))
        } else {
            (", and no managed zone holds it", ".".to_owned())
        };
        let then = self.nearest(name).map_or(otherwise, |near| format!("; did you mean {near}?"));
        let because = format!("No tagged machine claims {name}{zone}{then}");
        Unclaimed { name: name.to_string(), because }
    }

    /// The claimed name that was probably meant: written short, or with a slip of the pen.
    fn nearest(&self, name: &HostName) -> Option<HostName> {
        let claimed = self.0.values().flatten().filter_map(|text| HostName::parse(text).ok());
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

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest(name: &str) -> Option<String> {
        let machine = ResourceId::parse(
            "/subscriptions/s/resourceGroups/rg/providers/Microsoft.HybridCompute/machines/m",
        );
        let names = ["nas.home.example.com", "a.example.com", "pi.home.example.com", "no name"];
        let claims = Claims([(machine.unwrap(), names.map(str::to_owned).into())].into());
        claims.nearest(&HostName::parse(name).unwrap()).map(|name| name.to_string())
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
