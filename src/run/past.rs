//! What the log remembers of one name, for whoever asks at a terminal.

use std::time::Duration;

use super::installation::Installation;
use super::trouble::Trouble;
use crate::azure::Azure;
use crate::queries::{self, Past};
use pure::domain::HostName;

/// Days that are looked back.
pub const PAST_DAYS: u32 = 90;

/// The writes to one name, the newest first.
#[derive(Debug, Clone, Default)]
pub struct Remembered {
    /// Those that landed.
    pub writes: Vec<Past>,
    /// Why some may be missing, if so.
    pub partial: Option<String>,
}

/// Asks the log for the writes to a name: one call.
///
/// # Errors
/// When it is not answered.
pub async fn remembered(
    installation: &Installation,
    azure: &Azure,
    name: &HostName,
) -> Result<Remembered, Trouble> {
    let owner = queries::OwnerId::new(&installation.settings.run.owner_id);
    let query = queries::past_query(&owner, name);
    let timespan = Duration::from_secs(u64::from(PAST_DAYS) * 24 * 3600);
    let table = azure.logs_query.ask(&query, Some(timespan), &queries::PAST_COLUMNS).await?;
    let writes = queries::past(&table.column_names(), &table.rows);
    Ok(Remembered { writes, partial: table.partial })
}
