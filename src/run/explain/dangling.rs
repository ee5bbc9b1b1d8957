//! Sets of ours whose machine is gone or quiet, and whose address another machine of the fleet reports by now.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde::Serialize;

use crate::azure::Azure;
use crate::queries;
use crate::run::heard::{HOUR, heard};
use crate::run::installation::Installation;
use crate::run::trouble::Trouble;
use pure::domain::{RecordType, ResourceId, ZoneKind};
use pure::plan::Explanation;
use pure::plan::explanation::{State, Verdict};

/// A set that leads people to another machine than the one that it was written for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Dangling {
    /// The record set's type.
    pub record_type: RecordType,
    /// The machine that reports its address.
    pub machine: ResourceId,
}

/// Those of these sets that dangle. Nothing is asked where each is written anew or in sync.
pub(super) async fn dangling(
    installation: &Installation,
    azure: &Azure,
    record_sets: &[Explanation],
) -> Result<Vec<Dangling>, Trouble> {
    let left: Vec<Left<'_>> = record_sets.iter().filter_map(left).collect();
    if left.is_empty() {
        return Ok(Vec::new());
    }
    let run = &installation.settings.run;
    let query = queries::claims_query(&queries::OwnerId::new(&run.owner_id));
    let table = azure.logs_query.ask(&query, Some(run.query_timespan), &queries::CLAIMS_COLUMNS).await?;
    if let Some(why) = &table.partial {
        return Err(Trouble::of_a_part(why));
    }
    let claims = queries::claims(&table.column_names(), &table.rows);
    let mut machines: BTreeSet<ResourceId> =
        claims.iter().filter_map(|claim| ResourceId::parse(&claim.machine).ok()).collect();
    machines.extend(left.iter().filter_map(|left| ResourceId::parse(left.owner).ok()));
    let addresses = left.iter().flat_map(|left| left.addresses).copied().collect();
    let heard = heard(azure, &machines, &addresses, HOUR).await?;
    let found = left.iter().filter_map(|left| {
        let is_quiet = !heard.last.contains_key(&left.owner.to_lowercase());
        let is_there = |machine: &&ResourceId| {
            let reported = heard.reported.get(machine.lower());
            reported
                .is_some_and(|reported| left.addresses.iter().any(|address| reported.contains_key(address)))
        };
        let machine = machines.iter().find(is_there).filter(|_| is_quiet)?.clone();
        Some(Dangling { record_type: left.record_type, machine })
    });
    Ok(found.collect())
}

/// A set of ours that no run moves now.
struct Left<'a> {
    record_type: RecordType,
    owner: &'a str,
    addresses: &'a BTreeSet<IpAddr>,
}

fn left(set: &Explanation) -> Option<Left<'_>> {
    let stands = &set.record_set;
    let mark = stands.mark.as_ref().filter(|mark| mark.is_ours)?;
    let is_left = matches!(set.verdict, Verdict::Left | Verdict::Unclaimed);
    let is_there = stands.state == State::There && !stands.addresses.is_empty();
    let (owner, addresses) = (mark.machine.as_str(), &stands.addresses);
    // A private address is not unique in the world: that another machine has it too leads nobody anywhere.
    let is_public = set.zone.as_ref().is_none_or(|zone| zone.kind() == ZoneKind::Public);
    (is_left && is_there && is_public).then_some(Left { record_type: set.record_type, owner, addresses })
}
