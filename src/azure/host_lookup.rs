//! Where a service's host lives: asked of the name servers in `/etc/resolv.conf`, after a look into `/etc/hosts`.
//!
//! The C library's resolver is of no use to a static binary: it loads plug-ins at run time, of exactly the version
//! that it was linked against, and an image made from nothing has none.

use std::io;
use std::net::SocketAddr;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::LookupIpStrategy;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Looks hosts up as the system's files say at that moment. It keeps nothing: connections are reused, so lookups are
/// rare, and a machine that moves to another network has other name servers.
pub(super) struct HostLookup;

impl Resolve for HostLookup {
    fn resolve(&self, host: Name) -> Resolving {
        Box::pin(async move {
            // Without the files there is nobody to ask. A public resolver in their place would be told our hosts.
            let mut builder = TokioResolver::builder_tokio()
                .map_err(|fault| io::Error::other(format!("/etc/resolv.conf: {fault}")))?;
            builder.options_mut().ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
            let found = builder.build()?.lookup_ip(host.as_str()).await?;
            let addresses: Vec<_> = found.iter().map(|address| SocketAddr::new(address, 0)).collect();
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_host_of_the_hosts_file_is_found_without_a_name_server() {
        let name: Name = "localhost".parse().unwrap();
        let found = HostLookup.resolve(name).await.unwrap();
        assert!(found.into_iter().all(|address| address.ip().is_loopback()));
    }

    #[tokio::test]
    async fn a_host_that_is_nowhere_is_an_error() {
        let name: Name = "nowhere.invalid".parse().unwrap();
        assert!(HostLookup.resolve(name).await.is_err());
    }
}
