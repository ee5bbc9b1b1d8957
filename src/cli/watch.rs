//! `heartbeat-dns watch`: our own clock in the place of the Functions host's timer and of the alert.

mod health;
mod once;
mod pace;
mod pages;
#[cfg(test)]
mod rounds;
mod task;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::failure::{Exit, Failure};
use super::global::Global;
use super::output::{Format, to_stdout};
use super::session;
use crate::app::App;
use crate::clock;
use crate::config::{Collect, Mode, Variables, parse_duration};
use crate::listen::{self, Limits};
use crate::metrics::Metrics;
use crate::round::{FailedStage, Orders, Round, Stage, Sweep};
use crate::run::AuditKey;
use health::Health;
use pace::Pace;
use pages::Shown;
use task::{listen_for_signals, one_round};

/// How long after a complete sweep its marker may take to show in the logs; until then no other sweep begins.
const MARKER: Duration = Duration::from_secs(5 * 60);
/// How long what is still to be told or served may take after the last round.
const GRACE: Duration = Duration::from_secs(5);

const EXAMPLES: &str = "\
For a container, a small machine or a cluster: it needs no Functions app, no alert rule and no action group, only an \
identity with the same roles. Each round asks which names differ from what the heartbeats say, sweeps tags and record \
sets when the newest sweep is older than SNAPSHOT_EVERY, and then writes what the plan says, exactly as the timer of \
the Functions app does. MODE=observe only plans; without `timer` in RECONCILE_ON it only collects.

It starts while Azure is down, and while Azure cannot be asked it waits longer and longer, up to 5 minutes. SIGTERM \
and SIGINT end it: a run that writes is finished first, by RUN_DEADLINE at the latest; anything else is left to the \
next start, which finds it. A second signal ends it at once, which loses nothing either.

  /metrics  for Prometheus; docs/metrics.md says what each number means
  /healthz  200 when every stage has done well lately, else 503 and why: for alerts and readiness
  /         200 with name and version while the process lives: for liveness

NOTIFY_URL hears when a name moved, a brake holds or something failed; PING_URL is called after each good round.

Examples:
  heartbeat-dns watch
  heartbeat-dns watch --once                for a scheduler that keeps the time itself
  heartbeat-dns watch --every 30s --listen 0.0.0.0:9464
  MODE=observe heartbeat-dns watch --listen 127.0.0.1:0 -o json";

/// How often, and where it may be looked at.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub struct Options {
    /// From the beginning of one round to that of the next; 90s, 1m, PT1M
    #[arg(long, value_name = "D", default_value = "1m", value_parser = every)]
    every: Duration,
    /// Where /metrics and /healthz are served; port 0 takes any free one. They are open to whoever can reach them
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:9464", value_parser = place)]
    listen: SocketAddr,
    /// Make one round and end: 0 when it did well, 1 when a stage or a change failed, 4 when a brake held something. No
    /// page is served
    #[arg(long, conflicts_with_all = ["every", "listen"])]
    once: bool,
}

fn every(text: &str) -> Result<Duration, String> {
    match parse_duration(text)? {
        short if short < Duration::from_secs(1) => Err("the shortest is 1s".to_owned()),
        duration => Ok(duration),
    }
}

/// Names are not looked up, but for the one that is the same everywhere: what a name means may change, and with it who
/// can reach the pages.
fn place(text: &str) -> Result<SocketAddr, String> {
    let port = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
    let loopback = port.map(|port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    loopback.or_else(|| text.parse().ok()).ok_or_else(|| {
        "write an address and a port: 127.0.0.1:9464 or localhost:9464, 0.0.0.0:9464 or [::]:9464 for everybody"
            .to_owned()
    })
}

pub(super) async fn run(options: &Options, global: &Global, variables: &Variables) -> Result<Exit, Failure> {
    let app = App::new(variables);
    let reporters = Arc::clone(&app.reporters);
    app.announce();
    let installation = match app.installation {
        Ok(installation) => installation,
        Err(faults) => {
            reporters.notifier().drained(GRACE).await;
            return Err(session::faulty(&faults));
        }
    };
    if options.once {
        let exit = once::round_and_end(&installation, &reporters, global).await;
        reporters.notifier().drained(GRACE).await;
        return exit;
    }
    let settings = &installation.settings;
    if let Err(failure) = often_enough(options.every, &settings.collect) {
        reporters.notifier().drained(GRACE).await;
        return Err(failure);
    }
    let listener = TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("cannot listen on {}", options.listen))?;
    let address = listener.local_addr()?;
    let shown = Arc::new(Shown {
        metrics: Metrics::new(&settings.policy.zones),
        health: Health::new(settings, options.every),
        reporters: Arc::clone(&reporters),
        installation: Arc::clone(&installation),
    });
    let stop = CancellationToken::new();
    let gone = CancellationToken::new();
    listen_for_signals(stop.clone(), gone.clone());
    let served = CancellationToken::new();
    let routes = pages::routes(Arc::clone(&shown));
    let pages = tokio::spawn(listen::serve(listener, routes, Limits::for_everybody(), served.clone()));
    say_ready(address, options, global)?;
    if !settings.run.on_timer {
        tracing::warn!(
            "RECONCILE_ON does not hold timer: tags and records are collected, nothing is repaired"
        );
    } else if settings.run.mode == Mode::Observe {
        tracing::info!("MODE is observe: every run is a plan");
    }
    let exit = tokio::select! {
        () = rounds(options.every, &shown, &stop) => Exit::Fine,
        () = gone.cancelled() => {
            tracing::warn!("told to stop a second time: the run is left to the next start");
            Exit::Failed
        }
    };
    served.cancel();
    reporters.notifier().drained(GRACE).await;
    let _ = tokio::time::timeout(GRACE, pages).await;
    Ok(exit)
}

/// A round sweeps, and what the sweep before told must still be believed then.
fn often_enough(every: Duration, collect: &Collect) -> Result<(), Failure> {
    let oldest = collect.oldest_sweep();
    if every <= oldest {
        return Ok(());
    }
    let (every, oldest) = (every.as_secs().div_ceil(60), oldest.as_secs() / 60);
    let words = format!(
        "--every is {every} min, but nothing is changed once the newest sweep is older than {oldest} min, twice SNAPSHOT_EVERY and 5 min"
    );
    Err(Failure::usage(words).hint("say a shorter --every, or set a longer SNAPSHOT_EVERY"))
}

/// The one line of standard output: whoever chose port 0 must learn the port.
fn say_ready(address: SocketAddr, options: &Options, global: &Global) -> Result<(), Failure> {
    let url = format!("http://{address}/metrics");
    Ok(to_stdout(|out| {
        if global.output == Format::Json {
            let every = options.every.as_secs_f64();
            let ready = json!({ "event": "ready", "metrics": url, "listen": address.to_string(), "every_seconds": every });
            writeln!(out, "{ready}")
        } else {
            writeln!(out, "watching; metrics at {url}")
        }
    })?)
}

/// Round after round until told to stop.
async fn rounds(every: Duration, shown: &Arc<Shown>, stop: &CancellationToken) {
    let mut pace = Pace::new(every);
    let mut sweeps = Sweeps::new(every);
    let mut doubtful = Vec::new();
    while !stop.is_cancelled() {
        let begin = Instant::now();
        let sweep = if sweeps.may_begin(begin) { Sweep::WhenDue } else { Sweep::Not };
        let orders = Orders { sweep, last: None, doubtful: doubtful.clone(), stop: stop.clone() };
        let ended = one_round(&shown.installation, orders).await;
        let stopped = stop.is_cancelled();
        let failed = match &ended {
            Some(round) => {
                // What was broken off because of a signal says nothing about Azure.
                if !stopped || round.ended.is_some() {
                    take_in(shown, round);
                    if let Some(ended) = &round.ended {
                        shown.reporters.look_after(&shown.installation, &ended.report, stop);
                    }
                }
                sweeps.hear(round, begin, shown.installation.settings.collect.snapshot_every);
                is_unanswered(round)
            }
            None => true,
        };
        if let Some(round) = ended {
            doubtful = doubts(round, doubtful);
        }
        let next = begin + clock::by_the_wall(pace.after(failed));
        tokio::select! {
            () = tokio::time::sleep_until(next) => {}
            () = stop.cancelled() => {}
        }
    }
}

/// Whether the logs could not be asked. They alone slow the rounds: what a run cannot read may be one name's, and the others'
/// next move shall not wait for it.
fn is_unanswered(round: &Round) -> bool {
    round.failed(Stage::Evaluate)
}

/// Rows of which nobody knows yet whether the log took them: those of this round's run, and those of `before` of which it did
/// not learn it. A log that was asked and does not show a row has not taken it, and the run has told it anew.
fn doubts(round: Round, mut before: Vec<AuditKey>) -> Vec<AuditKey> {
    before.retain(|row| !round.settled.contains(row));
    let is_whole = round.facts.is_some_and(|facts| !facts.partial);
    if let Some(ended) = round.ended {
        before.retain(|row| !is_whole && !ended.told.tells_again(row));
        before.extend(ended.told.doubtful);
    }
    before
}

/// Whoever is told: the log, the metrics, the health, the people.
fn take_in(shown: &Shown, round: &Round) {
    if round.ended.is_none() && round.complaints().is_empty() {
        tracing::info!(run = round.run, "evaluated, and nothing else");
    }
    shown.reporters.round_ended(round);
    // A run that has ended has logged for itself what went wrong.
    let is_untold = |fault: &&FailedStage| fault.stage != Stage::Repair || round.ended.is_none();
    for fault in round.faults.iter().filter(is_untold) {
        let stage = fault.stage.as_str();
        tracing::error!(run = round.run, stage, "{stage} failed: {}", fault.trouble.logged);
    }
    shown.metrics.hear(round);
    shown.health.hear(round, clock::now());
}

/// When a sweep may begin: not again before the marker of the last one can be seen, nor at once after a failed one.
#[derive(Debug)]
struct Sweeps {
    pace: Pace,
    not_before: Option<Instant>,
}

impl Sweeps {
    fn new(every: Duration) -> Self {
        Self { pace: Pace::new(every), not_before: None }
    }

    fn may_begin(&self, now: Instant) -> bool {
        self.not_before.is_none_or(|moment| now >= moment)
    }

    fn hear(&mut self, round: &Round, begin: Instant, snapshot_every: Duration) {
        if round.failed(Stage::Collect) {
            self.not_before = Some(begin + self.pace.after(true));
        } else if round.swept.is_some() {
            self.pace.after(false);
            self.not_before = Some(begin + MARKER.min(snapshot_every / 2));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_to_listen_is_an_address_or_localhost() {
        for (text, place_of) in [
            ("127.0.0.1:9464", "127.0.0.1:9464"),
            ("localhost:0", "127.0.0.1:0"),
            ("[::1]:9464", "[::1]:9464"),
        ] {
            assert_eq!(place(text).map(|place| place.to_string()), Ok(place_of.to_owned()), "{text}");
        }
        for text in ["9464", ":9464", "localhost", "localhost:99999", "example.com:9464", ""] {
            assert!(place(text).is_err_and(|words| words.contains("127.0.0.1:9464")), "{text}");
        }
    }

    #[test]
    fn a_row_that_the_log_has_shown_is_in_doubt_no_longer() {
        let [shown, other] = ["not-owned", "flapping"].map(AuditKey::of);
        let round = Round {
            run: String::new(),
            facts: None,
            swept: None,
            ended: None,
            joined: None,
            settled: vec![shown.clone()],
            warnings: Vec::new(),
            warned: None,
            faults: Vec::new(),
            durations: Vec::new(),
        };
        assert_eq!(doubts(round, vec![shown, other.clone()]), [other], "it would be counted once more");
    }
}
