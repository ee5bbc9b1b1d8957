//! `heartbeat-dns local`: the whole loop on one machine, with a stand-in for Azure and a real handler.

mod app;
mod board;
mod head;
mod night;
mod packets;
mod page;
mod parts;
mod replay;
mod street;
mod surface;
mod timeline;
mod variables;
mod watch;

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use super::Global;
use super::failure::{Exit, Failure};
use crate::config::{Faults, parse_duration};
use app::App;
use night::Night;
use parts::{Parts, Plan, Play};
use replay::{Recording, Replay};

const EXAMPLES: &str = "\
Examples:
  heartbeat-dns local --once
      play one night in a house to its end: exit code 0 when DNS tells the truth
  heartbeat-dns local --env local.env
      keep playing; from a second terminal: heartbeat-dns --env local.env plan
  dig @127.0.0.1 -p 7053 nas.home.example.com +short
      what the name server says
  curl -d '{\"Computer\":\"nas\",\"ComputerIP\":\"203.0.113.9\"}' http://127.0.0.1:7072/standin/heartbeats
      move a machine and watch";

/// How the local Azure is started.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// Play one night in a house (or the replay) to its end, tell what happened, and exit: 0 when DNS tells the
    /// truth and everything that was left alone is explained, else 1. Takes free ports unless told otherwise
    #[arg(long)]
    once: bool,
    /// Add N machines to whom nothing happens
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "heartbeats")]
    machines: usize,
    /// Switch the alert rule off: the collector's timer alone repairs
    #[arg(long)]
    no_alert: bool,
    /// Replay recorded Heartbeat rows (a JSON array, or one object a line) instead of the scenario, shifted so that
    /// the newest is now; every machine is tagged COMPUTER.example.com and nothing exists in DNS at the start
    #[arg(long, value_name = "FILE")]
    heartbeats: Option<PathBuf>,
    /// From one evaluation of the alert rule to the next
    #[arg(long, value_name = "D", default_value = "5s", value_parser = parse_duration)]
    every: Duration,
    /// Milliseconds that each call of the stand-in takes at least
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// Port of the Functions host and of the status page [default: 7071; taken: the next free one; 0: any]
    #[arg(long)]
    port: Option<u16>,
    /// Port of the stand-in for Azure [default: 7072; taken: the next free one; 0: any]
    #[arg(long)]
    azure_port: Option<u16>,
    /// Port of the name server, UDP and TCP [default: 7053; taken: the next free one; 0: any]
    #[arg(long)]
    dns_port: Option<u16>,
    /// Serve the stand-in over https as well, and write ca.pem into DIR
    #[arg(long, value_name = "DIR")]
    tls: Option<PathBuf>,
    /// Let the Functions host run the unpacked deployment in DIR (of `cargo xtask package`) instead of this program
    #[arg(long, value_name = "DIR")]
    app: Option<PathBuf>,
    /// Let the services count and refuse what goes over Azure's quotas
    #[arg(long)]
    quotas: bool,
}

/// Plays until it is told to stop, or once.
///
/// # Errors
/// When a part cannot be started or does not answer.
pub async fn run(options: Options, global: &Global) -> Result<Exit, Failure> {
    let play = match &options.heartbeats {
        Some(file) => Play::Replay(Recording::read(file, Timestamp::now()).map_err(|error| {
            // A file that cannot be replayed is a mistake on the command line.
            Failure::usage(format!("{error:#}"))
        })?),
        None => Play::Street(street::residents(options.machines)),
    };
    let app = match &options.app {
        Some(folder) => App::unpacked(folder).map_err(|error| Failure::usage(format!("--app: {error:#}")))?,
        None => App::this_program()?,
    };
    let port = |given: Option<u16>, usual: u16| given.unwrap_or(if options.once { 0 } else { usual });
    let plan = Plan {
        play,
        app,
        output: global.output,
        env_file: global.env_file.clone(),
        every: (!options.no_alert).then_some(options.every),
        latency: Duration::from_millis(options.latency),
        host_port: port(options.port, 7071),
        azure_port: port(options.azure_port, 7072),
        dns_port: port(options.dns_port, 7053),
        tls: options.tls.clone(),
        quotas: options.quotas,
        once: options.once,
    };
    let parts = Parts::start(plan).await.map_err(|error| match error.downcast::<Faults>() {
        Ok(faults) => Failure::usage(format!("the configuration has faults: {faults}"))
            .hint("variables that are set here reach the handler; unset the ones that are named"),
        Err(error) => error.into(),
    })?;
    let outcome = tokio::select! {
        outcome = play_on(&parts, options.once) => outcome,
        () = told_to_stop() => Ok(if options.once { Exit::Failed } else { Exit::Fine }),
    };
    parts.stop().await;
    outcome
}

/// Plays the scenario or the replay; without `--once` it never ends by itself.
async fn play_on(parts: &Parts, once: bool) -> Result<Exit, Failure> {
    let is_good = match &parts.play {
        Play::Replay(recording) => {
            let replay = Replay {
                surface: parts.surface.clone(),
                dns: parts.dns,
                recording: recording.clone(),
                timeline: parts.timeline.clone(),
                board: parts.board.clone(),
            };
            replay.settle(parts.host_events()).await?
        }
        Play::Street(residents) if once => {
            let night = Night {
                surface: parts.surface.clone(),
                dns: parts.dns,
                residents: residents.clone(),
                workspace: parts.workspace.clone(),
                timeline: parts.timeline.clone(),
                board: parts.board.clone(),
            };
            parts.until_first_run().await?;
            parts.until_just_after_a_tick().await;
            night.fall().await?;
            night.morning(parts.host_events()).await?
        }
        Play::Street(_) => true,
    };
    if once {
        return Ok(if is_good { Exit::Fine } else { Exit::Failed });
    }
    std::future::pending().await
}

/// Ctrl-C, or the signal by which other programs end us.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
