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

/// Who signs the tokens of a cloud: names of issuers, before the tenant's id, and where its keys are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Issuers {
    /// Where one logs in.
    pub(crate) login: &'static str,
    /// In tokens of version 1.0.
    pub(crate) first: &'static str,
    /// In tokens of version 2.0.
    pub(crate) second: &'static str,
}

/// The issuers of a cloud (contract azure-monitor, section 8.2, for the public one). That for the American government shares
/// the first name with it; the Chinese one names another host in its tokens than the one that the SDK logs in at.
pub(crate) fn issuers(cloud: Cloud) -> Issuers {
    match cloud {
        Cloud::Public => Issuers {
            login: "https://login.microsoftonline.com",
            first: "https://sts.windows.net",
            second: "https://login.microsoftonline.com",
        },
        Cloud::UsGovernment => Issuers {
            login: "https://login.microsoftonline.us",
            first: "https://sts.windows.net",
            second: "https://login.microsoftonline.us",
        },
        Cloud::China => Issuers {
            login: "https://login.chinacloudapi.cn",
            first: "https://sts.chinacloudapi.cn",
            second: "https://login.partner.microsoftonline.cn",
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A token is for its audience: one letter more, and every call is refused.
    #[test]
    fn each_cloud_has_its_hosts_and_audiences() {
        let all = [Cloud::Public, Cloud::UsGovernment, Cloud::China].map(|cloud| {
            let Addresses { arm, arm_scope, logs_query, logs_query_scope, logs_ingest_scope } =
                addresses(cloud);
            assert_eq!(arm_scope.strip_suffix("/.default"), Some(arm));
            [arm, logs_query, logs_query_scope, logs_ingest_scope]
        });
        let public = [
            "https://management.azure.com",
            "https://api.loganalytics.azure.com",
            "https://api.loganalytics.io/.default",
            "https://monitor.azure.com/.default",
        ];
        let government = [
            "https://management.usgovcloudapi.net",
            "https://api.loganalytics.us",
            "https://api.loganalytics.us/.default",
            "https://monitor.azure.us/.default",
        ];
        let china = [
            "https://management.chinacloudapi.cn",
            "https://api.loganalytics.azure.cn",
            "https://api.loganalytics.azure.cn/.default",
            "https://monitor.azure.cn/.default",
        ];
        assert_eq!(all, [public, government, china]);
    }

    #[test]
    fn each_cloud_names_its_issuers_in_its_tokens() {
        let all = [Cloud::Public, Cloud::UsGovernment, Cloud::China].map(|cloud| {
            let Issuers { login, first, second } = issuers(cloud);
            [login, first, second]
        });
        let public = [
            "https://login.microsoftonline.com",
            "https://sts.windows.net",
            "https://login.microsoftonline.com",
        ];
        let government = [
            "https://login.microsoftonline.us",
            "https://sts.windows.net",
            "https://login.microsoftonline.us",
        ];
        let china = [
            "https://login.chinacloudapi.cn",
            "https://sts.chinacloudapi.cn",
            "https://login.partner.microsoftonline.cn",
        ];
        assert_eq!(all, [public, government, china]);
    }

    #[test]
    fn who_names_a_host_to_log_in_logs_in_there() {
        let named = login(Cloud::China, Some("https://login.example.com"));
        assert!(
            matches!(&named, CloudConfiguration::Custom(custom) if custom.authority_host == "https://login.example.com")
        );
        assert!(matches!(login(Cloud::Public, None), CloudConfiguration::AzurePublic));
        assert!(matches!(login(Cloud::UsGovernment, None), CloudConfiguration::AzureGovernment));
        assert!(matches!(login(Cloud::China, None), CloudConfiguration::AzureChina));
    }
}
