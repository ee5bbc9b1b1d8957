//! What private zones hide from the networks that see them: both zones of a name listed whole, and the links read.

mod daily;

use std::collections::BTreeSet;

use futures::StreamExt;
use futures::future::{try_join_all, try_join3};

use crate::azure::{Azure, Error};
pub(crate) use daily::DailyLook;
use pure::domain::{HostName, RecordType, ResourceId, Zone, ZoneKind};
use pure::hidden::{machines_hidden, warnings};
use pure::plan::Policy;
use pure::plan::report::Warning;

/// A zone's own name, as the zone has it.
const APEX: &str = "@";

/// How one private zone is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    /// The ids of the networks that it is linked to.
    pub networks: BTreeSet<String>,
    /// What somebody should look at.
    pub warnings: Vec<Warning>,
}

/// Looks at one private zone, and at the managed public zones that have names below it: that of its name, those below, and those
/// above.
///
/// # Errors
/// [`Error`] of the first list that cannot be read whole: a part would hide what it lacks.
pub async fn look(azure: &Azure, zone: &Zone, policy: &Policy) -> Result<Outlook, Error> {
    let zones = &policy.zones;
    let of_kind = |kind| zones.iter().filter(move |other| other.id.kind() == kind);
    let meets = |other: &&Zone| is_below(other, zone) || is_below(zone, other);
    let public = of_kind(ZoneKind::Public).filter(meets).map(|other| async move {
        let names = azure.dns.every_name(&other.id).await?;
        Ok::<_, Error>(names.into_iter().map(|own| absolute(&own, other.name())).collect::<Vec<_>>())
    });
    let (private, public, links) =
        try_join3(azure.dns.every_name(&zone.id), try_join_all(public), azure.dns.links(&zone.id)).await?;
    // What lies in a private zone below this one is that one's.
    let inner = of_kind(ZoneKind::Private).filter(|other| other.id != zone.id && is_below(other, zone));
    let inner: Vec<&HostName> = inner.map(Zone::name).collect();
    let is_of_an_inner = |name: &str| inner.iter().any(|inner| relative(name, inner).is_some());
    let public = public.iter().flatten().filter(|name| !is_of_an_inner(name));
    let public = public.filter_map(|name| relative(name, zone.name())).collect();
    let networks = links.iter().map(|link| link.network.lower().to_owned()).collect();
    let mut warnings = warnings(&zone.id, &private, &public, &networks);
    let registering: BTreeSet<ResourceId> =
        links.into_iter().filter(|link| link.registers).map(|link| link.network).collect();
    let machines = hidden_machines(azure, zone, &policy.owner, &private, &registering).await?;
    warnings.extend(machines_hidden(&zone.id, &machines, &registering));
    Ok(Outlook { networks, warnings })
}

/// The names of virtual machines of these networks at which a set of ours stands: Azure would register them there, and does not.
async fn hidden_machines(
    azure: &Azure,
    zone: &Zone,
    owner: &str,
    names: &BTreeSet<String>,
    registering: &BTreeSet<ResourceId>,
) -> Result<BTreeSet<String>, Error> {
    let mut ours: BTreeSet<HostName> = BTreeSet::new();
    if registering.is_empty() {
        return Ok(BTreeSet::new());
    }
    let names = names.iter().filter_map(|own| zone.absolute(own)).collect();
    let mut pages = std::pin::pin!(azure.dns.list(&zone.id, RecordType::A, names));
    while let Some(page) = pages.next().await {
        for set in page?.sets.into_iter().filter_map(|(_, set)| set.ok()) {
            if !set.auto_registered && set.mark_of(owner).is_some() {
                let own = relative(set.name.as_str(), zone.name());
                ours.extend(own.and_then(|own| HostName::parse(&own).ok()));
            }
        }
    }
    if ours.is_empty() {
        return Ok(BTreeSet::new());
    }
    azure.resource_graph.machines_named(&ours, registering).await
}

/// Whether a zone has the name of the other one, or one below it.
fn is_below(zone: &Zone, other: &Zone) -> bool {
    other.relative(zone.name()).is_some()
}

/// A name of a zone as a whole, a host name or none: a private zone hides `_dmarc` as well.
fn absolute(own: &str, zone: &HostName) -> String {
    if own == APEX { zone.to_string() } else { format!("{own}.{zone}") }
}

/// A whole name as a zone has it; none where it does not lie there.
fn relative(name: &str, zone: &HostName) -> Option<String> {
    let own = name.strip_suffix(zone.as_str())?;
    if own.is_empty() { Some(APEX.to_owned()) } else { own.strip_suffix('.').map(str::to_owned) }
}
