//! What a stand-in is started with.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::{Clock, World};

/// Everything that is decided before the first request.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where the services listen over plain http. Port 0 takes any free port.
    pub azure: SocketAddr,
    /// Where the name server listens, UDP and TCP on one port. Port 0 takes any free port.
    pub dns: SocketAddr,
    /// Where the resolver listens, which answers out of private zones too, UDP and TCP. Port 0 takes any free port.
    pub resolver: SocketAddr,
    /// Where the same services listen over https; the folder receives `ca.pem`. Port 0 takes any free port.
    pub tls: Option<(PathBuf, SocketAddr)>,
    /// Further names in the certificate of https; none: those of loopback alone, some or nothing: the services' hosts too.
    pub tls_names: Option<Vec<String>>,
    /// The world at the start; none: the default world.
    pub world: Option<World>,
    /// How long each call takes at least (the call's effect happens after it).
    pub latency: Duration,
    /// Whether the services count and refuse (429) what goes over their quotas.
    pub quotas: bool,
    /// How often machines that were heard once beat again by themselves; none: never.
    pub beat_every: Option<Duration>,
    /// By which clock data is dated.
    pub clock: Clock,
    /// No machine beats by itself before that clock says this: until then a recording speaks for all; none: at once.
    pub beat_from: Option<Timestamp>,
    /// The secret that `GET /msi/token` wants in `X-IDENTITY-HEADER`.
    pub identity_header: String,
    /// How long tokens live.
    pub token_life: Duration,
    /// How long an accepted upload takes until queries see it.
    pub ingestion_delay: Duration,
    /// How long Azure takes to register a virtual machine in a private zone, and to notice what became of it.
    pub registration_delay: Duration,
    /// Seconds that the answers of long-running operations ask to wait; Azure asks for up to 30.
    pub retry_after: u64,
    /// When a port is taken: whether the next free one is taken instead of failing.
    pub next_free_port: bool,
}

impl Default for Options {
    fn default() -> Self {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            azure: any,
            dns: any,
            resolver: any,
            tls: None,
            tls_names: None,
            world: None,
            latency: Duration::ZERO,
            quotas: false,
            beat_every: None,
            clock: Clock::default(),
            beat_from: None,
            identity_header: "standin-identity-header".to_owned(),
            token_life: Duration::from_secs(86_400),
            ingestion_delay: Duration::ZERO,
            registration_delay: Duration::from_secs(1),
            retry_after: 1,
            next_free_port: false,
        }
    }
}
