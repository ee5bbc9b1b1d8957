//! What a record set is written as, and which are never written, whichever way.

use serde_json::Value;

use super::wire;
use crate::azure::error::{Error, Kind};
use pure::domain::{RecordSet, Service};

/// What a set is written as: everything below `properties`.
pub(in crate::azure) fn properties(set: &RecordSet) -> Value {
    wire::body(set)["properties"].take()
}

/// Whether a set may be written, whichever way.
///
/// # Errors
/// [`Kind::NotWritable`], with what is wrong with it.
pub fn writable(set: &RecordSet) -> Result<(), Error> {
    let words = if set.alias.is_some() || set.addresses.is_empty() {
        "neither an alias nor an empty set is ever written"
    } else if set.auto_registered {
        "Azure keeps the record set for a virtual machine of a linked network, and a write would win over that"
    } else if set.ttl == 0 {
        // None has such a TTL (contract azure-resource-manager, section 2.8): it was read without one.
        "the record set was read without a TTL, and is not given another one"
    } else {
        return Ok(());
    };
    let operation = format!("write {} {}", set.name, set.record_type);
    Err(Error::new(Service::DnsWrite, Kind::NotWritable, operation, words))
}
