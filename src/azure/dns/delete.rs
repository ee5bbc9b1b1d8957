//! A record set that is taken away, under the condition that it is still the one that was read.

use azure_core::Bytes;
use azure_core::http::Method;
use azure_core::http::headers::IF_MATCH;

use super::{Dns, WRITE, wire};
use crate::azure::answer::{Answered, Flaw};
use crate::azure::call::{Call, LARGEST_ANSWER};
use crate::azure::error::{Error, Kind};
use crate::azure::quota::Write;
use pure::domain::{RecordSet, Service, ZoneKind};

/// What a deletion found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deleted {
    /// The record set stood there and is gone.
    Gone,
    /// There was none: somebody was there before, or our own first try was, whose answer was lost.
    WasAbsent,
}

/// The right that no call but this one wants, and that an installation has only when somebody asked for it.
fn right(kind: ZoneKind) -> &'static str {
    match kind {
        ZoneKind::Public => {
            "this identity may not delete: give it Microsoft.Network/dnsZones/A/delete and AAAA/delete on the zone, a person by \
             the role DNS Zone Contributor, the function by az deployment group create --resource-group GROUP --parameters \
             infra/main.bicepparam allowDelete=true"
        }
        ZoneKind::Private => {
            "this identity may not delete: give it Microsoft.Network/privateDnsZones/A/delete and AAAA/delete on the zone, a \
             person by the role Private DNS Zone Contributor, the function by az deployment group create --resource-group GROUP \
             --parameters infra/main.bicepparam allowDelete=true"
        }
    }
}

impl Dns {
    /// Deletes a record set that still has this entity tag, when its turn in the zone's quota has come (contract
    /// azure-resource-manager, section 2.1: 200 is a set that is gone, 204 one that was not there).
    ///
    /// While tries go unanswered the same request is sent again: whatever was made in the place of the set has another tag.
    ///
    /// # Errors
    /// [`Error`], like those of [`Dns::put`], also of a set that Azure has registered; a refusal for want of the right names the parameter `allowDelete`.
    pub async fn delete(&self, set: &RecordSet) -> Result<Deleted, Error> {
        let (zone, etag) = (&set.zone, set.etag.as_str());
        let operation = format!("delete {} {}", set.name, set.record_type);
        // Whatever mark it carries: Azure would only make it anew.
        if set.auto_registered {
            let words = "Azure keeps the record set for a virtual machine of a linked network, and takes it away with that";
            return Err(Error::new(Service::DnsWrite, Kind::NotWritable, operation, words));
        }
        // `*` would hold whatever the set has become, and a condition that is left out holds everything.
        if etag.is_empty() || etag == "*" {
            let words =
                "the record set was read without an entity tag, so nothing would keep somebody else's change";
            return Err(Error::new(Service::DnsWrite, Kind::NoEtag, operation, words));
        }
        let call = Call {
            service: Service::DnsWrite,
            operation,
            method: Method::Delete,
            url: self.record_url(zone, &set.name, set.record_type.as_str()),
            headers: vec![(IF_MATCH, etag.to_owned())],
            body: Bytes::new(),
            each: WRITE,
            largest: LARGEST_ANSWER,
            zone: Some(self.waits(zone, Some(Write::Delete))),
            allowance: None,
        };
        let decode = |reply: &Answered| match reply.status {
            200 => Ok(Deleted::Gone),
            204 => Ok(Deleted::WasAbsent),
            404 if wire::says_no_record_set(&reply.body) => Ok(Deleted::WasAbsent),
            404 => Err(Flaw::Refused),
            // Nobody knows what such an answer means for the set.
            other => Err(Flaw::Unreadable(format!("the answer to the deletion has the status {other}"))),
        };
        let deleted = self.channel.call(&self.run, &call, &[404], decode).await;
        deleted.map_err(|error| error.with_right(right(zone.kind())))
    }
}
