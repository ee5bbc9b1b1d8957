//! The sweep of one zone: one row for each address of its A and AAAA sets.

use std::sync::atomic::Ordering::Relaxed;

use jiff::Timestamp;

use super::outbox::Outbox;
use super::progress::Progress;
use crate::azure::dns::RowsOf;
use crate::azure::logs_ingest::DNS_DATA;
use crate::azure::{Azure, Error, moment};
use crate::config::Settings;
use pure::domain::{DnsRow, RecordType, Zone};

/// Reads and sends the record sets of a zone. Sets that a managed child zone hides are left out: no resolver sees
/// them.
pub(super) async fn sweep(
    azure: &Azure,
    settings: &Settings,
    zone: &Zone,
    run: &str,
    progress: &Progress,
) -> Result<(Timestamp, u64), Error> {
    let start = moment();
    let policy = &settings.policy;
    let mut outbox = Outbox::new(&azure.logs_ingest, DNS_DATA);
    let of = RowsOf { zones: &policy.zones, owner: &policy.owner, run };
    for record_type in [RecordType::A, RecordType::Aaaa] {
        let mut pages = azure.dns.rows(zone, record_type, of);
        while let Some(page) = pages.next().await? {
            outbox.append(&page.rows).await?;
            progress.record_sets.fetch_add(page.sets as u64, Relaxed);
        }
    }
    Ok((start, outbox.finish(&DnsRow::marker(&zone.id, start, &policy.owner, run)).await?))
}
