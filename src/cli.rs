//! The command line: what can be asked, and which exit code answers.

pub mod environment;
pub mod failure;
#[cfg(feature = "local")]
pub mod local;
pub mod output;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

use failure::{Exit, Failure};
use output::Format;

const EXAMPLES: &str = "\
Exit codes:
  0  nothing is wrong, skips included
  1  something failed, conflicted, could not be confirmed or was left for the next run
  2  the command line or the configuration is wrong
  3  there are changes to apply (plan --exit-code)
  4  a brake holds something, or the plan has another digest than expected";

/// Dynamic DNS for Azure out of the heartbeats that machines already send
#[derive(Debug, Parser)]
#[command(name = "heartbeat-dns", version, after_help = EXAMPLES, max_term_width = 110)]
pub struct Cli {
    /// What every command understands.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options of every command.
#[derive(Debug, Clone, clap::Args)]
pub struct Global {
    /// Read variables from FILE (lines NAME=value); the environment wins over it, and it wins over
    /// local.settings.json in this folder. With `local`: write them to FILE
    #[arg(long = "env", value_name = "FILE", global = true)]
    pub env_file: Option<PathBuf>,
    /// The form of results on standard output; words go to standard error
    #[arg(short, long, value_enum, default_value_t, global = true)]
    pub output: Format,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
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
    match dispatch(cli) {
        Ok(exit) => exit,
        Err(failure) => {
            eprintln!("{failure}");
            failure.code()
        }
    }
}

fn dispatch(cli: Cli) -> Result<Exit, Failure> {
    let Some(command) = cli.command else {
        return Err(Failure::usage("no command was given").hint("`heartbeat-dns --help` lists them"));
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match command {
            #[cfg(feature = "local")]
            Command::Local(options) => local::run(options, &cli.global).await,
        }
    })
}
