//! Resources that are shown as the world has them, and never change: alert rules, action groups, endpoints, what a
//! machine has of a network, scale sets, apps, and what has rules in which addresses stand. What is not of Insights is shown by
//! Resource Graph alone, without the children of a resource: it does not show firewall rules of database servers either.

use serde_json::Value;

use super::{ResourceId, Tags};

/// A resource of which nobody here knows more than what it looks like.
#[derive(Debug, Clone, PartialEq)]
pub struct Plain {
    /// Its id, which says what it is.
    pub id: ResourceId,
    /// Its region.
    pub location: String,
    /// Its tags.
    pub tags: Option<Tags>,
    /// What its type comes in, such as `functionapp,linux`.
    pub kind: Option<String>,
    /// The identities that it was given: type and user-assigned ones.
    pub identity: Option<Value>,
    /// What is particular to its type.
    pub properties: Value,
}

impl Plain {
    /// Types that a world may hold so.
    pub const KINDS: [&str; 20] = [
        "Microsoft.Insights/scheduledQueryRules",
        "Microsoft.Insights/actionGroups",
        "Microsoft.Insights/dataCollectionEndpoints",
        "Microsoft.Compute/virtualMachineScaleSets",
        "Microsoft.Network/networkInterfaces",
        "Microsoft.Network/publicIPAddresses",
        "Microsoft.Network/publicIPPrefixes",
        "Microsoft.Web/sites",
        "Microsoft.ContainerRegistry/registries",
        "Microsoft.ContainerService/managedClusters",
        "Microsoft.DBforPostgreSQL/flexibleServers",
        "Microsoft.DocumentDB/databaseAccounts",
        "Microsoft.KeyVault/vaults",
        "Microsoft.Network/ipGroups",
        "Microsoft.Network/localNetworkGateways",
        "Microsoft.Network/networkSecurityGroups",
        "Microsoft.Network/vpnSites",
        "Microsoft.ServiceBus/namespaces",
        "Microsoft.Sql/servers",
        "Microsoft.Storage/storageAccounts",
    ];
}
