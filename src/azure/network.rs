//! The HTTP clients: whose certificates are trusted, which proxy is used, how long a connection may idle.

use std::sync::Arc;
use std::time::Duration;

use azure_core::http::Transport;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, NoProxy, Proxy};
use url::Url;

use super::host_lookup::HostLookup;
use crate::config::Network;

/// Time to reach a server and to agree on TLS with it.
const CONNECT: Duration = Duration::from_secs(10);
/// Silence on a connection that is waiting for an answer; a query may think for so long.
const SILENCE: Duration = Duration::from_secs(60);
/// Silence of the identity endpoint, which is on this machine.
const IDENTITY_SILENCE: Duration = Duration::from_secs(10);
/// A frozen Functions instance wakes with dead connections: idle ones are given up early (contract
/// azure-sdk-for-rust, section 6).
const IDLE: Duration = Duration::from_secs(30);

/// Who calls, for addresses that are not Azure's.
const USER_AGENT: &str = concat!("heartbeat-dns/", env!("CARGO_PKG_VERSION"));

/// Why no client could be built.
pub(crate) type BuildError = Box<dyn std::error::Error + Send + Sync>;

/// The client of all services. Proxies are those of the configuration, for every host that `NO_PROXY` does not name.
pub(crate) fn services(network: &Network) -> Result<Transport, BuildError> {
    Ok(Transport::new(Arc::new(proxied(network)?.read_timeout(SILENCE).build()?)))
}

/// A client for addresses that are not Azure's, such as webhooks: the same proxies and authorities, and nothing of ours
/// in its requests but our name and version. Redirects are not followed.
pub(crate) fn outside(network: &Network, patience: Duration) -> Result<Client, BuildError> {
    Ok(proxied(network)?.user_agent(USER_AGENT).timeout(patience).build()?)
}

fn proxied(network: &Network) -> Result<ClientBuilder, BuildError> {
    let no_proxy = network.no_proxy.as_deref().and_then(NoProxy::from_string);
    let mut builder = trusted(network)?;
    if let Some(proxy) = &network.https_proxy {
        builder = builder.proxy(Proxy::https(proxy.expose())?.no_proxy(no_proxy.clone()));
    }
    if let Some(proxy) = &network.http_proxy {
        builder = builder.proxy(Proxy::http(proxy.expose())?.no_proxy(no_proxy));
    }
    Ok(builder)
}

/// The client of the identity endpoint: never through a proxy.
pub(crate) fn identity(network: &Network) -> Result<Transport, BuildError> {
    Ok(Transport::new(Arc::new(trusted(network)?.read_timeout(IDENTITY_SILENCE).build()?)))
}

/// A client without proxies that trusts the system's authorities, or those of `SSL_CERT_FILE` in their place.
fn trusted(network: &Network) -> Result<ClientBuilder, BuildError> {
    // The first call wins; a provider that a test has installed serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .no_proxy()
        .connect_timeout(CONNECT)
        .pool_idle_timeout(IDLE)
        .redirect(Policy::none())
        .tcp_nodelay(true)
        .dns_resolver(Arc::new(HostLookup));
    let Some(file) = &network.ca_file else { return Ok(builder) };
    let explain =
        |words: String| -> BuildError { format!("SSL_CERT_FILE {}: {words}", file.display()).into() };
    let pem = std::fs::read(file).map_err(|fault| explain(fault.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|fault| explain(fault.to_string()))?;
    if certificates.is_empty() {
        return Err(explain("there is no certificate in it".to_owned()));
    }
    Ok(builder.tls_certs_only(certificates))
}

/// Whether two addresses share scheme, host and port.
pub(crate) fn same_origin(left: &Url, right: &Url) -> bool {
    left.scheme() == right.scheme()
        && left.host_str() == right.host_str()
        && left.port_or_known_default() == right.port_or_known_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_scheme_host_and_port() {
        let url = |text: &str| Url::parse(text).unwrap();
        let home = url("https://management.azure.com");
        assert!(same_origin(&url("https://MANAGEMENT.azure.com:443/x?y"), &home));
        for other in [
            "http://management.azure.com",
            "https://management.azure.com:444",
            "https://management.azure.com.example.net",
            "https://management.azure.com@example.net",
        ] {
            assert!(!same_origin(&url(other), &home), "{other}");
        }
    }
}
