//! The sweep of one zone: one row for each address of its A and AAAA sets.

use std::sync::atomic::Ordering::Relaxed;

use futures::StreamExt;
use jiff::Timestamp;

use super::outbox::Outbox;
use super::progress::Progress;
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
    for record_type in [RecordType::A, RecordType::Aaaa] {
        let mut pages = std::pin::pin!(azure.dns.list(&zone.id, record_type));
        while let Some(page) = pages.next().await {
            let page = page?;
            for set in page.sets.iter().filter(|set| !policy.zones.hides(zone, &set.name)) {
                for row in DnsRow::rows(set, &policy.owner, page.sent_at, run) {
                    outbox.push(&row).await?;
                }
            }
            progress.record_sets.fetch_add(page.sets.len() as u64, Relaxed);
        }
    }
    Ok((start, outbox.finish(&DnsRow::marker(&zone.id, start, &policy.owner, run)).await?))
}
