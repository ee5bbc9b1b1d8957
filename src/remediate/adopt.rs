//! Adopting by hand a set that already says the right thing: only our mark is put on it.

use jiff::Timestamp;

use super::claims::Claims;
use super::{Installation, Request, Trouble, audit};
use crate::azure::logs_ingest::DNS_DATA;
use crate::azure::{Azure, Condition};
use pure::domain::{HostName, Mark, RecordSet, ResourceId, ZoneId};

/// What became of the wish to adopt a set that no row speaks of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Adoption {
    /// The set is marked now, for this machine.
    Marked(ResourceId),
    /// It was marked already, for this machine.
    Ours(String),
    /// It is left as it is; one sentence says why and what to do.
    Refused(String),
}

/// Marks the record sets of a name for the one machine whose live tag names it.
///
/// # Errors
/// When Azure does not answer; nothing is known to be marked then.
pub async fn mark(
    installation: &Installation,
    request: &Request,
    azure: &Azure,
    name: &HostName,
) -> Result<Adoption, Trouble> {
    let policy = &installation.settings.policy;
    let zone = match policy.place(name.as_str()) {
        Ok((_, zone)) => zone.id.clone(),
        Err(why) => return Ok(Adoption::Refused(why.to_string())),
    };
    let collect = &installation.settings.collect;
    let claims = Claims::read(azure, collect).await?;
    let machines = claims.claimants(name);
    let machine = match machines.iter().collect::<Vec<_>>()[..] {
        [] => return Ok(Adoption::Refused(claims.unclaimed(name, policy, &collect.tag).because)),
        [machine] => machine.clone(),
        [first, second, ..] => {
            let words = format!(
                "{} machines claim {name}, among them {} and {}; take the name out of all tags but one.",
                machines.len(),
                first.name(),
                second.name()
            );
            return Ok(Adoption::Refused(words));
        }
    };
    let mut outcome = Adoption::Refused(format!(
        "There is no record set {name}; apply creates it as soon as the machine's heartbeats agree."
    ));
    for record_type in &policy.record_types {
        let Some(set) = azure.dns.get(&zone, name, *record_type).await? else { continue };
        outcome = mark_set(installation, request, azure, set, &machine, &zone).await?;
        if matches!(outcome, Adoption::Refused(_)) {
            return Ok(outcome);
        }
    }
    Ok(outcome)
}

async fn mark_set(
    installation: &Installation,
    request: &Request,
    azure: &Azure,
    mut set: RecordSet,
    machine: &ResourceId,
    zone: &ZoneId,
) -> Result<Adoption, Trouble> {
    let owner = &installation.settings.run.owner_id;
    let label = format!("{} {}", set.name, set.record_type);
    let refused = |words: String| Ok(Adoption::Refused(words));
    if set.alias.is_some() {
        return refused(format!(
            "{label} is an alias, which Azure itself keeps right; nothing is to be adopted."
        ));
    }
    if let Some(mark) = set.mark() {
        if mark.owner == *owner && mark.version <= Mark::VERSION {
            return Ok(Adoption::Ours(mark.machine));
        }
        return refused(format!(
            "{label} is marked by another installation ({:?}); take its name out of that installation first.",
            mark.owner
        ));
    }
    if set.addresses.is_empty() {
        return refused(format!("{label} exists without addresses; delete it, and apply creates it anew."));
    }
    let mark = Mark {
        version: Mark::VERSION,
        owner: owner.clone(),
        machine: machine.lower().to_owned(),
        run: request.run.clone(),
        time: Some(Timestamp::now()),
        previous: set.addresses.clone(),
    };
    mark.write_into(&mut set.metadata);
    let condition = Condition::Match(set.etag.clone());
    let written = match azure.dns.put(&set, &condition).await {
        Ok(written) => written,
        Err(error) if error.is_precondition() || error.is_pending() => {
            return refused(format!(
                "{label} was changed by somebody else at this moment; look at it and try again."
            ));
        }
        Err(error) => return Err(error.into()),
    };
    debug_assert_eq!(written.zone, *zone);
    let at = Timestamp::now();
    let rows = audit::dns_rows([(&written, at)], &[], &[], owner, &request.run);
    if let Err(error) = azure.logs_ingest.send(DNS_DATA, &rows).await {
        tracing::warn!("the log does not know of the mark yet, the next sweep tells it: {}", error.chain());
    }
    Ok(Adoption::Marked(machine.clone()))
}
