//! Who claims names: at this moment, by the live tags, and as the newest sweep of them has it.

use std::collections::{BTreeMap, BTreeSet};

use super::fleet::Fleet;
use super::installation::Installation;
use super::trouble::Trouble;
use crate::azure::Azure;
use crate::queries;
use pure::domain::{HostName, ResourceId};

/// The machines whose live tags claim each of these names; a name that nobody claims is not there.
///
/// # Errors
/// When the tags cannot be read.
pub async fn claims(
    installation: &Installation,
    azure: &Azure,
    names: &BTreeSet<HostName>,
) -> Result<BTreeMap<HostName, BTreeSet<ResourceId>>, Trouble> {
    let fleet =
        Fleet::read_for(azure, &installation.settings.collect, &installation.settings.policy, names).await?;
    let claims = names.iter().map(|name| (name.clone(), fleet.claimants(name).clone()));
    Ok(claims.filter(|(_, machines)| !machines.is_empty()).collect())
}

/// The machines that claim each of these names as the newest complete sweep has it, which may see more than whoever asks.
///
/// # Errors
/// When the log cannot be read, or only a part of it.
pub async fn swept_claims(
    installation: &Installation,
    azure: &Azure,
    names: &BTreeSet<HostName>,
) -> Result<BTreeMap<HostName, BTreeSet<ResourceId>>, Trouble> {
    let mut claims: BTreeMap<HostName, BTreeSet<ResourceId>> = BTreeMap::new();
    for (machine, name) in logged(installation, azure).await? {
        if let (Ok(machine), Ok(name)) = (ResourceId::parse(&machine), HostName::parse(&name))
            && names.contains(&name)
        {
            claims.entry(name).or_default().insert(machine);
        }
    }
    Ok(claims)
}

/// What the newest complete sweep of the tags says: machine (lower case) and name.
pub(super) async fn logged(
    installation: &Installation,
    azure: &Azure,
) -> Result<BTreeSet<(String, String)>, Trouble> {
    let run = &installation.settings.run;
    let query = queries::claims_query(&queries::OwnerId::new(&run.owner_id));
    let table = azure.logs_query.ask(&query, Some(run.query_timespan), &queries::CLAIMS_COLUMNS).await?;
    if let Some(why) = &table.partial {
        return Err(Trouble::of_a_part(why));
    }
    Ok(queries::claims(&table.column_names(), &table.rows))
}
