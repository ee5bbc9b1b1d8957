//! The one place where variables become what works with them: settings, clients, reporters.
//!
//! Reporters come first and need little, so that faults of everything else can be told.

use std::sync::Arc;

#[cfg(feature = "local")]
use crate::clock::dial;
use crate::config::{Faults, Reporting, Settings, Variables};
use crate::run::Installation;
use crate::tell::Reporters;

/// The version, and the commit that it was built from.
pub const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), " (", env!("BUILT_FROM"), ")");

/// What a process works with.
#[derive(Clone, Debug)]
pub struct App {
    /// Settings and clients, or why there are none.
    pub installation: Result<Arc<Installation>, Faults>,
    /// Who is told.
    pub reporters: Arc<Reporters>,
}

impl App {
    /// Builds everything; nothing is called yet.
    #[must_use]
    pub fn new(variables: &Variables) -> Self {
        let reporters = Arc::new(Reporters::new(&Reporting::read(variables)));
        let settings = Settings::read(variables).inspect(go_by_its_clock);
        let installation = settings.map(|settings| Arc::new(Installation::new(settings)));
        Self { installation, reporters }
    }

    /// Logs what is odd about the settings; faulty ones are told to people too. For a process that nobody watches; it must
    /// be called within the runtime.
    pub fn announce(&self) {
        match &self.installation {
            Ok(installation) => warn(installation),
            Err(faults) => self.reporters.misconfigured(faults),
        }
    }
}

/// From now on this process goes by the clock that the settings tell, if they do.
pub fn go_by_its_clock(settings: &Settings) {
    #[cfg(feature = "local")]
    if let Some(dial) = settings.clock.clone() {
        dial::go_by(dial);
    }
    #[cfg(not(feature = "local"))]
    let _ = settings;
}

/// Logs what is odd about settings that can be used.
pub fn warn(installation: &Installation) {
    for warning in &installation.settings.warnings {
        tracing::warn!("{warning}");
    }
}
