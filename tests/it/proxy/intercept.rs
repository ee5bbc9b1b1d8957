//! A proxy that looks into TLS, as companies and debuggers run them: it answers CONNECT with a certificate of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, KeyUsagePurpose};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// What passed through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seen {
    /// A tunnel was asked for, to this host and port.
    Connect(String),
    /// The client turned away from our certificate, or from the connection before it was secure.
    TurnedAway(String),
    /// A request line inside a tunnel.
    Inside(String),
    /// A request that came without a tunnel; it was refused.
    Plain(String),
}

/// A running proxy; it ends when it is dropped.
pub(super) struct Proxy {
    pub(super) address: SocketAddr,
    /// The certificate to trust, PEM.
    pub(super) ca: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Authority = CertifiedIssuer<'static, KeyPair>;

impl Proxy {
    /// Starts on a free port of loopback; behind it, servers with certificates of `upstream_ca` (a PEM file) are trusted.
    pub(super) async fn start(upstream_ca: &Path) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let authority = Arc::new(Authority::self_signed(params, KeyPair::generate().unwrap()).unwrap());
        let ca = authority.pem();
        let upstream = Arc::new(trusting(upstream_ca));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let log = Arc::clone(&seen);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (authority, upstream, log) =
                    (Arc::clone(&authority), Arc::clone(&upstream), Arc::clone(&log));
                tokio::spawn(async move {
                    // A client that hangs up is its own business.
                    let _ = pass(client, &authority, upstream, &log).await;
                });
            }
        });
        Self { address, ca, seen, task }
    }

    /// Everything that passed so far, oldest first.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// Serves one connection to its end.
async fn pass(
    mut client: TcpStream,
    authority: &Authority,
    upstream: Arc<ClientConfig>,
    log: &Mutex<Vec<Seen>>,
) -> std::io::Result<()> {
    let head = head(&mut client).await?;
    let line = first_line(&head);
    let Some(target) = line.strip_prefix("CONNECT ").and_then(|rest| rest.split(' ').next()) else {
        log.lock().unwrap().push(Seen::Plain(line));
        return client.write_all(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n").await;
    };
    log.lock().unwrap().push(Seen::Connect(target.to_owned()));
    client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;

    let host = target.rsplit_once(':').map_or(target, |(host, _)| host).trim_matches(['[', ']']).to_owned();
    let acceptor = TlsAcceptor::from(Arc::new(pretending(authority, &host)));
    let mut client = match acceptor.accept(client).await {
        Ok(client) => client,
        Err(fault) => {
            log.lock().unwrap().push(Seen::TurnedAway(fault.to_string()));
            return Ok(());
        }
    };
    // A client that distrusts the certificate may say so only after the handshake; then no request follows.
    let first = match head_or_less(&mut client).await {
        Ok(first) if !first.is_empty() => first,
        Ok(_) => return Ok(()),
        Err(fault) => {
            log.lock().unwrap().push(Seen::TurnedAway(fault.to_string()));
            return Ok(());
        }
    };
    note_request(&first, log);
    let name = ServerName::try_from(host).map_err(std::io::Error::other)?;
    let server = TcpStream::connect(target).await?;
    let mut server = TlsConnector::from(upstream).connect(name, server).await?;
    server.write_all(&first).await?;
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let (mut from_server, mut to_server) = tokio::io::split(server);
    let up = async {
        loop {
            let bytes = head_or_less(&mut from_client).await?;
            if bytes.is_empty() {
                return to_server.shutdown().await;
            }
            note_request(&bytes, log);
            to_server.write_all(&bytes).await?;
        }
    };
    let down = async {
        tokio::io::copy(&mut from_server, &mut to_client).await?;
        to_client.shutdown().await
    };
    tokio::try_join!(up, down).map(|_| ())
}

/// Writes the request line down when a request begins here; a client's connection carries one after the other.
fn note_request(bytes: &[u8], log: &Mutex<Vec<Seen>>) {
    let line = first_line(bytes);
    if line.ends_with(" HTTP/1.1") {
        log.lock().unwrap().push(Seen::Inside(line));
    }
}

/// The head of a request up to its empty line.
async fn head(stream: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(b"\r\n\r\n") && bytes.len() < 16_384 {
        bytes.push(stream.read_u8().await?);
    }
    Ok(bytes)
}

/// What the client says first, whether that is a whole head or less.
async fn head_or_less(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Vec<u8>> {
    let mut bytes = vec![0; 16_384];
    let length = stream.read(&mut bytes).await?;
    bytes.truncate(length);
    Ok(bytes)
}

fn first_line(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).lines().next().unwrap_or_default().to_owned()
}

/// A server's side that says it is `host`.
fn pretending(authority: &Authority, host: &str) -> ServerConfig {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![host.to_owned()]).unwrap();
    let certificate = params.signed_by(&key, authority).unwrap();
    let chain = vec![certificate.der().clone(), authority.der().clone()];
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

/// A client's side that trusts the certificates of a file.
fn trusting(ca: &Path) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(ca).unwrap() {
        roots.add(certificate.unwrap()).unwrap();
    }
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}
