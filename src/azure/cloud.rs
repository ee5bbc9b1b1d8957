//! Hosts and token audiences of the clouds: the SDK knows only where to log in.

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};

use crate::config::Cloud;

/// The fixed addresses of a cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Addresses {
    /// Azure Resource Manager.
    pub(crate) arm: &'static str,
    /// Token scope of Azure Resource Manager and Resource Graph.
    pub(crate) arm_scope: &'static str,
    /// The Logs Query API.
    pub(crate) logs_query: &'static str,
    /// Token scope of the Logs Query API, which has kept its old host as audience.
    pub(crate) logs_query_scope: &'static str,
    /// Token scope of the Logs Ingestion API.
    pub(crate) logs_ingest_scope: &'static str,
}

/// The addresses of a cloud (contracts azure-resource-manager, section 1.1, and azure-monitor, sections 1.3, 4.1).
pub(crate) fn addresses(cloud: Cloud) -> Addresses {
    match cloud {
        Cloud::Public => Addresses {
            arm: "https://management.azure.com",
            arm_scope: "https://management.azure.com/.default",
            logs_query: "https://api.loganalytics.azure.com",
            logs_query_scope: "https://api.loganalytics.io/.default",
            logs_ingest_scope: "https://monitor.azure.com/.default",
        },
        Cloud::UsGovernment => Addresses {
            arm: "https://management.usgovcloudapi.net",
            arm_scope: "https://management.usgovcloudapi.net/.default",
            logs_query: "https://api.loganalytics.us",
            logs_query_scope: "https://api.loganalytics.us/.default",
            logs_ingest_scope: "https://monitor.azure.us/.default",
        },
        Cloud::China => Addresses {
            arm: "https://management.chinacloudapi.cn",
            arm_scope: "https://management.chinacloudapi.cn/.default",
            logs_query: "https://api.loganalytics.azure.cn",
            logs_query_scope: "https://api.loganalytics.azure.cn/.default",
            logs_ingest_scope: "https://monitor.azure.cn/.default",
        },
    }
}

/// Where credentials log in: the cloud's host, or the one that the operator names.
pub(crate) fn login(cloud: Cloud, authority_host: Option<&str>) -> CloudConfiguration {
    if let Some(host) = authority_host {
        let mut custom = CustomConfiguration::default();
        custom.authority_host = host.to_owned();
        return custom.into();
    }
    match cloud {
        Cloud::Public => CloudConfiguration::AzurePublic,
        Cloud::UsGovernment => CloudConfiguration::AzureGovernment,
        Cloud::China => CloudConfiguration::AzureChina,
    }
}
