//! Every record set that carries our mark, read live, for what a person does with all of them.

use super::installation::Installation;
use super::trouble::Trouble;
use crate::azure::Azure;
use pure::domain::{RecordSet, RecordType, Zone, ZoneId};

/// Every record set of the managed zones that carries our mark.
///
/// # Errors
/// When one of the zones cannot be read: what is missing would be left without a word.
pub async fn ours(installation: &Installation, azure: &Azure) -> Result<Vec<RecordSet>, Trouble> {
    let policy = &installation.settings.policy;
    let mut all = Vec::new();
    for zone in policy.zones.iter() {
        all.extend(ours_in(azure, &zone.id, &policy.owner).await?);
    }
    Ok(all)
}

/// The same, zone by zone: one that cannot be read leaves the others as they are.
pub async fn ours_by_zone(
    installation: &Installation,
    azure: &Azure,
) -> Vec<(Zone, Result<Vec<RecordSet>, Trouble>)> {
    let policy = &installation.settings.policy;
    let mut all = Vec::new();
    for zone in policy.zones.iter() {
        all.push((zone.clone(), ours_in(azure, &zone.id, &policy.owner).await));
    }
    all
}

/// Every record set of a zone that carries the mark of an installation.
pub(super) async fn ours_in(azure: &Azure, zone: &ZoneId, owner: &str) -> Result<Vec<RecordSet>, Trouble> {
    let mut all = Vec::new();
    for record_type in [RecordType::A, RecordType::Aaaa] {
        all.extend(azure.dns.marked(zone, record_type, owner).await?);
    }
    Ok(all)
}
