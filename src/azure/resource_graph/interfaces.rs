//! The private addresses that the network interfaces of virtual machines have.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::Deserialize;

use super::ResourceGraph;
use crate::azure::error::{Certainty, Error, Kind};
use crate::queries::quoted_list;
use pure::domain::{ResourceId, Service, parse_address};

/// Machines that one query asks about: with ten addresses each an answer is one page.
pub const MOST_MACHINES: usize = 100;
/// What the call is named.
const OPERATION: &str = "find network interfaces";

#[derive(Deserialize)]
struct Row {
    machine: String,
    address: String,
}

impl ResourceGraph {
    /// The private addresses of each of these virtual machines' network interfaces; none of a machine without one that is
    /// visible.
    ///
    /// # Errors
    /// [`Error`]; a part of an answer is none.
    pub async fn private_addresses(
        &self,
        machines: &BTreeSet<ResourceId>,
    ) -> Result<BTreeMap<ResourceId, BTreeSet<IpAddr>>, Error> {
        let own: BTreeSet<&str> = machines.iter().map(ResourceId::subscription).collect();
        let subscriptions: Vec<&str> = own.into_iter().collect();
        let rows = self.whole(OPERATION, &query(machines), &subscriptions).await?;
        let mut addresses: BTreeMap<ResourceId, BTreeSet<IpAddr>> =
            machines.iter().map(|machine| (machine.clone(), BTreeSet::new())).collect();
        for row in rows {
            let Row { machine, address } = serde_json::from_value(row).map_err(|error| {
                let words = format!("a row about network interfaces cannot be read: {error}");
                Error::new(Service::ResourceGraph, Kind::Unreadable, OPERATION, words)
                    .with_certainty(Certainty::Answered)
            })?;
            let machine = ResourceId::parse(&machine).ok();
            if let Some(own) = machine.and_then(|machine| addresses.get_mut(&machine)) {
                own.extend(parse_address(&address));
            }
        }
        Ok(addresses)
    }
}

fn query(machines: &BTreeSet<ResourceId>) -> String {
    format!(
        "resources | where type =~ 'microsoft.network/networkinterfaces' \
         | extend machine = tolower(tostring(properties.virtualMachine.id)) | where machine in ({}) \
         | mv-expand configuration = properties.ipConfigurations \
         | project machine, address = tostring(configuration.properties.privateIPAddress) \
         | order by machine asc, address asc",
        quoted_list(machines)
    )
}
