//! By what digest a brake that holds a name is approved: it is of all that the brake holds, so all names are asked about.

use tokio::time::Instant;

use crate::run::decide::plan;
use crate::run::installation::Installation;
use crate::run::observe::observe;
use crate::run::request::Request;
use pure::domain::NameSet;
use pure::plan::report::Trigger;
use pure::plan::{Brake, Explanation};

/// Gives the brakes the digests of a plan for all names; where none can be made, or where that plan knows no such brake, they
/// have none. Nothing is asked where nobody could approve anything.
pub(super) async fn know_whole(
    installation: &Installation,
    record_sets: &mut [Explanation],
    deadline: Instant,
) {
    let brakes = || record_sets.iter().flat_map(|set| &set.brakes);
    if brakes().all(|brake| brake.digest.is_none()) {
        return;
    }
    // What else is told of the name has the rest of the time.
    let now = Instant::now();
    let deadline = now + deadline.saturating_duration_since(now) / 2;
    let request = Request::of_names(Trigger::Cli, NameSet::default(), false);
    let whole = match observe(installation, &request, deadline).await {
        Ok(observed) => Box::pin(plan(installation, request, observed)).await.plan.brakes,
        Err(_) => Vec::new(),
    };
    for brake in record_sets.iter_mut().flat_map(|set| &mut set.brakes) {
        let is_same = |other: &&Brake| {
            let key = |brake: &Brake| (brake.brake, brake.zone.clone(), brake.about);
            key(brake) == key(other) && brake.names.is_subset(&other.names)
        };
        let known = whole.iter().find(is_same);
        let (digest, besides) =
            known.map(|known| (known.digest.clone(), known.besides.clone())).unwrap_or_default();
        (brake.digest, brake.besides) = (digest, besides);
    }
}
