//! What private zones hide, where a person asks for a plan: no run that writes looks.

use pure::domain::{Zone, ZoneKind};
use pure::plan::report::Warning;

use super::planned::Planned;
use crate::views::look;

impl Planned<'_> {
    /// Looks at the private zones of the names that the plan is about, of all of them where it is about all. What could not be
    /// seen is a warning of its own, and stops nothing.
    pub async fn look_at_private_zones(&mut self) {
        let policy = &self.installation.settings.policy;
        let zones = &policy.zones;
        let only = self.request.only();
        let holds = |zone: &&Zone| {
            only.as_ref().is_none_or(|names| {
                let mut meant = names.iter().filter(|name| names.has(&zone.id, name));
                meant.any(|name| zones.of_name(name).any(|other| other.id == zone.id))
            })
        };
        let private = zones.iter().filter(|zone| zone.id.kind() == ZoneKind::Private).filter(holds);
        let mut found: Vec<Warning> = Vec::new();
        for zone in private {
            match look(&self.azure, zone, policy).await {
                Ok(outlook) => found.extend(outlook.warnings),
                Err(error) => {
                    let words = format!(
                        "what the private zone {} hides was not seen: {}; the line `view` of doctor says what it takes",
                        zone.name(),
                        error.for_people()
                    );
                    self.found.warnings.push(words);
                }
            }
        }
        self.hidden = found;
    }
}
