//! The services over https, with a certificate authority of the stand-in's own.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::serve::Listener;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use crate::connection::Connection;
use crate::listen;
use crate::private_file::write_private;

/// How long a client may take for the handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Connections that wait to be served at most.
const WAITING: usize = 64;

/// The names under which everybody may call.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];
/// The services' own hosts in the three clouds, for a client that cannot be told of others and is led here by its resolver.
/// Ingestion has a host of its own for each rule: one such stands for all of a region.
const HOSTS: [&str; 14] = [
    "management.azure.com",
    "login.microsoftonline.com",
    "login.windows.net",
    "api.loganalytics.io",
    "api.loganalytics.azure.com",
    "*.ingest.monitor.azure.com",
    "management.usgovcloudapi.net",
    "login.microsoftonline.us",
    "api.loganalytics.us",
    "*.ingest.monitor.azure.us",
    "management.chinacloudapi.cn",
    "login.chinacloudapi.cn",
    "api.loganalytics.azure.cn",
    "*.ingest.monitor.azure.cn",
];

/// Makes what a server needs, and leaves `ca.pem` in the folder. A certificate authority that is already there
/// (with its key) is used again, so that clients need not be told anew.
///
/// # Errors
/// A folder that cannot be read or written, a key that is none.
pub(crate) fn acceptor(folder: &Path, further: Option<&[String]>) -> anyhow::Result<TlsAcceptor> {
    let issuer = authority(folder)?;
    let mut names: Vec<String> = LOOPBACK.map(str::to_owned).to_vec();
    if let Some(further) = further {
        names.extend(HOSTS.map(str::to_owned));
        names.extend_from_slice(further);
    }
    let mut leaf = CertificateParams::new(names).context("failed to name the server's certificate")?;
    leaf.distinguished_name.push(DnType::CommonName, "heartbeat-dns stand-in");
    leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    let key = KeyPair::generate().context("failed to make the server's key")?;
    let certificate = leaf.signed_by(&key, &issuer).context("failed to sign the server's certificate")?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("failed to choose TLS versions")?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .context("failed to use the server's certificate")?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The certificate authority in the folder, made if there is none.
fn authority(folder: &Path) -> anyhow::Result<Issuer<'static, KeyPair>> {
    let (certificate, secret) = (folder.join("ca.pem"), folder.join("ca-key.pem"));
    let mut params = CertificateParams::default();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "heartbeat-dns stand-in CA");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    if certificate.is_file() && secret.is_file() {
        let text =
            fs::read_to_string(&secret).with_context(|| format!("failed to read {}", secret.display()))?;
        let key = KeyPair::from_pem(&text).with_context(|| format!("{} holds no key", secret.display()))?;
        // The issuer is known by its name and its key; both are those of the certificate in the folder.
        return Ok(Issuer::new(params, key));
    }
    fs::create_dir_all(folder).with_context(|| format!("failed to make {}", folder.display()))?;
    let key = KeyPair::generate().context("failed to make the authority's key")?;
    let signed = params.self_signed(&key).context("failed to sign the authority's certificate")?;
    write_private(&secret, &key.serialize_pem())
        .with_context(|| format!("failed to write {}", secret.display()))?;
    fs::write(&certificate, signed.pem())
        .with_context(|| format!("failed to write {}", certificate.display()))?;
    Ok(Issuer::new(params, key))
}

/// A listener over TLS whose connections can be cut. Handshakes run beside each other, so that a slow client
/// keeps nobody waiting.
pub(crate) struct Secure {
    ready: mpsc::Receiver<(Connection, SocketAddr)>,
    address: SocketAddr,
    accepting: JoinHandle<()>,
}

impl Secure {
    /// Begins to accept.
    pub(crate) fn new(mut listener: TcpListener, acceptor: TlsAcceptor) -> io::Result<Self> {
        let address = listener.local_addr()?;
        let (sender, ready) = mpsc::channel(WAITING);
        let accepting = tokio::spawn(async move {
            loop {
                let (stream, peer) = listen::accept(&mut listener).await;
                let (acceptor, sender) = (acceptor.clone(), sender.clone());
                tokio::spawn(async move {
                    if let Ok(Ok(stream)) = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
                        // When nobody receives any more the server is stopping.
                        let _ = sender.send((Connection::tls(stream), peer)).await;
                    }
                });
            }
        });
        Ok(Self { ready, address, accepting })
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Listener for Secure {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_that_others_could_read_is_theirs_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("ca-key.pem");
        fs::write(&key, "").unwrap();
        fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
        authority(folder.path()).unwrap();
        assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    }
}
