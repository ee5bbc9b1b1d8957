//! Who claims names: at this moment, by the live tags, and as the newest sweep of them has it.

use std::collections::{BTreeMap, BTreeSet};

use super::fleet::Fleet;
use super::installation::Installation;
use super::trouble::Trouble;
use crate::azure::Azure;
use crate::queries::{self, SweptClaim};
use crate::vanished;
use pure::domain::{HostName, ResourceId};
use pure::plan::blindness::Blindness;

/// Names with the machines that claim them.
pub(super) type Claims = BTreeMap<HostName, BTreeSet<ResourceId>>;

/// The machines whose live tags claim each of these names; a name that nobody claims is not there.
///
/// # Errors
/// When the tags cannot be read.
pub async fn claims(
    installation: &Installation,
    azure: &Azure,
    names: &BTreeSet<HostName>,
) -> Result<Claims, Trouble> {
    let fleet =
        Fleet::read_for(azure, &installation.settings.collect, &installation.settings.policy, names).await?;
    Ok(of(&fleet, names))
}

/// The same, where nobody may be overlooked: out of the whole fleet, with why it is not known of every machine what it claims, be
/// it that a tag cannot be read, or that this login does not see machines that the newest sweep has seen.
///
/// # Errors
/// When the tags cannot be read, or not be compared with the newest sweep.
pub async fn claims_of_the_whole(
    installation: &Installation,
    azure: &Azure,
    names: &BTreeSet<HostName>,
) -> Result<(Claims, Vec<Blindness>), Trouble> {
    let settings = &installation.settings;
    let fleet = Fleet::read(azure, &settings.collect, &settings.policy).await?;
    let mut unseen = fleet.unseen();
    if let Some(listed) = &fleet.listed
        && let Err(doubt) = vanished::check(azure, settings, None, listed).await
    {
        let lost = doubt.blindness(settings.policy.max_silent_percent);
        if lost.is_empty() {
            return Err(Trouble::told(doubt.to_string(), doubt.logged()));
        }
        unseen.extend(lost);
    }
    Ok((of(&fleet, names), unseen))
}

fn of(fleet: &Fleet, names: &BTreeSet<HostName>) -> Claims {
    let claims = names.iter().map(|name| (name.clone(), fleet.claimants(name).clone()));
    claims.filter(|(_, machines)| !machines.is_empty()).collect()
}

/// The machines that claim each of these names as the newest complete sweep has it, which may see more than whoever asks.
///
/// # Errors
/// When the log cannot be read, or only a part of it.
pub async fn swept_claims(
    installation: &Installation,
    azure: &Azure,
    names: &BTreeSet<HostName>,
) -> Result<Claims, Trouble> {
    let mut claims = Claims::new();
    for claim in logged(installation, azure).await? {
        if let (Ok(machine), Ok(name)) = (ResourceId::parse(&claim.machine), HostName::parse(&claim.name))
            && names.contains(&name)
        {
            claims.entry(name).or_default().insert(machine);
        }
    }
    Ok(claims)
}

/// What the newest complete sweep of the tags says.
pub(super) async fn logged(
    installation: &Installation,
    azure: &Azure,
) -> Result<BTreeSet<SweptClaim>, Trouble> {
    let run = &installation.settings.run;
    let query = queries::claims_query(&queries::OwnerId::new(&run.owner_id));
    let table = azure.logs_query.ask(&query, Some(run.query_timespan), &queries::CLAIMS_COLUMNS).await?;
    if let Some(why) = &table.partial {
        return Err(Trouble::of_a_part(why));
    }
    Ok(queries::claims(&table.column_names(), &table.rows))
}
