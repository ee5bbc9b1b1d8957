//! Who we are: one credential, chosen by the configuration, never tried in turn.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::headers::HeaderName;
use azure_core::http::policies::{Policy, PolicyResult};
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

use super::redact::Secrets;
use super::tally::{CountTokens, Tally};
use super::{cloud, network};
use crate::config::{Connect, Credential, IdentityEndpoint};

/// Where credentials come from: one for each audience, and a new one, without any token, whenever a token was refused.
pub(crate) struct Source {
    pub(crate) connect: Connect,
    pub(crate) services: Transport,
    /// Of the identity endpoint.
    pub(crate) identity: Transport,
    pub(crate) tally: Arc<Tally>,
}

impl Source {
    /// A credential that holds no token yet.
    pub(crate) fn credential(&self) -> Result<Arc<dyn TokenCredential>, network::BuildError> {
        build(&self.connect, &self.services, &self.identity, &self.tally)
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
fn build(
    connect: &Connect,
    services: &Transport,
    identity: &Transport,
    tally: &Arc<Tally>,
) -> Result<Arc<dyn TokenCredential>, network::BuildError> {
    let login = Arc::new(cloud::login(connect.cloud, connect.authority_host.as_deref()));
    let options = |transport: Transport| ClientOptions {
        transport: Some(transport),
        cloud: Some(Arc::clone(&login)),
        retry: retry(),
        per_try_policies: vec![Arc::new(CountTokens(Arc::clone(tally)))],
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
fn retry() -> RetryOptions {
    RetryOptions::exponential(ExponentialRetryOptions {
        initial_delay: Duration::milliseconds(200),
        max_retries: 4,
        max_total_elapsed: Duration::seconds(20),
        max_delay: Duration::seconds(5),
    })
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
