//! A stand-in of the Functions host: starts a custom handler, invokes it, and is as strict with it as Azure.
//!
//! Envelope mode only (contract functions-custom-handler, section 12 for its habits). [`FunctionsHost::start`] reads `host.json` and the
//! `function.json` texts, starts the handler as a child process, runs its timers and serves `/api/…` and
//! `/admin/functions/…`. The handler dies with the host: it is killed by [`FunctionsHost::stop`], on drop, and,
//! if it watches its standard input, also when the host itself is killed (the pipe then ends).

mod answer;
mod envelope;
mod http_trigger;
mod invocation;
mod keys;
mod ncrontab;
mod route;
mod settings;
mod telemetry;
mod timer;
mod worker;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use settings::{Function, HostSettings};

use telemetry::Telemetry;

use crate::{Clock, State};
pub(crate) use invocation::chain;
pub use keys::Keys;
pub use timer::TimerStorage;
use worker::{Launch, Worker};

/// What the host says of itself on the wire.
pub const HOST_VERSION: &str = "4.1037.0.0";

/// How many events a slow listener may be behind before it loses the oldest.
const EVENTS_KEPT: usize = 4096;

/// How long a host that is stopped waits for invocations.
const DRAIN: Duration = Duration::from_secs(10);

/// What a host is started with.
#[derive(Debug)]
pub struct HostOptions {
    /// The text of `host.json`.
    pub host_json: String,
    /// Folder names and the texts of their `function.json`.
    pub functions: Vec<(String, String)>,
    /// Program and arguments instead of the command in `host.json`.
    pub command: Option<Vec<OsString>>,
    /// Variables of the child, besides those that it inherits; they also resolve `%NAME%`.
    pub environment: Vec<(String, String)>,
    /// Working directory of the child, and the app's root.
    pub root: PathBuf,
    /// Whether every timer fires once as soon as the handler is ready (for people who do not want to wait).
    pub tick_at_start: bool,
    /// Pages of the host itself; the host answers everything else.
    pub pages: Router,
    /// The keys that are asked for; none: everybody is an administrator, as with Core Tools.
    pub keys: Option<Keys>,
    /// What is known of the timers from an earlier start.
    pub timers: TimerStorage,
    /// By which clock the timers go, and what an invocation is told.
    pub clock: Clock,
    /// Whose workspace gets the host's telemetry; none: Application Insights is not configured.
    pub application_insights: Option<Arc<State>>,
    /// Where events go, from [`event_channel`]: whoever subscribes to it before the start misses none.
    pub events: broadcast::Sender<HostEvent>,
}

/// A channel for the events of a host.
#[must_use]
pub fn event_channel() -> broadcast::Sender<HostEvent> {
    broadcast::Sender::new(EVENTS_KEPT)
}

/// How a line of the handler is ranked (contract functions-custom-handler, section 2.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Standard output, and `Logs` of an answer.
    Information,
    /// Standard error, when the line contains "warn".
    Warning,
    /// Any other line of standard error.
    Error,
}

/// What happens in the host, for whoever listens.
#[derive(Debug, Clone, PartialEq)]
pub enum HostEvent {
    /// The handler was started.
    Started {
        /// Its process id.
        pid: u32,
    },
    /// The handler answered `GET /`.
    Ready {
        /// Its process id.
        pid: u32,
        /// Since it was started.
        after: Duration,
    },
    /// The handler ended, by itself or by us.
    Exited {
        /// Its process id.
        pid: u32,
        /// Exit code or signal, in words.
        how: String,
    },
    /// The handler failed too often: the host starts anew, as the platform would start it.
    HostRestart,
    /// A line of the handler.
    Line {
        /// Its rank.
        level: Level,
        /// The line, without its end.
        text: String,
    },
    /// An invocation ended.
    Invoked {
        /// The function.
        function: String,
        /// `timer`, `http` or `admin`.
        by: &'static str,
        /// Why it failed; none: it succeeded.
        failure: Option<String>,
        /// Lines of `Logs`.
        logs: Vec<String>,
        /// How long it took.
        took: Duration,
    },
}

/// A running host.
#[derive(Debug)]
pub struct FunctionsHost {
    address: SocketAddr,
    host: Arc<Host>,
    stopping: DropGuard,
    worker: tokio::task::JoinHandle<()>,
}

/// What all parts of the host share.
#[derive(Debug)]
struct Host {
    settings: HostSettings,
    functions: BTreeMap<String, Function>,
    keys: Option<Keys>,
    timers: TimerStorage,
    clock: Clock,
    invocations: TaskTracker,
    telemetry: Option<Telemetry>,
    worker: Worker,
    client: reqwest::Client,
    events: broadcast::Sender<HostEvent>,
}

impl FunctionsHost {
    /// Starts the handler and serves on `listener`. Returns before the handler is ready, as the real host does.
    ///
    /// # Errors
    ///
    /// When `host.json` is faulty, no function can be indexed, or the listener has no address. A single function that is
    /// in error is told as a line, and the others go on without it.
    pub fn start(options: HostOptions, listener: TcpListener) -> anyhow::Result<Self> {
        let setting = |name: &str| {
            let given = options.environment.iter().rev().find(|(key, _)| key == name);
            given.map(|(_, value)| value.clone()).or_else(|| std::env::var(name).ok())
        };
        let settings = HostSettings::parse(&options.host_json, &setting).map_err(anyhow::Error::msg)?;
        let (functions, faults) = settings::parse_functions(&options.functions, &setting);
        for text in &faults {
            let _ = options.events.send(HostEvent::Line { level: Level::Error, text: text.clone() });
        }
        anyhow::ensure!(!functions.is_empty(), "no job functions found: {}", faults.join("; "));
        let command = match options.command {
            Some(command) => command,
            None => settings.command_in(&options.root),
        };
        let address = listener.local_addr().context("failed to read the host's address")?;
        let events = options.events;
        let client = loopback_client()?;
        let telemetry =
            options.application_insights.map(|state| Telemetry::new(state, settings.logging.clone()));
        let launch = Launch {
            command,
            environment: options.environment,
            root: options.root,
            initialization_timeout: settings.initialization_timeout,
            telemetry: telemetry.clone(),
        };
        let stopping = CancellationToken::new();
        let (worker, task) = worker::start(launch, client.clone(), events.clone(), stopping.clone());
        let host = Arc::new(Host {
            settings,
            functions,
            keys: options.keys,
            timers: options.timers,
            clock: options.clock,
            invocations: TaskTracker::new(),
            telemetry,
            worker,
            client,
            events,
        });
        let front = Router::new().fallback(http_trigger::answer).with_state(Arc::clone(&host));
        let router = options.pages.fallback_service(front);
        let stopped = stopping.clone().cancelled_owned();
        tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(stopped).await });
        timer::start_all(&host, options.tick_at_start, &stopping);
        Ok(Self { address, host, stopping: stopping.drop_guard(), worker: task })
    }

    /// Where the host answers.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The handler's process id, when one runs.
    #[must_use]
    pub fn child_pid(&self) -> Option<u32> {
        self.host.worker.pid()
    }

    /// Waits until the handler answers, at most as long as the host itself would.
    pub async fn ready(&self) -> bool {
        self.host.worker.ready(self.host.settings.initialization_timeout * 4).await.is_some()
    }

    /// Everything that happens from now on.
    #[must_use]
    pub fn events(&self) -> broadcast::Receiver<HostEvent> {
        self.host.events.subscribe()
    }

    /// Waits for invocations that are on their way, at most for ten seconds; then kills the handler, and whatever goes on in
    /// it, and stops serving. A host that is dropped kills it at once.
    pub async fn stop(self) {
        self.host.invocations.close();
        // Whoever is not done by then dies with the handler.
        let _ = tokio::time::timeout(DRAIN, self.host.invocations.wait()).await;
        drop(self.stopping);
        // A panicked task has dropped the child, which kills it as well.
        let _ = self.worker.await;
    }
}

/// A client for loopback: no proxy, no connection that a restarted handler would have left stale.
///
/// # Errors
///
/// When the TLS backend cannot be set up.
pub(crate) fn loopback_client() -> anyhow::Result<reqwest::Client> {
    // A second installation is refused, which is as good: a provider is there then.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .pool_max_idle_per_host(0)
        .build()
        .context("failed to build a client")
}
