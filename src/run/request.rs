//! What a run is asked.

use std::collections::BTreeSet;

use pure::domain::HostName;
use pure::plan::Wishes;
use pure::plan::report::Trigger;

/// What a run is asked.
#[derive(Debug, Clone)]
pub struct Request {
    /// The run's id, a UUID.
    pub run: String,
    /// What started it.
    pub trigger: Trigger,
    /// The alert's id, empty without one.
    pub alert_id: String,
    /// Write, instead of only planning.
    pub apply: bool,
    /// Only these names; all when empty.
    pub names: BTreeSet<HostName>,
    /// Names whose unmarked sets a person adopts by hand.
    pub adopt: BTreeSet<HostName>,
}

impl Request {
    /// A request for everything, with a new run id.
    #[must_use]
    pub fn new(trigger: Trigger, apply: bool) -> Self {
        Self {
            run: azure_core::Uuid::new_v4().to_string(),
            trigger,
            alert_id: String::new(),
            apply,
            names: BTreeSet::new(),
            adopt: BTreeSet::new(),
        }
    }

    /// Whether the run is about a name.
    #[must_use]
    pub fn wants(&self, name: &HostName) -> bool {
        self.names.is_empty() || self.names.contains(name)
    }

    /// What a person asked for by name.
    #[must_use]
    pub fn wishes(&self) -> Wishes {
        let insisted = if self.trigger == Trigger::Cli { self.names.clone() } else { BTreeSet::new() };
        Wishes { named: self.names.clone(), insisted, adopted: self.adopt.clone() }
    }
}
