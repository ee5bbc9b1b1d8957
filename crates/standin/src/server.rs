//! Starting and stopping.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::connection::{Connection, Wire};
use crate::listen::{self, Plain};
use crate::name_server::{Manner, Role};
use crate::tls::Secure;
use crate::{Options, State, entry, heartbeats, name_server, registrar, tls};

/// How long `stop` waits for answers that are on their way.
const GRACE: Duration = Duration::from_secs(2);

/// A running stand-in. Dropping it leaves it running; [`Standin::stop`] ends it.
#[derive(Debug)]
pub struct Standin {
    state: Arc<State>,
    azure: Url,
    tls: Option<Url>,
    dns: SocketAddr,
    resolver: SocketAddr,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

/// Starts all parts; when this returns, they answer.
///
/// # Errors
/// A port that cannot be bound.
pub async fn start(options: Options) -> anyhow::Result<Standin> {
    let azure = listen::tcp(options.azure, options.next_free_port).await?;
    let azure_url = url_of("http", azure.local_addr()?)?;
    let stop = CancellationToken::new();
    let state = Arc::new(State::new(options, stop.clone()));
    let (socket, listener) = listen::udp_and_tcp(state.options.dns, state.options.next_free_port).await?;
    let dns = listener.local_addr()?;
    state.name_servers.set_first(dns);
    let honest = Role::Authority(Manner::default());
    let name_server = name_server::serve(&state, socket, listener, dns.ip(), honest, stop.clone());
    let (socket, listener) =
        listen::udp_and_tcp(state.options.resolver, state.options.next_free_port).await?;
    let resolver = listener.local_addr()?;
    let resolving = name_server::serve(&state, socket, listener, dns.ip(), Role::resolver(), stop.clone());
    let beating = tokio::spawn(heartbeats::keep_beating(Arc::clone(&state), stop.clone()));
    let registering = tokio::spawn(registrar::keep_registering(Arc::clone(&state), stop.clone()));
    let mut tasks = vec![serve(Plain(azure), &state, &stop), name_server, resolving, beating, registering];
    let mut tls = None;
    if let Some((folder, address)) = &state.options.tls {
        let acceptor = tls::acceptor(folder, state.options.tls_names.as_deref())?;
        let listener = listen::tcp(*address, state.options.next_free_port).await?;
        let secure = Secure::new(listener, acceptor)?;
        tls = Some(url_of("https", secure.local_addr()?)?);
        tasks.push(serve(secure, &state, &stop));
    }
    Ok(Standin { state, azure: azure_url, tls, dns, resolver, stop, tasks })
}

/// Serves every surface on one listener until told to stop.
fn serve<L>(listener: L, state: &Arc<State>, stop: &CancellationToken) -> JoinHandle<()>
where
    L: Listener<Io = Connection>,
    L::Addr: std::fmt::Debug,
    Wire: for<'c> Connected<IncomingStream<'c, L>>,
{
    let router: Router = Router::new().fallback(entry::enter).with_state(Arc::clone(state));
    let service = router.into_make_service_with_connect_info::<Wire>();
    let stopped = stop.clone().cancelled_owned();
    tokio::spawn(async move {
        // Its only errors are those of accepting, which the listener rides out itself.
        let _ = axum::serve(listener, service).with_graceful_shutdown(stopped).await;
    })
}

impl Standin {
    /// The state behind the surfaces.
    pub fn state(&self) -> &Arc<State> {
        &self.state
    }

    /// Where the services answer over plain http.
    pub fn azure_url(&self) -> Url {
        self.azure.clone()
    }

    /// Where the same services answer over https; none without TLS.
    pub fn tls_url(&self) -> Option<Url> {
        self.tls.clone()
    }

    /// Where the name server answers, UDP and TCP.
    pub fn dns_addr(&self) -> SocketAddr {
        self.dns
    }

    /// Where the resolver answers, UDP and TCP: as an inbound endpoint in the networks that private zones are linked to.
    pub fn resolver_addr(&self) -> SocketAddr {
        self.resolver
    }

    /// Stops all parts; answers that are on their way get a short time.
    pub async fn stop(self) {
        self.stop.cancel();
        self.state.name_servers.closed().await;
        for mut task in self.tasks {
            if tokio::time::timeout(GRACE, &mut task).await.is_err() {
                task.abort();
            }
        }
    }
}

fn url_of(scheme: &str, address: SocketAddr) -> anyhow::Result<Url> {
    Url::parse(&format!("{scheme}://{address}")).with_context(|| format!("no URL for {address}"))
}
