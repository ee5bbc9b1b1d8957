//! The command line: what can be asked, and which exit code answers.

mod adopt;
mod apply;
mod approve;
mod brought;
mod check;
mod clock;
mod collect;
#[cfg(feature = "completions")]
mod completions;
mod consent;
mod doctor;
mod entry;
mod explain;
pub mod failure;
pub mod global;
mod history;
mod hold;
mod interrupt;
mod key;
mod lacking;
#[cfg(feature = "local")]
pub mod local;
mod moves;
mod no_zone;
mod one_side;
pub mod output;
mod phrase;
mod plan;
mod policy;
mod progress;
mod query;
mod release;
mod report;
mod rollback;
mod screen;
mod serve;
mod session;
mod unhold;
mod watch;

use std::ffi::OsString;

use clap::{Parser, Subcommand};

use crate::app::VERSION;
use crate::config::{Logging, Variables, port_of};
use crate::telemetry::{self, Streams};
use failure::{Exit, Failure};
use global::Global;
use interrupt::Interrupt;
use phrase::Phrase;
use screen::Screen;

const EXAMPLES: &str = "\
Examples:
  heartbeat-dns local                        everything on this machine, without any Azure account
  heartbeat-dns plan                         what would be written, what not, and why
  heartbeat-dns plan --exit-code             the same for scripts: 3 when something is to be done
  heartbeat-dns apply                        the same, then asks, then writes
  heartbeat-dns apply --expect DIGEST        writes only if it is still the plan with this digest
  heartbeat-dns explain NAME                 why a name stands as it does, and what would move it
  heartbeat-dns doctor                       whether everything works, and what mends it
  heartbeat-dns check nas.home.example.com   whether the settings can be used and the policy allows the name
  heartbeat-dns policy check policy.toml     what each line of a policy file gives, what none does, and dead lines
  heartbeat-dns query infra/kql/mismatch.kql -o csv

Settings come from the environment, else from --env FILE, else from local.settings.json in this folder.

Exit codes:
  0  nothing is wrong, skips included; what is written and what name servers do not all answer yet is told, and is 0 too
  1  something failed, conflicted or was left for the next run, or nobody knows whether it was written
  2  the command line or the configuration is wrong, or no tagged machine claims a name that was given
  3  changes wait, whatever else is held (plan --exit-code; apply answered with no, or under MODE=observe)
  4  a brake holds something (for plan --exit-code: and nothing else is to apply), or another digest";

/// Dynamic DNS for Azure out of the heartbeats that machines already send
#[derive(Debug, Parser)]
#[command(name = "heartbeat-dns", version, long_version = VERSION, after_help = EXAMPLES, max_term_width = 110)]
pub struct Cli {
    /// What every command understands.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the Functions host (the default when FUNCTIONS_CUSTOMHANDLER_PORT is set)
    Serve(serve::Options),
    /// Sweep now: read every tag and every record set, and tell the log
    Collect(collect::Options),
    /// Show what would be written, what not, and why; write nothing
    Plan(plan::Options),
    /// Write what the plan says, prove it by DNS, and tell the log
    Apply(apply::Options),
    /// Write what a brake holds, after you have read it: each brake by its digest
    Approve(approve::Options),
    /// Take over record sets that somebody made by hand, for the one machine whose tag names each
    Adopt(adopt::Options),
    /// Keep every run from writing record sets of ours, until a time or until `unhold`
    Hold(hold::Options),
    /// Let runs write record sets again that somebody holds
    Unhold(unhold::Options),
    /// Undo changes: back to what the record sets held before, and hold them there
    Rollback(rollback::Options),
    /// Give record sets up: they are ours no longer, and stay as they are until somebody adopts them
    Release(release::Options),
    /// Explain a name: what the next run does with it and why, who claims it, every rule's answer, what would move it
    Explain(explain::Options),
    /// Ask whether everything works that runs need, and show what mends it; write nothing but one probe row
    Doctor(doctor::Options),
    /// Show what a name pointed at: since when, why, by which run, and what proved it
    History(history::Options),
    /// Collect, evaluate and repair on a clock of our own, without the Functions host; serves /metrics and /healthz
    Watch(watch::Options),
    /// Ask the workspace a question in KQL
    Query(query::Options),
    /// Check the settings, and names against the policy, without asking Azure
    Check(check::Options),
    /// Hold a policy file against the machines: what each line gives, what is refused, which lines decide for nobody
    Policy(policy::Options),
    /// Print what a shell needs to complete commands and options
    #[cfg(feature = "completions")]
    Completions(completions::Options),
    /// Play Azure on this machine: heartbeats, alerts, DNS, and the handler itself, without any account
    #[cfg(feature = "local")]
    Local(local::Options),
}

/// Runs what the arguments ask for and says how it ended.
#[must_use]
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(words) => {
            // Help and version are results, the rest are mistakes; clap knows which stream each belongs to.
            let _ = words.print();
            return if words.use_stderr() { Exit::Usage } else { Exit::Fine };
        }
    };
    let screen = Screen::of_stderr(cli.global.env_file.as_deref());
    match dispatch(cli) {
        Ok(exit) => exit,
        Err(failure) => {
            output::lines_to_stderr(&failure.lines(&screen));
            failure.code()
        }
    }
}

fn dispatch(cli: Cli) -> Result<Exit, Failure> {
    let process = Variables::process();
    let global = cli.global;
    let command = match cli.command {
        Some(command) => command,
        None if port_of(&process).is_some() => Command::Serve(serve::Options::default()),
        None => {
            return Err(Failure::usage("no command was given")
                .hint(Phrase::default().run("--help").and(" lists them, with examples")));
        }
    };
    if global.output == output::Format::Arm && !matches!(command, Command::Plan(_)) {
        return Err(Failure::usage("this command prints no template")
            .hint(Phrase::default().run("plan -o arm").and(" does")));
    }
    let has_the_form = match command {
        Command::Serve(_) => global.output == output::Format::Text,
        Command::Watch(_) => matches!(global.output, output::Format::Text | output::Format::Json),
        _ => true,
    };
    if !has_the_form {
        return Err(Failure::usage("this command prints no result in that form").hint(
            "leave -o out; LOG_FORMAT says how the log looks, /metrics and /healthz are for machines",
        ));
    }
    if let Command::Serve(options) = command {
        let variables = session::with_env_file(process, &global)?;
        return serve::run(&options, &variables);
    }
    #[cfg(feature = "completions")]
    if let Command::Completions(options) = command {
        return completions::run(&options, &global, <Cli as clap::CommandFactory>::command());
    }
    if let Command::Check(options) = command {
        return check::run(&options, &global, &session::variables(process, &global)?);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        #[cfg(feature = "local")]
        if let Command::Local(options) = command {
            return local::run(options, &global).await;
        }
        let variables = session::variables(process, &global)?;
        let is_daemon = matches!(command, Command::Watch(_));
        log_to(&variables, is_daemon);
        if let Command::Watch(options) = command {
            return watch::run(&options, &global, &variables).await;
        }
        let interrupt = Interrupt::listen();
        tokio::select! {
            ended = Box::pin(run(command, &global, &variables, &interrupt)) => ended,
            broken_off = interrupt.breaks_off() => Err(broken_off),
        }
    })
}

/// What a person waits for at a terminal.
async fn run(
    command: Command,
    global: &Global,
    variables: &Variables,
    interrupt: &Interrupt,
) -> Result<Exit, Failure> {
    match command {
        Command::Collect(options) => collect::run(&options, global, variables).await,
        Command::Plan(options) => Box::pin(plan::run(&options, global, variables)).await,
        Command::Apply(options) => Box::pin(apply::run(&options, global, variables, interrupt)).await,
        Command::Approve(options) => Box::pin(approve::run(&options, global, variables, interrupt)).await,
        Command::Adopt(options) => Box::pin(adopt::run(&options, global, variables, interrupt)).await,
        Command::Hold(options) => Box::pin(hold::run(&options, global, variables, interrupt)).await,
        Command::Unhold(options) => Box::pin(unhold::run(&options, global, variables, interrupt)).await,
        Command::Rollback(options) => Box::pin(rollback::run(&options, global, variables, interrupt)).await,
        Command::Release(options) => Box::pin(release::run(&options, global, variables, interrupt)).await,
        Command::Explain(options) => Box::pin(explain::run(&options, global, variables)).await,
        Command::Doctor(options) => doctor::run(&options, global, variables).await,
        Command::History(options) => history::run(&options, global, variables).await,
        Command::Query(options) => query::run(&options, global, variables).await,
        Command::Policy(options) => policy::run(&options, global, variables).await,
        // They have begun already, each in its own way.
        Command::Serve(_) | Command::Watch(_) | Command::Check(_) => Ok(Exit::Fine),
        #[cfg(feature = "completions")]
        Command::Completions(_) => Ok(Exit::Fine),
        #[cfg(feature = "local")]
        Command::Local(_) => Ok(Exit::Fine),
    }
}

/// A line of the log, as this program says it to a person.
fn said(level: tracing::Level, sentence: &str) {
    let word = if level == tracing::Level::ERROR { "error" } else { "warning" };
    output::to_stderr(format_args!("{word}: {sentence}"));
}

/// Starts the log; a command that a person waits for tells only what is odd, unless `LOG_LEVEL` says otherwise.
fn log_to(variables: &Variables, is_daemon: bool) {
    let Logging { mut level, json } = Logging::read(variables);
    let mut streams = Streams::ErrorOnly;
    if !is_daemon && variables.get("LOG_LEVEL").is_none() {
        level = tracing::Level::WARN;
        if !json {
            streams = Streams::Said(said);
        }
    }
    // Only a second start can fail, and then there is a log already.
    let _ = telemetry::start(level, json, streams);
}
