//! What is played, where, and how it is told.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::recording::Recording;

/// What is played.
#[derive(Debug, Clone)]
pub enum Play {
    /// The street, where all is right at first.
    Street {
        /// So many more machines, to whom nothing happens.
        quiet: usize,
    },
    /// A recording.
    Replay(Arc<Recording>),
}

impl From<Recording> for Play {
    fn from(recording: Recording) -> Self {
        Self::Replay(Arc::new(recording))
    }
}

impl Play {
    /// Whether hours are hours: a recording was made at Azure's pace.
    #[must_use]
    pub fn is_in_real_time(&self) -> bool {
        matches!(self, Self::Replay(_))
    }
}

/// How it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Sentences.
    Words,
    /// JSON, one object a line.
    Json,
}

/// What is started, and where.
#[derive(Debug)]
pub struct Wanted {
    /// What is played.
    pub play: Play,
    /// How it is told.
    pub form: Form,
    /// Between evaluations of the alert rule; none: no rule.
    pub every: Option<Duration>,
    /// What each call of the stand-in takes at least.
    pub latency: Duration,
    /// Of the Functions host; 0: any. A port that is taken is replaced by the next free one.
    pub host_port: u16,
    /// Of the stand-in.
    pub azure_port: u16,
    /// Of the name server.
    pub dns_port: u16,
    /// Where the certificates go, if https is wanted.
    pub tls: Option<PathBuf>,
    /// Of the stand-in over https.
    pub tls_port: u16,
    /// Further names in its certificate, as [`standin::Options::tls_names`].
    pub tls_names: Option<Vec<String>>,
    /// Whether quotas count.
    pub quotas: bool,
    /// Whether the Functions host asks for keys.
    pub keys: bool,
    /// Whether the night (or the replay) is played to its end.
    pub once: bool,
}
