//! Every name of a zone, of whatever type.

use std::collections::BTreeSet;

use futures::StreamExt;

use super::super::error::Error;
use super::{Dns, no_list, wire};
use pure::domain::ZoneId;

/// Every record set, of every type (contract private-zones, section 1).
const ALL: &str = "all";

impl Dns {
    /// The names of all record sets of every type, relative to the zone and in lower case; `@` is the zone's own.
    ///
    /// # Errors
    /// [`Error`]; [`Error::is_forbidden`] when this identity may not list what is of no type that we write.
    pub async fn every_name(&self, zone: &ZoneId) -> Result<BTreeSet<String>, Error> {
        let mut all = BTreeSet::new();
        let mut pages = std::pin::pin!(self.pages(zone, ALL));
        while let Some(page) = pages.next().await {
            let (_, entries) = page?;
            for entry in &entries {
                let name = wire::entry_name(entry).map_err(|words| no_list(zone, ALL, words))?;
                all.insert(name.to_lowercase());
            }
        }
        Ok(all)
    }
}
