//! The networks that a private zone is linked to, and whose virtual machines it registers.

use std::collections::BTreeSet;

use futures::StreamExt;
use serde::Deserialize;

use super::{Dns, Error, no_list};
use crate::azure::ids::tidy;
use pure::domain::{ResourceId, ZoneId, ZoneKind};

/// The list of links, below a zone.
const LINKS: &str = "virtualNetworkLinks";

/// What stands in a link that Azure is still making; of its other states nothing hangs.
const IN_PROGRESS: &str = "InProgress";

/// One link of a private zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NetworkLink {
    /// Its name.
    pub name: String,
    /// The network that sees the zone.
    pub network: ResourceId,
    /// Whether its virtual machines are registered.
    pub registers: bool,
    /// Whether Azure has made it; until then the network does not see the zone.
    pub is_made: bool,
}

#[derive(Deserialize)]
struct LinkEntry {
    name: String,
    properties: LinkProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinkProperties {
    #[serde(default)]
    registration_enabled: bool,
    virtual_network: LinkedNetwork,
    #[serde(default)]
    virtual_network_link_state: Option<String>,
}

#[derive(Deserialize)]
struct LinkedNetwork {
    id: String,
}

impl Dns {
    /// The networks whose virtual machines a private zone registers.
    ///
    /// # Errors
    /// [`Error`]; also for a link that cannot be read, for it may be one that registers.
    pub async fn registering(&self, zone: &ZoneId) -> Result<BTreeSet<ResourceId>, Error> {
        let all = self.links(zone).await?;
        Ok(all.into_iter().filter(|link| link.registers).map(|link| link.network).collect())
    }

    /// The networks that a private zone is linked to; a public one answers everybody and has none.
    ///
    /// # Errors
    /// [`Error`]; [`Error::is_forbidden`] when this identity has not the right `virtualNetworkLinks/read`.
    pub async fn linked_networks(&self, zone: &ZoneId) -> Result<BTreeSet<ResourceId>, Error> {
        if zone.kind() == ZoneKind::Public {
            return Ok(BTreeSet::new());
        }
        Ok(self.links(zone).await?.into_iter().map(|link| link.network).collect())
    }

    /// The links of a private zone.
    ///
    /// # Errors
    /// [`Error`]; also for a link that cannot be read.
    pub async fn links(&self, zone: &ZoneId) -> Result<Vec<NetworkLink>, Error> {
        let unreadable = |words: &str| no_list(zone, LINKS, words);
        let mut links = Vec::new();
        let mut pages = std::pin::pin!(self.pages(zone, LINKS));
        while let Some(page) = pages.next().await {
            let (_, entries) = page?;
            for entry in &entries {
                let link: LinkEntry =
                    serde_json::from_str(entry.get()).map_err(|error| unreadable(&error.to_string()))?;
                let network = ResourceId::parse(&tidy(&link.properties.virtual_network.id));
                let network = network.map_err(|fault| unreadable(&format!("a network's id {fault}")))?;
                let state = link.properties.virtual_network_link_state;
                links.push(NetworkLink {
                    name: link.name,
                    network,
                    registers: link.properties.registration_enabled,
                    is_made: state.is_none_or(|state| !state.eq_ignore_ascii_case(IN_PROGRESS)),
                });
            }
        }
        Ok(links)
    }
}
