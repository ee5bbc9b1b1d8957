//! The parts of the local Azure: started in order and told of each other.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use standin::action_group::{ActionGroup, Patience};
use standin::alert_rule::AlertRule;
use standin::clock::{Course, wall};
use standin::functions_host::{FunctionsHost, HostEvent, HostOptions, Keys, TimerStorage, event_channel};
use standin::world::{Zone, ZoneKind};
use standin::{Clock, Standin, World};
use tokio::net::TcpListener;
use tokio::sync::broadcast::Receiver;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::board::Board;
use crate::cast::{Play, Wanted};
use crate::head::Head;
use crate::ledger::Ledger;
use crate::night::Night;
use crate::playing::Playing;
use crate::surface::Surface;
use crate::timeline::{Timeline, complain};
use crate::{page, port, street, tick, watch};

/// Machines of the street beat so often.
const BEAT: Duration = Duration::from_secs(2);
/// Machines of a recording beat so often when it has ended, as they do in Azure.
const BEAT_RECORDED: Duration = Duration::from_secs(60);
/// A recorded clock goes at the wall's pace for so long, in which the handler starts.
const LEAD: SignedDuration = SignedDuration::from_secs(2);
/// The alert rule's id.
const RULE: &str = "providers/microsoft.insights/scheduledqueryrules/ddns-mismatch";

/// Where the parts of the local Azure are, as the handler must be told.
#[derive(Debug, Clone)]
pub struct Places {
    /// URL of the stand-in, without a slash at the end.
    pub azure: String,
    /// Address of the name server.
    pub dns: String,
    /// Secret of the identity endpoint.
    pub identity_header: String,
    /// Address of the resolver, which answers out of private zones too.
    pub resolver: String,
    /// Ids of the world's public zones.
    pub zones: Vec<String>,
    /// Ids of the private zones of the street, with their names; those of a recording are not looked after unless it is asked for.
    pub private_zones: Vec<(String, String)>,
    /// Customer id of the workspace.
    pub workspace: String,
    /// Immutable id of the data collection rule.
    pub rule: String,
    /// The course of the clock by which all of it goes; none: the wall's.
    pub course: Option<Course>,
}

/// The handler, and what rests on its settings.
#[derive(Debug, Clone)]
pub struct Handler {
    /// What the Functions host runs.
    pub app: App,
    /// Its variables, beside those that it inherits.
    pub environment: BTreeMap<String, String>,
    /// The alert rule's query.
    pub query: String,
    /// What the query reads: a duration of ISO 8601.
    pub range: String,
    /// Lines for people on how it was told otherwise than usual.
    pub notes: Vec<String>,
}

/// The stand-in runs and a port of the host is kept; the handler is still to come.
#[derive(Debug)]
pub struct Stage {
    wanted: Wanted,
    keys: Option<Keys>,
    places: Places,
    surface: Surface,
    dns: SocketAddr,
    host: TcpListener,
    host_url: String,
    standin: Standin,
    timeline: Arc<Timeline>,
    board: Arc<Board>,
    ledger: Arc<Ledger>,
}

impl Stage {
    /// Starts the stand-in with its world; nobody beats yet. The clock of a recording begins to run.
    ///
    /// # Errors
    /// A port that cannot be had, a world that is not sound.
    pub async fn set(wanted: Wanted) -> Result<Self> {
        let (host, host_address) = port::listen(wanted.host_port).await?;
        let standin = standin::start(standin_options(&wanted)?).await?;
        let clock = standin.state().options.clock.clone();
        let timeline = Arc::new(Timeline::new(wanted.form, clock.clone()));
        let azure = bare(standin.azure_url().as_str());
        let host_url = format!("http://{host_address}");
        let dns = standin.dns_addr();
        let identity_header = standin.state().options.identity_header.clone();
        let keys = wanted.keys.then(Keys::random);
        let surface = Surface::new(&azure, &host_url, &identity_header, keys.as_ref())?;
        let mut places = places(&standin, &wanted.play, azure, identity_header);
        let board = Arc::new(Board::default());
        let mut ledger = Ledger::default();
        if let Play::Replay(recording) = &wanted.play {
            ledger = Ledger::new(recording.records.addresses());
            let (history, _) = recording.parts();
            surface.heartbeats_json(recording.rows.json(0..history)).await?;
            let wall = wall().saturating_add(LEAD).unwrap_or(Timestamp::MAX);
            let course = Course { origin: recording.from, wall, speed: recording.speed, end: recording.end };
            clock.run(course);
            places.course = Some(course);
        }
        let ledger = Arc::new(ledger);
        Ok(Self { wanted, keys, places, surface, dns, host, host_url, standin, timeline, board, ledger })
    }

    /// Where everything is.
    #[must_use]
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// Lets the machines beat, starts the handler under the host, and the alert rule; when this returns, the handler
    /// answers.
    ///
    /// # Errors
    /// A handler that does not answer, a rule that cannot be had.
    pub async fn start(self, handler: Handler) -> Result<Playing> {
        let stopping = CancellationToken::new();
        self.begin().await?;
        let Self { wanted, keys, places, surface, dns, host, host_url, standin, timeline, board, ledger } =
            self;
        let watched = match &wanted.play {
            Play::Street { .. } => Night::watched(),
            Play::Replay(recording) => recording.names().into_keys().collect(),
        };
        watch_until(&stopping, watch::names(dns, watched, timeline.clone()));
        watch_until(&stopping, watch::audit(standin.state().clone(), timeline.clone(), ledger.clone()));

        let view = page::View {
            state: standin.state().clone(),
            dns,
            timeline: timeline.clone(),
            board: board.clone(),
            places: Arc::default(),
            may_move: matches!(wanted.play, Play::Street { .. }) && !wanted.once,
        };
        let events = event_channel();
        let first_run = events.subscribe();
        let until_ready = events.subscribe();
        watch_until(&stopping, watch::host(events.subscribe(), timeline.clone()));
        let host_options = HostOptions {
            host_json: handler.app.host_json,
            functions: handler.app.functions,
            command: handler.app.command,
            environment: handler.environment.into_iter().collect(),
            root: handler.app.root,
            tick_at_start: true,
            pages: page::pages(view),
            keys: keys.clone(),
            timers: TimerStorage::default(),
            clock: standin.state().options.clock.clone(),
            application_insights: Some(standin.state().clone()),
            events,
        };
        let host = FunctionsHost::start(host_options, host)?;
        if !is_ready(&host, until_ready).await {
            for event in timeline.newest().iter().rev() {
                complain(&event.event.words);
            }
            bail!("the handler does not start");
        }
        if let Some(every) = wanted.every {
            let rule = AlertRule {
                name: "ddns-mismatch".to_owned(),
                id: format!("/subscriptions/{}/resourceGroups/rg-ddns/{RULE}", street::SUBSCRIPTION),
                query: handler.query,
                range: handler.range,
                first_after: match wanted.play {
                    Play::Street { .. } => tick::until_the_middle(every),
                    Play::Replay(_) => Duration::ZERO,
                },
                every,
            };
            let code = keys.as_ref().map(|keys| format!("?code={}", keys.function)).unwrap_or_default();
            let group = ActionGroup::new(format!("{host_url}/api/remediate{code}"), Patience::default())?;
            let calls = watch::action_group(group.events(), timeline.clone(), board.clone(), ledger.clone());
            watch_until(&stopping, calls);
            let rule = rule.start(standin.state().clone(), group, stopping.clone())?;
            watch_until(&stopping, watch::rule(rule.events(), timeline.clone()));
        }
        let tls = standin.tls_url().map(|url| bare(url.as_str()));
        let mut ready = json!({
            "event": "ready", "host": host_url, "azure": places.azure, "dns": places.dns,
            "resolver": standin.resolver_addr().to_string(),
            "child_pid": host.child_pid(), "azure_tls": tls,
        });
        if let Play::Replay(recording) = &wanted.play {
            ready["zone"] = recording.records.zone.clone().into();
            ready["recording"] = recording.facts();
        }
        if let Some(keys) = &keys {
            ready["keys"] = json!({ "master": keys.master, "function": keys.function });
        }
        let head = Head {
            wanted: &wanted,
            keys: keys.as_ref(),
            notes: &handler.notes,
            host: &host_url,
            azure: &places.azure,
            dns,
            tls: tls.as_deref(),
        };
        Ok(Playing {
            head: head.text(),
            ready,
            once: wanted.once,
            play: wanted.play,
            surface,
            dns,
            workspace: places.workspace,
            timeline,
            board,
            ledger,
            host,
            first_run,
            standin,
            stopping: stopping.drop_guard(),
        })
    }

    /// What lies behind everybody at the start, and the evening of the night.
    async fn begin(&self) -> Result<()> {
        match &self.wanted.play {
            Play::Street { quiet } => {
                let residents = street::residents(*quiet);
                self.surface.heartbeats(&street::history(&residents, wall())).await?;
                if self.wanted.once {
                    let night = Night {
                        surface: self.surface.clone(),
                        dns: self.dns,
                        resolver: self.standin.resolver_addr(),
                        residents,
                        workspace: self.places.workspace.clone(),
                        timeline: self.timeline.clone(),
                        board: self.board.clone(),
                    };
                    night.evening().await?;
                }
                Ok(())
            }
            Play::Replay(_) => Ok(()),
        }
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

fn standin_options(wanted: &Wanted) -> Result<standin::Options> {
    let address = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let document = match &wanted.play {
        Play::Street { quiet } => street::document(&street::residents(*quiet), World::default().rule_id()),
        Play::Replay(recording) => recording.document(),
    };
    let (beat_every, clock, beat_from) = match &wanted.play {
        Play::Street { .. } => (BEAT, Clock::default(), None),
        Play::Replay(recording) => {
            let before = recording.from.saturating_sub(LEAD).unwrap_or(recording.from);
            (BEAT_RECORDED, Clock::standing(before), Some(recording.end))
        }
    };
    let world = World::from_json(&document).map_err(anyhow::Error::msg).context("the world is not sound")?;
    Ok(standin::Options {
        azure: address(wanted.azure_port),
        dns: address(wanted.dns_port),
        tls: wanted.tls.clone().map(|folder| (folder, address(wanted.tls_port))),
        tls_names: wanted.tls_names.clone(),
        world: Some(world),
        latency: wanted.latency,
        quotas: wanted.quotas,
        beat_every: Some(beat_every),
        clock,
        beat_from,
        next_free_port: true,
        ..standin::Options::default()
    })
}

fn places(standin: &Standin, play: &Play, azure: String, identity_header: String) -> Places {
    let world = standin.state().world();
    let is_public = |zone: &&Zone| zone.kind == ZoneKind::Public;
    let is_of_the_street = |zone: &&Zone| matches!(play, Play::Street { .. }) && !is_public(zone);
    let private = world.zones.values().filter(is_of_the_street);
    Places {
        azure,
        dns: standin.dns_addr().to_string(),
        resolver: standin.resolver_addr().to_string(),
        identity_header,
        zones: world.zones.values().filter(is_public).map(|zone| zone.id.text.to_string()).collect(),
        private_zones: private.map(|zone| (zone.id.text.to_string(), zone.name.clone())).collect(),
        workspace: world.workspace_id().to_owned(),
        rule: world.rule_id().to_owned(),
        course: None,
    }
}

/// A URL without a slash at the end.
fn bare(url: &str) -> String {
    url.trim_end_matches('/').to_owned()
}
