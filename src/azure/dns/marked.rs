//! All record sets of a zone that carry a mark, for what a person does with every one of them.

use futures::StreamExt;

use super::super::error::Error;
use super::{Dns, no_list, wire};
use pure::domain::{RecordSet, RecordType, Zone, ZoneId};

impl Dns {
    /// The record sets of a type that carry the mark of an installation, with their entity tags.
    ///
    /// # Errors
    /// [`Error`], also for a single page that cannot be read: what is missing would be left without a word.
    pub async fn marked(
        &self,
        zone: &ZoneId,
        record_type: RecordType,
        owner: &str,
    ) -> Result<Vec<RecordSet>, Error> {
        let of = Zone { id: zone.clone() };
        let mut all = Vec::new();
        let mut pages = std::pin::pin!(self.pages(zone, record_type.as_str()));
        while let Some(page) = pages.next().await {
            let (_, entries) = page?;
            for entry in &entries {
                let words = |words: &str| no_list(zone, record_type.as_str(), words);
                let name = wire::entry_name(entry).map_err(words)?;
                let Some(name) = of.absolute(&name) else { continue };
                // One that cannot be read is nobody's that we could know of.
                let Ok(set) = wire::listed(entry, zone, record_type, &name) else { continue };
                all.extend(Some(set).filter(|set| set.mark_of(owner).is_some()));
            }
        }
        Ok(all)
    }
}
