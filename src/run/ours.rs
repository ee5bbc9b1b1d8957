//! Every record set that carries our mark, read live, for what a person does with all of them.

use super::installation::Installation;
use super::trouble::Trouble;
use crate::azure::Azure;
use pure::domain::{RecordSet, RecordType};

/// Every record set of the managed zones that carries our mark.
///
/// # Errors
/// When one of the zones cannot be read: what is missing would be left without a word.
pub async fn ours(installation: &Installation, azure: &Azure) -> Result<Vec<RecordSet>, Trouble> {
    let policy = &installation.settings.policy;
    let mut all = Vec::new();
    for zone in policy.zones.iter() {
        for record_type in [RecordType::A, RecordType::Aaaa] {
            all.extend(azure.dns.marked(&zone.id, record_type, &policy.owner).await?);
        }
    }
    Ok(all)
}
