//! The networks that a private zone is linked to, and whose virtual machines it registers.

use std::collections::BTreeSet;

use futures::StreamExt;
use serde::Deserialize;

use super::{Dns, Error, no_list};
use crate::azure::ids::tidy;
use pure::domain::{ResourceId, ZoneId, ZoneKind};

/// The list of links, below a zone.
const LINKS: &str = "virtualNetworkLinks";

#[derive(Deserialize)]
struct Link {
    properties: LinkProperties,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LinkProperties {
    #[serde(default)]
    registration_enabled: bool,
    virtual_network: LinkedNetwork,
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
        Ok(all.into_iter().filter(|(_, registers)| *registers).map(|(network, _)| network).collect())
    }

    /// The networks that a private zone is linked to; a public one answers everybody and has none.
    ///
    /// # Errors
    /// [`Error`]; [`Error::is_forbidden`] when this identity has not the right `virtualNetworkLinks/read`.
    pub async fn linked_networks(&self, zone: &ZoneId) -> Result<BTreeSet<ResourceId>, Error> {
        if zone.kind() == ZoneKind::Public {
            return Ok(BTreeSet::new());
        }
        Ok(self.links(zone).await?.into_iter().map(|(network, _)| network).collect())
    }

    /// Each network of a zone's links, and whether its virtual machines are registered.
    async fn links(&self, zone: &ZoneId) -> Result<Vec<(ResourceId, bool)>, Error> {
        let unreadable = |words: &str| no_list(zone, LINKS, words);
        let mut links = Vec::new();
        let mut pages = std::pin::pin!(self.pages(zone, LINKS));
        while let Some(page) = pages.next().await {
            let (_, entries) = page?;
            for entry in &entries {
                let link: Link =
                    serde_json::from_str(entry.get()).map_err(|error| unreadable(&error.to_string()))?;
                let network = ResourceId::parse(&tidy(&link.properties.virtual_network.id));
                let network = network.map_err(|fault| unreadable(&format!("a network's id {fault}")))?;
                links.push((network, link.properties.registration_enabled));
            }
        }
        Ok(links)
    }
}
