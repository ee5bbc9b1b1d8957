//! `heartbeat-dns serve`: what the Functions host starts, by hand.

use super::failure::{Exit, Failure};
use crate::config::Variables;
use crate::serve::{self, NotServed, Serving};

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
    let Options { port, until_stdin_closes } = *options;
    match serve::run(Serving { port, until_stdin_closes }, variables) {
        // An exit with 0 would make the host believe that we still serve (contract, section 2.5).
        Ok(()) => Ok(Exit::Failed),
        Err(why @ NotServed::NoPort) => Err(Failure::usage(why)
            .hint("the Functions host sets FUNCTIONS_CUSTOMHANDLER_PORT; by hand say --port")),
        Err(why @ NotServed::PortUnreadable(_)) => Err(Failure::usage(why)),
        Err(why @ (NotServed::PortNotHad { .. } | NotServed::NoThreads(_))) => Err(Failure::from(why)),
    }
}
