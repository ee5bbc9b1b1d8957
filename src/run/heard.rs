//! When machines were last heard, and what they reported, as the heartbeats tell it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::time::Duration;

use futures::{StreamExt, stream};
use jiff::Timestamp;

use super::trouble::Trouble;
use crate::azure::Azure;
use crate::queries;
use pure::domain::ResourceId;
use pure::plan::EvidenceRequest;

/// Machines that one question about heartbeats names.
const MACHINES: usize = 500;
/// Questions on their way at the same time.
const AT_ONCE: usize = 4;
/// A machine that was not heard for so long is silent.
pub(super) const HOUR: Duration = Duration::from_secs(3600);

/// When machines (lower case) were last heard, and from which of the wanted addresses when.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) last: BTreeMap<String, Timestamp>,
    pub(super) reported: BTreeMap<String, BTreeMap<IpAddr, Timestamp>>,
}

/// When each of the machines was last heard and reported one of the addresses, as far as that is within the span.
pub(super) async fn heard(
    azure: &Azure,
    machines: &BTreeSet<ResourceId>,
    addresses: &BTreeSet<IpAddr>,
    span: Duration,
) -> Result<Heard, Trouble> {
    let ids: Vec<_> = machines.iter().cloned().collect();
    let portions: Vec<BTreeSet<ResourceId>> =
        ids.chunks(MACHINES).map(|ids| ids.iter().cloned().collect()).collect();
    let questions: Vec<_> = portions
        .into_iter()
        .map(|machines| async move {
            let request = EvidenceRequest { machines, addresses: addresses.clone() };
            let (query, columns) = (queries::evidence_query(&request), &queries::EVIDENCE_COLUMNS);
            let table = azure.logs_query.ask(&query, Some(span), columns).await?;
            if let Some(why) = &table.partial {
                return Err(Trouble::new(format!("a query gave only part of its rows: {why}")));
            }
            let recalled = queries::EvidenceAnswer::read(&table.column_names(), &table.rows);
            Ok(recalled.about(request))
        })
        .collect();
    let mut answers = stream::iter(questions).buffer_unordered(AT_ONCE);
    let mut all = Heard::default();
    while let Some(answer) = answers.next().await {
        let evidence = answer?;
        all.last.extend(evidence.last_heard);
        all.reported.extend(evidence.reported);
    }
    Ok(all)
}

/// When each of the machines (lower case) was last heard, as far as that is within the hour.
pub(super) async fn heard_lately(
    azure: &Azure,
    machines: &BTreeSet<ResourceId>,
) -> Result<BTreeMap<String, Timestamp>, Trouble> {
    Ok(heard(azure, machines, &BTreeSet::new(), HOUR).await?.last)
}
