//! Who we are: one credential, chosen by the configuration, never tried in turn.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{Secret, TokenCredential};
use azure_core::error::ErrorKind;
use azure_core::http::headers::HeaderName;
use azure_core::http::policies::{Policy, PolicyResult, RetryPolicyCount};
use azure_core::http::{
    ClientOptions, Context, ExponentialRetryOptions, Request, RetryOptions, Transport, Url, UserAgentOptions,
};
use azure_core::time::Duration;
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, ClientAssertionCredentialOptions, ClientSecretCredential,
    ClientSecretCredentialOptions, DeveloperToolsCredential, ManagedIdentityCredential,
    ManagedIdentityCredentialOptions, UserAssignedId, WorkloadIdentityCredential,
    WorkloadIdentityCredentialOptions,
};

use super::login::HearsRefusal;
use super::patience::Patience;
use super::redact::Secrets;
use super::tally::{CountTokens, Tally};
use super::{cause, cloud, network};
use crate::config::{Connect, Credential, IdentityEndpoint, Network};

/// Where credentials come from: one for each audience, and a new one, without any token, whenever a token was refused.
pub(crate) struct Source {
    pub(crate) connect: Connect,
    pub(crate) services: Transport,
    /// Of the identity endpoint.
    pub(crate) identity: Transport,
    pub(crate) tally: Arc<Tally>,
    pub(super) patience: Patience,
}

impl Source {
    /// A credential that holds no token yet.
    pub(crate) fn credential(&self) -> Result<Arc<dyn TokenCredential>, network::BuildError> {
        build(self)
    }

    /// What the configuration holds that no error may show.
    pub(crate) fn secrets(&self) -> Secrets {
        let own = match &self.connect.credential {
            Credential::ManagedIdentity { endpoint, .. } => {
                endpoint.as_ref().map(|endpoint| endpoint.header.expose())
            }
            Credential::ClientSecret { secret, .. } => Some(secret.expose()),
            _ => None,
        };
        let network = &self.connect.network;
        let proxies = [&network.https_proxy, &network.http_proxy].into_iter().flatten();
        let passwords =
            proxies.filter_map(|proxy| Url::parse(proxy.expose()).ok()?.password().map(str::to_owned));
        Secrets::new(own.map(str::to_owned).into_iter().chain(passwords))
    }
}

/// Builds the credential of the configuration.
fn build(source: &Source) -> Result<Arc<dyn TokenCredential>, network::BuildError> {
    let Source { connect, services, identity, tally, patience } = source;
    let setting = match &connect.credential {
        Credential::ManagedIdentity { endpoint: Some(_), .. } => Some("IDENTITY_ENDPOINT"),
        _ => None,
    };
    let login = Arc::new(cloud::login(connect.cloud, connect.authority_host.as_deref()));
    let options = |transport: Transport| ClientOptions {
        transport: Some(transport),
        cloud: Some(Arc::clone(&login)),
        retry: retry(*patience),
        per_try_policies: vec![
            Arc::new(MeetsNobody { network: connect.network.clone(), setting, patience: *patience }),
            Arc::new(HearsRefusal),
            Arc::new(CountTokens(Arc::clone(tally))),
        ],
        user_agent: UserAgentOptions { application_id: Some("heartbeat-dns".into()) },
        ..ClientOptions::default()
    };
    Ok(match &connect.credential {
        Credential::ManagedIdentity { client_id, endpoint } => {
            let mut client_options = options(identity.clone());
            if let Some(endpoint) = endpoint {
                client_options.per_call_policies.push(Arc::new(ToEndpoint(endpoint.clone())));
            }
            ManagedIdentityCredential::new(Some(ManagedIdentityCredentialOptions {
                user_assigned_id: client_id.clone().map(UserAssignedId::ClientId),
                client_options,
            }))?
        }
        Credential::WorkloadIdentity { tenant_id, client_id, token_file } => {
            WorkloadIdentityCredential::new(Some(WorkloadIdentityCredentialOptions {
                credential_options: ClientAssertionCredentialOptions {
                    client_options: options(services.clone()),
                },
                client_id: Some(client_id.clone()),
                tenant_id: Some(tenant_id.clone()),
                token_file_path: Some(PathBuf::from(token_file)),
            }))?
        }
        Credential::ClientSecret { tenant_id, client_id, secret } => ClientSecretCredential::new(
            tenant_id,
            client_id.clone(),
            Secret::new(secret.expose().to_owned()),
            Some(ClientSecretCredentialOptions { client_options: options(services.clone()) }),
        )?,
        Credential::AzureCli { tenant_id } => AzureCliCredential::new(Some(AzureCliCredentialOptions {
            tenant_id: tenant_id.clone(),
            ..AzureCliCredentialOptions::default()
        }))?,
        Credential::AzureDeveloperCli { tenant_id } => {
            AzureDeveloperCliCredential::new(Some(AzureDeveloperCliCredentialOptions {
                tenant_id: tenant_id.clone(),
                ..AzureDeveloperCliCredentialOptions::default()
            }))?
        }
        Credential::DeveloperTools => DeveloperToolsCredential::new(None)?,
    })
}

/// Token requests are tried for some seconds; whoever waits for the token has a deadline besides.
fn retry(patience: Patience) -> RetryOptions {
    RetryOptions::exponential(ExponentialRetryOptions {
        initial_delay: Duration::milliseconds(200),
        max_retries: 4,
        max_total_elapsed: Duration::try_from(patience.token).unwrap_or(Duration::seconds(20)),
        max_delay: Duration::seconds(5),
    })
}

/// Ends the tries for a token where a person waits and nobody was met twice, and says where. The SDK's credentials have tries
/// of their own, some of which go on for longer than a person waits.
#[derive(Debug)]
struct MeetsNobody {
    network: Network,
    /// What decides the host, if a setting does.
    setting: Option<&'static str>,
    patience: Patience,
}

#[async_trait]
impl Policy for MeetsNobody {
    async fn send(&self, ctx: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        let result = next[0].send(ctx, request, &next[1..]).await;
        let is_first = ctx.value::<RetryPolicyCount>().is_none_or(|count| **count == 0);
        if self.patience.unreachable.is_none() || is_first {
            return result;
        }
        result.map_err(|error| {
            let kind = cause::kind_of(&error);
            if kind != ErrorKind::Connection {
                return error;
            }
            let proxy = network::proxy_before(&self.network, request.url());
            let mut words = cause::of_call(&error, &kind, request.url(), proxy.as_deref());
            if let Some(setting) = self.setting {
                words = format!("{words} ({setting})");
            }
            azure_core::Error::with_message(ErrorKind::Credential, words)
        })
    }
}

/// Leads requests of the managed identity to the configured endpoint.
///
/// The SDK reads `IDENTITY_ENDPOINT` from the environment of the process alone; on the command line the same
/// variable may stand in a settings file. A request that already goes to the endpoint passes unchanged, so in the
/// Functions host, which may change the header's value at any time, this policy does nothing.
struct ToEndpoint(IdentityEndpoint);

/// The protocol of App Service (contract azure-resource-manager, section 9.1).
const API_VERSION: &str = "2019-08-01";

impl fmt::Debug for ToEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ToEndpoint")
    }
}

#[async_trait]
impl Policy for ToEndpoint {
    async fn send(&self, ctx: &Context, request: &mut Request, next: &[Arc<dyn Policy>]) -> PolicyResult {
        let endpoint = &self.0;
        if !(network::same_origin(request.url(), &endpoint.url)
            && request.url().path() == endpoint.url.path())
        {
            let moved = moved(request.url(), &endpoint.url);
            *request.url_mut() = moved;
            let name = HeaderName::from_static("x-identity-header");
            request.insert_header(name, endpoint.header.expose().to_owned());
        }
        next[0].send(ctx, request, &next[1..]).await
    }
}

/// The endpoint with the questions of another address; questions that the endpoint itself carries come first.
fn moved(from: &Url, endpoint: &Url) -> Url {
    let mut to = endpoint.clone();
    to.query_pairs_mut().append_pair("api-version", API_VERSION);
    for (name, value) in from.query_pairs().filter(|(name, _)| name != "api-version") {
        to.query_pairs_mut().append_pair(&name, &value);
    }
    to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_for_the_metadata_address_moves_to_the_endpoint() {
        let from = "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fmanagement.azure.com&client_id=c";
        let to =
            moved(&Url::parse(from).unwrap(), &Url::parse("http://127.0.0.1:7072/msi/token?a=b").unwrap());
        let expected = "http://127.0.0.1:7072/msi/token?a=b&api-version=2019-08-01&resource=https%3A%2F%2Fmanagement.azure.com&client_id=c";
        assert_eq!(to.as_str(), expected);
    }
}
