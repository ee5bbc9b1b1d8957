//! An address that a virtual machine goes out by, and that is not its own.

use std::net::IpAddr;

use crate::domain::{Holder, RecordId};

/// An address that a machine goes out by, and that somebody else holds.
#[derive(Clone, Debug, PartialEq)]
pub struct NotOurs {
    /// The machine.
    pub machine: String,
    /// The address.
    pub address: IpAddr,
    /// Who holds it.
    pub holder: Holder,
    /// The record set that was to get it.
    pub id: RecordId,
}
