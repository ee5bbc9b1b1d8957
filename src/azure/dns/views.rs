//! What a zone is as its readers see it: every name in it, of whatever type, and the networks in which a private one answers.

use std::collections::BTreeSet;

use futures::StreamExt;
use serde::Deserialize;

use super::super::error::Error;
use super::{Dns, no_list, wire};
use pure::domain::{ZoneId, ZoneKind};

/// Every record set, of every type (contract private-zones, section 1).
const ALL: &str = "all";
const LINKS: &str = "virtualNetworkLinks";

impl Dns {
    /// The names of all record sets of every type, relative to the zone and in lower case; `@` is the zone's own.
    ///
    /// # Errors
    /// [`Error`]; [`Error::is_forbidden`] when this identity may not list what is of no type that we write.
    pub async fn every_name(&self, zone: &ZoneId) -> Result<BTreeSet<String>, Error> {
        let mut all = BTreeSet::new();
        let mut pages = std::pin::pin!(self.pages(zone, ALL));
        while let Some(page) = pages.next().await {
            let (_, entries) = page?;
            for entry in &entries {
                let name = wire::entry_name(entry).map_err(|words| no_list(zone, ALL, words))?;
                all.insert(name.to_lowercase());
            }
        }
        Ok(all)
    }

    /// The ids of the networks that a private zone is linked to, in lower case; a public one answers everybody and has none.
    ///
    /// # Errors
    /// [`Error`]; [`Error::is_forbidden`] when this identity has not the right `virtualNetworkLinks/read`.
    pub async fn linked_networks(&self, zone: &ZoneId) -> Result<BTreeSet<String>, Error> {
        let mut all = BTreeSet::new();
        if zone.kind() == ZoneKind::Public {
            return Ok(all);
        }
        let mut pages = std::pin::pin!(self.pages(zone, LINKS));
        while let Some(page) = pages.next().await {
            let (_, entries) = page?;
            for entry in &entries {
                let link: Link = serde_json::from_str(entry.get())
                    .map_err(|_| no_list(zone, LINKS, "a link without a network"))?;
                all.insert(link.properties.virtual_network.id.to_lowercase());
            }
        }
        Ok(all)
    }
}

#[derive(Deserialize)]
struct Link {
    properties: Linked,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Linked {
    virtual_network: VirtualNetwork,
}

#[derive(Deserialize)]
struct VirtualNetwork {
    id: String,
}
