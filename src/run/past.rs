//! What the log remembers of one name, for whoever asks at a terminal.

use std::time::Duration;

use super::installation::Installation;
use super::trouble::Trouble;
use crate::azure::Azure;
use crate::queries::{self, FailedTry, Past, PastOf};
use pure::domain::{HostName, ZoneId};

/// Days that are looked back.
pub const PAST_DAYS: u32 = 90;

/// The writes to one name, the newest first.
#[derive(Debug, Clone, Default)]
pub struct Remembered {
    /// Those that landed.
    pub writes: Vec<Past>,
    /// Those that failed.
    pub failed: Vec<FailedTry>,
    /// Why some may be missing, if so.
    pub partial: Option<String>,
}

/// Names that one question may hold.
const NAMES: usize = 500;

/// Asks the log for writes: one call, and one more for each further 500 names.
///
/// # Errors
/// When it is not answered.
pub async fn remembered_of(
    installation: &Installation,
    azure: &Azure,
    of: &PastOf,
) -> Result<Remembered, Trouble> {
    let owner = queries::OwnerId::new(&installation.settings.run.owner_id);
    let mut found = Remembered::default();
    let portions: Vec<Vec<HostName>> = match of.names.as_slice() {
        [] => vec![Vec::new()],
        names => names.chunks(NAMES).map(<[HostName]>::to_vec).collect(),
    };
    for names in portions {
        let query = queries::past_query_of(&owner, &PastOf { names, ..of.clone() });
        let timespan = Duration::from_secs(u64::from(PAST_DAYS) * 24 * 3600);
        let table = azure.logs_query.ask(&query, Some(timespan), &queries::PAST_COLUMNS).await?;
        let columns = table.column_names();
        found.writes.extend(queries::past(&columns, &table.rows));
        found.failed.extend(queries::attempts(&columns, &table.rows));
        found.partial = found.partial.or(table.partial);
    }
    Ok(found)
}

/// Asks the log for the writes to a name, or to that side of it: one call.
///
/// # Errors
/// When it is not answered.
pub async fn remembered(
    installation: &Installation,
    azure: &Azure,
    name: &HostName,
    side: Option<&ZoneId>,
) -> Result<Remembered, Trouble> {
    let of = PastOf { names: vec![name.clone()], ..PastOf::default() };
    let mut found = remembered_of(installation, azure, &of).await?;
    if let Some(side) = side {
        found.writes.retain(|write| write.zone == *side);
        found.failed.retain(|failed| failed.id.zone == *side);
    }
    Ok(found)
}
