//! The one table of what is served: namespaces, resource types, and the api-versions that Azure publishes for each.
//!
//! Versions are those of the published type indexes and of providers' own lists (contract azure-resource-manager,
//! section 1.1), oldest first.

/// A provider of resources.
pub(super) struct Provider {
    pub(super) namespace: &'static str,
    /// Whether it is a part of Resource Manager itself, which words its refusals otherwise.
    pub(super) is_own: bool,
    pub(super) types: &'static [Type],
}

/// A resource type.
pub(super) struct Type {
    pub(super) name: &'static str,
    /// The api-versions, oldest first, with spaces between.
    versions: &'static str,
    pub(super) locations: &'static [&'static str],
    pub(super) capabilities: &'static str,
    /// The version that the provider names as the one to begin with, where it names one.
    pub(super) first_choice: Option<&'static str>,
    /// Names of profiles with the version of each, where the type has any.
    pub(super) profiles: &'static [(&'static str, &'static str)],
}

impl Type {
    /// The api-versions, oldest first.
    pub(super) fn versions(&self) -> impl DoubleEndedIterator<Item = &'static str> + use<> {
        self.versions.split_whitespace()
    }
}

/// The provider of this namespace, and what it has of this type.
pub(super) fn find(namespace: &str, resource_type: &str) -> Option<(&'static Provider, &'static Type)> {
    let provider = provider(namespace)?;
    let found = provider.types.iter().find(|known| known.name.eq_ignore_ascii_case(resource_type))?;
    Some((provider, found))
}

/// The provider of this namespace.
pub(super) fn provider(namespace: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|known| known.namespace.eq_ignore_ascii_case(namespace))
}

/// A type whose resources lie nowhere and have no tags.
const fn placeless(name: &'static str, versions: &'static str) -> Type {
    Type { name, versions, locations: &[], capabilities: "None", first_choice: None, profiles: &[] }
}

/// A type of Resource Manager itself.
const fn own(name: &'static str, versions: &'static str) -> Type {
    Type { profiles: PROFILES, ..placeless(name, versions) }
}

/// A resource that lies everywhere, has tags, and can be moved.
const fn global(name: &'static str, versions: &'static str, first_choice: &'static str) -> Type {
    Type { capabilities: MOVED, ..below(name, versions, first_choice) }
}

/// What lies below such a resource, and has no tags.
const fn below(name: &'static str, versions: &'static str, first_choice: &'static str) -> Type {
    Type { locations: &["global"], first_choice: Some(first_choice), ..placeless(name, versions) }
}

/// A machine of a region.
const fn machine(name: &'static str, versions: &'static str) -> Type {
    Type { locations: REGIONS, capabilities: MACHINE, ..placeless(name, versions) }
}

/// A resource of a region, which has tags and can be moved.
const fn regional(name: &'static str, versions: &'static str) -> Type {
    Type { locations: REGIONS, capabilities: MOVED, ..placeless(name, versions) }
}

/// What a resource is that has tags and can be moved.
const MOVED: &str =
    "CrossResourceGroupResourceMove, CrossSubscriptionResourceMove, SupportsTags, SupportsLocation";
/// The same of one that can have an identity.
const MACHINE: &str = "CrossResourceGroupResourceMove, CrossSubscriptionResourceMove, \
                       SystemAssignedResourceIdentity, SupportsTags, SupportsLocation";
/// The profiles that Resource Manager's own types have.
const PROFILES: &[(&str, &str)] =
    &[("2018-06-01-profile", "2016-06-01"), ("2019-03-01-hybrid", "2018-05-01")];

/// Regions in the names by which providers list them.
const REGIONS: &[&str] = &[
    "East US",
    "East US 2",
    "West US 2",
    "Central US",
    "North Europe",
    "West Europe",
    "UK South",
    "Germany West Central",
    "Switzerland North",
    "Southeast Asia",
    "Japan East",
    "Australia East",
];

const DNS: &str = "2015-05-04-preview 2016-04-01 2017-09-01 2017-09-15-preview 2017-10-01 2018-03-01-preview \
                   2018-05-01 2023-07-01-preview";
const DNS_PREVIEW: &str = "2023-07-01-preview";
const PRIVATE_DNS: &str = "2018-09-01 2020-01-01 2020-06-01 2024-06-01 2026-06-01-preview";
const TRAFFIC_MANAGER: &str = "2015-11-01 2017-03-01 2017-05-01 2018-02-01 2018-03-01 2018-04-01 2018-08-01 \
                               2022-04-01-preview 2022-04-01 2024-04-01-preview";
/// What Resource Manager itself takes for subscriptions, groups, providers and lists of resources.
const OWN: &str = "2014-04 2014-02-26 2013-03-01 2014-01-01 2014-04-01 2014-04-01-preview 2015-01-01 2015-11-01 \
                   2016-02-01 2016-06-01 2016-07-01 2016-09-01 2017-03-01 2017-05-01 2017-05-10 2017-06-01 \
                   2017-08-01 2017-12-01 2018-01-01 2018-02-01 2018-05-01 2018-06-01 2018-07-01 2018-08-01 \
                   2018-09-01 2018-11-01 2019-03-01 2019-05-01 2019-05-10 2019-06-01 2019-07-01 2019-08-01 \
                   2019-09-01 2019-10-01 2019-11-01 2020-01-01 2020-05-01 2020-06-01 2020-07-01 2020-08-01 \
                   2020-09-01 2020-10-01 2021-01-01 2021-04-01 2022-01-01 2022-03-01-preview 2022-05-01 \
                   2022-06-01 2022-09-01 2022-11-01-preview 2022-12-01 2023-03-01-preview 2023-07-01-preview \
                   2023-07-01 2024-03-01 2024-07-01 2024-11-01 2025-03-01 2025-04-01";
const TAGS: &str = "2019-10-01 2020-06-01 2020-08-01 2020-10-01 2021-01-01 2021-04-01 2022-09-01 2023-07-01 \
                    2024-03-01 2024-07-01 2024-11-01 2025-03-01 2025-04-01";
// The last is what az 2.91 was seen to send.
const DEPLOYMENTS: &str = "2015-11-01 2016-02-01 2016-07-01 2016-09-01 2017-05-10 2018-02-01 2018-05-01 2019-03-01 \
                           2019-05-01 2019-05-10 2019-07-01 2019-08-01 2019-10-01 2020-06-01 2020-08-01 2020-10-01 \
                           2021-01-01 2021-04-01 2022-09-01 2023-07-01 2024-03-01 2024-07-01 2024-11-01 2025-03-01 \
                           2025-04-01 2026-06-01";
const GRAPH: &str = "2018-09-01-preview 2019-04-01 2020-04-01-preview 2021-03-01 2021-06-01-preview 2022-10-01 \
                     2024-04-01";
const ARC: &str = "2019-03-18-preview 2019-08-02-preview 2019-12-12 2020-07-30-preview 2020-08-02 \
                   2020-08-15-preview 2021-01-28-preview 2021-03-25-preview 2021-04-22-preview 2021-05-17-preview \
                   2021-05-20 2021-06-10-preview 2021-12-10-preview 2022-03-10 2022-05-10-preview \
                   2022-08-11-preview 2022-11-10 2022-12-27 2022-12-27-preview 2023-03-15-preview \
                   2023-06-20-preview 2023-10-03-preview 2024-03-31-preview 2024-05-20-preview 2024-07-10 \
                   2024-07-31-preview 2024-09-10-preview 2024-11-10-preview 2025-01-13 2025-02-19-preview \
                   2025-06-01 2025-08-21-preview 2025-09-16-preview 2026-02-12-preview 2026-06-04-preview \
                   2026-06-16-preview 2026-07-15";
const COMPUTE: &str = "2015-06-15 2016-03-30 2016-04-30-preview 2017-03-30 2017-12-01 2018-04-01 2018-06-01 \
                       2018-10-01 2019-03-01 2019-07-01 2019-12-01 2020-06-01 2020-12-01 2021-03-01 2021-04-01 \
                       2021-07-01 2021-11-01 2022-03-01 2022-08-01 2022-11-01 2023-03-01 2023-07-01 2023-09-01 \
                       2024-03-01 2024-07-01 2024-11-01 2025-04-01 2025-11-01 2026-03-01 2026-04-01";
const ACTION_GROUPS: &str = "2017-04-01 2018-03-01 2018-09-01 2019-03-01 2019-06-01 2021-09-01 2022-04-01 2022-06-01 \
                             2023-01-01 2023-09-01-preview 2024-10-01-preview";
const DATA_COLLECTION: &str =
    "2019-11-01-preview 2021-04-01 2021-09-01-preview 2022-06-01 2023-03-11 2024-03-11";
const QUERY_RULES: &str = "2018-04-16 2020-05-01-preview 2021-02-01-preview 2021-08-01 2022-06-15 2022-08-01-preview \
                           2023-03-15-preview 2023-12-01 2024-01-01-preview 2025-01-01-preview";
const WORKSPACES: &str = "2015-11-01-preview 2020-03-01-preview 2020-08-01 2020-10-01 2021-06-01 2021-12-01-preview \
                          2022-10-01 2023-09-01 2025-02-01 2025-07-01";
const TABLES: &str = "2021-12-01-preview 2022-10-01 2023-09-01 2025-02-01 2025-07-01";
const PERMISSIONS: &str = "2015-07-01 2018-07-01 2022-04-01";
const LOCKS: &str = "2015-01-01 2016-09-01 2017-04-01 2020-05-01";
const MANAGEMENT_GROUPS: &str = "2017-11-01-preview 2018-01-01-preview 2018-03-01-preview 2019-11-01 2020-02-01 \
                                 2020-05-01 2020-10-01 2021-04-01 2023-04-01 2024-02-01-preview";

/// Everything that is served.
pub(super) const PROVIDERS: &[Provider] = &[
    Provider {
        namespace: "Microsoft.Authorization",
        is_own: true,
        types: &[
            Type { capabilities: "SupportsExtension", ..own("locks", LOCKS) },
            own("permissions", PERMISSIONS),
        ],
    },
    Provider { namespace: "Microsoft.Compute", is_own: false, types: &[machine("virtualMachines", COMPUTE)] },
    Provider { namespace: "Microsoft.HybridCompute", is_own: false, types: &[machine("machines", ARC)] },
    Provider {
        namespace: "Microsoft.Insights",
        is_own: false,
        types: &[
            global("actionGroups", ACTION_GROUPS, "2023-01-01"),
            regional("dataCollectionEndpoints", DATA_COLLECTION),
            regional("dataCollectionRules", DATA_COLLECTION),
            regional("scheduledQueryRules", QUERY_RULES),
        ],
    },
    Provider {
        namespace: "Microsoft.Management",
        is_own: false,
        types: &[placeless("managementGroups", MANAGEMENT_GROUPS)],
    },
    Provider {
        namespace: "Microsoft.Network",
        is_own: false,
        types: &[
            global("dnszones", DNS, "2018-05-01"),
            below("dnsOperationResults", DNS, "2018-05-01"),
            below("dnsOperationStatuses", DNS, "2018-05-01"),
            below("getDnsResourceReference", DNS, "2018-05-01"),
            below("dnsResourceReferenceRequest", DNS, "2018-05-01"),
            below("dnszones/A", DNS, "2018-05-01"),
            below("dnszones/AAAA", DNS, "2018-05-01"),
            below("dnszones/CAA", DNS, "2018-05-01"),
            below("dnszones/CNAME", DNS, "2018-05-01"),
            below("dnszones/DS", DNS_PREVIEW, "2023-07-01-preview"),
            below("dnszones/MX", DNS, "2018-05-01"),
            below("dnszones/NAPTR", DNS_PREVIEW, "2023-07-01-preview"),
            below("dnszones/NS", DNS, "2018-05-01"),
            below("dnszones/PTR", DNS, "2018-05-01"),
            below("dnszones/SOA", DNS, "2018-05-01"),
            below("dnszones/SRV", DNS, "2018-05-01"),
            below("dnszones/TLSA", DNS_PREVIEW, "2023-07-01-preview"),
            below("dnszones/TXT", DNS, "2018-05-01"),
            below("dnszones/all", DNS, "2018-05-01"),
            below("dnszones/recordsets", DNS, "2018-05-01"),
            below("dnszones/dnssecConfigs", DNS_PREVIEW, "2023-07-01-preview"),
            global("privateDnsZones", PRIVATE_DNS, "2018-09-01"),
            global("privateDnsZones/virtualNetworkLinks", PRIVATE_DNS, "2018-09-01"),
            below("privateDnsOperationResults", PRIVATE_DNS, "2018-09-01"),
            below("privateDnsOperationStatuses", PRIVATE_DNS, "2018-09-01"),
            below("privateDnsZones/A", PRIVATE_DNS, "2018-09-01"),
            below("privateDnsZones/AAAA", PRIVATE_DNS, "2018-09-01"),
            below("privateDnsZones/CNAME", PRIVATE_DNS, "2018-09-01"),
            below("privateDnsZones/MX", PRIVATE_DNS, "2018-09-01"),
            below("privateDnsZones/PTR", PRIVATE_DNS, "2018-09-01"),
            below("privateDnsZones/SOA", PRIVATE_DNS, "2018-09-01"),
            below("privateDnsZones/SRV", PRIVATE_DNS, "2018-09-01"),
            below("privateDnsZones/TXT", PRIVATE_DNS, "2018-09-01"),
            below("privateDnsZones/all", PRIVATE_DNS, "2018-09-01"),
            global("trafficmanagerprofiles", TRAFFIC_MANAGER, "2018-08-01"),
        ],
    },
    Provider {
        namespace: "Microsoft.OperationalInsights",
        is_own: false,
        types: &[
            regional("workspaces", WORKSPACES),
            Type { locations: REGIONS, ..placeless("workspaces/tables", TABLES) },
        ],
    },
    Provider { namespace: "Microsoft.ResourceGraph", is_own: false, types: &[placeless("resources", GRAPH)] },
    Provider {
        namespace: "Microsoft.Resources",
        is_own: true,
        types: &[
            own("tenants", OWN),
            Type { capabilities: "SupportsExtension", ..placeless("tags", TAGS) },
            own("providers", OWN),
            own("resources", OWN),
            own("subscriptions", OWN),
            own("subscriptions/resources", OWN),
            own("subscriptions/providers", OWN),
            own("subscriptions/operationresults", OWN),
            Type { locations: REGIONS, capabilities: "SupportsLocation", ..own("resourceGroups", OWN) },
            Type {
                locations: REGIONS,
                capabilities: "SupportsTags, SupportsLocation",
                ..own("subscriptions/resourceGroups", OWN)
            },
            own("subscriptions/resourcegroups/resources", OWN),
            own("subscriptions/tagNames", OWN),
            own("deployments", DEPLOYMENTS),
            own("deployments/operations", DEPLOYMENTS),
        ],
    },
];
