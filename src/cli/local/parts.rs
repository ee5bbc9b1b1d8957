//! The parts of the local Azure: started in order, told of each other, and stopped together.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use serde_json::json;
use standin::action_group::{ActionGroup, Patience};
use standin::alert_rule::AlertRule;
use standin::functions_host::{FunctionsHost, HostEvent, HostOptions, event_channel};
use standin::{Standin, World};
use tokio::net::TcpListener;
use tokio::sync::Mutex;
use tokio::sync::broadcast::{Receiver, Sender};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::app::App;
use super::board::Board;
use super::head::Head;
use super::night::Night;
use super::replay::Recording;
use super::street::{self, Resident};
use super::surface::Surface;
use super::timeline::{Event, Timeline};
use super::variables::{Places, Told};
use super::{page, watch};
use crate::cli::output::Format;
use crate::config::Variables;
use crate::queries;

/// Machines beat so often.
const BEAT: Duration = Duration::from_secs(2);
/// The timer's schedule here, in seconds.
const TICK: u128 = 5;
/// A handler that needs longer has a fault; the host would wait four times its own limit.
const FIRST_RUN: Duration = Duration::from_secs(60);
/// Where the stand-in answers over https.
const HTTPS_PORT: u16 = 7073;
/// How many ports above a taken one are tried.
const PORTS_TRIED: u16 = 50;
/// The alert rule's id.
const RULE: &str = "providers/microsoft.insights/scheduledqueryrules/ddns-mismatch";

/// What is played.
#[derive(Debug, Clone)]
pub(super) enum Play {
    /// The street, where all is right at first.
    Street(Vec<Resident>),
    /// A recording.
    Replay(Recording),
}

/// What is started, and where.
#[derive(Debug)]
pub(super) struct Plan {
    /// What is played.
    pub play: Play,
    /// What the Functions host runs.
    pub app: App,
    /// How it is told.
    pub output: Format,
    /// Where the variables for a second terminal go.
    pub env_file: Option<PathBuf>,
    /// Between evaluations of the alert rule; none: no rule.
    pub every: Option<Duration>,
    /// What each call of the stand-in takes at least.
    pub latency: Duration,
    /// Wanted ports; 0: any.
    pub host_port: u16,
    /// Of the stand-in.
    pub azure_port: u16,
    /// Of the name server.
    pub dns_port: u16,
    /// Where the certificates go, if https is wanted.
    pub tls: Option<PathBuf>,
    /// Whether quotas count.
    pub quotas: bool,
    /// Whether the evening of the night is played before the handler starts.
    pub once: bool,
}

/// Everything that runs.
#[derive(Debug)]
pub(super) struct Parts {
    /// What is played.
    pub play: Play,
    /// The public surfaces.
    pub surface: Surface,
    /// The name server.
    pub dns: SocketAddr,
    /// Customer id of the workspace.
    pub workspace: String,
    /// Who tells.
    pub timeline: Arc<Timeline>,
    /// What the runs say.
    pub board: Arc<Board>,
    host: FunctionsHost,
    first_run: Mutex<Receiver<HostEvent>>,
    standin: Standin,
    stopping: DropGuard,
}

impl Parts {
    /// Starts everything; when this returns, the handler answers and the first line has been told.
    ///
    /// # Errors
    /// A port that cannot be had, a variable that cannot be used, a handler that does not answer.
    pub(super) async fn start(plan: Plan) -> Result<Self> {
        let timeline = Arc::new(Timeline::new(plan.output).map_err(anyhow::Error::msg)?);
        let board = Arc::new(Board::default());
        let given = Variables::process();
        let is_replay = matches!(plan.play, Play::Replay(_));
        let (host_listener, host_address) = bind(plan.host_port).await?;
        let standin = standin::start(standin_options(&plan)?).await?;
        let azure = standin.azure_url().as_str().trim_end_matches('/').to_owned();
        let host_url = format!("http://{host_address}");
        let dns = standin.dns_addr();
        let identity_header = standin.state().options.identity_header.clone();
        let surface = Surface::new(&azure, &host_url, &identity_header)?;
        let places = places(&standin, &azure, dns, identity_header);
        let workspace = places.workspace.clone();
        let told = Told::new(&places, &given, is_replay);
        told.check(&given)?;

        let stopping = CancellationToken::new();
        match &plan.play {
            Play::Street(residents) => {
                surface.heartbeats(&street::history(residents, Timestamp::now())).await?;
                if plan.once {
                    let night = Night {
                        surface: surface.clone(),
                        dns,
                        residents: residents.clone(),
                        workspace: workspace.clone(),
                        timeline: timeline.clone(),
                        board: board.clone(),
                    };
                    night.evening().await?;
                }
            }
            Play::Replay(recording) => surface.heartbeats(&recording.rows).await?,
        }
        let watched = match &plan.play {
            Play::Street(_) => Night::watched(),
            Play::Replay(recording) => recording.names().map(|(_, name)| name).collect(),
        };
        watch_until(&stopping, watch::names(dns, watched, timeline.clone()));
        watch_until(&stopping, watch::audit(standin.state().clone(), timeline.clone()));

        let view = page::View {
            state: standin.state().clone(),
            dns,
            timeline: timeline.clone(),
            board: board.clone(),
        };
        let events = event_channel();
        let first_run = Mutex::new(events.subscribe());
        let until_ready = events.subscribe();
        watch_until(&stopping, watch::host(events.subscribe(), timeline.clone()));
        let host = FunctionsHost::start(host_options(plan.app.clone(), &told, view, events), host_listener)?;
        if !is_ready(&host, until_ready).await {
            for event in timeline.newest().iter().rev() {
                eprintln!("{}", event.words);
            }
            bail!("the handler does not start");
        }
        if let Some(every) = plan.every {
            let rule = AlertRule {
                name: "ddns-mismatch".to_owned(),
                id: format!("/subscriptions/{}/resourceGroups/rg-ddns/{RULE}", street::SUBSCRIPTION),
                query: format!("{}\n{}", queries::MISMATCH.trim_end(), queries::ACTIONABLE),
                range: told.get("QUERY_TIMESPAN", &given).unwrap_or_else(|| "PT2H".to_owned()),
                first_after: half_a_tick_later(every),
                every,
            };
            let group = ActionGroup::new(format!("{host_url}/api/remediate"), Patience::default())?;
            let calls = watch::action_group(group.events(), timeline.clone(), board.clone());
            watch_until(&stopping, calls);
            let rule = rule.start(standin.state().clone(), group, stopping.clone())?;
            watch_until(&stopping, watch::rule(rule.events(), timeline.clone()));
        }
        if let Some(file) = &plan.env_file {
            told.write(file, &given)?;
        }
        let tls = standin.tls_url().map(|url| url.as_str().trim_end_matches('/').to_owned());
        let ready = json!({
            "event": "ready", "host": host_url, "azure": azure, "dns": dns.to_string(),
            "child_pid": host.child_pid(), "azure_tls": tls,
        });
        let head =
            Head { plan: &plan, told: &told, host: &host_url, azure: &azure, dns, tls: tls.as_deref() };
        timeline.open(&ready, &head.text());
        Ok(Self {
            play: plan.play,
            surface,
            dns,
            workspace,
            timeline,
            board,
            host,
            first_run,
            standin,
            stopping: stopping.drop_guard(),
        })
    }

    /// Everything that happens in the host from now on.
    pub(super) fn host_events(&self) -> Receiver<HostEvent> {
        self.host.events()
    }

    /// Waits for the collector's first run.
    ///
    /// # Errors
    /// When it does not end in time.
    pub(super) async fn until_first_run(&self) -> Result<()> {
        let mut events = self.first_run.lock().await;
        let ended = async {
            loop {
                match events.recv().await {
                    Ok(HostEvent::Invoked { failure: None, took, .. }) => return Some(took),
                    Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                    Err(tokio::sync::broadcast::error::RecvError::Closed) => return None,
                }
            }
        };
        let took = tokio::time::timeout(FIRST_RUN, ended).await.ok().flatten();
        let took = took.context("the collector's first run does not succeed")?;
        let words = format!(
            "The collector has read every tag and every record set ({:.2} s); nothing is to be done.",
            took.as_secs_f64()
        );
        self.timeline.tell(Event::new("collected", words, json!({ "ms": took.as_millis() as u64 })));
        Ok(())
    }

    /// Waits until the timer has just ticked, so that the alert comes before the next tick.
    pub(super) async fn until_just_after_a_tick(&self) {
        let into = milliseconds() % (TICK * 1000);
        let wait = (TICK * 1000 + 300 - into) % (TICK * 1000);
        tokio::time::sleep(Duration::from_millis(u64::try_from(wait).unwrap_or_default())).await;
    }

    /// Stops everything; the handler is killed, as the host would kill it.
    pub(super) async fn stop(self) {
        drop(self.stopping);
        self.host.stop().await;
        self.standin.stop().await;
    }
}

/// Whether the handler answers; a handler that failed three times is not waited for.
async fn is_ready(host: &FunctionsHost, mut events: Receiver<HostEvent>) -> bool {
    let gave_up = async {
        while let Ok(event) = events.recv().await {
            if event == HostEvent::HostRestart {
                return;
            }
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        is_ready = host.ready() => is_ready,
        () = gave_up => false,
    }
}

/// Lets a watcher work until everything stops.
fn watch_until(stopping: &CancellationToken, work: impl Future<Output = ()> + Send + 'static) {
    let stopping = stopping.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = stopping.cancelled() => {}
            () = work => {}
        }
    });
}

/// The rule's first evaluation lies in the middle between two ticks of the timer, so that the two do not race.
fn half_a_tick_later(every: Duration) -> Duration {
    let into = milliseconds() % (TICK * 1000);
    let wait = (TICK * 1000 + TICK * 500 - into) % (TICK * 1000);
    Duration::from_millis(u64::try_from(wait).unwrap_or_default()).min(every)
}

fn milliseconds() -> u128 {
    u128::try_from(Timestamp::now().as_millisecond()).unwrap_or_default()
}

async fn bind(port: u16) -> Result<(TcpListener, SocketAddr)> {
    let mut wanted = port;
    loop {
        match TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).await {
            Ok(listener) => {
                let address = listener.local_addr()?;
                return Ok((listener, address));
            }
            Err(fault)
                if fault.kind() == std::io::ErrorKind::AddrInUse
                    && wanted < port.saturating_add(PORTS_TRIED) =>
            {
                wanted += 1;
            }
            Err(fault) => return Err(fault).with_context(|| format!("cannot listen on port {wanted}")),
        }
    }
}

fn standin_options(plan: &Plan) -> Result<standin::Options> {
    let address = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let document = match &plan.play {
        Play::Street(residents) => street::document(residents),
        Play::Replay(recording) => recording.document(),
    };
    let world = World::from_json(&document).map_err(anyhow::Error::msg).context("the world is not sound")?;
    Ok(standin::Options {
        azure: address(plan.azure_port),
        dns: address(plan.dns_port),
        tls: plan.tls.clone().map(|folder| (folder, address(if plan.once { 0 } else { HTTPS_PORT }))),
        world: Some(world),
        latency: plan.latency,
        quotas: plan.quotas,
        beat_every: matches!(plan.play, Play::Street(_)).then_some(BEAT),
        next_free_port: true,
        ..standin::Options::default()
    })
}

fn places(standin: &Standin, azure: &str, dns: SocketAddr, identity_header: String) -> Places {
    let world = standin.state().world();
    let is_public = |zone: &&standin::world::Zone| zone.kind == standin::world::ZoneKind::Public;
    Places {
        azure: azure.to_owned(),
        dns: dns.to_string(),
        identity_header,
        zones: world.zones.values().filter(is_public).map(|zone| zone.id.text.clone()).collect(),
        workspace: world.workspace_id().to_owned(),
        rule: world.rule_id().to_owned(),
    }
}

fn host_options(app: App, told: &Told, view: page::View, events: Sender<HostEvent>) -> HostOptions {
    HostOptions {
        host_json: app.host_json,
        functions: app.functions,
        command: app.command,
        environment: told.set.clone().into_iter().collect(),
        root: app.root,
        tick_at_start: true,
        pages: page::pages(view),
        events,
    }
}
