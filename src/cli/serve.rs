//! `heartbeat-dns serve`: binds first, thinks later, never ends by itself.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio_util::sync::CancellationToken;

use super::failure::{Exit, Failure};
use super::terminated::terminated;
use crate::app::App;
use crate::config::{Variables, port_of};
use crate::handler::{self, Handler};

/// How long calls that are on their way are waited for when the process is told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long notices that are on their way are waited for after that.
const NOTICES: Duration = Duration::from_secs(2);

const EXAMPLES: &str = "\
The Functions host starts this by itself. By hand:
  FUNCTIONS_CUSTOMHANDLER_PORT=8081 heartbeat-dns serve
  curl http://127.0.0.1:8081/

It starts with a faulty configuration as well, and answers every call with what is wrong.";

/// How to serve.
#[derive(Debug, Default, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// The port on 127.0.0.1; else FUNCTIONS_CUSTOMHANDLER_PORT, else FUNCTIONS_HTTPWORKER_PORT. 0 takes any free one
    #[arg(long)]
    port: Option<u16>,
    /// End when standard input ends: a host that dies takes its handler along
    #[arg(long)]
    until_stdin_closes: bool,
}

pub(super) fn run(options: &Options, variables: &Variables) -> Result<Exit, Failure> {
    let port = match (options.port, port_of(variables)) {
        (Some(port), _) => port,
        (None, Some(text)) => text.parse().map_err(|_| {
            Failure::usage(format!("FUNCTIONS_CUSTOMHANDLER_PORT is `{text}`, which is no port"))
        })?,
        (None, None) => {
            return Err(Failure::usage("no port to serve on")
                .hint("the Functions host sets FUNCTIONS_CUSTOMHANDLER_PORT; by hand say --port"));
        }
    };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
        .with_context(|| format!("cannot listen on 127.0.0.1:{port}"))?;
    let address = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let app = App::new(variables);
        tracing::info!(port = address.port(), "serving on {address}, version {}", env!("CARGO_PKG_VERSION"));
        app.announce();
        let reporters = Arc::clone(&app.reporters);
        let stop = CancellationToken::new();
        if options.until_stdin_closes {
            let stop = stop.clone();
            // A thread that blocks for the life of the process, outside of the runtime that would wait for it.
            std::thread::spawn(move || {
                let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
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
        // An exit with 0 would make the host believe that we still serve (contract, section 2.5).
        Ok(Exit::Failed)
    })
}
