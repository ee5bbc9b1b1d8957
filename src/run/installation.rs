//! One installation: its settings and its clients.

use super::backlog::Backlog;
use super::brakes_told::BrakesTold;
use super::own_changes::OwnChanges;
use super::own_sweeps::OwnSweeps;
use super::vain_leaders::VainLeaders;
use super::warnings_told::WarningsTold;
use crate::azure::Clients;
use crate::config::Settings;
use crate::rights::SelfCheck;
use crate::views::DailyLook;

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
    /// When this process looks at its own rights.
    pub(crate) self_check: SelfCheck,
    /// When it looks at what private zones hide, and what it has told of it.
    pub(crate) daily_look: DailyLook,
    /// What this process swept.
    pub(crate) own_sweeps: OwnSweeps,
    /// What it has warned of without asking the log.
    pub(crate) warnings_told: WarningsTold,
    /// Who has led a surge in vain.
    pub(super) vain_leaders: VainLeaders,
    /// What this process has written.
    pub(super) own_changes: OwnChanges,
}

impl Installation {
    /// Takes a checked configuration; nothing is called yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let clients = Clients::new(settings.connect.clone());
        Self {
            settings,
            clients,
            brakes_told: BrakesTold::default(),
            backlog: Backlog::default(),
            self_check: SelfCheck::default(),
            daily_look: DailyLook::default(),
            own_sweeps: OwnSweeps::default(),
            warnings_told: WarningsTold::default(),
            vain_leaders: VainLeaders::default(),
            own_changes: OwnChanges::default(),
        }
    }

    /// The same for somebody who waits at a terminal.
    #[must_use]
    pub fn for_a_person(settings: Settings) -> Self {
        let installation = Self::new(settings);
        Self { clients: installation.clients.for_a_person(), ..installation }
    }
}
