//! Who claims names at this moment, by the live tags.

use std::collections::{BTreeMap, BTreeSet};

use super::fleet::Fleet;
use super::installation::Installation;
use super::trouble::Trouble;
use crate::azure::Azure;
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
