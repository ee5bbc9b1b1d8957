//! What every command understands.

use std::path::PathBuf;

use jiff::tz::TimeZone;

use super::output::Format;

/// Options of every command.
#[derive(Debug, Clone, clap::Args)]
pub struct Global {
    /// Read variables from FILE (lines NAME=value); the environment wins over it, and it wins over
    /// local.settings.json in this folder. With `local`: write them to FILE
    #[arg(long = "env", value_name = "FILE", global = true)]
    pub env_file: Option<PathBuf>,
    /// The form of results on standard output; messages go to standard error
    #[arg(short, long, value_enum, default_value_t, global = true)]
    pub output: Format,
    /// Tell times by the clock of this machine, not by UTC
    #[cfg(feature = "local-time")]
    #[arg(long, global = true)]
    pub local: bool,
}

impl Global {
    /// The zone whose clock is read.
    pub(super) fn zone(&self) -> TimeZone {
        #[cfg(feature = "local-time")]
        if self.local {
            return TimeZone::system();
        }
        TimeZone::UTC
    }
}
