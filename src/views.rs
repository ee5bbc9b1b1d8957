//! What private zones hide from the networks that see them: both zones of a name listed whole, and the links read.

mod daily;

use std::collections::BTreeSet;

use futures::future::{OptionFuture, try_join3};

use crate::azure::{Azure, Error};
pub(crate) use daily::DailyLook;
use pure::domain::{Zone, ZoneKind, Zones};
use pure::hidden::warnings;
use pure::plan::report::Warning;

/// How one private zone is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The ids of the networks that it is linked to.
    pub networks: BTreeSet<String>,
    /// What somebody should look at.
    pub warnings: Vec<Warning>,
}

/// Looks at one private zone, and at the public one of its name where that is managed too.
///
/// # Errors
/// [`Error`] of the first list that cannot be read whole: a part would hide what it lacks.
pub async fn look(azure: &Azure, zone: &Zone, zones: &Zones) -> Result<Outlook, Error> {
    let twin = zones.iter().find(|other| other.id.kind() == ZoneKind::Public && other.name() == zone.name());
    let public: OptionFuture<_> = twin.map(|twin| azure.dns.every_name(&twin.id)).into();
    let public = async { public.await.transpose() };
    let (private, public, networks) =
        try_join3(azure.dns.every_name(&zone.id), public, azure.dns.linked_networks(&zone.id)).await?;
    let networks = networks.iter().map(|network| network.lower().to_owned()).collect();
    let warnings = warnings(&zone.id, &private, public.as_ref(), &networks);
    Ok(Outlook { networks, warnings })
}
