//! Where Azure is, who we are there, and which resources are ours.

use url::{Host, Url};

use super::declared::{
    ARM_ENDPOINT, AZURE_AUTHORITY_HOST, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_CLOUD,
    AZURE_FEDERATED_TOKEN_FILE, AZURE_TENANT_ID, AZURE_TOKEN_CREDENTIALS, IDENTITY_ENDPOINT, IDENTITY_HEADER,
    LOGS_DCR_RULE_ID, LOGS_INGESTION_ENDPOINT, LOGS_QUERY_ENDPOINT, LOGS_WORKSPACE_IDS, QUOTA_SHARE,
};
use super::machine_columns::MachineColumns;
use super::network::{self, Network};
use super::reader::{Reader, is_guid, is_plain_id};
use super::secret::Secret;
use super::setting::Setting;

/// The clouds, by the names that the Azure command line gives them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cloud {
    /// `AzureCloud`.
    #[default]
    Public,
    /// `AzureUSGovernment`.
    UsGovernment,
    /// `AzureChinaCloud`.
    China,
}

/// Where Azure is and who we are there.
#[derive(Clone, Debug)]
pub struct Connect {
    /// `AZURE_CLOUD`.
    pub cloud: Cloud,
    /// `AZURE_AUTHORITY_HOST`: where to log in, if not at the cloud's own host.
    pub authority_host: Option<String>,
    /// `ARM_ENDPOINT`: Azure Resource Manager, if not the cloud's own.
    pub arm: Option<Url>,
    /// `LOGS_QUERY_ENDPOINT`: the Logs Query API, if not the cloud's own.
    pub logs_query: Option<Url>,
    /// `LOGS_INGESTION_ENDPOINT`: the data collection rule's own endpoint or a data collection endpoint.
    pub logs_ingestion: Url,
    /// `LOGS_DCR_RULE_ID`: the rule's immutable id.
    pub dcr_rule_id: String,
    /// `LOGS_WORKSPACE_IDS`: the first holds our tables, all are read for heartbeats; at least one.
    pub workspaces: Vec<String>,
    /// The credential to use.
    pub credential: Credential,
    /// Proxies and certificates.
    pub network: Network,
    /// `QUOTA_SHARE`: the share of a zone's write quota to use, over 0 and at most 1; none: no pace of our own.
    pub quota_share: Option<f64>,
    /// What the policy has asked of machines.
    pub machine_columns: MachineColumns,
}

/// The endpoint of App Service's managed identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityEndpoint {
    /// `IDENTITY_ENDPOINT`.
    pub url: Url,
    /// `IDENTITY_HEADER`, which keeps others from asking.
    pub header: Secret,
}

/// How tokens are obtained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A managed identity.
    ManagedIdentity {
        /// `AZURE_CLIENT_ID`: the user-assigned one; none: the system-assigned one.
        client_id: Option<String>,
        /// Where to ask; none: the virtual machine's metadata address.
        endpoint: Option<IdentityEndpoint>,
    },
    /// A federated token of a Kubernetes workload.
    WorkloadIdentity {
        /// `AZURE_TENANT_ID`.
        tenant_id: String,
        /// `AZURE_CLIENT_ID`.
        client_id: String,
        /// `AZURE_FEDERATED_TOKEN_FILE`.
        token_file: String,
    },
    /// An application with a secret.
    ClientSecret {
        /// `AZURE_TENANT_ID`.
        tenant_id: String,
        /// `AZURE_CLIENT_ID`.
        client_id: String,
        /// `AZURE_CLIENT_SECRET`.
        secret: Secret,
    },
    /// Whoever is logged in with `az`.
    AzureCli {
        /// `AZURE_TENANT_ID`; none: the tool's own default.
        tenant_id: Option<String>,
    },
    /// Whoever is logged in with `azd`.
    AzureDeveloperCli {
        /// `AZURE_TENANT_ID`; none: the tool's own default.
        tenant_id: Option<String>,
    },
    /// `az`, then `azd`.
    DeveloperTools,
}

/// Whether an address is on this machine, so that plain http to it shows nothing to anybody.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl Connect {
    /// Whether every service is one of this machine: none is the real Azure.
    #[must_use]
    pub fn is_on_this_machine(&self) -> bool {
        let named = [self.arm.as_ref(), self.logs_query.as_ref(), Some(&self.logs_ingestion)];
        named.iter().all(|url| url.is_some_and(is_loopback))
    }
}

pub(super) fn read(reader: &mut Reader<'_>) -> Connect {
    let clouds = [
        ("AzureCloud", Cloud::Public),
        ("AzureUSGovernment", Cloud::UsGovernment),
        ("AzureChinaCloud", Cloud::China),
    ];
    Connect {
        cloud: reader.word(AZURE_CLOUD, &clouds).unwrap_or_default(),
        authority_host: authority_host(reader),
        arm: endpoint(reader, ARM_ENDPOINT),
        logs_query: endpoint(reader, LOGS_QUERY_ENDPOINT),
        logs_ingestion: ingestion(reader),
        dcr_rule_id: rule(reader),
        workspaces: workspaces(reader),
        credential: credential(reader),
        network: network::read(reader),
        quota_share: quota_share(reader),
        machine_columns: MachineColumns::default(),
    }
}

/// An address that gets our tokens: https, or plain http on this machine.
fn endpoint(reader: &mut Reader<'_>, setting: Setting) -> Option<Url> {
    reader.parsed(setting, checked)
}

fn checked(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(Url::has_host);
    let Some(url) = url else { return Err(format!("is `{text}`, which is no address; write https://HOST")) };
    if !url.username().is_empty()
        || url.password().is_some()
        || url.path() != "/"
        || url.query().is_some()
        || url.fragment().is_some()
    {
        return Err("must be scheme and host, without a user, a path, a query or a fragment".to_owned());
    }
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_loopback(&url) => Ok(url),
        "http" => Err(format!("is `{text}`; plain http is for loopback alone, write https://")),
        _ => Err(format!("is `{text}`; write https://HOST")),
    }
}

/// The nowhere that stands in for an address that is missing, in settings that are then refused.
fn nowhere() -> Url {
    // A constant of a fixed form; the test below parses it.
    #[expect(clippy::unwrap_used, reason = "the text is a constant that parses")]
    Url::parse("https://invalid").unwrap()
}

fn ingestion(reader: &mut Reader<'_>) -> Url {
    if reader.required(LOGS_INGESTION_ENDPOINT).is_none() {
        return nowhere();
    }
    endpoint(reader, LOGS_INGESTION_ENDPOINT).unwrap_or_else(nowhere)
}

fn rule(reader: &mut Reader<'_>) -> String {
    if reader.required(LOGS_DCR_RULE_ID).is_none() {
        return String::new();
    }
    let read = reader.parsed(LOGS_DCR_RULE_ID, |text| {
        if text.starts_with("dcr-") && is_plain_id(text) {
            return Ok(text.to_owned());
        }
        Err(format!("is `{text}`; write the rule's immutable id, dcr- and 32 hexadecimal digits"))
    });
    read.unwrap_or_default()
}

fn workspaces(reader: &mut Reader<'_>) -> Vec<String> {
    if reader.required(LOGS_WORKSPACE_IDS).is_none() {
        return Vec::new();
    }
    guids(reader, LOGS_WORKSPACE_IDS, "workspace (customer) ids, which are GUIDs, not resource ids")
}

/// The SDK refuses a login host that is not https (contract azure-sdk-for-rust, section 3).
fn authority_host(reader: &mut Reader<'_>) -> Option<String> {
    reader.parsed(AZURE_AUTHORITY_HOST, |text| {
        let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        match Url::parse(&text) {
            Ok(url) if url.scheme() == "https" && url.has_host() => Ok(text),
            _ => Err(format!("is `{text}`; write https://HOST")),
        }
    })
}

fn quota_share(reader: &mut Reader<'_>) -> Option<f64> {
    let read = reader.parsed(QUOTA_SHARE, |text| {
        if text.eq_ignore_ascii_case("off") {
            return Ok(None);
        }
        match text.parse::<f64>() {
            Ok(share) if share > 0.0 && share <= 1.0 => Ok(Some(share)),
            _ => Err(format!("is `{text}`; write a share over 0 and at most 1, such as 0.8, or off")),
        }
    });
    read.flatten()
}

/// The names that the Azure SDKs share, of which these can be served.
const CREDENTIALS: &str = "prod, dev, ManagedIdentityCredential, WorkloadIdentityCredential, EnvironmentCredential, AzureCliCredential or AzureDeveloperCliCredential";

fn credential(reader: &mut Reader<'_>) -> Credential {
    let tenant_id = reader.text(AZURE_TENANT_ID).map(str::to_owned);
    let has =
        |reader: &Reader<'_>, all: [Setting; 3]| all.iter().all(|setting| reader.text(*setting).is_some());
    let chosen = reader.text(AZURE_TOKEN_CREDENTIALS);
    match chosen.map(str::to_ascii_lowercase).as_deref() {
        None if reader.is_in_host() || reader.text(IDENTITY_ENDPOINT).is_some() => managed(reader),
        None | Some("dev") => Credential::DeveloperTools,
        Some("prod") if has(reader, [AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_CLIENT_SECRET]) => {
            client_secret(reader)
        }
        Some("prod") if has(reader, [AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE]) => {
            workload(reader)
        }
        Some("prod" | "managedidentitycredential") => managed(reader),
        Some("workloadidentitycredential") => workload(reader),
        Some("environmentcredential") => client_secret(reader),
        Some("azureclicredential") => Credential::AzureCli { tenant_id },
        Some("azuredeveloperclicredential") => Credential::AzureDeveloperCli { tenant_id },
        Some(_) => {
            let given = chosen.unwrap_or_default();
            reader.fault(AZURE_TOKEN_CREDENTIALS.name, format!("is `{given}`; write {CREDENTIALS}"));
            Credential::DeveloperTools
        }
    }
}

/// Below the Functions host the platform says where an identity is asked, as soon as one is assigned; neither the
/// tools of a developer nor the address of a virtual machine are there.
fn managed(reader: &mut Reader<'_>) -> Credential {
    if reader.is_in_host() && reader.text(IDENTITY_ENDPOINT).is_none() {
        let words = "is not set: no identity is assigned to the app; assign one, or name another credential in AZURE_TOKEN_CREDENTIALS";
        reader.fault(IDENTITY_ENDPOINT.name, words);
    }
    let client_id = reader.text(AZURE_CLIENT_ID).map(str::to_owned);
    let header = Secret::new(reader.text(IDENTITY_HEADER).unwrap_or_default());
    let endpoint = reader.parsed(IDENTITY_ENDPOINT, |text| match Url::parse(text) {
        Ok(url) if url.has_host() && matches!(url.scheme(), "http" | "https") => {
            Ok(IdentityEndpoint { url, header: header.clone() })
        }
        _ => Err(format!("is `{text}`, which is no address; the Functions host sets it")),
    });
    Credential::ManagedIdentity { client_id, endpoint }
}

fn workload(reader: &mut Reader<'_>) -> Credential {
    Credential::WorkloadIdentity {
        tenant_id: needed(reader, AZURE_TENANT_ID, "the tenant of the workload's identity"),
        client_id: needed(reader, AZURE_CLIENT_ID, "the client id of the workload's identity"),
        token_file: needed(reader, AZURE_FEDERATED_TOKEN_FILE, "the file with the workload's token"),
    }
}

fn client_secret(reader: &mut Reader<'_>) -> Credential {
    Credential::ClientSecret {
        tenant_id: needed(reader, AZURE_TENANT_ID, "the tenant of the application"),
        client_id: needed(reader, AZURE_CLIENT_ID, "the application's (client) id"),
        secret: Secret::new(needed(reader, AZURE_CLIENT_SECRET, "the application's secret")),
    }
}

fn needed(reader: &mut Reader<'_>, setting: Setting, what: &str) -> String {
    reader.needed(setting, what).unwrap_or_default().to_owned()
}

/// The members of a list of GUIDs, such as subscriptions; `what` fits after "write".
pub(super) fn guids(reader: &mut Reader<'_>, setting: Setting, what: &str) -> Vec<String> {
    reader.list(setting, |member| {
        if is_guid(member) { Ok(member.to_owned()) } else { Err(format!("holds `{member}`; write {what}")) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_is_for_loopback_alone() {
        for text in
            ["https://management.azure.com/", "http://127.0.0.1:7072", "http://localhost:1", "http://[::1]:1"]
        {
            assert!(checked(text).is_ok(), "{text}");
        }
        for text in [
            "http://example.com",
            "ftp://127.0.0.1",
            "127.0.0.1",
            "https://u@h",
            "https://h?x=1",
            "https://h/v1",
            "http://",
        ] {
            assert!(checked(text).is_err(), "{text}");
        }
        assert_eq!(nowhere().scheme(), "https");
    }
}
