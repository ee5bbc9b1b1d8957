//! The virtual machines that Azure registers in a private zone: those of the networks whose link says so.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{MOST_IDS, ResourceGraph};
use crate::azure::error::{Certainty, Error, Kind};
use crate::queries::{quoted, quoted_list};
use pure::domain::{HostName, ResourceId, Service};

/// What the call is named.
const OPERATION: &str = "find virtual machines of linked networks";

#[derive(Deserialize)]
struct Row {
    own: String,
}

impl ResourceGraph {
    /// Which of these names, relative to the zone, are those of virtual machines with a network interface in one of
    /// the networks; as far as this identity sees machines.
    ///
    /// # Errors
    /// [`Error`]; a part of an answer is none.
    pub async fn machines_named(
        &self,
        names: &BTreeSet<HostName>,
        networks: &BTreeSet<ResourceId>,
    ) -> Result<BTreeSet<String>, Error> {
        // An interface lies in the subscription of its network, and its machine too.
        let own: BTreeSet<&str> = networks.iter().map(ResourceId::subscription).collect();
        let subscriptions: Vec<&str> = own.into_iter().collect();
        let all: Vec<&HostName> = names.iter().collect();
        let mut found = BTreeSet::new();
        for portion in all.chunks(MOST_IDS) {
            for row in self.whole(OPERATION, &query(portion, networks), &subscriptions).await? {
                let Row { own } = serde_json::from_value(row).map_err(|error| {
                    let words = format!("a row about virtual machines cannot be read: {error}");
                    Error::new(Service::ResourceGraph, Kind::Unreadable, OPERATION, words)
                        .with_certainty(Certainty::Answered)
                })?;
                found.insert(own);
            }
        }
        Ok(found)
    }
}

/// A machine is registered by the name that it calls itself.
fn query(names: &[&HostName], networks: &BTreeSet<ResourceId>) -> String {
    let names: Vec<String> = names.iter().map(|name| quoted(*name)).collect();
    format!(
        "resources | where type =~ 'microsoft.compute/virtualmachines' \
         | extend own = tolower(tostring(properties.osProfile.computerName)) \
         | extend own = iff(isempty(own), tolower(name), own) | where own in ({}) | project machine = tolower(id), own \
         | join kind=inner (resources | where type =~ 'microsoft.network/networkinterfaces' \
         | extend machine = tolower(tostring(properties.virtualMachine.id)) \
         | mv-expand configuration = properties.ipConfigurations \
         | extend network = tostring(split(tolower(tostring(configuration.properties.subnet.id)), '/subnets/')[0]) \
         | where network in ({}) | distinct machine) on machine | distinct own | order by own asc",
        names.join(", "),
        quoted_list(networks)
    )
}
