//! Who is heard in the workspace, and with that whether it may be asked at all.

use std::time::Duration;

use crate::azure::{Azure, Error, Table};

/// So far back machines count as heard.
const HOUR: Duration = Duration::from_secs(3600);
const QUERY: &str = "Heartbeat | summarize Machines = dcount(_ResourceId), Newest = max(TimeGenerated)";

pub(super) async fn ask(azure: &Azure) -> Result<Table, Error> {
    azure.logs_query.ask(QUERY, Some(HOUR), &["Machines", "Newest"]).await
}
