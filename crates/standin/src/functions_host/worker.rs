//! The handler as a child process: start, readiness, lines, exit, restart (contract functions-custom-handler,
//! section 2).

use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::{broadcast, mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::telemetry::Telemetry;
use super::{HostEvent, Level};

/// How the child is started.
#[derive(Debug)]
pub(super) struct Launch {
    /// Program and arguments.
    pub(super) command: Vec<OsString>,
    /// Variables besides the inherited ones.
    pub(super) environment: Vec<(String, String)>,
    /// Working directory.
    pub(super) root: PathBuf,
    /// How long it may take until it answers.
    pub(super) initialization_timeout: Duration,
    /// Where its lines go besides.
    pub(super) telemetry: Option<Telemetry>,
}

/// Where the rest of the host finds the child.
#[derive(Debug)]
pub(super) struct Worker {
    state: watch::Receiver<State>,
    kills: mpsc::Sender<u32>,
}

/// A child that answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Running {
    /// Its process id.
    pub(super) pid: u32,
    /// Where it listens.
    pub(super) address: SocketAddr,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Starting(Option<u32>),
    Running(Running),
}

/// Between two tries whether the child answers.
const POLL: Duration = Duration::from_millis(25);
/// Errors further apart than this do not add up.
const ERRORS_FORGOTTEN_AFTER: Duration = Duration::from_secs(30 * 60);
/// So many errors end the host.
const ERRORS_TO_END: usize = 3;
/// Before the platform starts the host anew; doubled up to the second value while it keeps failing.
const HOST_PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// A longer line is cut into several, so that a child cannot fill our memory.
const LINE_LIMIT: u64 = 1024 * 1024;

impl Worker {
    /// The child's process id, ready or not.
    pub(super) fn pid(&self) -> Option<u32> {
        match *self.state.borrow() {
            State::Starting(pid) => pid,
            State::Running(running) => Some(running.pid),
        }
    }

    /// The child once it answers; none when it does not within `limit`.
    pub(super) async fn ready(&self, limit: Duration) -> Option<Running> {
        let mut state = self.state.clone();
        let found =
            tokio::time::timeout(limit, state.wait_for(|state| matches!(state, State::Running(_)))).await;
        match found.ok()?.ok().map(|state| *state)? {
            State::Running(running) => Some(running),
            State::Starting(_) => None,
        }
    }

    /// Kills the child if it is still the one that is meant; it is then started again.
    pub(super) async fn kill(&self, pid: u32) {
        // Without a receiver the host is stopping, and the child is dead already.
        let _ = self.kills.send(pid).await;
    }
}

/// Starts the child and keeps it running until `stopping`.
pub(super) fn start(
    launch: Launch,
    client: reqwest::Client,
    events: broadcast::Sender<HostEvent>,
    stopping: CancellationToken,
) -> (Worker, JoinHandle<()>) {
    let (state_sender, state) = watch::channel(State::Starting(None));
    let (kills, kill_receiver) = mpsc::channel(16);
    let supervisor =
        Supervisor { launch, client, events, state: state_sender, kills: kill_receiver, stopping };
    (Worker { state, kills }, tokio::spawn(supervisor.run()))
}

struct Supervisor {
    launch: Launch,
    client: reqwest::Client,
    events: broadcast::Sender<HostEvent>,
    state: watch::Sender<State>,
    kills: mpsc::Receiver<u32>,
    stopping: CancellationToken,
}

/// How one life of the child ended.
enum End {
    /// Exit code 0: the host believes that it is alive and does nothing.
    Unnoticed,
    /// Exit code 200: an intended restart.
    Intended,
    /// Anything else.
    Failed,
    /// We are stopping; the child is dead.
    Stopped,
}

impl Supervisor {
    async fn run(mut self) {
        let mut pause = HOST_PAUSE.0;
        loop {
            let began = Instant::now();
            self.one_host().await;
            if self.stopping.is_cancelled() {
                return;
            }
            let _ = self.events.send(HostEvent::HostRestart);
            if began.elapsed() > ERRORS_FORGOTTEN_AFTER {
                pause = HOST_PAUSE.0;
            }
            tokio::select! {
                () = self.stopping.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
            pause = (pause * 2).min(HOST_PAUSE.1);
        }
    }

    /// Returns when the host would end: after the third error, or when we are stopping.
    async fn one_host(&mut self) {
        let mut errors: Vec<Instant> = Vec::new();
        let mut port = None;
        loop {
            let end = match self.one_child(&mut port).await {
                Ok(end) => end,
                Err(error) => {
                    self.line(Level::Error, format!("failed to start the handler: {error:#}"));
                    End::Failed
                }
            };
            match end {
                End::Unnoticed => return self.stopping.cancelled().await,
                End::Stopped => return,
                End::Intended => {}
                End::Failed => {
                    let now = Instant::now();
                    if errors.last().is_some_and(|last| now - *last > ERRORS_FORGOTTEN_AFTER) {
                        errors.clear();
                    }
                    errors.push(now);
                    if errors.len() >= ERRORS_TO_END {
                        return;
                    }
                }
            }
        }
    }

    async fn one_child(&mut self, port: &mut Option<u16>) -> anyhow::Result<End> {
        self.state.send_replace(State::Starting(None));
        let port = match *port {
            Some(port) => port,
            None => *port.insert(free_port().await?),
        };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let began = Instant::now();
        let mut child = self.spawn(port)?;
        let pid = child.id().context("the handler ended at once")?;
        // Held open for the child's life (waiting for a child would close it): it ends when we end, however we end.
        let _pipe = child.stdin.take();
        self.state.send_replace(State::Starting(Some(pid)));
        let _ = self.events.send(HostEvent::Started { pid });
        self.follow(child.stdout.take(), |_| Level::Information);
        self.follow(child.stderr.take(), |line| {
            if line.to_ascii_lowercase().contains("warn") { Level::Warning } else { Level::Error }
        });

        let ready = tokio::time::timeout(self.launch.initialization_timeout, answers(&self.client, address));
        let stopping = self.stopping.clone();
        let status = tokio::select! {
            () = stopping.cancelled() => {
                child.kill().await?;
                return Ok(End::Stopped);
            }
            status = child.wait() => Some(status?),
            ready = ready => {
                if ready.is_err() {
                    self.line(Level::Error, "Initialization timed out: the handler did not answer GET /.".to_owned());
                    child.kill().await?;
                    Some(child.wait().await?)
                } else {
                    let _ = self.events.send(HostEvent::Ready { pid, after: began.elapsed() });
                    self.state.send_replace(State::Running(Running { pid, address }));
                    None
                }
            }
        };
        let status = match status {
            Some(status) => status,
            None => self.until_exit(&mut child, pid).await?,
        };
        if stopping.is_cancelled() {
            return Ok(End::Stopped);
        }
        let _ = self.events.send(HostEvent::Exited { pid, how: status.to_string() });
        Ok(match status.code() {
            Some(0) => {
                self.state.send_replace(State::Running(Running { pid, address }));
                End::Unnoticed
            }
            Some(200) => End::Intended,
            _ => End::Failed,
        })
    }

    async fn until_exit(&mut self, child: &mut Child, pid: u32) -> anyhow::Result<ExitStatus> {
        loop {
            tokio::select! {
                status = child.wait() => return Ok(status?),
                () = self.stopping.cancelled() => {
                    child.kill().await?;
                    return Ok(child.wait().await?);
                }
                Some(meant) = self.kills.recv() => {
                    if meant == pid {
                        child.kill().await?;
                    }
                }
            }
        }
    }

    fn spawn(&self, port: u16) -> anyhow::Result<Child> {
        let (program, arguments) = self.launch.command.split_first().context("no command")?;
        let id = crate::world::guid();
        let port = port.to_string();
        Command::new(program)
            .args(arguments)
            .current_dir(&self.launch.root)
            .envs(self.launch.environment.iter().map(|(name, value)| (name, value)))
            .env("FUNCTIONS_CUSTOMHANDLER_PORT", &port)
            .env("FUNCTIONS_HTTPWORKER_PORT", &port)
            .env("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", &id)
            .env("FUNCTIONS_HTTPWORKER_ID", &id)
            .env("FUNCTIONS_APP_ROOT_PATH", &self.launch.root)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("failed to run {}", program.display()))
    }

    fn line(&self, level: Level, text: String) {
        let _ = self.events.send(HostEvent::Line { level, text });
    }

    /// Turns one of the child's streams into events, line by line.
    fn follow(&self, stream: Option<impl AsyncRead + Unpin + Send + 'static>, level: fn(&str) -> Level) {
        let Some(stream) = stream else { return };
        let (events, telemetry) = (self.events.clone(), self.launch.telemetry.clone());
        tokio::spawn(async move {
            let mut stream = BufReader::new(stream);
            let mut line = Vec::new();
            loop {
                line.clear();
                match (&mut stream).take(LINE_LIMIT).read_until(b'\n', &mut line).await {
                    Ok(0) | Err(_) => return,
                    Ok(_) => {
                        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
                        let level = level(&text);
                        if let Some(telemetry) = &telemetry {
                            telemetry.console(level, &text);
                        }
                        let _ = events.send(HostEvent::Line { level, text });
                    }
                }
            }
        });
    }
}

/// A port that is free now; the small race until the child binds it is the real host's as well.
async fn free_port() -> anyhow::Result<u16> {
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    Ok(listener.local_addr()?.port())
}

/// Any status counts; only a refused connection keeps the host waiting.
async fn answers(client: &reqwest::Client, address: SocketAddr) {
    let mut tick = tokio::time::interval(POLL);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        match client.get(format!("http://{address}/")).send().await {
            Err(error) if error.is_connect() => {}
            Ok(_) | Err(_) => return,
        }
    }
}
