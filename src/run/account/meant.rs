//! Names that a person orders something for and that have no set of ours: a slip of the pen, where nobody claims them.

use std::collections::BTreeSet;

use crate::run::decide::READING;
use crate::run::fleet::Fleet;
use crate::run::planned::Planned;
use pure::domain::HostName;
use pure::plan::Reason;

impl Planned<'_> {
    /// Says of names for which nothing can be done whether anybody claims them, and which was probably meant. The refusals
    /// stand without it: what cannot be asked is not said.
    pub(in crate::run) async fn name_what_was_meant(&mut self) {
        let names = self.refused_names();
        if names.is_empty() {
            return;
        }
        let collect = &self.installation.settings.collect;
        let policy = self.policy();
        let asking = self.azure.for_a_part(READING);
        let Ok(mut fleet) = Fleet::read_for(&asking, collect, policy, &names).await else { return };
        // A machine that does not show its tags may be the one that claims them.
        if fleet.trouble().is_some() {
            return;
        }
        let nobodys: Vec<_> = names.into_iter().filter(|name| fleet.claimants(name).is_empty()).collect();
        if !nobodys.is_empty() && fleet.listed.is_none() {
            let logged = self.logged_claims(&asking, None).await.ok().flatten().unwrap_or_default();
            fleet.logged = logged.iter().filter_map(|claim| HostName::parse(&claim.name).ok()).collect();
        }
        self.unclaimed = fleet.unclaimed(&nobodys, policy, collect);
    }

    /// The names that were ordered, and that have no set of ours.
    fn refused_names(&self) -> BTreeSet<HostName> {
        let is_changed = |name: &HostName| self.plan.changes.iter().any(|change| change.id.name == *name);
        let is_nobodys = |reason| matches!(reason, Reason::NoRecord | Reason::NoZone | Reason::NotOwned);
        let is_refused = |name: &HostName| {
            let mut skips = self.plan.skips.iter().filter(|skip| skip.name == name.as_str());
            skips.all(|skip| is_nobodys(skip.reason))
        };
        let mut names = self.request.named().hosts();
        names.retain(|name| !is_changed(name) && is_refused(name));
        names
    }
}
