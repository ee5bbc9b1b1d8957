//! Serving the Functions host: binds first, thinks later, never ends by itself.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::config::{Logging, Variables, port_of};
use crate::handler::{self, Handler};
use crate::telemetry::{self, Streams};
use crate::terminated::terminated;

/// How long calls that are on their way are waited for when the process is told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long notices that are on their way are waited for after that.
const NOTICES: Duration = Duration::from_secs(2);
/// Connections that the system lets wait until one is taken; whoever finds no place among them tries again only seconds later.
const WAITING: u32 = 1024;

/// How to serve.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Serving {
    /// The port on 127.0.0.1; without one that of the Functions host. 0 takes any free one.
    pub port: Option<u16>,
    /// Whether to end when standard input ends: a host that dies takes its handler along.
    pub until_stdin_closes: bool,
}

/// Why nothing is served.
#[derive(Debug, Error)]
pub enum NotServed {
    /// Neither the command line nor the host names a port.
    #[error("no port to serve on")]
    NoPort,
    /// The host's port is none.
    #[error("FUNCTIONS_CUSTOMHANDLER_PORT is `{0}`, which is no port")]
    PortUnreadable(String),
    /// The port cannot be had.
    #[error("cannot listen on 127.0.0.1:{port}: {why}")]
    PortNotHad {
        /// Which.
        port: u16,
        /// What the system says.
        why: io::Error,
    },
    /// There are no threads to serve with.
    #[error("cannot start: {0}")]
    NoThreads(#[from] io::Error),
}

/// Serves until the process is told to stop.
///
/// # Errors
/// When it cannot begin. A faulty configuration is none: every call is answered with what is wrong.
pub fn run(serving: Serving, variables: &Variables) -> Result<(), NotServed> {
    let Logging { level, json } = Logging::read(variables);
    // Only a second start can fail, and then there is a log already.
    let _ = telemetry::start(level, json, Streams::ByLevel);
    let port = match (serving.port, port_of(variables)) {
        (Some(port), _) => port,
        (None, Some(text)) => text.parse().map_err(|_| NotServed::PortUnreadable(text.to_owned()))?,
        (None, None) => return Err(NotServed::NoPort),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = listener(port).map_err(|why| NotServed::PortNotHad { port, why })?;
        let address = listener.local_addr()?;
        let app = App::new(variables);
        tracing::info!(port = address.port(), "serving on {address}, version {}", env!("CARGO_PKG_VERSION"));
        app.announce();
        let reporters = Arc::clone(&app.reporters);
        let stop = CancellationToken::new();
        if serving.until_stdin_closes {
            let stop = stop.clone();
            // A thread that blocks for the life of the process, outside of the runtime that would wait for it.
            std::thread::spawn(move || {
                let _ = io::copy(&mut io::stdin(), &mut io::sink());
                stop.cancel();
            });
        }
        let (signal, told) = (terminated(), stop.clone());
        tokio::spawn(async move {
            signal.await;
            told.cancel();
        });
        let served = handler::serve(listener, Handler::new(app), stop.clone());
        let patience = async {
            stop.cancelled().await;
            tracing::warn!("told to stop: no new calls are taken");
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            () = served => {}
            () = patience => {}
        }
        reporters.notifier().drained(NOTICES).await;
        Ok(())
    })
}

fn listener(port: u16) -> io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    // As the standard library does: elsewhere it would let two processes share a port.
    if cfg!(unix) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind((Ipv4Addr::LOCALHOST, port).into())?;
    socket.listen(WAITING)
}
