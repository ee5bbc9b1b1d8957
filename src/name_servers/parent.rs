//! Whom the parent of a zone names: asked of the parent's own name servers, for a resolver tells what the zone says of itself.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use futures::future::join_all;
use futures::stream::{self, StreamExt};
use hickory_resolver::proto::rr::{Name, RData, RecordType as WireType};
use tokio::time::timeout;

use super::{SEARCH, ask, first_address, hosts, system, wire_name};
use pure::domain::HostName;

/// Name servers of a parent that are asked.
const MOST: usize = 4;

/// The hosts to which the parent of a zone refers, in lower case and without the dot at their ends; none where it denies that
/// there is such a zone. Asked are these name servers of the parent, or those that the system's resolver finds.
///
/// # Errors
/// Why it is not known, in words for people.
pub(crate) async fn by_parent(zone: &HostName, servers: &[SocketAddr]) -> Result<BTreeSet<String>, String> {
    let name = wire_name(zone).ok_or("the zone has no form on the wire")?;
    let servers = if servers.is_empty() { above(&name).await? } else { servers.to_vec() };
    let answers = servers.into_iter().take(MOST).map(async |server| {
        let told = referral(server, &name).await;
        told.map_err(|words| format!("its parent does not say whom it names: {server}: {words}"))
    });
    // The first that knows it is believed; for none is waited longer than for one that is silent.
    let mut answers = std::pin::pin!(stream::iter(answers).buffered(MOST));
    let mut told = Err("the name servers of its parent are not found".to_owned());
    while told.is_err()
        && let Some(next) = answers.next().await
    {
        told = next;
    }
    told
}

/// The name servers of the nearest zone above.
async fn above(zone: &Name) -> Result<Vec<SocketAddr>, String> {
    let system = system()?;
    let search = async {
        let mut parent = zone.base_name();
        while !parent.is_root() {
            let found = hosts(&system, parent.clone()).await;
            if !found.is_empty() {
                return found;
            }
            parent = parent.base_name();
        }
        Vec::new()
    };
    let found = timeout(SEARCH, search).await.unwrap_or_default();
    let found = found.into_iter().take(MOST).map(|host| first_address(&system, host));
    Ok(join_all(found).await.into_iter().flatten().collect())
}

/// What a name server says of a zone that it does not hold itself.
async fn referral(server: SocketAddr, zone: &Name) -> Result<BTreeSet<String>, String> {
    let answer = ask(server, zone, WireType::NS).await?;
    let records = answer.answers.iter().chain(&answer.authorities).filter(|record| record.name == *zone);
    let hosts = records.filter_map(|record| match &record.data {
        RData::NS(host) => Some(host.0.to_ascii().trim_end_matches('.').to_lowercase()),
        _ => None,
    });
    let hosts: BTreeSet<String> = hosts.collect();
    // Who denies it says of which zone; a server that does not know the zone above says nothing of the kind.
    let denies = |data: &RData, owner: &Name| matches!(data, RData::SOA(_)) && owner.zone_of(zone);
    if hosts.is_empty() && !answer.authorities.iter().any(|record| denies(&record.data, &record.name)) {
        return Err("it knows nothing of the zone above".to_owned());
    }
    Ok(hosts)
}
