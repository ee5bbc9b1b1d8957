//! The HTTP clients: whose certificates are trusted, which proxy is used, how long a connection may idle.

use std::sync::Arc;
use std::time::Duration;

use azure_core::http::Transport;
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, ClientBuilder, NoProxy, Proxy};
use url::Url;

use super::host_lookup::HostLookup;
use super::patience::Patience;
use crate::bounded;
use crate::config::{Network, Secret};

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
pub(super) fn services(network: &Network, patience: Patience) -> Result<Transport, BuildError> {
    Ok(Transport::new(Arc::new(proxied(network, patience)?.read_timeout(SILENCE).build()?)))
}

/// A client for addresses that are not Azure's, such as webhooks: the same proxies and authorities, and nothing of ours
/// in its requests but our name and version. Redirects are not followed.
pub(crate) fn outside(network: &Network, patience: Duration) -> Result<Client, BuildError> {
    Ok(proxied(network, Patience::OF_A_CLOCK)?.user_agent(USER_AGENT).timeout(patience).build()?)
}

fn proxied(network: &Network, patience: Patience) -> Result<ClientBuilder, BuildError> {
    let no_proxy = network.no_proxy.as_deref().and_then(NoProxy::from_string);
    let mut builder = trusted(network, patience)?;
    if let Some(proxy) = &network.https_proxy {
        builder = builder.proxy(Proxy::https(proxy.expose())?.no_proxy(no_proxy.clone()));
    }
    if let Some(proxy) = &network.http_proxy {
        builder = builder.proxy(Proxy::http(proxy.expose())?.no_proxy(no_proxy));
    }
    Ok(builder)
}

/// The client of the identity endpoint: never through a proxy.
pub(super) fn identity(network: &Network, patience: Patience) -> Result<Transport, BuildError> {
    Ok(Transport::new(Arc::new(trusted(network, patience)?.read_timeout(IDENTITY_SILENCE).build()?)))
}

/// The proxy on the way to an address, without its password, and the variable that names it; none when it is reached
/// directly.
pub(super) fn proxy_before(network: &Network, url: &Url) -> Option<String> {
    let text =
        |secret: &Option<Secret>| secret.as_ref().map(|proxy| proxy.expose().to_owned()).unwrap_or_default();
    let matcher = Matcher::builder()
        .https(text(&network.https_proxy))
        .http(text(&network.http_proxy))
        .no(network.no_proxy.clone().unwrap_or_default())
        .build();
    let proxy = matcher.intercept(&url.as_str().parse().ok()?)?;
    let proxy = Url::parse(&proxy.uri().to_string()).ok()?;
    let variable = if url.scheme() == "https" { "HTTPS_PROXY" } else { "HTTP_PROXY" };
    Some(format!("{} ({variable})", proxy.origin().ascii_serialization()))
}

/// A client without proxies that trusts the system's authorities, or those of `SSL_CERT_FILE` in their place.
fn trusted(network: &Network, patience: Patience) -> Result<ClientBuilder, BuildError> {
    // The first call wins; a provider that a test has installed serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = Client::builder()
        .no_proxy()
        .connect_timeout(patience.connect)
        .pool_idle_timeout(IDLE)
        .redirect(Policy::none())
        .tcp_nodelay(true)
        .dns_resolver(Arc::new(HostLookup));
    let Some(file) = &network.ca_file else { return Ok(builder) };
    let explain =
        |words: String| -> BuildError { format!("SSL_CERT_FILE {}: {words}", file.display()).into() };
    let pem = bounded::octets(file, bounded::SETTINGS).map_err(|fault| explain(fault.to_string()))?;
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
    fn the_proxy_on_the_way_is_named_without_its_password() {
        let network = Network {
            https_proxy: Some(Secret::new("http://user:hush@proxy.example.net:3128")),
            no_proxy: Some("direct.example.com".to_owned()),
            ..Network::default()
        };
        let before = |text: &str| proxy_before(&network, &Url::parse(text).unwrap());
        let named = Some("http://proxy.example.net:3128 (HTTPS_PROXY)".to_owned());
        assert_eq!(before("https://management.azure.com/x"), named);
        for direct in ["https://direct.example.com", "http://management.azure.com"] {
            assert_eq!(before(direct), None, "{direct}");
        }
    }

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
