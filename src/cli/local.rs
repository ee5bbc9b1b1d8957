//! `heartbeat-dns local`: the loop on one machine.

use super::Global;
use super::failure::{Exit, Failure};

/// How the local Azure is started.
#[derive(Debug, clap::Args)]
pub struct Options {}

/// Runs until it is told to stop.
///
/// # Errors
/// When a part cannot be started.
pub async fn run(_options: Options, _global: &Global) -> Result<Exit, Failure> {
    Err(Failure::usage("this build has no local Azure yet"))
}
