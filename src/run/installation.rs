//! One installation: its settings and its clients.

use super::backlog::Backlog;
use super::brakes_told::BrakesTold;
use crate::azure::Clients;
use crate::config::Settings;

/// One installation: what it was told, and its clients. Both live as long as the process.
#[derive(Debug)]
pub struct Installation {
    /// The checked configuration.
    pub settings: Settings,
    /// The clients.
    pub clients: Clients,
    /// What was told of brakes.
    pub(super) brakes_told: BrakesTold,
    /// Rows that the log has still to take.
    pub(super) backlog: Backlog,
}

impl Installation {
    /// Takes a checked configuration; nothing is called yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let clients = Clients::new(settings.connect.clone());
        Self { settings, clients, brakes_told: BrakesTold::default(), backlog: Backlog::default() }
    }
}
