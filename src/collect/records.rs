//! The sweep of one zone: one row for each address of its A and AAAA sets.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering::Relaxed;

use jiff::Timestamp;

use super::outbox::Outbox;
use super::progress::SweepProgress;
use crate::azure::dns::{Dns, RowsOf};
use crate::azure::logs_ingest::DNS_DATA;
use crate::azure::{Azure, Error, moment};
use crate::config::Settings;
use pure::domain::{DnsRow, HostName, RecordType, Zone};

/// Reads and sends the record sets of a zone. Sets that a managed child zone hides are left out: no resolver sees
/// them.
pub(super) async fn sweep(
    azure: &Azure,
    settings: &Settings,
    zone: &Zone,
    run: &str,
    progress: &SweepProgress,
) -> Result<(Timestamp, u64), Error> {
    let start = moment();
    let policy = &settings.policy;
    let mut outbox = Outbox::new(&azure.logs_ingest, DNS_DATA);
    let cuts = cuts(azure, zone).await?;
    let of = RowsOf { zones: &policy.zones, cuts: &cuts, owner: &policy.owner, run };
    for record_type in [RecordType::A, RecordType::Aaaa] {
        let mut pages = azure.dns.rows(zone, record_type, of);
        while let Some(page) = pages.next().await? {
            outbox.append(&page.rows).await?;
            progress.record_sets.fetch_add(page.sets as u64, Relaxed);
        }
    }
    Ok((start, outbox.finish(&DnsRow::marker(&zone.id, start, &policy.owner, run)).await?))
}

/// The names at which the zone hands its answers over to other name servers; none where this identity may not read them.
async fn cuts(azure: &Azure, zone: &Zone) -> Result<BTreeSet<HostName>, Error> {
    match azure.dns.ns_sets(&zone.id).await {
        Err(error) if error.is_forbidden() => {
            tracing::warn!("{}", Dns::without_ns(&zone.id, &error));
            Ok(BTreeSet::new())
        }
        answer => answer,
    }
}
