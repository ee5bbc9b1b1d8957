//! Links of private zones to the virtual networks that can resolve them.

use serde_json::{Value, json};

use super::{Tags, Zone, guid};

/// What a link says whose missing names are asked for in public.
const REDIRECT: &str = "NxDomainRedirect";

/// What may be said of names that a zone does not hold.
pub(crate) const POLICIES: [&str; 2] = ["Default", REDIRECT];

/// A virtual network link.
#[derive(Debug, Clone, PartialEq)]
pub struct Link {
    /// Its name, as given.
    pub name: String,
    /// Changes with every write, in quotes as the provider has it for links.
    pub etag: String,
    /// Its tags; none is not sent.
    pub tags: Option<Tags>,
    /// The id of the network.
    pub network: String,
    /// Whether machines of the network are registered in the zone.
    pub registers: bool,
    /// What a question for a name that the zone has not is answered with (api-version 2024-06-01 and later).
    pub resolution_policy: String,
}

impl Link {
    /// A link as it is when nothing but its network is said.
    pub fn new(name: &str, network: &str) -> Self {
        Self {
            name: name.to_owned(),
            etag: Self::next_etag(),
            tags: None,
            network: network.to_owned(),
            registers: false,
            resolution_policy: "Default".to_owned(),
        }
    }

    /// Whether names that the zone has not are asked for in public, where its zone may have them so.
    pub(crate) fn redirects(&self) -> bool {
        self.resolution_policy == REDIRECT
    }

    /// An etag that no link had before.
    pub(crate) fn next_etag() -> String {
        format!("\"{}\"", guid())
    }

    /// The body of a GET.
    pub fn to_json(&self, zone: &Zone) -> Value {
        let mut shown = json!({
            "id": format!("{}/virtualNetworkLinks/{}", zone.wire_id(), self.name.to_ascii_lowercase()),
            "name": self.name.to_ascii_lowercase(),
            "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
            "etag": self.etag,
            "location": "global",
            "properties": {
                "provisioningState": "Succeeded",
                "registrationEnabled": self.registers,
                "resolutionPolicy": self.resolution_policy,
                "virtualNetwork": { "id": self.network },
                "virtualNetworkLinkState": "Completed",
            },
        });
        if let Some(tags) = &self.tags {
            shown["tags"] = json!(tags);
        }
        shown
    }
}
