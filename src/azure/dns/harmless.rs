//! A write that is made to be refused: what it tells is whether this identity may write.
//!
//! The condition can hold for nobody, because the entity tag was made up a moment ago. Should somebody on the way drop it all the
//! same, the body is what the set holds already, so that nothing but its entity tag would change.

use azure_core::http::Method;
use azure_core::http::headers::{CONTENT_TYPE, IF_MATCH};
use azure_core::{Bytes, Uuid};

use super::{Call, Dns, Error, LARGEST_ANSWER, WRITE, wire};
use crate::azure::quota::Write;
use pure::domain::{RecordSet, RecordType, Service, Zone, ZoneId};

/// What became of the write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteTried {
    /// The condition did not hold: whoever may not write is not told so.
    RefusedByCondition,
    /// It was taken, though the condition cannot have held: somebody on the way drops conditions.
    Taken,
}

impl Dns {
    /// A set of a type to try a write with: one of this installation, else any. Only the first page is looked at.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn any_set(
        &self,
        zone: &ZoneId,
        record_type: RecordType,
        owner: &str,
    ) -> Result<Option<RecordSet>, Error> {
        let of = Zone { id: zone.clone() };
        let url = self.first_page(zone, record_type.as_str());
        let call = self.read(zone, url, format!("list {record_type} of {}", zone.zone_name()));
        let page: wire::ListPage = self.channel.call(&self.run, &call, &[], |reply| reply.json()).await?;
        let sets = page.value.iter().filter_map(|entry| {
            let name = of.absolute(&wire::entry_name(entry).ok()?)?;
            let set = wire::listed(entry, zone, record_type, &name).ok()?;
            // Of Azure's own sets nothing is tried: a write that is taken would win over the registration.
            let is_ours_to_try = set.alias.is_none() && !set.auto_registered;
            (is_ours_to_try && !set.addresses.is_empty() && set.ttl > 0).then_some(set)
        });
        let mut any = None;
        for set in sets {
            if set.mark_of(owner).is_some() {
                return Ok(Some(set));
            }
            any.get_or_insert(set);
        }
        Ok(any)
    }

    /// Writes a set as it was read, under a condition that cannot hold.
    ///
    /// # Errors
    /// [`Error`]; [`Error::is_forbidden`] when this identity may not write.
    pub async fn try_to_write(&self, set: &RecordSet) -> Result<WriteTried, Error> {
        let call = Call {
            service: Service::DnsWrite,
            operation: format!("write {} {}", set.name, set.record_type),
            method: Method::Put,
            url: self.record_url(&set.zone, &set.name, set.record_type.as_str()),
            headers: vec![
                (IF_MATCH, Uuid::new_v4().to_string()),
                (CONTENT_TYPE, "application/json".to_owned()),
            ],
            body: Bytes::from(wire::body(set).to_string()),
            each: WRITE,
            largest: LARGEST_ANSWER,
            zone: Some(self.waits(&set.zone, Some(Write::Trial))),
            allowance: None,
        };
        let decode = |status| if status == 412 { WriteTried::RefusedByCondition } else { WriteTried::Taken };
        self.channel.call(&self.run, &call, &[412], |reply| Ok(decode(reply.status))).await
    }
}
